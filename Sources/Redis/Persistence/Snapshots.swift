import RESP

/// What is known of the snapshots made so far (`INFO persistence`, LASTSAVE).
package struct Saving: Equatable, Sendable {
  /// When the last one succeeded; at first the start of the process.
  package var lastSave: Instant
  /// When the last BGSAVE was begun.
  package var lastTry: Instant
  /// The last BGSAVE failed.
  package var lastFailed = false
  /// Seconds that the last BGSAVE took; nil before the first.
  package var lastDuration: Int64?
  /// What the last snapshot that was loaded held, and left out as expired.
  package var lastLoadLoaded: Int64 = 0
  package var lastLoadExpired: Int64 = 0
  /// A BGSAVE is to begin as soon as it can.
  package var isScheduled = false

  init(started: Instant) {
    lastSave = started
    lastTry = started
  }
}

// Snapshots on disk: loading one at the start, writing one now, in the background, or when enough has changed (rdb.c).

extension Node {
  // MARK: Loading

  /// Begins to load the snapshot that the working directory holds, if it does (`loadDataFromDisk` in server.c).
  mutating func loadSnapshot(from files: [String: [UInt8]]) {
    guard let bytes = files[configuration.dbfilename] else { return dataLoaded(files) }
    // It is there for the deletions of what has expired, in case the snapshot knows of a history.
    if replication.isMaster { replication.backlog = Backlog(after: replication.offset) }
    beginLoading(snapshot: bytes, for: .start(files: files))
  }

  /// A snapshot in a file is to be loaded (`rdbLoad`, `startLoadingFile` in rdb.c).
  mutating func beginLoading(snapshot bytes: [UInt8], for purpose: FileLoad.Purpose, replaces: Bool = false) {
    // A replica keeps what has expired: its master will say when it goes.
    var loader = SnapshotLoader(
      databases: 0, verifiesChecksum: configuration.rdbchecksum, expiresBefore: isReplica ? nil : milliseconds,
      sanitizes: configuration.sanitizeDumpPayload == .yes, limits: configuration.packing, use: keyUse,
      newestVersion: chance.rdbVersion)
    if replaces { loader.replaceWhatIsThere() }
    var isStart = false
    if case .start = purpose { isStart = true }
    beginLoading(
      .files(FileLoad(.snapshot(SnapshotFile(bytes, loader)), for: purpose, at: now)), total: Int64(bytes.count),
      isStart: isStart)
  }

  /// The snapshot is loaded that the working directory held at the start, or can't be (`loadDataFromDisk` in server.c).
  mutating func snapshotLoaded(_ file: SnapshotFile, _ files: [String: [UInt8]], since began: Instant) {
    if let failure = file.failure {
      if logLoadFailure(failure, at: file.loader.reader.position, fromFile: true) {
        log(.warning, "Fatal error loading the DB: Invalid argument. Exiting.")
        emit(.exit(code: 1))
      }
      hasExited = true
      return
    }
    let loader = file.loader
    functions = loader.functions
    log(.notice, "DB loaded from disk: \(duration(since: began))")
    restoreHistory(loader.stream, expired: loader.expired)
    var report = LoadReport(.snapshot(configuration.dbfilename))
    report.keys = loader.loaded
    report.expired = Int64(loader.expired.count)
    if loader.stream.id != nil, loader.stream.offset >= 0 {
      (report.history, report.offset) = (loader.stream.id, loader.stream.offset)
    }
    emit(.decided(.loaded(report)))
    dataLoaded(files)
  }

  /// A snapshot is loaded into what was there; the history of replication stays (`rdbLoad` in rdb.c).
  ///
  /// - Returns: false if nothing could be loaded.
  mutating func snapshotReloaded(_ file: SnapshotFile) -> Bool {
    if let failure = file.failure {
      if !logLoadFailure(failure, at: file.loader.reader.position, fromFile: true) { hasExited = true }
      return false
    }
    functions = file.loader.functions
    return true
  }

  /// Takes up the replication history that the snapshot is a moment of (`loadDataFromDisk` in server.c).
  ///
  /// A replica goes on as if it had just lost its master. A master begins a history of its own, which the old one vouches
  /// for; the keys that it left out as expired are writes of the new one, so that replicas that go on delete them too.
  private mutating func restoreHistory(_ stream: SnapshotLoader.Stream, expired: [SnapshotLoader.ExpiredKey]) {
    guard let id = stream.id, stream.offset >= 0, stream.database >= 0 else {
      replication.backlog = nil
      return
    }
    if !replication.isMaster {
      replication.ids.current = id
      replication.offset = stream.offset
      cacheMasterUsingMyself(database: min(stream.database, databases.count - 1))
      return
    }
    replication.ids.second = id
    replication.ids.secondOffset = stream.offset + 1
    replication.offset = stream.offset
    replication.backlog = Backlog(after: replication.offset)
    replication.noReplicasSince = now
    let deletion: Bytes = configuration.lazyfreeLazyExpire ? "UNLINK" : "DEL"
    for key in expired { feedReplicas([deletion, key.key], database: key.database) }
  }

  // MARK: Writing

