// What a recording tells of a server's past, for a node that is to stand in its place.

extension Node {
  /// Whether the command does what it does in Redis: a node knows the names of more commands than it can run.
  package static func canRun(_ command: [[UInt8]]) -> Bool {
    guard let name = command.first, !name.isEmpty else { return true }
    let arguments = command.map { Bytes($0) }
    guard let known = CommandTable.find(arguments[0]) else { return true }
    guard known.runnable != nil, arguments.count > 1, !known.subcommands.isEmpty else { return known.runnable != nil }
    let subcommand = CommandNames().resolve(arguments).command
    return subcommand == nil || subcommand?.runnable != nil
  }

  /// The history has come as far as this, and nobody follows it yet.
  package mutating func takeUp(offset: Int64) {
    replication.offset = offset
    replication.backlog = nil
    replication.cached = nil
  }

  /// The history goes on to `offset` by bytes of which nothing is known, and the data is then that of a snapshot.
  ///
  /// - Returns: whether it can be so.
  package mutating func catchUp(to offset: Int64, snapshot: [UInt8], at now: Instant) -> Bool {
    let missing = offset - replication.offset
    guard missing > 0, missing <= 1 << 28 else { return false }
    var loader = SnapshotLoader(databases: databases.count, verifiesChecksum: false)
    guard (try? loader.feed(snapshot, at: now)) != nil, loader.isAtEnd else { return false }
    databases = loader.databases
    functions = loader.functions
    let piece = [UInt8](repeating: 0, count: 16_384)
    var left = Int(missing)
    while left > 0 {
      feedBacklog(piece[..<min(left, piece.count)])
      left -= min(left, piece.count)
    }
    return true
  }

  /// Tells the replicas a command that the node itself can't run. `database` nil: it is of none.
  package mutating func stream(_ command: [[UInt8]], database: Int?, at now: Instant) -> [Effect] {
    self.now = now
    guard !hasExited else { return [] }
    feedStream(command.map { Bytes($0) }, database: database)
    beforeSleep()
    let caused = effects
    effects = []
    return caused
  }
}
