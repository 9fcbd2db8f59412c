// The set commands (t_set.c in Redis 7.0). What is drawn by lot stands in `Sets+Drawing.swift`, what is made of several sets
// in `Sets+Operations.swift`.

extension CommandTable {
  static let sets: [String: Command.Body] = [
    "sadd": { $0.sadd(&$1) },
    "srem": { $0.srem(&$1) },
    "smove": { $0.smove(&$1) },
    "sismember": { $0.sismember(&$1) },
    "smismember": { $0.smismember(&$1) },
    "scard": { $0.scard(&$1) },
    "smembers": { $0.smembers(&$1) },
    "spop": { $0.spop(&$1) },
    "srandmember": { $0.srandmember(&$1) },
    "sinter": { $0.sinter(&$1) },
    "sintercard": { $0.sintercard(&$1) },
    "sinterstore": { $0.sinterstore(&$1) },
    "sunion": { $0.sunion(&$1) },
    "sunionstore": { $0.sunionstore(&$1) },
    "sdiff": { $0.sdiff(&$1) },
    "sdiffstore": { $0.sdiffstore(&$1) },
    "sscan": { $0.sscan(&$1) },
  ]
}

extension Node {
  // MARK: Changing

  /// SADD (`saddCommand` in t_set.c).
  mutating func sadd(_ call: inout Call) {
    let (key, members) = (call.arguments[1], call.arguments.dropFirst(2))
    switch find(SetValue.self, &call) {
    case .wrongType: return
    case .held: break
    case .nothing: addKey(key, SetValue(for: call.arguments[2]), in: call.database)
    }
    let limits = configuration.packing
    let added =
      change(SetValue.self, key, in: call.database) { set in
        var added = 0
        for member in members where set.insert(member, limits) { added += 1 }
        return added
      } ?? 0
    if added > 0 {
      signalModified(key, in: call.database)
      notify(.set, "sadd", key, in: call.database)
    }
    dirty += Int64(added)
    call.reply.integer(added)
  }

  /// SREM (`sremCommand` in t_set.c).
  mutating func srem(_ call: inout Call) {
    let (key, members) = (call.arguments[1], call.arguments.dropFirst(2))
    switch find(SetValue.self, &call) {
    case .wrongType: return
    case .nothing: return call.reply.integer(0)
    case .held: break
    }
    let removed =
      change(SetValue.self, key, in: call.database) { set in
        var removed = 0
        for member in members where set.remove(member) { removed += 1 }
        return removed
      } ?? 0
    if removed > 0 {
      signalModified(key, in: call.database)
      notify(.set, "srem", key, in: call.database)
      deleteIfEmpty(SetValue.self, key, in: call.database)
      dirty += Int64(removed)
    }
    call.reply.integer(removed)
  }

  /// SMOVE (`smoveCommand` in t_set.c).
  mutating func smove(_ call: inout Call) {
    let (source, target, member) = (call.arguments[1], call.arguments[2], call.arguments[3])
    let held = lookup(source, in: call.database)?.kind
    let there = lookup(target, in: call.database)?.kind
    guard let held else { return call.reply.integer(0) }
    guard held == .set, there == nil || there == .set else { return call.reply.error(Call.Complaint.wrongType) }
    if source == target {
      let isMember = databases[call.database][source].flatMap { SetValue($0.value) }?.contains(member) == true
      return call.reply.integer(isMember ? 1 : 0)
    }
    guard change(SetValue.self, source, in: call.database, { $0.remove(member) }) == true else {
      return call.reply.integer(0)
    }
    notify(.set, "srem", source, in: call.database)
    deleteIfEmpty(SetValue.self, source, in: call.database)
    if there == nil { addKey(target, SetValue(for: member), in: call.database) }
    signalModified(source, in: call.database)
    dirty += 1
    let limits = configuration.packing
    if change(SetValue.self, target, in: call.database, { $0.insert(member, limits) }) == true {
      dirty += 1
      signalModified(target, in: call.database)
      notify(.set, "sadd", target, in: call.database)
    }
    call.reply.integer(1)
  }

  // MARK: Reading

  /// SISMEMBER (`sismemberCommand` in t_set.c).
  mutating func sismember(_ call: inout Call) {
    switch read(SetValue.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.integer(0)
    case .held(let set): call.reply.integer(set.contains(call.arguments[2]) ? 1 : 0)
    }
  }

  /// SMISMEMBER (`smismemberCommand` in t_set.c).
  mutating func smismember(_ call: inout Call) {
    let set: SetValue?
    switch read(SetValue.self, &call) {
    case .wrongType: return
    case .nothing: set = nil
    case .held(let held): set = held
    }
    call.reply.array(call.arguments.count - 2)
    for member in call.arguments.dropFirst(2) { call.reply.integer(set?.contains(member) == true ? 1 : 0) }
  }

  /// SCARD (`scardCommand` in t_set.c).
  mutating func scard(_ call: inout Call) {
    switch read(SetValue.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.integer(0)
    case .held(let set): call.reply.integer(set.count)
    }
  }

  /// SSCAN (`sscanCommand` in t_set.c).
  mutating func sscan(_ call: inout Call) {
    guard let cursor = call.scanCursor(at: 2) else { return }
    switch read(SetValue.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.scanned([], next: 0)
    case .held(let set):
      guard let options = ScanOptions(&call, from: 3) else { return }
      let (met, next) = set.scan(cursor, count: options.count)
      call.reply.scanned(met.filter(options.admits), next: next)
    }
  }
}

extension SetValue {
  /// What SSCAN meets next: all members of a small set, so many of a hash table (`scanGenericCommand` in db.c).
  func scan(_ cursor: UInt64, count: Int) -> (met: [Bytes], next: UInt64) {
    guard case .hashtable(let table) = storage else { return (members, 0) }
    let (met, next) = table.scan(cursor, count: count)
    return (met.map(\.key), next)
  }
}
