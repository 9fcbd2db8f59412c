// Where the rest of the node meets replication. Each hook is called from exactly one place.

extension Node {
  // MARK: What happened

  /// The data set is loaded and the node listens: a configured `replicaof` begins here.
  mutating func replicationStarted() {}

  /// A connection that replication opened is up.
  mutating func replicationConnected(_ connection: ConnectionID, local: Address) {}

  mutating func replicationConnectFailed(_ connection: ConnectionID, _ failure: ConnectFailure) {}

  /// Bytes on a connection that is no client: the handshake's replies and the sync payload. Once the master's stream
  /// begins, replication calls `addClient` and flags it `.master`; later bytes then take the way of all clients.
  mutating func replicationReceived(_ bytes: [UInt8], from connection: ConnectionID) {}

  /// The end of a connection that is no client.
  mutating func replicationClosed(_ connection: ConnectionID, reset: Bool) {}

  /// A client is gone, whether a replica, the master or neither; it is no longer in `clients`.
  mutating func replicationFreed(_ client: Client) {}

  /// An asked-for `Input.written`.
  mutating func replicationWritten(_ connection: ConnectionID) {}

  // MARK: The stream

  /// Adds a command to the replication stream, preceded by SELECT where `database` is not the last one sent (nil: never).
  mutating func feedReplicas(_ arguments: [Bytes], database: Int?) {}

  /// The master's bytes whose commands have now been executed: they move the offset and go to the sub-replicas verbatim.
  mutating func replicationApplied(_ bytes: [UInt8], from connection: ConnectionID) {}

  // MARK: Time

  /// `Input.wakeUp` has come; it may be another's.
  mutating func replicationCron() {}

  /// When replication next wants to be woken.
  var nextReplicationWakeup: Instant? { nil }

  /// Once at the end of every input, before the replies are flushed: what the replicas are sent goes out here.
  mutating func replicationBeforeSleep() {}

  // MARK: What others ask

  /// READONLY, NOREPLICAS, MASTERDOWN: why replication forbids the command now, or nil.
  func replicationRefusal(of command: Command, for client: Client) -> String? { nil }

  /// The body of INFO's replication section, lines ended by CR LF, without its title.
  func replicationInfo() -> String { "" }
}

extension CommandTable {
  /// PSYNC, SYNC, REPLCONF, REPLICAOF, SLAVEOF, ROLE, WAIT, FAILOVER.
  static let replicationCommands: [Command] = []
}
