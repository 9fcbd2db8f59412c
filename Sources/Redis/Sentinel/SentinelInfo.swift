import RESP

// What INFO says of an instance, and what follows from it.

/// The lines of INFO that a Sentinel reads (`sentinelRefreshInstanceInfo` in sentinel.c).
struct InstanceReport: Sendable {
  var runID: String?
  var role: SentinelInstance.Kind?
  var slaves: [(host: String, port: Int64)] = []
  var replica: ReportedReplica

  /// - Parameter known: what INFO said the last time, which holds where it says nothing now.
  init(_ info: [UInt8], isMaster: Bool, known: ReportedReplica) {
    replica = known
    replica.masterLinkDownTime = 0
    // All names that it knows begin so.
    for line in info.split(separator: 10) where "rms".utf8.contains(line[line.startIndex]) {
      read(String(bytes: line.last == 13 ? line.dropLast() : line), isMaster: isMaster)
    }
  }

  private mutating func read(_ line: String, isMaster: Bool) {
    guard let colon = line.firstIndex(of: ":") else { return }
    let (name, value) = (line[..<colon], line[line.index(after: colon)...])
    switch name {
    case "run_id": if value.bytes.count >= 40 { runID = String(bytes: value.bytes.prefix(40)) }
    case "master_link_down_since_seconds": replica.masterLinkDownTime = Int64(leading: value) *| 1_000
    case "role": role = value.hasPrefix("master") ? .master : value.hasPrefix("slave") ? .slave : role
    case _ where isMaster && name.hasPrefix("slave") && name.dropFirst(5).first?.isNumber == true:
      readSlave(value)
    case _ where role == .slave: readReplica(name, value)
    default: break
    }
  }

  /// `ip=127.0.0.1,port=7001,…`, or as very old servers have it `127.0.0.1,7001,online`.
  private mutating func readSlave(_ value: Substring) {
    let fields = value.split(separator: ",", omittingEmptySubsequences: false)
    if let host = fields.first(where: { $0.hasPrefix("ip=") }),
      let port = fields.first(where: { $0.hasPrefix("port=") })
    {
      slaves.append((String(host.dropFirst(3)), Int64(Int32(leading: port.dropFirst(5)))))
    } else if fields.count >= 3, !value.contains("ip=") {
      slaves.append((String(fields[0]), Int64(Int32(leading: fields[1]))))
    }
  }

  private mutating func readReplica(_ name: Substring, _ value: Substring) {
    switch name {
    case "master_host": replica.masterHost = String(value)
    case "master_port": replica.masterPort = Int(Int32(leading: value))
    case "master_link_status": replica.isMasterLinkUp = value.asciiLowercased() == "up"
    case "slave_priority": replica.priority = Int32(leading: value)
    case "slave_repl_offset": replica.offset = UInt64(leading: value)
    case "replica_announced": replica.announced = Int32(leading: value)
    default: break
    }
  }
}

extension Node {
  /// INFO has come: what is new is noted, and acted upon unless time is not to be trusted (`sentinelInfoReplyCallback`,
  /// `sentinelRefreshInstanceInfo` in sentinel.c).
  mutating func refreshInstance(_ id: InstanceID, _ info: [UInt8]) {
    guard var instance = sentinel[id] else { return }
    let time = milliseconds
    let known = instance.replica
    let report = InstanceReport(info, isMaster: id.isMaster, known: known)
    instance.info = info
    instance.replica = report.replica
    let hasOtherMaster =
      known.masterHost?.asciiLowercased() != report.replica.masterHost?.asciiLowercased()
      || known.masterPort != report.replica.masterPort
    if hasOtherMaster { instance.slaveConfChangeTime = time }
    let isReboot = instance.runID != nil && report.runID != nil && instance.runID != report.runID
    sentinel[id] = instance
    if isReboot { noteReboot(of: id) }
    if let runID = report.runID { sentinel[id]?.runID = runID }
    for slave in report.slaves { noteSlave(slave.host, slave.port, of: id.master) }
    sentinel[id]?.infoRefresh = time
    noteRole(report.role, of: id)
    if sentinel.tiltSince == nil { act(on: report.role, of: id) }
  }

  private mutating func noteReboot(of id: InstanceID) {
    sentinelEvent(.notice, "+reboot", of: id)
    guard let master = sentinel.masters[id.master], id.isMaster, master.rebootDownAfter != 0 else { return }
    let time = milliseconds
    sentinel[id]?.flags.insert(.masterReboot)
    sentinel.masters[id.master]?.rebootSince = time
  }

