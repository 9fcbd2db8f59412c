/// The node's only source of chance: the same seed gives the same replication ids, marks and run ids on every machine.
package struct SeededRandom: RandomNumberGenerator, Sendable, Hashable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  /// SplitMix64 (Steele, Lea, Flood 2014): one 64-bit state, full period, passes BigCrush.
  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// `count` characters of lower-case hexadecimal, the form of every id that Redis draws.
  package mutating func hex(_ count: Int) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(count)
    for _ in 0..<count { text.append(digits[Int(next() >> 60)]) }
    return String(decoding: text, as: UTF8.self)
  }
}

/// What a user has settled (`fix`) that Redis would leave to chance, to its build or to its kernel. Each replication id,
/// each end mark and each run id is used once, in order, then chance takes over again.
package struct Chance: Sendable, Hashable {
  package var replicationIDs: [String] = []
  package var endMarks: [String] = []
  package var runIDs: [String] = []
  /// What `used-mem` in a snapshot and `used_memory` in INFO say, in bytes.
  package var usedMemory: Int?
  package var redisVersion = "7.0.15"
  /// Which version of the snapshot's format the build writes, and the newest that it reads (RDB_VERSION in rdb.h).
  package var rdbVersion = 10
  /// fork(2) fails: the kernel has no memory to promise for a copy.
  package var refusesFork = false

  package init() {}
}
