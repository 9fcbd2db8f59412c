// The subcommands of DEBUG that go through the disk: the data set is loaded anew, or the whole server begins anew.

extension Node {
  /// DEBUG RELOAD: the snapshot is written, and loaded in place of what is there (`debugCommand` in debug.c). NOSAVE
  /// takes the one on the disk, NOFLUSH adds to what is there, MERGE lets the snapshot win where both have a key.
  mutating func debugReload(_ call: inout Call) {
    var options = (saves: true, flushes: true, merges: false)
    for argument in call.arguments.dropFirst(2) {
      if argument.matches("MERGE") {
        options.merges = true
      } else if argument.matches("NOFLUSH") {
        options.flushes = false
      } else if argument.matches("NOSAVE") {
        options.saves = false
      } else {
        return call.reply.error("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.")
      }
    }
    if options.saves, !saveNow() { return call.reply.error("ERR") }
    let snapshot = currentFiles[configuration.dbfilename]
    if options.flushes { emptyAllDatabases() }
    guard let snapshot else { return debugLoaded(&call, false) }
    wait(for: &call) {
      $0.beginLoading(snapshot: snapshot, for: $1, replaces: options.merges)
      return false
    }
  }

  /// DEBUG LOADAOF: what the append-only files hold takes the place of what is there (`debugCommand` in debug.c). Where
  /// there are none, the process ends.
  mutating func debugLoadAppendOnly(_ call: inout Call) {
    if appendOnly.state != .off { flushAppendOnly(force: true) }
    if hasExited { return }
    emptyAllDatabases()
    wait(for: &call) { $0.reloadAppendOnly(from: $0.currentFiles, for: $1) }
  }

  /// A load is begun, which takes its time, and the command is over when it is; one of a transaction is over at once.
  ///
  /// - Parameter begin: true if there is nothing to load; false if a load has begun, or the process has ended.
  private mutating func wait(for call: inout Call, begin: (inout Node, FileLoad.Purpose) -> Bool) {
    let depth = loads.pile.count
    let command = FileLoad.WaitingCommand(connection: call.connection, arguments: call.arguments)
    if begin(&self, isInExec ? .transaction : .command(command)) {
      debugLoaded(&call, true)
    } else if loads.pile.count > depth {
      call.waitsForLoad = !isInExec
      if isInExec { debugLoaded(&call, runLoads(above: depth) ?? false) }
    }
  }

  /// The end of a command that loads.
  mutating func debugLoaded(_ call: inout Call, _ succeeded: Bool) {
    if call.arguments[1].matches("LOADAOF") {
      guard succeeded else { return }
      dirty = 0
      log(.warning, "Append Only File loaded by DEBUG LOADAOF")
    } else {
      guard succeeded else { return call.reply.error("ERR Error trying to load the RDB dump") }
      log(.warning, "DB reloaded by DEBUG RELOAD")
    }
    call.reply.ok()
  }

  /// DEBUG RESTART writes the configuration and ends the server in order before the process begins anew;
  /// CRASH-AND-RECOVER does neither (`debugCommand` in debug.c; `restartServer` in server.c).
  mutating func debugRestart(_ call: inout Call, inOrder: Bool) {
    var delay: Int64 = 0
    if call.arguments.count > 2 {
      guard let given = call.integer(at: 2) else { return }
      delay = max(0, given)
    }
    func failed() { call.reply.error("ERR failed to restart the server. Check server logs.") }
    if inOrder {
      if let reason = rewriteConfigFile() {
        log(.warning, "Can't restart: configuration rewrite process failed: \(reason)")
        return failed()
      }
      guard shutDownForRestart() else {
        log(.warning, "Can't restart: error preparing for shutdown")
        return failed()
      }
    }
    guard !hasExited else { return }
    restart = .milliseconds(delay)
    exitProcess(code: 0)
  }
}
