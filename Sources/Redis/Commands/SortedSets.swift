import RESP

// The sorted set commands (t_zset.c in Redis 7.0). Ranges stand in `SortedSets+Ranges.swift`, unions and the like in
// `SortedSets+Combining.swift`, what takes entries away in `SortedSets+Popping.swift`.

extension CommandTable {
  static let sortedSets: [String: Command.Body] = [
    "zadd": { $0.zadd(&$1) },
    "zincrby": { $0.zincrby(&$1) },
    "zrem": { $0.zrem(&$1) },
    "zcard": { $0.zcard(&$1) },
    "zscore": { $0.zscore(&$1) },
    "zmscore": { $0.zmscore(&$1) },
    "zrank": { $0.rank(&$1, fromEnd: false) },
    "zrevrank": { $0.rank(&$1, fromEnd: true) },
    "zscan": { $0.zscan(&$1) },
    "zcount": { $0.zcount(&$1) },
    "zlexcount": { $0.zlexcount(&$1) },
    "zrange": { $0.zrange(&$1) },
    "zrangestore": { $0.zrangestore(&$1) },
    "zrevrange": { $0.zrange(&$1, by: .rank, isReversed: true) },
    "zrangebyscore": { $0.zrange(&$1, by: .score, isReversed: false) },
    "zrevrangebyscore": { $0.zrange(&$1, by: .score, isReversed: true) },
    "zrangebylex": { $0.zrange(&$1, by: .lex, isReversed: false) },
    "zrevrangebylex": { $0.zrange(&$1, by: .lex, isReversed: true) },
    "zremrangebyrank": { $0.removeRange(&$1, by: .rank) },
    "zremrangebyscore": { $0.removeRange(&$1, by: .score) },
    "zremrangebylex": { $0.removeRange(&$1, by: .lex) },
    "zunion": { $0.combine(&$1, .union) },
    "zinter": { $0.combine(&$1, .intersection) },
    "zdiff": { $0.combine(&$1, .difference) },
    "zunionstore": { $0.combineAndStore(&$1, .union) },
    "zinterstore": { $0.combineAndStore(&$1, .intersection) },
    "zdiffstore": { $0.combineAndStore(&$1, .difference) },
    "zintercard": { $0.zintercard(&$1) },
    "zpopmin": { $0.zpop(&$1, from: .min) },
    "zpopmax": { $0.zpop(&$1, from: .max) },
    "zmpop": { $0.zmpop(&$1) },
    "bzpopmin": { $0.bzpop(&$1, from: .min) },
    "bzpopmax": { $0.bzpop(&$1, from: .max) },
    "bzmpop": { $0.bzmpop(&$1) },
    "zrandmember": { $0.zrandmember(&$1) },
  ]
}

extension Node {
  // MARK: Adding

  /// ZADD (`zaddCommand` in t_zset.c).
  mutating func zadd(_ call: inout Call) { addScores(&call, []) }

  /// ZINCRBY (`zincrbyCommand` in t_zset.c).
  mutating func zincrby(_ call: inout Call) { addScores(&call, .increment) }

  /// Adds members with scores (`zaddGenericCommand` in t_zset.c).
  private mutating func addScores(_ call: inout Call, _ options: SortedSet.AddOptions) {
    guard let (options, scores) = call.scoresToAdd(options) else { return }
    let (key, members) = (call.arguments[1], call.arguments.count - 2 * scores.count)
    switch find(SortedSet.self, &call) {
    case .wrongType: return
    case .held: break
    case .nothing:
      if options.contains(.onlyOld) {
        return options.contains(.increment) ? call.reply.null() : call.reply.integer(0)
      }
      addKey(key, SortedSet(forMemberOf: call.arguments[members + 1].count, configuration.packing), in: call.database)
    }
    var (added, updated): (Int64, Int64) = (0, 0)
    var score: Double?
    for (index, given) in scores.enumerated() {
      let member = call.arguments[members + 2 * index + 1]
      let limits = configuration.packing
      switch change(SortedSet.self, key, in: call.database, { $0.add(member, given, options, limits) }) {
      case .added(let new): (added, score) = (added + 1, new)
      case .updated(let new): (updated, score) = (updated + 1, new)
      case .kept(let same): score = same
      // Only where one score is added to another, and nothing has changed before.
      case .notANumber: return call.reply.error("ERR resulting score is not a number (NaN)")
      case .refusedByOption, nil: break
      }
    }
    dirty += added + updated
    if !options.contains(.increment) {
      call.reply.integer(options.contains(.countsChanged) ? added + updated : added)
    } else if let score {
      call.reply.double(score)
    } else {
      call.reply.null()
    }
    if added + updated > 0 {
      signalModified(key, in: call.database)
      notify(.sortedSet, options.contains(.increment) ? "zincr" : "zadd", key, in: call.database)
    }
  }

  // MARK: Removing

  /// ZREM (`zremCommand` in t_zset.c).
  mutating func zrem(_ call: inout Call) {
    let (key, members) = (call.arguments[1], call.arguments.dropFirst(2))
    switch find(SortedSet.self, &call) {
    case .wrongType: return
    case .nothing: return call.reply.integer(0)
    case .held: break
    }
    let removed =
      change(SortedSet.self, key, in: call.database) { set -> Int64 in
        var removed: Int64 = 0
        for member in members where !set.isEmpty && set.remove(member) != nil { removed += 1 }
        return removed
      } ?? 0
    if removed > 0 {
      notify(.sortedSet, "zrem", key, in: call.database)
      deleteIfEmpty(SortedSet.self, key, in: call.database)
      signalModified(key, in: call.database)
      dirty += removed
    }
    call.reply.integer(removed)
  }

  // MARK: Reading

