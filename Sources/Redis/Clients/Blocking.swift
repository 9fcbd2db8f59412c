import OrderedCollections
import RDB
import RESP

// Clients that wait for a key to hold something (blocked.c in Redis 7.0).
//
//     BLPOP k 0 ──► nothing there: blockForKeys ──► … LPUSH k a: signalKeyAsReady
//                                                     └► after that command: handleClientsBlockedOnKeys ──► LPOP k

/// A key of one database.
package struct DatabaseKey: Hashable, Sendable {
  package var database: Int
  package var key: Bytes
}

/// What a client waits for that has said BLPOP or the like.
package struct KeyWait: Equatable, Sendable {
  package enum Purpose: Equatable, Sendable {
    /// BLPOP, BRPOP.
    case pop(Quicklist.End)
    /// BLMPOP.
    case popMany(Quicklist.End, count: Int)
    /// BLMOVE and BRPOPLPUSH.
    case move(to: Bytes, from: Quicklist.End, into: Quicklist.End, isOldForm: Bool)
    /// BZPOPMIN, BZPOPMAX.
    case popSorted(SortedSet.End)
    /// BZMPOP.
    case popManySorted(SortedSet.End, count: Int)
    /// XREAD and XREADGROUP.
    case stream(StreamWait)

    /// Of which type the key has to be.
    var kind: ValueKind {
      switch self {
      case .pop, .popMany, .move: .list
      case .popSorted, .popManySorted: .sortedSet
      case .stream: .stream
      }
    }
  }
  package var keys: [Bytes]
  package var database: Int
  package var purpose: Purpose
}

/// Who waits for which keys, in the order in which they came.
package struct BlockingKeys: Equatable, Sendable {
  fileprivate var waiting: OrderedDictionary<DatabaseKey, [ConnectionID]> = [:]
  /// Keys that somebody waits for and that have come to be since, in order.
  fileprivate var ready: OrderedSet<DatabaseKey> = []
  /// Clients that have been served, and may go on with what they sent meanwhile.
  fileprivate var unblocked: [ConnectionID] = []

  package init() {}
}

extension Node {
  /// Lets a client wait for one of several keys (`blockForKeys` in blocked.c).
  mutating func blockForKeys(
    _ call: Call, _ keys: some Sequence<Bytes>, _ purpose: KeyWait.Purpose, until deadline: Instant?
  ) {
    let distinct = Array(OrderedSet(keys))
    for key in distinct {
      blockingKeys.waiting[DatabaseKey(database: call.database, key: key), default: []].append(call.connection)
    }
    clients[call.connection]?.blocked = BlockedState(
      reason: .keys(KeyWait(keys: distinct, database: call.database, purpose: purpose)), deadline: deadline)
  }

  /// The client waits no more (`unblockClient`, `unblockClientWaitingData` in blocked.c).
  mutating func unblock(_ connection: ConnectionID) {
    forgetWait(of: connection)
    clients[connection]?.blocked = nil
    blockingKeys.unblocked.append(connection)
  }

  /// Strikes the client off the lists of those who wait for a key.
  mutating func forgetWait(of connection: ConnectionID) {
    guard case .keys(let wait)? = clients[connection]?.blocked?.reason else { return }
    for key in wait.keys.map({ DatabaseKey(database: wait.database, key: $0) }) {
      blockingKeys.waiting[key]?.removeAll { $0 == connection }
      if blockingKeys.waiting[key]?.isEmpty == true { blockingKeys.waiting[key] = nil }
    }
  }

  /// A key has come to be: if somebody waits for it, it is looked at once the command is over (`signalKeyAsReady` in
  /// blocked.c).
  mutating func signalKeyAsReady(_ key: Bytes, in database: Int) {
    guard !blockingKeys.waiting.isEmpty else { return }
    let key = DatabaseKey(database: database, key: key)
    if blockingKeys.waiting[key] != nil { blockingKeys.ready.append(key) }
  }

  /// Any key may have come or gone: all that somebody waits for are looked at (`scanDatabaseForReadyKeys`,
  /// `scanDatabaseForDeletedStreams` in db.c).
  mutating func signalWaitedForKeys() {
    for key in blockingKeys.waiting.keys { blockingKeys.ready.append(key) }
  }

