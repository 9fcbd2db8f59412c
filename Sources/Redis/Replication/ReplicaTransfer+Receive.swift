// Receiving the payload (`readSyncBulkPayload` in Redis); `ReplicaTransfer` draws its way.

extension Node {
  /// Bytes on a connection of the replica's own that is not yet a client (`syncWithMaster`, `readSyncBulkPayload` in
  /// replication.c).
  mutating func receiveFromMaster(_ bytes: [UInt8], on connection: ConnectionID) {
    guard connection == replication.link.connection else { return }
    replication.link.unread.append(contentsOf: bytes)
    while connection == replication.link.connection, !replication.link.unread.isEmpty, stall?.cause != .loading {
      if replication.link.state.isHandshake {
        guard let line = takeLine(limit: 255) else { return }
        receiveHandshakeReply(line)
      } else if replication.link.state == .transfer, replication.transfer?.framing == nil {
        let unread = replication.link.unread.count
        guard let line = takeLine(limit: 1023) else { return }
        statistics.replicationInputBytes += Int64(unread - replication.link.unread.count)
        receivePayloadHeader(line)
      } else if replication.link.state == .transfer {
        receivePayload()
      } else {
        return
      }
    }
  }

  private mutating func takeLine(limit: Int) -> [UInt8]? {
    let line = replication.link.takeLine(limit: limit)
    replication.link.lineDeadline = line == nil ? now + .seconds(5) : nil
    return line
  }

  /// After +FULLRESYNC or SYNC: decides where the payload goes (`syncWithMaster`, `useDisklessLoad` in replication.c).
  mutating func beginTransfer() {
    let configured = configuration.replDisklessLoad
    let keys = databases.reduce(0) { $0 + $1.count }
    let target: ReplicaTransfer.Target =
      switch configured {
      case .swapdb: .besideDatabases
      case .onEmptyDB where keys == 0: .databases
      case .onEmptyDB, .disabled: .file(name: "temp-\(now.seconds).\(processID).rdb")
      }
    emit(.decided(.transferTarget(target, configured: configured, keys: keys)))
    if case .file(let name) = target { emit(.file(.write(name: name, []))) }
    replication.transfer = ReplicaTransfer(target: target)
    replication.link.state = .transfer
    replication.link.lastIO = now
  }

  /// The first line: how the payload's end will be known, or that the master has given up (`readSyncBulkPayload` in
  /// replication.c).
  private mutating func receivePayloadHeader(_ line: [UInt8]) {
    let text = String(decoding: line, as: UTF8.self)
    let toParser = replication.transfer?.isToFile == false
    guard let first = line.first else {
      replication.link.lastIO = now
      return
    }
    guard first == UInt8(ascii: "$") else {
      if first == UInt8(ascii: "-") {
        log(.warning, "MASTER aborted replication with an error: \(text.dropFirst())")
      } else {
        log(
          .warning,
          "Bad protocol from MASTER, the first byte is not '$' (we received '\(text)'), are you sure the host and "
            + "port are right?")
      }
      cancelHandshake(reconnect: .failedTransfer)
      return
    }
    let rest = line.dropFirst()
    if rest.starts(with: "EOF:".utf8), rest.count >= 44 {
      replication.transfer?.framing = .endMark(Array(rest.dropFirst(4).prefix(40)))
      log(
        .notice,
        "MASTER <-> REPLICA sync: receiving streamed RDB from master with EOF \(toParser ? "to parser" : "to disk")")
    } else {
      let length = Integer.leadingOffset(Bytes(rest))
      // To Redis -1 means that the first line is still to come.
      if length != -1 { replication.transfer?.framing = .length(length) }
      log(
        .notice,
        "MASTER <-> REPLICA sync: receiving \(length) bytes from master \(toParser ? "to parser" : "to disk")")
    }
  }

  /// Takes what came of the payload (`readSyncBulkPayload` in replication.c).
  private mutating func receivePayload() {
    replication.link.lastIO = now
    if replication.transfer?.isToFile == true { receivePayloadToFile() } else { receivePayloadToParser() }
  }

  // MARK: To a file

  /// One read(2) of at most 16 KiB, appended to the temporary file (`readSyncBulkPayload` in replication.c).
  private mutating func receivePayloadToFile() {
    guard var transfer = replication.transfer, case .file(let name) = transfer.target, let framing = transfer.framing
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
    replication.transfer = nil
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
    replication.transfer = transfer
    if isComplete { loadFromFile(name) }
  }

