// Snapshots on disk: loading one at the start, writing one now, in the background, or when enough has changed (rdb.c).

import RESP

extension Node {
  // MARK: Loading

  /// Loads the snapshot that the working directory holds, if it does; false if the process can't go on
  /// (`loadDataFromDisk` in server.c; `rdbLoad` in rdb.c).
  mutating func loadSnapshot(from files: [String: [UInt8]]) -> Bool {
    guard let bytes = files[configuration.dbfilename] else { return true }
    // A replica keeps what has expired: its master will say when it goes.
    var loader = SnapshotLoader(
      databases: databases.count, verifiesChecksum: configuration.rdbchecksum,
      expiresBefore: isReplica ? nil : milliseconds)
    do throws(SnapshotLoader.Failure) {
      try loader.feed(bytes, at: now)
      try loader.finish()
    } catch {
      emitLog(of: &loader)
      let goesOn = logLoadFailure(error, at: loader.reader.position, fromFile: true)
      if goesOn {
        log(.warning, "Fatal error loading the DB: Invalid argument. Exiting.")
        emit(.exit(code: 1))
      }
      return false
    }
    emitLog(of: &loader)
    databases = loader.databases
    functions = loader.functions
    saving.lastLoadLoaded = loader.loaded
    saving.lastLoadExpired = Int64(loader.expired.count)
    log(.notice, "DB loaded from disk: 0.000 seconds")
    restoreHistory(loader.stream, expired: loader.expired)
    var report = LoadReport(.snapshot(configuration.dbfilename))
    report.keys = loader.loaded
    report.expired = Int64(loader.expired.count)
    if loader.stream.id != nil, loader.stream.offset >= 0 {
      (report.history, report.offset) = (loader.stream.id, loader.stream.offset)
    }
    emit(.decided(.loaded(report)))
    return true
  }

  /// Loads a snapshot into what is there; the history of replication stays (`rdbLoad` in rdb.c).
  ///
  /// - Parameter replaces: a key that is there already is replaced; else that ends the process.
  /// - Returns: false if nothing could be loaded.
  mutating func reload(_ bytes: [UInt8], replaces: Bool) -> Bool {
    var loader = SnapshotLoader(
      databases: databases.count, verifiesChecksum: configuration.rdbchecksum,
      expiresBefore: isReplica ? nil : milliseconds)
    loader.load(into: databases, replaces: replaces)
    do throws(SnapshotLoader.Failure) {
      try loader.feed(bytes, at: now)
      try loader.finish()
    } catch {
      emitLog(of: &loader)
      if !logLoadFailure(error, at: loader.reader.position, fromFile: true) { hasExited = true }
      return false
    }
    emitLog(of: &loader)
    databases = loader.databases
    functions = loader.functions
    (saving.lastLoadLoaded, saving.lastLoadExpired) = (loader.loaded, Int64(loader.expired.count))
    return true
  }

  private mutating func emitLog(of loader: inout SnapshotLoader) {
    for entry in loader.takeLog() { emit(.log(entry)) }
  }

  /// Takes up the replication history that the snapshot is a moment of (`loadDataFromDisk` in server.c).
  ///
  /// A replica goes on as if it had just lost its master. A master begins a history of its own, which the old one vouches
  /// for; the keys that it left out as expired are writes of the new one, so that replicas that go on delete them too.
  private mutating func restoreHistory(_ stream: SnapshotLoader.Stream, expired: [SnapshotLoader.ExpiredKey]) {
    guard let id = stream.id, stream.offset >= 0, stream.database >= 0 else { return }
    if !replication.isMaster {
      replication.ids.current = id
      replication.offset = stream.offset
      cacheOwnPast(database: min(stream.database, databases.count - 1))
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
  @discardableResult
  mutating func saveNow() -> Bool {
    var writer = SnapshotWriter(of: self, stream: snapshotStream)
    let file = writer.rest()
    guard disk != .full else {
      logFullDisk(file.count)
      return false
    }
    let temporary = "temp-\(processID).rdb"
    emit(.file(.write(name: temporary, file)))
    emit(.file(.sync(name: temporary)))
    emit(.file(.rename(from: temporary, to: configuration.dbfilename)))
    log(.notice, "DB saved on disk")
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
    return forkChild(to: .disk, stream: stream)
  }

  /// The child for the disk has ended (`backgroundSaveDoneHandlerDisk` in rdb.c).
  mutating func backgroundSaveEnded(_ child: SnapshotChild, succeeded: Bool) {
    saving.lastDuration = now.seconds - child.started.seconds
    if succeeded {
      dirty -= child.dirtyAtFork
      saving.lastSave = now
      saving.lastFailed = false
    } else if child.state != .killed {
      // A child that was killed on purpose is no failure.
      saving.lastFailed = true
    }
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
    var due: [Int64] = saving.isScheduled ? [now.seconds] : []
    for point in configuration.save where dirty > 0 && dirty >= point.changes {
      due.append(saving.lastSave.seconds +| point.seconds +| 1)
    }
    guard var first = due.min() else { return nil }
    if saving.lastFailed { first = max(first, saving.lastTry.seconds +| Node.retryDelay +| 1) }
    return turn(atOrAfter: max(Instant(microseconds: first *| 1_000_000), now + .microseconds(1)))
  }
}
