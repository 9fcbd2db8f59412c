// Calls of the commands on sorted sets. Ranges by members, which mean something only where all scores are the same, are
// asked of a key of its own, too.
extension RandomScript {
  private mutating func score() -> String {
    switch random.next() % 12 {
    case 0: float()
    case 1:
      pick([
        "inf", "-inf", "+inf", "1e20", "-0", "0.1", "3.3", "nan", "1e308", "-1e308", "123456789012345678",
        "9007199254740993",
      ])
    case 2: "\(Double(Int64(random.next() % 2_000)) / 3)"
    default: "\(Int64(random.next() % 12) - 3)"
    }
  }

  private mutating func bound() -> String {
    (chance(3) ? "(" : "") + (chance(12) ? pick(["", "abc", " 1", "1 ", "nan", "1e400", "0x1p2"]) : score())
  }

  private mutating func memberBound() -> String {
    chance(3) ? pick(["-", "+", "-x", "", "a", "[", "("]) : pick(["[", "("]) + element()
  }

  private mutating func pair() -> [String] { [score(), element()] }
  private mutating func end() -> String { pick(["MIN", "MAX", "min", "Max"]) }
  private mutating func limit() -> [String] {
    ["LIMIT", chance(8) ? integer() : "\(Int64(random.next() % 5) - 1)", index()]
  }

  private mutating func rangeOptions() -> [String] {
    someOf([["REV"]]) + someOf([["BYSCORE"], ["BYLEX"]], oneIn: 4) + (chance(4) ? limit() : [])
  }

  private mutating func combined(_ name: String, _ target: [String] = []) -> [String] {
    let keys = (0...random.next() % 3).map { _ in chance(6) ? "set" : typeKey() }
    let count = chance(20) ? integer() : "\(keys.count)"
    let weights = ["WEIGHTS"] + keys.map { _ in score() }
    return [name] + target + [count] + keys
      + someOf([weights, ["AGGREGATE", pick(["SUM", "min", "MAX", "x"])]], oneIn: 3)
      + someOf([["WITHSCORES"]], oneIn: target.isEmpty ? 2 : 15)
  }

  mutating func sortedSetCall() -> [String] {
    switch random.next() % 44 {
    case 0...5: ["ZADD", typeKey()] + (0...random.next() % (chance(6) ? 20 : 3)).flatMap { _ in pair() }
    case 6, 7:
      ["ZADD", typeKey()] + someOf([["NX"], ["XX"], ["GT"], ["LT"], ["CH"], ["INCR"]], oneIn: 4) + pair()
        + someOf([pair(), ["1"]], oneIn: 6)
    case 8: ["ZINCRBY", typeKey(), score(), element()]
    case 9: ["ZREM", typeKey()] + elements()
    case 10: ["ZCARD", typeKey()]
    case 11: ["ZSCORE", typeKey(), element()]
    case 12: ["ZMSCORE", typeKey()] + elements()
    case 13: [pick(["ZRANK", "ZREVRANK"]), typeKey(), element()]
    case 14: ["ZCOUNT", typeKey(), bound(), bound()]
    case 15: ["ZLEXCOUNT", "same", memberBound(), memberBound()]
    case 16: ["ZRANGE", typeKey(), index(), index()] + rangeOptions() + someOf([["WITHSCORES"]])
    case 17: ["ZRANGE", typeKey(), bound(), bound(), "BYSCORE"] + someOf([["REV"], limit(), ["WITHSCORES"], ["x"]])
    case 18: ["ZRANGE", "same", memberBound(), memberBound(), "BYLEX"] + someOf([["REV"], limit()])
    case 19: ["ZRANGESTORE", typeKey(), typeKey(), index(), index()] + someOf([["REV"]])
    case 20: ["ZRANGESTORE", typeKey(), typeKey(), bound(), bound(), "BYSCORE"] + someOf([["REV"], limit()])
    case 21: ["ZREVRANGE", typeKey(), index(), index()] + someOf([["WITHSCORES"]])
    case 22: ["ZRANGEBYSCORE", typeKey(), bound(), bound()] + someOf([["WITHSCORES"], limit()])
    case 23: ["ZREVRANGEBYSCORE", typeKey(), bound(), bound()] + someOf([["WITHSCORES"], limit()])
    case 24: [pick(["ZRANGEBYLEX", "ZREVRANGEBYLEX"]), "same", memberBound(), memberBound()] + someOf([limit()])
    case 25: ["ZREMRANGEBYRANK", typeKey(), index(), chance(3) ? index() : "3"]
    case 26: ["ZREMRANGEBYSCORE", typeKey(), bound(), bound()]
    case 27: ["ZREMRANGEBYLEX", "same", memberBound(), memberBound()]
    case 28, 29: ["ZADD", "same"] + elements(chance(5) ? 20 : 3).flatMap { ["0", $0] }
    case 30: [pick(["ZPOPMIN", "ZPOPMAX"]), typeKey()] + someOf([[index()], ["1"]], oneIn: 4)
    case 31: ["ZMPOP"] + counted() + [end()] + someOf([["COUNT", index()]])
    case 32: ["ZRANDMEMBER", typeKey()] + someOf([["\(Int64(random.next() % 14) - 6)"], ["WITHSCORES"]], oneIn: 2)
    case 33:
      chance(6)
        ? ["ZRANDMEMBER", typeKey(), integerNearEdge(), "WITHSCORES"] : ["ZRANDMEMBER", typeKey(), "100", "withscores"]
    case 34: combined("ZUNION")
    case 35: combined("ZINTER")
    case 36: ["ZDIFF"] + counted() + someOf([["WITHSCORES"]])
    case 37: combined(pick(["ZUNIONSTORE", "ZINTERSTORE"]), [typeKey()])
    case 38: ["ZDIFFSTORE", typeKey()] + counted()
    case 39: ["ZINTERCARD"] + counted() + someOf([["LIMIT", index()]])
    case 40:
      ["ZSCAN", typeKey(), chance(8) ? pick(["x", "", " 0", "-"]) : "0", "COUNT", "1000"]
        + someOf([["MATCH", pick(["1*", "*", ""])]])
    case 41, 42: after(["ZADD", "there", "1", "a", "2", "b", "3", "c"], blockingSortedSetCall())
    default: ["ZRANGE", chance(2) ? "there" : "same", "0", "-1", "WITHSCORES"]
    }
  }

  private mutating func integerNearEdge() -> String {
    pick(["9223372036854775807", "-9223372036854775808", "4611686018427387904", "-4611686018427387904", "x"])
  }

  private mutating func blockingSortedSetCall() -> [String] {
    chance(2)
      ? [pick(["BZPOPMIN", "BZPOPMAX"]), typeKey(), "there", pick(["0", "0.1", "-1", "x", "1e30"])]
      : ["BZMPOP", pick(["0", "1"]), "2", typeKey(), "there", end()] + someOf([["COUNT", index()]])
  }
}
