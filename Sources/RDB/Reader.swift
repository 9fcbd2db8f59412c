/// Reads a snapshot as it comes in, in pieces of any size: `feed` bytes, then take events until `next()` returns nil
/// (`rdbLoadRioWithLoadingCtx` in rdb.c).
///
///     var reader = Reader()
///     reader.feed(bytes)
///     while let event = try reader.next() { … }
///
/// It holds what was fed and not yet read, and no more whatever a length claims. A copy of it is a place to resume from:
/// both read on, each from what it is fed.
package struct Reader: Equatable, Sendable {
  /// Redis 7.4's and 8.2's version of the format.
  static let lastRedisVersion = 12
  /// What comes between is not used, so that neither takes the other's for its own.
  static let firstValkeyVersion = 80
  /// Accepts all that is known.
  package static let everyVersion = 80

  /// The newest version of the format that is accepted: 10 is Redis 7.0's.
  package let newestVersion: Int
  /// Whether the checksum at the end is compared (`rdbchecksum`).
  package let verifiesChecksum: Bool

  /// Whether the end of the snapshot, checksum included, has been read.
  package private(set) var isAtEnd = false

  private var scan: Scan
  /// The snapshot's bytes from `scan.base` on, as far as they were put together.
  private var window: [UInt8] = []
  /// What was fed after that.
  private var waiting: [[UInt8]] = []
  private var waitingCount = 0
  /// While the last record was not there whole: how long the window must be before more can be made of it. The scan is
  /// left where it stopped, so that its fields can be seen.
  private var needed: Int?
  /// The checksum of all bytes before the one at index `summed` in the window.
  private var checksum: UInt64 = 0
  private var summed = 0
  private var failure: Failure?

  private struct Failure: Equatable, Sendable {
    var error: RDBError
    var fields: FieldTree
  }

  /// - Parameter keepsPieces: whether an entry brings along the pieces in which a server keeps its value.
  package init(
    recordsFields: Bool = false, newestVersion: Int = 10, verifiesChecksum: Bool = true, keepsPieces: Bool = false
  ) {
    self.newestVersion = newestVersion
    self.verifiesChecksum = verifiesChecksum
    scan = Scan(recordsFields: recordsFields, pieces: keepsPieces ? .readAndKept : .read)
  }
}

// Where it is.
extension Reader {
  /// How many bytes were fed so far.
  package var fed: Int { scan.base + window.count + waitingCount }

  /// The offset of the first byte that belongs to no record read so far. After the end: where the snapshot ended.
  package var position: Int { isUnfinished ? scan.keptOffset : scan.offset }

  /// Where the field begins that is not there whole; all before it has been read.
  package var stop: Int { scan.offset }

  /// The bytes from `position` on. After the end: what followed the snapshot.
  package var unread: [UInt8] { waiting.reduce(into: Array(window[(position - scan.base)...])) { $0 += $1 } }

  /// What the last call of `next()` or `skip()` read: the record, its fields named, if it returned one. If it returned
  /// nil or threw, the fields as far as they could be read, the rest as `incomplete` or `unreadable`. Always empty unless
  /// the reader was made to record fields.
  package var fields: FieldTree { isUnfinished ? unfinishedFields : scan.fields }

  /// Whether the last record was not there whole, or not in order.
  private var isUnfinished: Bool { needed != nil || failure != nil }

  // Not inlined: else the scan is copied each time the fields are asked for.
  @inline(never)
  private var unfinishedFields: FieldTree {
    if let failure { return failure.fields }
    let needed = needed ?? 0
    let missing = max(0, scan.base + needed - fed)
    return scan.recorder.closed(by: .incomplete, scan.offset..<fed, .missing(missing))
  }
}

// What comes in.
extension Reader {
  /// Adds bytes. Pieces are kept as they are, so a big value that comes in small ones is put together once.
  package mutating func feed(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    if position == scan.base + window.count && waiting.isEmpty && failure == nil && !isAtEnd {
      if needed != nil { scan.rewind() }
      dropRead()
      window = bytes
      return
    }
    waitingCount += bytes.count
    // Very small pieces are gathered, lest each has an allocation of its own.
    if let last = waiting.last, last.count + bytes.count <= 4096 {
      waiting[waiting.count - 1] += bytes
    } else {
      waiting.append(bytes)
    }
  }

  package mutating func feed(_ bytes: Span<UInt8>) { feed(copy(bytes, 0..<bytes.count)) }

  /// Says that nothing more will be fed.
  ///
  /// - Throws: `unexpectedEnd` if the snapshot is not at its end.
  package mutating func finish() throws(RDBError) {
    if let failure { throw failure.error }
    guard !isAtEnd else { return }
    throw fail(.unexpectedEnd, offset: fed)
  }

