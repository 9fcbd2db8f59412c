// What a node finds in its working directory when it starts: the append-only file if it is to keep one, and only then
// nothing else; otherwise the snapshot (loadDataFromDisk, aof.c).

/// What was loaded at the start.
package struct LoadReport: Hashable, Sendable {
  package enum Source: Hashable, Sendable {
    case snapshot(String)
    /// The files in their order.
    case appendOnly([String])
    /// `appendonly yes`, no append-only file, and a snapshot that is not looked at.
    case ignoredSnapshot(String)
  }
  package var source: Source
  package var keys: Int64 = 0
  /// Keys of a snapshot that had expired, and were left out.
  package var expired: Int64 = 0
  /// Commands that were done again.
  package var commands: Int64 = 0
  /// The file whose tail was no whole command, and how many bytes of it were cut off.
  package var truncated: String?
  package var lostBytes = 0
  /// The history that goes on: a snapshot knows it, an append-only file does not.
  package var history: String?
  package var offset: Int64?

  package init(_ source: Source) { self.source = source }
}

extension Node {
  /// Begins to load what there is; `dataLoaded` goes on from there (`loadDataFromDisk` in server.c).
  mutating func loadData(from files: [String: [UInt8]]) {
    guard readManifest(from: files) else { return }
    guard configuration.appendonly else { return loadSnapshot(from: files) }
    appendOnly.state = .on
    if loadAppendOnly(from: files, for: .start(files: files)) { dataLoaded(files) }
  }

  /// All that there was is loaded.
  mutating func dataLoaded(_ files: [String: [UInt8]]) {
    if configuration.appendonly {
      guard openAppendOnly(files) else { return }
      deleteHistory()
    }
    log(.notice, "Ready to accept connections")
  }

  mutating func fail() -> Bool {
    if !hasExited { exitProcess(code: 1) }
    return false
  }

  /// Also without `appendonly`, as in Redis: a manifest that makes no sense ends the process (`aofLoadManifestFromDisk`
  /// in aof.c).
  private mutating func readManifest(from files: [String: [UInt8]]) -> Bool {
    let name = "\(configuration.appendfilename).manifest"
    guard let bytes = files[appendPath(name)] else {
      let isThere = files.keys.contains { $0.hasPrefix(appendPath("")) }
      log(
        .debug,
        isThere
          ? "The AOF manifest file \(name) doesn't exist"
          : "The AOF directory \(configuration.appenddirname) doesn't exist")
      return true
    }
    do throws(AppendOnlyManifest.Failure) {
      appendOnly.manifest = try AppendOnlyManifest(reading: bytes)
      return true
    } catch {
      log(.warning, "\n*** FATAL AOF MANIFEST FILE ERROR ***\n")
      if let line = error.line {
        log(.warning, "Reading the manifest file, at line \(line.number)\n")
        log(.warning, ">>> '\(line.text)'\n")
      }
      log(.warning, "\(error.reason)\n")
      return fail()
    }
  }

  /// The manifest and all that it names, as they are on the disk now; true if there is nothing to load
  /// (`aofLoadManifestFromDisk`, `loadAppendOnlyFiles` in aof.c).
  mutating func reloadAppendOnly(from files: [String: [UInt8]], for purpose: FileLoad.Purpose) -> Bool {
    appendOnly.manifest = AppendOnlyManifest()
    guard readManifest(from: files) else { return false }
    deleteHistory()
    guard !appendOnly.manifest.isEmpty || files[configuration.appendfilename] != nil else { return fail() }
    return loadAppendOnly(from: files, for: purpose)
  }

  // MARK: All files

  /// Begins to do again what all files say, in their order; true if there is nothing to load (`loadAppendOnlyFiles`,
  /// `getBaseAndIncrAppendOnlyFilesSize`, `getAppendOnlyFileSize` in aof.c).
  private mutating func loadAppendOnly(from files: [String: [UInt8]], for purpose: FileLoad.Purpose) -> Bool {
    var files = files
    adoptOldFile(&files)
    guard !appendOnly.manifest.isEmpty else {
      if files[configuration.dbfilename] != nil {
        emit(.decided(.loaded(LoadReport(.ignoredSnapshot(configuration.dbfilename)))))
      }
      return true
    }
    var isStart = false
    if case .start = purpose { isStart = true }
    let parts = appendOnly.manifest.loaded
    for part in parts where files[appendPath(part.name)] == nil {
      log(.warning, "Unable to obtain the AOF file \(part.name) length. stat: No such file or directory")
      return fail()
    }
    let load = AppendOnlyLoad(
      parts.map { AppendOnlyLoad.Part(file: $0, bytes: files[appendPath($0.name)] ?? []) }, at: now,
      whenLoaded: appendOnly.state)
    guard load.size > 0 else {
      // Redis says so of empty files, too.
      if isStart { log(.notice, "DB loaded from append only file: 0.000 seconds") }
      return true
    }
    beginLoading(
      .files(FileLoad(.appendOnly(load), for: purpose, at: now)), total: load.size, isStart: isStart)
    // What the files say is not written into them once more.
    appendOnly.state = .off
    return false
  }

  /// Before 7.0 there was one file, in the working directory itself; it becomes the base (`aofUpgradePrepare` in
  /// aof.c).
  private mutating func adoptOldFile(_ files: inout [String: [UInt8]]) {
    let name = configuration.appendfilename
    guard let old = files[name] else { return }
    let isBase = appendOnly.manifest.base?.name == name && files[appendPath(name)] == nil
    guard appendOnly.manifest.isEmpty || isBase && appendOnly.manifest.increments.isEmpty else { return }
    var manifest = appendOnly.manifest
    manifest.adopt(name)
    _ = persist(manifest)
    emit(.file(.rename(from: name, to: appendPath(name))))
    files[appendPath(name)] = old
    log(
      .notice,
      "Successfully migrated an old-style AOF file (\(name)) into the AOF directory (\(configuration.appenddirname)).")
  }

  // MARK: Opening

  /// The file to write to: the last increment, or the first (`aofOpenIfNeededOnServerStart`, `getLastIncrAofName` in
  /// aof.c).
  private mutating func openAppendOnly(_ files: [String: [UInt8]]) -> Bool {
    let isNew = appendOnly.manifest.increments.isEmpty
    if appendOnly.manifest.isEmpty {
      guard disk != .full else {
        log(.warning, "Write error writing append only file on disk: No space left on device")
        return fail()
      }
      let name = appendOnly.manifest.beginBase(
        of: configuration.appendfilename, isSnapshot: configuration.aofUseRdbPreamble)
      let temporary = "temp-rewriteaof-\(processID).aof"
      emit(.file(.write(name: temporary, AppendOnlyBase(of: self).bytes)))
      emit(.file(.sync(name: temporary)))
      emit(.file(.rename(from: temporary, to: appendPath(name))))
      log(.notice, "Creating AOF base file \(name) on server start")
    }
    let name =
      appendOnly.manifest.increments.last?.name
      ?? appendOnly.manifest.beginIncrement(of: configuration.appendfilename)
    appendOnly.file = appendPath(name)
    if files[appendPath(name)] == nil { emit(.file(.write(name: appendPath(name), []))) }
    guard persist(appendOnly.manifest) else { return fail() }
    appendOnly.written = Int64(files[appendPath(name)]?.count ?? 0)
    appendOnly.synced = appendOnly.written
    appendOnly.lastSync = now.seconds
    log(.notice, "\(isNew ? "Creating" : "Opening") AOF incr file \(name) on server start")
    return true
  }
}
