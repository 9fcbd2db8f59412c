// Time. Once a second replication is looked after, at a tick: these come every 100 ms, which is how often the timer turns
// unless `hz` says otherwise. What `replicationCron` does has to be at the same moments whatever `hz` is.
//
// A node asks to be woken only when one of these would do something: a master without replicas sleeps.

import RESP

extension Node {
  /// `Input.wakeUp`, whoever asked for it.
  mutating func replicationDeadlines() {
    if let deadline = replication.link.lineDeadline, deadline <= now { lineTimedOut() }
    sendNextBlock()
  }

  /// A tick of the timer (`serverCron` in server.c).
  mutating func replicationTick() {
    let tick = tick(at: now)
    guard tick > replication.lastTick else { return }
    let isNewSecond = replication.failover.state != .none || second(of: tick) > second(of: replication.lastTick)
    // A failover has replication looked after at each turn, and the count of its turns decides when a PING is due.
    if isNewSecond, second(of: tick) == second(of: replication.lastTick) { replication.extraTicks += 1 }
    replication.lastTick = tick
    // Before all else, as clients are looked after (`clientsCron` in server.c).
    if let check = replication.overview.nextLimitCheck, check <= now {
      for connection in replication.replicas where clients[connection]?.replica?.limitCheck.map({ $0 <= now }) == true {
        closeOverOutputLimit(connection, isAtOnce: true)
      }
    }
    if isNewSecond { replicationCron(loop: tick / 10 + replication.extraTicks) }
  }

  /// Once at the end of every input, before the replies are flushed: what the replicas are sent goes out here.
  mutating func replicationBeforeSleep() {
    answerWaiting()
    requestAcknowledgements()
    updateFailover()
    closeAnsweredReplicas()
    flushAcknowledgements()
    flushStreams()
    skipIdleTicks()
  }

  /// A tick has come that has not been handled.
  var isTickDue: Bool { tick(at: now) > replication.lastTick }

  /// A tick that nobody asked for has passed without anything to do; the first one too, which finds no replicas yet.
  mutating func skipIdleTicks() {
    if nextReplicationTick.map({ $0 > now }) ?? true {
      replication.lastTick = max(replication.lastTick, tick(at: now))
    }
  }

  /// The ticks before a moment are over, whatever would have been done in them.
  mutating func skipTicks(before moment: Instant) { replication.lastTick = tick(after: moment) - 1 }

  /// Looks after replication, once a second (`replicationCron` in replication.c).
  private mutating func replicationCron(loop: Int64) {
    updateFailover()
    checkMasterTimeouts()
    if replication.link.state == .connect, let master = replication.master {
      log(.notice, "Connecting to MASTER \(master.host):\(master.port)")
      connectToMaster(.cron)
    }
    if let session = replication.session, !session.isPrePsync { sendAcknowledgement() }
    pingReplicas(loop: loop)
    keepReplicasPatient()
    dropSilentReplicas()
    freeIdleBacklog()
    startPendingSnapshot()
    removeFileForReplicas()
    refreshGoodReplicas()
  }

  // MARK: As a replica

  /// Gives up a master that has been silent for too long (`replicationCron` in replication.c).
  private mutating func checkMasterTimeouts() {
    guard replication.master != nil else { return }
    let timeout = configuration.replTimeout
    let state = replication.link.state
    var silent = now.seconds - replication.link.lastIO.seconds
    if state == .connected {
      guard let connection = replication.session?.connection,
        let lastInteraction = clients[connection]?.lastInteraction
      else { return }
      silent = now.seconds - lastInteraction.seconds
      guard silent > timeout else { return }
      emit(.decided(.giveUpMaster(state, silent: silent, timeout: timeout)))
      log(.warning, "MASTER timeout: no data nor PING received...")
      close(connection)
    } else if state == .connecting || state.isHandshake, silent > timeout {
      emit(.decided(.giveUpMaster(state, silent: silent, timeout: timeout)))
      log(.warning, "Timeout connecting to the MASTER...")
      cancelHandshake(reconnect: .timeout)
    } else if state == .transfer, replication.link.transfer?.loader == nil, silent > timeout {
      emit(.decided(.giveUpMaster(state, silent: silent, timeout: timeout)))
      log(
        .warning,
        "Timeout receiving bulk data from MASTER... If the problem persists try to set the 'repl-timeout' parameter in "
          + "redis.conf to a larger value.")
      cancelHandshake(reconnect: .timeout)
    }
  }

  /// The rest of a line did not come in time (`receiveSynchronousResponse` in replication.c; `syncReadLine` in
  /// syncio.c).
  private mutating func lineTimedOut() {
    replication.link.giveUpLine()
    if replication.link.state.isHandshake {
      handshakeReadFailed()
    } else if replication.link.state == .transfer {
      log(.warning, "I/O error reading bulk count from MASTER: Success")
      cancelHandshake(reconnect: .failedTransfer)
    }
  }

  // MARK: As a master

  /// Sends PING along the stream (`replicationCron` in replication.c). In lower case, as Redis writes it, and only by
  /// the master at the top: whoever is below passes it on.
  private mutating func pingReplicas(loop: Int64) {
    guard loop % max(1, configuration.replPingReplicaPeriod) == 0, !replication.replicas.isEmpty else { return }
    // With it the replica would never have all; a FAILOVER without a TIMEOUT does not see to that.
    if replication.failover.deadline != nil, areClientsPaused { return }
    guard !followsRecording else { return }
    feedReplicas(["ping"], database: nil)
    // The timers of two real servers are never in step for long, since each turn takes its time. Here they may be, and then
    // each acknowledgement would cross a PING for ever.
    if replication.failover.state == .waitingForSync { timerOrigin = timerOrigin - .milliseconds(1) }
  }

