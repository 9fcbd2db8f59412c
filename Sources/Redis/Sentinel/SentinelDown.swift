import RESP

// Whether an instance is down: for this Sentinel, and for enough of them.

extension Node {
  /// What this Sentinel can't reach is down for it; connections on which nothing comes are made anew
  /// (`sentinelCheckSubjectivelyDown` in sentinel.c).
  mutating func checkSubjectivelyDown(_ id: InstanceID) {
    let time = milliseconds
    guard let instance = sentinel[id], let link = sentinel.links[instance.link] else { return }
    if let end = commandsDeadAt(instance, link), end <= time { closeConnection(.commands, of: instance.link) }
    if let end = pubsubDeadAt(link), end <= time { closeConnection(.pubsub, of: instance.link) }
    guard let master = sentinel.masters[id.master] else { return }
    let reason = sentinel.links[instance.link].flatMap { downReason(instance, $0, master) }
    if let reason, !instance.flags.contains(.sDown) {
      emit(.decided(.subjectivelyDown(instance.kind, name: instance.name, reason)))
      sentinelEvent(.warning, "+sdown", of: id)
      sentinel[id]?.sDownSince = time
      sentinel[id]?.flags.insert(.sDown)
    } else if reason == nil, instance.flags.contains(.sDown) {
      sentinelEvent(.warning, "-sdown", of: id)
      sentinel[id]?.flags.subtract([.sDown, .scriptKillSent])
    }
  }

  /// When the connection for commands counts as dead: a PING has waited for half of the time after which the instance is.
  func commandsDeadAt(_ instance: SentinelInstance, _ link: InstanceLink) -> Int64? {
    guard let connection = link.commands, link.actPing != 0 else { return nil }
    let half = instance.downAfter / 2
    return max(connection.begun +| sentinel.periods.minLinkReconnect, link.actPing +| half, link.lastPong +| half) +| 1
  }

  /// When the other one does: each Sentinel publishes every two seconds, this one too.
  func pubsubDeadAt(_ link: InstanceLink) -> Int64? {
    guard let connection = link.pubsub else { return nil }
    let quiet = link.pubsubActivity +| sentinel.periods.publish *| 3
    return max(connection.begun +| sentinel.periods.minLinkReconnect, quiet) +| 1
  }

  /// Why an instance is down for this Sentinel, or nil.
  func downReason(
    _ instance: SentinelInstance, _ link: InstanceLink, _ master: MonitoredMaster
  ) -> Decision.DownReason? {
    if let since = silentSince(link), milliseconds -| since > instance.downAfter {
      return .silent(milliseconds: milliseconds -| since, limit: instance.downAfter)
    }
    guard instance.kind == .master else { return nil }
    let limit = instance.downAfter +| sentinel.periods.info *| 2
    if instance.roleReported == .slave, milliseconds -| instance.roleReportedTime > limit {
      return .saysReplica(milliseconds: milliseconds -| instance.roleReportedTime, limit: limit)
    }
    if instance.flags.contains(.masterReboot),
      milliseconds -| master.rebootSince > master.rebootDownAfter
    {
      return .rebooted(milliseconds: milliseconds -| master.rebootSince, limit: master.rebootDownAfter)
    }
    return nil
  }

  /// Since when an answer is owed, or there is no connection; nil: all is well.
  func silentSince(_ link: InstanceLink) -> Int64? {
    link.actPing != 0 ? link.actPing : link.isDisconnected ? link.lastAvailable : nil
  }

  /// A master is down for all once a quorum of Sentinels finds it so (`sentinelCheckObjectivelyDown` in sentinel.c).
  mutating func checkObjectivelyDown(_ name: String) {
    let time = milliseconds
    guard let master = sentinel.masters[name] else { return }
    let count = downCount(master)
    let isDown = count >= master.quorum && count > 0
    if isDown, !master.instance.flags.contains(.oDown) {
      emit(.decided(.objectivelyDown(master: name, sentinels: count, quorum: master.quorum)))
      sentinelEvent(.warning, "+odown", of: .master(name), "#quorum \(count)/\(master.signedQuorum)")
      sentinel.masters[name]?.instance.flags.insert(.oDown)
      sentinel.masters[name]?.instance.oDownSince = time
    } else if !isDown, master.instance.flags.contains(.oDown) {
      sentinelEvent(.warning, "-odown", of: .master(name))
      sentinel.masters[name]?.instance.flags.remove(.oDown)
    }
  }

  /// How many Sentinels find the master down, this one among them; none, if this one does not.
  func downCount(_ master: MonitoredMaster) -> Int {
    guard master.instance.flags.contains(.sDown) else { return 0 }
    return 1 + master.sentinels.values.count { $0.flags.contains(.masterDown) }
  }

  /// Asks the other Sentinels what they think of a master that is down, and for their votes where this one has begun a
  /// failover (`sentinelAskMasterStateToOtherSentinels` in sentinel.c).
  mutating func askOtherSentinels(about name: String, isForced: Bool = false) {
    guard let keys = sentinel.masters[name]?.sentinels.keys else { return }
    for id in keys.map({ InstanceID.sentinel($0, of: name) }) {
      guard let master = sentinel.masters[name], let other = sentinel[id] else { continue }
      let elapsed = milliseconds -| other.lastMasterDownReply
      if elapsed > sentinel.periods.ask *| 5 {
        sentinel[id]?.flags.remove(.masterDown)
        sentinel[id]?.leader = nil
      }
      guard master.instance.flags.contains(.sDown), sentinel.links[other.link]?.isDisconnected == false,
        isForced || elapsed >= sentinel.periods.ask
      else { continue }
      let place = master.instance.place
      send(
        [
          "SENTINEL", "is-master-down-by-addr", sentinel.announced(place), "\(place.port)", "\(sentinel.currentEpoch)",
          master.failoverState > .none ? sentinel.id : "*",
        ], to: id, .isMasterDown)
    }
  }

  /// What another Sentinel says: whether the master is down, and whom it votes for (`sentinelReceiveIsMasterDownReply` in
  /// sentinel.c).
  mutating func receiveIsMasterDownReply(_ reply: RESP.Value, from id: InstanceID) {
    let time = milliseconds
    guard case .array(let parts) = reply, parts.count == 3, case .integer(let isDown) = parts[0],
      case .bulk(let leader) = parts[1], case .integer(let epoch) = parts[2], let other = sentinel[id]
    else { return }
    sentinel[id]?.lastMasterDownReply = time
    if isDown == 1 { sentinel[id]?.flags.insert(.masterDown) } else { sentinel[id]?.flags.remove(.masterDown) }
    let vote = String(bytes: leader)
    guard vote != "*" else { return }
    let voteEpoch = UInt64(bitPattern: epoch)
    if other.leaderEpoch != voteEpoch { log(.warning, "\(other.name) voted for \(vote) \(voteEpoch)") }
    sentinel[id]?.leader = vote
    sentinel[id]?.leaderEpoch = voteEpoch
  }
}
