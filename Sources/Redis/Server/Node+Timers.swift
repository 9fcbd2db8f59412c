// What happens as time passes: each thing that the timer sees to, in its order. The server's timer turns `hz` times a
// second from its start on, as in Redis; a turn at which nothing would happen is left out, so an idle node is never woken.

import RESP

extension Node {
  /// Redis's timers, in its order: the end of a child is seen before anything new is begun, and what is begun for
  /// replicas comes before what BGSAVE SCHEDULE asked for (`serverCron` in server.c).
  mutating func cron() {
    replicationDeadlines()
    if isCronPaused { return }
    if isTurn {
      updateShutdown()
      if hasExited { return }
    }
    logKeyspace()
    closeIdleClients()
    limitTrackedKeys()
    expireActively()
    rewriteIfScheduled()
    if hasChild {
      if isTickDue { reapChild() }
    } else {
      saveIfDue()
      rewriteIfGrown()
    }
    if isTurn { pauses.expire(milliseconds) }
    resumePaused()
    replicationTick()
    if isSentinel, isAtTurn { sentinelTimer() }
    saveIfScheduled()
  }

  /// Turns of the timer a second; a Sentinel draws them anew again and again.
  var hz: Int { isSentinel ? sentinel.hz : configuration.hz }

  /// The first turn of the timer at or after `time`.
  func turn(atOrAfter time: Instant) -> Instant {
    let period = 1_000_000 / Int64(hz)
    let since = max(0, time.microseconds -| timerOrigin.microseconds)
    return Instant(microseconds: timerOrigin.microseconds +| (since +| (period - 1)) / period *| period)
  }

  /// The last turn of the timer up to `time`.
  func turn(atOrBefore time: Instant) -> Instant {
    let next = turn(atOrAfter: time)
    return next == time ? next : next - .microseconds(1_000_000 / Int64(hz))
  }

  /// The process could do nothing since then (`processTimeEvents` in ae.c). The turn that was due comes now and the
  /// next ones follow it; those in between are not made up for, so that all that is done every so many turns comes
  /// later.
  mutating func holdUpTimer(since: Instant) {
    let due = turn(atOrAfter: since + .microseconds(1))
    guard due < now else { return }
    timerOrigin = timerOrigin + (now - due)
    isTurn = true
  }

  /// The process has loaded since then. The turns that it counted meanwhile are turns that had nothing done in them: what
  /// comes once a second may come up to a second later (`whileBlockedCron` in server.c).
  mutating func holdUpTimer(_ blocking: Loads.Blocking) {
    let due = blocking.isStart ? blocking.since : turn(atOrAfter: blocking.since + .microseconds(1))
    guard due < now || blocking.turns > 0 else { return }
    let counted = Interval.microseconds(1_000_000 / Int64(hz)) * blocking.turns
    timerOrigin = timerOrigin + max(.zero, now - due) - counted
    skipTicks(before: now)
    if due < now { isTurn = true }
  }

  /// A turn of the timer is due at this very moment.
  package var isAtTurn: Bool { turn(atOrAfter: now) == now }

  // MARK: The log

  /// Every five seconds, what there is (`serverCron` in server.c).
  private mutating func logKeyspace() {
    guard let due = nextKeyspaceLog, due == turnNumber(at: now) else { return }
    lastKeyspaceLog = due
    for index in databases.indices where !databases[index].isEmpty {
      let database = databases[index]
      log(
        .verbose,
        "DB \(index): \(database.count) keys (\(database.expiresCount) volatile) in \(database.tableSlots) slots HT.")
    }
    let replicas = replication.replicas.count
    log(.debug, "\(clients.count - replicas) clients connected (\(replicas) replicas), \(usedMemory) bytes in use")
  }

  /// The number of the turn at which that is to be done next, if it says anything.
  private var nextKeyspaceLog: Int64? {
    guard configuration.loglevel <= .verbose, !isSentinel else { return nil }
    guard configuration.loglevel == .debug || databases.contains(where: { !$0.isEmpty }) else { return nil }
    let every = max(1, 5000 / (1000 / Int64(hz)))
    let next = max(lastKeyspaceLog, turnNumber(at: now) - (isAtTurn ? 1 : 0)) + 1
    return (next + every - 1) / every * every
  }

  var nextKeyspaceLogWakeup: Instant? {
    nextKeyspaceLog.map { timerOrigin + .microseconds($0 *| (1_000_000 / Int64(hz))) }
  }

  /// How many turns of the timer there have been before the last one up to `time`.
  private func turnNumber(at time: Instant) -> Int64 {
    max(0, time.microseconds -| timerOrigin.microseconds) / (1_000_000 / Int64(hz))
  }

  // MARK: Clients

  var nextClientsWakeup: Instant? {
    var next = nextPauseWakeup
    if configuration.timeout > 0 {
      for client in clients where client.canIdleOut {
        let end = turn(atOrAfter: client.lastInteraction + .seconds(configuration.timeout +| 1))
        next = min(next ?? end, end)
      }
    }
    return next
  }

  /// Closes clients that have said nothing for too long (`clientsCronHandleTimeout` in timeout.c).
  private mutating func closeIdleClients() {
    guard configuration.timeout > 0 else { return }
    for client in clients where client.canIdleOut {
      guard now.seconds - client.lastInteraction.seconds > configuration.timeout else { continue }
      let idle = now.seconds - client.lastInteraction.seconds
      emit(.decided(.closeClient(client.connection, .idle(seconds: idle, timeout: configuration.timeout))))
      log(.verbose, "Closing idle client")
      close(client.connection)
    }
  }
}

extension Client {
  /// `timeout` is for ordinary clients that are not waiting for anything.
  fileprivate var canIdleOut: Bool { kind == .normal && !isBlocked && !flags.contains(.monitor) }
}
