import RESP

// A Sentinel's timer, which does all that it does by itself.

extension Node {
  /// A turn (`sentinelTimer`, `sentinelHandleDictOfRedisInstances` in sentinel.c).
  mutating func sentinelTimer() {
    checkTilt()
    var promoted: String?
    for name in sentinel.masters.keys {
      for id in sentinel.instances(of: name) {
        handleInstance(id)
        if hasExited { return }
      }
      if sentinel.masters[name]?.failoverState == .updateConfig { promoted = name }
    }
    if let promoted { switchToPromotedSlave(promoted) }
    timerOrigin = now
    sentinel.hz = 10 + Int(random.next() % 10)
  }

  /// What is due for one instance: first looking, then acting (`sentinelHandleRedisInstance` in sentinel.c).
  private mutating func handleInstance(_ id: InstanceID) {
    reconnectInstance(id)
    sendPeriodicCommands(to: id)
    if let since = sentinel.tiltSince {
      guard milliseconds -| since >= sentinel.periods.tilt else { return }
      sentinel.tiltSince = nil
      sentinelEvent(.warning, "-tilt", text: "#tilt mode exited")
    }
    checkSubjectivelyDown(id)
    guard case .master(let name) = id else { return }
    checkObjectivelyDown(name)
    if startFailoverIfNeeded(name) { askOtherSentinels(about: name, isForced: true) }
    goOnWithFailover(name)
    if hasExited { return }
    askOtherSentinels(about: name)
  }

  /// Where the process stood still, or the clock was moved, everything seems to have been silent for long: it only looks on for
  /// a while (`sentinelCheckTiltCondition` in sentinel.c).
  private mutating func checkTilt() {
    let time = milliseconds
    guard let since = sentinel.heldUpSince else { return }
    sentinel.heldUpSince = nil
    let delta = (now - since).microseconds / 1_000
    guard delta < 0 || delta > sentinel.periods.tiltTrigger else { return }
    sentinel.tiltSince = time
    emit(.decided(.tilt(milliseconds: delta, limit: sentinel.periods.tiltTrigger)))
    sentinelEvent(.warning, "+tilt", text: "#tilt mode entered")
  }

  // MARK: When

  /// A Sentinel waits for no answer, has made up its mind of whoever does not answer, and changes nothing at present.
  package var isSentinelSettled: Bool {
    guard isSentinel else { return true }
    return sentinel.tiltSince == nil && sentinel.masters.values.allSatisfy(isSettled)
  }

  private func isSettled(_ master: MonitoredMaster) -> Bool {
    let flags = master.instance.flags
    // The others are asked, and may need a moment to see it, too.
    let down = max(master.instance.sDownSince, master.instance.oDownSince)
    let isNew = flags.contains(.sDown) && milliseconds -| down < sentinel.periods.ask *| 3
    if flags.contains(.failoverInProgress) || isNew { return false }
    let isSane = master.looksSane(sentinel.periods, at: milliseconds)
    return ([master.instance] + master.slaves.values + master.sentinels.values).allSatisfy { instance in
      if instance.flags.contains(.sDown) { return true }
      // A replica that takes itself for a master is to be put right.
      if isSane, instance.kind == .slave, instance.roleReported == .master { return false }
      return sentinel.links[instance.link].map { silentSince($0) == nil } ?? true
    }
  }

  /// The next turn at which something is due. Turns at which nothing would be are left out.
  var nextSentinelWakeup: Instant? {
    guard isSentinel else { return nil }
    var due: Int64 = .max
    // It is asked after each input: what is looked up is looked up once.
    for master in sentinel.masters.values {
      due = min(due, nextTime(of: master.instance, master), nextTime(ofFailover: master))
      for slave in master.slaves.values { due = min(due, nextTime(of: slave, master)) }
      for other in master.sentinels.values { due = min(due, nextTime(of: other, master)) }
    }
    // The clock was set, or the process stood still: the next turn sees it.
    if sentinel.heldUpSince != nil { due = 0 }
    if let since = sentinel.tiltSince { due = min(due, since +| sentinel.periods.tilt) }
    guard due < Int64.max / 1_000 - 1_000_000 else { return nil }
    let time = Instant(microseconds: max(0, due) * 1_000)
    return turn(atOrAfter: max(time, now + .microseconds(1)))
  }

  /// When something is next to be done for an instance that belongs to a master, or is it.
  private func nextTime(of instance: SentinelInstance, _ master: MonitoredMaster) -> Int64 {
    guard let link = sentinel.links[instance.link] else { return .max }
    var due: Int64 = .max
    if link.isDisconnected, instance.address.port != 0 {
      due = link.lastReconnection +| sentinel.periods.ping
    } else if let commands = periodicCommands(to: instance, link, master) {
      due = min(commands.info ?? .max, commands.ping, commands.hello)
    }
    if sentinel.tiltSince != nil { return due }
    due = min(due, commandsDeadAt(instance, link) ?? .max, pubsubDeadAt(link) ?? .max)
    if (downReason(instance, link, master) != nil) != instance.flags.contains(.sDown) { return milliseconds }
    if instance.flags.contains(.sDown) { return due }
    if let since = silentSince(link) { due = min(due, since +| instance.downAfter +| 1) }
    guard instance.kind == .master else { return due }
    if instance.roleReported == .slave {
      due = min(due, instance.roleReportedTime +| instance.downAfter +| sentinel.periods.info *| 2 +| 1)
    }
    if instance.flags.contains(.masterReboot) {
      due = min(due, master.rebootSince +| master.rebootDownAfter +| 1)
    }
    return due
  }

  /// When something is next to be done about a master that is down.
  private func nextTime(ofFailover master: MonitoredMaster) -> Int64 {
    guard sentinel.tiltSince == nil else { return .max }
    let flags = master.instance.flags
    let count = downCount(master)
    if (count >= master.quorum && count > 0) != flags.contains(.oDown) { return milliseconds }
    var due: Int64 = .max
    for other in master.sentinels.values {
      if other.flags.contains(.masterDown) || other.leader != nil {
        due = min(due, other.lastMasterDownReply +| sentinel.periods.ask *| 5 +| 1)
      }
      if flags.contains(.sDown), sentinel.links[other.link]?.isDisconnected == false {
        due = min(due, other.lastMasterDownReply +| sentinel.periods.ask)
      }
    }
    if flags.contains(.failoverInProgress) {
      // Votes and INFO may come at any time, and each turn looks whether they have.
      return master.failoverState == .waitPromotion
        ? min(due, master.failoverStateChange +| master.failoverTimeout +| 1) : milliseconds
    }
    guard flags.contains(.oDown) else { return due }
    return master.failoverDelayLogged == master.failoverStart
      ? min(due, master.failoverStart +| master.failoverTimeout *| 2) : milliseconds
  }
}
