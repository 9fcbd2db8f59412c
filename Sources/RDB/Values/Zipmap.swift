// A zipmap, the small hash of Redis before 2.6 (zipmap.c):
//
//     count (1, 254: not known)  (length  field  length  free (1)  value  unused…)…  FF
//
// A length is one byte, or FE and four, the low byte first. As many bytes as `free` says lie unused behind the value.
extension Scan {
  /// Reads a zipmap whole (`zipmapValidateIntegrity` in zipmap.c).
  mutating func zipmap(_ bytes: Span<UInt8>) throws(Broken) {
    let start = position
    let group = begin(.zipmap)
    let count = try number(.count, bytes, count: 1)
    var pairs = 0
    while try !isAtTerminator(bytes) {
      let field = begin(.field)
      let fieldCount = try zipmapLength(bytes)
      collect(try data(bytes, count: fieldCount), bytes)
      end(field)
      let value = begin(.value)
      let valueCount = try zipmapLength(bytes)
      let free = try number(.free, bytes, count: 1)
      collect(try data(bytes, count: valueCount), bytes)
      try need(free, bytes)
      if free > 0 { take(free, as: .unused, .bytes) }
      end(value)
      pairs += 1
    }
    guard pairs > 0, count == 254 || count == pairs else { throw Broken(at: start) }
    end(group)
  }

  private mutating func zipmapLength(_ bytes: Span<UInt8>) throws(Broken) -> Int {
    try need(1, bytes)
    let first = bytes[position]
    guard first >= 254 else {
      take(1, as: .length, .integer(Int64(first)))
      return Int(first)
    }
    guard first == 254 else { throw Broken(at: position) }
    try need(5, bytes)
    let count = Int(littleEndian(bytes, count: 5) >> 8)
    take(5, as: .length, .integer(Int64(count)))
    return count
  }
}
