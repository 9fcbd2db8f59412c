// What several sets have in common, or together, or not (t_set.c in Redis 7.0).

extension Node {
  /// The sets at those keys, nil where there is none; nil for all, if one is of another type, which the client is told.
  private mutating func sets(_ call: inout Call, at positions: Range<Int>) -> [SetValue?]? {
    var sets: [SetValue?] = []
    for position in positions {
      switch read(SetValue.self, at: position, &call) {
      case .wrongType: return nil
      case .nothing: sets.append(nil)
      case .held(let set): sets.append(set)
      }
    }
    return sets
  }

  /// Puts what has been made of sets at the first key, which goes if that is nothing (`sinterGenericCommand`,
  /// `sunionDiffGenericCommand` in t_set.c).
  ///
  /// - Parameter isSettled: that there is nothing was known before any member was looked at.
  private mutating func store(_ result: SetValue, _ event: Bytes, isSettled: Bool = false, _ call: inout Call) {
    let key = call.arguments[1]
    if !result.isEmpty {
      setKey(key, to: result.asValue, in: call.database)
      call.reply.integer(result.count)
      notify(.set, event, key, in: call.database)
      dirty += 1
      return
    }
    if !isSettled { call.reply.integer(0) }
    if deleteKey(key, in: call.database) {
      notify(.generic, "del", key, in: call.database)
      dirty += 1
    }
    if isSettled { call.reply.integer(0) }
  }

  // MARK: Intersections

  /// SINTER (`sinterCommand` in t_set.c).
  mutating func sinter(_ call: inout Call) { intersect(&call, 1..<call.arguments.count) }

  /// SMEMBERS, which is the intersection of one set (`sinterCommand` in t_set.c).
  mutating func smembers(_ call: inout Call) { intersect(&call, 1..<2) }

  private mutating func intersect(_ call: inout Call, _ positions: Range<Int>) {
    guard let sets = sets(&call, at: positions) else { return }
    let members = Node.intersection(of: sets)
    call.reply.set(members.count)
    for member in members { call.reply.bulk(member) }
  }

  /// SINTERSTORE (`sinterstoreCommand` in t_set.c).
  mutating func sinterstore(_ call: inout Call) {
    guard let sets = sets(&call, at: 2..<call.arguments.count) else { return }
    var result = SetValue()
    for member in Node.intersection(of: sets) { result.insert(member, configuration.packing) }
    store(result, "sinterstore", isSettled: sets.contains { $0 == nil }, &call)
  }

  /// SINTERCARD (`sinterCardCommand` in t_set.c).
  mutating func sintercard(_ call: inout Call) {
    guard let count = call.integer(at: 1, in: 1...Int64.max, complaint: "ERR numkeys should be greater than 0") else {
      return
    }
    guard count <= call.arguments.count - 2 else {
      return call.reply.error("ERR Number of keys can't be greater than number of args")
    }
    var limit = Int64(0)
    var position = 2 + Int(count)
    while position < call.arguments.count {
      guard call.arguments[position].matches("LIMIT"), position + 1 < call.arguments.count else {
        return call.syntaxError()
      }
      guard let given = call.positiveInteger(at: position + 1, complaint: "ERR LIMIT can't be negative") else { return }
      limit = given
      position += 2
    }
    guard let sets = sets(&call, at: 2..<2 + Int(count)) else { return }
    call.reply.integer(Node.intersection(of: sets, limit: limit == 0 ? .max : Int(clamping: limit)).count)
  }

  /// What all of the sets have, at most so many: the members of the smallest that the others have, too
  /// (`sinterGenericCommand` in t_set.c).
  private static func intersection(of sets: [SetValue?], limit: Int = .max) -> [Bytes] {
    let sets = sets.map { $0 ?? SetValue() }.sorted { $0.count < $1.count }
    var members: [Bytes] = []
    sets.first?.forEach { member in
      if members.count < limit, sets.dropFirst().allSatisfy({ $0.contains(member) }) { members.append(member) }
    }
    return members
  }

  // MARK: Unions and differences

  /// SUNION (`sunionCommand` in t_set.c).
  mutating func sunion(_ call: inout Call) { replyWithUnion(&call, of: 1..<call.arguments.count) }

  /// Replies with all members of the sets at those keys (`sunionDiffGenericCommand` in t_set.c).
  mutating func replyWithUnion(_ call: inout Call, of positions: Range<Int>) {
    guard let sets = sets(&call, at: positions) else { return }
    call.reply.members(of: Node.union(of: sets, configuration.packing))
  }

  /// SUNIONSTORE (`sunionstoreCommand` in t_set.c).
  mutating func sunionstore(_ call: inout Call) {
    guard let sets = sets(&call, at: 2..<call.arguments.count) else { return }
    store(Node.union(of: sets, configuration.packing), "sunionstore", &call)
  }

  private static func union(of sets: [SetValue?], _ limits: PackingLimits) -> SetValue {
    var union = SetValue()
    for set in sets { set?.forEach { union.insert($0, limits) } }
    return union
  }

  /// SDIFF (`sdiffCommand` in t_set.c).
  mutating func sdiff(_ call: inout Call) {
    guard let sets = sets(&call, at: 1..<call.arguments.count) else { return }
    call.reply.members(of: Node.difference(of: sets, configuration.packing))
  }

  /// SDIFFSTORE (`sdiffstoreCommand` in t_set.c).
  mutating func sdiffstore(_ call: inout Call) {
    guard let sets = sets(&call, at: 2..<call.arguments.count) else { return }
    store(Node.difference(of: sets, configuration.packing), "sdiffstore", &call)
  }

  /// What the first set has and no other, in the way that means less work: asking all others for each member, or taking
  /// the members of all others away. What was once too great for an intset stays a hash table
  /// (`sunionDiffGenericCommand` in t_set.c).
  private static func difference(of sets: [SetValue?], _ limits: PackingLimits) -> SetValue {
    var difference = SetValue()
    guard let first = sets.first ?? nil else { return difference }
    let others = sets.dropFirst().compactMap { $0 }
    let asking = first.count * (others.count + 1) / 2
    let takingAway = others.reduce(first.count) { $0 + $1.count }
    if asking <= takingAway {
      first.forEach { member in
        if !others.contains(where: { $0.contains(member) }) { difference.insert(member, limits) }
      }
    } else {
      first.forEach { difference.insert($0, limits) }
      for other in others where !difference.isEmpty { other.forEach { difference.remove($0) } }
    }
    return difference
  }
}

extension ReplyBuffer {
  mutating func members(of members: SetValue) {
    set(members.count)
    for member in members.members { bulk(member) }
  }
}
