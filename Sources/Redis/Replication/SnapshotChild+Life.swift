import RDB

// The child's life, as its parent sees it: fork, pipe, exit, and the kill in between.

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
      guard forkChild(to: .replicas(batch), stream: stream, mark: drawEndMark(), withKeys: withKeys) else {
        return refuseWaiting()
      }
      sendNextBlock()
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
      clients[connection]?.replica?.state = .none
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

  /// fork(2): the child has a copy of everything, at no cost worth mentioning (`rdbSaveBackground`,
  /// `rdbSaveToSlavesSockets` in rdb.c). False if there is a child already.
  mutating func forkChild(
    to target: SnapshotChild.Target, stream: SnapshotWriter.Stream?, mark: String? = nil, withKeys: Bool = true
  ) -> Bool {
    let writer = SnapshotWriter(of: self, stream: stream, mark: mark, withKeys: withKeys)
    let (now, dirty, keys, delay, end) = (now, dirty, keyCount, keySaveDelay, now + timeToWrite)
    let child = children.fork(parent: processID) { process in
      var child = SnapshotChild(
        target: target, writer: writer, process: process, started: now, dirty: dirty, keys: keys, keyDelay: delay)
      if target == .disk { child.state = .ended(end) }
      return child
    }
    guard let child else { return false }
    statistics.forks += 1
    if target == .disk {
      log(.notice, "Background saving started by pid \(child.process)")
      emit(.file(.write(name: "temp-\(child.process).rdb", [])))
    } else {
      log(.notice, "Background RDB transfer started by pid \(child.process)")
    }
    return true
  }

  /// A child that rewrites the append-only file (`rewriteAppendOnlyFileBackground` in aof.c). False if there is a child
  /// already.
  mutating func forkRewrite() -> Bool {
    let (writer, base) = (SnapshotWriter(of: self, stream: nil, withKeys: false), AppendOnlyBase(of: self))
    let (now, dirty, keys, delay, end) = (now, dirty, keyCount, keySaveDelay, now + timeToWrite)
    let child = children.fork(parent: processID) { process in
      var child = SnapshotChild(
        target: .appendOnly, writer: writer, process: process, started: now, dirty: dirty, keys: keys, keyDelay: delay)
      child.base = base
      child.state = .ended(end)
      return child
    }
    guard let child else { return false }
    statistics.forks += 1
    log(.notice, "Background append only file rewriting started by pid \(child.process)")
    emit(.file(.write(name: temporaryNames(of: child)[1], [])))
    return true
  }

  /// A file is written at once unless `rdb-key-save-delay` says otherwise; its parent notices at a turn of its timer.
  private var timeToWrite: Interval {
    SnapshotChild.timeToExit + keySaveDelay * Int64(keyCount)
  }

  /// The keys of all databases (`dbTotalServerKeyCount` in db.c).
  private var keyCount: Int { databases.reduce(0) { $0 + $1.count } }

  /// A negative `rdb-key-save-delay` is a microsecond now and then, which is none here.
  private var keySaveDelay: Interval { .microseconds(max(0, configuration.rdbKeySaveDelay)) }

  /// SIGUSR1: an end that is no error (`killRDBChild` in rdb.c).
  mutating func killChild() {
    guard let child, !child.isGone(at: now) else { return }
    log(.warning, "Received SIGUSR1 in child, exiting now.")
    children.change { $0.state = .killed }
  }

  // MARK: The pipe

  /// Reads the pipe once and writes the block to every replica of the batch (`rdbPipeReadHandler` in replication.c).
  /// The pipe is next read when the slowest has taken the whole of it.
  mutating func sendNextBlock() {
    let size = replication.chunkSize
    guard let batch = readableBatch, let ready = children.change({ $0.prepareBlock(size) }), ready <= now else {
      return
    }
    let block = children.change { $0.takeBlock() } ?? []
    if block.isEmpty {
      logChildMemory("RDB")
      log(.warning, "Diskless rdb transfer, done reading from pipe, \(batch.count) replicas still up.")
      let end = now + SnapshotChild.timeToExit
      children.change { $0.state = .ended(end) }
      return
    }
    if batch.isEmpty {
      log(.warning, "Diskless rdb transfer, last replica dropped, killing fork child.")
      killChild()
      return
    }
    children.change { $0.writing = Set(batch) }
    for connection in batch {
      sendSnapshot(block, to: connection)
      emit(.notifyWhenWritten(connection))
      clients[connection]?.replica?.writingSince = now
    }
  }

  private mutating func sendSnapshot(_ bytes: [UInt8], to connection: ConnectionID) {
    emit(.send(connection, bytes))
    statistics.replicationOutputBytes += Int64(bytes.count)
  }

  /// Those who are sent what comes out of the pipe, while nobody is still to take the last block.
  private var readableBatch: [ConnectionID]? {
    guard let child = children.current, child.state == .running, child.writing.isEmpty,
      case .replicas(let batch) = child.target
    else { return nil }
    return batch
  }

  /// When the pipe has its next block, where the child has still to write it.
  var nextPipeRead: Instant? { readableBatch == nil ? nil : children.current?.blockReady }

  /// What a child that is done says of itself (`sendChildCowInfo` in server.c; `sendChildInfoGeneric` in childinfo.c).
  /// How much memory it had for itself is chance, and little.
  mutating func logChildMemory(_ purpose: String) {
    log(.notice, "Fork CoW for \(purpose): current 0 MB, peak 0 MB, average 0 MB")
  }

  /// A replica has taken the whole block, or is gone (`rdbPipeWriteHandler`, `rdbPipeWriteHandlerConnRemoved` in
  /// replication.c).
  mutating func blockWritten(to connection: ConnectionID) {
    guard children.change({ $0.writing.remove(connection) }) ?? nil != nil else { return }
    clients[connection]?.replica?.writingSince = nil
    sendNextBlock()
  }

  /// A replica of the batch is gone (`rdbPipeWriteHandlerConnRemoved` in replication.c; `unlinkClient` in
  /// networking.c).
  mutating func removeFromBatch(_ connection: ConnectionID) {
    guard case .replicas(let batch)? = child?.target, batch.contains(connection) else { return }
    children.change { $0.target = .replicas(batch.filter { $0 != connection }) }
    blockWritten(to: connection)
  }

  // MARK: The end

  /// waitpid(2): what the parent does once it sees that the child is gone (`checkChildrenDone` in server.c).
  mutating func reapChild() {
    guard let child, child.isGone(at: now) else { return }
    // Another one says when its end is seen.
    if isPaced, child.state != .killed, !replicasAwaitingSnapshot.isEmpty { return }
    reap(child)
  }

  /// The child is gone, and its parent has seen it (`checkChildrenDone` in server.c; `backgroundSaveDoneHandler` in
  /// rdb.c).
  mutating func reap(_ child: SnapshotChild) {
    children.end()
    let succeeded = child.state != .killed
    switch child.target {
    case .disk: diskChildEnded(child, killed: !succeeded)
    case .appendOnly: rewriteEnded(child)
    case .replicas: socketChildEnded(child, succeeded)
    }
    startPendingSnapshot()
  }

  /// The child for replicas' sockets has ended: they are online, but for the acknowledgement
  /// (`backgroundSaveDoneHandlerSocket` in rdb.c; `updateSlavesWaitingBgsave` in replication.c).
  private mutating func socketChildEnded(_ child: SnapshotChild, _ succeeded: Bool) {
    saving.lastDuration = now.seconds - child.started.seconds
    if succeeded {
      log(.notice, "Background RDB transfer terminated with success")
    } else {
      log(.warning, "Background transfer terminated by signal 10")
    }
    for connection in replicasAwaitingSnapshot {
      guard succeeded else {
        dropForFailedSnapshot(connection)
        continue
      }
      log(
        .notice,
        "Streamed RDB transfer with replica \(replicaName(connection)) succeeded (socket). Waiting for REPLCONF ACK from "
          + "slave to enable streaming")
      guard putOnline(connection) else {
        clients[connection]?.flags.insert(.closeASAP)
        continue
      }
      clients[connection]?.replica?.startsCommandStreamOnAck = true
      emit(.decided(.online(connection, awaitsAcknowledgement: true)))
    }
  }

  /// The child for the disk has ended: the snapshot is in its place, and goes to those who wait for it
  /// (`backgroundSaveDoneHandlerDisk`, `rdbRemoveTempFile` in rdb.c; `updateSlavesWaitingBgsave` in replication.c).
  private mutating func diskChildEnded(_ child: SnapshotChild, killed: Bool) {
    let temporary = "temp-\(child.process).rdb"
    let isFull = !killed && disk == .full
    backgroundSaveEnded(child, succeeded: !killed && !isFull)
    var writer = child.writer
    let file = killed ? [] : writer.rest()
    if isFull { logFullDisk(file.count) }
    guard !killed, !isFull else {
      log(.warning, killed ? "Background saving terminated by signal 10" : "Background saving error")
      emit(.file(.delete(name: temporary)))
      for connection in replicasAwaitingSnapshot { dropForFailedSnapshot(connection) }
      return
    }
    emit(.file(.write(name: temporary, file)))
    emit(.file(.sync(name: temporary)))
    emit(.file(.rename(from: temporary, to: configuration.dbfilename)))
    log(.notice, "DB saved on disk")
    logChildMemory("RDB")
    log(.notice, "Background saving terminated with success")
    for connection in replicasAwaitingSnapshot { beginSendingFile(file, to: connection) }
  }

  private var replicasAwaitingSnapshot: [ConnectionID] {
    replication.replicas.filter { clients[$0]?.replica?.state == .waitBgsaveEnd }
  }

  /// The replica waited for a snapshot that failed (`updateSlavesWaitingBgsave` in replication.c).
  private mutating func dropForFailedSnapshot(_ connection: ConnectionID) {
    clients[connection]?.flags.insert(.closeASAP)
    log(.warning, "SYNC failed. BGSAVE child returned an error")
    emit(.decided(.dropReplica(connection, .snapshotFailed)))
  }

  // MARK: The file

  /// The length, then the file, a read(2) of it at a time (`updateSlavesWaitingBgsave`, `sendBulkToSlave` in
  /// replication.c). No line end follows.
  private mutating func beginSendingFile(_ file: [UInt8], to connection: ConnectionID) {
    clients[connection]?.replica?.file = file
    clients[connection]?.replica?.fileSent = 0
    clients[connection]?.replica?.state = .sendBulk
    sendSnapshot(Array("$\(file.count)\r\n".utf8), to: connection)
    sendFileChunk(to: connection)
  }

  /// Sends the next piece of the file; after the last one the stream follows (`sendBulkToSlave` in replication.c).
  mutating func sendFileChunk(to connection: ConnectionID) {
    guard var replica = clients[connection]?.replica, replica.state == .sendBulk, let file = replica.file else {
      return
    }
    let end = replica.endOfFileChunk(replication.chunkSize, of: file)
    sendSnapshot(Array(file[replica.fileSent..<end]), to: connection)
    replica.fileSent = end
    if end == file.count {
      replica.file = nil
      replica.records = nil
      replica.writingSince = nil
    } else {
      replica.writingSince = now
      emit(.notifyWhenWritten(connection))
    }
    clients[connection]?.replica = replica
    guard end == file.count else { return }
    guard putOnline(connection) else {
      close(connection)
      return
    }
    emit(.decided(.online(connection, awaitsAcknowledgement: false)))
    startStream(to: connection)
  }

  /// The replica has everything of the snapshot; false if that was all it wanted (`replicaPutOnline` in replication.c).
  private mutating func putOnline(_ connection: ConnectionID) -> Bool {
    guard let replica = clients[connection]?.replica else { return false }
    guard !replica.wantsOnlySnapshot else {
      clients[connection]?.replica?.state = .rdbTransmitted
      log(
        .notice,
        "RDB transfer completed, rdb only replica (\(replicaName(connection))) should be disconnected asap")
      return false
    }
    clients[connection]?.replica?.state = .online
    clients[connection]?.replica?.acknowledgedAt = now
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

extension SnapshotChild {
  /// A process takes a moment to be gone; an acknowledgement that overtakes it finds it still alive (docs/PROTOCOL.md, 5).
  static let timeToExit = Interval.milliseconds(1)

  func isGone(at now: Instant) -> Bool {
    switch state {
    case .running: false
    case .ended(let moment): moment <= now
    case .killed: true
    }
  }
}

extension ReplicaSession {
  /// Where the next chunk of the file ends.
  mutating func endOfFileChunk(_ size: ChunkSize, of file: [UInt8]) -> Int {
    switch size {
    case .bytes(let count): return min(file.count, fileSent + max(1, count))
    case .record:
      var reader = records ?? RDB.Reader(verifiesChecksum: false)
      if reader.fed == 0 { reader.feed(file) }
      while reader.position <= fileSent, !reader.isAtEnd {
        guard (try? reader.skip()) == true else { return file.count }
      }
      records = reader
      return reader.position > fileSent ? reader.position : file.count
    }
  }
}
