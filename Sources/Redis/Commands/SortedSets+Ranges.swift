// The sorted set commands that work on a range of ranks, of scores or of members (t_zset.c in Redis 7.0).

/// What a range is a range of (`zrange_type` in t_zset.c).
enum SortedSetRangeKind { case rank, score, lex }

extension Node {
  // MARK: Counting

  /// ZCOUNT (`zcountCommand` in t_zset.c).
  mutating func zcount(_ call: inout Call) { count(&call, call.scoreRange(from: 2, to: 3)) }

  /// ZLEXCOUNT (`zlexcountCommand` in t_zset.c).
  mutating func zlexcount(_ call: inout Call) { count(&call, call.memberRange(from: 2, to: 3)) }

  private mutating func count(_ call: inout Call, _ range: SortedSetRange?) {
    guard let range else { return }
    switch read(SortedSet.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.integer(0)
    case .held(let set): call.reply.integer(set.ranks(of: range).count)
    }
  }

  // MARK: Reading

  /// ZRANGE and the older commands that settle a kind and a direction (`zrangeCommand`, `zrevrangeCommand` and their like
  /// in t_zset.c).
  mutating func zrange(_ call: inout Call, by kind: SortedSetRangeKind? = nil, isReversed: Bool? = nil) {
    guard let wanted = WantedRange(&call, from: 2, by: kind, isReversed: isReversed, isStored: false) else { return }
    switch read(SortedSet.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.array(0)
    case .held(let set):
      call.reply.entries(wanted.ranks(in: set), of: set, reversed: wanted.isReversed, withScores: wanted.withScores)
    }
  }

  /// ZRANGESTORE (`zrangestoreCommand`, `zrangeResultFinalizeStore` in t_zset.c).
  mutating func zrangestore(_ call: inout Call) {
    guard let wanted = WantedRange(&call, from: 3, by: nil, isReversed: nil, isStored: true) else { return }
    var entries: [SortedSet.Entry] = []
    switch read(SortedSet.self, at: 2, &call) {
    case .wrongType: return
    case .nothing: break
    case .held(let set): entries = set.entries(wanted.ranks(in: set), reversed: wanted.isReversed)
    }
    // Only where ranks are asked for is it known at once how many there will be.
    let isLong = wanted.isByRank && entries.count > configuration.packing.zsetMaxListpackEntries
    var stored = isLong ? SortedSet.emptySkiplist : SortedSet(.listpack(Listpack()))
    for entry in entries { stored.set(entry.member, to: entry.score, insteadOf: nil, configuration.packing) }
    store(&call, stored, "zrangestore")
  }

  /// Puts a set where the command says, replies with how many entries it has, and tells of it; of none, the key is deleted.
  mutating func store(_ call: inout Call, _ set: SortedSet, _ event: Bytes) {
    let (key, database) = (call.arguments[1], call.database)
    if !set.isEmpty {
      setKey(key, to: set.asValue, in: database)
      call.reply.integer(set.count)
      notify(.sortedSet, event, key, in: database)
      dirty += 1
      return
    }
    call.reply.integer(0)
    if deleteKey(key, in: database) {
      notify(.generic, "del", key, in: database)
      dirty += 1
    }
  }

  // MARK: Removing

  /// ZREMRANGEBYRANK, ZREMRANGEBYSCORE, ZREMRANGEBYLEX (`zremrangeGenericCommand` in t_zset.c).
  mutating func removeRange(_ call: inout Call, by kind: SortedSetRangeKind) {
    guard let span = WantedRange.Span(&call, from: 2, to: 3, by: kind) else { return }
    let key = call.arguments[1]
    let ranks: Range<Int>
    switch lookup(SortedSet.self, &call) {
    case .wrongType: return
    case .nothing: return call.reply.integer(0)
    case .held(let set): ranks = span.ranks(in: set, fromEnd: false)
    }
    if !ranks.isEmpty {
      _ = change(SortedSet.self, key, in: call.database) { $0.remove(ranks) }
      signalModified(key, in: call.database)
      let event: Bytes =
        switch kind {
        case .rank: "zremrangebyrank"
        case .score: "zremrangebyscore"
        case .lex: "zremrangebylex"
        }
      notify(.sortedSet, event, key, in: call.database)
      deleteIfEmpty(SortedSet.self, key, in: call.database)
    }
    dirty += Int64(ranks.count)
    call.reply.integer(ranks.count)
  }
}

