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

  /// Takes so many entries off an end, or all if there are less, and tells of it; replies are the caller's
  /// (`genericZpopCommand` in t_zset.c).
  private mutating func take(
    _ count: Int, from key: Bytes, _ end: SortedSet.End, in database: Int
  ) -> [SortedSet.Entry] {
    let taken =
      change(SortedSet.self, key, in: database) { set -> [SortedSet.Entry] in
        let count = min(count, set.count)
        let ranks = end == .min ? 0..<count : set.count - count..<set.count
        defer { set.remove(ranks) }
        return set.entries(ranks, reversed: end == .max)
      } ?? []
    dirty += Int64(taken.count)
    notify(.sortedSet, end.popEvent, key, in: database)
    touch(key, in: database)
    deleteIfEmpty(SortedSet.self, key, in: database)
    return taken
  }

  /// ZPOPMIN, ZPOPMAX (`zpopMinMaxCommand` in t_zset.c).
  mutating func zpop(_ call: inout Call, from end: SortedSet.End) {
    guard call.arguments.count <= 3 else { return call.syntaxError() }
    var count: Int64?
    if call.arguments.count == 3 {
      count = call.positiveInteger(at: 2)
      if count == nil { return }
    }
    switch lookup(SortedSet.self, &call) {
    case .wrongType: return
    case .nothing: return call.reply.array(0)
    case .held: break
    }
    if count == 0 { return call.reply.array(0) }
    let taken = take(Int(clamping: count ?? 1), from: call.arguments[1], end, in: call.database)
    if count != nil { return call.reply.entries(taken, withScores: true) }
    call.reply.array(2 * taken.count)
    call.reply.flatEntries(taken)
  }

  /// Takes an entry for BZPOPMIN or BZPOPMAX.
  mutating func bzpopOne(_ call: inout Call, _ key: Bytes, _ end: SortedSet.End) {
    let taken = take(1, from: key, end, in: call.database)
    call.reply.array(1 + 2 * taken.count)
    call.reply.bulk(key)
    call.reply.flatEntries(taken)
    call.propagation = .rewritten([end.popCommand, key])
  }

  /// Takes entries for ZMPOP or BZMPOP.
  mutating func zpopMany(_ call: inout Call, _ key: Bytes, _ end: SortedSet.End, count: Int) {
    let taken = take(count, from: key, end, in: call.database)
    call.reply.array(2)
    call.reply.bulk(key)
    call.reply.array(taken.count)
    for entry in taken {
      call.reply.array(2)
      call.reply.flatEntries([entry])
    }
    call.propagation = .rewritten([end.popCommand, key, Bytes(taken.count)])
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
  fileprivate mutating func flatEntries(_ entries: [SortedSet.Entry]) {
    for entry in entries {
      bulk(entry.member)
      double(entry.score)
    }
  }
}
