import RESP

/// The sections of INFO, in their order; the raw values are the names by which they are asked for.
package enum InfoSection: String, CaseIterable {
  case server, clients, memory, persistence, stats, replication, cpu, modules, commandstats, errorstats, latencystats
  case cluster, keyspace, sentinel

  /// Those shown without an argument; `modules` only by its other name.
  static let standard: [InfoSection] = [
    .server, .clients, .memory, .persistence, .stats, .replication, .cpu, .modules, .errorstats, .cluster, .keyspace,
  ]

  /// Those that a Sentinel has.
  static let ofSentinel: [InfoSection] = [.server, .clients, .stats, .cpu, .sentinel]

  var title: String {
    self == .cpu ? "CPU" : rawValue.prefix(1).uppercased() + rawValue.dropFirst()
  }
}

/// INFO: every field of the real one, in its order. What only a process has (its resident memory, the time of its
/// processor) is nought here.
extension Node {
  /// One section, with its title (`genRedisInfoString` in server.c).
  func infoSection(_ section: InfoSection) -> String {
    "# \(section.title)\r\n" + infoBody(section)
  }

  private func infoBody(_ section: InfoSection) -> String {
    switch section {
    case .server: lines(serverInfo)
    case .clients: lines(clientsInfo)
    case .memory: lines(memoryInfo)
    case .persistence: lines(persistenceInfo)
    case .stats: lines(statsInfo)
    case .replication: replicationInfo()
    case .cpu: lines(Self.cpuInfo)
    case .commandstats: lines(commandInfo)
    case .errorstats: lines(errorInfo)
    case .latencystats: lines(latencyInfo)
    case .cluster: lines([("cluster_enabled", "0")])
    case .keyspace: lines(keyspaceInfo)
    case .modules: ""
    case .sentinel: lines(sentinelInfo)
    }
  }

  private func lines(_ fields: [(String, String)]) -> String { fields.map { "\($0.0):\($0.1)\r\n" }.joined() }

  private var serverInfo: [(String, String)] {
    let uptime = now.seconds - started.seconds
    return [
      ("redis_version", chance.redisVersion), ("redis_git_sha1", "00000000"), ("redis_git_dirty", "0"),
      ("redis_build_id", "0"), ("redis_mode", isSentinel ? "sentinel" : "standalone"), ("os", "Linux"),
      ("arch_bits", "64"),
      ("monotonic_clock", "POSIX clock_gettime"), ("multiplexing_api", "epoll"), ("atomicvar_api", "c11-builtin"),
      ("gcc_version", "0.0.0"), ("process_id", "\(processID)"), ("process_supervised", "no"), ("run_id", runID),
      ("tcp_port", "\(configuration.port)"), ("server_time_usec", "\(now.microseconds)"),
      ("uptime_in_seconds", "\(uptime)"), ("uptime_in_days", "\(uptime / 86_400)"), ("hz", "\(hz)"),
      ("configured_hz", "\(configuration.hz)"), ("lru_clock", "\(lruClock.seconds & 0xFF_FFFF)"), ("executable", ""),
      ("config_file", configFile.map { Configuration.absolutePath($0.name) } ?? ""), ("io_threads_active", "0"),
    ] + (shutdown.map { [("shutdown_in_milliseconds", "\($0.deadline.milliseconds - now.milliseconds)")] } ?? [])
  }

  private var clientsInfo: [(String, String)] {
    let ordinary = clients.count { $0.kind != .replica }
    return [
      ("connected_clients", "\(ordinary)"), ("cluster_connections", "0"), ("maxclients", "\(configuration.maxclients)"),
      ("client_recent_max_input_buffer", "0"), ("client_recent_max_output_buffer", "0"),
      ("blocked_clients", "\(clients.count { $0.isBlocked })"), ("tracking_clients", "\(trackingClients)"),
      ("clients_in_timeout_table", "\(clients.count { $0.blocked?.deadline != nil })"),
    ]
  }

