// Rewriting: a child writes the data set as it is into a new base, while the commands that follow go into a new increment
// (BGREWRITEAOF).
//
//     fork ──► new increment, in the manifest ──► child: temp-rewriteaof-bg-PID.aof ──► rename to the new base
//          ──► what was before becomes history, in the manifest ──► history is deleted

/// What a rewriting child has of its parent: a copy of everything.
package struct AppendOnlyBase: Equatable, Sendable {
  private enum Form: Equatable, Sendable {
    case snapshot(SnapshotWriter)
    case commands(Databases, FunctionLibraries, annotatedAt: Int64?)
  }
  private var form: Form

  init(of node: Node) {
    form =
      node.configuration.aofUseRdbPreamble
      ? .snapshot(SnapshotWriter(of: node, stream: nil, isAppendOnlyBase: true))
      : .commands(
        node.databases, node.functions,
        annotatedAt: node.configuration.aofTimestampEnabled ? node.now.seconds : nil)
  }

  var bytes: [UInt8] {
    switch form {
    case .snapshot(var writer): writer.rest()
    case .commands(let databases, let functions, let second):
      AppendOnlyText.commands(making: databases, functions, annotatedAt: second)
    }
  }
}

extension Node {
  // MARK: The manifest

  /// Where commands go until the first base is there (`getTempIncrAofName` in aof.c).
  private var temporaryIncrement: String { "temp-\(configuration.appendfilename).incr" }

  /// Takes on a manifest, and writes it beside the old one to rename it over that; false, and all is as it was, if the
  /// disk is full (`persistAofManifest`, `writeAofManifestFile`, `getAofManifestFileName`,
  /// `getTempAofManifestFileName`, `aofManifestFreeAndUpdate` in aof.c).
  mutating func persist(_ manifest: AppendOnlyManifest) -> Bool {
    guard manifest.isDirty else { return true }
    let name = "\(configuration.appendfilename).manifest"
    guard disk != .full else {
      log(
        .warning,
        "Error trying to write the temporary AOF manifest file temp-\(name): No space left on device")
      return false
    }
    emit(.file(.write(name: appendPath("temp-\(name)"), manifest.text.bytes)))
    emit(.file(.sync(name: appendPath("temp-\(name)"))))
    emit(.file(.rename(from: appendPath("temp-\(name)"), to: appendPath(name))))
    appendOnly.manifest = manifest
    appendOnly.manifest.isDirty = false
    return true
  }

  /// Deletes what new files have taken the place of (`aofDelHistoryFiles` in aof.c).
  mutating func deleteHistory() {
    guard !configuration.aofDisableAutoGC, !appendOnly.manifest.history.isEmpty else { return }
    for file in appendOnly.manifest.history {
      log(.notice, "Removing the history file \(file.name) in the background")
      emit(.file(.delete(name: appendPath(file.name))))
    }
    var manifest = appendOnly.manifest
    manifest.forgetHistory()
    _ = persist(manifest)
  }

  // MARK: On and off

  /// `CONFIG SET appendonly yes`, or the end of a full sync; false if no rewrite could be begun (`startAppendOnly` in
  /// aof.c).
  mutating func startAppendOnly() -> Bool {
    appendOnly.state = .waitRewrite
    if snapshotChild != nil {
      appendOnly.rewrite.isScheduled = true
      log(
        .warning,
        "AOF was enabled but there is already another background operation. An AOF background was scheduled to start "
          + "when possible.")
    } else if isInExec {
      appendOnly.rewrite.isScheduled = true
      log(
        .warning,
        "AOF was enabled during a transaction. An AOF background was scheduled to start when possible.")
    } else {
      if rewriteChild != nil {
        log(
          .warning,
          "AOF was enabled but there is already an AOF rewriting in background. Stopping background AOF and starting a "
            + "rewrite now.")
        killRewrite()
      }
      guard beginRewrite() else {
        appendOnly.state = .off
        log(
          .warning,
          "Redis needs to enable the AOF but can't trigger a background AOF rewrite operation. Check the above logs for "
            + "more info about the error.")
        return false
      }
    }
    appendOnly.lastSync = now.seconds
    if appendOnly.lastWriteFailed {
      log(.warning, "AOF reopen, just ignore the last error.")
      appendOnly.lastWriteFailed = false
    }
    return true
  }

  /// `CONFIG SET appendonly no`, or a full sync: what is in the files stays there (`stopAppendOnly` in aof.c).
  mutating func stopAppendOnly() {
    guard appendOnly.state != .off else { return }
    flushAppendOnly(force: true)
    if hasExited { return }
    if let file = appendOnly.file { emit(.file(.sync(name: file))) }
    appendOnly.file = nil
    appendOnly.database = nil
    appendOnly.state = .off
    appendOnly.rewrite.isScheduled = false
    (appendOnly.written, appendOnly.synced) = (0, 0)
    (appendOnly.syncEnds, appendOnly.postponedSince) = (nil, nil)
    killRewrite()
    appendOnly.buffer = []
    appendOnly.bufferRoom = 4
  }

