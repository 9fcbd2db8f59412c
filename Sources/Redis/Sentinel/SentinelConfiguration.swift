import RESP

// A Sentinel's lines of its file: what a person configures, and what it keeps there of what it has found out.

/// A line `sentinel …` of a file.
struct SentinelDirective: Equatable, Sendable {
  /// From 1.
  var line: Int
  var text: String
  /// Without the first word.
  var arguments: [String]
}

extension Sentinel {
  /// Those that are needed before masters are (`preMonitorCfgName` in sentinel.c).
  private static let global: Set<String> = [
    "announce-ip", "announce-port", "deny-scripts-reconfig", "sentinel-user", "sentinel-pass", "current-epoch", "myid",
    "resolve-hostnames", "announce-hostnames",
  ]

  /// Reads a file's lines: what is for all, then the masters, then what is about them, wherever these stand
  /// (`queueSentinelConfig`, `loadSentinelConfigFromQueue` in sentinel.c).
  init(_ directives: [SentinelDirective], _ hosts: HostNames = HostNames(), at now: Int64 = 0)
    throws(ConfigurationError)
  {
    func rank(_ directive: SentinelDirective) -> Int {
      let name = directive.arguments[0].asciiLowercased()
      return Self.global.contains(name) ? 0 : name == "monitor" ? 1 : 2
    }
    for wanted in 0...2 {
      for directive in directives where rank(directive) == wanted {
        if let reason = apply(directive.arguments, hosts, at: now) {
          throw ConfigurationError(line: directive.line, text: directive.text, reason: reason)
        }
      }
    }
  }

  /// One line; returns Redis's complaint (`sentinelHandleConfiguration` in sentinel.c).
  private mutating func apply(_ words: [String], _ hosts: HostNames, at now: Int64) -> String? {
    let (name, arguments) = (words[0].asciiLowercased(), Array(words.dropFirst()))
    switch (name, arguments.count) {
    case ("monitor", 4): return monitor(arguments, hosts, at: now)
    case ("current-epoch", 1): currentEpoch = max(currentEpoch, UInt64(leading: arguments[0]))
    case ("myid", 1):
      guard arguments[0].bytes.count == 40 else { return "Malformed Sentinel id in myid option." }
      id = arguments[0]
    case ("announce-ip", 1): announceIP = arguments[0].isEmpty ? announceIP : arguments[0]
    case ("announce-port", 1): announcePort = Int(Int32(leading: arguments[0]))
    case ("sentinel-user", 1): authUser = arguments[0].isEmpty ? authUser : arguments[0]
    case ("sentinel-pass", 1): authPassword = arguments[0].isEmpty ? authPassword : arguments[0]
    case ("deny-scripts-reconfig", 1): return setYesNo(\.denyScriptsReconfig, arguments[0], name, "options")
    case ("resolve-hostnames", 1): return setYesNo(\.resolveHostnames, arguments[0], name, "option")
    case ("announce-hostnames", 1): return setYesNo(\.announceHostnames, arguments[0], name, "option")
    default: return applyToMaster(name, arguments, hosts, at: now)
    }
    return nil
  }

  private mutating func setYesNo(
    _ path: WritableKeyPath<Sentinel, Bool>, _ value: String, _ name: String, _ word: String
  ) -> String? {
    guard ["yes", "no"].contains(value.asciiLowercased()) else {
      return "Please specify yes or no for the \(name) \(word)."
    }
    self[keyPath: path] = value.asciiLowercased() == "yes"
    return nil
  }

  private mutating func monitor(_ arguments: [String], _ hosts: HostNames, at now: Int64) -> String? {
    let quorum = Int32(leading: arguments[3])
    guard quorum > 0 else { return "Quorum must be 1 or greater." }
    return added {
      (sentinel) throws(InstanceError) in
      try sentinel.add(
        .master, arguments[0], host: arguments[1], port: Int64(Int32(leading: arguments[2])), quorum: Int(quorum),
        hosts, at: now)
    }
  }

