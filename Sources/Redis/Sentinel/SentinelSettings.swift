import RESP

// What a Sentinel lets be set while it runs: SENTINEL SET, CONFIG and DEBUG.

extension Node {
  /// SENTINEL SET (`sentinelSetCommand` in sentinel.c).
  mutating func sentinelSet(_ call: inout Call) {
    let name = call.arguments[2].text
    guard sentinel.masters[name] != nil else { return call.reply.error("ERR No such master with that name") }
    var position = 3
    var hasChanged = false
    while position < call.arguments.count {
      guard let taken = setOption(of: name, at: position, &call) else {
        if hasChanged { flushSentinelConfig() }
        return
      }
      hasChanged = true
      let option = call.arguments[position].printed
      var values = call.arguments[(position + 1)..<(position + taken)].map(\.printed)
      if option.asciiLowercased() == "auth-pass" { values[0] = "******" }
      sentinelEvent(.warning, "+set", of: .master(name), ([option] + values).joined(separator: " "))
      position += taken
    }
    if hasChanged { flushSentinelConfig(&call) }
  }

  /// One option; how many words it took, or nil, after the client was told why not.
  private mutating func setOption(of name: String, at position: Int, _ call: inout Call) -> Int? {
    let option = call.arguments[position].printed
    let values = call.arguments.dropFirst(position + 1).map(\.printed)
    func number(least: Int64) -> Int64? {
      guard let value = Integer.parse(call.arguments[position + 1]), value >= least else {
        call.reply.error("ERR Invalid argument '\(values[0])' for SENTINEL SET '\(option)'")
        return nil
      }
      return value
    }
    func unknown() -> Int? {
      call.reply.error("ERR Unknown option or number of arguments for SENTINEL SET '\(option)'")
      return nil
    }
    guard !values.isEmpty else { return unknown() }
    switch option.asciiLowercased() {
    case "down-after-milliseconds":
      guard let value = number(least: 1) else { return nil }
      sentinel.masters[name]?.instance.downAfter = value
      sentinel.propagateDownAfter(of: name)
    case "failover-timeout":
      guard let value = number(least: 1) else { return nil }
      sentinel.masters[name]?.failoverTimeout = value
    case "parallel-syncs":
      guard let value = number(least: 1) else { return nil }
      sentinel.masters[name]?.parallelSyncs = Int64(Int32(truncatingIfNeeded: value))
    case "quorum":
      guard let value = number(least: 1) else { return nil }
      sentinel.masters[name]?.quorum = Int(UInt32(truncatingIfNeeded: value))
    case "master-reboot-down-after-period":
      guard let value = number(least: 0) else { return nil }
      sentinel.masters[name]?.rebootDownAfter = value
    case "notification-script", "client-reconfig-script":
      return setScript(option.asciiLowercased(), of: name, values[0], &call)
    case "auth-pass":
      sentinel.masters[name]?.authPassword = values[0].isEmpty ? nil : values[0]
      dropConnections(of: name)
    case "auth-user":
      sentinel.masters[name]?.authUser = values[0].isEmpty ? nil : values[0]
      dropConnections(of: name)
    case "rename-command":
      guard values.count > 1 else { return unknown() }
      return renameCommand(of: name, values[0], values[1], &call)
    default: return unknown()
    }
    return 2
  }

  /// No file of the lab can be run, so none can be set; by default that is refused before it is looked at.
  private mutating func setScript(_ option: String, of name: String, _ path: String, _ call: inout Call) -> Int? {
    if sentinel.denyScriptsReconfig {
      call.reply.error(
        "ERR Reconfiguration of scripts path is denied for security reasons. Check the deny-scripts-reconfig "
          + "configuration directive in your Sentinel configuration")
      return nil
    }
    guard path.isEmpty else {
      let kind = option == "notification-script" ? "Notification" : "Client reconfiguration"
      call.reply.error("ERR \(kind) script seems non existing or non executable")
      return nil
    }
    return 2
  }

  private mutating func renameCommand(of name: String, _ old: String, _ new: String, _ call: inout Call) -> Int? {
    guard !old.isEmpty, !new.isEmpty else {
      call.reply.error("ERR Invalid argument '' for SENTINEL SET 'rename-command'")
      return nil
    }
    for key in sentinel.masters[name]?.renamedCommands.keys.filter({ $0.asciiLowercased() == old.asciiLowercased() })
      ?? []
    {
      sentinel.masters[name]?.renamedCommands[key] = nil
    }
    if old.asciiLowercased() != new.asciiLowercased() { sentinel.masters[name]?.renamedCommands[old] = new }
    return 3
  }

