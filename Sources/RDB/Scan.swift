/// Why a scan stopped before the end of a record.
enum Stop: Error {
  /// The bytes end within it; nothing more can be said before the scanned bytes are `needed` long.
  case short(needed: Int)
  /// The bytes are wrong, from the one at this index on.
  case corrupt(RDBError.Reason, at: Int)
}

/// One pass over bytes in their order: it finds out where things are and names them, and copies nothing.
///
/// The bytes themselves are handed to each method. They are the snapshot's from offset `base` on.
struct Scan: Equatable, Sendable {
  /// The index, in the bytes at hand, of the next one to read.
  var position = 0
  /// The snapshot's offset of the first of the bytes at hand.
  var base = 0
  var recorder: FieldRecorder

  /// The number in the header, once it was read.
  var version: Int?
  /// What was said about the next key.
  var attributes = KeyAttributes()
  /// The auxiliary data that the scan is within, and its group.
  var moduleAux: ModuleAux?
  var moduleAuxGroup = 0
  /// Whether it is Valkey that wrote this, in a version of the format that Redis does not have.
  var isValkey = false
  /// The value that the scan is within, if it is no string.
  var value: ValueInProgress?
  /// Where what a value holds goes, if somebody wants it.
  var collector: Collector?
  let pieceHandling: PieceHandling
  /// The pieces of the value that the scan is within, or has just read, where they are kept.
  private var pieces: [ValuePiece]?

  /// What was read for good, if the scan stops short.
  private var checkpointPosition = 0
  private var checkpointFields = 0

  init(recordsFields: Bool, pieces: PieceHandling = .read) {
    recorder = FieldRecorder(isOn: recordsFields)
    pieceHandling = pieces
  }

  /// What is done with the pieces of memory in which a value stands.
  enum PieceHandling: Sendable {
    /// They are looked into.
    case read
    /// So they are, and those of a layout of Redis 7.0's memory are kept as they are.
    case readAndKept
    /// They have been approved of: they are kept as they are, whatever the layout.
    case kept
  }
}

extension Scan {
  /// The fields of what was scanned since the record began.
  @inline(never)
  var fields: FieldTree { recorder.tree }

  var checkpointOffset: Int { base + checkpointPosition }

  /// The first byte that may be looked at again: of a value, all are wanted once its end is there.
  var keptOffset: Int { value?.start ?? checkpointOffset }

  /// All up to here is read for good.
  mutating func checkpoint() {
    checkpointPosition = position
    checkpointFields = recorder.count
  }

  /// Back to the last checkpoint.
  mutating func rewind() {
    position = checkpointPosition
    recorder.rewind(to: checkpointFields)
  }

  /// The next record: what the one before left behind is forgotten.
  mutating func beginRecord() {
    recorder.clear()
    checkpoint()
  }

  /// A value begins that is no string.
  mutating func beginPieces(of type: ValueType) {
    pieces =
      switch pieceHandling {
      case .read: nil
      case .readAndKept: type.isKeptInPieces ? [] : nil
      case .kept: []
      }
  }

  /// Keeps a piece that was approved of, if that is wanted.
  @inline(__always)
  mutating func keep(_ piece: @autoclosure () -> ValuePiece) { if pieces != nil { pieces?.append(piece()) } }

  /// The pieces of the value that was read, which are whoever's asks.
  mutating func takePieces() -> [ValuePiece]? {
    defer { pieces = nil }
    return pieces
  }

  /// The first `count` of the bytes at hand, all read for good, are gone.
  mutating func drop(_ count: Int) {
    base += count
    position -= count
    checkpointPosition -= count
  }
}

