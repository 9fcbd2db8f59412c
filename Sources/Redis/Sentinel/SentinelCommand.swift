import OrderedCollections
import RESP

// SENTINEL (sentinel.c in Redis 7.0), which only a process in Sentinel mode has.

extension CommandTable {
  static let sentinel: [String: Command.Body] = [
    "sentinel|ckquorum": { $0.sentinelCkquorum(&$1) },
    "sentinel|config": { $0.sentinelConfig(&$1) },
    "sentinel|debug": { $0.sentinelDebug(&$1) },
    "sentinel|failover": { $0.sentinelFailover(&$1) },
    "sentinel|flushconfig": { $0.flushSentinelConfig(&$1) },
    "sentinel|get-master-addr-by-name": { $0.sentinelMasterAddress(&$1) },
    "sentinel|help": { $0.sentinelHelp(&$1) },
    "sentinel|info-cache": { $0.sentinelInfoCache(&$1) },
    "sentinel|is-master-down-by-addr": { $0.sentinelIsMasterDown(&$1) },
    "sentinel|master": { $0.sentinelMaster(&$1) },
    "sentinel|masters": { $0.replyInstances(&$1, $0.sentinel.masters.keys.map { .master($0) }) },
    "sentinel|monitor": { $0.sentinelMonitor(&$1) },
    "sentinel|myid": { $1.reply.bulk($0.sentinel.id) },
    "sentinel|pending-scripts": { $1.reply.array(0) },
    "sentinel|remove": { $0.sentinelRemove(&$1) },
    "sentinel|replicas": { $0.sentinelReplicas(&$1) },
    "sentinel|reset": { $0.sentinelReset(&$1) },
    "sentinel|sentinels": { $0.sentinelSentinels(&$1) },
    "sentinel|set": { $0.sentinelSet(&$1) },
    "sentinel|simulate-failure": { $0.sentinelSimulateFailure(&$1) },
    "sentinel|slaves": { $0.sentinelReplicas(&$1) },
  ]
}

extension Node {
  /// The master of that name, or the client is told that there is none (`sentinelGetMasterByNameOrReplyError` in
  /// sentinel.c).
  private func namedMaster(_ call: inout Call) -> String? {
    let name = call.arguments[2].text
    if sentinel.masters[name] != nil { return name }
    call.reply.error("ERR No such master with that name")
    return nil
  }

  fileprivate mutating func sentinelMaster(_ call: inout Call) {
    guard let name = namedMaster(&call) else { return }
    reply(.master(name), &call.reply)
  }

  fileprivate mutating func sentinelReplicas(_ call: inout Call) {
    guard let name = namedMaster(&call) else { return }
    replyInstances(&call, sentinel.instances(of: name).filter(\.isSlave))
  }

  fileprivate mutating func sentinelSentinels(_ call: inout Call) {
    guard let name = namedMaster(&call) else { return }
    replyInstances(&call, sentinel.instances(of: name).filter(\.isSentinel))
  }

  /// Where the master is; nothing if nobody has heard of it (`sentinelCommand` in sentinel.c).
  fileprivate mutating func sentinelMasterAddress(_ call: inout Call) {
    guard let place = sentinel.masters[call.arguments[2].printed]?.currentPlace else { return call.reply.nullArray() }
    call.reply.array(2)
    call.reply.bulk(sentinel.announced(place))
    call.reply.bulk("\(place.port)")
  }

  /// Another Sentinel asks whether the master is down, and perhaps for a vote (`sentinelCommand` in sentinel.c).
  fileprivate mutating func sentinelIsMasterDown(_ call: inout Call) {
    guard let port = call.integer(at: 3), let epoch = call.integer(at: 4) else { return }
    let place = sentinelPlace(
      call.arguments[2].printed, Int64(Int32(truncatingIfNeeded: port)), acceptsUnresolved: true)
    let name = place.flatMap { sentinel.master(at: $0) }
    let isDown =
      sentinel.tiltSince == nil && name.flatMap { sentinel.masters[$0] }?.instance.flags.contains(.sDown) == true
    var vote: (leader: String?, epoch: UInt64) = (nil, 0)
    if let name, !call.arguments[5].matches("*") {
      vote = self.vote(name, for: call.arguments[5].printed, epoch: UInt64(bitPattern: epoch))
    }
    call.reply.array(3)
    call.reply.integer(isDown ? 1 : 0)
    call.reply.bulk(vote.leader ?? "*")
    call.reply.integer(Int64(bitPattern: vote.epoch))
  }

  fileprivate mutating func sentinelReset(_ call: inout Call) {
    let pattern = call.arguments[2].printed
    let names = sentinel.masters.keys.filter { Glob.matches(pattern, $0) }
    for name in names {
      resetMaster(name)
      sentinelEvent(.warning, "+reset-master", of: .master(name))
    }
    call.reply.integer(names.count)
  }

