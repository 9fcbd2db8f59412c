import Capture

extension Side {
  /// Which side says such a thing, if only one of them does: the bytes are those of one segment, and may begin anywhere
  /// in what its sender said.
  static func saying(_ bytes: SharedBytes) -> Side? {
    var position = 0
    // What follows something that both say may tell.
    for _ in 0..<16 {
      guard let line = line(bytes, from: position) else { return nil }
      switch line.first {
      case UInt8(ascii: "*"):
        let list = readList(line, bytes, from: position)
        guard list.side == nil, let end = list.end else { return list.side }
        position = end
      case UInt8(ascii: "+"), UInt8(ascii: "-"):
        // A line of text: of letters, as far as its first blank.
        let word = line.dropFirst().prefix { $0 != 0x20 }
        return !word.isEmpty && word.allSatisfy { $0 >= 0x41 && $0 <= 0x7A } ? .acceptor : nil
      case UInt8(ascii: ":"): return isNumber(line.dropFirst()) ? .acceptor : nil
      case UInt8(ascii: "$"):
        return isNumber(line.dropFirst()) || line.starts(with: "$EOF:".utf8) ? .acceptor : nil
      default: return nil
      }
    }
    return nil
  }

  /// Who says a list that begins at `start`, and where it ends, if it does within the bytes: commands are lists of strings,
  /// replies may have anything in them.
  private static func readList(_ line: ArraySlice<UInt8>, _ bytes: SharedBytes, from start: Int) -> (
    side: Side?, end: Int?
  ) {
    guard isNumber(line.dropFirst()), let count = Int(String(decoding: line.dropFirst(), as: UTF8.self)) else {
      return (nil, nil)
    }
    guard count >= 0 else { return (.acceptor, nil) }
    var position = start + line.count + 2
    var words: [String] = []
    var left = count
    while left > 0, let header = Self.line(bytes, from: position) {
      guard header.first == UInt8(ascii: "$"), isNumber(header.dropFirst()),
        let length = Int(String(decoding: header.dropFirst(), as: UTF8.self)), length >= 0
      else { return ("*:+-$_#,(%~=".utf8.contains(header.first ?? 0) ? .acceptor : nil, nil) }
      let word = position + header.count + 2
      guard length <= bytes.count - 2 - word else { break }
      if words.count < 2, length <= 64 {
        words.append(uppercased(Array(bytes[word..<word + length].slice)))
        if words.count == 1, clientCommands.contains(words[0]) { return (.opener, nil) }
        if words.count == 2, let side = saying(words) { return (side, nil) }
      }
      position = word + length + 2
      left -= 1
    }
    return (nil, left == 0 ? position : nil)
  }

  private static func saying(_ words: [String]) -> Side? {
    switch words[0] {
    case "REPLCONF": words[1] == "GETACK" ? .acceptor : .opener
    case "MESSAGE", "PMESSAGE", "SMESSAGE": .acceptor
    default: nil
    }
  }

  /// Commands that a master never streams: they change no data, or only what the server itself is.
  private static let clientCommands: Set<String> = [
    "ACL", "ASKING", "AUTH", "BITCOUNT", "BITFIELD_RO", "BITPOS", "BLMOVE", "BLMPOP", "BLPOP", "BRPOP", "BRPOPLPUSH",
    "BZMPOP", "BZPOPMAX", "BZPOPMIN", "CLIENT", "CLUSTER", "COMMAND", "CONFIG", "DBSIZE", "DEBUG", "DISCARD", "DUMP",
    "ECHO", "EVALSHA_RO", "EVAL_RO", "EXISTS", "EXPIRETIME", "FAILOVER", "FCALL_RO", "GEODIST", "GEOHASH", "GEOPOS",
    "GEORADIUSBYMEMBER_RO", "GEORADIUS_RO", "GEOSEARCH", "GET", "GETBIT", "GETRANGE", "HELLO", "HEXISTS", "HGET",
    "HGETALL", "HKEYS", "HLEN", "HMGET", "HRANDFIELD", "HSCAN", "HSTRLEN", "HVALS", "INFO", "KEYS", "LASTSAVE",
    "LATENCY", "LCS", "LINDEX", "LLEN", "LOLWUT", "LPOS", "LRANGE", "MEMORY", "MGET", "MODULE", "MONITOR", "OBJECT",
    "PEXPIRETIME", "PFCOUNT", "PSUBSCRIBE", "PSYNC", "PTTL", "PUBSUB", "PUNSUBSCRIBE", "QUIT", "RANDOMKEY", "READONLY",
    "READWRITE", "REPLICAOF", "RESET", "ROLE", "SAVE", "SCAN", "SCARD", "SDIFF", "SHUTDOWN", "SINTER", "SINTERCARD",
    "SISMEMBER", "SLAVEOF", "SLOWLOG", "SMEMBERS", "SMISMEMBER", "SORT_RO", "SRANDMEMBER", "SSCAN", "SSUBSCRIBE",
    "STRLEN", "SUBSCRIBE", "SUBSTR", "SUNION", "SUNSUBSCRIBE", "SYNC", "TIME", "TTL", "TYPE", "UNSUBSCRIBE", "UNWATCH",
    "WAIT", "WATCH", "XINFO", "XLEN", "XPENDING", "XRANGE", "XREAD", "XREVRANGE", "ZCARD", "ZCOUNT", "ZDIFF", "ZINTER",
    "ZINTERCARD", "ZLEXCOUNT", "ZMSCORE", "ZRANDMEMBER", "ZRANGE", "ZRANGEBYLEX", "ZRANGEBYSCORE", "ZRANK",
    "ZREVRANGE", "ZREVRANGEBYLEX", "ZREVRANGEBYSCORE", "ZREVRANK", "ZSCAN", "ZSCORE", "ZUNION",
  ]

  private static func isNumber(_ digits: ArraySlice<UInt8>) -> Bool {
    let digits = digits.first == UInt8(ascii: "-") ? digits.dropFirst() : digits
    return !digits.isEmpty && digits.count < 20 && digits.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
  }

  /// The line that begins at `start`, without its CRLF; nil if it does not end within a few bytes.
  private static func line(_ bytes: SharedBytes, from start: Int) -> ArraySlice<UInt8>? {
    guard start < bytes.count else { return nil }
    let head = bytes[start..<min(bytes.count, start + 128)].slice
    guard let end = head.firstIndex(of: 0x0D), end + 1 < head.endIndex, head[end + 1] == 0x0A else { return nil }
    return head[..<end]
  }
}
