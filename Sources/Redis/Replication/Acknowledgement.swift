// REPLCONF ACK and GETACK, and what depends on them: WAIT and min-replicas-to-write.

extension Node {
  // MARK: As a replica

  /// Tells the master how much of its stream has been applied (`replicationSendAck` in replication.c). A GETACK answers
  /// with what came before it: it counts itself only in the next acknowledgement.
  mutating func sendAcknowledgement() {
    guard let session = replication.session else { return }
    replication.pendingAcknowledgements += encode(["REPLCONF", "ACK", Bytes(session.offset)])
  }

  /// Sends what is to be acknowledged, in one write at the end of the input (`replicationSendAck` in replication.c).
  mutating func flushAcknowledgements() {
    guard !replication.pendingAcknowledgements.isEmpty else { return }
    let bytes = replication.pendingAcknowledgements
    replication.pendingAcknowledgements = []
    guard let connection = replication.session?.connection else { return }
    // One whose stream broke the protocol waits for this to be closed, and gets nothing more (`_addReplyToBufferOrList`,
    // `writeToClient` in networking.c).
    if let place = clients.index(forKey: connection), clients[place].flags.contains(.closeAfterReply) {
      return close(connection)
    }
    emit(.send(connection, bytes))
    statistics.outputBytes += Int64(bytes.count)
    statistics.writes += 1
    guard let index = clients.index(forKey: connection) else { return }
    clients[index].settleBuffers(buffersClock)
    clients[index].buffers.write(bytes.count)
  }

  // MARK: As a master

  /// REPLCONF ACK: a replica has applied the stream up to an offset (`replconfCommand` in replication.c).
  mutating func receiveAcknowledgement(_ value: Bytes, from connection: ConnectionID) {
    guard let index = clients.index(forKey: connection), clients[index].flags.contains(.replica),
      let offset = Integer.parse(value)
    else { return }
    clients[index].replica?.acknowledge(offset, at: now)
    // It may have come before the end of the child was seen.
    if clients[index].replica?.state == .waitBgsaveEnd, hasChild { reapChild() }
    guard clients[connection]?.replica?.startsCommandStreamOnAck == true,
      clients[connection]?.replica?.state == .online
    else { return }
    startStream(to: connection)
  }

  /// `REPLCONF GETACK *`, a part of the stream like any command (`sendGetackToReplicas` in server.c).
  mutating func requestAcknowledgements() {
    guard replication.asksForAcknowledgement else { return }
    if areClientsPaused {
      // Behind what else is held back; in a recorded node's place, that one says where.
      if followsRecording { replication.asksForAcknowledgement = false }
      return
    }
    replication.asksForAcknowledgement = false
    feedReplicas(["REPLCONF", "GETACK", "*"], database: nil)
  }

  /// How many replicas that are online have acknowledged the stream up to an offset (`replicationCountAcksByOffset` in
  /// replication.c).
  func replicasThatAcknowledged(_ offset: Int64) -> Int {
    replication.replicas.count {
      guard let replica = clients[$0]?.replica else { return false }
      return replica.state == .online && replica.acknowledged >= offset
    }
  }

  /// Counts the replicas that are online and have acknowledged within `min-replicas-max-lag` seconds: once a second, and
  /// when one comes online or is lost, or another number is asked for (`refreshGoodSlavesCount` in replication.c).
  mutating func refreshGoodReplicas() {
    guard configuration.minReplicasToWrite > 0, configuration.minReplicasMaxLag > 0 else { return }
    let good = replication.replicas.count {
      guard let replica = clients[$0]?.replica, replica.state == .online else { return false }
      return now.seconds - replica.acknowledgedAt.seconds <= configuration.minReplicasMaxLag
    }
    replication.goodReplicas = good
  }

  // MARK: WAIT

  /// WAIT (`waitCommand`, `replicationRequestAckFromSlaves` in replication.c).
  mutating func receiveWait(_ call: inout Call) {
    guard replication.isMaster else {
      call.reply.error(
        "ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is "
          + "configured to be writable (which is not the default) writes to replicas are just local and are not "
          + "propagated.")
      return
    }
    guard let replicas = Integer.parse(call.arguments[1]) else {
      call.reply.error("ERR value is not an integer or out of range")
      return
    }
    guard let timeout = Integer.parse(call.arguments[2]) else {
      call.reply.error("ERR timeout is not an integer or out of range")
      return
    }
    guard timeout >= 0 else {
      call.reply.error("ERR timeout is negative")
      return
    }
    guard let client = clients[call.connection] else { return }
    let offset = client.lastWriteOffset
    let count = replicasThatAcknowledged(offset)
    if Int64(count) >= replicas || deniesBlocking {
      decideWait(Int64(count) >= replicas ? .atOnce : .inTransaction, asked: replicas, offset)
      call.reply.integer(count)
      return
    }
    // A time that does not fit never comes: Redis's clock wraps around and finds none to wait for.
    let deadline = timeout == 0 || timeout > Int64.max / 1_000 - milliseconds ? nil : now + .milliseconds(timeout)
    clients[call.connection]?.blocked = BlockedState(
      reason: .wait(replicas: Int(clamping: replicas), offset: offset), deadline: deadline)
    replication.asksForAcknowledgement = true
    emit(.decided(.waitForReplicas(replicas, offset: offset, timeout: timeout, progress)))
  }

  private mutating func decideWait(_ end: Decision.WaitEnd, asked: Int64, _ offset: Int64) {
    emit(.decided(.answerWait(end, asked: asked, offset: offset, progress)))
  }

  /// How far each replica is, the oldest first.
  private var progress: [Decision.Progress] {
    replication.replicas.compactMap { connection in
      clients[connection]?.replica.map {
        Decision.Progress(connection, acknowledged: $0.acknowledged, isOnline: $0.state == .online)
      }
    }
  }

  /// Answers those whose replicas have acknowledged, or whose time is up (`processClientsWaitingReplicas` in
  /// replication.c; `replyToBlockedClientTimedOut`, `processUnblockedClients` in blocked.c;
  /// `handleBlockedClientsTimeout` in timeout.c).
  mutating func answerWaiting() {
    for client in clients.blocked {
      guard let blocked = client.blocked, case .wait(let replicas, let offset) = blocked.reason else { continue }
      let count = replicasThatAcknowledged(offset)
      guard count >= replicas || blocked.deadline.map({ $0 <= now }) == true else { continue }
      decideWait(count >= replicas ? .enough : .timeout, asked: Int64(replicas), offset)
      clients[client.connection]?.blocked = nil
      clients[client.connection]?.reply.integer(count)
      processInput(of: client.connection)
    }
  }

  var nextWaitDeadline: Instant? {
    clients.blocked.lazy.compactMap { client in
      guard let blocked = client.blocked, case .wait = blocked.reason else { return nil }
      return blocked.deadline
    }.min()
  }

  /// A master that becomes a replica can't tell those who wait what they want to know (`disconnectAllBlockedClients` in
  /// blocked.c).
  mutating func disconnectWaiting() {
    for client in clients.blocked {
      // What a pause holds back is looked at anew, and then refused or done.
      if case .paused? = client.blocked?.reason { continue }
      forgetWait(of: client.connection)
      clients[client.connection]?.blocked = nil
      write(
        error: "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
        to: client.connection)
      clients[client.connection]?.flags.insert(.closeAfterReply)
    }
  }
}
