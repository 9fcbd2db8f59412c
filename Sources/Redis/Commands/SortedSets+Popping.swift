// The sorted set commands that take entries away, those that wait for some, and the one that draws some by lot (t_zset.c
// in Redis 7.0).

extension SortedSet {
  package enum End: Equatable, Sendable { case min, max }
}

extension SortedSet.End {
  /// MIN or MAX; anything else is told the client.
  fileprivate init?(_ word: Bytes, _ call: inout Call) {
    if word.matches("MIN") {
      self = .min
    } else if word.matches("MAX") {
      self = .max
    } else {
      call.syntaxError()
      return nil
    }
  }

  fileprivate var popEvent: Bytes { self == .min ? "zpopmin" : "zpopmax" }
  fileprivate var popCommand: Bytes { self == .min ? "ZPOPMIN" : "ZPOPMAX" }
}

extension Node {
  // MARK: Taking

  /// Takes so many entries off an end, or all if there are less, and tells of it (`genericZpopCommand` in t_zset.c): what
  /// happens to the key stands between the head of the reply and the entries, that it is gone behind them.
  @discardableResult
  private mutating func take(
    _ count: Int, from key: Bytes, _ end: SortedSet.End, _ call: inout Call,
    head: (inout ReplyBuffer, Int) -> Void, entries: (inout ReplyBuffer, [SortedSet.Entry]) -> Void
  ) -> Int {
    let taken =
      change(SortedSet.self, key, in: call.database) { set -> [SortedSet.Entry] in
        let count = min(count, set.count)
        let ranks = end == .min ? 0..<count : set.count - count..<set.count
        defer { set.remove(ranks) }
        return set.entries(ranks, reversed: end == .max)
      } ?? []
    dirty += Int64(taken.count)
    head(&call.reply, taken.count)
    notify(.sortedSet, end.popEvent, key, in: call.database)
    signalModified(key, in: call.database)
    entries(&call.reply, taken)
    deleteIfEmpty(SortedSet.self, key, in: call.database)
    return taken.count
  }

  /// ZPOPMIN, ZPOPMAX (`zpopMinMaxCommand` in t_zset.c).
  mutating func zpop(_ call: inout Call, from end: SortedSet.End) {
    guard call.arguments.count <= 3 else { return call.syntaxError() }
    var count: Int64?
    if call.arguments.count == 3 {
      count = call.positiveInteger(at: 2)
      if count == nil { return }
    }
    switch find(SortedSet.self, &call) {
    case .wrongType: return
    case .nothing: return call.reply.array(0)
    case .held: break
    }
    if count == 0 { return call.reply.array(0) }
    let isNested = count != nil && call.reply.version == .resp3
    take(
      Int(clamping: count ?? 1), from: call.arguments[1], end, &call,
      head: { $0.array(isNested ? $1 : 2 * $1) },
      entries: { isNested ? $0.nestedEntries($1) : $0.flatEntries($1) })
  }

  /// Takes an entry for BZPOPMIN or BZPOPMAX.
  mutating func bzpopOne(_ call: inout Call, _ key: Bytes, _ end: SortedSet.End) {
    take(
      1, from: key, end, &call,
      head: {
        $0.array(1 + 2 * $1)
        $0.bulk(key)
      }, entries: { $0.flatEntries($1) })
    call.propagation = .rewritten([end.popCommand, key])
  }

  /// Takes entries for ZMPOP or BZMPOP.
  mutating func zpopMany(_ call: inout Call, _ key: Bytes, _ end: SortedSet.End, count: Int) {
    let taken = take(
      count, from: key, end, &call,
      head: {
        $0.array(2)
        $0.bulk(key)
        $0.array($1)
      }, entries: { $0.nestedEntries($1) })
    call.propagation = .rewritten([end.popCommand, key, Bytes(taken)])
  }

