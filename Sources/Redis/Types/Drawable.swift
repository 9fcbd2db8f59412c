import OrderedCollections

/// A collection of which some elements can be drawn by lot: SRANDMEMBER, HRANDFIELD and ZRANDMEMBER.
protocol Drawable {
  associatedtype Element
  var count: Int { get }
  /// All of them, in their order.
  var elements: [Element] { get }
  /// The member, or the field, by which two elements are the same.
  static func name(of element: Element) -> Bytes
  /// Each is as likely as any other; nil if there is none.
  func randomElement(using random: inout SeededRandom) -> Element?
}

extension Drawable {
  /// So many different elements, or all if there are less; a negative number stands for as many draws, of which each may
  /// give any element (`srandmemberWithCountCommand` in t_set.c, `hrandfieldWithCountCommand` in t_hash.c,
  /// `zrandmemberWithCountCommand` in t_zset.c).
  func drawn(_ wanted: Int64, using random: inout SeededRandom) -> [Element] {
    if wanted < 0 { return (0..<Int(clamping: wanted.magnitude)).compactMap { _ in randomElement(using: &random) } }
    if wanted >= count { return elements }
    let wanted = Int(wanted)
    // Of a small part, few are drawn twice; where many would be, all are brought into a random order as far as needed.
    guard wanted <= count / 3 else {
      var all = elements
      for index in 0..<wanted { all.swapAt(index, index + Int(random.next() % UInt64(all.count - index))) }
      return Array(all.prefix(wanted))
    }
    var drawn: OrderedDictionary<Bytes, Element> = [:]
    while drawn.count < wanted, let element = randomElement(using: &random) { drawn[Self.name(of: element)] = element }
    return Array(drawn.values)
  }
}
