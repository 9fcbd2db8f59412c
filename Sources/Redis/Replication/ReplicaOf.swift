// Whose replica a node is: REPLICAOF, promotion, ROLE.

extension Node {
  /// The data set is loaded and the node listens: a configured `replicaof` begins at the first turn of the timer.
  mutating func beginConfiguredReplication() {
    guard let master = configuration.replicaof else { return }
    replication.master = master
    replication.link.becomeConnect()
  }

  /// REPLICAOF, and SLAVEOF (`replicaofCommand` in replication.c).
  mutating func receiveReplicaOf(_ call: inout Call) {
    let (host, port) = (call.arguments[1], call.arguments[2])
    guard replication.failover.state == .none else {
      call.reply.error("ERR REPLICAOF not allowed while failing over.")
      return
    }
    if host.matches("no"), port.matches("one") {
      if !replication.isMaster {
        becomeMaster(.told)
        log(.notice, "MASTER MODE enabled (user request from '\(clientDescription(call.connection))')")
      }
      call.reply.ok()
      return
    }
    if clients[call.connection]?.flags.contains(.replica) == true {
      call.reply.error("ERR Command is not valid when client is a replica.")
      return
    }
    guard let number = Integer.parse(port), (0...65_535).contains(number) else {
      call.reply.error("ERR Invalid master port")
      return
    }
    if let master = replication.master, Bytes(master.host).matchesIgnoringCase(host.upToNUL), master.port == Int(number)
    {
      log(
        .notice,
        "REPLICAOF would result into synchronization with the master we are already connected with. No operation "
          + "performed.")
      call.reply.simple("OK Already connected to specified master")
      return
    }
    becomeReplica(of: Address(host: host.printed, port: Int(number)), .told)
    log(
      .notice,
      "REPLICAOF \(host.printed):\(number) enabled (user request from '\(clientDescription(call.connection))')")
    call.reply.ok()
  }

  /// Own replicas stay: they may be able to go on when the new history proves to be the same (`replicationSetMaster` in
  /// replication.c).
  mutating func becomeReplica(of master: Address, _ reason: Decision.Reconnection) {
    let wasMaster = replication.isMaster
    replication.master = nil
    if let connection = replication.session?.connection { close(connection) }
    disconnectWaiting()
    replication.master = master
    cancelHandshake(reconnect: nil)
    if wasMaster {
      discardCachedMaster()
      cacheMasterUsingMyself()
    }
    replication.link.becomeConnect()
    log(.notice, "Connecting to MASTER \(master.host):\(master.port)")
    connectToMaster(reason)
  }

  /// `REPLICAOF NO ONE`: the history goes on under a new id; the old one vouches for all up to here
  /// (`replicationUnsetMaster` in replication.c).
  mutating func becomeMaster(_ reason: Decision.Promotion) {
    guard !replication.isMaster else { return }
    replication.master = nil
    if let connection = replication.session?.connection { close(connection) }
    discardCachedMaster()
    cancelHandshake(reconnect: nil)
    replication.ids.shift(to: drawReplicationID(), at: replication.offset)
    let ids = replication.ids
    emit(.decided(.becomeMaster(reason, old: ids.second, new: ids.current, offset: replication.offset)))
    log(
      .warning,
      "Setting secondary replication ID to \(ids.second), valid up to offset: \(ids.secondOffset). New replication ID "
        + "is \(ids.current)")
    // They come back at once and go on, now under the new id.
    disconnectReplicas(.historyChanged)
    replication.link.becomeNone()
    replication.streamDatabase = nil
    replication.noReplicasSince = now
    // A full sync that failed has left it off.
    restartAppendOnly()
  }

  // MARK: ROLE

  /// ROLE (`roleCommand` in replication.c).
  func role(_ reply: inout ReplyBuffer) {
    if isSentinel { return sentinelRole(&reply) }
    guard let master = replication.master else {
      reply.array(3)
      reply.bulk("master")
      reply.integer(replication.offset)
      let online = replication.replicas.compactMap { clients[$0] }.filter { $0.replica?.state == .online }
      reply.array(online.count)
      for client in online {
        reply.array(3)
        reply.bulk(replicaIP(client))
        reply.bulk(String(client.replica?.listeningPort ?? 0))
        reply.bulk(String(client.replica?.acknowledged ?? 0))
      }
      return
    }
    reply.array(5)
    reply.bulk("slave")
    reply.bulk(master.host)
    reply.integer(master.port)
    reply.bulk(replication.link.state.roleName)
    reply.integer(replication.session?.offset ?? -1)
  }

  // MARK: Names

  func replicaIP(_ client: Client) -> String { client.replica?.announcedIP ?? client.peer.host }

  /// How the log names a replica: by the address that it said it listens at, or as a client if that is not known
  /// (`replicationGetSlaveName` in replication.c).
  func replicaName(_ client: Client) -> String {
    if client.wasReset, client.replica?.announcedIP == nil { return "client id #\(client.id)" }
    let ip = replicaIP(client)
    guard let port = client.replica?.listeningPort, port != 0 else { return "\(ip):<unknown-replica-port>" }
    return ip.contains(":") ? "[\(ip)]:\(port)" : "\(ip):\(port)"
  }

  func replicaName(_ connection: ConnectionID) -> String { clients[connection].map { replicaName($0) } ?? "" }
}
