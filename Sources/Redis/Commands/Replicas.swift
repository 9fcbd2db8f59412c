extension CommandTable {
  /// PSYNC, SYNC, REPLCONF, REPLICAOF, SLAVEOF, ROLE, WAIT, FAILOVER.
  static let replication: [Command] = [
    Command("psync", arity: -3, flags: [.admin, .noscript, .noAsyncLoading, .noMulti]) {
      $0.receivePsync(&$1)
    },
    Command("sync", arity: 1, flags: [.admin, .noscript, .noAsyncLoading, .noMulti]) {
      $0.receiveSync(&$1)
    },
    Command("replconf", arity: -1, flags: [.admin, .noscript, .loading, .stale, .allowBusy]) {
      $0.receiveReplconf(&$1)
    },
    Command("replicaof", arity: 3, flags: [.admin, .noscript, .stale, .noAsyncLoading]) { $0.receiveReplicaOf(&$1) },
    Command("slaveof", arity: 3, flags: [.admin, .noscript, .stale, .noAsyncLoading]) { $0.receiveReplicaOf(&$1) },
    Command("role", arity: 1, flags: [.noscript, .loading, .stale, .fast], categories: [.admin, .dangerous]) {
      $0.role(&$1.reply)
    },
    Command(
      "wait", arity: 3, flags: [.noscript], categories: [.connection],
      tips: ["request_policy:all_shards", "response_policy:agg_min"]
    ) { $0.receiveWait(&$1) },
    Command("failover", arity: -1, flags: [.admin, .noscript, .stale]) { $0.receiveFailover(&$1) },
  ]
}