extension Scan {
  /// The names of the groups around the place where the scan stopped: it is done once more, this time with fields, so
  /// that nobody has to pay for them who reads what is in order.
  func pathOfStop(_ bytes: Span<UInt8>, newest: Int) -> [Field.Name] {
    if recorder.isOn { return recorder.path }
    var again = self
    again.recorder = FieldRecorder(isOn: true)
    again.checkpointFields = 0
    again.rewind()
    if moduleAux != nil { _ = again.begin(.moduleAux) }
    if let value {
      for name in [.entry, .value] + value.loops.compactMap(\.part.groupName) { _ = again.begin(name) }
    }
    _ = try? again.record(bytes, newest: newest)
    return again.recorder.path
  }
}

// Primitives: each reads one thing, moves past it and names it.
extension Scan {
  var offset: Int { base + position }

  @inline(__always)
  func require(_ count: Int, _ bytes: Span<UInt8>) throws(Stop) {
    // `position` is at most `bytes.count`, so the subtraction is safe whatever `count` is.
    if count > bytes.count - position { throw .short(needed: position + count) }
  }

  @inline(__always)
  mutating func begin(_ name: Field.Name) -> Int { recorder.begin(name, at: offset) }

  @inline(__always)
  mutating func end(_ group: Int) { recorder.end(group, at: offset) }

  /// Moves past `count` bytes that are known to be there.
  @inline(__always)
  mutating func take(_ count: Int, as name: Field.Name, _ meaning: @autoclosure () -> Field.Meaning) {
    if recorder.isOn { recorder.leaf(name, offset, count, meaning()) }
    position += count
  }

  func littleEndian(_ bytes: Span<UInt8>, count: Int) -> UInt64 {
    var number: UInt64 = 0
    for index in 0..<count { number |= UInt64(bytes[position + index]) << UInt64(8 * index) }
    return number
  }

  func bigEndian(_ bytes: Span<UInt8>, from index: Int, count: Int) -> UInt64 {
    var number: UInt64 = 0
    for index in index..<index + count { number = number << 8 | UInt64(bytes[index]) }
    return number
  }

  /// A number in one of the four forms of `LengthForm` (`rdbLoadLen`, `rdbLoadLenByRef` in rdb.c).
  @inline(__always)
  mutating func length(_ name: Field.Name, _ bytes: Span<UInt8>) throws(Stop) -> UInt64 {
    try require(1, bytes)
    let first = bytes[position]
    if first < 0x40 {
      take(1, as: name, .length(UInt64(first), .bits6))
      return UInt64(first)
    }
    return try longLength(name, first, bytes)
  }

  private mutating func longLength(
    _ name: Field.Name, _ first: UInt8, _ bytes: Span<UInt8>
  ) throws(Stop) -> UInt64 {
    guard let form = LengthForm(firstByte: first) else { throw .corrupt(.unknownLengthEncoding(first), at: position) }
    try require(form.size, bytes)
    let length =
      switch form {
      case .bits6, .special: UInt64(first & 0x3f)
      case .bits14: UInt64(first & 0x3f) << 8 | UInt64(bytes[position + 1])
      case .bits32: bigEndian(bytes, from: position + 1, count: 4)
      case .bits64: bigEndian(bytes, from: position + 1, count: 8)
      }
    take(form.size, as: name, .length(length, form))
    return length
  }

  /// A length of bytes that are to follow. No machine has 2^48 of them, so that far a length is believed: it only says
  /// how many bytes to wait for, and nothing is allocated for it.
  mutating func byteCount(_ name: Field.Name, _ bytes: Span<UInt8>) throws(Stop) -> Int {
    let start = position
    let length = try length(name, bytes)
    guard length < 1 << 48 else { throw .corrupt(.lengthTooLarge(length), at: start) }
    return Int(length)
  }

  /// How many bytes the string has that begins here, which is not read yet; nil where it stands there as a number.
  func stringCount(_ bytes: Span<UInt8>) throws(Stop) -> Int? {
    try require(1, bytes)
    var ahead = Scan(recordsFields: false)
    ahead.position = position
    guard bytes[position] >= 0xc0 else { return try ahead.byteCount(.length, bytes) }
    guard StringEncoding(rawValue: bytes[position] & 0x3f) == .lzf else { return nil }
    ahead.position += 1
    _ = try ahead.byteCount(.compressedLength, bytes)
    return try ahead.byteCount(.originalLength, bytes)
  }

