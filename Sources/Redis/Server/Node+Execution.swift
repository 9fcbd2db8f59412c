// Commands: whether one may run, running it, and what the replicas hear of it (processCommand and call in Redis).

import RESP

extension Node {
  /// Finds the command, sees whether the client may run it now, and runs or queues it (`processCommand` in server.c).
  mutating func process(_ arguments: [Bytes], of connection: ConnectionID) {
    guard let index = clients.index(forKey: connection) else { return }
    let resolution = configuration.commandNames.resolve(arguments)
    clients[index].begin(resolution.command, arguments)
    defer { forgetRunning(of: connection) }
    let command: Command
    switch resolution {
    case .command(let found): command = found
    case .unknown(let reason): return refuse(arguments, reason, to: connection)
    }
    guard command.accepts(argumentCount: arguments.count) else {
      statistics.commands.change(command) { $0.rejected += 1 }
      return refuse(
        arguments, "ERR wrong number of arguments for '\(command.name)' command", to: connection,
        isExec: command.name == "exec")
    }
    limitTrackedKeys()
    if let reason = refusal(of: command, arguments, at: index) {
      statistics.commands.change(command) { $0.rejected += 1 }
      return refuse(arguments, reason, to: connection, isExec: command.name == "exec")
    }
    guard command.body != nil else {
      return refuse(arguments, configuration.commandNames.unknown(arguments), to: connection)
    }
    if let pause = pauses.current, let reason = holdReason(of: command, arguments, at: index, pause) {
      emit(.decided(.holdBack(command: command.name, reason)))
      clients[index].blocked = BlockedState(reason: .paused(arguments), deadline: nil)
      return
    }
    if clients[index].transaction != nil, !command.runsInsideMulti {
      queue(command, arguments, at: index)
      return
    }
    let written = clients[index].reply.bytes.count
    execute(command, arguments, for: connection)
    if slowScript != nil, holdSlowScript(of: connection, replyFrom: written) { return }
    propagatePending(isUnit: !command.flags.contains(.touchesArbitraryKeys))
    sendPendingInvalidations(to: connection)
    if let index = clients.index(forKey: connection) { clients[index].lastWriteOffset = replication.offset }
    handleClientsBlockedOnKeys()
  }

  /// The client's command is over, unless it waits in it.
  private mutating func forgetRunning(of connection: ConnectionID) {
    guard let index = clients.index(forKey: connection) else { return }
    // Redis does so at the first byte of the reply, with the command at hand.
    if clients[index].flags.contains(.replica) { closeAnsweredReplica(connection) }
    guard !clients[index].isHeld else { return }
    clients[index].running = nil
  }

  /// Keeps the command for EXEC (`queueMultiCommand` in multi.c).
  private mutating func queue(_ command: Command, _ arguments: [Bytes], at index: Int) {
    if clients[index].transaction?.isAborted == false {
      clients[index].transaction?.queue.append(arguments)
      clients[index].transaction?.anyFlags.formUnion(command.flags)
      clients[index].transaction?.allFlags.formIntersection(command.flags)
    }
    if clients[index].isAnswered { clients[index].reply.simple("QUEUED") }
    clients[index].commandAnswered()
  }