  fileprivate mutating func sentinelFailover(_ call: inout Call) {
    guard let name = namedMaster(&call) else { return }
    guard sentinel.masters[name]?.instance.flags.contains(.failoverInProgress) == false else {
      return call.reply.error("INPROG Failover already in progress")
    }
    guard Decision.Candidate.best(promotionCandidates(name)) != nil else {
      return call.reply.error("NOGOODSLAVE No suitable replica to promote")
    }
    log(.warning, "Executing user requested FAILOVER of '\(name)'")
    startFailover(name)
    sentinel.masters[name]?.instance.flags.insert(.forceFailover)
    call.reply.ok()
  }

  fileprivate mutating func sentinelMonitor(_ call: inout Call) {
    guard let quorum = call.integer(at: 5, complaint: "ERR Invalid quorum"),
      let port = call.integer(at: 4, complaint: "ERR Invalid port")
    else { return }
    guard quorum > 0 else { return call.reply.error("ERR Quorum must be 1 or greater.") }
    let (name, host) = (call.arguments[2].printed, call.arguments[3].printed)
    guard sentinel.resolve(host, hosts) != nil else {
      return call.reply.error("ERR Invalid IP address or hostname specified")
    }
    do throws(InstanceError) {
      // An int takes them.
      let id = try addInstance(
        .master, name, host: host, port: Int64(Int32(truncatingIfNeeded: port)),
        quorum: Int(UInt32(truncatingIfNeeded: quorum)))
      flushSentinelConfig(&call)
      sentinelEvent(.warning, "+monitor", of: id, "quorum \(Int32(truncatingIfNeeded: quorum))")
    } catch {
      call.reply.error("ERR \(error.words)")
    }
  }

  fileprivate mutating func sentinelRemove(_ call: inout Call) {
    guard let name = namedMaster(&call) else { return }
    sentinelEvent(.warning, "-monitor", of: .master(name))
    forgetInstance(.master(name))
    flushSentinelConfig(&call)
  }

  /// (`sentinelFlushConfigAndReply` in sentinel.c).
  mutating func flushSentinelConfig(_ call: inout Call) {
    if flushSentinelConfig() {
      call.reply.ok()
    } else {
      call.reply.error("ERR Failed to save config file. Check server logs.")
    }
  }

  /// Whether enough Sentinels are there (`sentinelIsQuorumReachable` in sentinel.c).
  fileprivate mutating func sentinelCkquorum(_ call: inout Call) {
    guard let name = namedMaster(&call), let master = sentinel.masters[name] else { return }
    let usable = 1 + master.sentinels.values.count { $0.flags.isDisjoint(with: [.sDown, .oDown]) }
    var flaws: [String] = []
    if usable < Int(master.signedQuorum) {
      flaws.append("Not enough available Sentinels to reach the specified quorum for this master")
    }
    if usable < (master.sentinels.count + 1) / 2 + 1 {
      flaws.append("Not enough available Sentinels to reach the majority and authorize a failover")
    }
    guard flaws.isEmpty else {
      return call.reply.error("NOQUORUM \(usable) usable Sentinels. \(flaws.joined(separator: ". "))")
    }
    call.reply.simple("OK \(usable) usable Sentinels. Quorum and failover authorization can be reached")
  }

  /// The last INFO of masters and their replicas, and how old it is (`sentinelCommand` in sentinel.c).
  fileprivate mutating func sentinelInfoCache(_ call: inout Call) {
    var names: OrderedSet<String> = []
    for name in call.arguments.dropFirst(2).map(\.text) where sentinel.masters[name] != nil { names.append(name) }
    call.reply.array(names.count * 2)
    for name in names {
      call.reply.bulk(name)
      let instances = sentinel.instances(of: name).filter { !$0.isSentinel }
      call.reply.array(instances.count)
      for instance in instances.compactMap({ sentinel[$0] }) {
        call.reply.array(2)
        let isKnown = sentinel.masters[name]?.instance.infoRefresh != 0
        call.reply.integer(isKnown ? milliseconds -| instance.infoRefresh : 0)
        if let info = instance.info { call.reply.bulk(info) } else { call.reply.null() }
      }
    }
  }

  fileprivate mutating func sentinelSimulateFailure(_ call: inout Call) {
    sentinel.simulatedFailures = []
    let words = "Failure simulation: this Sentinel will crash after"
    for word in call.arguments.dropFirst(2).map(\.word) {
      switch word {
      case "crash-after-election":
        sentinel.simulatedFailures.insert(.afterElection)
        log(.warning, "\(words) being successfully elected as failover leader")
      case "crash-after-promotion":
        sentinel.simulatedFailures.insert(.afterPromotion)
        log(.warning, "\(words) promoting the selected replica to master")
      case "help":
        call.reply.array(2)
        call.reply.bulk("crash-after-election")
        call.reply.bulk("crash-after-promotion")
        return
      default: return call.reply.error("ERR Unknown failure simulation specified")
      }
    }
    call.reply.ok()
  }

