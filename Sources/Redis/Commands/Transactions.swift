// MULTI and its companions (multi.c in Redis 7.0).

extension CommandTable {
  static let transactions: [String: Command.Body] = [
    "discard": { $0.discard(&$1) },
    "exec": { $0.exec(&$1) },
    "multi": { $0.multi(&$1) },
    "unwatch": { $0.unwatch(&$1) },
    "watch": { $0.watch(&$1) },
  ]
}

extension Node {
  /// MULTI (`multiCommand` in multi.c).
  mutating func multi(_ call: inout Call) {
    guard clients[call.connection]?.transaction == nil else {
      return call.reply.error("ERR MULTI calls can not be nested")
    }
    clients[call.connection]?.transaction = Transaction()
    call.reply.ok()
  }

  /// DISCARD (`discardCommand` in multi.c).
  mutating func discard(_ call: inout Call) {
    guard clients[call.connection]?.transaction != nil else { return call.reply.error("ERR DISCARD without MULTI") }
    discardTransaction(of: call.connection)
    call.reply.ok()
  }

  /// Ends a transaction without running it (`discardTransaction` in multi.c).
  mutating func discardTransaction(of connection: ConnectionID) {
    clients[connection]?.transaction = nil
    unwatchAll(of: connection)
  }

  /// EXEC (`execCommand`, `isWatchedKeyExpired` in multi.c).
  mutating func exec(_ call: inout Call) {
    guard let client = clients[call.connection], let transaction = client.transaction else {
      return call.reply.error("ERR EXEC without MULTI")
    }
    guard !transaction.isAborted else {
      discardTransaction(of: call.connection)
      return call.reply.error("EXECABORT Transaction discarded because of previous errors.")
    }
    let isChanged = client.watched.contains { watch in
      watch.isTouched || !watch.wasExpired && isExpired(watch.key, in: watch.database)
    }
    guard !isChanged else {
      discardTransaction(of: call.connection)
      return call.reply.nullArray()
    }
    unwatchAll(of: call.connection)
    call.reply.array(transaction.queue.count)
    // The replies follow where this one begins.
    clients[call.connection]?.reply.raw(call.reply.take())
    isInExec = true
    for arguments in transaction.queue {
      guard let command = configuration.commandNames.resolve(arguments).command, let client = clients[call.connection]
      else {
        continue
      }
      if let denial = denial(of: command, arguments, to: client.user) {
        noteDenial(denial, of: command, arguments, to: client, in: .multi)
        write(error: denial.wordsInExec, to: call.connection, after: arguments)
        continue
      }
      execute(command, arguments, for: call.connection)
    }
    isInExec = false
    clients[call.connection]?.transaction = nil
    call.database = clients[call.connection]?.database ?? call.database
    call.reply.version = clients[call.connection]?.reply.version ?? call.reply.version
    call.propagation = .never
  }

  /// WATCH (`watchCommand`, `watchForKey` in multi.c).
  mutating func watch(_ call: inout Call) {
    guard clients[call.connection]?.transaction == nil else {
      return call.reply.error("ERR WATCH inside MULTI is not allowed")
    }
    for key in call.arguments.dropFirst() {
      let isWatched = clients[call.connection]?.watched.contains { $0.key == key && $0.database == call.database }
      guard isWatched == false else { continue }
      let expired = isExpired(key, in: call.database)
      clients[call.connection]?.watched.append(
        WatchedKey(database: call.database, key: key, wasExpired: expired))
      watchCount += 1
    }
    call.reply.ok()
  }

  /// UNWATCH (`unwatchCommand` in multi.c).
  mutating func unwatch(_ call: inout Call) {
    unwatchAll(of: call.connection)
    call.reply.ok()
  }

  /// Forgets all keys that a client watches (`unwatchAllKeys` in multi.c).
  mutating func unwatchAll(of connection: ConnectionID) {
    watchCount -= clients[connection]?.watched.count ?? 0
    clients[connection]?.watched = []
  }
}
