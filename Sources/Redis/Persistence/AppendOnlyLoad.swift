/// The append-only file's parts on their way into the databases, one after the other (`loadAppendOnlyFiles` in aof.c).
struct AppendOnlyLoad: Equatable, Sendable {
  struct Part: Equatable, Sendable {
    var file: AppendOnlyManifest.File
    var bytes: [UInt8]
  }

  /// Where it is in a part.
  enum Place: Equatable, Sendable {
    /// In a base in the form of a snapshot.
    case preamble(SnapshotFile)
    case commands(Replay)
  }

  /// Commands that are done again.
  struct Replay: Equatable, Sendable {
    var reader: AppendOnlyReader
    /// What has been read whole.
    var valid: Int
    var validBeforeMulti = 0
    /// What INFO knows to be read.
    var told: Int
    /// Why no more is read.
    var end: End?

    init(_ bytes: [UInt8], from position: Int) {
      reader = AppendOnlyReader(bytes, from: position)
      (valid, told) = (position, position)
    }
  }

  enum End: Equatable, Sendable {
    case whole
    /// In the middle of a command, or of a transaction.
    case truncated
    case openTransaction
    case badFormat
    case unknownCommand(Bytes)
    /// The process ended itself over a command.
    case exit
  }

  /// The part at hand, and those that are still to come.
  var parts: [Part]
  /// Bytes of all parts, and of the base.
  let size: Int64
  let baseSize: Int64
  /// What the append-only file is to be when all is loaded.
  let stateAfter: AppendOnly.State
  var report: LoadReport
  /// When that of the part at hand began.
  var partBegan: Instant
  /// nil: between two parts.
  var place: Place?
  /// In whose name the commands of the part at hand are done, while others are seen to: it is no client of theirs.
  var client: Client?

  init(_ parts: [Part], at now: Instant, whenLoaded stateAfter: AppendOnly.State) {
    self.parts = parts
    size = parts.reduce(0) { $0 + Int64($1.bytes.count) }
    baseSize = parts.first.map { $0.file.kind == .base ? Int64($0.bytes.count) : 0 } ?? 0
    self.stateAfter = stateAfter
    report = LoadReport(.appendOnly(parts.map(\.file.name)))
    partBegan = now
  }

  /// How many bytes are still to be read.
  var unread: Int {
    let read =
      switch place {
      case .preamble(let file)?: file.read
      case .commands(let replay)?: replay.valid
      case nil: 0
      }
    return parts.reduce(0) { $0 + $1.bytes.count } - read
  }
}

extension Node {
  /// The client in whose name the files' commands are done (`createAOFClient` in aof.c).
  static let appendOnlyLoader = ConnectionID(.opened, .max)
  /// Redis processes events after so many lines and commands.
  private static let commandsBetweenLooks = 1_024

  /// Reads on, to where Redis processes events or a part ends; how many keys or commands there were.
  mutating func readStretch(of load: inout AppendOnlyLoad) -> Int64 {
    if load.place == nil {
      open(&load)
      // Others are seen to before the first command.
      if case .commands? = load.place { return 0 }
    }
    switch load.place {
    case .preamble(var file):
      let keys = readStretch(of: &file)
      load.place = .preamble(file)
      return keys
    case .commands(var replay):
      load.place = nil
      let commands = run(&replay, of: &load)
      load.place = .commands(replay)
      return commands
    case nil: return 0
    }
  }

  /// The next part that is not empty (`loadSingleAppendOnlyFile` in aof.c).
  private mutating func open(_ load: inout AppendOnlyLoad) {
    while load.parts.first?.bytes.isEmpty == true { load.parts.removeFirst() }
    guard let part = load.parts.first else { return }
    load.partBegan = now
    load.client = makeLoader()
    guard part.bytes.starts(with: "REDIS".utf8) else {
      load.place = .commands(AppendOnlyLoad.Replay(part.bytes, from: 0))
      return
    }
    log(
      .notice,
      isOldStyle(part) ? "Reading RDB preamble from AOF file..." : "Reading RDB base file on AOF loading...")
    // Keys that have expired stay: commands that follow may mean them.
    let loader = SnapshotLoader(
      databases: 0, verifiesChecksum: configuration.rdbchecksum,
      sanitizes: configuration.sanitizeDumpPayload == .yes, limits: configuration.packing, use: keyUse,
      newestVersion: chance.rdbVersion)
    load.place = .preamble(SnapshotFile(part.bytes, loader))
  }

