// Commands that write the data set, and the one that ends the process (rdb.c, db.c in Redis 7.0).

extension CommandTable {
  static let saves: [Command] = [
    Command(
      "save", arity: 1, flags: [.admin, .noscript, .noAsyncLoading, .noMulti]
    ) { $0.save(&$1) },
    Command(
      "bgsave", arity: -1, flags: [.admin, .noscript, .noAsyncLoading]
    ) { $0.bgsave(&$1) },
    Command(
      "lastsave", arity: 1, flags: [.loading, .stale, .fast], categories: [.admin, .dangerous],
      tips: ["nondeterministic_output"]
    ) { $0.lastsave(&$1) },
    Command(
      "shutdown", arity: -1, flags: [.admin, .noscript, .loading, .stale, .noMulti, .allowBusy]
    ) { $0.shutdown(&$1) },
  ]
}

extension Node {
  mutating func save(_ call: inout Call) {
    guard replication.child == nil else { return call.reply.error("ERR Background save already in progress") }
    statistics.saves += 1
    saveNow()
    call.reply.ok()
  }

  mutating func bgsave(_ call: inout Call) {
    guard call.arguments.count == 1 || call.arguments.count == 2 && call.arguments[1].matches("SCHEDULE") else {
      return call.syntaxError()
    }
    if replication.child != nil { return call.reply.error("ERR Background save already in progress") }
    if isInExec {
      saving.isScheduled = true
      return call.reply.simple("Background saving scheduled")
    }
    startBackgroundSave()
    call.reply.simple("Background saving started")
  }

  mutating func lastsave(_ call: inout Call) { call.reply.integer(saving.lastSave.seconds) }

  mutating func shutdown(_ call: inout Call) {
    var flags: Shutdown.Flags = []
    var aborts = false
    for argument in call.arguments.dropFirst() {
      switch argument.lowercased().text {
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
    clients[call.connection]?.blocked = BlockedState(reason: .shutdown, deadline: nil)
    beginShutdown(flags)
  }
}
