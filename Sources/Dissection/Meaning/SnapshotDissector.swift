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
  private var keys = SeenKeys()

  /// A record as fields that tile it: what is said of the key that follows (expire time, idle time, frequency), then the
  /// record itself.
  package struct Record: Sendable, Hashable {
    package var attributes: [Field]
    package var field: Field
    /// The key whose value it holds, if it holds one.
    package var key: [UInt8]?
    private var entry: Entry?
    /// The same key came before.
    fileprivate var duplicate: Objection?
    /// What a server says of it, though its bytes are in order.
    package var objection: Objection? { entry?.objection ?? duplicate }

    package init(attributes: [Field], field: Field, entry: Entry? = nil) {
      self.attributes = attributes
      self.field = field
      self.entry = entry
      key = entry?.key
    }

    package var fields: [Field] { attributes + [field] }
  }

  /// The newest version of the format that is known.
  static let newestVersion = Reader.everyVersion

  package init() { reader = Reader(recordsFields: true, newestVersion: Self.newestVersion) }

  /// The offset of the first byte that belongs to no record returned so far.
  package private(set) var position = 0
  package var isAtEnd: Bool { reader.isAtEnd }

  /// What was fed behind the end; nothing before the end was read.
  package var remainder: [UInt8] { isAtEnd ? Array(window[(position - start)...]) : [] }

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
    guard let event = try reader.next() else { return nil }
    let first = position
    position = reader.position
    count += 1
    let entry: Entry? = if case .entry(let entry) = event { entry } else { nil }
    var fields = fields(first..<position, summary: Meaning.of(event))
    var record = fields.popLast().map { Record(attributes: fields, field: $0, entry: entry) }
    record?.duplicate = keys.objection(to: event)
    return record
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
    let range = position..<end
    return range.isEmpty ? [] : builder(range).filled(fields(range, summary: nil))
  }

  /// The fields that the reader has just named, with their bytes.
  private func fields(_ range: Range<Int>, summary: String?) -> [Field] {
    guard !range.isEmpty else { return [] }
    return builder(range).fields(reader.fields, summary: summary)
  }

  private func builder(_ range: Range<Int>) -> PayloadBuilder {
    PayloadBuilder(Array(window[range.lowerBound - start..<range.upperBound - start]), at: range)
  }
}

/// The keys of a snapshot so far, as many as a few megabytes hold: none may come twice. Those that have an expiry are not
/// among them: whether a server keeps them depends on when it loads the file.
private struct SeenKeys: Sendable {
  private var database = 0
  private var keys: Set<[UInt8]> = []
  private var byteCount = 0
  private static let limit = 8 << 20

  /// What a server says where the key was there already (`rdbLoadRioWithLoadingCtx` in rdb.c).
  mutating func objection(to event: Event) -> Objection? {
    switch event {
    case .selectDatabase(let number):
      if number != database { (database, keys, byteCount) = (number, [], 0) }
    case .entry(let entry) where (entry.attributes.expiry ?? -1) == -1 && entry.objection == nil:
      if keys.contains(entry.key) {
        let key = String(decoding: entry.key.prefix { $0 != 0 }, as: UTF8.self)
        return Objection(words: "RDB has duplicated key '\(key)' in DB \(database)", severity: .refusesFile)
      }
      // What the set needs for each key beside its bytes.
      byteCount += entry.key.count + 64
      if byteCount <= Self.limit { keys.insert(entry.key) }
    default: break
    }
    return nil
  }
}
