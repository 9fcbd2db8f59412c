/// The Internet checksum (RFC 1071): the ones' complement of the ones' complement sum of all 16-bit words.
struct Checksum {
  private var sum: UInt64 = 0
  /// Whether the next byte is the second one of its word.
  private var isOdd = false

  mutating func add(_ bytes: Span<UInt8>) {
    guard !bytes.isEmpty else { return }
    var index = 0
    if isOdd {
      sum += UInt64(bytes[0])
      index = 1
    }
    while index + 1 < bytes.count {
      sum += UInt64(bytes[index]) << 8 | UInt64(bytes[index + 1])
      index += 2
    }
    isOdd = index < bytes.count
    if isOdd { sum += UInt64(bytes[index]) << 8 }
  }

  var value: UInt16 {
    var folded = sum
    while folded > 0xffff { folded = folded >> 16 + folded & 0xffff }
    return ~UInt16(folded)
  }
}
