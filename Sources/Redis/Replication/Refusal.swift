// What replication forbids a client: writes to a replica, writes that too few replicas would get, anything while the data
// is stale or about to be replaced. In the order in which Redis looks (processCommand).

extension Node {
  func refusalByReplication(of command: Command, for client: Client) -> String? {
    let (some, all) = judgedFlags(of: command, client)
    if some.contains(.write), lacksGoodReplicas { return "NOREPLICAS Not enough good replicas to write." }
    if some.contains(.write), !client.isMaster, !replication.isMaster, configuration.replicaReadOnly {
      return "READONLY You can't write against a read only replica."
    }
    if !replication.isMaster, replication.link.state != .connected, !configuration.replicaServeStaleData,
      !all.contains(.stale)
    {
      return "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."
    }
    if replication.transfer?.isAsync == true, replication.transfer?.loader != nil, some.contains(.noAsyncLoading) {
      return "LOADING Redis is loading the dataset in memory"
    }
    return nil
  }

  /// `min-replicas-to-write`.
  private var lacksGoodReplicas: Bool {
    replication.isMaster && configuration.minReplicasToWrite > 0 && configuration.minReplicasMaxLag > 0
      && goodReplicas < configuration.minReplicasToWrite
  }
}
