import RDB

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
  /// False if the process can't go on (`loadDataFromDisk` in server.c).
  mutating func loadData(from files: [String: [UInt8]]) -> Bool {
    guard readManifest(from: files) else { return false }
    guard configuration.appendonly else { return loadSnapshot(from: files) }
    appendOnly.state = .on
    guard loadAppendOnly(from: files), openAppendOnly(files) else { return false }
    deleteHistory()
    return true
  }

  private mutating func fail() -> Bool {
    if !hasExited { exitProcess(code: 1) }
    return false
  }

  /// Also without `appendonly`, as in Redis: a manifest that makes no sense ends the process (`aofLoadManifestFromDisk`
  /// in aof.c).
  private mutating func readManifest(from files: [String: [UInt8]]) -> Bool {
    guard let bytes = files[appendPath("\(configuration.appendfilename).manifest")] else { return true }
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

  /// The manifest and all that it names, as they are on the disk now; false if that ends the process
  /// (`aofLoadManifestFromDisk`, `loadAppendOnlyFiles` in aof.c).
  mutating func reloadAppendOnly(from files: [String: [UInt8]]) -> Bool {
    let open = (state: appendOnly.state, file: appendOnly.file)
    appendOnly.manifest = AppendOnlyManifest()
    guard readManifest(from: files) else { return false }
    deleteHistory()
    guard !appendOnly.manifest.isEmpty || files[configuration.appendfilename] != nil else { return fail() }
    guard loadAppendOnly(from: files) else { return false }
    (appendOnly.state, appendOnly.file) = open
    return true
  }

  // MARK: All files

  /// Does again what all files say, in their order (`loadAppendOnlyFiles`, `getBaseAndIncrAppendOnlyFilesSize`,
  /// `getAppendOnlyFileSize` in aof.c).
  private mutating func loadAppendOnly(from files: [String: [UInt8]]) -> Bool {
    var files = files
    adoptOldFile(&files)
    guard !appendOnly.manifest.isEmpty else {
      if files[configuration.dbfilename] != nil {
        emit(.decided(.loaded(LoadReport(.ignoredSnapshot(configuration.dbfilename)))))
      }
      return true
    }
    let names = appendOnly.manifest.loaded.map(\.name)
    for name in names where files[appendPath(name)] == nil {
      log(.warning, "Unable to obtain the AOF file \(name) length. stat: No such file or directory")
      return fail()
    }
    let sizes = names.map { Int64(files[appendPath($0)]?.count ?? 0) }
    let loaded = "DB loaded from append only file: 0.000 seconds"
    guard sizes.contains(where: { $0 > 0 }) else {
      // Redis says so of empty files, too.
      log(.notice, loaded)
      return true
    }
    var report = LoadReport(.appendOnly(names))
    isLoading = true
    defer { isLoading = false }
    for file in appendOnly.manifest.loaded {
      let isLast = file.name == names.last
      guard load(file, files[appendPath(file.name)] ?? [], isLast: isLast, &report) else { return fail() }
    }
    appendOnly.size = sizes.reduce(0, +)
    appendOnly.baseSize = appendOnly.manifest.base == nil ? 0 : sizes[0]
    log(.notice, loaded)
    report.keys = databases.reduce(0) { $0 + Int64($1.count) }
    emit(.decided(.loaded(report)))
    return true
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

  /// Does again what one file says (`loadSingleAppendOnlyFile` in aof.c).
  private mutating func load(
    _ file: AppendOnlyManifest.File, _ bytes: [UInt8], isLast: Bool, _ report: inout LoadReport
  ) -> Bool {
    guard !bytes.isEmpty else { return true }
    var position = 0
    if bytes.starts(with: "REDIS".utf8) {
      guard let end = loadPreamble(of: file.name, bytes) else { return false }
      position = end
    }
    var replay = Replay(reader: AppendOnlyReader(bytes, from: position), valid: position)
    let outcome = run(&replay, file.name)
    report.commands += replay.commands
    switch outcome {
    case .failed: return false
    case .whole: break
    case .truncated:
      guard isLast else {
        log(.warning, "Fatal error: the truncated file is not the last file")
        return false
      }
      report.truncated = file.name
      report.lostBytes = bytes.count - replay.valid
    }
    log(.notice, "DB loaded from \(file.kind == .base ? "base" : "incr") file \(file.name): 0.000 seconds")
    return true
  }

  /// A base in the form of a snapshot; the position behind it, or nil (`loadSingleAppendOnlyFile` in aof.c).
  private mutating func loadPreamble(of name: String, _ bytes: [UInt8]) -> Int? {
    let isOld = name == configuration.appendfilename
    log(.notice, isOld ? "Reading RDB preamble from AOF file..." : "Reading RDB base file on AOF loading...")
    // Keys that have expired stay: commands that follow may mean them.
    var loader = SnapshotLoader(databases: databases.count, verifiesChecksum: configuration.rdbchecksum)
    do throws(SnapshotLoader.Failure) {
      try loader.feed(bytes, at: now)
      try loader.finish()
    } catch {
      for entry in loader.takeLog() { emit(.log(entry)) }
      if logLoadFailure(error, at: loader.reader.position, fromFile: true) {
        log(
          .warning,
          "Error reading the RDB \(isOld ? "preamble of the AOF" : "base") file \(name), AOF loading aborted")
      }
      return nil
    }
    for entry in loader.takeLog() { emit(.log(entry)) }
    databases = loader.databases
    functions = loader.functions
    saving.lastLoadLoaded = loader.loaded
    saving.lastLoadExpired = 0
    if isOld { log(.notice, "Reading the remaining AOF tail...") }
    return bytes.count - loader.reader.unread.count
  }

  // MARK: Commands

  private struct Replay {
    var reader: AppendOnlyReader
    /// What has been read whole.
    var valid: Int
    var validBeforeMulti = 0
    var commands: Int64 = 0
  }

  private enum Outcome { case whole, truncated, failed }

  /// The client in whose name the file's commands are done (CLIENT_ID_AOF).
  static let appendOnlyLoader = ConnectionID(.opened, .max)

  /// Does the file's commands again, for a client that hears nothing (`loadSingleAppendOnlyFile`, `createAOFClient` in
  /// aof.c).
  private mutating func run(_ replay: inout Replay, _ name: String) -> Outcome {
    let connection = Self.appendOnlyLoader
    var kept = statistics
    addClient(connection, peer: Address(host: "", port: 0), local: Address(host: "", port: 0))
    clients[connection]?.flags.insert(.replyOff)
    // No user's: what it does was permitted when it was done first.
    clients[connection]?.user = nil
    defer {
      clients.removeValue(forKey: connection)
      // What fails here counts as anywhere.
      kept.errorReplies = statistics.errorReplies
      kept.unexpectedErrorReplies = statistics.unexpectedErrorReplies
      kept.errors = statistics.errors
      statistics = kept
    }
    while true {
      switch replay.reader.next() {
      case .command(let arguments):
        guard let command = configuration.commandNames.resolve(arguments).command, command.body != nil else {
          log(.warning, "Unknown command '\(arguments[0])' reading the append only file \(name)")
          return .failed
        }
        if command.name == "multi" { replay.validBeforeMulti = replay.valid }
        // A transaction's commands are done as those of any client, and counted.
        if command.name == "exec" {
          kept.commandsProcessed += Int64(clients[connection]?.transaction?.queue.count ?? 0)
        }
        guard redo(command, arguments, for: connection) else { return badFormat(name) }
        if hasExited { return .failed }
        replay.commands += 1
        replay.valid = replay.reader.position
      case .end:
        guard clients[connection]?.transaction != nil else { return .whole }
        log(.warning, "Revert incomplete MULTI/EXEC transaction in AOF file \(name)")
        replay.valid = replay.validBeforeMulti
        return truncated(name, at: replay.valid)
      case .truncated: return truncated(name, at: replay.valid)
      case .badFormat: return badFormat(name)
      }
    }
  }

  /// False for what no server writes: a command without its arguments (`loadSingleAppendOnlyFile` in aof.c).
  private mutating func redo(_ command: Command, _ arguments: [Bytes], for connection: ConnectionID) -> Bool {
    guard command.accepts(argumentCount: arguments.count) else { return false }
    clients[connection]?.lastCommand = command.name
    if clients[connection]?.transaction != nil, command.name != "exec" {
      clients[connection]?.transaction?.queue.append(arguments)
    } else if command.flags.contains(.write) || ["select", "multi", "exec"].contains(command.name) {
      execute(command, arguments, for: connection)
      pendingPropagation = []
    }
    return true
  }

  /// From here on the file is none (`loadSingleAppendOnlyFile` in aof.c).
  private mutating func badFormat(_ name: String) -> Outcome {
    log(
      .warning,
      "Bad file format reading the append only file \(name): make a backup of your AOF file, then use ./redis-check-aof "
        + "--fix <filename.manifest>")
    return .failed
  }

  /// The file ends within a command: its tail is cut off, if that is permitted (`loadSingleAppendOnlyFile` in aof.c).
  private mutating func truncated(_ name: String, at position: Int) -> Outcome {
    guard configuration.aofLoadTruncated else {
      log(
        .warning,
        "Unexpected end of file reading the append only file \(name). You can: 1) Make a backup of your AOF file, then "
          + "use ./redis-check-aof --fix <filename.manifest>. 2) Alternatively you can set the 'aof-load-truncated' "
          + "configuration option to yes and restart the server.")
      return .failed
    }
    log(.warning, "!!! Warning: short read while loading the AOF file \(name)!!!")
    log(.warning, "!!! Truncating the AOF \(name) at offset \(position) !!!")
    emit(.file(.truncate(name: appendPath(name), to: position)))
    log(.warning, "AOF \(name) loaded anyway because aof-load-truncated is enabled")
    return .truncated
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