  /// The payload is whole: the file takes the place of the old snapshot, and is loaded (`readSyncBulkPayload` in
  /// replication.c).
  private mutating func loadFromFile(_ name: String) {
    guard let transfer = replication.transfer else { return }
    stopAppendOnly()
    if let child = snapshotChild {
      log(
        .notice,
        "Replica is about to load the RDB file received from the master, but there is a pending RDB child running. "
          + "Killing process \(child.process) and removing its temp file to avoid any race")
      killChild()
    }
    flushForFullSync()
    log(.notice, "MASTER <-> REPLICA sync: Loading DB in memory")
    emit(.file(.sync(name: name)))
    emit(.file(.rename(from: name, to: configuration.dbfilename)))
    replication.transfer?.target = .databases
    replication.transfer?.pieces = .init()
    var loader = SnapshotLoader(databases: databases.count, verifiesChecksum: configuration.rdbchecksum)
    do throws(SnapshotLoader.Failure) {
      // The mark was cut off the file.
      var left = Int(transfer.received) - (transfer.usesMark ? 40 : 0)
      for piece in transfer.pieces.all where !loader.isAtEnd && left > 0 {
        try loader.feed(piece.count <= left ? piece : Array(piece.prefix(left)), at: now)
        left -= piece.count
      }
      try loader.finish()
    } catch {
      logLoading(&loader)
      failLoadingFile(error, at: loader.reader.position)
      return
    }
    logLoading(&loader)
    databases = loader.databases
    functions = loader.functions
    (saving.lastLoadLoaded, saving.lastLoadExpired) = (loader.loaded, 0)
    removeReceivedFile()
    finishFullSync(loader.stream, acknowledge: replication.transfer?.usesMark == true)
  }

