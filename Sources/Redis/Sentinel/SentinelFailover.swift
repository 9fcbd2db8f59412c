import RESP

// A failover, state by state (`FailoverState`).

extension Node {
  mutating func enter(_ state: FailoverState, of name: String) {
    let time = milliseconds
    sentinel.masters[name]?.failoverState = state
    sentinel.masters[name]?.failoverStateChange = time
  }

  // MARK: The beginning

  /// Begins a failover of a master that is down for all, unless one was tried too short a time ago; true if it did
  /// (`sentinelStartFailoverIfNeeded` in sentinel.c).
  mutating func startFailoverIfNeeded(_ name: String) -> Bool {
    guard let master = sentinel.masters[name], master.instance.flags.contains(.oDown),
      !master.instance.flags.contains(.failoverInProgress)
    else { return false }
    guard milliseconds -| master.failoverStart >= master.failoverTimeout *| 2 else {
      if master.failoverDelayLogged != master.failoverStart {
        sentinel.masters[name]?.failoverDelayLogged = master.failoverStart
        let next = master.failoverStart +| master.failoverTimeout *| 2
        emit(.decided(.delayFailover(master: name, until: Instant(microseconds: next *| 1_000))))
        log(
          .warning,
          "Next failover delay: I will not start a failover before \(Instant(microseconds: next *| 1_000).ctime)")
      }
      return false
    }
    startFailover(name)
    return true
  }

  /// (`sentinelStartFailover` in sentinel.c).
  mutating func startFailover(_ name: String) {
    enter(.waitStart, of: name)
    sentinel.masters[name]?.instance.flags.insert(.failoverInProgress)
    let epoch = sentinel.currentEpoch &+ 1
    sentinel.currentEpoch = epoch
    sentinel.masters[name]?.failoverEpoch = epoch
    sentinelEvent(.warning, "+new-epoch", text: "\(epoch)")
    sentinelEvent(.warning, "+try-failover", of: .master(name))
    delayFailover(of: name)
  }

  /// What a failover under way does next (`sentinelFailoverStateMachine` in sentinel.c).
  mutating func goOnWithFailover(_ name: String) {
    guard let master = sentinel.masters[name], master.instance.flags.contains(.failoverInProgress) else { return }
    switch master.failoverState {
    case .waitStart: waitForElection(name)
    case .selectSlave: selectSlave(name)
    case .sendSlaveofNoOne: sendSlaveOfNoOne(name)
    case .waitPromotion: waitForPromotion(name)
    case .reconfSlaves: reconfigureNextSlave(name)
    case .none, .updateConfig: break
    }
  }

  /// Only before the replica has become the master (`sentinelAbortFailover` in sentinel.c).
  private mutating func abortFailover(_ name: String, _ event: String) {
    sentinelEvent(.warning, event, of: .master(name))
    sentinel.masters[name]?.instance.flags.subtract([.failoverInProgress, .forceFailover])
    enter(.none, of: name)
    if let promoted = sentinel.masters[name]?.promotedSlave {
      sentinel[.slave(promoted, of: name)]?.flags.remove(.promoted)
      sentinel.masters[name]?.promotedSlave = nil
    }
  }

  /// (`sentinelFailoverWaitStart` in sentinel.c).
  private mutating func waitForElection(_ name: String) {
    guard let master = sentinel.masters[name] else { return }
    let isLeader = leader(of: name, epoch: master.failoverEpoch)?.asciiLowercased() == sentinel.id
    guard isLeader || master.instance.flags.contains(.forceFailover) else {
      if milliseconds -| master.failoverStart > min(sentinel.periods.electionTimeout, master.failoverTimeout) {
        abortFailover(name, "-failover-abort-not-elected")
      }
      return
    }
    sentinelEvent(.warning, "+elected-leader", of: .master(name))
    if sentinel.simulatedFailures.contains(.afterElection) { return simulateCrash() }
    enter(.selectSlave, of: name)
    sentinelEvent(.warning, "+failover-state-select-slave", of: .master(name))
  }

  /// (`sentinelSimFailureCrash` in sentinel.c).
  mutating func simulateCrash() {
    log(.warning, "Sentinel CRASH because of SENTINEL simulate-failure")
    exitProcess(code: 99)
  }

