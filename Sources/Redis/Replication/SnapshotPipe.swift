import RDB

/// The pipe of a diskless sync: the child writes a snapshot into it, and the parent writes what it reads from it to all
/// replicas of a batch (`rdbSaveToSlavesSockets` in rdb.c).
package struct SnapshotPipe: Equatable, Sendable {
  /// To whom all blocks go.
  fileprivate(set) var replicas: [ConnectionID]
  /// Those of them that have not yet taken the whole of the last block; the pipe is not read before they have.
  fileprivate var writing: Set<ConnectionID> = []
  /// How far the child is.
  private var writer: SnapshotWriter
  /// What the child puts into the pipe next; the parent can read it once it is there.
  private var nextBlock: [UInt8]?

  fileprivate init(to replicas: [ConnectionID], _ writer: SnapshotWriter) {
    self.replicas = replicas
    self.writer = writer
  }

  /// A child gathers what it writes and fills the pipe a block at a time.
  fileprivate mutating func prepareBlock(_ size: ChunkSize) {
    if nextBlock == nil { nextBlock = writer.chunk(size) }
  }

  /// When the block that was prepared is there: its last key is done.
  fileprivate func blockReady(_ process: ChildProcess) -> Instant {
    process.started + process.keyDelay * writer.keysWritten
  }

  /// Reads the block that was prepared; empty: the pipe has ended.
  fileprivate mutating func takeBlock() -> [UInt8] {
    defer { nextBlock = nil }
    return nextBlock ?? []
  }
}

extension Node {
  /// Forks a child that writes a snapshot for replicas' connections; false if there is none, and then the replicas wait for
  /// one as before (`rdbSaveToSlavesSockets` in rdb.c).
  mutating func startDisklessSync(
    to replicas: [ConnectionID], stream: SnapshotWriter.Stream, withKeys: Bool
  ) -> Bool {
    let writer = SnapshotWriter(of: self, stream: stream, mark: drawEndMark(), withKeys: withKeys)
    guard let process = fork(.running, as: { .disklessSync($0, SnapshotPipe(to: replicas, writer)) }) else {
      if !hasChild { logFailedFork("save") }
      for connection in replicas { clients[connection]?.replica?.becomeWaitBgsaveStart() }
      return false
    }
    log(.notice, "Background RDB transfer started by pid \(process.id)")
    sendNextBlock()
    return true
  }

  /// Reads the pipe once and writes the block to every replica of the batch (`rdbPipeReadHandler` in replication.c).
  /// The pipe is next read when the slowest has taken the whole of it.
  mutating func sendNextBlock() {
    guard let replicas = readablePipe?.pipe.replicas else { return }
    let (size, now) = (replication.chunkSize, now)
    let read: [UInt8]?? = children.withPipe { process, pipe in
      pipe.prepareBlock(size)
      return pipe.blockReady(process) <= now ? pipe.takeBlock() : nil
    }
    guard case .some(.some(let block)) = read else { return }
    if block.isEmpty {
      logChildMemory("RDB")
      log(.warning, "Diskless rdb transfer, done reading from pipe, \(replicas.count) replicas still up.")
      children.become(.ended(now + ChildProcess.timeToExit))
      return
    }
    if replicas.isEmpty {
      log(.warning, "Diskless rdb transfer, last replica dropped, killing fork child.")
      killChild()
      return
    }
    children.withPipe { $1.writing = Set(replicas) }
    for connection in replicas {
      sendSnapshot(block, to: connection)
      emit(.notifyWhenWritten(connection))
      clients[connection]?.replica?.awaitWritten(since: now)
    }
  }

  /// The pipe, while nobody is still to take the last block.
  private var readablePipe: (process: ChildProcess, pipe: SnapshotPipe)? {
    guard case .disklessSync(let process, let pipe)? = child, process.state == .running, pipe.writing.isEmpty else {
      return nil
    }
    return (process, pipe)
  }

  /// When the pipe has its next block, where the child has still to write it.
  var nextPipeRead: Instant? { readablePipe.map { $0.pipe.blockReady($0.process) } }

  /// A replica has taken the whole block, or is gone (`rdbPipeWriteHandler`, `rdbPipeWriteHandlerConnRemoved` in
  /// replication.c).
  mutating func blockWritten(to connection: ConnectionID) {
    guard children.withPipe({ $1.writing.remove(connection) }) ?? nil != nil else { return }
    clients[connection]?.replica?.blockWritten()
    sendNextBlock()
  }

  /// A replica of the batch is gone (`rdbPipeWriteHandlerConnRemoved` in replication.c; `unlinkClient` in
  /// networking.c).
  mutating func removeFromBatch(_ connection: ConnectionID) {
    let wasIn = children.withPipe { _, pipe in
      guard let index = pipe.replicas.firstIndex(of: connection) else { return false }
      pipe.replicas.remove(at: index)
      return true
    }
    if wasIn == true { blockWritten(to: connection) }
  }

  /// The child has ended: the replicas are online, but for the acknowledgement (`backgroundSaveDoneHandlerSocket` in
  /// rdb.c; `updateSlavesWaitingBgsave` in replication.c).
  mutating func disklessSyncEnded(_ process: ChildProcess) {
    let succeeded = process.state != .killed
    saving.lastDuration = now.seconds - process.started.seconds
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
      guard putOnline(connection, awaitsAcknowledgement: true) else {
        clients[connection]?.flags.insert(.closeASAP)
        continue
      }
      emit(.decided(.online(connection, awaitsAcknowledgement: true)))
    }
  }
}
