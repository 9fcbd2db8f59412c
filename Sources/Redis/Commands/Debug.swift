import RDB

// DEBUG (debug.c in Redis 7.0): what helps to look at a node and to bring it into a state.

extension CommandTable {
  static let debug: [String: Command.Body] = [
    "debug": { $0.debug(&$1) }
  ]
}

extension CommandNames {
  /// What else DEBUG has on a server: it looks into memory that is laid out otherwise here, or ends the process.
  static let unsimulatedDebug: Set<String> = [
    "aof-flush-sleep", "assert", "client-eviction", "clusterlink", "config-rewrite-force-all",
    "drop-cluster-packet-filter", "htstats", "htstats-key", "leak", "listpack", "mallctl", "mallctl-str", "oom",
    "panic", "protocol", "quicklist", "quicklist-packed-threshold", "replybuffer", "sdslen", "segfault",
    "set-skip-checksum-validation", "stringmatch-test", "structsize",
  ]
}

extension Node {
  /// DEBUG (`debugCommand` in debug.c).
  mutating func debug(_ call: inout Call) {
    let arguments = call.arguments
    switch (arguments[1].word, arguments.count) {
    case ("digest", 2): call.reply.simple(Digest(of: databases).description)
    case ("digest-value", _):
      call.reply.array(arguments.count - 2)
      for key in arguments.dropFirst(2) {
        // Expired keys too: this looks at what is there.
        call.reply.simple(Digest(of: databases[call.database][key]).description)
      }
    case ("sleep", 3):
      // What is no number sleeps no longer than 0 does: NaN, too.
      let asked = Double(arguments[2].text) ?? 0
      let seconds = asked > 0 ? min(asked, 1e9) : 0
      stall = Stall(cause: .sleep(since: now), end: now + .microseconds(Int64(seconds * 1e6)))
      call.reply.ok()
    case ("set-active-expire", 3):
      expiresActively = (Int(arguments[2].text) ?? 0) != 0
      call.reply.ok()
    case ("pause-cron", 3):
      isCronPaused = (Int(arguments[2].text) ?? 0) != 0
      call.reply.ok()
    case ("object", 3): debugObject(&call)
    case ("reload", _): debugReload(&call)
    case ("loadaof", _): debugLoadAppendOnly(&call)
    case ("restart", _): debugRestart(&call, inOrder: true)
    case ("crash-and-recover", _): debugRestart(&call, inOrder: false)
    case ("change-repl-id", 2):
      log(.warning, "Changing replication IDs after receiving DEBUG change-repl-id")
      replication.ids.start(drawReplicationID())
      call.reply.ok()
    case ("replicate", 3...):
      feedReplicas(Array(arguments.dropFirst(2)), database: replication.streamDatabase)
      call.reply.ok()
    case ("populate", 3...5): debugPopulate(&call)
    case ("log", 3):
      log(.warning, "DEBUG LOG: \(arguments[2].printed)")
      call.reply.ok()
    case ("error", 3):
      // It is written as it is, and counts as no error.
      let words = arguments[2].array.map { $0 == 13 || $0 == 10 ? 32 : $0 }
      call.reply.raw([UInt8(ascii: "-")] + words + [13, 10])
    case ("help", 2): debugHelp(&call)
    default: call.wrongSubcommand()
    }
  }

  /// DEBUG OBJECT (`debugCommand` in debug.c; `rdbSavedObjectLen` in rdb.c). Addresses in memory are left at nought.
  private mutating func debugObject(_ call: inout Call) {
    guard let entry = databases[call.database][call.arguments[2]] else {
      return call.reply.error(Call.Complaint.noSuchKey)
    }
    let lru = databases.lru(of: call.arguments[2], in: call.database) ?? 0
    let payload = dumpPayload(entry.value)
    call.reply.simple(
      "Value at:0x0 refcount:\(entry.value.referenceCount) encoding:\(entry.value.encodingName) serializedlength:\(payload.count - 11) "
        + "lru:\(lru) lru_seconds_idle:\(keyUse.idleSeconds(lru))")
  }

  /// DEBUG POPULATE makes keys that the replicas are not told of (`debugCommand` in debug.c).
  private mutating func debugPopulate(_ call: inout Call) {
    let complaint = "ERR value is out of range, must be positive"
    guard let count = call.integer(at: 2, in: 0...Int64.max, complaint: complaint) else { return }
    let prefix = call.arguments.count > 3 ? call.arguments[3] : "key"
    var size = 0
    if call.arguments.count == 5 {
      guard let given = call.integer(at: 4, in: 0...Int64.max, complaint: complaint) else { return }
      size = Int(given)
    }
    // A real server tries, and is killed for want of memory.
    guard count.multipliedReportingOverflow(by: max(64, Int64(size))).overflow == false,
      count * max(64, Int64(size)) <= 1 << 28
    else { return call.reply.error("ERR a node of the lab takes no more than 256 MiB of keys at once") }
    for number in 0..<count {
      // What fits into a buffer of 128 bytes.
      let key = Bytes((prefix.array.prefix { $0 != 0 } + Array(":\(number)".utf8)).prefix(127))
      guard lookup(key, in: call.database) == nil else { continue }
      var value = Array("value:\(number)".utf8)
      if size > 0 { value = Array(value.prefix(size)) + [UInt8](repeating: 0, count: max(0, size - value.count)) }
      setValue(
        of: key, to: .string(StringValue(Bytes(value), encoding: value.count > 44 ? .raw : .embstr)), in: call.database)
      signalModified(key, in: call.database)
    }
    call.reply.ok()
  }