  // MARK: The replica

  /// (`sentinelFailoverSelectSlave` in sentinel.c).
  private mutating func selectSlave(_ name: String) {
    let candidates = promotionCandidates(name)
    let best = Decision.Candidate.best(candidates)
    emit(.decided(.selectReplica(master: name, candidates, chosen: best)))
    guard let best else { return abortFailover(name, "-failover-abort-no-good-slave") }
    let id = InstanceID.slave(best, of: name)
    sentinelEvent(.warning, "+selected-slave", of: id)
    sentinel[id]?.flags.insert(.promoted)
    sentinel.masters[name]?.promotedSlave = best
    enter(.sendSlaveofNoOne, of: name)
    sentinelEvent(.notice, "+failover-state-send-slaveof-noone", of: id)
  }

  /// All replicas of a master, each with what counts for it or against it (`sentinelSelectSlave` in sentinel.c).
  func promotionCandidates(_ name: String) -> [Decision.Candidate] {
    guard let master = sentinel.masters[name] else { return [] }
    let isDown = master.instance.flags.contains(.sDown)
    let longest = (isDown ? milliseconds -| master.instance.sDownSince : 0) +| master.instance.downAfter *| 10
    let validity = isDown ? sentinel.periods.ping *| 5 : sentinel.periods.info *| 3
    return master.slaves.values.map { slave in
      let link = sentinel.links[slave.link]
      var flaw: Decision.Candidate.Flaw?
      if !slave.flags.isDisjoint(with: [.sDown, .oDown]) {
        flaw = .down
      } else if link?.isDisconnected != false {
        flaw = .disconnected
      } else if let silent = link.map({ milliseconds -| $0.lastAvailable }), silent > sentinel.periods.ping *| 5 {
        flaw = .silent(milliseconds: silent)
      } else if slave.replica.priority == 0 {
        flaw = .priorityZero
      } else if milliseconds -| slave.infoRefresh > validity {
        flaw = .oldInfo(milliseconds: milliseconds -| slave.infoRefresh, limit: validity)
      } else if slave.replica.masterLinkDownTime > longest {
        flaw = .linkDownTooLong(milliseconds: slave.replica.masterLinkDownTime, limit: longest)
      }
      return Decision.Candidate(
        name: slave.name, priority: slave.replica.priority, offset: slave.replica.offset, runID: slave.runID,
        flaw: flaw)
    }
  }

  /// (`sentinelFailoverSendSlaveOfNoOne` in sentinel.c).
  private mutating func sendSlaveOfNoOne(_ name: String) {
    guard let master = sentinel.masters[name], let promoted = master.promotedSlave else { return }
    let id = InstanceID.slave(promoted, of: name)
    guard sentinel[linkOf: id]?.isDisconnected == false else { return abortLateFailover(name, master) }
    sendSlaveOf(id, nil)
    sentinelEvent(.notice, "+failover-state-wait-promotion", of: id)
    enter(.waitPromotion, of: name)
  }

  /// That it is a master, INFO will say (`sentinelFailoverWaitPromotion` in sentinel.c).
  private mutating func waitForPromotion(_ name: String) {
    if let master = sentinel.masters[name] { abortLateFailover(name, master) }
  }

  private mutating func abortLateFailover(_ name: String, _ master: MonitoredMaster) {
    if milliseconds -| master.failoverStateChange > master.failoverTimeout {
      abortFailover(name, "-failover-abort-slave-timeout")
    }
  }

  /// Has an instance follow that address, or nobody: in one transaction with what keeps it so after a restart, and makes its
  /// clients ask anew where the master is. What comes of it INFO will say (`sentinelSendSlaveOf` in sentinel.c).
  mutating func sendSlaveOf(_ id: InstanceID, _ master: SentinelAddress?) {
    send(["MULTI"], to: id)
    send(["SLAVEOF"] + (master.map { [sentinel.announced($0), "\($0.port)"] } ?? ["NO", "ONE"]), to: id)
    send(["CONFIG", "REWRITE"], to: id)
    send(["CLIENT", "KILL", "TYPE", "normal"], to: id)
    send(["CLIENT", "KILL", "TYPE", "pubsub"], to: id)
    send(["EXEC"], to: id)
  }

