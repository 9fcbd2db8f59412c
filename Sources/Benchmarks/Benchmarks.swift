/// Compares replab with its peers, side by side in one run, and prints the goals beside the figures. A figure that
/// misses its goal fails nothing: machines differ, and who reads the table judges.
///
///     make bench                      everything
///     replab-bench fields resp        some of it
@main struct Benchmarks {
  static let all: [(name: String, run: @Sendable () throws -> [Row])] = [
    ("resp", decodeCommands),
    ("fields", { [try walkFields()] }),
    ("load", load),
    ("elements", loadCollections),
    ("memory", elementMemory),
    ("sync", fullSync),
    ("snapshot", snapshotParts),
    ("keys", keyspace),
    ("commands", commands),
    ("print", { [try printCapture()] }),
    ("dissect", dissectRecording),
    ("connections", manyConnections),
    ("lab", timeline),
    ("topologies", topologies),
    ("start", startToPrompt),
    ("clone", cloneToPrompt),
  ]

  static func main() throws {
    if CommandLine.arguments.count == 3, CommandLine.arguments[1] == Dissecting.verb {
      return try Dissecting.run(CommandLine.arguments[2])
    }
    if CommandLine.arguments.count == 3, CommandLine.arguments[1] == Stepping.verb {
      return try Stepping.run(CommandLine.arguments[2])
    }
    if CommandLine.arguments.count == 3, CommandLine.arguments[1] == Topology.verb {
      return try Topology.run(CommandLine.arguments[2])
    }
    if CommandLine.arguments.count == 3, CommandLine.arguments[1] == Holding.verb {
      return Holding.run(CommandLine.arguments[2])
    }
    let wanted = CommandLine.arguments.dropFirst()
    let chosen = all.filter { wanted.isEmpty || wanted.contains($0.name) }
    guard !chosen.isEmpty else {
      print("usage: replab-bench [\(all.map(\.name).joined(separator: " | "))]…")
      return
    }
    print("Processor time unless it says otherwise; medians; a ratio is replab's figure divided by the peer's.")
    printTable(try chosen.flatMap { try $0.run() })
  }
}
