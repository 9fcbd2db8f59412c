// What a node does when its memory is over `maxmemory`: it deletes keys, by the rule of `maxmemory-policy`, before it runs
// the next command (evict.c).
//
//     command ──► over maxmemory? ──no──► run it
//                      │ yes
//                      ▼
//               keys that may go? ──no──► OOM, if the command may need more (denyoom)
//                      │ yes: one goes, DEL to the replicas, and again until it is enough
//                      ▼
//                    run it

import RESP

/// What eviction keeps from one time to the next.
struct Eviction: Equatable, Sendable {
  /// Keys that are worth evicting, the most worthy last: what was sampled before and not taken (`EvictionPoolLRU`).
  var pool: [Candidate] = []
  /// The database that a key was drawn from last (`next_db`).
  var lastDatabase = 0
  /// `maxmemory` was set: the event loop sees to it (`isEvictionProcRunning`).
  var isDue = false
  /// The command that runs began while memory was short and nothing could be evicted (`pre_command_oom_state`).
  var isOutOfMemory = false
  /// Since when memory is short (`stat_last_eviction_exceeded_time`).
  var exceededSince: Instant?

  static let poolSize = 16

  struct Candidate: Equatable, Sendable {
    var key: Bytes
    var database: Int
    /// The greater, the sooner it goes.
    var score: UInt64
    var reason: EvictedKey.Reason
  }

  /// Keeps a candidate if it is better than the worst (`evictionPoolPopulate`).
  mutating func consider(_ candidate: Candidate) {
    let place = pool.firstIndex { $0.score >= candidate.score } ?? pool.count
    if pool.count < Eviction.poolSize { return pool.insert(candidate, at: place) }
    guard place > 0 else { return }
    pool.insert(candidate, at: place)
    pool.removeFirst()
  }
}

/// A key that goes for want of memory, and why this one.
package struct EvictedKey: Sendable, Hashable {
  package enum Reason: Sendable, Hashable {
    /// Not used for so many seconds.
    case idle(seconds: Int)
    /// Used so seldom, by its counter.
    case frequency(UInt8)
    /// It would have expired then anyhow, in milliseconds since 1970.
    case expiry(Int64)
    case chance
  }

  package let key: String
  package let database: Int
  package let policy: MaxmemoryPolicy
  package let reason: Reason
  /// How many keys were looked at, of how many that might go.
  package let sampled: Int
  package let eligible: Int
  /// Bytes; `used` is without what does not count.
  package let used: Int
  package let maxmemory: Int
  /// It is told as UNLINK (`lazyfree-lazy-eviction`).
  package let isLazy: Bool

  package init(
    key: String, database: Int, policy: MaxmemoryPolicy, reason: Reason, sampled: Int, eligible: Int, used: Int,
    maxmemory: Int, isLazy: Bool
  ) {
    (self.key, self.database, self.policy, self.reason) = (key, database, policy, reason)
    (self.sampled, self.eligible, self.used, self.maxmemory) = (sampled, eligible, used, maxmemory)
    self.isLazy = isLazy
  }
}

extension Node {
  enum EvictionResult { case enough, tooLittle }

  /// `maxmemory`, 0: no limit.
  var maxmemory: Int { Int(clamping: UInt64(bitPattern: configuration.maxmemory)) }

  /// By how much memory is over the limit, and what counts of it; nil if it is not (`getMaxmemoryState` in evict.c).
  private var excess: (used: Int, toFree: Int)? {
    guard case let limit = maxmemory, limit > 0, case let total = countedMemory, total > limit else { return nil }
    let used = max(0, total - Int(clamping: uncountedMemory))
    return used > limit ? (used, used - limit) : nil
  }

  /// (`isSafeToPerformEvictions` in evict.c.)
  private var mayEvict: Bool {
    !isLoading && !followsRecording && !(isReplica && configuration.replicaIgnoreMaxmemory) && !areClientsPaused
  }

  /// Deletes keys until memory is below `maxmemory` (`performEvictions` in evict.c). No time passes, so Redis's limit on the
  /// time that it takes is never reached.
  @discardableResult
  mutating func performEvictions() -> EvictionResult {
    guard maxmemory > 0 || eviction.exceededSince != nil, mayEvict else { return .enough }
    let result = evictExcess()
    if result == .tooLittle {
      eviction.exceededSince = eviction.exceededSince ?? now
    } else if let since = eviction.exceededSince {
      statistics.evictionExceeded = statistics.evictionExceeded + (now - since)
      eviction.exceededSince = nil
    }
    return result
  }

  private mutating func evictExcess() -> EvictionResult {
    guard let (used, toFree) = excess else { return .enough }
    guard configuration.maxmemoryPolicy != .noeviction else { return .tooLittle }
    notePeak()
    var freed = 0
    while freed < toFree {
      guard let choice = nextEviction() else {
        propagatePending(isUnit: false)
        return .tooLittle
      }
      let before = databases[choice.candidate.database].memory
      emit(
        .decided(
          .evict(
            EvictedKey(
              key: choice.candidate.key.text, database: choice.candidate.database,
              policy: configuration.maxmemoryPolicy, reason: choice.candidate.reason, sampled: choice.sampled,
              eligible: choice.eligible, used: used - freed, maxmemory: maxmemory,
              isLazy: configuration.lazyfreeLazyEviction))))
      evict(choice.candidate.key, in: choice.candidate.database)
      freed += before - databases[choice.candidate.database].memory
    }
    propagatePending(isUnit: false)
    return .enough
  }

