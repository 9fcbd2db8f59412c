/// What two real servers that were done the same to may differ in, each with its reason: nothing else is let pass. It was
/// found by playing situations to real servers twice.
package enum Exceptions {
  package struct Entry: Sendable {
    package var name: String
    package var reason: String
  }

  // MARK: INFO

  package enum Rule: Sendable {
    /// Not compared.
    case chance
    /// A number that may be off by so many.
    case within(Int)
  }

  /// Fields of INFO; one that ends with `*` stands for all that begin so.
  package static let fields: [(name: String, rule: Rule, reason: String)] = [
    ("redis_git_sha1", .chance, "of the build"), ("redis_build_id", .chance, "of the build"),
    ("redis_git_dirty", .chance, "of the build"), ("gcc_version", .chance, "of the build"),
    ("os", .chance, "of the machine"), ("executable", .chance, "of the machine"),
    ("mem_allocator", .chance, "of the build"), ("atomicvar_api", .chance, "of the build"),
    ("process_id", .chance, "a process's number"), ("server_time_usec", .chance, "the time"),
    ("uptime_in_seconds", .within(1), "a count of seconds"), ("lru_clock", .within(1), "a count of seconds"),
    ("run_id", .chance, "drawn by chance; compared where it is a replication id"),
    ("used_memory*", .chance, "the allocator's matter"), ("allocator_*", .chance, "the allocator's matter"),
    ("rss_overhead_*", .chance, "the kernel's matter"), ("mem_fragmentation_*", .chance, "the allocator's matter"),
    ("total_system_memory*", .chance, "of the machine"),
    ("mem_clients_normal", .chance, "buffers shrink and grow with the cron's moments"),
    ("mem_aof_buffer", .chance, "how large it has grown while the disk was busy"),
    ("client_recent_max_*", .chance, "of the last seconds"),
    ("current_cow_*", .chance, "the kernel's matter"), ("rdb_last_cow_size", .chance, "the kernel's matter"),
    ("aof_last_cow_size", .chance, "the kernel's matter"),
    ("latest_fork_usec", .chance, "a duration"), ("instantaneous_*", .chance, "of the last second"),
    ("used_cpu_*", .chance, "the processor's time"), ("expire_cycle_cpu_milliseconds", .chance, "a duration"),
    ("expired_time_cap_reached_count", .chance, "of a duration"), ("expired_stale_perc", .chance, "of samples"),
    ("total_net_output_bytes", .chance, "INFO's own replies are as long as its numbers"),
    ("total_net_repl_output_bytes", .within(600), "as many newlines and pings as time allowed"),
    ("total_net_repl_input_bytes", .within(600), "as many newlines as time allowed"),
    ("total_net_input_bytes", .within(2_000), "a REPLCONF ACK is sent every second"),
    ("total_reads_processed", .chance, "TCP joins what is written"),
    ("total_writes_processed", .chance, "what waits together is written together"),
    ("total_connections_received", .within(4), "a replica that is refused tries again every second"),
    ("total_error_replies", .within(8), "as above"),
    ("total_commands_processed", .within(12), "a REPLCONF ACK is sent every second"),
    ("reply_buffer_*", .chance, "of the cron's moments"),
    ("total_active_defrag_time", .chance, "a duration"), ("io_threaded_*", .chance, "of threads"),
    ("master_last_io_seconds_ago", .within(1), "a count of seconds"),
    ("master_link_down_since_seconds", .within(1), "a count of seconds"),
    ("master_sync_last_io_seconds_ago", .within(1), "a count of seconds"),
    ("rdb_last_save_time", .within(1), "a count of seconds"),
    ("rdb_last_bgsave_time_sec", .within(1), "a count of seconds"),
    ("aof_last_rewrite_time_sec", .within(1), "a count of seconds"),
    ("rdb_current_bgsave_time_sec", .within(1), "a count of seconds"),
    ("aof_current_rewrite_time_sec", .within(1), "a count of seconds"),
    ("latency_percentiles_usec_*", .chance, "durations"),
  ]

  package static func rule(_ field: String) -> Rule? {
    fields.first { entry in
      entry.name.hasSuffix("*") ? field.hasPrefix(entry.name.dropLast()) : entry.name == field
    }?.rule
  }

  /// Parts of a field that has several: `slave0:ip=…,lag=1`, `cmdstat_get:calls=2,usec=7,…`.
  package static let parts: [(name: String, rule: Rule, reason: String)] = [
    ("lag", .within(1), "a count of seconds"), ("usec", .chance, "a duration"),
    ("usec_per_call", .chance, "a duration"),
    ("avg_ttl", .chance, "an average that the expire cycle makes of samples"),
  ]

  /// Fields that count what is done every second.
  package static let counts: [(field: String, tolerance: Int, reason: String)] = [
    ("cmdstat_replconf", 12, "a REPLCONF ACK is sent every second"),
    ("cmdstat_ping", 4, "a replica that is refused tries again every second"), ("cmdstat_auth", 4, "as above"),
    ("cmdstat_psync", 4, "as above"), ("errorstat_", 4, "as above"),
  ]

  // MARK: Logs

  /// Words of log lines that are replaced on both sides before these are compared.
  package static let words: [(pattern: String, replacement: String, reason: String)] = [
    (#"by pid \d+"#, "by pid <pid>", "a process's number"),
    (#"pid: \d+"#, "pid: <pid>", "a process's number"),
    (#"pid=\d+"#, "pid=<pid>", "a process's number"),
    (#"Child \d+ "#, "Child <pid> ", "a process's number"),
    (#"temp-(rewriteaof-bg-|rewriteaof-)?\d+"#, "temp-<pid>", "a process's number"),
    (#"\d+\.\d+ seconds"#, "<time> seconds", "a duration"),
    (#"RDB age \d+ seconds"#, "RDB age <time> seconds", "a count of seconds"),
    (#"RDB memory usage when created \d+\.\d+ Mb"#, "RDB memory usage when created <memory>", "the allocator's matter"),
    (#"Fork CoW for [A-Za-z ]+: .*"#, "Fork CoW", "the kernel's matter"),
    (#"addr=127\.0\.0\.1:\d{5}"#, "addr=<port>", "a port that the kernel gave"),
    (#" fd=\d+"#, " fd=<number>", "a descriptor's number"),
    (#" age=\d+ idle=\d+"#, " age=<time> idle=<time>", "counts of seconds"),
    (#" rbs=\d+ rbp=\d+"#, " rbs=<size> rbp=<size>", "of the cron's moments"),
    (#" tot-mem=\d+"#, " tot-mem=<size>", "follows from rbs"),
    (#"commit=[0-9a-f]+"#, "commit=<commit>", "of the build"),
  ]

  /// Lines that tell of the machine or the build and not of what was done: left out.
  package static let lines: [(prefix: String, reason: String)] = [
    ("oO0OoO0OoO0Oo Redis is starting", "the program's greeting"), ("Redis version=", "of the build"),
    ("Configuration loaded", "the program's greeting"), ("Warning: no config file specified", "the program's greeting"),
    ("monotonic clock:", "of the machine"), ("Running mode=", "the program's greeting"),
    ("Server initialized", "the program's greeting"), ("WARNING", "advice on the machine"),
    ("# WARNING", "advice on the machine"), ("Increased maximum number of open files", "of the machine"),
    ("Slow", "a duration"), ("Asynchronous AOF fsync is taking too long", "a duration"),
  ]

  // MARK: Replies

  /// Commands whose replies tell the time.
  package static let commands: [(name: String, reason: String)] = [
    ("lastsave", "the time"), ("time", "the time"), ("ttl", "a duration"), ("pttl", "a duration"),
  ]

  /// Commands whose replies have an order that is a hash table's.
  package static let unordered: [(name: String, reason: String)] = [
    ("config get", "directives stand in a hash table with a random seed"), ("keys", "keys do"),
  ]
}