  private mutating func added(_ add: (inout Sentinel) throws(InstanceError) -> InstanceID) -> String? {
    do throws(InstanceError) {
      _ = try add(&self)
      return nil
    } catch {
      return error.words
    }
  }

  /// A line about a master, whose name comes first (`sentinelHandleConfiguration` in sentinel.c).
  private mutating func applyToMaster(
    _ name: String, _ arguments: [String], _ hosts: HostNames, at now: Int64
  ) -> String? {
    let counts = [
      "known-slave": [3], "known-replica": [3], "known-sentinel": [3, 4], "rename-command": [3],
    ]
    let known = [
      "down-after-milliseconds", "failover-timeout", "parallel-syncs", "notification-script", "client-reconfig-script",
      "auth-pass", "auth-user", "config-epoch", "leader-epoch", "master-reboot-down-after-period",
    ]
    guard counts[name]?.contains(arguments.count) ?? (known.contains(name) && arguments.count == 2) else {
      return "Unrecognized sentinel configuration statement."
    }
    // The old form, without an id, is passed over.
    if name == "known-sentinel", arguments.count == 3 { return nil }
    guard masters[arguments[0]] != nil else { return "No such master with specified name." }
    return set(name, of: arguments[0], Array(arguments.dropFirst()), hosts, at: now)
  }

  private mutating func set(
    _ name: String, of master: String, _ values: [String], _ hosts: HostNames, at now: Int64
  ) -> String? {
    let number = Int64(Int32(leading: values[0]))
    switch name {
    case "down-after-milliseconds":
      guard number > 0 else { return "negative or zero time parameter." }
      masters[master]?.instance.downAfter = number
      propagateDownAfter(of: master)
    case "failover-timeout":
      guard number > 0 else { return "negative or zero time parameter." }
      masters[master]?.failoverTimeout = number
    case "master-reboot-down-after-period":
      guard number >= 0 else { return "negative time parameter." }
      masters[master]?.rebootDownAfter = number
    case "parallel-syncs": masters[master]?.parallelSyncs = number
    case "notification-script": return "Notification script seems non existing or non executable."
    case "client-reconfig-script": return "Client reconfiguration script seems non existing or non executable."
    case "auth-pass": masters[master]?.authPassword = values[0]
    case "auth-user": masters[master]?.authUser = values[0]
    case "config-epoch":
      masters[master]?.configEpoch = UInt64(leading: values[0])
      currentEpoch = max(currentEpoch, UInt64(leading: values[0]))
    case "leader-epoch": masters[master]?.instance.leaderEpoch = UInt64(leading: values[0])
    case "rename-command":
      if masters[master]?.renamedCommands[values[0]] != nil {
        return "Same command renamed multiple times with rename-command."
      }
      masters[master]?.renamedCommands[values[0]] = values[1]
    case "known-sentinel": return addKnownSentinel(values, of: master, hosts, at: now)
    default: return addKnownReplica(values, of: master, hosts, at: now)
    }
    return nil
  }

  private mutating func addKnownReplica(
    _ values: [String], of master: String, _ hosts: HostNames, at now: Int64
  ) -> String? {
    added { (sentinel) throws(InstanceError) in
      try sentinel.add(
        .slave, of: master, host: values[0], port: Int64(Int32(leading: values[1])), hosts, at: now)
    }
  }

  private mutating func addKnownSentinel(
    _ values: [String], of master: String, _ hosts: HostNames, at now: Int64
  ) -> String? {
    added { (sentinel) throws(InstanceError) in
      let id = try sentinel.add(
        .sentinel, values[2], of: master, host: values[0], port: Int64(Int32(leading: values[1])), hosts, at: now)
      sentinel[id]?.runID = values[2]
      sentinel.shareLink(of: id)
      return id
    }
  }
}

// MARK: - Writing it

