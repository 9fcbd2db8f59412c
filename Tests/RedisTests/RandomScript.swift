import Redis

/// Random commands of the families that a node knows, right and wrong ones, the same for the same seed. Times are
/// absolute, so that it does not matter when they are run.
struct RandomScript {
  var random: SeededRandom
  /// Calls that belong behind the last one.
  var queued: [[String]] = []
  /// What comes next belongs to nothing that was begun.
  var isAtRest: Bool { queued.isEmpty }
  /// The calls are queued until EXEC.
  var isInMulti = false
  /// Scripts that were run last.
  var lastBodies: [String] = []
  /// What the ids of streams grow from.
  var nextStreamID: UInt64 = 1

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  mutating func pick<T>(_ choices: [T]) -> T { choices[Int(random.next() % UInt64(choices.count))] }
  mutating func chance(_ oneIn: UInt64) -> Bool { random.next() % oneIn == 0 }

  mutating func key() -> String { "k\(random.next() % 12)" }

  mutating func integer() -> String {
    switch random.next() % 12 {
    case 0: "9223372036854775807"
    case 1: "-9223372036854775808"
    case 2: "0"
    case 3: "-1"
    case 4: pick(["", "01", "+1", " 1", "1 ", "abc", "1.5", "9223372036854775808", "-", "-0", "1e3"])
    case 5: "\(Int64(truncatingIfNeeded: random.next()))"
    default: "\(Int64(random.next() % 200) - 60)"
    }
  }

  mutating func float() -> String {
    switch random.next() % 8 {
    case 0: pick(["nan", "inf", "-inf", "1e400", "", "abc", "0x10", " 1", "1 ", "+1.5", ".5", "5.", "1e-20", "3.0e3"])
    case 1: "1e\(random.next() % 17)"
    case 2: "-0"
    default: "\(Double(Int64(random.next() % 20_000) - 10_000) / 64)"
    }
  }

  mutating func value() -> String {
    switch random.next() % 10 {
    case 0: ""
    case 1: String(repeating: "x", count: Int(random.next() % 90))
    case 2: integer()
    case 3: float()
    case 4: "\(random.next() % 30_000)"
    case 5: "12345678901234567890"
    case 6: "a b\r\nc\0d"
    default: pick(["hello", "world", "foobar", "zzz", "mynewtext", "ohmytext"])
    }
  }

  /// A time in seconds far ahead, long past, or wrong.
  mutating func seconds() -> String {
    chance(6)
      ? integer() : chance(5) ? "\(1 + random.next() % 100_000)" : "\(4_000_000_000 + random.next() % 1_000_000)"
  }

  mutating func milliseconds() -> String {
    chance(6)
      ? integer() : chance(5) ? "\(1 + random.next() % 100_000)" : "\(4_000_000_000_000 + random.next() % 1_000_000)"
  }

  mutating func someOf(_ choices: [[String]], oneIn: UInt64 = 3) -> [String] {
    var chosen: [String] = []
    for choice in choices where chance(oneIn) { chosen += choice }
    return chosen
  }

  mutating func words() -> [String] {
    switch random.next() % 9 {
    case 0...3: stringCommand()
    case 4, 5: keyCommand()
    case 6: expiryCommand()
    case 7: otherCommand()
    default: chance(3) ? mistake() : stringCommand()
    }
  }

  mutating func command() -> [[UInt8]] {
    var words = words()
    if chance(4) { words[0] = words[0].lowercased() }
    return words.map { Array($0.utf8) }
  }

  private mutating func stringCommand() -> [String] {
    switch random.next() % 26 {
    case 0: return ["GET", key()]
    case 1: return ["SET", key(), value()]
    case 2: return ["SET", key(), value()] + someOf([["NX"], ["XX"], ["GET"], ["get"], ["KEEPTTL"]])
    case 3:
      return ["SET", key(), value()]
        + someOf([["EXAT", seconds()], ["PXAT", milliseconds()], ["NX"], ["XX"], ["GET"], ["KEEPTTL"], ["EX"]])
    case 4: return ["SETNX", key(), value()]
    case 5: return ["GETSET", key(), value()]
    case 6: return ["GETDEL", key()]
    case 7: return ["GETEX", key()] + someOf([["PERSIST"], ["EXAT", seconds()], ["PXAT", milliseconds()]])
    case 8: return ["APPEND", key(), value()]
    case 9: return ["STRLEN", key()]
    case 10: return ["INCR", key()]
    case 11: return ["DECR", key()]
    case 12: return ["INCRBY", key(), integer()]
    case 13: return ["DECRBY", key(), integer()]
    case 14: return ["INCRBYFLOAT", key(), float()]
    case 15: return ["MGET", key(), key(), key()]
    case 16: return ["MSET", key(), value(), key(), value()] + someOf([["k1"]], oneIn: 6)
    case 17: return ["MSETNX", key(), value(), key(), value()]
    case 18: return ["GETRANGE", key(), integer(), integer()]
    case 19: return ["SUBSTR", key(), integer(), integer()]
    case 20: return ["SETRANGE", key(), "\(random.next() % 60)", value()]
    case 21: return ["SETRANGE", key(), pick(["-1", "abc", "536870912", "9223372036854775807"]), value()]
    case 22:
      return ["LCS", key(), key()]
        + someOf([["LEN"], ["IDX"], ["WITHMATCHLEN"], ["MINMATCHLEN", "\(random.next() % 4)"]])
    case 23: return [pick(["SETEX", "PSETEX"]), key(), pick(["0", "-1", "abc", "9223372036854775807"]), value()]
    case 24: return ["SET", key(), value(), pick(["EX", "PX"]), pick(["0", "-5", "x", "9223372036854775807"])]
    default: return ["GETEX", key(), pick(["EX", "PX"]), pick(["0", "-5", "x", "9223372036854775807"])]
    }
  }