  /// A replica that the master has, and that is perhaps not known yet (`sentinelRedisInstanceLookupSlave` in sentinel.c).
  private mutating func noteSlave(_ host: String, _ port: Int64, of master: String) {
    // It is looked up first, which a name that leads nowhere also fails at.
    if let place = sentinelPlace(host, port), sentinel[.slave(sentinel.slaveName(at: place), of: master)] != nil {
      return
    }
    guard let id = try? addInstance(.slave, of: master, host: host, port: port) else { return }
    sentinelEvent(.notice, "+slave", of: id)
    flushSentinelConfig()
  }

  /// It is another thing than before.
  private mutating func noteRole(_ role: SentinelInstance.Kind?, of id: InstanceID) {
    guard let instance = sentinel[id], role != instance.roleReported else { return }
    let time = milliseconds
    sentinel[id]?.roleReportedTime = time
    sentinel[id]?.roleReported = role
    if role == .slave { sentinel[id]?.slaveConfChangeTime = time }
    sentinelEvent(
      .verbose, instance.kind == role ? "+role-change" : "-role-change", of: id,
      "new reported role is \(role == .master ? "master" : "slave")")
  }

  private mutating func act(on role: SentinelInstance.Kind?, of id: InstanceID) {
    guard id.isSlave else { return }
    if role == .master { slaveIsMaster(id) }
    guard role == .slave else { return }
    fixMaster(of: id)
    followReconfiguration(of: id)
  }

  /// A replica says that it is a master: the one that was to become it, or one that does not know better yet
  /// (`sentinelRefreshInstanceInfo` in sentinel.c).
  private mutating func slaveIsMaster(_ id: InstanceID) {
    guard let instance = sentinel[id], let master = sentinel.masters[id.master] else { return }
    if instance.flags.contains(.promoted) {
      if master.instance.flags.contains(.failoverInProgress), master.failoverState == .waitPromotion {
        promoted(id)
      }
      return
    }
    putRight(id, wrongSince: instance.roleReportedTime, after: sentinel.periods.publish *| 4, "+convert-to-slave")
  }

  /// Has a replica follow the master that it should, if it has been wrong for long enough, and nothing was wrong with it or with
  /// the master meanwhile (`sentinelRefreshInstanceInfo` in sentinel.c).
  private mutating func putRight(_ id: InstanceID, wrongSince: Int64, after wait: Int64, _ event: String) {
    guard let instance = sentinel[id], let master = sentinel.masters[id.master],
      master.looksSane(sentinel.periods, at: milliseconds), instance.wasUp(for: wait, at: milliseconds),
      milliseconds -| wrongSince > wait, sentinel[linkOf: id]?.commands != nil
    else { return }
    sendSlaveOf(id, master.instance.place)
    sentinelEvent(.notice, event, of: id)
  }

  /// The replica has become the master: from now on that is the configuration, and all are told.
  private mutating func promoted(_ id: InstanceID) {
    guard let master = sentinel.masters[id.master] else { return }
    sentinel.masters[id.master]?.configEpoch = master.failoverEpoch
    enter(.reconfSlaves, of: id.master)
    flushSentinelConfig()
    sentinelEvent(.warning, "+promoted-slave", of: id)
    if sentinel.simulatedFailures.contains(.afterPromotion) { return simulateCrash() }
    sentinelEvent(.warning, "+failover-state-reconf-slaves", of: .master(id.master))
    forceHello(of: id.master)
  }

  /// A replica that follows another master than it should, for long enough, is told so (`sentinelRefreshInstanceInfo` in
  /// sentinel.c).
  private mutating func fixMaster(of id: InstanceID) {
    guard let instance = sentinel[id], let master = sentinel.masters[id.master] else { return }
    let own = instance.replica
    guard
      own.masterPort != master.instance.address.port
        || !isAddress(master.instance.place, ofHost: own.masterHost ?? "")
    else { return }
    putRight(id, wrongSince: instance.slaveConfChangeTime, after: master.failoverTimeout, "+fix-slave-config")
  }

  /// How far a replica is that was told to follow the new master (`sentinelRefreshInstanceInfo` in sentinel.c).
  private mutating func followReconfiguration(of id: InstanceID) {
    guard let instance = sentinel[id], let master = sentinel.masters[id.master] else { return }
    if instance.flags.contains(.reconfSent), let promoted = master.promotedSlave.flatMap({ master.slaves[$0] }),
      let host = instance.replica.masterHost, isAddress(promoted.place, ofHost: host),
      instance.replica.masterPort == promoted.address.port
    {
      sentinel[id]?.flags.remove(.reconfSent)
      sentinel[id]?.flags.insert(.reconfInProgress)
      sentinelEvent(.notice, "+slave-reconf-inprog", of: id)
    }
    guard sentinel[id]?.flags.contains(.reconfInProgress) == true, instance.replica.isMasterLinkUp else { return }
    sentinel[id]?.flags.remove(.reconfInProgress)
    sentinel[id]?.flags.insert(.reconfDone)
    sentinelEvent(.notice, "+slave-reconf-done", of: id)
  }
}
