// A quicklist: a linked list whose nodes hold several elements each, or one that is big (quicklist.c).
extension Scan {
  /// A node of the second version: what kind it is, then a listpack (2), or one element as it is (1).
  mutating func quicklistNode(_ bytes: Span<UInt8>) throws(Stop) {
    let group = begin(.node)
    let start = position
    switch try length(.container, bytes) {
    case 1:
      // Only an element too big for a listpack has a node of its own.
      guard position < bytes.count, bytes[position] != 0 else {
        try require(1, bytes)
        throw .corrupt(.emptyNode, at: position)
      }
      let element = try string(.element, bytes)
      collect(element, bytes)
      keep(.plain(element.string(in: bytes)))
    case 2: try blob(.listpack(.elements), bytes)
    default: throw .corrupt(.malformed(.quicklist), at: start)
    }
    end(group)
  }
}
