/// The four ways in which a length, or any unsigned number, is written: the first two bits tell which.
///
///     00|LLLLLL                      bits6   0 to 63
///     01|LLLLLL LLLLLLLL             bits14  up to 16383, big endian
///     10|000000 and 4 bytes          bits32  big endian, the first byte is 0x80
///     10|000001 and 8 bytes          bits64  big endian, the first byte is 0x81
///     11|EEEEEE                      no length: a string in the special encoding E (`StringEncoding`)
package enum LengthForm: UInt8, Sendable {
  case bits6, bits14, bits32, bits64
  /// The form 11 where no string can stand. Redis takes the six low bits as the number there, and so does this reader.
  case special

  /// How many bytes it takes, the first one included.
  package var size: Int {
    switch self {
    case .bits6, .special: 1
    case .bits14: 2
    case .bits32: 5
    case .bits64: 9
    }
  }

  /// The form that a first byte announces; nil for 0x82 to 0xBF, which mean nothing.
  init?(firstByte byte: UInt8) {
    switch byte {
    case 0x00...0x3f: self = .bits6
    case 0x40...0x7f: self = .bits14
    case 0x80: self = .bits32
    case 0x81: self = .bits64
    case 0xc0...0xff: self = .special
    default: return nil
    }
  }
}

extension [UInt8] {
  /// Appends a number in the shortest of the four forms (`rdbSaveLen` in rdb.c).
  mutating func appendLength(_ length: UInt64) {
    if length < 1 << 6 {
      append(UInt8(length))
    } else if length < 1 << 14 {
      append(0x40 | UInt8(length >> 8))
      append(UInt8(length & 0xff))
    } else if length <= UInt64(UInt32.max) {
      append(0x80)
      appendBigEndian(length, bytes: 4)
    } else {
      append(0x81)
      appendBigEndian(length, bytes: 8)
    }
  }

  mutating func appendBigEndian(_ number: UInt64, bytes: Int) {
    for shift in stride(from: (bytes - 1) * 8, through: 0, by: -8) { append(UInt8(number >> UInt64(shift) & 0xff)) }
  }

  mutating func appendLittleEndian(_ number: UInt64, bytes: Int) {
    for shift in stride(from: 0, to: bytes * 8, by: 8) { append(UInt8(number >> UInt64(shift) & 0xff)) }
  }
}