  /// DEBUG HELP (`debugCommand` in debug.c): what a server has, as COMMAND lists it, be it simulated or not.
  private func debugHelp(_ call: inout Call) {
    call.help([
      "AOF-FLUSH-SLEEP <microsec>",
      "    Server will sleep before flushing the AOF, this is used for testing.",
      "ASSERT",
      "    Crash by assertion failed.",
      "CHANGE-REPL-ID",
      "    Change the replication IDs of the instance.",
      "    Dangerous: should be used only for testing the replication subsystem.",
      "CONFIG-REWRITE-FORCE-ALL",
      "    Like CONFIG REWRITE but writes all configuration options, including",
      "    keywords not listed in original configuration file or default values.",
      "CRASH-AND-RECOVER [<milliseconds>]",
      "    Hard crash and restart after a <milliseconds> delay (default 0).",
      "DIGEST",
      "    Output a hex signature representing the current DB content.",
      "DIGEST-VALUE <key> [<key> ...]",
      "    Output a hex signature of the values of all the specified keys.",
      "ERROR <string>",
      "    Return a Redis protocol error with <string> as message. Useful for clients",
      "    unit tests to simulate Redis errors.",
      "LEAK <string>",
      "    Create a memory leak of the input string.",
      "LOG <message>",
      "    Write <message> to the server log.",
      "HTSTATS <dbid>",
      "    Return hash table statistics of the specified Redis database.",
      "HTSTATS-KEY <key>",
      "    Like HTSTATS but for the hash table stored at <key>'s value.",
      "LOADAOF",
      "    Flush the AOF buffers on disk and reload the AOF in memory.",
      "REPLICATE <string>",
      "    Replicates the provided string to replicas, allowing data divergence.",
      "MALLCTL <key> [<val>]",
      "    Get or set a malloc tuning integer.",
      "MALLCTL-STR <key> [<val>]",
      "    Get or set a malloc tuning string.",
      "OBJECT <key>",
      "    Show low level info about `key` and associated value.",
      "DROP-CLUSTER-PACKET-FILTER <packet-type>",
      "    Drop all packets that match the filtered type. Set to -1 allow all packets.",
      "OOM",
      "    Crash the server simulating an out-of-memory error.",
      "PANIC",
      "    Crash the server simulating a panic.",
      "POPULATE <count> [<prefix>] [<size>]",
      "    Create <count> string keys named key:<num>. If <prefix> is specified then",
      "    it is used instead of the 'key' prefix. These are not propagated to",
      "    replicas. Cluster slots are not respected so keys not belonging to the",
      "    current node can be created in cluster mode.",
      "PROTOCOL <type>",
      "    Reply with a test value of the specified type. <type> can be: string,",
      "    integer, double, bignum, null, array, set, map, attrib, push, verbatim,",
      "    true, false.",
      "RELOAD [option ...]",
      "    Save the RDB on disk and reload it back to memory. Valid <option> values:",
      "    * MERGE: conflicting keys will be loaded from RDB.",
      "    * NOFLUSH: the existing database will not be removed before load, but",
      "      conflicting keys will generate an exception and kill the server.",
      "    * NOSAVE: the database will be loaded from an existing RDB file.",
      "    Examples:",
      "    * DEBUG RELOAD: verify that the server is able to persist, flush and reload",
      "      the database.",
      "    * DEBUG RELOAD NOSAVE: replace the current database with the contents of an",
      "      existing RDB file.",
      "    * DEBUG RELOAD NOSAVE NOFLUSH MERGE: add the contents of an existing RDB",
      "      file to the database.",
      "RESTART [<milliseconds>]",
      "    Graceful restart: save config, db, restart after a <milliseconds> delay (default 0).",
      "SDSLEN <key>",
      "    Show low level SDS string info representing `key` and value.",
      "SEGFAULT",
      "    Crash the server with sigsegv.",
      "SET-ACTIVE-EXPIRE <0|1>",
      "    Setting it to 0 disables expiring keys in background when they are not",
      "    accessed (otherwise the Redis behavior). Setting it to 1 reenables back the",
      "    default.",
      "QUICKLIST-PACKED-THRESHOLD <size>",
      "    Sets the threshold for elements to be inserted as plain vs packed nodes",
      "    Default value is 1GB, allows values up to 4GB. Setting to 0 restores to default.",
      "SET-SKIP-CHECKSUM-VALIDATION <0|1>",
      "    Enables or disables checksum checks for RDB files and RESTORE's payload.",
      "SLEEP <seconds>",
      "    Stop the server for <seconds>. Decimals allowed.",
      "STRINGMATCH-TEST",
      "    Run a fuzz tester against the stringmatchlen() function.",
      "STRUCTSIZE",
      "    Return the size of different Redis core C structures.",
      "LISTPACK <key>",
      "    Show low level info about the listpack encoding of <key>.",
      "QUICKLIST <key> [<0|1>]",
      "    Show low level info about the quicklist encoding of <key>.",
      "    The optional argument (0 by default) sets the level of detail",
      "CLIENT-EVICTION",
      "    Show low level client eviction pools info (maxmemory-clients).",
      "PAUSE-CRON <0|1>",
      "    Stop periodic cron job processing.",
      "REPLYBUFFER PEAK-RESET-TIME <NEVER||RESET|time>",
      "    Sets the time (in milliseconds) to wait between client reply buffer peak resets.",
      "    In case NEVER is provided the last observed peak will never be reset",
      "    In case RESET is provided the peak reset time will be restored to the default value",
      "REPLYBUFFER RESIZING <0|1>",
      "    Enable or disable the reply buffer resize cron job",
      "CLUSTERLINK KILL <to|from|all> <node-id>",
      "    Kills the link based on the direction to/from (both) with the provided node.",
    ])
  }
}