  /// Runs one command and notes what the replicas must hear of it (`call` in server.c).
  ///
  /// - Parameter rest: the rest of its body, where it has waited for a load. Errors that others were told meanwhile are
  ///   charged to it, too, as they are in Redis.
  mutating func execute(
    _ command: Command, _ arguments: [Bytes], for connection: ConnectionID, rest: Command.Body? = nil
  ) {
    guard let body = rest ?? command.body, let index = clients.index(forKey: connection), !isGivenUp else { return }
    if rest == nil { statistics.errorsCharged = statistics.errorReplies }
    let outer = (executing, executingMaster, executingReply)
    (executing, executingMaster) = (
      connection, connection == Self.scriptClient ? executingMaster : clients[index].isMaster
    )
    if connection != Self.scriptClient { executingReply = nil }
    var call = Call(
      connection: connection, command: command, arguments: arguments, database: clients[index].database,
      reply: clients[index].beginReply(to: arguments))
    call.fromMaster = executingMaster
    // It may hear of what it does itself, or be told in another's place.
    if connection != Self.scriptClient, trackingClients > 0 || !clients[index].subscriptions.isEmpty {
      executingReply = call.reply.share()
    }
    let (before, stalled) = (dirty, stall)
    let told = pendingPropagation.count
    body(&self, &call)
    call.reply.unshare()
    if call.waitsForLoad {
      (executing, executingMaster, executingReply) = outer
      clients[connection]?.takeReplyBack(&call)
      clients[connection]?.flags.insert(.protected)
      runLoads(above: loads.pile.count - 1)
      return
    }
    statistics.commandsProcessed += 1
    let isBlocked = clients[connection]?.isBlocked == true
    if isBlocked { clients[connection]?.blocked?.request = call.shownArguments }
    var duration = Interval.zero
    if stall != stalled { duration = commandEnd - now }
    show(call, taking: duration)
    // Less than before is no change: SAVE takes the count back to 0.
    note(call, changed: dirty > before)
    noteRewriting(of: command, arguments, since: told)
    (executing, executingMaster, executingReply) = outer
    rememberTrackedKeys(of: call)
    finish(&call)
    chargeErrors(to: command)
    let isTimed = tracksLatency && !isBlocked
    statistics.commands.change(command) {
      $0.calls += 1
      $0.microseconds +|= duration.microseconds
      if isTimed { $0.timed += 1 }
    }
  }

  /// When the command is over that has just been run: only `DEBUG SLEEP` takes time.
  var commandEnd: Instant {
    guard case .sleep? = stall?.cause else { return now }
    return stall?.end ?? now
  }

  /// Tells those of a command who look at what is run: LATENCY, SLOWLOG, MONITOR (`call` in server.c).
  private mutating func show(_ call: Call, taking duration: Interval) {
    noteLatency(call.command, taking: duration)
    if configuration.slowlogLogSlowerThan < 0 || duration.microseconds < configuration.slowlogLogSlowerThan,
      monitors.isEmpty
    {
      return
    }
    guard let client = clients[call.connection] else { return }
    if !client.isBlocked { noteSlow(call.command, call.shownArguments, of: client, taking: duration) }
    if call.command.flags.isDisjoint(with: [.skipMonitor, .admin]) {
      feedMonitors(call.shownArguments, of: client, in: call.database)
    }
  }

  /// Gives the client its reply buffer back.
  private mutating func finish(_ call: inout Call) {
    let error = call.reply.takeError()
    defer { if let error { errorReplied(error, to: call.connection, call.arguments) } }
    guard let index = clients.index(forKey: call.connection) else { return }
    clients[index].end(&call, isInExec: isInExec)
  }

  /// The load is over that a client's command waits for, and with it the command.
  mutating func commandLoaded(_ waiting: FileLoad.WaitingCommand, _ succeeded: Bool) {
    let connection = waiting.connection
    clients[connection]?.flags.remove(.protected)
    guard let command = CommandTable.find(fullName: "debug") else { return }
    execute(command, waiting.arguments, for: connection, rest: { $0.debugLoaded(&$1, succeeded) })
    clients[connection]?.lastWriteOffset = replication.offset
    commandProcessed(of: connection)
  }

  /// Notes what the replicas must hear of the command (`call` in server.c).
  private mutating func note(_ call: Call, changed: Bool) {
    // A script may have chosen.
    let targets = call.connection == Self.scriptClient ? script?.replication ?? 3 : 3
    func tell(_ form: [Bytes], intoFile: Bool = true) {
      propagate(
        form, database: call.database, intoFile: intoFile && targets & 1 != 0, toReplicas: targets & 2 != 0)
    }
    switch call.propagation {
    case .ifChanged: if changed { tell(call.arguments) }
    case .rewritten(let form): if changed { tell(form) }
    case .always: tell(call.arguments)
    case .toReplicas: tell(call.arguments, intoFile: false)
    case .never: break
    }
  }

