import OrderedCollections

// Keys whose time is up: found where a command names them, and by the timer (expire.c, and what of it stands in db.c).

extension Node {
  /// Whether the key's time is up, deleted or not (`keyIsExpired` in db.c).
  func isExpired(_ key: Bytes, in database: Int) -> Bool {
    guard databases[database].expiresCount > 0, !isLoading,
      let expiry = databases[database].expiry(of: key)
    else { return false }
    return milliseconds > expiry
  }

  /// Whether the key must be seen as gone (`expireIfNeeded` in db.c). A master deletes it at once and tells its
  /// replicas; a replica waits for its master's DEL, hides the key from its clients, and shows it to its master, who
  /// knows best. Only where a client may write to a replica, what it is about to write to must really be gone.
  mutating func expireIfNeeded(_ key: Bytes, in database: Int, forWriting: Bool = false) -> Bool {
    guard isExpired(key, in: database) else { return false }
    if isReplica {
      if executingMaster { return false }
      if !forWriting || configuration.replicaReadOnly { return true }
    }
    if areClientsPaused { return true }
    deleteExpired(key, in: database)
    return true
  }

  /// The same for a key that is named in a client's command; `why` can tell of it.
  mutating func expireIfNeededForCommand(of key: Bytes, in database: Int, forWriting: Bool = false) -> Bool {
    guard isExpired(key, in: database), let expiry = databases[database].expiry(of: key),
      expireIfNeeded(key, in: database, forWriting: forWriting)
    else { return false }
    let outcome: Decision.Expiry =
      switch (databases[database].contains(key), isReplica) {
      case (false, false): .deletes
      case (false, true): .deletesOnReplica
      case (true, true): .leavesToMaster
      case (true, false): .leavesDuringPause
      }
    let (late, overflow) = milliseconds.subtractingReportingOverflow(expiry)
    let decision = Effect.decided(.keyExpired(key.text, since: overflow ? .max : late, outcome))
    // A command may look twice.
    if effects.last != decision { emit(decision) }
    return true
  }

  /// Deletes a key whose time is up, and has the replicas do the same (`deleteExpiredKeyAndPropagate`,
  /// `propagateDeletion` in db.c; `activeExpireCycleTryExpire` in expire.c).
  mutating func deleteExpired(_ key: Bytes, in database: Int) {
    deleteKey(key, in: database)
    notify(.expired, "expired", key, in: database)
    statistics.expiredKeys += 1
    propagate([configuration.lazyfreeLazyExpire ? "UNLINK" : "DEL", key], database: database)
  }

  // MARK: Expiries of a replica's own

  var isWritableReplica: Bool { isReplica && !configuration.replicaReadOnly }

  /// Gives a key that is there an expiry (`setExpire` in db.c).
  mutating func setExpiry(of key: Bytes, to expiry: Int64, in database: Int) {
    databases[database].setExpiry(of: key, to: expiry)
    rememberOwnExpiry(of: key, in: database)
  }

  /// A client has given a key an expiry (`rememberSlaveKeyWithExpire` in expire.c). No master will ever say that it is
  /// over, so a replica has to see to that itself.
  mutating func rememberOwnExpiry(of key: Bytes, in database: Int) {
    guard isWritableReplica, !executingMaster, database < 64 else { return }
    ownExpiries[key, default: 0] |= 1 << UInt64(database)
  }

  /// Deletes those whose time is up, and forgets those that are gone (`expireSlaveKeys` in expire.c). Redis draws lots
  /// whom to look at; here all are.
  mutating func expireOwnKeys() {
    var left: OrderedDictionary<Bytes, UInt64> = [:]
    for (key, bits) in ownExpiries {
      for number in databases.indices.prefix(64) where bits & 1 << UInt64(number) != 0 {
        guard databases[number].expiry(of: key) != nil else { continue }
        if isExpired(key, in: number) {
          deleteExpired(key, in: number)
        } else {
          left[key, default: 0] |= 1 << UInt64(number)
        }
      }
    }
    ownExpiries = left
    propagatePending()
  }

  /// When the first of them asks to be deleted or forgotten.
  var nextOwnExpiry: Int64? {
    ownExpiries.lazy.flatMap { key, bits in
      databases.indices.prefix(64).lazy.filter { bits & 1 << UInt64($0) != 0 }
        .map { databases[$0].expiry(of: key) ?? milliseconds }
    }.min()
  }

  /// Whether a new expiry lies in the past already, so that the key is deleted instead (`checkAlreadyExpired` in
  /// expire.c). A replica leaves that to its master.
  func isPast(_ expiry: Int64) -> Bool { expiry <= milliseconds && !isLoading && !isReplica }

  // MARK: The timer

  /// At most so many keys of a database expire in one turn; the rest wait for the next.
  private static let expiriesPerTurn = 10_000

  private var mayExpireActively: Bool {
    expiresActively && !followsRecording && !isReplica && !isLoading && !areClientsPaused
  }

  private var mayExpireOwn: Bool { expiresActively && isReplica && !isLoading && !ownExpiries.isEmpty }

  var nextExpiryWakeup: Instant? {
    let next = mayExpireOwn ? nextOwnExpiry : mayExpireActively ? nextExpiry : nil
    guard let next else { return nil }
    // A key lives through the millisecond of its expiry.
    let (micros, overflow) = next.addingReportingOverflow(1).partialValue.multipliedReportingOverflow(by: 1000)
    guard !overflow, micros < .max - 1_000_000 else { return nil }
    return turn(atOrAfter: max(Instant(microseconds: micros), now + .microseconds(1)))
  }

  /// The earliest expiry of a key in any database.
  private var nextExpiry: Int64? {
    guard databases.expiresCount > 0 else { return nil }
    var next: Int64?
    for index in databases.indices where databases[index].expiresCount > 0 {
      if let expiry = databases[index].nextExpiry { next = min(expiry, next ?? expiry) }
    }
    return next
  }

  /// Deletes the keys whose time is up (`activeExpireCycle` in expire.c; `databasesCron` in server.c). Each is told to
  /// the replicas by itself, not as one unit.
  mutating func expireActively() {
    if mayExpireOwn { expireOwnKeys() }
    guard mayExpireActively else { return }
    for index in databases.indices {
      let keys = databases[index].expired(before: milliseconds, limit: Node.expiriesPerTurn)
      if let first = keys.first {
        emit(.decided(.deleteExpired(keys.count, first: first.text, database: index)))
      }
      for key in keys {
        deleteExpired(key, in: index)
        propagatePending()
      }
    }
  }
}
