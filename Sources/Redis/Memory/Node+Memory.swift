import RESP

/// What memory is used for: the figures of INFO and of MEMORY STATS (docs/INFO.md, Memory).
extension Node {
  /// A server without data and clients, with 16 databases and room for 10,000 clients [measured].
  package static let initialMemory = 876_296

  /// What a client has besides its buffers and what CLIENT LIST tells: its connection, and its places in lists [measured].
  private static let clientOverhead = 480

  /// The histogram of a command's times, which its first call makes [measured].
  private static let histogram = 24_688

  /// What the keys of all databases take.
  package var dataMemory: Int { databases.memory }

  /// What INFO's `used_memory` and a snapshot's `used-mem` say, in bytes (`zmalloc_used_memory`).
  package var usedMemory: Int { chance.usedMemory ?? countedMemory }

  /// The same by what is there, whatever the user wants to be told.
  package var countedMemory: Int { Node.initialMemory + dataMemory + processMemory }

  /// What the clients, the stream, the append-only file and statistics take.
  private var processMemory: Int {
    var sum = Int(clamping: replication.backlog?.memory ?? 0) + appendOnly.bufferMemory
    for client in clients {
      let memory = memory(of: client)
      // What waits for a replica is in the backlog's blocks, which all share.
      sum += memory.total - (client.flags.contains(.replica) ? memory.output : 0) + Node.clientOverhead
    }
    return sum + Node.histogram * statistics.commands.counts.count { $0.timed > 0 }
  }

  /// The most that data has taken is looked at when the timer turns, and before much of it goes (`cronUpdateMemoryStats` in
  /// server.c).
  mutating func notePeak() { peakDataMemory = max(peakDataMemory, dataMemory) }

  /// `used_memory_peak`.
  package var peakMemory: Int { usedMemory + max(0, peakDataMemory - dataMemory) }

  // MARK: The stream

  /// The backlog and the replicas share their blocks: what exceeds `repl-backlog-size` is the replicas'. With the root of
  /// the tree by which blocks are found, which has more nodes only where there are more than 64 blocks.
  var backlogMemory: (backlog: Int64, replicas: Int64) {
    guard let memory = replication.backlog?.memory else { return (0, 0) }
    let excess = replication.replicas.isEmpty ? 0 : max(0, memory - configuration.replBacklogSize)
    return (memory - excess + 4, excess)
  }

  /// What eviction would not be for (`freeMemoryGetNotCountedMemory` in evict.c).
  var uncountedMemory: Int64 {
    let size = configuration.replBacklogSize
    let counted = size +| (size / 16_384 + 1) *| 64
    return max(0, (replication.backlog?.memory ?? 0) - counted) + Int64(appendOnly.bufferMemory)
  }

  // MARK: What is no data

  /// (`redisMemOverhead` in server.h.)
  struct MemoryOverhead {
    var used = 0
    var peak = 0
    var backlog = 0
    var replicas = 0
    var clients = 0
    var file = 0
    /// Of libraries of functions.
    var functions = 200
    /// Of each database with keys: its number, and what its two tables take.
    var databases: [(number: Int, table: Int, expiries: Int)] = []
    var keys = 0

    var total: Int {
      Node.initialMemory + backlog + replicas + clients + file + functions
        + databases.reduce(0) { $0 + $1.table + $1.expiries }
    }
    var dataset: Int { max(0, used - total) }
    /// Without what the server took at its start.
    var net: Int { max(1, used - Node.initialMemory) }
    var datasetShare: Double { Double(Float(dataset) * 100 / Float(net)) }
    var peakShare: Double { Double(Float(used) * 100 / Float(max(1, peak))) }
  }

  /// (`getMemoryOverheadData` in object.c.)
  var memoryOverhead: MemoryOverhead {
    var overhead = MemoryOverhead(used: usedMemory, peak: peakMemory)
    overhead.backlog = Int(clamping: backlogMemory.backlog)
    overhead.replicas = Int(clamping: backlogMemory.replicas)
    overhead.clients = clientsMemory
    overhead.file = appendOnly.bufferMemory
    for (number, database) in databases.enumerated() where !database.isEmpty {
      overhead.databases.append((number, database.tableOverhead, database.expiriesOverhead))
      overhead.keys += database.count
    }
    return overhead
  }
}
