// The life of the process.

extension Node {
  /// The process starts: its data set is loaded from the working directory, it listens, and replication begins (`main`,
  /// `initServer` in server.c).
  mutating func start(files: [String: [UInt8]]) {
    for host in sentinel.unresolvedHosts { logUnresolved(host) }
    log(.warning, "oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo")
    log(
      .warning,
      "Redis version=\(chance.redisVersion), bits=64, commit=00000000, modified=0, pid=\(processID), just started")
    log(.warning, "Configuration loaded")
    if let refusal = certificateRefusal { return refuseToStart(refusal) }
    log(.notice, "monotonic clock: POSIX clock_gettime")
    if let refusal = listenRefusal() { return refuseToStart([refusal]) }
    if isSentinel { return startSentinel() }
    log(.notice, "Running mode=standalone, port=\(configuration.port).")
    emit(.listen(port: configuration.port))
    log(.warning, "Server initialized")
    if let refusal = moduleRefusal { return refuseToStart(refusal) }
    guard loadUsers(from: files) else { return exitProcess(code: 1) }
    beginConfiguredReplication()
    loadData(from: files)
    runLoads(above: 0)
  }

  private mutating func refuseToStart(_ refusal: [String]) {
    for line in refusal { log(.warning, line) }
    exitProcess(code: 1)
  }

  /// SIGTERM asks the process to end, where it does not load (`sigShutdownHandler` in server.c).
  mutating func terminate() {
    log(.warning, "Received SIGTERM scheduling shutdown...")
    beginShutdown([])
  }

  /// What was in databases is given back by another thread, which takes no time here (`emptyDbAsync` in lazyfree.c).
  mutating func countLazyFreed(_ databases: some Sequence<Database>) {
    statistics.lazyfreedObjects += databases.reduce(0) { $0 + Int64($1.count) }
  }

  /// Empties every database, as a full sync does before it loads (`emptyData`, `emptyDbStructure` in db.c;
  /// `flushSlaveKeysWithExpireList` in expire.c).
  package mutating func emptyAllDatabases() {
    notePeak()
    for index in databases.indices {
      touchAll(in: index)
      databases[index].removeAll()
    }
    invalidateAllTracked()
    functions = FunctionLibraries()
    ownExpiries = [:]
  }
}

extension Node {
  /// The process id: INFO's, the log's, and that in the names of temporary files. It goes with the run id of the first
  /// server of this process.
  package var processID: Int { inheritedProcess ?? 1_000 + (Int(runID.prefix(4), radix: 16) ?? 0) }

  /// The process goes on as another server: after `delay`, and until then nobody is there.
  package mutating func execute(as process: Int, after delay: Interval) {
    inheritedProcess = process
    if delay > .zero { stall = Stall(cause: .execution, end: now + delay) }
  }

  /// The disk with what this input has done to it.
  var currentFiles: [String: [UInt8]] {
    var files = lentFiles?.contents() ?? [:]
    for case .file(let operation) in effects { operation.perform(on: &files) }
    return files
  }

  func clientDescription(_ connection: ConnectionID) -> String { clients[connection].map { clientInfo($0) } ?? "" }
}

/// The files of a machine, which are read when they are asked for: few inputs do.
package struct LentFiles: Sendable, Equatable {
  let contents: @Sendable () -> [String: [UInt8]]

  package init(_ contents: @escaping @Sendable () -> [String: [UInt8]]) { self.contents = contents }

  /// They are the host's, and no part of the node's value.
  package static func == (a: Self, b: Self) -> Bool { true }
}
