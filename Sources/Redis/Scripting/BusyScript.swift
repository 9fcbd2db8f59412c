import RESP

/// A script that runs for longer than `busy-reply-threshold`.
///
///     EVAL ──► the process does nothing else ──► -BUSY to all but a few ──► its end: reply, stream
///                      busy-reply-threshold │           │ SCRIPT KILL, if it has written nothing
///                                                       └──► the same, with an error
///
/// It is run to its end at once, for only that tells how long it takes; nobody sees anything of what it does before that time
/// has passed. One that is killed has done nothing: what it writes later is taken back. One that has not ended after
/// `ScriptTime.longest` never ends, and the lab says so.
struct BusyScript: Equatable, Sendable {
  var script: RunningScript
  private(set) var since: Instant
  /// When others are first told.
  private(set) var told: Instant
  /// nil: never.
  private(set) var end: Instant?
  private(set) var firstWrite: Instant?
  let reply: [UInt8]
  let propagation: [PropagatedCommand]

  /// The clock was set, by which none of this goes.
  mutating func moveClock(by shift: Interval) {
    since = since + shift
    told = told + shift
    end = end.map { $0 + shift }
    firstWrite = firstWrite.map { $0 + shift }
  }
}

extension RunningScript {
  /// What a script changes, before it has changed any of it.
  struct Data: Equatable, Sendable {
    var databases: Databases
    var dirty: Int64
  }
}

extension Node {
  /// The script has run so many instructions more (`luaMaskCountHook` in script_lua.c; `scriptInterrupt` in script.c).
  mutating func goesOn(after instructions: Int64, line: Int) -> Bool {
    let before = script?.instructions ?? 0
    let wasSlow = isSlow(after: before)
    script?.instructions = instructions
    guard instructions <= ScriptTime.longest, !isGivenUp else {
      script?.isEndless = true
      return false
    }
    // From here on it may be killed: what it has not written yet it will not have written then.
    if !wasSlow, isSlow(after: instructions) {
      script?.line = line
      if script?.firstWrite == nil { script?.before = RunningScript.Data(databases: databases, dirty: dirty) }
    }
    return true
  }

  /// The script that this client waits for has not ended for so long that here it never does.
  package func runsEndlessScript(of client: ConnectionID) -> Bool {
    busy.map { $0.script.isEndless && $0.script.caller == client } ?? false
  }

  func isSlow(after instructions: Int64) -> Bool {
    let threshold = configuration.busyReplyThreshold
    return threshold > 0 && ScriptTime.milliseconds(instructions) > threshold
  }

  /// The command was a script that goes on: true if it is not over yet (`enterScriptTimedoutMode` in script.c).
  ///
  /// - Parameter start: where in what its client is to be sent its reply begins.
  mutating func holdSlowScript(of connection: ConnectionID, replyFrom start: Int) -> Bool {
    guard let slow = slowScript.take()?.value, !isLoading, slow.caller == connection, !slow.isInTransaction,
      let index = clients.index(forKey: connection)
    else { return false }
    func time(_ instructions: Int64) -> Instant { now + .milliseconds(ScriptTime.milliseconds(instructions)) }
    let told = now + .milliseconds(min(configuration.busyReplyThreshold, ScriptTime.milliseconds(ScriptTime.longest)))
    busy = BusyScript(
      script: slow, since: now, told: told, end: slow.isEndless ? nil : time(slow.instructions),
      firstWrite: slow.firstWrite.map(time), reply: clients[index].reply.take(from: start),
      propagation: pendingPropagation)
    pendingPropagation = []
    clients[index].flags.insert(.protected)
    stall = Stall(cause: .script, end: configuration.busyReplyThreshold > 0 ? told : nil)
    return true
  }

  /// It has taken so long that others are seen to (`scriptInterrupt` in script.c).
  mutating func noteSlowScript() {
    guard let busy else { return }
    log(
      .warning,
      "Slow script detected: still in execution after \((now - busy.since).microseconds / 1000) milliseconds. You can try killing "
        + "the script using the \(busy.script.isEval ? "SCRIPT KILL" : "FUNCTION KILL") command. Script name is: "
        + "\(busy.script.name.text).")
  }

  /// Others are told that a script runs.
  var isBusyWithScript: Bool { hasBusyScript && stall == nil }

  /// Its time has come.
  mutating func endBusyScript() {
    guard hasBusyScript, let busy, stall == nil, let end = busy.end, now >= end else { return }
    finish(busy, reply: busy.reply, propagation: busy.propagation)
  }

  private mutating func finish(_ busy: BusyScript, reply: [UInt8], propagation: [PropagatedCommand]) {
    self.busy = nil
    let caller = busy.script.caller
    holdUpTimer(since: busy.since)
    clients[caller]?.flags.remove(.protected)
    clients[caller]?.reply.raw(reply)
    clients[caller]?.running = nil
    clients[caller]?.reading = nil
    pendingPropagation = propagation + pendingPropagation
    propagatePending()
    sendPendingInvalidations(to: caller)
    clients[caller]?.lastWriteOffset = replication.offset
    handleClientsBlockedOnKeys()
    commandProcessed(of: caller)
    processInput(of: caller)
  }

  /// SCRIPT KILL and FUNCTION KILL (`scriptKill` in script.c).
  mutating func scriptKill(_ call: inout Call, isEval: Bool) {
    guard let busy else { return call.reply.error("NOTBUSY No scripts in execution right now.") }
    if mustObey(busy.script.caller) {
      return call.reply.error(
        "UNKILLABLE The busy script was sent by a master instance in the context of replication and cannot be killed.")
    }
    if let firstWrite = busy.firstWrite, firstWrite <= now {
      return call.reply.error(
        "UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script "
          + "termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.")
    }
    guard isEval == busy.script.isEval else { return call.reply.error(busyRefusal(busy).words) }
    call.reply.ok()
    kill(busy)
  }

  /// It ends where it was when it was first found to be slow, which is in the same line as a rule.
  private mutating func kill(_ busy: BusyScript) {
    if let before = busy.script.before { (databases, dirty) = (before.databases, before.dirty) }
    log(.warning, "Lua script killed by user with SCRIPT KILL.")
    let source = busy.script.isEval ? "@user_script" : "@user_function"
    let words =
      "ERR Script killed by user with SCRIPT KILL... script: \(busy.script.name.text), on \(source):\(busy.script.line)."
    statistics.errorsCharged = statistics.errorReplies
    errorReplied(words, to: busy.script.caller, busy.script.arguments)
    if let command = CommandTable.find(fullName: Bytes(busy.script.command)) { chargeErrors(to: command) }
    finish(busy, reply: "-\(words)\r\n".bytes, propagation: [])
  }

  func busyRefusal(_ busy: BusyScript) -> Decision.CommandRefusal { .busyScript(isEval: busy.script.isEval) }
}

extension ScriptTime {
  static func milliseconds(_ instructions: Int64) -> Int64 { instructions / perMillisecond }
}
