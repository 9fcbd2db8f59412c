import Capture
import Synchronization

/// The TCP segments of a transcript in a file, by number: nothing is kept of them but where some stand, so that any is found again
/// without all that is in front of it.
package final class NumberedPackets: Sendable {
  private let path: String
  private let filter: String?
  private let marks = Mutex(Marks())

  /// - Throws: what is wrong with the file's beginning, or with the filter.
  package init(path: String, filter: String?) throws(RecordingError) {
    (self.path, self.filter) = (path, filter)
    _ = try Recording(path: path, filter: filter)
  }

  /// How many frames without a TCP segment have been passed over, each counted once, whichever reader came by it first.
  package var otherCount: Int { marks.withLock { $0.otherCount } }

  /// Reads on from a packet, counted from 0.
  package func reader(from first: Int) throws(RecordingError) -> Reader {
    let mark = marks.withLock { $0.last(upTo: first) }
    let reader =
      if let mark, let resumed = try Recording(path: path, filter: filter, resumingAt: mark.offset) {
        Reader(RestoredRecords(resumed), number: mark.packet, of: self)
      } else {
        Reader(RestoredRecords(try Recording(path: path, filter: filter)), number: 0, of: self)
      }
    while reader.number < first, try reader.next() != nil {}
    return reader
  }

  /// The file, opened once more, and the number of the packet that comes next. (Unchecked: whoever has one asks it for one packet after
  /// the other.)
  package final class Reader: @unchecked Sendable {
    private var records: RestoredRecords
    fileprivate private(set) var number: Int
    private let packets: NumberedPackets

    fileprivate init(_ records: RestoredRecords, number: Int, of packets: NumberedPackets) {
      (self.records, self.number, self.packets) = (records, number, packets)
    }

    /// The next packet, nil behind the last one. Skips frames that are not TCP segments.
    package func next() throws(RecordingError) -> Packet? {
      while let record = try records.next() {
        guard let packet = record.packet else {
          packets.marks.withLock { $0.noteOther(record.place) }
          continue
        }
        packets.marks.withLock { $0.note(number, record.place) }
        number += 1
        return packet
      }
      return nil
    }
  }
}

/// Where packets stand in a file, one in a thousand.
private struct Marks {
  private static let interval = 1_000
  private var all: [(packet: Int, offset: Int)] = []
  /// How many records are no packet, up to the place of the last of them.
  private(set) var otherCount = 0
  private var lastOther = -1

  mutating func note(_ packet: Int, _ place: Record.Place) {
    guard packet.isMultiple(of: Self.interval), packet > all.last?.packet ?? 0, case .byte(let offset) = place else {
      return
    }
    all.append((packet, offset))
  }

  /// Counts a record that is no packet.
  mutating func noteOther(_ place: Record.Place) {
    let position =
      switch place {
      case .byte(let offset): offset
      case .line(let line): line
      }
    guard position > lastOther else { return }
    lastOther = position
    otherCount += 1
  }

  /// The last one that is not behind a packet.
  func last(upTo packet: Int) -> (packet: Int, offset: Int)? {
    let index = min(packet / Self.interval, all.count) - 1
    return index >= 0 ? all[index] : nil
  }
}