  /// Puts what waits behind what is left in the window.
  private mutating func gather() {
    let count = scan.keptOffset - scan.base
    guard count > window.count / 2 else {
      // Most of it stays, a value that is not there whole: moving it each time would cost more than room.
      for piece in waiting { window += piece }
      waiting = []
      waitingCount = 0
      return
    }
    var joined: [UInt8] = []
    joined.reserveCapacity(window.count - count + waitingCount)
    joined += window[count...]
    for piece in waiting { joined += piece }
    dropRead()
    window = joined
    waiting = []
    waitingCount = 0
  }

  /// Forgets the bytes that were read; the window is to be replaced.
  private mutating func dropRead() {
    let count = scan.keptOffset - scan.base
    sum(upTo: count)
    needed = needed.map { $0 - count }
    summed = 0
    scan.drop(count)
  }

  /// Carries the checksum on to an index in the window.
  private mutating func sum(upTo index: Int) {
    guard index > summed else { return }
    if verifiesChecksum { checksum = CRC64.update(checksum, with: window.span.extracting(summed..<index)) }
    summed = index
  }
}

// What comes out.
extension Reader {
  /// The next record, or nil if it is not there whole: feed more. After the end there is none.
  ///
  /// - Throws: what is wrong with the bytes; every later call throws the same.
  package mutating func next() throws(RDBError) -> Event? {
    guard let record = try advance() else { return nil }
    return event(record)
  }

  /// The next record as `next()` returns it, but a key whose value is a string, as most are, is shown where it stands:
  /// whoever keeps strings in another way than as arrays makes no arrays of them.
  ///
  /// - Parameter string: is called with a key and its string, before `.string` is returned.
  package mutating func next(
    showing string: (_ key: Span<UInt8>, _ value: Span<UInt8>) -> Void
  ) throws(RDBError) -> ShownRecord? {
    guard let record = try advance() else { return nil }
    if case .entry(let key, .string(let value), let attributes) = record {
      let bytes = window.span
      key.withSpan(in: bytes) { key in value.withSpan(in: bytes) { string(key, $0) } }
      return .string(attributes)
    }
    return .event(event(record))
  }

  /// Moves past the next record as `next()` does, but makes nothing of it: only its fields are wanted.
  ///
  /// - Returns: false if it is not there whole, or at the end.
  package mutating func skip() throws(RDBError) -> Bool { try advance() != nil }

  private mutating func event(_ record: Record) -> Event {
    let pieces = scan.takePieces()
    return Event(record, in: window.span, pieces: pieces, checksum: endChecksum(record))
  }

  private mutating func advance() throws(RDBError) -> Record? {
    if let failure { throw failure.error }
    guard !isAtEnd else { return nil }
    if let needed {
      guard window.count + waitingCount >= needed else { return nil }
      resume()
    } else {
      // The checksum follows in blocks that the processor still has in its cache.
      if scan.position - summed >= 1 << 16 { sum(upTo: scan.position) }
      scan.beginRecord()
    }
    while true {
      do throws(Stop) {
        let record = try scan.record(in: window, newest: newestVersion)
        if case .end(let stored) = record { try conclude(stored) }
        return record
      } catch {
        switch error {
        case .corrupt(let reason, let index): throw fail(reason, offset: scan.base + index)
        case .short(let count):
          needed = count
          guard window.count + waitingCount >= count else { return nil }
          resume()
        }
      }
    }
  }

  /// Goes back to where the record began, with all the bytes that were fed.
  private mutating func resume() {
    scan.rewind()
    if !waiting.isEmpty { gather() }
    needed = nil
  }

  /// The end was read: compares the stored checksum with that of all bytes before it.
  private mutating func conclude(_ stored: UInt64?) throws(Stop) {
    isAtEnd = true
    guard let stored, stored != 0, verifiesChecksum else { return }
    let index = scan.position - 8
    sum(upTo: index)
    scan.recorder.explain(.checksum, .checksum(stored: stored, computed: checksum))
    guard stored == checksum else {
      isAtEnd = false
      throw .corrupt(.checksumMismatch(stored: stored, computed: checksum), at: index)
    }
  }

  private func endChecksum(_ record: Record) -> Checksum {
    guard case .end(let stored?) = record else { return .none }
    return stored == 0 ? .disabled : verifiesChecksum ? .verified(stored) : .unchecked(stored)
  }

  /// Remembers what is wrong, and with what fields around it.
  private mutating func fail(_ reason: RDBError.Reason, offset: Int) -> RDBError {
    // What has a name keeps it.
    var rest = scan.offset..<fed
    var error = RDBError(reason, offset: offset)
    if case .checksumMismatch = reason {
      error.path = [.end, .checksum]
      rest = scan.offset..<scan.offset
    } else {
      error.path = scan.pathOfStop(window.span, newest: newestVersion)
    }
    let fields = scan.recorder.closed(by: reason == .unexpectedEnd ? .incomplete : .unreadable, rest, .bytes)
    failure = Failure(error: error, fields: fields)
    return error
  }
}
