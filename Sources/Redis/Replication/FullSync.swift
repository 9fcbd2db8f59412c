// A replica gets everything: when its snapshot begins, and with whom it shares one (docs/PROTOCOL.md, 3). `SyncCommand` draws
// the states.

extension Node {
  /// The replica gets everything: from the snapshot under way, from one that begins now, or from a later one
  /// (`syncCommand` in replication.c).
  mutating func beginFullSync(with connection: ConnectionID) {
    statistics.syncFull += 1
    clients[connection]?.flags.insert(.replica)
    clients[connection]?.replica?.becomeWaitBgsaveStart()
    replication.replicas.append(connection)
    if replication.replicas.count == 1, replication.backlog == nil { beginHistory() }
    switch child {
    case .save?: return joinSnapshot(connection)
    case .disklessSync?: return waitForNext(connection, .goesToSockets)
    case .rewrite?, nil: break
    }
    guard let replica = clients[connection]?.replica else { return }
    if followsRecording
      || configuration.replDisklessSync && replica.capabilities.contains(.eof)
        && configuration.replDisklessSyncDelay > 0
    {
      log(.notice, "Delay next BGSAVE for diskless SYNC")
      decideDelay()
    } else if !hasChild {
      startSnapshot(capabilities: replica.capabilities, requirements: replica.requirements)
    } else {
      waitForNext(connection, .otherChild)
    }
  }

  /// The first replica: what happened before was not kept, so nobody may claim to have it (`syncCommand` in
  /// replication.c).
  private mutating func beginHistory() {
    replication.ids.start(drawReplicationID())
    replication.backlog = Backlog(after: replication.offset)
    log(
      .notice,
      "Replication backlog created, my new replication IDs are '\(replication.ids.current)' and "
        + "'\(replication.ids.second)'")
    emit(.decided(.beginHistory(id: replication.ids.current, offset: replication.offset)))
  }

  /// A snapshot to disk is under way: it serves the newcomer too if the stream has been kept since it began
  /// (`syncCommand` in replication.c).
  private mutating func joinSnapshot(_ connection: ConnectionID) {
    guard let newcomer = clients[connection]?.replica else { return }
    let other = replication.replicas.compactMap { clients[$0]?.replica }.first {
      $0.state == .waitBgsaveEnd && (!$0.wantsOnlySnapshot || newcomer.wantsOnlySnapshot)
    }
    guard let other, newcomer.capabilities.isSuperset(of: other.capabilities),
      newcomer.requirements == other.requirements
    else {
      waitForNext(connection, .nobodyToJoin)
      return
    }
    emit(.decided(.joinSnapshot(connection, offset: other.initialOffset)))
    sendFullResync(to: connection, at: other.initialOffset)
    log(.notice, "Waiting for end of BGSAVE for SYNC")
  }

  /// No snapshot can serve the replica now: it waits for the next one (`syncCommand` in replication.c).
  private mutating func waitForNext(_ connection: ConnectionID, _ reason: Decision.NextSnapshotReason) {
    switch reason {
    case .goesToSockets: log(.notice, "Current BGSAVE has socket target. Waiting for next BGSAVE for SYNC")
    case .nobodyToJoin:
      log(.notice, "Can't attach the replica to the current BGSAVE. Waiting for next BGSAVE for SYNC")
    case .otherChild:
      log(.notice, "No BGSAVE in progress, but another BG operation is active. BGSAVE for replication delayed")
    }
    emit(.decided(.waitForNextSnapshot(connection, reason)))
  }

  /// The snapshot begins now: its replica learns of which moment it is, and the stream is kept for it from here on
  /// (`replicationSetupSlaveForFullResync` in replication.c).
  mutating func sendFullResync(to connection: ConnectionID, at offset: Int64) {
    guard let replica = clients[connection]?.replica else { return }
    clients[connection]?.replica?.becomeWaitBgsaveEnd(snapshotAt: offset)
    noteOutputLimit(connection)
    // The replica knows no database yet: the next write is preceded by SELECT.
    replication.streamDatabase = nil
    guard !replica.isPrePsync else { return }
    emit(.send(connection, "+FULLRESYNC \(replication.ids.current) \(offset)\r\n".bytes))
  }

  // MARK: When to begin

  /// Starts the snapshot that replicas wait for, if there is one to start and the delay is over
  /// (`replicationStartPendingFork` in replication.c).
  mutating func startPendingSnapshot() {
    guard !hasChild, !followsRecording, let wanted = pendingSnapshot else { return }
    let enough = configuration.replDisklessSyncMaxReplicas
    if configuration.replDisklessSync, !(enough > 0 && wanted.waiting >= enough),
      wanted.longestWait < configuration.replDisklessSyncDelay
    {
      decideDelay()
      return
    }
    startSnapshot(capabilities: wanted.capabilities, requirements: wanted.requirements)
  }

  private struct PendingSnapshot {
    var requirements: ReplicaSession.Requirements
    /// What all of them can do.
    var capabilities: ReplicaSession.Capabilities
    var waiting = 0
    /// Whole seconds since the one that has waited longest last said something.
    var longestWait: Int64 = 0
  }

  /// The first replica that waits, and all that want the same of a snapshot (`shouldStartChildReplication` in
  /// replication.c).
  private var pendingSnapshot: PendingSnapshot? {
    var pending: PendingSnapshot?
    for connection in replication.replicas {
      // Few wait, as a rule: the others are not copied.
      guard let index = clients.index(forKey: connection), clients[index].replica?.state == .waitBgsaveStart,
        let replica = clients[index].replica
      else { continue }
      var sum =
        pending ?? PendingSnapshot(requirements: replica.requirements, capabilities: replica.capabilities)
      guard replica.requirements == sum.requirements else { continue }
      sum.waiting += 1
      sum.capabilities.formIntersection(replica.capabilities)
      sum.longestWait = max(sum.longestWait, now.seconds - clients[index].lastInteraction.seconds)
      pending = sum
    }
    return pending
  }

  private mutating func decideDelay() {
    guard let pendingSnapshot else { return }
    emit(
      .decided(
        .delaySnapshot(
          waited: pendingSnapshot.longestWait, delay: configuration.replDisklessSyncDelay,
          waiting: pendingSnapshot.waiting, enough: configuration.replDisklessSyncMaxReplicas)))
  }
}
