import TestSupport

/// Commands of every type over few keys, so that they meet.
struct SituationCommands {
  var random: TestRandom

  mutating func next() -> [String] {
    switch random.number(0...9) {
    case 0...4: string()
    case 5...7: collection()
    case 8: other()
    default: reading()
    }
  }

  private mutating func key(_ kind: String = "k") -> String {
    // Now and then one of another type.
    (random.chance(1, in: 15) ? random.pick(["k", "l", "s", "z", "h", "x"]) : kind) + "\(random.number(1...4))"
  }
  private mutating func value() -> String {
    random.pick(["1", "7", "v", "3.5", "word", String(repeating: "long", count: random.number(10...40))])
  }
  private mutating func small() -> String { "\(random.number(-2...5))" }

  private mutating func string() -> [String] {
    switch random.number(0...21) {
    case 0...4: ["SET", key(), value()]
    case 5: ["SET", key(), value(), random.pick(["NX", "XX", "GET", "KEEPTTL"])]
    case 6: ["SET", key(), value(), random.pick(["PX", "PX"]), "\(random.number(40...900))"]
    case 7: ["PEXPIRE", key(), "\(random.number(20...700))"]
    case 8: [random.pick(["INCR", "DECR", "PERSIST", "GETDEL", "STRLEN"]), key()]
    case 9: ["INCRBY", key(), small()]
    case 10: ["INCRBYFLOAT", key(), "0.5"]
    case 11: ["APPEND", key(), value()]
    case 12: ["SETRANGE", key(), "\(random.number(0...9))", value()]
    case 13: ["MSET", key(), value(), key(), value()]
    case 14: ["MSETNX", key(), value(), key(), value()]
    case 15: [random.pick(["DEL", "UNLINK"]), key(random.pick(["k", "l", "h"])), key()]
    case 16:
      [random.pick(["RENAME", "RENAMENX", "COPY"]), key(random.pick(["k", "l"])), key(random.pick(["k", "s"]))]
    case 17: ["GETSET", key(), value()]
    case 18: ["SELECT", random.pick(["0", "0", "1", "9"])]
    case 19: ["MOVE", key(random.pick(["k", "h"])), random.pick(["0", "1", "77"])]
    case 20: ["GETEX", key(), "PX", "\(random.number(40...900))"]
    default: random.pick([["FLUSHDB"], ["FLUSHALL"], ["SWAPDB", "0", "1"], ["SETEX", key(), "100", value()]])
    }
  }

  private mutating func collection() -> [String] {
    switch random.number(0...26) {
    case 0...2: [random.pick(["LPUSH", "RPUSH"]), key("l"), value(), value()]
    case 3: [random.pick(["LPOP", "RPOP", "LLEN"]), key("l")]
    case 4: ["LMOVE", key("l"), key("l"), "LEFT", "RIGHT"]
    case 5: ["LTRIM", key("l"), "0", "3"]
    case 6, 7: ["SADD", key("s"), value(), value(), "\(random.number(0...99))"]
    case 8: ["SPOP", key("s")]
    case 9: ["SREM", key("s"), value()]
    case 10: [random.pick(["SINTERSTORE", "SUNIONSTORE"]), key("s"), key("s"), key("s")]
    case 11, 12: ["ZADD", key("z"), small(), value(), small(), value()]
    case 13: ["ZINCRBY", key("z"), "1.5", value()]
    case 14: [random.pick(["ZPOPMIN", "ZPOPMAX"]), key("z")]
    case 15, 16: ["HSET", key("h"), value(), value()]
    case 17: ["HINCRBYFLOAT", key("h"), "f", "0.1"]
    case 18: ["HDEL", key("h"), value()]
    case 19, 20: ["XADD", key("x"), "*", "f", value()]
    case 21: ["XGROUP", "CREATE", key("x"), "g", "$", "MKSTREAM"]
    case 22: ["XREADGROUP", "GROUP", "g", "c", "COUNT", "2", "STREAMS", key("x"), ">"]
    case 23: ["XTRIM", key("x"), "MAXLEN", "1"]
    case 24: ["EXPIRE", key(random.pick(["l", "s", "h"])), random.pick(["1", "100"])]
    case 25: ["GEOADD", key("z"), "13.3", "38.1", "a"]
    default: ["SORT", key("l"), "ALPHA", "STORE", key("l")]
    }
  }

  private mutating func other() -> [String] {
    switch random.number(0...9) {
    case 0: ["SETBIT", key(), "7", "1"]
    case 1: ["BITFIELD", key(), "INCRBY", "u8", "0", "1"]
    case 2: ["PFADD", key(), value()]
    case 3: ["EVAL", "return redis.call('set', KEYS[1], ARGV[1])", "1", key(), value()]
    case 4: ["EVAL", "redis.call('incr', 'k1'); return redis.call('lpush', 'l1', 'e')", "0"]
    case 5: ["EVAL", "return redis.call('get', KEYS[1])", "1", key()]
    case 6: ["PUBLISH", "channel", value()]
    case 7: ["FUNCTION", "LOAD", "REPLACE", "#!lua name=lib\nredis.register_function('f', function() return 1 end)"]
    case 8: ["FCALL", "f", "0"]
    default: ["NOSUCH", key()]
    }
  }

  mutating func reading() -> [String] {
    switch random.number(0...20) {
    case 0...5: ["GET", key()]
    case 6: ["MGET", key(), key("l"), key()]
    case 7: ["EXISTS", key(random.pick(["k", "l", "s", "z"])), key()]
    case 8: ["TYPE", key(random.pick(["k", "l", "s", "z", "h", "x"]))]
    case 9: ["TTL", key()]
    case 10, 11: ["DBSIZE"]
    case 12: ["KEYS", random.pick(["*", "k*", "l*"])]
    case 13: ["SCAN", "0", "COUNT", "100"]
    case 14: random.pick([["INFO", "replication"], ["ROLE"], ["PING"], ["TIME"]])
    case 15: ["OBJECT", "ENCODING", key(random.pick(["k", "l"]))]
    case 16: [random.pick(["LRANGE", "LRANGE"]), key("l"), "0", "-1"]
    case 17: [random.pick(["SMEMBERS", "SCARD"]), key("s")]
    case 18: ["DUMP", key()]
    case 19: ["RANDOMKEY"]
    default: ["GETRANGE", key(), "0", "2"]
    }
  }
}
