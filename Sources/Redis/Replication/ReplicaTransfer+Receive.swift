// Receiving the payload (`readSyncBulkPayload` in Redis); `ReplicaTransfer` draws its way.

extension Node {
  /// Bytes on a connection of the replica's own that is not yet a client: the handshake's replies and the payload
  /// (`syncWithMaster`, `readSyncBulkPayload` in replication.c). Once the master's stream begins, the connection is a client
  /// flagged `.master`, and later bytes take the way of all clients.
  mutating func receiveFromMaster(_ bytes: [UInt8], on connection: ConnectionID) {
    guard connection == replication.link.connection else { return }
    replication.link.received(bytes)
    while connection == replication.link.connection, replication.link.unreadCount > 0, stall == nil, !hasExited {
      if replication.link.state.isHandshake {
        guard let line = replication.link.takeLine(limit: 255, at: now) else { return }
        receiveHandshakeReply(line)
      } else if replication.link.state == .transfer, replication.link.transfer?.framing == nil {
        let unread = replication.link.unreadCount
        guard let line = replication.link.takeLine(limit: 1023, at: now) else { return }
        statistics.replicationInputBytes += Int64(unread - replication.link.unreadCount)
        receivePayloadHeader(line)
      } else if replication.link.state == .transfer {
        let others = loads.pile.count - (isLoading(from: connection) ? 1 : 0)
        receivePayload()
        runLoads(above: others)
      } else {
        return
      }
    }
  }

  /// After +FULLRESYNC or SYNC: decides where the payload goes (`syncWithMaster`, `useDisklessLoad` in replication.c).
  mutating func beginTransfer() {
    let configured = configuration.replDisklessLoad
    let keys = databases.keyCount
    let target: ReplicaTransfer.Target =
      switch configured {
      case .swapdb: .besideDatabases
      case .onEmptyDB where keys == 0: .databases
      case .onEmptyDB, .disabled: .file(name: "temp-\(now.seconds).\(processID).rdb")
      }
    emit(.decided(.transferTarget(target, configured: configured, keys: keys)))
    if case .file(let name) = target { emit(.file(.write(name: name, []))) }
    replication.link.becomeTransfer(ReplicaTransfer(target: target), at: now)
  }

