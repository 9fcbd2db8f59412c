// A ziplist, which listpacks replaced in 7.0 (ziplist.c):
//
//     total bytes (4)  offset of the last element (4)  count (2)  element…  FF
//
// An element is how many bytes the one before takes (one byte, or FE and four), its encoding, its data:
//
//     00LLLLLL                        a string of up to 63 bytes
//     01LLLLLL L                      a string of up to 16383, the high byte first
//     10000000 L L L L                a string, the high byte first
//     C0, D0, E0                      a number in 2, 4 or 8 bytes, the low byte first
//     F0, FE                          a number in 3 or 1
//     1111nnnn                        0 to 12, as 1 to 13
extension Scan {
  /// Reads a ziplist whole (`ziplistValidateIntegrity` in ziplist.c).
  mutating func ziplist(_ role: Layout.Role, _ bytes: Span<UInt8>) throws(Broken) {
    let start = position
    let group = begin(.ziplist)
    guard try number(.totalBytes, bytes, count: 4) == bytes.count - start else { throw Broken(at: start) }
    let tail = try number(.tailOffset, bytes, count: 4)
    let count = try number(.count, bytes, count: 2)
    var index = 0
    var last = position
    while try !isAtTerminator(bytes) {
      let previous = index == 0 ? 0 : position - last
      last = position
      let element = try ziplistElement(role.name(index), previous: previous, bytes)
      try collect(element, role, index, bytes)
      index += 1
    }
    guard tail == last - start else { throw Broken(at: start + 4) }
    guard index % role.stride == 0, count == 65535 || count == index else { throw Broken(at: start + 8) }
    end(group)
  }

  private mutating func ziplistElement(
    _ name: Field.Name, previous: Int, _ bytes: Span<UInt8>
  ) throws(Broken) -> StringForm {
    let group = begin(name)
    let start = position
    try need(1, bytes)
    var before = Int(bytes[position])
    if before == 0xfe {
      try need(5, bytes)
      before = Int(littleEndian(bytes, count: 5) >> 8)
      take(5, as: .previousLength, .integer(Int64(before)))
    } else {
      take(1, as: .previousLength, .integer(Int64(before)))
    }
    guard before == previous else { throw Broken(at: start) }
    let form = try ziplistData(bytes)
    end(group)
    return form
  }

  private mutating func ziplistData(_ bytes: Span<UInt8>) throws(Broken) -> StringForm {
    try need(1, bytes)
    let first = Int(bytes[position])
    switch first {
    case ..<0x40:
      take(1, as: .length, .integer(Int64(first)))
      return try data(bytes, count: first)
    case ..<0x80:
      try need(2, bytes)
      let count = (first & 0x3f) << 8 | Int(bytes[position + 1])
      take(2, as: .length, .integer(Int64(count)))
      return try data(bytes, count: count)
    case 0x80:
      try need(5, bytes)
      let count = Int(bigEndian(bytes, from: position + 1, count: 4))
      take(5, as: .length, .integer(Int64(count)))
      return try data(bytes, count: count)
    case 0xf1...0xfd:
      take(1, as: .integer, .integer(Int64(first - 0xf1)))
      return .integer(Int64(first - 0xf1))
    case 0xc0, 0xd0, 0xe0, 0xf0, 0xfe:
      let size = [0xc0: 2, 0xd0: 4, 0xe0: 8, 0xf0: 3, 0xfe: 1][first] ?? 1
      take(1, as: .encoding, .numberEncoding(bytes: size))
      return .integer(try signed(.integer, bytes, count: size))
    default: throw Broken(at: position)
    }
  }
}
