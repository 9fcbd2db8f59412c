import Capture
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
