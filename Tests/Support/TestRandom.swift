/// The same numbers on every machine and in every run (SplitMix64).
package struct TestRandom: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

extension TestRandom {
  /// Changes bytes here and there, from a place on: each time one to another value or to one of those that matter to the
  /// format, or a piece of as many bytes at most is cut out or doubled.
  package mutating func mutate(
    _ bytes: inout [UInt8], times: ClosedRange<Int>, from start: Int = 0, words: [UInt8], longest: Int
  ) {
    for _ in 0..<Int.random(in: times, using: &self) where start < bytes.count {
      let index = Int.random(in: start..<bytes.count, using: &self)
      let piece = index..<min(bytes.count, index + Int.random(in: 1...longest, using: &self))
      switch Int.random(in: 0...4, using: &self) {
      case 0: bytes[index] = UInt8.random(in: 0...255, using: &self)
      case 1: bytes[index] = words.randomElement(using: &self) ?? 0
      case 2: bytes.removeSubrange(piece)
      case 3: bytes.insert(contentsOf: bytes[piece], at: index)
      default: bytes.insert(UInt8.random(in: 0...255, using: &self), at: index)
      }
    }
  }
}