  private var memoryInfo: [(String, String)] {
    let overhead = memoryOverhead
    let used = "\(overhead.used)"
    let human = Self.human(overhead.used)
    return [
      ("used_memory", used), ("used_memory_human", human), ("used_memory_rss", used), ("used_memory_rss_human", human),
      ("used_memory_peak", "\(overhead.peak)"), ("used_memory_peak_human", Self.human(overhead.peak)),
      ("used_memory_peak_perc", overhead.peakShare.twoPlaces + "%"),
      ("used_memory_overhead", "\(overhead.total)"), ("used_memory_startup", "\(Node.initialMemory)"),
      ("used_memory_dataset", "\(overhead.dataset)"),
      ("used_memory_dataset_perc", overhead.datasetShare.twoPlaces + "%"), ("allocator_allocated", used),
      ("allocator_active", used),
      ("allocator_resident", used), ("total_system_memory", "0"), ("total_system_memory_human", "0B"),
      ("used_memory_lua", "32768"), ("used_memory_vm_eval", "32768"), ("used_memory_lua_human", "32.00K"),
      ("used_memory_scripts_eval", "0"), ("number_of_cached_scripts", "\(scripts.count)"),
      ("number_of_functions", "\(functions.functionCount)"),
      ("number_of_libraries", "\(functions.all.count)"), ("used_memory_vm_functions", "33792"),
      ("used_memory_vm_total", "66560"), ("used_memory_vm_total_human", "65.00K"), ("used_memory_functions", "200"),
      ("used_memory_scripts", "200"), ("used_memory_scripts_human", "200B"),
      ("maxmemory", "\(configuration.maxmemory)"), ("maxmemory_human", Self.human(maxmemory)),
      ("maxmemory_policy", configuration.maxmemoryPolicy.rawValue),
      ("allocator_frag_ratio", "1.00"), ("allocator_frag_bytes", "0"), ("allocator_rss_ratio", "1.00"),
      ("allocator_rss_bytes", "0"), ("rss_overhead_ratio", "1.00"), ("rss_overhead_bytes", "0"),
      ("mem_fragmentation_ratio", "1.00"), ("mem_fragmentation_bytes", "0"),
      ("mem_not_counted_for_evict", "\(uncountedMemory)"),
      ("mem_replication_backlog", "\(backlogMemory.backlog)"),
      ("mem_total_replication_buffers", "\(replication.backlog?.memory ?? 0)"),
      ("mem_clients_slaves", "\(backlogMemory.replicas)"), ("mem_clients_normal", "\(clientsMemory)"),
      ("mem_cluster_links", "0"), ("mem_aof_buffer", "\(appendOnly.bufferMemory)"), ("mem_allocator", "libc"),
      ("active_defrag_running", "0"), ("lazyfree_pending_objects", "0"),
      ("lazyfreed_objects", "\(statistics.lazyfreedObjects)"),
    ]
  }

  /// A number of bytes as people read it: `943.14K` (`bytesToHuman` in server.c).
  static func human(_ bytes: Int) -> String {
    guard bytes >= 1024 else { return "\(bytes)B" }
    var unit = 1024
    var letters = Array("KMGTP")
    while bytes / unit >= 1024, letters.count > 1 {
      unit *= 1024
      letters.removeFirst()
    }
    return (Double(bytes) / Double(unit)).twoPlaces + String(letters[0])
  }

