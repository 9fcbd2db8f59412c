// Where the rest of the node meets replication. Each hook is called from exactly one place.

extension Node {
  // MARK: What happened

  /// The data set is loaded and the node listens: a configured `replicaof` begins at the first turn of the timer.
  mutating func replicationStarted() {
    guard let master = configuration.replicaof else { return }
    replication.master = master
    replication.link.state = .connect
  }

  /// A connection that replication opened is up.
  mutating func replicationConnected(_ connection: ConnectionID, local: Address) {
    receiveConnected(connection, local: local)
  }

  mutating func replicationConnectFailed(_ connection: ConnectionID, _ failure: ConnectFailure) {
    receiveConnectFailure(connection, failure)
  }

  /// Bytes on a connection that is no client: the handshake's replies and the sync payload. Once the master's stream
  /// begins, the connection is a client flagged `.master`; later bytes then take the way of all clients.
  mutating func replicationReceived(_ bytes: [UInt8], from connection: ConnectionID) {
    receiveFromMaster(bytes, on: connection)
  }

  /// The end of a connection that is no client.
  mutating func replicationClosed(_ connection: ConnectionID, reset: Bool) {
    guard connection == replication.link.connection else { return }
    if replication.link.state == .transfer {
      transferInterrupted(reset: reset)
    } else if replication.link.state.isHandshake {
      handshakeReadFailed()
    }
  }

  /// A client is gone, whether a replica, the master or neither; it is no longer in `clients`.
  mutating func replicationFreed(_ client: Client) {
    if client.isMaster { masterLost(client) } else { replicaLost(client) }
  }

  /// An asked-for `Input.written`.
  mutating func replicationWritten(_ connection: ConnectionID) { replicaWritten(connection) }

  // MARK: The stream

  /// Adds a command to the replication stream, preceded by SELECT where `database` is not the last one sent (nil: never).
  mutating func feedReplicas(_ arguments: [Bytes], database: Int?) { feedStream(arguments, database: database) }

  /// The master's bytes whose commands have now been executed: they move the offset and go to the sub-replicas verbatim.
  mutating func replicationApplied(_ bytes: [UInt8], from connection: ConnectionID) {
    streamApplied(bytes, from: connection)
  }

  // MARK: Time

  /// `Input.wakeUp` has come; it may be another's.
  mutating func replicationCron() { replicationTick() }

  /// When replication next wants to be woken.
  var nextReplicationWakeup: Instant? { nextReplicationTime }

  /// Once at the end of every input, before the replies are flushed: what the replicas are sent goes out here.
  mutating func replicationBeforeSleep() {
    answerWaiting()
    requestAcknowledgements()
    updateFailover()
    closeAnsweredReplicas()
    flushAcknowledgements()
    flushStreams()
    trimBacklog(blocks: 640)
    skipIdleTicks()
  }

  // MARK: What others ask

  /// READONLY, NOREPLICAS, MASTERDOWN: why replication forbids the command now, or nil.
  func replicationRefusal(of command: Command, for client: Client) -> Decision.CommandRefusal? {
    refusalByReplication(of: command, for: client)
  }

  /// The body of INFO's replication section, lines ended by CR LF, without its title.
  package func replicationInfo() -> String { replicationInfoSection() }
}

extension CommandTable {
  /// PSYNC, SYNC, REPLCONF, REPLICAOF, SLAVEOF, ROLE, WAIT, FAILOVER.
  static let replicationCommands: [Command] = [
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
