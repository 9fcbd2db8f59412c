/// A server's directives, as redis.conf, the command line and CONFIG SET set them (`DirectiveTable.swift` knows them all).
///
/// A directive that the node acts on is a property here, in Swift's spelling of redis.conf's name. Any other is accepted,
/// checked and shown as Redis does, and has no effect; only those that were changed are kept, in `others`.
package struct Configuration: Equatable, Sendable {
  // MARK: General
  package var port = 6379
  package var databases = 16
  /// Turns of the timer a second, 1 to 500: how often expired keys are looked for.
  package var hz = 10
  package var maxclients: Int64 = 10_000
  /// What is less important is not logged.
  package var loglevel = LogEntry.Level.notice
  /// Seconds of idleness after which a client is closed; 0: never.
  package var timeout: Int64 = 0
  /// Microseconds from which on a command is kept in the slow log, which holds so many; less than 0: none is.
  package var slowlogLogSlowerThan: Int64 = 10_000
  package var slowlogMaxLen: Int64 = 128
  /// Milliseconds from which on LATENCY tells of a command; 0: of none.
  package var latencyMonitorThreshold: Int64 = 0
  /// Milliseconds that a script may take before others are told of it; 0: any time.
  package var busyReplyThreshold: Int64 = 5_000
  /// Keys of which it is remembered who has read them; 0: any number.
  package var trackingTableMaxKeys: UInt64 = 1_000_000
  /// Bytes.
  package var protoMaxBulkLen: Int64 = 512 << 20
  /// The working directory, as `CONFIG GET dir` shows it.
  package var dir = Configuration.firstDirectory
  /// The password of the default user, or nil.
  package var requirepass: String?

  // MARK: Users
  /// The name of the file that ACL LOAD reads; empty: none.
  package var aclfile = ""
  package var aclLogMaxLength: Int64 = 128
  package enum PubsubDefault: String, Sendable { case allchannels, resetchannels }
  package var aclPubsubDefault: PubsubDefault = .resetchannels
  /// The lines `user …`: a name, and rules of which each pair of parentheses is one.
  package internal(set) var users: [[String]] = []

  // MARK: Snapshots
  package var dbfilename = "dump.rdb"
  package var rdbcompression = true
  package var rdbchecksum = true
  package enum SanitizeDumpPayload: String, Sendable { case no, yes, clients }
  /// Whether what is in a value is looked at when it is loaded; `clients`: not when a snapshot is loaded.
  package var sanitizeDumpPayload: SanitizeDumpPayload = .no
  package var rdbDelSyncFiles = false
  package var stopWritesOnBgsaveError = true
  /// A snapshot is made when one of these has been reached.
  package var save: [SavePoint] = SavePoint.defaults
  /// No `save` line of a file has been read yet: the first one takes the place of the defaults.
  var saveIsDefault = true

  /// Microseconds that a child takes for each key (`rdb-key-save-delay`, which Redis has for its own tests).
  package var rdbKeySaveDelay: Int64 = 0
  /// Microseconds that loading takes for each key (`key-load-delay`), and after how many bytes events are processed in
  /// between.
  package var keyLoadDelay: Int64 = 0
  package var loadingProcessEventsInterval: Int64 = 2 << 20

  // MARK: The append-only file
  package var appendonly = false
  package var appendfilename = "appendonly.aof"
  package var appenddirname = "appendonlydir"
  package enum AppendFsync: String, Sendable { case always, everysec, no }
  package var appendfsync: AppendFsync = .everysec
  package var noAppendfsyncOnRewrite = false
  package var autoAofRewritePercentage: Int64 = 100
  /// Bytes.
  package var autoAofRewriteMinSize: Int64 = 64 << 20
  package var aofLoadTruncated = true
  package var aofUseRdbPreamble = true
  package var aofTimestampEnabled = false
  package var aofDisableAutoGC = false
  package var replicaIgnoreDiskWriteErrors = false

  // MARK: Deleting in the background, which a replica sees as UNLINK
  package var lazyfreeLazyExpire = false
  package var lazyfreeLazyUserDel = false
  package var lazyfreeLazyUserFlush = false

  // MARK: Memory
  /// Bytes, as an unsigned number; 0: no limit.
  package var maxmemory: Int64 = 0
  package var maxmemoryPolicy = MaxmemoryPolicy.noeviction
  /// How many keys of a database are looked at to find one that may go.
  package var maxmemorySamples: Int64 = 5
  package var lfuLogFactor: Int64 = 10
  /// Minutes after which a counter of uses goes down by one; 0: never.
  package var lfuDecayTime: Int64 = 1
  package var lazyfreeLazyEviction = false
  package var replicaIgnoreMaxmemory = true

  // MARK: Replication
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
  /// Bytes. CONFIG SET makes it 16 KiB at least, a file and the command line don't.
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
  package var minReplicasToWrite = 0
  /// Seconds.
  package var minReplicasMaxLag: Int64 = 10
  /// Seconds.
  package var shutdownTimeout: Int64 = 10
  package var clientOutputBufferLimits = OutputBufferLimits()

  // MARK: Who may do what
  package enum Permission: String, Sendable { case no, yes, local }
  /// `DEBUG` is refused unless this is `yes`, or `local` for a client of the same machine.
  package var enableDebugCommand: Permission = .no
  package var enableProtectedConfigs: Permission = .no
  package var enableModuleCommand: Permission = .no
  /// How clients say commands (`rename-command`).
  package internal(set) var commandNames = CommandNames()
  /// A process in Sentinel mode has other commands, no data, and the lines `sentinel …` of its file.
  package var isSentinel: Bool { commandNames.isSentinel }
  var sentinelDirectives: [SentinelDirective] = []
  /// The paths of modules that are to be loaded at the start.
  package internal(set) var modules: [String] = []

  // MARK: The rest
  package var notifyKeyspaceEvents: KeyspaceEvents = []
  /// Up to what size collections are packed.
  package var packing = PackingLimits()
  package var streamNode = StreamValue.Limits()
  /// Directives without effect that differ from their defaults, by their first name.
  var others: [String: String] = [:]

  package init() {}

  /// The directives without effect that say something else than their defaults, in the table's order.
  package var idle: [String] {
    let standard = isSentinel ? Configuration.ofSentinel : Configuration()
    // Asked after every command: most nodes have none.
    if others.isEmpty, dir == standard.dir { return [] }
    return DirectiveTable.all.filter { !$0.hasEffect && $0.get(self) != $0.get(standard) }.map(\.name)
  }

  /// What a new user may do with channels.
  var aclAllowsAllChannels: Bool { aclPubsubDefault == .allchannels }
}

/// `save SECONDS CHANGES`.
package struct SavePoint: Equatable, Sendable {
  package var seconds: Int64
  package var changes: Int64

  package static let defaults = [
    SavePoint(seconds: 3600, changes: 1), SavePoint(seconds: 300, changes: 100),
    SavePoint(seconds: 60, changes: 10_000),
  ]
}

/// `client-output-buffer-limit`: how much may wait to be sent to a client before it is closed, by kind of client.
package struct OutputBufferLimits: Equatable, Sendable {
  /// Bytes, bytes and seconds; 0: no limit.
  package struct Limit: Equatable, Sendable {
    package var hard: UInt64
    package var soft: UInt64
    package var softSeconds: Int64
  }
  package var normal = Limit(hard: 0, soft: 0, softSeconds: 0)
  package var replica = Limit(hard: 256 << 20, soft: 64 << 20, softSeconds: 60)
  package var pubsub = Limit(hard: 32 << 20, soft: 8 << 20, softSeconds: 60)
}