  /// Says no, and lets a transaction that was being queued fail as a whole (`rejectCommand` in server.c;
  /// `flagTransaction`, `execCommandAbort` in multi.c). A refused EXEC ends its transaction.
  mutating func refuse(
    _ arguments: [Bytes], _ reason: String, to connection: ConnectionID, isExec: Bool = false
  ) {
    guard let index = clients.index(forKey: connection) else { return }
    var told = reason
    if isExec {
      discardTransaction(of: connection)
      // What has no code of its own gets none.
      let words = reason.hasPrefix("ERR ") ? String(reason.dropFirst(4)) : reason
      told = "EXECABORT Transaction discarded because of: " + words
    } else {
      clients[index].transaction?.isAborted = true
    }
    write(error: told, to: connection, after: arguments)
    if isExec { feedMonitors(arguments, of: clients[index], in: clients[index].database) }
    clients[connection]?.commandAnswered()
  }

  // MARK: Whether a command may run

  /// Why the client may not run the command now, or nil (`processCommand` in server.c). The order of the checks is
  /// Redis's.
  private mutating func refusal(of command: Command, _ arguments: [Bytes], at index: Int) -> String? {
    // What is asked of the client is read once and first: a call that reads some of the node on the way to another would
    // copy it.
    let (flags, isMaster, user) = (clients[index].flags, clients[index].isMaster, clients[index].user)
    let isInMulti = clients[index].transaction != nil
    if command.flags.contains(.protected) {
      let peer = clients[index].peer
      if let reason = protection(of: command, from: peer) { return decide(reason) }
    }
    if mustLogIn(at: index), !isMaster, !command.flags.contains(.noAuth) {
      emit(.decided(.requireLogIn(command: command.name)))
      return "NOAUTH Authentication required."
    }
    if isInMulti, command.flags.contains(.noMulti) { return "ERR Command not allowed inside a transaction" }
    if let denial = denial(of: command, arguments, to: user) {
      noteDenial(denial, of: command, arguments, to: clients[index], in: isInMulti ? .multi : .toplevel)
      return denial.words(command)
    }
    if let reason = refusalByMemory(of: command, arguments, at: index) { return decide(reason) }
    let (some, all) = judgedFlags(of: command, arguments, at: index)
    if some.contains(.write) || command.name == "ping", let reason = diskRefusal,
      !isMaster || !mayApplyUnwritten(command)
    {
      return decide(reason)
    }
    if let reason = refusalOfWrites(some, isMaster: isMaster) { return decide(reason) }
    if clients[index].isInSubscribedMode, !["ping", "quit", "reset"].contains(command.name), !command.subscribes {
      return
        "ERR Can't execute '\(command.name)': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed "
        + "in this context"
    }
    if let reason = refusalByReplica(some, all) { return decide(reason) }
    if isLoading, !all.contains(.loading) { return decide(.loading) }
    if hasBusyScript, !command.flags.contains(.allowBusy), let busy { return decide(busyRefusal(busy)) }
    if !flags.isDisjoint(with: [.replica, .monitor]), !some.isDisjoint(with: [.write, .readonly, .mayReplicate]) {
      return decide(.fromReplica)
    }
    return nil
  }

  private mutating func decide(_ refusal: Decision.CommandRefusal) -> String {
    emit(.decided(.refuseCommand(refusal)))
    return refusal.words
  }

  /// `DEBUG` and `MODULE` have to be permitted by the configuration (`processCommand` in server.c).
  private func protection(of command: Command, from peer: Address) -> Decision.CommandRefusal? {
    let isDebug = command.name == "debug"
    let value = isDebug ? configuration.enableDebugCommand : configuration.enableModuleCommand
    guard !isAllowed(value, peer) else { return nil }
    return isDebug
      ? .protected(command: "DEBUG", directive: "enable-debug-command", value: value.rawValue)
      : .protected(command: "MODULE", directive: "enable-module-command", value: value.rawValue)
  }

  /// The flags that count: for EXEC, those of the commands that it would run; where a script is called, what that says of
  /// itself (`processCommand`, `getCommandFlags` in server.c).
  func judgedFlags(
    of command: Command, _ arguments: [Bytes], at index: Int
  ) -> (some: CommandFlags, all: CommandFlags) {
    if clients[index].transaction != nil, command.name == "exec", let transaction = clients[index].transaction {
      return (command.flags.union(transaction.anyFlags), command.flags.intersection(transaction.allFlags))
    }
    guard command.categories.contains(.scripting) else { return (command.flags, command.flags) }
    let flags = scriptFlags(of: command, arguments)?.applied(to: command.flags) ?? command.flags
    return (flags, flags)
  }

