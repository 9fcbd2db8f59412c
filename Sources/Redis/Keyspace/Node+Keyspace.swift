/// Keys as commands see them: an expired key is gone, whether or not it has been deleted yet.
extension Node {
  /// The value for a command that only reads; counts a hit or a miss (`lookupKeyRead`, `lookupKeyReadWithFlags`,
  /// `lookupKey` in db.c).
  ///
  /// - Parameter usesKey: false where the key is only asked about (`LOOKUP_NOTOUCH`).
  mutating func read(_ key: Bytes, in database: Int, tellingOfMiss: Bool = true, usesKey: Bool = true) -> Value? {
    let value = expireIfNeededForCommand(of: key, in: database) ? nil : use(key, in: database, isUse: usesKey)
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
    expireIfNeededForCommand(of: key, in: database, forWriting: true) ? nil : use(key, in: database)
  }

  /// The value, if there is one; what is known of the key's use changes, unless there is a child (`lookupKey` in db.c).
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
    if isLookedUp {
      _ = expireIfNeededForCommand(of: key, in: database, forWriting: true)
    } else {
      _ = lookup(key, in: database)
    }
    if keepingExpiry {
      setValue(of: key, to: value, in: database)
    } else {
      let use = keptUse(of: key, in: database)
      let keyUse = keyUse
      if databases[database].set(key, to: keyUse.own(value), lru: keyUse.unused) { keyAdded(key, in: database) }
      if let use { databases.setLRU(of: key, in: database, to: use) }
    }
    signalKeyAsReady(key, in: database)
    signalModified(key, in: database)
  }

  /// Gives a key a value, and leaves its expiry as it is (`dbAdd`, `dbOverwrite` in db.c).
  mutating func setValue(of key: Bytes, to value: Value, in database: Int) {
    let use = keptUse(of: key, in: database)
    let keyUse = keyUse
    if databases[database].update(key, to: keyUse.own(value), lru: keyUse.unused) { keyAdded(key, in: database) }
    if let use { databases.setLRU(of: key, in: database, to: use) }
  }

  /// What a new value takes over from the one in whose place it is: how often that is used (`dbOverwrite` in db.c).
  private func keptUse(of key: Bytes, in database: Int) -> UInt32? {
    configuration.maxmemoryPolicy.isLFU ? databases.lru(of: key, in: database) : nil
  }

  /// Adds a key that is not there, with its expiry (`dbAdd`, `setExpire` in db.c).
  ///
  /// - Parameter lru: what is known of its use, where the value was another key's before.
  mutating func addKey(_ key: Bytes, _ value: Value, expiry: Int64?, lru: UInt32? = nil, in database: Int) {
    let keyUse = keyUse
    databases[database].set(key, to: lru == nil ? keyUse.own(value) : value, expiry: expiry, lru: lru ?? keyUse.unused)
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
    signalModified(key, in: database)
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

  /// The key changed: who has it in a cache of his own is told, and who WATCHes it will be (`signalModifiedKey` in db.c;
  /// `trackingInvalidateKey` in tracking.c; `touchWatchedKey` in multi.c).
  mutating func signalModified(_ key: Bytes, in database: Int) {
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

  /// Now in the unit of expiries.
  var milliseconds: Int64 { now.milliseconds }

  var isReplica: Bool { !replication.isMaster }
}