extension Node {
  /// Writes what is known into the file, so that a Sentinel that is started again knows it; the log says how that went
  /// (`sentinelFlushConfig` in sentinel.c).
  @discardableResult
  mutating func flushSentinelConfig() -> Bool {
    if let reason = rewriteConfigFile() {
      log(.warning, "WARNING: Sentinel was not able to save the new configuration on disk!!!: \(reason)")
      return false
    }
    if let name = configFile?.name { emit(.file(.sync(name: name))) }
    log(.notice, "Sentinel new configuration saved on disk")
    return true
  }
}

extension Sentinel {
  /// Its lines of a file that is being rewritten (`rewriteConfigSentinelOption` in sentinel.c).
  func rewrite(in file: inout ConfigurationRewrite) {
    func write(_ name: String, _ value: String, isForced: Bool = true) {
      file.write("sentinel \(name) \(value)".bytes, of: "sentinel \(name)", isForced: isForced)
    }
    func yesNo(_ value: Bool) -> String { value ? "yes" : "no" }
    write("myid", id)
    write("deny-scripts-reconfig", yesNo(denyScriptsReconfig), isForced: !denyScriptsReconfig)
    write("resolve-hostnames", yesNo(resolveHostnames), isForced: resolveHostnames)
    write("announce-hostnames", yesNo(announceHostnames), isForced: announceHostnames)
    for (name, master) in masters {
      for (option, value) in lines(of: name, master) { write(option, value) }
    }
    write("current-epoch", "\(currentEpoch)")
    for (option, value) in [
      ("announce-ip", announceIP.map { InlineCommand.quoted($0) }),
      ("announce-port", announcePort == 0 ? nil : "\(announcePort)"), ("sentinel-user", authUser),
      ("sentinel-pass", authPassword),
    ] {
      if let value { write(option, value) } else { file.forget("sentinel \(option)") }
    }
    for option in Self.rewritten { file.forget("sentinel \(option)") }
  }

  /// What the file said of these and is no longer so goes.
  private static let rewritten = [
    "monitor", "down-after-milliseconds", "failover-timeout", "parallel-syncs", "notification-script",
    "client-reconfig-script", "auth-pass", "auth-user", "config-epoch", "leader-epoch", "known-replica",
    "known-sentinel", "rename-command", "master-reboot-down-after-period",
  ]

  /// What is written of a master (`rewriteConfigSentinelOption` in sentinel.c).
  private func lines(of name: String, _ master: MonitoredMaster) -> [(option: String, value: String)] {
    let current = master.currentPlace
    var lines = [("monitor", "\(name) \(announced(current)) \(current.port) \(master.signedQuorum)")]
    func add(_ option: String, _ value: String?) { if let value { lines.append((option, "\(name) \(value)")) } }
    func unless(_ value: Int64, is standard: Int64) -> String? { value == standard ? nil : "\(value)" }
    add("down-after-milliseconds", unless(master.instance.downAfter, is: periods.defaultDownAfter))
    add("failover-timeout", unless(master.failoverTimeout, is: periods.defaultFailoverTimeout))
    add("parallel-syncs", unless(master.parallelSyncs, is: 1))
    add("auth-pass", master.authPassword)
    add("auth-user", master.authUser)
    add("master-reboot-down-after-period", unless(master.rebootDownAfter, is: 0))
    add("config-epoch", "\(master.configEpoch)")
    add("leader-epoch", "\(master.instance.leaderEpoch)")
    for slave in master.slaves.values {
      // The promoted one is the master already; the old master is written in its place.
      let place = slave.place.isSame(as: current) ? master.instance.place : slave.place
      add("known-replica", "\(announced(place)) \(place.port)")
    }
    for other in master.sentinels.values {
      if let id = other.runID { add("known-sentinel", "\(announced(other.place)) \(other.place.port) \(id)") }
    }
    for (old, new) in master.renamedCommands { add("rename-command", "\(old) \(new)") }
    return lines
  }
}
