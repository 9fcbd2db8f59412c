/// Keys as commands see them: an expired key is gone, whether or not it has been deleted yet.
extension Node {
  /// The value for a command that only reads; counts a hit or a miss (lookupKeyRead in Redis).
  mutating func read(_ key: Bytes, in database: Int) -> Value? {
    let value = noteExpiry(of: key, in: database) ? nil : databases[database][key]?.value
    if value == nil { statistics.keyspaceMisses += 1 } else { statistics.keyspaceHits += 1 }
    return value
  }

  /// The value for a command that writes; counts nothing (lookupKeyWrite).
  mutating func lookup(_ key: Bytes, in database: Int) -> Value? {
    noteExpiry(of: key, in: database) ? nil : databases[database][key]?.value
  }

  /// Sets a key as SET does: the value is replaced, the expiry goes unless it is kept.
  mutating func setKey(_ key: Bytes, to value: Value, in database: Int, keepingExpiry: Bool = false) {
    if keepingExpiry {
      databases[database].update(key, to: value)
    } else {
      databases[database].set(key, to: value)
    }
    touch(key, in: database)
  }

  /// Deletes a key; false if there was none.
  @discardableResult
  mutating func deleteKey(_ key: Bytes, in database: Int) -> Bool {
    guard databases[database].remove(key) != nil else { return false }
    touch(key, in: database)
    return true
  }

  /// Tells those who WATCH the key that it changed (signalModifiedKey).
  mutating func touch(_ key: Bytes, in database: Int) {
    guard watchCount > 0 else { return }
    for index in clients.values.indices {
      for watch in clients.values[index].watched.indices
      where clients.values[index].watched[watch].key == key
        && clients.values[index].watched[watch].database == database
      {
        clients.values[index].watched[watch].isTouched = true
      }
    }
  }

  // MARK: Expiry

  /// Now in the unit of expiries.
  var milliseconds: Int64 { now.milliseconds }

  var isReplica: Bool { !replication.isMaster }

  /// Whether the key's time is up, deleted or not.
  func isExpired(_ key: Bytes, in database: Int) -> Bool {
    guard databases[database].expiresCount > 0, !isLoading,
      let expiry = databases[database].expiry(of: key)
    else { return false }
    return milliseconds > expiry
  }

  /// Whether the key must be seen as gone. A master deletes it at once and tells its replicas; a replica waits for its
  /// master's DEL, hides the key from its clients, and shows it to its master, who knows best.
  mutating func expireIfNeeded(_ key: Bytes, in database: Int) -> Bool {
    guard isExpired(key, in: database) else { return false }
    if isReplica { return !executingMaster }
    if areClientsPaused { return true }
    deleteExpired(key, in: database)
    return true
  }

  /// The same for a key that a client named: what is decided about it is told.
  private mutating func noteExpiry(of key: Bytes, in database: Int) -> Bool {
    guard isExpired(key, in: database), let expiry = databases[database].expiry(of: key),
      expireIfNeeded(key, in: database)
    else { return false }
    let outcome: Decision.Expiry =
      isReplica ? .leavesToMaster : areClientsPaused ? .leavesDuringPause : .deletes
    let (late, overflow) = milliseconds.subtractingReportingOverflow(expiry)
    let decision = Effect.decided(.keyExpired(key.text, since: overflow ? .max : late, outcome))
    // A command may look twice.
    if effects.last != decision { emit(decision) }
    return true
  }

  /// Deletes a key whose time is up, and has the replicas do the same.
  mutating func deleteExpired(_ key: Bytes, in database: Int) {
    deleteKey(key, in: database)
    statistics.expiredKeys += 1
    propagate([configuration.lazyfreeLazyExpire ? "UNLINK" : "DEL", key], database: database)
  }

  /// Whether a new expiry lies in the past already, so that the key is deleted instead. A replica leaves that to its
  /// master.
  func isPast(_ expiry: Int64) -> Bool { expiry <= milliseconds && !isLoading && !isReplica }
}