  /// ZCARD (`zcardCommand` in t_zset.c).
  mutating func zcard(_ call: inout Call) {
    switch read(SortedSet.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.integer(0)
    case .held(let set): call.reply.integer(set.count)
    }
  }

  /// ZSCORE (`zscoreCommand` in t_zset.c).
  mutating func zscore(_ call: inout Call) {
    switch read(SortedSet.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.null()
    case .held(let set): call.reply.score(set.score(of: call.arguments[2]))
    }
  }

  /// ZMSCORE (`zmscoreCommand` in t_zset.c).
  mutating func zmscore(_ call: inout Call) {
    let set: SortedSet?
    switch read(SortedSet.self, &call) {
    case .wrongType: return
    case .nothing: set = nil
    case .held(let held): set = held
    }
    call.reply.array(call.arguments.count - 2)
    for member in call.arguments.dropFirst(2) { call.reply.score(set?.score(of: member)) }
  }

  /// ZRANK, ZREVRANK (`zrankGenericCommand` in t_zset.c).
  mutating func rank(_ call: inout Call, fromEnd: Bool) {
    switch read(SortedSet.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.null()
    case .held(let set):
      guard let rank = set.rank(of: call.arguments[2]) else { return call.reply.null() }
      call.reply.integer(fromEnd ? set.count - 1 - rank : rank)
    }
  }

  /// ZSCAN (`zscanCommand` in t_zset.c).
  mutating func zscan(_ call: inout Call) {
    guard let cursor = call.scanCursor(at: 2) else { return }
    switch read(SortedSet.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.scanned([], next: 0)
    case .held(let set):
      guard let options = ScanOptions(&call, from: 3) else { return }
      switch set.storage {
      case .listpack:
        let met = set.allEntries.filter { options.admits($0.member) }
        call.reply.scanned(met.flatMap { [$0.member, Bytes(SortedSet.text($0.score))] }, next: 0)
      case .skiplist(let list):
        let (met, next) = list.value.scores.scan(cursor, count: options.count)
        let matching = met.filter { options.admits($0.key) }
        call.reply.scanned(matching.flatMap { [$0.key, Bytes(Number.text($0.payload))] }, next: next)
      }
    }
  }
}

extension Call {
  /// The options of ZADD and the scores behind them, each with a member behind it; what makes no sense is told the client.
  fileprivate mutating func scoresToAdd(
    _ given: SortedSet.AddOptions
  ) -> (options: SortedSet.AddOptions, scores: [Double])? {
    var (options, position) = (given, 2)
    while position < arguments.count, let option = SortedSet.AddOptions(arguments[position]) {
      options.insert(option)
      position += 1
    }
    let count = arguments.count - position
    guard count > 0, count.isMultiple(of: 2) else {
      syntaxError()
      return nil
    }
    if let complaint = options.complaint(count / 2) {
      reply.error(complaint)
      return nil
    }
    var scores: [Double] = []
    for position in stride(from: position, to: arguments.count, by: 2) {
      guard let score = double(at: position) else { return nil }
      scores.append(score)
    }
    return (options, scores)
  }

  /// The number at that position, which need not be whole; if it is none, the client is told so
  /// (`getDoubleFromObjectOrReply` in object.c).
  mutating func double(at position: Int, complaint: String = "ERR value is not a valid float") -> Double? {
    guard let value = Double(whole: arguments[position]) else {
      reply.error(complaint)
      return nil
    }
    return value
  }
}

extension SortedSet.AddOptions {
  fileprivate init?(_ word: Bytes) {
    let words: [(StaticString, SortedSet.AddOptions)] = [
      ("NX", .onlyNew), ("XX", .onlyOld), ("CH", .countsChanged), ("INCR", .increment), ("GT", .greater),
      ("LT", .less),
    ]
    guard let known = words.first(where: { word.matches($0.0) }) else { return nil }
    self = known.1
  }

  /// Why these don't go together, with so many members.
  fileprivate func complaint(_ members: Int) -> String? {
    if isSuperset(of: [.onlyNew, .onlyOld]) { return "ERR XX and NX options at the same time are not compatible" }
    if intersection([.onlyNew, .greater, .less]).rawValue.nonzeroBitCount > 1 {
      return "ERR GT, LT, and/or NX options at the same time are not compatible"
    }
    return contains(.increment) && members > 1 ? "ERR INCR option supports a single increment-element pair" : nil
  }
}

extension ReplyBuffer {
  /// A score, or nothing.
  mutating func score(_ score: Double?) { if let score { double(score) } else { null() } }

  /// Entries, with their scores if they are asked for: in pairs of their own where the client knows RESP3.
  mutating func entries(_ entries: [SortedSet.Entry], withScores: Bool) {
    let isFlat = withScores && version == .resp2
    array(isFlat ? 2 * entries.count : entries.count)
    for entry in entries { self.entry(entry, withScore: withScores, isFlat: isFlat) }
  }

  /// The same of those of these ranks.
  mutating func entries(_ ranks: Range<Int>, of set: SortedSet, reversed: Bool, withScores: Bool) {
    let isFlat = withScores && version == .resp2
    array(isFlat ? 2 * ranks.count : ranks.count)
    if ranks.isEmpty { return }
    var left = ranks.count
    func write(_ entry: SortedSet.Entry) -> Bool {
      self.entry(entry, withScore: withScores, isFlat: isFlat)
      left -= 1
      return left > 0
    }
    if reversed {
      set.forEachReversed(from: ranks.upperBound - 1, write)
    } else {
      set.forEach(from: ranks.lowerBound, write)
    }
  }

  private mutating func entry(_ entry: SortedSet.Entry, withScore: Bool, isFlat: Bool) {
    if withScore, !isFlat { array(2) }
    bulk(entry.member)
    if withScore { double(entry.score) }
  }
}
