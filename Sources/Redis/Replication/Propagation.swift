import RESP

/// A command on its way to the replicas. `database` is nil for one that belongs to none and needs no SELECT.
package struct PropagatedCommand: Equatable, Sendable {
  package var database: Int?
  package var arguments: [Bytes]
  /// Whether the append-only file has it, too: a message to subscribers is of the moment.
  package var goesIntoFile = true
  /// Whether the replicas hear of it: a script may choose that they don't.
  package var goesToReplicas = true

  package init(database: Int?, arguments: [Bytes], goesIntoFile: Bool = true, goesToReplicas: Bool = true) {
    self.database = database
    self.arguments = arguments
    self.goesIntoFile = goesIntoFile
    self.goesToReplicas = goesToReplicas
  }
}

extension Node {
  /// Notes that the replicas must hear this command when the running unit is over, if anybody is there who will
  /// (`alsoPropagate`, `shouldPropagate` in server.c).
  package mutating func propagate(
    _ arguments: [Bytes], database: Int?, intoFile: Bool = true, toReplicas: Bool = true
  ) {
    let hasReplicas = replication.isMaster && replication.hasBacklog
    guard intoFile && appendOnly.state != .off || toReplicas && hasReplicas else { return }
    pendingPropagation.append(
      PropagatedCommand(database: database, arguments: arguments, goesIntoFile: intoFile, goesToReplicas: toReplicas))
  }

  /// Ends a unit: several commands go out between MULTI and EXEC, one goes alone (`propagatePendingCommands` in
  /// server.c).
  ///
  /// - Parameter isUnit: false after a command that may have met any key: what had expired there is deleted one by one.
  mutating func propagatePending(isUnit: Bool = true) {
    guard !pendingPropagation.isEmpty else { return }
    let commands = pendingPropagation
    pendingPropagation = []
    if commands.count > 1, isUnit { feed(["MULTI"], database: commands[0].database) }
    for command in commands {
      if command.goesIntoFile { feedAppendOnly(command.arguments, database: command.database) }
      if command.goesToReplicas { feedReplicas(command.arguments, database: command.database) }
    }
    // EXEC belongs to no database: the SELECT, if one is needed, precedes the next command.
    if commands.count > 1, isUnit { feed(["EXEC"], database: nil) }
  }

  /// Tells first the file, then the replicas (`propagateNow` in server.c).
  private mutating func feed(_ arguments: [Bytes], database: Int?) {
    feedAppendOnly(arguments, database: database)
    feedReplicas(arguments, database: database)
  }
}

// The stream: from a master's writes, or from its own master's bytes, into the backlog and on to the replicas
// (docs/PROTOCOL.md, 4).

extension Node {
  /// A command of this node's own making, preceded by SELECT where the replicas are in another database
  /// (`replicationFeedSlaves` in replication.c). `database` is nil for what belongs to none.
  ///
  /// Only the master at the top makes a stream; all below pass on the very bytes that it sent.
  mutating func feedReplicas(_ command: [Bytes], database: Int?) {
    guard replication.isMaster, replication.hasBacklog else { return }
    if let database, replication.streamDatabase != database {
      feedBacklog(encode(["SELECT", Bytes(database)])[...])
      replication.streamDatabase = database
    }
    // In Redis's pieces, since a new block is as big as the piece that needs it.
    feedBacklog(Array("*\(command.count)\r\n".utf8)[...])
    for argument in command {
      feedBacklog(Array("$\(argument.count)\r\n".utf8)[...])
      feedBacklog(argument.array[...])
      feedBacklog([13, 10])
    }
  }

  /// Bytes of the stream (`feedReplicationBuffer` in replication.c). They count only if there is a backlog to keep
  /// them.
  mutating func feedBacklog(_ bytes: ArraySlice<UInt8>) {
    guard replication.hasBacklog else { return }
    let size = configuration.replBacklogSize
    let added = replication.backlog?.append(bytes, size: size) ?? false
    replication.offset +|= Int64(bytes.count)
    guard added else { return }
    for connection in replication.replicas where clients[connection]?.replica?.isFed == true {
      closeOverOutputLimit(connection)
    }
    trimBacklog(blocks: 64)
  }