  // MARK: The other replicas

  /// Has the other replicas follow the new master, so many at a time (`sentinelFailoverReconfNextSlave` in sentinel.c).
  private mutating func reconfigureNextSlave(_ name: String) {
    guard let master = sentinel.masters[name] else { return }
    var inProgress = master.slaves.values.count { !$0.flags.isDisjoint(with: [.reconfSent, .reconfInProgress]) }
    let time = milliseconds
    for key in master.slaves.keys where inProgress < master.parallelSyncs {
      let id = InstanceID.slave(key, of: name)
      guard let slave = sentinel[id], slave.flags.isDisjoint(with: [.promoted, .reconfDone]) else { continue }
      if slave.flags.contains(.reconfSent), time -| slave.reconfSent > sentinel.periods.slaveReconfTimeout {
        sentinelEvent(.notice, "-slave-reconf-sent-timeout", of: id)
        sentinel[id]?.flags.remove(.reconfSent)
        sentinel[id]?.flags.insert(.reconfDone)
      }
      guard sentinel[id]?.flags.isDisjoint(with: [.reconfSent, .reconfInProgress]) == true,
        sentinel[linkOf: id]?.isDisconnected == false,
        let promoted = master.promotedSlave.flatMap({ master.slaves[$0] })
      else { continue }
      sendSlaveOf(id, promoted.place)
      sentinel[id]?.flags.insert(.reconfSent)
      sentinel[id]?.reconfSent = time
      sentinelEvent(.notice, "+slave-reconf-sent", of: id)
      inProgress += 1
    }
    detectEnd(name)
  }

  /// All replicas that can be reached follow the new master, or it has taken too long (`sentinelFailoverDetectEnd` in
  /// sentinel.c).
  private mutating func detectEnd(_ name: String) {
    guard let master = sentinel.masters[name], let key = master.promotedSlave, let promoted = master.slaves[key],
      !promoted.flags.contains(.sDown)
    else { return }
    let isLate = milliseconds -| master.failoverStateChange > master.failoverTimeout
    let isOver = master.slaves.values.allSatisfy {
      !$0.flags.isDisjoint(with: [.promoted, .reconfDone]) || $0.flags.contains(.sDown)
    }
    if isLate { sentinelEvent(.warning, "+failover-end-for-timeout", of: .master(name)) }
    if isLate || isOver {
      sentinelEvent(.warning, "+failover-end", of: .master(name))
      enter(.updateConfig, of: name)
    }
    guard isLate else { return }
    for key in master.slaves.keys {
      let id = InstanceID.slave(key, of: name)
      guard let slave = sentinel[id], slave.flags.isDisjoint(with: [.promoted, .reconfDone, .reconfSent]),
        sentinel[linkOf: id]?.isDisconnected == false
      else { continue }
      sendSlaveOf(id, promoted.place)
      sentinelEvent(.notice, "+slave-reconf-sent-be", of: id)
      sentinel[id]?.flags.insert(.reconfSent)
    }
  }

  /// (`sentinelFailoverSwitchToPromotedSlave` in sentinel.c).
  mutating func switchToPromotedSlave(_ name: String) {
    guard let master = sentinel.masters[name] else { return }
    let old = master.instance.place
    let new = master.promotedSlave.flatMap { master.slaves[$0]?.place } ?? old
    let places = [old, new].map { "\(sentinel.announced($0)) \($0.port)" }
    sentinelEvent(.warning, "+switch-master", text: "\(name) \(places.joined(separator: " "))")
    switchMaster(name, to: new.hostname, port: Int64(new.port))
  }
}

extension Decision.Candidate {
  /// The name of the best one: by priority, by offset, by run id (`compareSlavesForPromotion` in sentinel.c).
  static func best(_ candidates: [Self]) -> String? {
    candidates.filter { $0.flaw == nil }.min { a, b in
      if a.priority != b.priority { return a.priority < b.priority }
      if a.offset != b.offset { return a.offset > b.offset }
      guard let first = a.runID, let second = b.runID else { return a.runID != nil && b.runID == nil }
      return first.asciiLowercased() < second.asciiLowercased()
    }?.name
  }
}
