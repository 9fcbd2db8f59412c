import Capture
import RDB

/// Reads a snapshot that comes in pieces of any size, record by record, each as an annotated tree of its bytes:
///
///     var dissector = SnapshotDissector()
///     dissector.feed(bytes)
///     while let record = try dissector.next() { … }
///
/// It holds one record, and what was fed behind it.
package struct SnapshotDissector: Sendable {
  private var reader: Reader
  /// The snapshot's bytes from `start` on.
  private var window: [UInt8] = []
  private var start = 0
  /// How many records were returned.
  package private(set) var count = 0

  /// A record as fields, and the key whose value it holds, if it holds one.
  package struct Record: Sendable, Hashable {
    package var field: Field
    package var key: [UInt8]?
  }

  /// The newest version of the format that is known.
  static let newestVersion = Reader.everyVersion

  package init() { reader = Reader(recordsFields: true, newestVersion: Self.newestVersion) }

  /// The offset of the first byte that belongs to no record read so far.
  package var position: Int { reader.position }
  package var isAtEnd: Bool { reader.isAtEnd }

  package mutating func feed(_ bytes: [UInt8]) {
    let read = position - start
    // What was read is dropped when it is most of what there is, lest each record moves all that follows.
    if read > window.count / 2 {
      window.removeFirst(read)
      start += read
    }
    window += bytes
    reader.feed(bytes)
  }

  /// The next record, or nil if it is not there whole: feed more. After the end there is none.
  ///
  /// - Throws: what is wrong with the bytes; `rest` then has what could be read of the record.
  package mutating func next() throws(RDBError) -> Record? {
    let first = position
    guard let event = try reader.next() else { return nil }
    count += 1
    let key: [UInt8]? = if case .entry(let entry) = event { entry.key } else { nil }
    return fields(first..<position, summary: Meaning.of(event)).first.map { Record(field: $0, key: key) }
  }

  /// Says that nothing more will be fed.
  package mutating func finish() throws(RDBError) { try reader.finish() }

  /// What there is of a record that is not whole, or not in order, and of what is behind it.
  package var rest: [Field] {
    let end = start + window.count
    if reader.isAtEnd {
      guard position < end else { return [] }
      return [
        Field(
          "after the end", range: position..<end, bytes: Array(window[(position - start)...]),
          meaning: "bytes behind the snapshot's end, which belong to nothing", isFault: true)
      ]
    }
    return fields(position..<end, summary: nil)
  }

  /// The fields that the reader has just named, with their bytes.
  private func fields(_ range: Range<Int>, summary: String?) -> [Field] {
    guard !range.isEmpty else { return [] }
    let message = Message(
      number: 0, side: .acceptor, kind: .payload(range), range: range,
      contents: SharedBytes(Array(window[range.lowerBound - start..<range.upperBound - start])), stage: .transfer)
    return PayloadBuilder(message, payloadRange: range).fields(reader.fields, summary: summary)
  }
}
