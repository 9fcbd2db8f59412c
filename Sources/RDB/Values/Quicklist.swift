// A quicklist: a linked list whose nodes hold several elements each, or one that is big (quicklist.c).
extension Scan {
  /// A node of the first version, a ziplist.
  mutating func ziplistNode(_ bytes: Span<UInt8>) throws(Stop) {
    let group = begin(.node)
    try refuseEmptyNode(bytes)
    try blob(.ziplist(.elements), bytes)
    end(group)
  }

  /// A node of the second version: what kind it is, then a listpack (2), or one element as it is (1).
  mutating func quicklistNode(_ bytes: Span<UInt8>) throws(Stop) {
    let group = begin(.node)
    let start = position
    let container = try length(.container, bytes)
    guard container == 1 || container == 2 else { throw .corrupt(.malformed(.quicklist), at: start) }
    try refuseEmptyNode(bytes)
    if container == 2 {
      try blob(.listpack(.elements), bytes)
    } else {
      // Only an element too big for a listpack has a node of its own.
      let element = try string(.element, bytes)
      collect(element, bytes)
      keep(.plain(element.string(in: bytes)))
    }
    end(group)
  }

  /// Of a node without bytes nothing is made, in whatever form its length stands there (`rdbLoadObject` in rdb.c). What else
  /// may be wrong with its string comes out when that is read.
  private func refuseEmptyNode(_ bytes: Span<UInt8>) throws(Stop) {
    if case 0? = try? stringCount(bytes) { throw .corrupt(.emptyNode, at: position) }
  }
}
