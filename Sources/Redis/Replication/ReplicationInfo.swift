import RESP

// INFO's replication section, line for line as 7.0 prints it.

extension Node {
  /// The section's lines, each with its end (`genRedisInfoString` in server.c).
  package func replicationInfo() -> String {
    var lines = ["role:\(replication.isMaster ? "master" : "slave")"]
    if let master = replication.master { lines += masterLines(master) }
    lines.append("connected_slaves:\(replication.replicas.count)")
    if configuration.minReplicasToWrite > 0, configuration.minReplicasMaxLag > 0 {
      lines.append("min_slaves_good_slaves:\(replication.goodReplicas)")
    }
    lines += replicaLines
    let backlog = replication.backlog
    lines += [
      "master_failover_state:\(replication.failover.state.rawValue)",
      "master_replid:\(replication.ids.current)",
      "master_replid2:\(replication.ids.second)",
      "master_repl_offset:\(replication.offset)",
      "second_repl_offset:\(replication.ids.secondOffset)",
      "repl_backlog_active:\(backlog == nil ? 0 : 1)",
      "repl_backlog_size:\(configuration.replBacklogSize)",
      "repl_backlog_first_byte_offset:\(backlog?.firstByte ?? 0)",
      "repl_backlog_histlen:\(backlog?.length ?? 0)",
    ]
    return lines.map { $0 + "\r\n" }.joined()
  }

  private func masterLines(_ master: Address) -> [String] {
    let session = replication.session
    let client = session?.connection.flatMap { clients[$0] }
    let applied = session?.offset ?? replication.cached?.offset ?? 1
    let state = replication.link.state
    var lines = [
      "master_host:\(master.host)",
      "master_port:\(master.port)",
      "master_link_status:\(state == .connected ? "up" : "down")",
      "master_last_io_seconds_ago:\(client.map { now.seconds - $0.lastInteraction.seconds } ?? -1)",
      "master_sync_in_progress:\(state == .transfer ? 1 : 0)",
      "slave_read_repl_offset:\(applied +| Int64(client?.unappliedStream.count ?? 0))",
      "slave_repl_offset:\(applied)",
    ]
    if state == .transfer, let transfer = replication.link.transfer { lines += transferLines(transfer) }
    if state != .connected {
      let down = replication.link.downSince.map { now.seconds - $0.seconds } ?? -1
      lines.append("master_link_down_since_seconds:\(down)")
    }
    return lines + [
      "slave_priority:\(configuration.replicaPriority)",
      "slave_read_only:\(configuration.replicaReadOnly ? 1 : 0)",
      "replica_announced:\(configuration.replicaAnnounced ? 1 : 0)",
    ]
  }

  private func transferLines(_ transfer: ReplicaTransfer) -> [String] {
    let total = transfer.announcedSize
    // Redis only counts what goes to a file.
    let read = transfer.loader == nil ? transfer.received : 0
    let percent = total == 0 ? 0 : Double(read) / Double(total) * 100
    return [
      "master_sync_total_bytes:\(total)",
      "master_sync_read_bytes:\(read)",
      "master_sync_left_bytes:\(total - read)",
      "master_sync_perc:\(percent.twoPlaces)",
      "master_sync_last_io_seconds_ago:\(now.seconds - replication.link.lastIO.seconds)",
    ]
  }

  private var replicaLines: [String] {
    let listed = replication.replicas.compactMap { clients[$0] }.filter { $0.replica?.state.infoName != nil }
    return listed.enumerated().map { index, client in
      let replica = client.replica ?? ReplicaSession()
      let lag = replica.state == .online ? now.seconds - replica.acknowledgedAt.seconds : 0
      return
        "slave\(index):ip=\(replicaIP(client)),port=\(replica.listeningPort),state=\(replica.state.infoName ?? ""),"
        + "offset=\(replica.acknowledged),lag=\(lag)"
    }
  }
}

extension ReplicaTransfer {
  /// What INFO says of the payload's size: -1 until the first line has come, 0 where only a mark will end it.
  var announcedSize: Int64 {
    switch framing {
    case nil: -1
    case .length(let length): length
    case .endMark: 0
    }
  }
}
