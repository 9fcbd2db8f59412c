import Redis

extension RandomScript {
  /// A number or a word that keys with a weight are named by.
  private mutating func sorted() -> String {
    chance(12) ? pick(["b", "a", "", "c\0d", "-0.5"]) : "\(random.next() % 15)"
  }

  private mutating func weight() -> String {
    chance(10) ? pick(["x", "", "1e3", " 4", "nan", "0x10", "inf"]) : "\(Double(random.next() % 40) / 4)"
  }

  private mutating func pattern() -> String {
    pick(["w*", "w*", "h*->f", "h*->none", "h*->", "*", "#", "nothing", "->*", "w*x*", "g*->f"])
  }

  mutating func sortCall() -> [String] {
    switch random.next() % 20 {
    case 0, 1: ["RPUSH", typeKey()] + (0...random.next() % 6).map { _ in sorted() }
    case 2, 3: ["SADD", typeKey()] + (0...random.next() % 6).map { _ in sorted() }
    case 4 where CommandTable.find("zadd")?.body != nil:
      ["ZADD", typeKey()] + (0...random.next() % 6).flatMap { _ in ["\(random.next() % 9)", sorted()] }
    case 5: ["RPUSH", "list"] + (0...random.next() % (chance(4) ? 40 : 6)).map { _ in sorted() }
    case 6: ["DEL", chance(3) ? "list" : typeKey()]
    case 7, 8: ["SET", "w\(random.next() % 15)", weight()]
    case 9: ["HSET", "h\(random.next() % 15)", "f", weight()]
    case 10: [pick(["DEL", "PERSIST"]), "w\(random.next() % 15)"]
    case 11...13: sortOfList()
    default: sortOfAny()
    }
  }

  private mutating func commonOptions() -> [String] {
    someOf([["DESC"], ["asc"], ["GET", pattern()], ["get", "#"], ["GET", pattern()]], oneIn: 4)
      + (chance(25) ? pick([["LIMIT", "1"], ["LIMIT", "x", "1"], ["what"], ["BY"], ["GET"], ["STORE"]]) : [])
      + someOf([["STORE", typeKey()]], oneIn: 6)
  }

  private mutating func limit() -> [String] { ["LIMIT", index(), index()] }

  /// Of a list, every order is settled.
  private mutating func sortOfList() -> [String] {
    let options = someOf([["ALPHA"], ["BY", pattern()], limit()], oneIn: 2)
    return [pick(["SORT", "SORT", "SORT_RO"]), "list"] + options + commonOptions()
  }

  private mutating func sortOfAny() -> [String] {
    let options =
      switch random.next() % 4 {
      case 0: ["ALPHA"] + someOf([limit()])
      case 1: ["BY", pick(["w*", "h*->f", "w*x*", "*"])] + someOf([limit()])
      case 2: ["BY", pick(["nothing", "#", ""])]
      default: someOf([limit()])
      }
    return [pick(["SORT", "SORT", "sort_ro"]), typeKey()] + options + commonOptions()
  }
}
