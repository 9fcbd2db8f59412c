/// How a string's bytes are written.
///
///     length, bytes                                   raw
///     11|000000 I                                     int8:  decimal digits as a number
///     11|000001 I I                                   int16: little endian
///     11|000010 I I I I                               int32: little endian
///     11|000011 compressed length, original length, compressed bytes    lzf
package enum StringEncoding: UInt8, Sendable {
  case int8 = 0
  case int16 = 1
  case int32 = 2
  case lzf = 3

  /// How many bytes its number takes; 0 for LZF.
  var integerSize: Int {
    switch self {
    case .int8: 1
    case .int16: 2
    case .int32: 4
    case .lzf: 0
    }
  }
}

/// A string as it stands in the bytes, not yet copied out of them. Ranges are relative to the scanned bytes.
enum StringForm {
  case raw(Range<Int>)
  case integer(Int64)
  case compressed(Range<Int>, originalLength: Int)

  /// The string itself.
  func string(in bytes: Span<UInt8>) -> [UInt8] {
    switch self {
    case .raw(let range): copy(bytes, range)
    case .integer(let number): Array(String(number).utf8)
    case .compressed(let range, let length): LZF.expand(bytes.extracting(range), originalLength: length)
    }
  }

  /// The same where it is, if it is not compressed.
  @inline(__always)
  func withSpan(in bytes: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
    if case .raw(let range) = self { body(bytes.extracting(range)) } else { body(string(in: bytes).span) }
  }
}

/// The bytes in `range` as an array of its own.
@inline(__always)
func copy(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
  unsafe bytes.extracting(range).withUnsafeBufferPointer { unsafe Array($0) }
}

extension [UInt8] {
  /// Appends a string as Redis writes it: as an integer if it is the canonical text of one that fits 32 bits, else
  /// compressed if it is longer than 20 bytes and that saves four of them, else raw (`rdbSaveRawString`,
  /// `rdbSaveStringObject`, `rdbSaveLongLongAsStringObject`, `rdbSaveLzfStringObject`, `rdbSaveLzfBlob` in rdb.c).
  mutating func appendString(_ string: Span<UInt8>, compressing: Bool) {
    if let number = canonicalInteger(string) {
      appendInteger(number)
      return
    }
    if compressing, string.count > 20, let compressed = LZF.compress(string, limit: string.count - 4) {
      append(0xc0 | StringEncoding.lzf.rawValue)
      appendLength(UInt64(compressed.count))
      appendLength(UInt64(string.count))
      append(contentsOf: compressed)
      return
    }
    appendLength(UInt64(string.count))
    unsafe string.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }

  /// Appends a number as a string in the shortest form (`rdbEncodeInteger` in rdb.c).
  private mutating func appendInteger(_ number: Int32) {
    let encoding: StringEncoding =
      Int8(exactly: number) != nil ? .int8 : Int16(exactly: number) != nil ? .int16 : .int32
    append(0xc0 | encoding.rawValue)
    appendLittleEndian(UInt64(UInt32(bitPattern: number)), bytes: encoding.integerSize)
  }
}

/// The number whose one canonical decimal text `string` is: no sign but `-`, no leading zero, no `-0`
/// (`rdbTryIntegerEncoding` in rdb.c).
func canonicalInteger(_ string: Span<UInt8>) -> Int32? {
  // "-2147483648" has eleven characters.
  guard (1...11).contains(string.count) else { return nil }
  let isNegative = string[0] == UInt8(ascii: "-")
  let first = isNegative ? 1 : 0
  guard first < string.count else { return nil }
  if string[first] == UInt8(ascii: "0") { return string.count == 1 ? 0 : nil }
  var number: Int64 = 0
  for index in first..<string.count {
    guard case UInt8(ascii: "0")...UInt8(ascii: "9") = string[index] else { return nil }
    number = number * 10 + Int64(string[index] - UInt8(ascii: "0"))
  }
  return Int32(exactly: isNegative ? -number : number)
}
