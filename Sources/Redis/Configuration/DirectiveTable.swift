/// Every directive of Redis 7.0, with its type, bounds, default and flags (config.c of 7.0.15; compared with a real
/// server's `CONFIG GET *` by the tests).
package enum DirectiveTable {
  /// In the order in which CONFIG GET shows them; a real Redis shows them in hash order.
  package static let all: [Directive] = acted + special + general + numbers + cluster + tls

  private static let byName: [String: Int] = {
    var index: [String: Int] = [:]
    for (position, directive) in all.enumerated() {
      index[directive.name] = position
      if let alias = directive.alias { index[alias] = position }
    }
    return index
  }()

  /// By its name or its alias, in any case (`lookupConfig` in config.c).
  package static func find(_ name: String) -> Directive? { byName[name.asciiLowercased()].map { all[$0] } }

  private static let intMin = Int64(Int32.min)
  private static let intMax = Int64(Int32.max)
  private static let uintMax = Int64(UInt32.max)

  private static func isPath(_ name: String) -> Bool { name.utf8.contains { $0 == 0x2F || $0 == 0x5C } }

  /// What is wrong with a host's name, or nil (`isValidAnnouncedHostname` in config.c).
  @Sendable private static func checkHostname(_ name: String) -> String? {
    if name.bytes.count >= 256 { return "Hostnames must be less than 256 characters" }
    let allowed = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."): true
      default: false
      }
    }
    return allowed ? nil : "Hostnames may only contain alphanumeric characters, hyphens or dots"
  }

  /// What stands in braces in `proc-title-template` (`isValidProcTitleTemplate` in config.c;
  /// `validateProcTitleTemplate` in server.c).
  @Sendable private static func checkTitle(_ template: String) -> String? {
    let known = ["title", "listen-addr", "server-mode", "port", "tls-port", "unixsocket", "config-file"]
    let complaint = "template format is invalid or contains unknown variables"
    // These are nothing when it is looked at, and of nothing else a title can't be made.
    let told = template.replacing("{title}", with: "").replacing("{unixsocket}", with: "")
    if told.allSatisfy(\.isWhitespace) { return complaint }
    var rest = Substring(template)
    while let open = rest.firstIndex(of: "{") {
      rest = rest[rest.index(after: open)...]
      if rest.first == "{" {
        rest.removeFirst()
        continue
      }
      guard let close = rest.firstIndex(of: "}"), known.contains(String(rest[..<close])) else { return complaint }
      rest = rest[rest.index(after: close)...]
    }
    return nil
  }

  /// What the node acts on (`isValidDBfilename`, `isValidAOFfilename`, `isValidAOFdirname` in config.c).
  private static let acted: [Directive] = [
    .choice("loglevel", \.loglevel, of: ["debug", "verbose", "notice", "warning"]),
    .yesNo("rdbchecksum", \.rdbchecksum, flags: [.immutable]),
    .yesNo("rdbcompression", \.rdbcompression),
    .yesNo("rdb-del-sync-files", \.rdbDelSyncFiles),
    .yesNo("stop-writes-on-bgsave-error", \.stopWritesOnBgsaveError),
    .number("rdb-key-save-delay", \.rdbKeySaveDelay, intMin, intMax, flags: [.hidden]),
    .yesNo("appendonly", \.appendonly, flags: [.denyLoading]),
    .text("appendfilename", \.appendfilename, flags: [.immutable]) {
      $0.isEmpty
        ? "appendfilename can't be empty" : isPath($0) ? "appendfilename can't be a path, just a filename" : nil
    },
    .text("appenddirname", \.appenddirname, flags: [.immutable]) {
      $0.isEmpty ? "appenddirname can't be empty" : isPath($0) ? "appenddirname can't be a path, just a dirname" : nil
    },
    .choice("appendfsync", \.appendfsync, of: ["everysec", "always", "no"]),
    .yesNo("no-appendfsync-on-rewrite", \.noAppendfsyncOnRewrite),
    .number("auto-aof-rewrite-percentage", \.autoAofRewritePercentage, 0, intMax),
    .number("auto-aof-rewrite-min-size", \.autoAofRewriteMinSize, 0, .max, .memory),
    .yesNo("aof-load-truncated", \.aofLoadTruncated),
    .yesNo("aof-use-rdb-preamble", \.aofUseRdbPreamble),
    .yesNo("aof-timestamp-enabled", \.aofTimestampEnabled),
    .yesNo("aof-disable-auto-gc", \.aofDisableAutoGC),
    .yesNo("replica-ignore-disk-write-errors", \.replicaIgnoreDiskWriteErrors),
    .yesNo("lazyfree-lazy-expire", \.lazyfreeLazyExpire),
    .yesNo("lazyfree-lazy-user-del", \.lazyfreeLazyUserDel),
    .yesNo("lazyfree-lazy-user-flush", \.lazyfreeLazyUserFlush),
    .yesNo("repl-diskless-sync", \.replDisklessSync),
    .yesNo("replica-lazy-flush", \.replicaLazyFlush, alias: "slave-lazy-flush"),
    .yesNo("replica-serve-stale-data", \.replicaServeStaleData, alias: "slave-serve-stale-data"),
    .yesNo("replica-read-only", \.replicaReadOnly, alias: "slave-read-only"),
    .yesNo("replica-announced", \.replicaAnnounced),
    .optionalText("replica-announce-ip", \.replicaAnnounceIP, alias: "slave-announce-ip"),
    .optionalText("masteruser", \.masteruser, flags: [.sensitive]),
    .text("dbfilename", \.dbfilename, flags: [.protected]) {
      isPath($0) ? "dbfilename can't be a path, just a filename" : nil
    },
    .optionalText("masterauth", \.masterauth, flags: [.sensitive, .binarySafe]),
    .optionalText("requirepass", \.requirepass, flags: [.sensitive, .binarySafe]),
    .text("aclfile", \.aclfile, flags: [.immutable]),
    .number("acllog-max-len", \.aclLogMaxLength, 0, .max),
    .choice("acl-pubsub-default", \.aclPubsubDefault, of: ["allchannels", "resetchannels"]),
    .number("databases", \.databases, 1, intMax, flags: [.immutable]),
    .number("port", \.port, 0, 65535),
    .number("replica-priority", \.replicaPriority, 0, intMax, alias: "slave-priority"),
    .number("repl-diskless-sync-delay", \.replDisklessSyncDelay, 0, intMax),
    .number("timeout", \.timeout, 0, intMax),
    .number("replica-announce-port", \.replicaAnnouncePort, 0, 65535, alias: "slave-announce-port"),
    .number("repl-timeout", \.replTimeout, 1, intMax),
    .number("repl-ping-replica-period", \.replPingReplicaPeriod, 1, intMax, alias: "repl-ping-slave-period"),
    .number("hz", \.hz, 0, intMax),
    .number("min-replicas-to-write", \.minReplicasToWrite, 0, intMax, alias: "min-slaves-to-write"),
    .number("min-replicas-max-lag", \.minReplicasMaxLag, 0, intMax, alias: "min-slaves-max-lag"),
    .number("shutdown-timeout", \.shutdownTimeout, 0, intMax),
    .number("repl-diskless-sync-max-replicas", \.replDisklessSyncMaxReplicas, 0, intMax),
    .number("maxclients", \.maxclients, 1, uintMax, unsigned: true),
    .number("proto-max-bulk-len", \.protoMaxBulkLen, 1048576, .max, .memory),
    .number("repl-backlog-size", \.replBacklogSize, 1, .max, .memory),
    .number("repl-backlog-ttl", \.replBacklogTTL, 0, .max),
    .choice("enable-protected-configs", \.enableProtectedConfigs, of: ["no", "yes", "local"], flags: [.immutable]),
    .choice("enable-debug-command", \.enableDebugCommand, of: ["no", "yes", "local"], flags: [.immutable]),
    .choice("enable-module-command", \.enableModuleCommand, of: ["no", "yes", "local"], flags: [.immutable]),
    .choice(
      "repl-diskless-load", \.replDisklessLoad, of: ["disabled", "on-empty-db", "swapdb"], flags: [.denyLoading]),
  ]

  /// Accepted without effect (`isValidActiveDefrag` in config.c).
  private static let general: [Directive] = [
    .yesNo("daemonize", default: false, flags: [.immutable]),
    .yesNo("io-threads-do-reads", default: false, flags: [.immutable]),
    .yesNo("always-show-logo", default: false, flags: [.immutable]),
    .yesNo("protected-mode", default: true).acting,
    .yesNo("activerehashing", default: true),
    .yesNo("set-proc-title", default: true, flags: [.immutable]),
    .yesNo("dynamic-hz", default: true),
    .yesNo("lazyfree-lazy-eviction", \.lazyfreeLazyEviction),
    .yesNo("lazyfree-lazy-server-del", default: false),
    .yesNo("repl-disable-tcp-nodelay", default: false),
    .yesNo("aof-rewrite-incremental-fsync", default: true),
    .yesNo("rdb-save-incremental-fsync", default: true),
    .yesNo("replica-ignore-maxmemory", \.replicaIgnoreMaxmemory, alias: "slave-ignore-maxmemory"),
    .yesNo("jemalloc-bg-thread", default: true),
    .yesNo("activedefrag", default: false) {
      $0 == "no"
        ? nil
        : "Active defragmentation cannot be enabled: it requires a Redis server compiled with a modified Jemalloc like "
          + "the one shipped by default with the Redis source distribution"
    },
    .yesNo("syslog-enabled", default: false, flags: [.immutable]),
    .yesNo("crash-log-enabled", default: true),
    .yesNo("crash-memcheck-enabled", default: true),
    .yesNo("use-exit-on-panic", default: false, flags: [.hidden]),
    .yesNo("disable-thp", default: true, flags: [.immutable]),
    .yesNo("latency-tracking", default: true).acting,
    .optionalText("unixsocket", flags: [.immutable]),
    .optionalText("pidfile", flags: [.immutable]),
    .text("syslog-ident", default: "redis", flags: [.immutable]),
    .optionalText("server_cpulist", flags: [.immutable]),
    .optionalText("bio_cpulist", flags: [.immutable]),
    .optionalText("aof_rewrite_cpulist", flags: [.immutable]),
    .optionalText("bgsave_cpulist", flags: [.immutable]),
    .text("ignore-warnings", default: ""),
    .text("proc-title-template", default: "{title} {listen-addr} {server-mode}", check: checkTitle),
    .optionalText("bind-source-addr"),
    .text("logfile", default: "", flags: [.immutable]),
    .choice("supervised", of: ["upstart", "systemd", "auto", "no"], default: "no", flags: [.immutable]),
    .choice(
      "syslog-facility", of: ["user", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"],
      default: "local0", flags: [.immutable]),
    .choice(
      "maxmemory-policy", \.maxmemoryPolicy, of: MaxmemoryPolicy.allCases.map(\.rawValue)),
    .choice("oom-score-adj", of: ["no", "yes", "relative", "absolute"], default: "no"),
    .choice("sanitize-dump-payload", \.sanitizeDumpPayload, of: ["no", "yes", "clients"]),
    .choice("propagation-error-behavior", of: ["ignore", "panic", "panic-on-replicas"], default: "ignore").acting,
    .choice(
      "shutdown-on-sigint", of: ["default", "save", "nosave", "now", "force"], default: "default",
      flags: [.multipleArguments]),
    .choice(
      "shutdown-on-sigterm", of: ["default", "save", "nosave", "now", "force"], default: "default",
      flags: [.multipleArguments]),
  ]

  /// Accepted without effect.
  private static let numbers: [Directive] = [
    .number("io-threads", default: 1, 1, 128, flags: [.immutable]),
    .number("list-max-listpack-size", \.packing.listMaxListpackSize, intMin, intMax, alias: "list-max-ziplist-size"),
    .number("tcp-keepalive", default: 300, 0, intMax),
    .number("active-defrag-cycle-min", default: 1, 1, 99),
    .number("active-defrag-cycle-max", default: 25, 1, 99),
    .number("active-defrag-threshold-lower", default: 10, 0, 1000),
    .number("active-defrag-threshold-upper", default: 100, 0, 1000),
    .number("lfu-log-factor", \.lfuLogFactor, 0, intMax),
    .number("lfu-decay-time", \.lfuDecayTime, 0, intMax),
    .number("maxmemory-samples", \.maxmemorySamples, 1, intMax),
    .number("maxmemory-eviction-tenacity", default: 10, 0, 100),
    .number("tcp-backlog", default: 511, 0, intMax, flags: [.immutable]),
    .number("list-compress-depth", default: 0, 0, intMax),
    .number("key-load-delay", \.keyLoadDelay, intMin, intMax, flags: [.hidden]),
    .number("active-expire-effort", default: 1, 1, 10),
    .number("watchdog-period", default: 0, 0, intMax, flags: [.hidden]),
    .number("unixsocketperm", default: 0, 0, 0o777, .octal, unsigned: true, flags: [.immutable]),
    .number("socket-mark-id", default: 0, 0, uintMax, unsigned: true, flags: [.immutable]),
    .number("active-defrag-max-scan-fields", default: 1000, 1, .max),
    .number("slowlog-max-len", \.slowlogMaxLen, 0, .max),
    .number("busy-reply-threshold", \.busyReplyThreshold, 0, .max, alias: "lua-time-limit"),
    .number("slowlog-log-slower-than", \.slowlogLogSlowerThan, -1, .max),
    .number("latency-monitor-threshold", \.latencyMonitorThreshold, 0, .max),
    .number("stream-node-max-entries", \.streamNode.entries, 0, .max),
    .number("maxmemory", \.maxmemory, 0, -1, .memory, unsigned: true),
    .number(
      "hash-max-listpack-entries", \.packing.hashMaxListpackEntries, 0, .max, unsigned: true,
      alias: "hash-max-ziplist-entries"),
    .number("set-max-intset-entries", \.packing.setMaxIntsetEntries, 0, .max, unsigned: true),
    .number(
      "zset-max-listpack-entries", \.packing.zsetMaxListpackEntries, 0, .max, unsigned: true,
      alias: "zset-max-ziplist-entries"),
    .number("active-defrag-ignore-bytes", default: 104857600, 1, .max, .memory, unsigned: true),
    .number(
      "hash-max-listpack-value", \.packing.hashMaxListpackValue, 0, .max, .memory, unsigned: true,
      alias: "hash-max-ziplist-value"),
    .number("stream-node-max-bytes", \.streamNode.bytes, 0, .max, .memory, unsigned: true),
    .number(
      "zset-max-listpack-value", \.packing.zsetMaxListpackValue, 0, .max, .memory, unsigned: true,
      alias: "zset-max-ziplist-value"),
    .number("hll-sparse-max-bytes", \.packing.hllSparseMaxBytes, 0, .max, .memory, unsigned: true),
    .number("tracking-table-max-keys", \.trackingTableMaxKeys, 0, .max, unsigned: true),
    .number("client-query-buffer-limit", default: 1073741824, 1048576, .max, .memory, unsigned: true),
    .number("maxmemory-clients", default: 0, -100, .max, .memoryOrPercent),
    .number("loading-process-events-interval-bytes", \.loadingProcessEventsInterval, 1024, intMax, flags: [.hidden]),
  ]

  /// Accepted without effect: a node is never part of a cluster.
  private static let cluster: [Directive] = [
    .yesNo("cluster-require-full-coverage", default: true),
    .yesNo("cluster-replica-no-failover", default: false, alias: "cluster-slave-no-failover"),
    .yesNo("cluster-enabled", default: false, flags: [.immutable]),
    .yesNo("cluster-allow-reads-when-down", default: false),
    .yesNo("cluster-allow-pubsubshard-when-down", default: true),
    .yesNo("cluster-allow-replica-migration", default: true),
    .optionalText("cluster-announce-ip"),
    .text("cluster-config-file", default: "nodes.conf", flags: [.immutable]),
    .optionalText("cluster-announce-hostname", check: checkHostname),
    .choice("cluster-preferred-endpoint-type", of: ["ip", "hostname", "unknown-endpoint"], default: "ip"),
    .number("cluster-replica-validity-factor", default: 10, 0, intMax, alias: "cluster-slave-validity-factor"),
    .number("cluster-migration-barrier", default: 1, 0, intMax),
    .number("cluster-port", default: 0, 0, 65535, flags: [.immutable]),
    .number("cluster-announce-bus-port", default: 0, 0, 65535),
    .number("cluster-announce-port", default: 0, 0, 65535),
    .number("cluster-announce-tls-port", default: 0, 0, 65535),
    .number("cluster-node-timeout", default: 15000, 0, .max),
    .number("cluster-link-sendbuf-limit", default: 0, 0, -1, .memory, unsigned: true),
  ]

  /// A node speaks plain TCP: what would make it speak TLS asks for a certificate, which there is not.
  private static let tls: [Directive] = [
    .number("tls-port", default: 0, 0, 65535).acting,
    .number("tls-session-cache-size", default: 20480, 0, intMax),
    .number("tls-session-cache-timeout", default: 300, 0, intMax),
    .yesNo("tls-cluster", default: false).acting,
    .yesNo("tls-replication", default: false).acting,
    .choice("tls-auth-clients", of: ["no", "yes", "optional"], default: "yes"),
    .yesNo("tls-prefer-server-ciphers", default: false),
    .yesNo("tls-session-caching", default: true),
    .optionalText("tls-cert-file"),
    .optionalText("tls-key-file"),
    .optionalText("tls-key-file-pass"),
    .optionalText("tls-client-cert-file"),
    .optionalText("tls-client-key-file"),
    .optionalText("tls-client-key-file-pass"),
    .optionalText("tls-dh-params-file"),
    .optionalText("tls-ca-cert-file"),
    .optionalText("tls-ca-cert-dir"),
    .optionalText("tls-protocols"),
    .optionalText("tls-ciphers"),
    .optionalText("tls-ciphersuites"),
  ]
}
