/// All that a node knows of replication, as a master and as a replica.
///
/// The files of this folder follow the protocol: a replica connects and shakes hands (`MasterLink`, `ReplicaHandshake`),
/// its master decides between the missing part and everything (`Replconf`, `PartialResync`, `FullSync`), a payload crosses
/// (`SnapshotForReplicas`, `SnapshotPipe`, `ReplicaTransfer`), the stream follows (`MasterSession`, `Propagation`,
/// `Acknowledgement`), and time passes (`ReplicationCron`).
package struct Replication: Equatable, Sendable {
  private let passedInPlace = PassedInPlace()
  /// Which history the data belongs to.
  package var ids = ReplicationID(ReplicationID.none)
  /// Bytes of the stream since that history began (`master_repl_offset`). It grows only while there is a backlog.
  package var offset: Int64 = 0
  /// The stream as far as it is kept, from the first replica on.
  package var backlog: Backlog?
  /// Whether there is one is asked at every command.
  var hasBacklog: Bool { if case nil = backlog { false } else { true } }

  // MARK: As a master
  /// The replicas' connections, oldest first.
  package var replicas: [ConnectionID] = []
  /// How they are, as the last input left them.
  package internal(set) var overview = ReplicaOverview()
  /// Where the stream ended when all replicas were last looked at for something to be sent.
  var flushedEnd: Int64?
  /// The database that the last SELECT of the stream selected; nil: the next write is preceded by one
  /// (`slaveseldb` in server.h).
  package var streamDatabase: Int?
  /// Since when there has been no replica (`repl_no_slaves_since` in server.h).
  package var noReplicasSince: Instant?
  /// How many bytes of a sync payload are one write.
  package var chunkSize = ChunkSize.bytes(16_384)
  /// The snapshot file was made for replicas only (`rdb-del-sync-files`).
  package var fileIsForReplicas = false
  /// Some client has begun to WAIT in this turn: the replicas are asked to acknowledge.
  package var asksForAcknowledgement = false
  /// How many good replicas there were when they were counted last, for `min-replicas-to-write`
  /// (`repl_good_slaves_count` in server.h).
  package internal(set) var goodReplicas = 0
  package var failover = Failover()

  // MARK: As a replica
  /// Whose replica this node is; nil: a master.
  package var master: Address?
  package var link = MasterLink()
  /// The master whose stream is being applied.
  package var session: MasterSession?
  /// The master, or the node's own past as one, with whose history a partial resync may go on
  /// (`cached_master` in server.h).
  package var cached: MasterSession?
  /// Acknowledgements that go out at the end of this input.
  var pendingAcknowledgements: [UInt8] = []

  // MARK: Both
  /// Number of the next connection that this node opens.
  package var nextConnection: UInt64 = 1
  /// The last turn of the server's timer that has been handled.
  package var lastTick: Int64 = -1
  /// How many turns replication was looked after besides those of once a second.
  var extraTicks: Int64 = 0

  package init() {}

  package var isMaster: Bool { master == nil }
}

/// How much of a sync payload is one write.
package enum ChunkSize: Hashable, Sendable {
  /// At most so many bytes; 16384 in Redis.
  case bytes(Int)
  /// One record of the snapshot.
  case record
}
