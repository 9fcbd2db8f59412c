// The list commands that wait until there is something to take (t_list.c in Redis 7.0). The replicas are told of what was
// taken, never of the waiting.

extension Node {
  /// BLPOP, BRPOP (`blpopCommand`, `brpopCommand`, `blockingPopGenericCommand` in t_list.c).
  mutating func blockingPop(_ call: inout Call, _ end: Quicklist.End) {
    let last = call.arguments.count - 1
    guard let (deadline, _) = blockingTimeout(&call, at: last) else { return }
    for position in 1..<last {
      switch lookup(Quicklist.self, at: position, &call) {
      case .wrongType: return
      case .nothing: continue
      case .held:
        let key = call.arguments[position]
        replyWithTaken(&call, key, end)
        elementsRemoved(key, end, count: 1, in: call.database)
        call.propagation = .rewritten([end.popCommand, key])
        return
      }
    }
    wait(&call, call.arguments[1..<last], .pop(end), until: deadline)
  }

  /// Replies with a key and the element that is taken from it.
  private mutating func replyWithTaken(_ call: inout Call, _ key: Bytes, _ end: Quicklist.End) {
    guard let element = take(from: key, end, in: call.database) else { return }
    call.reply.array(2)
    call.reply.bulk(key)
    call.reply.bulk(element)
  }

  /// BLMPOP (`blmpopCommand` in t_list.c).
  mutating func blmpop(_ call: inout Call) {
    guard let (keys, end, count) = poppedKeys(&call, at: 2), let (deadline, _) = blockingTimeout(&call, at: 1) else {
      return
    }
    for position in keys.indices {
      switch lookup(Quicklist.self, at: position, &call) {
      case .wrongType: return
      case .nothing: continue
      case .held: return popMany(&call, call.arguments[position], end, count: count)
      }
    }
    wait(&call, keys, .popMany(end, count: count), until: deadline)
  }

  /// BLMOVE (`blmoveCommand` in t_list.c).
  mutating func blmove(_ call: inout Call) {
    guard let from = Quicklist.End(call.arguments[3], &call), let into = Quicklist.End(call.arguments[4], &call),
      let (deadline, _) = blockingTimeout(&call, at: 5)
    else { return }
    blockingMove(&call, from, into, isOldForm: false, until: deadline)
  }

  /// BRPOPLPUSH (`brpoplpushCommand` in t_list.c).
  mutating func brpoplpush(_ call: inout Call) {
    guard let (deadline, _) = blockingTimeout(&call, at: 3) else { return }
    blockingMove(&call, .tail, .head, isOldForm: true, until: deadline)
  }

  /// (`blmoveGenericCommand` in t_list.c.)
  private mutating func blockingMove(
    _ call: inout Call, _ from: Quicklist.End, _ into: Quicklist.End, isOldForm: Bool, until deadline: Instant?
  ) {
    switch lookup(Quicklist.self, &call) {
    case .wrongType: return
    case .held:
      move(&call, from: from, into: into)
      let name: Bytes = isOldForm ? "RPOPLPUSH" : "LMOVE"
      call.propagation = .rewritten([name] + call.arguments[1..<(isOldForm ? 3 : 5)])
    case .nothing:
      if deniesBlocking { return call.reply.null() }
      blockForKeys(
        call, [call.arguments[1]], .move(to: call.arguments[2], from: from, into: into, isOldForm: isOldForm),
        until: deadline)
    }
  }

  /// Waits where one may; inside a transaction it is as if the time were over.
  mutating func wait(
    _ call: inout Call, _ keys: ArraySlice<Bytes>, _ purpose: KeyWait.Purpose, until deadline: Instant?
  ) {
    if deniesBlocking { return call.reply.nullArray() }
    blockForKeys(call, keys, purpose, until: deadline)
  }

  // MARK: Serving

  /// BLPOP or BRPOP gets what it has waited for (`serveClientBlockedOnList` in t_list.c).
  mutating func servePop(_ call: inout Call, _ key: Bytes, _ end: Quicklist.End) {
    replyWithTaken(&call, key, end)
    notify(.list, end.popEvent, key, in: call.database)
    deleteIfEmpty(Quicklist.self, key, in: call.database)
    call.propagation = .rewritten([end.popCommand, key])
  }

  /// BLMOVE or BRPOPLPUSH gets what it has waited for (`serveClientBlockedOnList` in t_list.c); what it names as the target
  /// may have become something else meanwhile.
  mutating func serveMove(
    _ call: inout Call, _ key: Bytes, to target: Bytes, from: Quicklist.End, into: Quicklist.End, isOldForm: Bool
  ) {
    call.arguments = [call.arguments[0], target]
    if case .wrongType = lookup(Quicklist.self, &call) { return }
    guard let element = take(from: key, from, in: call.database) else { return }
    pushMoved(&call, element, to: target, into)
    let words: [Bytes] = isOldForm ? [] : [from.word, into.word]
    call.propagation = .rewritten([isOldForm ? "RPOPLPUSH" : "LMOVE", key, target] + words)
    notify(.list, from.popEvent, key, in: call.database)
    deleteIfEmpty(Quicklist.self, key, in: call.database)
  }
}

extension Quicklist.End {
  /// As the replicas are told it where a client had waited (`getStringObjectFromListPosition` in t_list.c).
  fileprivate var word: Bytes { self == .head ? "left" : "right" }
}
