import Redis

extension RandomScript {
  /// An id that is often there, or just beside one.
  mutating func streamID() -> String {
    switch random.next() % 12 {
    case 0:
      pick(["-", "+", "0", "0-0", "0-1", "5-*", "(5", "(5-1", "x", "", "1-", "-1", "1--1", "18446744073709551615"])
    case 1:
      pick(["18446744073709551615-18446744073709551615", "3-18446744073709551615", "4-*", "007-01", "(0-0", "(-"])
    case 2...4: "\(random.next() % 30)"
    default: "\(random.next() % 30)-\(random.next() % 4)"
    }
  }

  /// Ids that grow, so that most can be added.
  mutating func newID() -> String {
    if chance(12) { return streamID() }
    nextStreamID += random.next() % 3
    return chance(6) ? "\(nextStreamID)-*" : "\(nextStreamID)-\(random.next() % 6)"
  }

  private mutating func fields() -> [String] {
    let names = pick([["a"], ["a"], ["a", "b"], ["b", "a"], ["a", "b", "c"]])
    return names.flatMap { [$0, element()] }
  }

  private mutating func trim() -> [String] {
    let how = pick([[], ["="], ["~"], ["~"]])
    let limit = chance(4) ? ["LIMIT", index()] : []
    return (chance(2) ? ["MAXLEN"] + how + [index()] : ["MINID"] + how + [streamID()]) + limit
  }

  private mutating func group() -> String { pick(["g", "g", "h", "i"]) }
  private mutating func consumer() -> String { pick(["alice", "bob", "alicia"]) }
  private mutating func ids() -> [String] { (0...random.next() % 3).map { _ in chance(8) ? streamID() : someID() } }
  private mutating func someID() -> String {
    let back = random.next() % 40
    return "\(nextStreamID > back ? nextStreamID - back : back)-\(random.next() % 6)"
  }

  mutating func streamCall() -> [String] {
    switch random.next() % 40 {
    case 0...9: ["XADD", typeKey(), newID()] + fields()
    case 10:
      ["XADD", typeKey()] + someOf([["NOMKSTREAM"], trim()], oneIn: 2) + [newID()] + (chance(8) ? ["odd"] : fields())
    case 11: ["XTRIM", typeKey()] + (chance(15) ? [] : trim())
    case 12: ["XDEL", typeKey()] + ids()
    case 13: ["XLEN", typeKey()]
    case 14, 15: ["XRANGE", typeKey(), streamID(), chance(2) ? "+" : streamID()] + someOf([["COUNT", index()]])
    case 16:
      ["XREVRANGE", typeKey(), chance(2) ? "+" : streamID(), chance(2) ? "-" : streamID()]
        + someOf([["COUNT", index()]])
    case 17:
      ["XSETID", typeKey(), streamID()] + someOf([["ENTRIESADDED", index()], ["MAXDELETEDID", streamID()]], oneIn: 4)
    case 18: ["XREAD"] + someOf([["COUNT", index()]]) + ["STREAMS", typeKey(), chance(6) ? "$" : streamID()]
    case 19: ["XREAD", "STREAMS", typeKey(), typeKey(), someID(), pick(["0", "$", ">", "1-1"])]
    case 20...22:
      ["XREADGROUP", "GROUP", group(), consumer()] + someOf([["COUNT", index()], ["NOACK"]]) + [
        "STREAMS", typeKey(), chance(4) ? streamID() : ">",
      ]
    case 23: ["XREADGROUP", "GROUP", "g", consumer(), "STREAMS", typeKey(), typeKey(), ">", pick([">", "0", "$"])]
    case 24...26:
      ["XGROUP", "CREATE", typeKey(), group(), pick(["0", "$", "0", someID()])]
        + someOf([["MKSTREAM"], ["ENTRIESREAD", index()]], oneIn: 3)
    case 27:
      ["XGROUP", "SETID", typeKey(), group(), pick(["0", "$", streamID()])] + someOf([["ENTRIESREAD", index()]])
    case 28:
      chance(3)
        ? ["XGROUP", "DESTROY", typeKey(), group()] : ["XGROUP", "CREATECONSUMER", typeKey(), group(), consumer()]
    case 29: ["XGROUP", "DELCONSUMER", typeKey(), group(), consumer()]
    case 30: ["XACK", typeKey(), group()] + ids()
    case 31: ["XPENDING", typeKey(), group()]
    case 32:
      ["XPENDING", typeKey(), group()] + someOf([["IDLE", "0"]]) + [chance(2) ? "-" : streamID(), "+", index()]
        + someOf([[consumer()]])
    case 33, 34:
      ["XCLAIM", typeKey(), group(), consumer(), pick(["0", "0", "-5", "1000000", "x"])] + ids()
        + someOf(
          [["FORCE"], ["JUSTID"], ["RETRYCOUNT", index()], ["LASTID", streamID()], ["TIME", "1000"], ["bad"]], oneIn: 5)
    case 35:
      ["XAUTOCLAIM", typeKey(), group(), consumer(), pick(["0", "1000000"]), chance(2) ? "0" : streamID()]
        + someOf([["COUNT", index()], ["JUSTID"]])
    case 36: ["XINFO", "STREAM", typeKey()]
    case 37: ["XINFO", "STREAM", typeKey(), "FULL"] + someOf([["COUNT", index()]])
    case 38: ["XINFO", "GROUPS", typeKey()]
    default: ["XINFO", "CONSUMERS", typeKey(), group()]
    }
  }
}
