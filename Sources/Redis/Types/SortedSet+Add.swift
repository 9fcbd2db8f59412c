extension SortedSet {
  /// The words that ZADD takes (`ZADD_IN_NX` and its like in server.h).
  struct AddOptions: OptionSet {
    let rawValue: UInt8
    /// NX: only members that are new.
    static let onlyNew = AddOptions(rawValue: 1 << 0)
    /// XX: only members that are there.
    static let onlyOld = AddOptions(rawValue: 1 << 1)
    /// GT: only if the score becomes greater.
    static let greater = AddOptions(rawValue: 1 << 2)
    /// LT: only if the score becomes less.
    static let less = AddOptions(rawValue: 1 << 3)
    /// CH: members whose score changes are counted, too.
    static let countsChanged = AddOptions(rawValue: 1 << 4)
    /// INCR: the score is added to the one that is there.
    static let increment = AddOptions(rawValue: 1 << 5)
  }

  /// What came of it (`ZADD_OUT_NOP` and its like in server.h), with the member's score.
  enum Added {
    case added(Double)
    case updated(Double)
    /// It was the same.
    case kept(Double)
    case refusedByOption
    case notANumber
  }

  /// Adds a member or changes its score (`zsetAdd` in t_zset.c).
  mutating func add(_ member: Bytes, _ score: Double, _ options: AddOptions, _ limits: PackingLimits) -> Added {
    guard let old = self.score(of: member) else {
      if options.contains(.onlyOld) { return .refusedByOption }
      set(member, to: score, insteadOf: nil, limits)
      return .added(score)
    }
    if options.contains(.onlyNew) { return .refusedByOption }
    let new = options.contains(.increment) ? old + score : score
    if new.isNaN { return .notANumber }
    if options.contains(.less) && new >= old || options.contains(.greater) && new <= old { return .refusedByOption }
    if new == old { return .kept(new) }
    set(member, to: new, insteadOf: old, limits)
    return .updated(new)
  }
}
