import Capture
import Dissection
import OrderedCollections
import Redis

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
