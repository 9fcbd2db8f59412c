import RESP

// How instances come to be known, and are forgotten.

/// Why an instance can't be added (`sentinelCheckCreateInstanceErrors` in sentinel.c).
enum InstanceError: Error, Equatable, Sendable {
  case duplicateMaster, duplicateSlave, duplicateSentinel, unknownHost, invalidPort

  var words: String {
    switch self {
    case .duplicateMaster: "Duplicate master name."
    case .duplicateSlave: "Duplicate hostname and port for replica."
    case .duplicateSentinel: "Duplicate runid for sentinel."
    case .unknownHost: "Can't resolve instance hostname."
    case .invalidPort: "Invalid port number."
    }
  }
}

extension Sentinel {
  /// The address to which a host leads; names do where `resolve-hostnames` is yes (`anetResolve` in anet.c).
  func resolve(_ host: String, _ hosts: HostNames) -> String? {
    if let address = HostNames.address(host) { return address }
    return resolveHostnames && hosts.failure(of: host) == nil ? "127.0.0.1" : nil
  }

  /// Where a host and a port lead (`createSentinelAddr` in sentinel.c).
  ///
  /// - Parameter acceptsUnresolved: a name that leads nowhere may do so later.
  func place(
    _ host: String, _ port: Int64, acceptsUnresolved: Bool = false, _ hosts: HostNames
  ) throws(InstanceError) -> SentinelAddress {
    guard (0...65_535).contains(port) else { throw .invalidPort }
    guard let ip = resolve(host, hosts) ?? (acceptsUnresolved && resolveHostnames ? "" : nil) else {
      throw .unknownHost
    }
    return SentinelAddress(hostname: host, ip: ip, port: Int(port))
  }

  /// As it is told to others, and written down (`announceSentinelAddr` in sentinel.c).
  func announced(_ place: SentinelAddress) -> String { announceHostnames ? place.hostname : place.ip }

  /// As a replica there is called (`announceSentinelAddrAndPort` in sentinel.c).
  func slaveName(at place: SentinelAddress) -> String {
    let host = announced(place)
    return host.contains(":") ? "[\(host)]:\(place.port)" : "\(host):\(place.port)"
  }

  /// Adds an instance; returns what it is known by from now on (`createSentinelRedisInstance` in sentinel.c).
  ///
  /// - Parameter name: a replica's is made of its address.
  mutating func add(
    _ kind: SentinelInstance.Kind, _ name: String = "", of master: String = "", host: String, port: Int64,
    quorum: Int = 0, _ hosts: HostNames, at now: Int64
  ) throws(InstanceError) -> InstanceID {
    let place = try place(host, port, acceptsUnresolved: true, hosts)
    let name = kind == .slave ? slaveName(at: place) : name
    let id: InstanceID =
      switch kind {
      case .master: .master(name)
      case .slave: .slave(name, of: master)
      case .sentinel: .sentinel(name, of: master)
      }
    guard self[id] == nil else {
      throw kind == .master ? .duplicateMaster : kind == .slave ? .duplicateSlave : .duplicateSentinel
    }
    let downAfter = masters[master]?.instance.downAfter ?? periods.defaultDownAfter
    let instance = SentinelInstance(kind, name, at: place, link: addLink(at: now), downAfter: downAfter, now: now)
    if kind == .master {
      masters[name] = MonitoredMaster(instance, quorum: quorum, failoverTimeout: periods.defaultFailoverTimeout)
    } else {
      self[id] = instance
    }
    return id
  }

  /// Takes on the link that there is already to this Sentinel by way of another master; false if there is none
  /// (`sentinelTryConnectionSharing` in sentinel.c).
  mutating func shareLink(of id: InstanceID) {
    guard let instance = self[id], let runID = instance.runID, links[instance.link]?.owners == 1 else { return }
    for (name, master) in masters where name != id.master {
      guard let other = master.sentinels.values.first(where: { $0.runID == runID }) else { continue }
      links[instance.link] = nil
      self[id]?.link = other.link
      links[other.link]?.owners += 1
      return
    }
  }

  /// Gives all instances of a master what is configured for it (`sentinelPropagateDownAfterPeriod` in sentinel.c).
  mutating func propagateDownAfter(of name: String) {
    guard var master = masters[name] else { return }
    for key in master.slaves.keys { master.slaves[key]?.downAfter = master.instance.downAfter }
    for key in master.sentinels.keys { master.sentinels[key]?.downAfter = master.instance.downAfter }
    masters[name] = master
  }
}