  /// `yes`, or `local` for a client on this machine (`allowProtectedAction` in config.c; `islocalClient` in
  /// networking.c).
  func isAllowed(_ setting: Configuration.Permission, _ peer: Address) -> Bool {
    setting == .yes || setting == .local && (peer.host.hasPrefix("127.") || peer.host == "::1")
  }

  /// Why the command has to wait, or nil (`processCommand` in server.c).
  private func holdReason(
    of command: Command, _ arguments: [Bytes], at index: Int, _ pause: Pauses.Pause
  ) -> Decision.HoldReason? {
    guard clients[index].flags.isDisjoint(with: [.replica, .monitor]) else { return nil }
    let isWrite = !judgedFlags(of: command, arguments, at: index).some.isDisjoint(with: [.write, .mayReplicate])
    guard isWrite || !pause.onlyWrites else { return nil }
    if isWrite, pauses[.shutdown] != nil { return .shutdown }
    if isWrite, pauses[.failover] != nil { return .failover }
    return .clientPause(until: Instant(microseconds: pause.end *| 1_000), onlyWrites: pause.onlyWrites)
  }

  // MARK: The master's stream

  /// Called after each command of a client (`commandProcessed` in networking.c). A master's command counts as applied
  /// once it has run; those of a transaction when its EXEC has. One that is held back has not.
  mutating func commandProcessed(of connection: ConnectionID) {
    guard let index = clients.index(forKey: connection), clients[index].isMaster, clients[index].transaction == nil,
      !clients[index].isHeld
    else { return }
    let applied = clients[index].unappliedStream.count - clients[index].decoder.pendingByteCount
    guard applied > 0 else { return }
    let bytes = Array(clients[index].unappliedStream[..<applied])
    clients[index].unappliedStream.removeFirst(applied)
    streamApplied(bytes, from: connection)
  }
}

// What a command does to its client, in one change of it each.
extension Client {
  /// A command has come; nil where there is none of that name.
  fileprivate mutating func begin(_ command: Command?, _ arguments: [Bytes]) {
    running = Arguments(bytes: arguments.reduce(0) { $0 + $1.count }, count: arguments.count)
    lastCommand = command?.name
  }

  /// What the command is to write to: taken out rather than copied, so that it writes where the replies before it are.
  fileprivate mutating func beginReply(to arguments: [Bytes]) -> ReplyBuffer {
    // Those of a transaction run in the place of EXEC, whose bytes they are counted by.
    running?.count = arguments.count
    var taken = ReplyBuffer()
    taken.version = reply.version
    swap(&taken, &reply)
    taken.isSilent = !isAnswered
    return taken
  }

  /// Takes its reply buffer back.
  fileprivate mutating func takeReplyBack(_ call: inout Call) {
    call.reply.isSilent = false
    // What others, or the commands of a transaction, wrote to this client meanwhile.
    if !reply.isEmpty { call.reply.raw(reply.take()) }
    swap(&call.reply, &reply)
  }

  /// The command is over.
  fileprivate mutating func end(_ call: inout Call, isInExec: Bool) {
    takeReplyBack(&call)
    database = call.database
    if !isInExec { commandAnswered() }
    // CLIENT CACHING is about the next command or transaction.
    if tracking != nil, transaction == nil, !call.command.name.hasPrefix("client|") {
      tracking?.options.remove(.caching)
    }
  }
}

extension Client {
  /// Whether replies are sent: not to a master, nor after `CLIENT REPLY OFF` or `SKIP`, nor to one who is gone
  /// (`prepareClientToWrite` in networking.c).
  var isAnswered: Bool { flags.isDisjoint(with: [.master, .replyOff, .replySkip, .closeASAP]) }

  /// A command is over: `CLIENT REPLY SKIP` reaches as far as the next one (`resetClient` in networking.c).
  mutating func commandAnswered() {
    flags.remove(.replySkip)
    if flags.contains(.replySkipNext) {
      flags.remove(.replySkipNext)
      flags.insert(.replySkip)
    }
  }
}