  /// After a full sync, or once a replica is promoted: the new data set has to be written (`restartAOFAfterSYNC` in
  /// replication.c).
  mutating func restartAppendOnly() {
    guard configuration.appendonly, appendOnly.state == .off else { return }
    _ = startAppendOnly()
  }

  // MARK: The rewrite

  /// Opens a new increment and forks; false if that failed (`rewriteAppendOnlyFileBackground` in aof.c).
  mutating func beginRewrite() -> Bool {
    guard !hasChild else { return false }
    appendOnly.database = nil
    flushAppendOnly(force: true)
    guard !hasExited, openNewIncrement() else {
      appendOnly.rewrite.lastFailed = true
      return false
    }
    appendOnly.rewrite.count += 1
    let base = AppendOnlyBase(of: self)
    guard let process = fork(writing: { base.bytes }, as: { .rewrite($0, base) }) else {
      appendOnly.rewrite.lastFailed = true
      logFailedFork("rewrite append only file")
      return false
    }
    log(.notice, "Background append only file rewriting started by pid \(process.id)")
    emit(.file(.write(name: temporaryNames(of: process)[1], [])))
    appendOnly.rewrite.isScheduled = false
    appendOnly.rewrite.started = now.seconds
    return true
  }

  /// From here on commands go into another file (`openNewIncrAofForAppend`, `aof_background_fsync_and_close` in aof.c).
  private mutating func openNewIncrement() -> Bool {
    let name: String
    switch appendOnly.state {
    case .off: return true
    case .waitRewrite: name = temporaryIncrement
    case .on:
      var manifest = appendOnly.manifest
      name = manifest.beginIncrement(of: configuration.appendfilename)
      emit(.file(.write(name: appendPath(name), [])))
      guard persist(manifest) else {
        emit(.file(.delete(name: appendPath(name))))
        return false
      }
    }
    if appendOnly.state == .waitRewrite { emit(.file(.write(name: appendPath(name), []))) }
    log(.notice, "Creating AOF incr file \(name) on background rewrite")
    // The old one is closed, after a last fsync.
    if let old = appendOnly.file {
      emit(.file(.sync(name: old)))
      appendOnly.lastSync = now.seconds
    }
    appendOnly.file = appendPath(name)
    (appendOnly.written, appendOnly.synced, appendOnly.syncEnds) = (0, 0, nil)
    return true
  }

  /// SIGUSR1, and waiting for it (`killAppendOnlyChild` in aof.c).
  mutating func killRewrite() {
    guard let child = rewriteChild else { return }
    log(.notice, "Killing running AOF rewrite child: \(child.id)")
    if !child.isGone(at: now) { log(.warning, "Received SIGUSR1 in child, exiting now.") }
    children.end()
    removeTemporaryFiles(of: child)
    appendOnly.rewrite.started = nil
  }

  private func temporaryNames(of child: ChildProcess) -> [String] {
    ["temp-rewriteaof-bg-\(child.id).aof", "temp-rewriteaof-\(child.id).aof"]
  }

  /// Deletes what a rewriting child has left (`aofRemoveTempFile` in aof.c).
  private mutating func removeTemporaryFiles(of child: ChildProcess) {
    for name in temporaryNames(of: child) { emit(.file(.delete(name: name))) }
  }

  /// The child is gone (`backgroundRewriteDoneHandler`, `aofDelTempIncrAofFile` in aof.c).
  mutating func rewriteEnded(_ child: ChildProcess, _ base: AppendOnlyBase) {
    var failed = true
    if child.state == .killed {
      failed = appendOnly.rewrite.lastFailed
      log(.warning, "Background AOF rewrite terminated by signal 10")
    } else if let base = write(base, child) {
      log(.notice, "Background AOF rewrite terminated with success")
      failed = !install(base, child)
    } else {
      log(.warning, "Background AOF rewrite terminated with error")
      appendOnly.rewrite.failures += 1
    }
    appendOnly.rewrite.lastFailed = failed
    removeTemporaryFiles(of: child)
    if appendOnly.state == .waitRewrite {
      appendOnly.buffer = []
      appendOnly.bufferRoom = 4
      log(.notice, "Removing the temp incr aof file \(temporaryIncrement) in the background")
      emit(.file(.delete(name: appendPath(temporaryIncrement))))
      appendOnly.file = nil
      appendOnly.rewrite.isScheduled = true
    }
    appendOnly.rewrite.lastDuration = now.seconds - (appendOnly.rewrite.started ?? now.seconds)
    appendOnly.rewrite.started = nil
  }