extension Node {
  /// Where a host and a port lead; a host that leads nowhere is a line in the log (`createSentinelAddr` in sentinel.c).
  mutating func sentinelPlace(_ host: String, _ port: Int64, acceptsUnresolved: Bool = false) -> SentinelAddress? {
    let place = try? sentinel.place(host, port, acceptsUnresolved: acceptsUnresolved, hosts)
    if (0...65_535).contains(port), place?.ip.isEmpty != false { logUnresolved(host) }
    return place
  }

  mutating func logUnresolved(_ host: String) { log(.warning, "Failed to resolve hostname '\(host)'") }

  /// Adds an instance; a host that leads nowhere is a line in the log.
  mutating func addInstance(
    _ kind: SentinelInstance.Kind, _ name: String = "", of master: String = "", host: String, port: Int64,
    quorum: Int = 0
  ) throws(InstanceError) -> InstanceID {
    if sentinel.resolve(host, hosts) == nil, (0...65_535).contains(port) { logUnresolved(host) }
    return try sentinel.add(kind, name, of: master, host: host, port: port, quorum: quorum, hosts, at: milliseconds)
  }

  /// Forgets an instance; its connections are closed unless others use them, too (`releaseSentinelRedisInstance`,
  /// `releaseInstanceLink` in sentinel.c).
  mutating func forgetInstance(_ id: InstanceID) {
    guard let instance = sentinel[id] else { return }
    if case .master(let name) = id {
      for other in sentinel.instances(of: name).dropFirst() { forgetInstance(other) }
      sentinel.masters[name] = nil
    } else {
      if case .slave(let name, let master) = id, sentinel.masters[master]?.promotedSlave == name {
        sentinel.masters[master]?.promotedSlave = nil
      }
      sentinel[id] = nil
    }
    guard let link = sentinel.links[instance.link] else { return }
    guard link.owners > 1 else {
      closeConnection(.commands, of: instance.link)
      closeConnection(.pubsub, of: instance.link)
      sentinel.links[instance.link] = nil
      return
    }
    sentinel.links[instance.link]?.owners -= 1
    for index in link.commands?.callbacks.indices ?? 0..<0
    where link.commands?.callbacks[index].instance == id {
      sentinel.links[instance.link]?.commands?.callbacks[index].purpose = .nothing
    }
  }

  /// Forgets what was found out about a master, and a failover with it (`sentinelResetMaster` in sentinel.c).
  mutating func resetMaster(_ name: String, keepsSentinels: Bool = false) {
    for id in sentinel.instances(of: name).dropFirst() where !(keepsSentinels && id.isSentinel) { forgetInstance(id) }
    guard var master = sentinel.masters[name] else { return }
    closeConnection(.commands, of: master.instance.link)
    closeConnection(.pubsub, of: master.instance.link)
    master.instance.flags = []
    master.instance.leader = nil
    (master.failoverState, master.failoverStateChange, master.failoverStart) = (.none, 0, 0)
    master.promotedSlave = nil
    master.instance.runID = nil
    master.instance.replica.masterHost = nil
    (master.instance.roleReported, master.instance.roleReportedTime) = (.master, milliseconds)
    sentinel.masters[name] = master
    if var link = sentinel.links[master.instance.link] {
      (link.actPing, link.lastPing) = (milliseconds, 0)
      (link.lastAvailable, link.lastPong) = (milliseconds, milliseconds)
      sentinel.links[master.instance.link] = link
    }
  }

  /// The master of that name is another one from now on; the old one is taken for a replica, so that it becomes one when it is
  /// back (`sentinelResetMasterAndChangeAddress` in sentinel.c).
  mutating func switchMaster(_ name: String, to host: String, port: Int64) {
    guard let master = sentinel.masters[name], let place = sentinelPlace(host, port) else { return }
    var slaves = master.slaves.values.map(\.place).filter { !$0.isSame(as: place) }
    if !master.instance.place.isSame(as: place) { slaves.append(master.instance.place) }
    resetMaster(name, keepsSentinels: true)
    sentinel.masters[name]?.instance.place = place
    sentinel.masters[name]?.instance.oDownSince = 0
    sentinel.masters[name]?.instance.sDownSince = 0
    for slave in slaves {
      if let id = try? addInstance(.slave, of: name, host: slave.hostname, port: Int64(slave.port)) {
        sentinelEvent(.notice, "+slave", of: id)
      }
    }
    flushSentinelConfig()
  }

  /// Removes the Sentinels of that id from a master; true if there was one (`removeMatchingSentinelFromMaster` in
  /// sentinel.c).
  mutating func forgetSentinels(_ runID: String, of master: String) -> Bool {
    let matching = sentinel.masters[master]?.sentinels.filter { $0.value.runID == runID }.map(\.key) ?? []
    for name in matching { forgetInstance(.sentinel(name, of: master)) }
    return !matching.isEmpty
  }
}
