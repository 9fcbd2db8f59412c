/// Where hostile input gets its choices from: a seed, for tests that are the same each time, or the bytes of a fuzzer, which
/// learns what they lead to.
package struct Choices {
  private enum Source {
    case seed(UInt64)
    case bytes(ArraySlice<UInt8>)
  }
  private var source: Source

  package init(seed: UInt64) { source = .seed(seed) }
  package init(_ bytes: [UInt8]) { source = .bytes(bytes[...]) }

  /// The bytes are used up; a seed never is.
  package var isOver: Bool { if case .bytes(let rest) = source { rest.isEmpty } else { false } }

  /// What was not used.
  package var rest: [UInt8] { if case .bytes(let rest) = source { Array(rest) } else { [] } }

  /// A number from 0 up to, not including, `bound`, which is at most 65,536.
  package mutating func below(_ bound: Int) -> Int {
    guard bound > 1 else { return 0 }
    switch source {
    case .seed(var state):
      // SplitMix64.
      state &+= 0x9e37_79b9_7f4a_7c15
      source = .seed(state)
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return Int((z ^ (z >> 31)) % UInt64(bound))
    case .bytes(var rest):
      var number = Int(rest.popFirst() ?? 0)
      if bound > 256 { number = number << 8 | Int(rest.popFirst() ?? 0) }
      source = .bytes(rest)
      return number % bound
    }
  }

  /// Once in `count` times.
  package mutating func once(in count: Int) -> Bool { below(count) == count - 1 }

  package mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}
