// Commands on whole databases (db.c in Redis 7.0).

extension CommandTable {
  static let databases: [String: Command.Body] = [
    "select": { $0.select(&$1) },
    "swapdb": { $0.swapdb(&$1) },
    "flushdb": { $0.flushdb(&$1) },
    "flushall": { $0.flushall(&$1) },
    "dbsize": { $0.dbsize(&$1) },
  ]
}

extension Node {
  /// SELECT (`selectCommand`, `selectDb` in db.c).
  mutating func select(_ call: inout Call) {
    guard let index = call.integer(at: 1, in: Call.cInt) else { return }
    guard databases.indices.contains(Int(index)) else { return call.reply.error(Call.Complaint.databaseRange) }
    call.database = Int(index)
    call.reply.ok()
  }

  /// DBSIZE (`dbsizeCommand` in db.c).
  mutating func dbsize(_ call: inout Call) { call.reply.integer(databases[call.database].count) }

  /// FLUSHDB (`flushdbCommand` in db.c).
  mutating func flushdb(_ call: inout Call) {
    guard mayFlush(&call) else { return }
    if isFlushLazy(call) { countLazyFreed(databases[call.database...call.database]) }
    flush(call.database)
    invalidateAllTracked()
    // Also when it was empty already.
    call.propagation = .always
    call.reply.ok()
  }

  /// FLUSHALL (`flushallCommand`, `flushAllDataAndResetRDB` in db.c).
  mutating func flushall(_ call: inout Call) {
    guard mayFlush(&call) else { return }
    if isFlushLazy(call) { countLazyFreed(databases[...]) }
    for index in databases.indices { flush(index) }
    invalidateAllTracked()
    ownExpiries = [:]
    // A snapshot that a child is writing would bring everything back; so would the last one.
    if snapshotChild != nil { killChild() }
    if !configuration.save.isEmpty { saveNow() }
    call.propagation = .always
    call.reply.ok()
  }

  /// Whether the arguments make sense; if not, the client is told (`getFlushCommandFlags` in db.c).
  private func mayFlush(_ call: inout Call) -> Bool {
    switch call.arguments.count {
    case 1: return true
    case 2 where call.arguments[1].matches("SYNC") || call.arguments[1].matches("ASYNC"): return true
    default:
      call.syntaxError()
      return false
    }
  }

  /// Whether another thread gives the memory back (`getFlushCommandFlags` in db.c).
  private func isFlushLazy(_ call: Call) -> Bool {
    call.arguments.count == 1 ? configuration.lazyfreeLazyUserFlush : call.arguments[1].matches("ASYNC")
  }

  /// Empties one database (`emptyData` in db.c).
  private mutating func flush(_ index: Int) {
    dirty += Int64(databases[index].count)
    notePeak()
    touchAll(in: index)
    databases[index].removeAll()
    signalWaitedForKeys()
  }

  /// Tells those who WATCH a key of the database that it changed, if the key is there, or is in the database that takes
  /// its place (`signalFlushedDb` in db.c; `touchAllWatchedKeysInDb` in multi.c).
  mutating func touchAll(in database: Int, replacedBy other: Database? = nil) {
    guard watchCount > 0 else { return }
    for index in clients.indices {
      for watch in clients[index].watched.indices {
        let watched = clients[index].watched[watch]
        guard watched.database == database, !watched.isTouched else { continue }
        let isHere = databases[database].contains(watched.key)
        guard isHere || other?.contains(watched.key) == true else { continue }
        // A key that had expired when it was watched, and is now gone, is no change.
        if watched.wasExpired, other?.contains(watched.key) != true {
          clients[index].watched[watch].wasExpired = false
        } else {
          clients[index].watched[watch].isTouched = true
        }
      }
    }
  }

  /// SWAPDB (`swapdbCommand`, `dbSwapDatabases` in db.c).
  mutating func swapdb(_ call: inout Call) {
    guard let first = call.integer(at: 1, in: Call.cInt, complaint: "ERR invalid first DB index"),
      let second = call.integer(at: 2, in: Call.cInt, complaint: "ERR invalid second DB index")
    else { return }
    guard databases.indices.contains(Int(first)), databases.indices.contains(Int(second)) else {
      return call.reply.error(Call.Complaint.databaseRange)
    }
    if first != second {
      touchAll(in: Int(first), replacedBy: databases[Int(second)])
      touchAll(in: Int(second), replacedBy: databases[Int(first)])
      databases.swapAt(Int(first), Int(second))
      signalWaitedForKeys()
    }
    dirty += 1
    call.reply.ok()
  }
}
