// The master's side of SYNC and PSYNC (`syncCommand` in Redis; docs/PROTOCOL.md, 2 and 3).
//
//     PSYNC ──► refused? ──► the part it misses? ──► +CONTINUE, online at once
//                                 │ no
//                                 ▼
//                          WAIT_BGSAVE_START ◄── the delay, another child       newline every second
//                                 │ fork: +FULLRESYNC id offset
//                                 ▼
//                          WAIT_BGSAVE_END ───── without a disk: $EOF:… from the child's pipe
//                                 │ the child's end is seen       │
//                 with a disk:    ▼                               │
//                 $length …   SEND_BULK                           │
//                                 │ the last byte                 │
//                                 ▼                               ▼
//                              ONLINE, the stream at once      ONLINE, the stream after the next REPLCONF ACK
//
// Where reality differs from redis.io's page: the offset is that of the fork, so +FULLRESYNC comes when the child does,
// which may be seconds after PSYNC.

import RESP

extension Node {
  /// PSYNC (`syncCommand`, `masterTryPartialResynchronization` in replication.c).
  mutating func receivePsync(_ call: inout Call) {
    let arguments = call.arguments
    if arguments.count > 3, arguments[3].matches("failover"), !receivePsyncFailover(&call) { return }
    guard mayBecomeReplica(&call) else { return }
    guard let offset = Integer.parse(arguments[2]) else {
      log(.warning, "Replica \(replicaName(call.connection)) asks for synchronization but with a wrong offset")
      refuseSync(.badOffset(arguments[2].text), "ERR value is not an integer or out of range", &call)
      return
    }
    let request = PartialResync(id: arguments[1].printed, offset: offset, of: replication)
    emit(.decided(.partialResync(call.connection, request, request.verdict)))
    if case .accepted(let bytes) = request.verdict {
      statistics.syncPartialOK += 1
      sendContinue(to: call.connection, from: offset, bytes: bytes)
      return
    }
    logRefusal(of: request, to: call.connection)
    if request.verdict != .fullRequested { statistics.syncPartialError += 1 }
    beginFullSync(with: call.connection)
  }

  /// SYNC (`syncCommand` in replication.c).
  mutating func receiveSync(_ call: inout Call) {
    guard mayBecomeReplica(&call) else { return }
    clients[call.connection]?.replica?.isPrePsync = true
    beginFullSync(with: call.connection)
  }

  /// The checks that come before everything else; true if the client may become a replica (`syncCommand` in
  /// replication.c).
  private mutating func mayBecomeReplica(_ call: inout Call) -> Bool {
    guard let client = clients[call.connection] else { return false }
    if client.flags.contains(.replica) {
      emit(.decided(.refuseSync(.alreadyReplica)))
      return false
    }
    if replication.failover.state != .none {
      refuseSync(.failingOver, "NOMASTERLINK Can't SYNC while failing over", &call)
    } else if !replication.isMaster, replication.link.state != .connected {
      refuseSync(
        .ownLinkDown(replication.link.state), "NOMASTERLINK Can't SYNC while not connected with my master", &call)
    } else if !call.reply.isEmpty {
      refuseSync(.pendingOutput(call.reply.bytes.count), "ERR SYNC and PSYNC are invalid with pending output", &call)
    } else if let replica = client.replica, !replica.requirements.isEmpty, !replica.capabilities.contains(.eof) {
      refuseSync(.filterWithoutEOF, "ERR Filtered replica requires EOF capability", &call)
    } else {
      if client.replica == nil { clients[call.connection]?.replica = ReplicaSession() }
      log(.notice, "Replica \(replicaName(call.connection)) asks for synchronization")
      return true
    }
    return false
  }

  private mutating func refuseSync(_ reason: Decision.SyncRefusal, _ error: String, _ call: inout Call) {
    emit(.decided(.refuseSync(reason)))
    call.reply.error(error)
  }

