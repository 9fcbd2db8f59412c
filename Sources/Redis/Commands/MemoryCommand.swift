// MEMORY (object.c in Redis 7.0).

extension CommandTable {
  static let memory: [String: Command.Body] = [
    "memory|doctor": { $0.memoryDoctor(&$1) },
    "memory|help": { $0.memoryHelp(&$1) },
    "memory|malloc-stats": { $0.memoryMallocStats(&$1) },
    "memory|purge": { $0.memoryPurge(&$1) },
    "memory|stats": { $0.memoryStats(&$1) },
    "memory|usage": { $0.memoryUsage(&$1) },
  ]
}

extension Node {
  /// MEMORY USAGE (`memoryCommand` in object.c). An expired key is counted as long as it is there.
  mutating func memoryUsage(_ call: inout Call) {
    var samples: Int64 = 5
    var position = 3
    while position < call.arguments.count {
      guard call.arguments[position].matches("SAMPLES"), position + 1 < call.arguments.count else {
        return call.syntaxError()
      }
      guard let given = call.integer(at: position + 1) else { return }
      guard given >= 0 else { return call.syntaxError() }
      samples = given == 0 ? .max : given
      position += 2
    }
    let key = call.arguments[2]
    guard let value = databases[call.database][key]?.value else { return call.reply.null() }
    call.reply.integer(
      value.computedSize(samples: Int(samples)) + Jemalloc.size(forSds: key.count) + Sizeof.dictEntry)
  }

  /// MEMORY STATS (`memoryCommand` in object.c). What the kernel gives a process is what it uses.
  mutating func memoryStats(_ call: inout Call) {
    let overhead = memoryOverhead
    call.reply.map(27 + overhead.databases.count)
    func add(_ name: String, _ number: Int) {
      call.reply.bulk(name)
      call.reply.integer(number)
    }
    func add(_ name: String, _ number: Double) {
      call.reply.bulk(name)
      call.reply.double(number)
    }
    add("peak.allocated", overhead.peak)
    add("total.allocated", overhead.used)
    add("startup.allocated", Node.initialMemory)
    add("replication.backlog", overhead.backlog)
    add("clients.slaves", overhead.replicas)
    add("clients.normal", overhead.clients)
    add("cluster.links", 0)
    add("aof.buffer", overhead.file)
    add("lua.caches", 0)
    add("functions.caches", overhead.functions)
    for database in overhead.databases {
      call.reply.bulk("db.\(database.number)")
      call.reply.map(3)
      add("overhead.hashtable.main", database.table)
      add("overhead.hashtable.expires", database.expiries)
      add("overhead.hashtable.slot-to-keys", 0)
    }
    add("overhead.total", overhead.total)
    add("keys.count", overhead.keys)
    add("keys.bytes-per-key", overhead.keys == 0 ? 0 : overhead.net / overhead.keys)
    add("dataset.bytes", overhead.dataset)
    add("dataset.percentage", overhead.datasetShare)
    add("peak.percentage", overhead.peakShare)
    for name in ["allocator.allocated", "allocator.active", "allocator.resident"] { add(name, overhead.used) }
    for name in ["allocator-fragmentation", "allocator-rss", "rss-overhead"] {
      add(name + ".ratio", 1.0)
      add(name + ".bytes", 0)
    }
    add("fragmentation", 1.0)
    add("fragmentation.bytes", 0)
  }

  /// MEMORY DOCTOR (`getMemoryDoctorReport` in object.c). Of its complaints those on fragments and resident memory have
  /// no cause here, where the kernel gives a process what it uses.
  mutating func memoryDoctor(_ call: inout Call) {
    let overhead = memoryOverhead
    guard overhead.used >= 5 << 20 else {
      return call.reply.verbatim(
        "Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these "
          + "conditions. Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be "
          + "back to our programming as soon as I finished rebooting.\n", format: "txt")
    }
    var issues: [String] = []
    if Float(overhead.peak) / Float(overhead.used) > 1.5 { issues.append(Node.bigPeak) }
    let replicas = replication.replicas.count
    if replicas > 0, overhead.replicas > 10 << 20 { issues.append(Node.bigReplicaBuffers) }
    if overhead.clients / max(1, clients.count - replicas) > 200 << 10 { issues.append(Node.bigClientBuffers) }
    guard !issues.isEmpty else {
      return call.reply.verbatim(
        "Hi Sam, I can't find any memory issue in your instance. I can only account for what occurs on this base.\n",
        format: "txt")
    }
    call.reply.verbatim(
      "Sam, I detected a few issues in this Redis instance memory implants:\n\n"
        + issues.map { " * \($0)\n\n" }.joined() + "I'm here to keep you safe, Sam. I want to help you.\n",
      format: "txt")
  }

  private static let bigPeak =
    "Peak memory: In the past this instance used more than 150% the memory that is currently using. The allocator is "
    + "normally not able to release memory after a peak, so you can expect to see a big fragmentation ratio, however this "
    + "is actually harmless and is only due to the memory peak, and if the Redis instance Resident Set Size (RSS) is "
    + "currently bigger than expected, the memory will be used as soon as you fill the Redis instance with more data. If "
    + "the memory peak was only occasional and you want to try to reclaim memory, please try the MEMORY PURGE command, "
    + "otherwise the only other option is to shutdown and restart the instance."

  private static let bigReplicaBuffers =
    "Big replica buffers: The replica output buffers in this instance are greater than 10MB for each replica (on "
    + "average). This likely means that there is some replica instance that is struggling receiving data, either because "
    + "it is too slow or because of networking issues. As a result, data piles on the master output buffers. Please try "
    + "to identify what replica is not receiving data correctly and why. You can use the INFO output in order to check "
    + "the replicas delays and the CLIENT LIST command to check the output buffers of each replica."

  private static let bigClientBuffers =
    "Big client buffers: The clients output buffers in this instance are greater than 200K per client (on average). "
    + "This may result from different causes, like Pub/Sub clients subscribed to channels bot not receiving data fast "
    + "enough, so that data piles on the Redis instance output buffer, or clients sending commands with large replies or "
    + "very large sequences of commands in the same pipeline. Please use the CLIENT LIST command in order to investigate "
    + "the issue if it causes problems in your instance, or to understand better why certain clients are using a big "
    + "amount of memory."

  /// MEMORY MALLOC-STATS (`memoryCommand` in object.c): what a server answers that was built without jemalloc, whose
  /// report on itself nobody can give for it.
  mutating func memoryMallocStats(_ call: inout Call) {
    call.reply.bulk("Stats not supported for the current allocator")
  }

  /// MEMORY PURGE (`memoryCommand` in object.c): there is nothing that the allocator could give back.
  mutating func memoryPurge(_ call: inout Call) { call.reply.ok() }

  /// MEMORY HELP (`memoryCommand` in object.c).
  mutating func memoryHelp(_ call: inout Call) {
    call.help([
      "DOCTOR",
      "    Return memory problems reports.",
      "MALLOC-STATS",
      "    Return internal statistics report from the memory allocator.",
      "PURGE",
      "    Attempt to purge dirty pages for reclamation by the allocator.",
      "STATS",
      "    Return information about the memory usage of the server.",
      "USAGE <key> [SAMPLES <count>]",
      "    Return memory in bytes used by <key> and its value. Nested values are",
      "    sampled up to <count> times (default: 5, 0 means sample all).",
    ])
  }
}
