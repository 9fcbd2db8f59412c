import Redis

// Calls of the commands of one type of value each, mostly on keys of that type.
extension RandomScript {
  enum Family: CaseIterable {
    case lists, streams, sets, sortedSets, hashes, strings, bitmaps, hyperLogLogs, geo, sorting, scripts

    /// Whether a DUMP of the type always shows the order of things, and never that of a hash table.
    var hasOrder: Bool { self == .lists || self == .streams || self == .strings || self == .scripts }
    /// Whether what is kept has the time in it.
    var hasTimes: Bool { self == .streams }
  }

  static let keyCount = 6

  /// Limits under which every encoding comes about within a few calls.
  mutating func limits() -> [[String]] {
    [
      ["CONFIG", "SET", "list-max-listpack-size", pick(["-2", "-1", "4", "1", "7", "128"])],
      ["CONFIG", "SET", "hash-max-listpack-entries", pick(["4", "8", "512"])],
      ["CONFIG", "SET", "hash-max-listpack-value", pick(["8", "20", "64"])],
      ["CONFIG", "SET", "zset-max-listpack-entries", pick(["0", "4", "8", "128"])],
      ["CONFIG", "SET", "zset-max-listpack-value", pick(["8", "20", "64"])],
      ["CONFIG", "SET", "set-max-intset-entries", pick(["4", "8", "512"])],
      ["CONFIG", "SET", "stream-node-max-entries", pick(["0", "3", "10", "100"])],
      ["CONFIG", "SET", "stream-node-max-bytes", pick(["0", "100", "4096"])],
    ]
  }

  mutating func typeKey() -> String { "k\(random.next() % UInt64(Self.keyCount))" }

  /// One of few, so that it is often there; now and then long, or a number at an edge.
  mutating func element() -> String {
    switch random.next() % 14 {
    case 0: value()
    case 1: String(repeating: pick(["a", "b"]), count: Int(random.next() % 300))
    case 2: pick(["127", "128", "-1", "4095", "4096", "-4096", "-4097", "32767", "32768", "8388607", "8388608"])
    case 3: pick(["2147483647", "2147483648", "-2147483649", "9223372036854775807", "-9223372036854775808", "1.5"])
    case 4: chance(40) ? String(repeating: "z", count: 3_000 + Int(random.next() % 9_000)) : "00"
    default: "\(random.next() % 20)"
    }
  }

  mutating func elements(_ most: UInt64 = 4) -> [String] { (0...random.next() % most).map { _ in element() } }

  mutating func index() -> String { chance(15) ? integer() : "\(Int64(random.next() % 30) - 12)" }

  mutating func call(of family: Family) -> [String] {
    let call = anyCall(of: family)
    if call[0] == "MULTI" { isInMulti = true }
    if call[0] == "EXEC" || call[0] == "DISCARD" { isInMulti = false }
    // What is drawn can be compared only by itself, and not within the reply to EXEC.
    return isInMulti && Self.order(of: call.map { Array($0.utf8) }) == .drawn ? ["PING"] : call
  }

  private mutating func anyCall(of family: Family) -> [String] {
    if !queued.isEmpty { return queued.removeFirst() }
    // Other types come in between, and keys go.
    if chance(25) {
      return pick([["DEL", typeKey()], ["SET", typeKey(), value()], ["COPY", typeKey(), typeKey(), "REPLACE"]])
    }
    if family == .hashes, chance(80) { return reload() }
    if chance(60) {
      return pick((family == .hashes ? [] : [["DEBUG", "RELOAD"]]) + [["MULTI"], ["EXEC"], ["DISCARD"]])
    }
    if chance(80) { return ["RENAME", typeKey(), typeKey()] }
    switch family {
    case .lists: return listCall()
    case .sets: return setCall()
    case .hashes: return hashCall()
    // In a transaction, a value is counted for the queue, too, that it came from.
    case .strings: return words().map { $0 == "REFCOUNT" ? "ENCODING" : $0 }
    case .sorting: return sortCall()
    case .sortedSets: return sortedSetCall()
    case .bitmaps: return bitmapCall()
    case .hyperLogLogs: return hyperLogLogCall()
    case .geo: return geoCall()
    case .streams: return streamCall()
    case .scripts: return scriptingCall()
    }
  }