  // MARK: SENTINEL CONFIG

  /// SENTINEL CONFIG GET and SET (`sentinelConfigGetCommand`, `sentinelConfigSetCommand` in sentinel.c).
  mutating func sentinelConfig(_ call: inout Call) {
    if call.arguments[2].matches("SET"), call.arguments.count == 5 { return sentinelConfigSet(&call) }
    guard call.arguments[2].matches("GET"), call.arguments.count == 4 else {
      return call.reply.error("ERR Only SENTINEL CONFIG GET <option> / SET <option> <value> are supported.")
    }
    let pattern = call.arguments[3].printed
    let matches = [
      ("resolve-hostnames", sentinel.resolveHostnames ? "yes" : "no"),
      ("announce-hostnames", sentinel.announceHostnames ? "yes" : "no"), ("announce-ip", sentinel.announceIP ?? ""),
      ("announce-port", "\(sentinel.announcePort)"), ("sentinel-user", sentinel.authUser ?? ""),
      ("sentinel-pass", sentinel.authPassword ?? ""),
    ].filter { Glob.matches(pattern, $0.0, ignoringCase: true) }
    call.reply.map(matches.count)
    for (name, value) in matches {
      call.reply.bulk(name)
      call.reply.bulk(value)
    }
  }

  private mutating func sentinelConfigSet(_ call: inout Call) {
    let (option, value) = (call.arguments[3].printed, call.arguments[4].printed)
    let isYes = ["yes": true, "no": false][value.asciiLowercased()]
    var isSecret = false
    var isValid = true
    switch option.asciiLowercased() {
    case "resolve-hostnames":
      isValid = isYes != nil
      sentinel.resolveHostnames = isYes ?? sentinel.resolveHostnames
    case "announce-hostnames":
      isValid = isYes != nil
      sentinel.announceHostnames = isYes ?? sentinel.announceHostnames
    case "announce-ip": sentinel.announceIP = value
    case "announce-port":
      let port = Integer.parse(call.arguments[4]).flatMap { (0...65_535).contains($0) ? Int($0) : nil }
      isValid = port != nil
      sentinel.announcePort = port ?? sentinel.announcePort
    case "sentinel-user":
      sentinel.authUser = value.isEmpty ? nil : value
      isSecret = true
    case "sentinel-pass":
      sentinel.authPassword = value.isEmpty ? nil : value
      isSecret = true
    default: return call.reply.error("ERR Invalid argument '\(option)' to SENTINEL CONFIG SET")
    }
    guard isValid else {
      return call.reply.error("ERR Invalid value '\(value)' to SENTINEL CONFIG SET '\(option)'")
    }
    flushSentinelConfig(&call)
    if isSecret { dropSentinelConnections() }
  }

  // MARK: SENTINEL DEBUG

  /// SENTINEL DEBUG (`sentinelSetDebugConfigParameters`, `addReplySentinelDebugInfo` in sentinel.c).
  mutating func sentinelDebug(_ call: inout Call) {
    guard call.arguments.count > 2 else {
      call.reply.map(SentinelPeriods.names.count)
      for (name, path) in SentinelPeriods.names {
        call.reply.bulk(name)
        call.reply.bulk("\(sentinel.periods[keyPath: path])")
      }
      return
    }
    var position = 2
    while position < call.arguments.count {
      let option = call.arguments[position].printed
      guard let path = SentinelPeriods.names.first(where: { $0.name.asciiLowercased() == option.asciiLowercased() })?.1,
        position + 1 < call.arguments.count
      else {
        return call.reply.error("ERR Unknown option or number of arguments for SENTINEL DEBUG '\(option)'")
      }
      guard let value = Integer.parse(call.arguments[position + 1]), value > 0 else {
        return call.reply.error(
          "ERR Invalid argument '\(call.arguments[position + 1].printed)' for SENTINEL DEBUG '\(option)'")
      }
      sentinel.periods[keyPath: path] = value
      position += 2
    }
    call.reply.ok()
  }

  // MARK: An instance in a reply

  /// So many instances; replicas that do not want to be told of are left out (`addReplyDictOfRedisInstances` in
  /// sentinel.c).
  func replyInstances(_ call: inout Call, _ ids: [InstanceID]) {
    let shown = ids.filter { !$0.isSlave || sentinel[$0]?.replica.announced != 0 }
    call.reply.array(shown.count)
    for id in shown { reply(id, &call.reply) }
  }