  /// Writes a snapshot while everything waits; false if the disk is full (`rdbSave` in rdb.c).
  ///
  /// - Parameter isSlow: it takes the time that the disk takes. What else is done in the same turn comes before that.
  @discardableResult
  mutating func saveNow(isSlow: Bool = false) -> Bool {
    var writer = SnapshotWriter(of: self, stream: snapshotStream)
    let file = writer.rest()
    guard disk != .full else {
      logFullDisk(file.count)
      return false
    }
    let temporary = temporarySnapshot(of: processID)
    emit(.file(.write(name: temporary, file)))
    var rest: [Effect] = [
      .file(.sync(name: temporary)), .file(.rename(from: temporary, to: configuration.dbfilename)),
    ]
    if LogEntry.Level.notice >= configuration.loglevel { rest.append(.log(LogEntry(.notice, "DB saved on disk"))) }
    waitForDisk(isSlow ? file.count : 0, then: rest)
    dirty = 0
    saving.lastSave = now
    saving.lastFailed = false
    return true
  }

  /// A buffer of 4,096 bytes stands between a snapshot and its file: a short one first meets the disk when it is
  /// flushed (`rdbSave` in rdb.c).
  mutating func logFullDisk(_ count: Int) {
    let place = count > 4_096 ? "rdbSaveRio" : "fflush"
    log(.warning, "Write error saving DB on disk(\(place)): No space left on device")
  }

  /// Forks a child that writes a snapshot to disk, unless there is a child already (`rdbSaveBackground` in rdb.c).
  @discardableResult
  mutating func startBackgroundSave(stream: SnapshotWriter.Stream?) -> Bool {
    guard !hasChild else { return false }
    saving.lastTry = now
    statistics.saves += 1
    let writer = SnapshotWriter(of: self, stream: stream)
    guard let process = fork(writing: writer.whole, as: { .save($0, writer) }) else {
      saving.lastFailed = true
      logFailedFork("save")
      return false
    }
    log(.notice, "Background saving started by pid \(process.id)")
    emit(.file(.write(name: temporarySnapshot(of: process.id), [])))
    return true
  }

  /// fork(2) has failed (`rdbSaveBackground`, `rdbSaveToSlavesSockets` in rdb.c; `rewriteAppendOnlyFileBackground` in
  /// aof.c).
  mutating func logFailedFork(_ purpose: String) {
    log(.warning, "Can't \(purpose) in background: fork: Cannot allocate memory")
  }

  /// What a snapshot is called before it is whole.
  func temporarySnapshot(of process: Int) -> String { "temp-\(process).rdb" }

  /// The child for the disk has ended: the snapshot is in its place, and goes to those who wait for it
  /// (`backgroundSaveDoneHandlerDisk`, `rdbRemoveTempFile` in rdb.c).
  mutating func backgroundSaveEnded(_ process: ChildProcess, _ child: SnapshotWriter) {
    var writer = child
    let temporary = temporarySnapshot(of: process.id)
    let wasKilled = process.state == .killed
    let isFull = !wasKilled && disk == .full
    saving.lastDuration = now.seconds - process.started.seconds
    guard !wasKilled, !isFull else {
      // A child that was killed on purpose is no failure.
      if isFull {
        saving.lastFailed = true
        logFullDisk(writer.rest().count)
      }
      log(.warning, wasKilled ? "Background saving terminated by signal 10" : "Background saving error")
      emit(.file(.delete(name: temporary)))
      for connection in replicasAwaitingSnapshot { dropForFailedSnapshot(connection) }
      return
    }
    dirty -= process.dirtyAtFork
    saving.lastSave = now
    saving.lastFailed = false
    let file = writer.rest()
    emit(.file(.write(name: temporary, file)))
    emit(.file(.sync(name: temporary)))
    emit(.file(.rename(from: temporary, to: configuration.dbfilename)))
    log(.notice, "DB saved on disk")
    logChildMemory("RDB")
    log(.notice, "Background saving terminated with success")
    for connection in replicasAwaitingSnapshot { beginSendingFile(file, to: connection) }
  }

  // MARK: By itself

  /// Seconds after a failure in which no other snapshot is begun by itself.
  private static let retryDelay: Int64 = 5

  /// Begins a snapshot if a `save` directive is met (`serverCron` in server.c).
  mutating func saveIfDue() {
    guard maySave else { return }
    for point in configuration.save where dirty >= point.changes {
      guard now.seconds - saving.lastSave.seconds > point.seconds else { continue }
      log(.notice, "\(point.changes) changes in \(point.seconds) seconds. Saving...")
      startBackgroundSave(stream: snapshotStream)
      return
    }
  }

  /// Begins the snapshot that BGSAVE SCHEDULE asked for: last in a turn, since one for replicas comes first
  /// (`serverCron` in server.c).
  mutating func saveIfScheduled() {
    guard saving.isScheduled, maySave else { return }
    if startBackgroundSave(stream: snapshotStream) { saving.isScheduled = false }
  }

  private var maySave: Bool {
    !hasChild && !isLoading && (!saving.lastFailed || now.seconds - saving.lastTry.seconds > Node.retryDelay)
  }

  /// When a snapshot is begun if nothing else changes.
  var nextSaveWakeup: Instant? {
    guard !hasChild, !isLoading else { return nil }
    var due: Int64? = saving.isScheduled ? now.seconds : nil
    for point in configuration.save where dirty > 0 && dirty >= point.changes {
      let end = saving.lastSave.seconds +| point.seconds +| 1
      due = min(due ?? end, end)
    }
    guard var first = due else { return nil }
    if saving.lastFailed { first = max(first, saving.lastTry.seconds +| Node.retryDelay +| 1) }
    return turn(atOrAfter: max(Instant(microseconds: first *| 1_000_000), now + .microseconds(1)))
  }
}