  private mutating func makeLoader() -> Client? {
    let connection = Self.appendOnlyLoader
    addClient(connection, peer: Address(host: "", port: 0), local: Address(host: "", port: 0))
    clients[connection]?.flags.insert(.replyOff)
    // No user's: what it does was permitted when it was done first.
    clients[connection]?.user = nil
    return clients.removeValue(forKey: connection)
  }

  private func isOldStyle(_ part: AppendOnlyLoad.Part) -> Bool { part.file.name == configuration.appendfilename }

  // MARK: What has been read

  mutating func stretchRead(of load: inout AppendOnlyLoad) -> StretchEnd {
    guard let part = load.parts.first else { return allRead(load) }
    switch load.place {
    case .preamble(var file):
      defer { if case .preamble? = load.place { load.place = .preamble(file) } }
      switch stretchRead(of: &file) {
      case nil: return .goesOn(.processingEvents)
      case true?:
        functions = file.loader.functions
        loads.progress?.loaded = Int64(file.end)
        load.place = .commands(AppendOnlyLoad.Replay(part.bytes, from: file.end))
        if isOldStyle(part) { log(.notice, "Reading the remaining AOF tail...") }
        return .goesOn(.processingEvents)
      case false?: return preambleFailed(file, part)
      }
    case .commands(let replay):
      loads.progress?.loaded += Int64(replay.reader.position - replay.told)
      return commandsRead(replay, part, &load)
    case nil: return .goesOn(.reading)
    }
  }

  private mutating func preambleFailed(_ file: SnapshotFile, _ part: AppendOnlyLoad.Part) -> StretchEnd {
    if let failure = file.failure {
      if logLoadFailure(failure, at: file.loader.reader.position, fromFile: true) {
        let what = isOldStyle(part) ? "preamble of the AOF" : "base"
        log(.warning, "Error reading the RDB \(what) file \(part.file.name), AOF loading aborted")
      } else {
        hasExited = true
      }
    }
    return .ended(fail())
  }

  private mutating func commandsRead(
    _ replay: AppendOnlyLoad.Replay, _ part: AppendOnlyLoad.Part, _ load: inout AppendOnlyLoad
  ) -> StretchEnd {
    var replay = replay
    let name = part.file.name
    switch replay.end {
    case nil:
      replay.told = replay.reader.position
      load.place = .commands(replay)
      return .goesOn(.processingEvents)
    case .whole?: break
    case .openTransaction?:
      log(.warning, "Revert incomplete MULTI/EXEC transaction in AOF file \(name)")
      replay.valid = replay.validBeforeMulti
      guard cutOff(replay, part, &load) else { return .ended(fail()) }
    case .truncated?: guard cutOff(replay, part, &load) else { return .ended(fail()) }
    case .badFormat?:
      log(
        .warning,
        "Bad file format reading the append only file \(name): make a backup of your AOF file, then use "
          + "./redis-check-aof --fix <filename.manifest>")
      return .ended(fail())
    case .unknownCommand(let word)?:
      log(.warning, "Unknown command '\(word)' reading the append only file \(name)")
      return .ended(fail())
    case .exit?: return .ended(false)
    }
    log(
      .notice,
      "DB loaded from \(part.file.kind == .base ? "base" : "incr") file \(name): \(duration(since: load.partBegan))")
    load.parts.removeFirst()
    (load.place, load.client) = (nil, nil)
    return .goesOn(.reading)
  }

