// Commands that write the data set, and the one that ends the process (rdb.c, db.c in Redis 7.0).

extension CommandTable {
  static let saves: [String: Command.Body] = [
    "save": { $0.save(&$1) },
    "bgsave": { $0.bgsave(&$1) },
    "bgrewriteaof": { $0.bgrewriteaof(&$1) },
    "lastsave": { $0.lastsave(&$1) },
    "shutdown": { $0.shutdown(&$1) },
  ]
}

extension Node {
  /// SAVE (`saveCommand` in rdb.c).
  mutating func save(_ call: inout Call) {
    guard snapshotChild == nil else { return call.reply.error("ERR Background save already in progress") }
    statistics.saves += 1
    if saveNow(isSlow: true) { call.reply.ok() } else { call.reply.error("ERR") }
  }

  /// BGSAVE (`bgsaveCommand` in rdb.c).
  mutating func bgsave(_ call: inout Call) {
    guard call.arguments.count == 1 || call.arguments.count == 2 && call.arguments[1].matches("SCHEDULE") else {
      return call.syntaxError()
    }
    if snapshotChild != nil { return call.reply.error("ERR Background save already in progress") }
    if isInExec || hasChild && call.arguments.count == 2 {
      saving.isScheduled = true
      return call.reply.simple("Background saving scheduled")
    }
    if hasChild {
      return call.reply.error(
        "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a "
          + "BGSAVE whenever possible.")
    }
    guard startBackgroundSave(stream: snapshotStream) else { return call.reply.error("ERR") }
    call.reply.simple("Background saving started")
  }

  /// BGREWRITEAOF (`bgrewriteaofCommand` in aof.c).
  mutating func bgrewriteaof(_ call: inout Call) {
    if rewriteChild != nil {
      return call.reply.error("ERR Background append only file rewriting already in progress")
    }
    if hasChild || isInExec {
      appendOnly.rewrite.isScheduled = true
      appendOnly.rewrite.failures = 0
      return call.reply.simple("Background append only file rewriting scheduled")
    }
    guard beginRewrite() else {
      return call.reply.error(
        "ERR Can't execute an AOF background rewriting. Please check the server logs for more information.")
    }
    call.reply.simple("Background append only file rewriting started")
  }

  /// LASTSAVE (`lastsaveCommand` in db.c).
  mutating func lastsave(_ call: inout Call) { call.reply.integer(saving.lastSave.seconds) }

  /// SHUTDOWN (`shutdownCommand` in db.c).
  mutating func shutdown(_ call: inout Call) {
    var flags: Shutdown.Flags = []
    var aborts = false
    for argument in call.arguments.dropFirst() {
      switch argument.word {
      case "nosave": flags.insert(.nosave)
      case "save": flags.insert(.save)
      case "now": flags.insert(.now)
      case "force": flags.insert(.force)
      case "abort": aborts = true
      default: return call.syntaxError()
      }
    }
    if aborts && !flags.isEmpty || flags.isSuperset(of: [.save, .nosave]) { return call.syntaxError() }
    if aborts {
      if abortShutdown() { call.reply.ok() } else { call.reply.error("ERR No shutdown in progress.") }
      return
    }
    if let busy, !flags.contains(.nosave) { return call.reply.error(busyRefusal(busy).words) }
    clients[call.connection]?.blocked = BlockedState(reason: .shutdown, deadline: nil)
    beginShutdown(flags)
  }
}