  private var statsInfo: [(String, String)] {
    let statistics = statistics
    let fits = bufferFits
    let exceeded = eviction.exceededSince.map { now - $0 } ?? .zero
    return [
      ("total_connections_received", "\(statistics.connectionsReceived)"),
      ("total_commands_processed", "\(statistics.commandsProcessed)"), ("instantaneous_ops_per_sec", "0"),
      ("total_net_input_bytes", "\(statistics.inputBytes + statistics.replicationInputBytes)"),
      ("total_net_output_bytes", "\(statistics.outputBytes + statistics.replicationOutputBytes)"),
      ("total_net_repl_input_bytes", "\(statistics.replicationInputBytes)"),
      ("total_net_repl_output_bytes", "\(statistics.replicationOutputBytes)"), ("instantaneous_input_kbps", "0.00"),
      ("instantaneous_output_kbps", "0.00"), ("instantaneous_input_repl_kbps", "0.00"),
      ("instantaneous_output_repl_kbps", "0.00"), ("rejected_connections", "\(statistics.connectionsRejected)"),
      ("sync_full", "\(statistics.syncFull)"), ("sync_partial_ok", "\(statistics.syncPartialOK)"),
      ("sync_partial_err", "\(statistics.syncPartialError)"), ("expired_keys", "\(statistics.expiredKeys)"),
      ("expired_stale_perc", "0.00"), ("expired_time_cap_reached_count", "0"), ("expire_cycle_cpu_milliseconds", "0"),
      ("evicted_keys", "\(statistics.evictedKeys)"), ("evicted_clients", "0"),
      ("total_eviction_exceeded_time", "\((statistics.evictionExceeded + exceeded).microseconds / 1_000)"),
      ("current_eviction_exceeded_time", "\(exceeded.microseconds / 1_000)"),
      ("keyspace_hits", "\(statistics.keyspaceHits)"),
      ("keyspace_misses", "\(statistics.keyspaceMisses)"), ("pubsub_channels", "\(pubsub.channels.count)"),
      ("pubsub_patterns", "\(pubsub.patterns.count)"),
      ("pubsubshard_channels", "\(pubsub.shardChannels.count)"), ("latest_fork_usec", "0"),
      ("total_forks", "\(statistics.forks)"),
      ("migrate_cached_sockets", "0"), ("slave_expires_tracked_keys", "\(ownExpiries.count)"),
      ("active_defrag_hits", "0"),
      ("active_defrag_misses", "0"), ("active_defrag_key_hits", "0"), ("active_defrag_key_misses", "0"),
      ("total_active_defrag_time", "0"), ("current_active_defrag_time", "0"),
      ("tracking_total_keys", "\(tracking.readers.count)"),
      ("tracking_total_items", "\(tracking.readerCount)"), ("tracking_total_prefixes", "\(tracking.broadcasts.count)"),
      ("unexpected_error_replies", "\(statistics.unexpectedErrorReplies)"),
      ("total_error_replies", "\(statistics.errorReplies)"), ("dump_payload_sanitizations", "0"),
      ("total_reads_processed", "\(statistics.reads)"), ("total_writes_processed", "\(statistics.writes)"),
      ("io_threaded_reads_processed", "0"), ("io_threaded_writes_processed", "0"),
      ("reply_buffer_shrinks", "\(fits.shrinks)"), ("reply_buffer_expands", "\(fits.expands)"),
    ]
  }

  private static let cpuInfo = [
    "used_cpu_sys", "used_cpu_user", "used_cpu_sys_children", "used_cpu_user_children", "used_cpu_sys_main_thread",
    "used_cpu_user_main_thread",
  ].map { ($0, "0.000000") }

  private var keyspaceInfo: [(String, String)] {
    databases.enumerated().filter { !$1.isEmpty }.map { number, database in
      ("db\(number)", "keys=\(database.count),expires=\(database.expiresCount),avg_ttl=\(averageTTL(of: database))")
    }
  }

  /// In milliseconds, over all keys that have an expiry; a real Redis estimates it from samples as keys expire, which a
  /// replica leaves to its master.
  private func averageTTL(of database: Database) -> Int64 {
    guard database.expiresCount > 0, !isReplica else { return 0 }
    var sum: Int64 = 0
    database.forEach { _, entry in
      if let expiry = entry.expiry { sum = sum.addingReportingOverflow(max(0, expiry &- milliseconds)).partialValue }
    }
    return max(0, sum) / Int64(database.expiresCount)
  }
}