  /// The file ends with something that is not whole, which goes; false if it has to be.
  private mutating func cutOff(
    _ replay: AppendOnlyLoad.Replay, _ part: AppendOnlyLoad.Part, _ load: inout AppendOnlyLoad
  ) -> Bool {
    let name = part.file.name
    guard configuration.aofLoadTruncated else {
      log(
        .warning,
        "Unexpected end of file reading the append only file \(name). You can: 1) Make a backup of your AOF file, then "
          + "use ./redis-check-aof --fix <filename.manifest>. 2) Alternatively you can set the 'aof-load-truncated' "
          + "configuration option to yes and restart the server.")
      return false
    }
    log(.warning, "!!! Warning: short read while loading the AOF file \(name)!!!")
    log(.warning, "!!! Truncating the AOF \(name) at offset \(replay.valid) !!!")
    emit(.file(.truncate(name: appendPath(name), to: replay.valid)))
    log(.warning, "AOF \(name) loaded anyway because aof-load-truncated is enabled")
    guard load.parts.count == 1 else {
      log(.warning, "Fatal error: the truncated file is not the last file")
      return false
    }
    load.report.truncated = name
    load.report.lostBytes = part.bytes.count - replay.valid
    return true
  }

  private mutating func allRead(_ load: AppendOnlyLoad) -> StretchEnd {
    appendOnly.state = load.stateAfter
    (appendOnly.size, appendOnly.baseSize) = (load.size, load.baseSize)
    return .ended(true)
  }

  mutating func report(_ load: AppendOnlyLoad) {
    var report = load.report
    report.keys = databases.reduce(0) { $0 + Int64($1.count) }
    emit(.decided(.loaded(report)))
  }

  // MARK: Commands

  /// Does the file's commands again, for a client that hears nothing; how many there were (`loadSingleAppendOnlyFile` in
  /// aof.c).
  private mutating func run(_ replay: inout AppendOnlyLoad.Replay, of load: inout AppendOnlyLoad) -> Int64 {
    let connection = Self.appendOnlyLoader
    var kept = statistics
    clients[connection] = load.client
    defer {
      load.client = clients.removeValue(forKey: connection)
      // What fails, or looks for a key in vain, counts as anywhere: it is only no command of a client's.
      statistics.commands = kept.commands
      statistics.commandsProcessed = kept.commandsProcessed
      statistics.errorsCharged = kept.errorsCharged
    }
    var commands: Int64 = 0
    for _ in 0..<Self.commandsBetweenLooks {
      switch replay.reader.next() {
      case .annotation: continue
      case .command(let arguments):
        replay.end = redo(arguments, &replay, &kept)
        if replay.end != nil { return commands }
        commands += 1
        load.report.commands += 1
      case .end: replay.end = clients[connection]?.transaction == nil ? .whole : .openTransaction
      case .truncated: replay.end = .truncated
      case .badFormat: replay.end = .badFormat
      }
      if replay.end != nil { return commands }
    }
    return commands
  }

  private mutating func redo(
    _ arguments: [Bytes], _ replay: inout AppendOnlyLoad.Replay, _ kept: inout Statistics
  ) -> AppendOnlyLoad.End? {
    let connection = Self.appendOnlyLoader
    guard let command = configuration.commandNames.resolve(arguments).command, command.body != nil else {
      return .unknownCommand(arguments[0])
    }
    if command.name == "multi" { replay.validBeforeMulti = replay.valid }
    // A transaction's commands are done as those of any client, and counted.
    if command.name == "exec" {
      kept.commandsProcessed += Int64(clients[connection]?.transaction?.queue.count ?? 0)
    }
    // Without its arguments it is what no server writes.
    guard command.accepts(argumentCount: arguments.count) else { return .badFormat }
    clients[connection]?.lastCommand = command.name
    if clients[connection]?.transaction != nil, command.name != "exec" {
      clients[connection]?.transaction?.queue.append(arguments)
    } else if command.flags.contains(.write) || ["select", "multi", "exec"].contains(command.name) {
      execute(command, arguments, for: connection)
      pendingPropagation = []
    }
    replay.valid = replay.reader.position
    return hasExited ? .exit : nil
  }
}
