import RESP

// How a master comes to be without a replica: by its limits, by an answer, on purpose, or because the connection is gone.

extension Node {
  /// `client-output-buffer-limit replica`: what is kept for a slow replica is bounded, but never below the backlog,
  /// which is kept anyway (`checkClientOutputBufferLimits`, `closeClientOnOutputBufferLimitReached` in networking.c).
  ///
  /// - Parameter isAtOnce: the timer finds it, which closes it then and there.
  mutating func closeOverOutputLimit(_ connection: ConnectionID, isAtOnce: Bool = false) {
    guard let index = clients.index(forKey: connection), !clients[index].flags.contains(.closeASAP),
      let next = clients[index].replica?.next, let backlog = replication.backlog
    else { return }
    let limit = configuration.clientOutputBufferLimits.replica
    let used = backlog.memory(from: next)
    let hard = max(Int64(clamping: limit.hard), replication.backlogSize(configuration))
    var exceeded = limit.hard > 0 && used >= hard ? hard : nil
    if limit.soft > 0, used >= Int64(clamping: limit.soft) {
      let since = clients[index].replica?.softLimitSince ?? now
      clients[index].replica?.softLimitSince = since
      if now.seconds - since.seconds > limit.softSeconds { exceeded = exceeded ?? Int64(clamping: limit.soft) }
    } else if clients[index].replica?.softLimitSince != nil {
      clients[index].replica?.softLimitSince = nil
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

  /// A replica's link carries no replies: one that makes the node answer is not understood, and closed
  /// (`_addReplyToBufferOrList`, `logInvalidUseAndFreeClientAsync` in networking.c).
  mutating func closeAnsweredReplicas() {
    for connection in touchedReplicas {
      guard let index = clients.index(forKey: connection), !clients[index].reply.isEmpty,
        !clients[index].flags.contains(.closeASAP)
      else { continue }
      let command = clients[index].lastCommand ?? "<unknown>"
      _ = clients[index].reply.take()
      log(
        .warning,
        "Replica generated a reply to command '\(command)', disconnecting it: \(clientDescription(connection))")
      emit(.decided(.dropReplica(connection, .reply)))
      clients[connection]?.flags.insert(.closeASAP)
    }
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