  // MARK: As other commands

  /// PUBLISH, as a Sentinel has it: only hellos of other Sentinels (`sentinelPublishCommand` in sentinel.c).
  mutating func publishToSentinel(_ call: inout Call) {
    guard call.arguments[1].upToNUL == Self.helloChannel else {
      return call.reply.error("ERR Only HELLO messages are accepted by Sentinel instances.")
    }
    processHello(call.arguments[2].text)
    call.reply.integer(1)
  }

  /// ROLE (`sentinelRoleCommand` in sentinel.c).
  func sentinelRole(_ reply: inout ReplyBuffer) {
    reply.array(2)
    reply.bulk("sentinel")
    reply.array(sentinel.masters.count)
    for name in sentinel.masters.keys { reply.bulk(name) }
  }

  /// INFO's own section (`sentinelInfoCommand` in sentinel.c).
  var sentinelInfo: [(String, String)] {
    var lines = [
      ("sentinel_masters", "\(sentinel.masters.count)"), ("sentinel_tilt", sentinel.tiltSince == nil ? "0" : "1"),
      ("sentinel_tilt_since_seconds", sentinel.tiltSince.map { "\((milliseconds -| $0) / 1_000)" } ?? "-1"),
      ("sentinel_running_scripts", "0"), ("sentinel_scripts_queue_length", "0"),
      ("sentinel_simulate_failure_flags", "\(sentinel.simulatedFailures.rawValue)"),
    ]
    for (index, master) in sentinel.masters.values.enumerated() {
      let flags = master.instance.flags
      let status = flags.contains(.oDown) ? "odown" : flags.contains(.sDown) ? "sdown" : "ok"
      let place = master.instance.place
      lines.append(
        (
          "master\(index)",
          "name=\(master.instance.name),status=\(status),address=\(sentinel.announced(place)):\(place.port),"
            + "slaves=\(master.slaves.count),sentinels=\(master.sentinels.count + 1)"
        ))
    }
    return lines
  }

  fileprivate func sentinelHelp(_ call: inout Call) {
    call.help([
      "CKQUORUM <master-name>",
      "    Check if the current Sentinel configuration is able to reach the quorum",
      "    needed to failover a master and the majority needed to authorize the",
      "    failover.",
      "CONFIG SET <param> <value>",
      "    Set a global Sentinel configuration parameter.",
      "CONFIG GET <param>",
      "    Get global Sentinel configuration parameter.",
      "DEBUG [<param> <value> ...]",
      "    Show a list of configurable time parameters and their values (milliseconds).",
      "    Or update current configurable parameters values (one or more).",
      "GET-MASTER-ADDR-BY-NAME <master-name>",
      "    Return the ip and port number of the master with that name.",
      "FAILOVER <master-name>",
      "    Manually failover a master node without asking for agreement from other",
      "    Sentinels",
      "FLUSHCONFIG",
      "    Force Sentinel to rewrite its configuration on disk, including the current",
      "    Sentinel state.",
      "INFO-CACHE <master-name>",
      "    Return last cached INFO output from masters and all its replicas.",
      "IS-MASTER-DOWN-BY-ADDR <ip> <port> <current-epoch> <runid>",
      "    Check if the master specified by ip:port is down from current Sentinel's",
      "    point of view.",
      "MASTER <master-name>",
      "    Show the state and info of the specified master.",
      "MASTERS",
      "    Show a list of monitored masters and their state.",
      "MONITOR <name> <ip> <port> <quorum>",
      "    Start monitoring a new master with the specified name, ip, port and quorum.",
      "MYID",
      "    Return the ID of the Sentinel instance.",
      "PENDING-SCRIPTS",
      "    Get pending scripts information.",
      "REMOVE <master-name>",
      "    Remove master from Sentinel's monitor list.",
      "REPLICAS <master-name>",
      "    Show a list of replicas for this master and their state.",
      "RESET <pattern>",
      "    Reset masters for specific master name matching this pattern.",
      "SENTINELS <master-name>",
      "    Show a list of Sentinel instances for this master and their state.",
      "SET <master-name> <option> <value> [<option> <value> ...]",
      "    Set configuration parameters for certain masters.",
      "SIMULATE-FAILURE [CRASH-AFTER-ELECTION] [CRASH-AFTER-PROMOTION] [HELP]",
      "    Simulate a Sentinel crash.",
    ])
  }
}