  /// Drops the oldest blocks that nobody needs, at most so many of them (`incrementalTrimReplicationBacklog` in
  /// replication.c).
  mutating func trimBacklog(blocks: Int) {
    let size = configuration.replBacklogSize
    guard replication.backlog?.exceeds(size) == true else { return }
    let pin = replication.replicas.compactMap { clients[$0]?.replica?.next }.min()
    replication.backlog?.trim(to: size, pinnedFrom: pin, limit: blocks)
  }

  // MARK: To the replicas

  /// The replica is ready for the stream, and what was kept for it (`replicaStartCommandStream` in replication.c).
  mutating func startStream(to connection: ConnectionID) {
    clients[connection]?.replica?.startCommandStream()
    let kept = replication.offset +| 1 -| (clients[connection]?.replica?.next ?? replication.offset +| 1)
    emit(.decided(.startStream(connection, kept: kept)))
  }

  /// Writes what each replica has not been sent yet: a write for each block of the backlog (`writeToClient`,
  /// `handleClientsWithPendingWrites` in networking.c).
  mutating func flushStreams() {
    guard let backlog = replication.backlog, !replication.replicas.isEmpty else { return }
    let isLonger = replication.flushedEnd != backlog.end
    replication.flushedEnd = backlog.end
    // Most replicas are sent the same, and share its bytes.
    var writes: (first: Int64, bytes: [[UInt8]])?
    for connection in isLonger ? replication.replicas : touchedReplicas {
      guard let next = nextToStream(to: connection), next < backlog.end else { continue }
      if writes?.first != next { writes = (next, backlog.writes(from: next)) }
      statistics.writes += 1
      for bytes in writes?.bytes ?? [] {
        emit(.send(connection, bytes))
        statistics.replicationOutputBytes += Int64(bytes.count)
        clients[connection]?.replica?.wrote(bytes.count)
        if waitsForDelivery(to: connection) { break }
      }
      clients[connection]?.lastInteraction = now
      if clients[connection]?.replica?.softLimitSince != nil { noteOutputLimit(connection) }
    }
  }

  /// Those that may be in another state than before, in the order of the replicas. Of all others it is known that there is
  /// nothing to be written to them, and no reply to be missed.
  var touchedReplicas: [ConnectionID] {
    if replication.replicas.isEmpty { return [] }
    var touched: [ConnectionID] = []
    for place in clients.touched where clients[place].flags.contains(.replica) {
      touched.append(clients[place].connection)
    }
    return touched.count > 1 ? replication.replicas.filter(Set(touched).contains) : touched
  }

  /// The next byte of the stream that the replica is to be sent, if it may be sent anything.
  private func nextToStream(to connection: ConnectionID) -> Int64? {
    guard let place = clients.index(forKey: connection), let replica = clients[place].replica, replica.mayBeStreamed,
      clients[place].flags.isDisjoint(with: [.closeASAP, .closeAfterReply])
    else { return nil }
    return replica.next
  }

  /// A socket's buffer is finite: beyond it, what the replica has not taken waits here, where the output limits see it.
  private mutating func waitsForDelivery(to connection: ConnectionID) -> Bool {
    guard let replica = clients[connection]?.replica, replica.undelivered >= ReplicaSession.socketBuffer else {
      return false
    }
    clients[connection]?.replica?.awaitWritten(since: now)
    emit(.notifyWhenWritten(connection))
    return true
  }
}

extension ReplicaSession {
  /// What the sender's kernel takes before write(2) would block, with Linux's defaults (`tcp_wmem` up to 4 MiB): 3.76 to
  /// 3.90 MB of bytes on the loopback [measured, writes of 100 bytes to 1 MB], beside 0.12 MB in the receiver's buffer.
  package static var socketBuffer: Int { 3_800_000 }
}
