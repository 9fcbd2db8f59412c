import RESP

// How a master comes to be without a replica: by its limits, by an answer, on purpose, or because the connection is gone.

extension Node {
  /// `client-output-buffer-limit replica`: what is kept for a slow replica is bounded, but never below the backlog,
  /// which is kept anyway (`checkClientOutputBufferLimits`, `closeClientOnOutputBufferLimitReached` in networking.c).
  ///
  /// - Parameter isAtOnce: the timer finds it, which closes it then and there.
  mutating func closeOverOutputLimit(_ connection: ConnectionID, isAtOnce: Bool = false) {
    guard let index = clients.index(forKey: connection), !clients[index].flags.contains(.closeASAP),
      let used = outputMemory(ofReplica: index)
    else { return }
    var (exceeded, soft) = outputLimits(exceededBy: used)
    let since = soft == nil ? nil : clients[index].replica?.softLimitSince ?? now
    let softSeconds = configuration.clientOutputBufferLimits.replica.softSeconds
    if let since, now.seconds - since.seconds > softSeconds { exceeded = exceeded ?? soft }
    if clients[index].replica?.softLimitSince != since { clients[index].replica?.softLimitSince = since }
    if let since {
      setLimitCheck(Instant(microseconds: (since.seconds +| softSeconds +| 1) *| 1_000_000), index)
    } else {
      noteOutputLimit(index, used)
    }
    guard let exceeded else { return }
    emit(.decided(.dropReplica(connection, .outputBuffer(bytes: used, limit: exceeded))))
    let description = clientDescription(connection)
    if isAtOnce {
      close(connection)
      log(.warning, "Client \(description) closed for overcoming of output buffer limits.")
    } else {
      clients[connection]?.flags.insert(.closeASAP)
      log(.warning, "Client \(description) scheduled to be closed ASAP for overcoming of output buffer limits.")
    }
  }

  /// Another amount waits for a replica, or the limits are others: whether the next turn of the timer is to look at it.
  mutating func noteOutputLimit(_ connection: ConnectionID) {
    guard let index = clients.index(forKey: connection), let used = outputMemory(ofReplica: index) else { return }
    noteOutputLimit(index, used)
  }

  private mutating func noteOutputLimit(_ index: Int, _ used: Int64) {
    // What is written first after its snapshot gives it a whole block, and nobody looks then.
    let (hard, soft) = outputLimits(exceededBy: used > 0 ? used : replication.backlog?.nextOutput ?? 0)
    let isLookedAt = hard != nil || soft != nil || clients[index].replica?.softLimitSince != nil
    setLimitCheck(isLookedAt ? now : nil, index)
  }

  private mutating func setLimitCheck(_ due: Instant?, _ index: Int) {
    if clients[index].replica?.limitCheck != due { clients[index].replica?.limitCheck = due }
  }

  /// The limits that so much output is over: the hard one, which is never below the backlog, and the soft one.
  private mutating func outputLimits(exceededBy used: Int64) -> (hard: Int64?, soft: Int64?) {
    let limit = configuration.clientOutputBufferLimits.replica
    let hard = max(Int64(clamping: limit.hard), configuration.replBacklogSize)
    let soft = Int64(clamping: limit.soft)
    return (limit.hard > 0 && used >= hard ? hard : nil, limit.soft > 0 && used >= soft ? soft : nil)
  }

  /// It changes nothing, and is `mutating` so that the node is asked where it is: each turn of the timer asks of each replica.
  private mutating func outputMemory(ofReplica index: Int) -> Int64? {
    guard let backlog = replication.backlog, let next = clients[index].replica?.next,
      let initialOffset = clients[index].replica?.initialOffset
    else { return nil }
    return backlog.output(from: next, since: initialOffset).memory
  }

  /// A replica's link carries no replies: one that makes the node answer is not understood, and closed
  /// (`_addReplyToBufferOrList`, `logInvalidUseAndFreeClientAsync` in networking.c).
  mutating func closeAnsweredReplicas() {
    for connection in touchedReplicas { closeAnsweredReplica(connection) }
  }

  mutating func closeAnsweredReplica(_ connection: ConnectionID) {
    guard let index = clients.index(forKey: connection), !clients[index].reply.isEmpty else { return }
    _ = clients[index].reply.take()
    guard !clients[index].flags.contains(.closeASAP) else { return }
    let command = clients[index].lastCommand ?? "<unknown>"
    log(
      .warning,
      "Replica generated a reply to command '\(command)', disconnecting it: \(clientDescription(connection))")
    emit(.decided(.dropReplica(connection, .reply)))
    clients[connection]?.flags.insert(.closeASAP)
  }

  // MARK: Losing replicas

  /// Closes the connections of all replicas (`disconnectSlaves` in networking.c).
  mutating func disconnectReplicas(_ reason: Decision.DropReason) {
    for connection in replication.replicas {
      emit(.decided(.dropReplica(connection, reason)))
      close(connection)
    }
  }

  /// A replica's client is gone (`freeClient`, `anyOtherSlaveWaitRdb` in networking.c).
  mutating func replicaLost(_ client: Client) {
    guard client.flags.contains(.replica), let index = replication.replicas.firstIndex(of: client.connection) else {
      return
    }
    log(.warning, "Connection with replica \(replicaName(client)) lost.")
    replication.replicas.remove(at: index)
    if replication.replicas.isEmpty { replication.noReplicasSince = now }
    refreshGoodReplicas()
    removeFromBatch(client.connection)
    let othersWait = replication.replicas.contains { clients[$0]?.replica?.state == .waitBgsaveEnd }
    if client.replica?.state == .waitBgsaveEnd, case .save? = child, configuration.save.isEmpty, !othersWait {
      killChild()
    }
    trimBacklog(blocks: 64)
  }
}