  /// What is packed after it was a hash table has that table's order, which nothing can be compared with from then on.
  private mutating func reload() -> [String] {
    queued += [["DEBUG", "DIGEST"]]
    queued += (0..<Self.keyCount).map { ["OBJECT", "ENCODING", "k\($0)"] } + [["FLUSHALL"]]
    return ["DEBUG", "RELOAD"]
  }

  /// How the elements of the reply may differ.
  static func order(of call: [[UInt8]]) -> OraclePair.Order {
    let words = call.map { String(decoding: $0, as: UTF8.self).uppercased() }
    switch words.first {
    case "SMEMBERS", "SINTER", "SUNION", "SDIFF", "HKEYS", "HVALS": return .any(groups: 1)
    case "SPOP" where words.count == 3: return .any(groups: 1)
    case "HGETALL": return .any(groups: 2)
    case "SSCAN", "HSCAN", "ZSCAN", "EXEC": return .anyWithin
    // All are given where so many are asked for.
    case "SRANDMEMBER", "HRANDFIELD": return words.dropFirst(2).first == "1000" ? .anyWithin : .drawn
    case "SORT", "SORT_RO": return words.dropFirst().first == "LIST" ? .same : .anyWithin
    case "ZRANDMEMBER": return words.dropFirst(2).first == "100" ? .same : .drawn
    case "XPENDING": return .idle
    case "FUNCTION" where words.dropFirst().first == "LIST": return .anyWithin
    case "XINFO" where words.dropFirst().first == "CONSUMERS": return .idle
    default: return .same
    }
  }

  private mutating func end() -> String { pick(["LEFT", "RIGHT", "left", "Right"]) }

  mutating func counted(_ keys: Int = 3) -> [String] {
    let keys = (0..<1 + Int(random.next() % UInt64(keys))).map { _ in typeKey() }
    return [chance(20) ? integer() : "\(keys.count)"] + keys
  }

  mutating func listCall() -> [String] {
    switch random.next() % 30 {
    case 0...4: [pick(["LPUSH", "RPUSH"]), typeKey()] + elements(chance(6) ? 30 : 4)
    case 5: [pick(["LPUSHX", "RPUSHX"]), typeKey()] + elements()
    case 6, 7: ["LINSERT", typeKey(), chance(20) ? "x" : pick(["BEFORE", "after"]), element(), element()]
    case 8: ["LLEN", typeKey()]
    case 9: ["LINDEX", typeKey(), index()]
    case 10, 11: ["LSET", typeKey(), index(), element()]
    case 12: [pick(["LPOP", "RPOP"]), typeKey()]
    case 13: [pick(["LPOP", "RPOP"]), typeKey(), index()]
    case 14: ["LMPOP"] + counted() + [end()] + someOf([["COUNT", index()]])
    case 15...17: ["LRANGE", typeKey(), index(), index()]
    case 18: ["LTRIM", typeKey(), index(), chance(3) ? index() : "-1"]
    case 19, 20:
      ["LPOS", typeKey(), element()] + someOf([["RANK", index()], ["COUNT", index()], ["MAXLEN", index()]])
    case 21, 22: ["LREM", typeKey(), index(), element()]
    case 23: ["LMOVE", typeKey(), typeKey(), end(), end()]
    case 24: ["RPOPLPUSH", typeKey(), typeKey()]
    // None of these may wait: nobody would ever wake it.
    case 25...28: after(["LPUSH", "there", "a", "b", "c"], blockingListCall())
    default: ["LRANGE", "there", "0", "-1"]
    }
  }

  mutating func after(_ first: [String], _ second: [String]) -> [String] {
    queued.append(second)
    return first
  }

  mutating func blockingListCall() -> [String] {
    switch random.next() % 4 {
    case 0: [pick(["BLPOP", "BRPOP"]), typeKey(), "there", pick(["0", "0.1", "-1", "x", "1e30"])]
    case 1: ["BLMPOP", pick(["0", "1"])] + ["2", typeKey(), "there", end()] + someOf([["COUNT", index()]])
    case 2: ["BLMOVE", "there", typeKey(), end(), end(), "0"]
    default: ["BRPOPLPUSH", "there", typeKey(), "0"]
    }
  }
}