  /// A file that can't be read ends the process, but for a header of another format (`readSyncBulkPayload` in
  /// replication.c).
  private mutating func failLoadingFile(_ failure: SnapshotLoader.Failure, at offset: Int) {
    guard logLoadFailure(failure, at: offset, fromFile: true) else { return }
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

  // MARK: To the parser

  /// All that came, up to where Redis looks up from loading (`readSyncBulkPayload` in replication.c). It reads from the
  /// socket in a loop until the payload has ended and sees to nobody else meanwhile; here each read is an input, and
  /// between two the process is stalled.
  private mutating func receivePayloadToParser() {
    if replication.transfer?.loader == nil { beginLoading() }
    guard var transfer = replication.transfer, transfer.framing != nil, var loader = transfer.loader else {
      return
    }
    // Taken out, so that the databases are not copied as they grow.
    replication.transfer = nil
    transfer.loader = nil
    let interval = max(1, configuration.loadingProcessEventsInterval)
    let bytes = replication.link.take(min(transfer.remaining, Int(interval - transfer.received % interval)))
    transfer.received += Int64(bytes.count)
    let (before, position) = (loader.keysRead, loader.reader.position)
    transfer.failure = nil
    do throws(SnapshotLoader.Failure) {
      try loader.feed(bytes, at: now)
      if transfer.remaining == 0 { try loader.finish() }
    } catch {
      transfer.failure = error
    }
    statistics.replicationInputBytes += Int64(loader.reader.position - position)
    let pace = Interval.microseconds(max(0, configuration.keyLoadDelay)) * (loader.keysRead - before)
    transfer.loader = loader
    replication.transfer = transfer
    stall = nil
    if pace > .zero { stall = Stall(cause: .loading, end: now + pace) } else { loadedStretch() }
  }

  /// What has come is loaded, as far as to where Redis next looks up from it (`rdbLoadProgressCallback` in rdb.c).
  mutating func loadedStretch() {
    guard var loader = replication.transfer?.loader, let framing = replication.transfer?.framing,
      let connection = replication.link.connection
    else { return }
    replication.transfer?.loader = nil
    logLoading(&loader)
    replication.transfer?.loader = loader
    if let failure = replication.transfer?.failure {
      failLoading(failure, failure.socketError)
    } else if loader.isAtEnd {
      payloadParsed(loader, framing)
    }
    guard isLoadingFrom(connection), let transfer = replication.transfer else { return }
    if transfer.received % max(1, configuration.loadingProcessEventsInterval) == 0 {
      sendNewlineToMaster()
      processEventsWhileBlocked()
    }
    guard !hasExited, isLoadingFrom(connection) else { return }
    stall = Stall(cause: .reading(connection), end: replication.link.lastIO + .seconds(configuration.replTimeout))
  }

  private func isLoadingFrom(_ connection: ConnectionID) -> Bool {
    connection == replication.link.connection && replication.transfer?.loader != nil
  }

  /// Loading from the socket begins: what is there goes first, or stays beside it until the end (`readSyncBulkPayload`,
  /// `disklessLoadInitTempDb` in replication.c; `startLoading` in rdb.c).
  private mutating func beginLoading() {
    guard let target = replication.transfer?.target else { return }
    stopAppendOnly()
    if snapshotChild != nil { killChild() }
    if target == .besideDatabases {
      let same = replication.ids.current == replication.link.announcedID
      emit(.decided(.serveWhileLoading(same, own: replication.ids.current, master: replication.link.announcedID)))
      replication.transfer?.isAsync = same
    } else {
      flushForFullSync()
    }
    log(.notice, "MASTER <-> REPLICA sync: Loading DB in memory")
    isLoading = replication.transfer?.isAsync == false
    replication.transfer?.loadingSince = now
    replication.transfer?.loader = SnapshotLoader(
      databases: databases.count, verifiesChecksum: configuration.rdbchecksum)
  }

  /// The snapshot is whole; a streamed one must be followed by its mark (`readSyncBulkPayload` in replication.c;
  /// `swapMainDbWithTempDb` in db.c; `stopLoading` in rdb.c).
  private mutating func payloadParsed(_ loader: SnapshotLoader, _ framing: ReplicaTransfer.Framing) {
    if case .endMark(let mark) = framing {
      let after = loader.reader.unread
      guard after.count >= mark.count else { return }
      guard Array(after.prefix(mark.count)) == mark else {
        log(.warning, "Replication stream EOF marker is broken")
        abandonLoading()
        return
      }
      statistics.replicationInputBytes += Int64(mark.count)
      // What a read brought beyond the mark is in Redis's read buffer, and thrown away with it.
      replication.link.unread = []
    }
    isLoading = false
    if replication.transfer?.target == .besideDatabases {
      attachToNewMaster()
      log(.notice, "MASTER <-> REPLICA sync: Swapping active DB with loaded DB")
      countLazyFreed(databases)
      databases = loader.databases
      functions = loader.functions
      log(.notice, "MASTER <-> REPLICA sync: Discarding old DB in background")
    } else {
      databases = loader.databases
      functions = loader.functions
    }
    dirty += 1
    (saving.lastLoadLoaded, saving.lastLoadExpired) = (loader.loaded, 0)
    finishFullSync(loader.stream, acknowledge: replication.transfer?.usesMark == true)
  }

  /// What came can't be loaded (`readSyncBulkPayload` in replication.c).
  private mutating func failLoading(_ failure: SnapshotLoader.Failure, _ reason: String) {
    guard logLoadFailure(failure, at: replication.transfer?.loader?.reader.position ?? 0, fromFile: false) else {
      return
    }
    log(.warning, "Failed trying to load the MASTER synchronization DB from socket: \(reason)")
    abandonLoading()
  }

  /// Back to where it was: the half-loaded data goes, and the master is tried again at once (`readSyncBulkPayload`,
  /// `disklessLoadDiscardTempDb` in replication.c).
  private mutating func abandonLoading() {
    let beside = replication.transfer?.target == .besideDatabases
    if beside, let loaded = replication.transfer?.loader?.databases { countLazyFreed(loaded) }
    cancelHandshake(reconnect: .failedTransfer)
    if beside {
      log(.notice, "MASTER <-> REPLICA sync: Discarding temporary DB in background")
    } else {
      emptyForFullSync()
    }
  }

  // MARK: The end

  /// Data of another history is coming: nobody who follows this node can go on from what they have
  /// (`replicationAttachToNewMaster` in replication.c).
  private mutating func attachToNewMaster() {
    if replication.cached != nil { discardCachedMaster() }
    if !replication.replicas.isEmpty { emit(.decided(.dropOwnReplicas(replication.replicas.count))) }
    disconnectReplicas(.historyChanged)
    replication.backlog = nil
  }

  /// Empties the databases for the data that comes (`readSyncBulkPayload`, `replicationEmptyDbCallback` in
  /// replication.c).
  private mutating func flushForFullSync() {
    attachToNewMaster()
    log(.notice, "MASTER <-> REPLICA sync: Flushing old data")
    if databases.contains(where: { !$0.isEmpty }), !configuration.replicaLazyFlush { sendNewlineToMaster() }
    emptyForFullSync()
  }

  /// Empties the databases, in the background if `replica-lazy-flush` says so (`emptyData` in db.c).
  private mutating func emptyForFullSync() {
    if configuration.replicaLazyFlush { countLazyFreed(databases) }
    emptyAllDatabases()
  }

  /// The data is loaded: the stream may follow (`readSyncBulkPayload`, `replicationCreateMasterClient` in
  /// replication.c).
  private mutating func finishFullSync(_ stream: SnapshotLoader.Stream, acknowledge: Bool) {
    guard let connection = replication.link.connection else { return }
    let link = replication.link
    replication.transfer = nil
    var session = MasterSession(
      connection: connection, id: link.announcedID, offset: link.announcedOffset,
      usesSync: link.announcedOffset == -1)
    if stream.database >= 0, stream.database < databases.count { session.database = stream.database }
    replication.session = session
    replication.link.state = .connected
    replication.link.downSince = nil
    replication.ids.start(session.id)
    replication.offset = session.offset
    if replication.backlog == nil { replication.backlog = Backlog(after: replication.offset) }
    log(.notice, "MASTER <-> REPLICA sync: Finished with success")
    if acknowledge { sendAcknowledgement() }
    makeMasterClient(session)
    restartAppendOnly()
  }

  /// The connection to the master ended, or failed, during the transfer (`readSyncBulkPayload` in replication.c).
  mutating func transferInterrupted(reset: Bool) {
    guard let transfer = replication.transfer else { return }
    if transfer.framing == nil {
      log(.warning, "I/O error reading bulk count from MASTER: Success")
      cancelHandshake(reconnect: .failedTransfer)
    } else if transfer.isToFile {
      log(
        .warning, "I/O error trying to sync with MASTER: \(reset ? "Connection reset by peer" : "connection lost")")
      cancelHandshake(reconnect: .failedTransfer)
    } else {
      if transfer.loader == nil { beginLoading() }
      loadingInterrupted(reset ? "Connection reset by peer" : "Resource temporarily unavailable")
    }
  }

  /// Nothing more comes of a payload that was being parsed (`readSyncBulkPayload` in replication.c).
  mutating func loadingInterrupted(_ reason: String) {
    guard var loader = replication.transfer?.loader else { return }
    do throws(SnapshotLoader.Failure) {
      try loader.finish()
      log(.warning, "Replication stream EOF marker is broken")
      abandonLoading()
    } catch {
      failLoading(error, reason)
    }
  }

  /// At most one newline a second: it is valid protocol for a master, and tells it that the replica lives
  /// (`replicationSendNewlineToMaster` in replication.c).
  private mutating func sendNewlineToMaster() {
    guard replication.link.newlineSent != now.seconds, let connection = replication.link.connection else { return }
    replication.link.newlineSent = now.seconds
    emit(.send(connection, [10]))
  }

  private mutating func logLoading(_ loader: inout SnapshotLoader) { effects += loader.takeLog().map { .log($0) } }
}

extension SnapshotLoader.Failure {
  /// What errno happens to hold when Redis logs that bytes from the master could not be loaded [measured].
  fileprivate var socketError: String {
    guard case .format(let error) = self else { return "Success" }
    return switch error.reason {
    case .wrongSignature, .unsupportedVersion: "Invalid argument"
    case .unexpectedEnd: "Value too large for defined data type"
    default: "Operation now in progress"
    }
  }
}

extension ReplicaTransfer {
  /// How many bytes of the payload are still to come; without end where a mark ends it, or where a master announced no
  /// length that makes sense and the parser takes what it finds.
  var remaining: Int {
    guard case .length(let length)? = framing, length > 0 else { return .max }
    return Int(clamping: max(0, length - received))
  }

  var isToFile: Bool {
    if case .file = target { return true }
    return false
  }

  var usesMark: Bool {
    if case .endMark? = framing { return true }
    return false
  }
}
