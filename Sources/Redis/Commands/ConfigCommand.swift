// CONFIG (config.c in Redis 7.0).

extension CommandTable {
  static let config: [String: Command.Body] = [
    "config|get": { $0.configGet(&$1) },
    "config|help": { $0.configHelp(&$1) },
    "config|resetstat": { $0.configResetstat(&$1) },
    "config|rewrite": { $0.configRewrite(&$1) },
    "config|set": { $0.configSet(&$1) },
  ]
}

extension Node {
  /// CONFIG GET (`configGetCommand` in config.c).
  mutating func configGet(_ call: inout Call) {
    var configuration = configuration
    // REPLICAOF sets what a file would.
    configuration.replicaof = replication.master
    var shown: [(name: String, value: String)] = []
    var seen: Set<String> = []
    func add(_ name: String, _ directive: Directive) {
      guard seen.insert(name.asciiLowercased()).inserted else { return }
      shown.append((name, directive.get(configuration)))
    }
    for argument in call.arguments.dropFirst(2) {
      let pattern = argument.text.asciiLowercased()
      if !pattern.contains(where: { "[*?".contains($0) }) {
        // Named as it was asked for.
        if let directive = DirectiveTable.find(pattern) { add(argument.text, directive) }
        continue
      }
      for directive in DirectiveTable.all where !directive.flags.contains(.hidden) {
        for name in [directive.name, directive.alias].compactMap({ $0 }) where Glob.matches(pattern, name) {
          add(name, directive)
        }
      }
    }
    call.reply.map(shown.count)
    for (name, value) in shown {
      call.reply.bulk(name)
      call.reply.bulk(value)
    }
  }

  /// CONFIG SET (`configSetCommand`, `updateHZ` in config.c).
  mutating func configSet(_ call: inout Call) {
    guard call.arguments.count.isMultiple(of: 2) else { return call.syntaxError() }
    let pairs = stride(from: 2, to: call.arguments.count, by: 2).map {
      (name: call.arguments[$0], value: call.arguments[$0 + 1])
    }
    for (index, (name, _)) in pairs.enumerated()
    where DirectiveTable.find(name.text)?.flags.contains(.sensitive) == true { call.redact(2 * index + 3) }
    func failed(_ name: Bytes, _ reason: String) {
      call.reply.error("ERR CONFIG SET failed (possibly related to argument '\(name.printed)') - \(reason)")
    }
    // Nothing is set before all of it is known to be permitted.
    for (index, (name, _)) in pairs.enumerated() {
      guard let directive = DirectiveTable.find(name.text) else {
        return call.reply.error("ERR Unknown option or number of arguments for CONFIG SET - '\(name.printed)'")
      }
      if directive.flags.contains(.immutable) { return failed(name, "can't set immutable config") }
      if directive.flags.contains(.protected), let client = clients[call.connection],
        !isAllowed(configuration.enableProtectedConfigs, client.peer)
      {
        return failed(name, "can't set protected config")
      }
      if isLoading, directive.flags.contains(.denyLoading) {
        return call.reply.error("LOADING Redis is loading the dataset in memory")
      }
      if pairs[..<index].contains(where: { $0.name.lowercased() == name.lowercased() }) {
        return failed(name, "duplicate parameter")
      }
    }
    var changed = configuration
    for (name, value) in pairs {
      guard let directive = DirectiveTable.find(name.text) else { continue }
      let arguments = directive.flags.contains(.multipleArguments) ? Node.splitAtSpaces(value.text) : [value.text]
      if let reason = directive.set(&changed, arguments, .command) { return failed(name.lowercased(), reason) }
    }
    changed.hz = min(max(changed.hz, 1), 500)
    if let failure = apply(changed) {
      return failed(Bytes(failure.name), failure.reason)
    }
    call.reply.ok()
  }

  /// `save "900 1 60 1000"`: one argument stands for several, divided by single spaces.
  private static func splitAtSpaces(_ text: String) -> [String] {
    text.isEmpty ? [] : text.split(separator: " ", omittingEmptySubsequences: false).map { String($0) }
  }

  /// Takes on a configuration that has been changed as a whole, with what follows from it; if that fails, all is as it
  /// was (`configSetCommand`, `performInterfaceSet`, `restoreBackupConfig`, `updateReplBacklogSize`,
  /// `updateAppendonly`, `updatePort`, `updateRequirePass`, `updateWatchdogPeriod` in config.c;
  /// `resizeReplicationBacklog` in replication.c; `changeListenPort` in server.c).
  private mutating func apply(_ changed: Configuration) -> (name: String, reason: String)? {
    let old = configuration
    configuration = changed
    // A size that is said again is no change, and stays as small as a file may have made it.
    if changed.replBacklogSize != old.replBacklogSize {
      configuration.replBacklogSize = max(changed.replBacklogSize, Backlog.leastSize)
    }
    if changed.others["bind"] != old.others["bind"], !changeBindAddress(insteadOf: old) {
      configuration = old
      return ("bind", "Failed to bind to specified addresses.")
    }
    if changed.others["watchdog-period"] != old.others["watchdog-period"] { adjustWatchdog() }
    if let failure = refuseTLS(insteadOf: old) {
      configuration = old
      return failure
    }
    if !changed.appendonly {
      stopAppendOnly()
    } else if appendOnly.state == .off, !startAppendOnly() {
      configuration = old
      return ("appendonly", "Unable to turn on AOF. Check server logs.")
    }
    if changed.maxmemory != old.maxmemory { maxmemoryChanged() }
    if (changed.minReplicasToWrite, changed.minReplicasMaxLag) != (old.minReplicasToWrite, old.minReplicasMaxLag) {
      refreshGoodReplicas()
    }
    if changed.clientOutputBufferLimits != old.clientOutputBufferLimits
      || configuration.replBacklogSize != old.replBacklogSize
    {
      for connection in replication.replicas { noteOutputLimit(connection) }
    }
    if changed.port != old.port { emit(.listen(port: changed.port)) }
    if changed.requirepass?.bytes != old.requirepass?.bytes {
      accessControl.defaultUser.setOnlyPassword(changed.requirepass)
    }
    return nil
  }

  /// A watchdog that looks more often than every second turn of the timer would bark for nothing (`applyWatchdogPeriod`
  /// in debug.c).
  private mutating func adjustWatchdog() {
    guard let period = configuration.others["watchdog-period"].flatMap({ Int($0) }) else { return }
    configuration.others["watchdog-period"] = "\(max(period, 1000 / max(configuration.hz, 1) * 2))"
  }

  /// CONFIG RESETSTAT (`configResetStatCommand` in config.c; `resetServerStats` in server.c).
  mutating func configResetstat(_ call: inout Call) {
    statistics = Statistics()
    for index in clients.indices {
      clients[index].settleBuffers(buffersClock)
      clients[index].buffers.forgetFits()
    }
    appendOnly.rewrite.count = 0
    appendOnly.rewrite.failures = 0
    appendOnly.delayedSyncs = 0
    call.reply.ok()
  }

  /// CONFIG HELP (`configHelpCommand` in config.c).
  mutating func configHelp(_ call: inout Call) {
    call.help([
      "GET <pattern>",
      "    Return parameters matching the glob-like <pattern> and their values.",
      "SET <directive> <value>",
      "    Set the configuration <directive> to <value>.",
      "RESETSTAT",
      "    Reset statistics reported by the INFO command.",
      "REWRITE",
      "    Rewrite the configuration file.",
    ])
  }
}