  /// All that is known of an instance (`addReplySentinelRedisInstance` in sentinel.c).
  func reply(_ id: InstanceID, _ reply: inout ReplyBuffer) {
    guard let instance = sentinel[id], let link = sentinel.links[instance.link] else { return }
    var fields = commonFields(id, instance, link)
    if !id.isSentinel {
      fields += [
        ("info-refresh", instance.infoRefresh == 0 ? "0" : age(instance.infoRefresh)),
        ("role-reported", instance.roleReported == .master ? "master" : "slave"),
        ("role-reported-time", age(instance.roleReportedTime)),
      ]
    }
    if id.isMaster { fields += masterFields(id.master) }
    if id.isSlave { fields += slaveFields(instance.replica) }
    if id.isSentinel {
      fields += [
        ("last-hello-message", age(instance.lastHello)), ("voted-leader", instance.leader ?? "?"),
        ("voted-leader-epoch", "\(Int64(bitPattern: instance.leaderEpoch))"),
      ]
    }
    reply.map(fields.count)
    for (name, value) in fields {
      reply.bulk(name)
      reply.bulk(value)
    }
  }

  private func age(_ time: Int64) -> String { "\(milliseconds -| time)" }

  private func commonFields(
    _ id: InstanceID, _ instance: SentinelInstance, _ link: InstanceLink
  ) -> [(String, String)] {
    var fields = [
      ("name", instance.name), ("ip", sentinel.announced(instance.place)), ("port", "\(instance.place.port)"),
      ("runid", instance.runID ?? ""),
      ("flags", instance.words(isDisconnected: link.isDisconnected).joined(separator: ",")),
      ("link-pending-commands", "\(link.pendingCommands)"), ("link-refcount", "\(link.owners)"),
    ]
    if instance.flags.contains(.failoverInProgress) {
      fields.append(("failover-state", sentinel.masters[id.master]?.failoverState.word ?? "none"))
    }
    fields += [
      ("last-ping-sent", link.actPing == 0 ? "0" : age(link.actPing)),
      ("last-ok-ping-reply", age(link.lastAvailable)), ("last-ping-reply", age(link.lastPong)),
    ]
    if instance.flags.contains(.sDown) { fields.append(("s-down-time", age(instance.sDownSince))) }
    if instance.flags.contains(.oDown) { fields.append(("o-down-time", age(instance.oDownSince))) }
    fields.append(("down-after-milliseconds", "\(instance.downAfter)"))
    return fields
  }

  private func masterFields(_ name: String) -> [(String, String)] {
    guard let master = sentinel.masters[name] else { return [] }
    return [
      ("config-epoch", "\(Int64(bitPattern: master.configEpoch))"), ("num-slaves", "\(master.slaves.count)"),
      ("num-other-sentinels", "\(master.sentinels.count)"), ("quorum", "\(master.quorum)"),
      ("failover-timeout", "\(master.failoverTimeout)"), ("parallel-syncs", "\(master.parallelSyncs)"),
    ]
  }

  private func slaveFields(_ replica: ReportedReplica) -> [(String, String)] {
    [
      ("master-link-down-time", "\(replica.masterLinkDownTime)"),
      ("master-link-status", replica.isMasterLinkUp ? "ok" : "err"), ("master-host", replica.masterHost ?? "?"),
      ("master-port", "\(replica.masterPort)"), ("slave-priority", "\(replica.priority)"),
      ("slave-repl-offset", "\(replica.offset)"), ("replica-announced", "\(replica.announced)"),
    ]
  }
}

extension SentinelInstance {
  /// Its flags, as SENTINEL MASTER says them.
  package func words(isDisconnected: Bool) -> [String] {
    var words: [String] = []
    func add(_ word: String, _ holds: Bool) { if holds { words.append(word) } }
    add("s_down", flags.contains(.sDown))
    add("o_down", flags.contains(.oDown))
    add(kind.rawValue, true)
    add("disconnected", isDisconnected)
    add("master_down", flags.contains(.masterDown))
    add("failover_in_progress", flags.contains(.failoverInProgress))
    add("promoted", flags.contains(.promoted))
    add("reconf_sent", flags.contains(.reconfSent))
    add("reconf_inprog", flags.contains(.reconfInProgress))
    add("reconf_done", flags.contains(.reconfDone))
    add("force_failover", flags.contains(.forceFailover))
    add("script_kill_sent", flags.contains(.scriptKillSent))
    return words
  }
}
