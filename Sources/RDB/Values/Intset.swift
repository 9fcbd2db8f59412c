// An intset, a small set of nothing but integers (intset.c): how many bytes each takes, how many there are, and they
// themselves in ascending order, the low byte first in all of them.
//
//     width (4: 2, 4 or 8)  count (4)  integer…
extension Scan {
  /// Reads an intset whole (`intsetValidateIntegrity` in intset.c).
  mutating func intset(_ bytes: Span<UInt8>) throws(Broken) {
    let start = position
    let group = begin(.intset)
    let width = try number(.width, bytes, count: 4)
    let count = try number(.count, bytes, count: 4)
    guard [2, 4, 8].contains(width), count * width == bytes.count - position else { throw Broken(at: start) }
    var last: Int64?
    for _ in 0..<count {
      let at = position
      let integer = try signed(.member, bytes, count: width)
      if let last, last >= integer { throw Broken(at: at) }
      last = integer
      collect(.integer(integer), bytes)
    }
    end(group)
  }
}
