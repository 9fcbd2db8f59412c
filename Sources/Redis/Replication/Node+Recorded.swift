// What a recording tells of a server, for a node that is to stand in its place.

/// What a command is, before it is run.
package struct CommandOutline: Sendable {
  /// The name in lower case; a subcommand's as `config|set`.
  package var name: String
  /// The keys that it names.
  package var keys: [[UInt8]]
  package var writes: Bool
  /// What it does can't be told from its arguments.
  package var isScript: Bool
  /// A node does what Redis does; it knows the names of more commands than it can run.
  package var isRunnable: Bool

  /// Of what no Redis knows, too: it is refused.
  package init(_ command: [[UInt8]]) {
    let arguments = command.map { Bytes($0) }
    guard let first = arguments.first, let known = CommandNames().resolve(arguments).command else {
      let name = command.first.map { String(bytes: $0).asciiLowercased() } ?? ""
      (self.name, keys, writes, isScript, isRunnable) = (name, [], false, false, true)
      return
    }
    name = known.name
    keys =
      known.accepts(argumentCount: arguments.count) && first.count > 0
      ? known.keys(in: arguments).compactMap { command.indices.contains($0.position) ? command[$0.position] : nil } : []
    isScript = ["eval", "evalsha", "fcall", "function|restore"].contains(name)
    // Those that COMMAND does not call writing, and replicas hear of even so.
    writes = isScript || known.flags.contains(.write) || ["publish", "spublish", "pfcount"].contains(name)
    isRunnable = known.runnable != nil
  }
}

extension Node {
  // MARK: The history

  /// The history has come as far as this, and nobody follows it yet.
  package mutating func takeUp(offset: Int64) {
    replication.offset = Integer.clampedOffset(offset)
    replication.backlog = nil
    replication.cached = nil
  }

  /// The history has been going on under this id, before that under another one, and from here on it is kept.
  package mutating func takeUp(_ id: String, before: String?, keptFrom offset: Int64) {
    let isOther = before != nil && before != id
    replication.ids.second = isOther ? before ?? ReplicationID.none : ReplicationID.none
    replication.ids.secondOffset = isOther ? offset : -1
    replication.ids.current = id
    let last = Integer.clampedOffset(offset &- 1)
    replication.offset = last
    replication.backlog = Backlog(after: last)
  }

  /// The past as a replica of a master with this history, up to this offset.
  package mutating func rememberMaster(_ id: String, offset: Int64) {
    guard offset >= 0, id.bytes.count == 40 else { return }
    replication.ids.current = id
    replication.offset = Integer.clampedOffset(offset)
    replication.cached = MasterSession(connection: nil, id: id, offset: replication.offset)
  }

  /// It has followed somebody of whom nothing is known.
  package mutating func recallMaster() {
    if replication.isMaster { replication.master = Address(host: "", port: 0) }
  }

  /// The history that nobody has heard of yet gets the name that chance gave it elsewhere.
  package mutating func rename(history id: String) {
    if replication.cached?.id == replication.ids.current { replication.cached?.id = id }
    replication.ids.current = id
  }

  /// The history goes on to `offset` by bytes of which nothing is known; false if it can't be.
  package mutating func catchUp(to offset: Int64) -> Bool {
    let (missing, overflow) = offset.subtractingReportingOverflow(replication.offset)
    guard !overflow, missing > 0, missing <= 1 << 28, replication.backlog != nil else { return false }
    let piece = [UInt8](repeating: 0, count: 16_384)
    var left = Int(missing)
    while left > 0 {
      feedBacklog(piece[..<min(left, piece.count)])
      left -= min(left, piece.count)
    }
    return true
  }

  /// The first command of the stream from this offset on, as far as it is kept.
  package func streamed(from offset: Int64) -> [UInt8] {
    guard let backlog = replication.backlog, backlog.reaches(offset) else { return [] }
    return backlog.writes(from: offset).reduce(into: []) { $0 += $1 }
  }

  // MARK: The data

  /// Keys of which nothing was known get what a snapshot says of them; those that it lacks go.
  ///
  /// - Returns: whether it could be read.
  package mutating func adopt(
    _ snapshot: [UInt8], functions adoptsFunctions: Bool, at now: Instant, where isUnknown: (Int, [UInt8]) -> Bool
  ) -> Bool {
    var loader = SnapshotLoader(databases: databases.count, verifiesChecksum: false, limits: configuration.packing)
    guard (try? loader.feed(snapshot, at: now)) != nil, loader.isAtEnd else { return false }
    for index in databases.indices {
      var gone: [Bytes] = []
      databases[index].forEach { key, entry in
        let hasExpired = entry.expiry.map { $0 < now.milliseconds } ?? false
        if isUnknown(index, key.array) || hasExpired, !loader.databases[index].contains(key) { gone.append(key) }
      }
      for key in gone { deleteKey(key, in: index) }
      loader.databases[index].forEach { key, entry in
        if isUnknown(index, key.array) { databases[index].set(key, to: entry.value, expiry: entry.expiry) }
      }
    }
    if adoptsFunctions { functions = loader.functions }
    return true
  }

  /// Nothing is known of the key, so it is taken for none.
  package mutating func forget(_ key: [UInt8], in database: Int) { databases[database].remove(Bytes(key)) }

