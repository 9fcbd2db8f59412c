// Members that are drawn by lot (t_set.c in Redis 7.0).

extension Node {
  /// SPOP (`spopCommand` in t_set.c). The replicas are told which member it was.
  mutating func spop(_ call: inout Call) {
    guard call.arguments.count == 2 else {
      return call.arguments.count == 3 ? spopWithCount(&call) : call.syntaxError()
    }
    let (key, database) = (call.arguments[1], call.database)
    switch find(SetValue.self, &call) {
    case .wrongType: return
    case .nothing: return call.reply.null()
    case .held: break
    }
    guard let member = takeMembers(1, from: key, in: database).first else { return }
    notify(.set, "spop", key, in: database)
    call.propagation = .rewritten(["SREM", key, member])
    call.reply.bulk(member)
    deleteIfEmpty(SetValue.self, key, in: database)
    signalModified(key, in: database)
    dirty += 1
  }

  /// SPOP with a count (`spopWithCountCommand` in t_set.c). The replicas are told of each member; of the key alone, if all
  /// are taken.
  private mutating func spopWithCount(_ call: inout Call) {
    guard let wanted = call.positiveInteger(at: 2) else { return }
    let (key, database) = (call.arguments[1], call.database)
    let size: Int
    switch lookup(SetValue.self, &call) {
    case .wrongType: return
    case .nothing: return call.reply.set(0)
    case .held(let set): size = set.count
    }
    if wanted == 0 { return call.reply.set(0) }
    let count = min(Int(clamping: wanted), size)
    notify(.set, "spop", key, in: database)
    dirty += Int64(count)
    if count == size {
      replyWithUnion(&call, of: 1..<2)
      deleteKey(key, in: database)
      notify(.generic, "del", key, in: database)
      call.propagation = .rewritten(["DEL", key])
      return
    }
    call.reply.set(count)
    for member in takeMembers(count, from: key, in: database) {
      call.reply.bulk(member)
      propagate(["SREM", key, member], database: database)
    }
    call.propagation = .never
    signalModified(key, in: database)
  }

  private mutating func takeMembers(_ count: Int, from key: Bytes, in database: Int) -> [Bytes] {
    let limits = configuration.packing
    var drawing = random
    defer { random = drawing }
    return change(SetValue.self, key, in: database) { $0.take(count, using: &drawing, limits) } ?? []
  }

  /// SRANDMEMBER (`srandmemberCommand`, `srandmemberWithCountCommand` in t_set.c).
  mutating func srandmember(_ call: inout Call) {
    guard call.arguments.count <= 3 else { return call.syntaxError() }
    var count: Int64?
    if call.arguments.count == 3 {
      count = call.drawnCount(at: 2)
      if count == nil { return }
    }
    switch read(SetValue.self, &call) {
    case .wrongType: return
    case .nothing: if count == nil { call.reply.null() } else { call.reply.array(0) }
    case .held(let set):
      guard let count else {
        if let member = set.randomElement(using: &random) { call.reply.bulk(member) }
        return
      }
      guard call.mayDraw(count) else { return }
      let drawn = set.drawn(count, using: &random)
      call.reply.array(drawn.count)
      for member in drawn { call.reply.bulk(member) }
    }
  }
}

extension SetValue: Drawable {
  var elements: [Bytes] { members }
  static func name(of element: Bytes) -> Bytes { element }
  func randomElement(using random: inout SeededRandom) -> Bytes? { randomMember(using: &random) }

  /// Takes members that are drawn by lot. Where nearly all are to go, those are drawn that stay, and the set is made anew
  /// of them (`spopWithCountCommand` in t_set.c).
  fileprivate mutating func take(
    _ count: Int, using random: inout SeededRandom, _ limits: PackingLimits
  ) -> [Bytes] {
    let left = self.count - count
    var drawn: [Bytes] = []
    while drawn.count < (left * 5 > count ? count : left), let member = randomMember(using: &random) {
      drawn.append(member)
      remove(member)
    }
    if left * 5 > count { return drawn }
    let taken = members
    self = drawn.first.map(SetValue.init(for:)) ?? SetValue()
    for member in drawn { insert(member, limits) }
    return taken
  }
}

extension Call {
  /// How many elements are to be drawn; negative, if each may come more than once.
  mutating func drawnCount(at position: Int) -> Int64? { integer(at: position, in: -Int64.max...Int64.max) }

  /// Redis draws as often as it is told to, until its memory is full.
  mutating func mayDraw(_ count: Int64) -> Bool {
    if count >= -(1 << 20) { return true }
    reply.error("ERR a node of the lab draws no more than 1048576 times at once")
    return false
  }
}
