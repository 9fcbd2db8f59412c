// A listpack: elements one behind the other, each readable from both ends (listpack.c).
//
//     total bytes (4)  count (2)  element…  FF            numbers: the low byte first; count 65535: not known
//
// An element is its encoding, its data, and how many bytes these two take:
//
//     0nnnnnnn                            0 to 127
//     10LLLLLL                and bytes   a string of up to 63
//     110nnnnn nnnnnnnn                   13 bits, signed
//     1110LLLL LLLLLLLL       and bytes   a string of up to 4095
//     F0 L L L L              and bytes   a string; the low byte first
//     F1, F2, F3, F4                      a number in 2, 3, 4 or 8 bytes, the low byte first
extension Scan {
  /// Reads a listpack whole (`lpValidateIntegrity` in listpack.c).
  mutating func listpack(_ role: Layout.Role, _ bytes: Span<UInt8>) throws(Broken) {
    let start = position
    let group = begin(.listpack)
    let count = try listpackHeader(bytes)
    // Of what nobody collects, only scores and times are looked at: they may be none.
    let isLookedAt = collector != nil || role == .scored || role == .expiring
    var index = 0
    while try !isAtTerminator(bytes) {
      let element = try listpackElement(role.name(index), bytes)
      if isLookedAt { try collect(element, role, index, bytes) }
      index += 1
    }
    guard index % role.stride == 0, count == 65535 || count == index else { throw Broken(at: start + 4) }
    end(group)
  }

  /// The total must be that of all the bytes at hand.
  mutating func listpackHeader(_ bytes: Span<UInt8>) throws(Broken) -> Int {
    let start = position
    guard try number(.totalBytes, bytes, count: 4) == bytes.count - start else { throw Broken(at: start) }
    return try number(.count, bytes, count: 2)
  }

  /// Moves past the byte FF, if it is the next one.
  mutating func isAtTerminator(_ bytes: Span<UInt8>) throws(Broken) -> Bool {
    try need(1, bytes)
    guard bytes[position] == 0xff else { return false }
    take(1, as: .terminator, .bytes)
    return true
  }

  /// Reads one element (`lpValidateNext` in listpack.c).
  mutating func listpackElement(_ name: Field.Name, _ bytes: Span<UInt8>) throws(Broken) -> StringForm {
    let group = begin(name)
    let start = position
    try need(1, bytes)
    let first = Int(bytes[position])
    let form: StringForm
    switch first {
    case ..<0x80:
      take(1, as: .integer, .integer(Int64(first)))
      form = .integer(Int64(first))
    case ..<0xc0:
      take(1, as: .length, .integer(Int64(first & 0x3f)))
      form = try data(bytes, count: first & 0x3f)
    case ..<0xe0:
      try need(2, bytes)
      let unsigned = Int64(first & 0x1f) << 8 | Int64(bytes[position + 1])
      let number = unsigned < 1 << 12 ? unsigned : unsigned - 1 << 13
      take(2, as: .integer, .integer(number))
      form = .integer(number)
    case ..<0xf0:
      try need(2, bytes)
      let count = (first & 0x0f) << 8 | Int(bytes[position + 1])
      take(2, as: .length, .integer(Int64(count)))
      form = try data(bytes, count: count)
    case 0xf0:
      try need(5, bytes)
      let count = Int(littleEndian(bytes, count: 5) >> 8)
      take(5, as: .length, .integer(Int64(count)))
      form = try data(bytes, count: count)
    case 0xf1...0xf4:
      let size = [2, 3, 4, 8][first - 0xf1]
      take(1, as: .encoding, .numberEncoding(bytes: size))
      form = .integer(try signed(.integer, bytes, count: size))
    default: throw Broken(at: position)
    }
    try backLength(position - start, bytes)
    end(group)
    return form
  }

  /// Seven bits a byte, the high ones first, so that it can be read from its last byte on: there all but the first have
  /// the eighth bit set. It is read like that here, too: one that says the same by way of bytes in front of it is as good
  /// (`lpDecodeBacklen` in listpack.c).
  private mutating func backLength(_ length: Int, _ bytes: Span<UInt8>) throws(Broken) {
    let count = length < 128 ? 1 : length < 16383 ? 2 : length < 2_097_151 ? 3 : length < 268_435_455 ? 4 : 5
    try need(count, bytes)
    var said = 0
    var isWhole = false
    for index in 0..<5 where !isWhole {
      guard position + count - 1 - index >= 0 else { throw Broken(at: position) }
      let byte = bytes[position + count - 1 - index]
      said |= Int(byte & 0x7f) << (7 * index)
      isWhole = byte & 0x80 == 0
    }
    guard isWhole, said == length else { throw Broken(at: position) }
    take(count, as: .backLength, .integer(Int64(length)))
  }
}