  /// A string in any of the forms of `StringEncoding`, as a group called `name` (`rdbLoadStringObject`,
  /// `rdbLoadEncodedStringObject`, `rdbGenericLoadStringObject` in rdb.c).
  @inline(__always)
  mutating func string(_ name: Field.Name, _ bytes: Span<UInt8>) throws(Stop) -> StringForm {
    if position < bytes.count, case let count = Int(bytes[position]), count < 0x40,
      count < bytes.count - position, count > 0
    {
      return shortString(name, count)
    }
    return try anyString(name, bytes)
  }

  /// A raw string that is there whole and not empty, its length in one byte: most are.
  @inline(__always)
  private mutating func shortString(_ name: Field.Name, _ count: Int) -> StringForm {
    if recorder.isOn {
      recorder.group(name, offset, count + 1, descendants: 2)
      recorder.leaf(.length, offset, 1, .length(UInt64(count), .bits6))
      recorder.leaf(.data, offset + 1, count, .bytes)
    }
    position += count + 1
    return .raw(position - count..<position)
  }

  private mutating func anyString(_ name: Field.Name, _ bytes: Span<UInt8>) throws(Stop) -> StringForm {
    let group = begin(name)
    try require(1, bytes)
    let form =
      bytes[position] < 0xc0 ? try rawString(bytes) : try specialString(bytes)
    end(group)
    return form
  }

  private mutating func rawString(_ bytes: Span<UInt8>) throws(Stop) -> StringForm {
    let count = try byteCount(.length, bytes)
    try require(count, bytes)
    let range = position..<position + count
    if count > 0 { take(count, as: .data, .bytes) }
    return .raw(range)
  }

  /// A string that stands there as a number, or compressed (`rdbGenericLoadStringObject`, `rdbLoadIntegerObject` in
  /// rdb.c).
  mutating func specialString(_ bytes: Span<UInt8>) throws(Stop) -> StringForm {
    guard let encoding = StringEncoding(rawValue: bytes[position] & 0x3f) else {
      throw .corrupt(.unknownStringEncoding(bytes[position] & 0x3f), at: position)
    }
    take(1, as: .encoding, .encoding(encoding))
    if encoding == .lzf { return try compressedString(bytes) }
    let size = encoding.integerSize
    try require(size, bytes)
    let unsigned = littleEndian(bytes, count: size)
    let number =
      switch encoding {
      case .int8: Int64(Int8(truncatingIfNeeded: unsigned))
      case .int16: Int64(Int16(truncatingIfNeeded: unsigned))
      default: Int64(Int32(truncatingIfNeeded: unsigned))
      }
    take(size, as: .integer, .integer(number))
    return .integer(number)
  }

  /// A compressed string (`rdbLoadLzfStringObject` in rdb.c).
  private mutating func compressedString(_ bytes: Span<UInt8>) throws(Stop) -> StringForm {
    let compressedCount = try byteCount(.compressedLength, bytes)
    let originalLength = try byteCount(.originalLength, bytes)
    try require(compressedCount, bytes)
    let range = position..<position + compressedCount
    // Where nothing is to come out anything is taken: lzf_decompress returns 0 for what it can't make sense of, too.
    if originalLength == 0 {
      if compressedCount > 0 { take(compressedCount, as: .compressedData, .bytes) }
      return .raw(position..<position)
    }
    guard LZF.isValid(bytes.extracting(range), originalLength: originalLength) else {
      throw .corrupt(.invalidLZF, at: position)
    }
    if compressedCount > 0 {
      take(compressedCount, as: .compressedData, .compressed(nil))
    }
    return .compressed(range, originalLength: originalLength)
  }
}