  /// What ZMPOP and BZMPOP are asked for: the keys, an end, how many entries (`zmpopGenericCommand` in t_zset.c).
  private func sortedKeys(
    _ call: inout Call, at position: Int
  ) -> (keys: ArraySlice<Bytes>, end: SortedSet.End, count: Int)? {
    guard let (keys, next) = call.countedKeys(at: position), let end = SortedSet.End(call.arguments[next], &call),
      let count = call.countOption(from: next + 1)
    else { return nil }
    return (keys, end, count)
  }

  /// ZMPOP (`zmpopCommand` in t_zset.c).
  mutating func zmpop(_ call: inout Call) {
    guard let (keys, end, count) = sortedKeys(&call, at: 1) else { return }
    for position in keys.indices {
      switch lookup(SortedSet.self, at: position, &call) {
      case .wrongType: return
      case .nothing: continue
      case .held: return zpopMany(&call, call.arguments[position], end, count: count)
      }
    }
    call.reply.nullArray()
  }

  // MARK: Waiting

  /// BZPOPMIN, BZPOPMAX (`bzpopminCommand`, `bzpopmaxCommand` in t_zset.c).
  mutating func bzpop(_ call: inout Call, from end: SortedSet.End) {
    let last = call.arguments.count - 1
    guard let (deadline, _) = blockingTimeout(&call, at: last) else { return }
    for position in 1..<last {
      switch lookup(SortedSet.self, at: position, &call) {
      case .wrongType: return
      case .nothing: continue
      case .held: return bzpopOne(&call, call.arguments[position], end)
      }
    }
    wait(&call, call.arguments[1..<last], .popSorted(end), until: deadline)
  }

  /// BZMPOP (`bzmpopCommand` in t_zset.c).
  mutating func bzmpop(_ call: inout Call) {
    guard let (keys, end, count) = sortedKeys(&call, at: 2), let (deadline, _) = blockingTimeout(&call, at: 1) else {
      return
    }
    for position in keys.indices {
      switch lookup(SortedSet.self, at: position, &call) {
      case .wrongType: return
      case .nothing: continue
      case .held: return zpopMany(&call, call.arguments[position], end, count: count)
      }
    }
    wait(&call, keys, .popManySorted(end, count: count), until: deadline)
  }

  // MARK: Drawing

  /// ZRANDMEMBER (`zrandmemberCommand` in t_zset.c).
  mutating func zrandmember(_ call: inout Call) {
    guard call.arguments.count >= 3 else {
      switch read(SortedSet.self, &call) {
      case .wrongType: return
      case .nothing: call.reply.null()
      case .held(let set): if let entry = set.randomElement(using: &random) { call.reply.bulk(entry.member) }
      }
      return
    }
    guard let count = call.drawnCount(at: 2) else { return }
    let withScores = call.arguments.count == 4 && call.arguments[3].matches("WITHSCORES")
    guard call.arguments.count == 3 || withScores else { return call.syntaxError() }
    if withScores, count.magnitude > Int64.max / 2 { return call.reply.error("ERR value is out of range") }
    switch read(SortedSet.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.array(0)
    case .held(let set):
      guard call.mayDraw(count) else { return }
      call.reply.entries(set.drawn(count, using: &random), withScores: withScores)
    }
  }
}

extension SortedSet: Drawable {
  /// From the last to the first, as `zuiNext` in t_zset.c goes through them.
  var elements: [Entry] { entries(0..<count, reversed: true) }
  static func name(of element: Entry) -> Bytes { element.member }

  /// (`zsetTypeRandomElement` in t_zset.c.)
  func randomElement(using random: inout SeededRandom) -> Entry? {
    isEmpty ? nil : entry(at: Int(random.next() % UInt64(count)))
  }
}

extension ReplyBuffer {
  /// Members and scores in turn, without a head.
  /// Members and scores, a pair each.
  fileprivate mutating func nestedEntries(_ entries: [SortedSet.Entry]) {
    for entry in entries {
      array(2)
      flatEntries([entry])
    }
  }

  fileprivate mutating func flatEntries(_ entries: [SortedSet.Entry]) {
    for entry in entries {
      bulk(entry.member)
      double(entry.score)
    }
  }
}