/// What ZRANGE is asked for (`zrangeGenericCommand` in t_zset.c).
private struct WantedRange {
  enum Span {
    /// Each may count from the end.
    case ranks(from: Int64, through: Int64)
    case range(SortedSetRange)
  }
  var span: Span
  var isReversed = false
  var withScores = false
  var offset: Int64 = 0
  /// Negative: no limit.
  var limit: Int64 = -1

  /// Reads it from its two bounds on; nil if it makes no sense, which the client is told.
  init?(
    _ call: inout Call, from first: Int, by kind: SortedSetRangeKind?, isReversed: Bool?, isStored: Bool
  ) {
    span = .ranks(from: 0, through: 0)
    var (kind, direction, position) = (kind, isReversed, first + 2)
    while position < call.arguments.count {
      let option = call.arguments[position]
      if !isStored, option.matches("WITHSCORES") {
        withScores = true
      } else if option.matches("LIMIT"), position + 2 < call.arguments.count {
        guard let offset = call.integer(at: position + 1), let limit = call.integer(at: position + 2) else {
          return nil
        }
        (self.offset, self.limit) = (offset, limit)
        position += 2
      } else if direction == nil, option.matches("REV") {
        direction = true
      } else if kind == nil, option.matches("BYLEX") {
        kind = .lex
      } else if kind == nil, option.matches("BYSCORE") {
        kind = .score
      } else {
        call.syntaxError()
        return nil
      }
      position += 1
    }
    self.isReversed = direction ?? false
    if let complaint = complaint(about: kind ?? .rank) {
      call.reply.error(complaint)
      return nil
    }
    let isSwapped = self.isReversed && kind ?? .rank != .rank
    guard
      let span = Span(&call, from: isSwapped ? first + 1 : first, to: isSwapped ? first : first + 1, by: kind ?? .rank)
    else { return nil }
    self.span = span
  }

  var isByRank: Bool { if case .ranks = span { true } else { false } }

  private func complaint(about kind: SortedSetRangeKind) -> String? {
    if limit != -1, kind == .rank {
      return "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"
    }
    if withScores, kind == .lex { return "ERR syntax error, WITHSCORES not supported in combination with BYLEX" }
    return nil
  }

  /// The ranks of the entries that are meant.
  func ranks(in set: SortedSet) -> Range<Int> {
    var ranks = span.ranks(in: set, fromEnd: isReversed)
    switch span {
    case .ranks:
      // Those of a reversed range count from the end.
      if isReversed { ranks = set.count - ranks.upperBound..<set.count - ranks.lowerBound }
    case .range:
      // Before the first entry there is none, however far one goes back.
      let skipped = offset < 0 ? ranks.count : Int(min(offset, Int64(ranks.count)))
      let taken = limit < 0 ? ranks.count - skipped : Int(min(limit, Int64(ranks.count - skipped)))
      ranks =
        isReversed
        ? ranks.upperBound - skipped - taken..<ranks.upperBound - skipped
        : ranks.lowerBound + skipped..<ranks.lowerBound + skipped + taken
    }
    return ranks
  }
}

extension WantedRange.Span {
  /// The two bounds; what is none is told the client.
  init?(_ call: inout Call, from: Int, to: Int, by kind: SortedSetRangeKind) {
    switch kind {
    case .rank:
      guard let first = call.integer(at: from), let last = call.integer(at: to) else { return nil }
      self = .ranks(from: first, through: last)
    case .score:
      guard let range = call.scoreRange(from: from, to: to) else { return nil }
      self = .range(range)
    case .lex:
      guard let range = call.memberRange(from: from, to: to) else { return nil }
      self = .range(range)
    }
  }

  func ranks(in set: SortedSet, fromEnd: Bool) -> Range<Int> {
    switch self {
    case .ranks(let first, let last): Node.indices(from: first, through: last, of: set.count)
    case .range(let range): set.ranks(of: range, fromEnd: fromEnd)
    }
  }
}

extension Call {
  /// A range of scores between two arguments; what is none is told the client.
  fileprivate mutating func scoreRange(from: Int, to: Int) -> SortedSetRange? {
    let range = SortedSetRange(scoresFrom: arguments[from], to: arguments[to])
    if range == nil { reply.error("ERR min or max is not a float") }
    return range
  }

  /// A range of members between two arguments; what is none is told the client.
  fileprivate mutating func memberRange(from: Int, to: Int) -> SortedSetRange? {
    let range = SortedSetRange(membersFrom: arguments[from], to: arguments[to])
    if range == nil { reply.error("ERR min or max not valid string range item") }
    return range
  }
}
