import OrderedCollections

/// Keys as commands see them: an expired key is gone, whether or not it has been deleted yet.
extension Node {
  /// The value for a command that only reads; counts a hit or a miss (`lookupKeyRead`, `lookupKeyReadWithFlags`,
  /// `lookupKey` in db.c).
  ///
  /// - Parameter usesKey: false where the key is only asked about (`LOOKUP_NOTOUCH`).
  mutating func read(_ key: Bytes, in database: Int, tellingOfMiss: Bool = true, usesKey: Bool = true) -> Value? {
    let value = noteExpiry(of: key, in: database) ? nil : use(key, in: database, isUse: usesKey)
    if value == nil {
      if tellingOfMiss { notify(.keyMiss, "keymiss", key, in: database) }
      statistics.keyspaceMisses += 1
    } else {
      statistics.keyspaceHits += 1
    }
    return value
  }

  /// The value for a command that writes; counts nothing (`lookupKeyWrite`, `lookupKey` in db.c).
  mutating func lookup(_ key: Bytes, in database: Int) -> Value? {
    noteExpiry(of: key, in: database, forWriting: true) ? nil : use(key, in: database)
  }

  /// The value, if there is one; the key is used by that (`lookupKey` in db.c).
  private mutating func use(_ key: Bytes, in database: Int, isUse: Bool = true) -> Value? {
    guard let (value, lru) = databases.look(at: database, { $0.lookup(key) }) else { return nil }
    // What a child has of its parent's memory is copied where the parent writes to it.
    guard isUse, !hasChild else { return value }
    if let integer = value.sharedInteger {
      let lru = databases.integerUse[integer]
      databases.integerUse[integer] = used(lru)
      return value
    }
    let used = used(lru)
    if used != lru { databases[database].setLRU(of: key, to: used) }
    return value
  }

  /// Sets a key as SET does: the value is replaced, the expiry goes unless it is kept (`setKey` in db.c). What had
  /// expired there is deleted first, and the replicas hear of that.
  mutating func setKey(
    _ key: Bytes, to value: Value, in database: Int, keepingExpiry: Bool = false, isLookedUp: Bool = false
  ) {
    // What was there is used by that.
    if isLookedUp { _ = noteExpiry(of: key, in: database, forWriting: true) } else { _ = lookup(key, in: database) }
    if keepingExpiry {
      setValue(of: key, to: value, in: database)
    } else {
      let use = keptUse(of: key, in: database)
      if databases[database].set(key, to: own(value), lru: keyUse.unused) { keyAdded(key, in: database) }
      if let use { databases.setLRU(of: key, in: database, to: use) }
    }
    signalKeyAsReady(key, in: database)
    touch(key, in: database)
  }

  /// Gives a key a value, and leaves its expiry as it is (`dbAdd`, `dbOverwrite` in db.c).
  mutating func setValue(of key: Bytes, to value: Value, in database: Int) {
    let use = keptUse(of: key, in: database)
    if databases[database].update(key, to: own(value), lru: keyUse.unused) { keyAdded(key, in: database) }
    if let use { databases.setLRU(of: key, in: database, to: use) }
  }

  /// What a new value takes over from the one in whose place it is: how often that is used (`dbOverwrite` in db.c).
  private func keptUse(of key: Bytes, in database: Int) -> UInt32? {
    configuration.maxmemoryPolicy.countsUses ? databases.lru(of: key, in: database) : nil
  }

  /// Adds a key that is not there, with its expiry (`dbAdd`, `setExpire` in db.c).
  ///
  /// - Parameter lru: what is known of its use, where the value was another key's before.
  mutating func addKey(_ key: Bytes, _ value: Value, expiry: Int64?, lru: UInt32? = nil, in database: Int) {
    databases[database].set(key, to: lru == nil ? own(value) : value, expiry: expiry, lru: lru ?? keyUse.unused)
    keyAdded(key, in: database)
    if expiry != nil { rememberOwnExpiry(of: key, in: database) }
  }

  /// A key has come to be (`dbAdd` in db.c).
  private mutating func keyAdded(_ key: Bytes, in database: Int) {
    signalKeyAsReady(key, in: database)
    notify(.new, "new", key, in: database)
  }

  /// Deletes a key and says so; false if there was none.
  @discardableResult
  mutating func deleteKey(_ key: Bytes, in database: Int) -> Bool {
    guard removeKey(key, in: database) else { return false }
    touch(key, in: database)
    return true
  }

  /// Deletes a key; false if there was none (`dbDelete` in db.c).
  @discardableResult
  mutating func removeKey(_ key: Bytes, in database: Int) -> Bool {
    guard databases[database].remove(key) != nil else { return false }
    // Whoever reads from a stream with a group is told that it is gone.
    signalKeyAsReady(key, in: database)
    return true
  }

  /// Tells those who WATCH the key that it changed (`signalModifiedKey` in db.c; `touchWatchedKey` in multi.c).
  mutating func touch(_ key: Bytes, in database: Int) {
    if trackingClients > 0 || !tracking.readers.isEmpty { invalidateTracked(key) }
    guard watchCount > 0 else { return }
    for index in clients.indices {
      for watch in clients[index].watched.indices
      where clients[index].watched[watch].key == key
        && clients[index].watched[watch].database == database
      {
        clients[index].watched[watch].isTouched = true
      }
    }
  }

  /// The keys of all databases.
  package var keyCount: Int { databases.keyCount }

  // MARK: Expiry

  /// Now in the unit of expiries.
  var milliseconds: Int64 { now.milliseconds }

  var isReplica: Bool { !replication.isMaster }

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
  private mutating func noteExpiry(of key: Bytes, in database: Int, forWriting: Bool = false) -> Bool {
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
}