  /// What the child did: the file under its first name, whole and safe, then renamed (`rewriteAppendOnlyFile` in
  /// aof.c). nil: the disk was full.
  private mutating func write(_ base: AppendOnlyBase, _ child: ChildProcess) -> [UInt8]? {
    let names = temporaryNames(of: child)
    guard disk != .full else {
      log(.warning, "Write error writing append only file on disk: No space left on device")
      return nil
    }
    let bytes = base.bytes
    emit(.file(.write(name: names[1], bytes)))
    emit(.file(.sync(name: names[1])))
    emit(.file(.rename(from: names[1], to: names[0])))
    log(.notice, "Successfully created the temporary AOF base file \(names[0])")
    logChildMemory("AOF rewrite")
    return bytes
  }

  /// The new base takes the place of all that was before the fork; false if the manifest could not be written
  /// (`backgroundRewriteDoneHandler` in aof.c).
  private mutating func install(_ base: [UInt8], _ child: ChildProcess) -> Bool {
    var manifest = appendOnly.manifest
    let temporary = temporaryNames(of: child)[0]
    let name = manifest.beginBase(
      of: configuration.appendfilename, isSnapshot: configuration.aofUseRdbPreamble)
    emit(.file(.rename(from: temporary, to: appendPath(name))))
    log(.notice, "Successfully renamed the temporary AOF base file \(temporary) into \(name)")
    var increment: String?
    if appendOnly.state == .waitRewrite {
      let name = manifest.beginIncrement(of: configuration.appendfilename)
      emit(.file(.rename(from: appendPath(temporaryIncrement), to: appendPath(name))))
      log(.notice, "Successfully renamed the temporary AOF incr file \(temporaryIncrement) into \(name)")
      increment = appendPath(name)
    }
    manifest.retireIncrements(keepsLast: appendOnly.file != nil)
    guard persist(manifest) else {
      emit(.file(.delete(name: appendPath(name))))
      if let increment { emit(.file(.delete(name: increment))) }
      return false
    }
    if let increment { appendOnly.file = increment }
    if appendOnly.state != .off {
      appendOnly.size = Int64(base.count) + appendOnly.written
      appendOnly.baseSize = appendOnly.size
    }
    deleteHistory()
    appendOnly.rewrite.failures = 0
    log(.notice, "Background AOF rewrite finished successfully")
    if appendOnly.state == .waitRewrite { appendOnly.state = .on }
    // No time passes within an input.
    log(.verbose, "Background AOF rewrite signal handler took 0us")
    return true
  }

  // MARK: By itself

  /// `auto-aof-rewrite-percentage`: how much the files have grown since the last rewrite.
  private var growth: Int64 { appendOnly.size * 100 / max(1, appendOnly.baseSize) - 100 }

  var growthAsksForRewrite: Bool {
    appendOnly.state == .on && configuration.autoAofRewritePercentage > 0
      && appendOnly.size > configuration.autoAofRewriteMinSize && growth >= configuration.autoAofRewritePercentage
  }

  /// Begins the rewrite that was asked for while it could not be (`serverCron` in server.c).
  mutating func rewriteIfScheduled() {
    if !hasChild, appendOnly.rewrite.isScheduled, !isRewriteLimited() { _ = beginRewrite() }
  }

  /// Begins a rewrite where the file has grown enough (`serverCron` in server.c).
  mutating func rewriteIfGrown() {
    if !hasChild, growthAsksForRewrite, !isRewriteLimited() {
      log(.notice, "Starting automatic rewriting of AOF on \(growth)% growth")
      _ = beginRewrite()
    }
  }

  /// After three failures in a row a rewrite has to wait: a minute, then two, four, up to an hour (`aofRewriteLimited`
  /// in aof.c).
  private mutating func isRewriteLimited() -> Bool {
    guard appendOnly.rewrite.failures >= 3 else {
      (appendOnly.rewrite.delay, appendOnly.rewrite.notBefore) = (0, nil)
      return false
    }
    if let moment = appendOnly.rewrite.notBefore {
      if now.seconds < moment { return true }
      appendOnly.rewrite.notBefore = nil
      return false
    }
    let delay = min(60, max(1, appendOnly.rewrite.delay * 2))
    appendOnly.rewrite.delay = delay
    appendOnly.rewrite.notBefore = now.seconds + delay * 60
    log(
      .warning,
      "Background AOF rewrite has repeatedly failed and triggered the limit, will retry in \(delay) minutes")
    return true
  }
}