  /// Some keys that are still there have no time left.
  package func hasExpiredKeys(at time: Instant) -> Bool {
    databases.contains { !$0.expired(before: time.milliseconds, limit: 1).isEmpty }
  }

  /// Does what the stream of a recorded server did to its data, without telling anybody.
  package mutating func redo(_ command: [[UInt8]], database: Int, at now: Instant) {
    self.now = now
    let arguments = command.map { Bytes($0) }
    guard databases.indices.contains(database), !arguments.isEmpty,
      let known = CommandNames().resolve(arguments).command, known.accepts(argumentCount: arguments.count)
    else { return }
    let connection = ConnectionID(.opened, .max)
    let kept = (statistics, nextClientID, effects)
    addClient(connection, peer: Address(host: "", port: 0), local: Address(host: "", port: 0))
    clients[connection]?.flags.insert(.replyOff)
    clients[connection]?.user = nil
    clients[connection]?.database = database
    execute(known, arguments, for: connection)
    pendingPropagation = []
    clients.removeValue(forKey: connection)
    (statistics, nextClientID, effects) = kept
  }

  /// A transaction is given up without a word.
  package mutating func forgetTransaction(of connection: ConnectionID) { discardTransaction(of: connection) }

  /// Waiting for a key is given up without a word.
  package mutating func giveUpWaiting(_ connection: ConnectionID) { unblock(connection) }

  /// Whether the key's time is up at this moment, deleted or not.
  package func hasExpired(_ key: [UInt8], in database: Int, at time: Instant) -> Bool {
    guard databases.indices.contains(database), let expiry = databases[database].expiry(of: Bytes(key)) else {
      return false
    }
    return time.milliseconds >= expiry
  }

  // MARK: What time brings

  /// Tells the replicas a command that the node itself can't run, or that time brings. `database` nil: it is of none.
  package mutating func stream(_ command: [[UInt8]], database: Int?, at now: Instant) -> [Effect] {
    pace(at: now) { $0.feedReplicas(command.map { Bytes($0) }, database: database) }
  }

  /// Deletes a key whose time is up, as nobody asks for it.
  package mutating func expire(_ key: [UInt8], in database: Int, at now: Instant) -> [Effect] {
    pace(at: now) { node in
      guard node.databases.indices.contains(database), node.databases[database].contains(Bytes(key)) else { return }
      node.deleteExpired(Bytes(key), in: database)
      node.propagatePending()
    }
  }

  /// Whether the key may go for want of memory, as the node is configured.
  package func mayEvict(_ key: [UInt8], in database: Int) -> Bool {
    let policy = configuration.maxmemoryPolicy
    guard configuration.maxmemory != 0, policy != .noeviction, databases.indices.contains(database) else {
      return false
    }
    return policy.isVolatile
      ? databases[database].expiry(of: Bytes(key)) != nil : databases[database].contains(Bytes(key))
  }

  /// Deletes a key for want of memory, as DEL or as UNLINK.
  package mutating func evict(_ key: [UInt8], in database: Int, isLazy: Bool, at now: Instant) -> [Effect] {
    pace(at: now) { node in
      guard node.mayEvict(key, in: database) else { return }
      node.configuration.lazyfreeLazyEviction = isLazy
      node.evict(Bytes(key), in: database)
      node.propagatePending()
    }
  }

  /// The replica that listens at this port is the first in the list.
  package mutating func moveToFront(replicaAt port: Int) {
    let listed = replication.replicas
    guard let replica = listed.first(where: { clients[$0]?.replica?.listeningPort == port }) else { return }
    replication.replicas = [replica] + listed.filter { $0 != replica }
  }

  /// Lets a replica take over that has everything, as after FAILOVER.
  package mutating func handOver(to replica: Address, at now: Instant) -> [Effect] {
    pace(at: now) { $0.handOver(to: replica) }
  }

  /// The snapshot that these replicas wait for begins, unless another child runs.
  package mutating func beginSnapshot(for waiting: [ConnectionID], at now: Instant) -> [Effect] {
    pace(at: now) { node in
      let sessions = waiting.compactMap { node.clients[$0]?.replica }.filter { $0.state == .waitBgsaveStart }
      guard !node.hasChild, let first = sessions.first else { return }
      node.startSnapshot(
        capabilities: sessions.reduce(first.capabilities) { $0.intersection($1.capabilities) },
        requirements: first.requirements, for: waiting)
    }
  }

  /// The child that wrote a snapshot is gone, and its parent has seen it.
  package mutating func endSnapshot(at now: Instant) -> [Effect] {
    pace(at: now) { node in
      guard let child = node.child, case .ended = child.process.state else { return }
      node.reap(child)
    }
  }

  /// The replica has acknowledged its snapshot, and is sent what was kept for it.
  package mutating func beginStream(to connection: ConnectionID, at now: Instant) -> [Effect] {
    pace(at: now) { node in
      guard let replica = node.clients[connection]?.replica, replica.state == .online, replica.startsCommandStreamOnAck
      else { return }
      node.startStream(to: connection)
    }
  }

  private mutating func pace(at now: Instant, _ body: (inout Node) -> Void) -> [Effect] {
    self.now = now
    guard !hasExited else { return [] }
    body(&self)
    if stall == nil { beforeSleep() }
    let caused = effects
    effects = []
    return caused
  }
}