  /// The first line: how the payload's end will be known, or that the master has given up (`readSyncBulkPayload` in
  /// replication.c).
  private mutating func receivePayloadHeader(_ line: [UInt8]) {
    let text = String(bytes: line)
    let toParser = replication.link.transfer?.isToFile == false
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
      replication.link.transfer?.framing = .endMark(Array(rest.dropFirst(4).prefix(40)))
      log(
        .notice,
        "MASTER <-> REPLICA sync: receiving streamed RDB from master with EOF \(toParser ? "to parser" : "to disk")")
    } else {
      let length = Integer.leadingOffset(Bytes(rest))
      // To Redis -1 means that the first line is still to come.
      if length != -1 { replication.link.transfer?.framing = .length(length) }
      log(
        .notice,
        "MASTER <-> REPLICA sync: receiving \(length) bytes from master \(toParser ? "to parser" : "to disk")")
    }
  }

  /// Takes what came of the payload (`readSyncBulkPayload` in replication.c).
  private mutating func receivePayload() {
    replication.link.lastIO = now
    if replication.link.transfer?.isToFile == true { receivePayloadToFile() } else { receivePayloadToParser() }
  }

  // MARK: To the parser

  /// All that came, up to where Redis processes events in between (`readSyncBulkPayload` in replication.c). It reads from the
  /// socket in a loop until the payload has ended and sees to nobody else meanwhile; here each read is an input, and
  /// between two the process is stalled.
  private mutating func receivePayloadToParser() {
    if replication.link.transfer?.loader == nil { beginLoading() }
    guard var transfer = replication.link.transfer, transfer.framing != nil, var loader = transfer.loader else {
      return
    }
    // Taken out, so that the databases are not copied as they grow.
    replication.link.transfer = nil
    transfer.loader = nil
    if transfer.target == .databases { loader.exchange(&databases) }
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
    let time = loadingTime(loader.keysRead - before)
    if transfer.target == .databases { loader.exchange(&databases) }
    logLoading(&loader, beforeKeys: true)
    transfer.loader = loader
    transfer.step = .read
    replication.link.transfer = transfer
    if time > .zero { stall = Stall(cause: .loading, end: now + time) }
  }

  /// What comes next of a load from the connection (`readSyncBulkPayload` in replication.c).
  ///
  /// - Returns: whether it ended well; nil: it goes on.
  mutating func advanceLoad(from connection: ConnectionID) -> Bool? {
    guard isLoading(from: connection), let transfer = replication.link.transfer else {
      // It was given up while others were seen to.
      endLoading()
      return false
    }
    switch transfer.step {
    case .reading where replication.link.unreadCount > 0: receivePayload()
    case .reading:
      let end = replication.link.lastIO + .seconds(configuration.replTimeout)
      stall = Stall(cause: .reading(connection), end: transfer.isInterrupted ? nil : end)
    case .read: return stretchLoaded(from: connection)
    case .processingEvents:
      processEventsWhileBlocked()
      if stall == nil { replication.link.transfer?.step = .reading }
    }
    return nil
  }

  /// What has come is loaded, as far as to where Redis next processes events (`rdbLoadProgressCallback` in rdb.c).
  private mutating func stretchLoaded(from connection: ConnectionID) -> Bool? {
    guard let framing = replication.link.transfer?.framing, var loader = replication.link.transfer?.loader else {
      return nil
    }
    replication.link.transfer?.loader = nil
    logLoading(&loader)
    replication.link.transfer?.loader = loader
    saving.lastLoadLoaded = loader.loaded
    loads.progress?.usedMemory = loader.usedMemory
    loads.progress?.loaded = Int64(loader.reader.stop)
    if let failure = replication.link.transfer?.failure {
      failLoading(failure, failure.socketError)
    } else if loader.isAtEnd {
      payloadParsed(loader, framing)
    }
    guard isLoading(from: connection), let received = replication.link.transfer?.received else {
      return replication.link.state == .connected
    }
    guard received % max(1, configuration.loadingProcessEventsInterval) == 0 else {
      replication.link.transfer?.step = .reading
      return nil
    }
    sendNewlineToMaster()
    replication.link.transfer?.step = .processingEvents
    return nil
  }

  private func isLoading(from connection: ConnectionID) -> Bool {
    connection == replication.link.connection && replication.link.transfer?.loader != nil
  }

  /// Loading from the socket begins: what is there goes first, or stays beside it until the end (`readSyncBulkPayload`,
  /// `disklessLoadInitTempDb` in replication.c; `startLoading` in rdb.c).
  private mutating func beginLoading() {
    guard let target = replication.link.transfer?.target, let connection = replication.link.connection else { return }
    stopAppendOnly()
    if snapshotChild != nil { killChild() }
    if target == .besideDatabases {
      let same = replication.ids.current == replication.link.announcedID
      emit(.decided(.serveWhileLoading(same, own: replication.ids.current, master: replication.link.announcedID)))
      replication.link.transfer?.isAsync = same
    } else {
      flushForFullSync()
    }
    log(.notice, "MASTER <-> REPLICA sync: Loading DB in memory")
    var total: Int64 = 0
    if case .length(let length)? = replication.link.transfer?.framing { total = length }
    beginLoading(.connection(connection), total: total, isAsync: replication.link.transfer?.isAsync == true)
    let loader = SnapshotLoader(
      databases: target == .besideDatabases ? databases.count : 0, verifiesChecksum: configuration.rdbchecksum,
      sanitizes: configuration.sanitizeDumpPayload == .yes, limits: configuration.packing, use: keyUse,
      newestVersion: chance.rdbVersion)
    replication.link.transfer?.loader = loader
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
      replication.link.dropUnread()
    }
    if replication.link.transfer?.target == .besideDatabases {
      attachToNewMaster()
      log(.notice, "MASTER <-> REPLICA sync: Swapping active DB with loaded DB")
      countLazyFreed(databases)
      for (index, database) in loader.databases.enumerated() { touchAll(in: index, replacedBy: database) }
      var use = databases.integerUse
      use.take(loader.databases.integerUse)
      databases = loader.databases
      databases.integerUse = use
      invalidateAllTracked()
      log(.notice, "MASTER <-> REPLICA sync: Discarding old DB in background")
    }
    functions = loader.functions
    dirty += 1
    endLoading()
    finishFullSync(loader.stream, acknowledge: replication.link.transfer?.usesMark == true)
  }

  /// What came can't be loaded (`readSyncBulkPayload` in replication.c).
  private mutating func failLoading(_ failure: SnapshotLoader.Failure, _ reason: String) {
    guard logLoadFailure(failure, at: replication.link.transfer?.loader?.reader.position ?? 0, fromFile: false) else {
      hasExited = true
      return
    }
    log(.warning, "Failed trying to load the MASTER synchronization DB from socket: \(reason)")
    abandonLoading()
  }

  /// Back to where it was: the half-loaded data goes, and the master is tried again at once (`readSyncBulkPayload`,
  /// `disklessLoadDiscardTempDb` in replication.c).
  private mutating func abandonLoading() {
    let beside = replication.link.transfer?.target == .besideDatabases
    if beside, let loaded = replication.link.transfer?.loader?.databases { countLazyFreed(loaded) }
    endLoading()
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
  mutating func attachToNewMaster() {
    if replication.cached != nil { discardCachedMaster() }
    if !replication.replicas.isEmpty { emit(.decided(.dropOwnReplicas(replication.replicas.count))) }
    disconnectReplicas(.historyChanged)
    replication.backlog = nil
  }

  /// Empties the databases for the data that comes (`readSyncBulkPayload`, `replicationEmptyDbCallback` in
  /// replication.c).
  mutating func flushForFullSync() {
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
  mutating func finishFullSync(_ stream: SnapshotLoader.Stream, acknowledge: Bool) {
    guard let socket = replication.link.becomeConnected() else { return }
    let link = replication.link
    var session = MasterSession(
      connection: socket.id, id: link.announcedID, offset: link.announcedOffset,
      isPrePsync: link.announcedOffset == -1)
    if stream.database >= 0, stream.database < databases.count { session.database = stream.database }
    replication.session = session
    replication.ids.start(session.id)
    replication.offset = session.offset
    if replication.backlog == nil { replication.backlog = Backlog(after: replication.offset) }
    log(.notice, "MASTER <-> REPLICA sync: Finished with success")
    if acknowledge { sendAcknowledgement() }
    makeMasterClient(session, of: socket)
    restartAppendOnly()
  }

  /// The connection to the master ended, or failed, during the transfer (`readSyncBulkPayload` in replication.c).
  mutating func transferInterrupted(reset: Bool) {
    guard let transfer = replication.link.transfer else { return }
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
    guard var loader = replication.link.transfer?.loader else { return }
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
  mutating func sendNewlineToMaster() {
    guard replication.link.newlineSent != now.seconds, let connection = replication.link.connection else { return }
    replication.link.newlineSent = now.seconds
    emit(.send(connection, [10]))
  }

  /// What the log says of a snapshot; `beforeKeys`: of its head alone.
  mutating func logLoading(_ loader: inout SnapshotLoader, beforeKeys: Bool = false) {
    for line in loader.takeLog(beforeKeys: beforeKeys) { log(line.level, line.text) }
  }
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