  /// A newline, which is no part of the stream, to those that wait for a snapshot (`replicationCron` in replication.c).
  private mutating func keepReplicasPatient() {
    var toSockets = false
    if case .disklessSync? = child { toSockets = true }
    for connection in replication.replicas {
      switch clients[connection]?.replica?.state {
      case .waitBgsaveStart: emit(.send(connection, [10]))
      case .waitBgsaveEnd where !toSockets: emit(.send(connection, [10]))
      default: break
      }
    }
  }

  /// Closes replicas that do not acknowledge, or do not take their snapshot (`replicationCron` in replication.c).
  private mutating func dropSilentReplicas() {
    let timeout = configuration.replTimeout
    for connection in replication.replicas {
      guard let place = clients.index(forKey: connection), let state = clients[place].replica?.state,
        let silent = (clients[place].replica?.acknowledgedAt).map({ now.seconds - $0.seconds })
      else { continue }
      if state == .online, silent > timeout, clients[place].replica?.isPrePsync == false {
        log(.warning, "Disconnecting timedout replica (streaming sync): \(replicaName(connection))")
        emit(.decided(.dropReplica(connection, .silent(seconds: silent, timeout: timeout))))
        close(connection)
      } else if state == .waitBgsaveEnd, let since = clients[place].replica?.writingSince,
        now.seconds - since.seconds > timeout
      {
        log(.warning, "Disconnecting timedout replica (full sync): \(replicaName(connection))")
        emit(
          .decided(.dropReplica(connection, .notReading(seconds: now.seconds - since.seconds, timeout: timeout))))
        close(connection)
      }
    }
  }

  /// Nobody has asked for it in `repl-backlog-ttl` (`replicationCron`, `freeReplicationBacklog` in replication.c). The
  /// id goes with it: from here on writes are no longer counted, and whoever came back with the old id would miss them.
  private mutating func freeIdleBacklog() {
    guard replication.isMaster, replication.replicas.isEmpty, replication.backlog != nil,
      configuration.replBacklogTTL > 0, let since = replication.noReplicasSince
    else { return }
    let idle = now.seconds - since.seconds
    guard idle > configuration.replBacklogTTL else { return }
    emit(.decided(.freeBacklog(idle: idle, ttl: configuration.replBacklogTTL)))
    replication.ids.start(drawReplicationID())
    replication.backlog = nil
    log(
      .notice, "Replication backlog freed after \(configuration.replBacklogTTL) seconds without connected replicas.")
  }

  // MARK: When

  /// When replication next has something to do by itself.
  var nextReplicationTime: Instant? { nextReplicationDeadline.earlier(nextReplicationTick) }

  /// … of what does not wait for a turn of the timer.
  var nextReplicationDeadline: Instant? {
    replication.link.lineDeadline.earlier(nextPipeRead).earlier(nextWaitDeadline).earlier(nextBlockedTimeout)
  }

  private var nextReplicationTick: Instant? {
    let next = max(replication.lastTick, tick(at: now) - (isAtTick ? 1 : 0)) + 1
    var due: Int64?
    func note(_ tick: Int64) { due = min(tick, due ?? tick) }
    if replication.failover.state != .none { note(next) }
    switch child?.process.state {
    case .ended(let moment): note(max(next, tick(after: moment)))
    case .killed: note(next)
    case .running, nil: break
    }
    let nextSecond = (next + 9) / 10 * 10
    if replication.master != nil || !replication.replicas.isEmpty { note(nextSecond) }
    if let check = replication.overview.nextLimitCheck { note(max(next, tick(after: check))) }
    if let expiry = backlogExpiry { note(max(nextSecond, (tick(after: expiry) + 9) / 10 * 10)) }
    return due.map { timerOrigin + .milliseconds($0 *| 100) }
  }

  private var backlogExpiry: Instant? {
    guard replication.isMaster, replication.replicas.isEmpty, replication.backlog != nil,
      configuration.replBacklogTTL > 0, configuration.replBacklogTTL < 1 << 40,
      let since = replication.noReplicasSince
    else { return nil }
    return Instant(microseconds: (since.seconds +| configuration.replBacklogTTL +| 1) *| 1_000_000)
  }

  /// The next turn of the timer at which the link is tried again.
  var nextSecond: Instant {
    let next = (max(replication.lastTick, tick(at: now)) + 10) / 10 * 10
    return timerOrigin + .milliseconds(next *| 100)
  }

  /// The turn at a moment or before it; the first is at the start, the others follow every 100 ms.
  private func tick(at moment: Instant) -> Int64 {
    let elapsed = moment.microseconds -| timerOrigin.microseconds
    return elapsed < 0 ? -1 : elapsed / 100_000
  }

  private func tick(after moment: Instant) -> Int64 {
    tick(at: Instant(microseconds: moment.microseconds -| 1)) + 1
  }

  /// Now is the very moment of a tick, which may still be to come.
  private var isAtTick: Bool {
    let elapsed = now.microseconds -| timerOrigin.microseconds
    return elapsed >= 0 && elapsed % 100_000 == 0
  }

  private func second(of tick: Int64) -> Int64 { tick < 0 ? -1 : tick / 10 }
}