  /// Deletes a key for want of memory, and has the replicas do the same (`performEvictions` in evict.c;
  /// `propagateDeletion` in db.c).
  mutating func evict(_ key: Bytes, in database: Int) {
    deleteKey(key, in: database)
    statistics.evictedKeys += 1
    notify(.evicted, "evicted", key, in: database)
    propagate([configuration.lazyfreeLazyEviction ? "UNLINK" : "DEL", key], database: database)
  }

  // MARK: Which key

  private typealias Choice = (candidate: Eviction.Candidate, sampled: Int, eligible: Int)

  /// The key that goes next, or nil if none may.
  private mutating func nextEviction() -> Choice? {
    switch configuration.maxmemoryPolicy {
    case .noeviction: nil
    case .allkeysRandom, .volatileRandom: drawnEviction()
    default: bestEviction()
    }
  }

  private func eligibleCount(in database: Int) -> Int {
    configuration.maxmemoryPolicy.isVolatile ? databases[database].expiresCount : databases[database].count
  }

  /// From the next database that has any, one drawn by chance.
  private mutating func drawnEviction() -> Choice? {
    for _ in databases.indices {
      eviction.lastDatabase = (eviction.lastDatabase + 1) % databases.count
      let database = eviction.lastDatabase
      let drawn = databases[database].sample(1, volatile: configuration.maxmemoryPolicy.isVolatile, using: &random)
      guard let key = drawn.first?.key else { continue }
      return (.init(key: key, database: database, score: 0, reason: .chance), 1, eligibleCount(in: database))
    }
    return nil
  }

  /// The best of what was sampled from each database, now or before.
  private mutating func bestEviction() -> Choice? {
    while true {
      var (sampled, eligible) = (0, 0)
      for database in databases.indices where eligibleCount(in: database) > 0 {
        eligible += eligibleCount(in: database)
        sampled += populateEvictionPool(from: database)
      }
      if eligible == 0 { return nil }
      while let best = eviction.pool.popLast() {
        // Since it was sampled it may be gone, or have lost its expiry.
        let isThere =
          configuration.maxmemoryPolicy.isVolatile
          ? databases[best.database].expiry(of: best.key) != nil : databases[best.database].contains(best.key)
        if isThere { return (best, sampled, eligible) }
      }
    }
  }

  /// How many keys of the database were looked at (`evictionPoolPopulate` in evict.c).
  private mutating func populateEvictionPool(from database: Int) -> Int {
    let (policy, use) = (configuration.maxmemoryPolicy, keyUse)
    let samples = databases[database].sample(
      Int(configuration.maxmemorySamples), volatile: policy.isVolatile, using: &random)
    for sample in samples {
      let lru = sample.integer.map { databases.integerUse[$0] } ?? sample.lru
      let (score, reason): (UInt64, EvictedKey.Reason)
      if policy.isLRU {
        let seconds = use.idleSeconds(lru)
        (score, reason) = (UInt64(seconds) * 1_000, .idle(seconds: seconds))
      } else if policy.isLFU {
        let counter = use.frequency(lru)
        (score, reason) = (UInt64(255 - counter), .frequency(counter))
      } else {
        (score, reason) = (UInt64.max - UInt64(bitPattern: sample.expiry), .expiry(sample.expiry))
      }
      eviction.consider(.init(key: sample.key, database: database, score: score, reason: reason))
    }
    return samples.count
  }

  // MARK: Before a command

  /// Makes room before a command; why it is refused where that fails, or nil (`processCommand` in server.c).
  mutating func refusalByMemory(
    of command: Command, _ arguments: [Bytes], at index: Int
  ) -> Decision.CommandRefusal? {
    // What a script does goes out by itself.
    if hasBusyScript { return nil }
    guard maxmemory > 0 else {
      eviction.isOutOfMemory = false
      return nil
    }
    let isShort = performEvictions() == .tooLittle
    let ends = ["exec", "discard", "quit", "reset"]
    let mayNeedMore =
      judgedFlags(of: command, arguments, at: index).some.contains(.denyoom)
      || clients[index].transaction != nil && !ends.contains(command.name)
    if isShort, mayNeedMore {
      return .outOfMemory(used: excess?.used ?? countedMemory, maxmemory: maxmemory, configuration.maxmemoryPolicy)
    }
    eviction.isOutOfMemory = isShort
    return nil
  }

  /// A script that says nothing of it may not begin while memory is short (`scriptPrepareForRun` in script.c), nor may
  /// what it calls need more (`scriptCall`).
  var isOutOfMemory: Bool { eviction.isOutOfMemory && maxmemory > 0 }

  /// `maxmemory` has been set: what is above it goes before the next turn of the event loop (`updateMaxmemory` in config.c;
  /// `startEvictionTimeProc` in evict.c).
  mutating func maxmemoryChanged() {
    guard maxmemory > 0 else { return }
    let used = countedMemory - Int(clamping: uncountedMemory)
    if maxmemory < used {
      log(
        .warning,
        "WARNING: the new maxmemory value set via CONFIG SET (\(UInt64(bitPattern: configuration.maxmemory))) is smaller "
          + "than the current memory usage (\(used)). This will result in key eviction and/or the inability to accept "
          + "new write commands depending on the maxmemory-policy.")
    }
    eviction.isDue = true
  }

  /// (`evictionTimeProc` in evict.c.)
  mutating func evictIfDue() {
    guard eviction.isDue else { return }
    eviction.isDue = false
    performEvictions()
  }
}