  private mutating func keyCommand() -> [String] {
    switch random.next() % 17 {
    case 0: return ["DEL", key(), key()]
    case 1: return ["UNLINK", key()]
    case 2: return ["EXISTS", key(), key(), key()]
    case 3: return ["TYPE", key()]
    case 4: return ["RENAME", key(), key()]
    case 5: return ["RENAMENX", key(), key()]
    case 6: return ["COPY", key(), key()] + someOf([["REPLACE"], ["DB", pick(["0", "1", "15", "16", "x", "-1"])]])
    case 7: return ["MOVE", key(), pick(["0", "1", "2", "16", "-1", "x", "99999999999"])]
    case 8: return ["TOUCH", key(), key()]
    case 9: return ["OBJECT", "ENCODING", key()]
    case 10: return ["OBJECT", "REFCOUNT", key()]
    case 11: return ["DBSIZE"]
    case 12: return ["DUMP", key()]
    case 13: return ["OBJECT", pick(["FREQ", "HELP", "NOPE"]), key()]
    case 14: return ["SCAN", "0", "COUNT", "1000", "MATCH", "nothing*"]
    case 15: return ["KEYS", pick(["nothing", "k1", "[k]3", "k?x", "\\k4"])]
    default:
      let restored = pick(["\u{0}", "", "\u{0}\u{1}a\u{a}\u{0}"])
      return ["RESTORE", key(), pick(["0", "-1", "x", "4000000000000"]), restored] + someOf([["REPLACE"], ["ABSTTL"]])
    }
  }

  private mutating func expiryCommand() -> [String] {
    let conditions = [["NX"], ["XX"], ["GT"], ["LT"], ["what"]]
    switch random.next() % 8 {
    case 0: return ["EXPIREAT", key(), seconds()] + someOf(conditions, oneIn: 6)
    case 1: return ["PEXPIREAT", key(), milliseconds()] + someOf(conditions, oneIn: 6)
    case 2: return ["PERSIST", key()]
    case 3: return ["EXPIRETIME", key()]
    case 4: return ["PEXPIRETIME", key()]
    case 5: return ["TTL", key()].map { $0 == "TTL" && key() == "k0" ? "TYPE" : $0 == "TTL" ? "PERSIST" : $0 }
    case 6:
      return [
        pick(["EXPIRE", "PEXPIRE"]), key(), pick(["-1", "0", "x", "9223372036854775807", "-9223372036854775808"]),
      ]
    default: return ["PEXPIREAT", key(), milliseconds()]
    }
  }

  private mutating func otherCommand() -> [String] {
    switch random.next() % 14 {
    case 0: return ["SELECT", pick(["0", "0", "0", "1", "15", "16", "-1", "x"])]
    case 1: return ["SWAPDB", pick(["0", "1", "x", "16"]), pick(["1", "2", "x", "-1"])]
    case 2: return chance(4) ? [pick(["FLUSHDB", "FLUSHALL"])] + someOf([["ASYNC"], ["SYNC"], ["x"]]) : ["DBSIZE"]
    case 3: return ["MULTI"]
    case 4: return ["EXEC"]
    case 5: return chance(2) ? ["EXEC"] : ["DISCARD"]
    case 6: return ["WATCH", key(), key()]
    case 7: return ["UNWATCH"]
    case 8: return ["PING"] + someOf([["hi"], ["there"]])
    case 9: return ["ECHO", value()]
    case 10: return ["CLIENT", pick(["GETNAME", "GETREDIR", "TRACKINGINFO", "NOPE"])]
    case 11: return ["CLIENT", "SETNAME", pick(["me", "my name", ""])]
    case 12: return ["EXEC"]
    default: return ["DEBUG", "DIGEST-VALUE", key(), key()]
    }
  }

  private mutating func mistake() -> [String] {
    pick([
      ["GET"], ["SET", "k1"], ["NOSUCH"], ["NOSUCH", "a", "b c", "d"], ["CONFIG"], ["CONFIG", "NOPE"], ["CLIENT"],
      ["OBJECT"], ["PING", "a", "b"], ["DEL"], ["COPY", "k1"], ["EXPIRE", "k1"], ["SELECT"], ["AUTH", "x"],
      ["AUTH", "default", "x"], ["AUTH", "nobody", "x"], ["AUTH", "a", "b", "c"], ["HELLO", "4"], ["HELLO", "x"],
      ["HELLO", "3", "SETNAME"], ["SCAN", "x"], ["SCAN", "0", "COUNT", "0"], ["SCAN", "0", "what"],
      ["COMMAND", "NOPE"],
      [String(repeating: "n", count: 200), String(repeating: "a", count: 200)], ["CONFIG", "SET", "nope", "x"],
      ["CONFIG", "SET", "hz"], ["CONFIG", "SET", "hz", "x"], ["CONFIG", "GET", "nope"],
      ["CLIENT", "KILL", "1.2.3.4:5"],
      ["CLIENT", "REPLY", "x"], ["CLIENT", "LIST", "TYPE", "x"], ["CLIENT", "KILL", "ID", "0"], ["DEBUG", "NOPE"],
      ["COMMAND", "GETKEYS", "GET", "x"], ["COMMAND", "GETKEYS", "NOPE", "x"], ["FLUSHALL", "x"], ["SWAPDB", "0"],
      ["LCS", "k1"], ["CLIENT", "NO-EVICT", "x"], ["CLIENT", "UNBLOCK", "x"], ["CLIENT", "PAUSE", "x"],
    ])
  }
}
