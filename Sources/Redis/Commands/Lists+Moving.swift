// Moving an element from one list to another (t_list.c in Redis 7.0).

extension Node {
  /// LMOVE (`lmoveCommand` in t_list.c).
  mutating func lmove(_ call: inout Call) {
    guard let from = Quicklist.End(call.arguments[3], &call), let into = Quicklist.End(call.arguments[4], &call) else {
      return
    }
    move(&call, from: from, into: into)
  }

  /// RPOPLPUSH (`rpoplpushCommand` in t_list.c).
  mutating func rpoplpush(_ call: inout Call) { move(&call, from: .tail, into: .head) }

  /// Moves an element from one list to another, or to the other end of the same; false if there is none
  /// (`lmoveGenericCommand` in t_list.c).
  mutating func move(_ call: inout Call, from: Quicklist.End, into: Quicklist.End) {
    let (source, target) = (call.arguments[1], call.arguments[2])
    switch find(Quicklist.self, &call) {
    case .wrongType: return
    case .nothing: return call.reply.null()
    case .held: break
    }
    if case .wrongType = lookup(Quicklist.self, at: 2, &call) { return }
    guard let element = take(from: source, from, in: call.database) else { return }
    pushMoved(&call, element, to: target, into)
    notify(.list, from.popEvent, source, in: call.database)
    deleteIfEmpty(Quicklist.self, source, in: call.database)
    signalModified(source, in: call.database)
    dirty += 1
  }

  /// Adds an element that was taken from another list, and replies with it (`lmoveHandlePush` in t_list.c).
  mutating func pushMoved(_ call: inout Call, _ element: Bytes, to target: Bytes, _ end: Quicklist.End) {
    if !databases[call.database].contains(target) {
      addKey(target, Quicklist(fill: configuration.packing.listMaxListpackSize), in: call.database)
    }
    signalModified(target, in: call.database)
    _ = change(Quicklist.self, target, in: call.database) { $0.push(element, at: end) }
    notify(.list, end.pushEvent, target, in: call.database)
    call.reply.bulk(element)
  }
}
