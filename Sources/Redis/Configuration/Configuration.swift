/// A server's directives, as redis.conf, the command line and CONFIG SET set them.
package struct Configuration: Equatable, Sendable {
  package var port = 6379
  package var databases = 16

  // Replication (the names are redis.conf's, without their dashes).
  package var replicaof: Address?
  package var masteruser: String?
  package var masterauth: String?
  package var replDisklessSync = true
  /// Seconds.
  package var replDisklessSyncDelay: Int64 = 5
  package var replDisklessSyncMaxReplicas = 0
  package enum DisklessLoad: String, Sendable { case disabled, onEmptyDB = "on-empty-db", swapdb }
  package var replDisklessLoad: DisklessLoad = .disabled
  /// Seconds.
  package var replPingReplicaPeriod: Int64 = 10
  /// Seconds.
  package var replTimeout: Int64 = 60
  /// Bytes.
  package var replBacklogSize: Int64 = 1 << 20
  /// Seconds.
  package var replBacklogTTL: Int64 = 3600
  package var replicaReadOnly = true
  package var replicaServeStaleData = true
  package var replicaAnnounceIP: String?
  package var replicaAnnouncePort = 0
  package var replicaAnnounced = true
  package var replicaPriority = 100
  package var replicaLazyFlush = false
  package var rdbDelSyncFiles = false
  package var minReplicasToWrite = 0
  /// Seconds.
  package var minReplicasMaxLag: Int64 = 10
  /// Seconds.
  package var shutdownTimeout: Int64 = 10
  package var dbfilename = "dump.rdb"
  package var rdbcompression = true
  package var rdbchecksum = true
  package var hz = 10

  package init() {}
}
