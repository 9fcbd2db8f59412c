import Glibc

/// Text that is any bytes, and the bytes again.
///
/// What clients say is bytes, and Redis repeats it as such, in errors, settings, files and logs. A `String` can hold it: what
/// is UTF-8 stands there as it is, and of what is not, each byte is a scalar of its own, U+10FF00 and the byte's value on top,
/// which are the last of Unicode and mean nothing to anybody. Where bytes are UTF-8 for one of these, they count as no
/// UTF-8, so that two texts are the same only if their bytes are. Who shows a text to a person takes it as it is `shown`.
extension String {
  package init(bytes: Span<UInt8>) { self = unsafe bytes.withUnsafeBufferPointer { unsafe String(buffer: $0) } }

  package init(bytes: some Sequence<UInt8>) {
    let text = bytes.withContiguousStorageIfAvailable { unsafe String(buffer: $0) }
    self = text ?? String(bytes: Array(bytes))
  }

  private init(buffer: UnsafeBufferPointer<UInt8>) {
    if unsafe !mayHaveStandIn(buffer), let text = unsafe String(validating: buffer, as: UTF8.self) {
      self = text
    } else {
      self = unsafe String(decoding: Array(buffer).withStandIns, as: UTF8.self)
    }
  }

  /// What `body` makes of the bytes that the text stands for.
  package func withBytes<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
    var text = self
    return try text.withUTF8 { utf8 in
      guard unsafe mayHaveStandIn(utf8) else { return try unsafe body(utf8.span) }
      let bytes = unsafe Array(utf8).replacingStandIns { $0.append($1) }
      return try body(bytes.span)
    }
  }

  /// The text with U+FFFD in place of what is no UTF-8.
  package var shown: String {
    var text = self
    return text.withUTF8 { utf8 in
      guard unsafe mayHaveStandIn(utf8) else { return nil }
      let bytes = unsafe Array(utf8).replacingStandIns { bytes, _ in bytes += [0xEF, 0xBF, 0xBD] }
      return String(decoding: bytes, as: UTF8.self)
    } ?? self
  }
}

extension StringProtocol {
  /// The bytes that the text stands for.
  package var bytes: [UInt8] { String(self).withBytes { $0.array } }
}

/// Whether UTF-8 has the byte with which each scalar begins that stands for a byte, as hardly any text does.
private func mayHaveStandIn(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
  guard let start = utf8.baseAddress else { return false }
  return unsafe memchr(start, 0xF4, utf8.count) != nil
}

extension [UInt8] {
  /// The value of the byte for which a scalar stands that is there, in UTF-8 (U+10FF80 to U+10FFFF: 0x80 to 0xFF).
  private func standIn(at index: Int) -> UInt8? {
    guard index + 3 < count, self[index] == 0xF4, self[index + 1] == 0x8F, self[index + 2] >= 0xBE else { return nil }
    return self[index + 2] << 6 | self[index + 3] & 0x3F
  }

  /// UTF-8 whose scalars that stand for bytes are replaced by what `append` adds for each.
  fileprivate func replacingStandIns(_ append: (inout [UInt8], UInt8) -> Void) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    var index = 0
    while index < count {
      if let byte = standIn(at: index) {
        append(&bytes, byte)
        index += 4
      } else {
        bytes.append(self[index])
        index += 1
      }
    }
    return bytes
  }

  /// UTF-8 in which each byte of these that is none is a scalar.
  fileprivate var withStandIns: [UInt8] {
    var utf8: [UInt8] = []
    utf8.reserveCapacity(count + count / 2)
    var index = 0
    while index < count {
      let length = standIn(at: index) == nil ? scalarLength(at: index) : 0
      if length == 0 {
        let byte = self[index]
        utf8 += [0xF4, 0x8F, 0xBC | byte >> 6, 0x80 | byte & 0x3F]
        index += 1
      } else {
        utf8 += self[index..<index + length]
        index += length
      }
    }
    return utf8
  }

  /// How many bytes the scalar has that begins there; 0 where none does (table 3-7 of the Unicode standard).
  private func scalarLength(at index: Int) -> Int {
    let second: ClosedRange<UInt8>
    let length: Int
    switch self[index] {
    case 0x00...0x7F: return 1
    case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: return 0
    }
    guard index + length <= count, second.contains(self[index + 1]),
      self[(index + 2)..<(index + length)].allSatisfy({ (0x80...0xBF).contains($0) })
    else { return 0 }
    return length
  }
}