  /// A master that hands over asks its replica to take over (`syncCommand` in replication.c).
  private mutating func receivePsyncFailover(_ call: inout Call) -> Bool {
    let id = call.arguments[1].printed
    log(.warning, "Failover request received for replid \(id).")
    if replication.isMaster {
      refuseSync(.failoverToMaster, "ERR PSYNC FAILOVER can't be sent to a master.", &call)
      return false
    }
    guard Bytes(id).matchesIgnoringCase(Bytes(replication.ids.current)) else {
      refuseSync(
        .failoverWithOtherID(asked: id, own: replication.ids.current),
        "ERR PSYNC FAILOVER replid must match my replid.",
        &call)
      return false
    }
    becomeMaster(.failover)
    log(.notice, "MASTER MODE enabled (failover request from '\(clientDescription(call.connection))')")
    return true
  }

  // MARK: The part it misses

  /// Puts the replica online at once, and sends it the part that it misses (`masterTryPartialResynchronization`,
  /// `addReplyReplicationBacklog` in replication.c).
  private mutating func sendContinue(to connection: ConnectionID, from offset: Int64, bytes: Int64) {
    guard let replica = clients[connection]?.replica else { return }
    clients[connection]?.flags.insert(.replica)
    clients[connection]?.replica?.becomeOnline(at: now, from: offset)
    replication.replicas.append(connection)
    refreshGoodReplicas()
    let id = replica.capabilities.contains(.psync2) ? " \(replication.ids.current)" : ""
    emit(.send(connection, "+CONTINUE\(id)\r\n".bytes))
    // No SELECT follows: the replica remembers the database of its stream.
    logReading(from: offset)
    log(
      .notice,
      "Partial resynchronization request from \(replicaName(connection)) accepted. Sending \(bytes) bytes of backlog "
        + "starting from offset \(offset).")
    noteOutputLimit(connection)
    emit(.decided(.startStream(connection, kept: bytes)))
  }

  /// What of the backlog is sent (`addReplyReplicationBacklog` in replication.c).
  private mutating func logReading(from offset: Int64) {
    guard let backlog = replication.backlog else { return }
    log(.debug, "[PSYNC] Replica request offset: \(offset)")
    guard backlog.length > 0 else { return log(.debug, "[PSYNC] Backlog history len is zero") }
    log(.debug, "[PSYNC] Backlog size: \(configuration.replBacklogSize)")
    log(.debug, "[PSYNC] First byte: \(backlog.firstByte)")
    log(.debug, "[PSYNC] History len: \(backlog.length)")
    log(.debug, "[PSYNC] Skipping: \(offset -| backlog.firstByte)")
  }

  /// Says in the log why the replica gets everything (`masterTryPartialResynchronization` in replication.c).
  private mutating func logRefusal(of request: PartialResync, to connection: ConnectionID) {
    let name = replicaName(connection)
    switch request.verdict {
    case .accepted: break
    case .fullRequested: log(.notice, "Full resync requested by replica \(name)")
    case .unknownID:
      log(
        .notice,
        "Partial resynchronization not accepted: Replication ID mismatch (Replica asked for '\(request.id)', my "
          + "replication IDs are '\(request.ids.current)' and '\(request.ids.second)')")
    case .beyondSecondID:
      log(
        .notice,
        "Partial resynchronization not accepted: Requested offset for second ID was \(request.offset), but I can reply "
          + "up to \(request.ids.secondOffset)")
    case .noBacklog, .tooOld, .tooNew:
      log(
        .notice,
        "Unable to partial resync with replica \(name) for lack of backlog (Replica request was: \(request.offset)).")
      if request.offset > request.masterOffset {
        log(
          .warning,
          "Warning: replica \(name) tried to PSYNC with an offset that is greater than the master replication offset.")
      }
    }
  }
}

extension Bytes {
  func matchesIgnoringCase(_ other: Bytes) -> Bool { lowercased() == other.lowercased() }
}
