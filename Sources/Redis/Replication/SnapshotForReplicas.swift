import RDB

// A snapshot for replicas: begun, and once it is there sent to them (`SnapshotPipe` sends one that goes by no disk).

extension Node {
  /// Forks a child that writes a snapshot for all waiting replicas that want the same of it
  /// (`startBgsaveForReplication` in replication.c).
  mutating func startSnapshot(
    capabilities: ReplicaSession.Capabilities, requirements: ReplicaSession.Requirements,
    for some: [ConnectionID]? = nil
  ) {
    let toSockets = (configuration.replDisklessSync || !requirements.isEmpty) && capabilities.contains(.eof)
    log(.notice, "Starting BGSAVE for SYNC with target: \(toSockets ? "replicas sockets" : "disk")")
    let batch = replication.replicas.filter {
      clients[$0]?.replica?.state == .waitBgsaveStart && clients[$0]?.replica?.requirements == requirements
        && some?.contains($0) != false
    }
    let target: Decision.SnapshotTarget =
      toSockets
      ? .sockets
      : .disk(replDisklessSync: configuration.replDisklessSync, allUnderstandEOF: capabilities.contains(.eof))
    emit(.decided(.snapshot(target, replicas: batch)))
    guard let stream = snapshotStream else {
      log(
        .warning,
        "BGSAVE for replication: replication information not available, can't generate the RDB file right now. Try "
          + "later.")
      refuseWaiting()
      return
    }
    let withKeys = !requirements.contains(.excludeData)
    if toSockets {
      for connection in batch { sendFullResync(to: connection, at: replication.offset) }
      guard startDisklessSync(to: batch, stream: stream, withKeys: withKeys) else { return refuseWaiting() }
    } else {
      guard startBackgroundSave(stream: stream) else { return refuseWaiting() }
      if configuration.rdbDelSyncFiles { replication.fileIsForReplicas = true }
      for connection in batch { sendFullResync(to: connection, at: replication.offset) }
    }
  }

  /// No snapshot could be begun: all who wait for one are told, whatever they want of it (`startBgsaveForReplication`
  /// in replication.c).
  private mutating func refuseWaiting() {
    log(.warning, "BGSAVE for replication failed")
    for connection in replication.replicas where clients[connection]?.replica?.state == .waitBgsaveStart {
      replication.replicas.removeAll { $0 == connection }
      clients[connection]?.flags.remove(.replica)
      clients[connection]?.replica?.becomeNone()
      write(error: "ERR BGSAVE failed, replication can't continue", to: connection)
      clients[connection]?.flags.insert(.closeAfterReply)
    }
  }

  /// What a snapshot taken now says of the stream; nil: there is none, or this replica has lost it
  /// (`rdbPopulateSaveInfo` in rdb.c).
  package var snapshotStream: SnapshotWriter.Stream? {
    let database: Int
    if replication.isMaster, replication.backlog != nil {
      // Before the first write after a full sync the stream has selected none, and the write will.
      database = replication.streamDatabase ?? 0
    } else if let connection = replication.session?.connection, let client = clients[connection] {
      database = client.database
    } else if let cached = replication.cached {
      database = cached.database
    } else {
      return nil
    }
    return SnapshotWriter.Stream(database: database, id: replication.ids.current, offset: replication.offset)
  }

  // MARK: The payload

  mutating func sendSnapshot(_ bytes: [UInt8], to connection: ConnectionID) {
    emit(.send(connection, bytes))
    statistics.replicationOutputBytes += Int64(bytes.count)
  }

  var replicasAwaitingSnapshot: [ConnectionID] {
    replication.replicas.filter { clients[$0]?.replica?.state == .waitBgsaveEnd }
  }

  /// The replica waited for a snapshot that failed (`updateSlavesWaitingBgsave` in replication.c).
  mutating func dropForFailedSnapshot(_ connection: ConnectionID) {
    clients[connection]?.flags.insert(.closeASAP)
    log(.warning, "SYNC failed. BGSAVE child returned an error")
    emit(.decided(.dropReplica(connection, .snapshotFailed)))
  }

  /// What was sent to a replica has left: `Input.written` (`sendBulkToSlave`, `rdbPipeWriteHandler` in replication.c;
  /// `sendReplyToClient` in networking.c).
  mutating func replicaWritten(_ connection: ConnectionID) {
    guard let replica = clients[connection]?.replica else { return }
    switch replica.state {
    case .waitBgsaveEnd: blockWritten(to: connection)
    case .sendBulk:
      clients[connection]?.replica?.blockWritten()
      sendFileChunk(to: connection)
    case .online: clients[connection]?.replica?.mayWriteAgain()
    case .none, .waitBgsaveStart, .rdbTransmitted: break
    }
  }

  // MARK: The file

  /// The length, then the file, a read(2) of it at a time (`updateSlavesWaitingBgsave`, `sendBulkToSlave` in
  /// replication.c). No line end follows.
  mutating func beginSendingFile(_ file: [UInt8], to connection: ConnectionID) {
    clients[connection]?.replica?.becomeSendBulk(file)
    sendSnapshot(Array("$\(file.count)\r\n".utf8), to: connection)
    sendFileChunk(to: connection)
  }

  /// Sends the next piece of the file; after the last one the stream follows (`sendBulkToSlave` in replication.c).
  mutating func sendFileChunk(to connection: ConnectionID) {
    guard let piece = clients[connection]?.replica?.nextPiece(replication.chunkSize, at: now) else { return }
    sendSnapshot(piece.bytes, to: connection)
    guard piece.isLast else { return emit(.notifyWhenWritten(connection)) }
    guard putOnline(connection, awaitsAcknowledgement: false) else {
      close(connection)
      return
    }
    emit(.decided(.online(connection, awaitsAcknowledgement: false)))
    startStream(to: connection)
  }

  /// The replica has everything of the snapshot; false if that was all it wanted (`replicaPutOnline` in replication.c).
  mutating func putOnline(_ connection: ConnectionID, awaitsAcknowledgement: Bool) -> Bool {
    guard let replica = clients[connection]?.replica else { return false }
    guard !replica.wantsOnlySnapshot else {
      clients[connection]?.replica?.becomeRdbTransmitted()
      log(
        .notice,
        "RDB transfer completed, rdb only replica (\(replicaName(connection))) should be disconnected asap")
      return false
    }
    clients[connection]?.replica?.becomeOnline(at: now, awaitsAcknowledgement: awaitsAcknowledgement)
    refreshGoodReplicas()
    log(.notice, "Synchronization with replica \(replicaName(connection)) succeeded")
    return true
  }

  /// The file was made for replicas only, and none needs it any more (`rdb-del-sync-files`;
  /// `removeRDBUsedToSyncReplicas` in replication.c).
  mutating func removeFileForReplicas() {
    guard configuration.rdbDelSyncFiles else {
      replication.fileIsForReplicas = false
      return
    }
    guard replication.fileIsForReplicas, configuration.save.isEmpty else { return }
    let isNeeded = replication.replicas.contains {
      switch clients[$0]?.replica?.state {
      case .waitBgsaveStart, .waitBgsaveEnd, .sendBulk: true
      case .none?, .online, .rdbTransmitted, nil: false
      }
    }
    guard !isNeeded else { return }
    replication.fileIsForReplicas = false
    log(.notice, "Removing the RDB file used to feed replicas in a persistence-less instance")
    emit(.file(.delete(name: configuration.dbfilename)))
  }
}