  /// Serves those who wait for keys that have come to be, each in its turn (`handleClientsBlockedOnKeys` in blocked.c).
  /// Serving one may bring about another.
  mutating func handleClientsBlockedOnKeys() {
    guard !blockingKeys.ready.isEmpty, !hasBusyScript else { return }
    while !blockingKeys.ready.isEmpty {
      let ready = blockingKeys.ready
      blockingKeys.ready = []
      for key in ready {
        for connection in blockingKeys.waiting[key] ?? [] {
          guard case .keys(let wait)? = clients[connection]?.blocked?.reason else { continue }
          let value = isExpired(key.key, in: key.database) ? nil : databases[key.database][key.key]?.value
          if value?.kind == wait.purpose.kind {
            serve(connection, wait, key)
          } else if case .stream(let stream) = wait.purpose, stream.groupName != nil {
            write(error: "UNBLOCKED the stream key no longer exists", to: connection)
            countUnblocked(connection)
            unblock(connection)
          }
        }
      }
    }
  }

  /// Gives a client what it has waited for (`serveClientsBlockedOnListKey`, `serveClientsBlockedOnSortedSetKey` in
  /// blocked.c; `serveClientBlockedOnList` in t_list.c).
  private mutating func serve(_ connection: ConnectionID, _ wait: KeyWait, _ key: DatabaseKey) {
    guard let name = clients[connection]?.lastCommand, let command = CommandTable.find(fullName: Bytes(name)) else {
      return
    }
    var call = Call(
      connection: connection, command: command, arguments: [Bytes(name), key.key], database: key.database,
      reply: ReplyBuffer())
    call.reply.version = clients[connection]?.reply.version ?? .resp2
    call.reply.isSilent = clients[connection]?.isAnswered != true
    let errors = statistics.errorReplies
    let told = pendingPropagation.count
    switch wait.purpose {
    case .pop(let end): servePop(&call, key.key, end)
    case .popMany(let end, let count): popMany(&call, key.key, end, count: count)
    case .move(let target, let from, let into, let isOldForm):
      serveMove(&call, key.key, to: target, from: from, into: into, isOldForm: isOldForm)
    case .popSorted(let end): bzpopOne(&call, key.key, end)
    case .popManySorted(let end, let count): zpopMany(&call, key.key, end, count: count)
    case .stream(let stream):
      guard serveStream(&call, key.key, stream, index: wait.keys.firstIndex(of: key.key) ?? 0) else { return }
    }
    if case .rewritten(let form) = call.propagation { propagate(form, database: key.database) }
    noteRewriting(of: command, [Bytes(name.uppercased()), key.key], since: told)
    let error = call.reply.takeError()
    clients[connection]?.reply.raw(call.reply.take())
    if let error { errorReplied(error, to: connection, call.arguments) }
    countServed(connection, command, failed: statistics.errorReplies > errors)
    unblock(connection)
    propagatePending()
  }

  /// Those whose time is up get what stands for nothing (`handleBlockedClientsTimeout` in timeout.c;
  /// `replyToBlockedClientTimedOut` in blocked.c).
  mutating func handleBlockedClientsTimeout() {
    for client in clients.blocked {
      guard case .keys? = client.blocked?.reason, let deadline = client.blocked?.deadline, deadline <= now else {
        continue
      }
      clients[client.connection]?.reply.nullArray()
      unblock(client.connection)
    }
  }

  /// Those who were served go on with what they sent meanwhile (`processUnblockedClients` in blocked.c).
  mutating func processUnblockedClients() {
    while !blockingKeys.unblocked.isEmpty { processInput(of: blockingKeys.unblocked.removeFirst()) }
  }

  /// When the next client's time is up that waits for a key.
  var nextBlockedTimeout: Instant? {
    clients.blocked.lazy.compactMap { client in
      if case .keys? = client.blocked?.reason { client.blocked?.deadline } else { nil }
    }.min()
  }

  /// When a command gives up that may wait so many seconds, which need not be whole; nil: never. What is no time is told
  /// the client, and there is nothing to return (`getTimeoutFromObjectOrReply` in timeout.c).
  func blockingTimeout(_ call: inout Call, at position: Int) -> (deadline: Instant?, Void)? {
    guard let seconds = LongDouble.parse(call.arguments[position]) else {
      call.reply.error("ERR timeout is not a float or out of range")
      return nil
    }
    // What does not fit is the least number there is, as the processor converts it.
    let milliseconds = (seconds * 1000).rounded(.up)
    let count = abs(milliseconds) < 0x1p63 ? Int64(milliseconds) : .min
    guard count >= 0 else {
      call.reply.error("ERR timeout is negative")
      return nil
    }
    // A time that does not fit never comes.
    return (count == 0 || count > Int64.max / 1000 - self.milliseconds ? nil : now + .milliseconds(count), ())
  }
}
