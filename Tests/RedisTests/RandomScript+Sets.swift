import Redis

extension RandomScript {
  private mutating func someKeys(_ most: UInt64 = 3) -> [String] { (0...random.next() % most).map { _ in typeKey() } }

  /// A count of which nothing or everything is drawn; never so many draws that a server would be busy with them for good.
  mutating func drawnCount() -> String {
    pick(["0", "1000", "1000", "1000", "x", "", "-9223372036854775808", "9223372036854775808", "9223372036854775807"])
  }

  mutating func scanOptions() -> [String] {
    ["COUNT", "1000"] + someOf([["MATCH", pick(["*", "1*", "[a-f]*", "?", ""])]])
      + (chance(8)
        ? pick([["COUNT", "0"], ["COUNT", "x"], ["MATCH"], ["TYPE", "set"], ["what", "x"], ["count"]]) : [])
  }

  mutating func cursor() -> String { chance(12) ? pick(["x", "", "-", " 0", "+0", "-0", "0x"]) : "0" }

  /// Keys of other types among those of the family's, and keys with an expiry.
  mutating func otherTypeCall() -> [String] {
    pick([
      ["DEL", typeKey()], ["RPUSH", typeKey()] + elements(), ["HSET", typeKey(), element(), element()],
      ["SADD", typeKey(), element()], ["EXPIREAT", typeKey(), "\(4_000_000_000 + random.next() % 1000)"],
      ["PERSIST", typeKey()],
    ])
  }

  mutating func setCall() -> [String] {
    switch random.next() % 34 {
    case 0...6: [pick(["SADD", "SADD", "sadd"]), typeKey()] + elements(chance(6) ? 30 : 5)
    case 7, 8: ["SREM", typeKey()] + elements(5)
    case 9, 10: ["SMOVE", typeKey(), typeKey(), element()]
    case 11: ["SISMEMBER", typeKey(), element()]
    case 12: ["SMISMEMBER", typeKey()] + elements()
    case 13: ["SCARD", typeKey()]
    case 14: ["SMEMBERS", typeKey()]
    case 15: ["SPOP", typeKey(), pick(["0", "1000", "-1", "x", "9223372036854775807"])] + (chance(20) ? ["x"] : [])
    case 16: popOnly()
    // In a transaction it would be drawn where nobody knows of it.
    case 17, 18:
      after(
        ["DISCARD"], ["SRANDMEMBER", typeKey()] + (chance(4) ? [] : [chance(2) ? drawnCount() : index()]).map(bounded))
    case 19, 20: ["SINTER"] + someKeys()
    case 21, 22: ["SINTERCARD"] + counted() + someOf([["LIMIT", index()], ["limit", "2"]], oneIn: 4)
    case 23, 24: ["SUNION"] + someKeys()
    case 25, 26: ["SDIFF"] + someKeys(4)
    case 27: ["SINTERSTORE"] + [typeKey()] + someKeys()
    case 28: ["SUNIONSTORE"] + [typeKey()] + someKeys()
    case 29, 30: ["SDIFFSTORE"] + [typeKey()] + someKeys(4)
    case 31: ["SSCAN", typeKey(), cursor()] + scanOptions()
    default: otherTypeCall()
    }
  }

  /// Of one member, none is drawn.
  private mutating func popOnly() -> [String] {
    queued += [["SADD", "one", element()], ["SPOP", "one"] + someOf([["1"]])]
    return ["DEL", "one"]
  }

  private func bounded(_ count: String) -> String {
    guard let number = Int64(count), number != .min, number < -1000 else { return count }
    return "-10"
  }

  mutating func hashCall() -> [String] {
    switch random.next() % 36 {
    case 0...5: ["HSET", typeKey()] + fields(chance(6) ? 20 : 4)
    case 6: ["HMSET", typeKey()] + fields()
    case 7, 8: ["HSETNX", typeKey(), element(), element()]
    case 9, 10: ["HGET", typeKey(), element()]
    case 11: ["HMGET", typeKey()] + elements(5)
    case 12: ["HGETALL", typeKey()]
    case 13: ["HKEYS", typeKey()]
    case 14: ["HVALS", typeKey()]
    case 15: ["HLEN", typeKey()]
    case 16: ["HSTRLEN", typeKey(), element()]
    case 17: ["HEXISTS", typeKey(), element()]
    case 18...20: ["HDEL", typeKey()] + elements(6)
    case 21...23: ["HINCRBY", typeKey(), element(), integer()]
    case 24...26: ["HINCRBYFLOAT", typeKey(), element(), float()]
    case 27...29:
      after(
        ["DISCARD"],
        ["HRANDFIELD", typeKey()] + (chance(4) ? [] : [chance(2) ? drawnCount() : bounded(index())])
          + someOf([["WITHVALUES"], ["withvalues"]], oneIn: 2))
    case 30, 31: ["HSCAN", typeKey(), cursor()] + scanOptions()
    default: otherTypeCall()
    }
  }

  /// Fields and values in turn, now and then one too few.
  private mutating func fields(_ most: UInt64 = 4) -> [String] {
    (0...random.next() % most).flatMap { _ in [element(), element()] } + (chance(20) ? [element()] : [])
  }
}
