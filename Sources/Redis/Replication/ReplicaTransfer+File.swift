// A payload that goes into a file first (`repl-diskless-load disabled`), and is then loaded from there.

extension Node {
  /// One read(2) of at most 16 KiB, appended to the temporary file (`readSyncBulkPayload` in replication.c).
  mutating func receivePayloadToFile() {
    guard var transfer = replication.link.transfer, case .file(let name) = transfer.target,
      let framing = transfer.framing
    else { return }
    if case .length(let length) = framing, length <= 0 {
      // What read(2) says of a buffer of no bytes, or of fewer.
      log(.warning, "I/O error trying to sync with MASTER: \(length == 0 ? "connection lost" : "Bad address")")
      cancelHandshake(reconnect: .failedTransfer)
      return
    }
    guard disk != .full else {
      log(
        .warning,
        "Write error or short write writing to the DB dump file needed for MASTER <-> REPLICA synchronization: No space "
          + "left on device")
      cancelHandshake(reconnect: .failedTransfer)
      return
    }
    replication.link.transfer = nil
    let bytes = replication.link.take(min(16_384, transfer.remaining))
    transfer.received += Int64(bytes.count)
    transfer.pieces.append(bytes)
    statistics.replicationInputBytes += Int64(bytes.count)
    emit(.file(.append(name: name, bytes)))

    let isComplete: Bool
    switch framing {
    case .length(let length): isComplete = transfer.received >= length
    case .endMark(let mark):
      // Only the end of what a read returned is looked at, as in Redis.
      transfer.lastBytes = (transfer.lastBytes + bytes).suffix(40)
      isComplete = transfer.lastBytes == mark
      if isComplete {
        emit(.file(.truncate(name: name, to: Int(transfer.received - 40))))
      }
    }
    let unsynced = transfer.received - transfer.synced
    if !isComplete, unsynced >= ReplicaTransfer.syncStride {
      transfer.synced = transfer.received
      waitForDisk(Int(clamping: unsynced), then: [.file(.sync(name: name))])
    }
    replication.link.transfer = transfer
    if isComplete { loadReceivedFile(name) }
  }

  /// All has come: the file takes its name, and is loaded (`readSyncBulkPayload` in replication.c).
  private mutating func loadReceivedFile(_ name: String) {
    guard let transfer = replication.link.transfer else { return }
    stopAppendOnly()
    if let child = snapshotChild {
      log(
        .notice,
        "Replica is about to load the RDB file received from the master, but there is a pending RDB child running. "
          + "Killing process \(child.id) and removing its temp file to avoid any race")
      killChild()
    }
    flushForFullSync()
    log(.notice, "MASTER <-> REPLICA sync: Loading DB in memory")
    let unsynced = Int(clamping: transfer.received - transfer.synced)
    let rename = FileOperation.rename(from: name, to: configuration.dbfilename)
    waitForDisk(unsynced, then: [.file(.sync(name: name)), .file(rename)])
    replication.link.transfer?.target = .databases
    replication.link.transfer?.pieces = .init()
    // The mark was cut off the file.
    var bytes = transfer.pieces.all.flatMap { $0 }
    if transfer.usesMark { bytes.removeLast(min(40, bytes.count)) }
    beginLoading(snapshot: bytes, for: .fullSync)
  }

  /// The snapshot that came into a file is loaded, or can't be: that ends the process, but for a header of another format
  /// (`readSyncBulkPayload` in replication.c).
  mutating func receivedFileLoaded(_ file: SnapshotFile) {
    guard let failure = file.failure else {
      functions = file.loader.functions
      removeReceivedFile()
      finishFullSync(file.loader.stream, acknowledge: replication.link.transfer?.usesMark == true)
      return
    }
    guard logLoadFailure(failure, at: file.loader.reader.position, fromFile: true) else {
      hasExited = true
      return
    }
    log(.warning, "Failed trying to load the MASTER synchronization DB from disk: Invalid argument")
    cancelHandshake(reconnect: .failedTransfer)
    removeReceivedFile()
  }

  /// The file is not kept where there are to be none (`rdb-del-sync-files`; `readSyncBulkPayload` in replication.c).
  private mutating func removeReceivedFile() {
    guard configuration.rdbDelSyncFiles, configuration.save.isEmpty else { return }
    log(
      .notice, "Removing the RDB file obtained from the master. This replica has persistence disabled")
    emit(.file(.delete(name: configuration.dbfilename)))
  }
}
