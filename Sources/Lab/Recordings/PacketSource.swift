import Capture
import Dissection
import OrderedCollections
import Redis
import Synchronization

/// A recorded transcript: its packets by number, read from the file again whenever they are asked for, so that a recording
/// may be larger than memory.
///
/// What is kept of it is the reader that was used last, and nothing per packet. Who opens the file knows how to get to a
/// packet: by where others were found before, or by reading all that is in front of it.
package final class PacketSource: Sendable {
  /// The next packet of a source, or nil at its end.
  ///
  /// - Throws: what is wrong with the file, and where; the packets before it have been returned.
  package typealias Reader = @Sendable () throws(LabError) -> Packet?

  /// What the user calls it: the file's name.
  package let name: String
  /// The filter that the packets have passed.
  package let filter: String?

  /// Its packets come as they happen: one can't look ahead, nor go back.
  let isLive: Bool

  /// How many frames without a TCP segment were passed over, as far as it has been read.
  package var otherCount: Int { countOthers() }

  private let countOthers: @Sendable () -> Int
  private let open: @Sendable (_ first: Int) throws(LabError) -> Reader
  private let reading = Mutex(Reading())

  /// A source that is open, and the number of the packet that it gives next.
  private struct Reading: Sendable {
    var source: Reader?
    var next = 0
  }

  /// - Parameters:
  ///   - countOthers: how many frames that are no packet have been met, each counted once.
  ///   - open: opens the recording again; the source's first packet is the one of that number, counted from 0.
  package init(
    name: String, filter: String? = nil, isLive: Bool = false, countOthers: @escaping @Sendable () -> Int = { 0 },
    open: @escaping @Sendable (_ first: Int) throws(LabError) -> Reader
  ) {
    self.name = name
    self.filter = filter
    self.isLive = isLive
    self.countOthers = countOthers
    self.open = open
  }

  /// A recording of packets that are in memory.
  package convenience init(name: String, _ packets: [Packet]) {
    self.init(name: name) { first throws(LabError) in
      let next = Mutex(first)
      return { () throws(LabError) in
        next.withLock { next in
          guard next < packets.count else { return nil }
          defer { next += 1 }
          return packets[next]
        }
      }
    }
  }

  /// Whether there is anything in it.
  package func hasPackets() throws(LabError) -> Bool { try packet(0) != nil }

  /// The packet of that number, counted from 0; nil behind the last one. One after the other costs a read each.
  func packet(_ number: Int) throws(LabError) -> Packet? {
    let result = reading.withLock { reading -> Result<Packet?, LabError> in
      do throws(LabError) {
        if reading.source == nil || reading.next != number {
          reading.source = nil
          reading.source = try open(number)
          reading.next = number
        }
        guard let packet = try reading.source?() else { return .success(nil) }
        reading.next += 1
        return .success(packet)
      } catch {
        reading.source = nil
        return .failure(error)
      }
    }
    return try result.get()
  }
}

extension PacketSource {
  /// How far the look ahead goes: the handshakes that tell who is who stand near the beginning.
  private static let lookAhead = (packets: 10_000, bytes: 16 << 20)

  /// Who takes part, as far as the beginning of the recording tells, and when its first packet came. What can't be read
  /// is told when one comes to it.
  func lookAhead() -> (participants: Participants, start: Instant) {
    if isLive { return (Participants(), .defaultLabClock) }
    var traffic = TrafficDissector(keepsHistory: false)
    var sightings: OrderedDictionary<Int, Participants.Sighting> = [:]
    var start: Instant?
    var (number, bytes) = (0, 0)
    while number < Self.lookAhead.packets, bytes < Self.lookAhead.bytes {
      guard let packet = try? packet(number) else {
        return (Participants(Array(sightings.values), isAll: true), start ?? .defaultLabClock)
      }
      start = start ?? Instant(microseconds: packet.timestamp / 1_000)
      number += 1
      bytes += packet.payload.count
      for observation in traffic.consume(packet) {
        guard let connection = traffic.connection(observation.connection) else { continue }
        sightings[connection.number, default: Participants.Sighting(connection)].note(observation.messages, connection)
      }
    }
    return (Participants(Array(sightings.values), isAll: false), start ?? .defaultLabClock)
  }
}

extension Participants.Sighting {
  fileprivate init(_ connection: Connection) {
    self.init(number: connection.number, opener: connection.opener, acceptor: connection.acceptor)
  }

  fileprivate mutating func note(_ messages: [Message], _ connection: Connection) {
    // What was taken for the opener may have turned out to be the acceptor.
    (opener, acceptor) = (connection.opener, connection.acceptor)
    knowsSides = connection.knowsSides
    if connection.conversation.purpose == .replication { isReplication = true }
    for message in messages {
      if case .listeningPort(let port) = message.kind { listeningPort = UInt16(exactly: port) }
    }
  }
}
