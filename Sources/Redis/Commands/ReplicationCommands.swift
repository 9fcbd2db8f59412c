extension CommandTable {
  /// PSYNC, SYNC, REPLCONF, REPLICAOF, SLAVEOF, ROLE, WAIT, FAILOVER.
  static let replication: [String: Command.Body] = [
    "psync": { $0.receivePsync(&$1) },
    "sync": { $0.receiveSync(&$1) },
    "replconf": { $0.receiveReplconf(&$1) },
    "replicaof": { $0.receiveReplicaOf(&$1) },
    "slaveof": { $0.receiveReplicaOf(&$1) },
    "role": { $0.role(&$1.reply) },
    "wait": { $0.receiveWait(&$1) },
    "failover": { $0.receiveFailover(&$1) },
  ]
}
