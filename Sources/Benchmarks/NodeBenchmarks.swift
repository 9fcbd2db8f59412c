import RealRedis
import Redis

/// A snapshot of a million small strings into a node's databases, against redis-server's own start with the same file.
func load() throws -> [Row] {
  guard RealServer.isInstalled else { return [missing("Load 1M strings", "redis-server")] }
  let bytes = smallStrings(1_000_000)
  // What a server uses without a file to load is not what loading takes.
  let idle = try processorTimeOfServer(files: [:])
  return [
    try contest(
      "Load 1M strings into a node / redis-server's start with them", rounds: 5, goal: "≤ 1.00", rate: milliseconds,
      ours: {
        try measure {
          var loader = SnapshotLoader(databases: 16, verifiesChecksum: true)
          try loader.feed(bytes, at: .defaultLabClock)
          precondition(loader.isAtEnd && loader.databases[0].count == 1_000_000)
        }
      },
      peer: { try processorTimeOfServer(files: ["dump.rdb": bytes]) - idle })
  ]
}

func processorTimeOfServer(files: [String: [UInt8]]) throws -> Seconds {
  let server = try RealServer(files: files)
  let info = try server.text("INFO", "cpu")
  let times = info.split(separator: "\r\n").filter {
    $0.hasPrefix("used_cpu_sys:") || $0.hasPrefix("used_cpu_user:")
  }
  return times.reduce(0) { $0 + (Double($1.split(separator: ":")[1]) ?? .nan) }
}

/// A full sync of a million keys: between two nodes in this process, and between two servers over loopback. Both sides
/// by the clock on the wall, since that is what one waits for; the servers use three processes for it.
func fullSync() throws -> [Row] {
  guard RealServer.isInstalled else { return [missing("Full sync of 1M strings", "redis-server")] }
  let bytes = smallStrings(1_000_000)
  let server = try RealServer(["--repl-diskless-sync-delay", "0"], files: ["dump.rdb": bytes])
  return [
    try contest(
      "Full sync of 1M strings in process / between servers (wall)", rounds: 5, goal: "≤ 0.75", rate: milliseconds,
      ours: { try Exchange(bytes).fullSync() },
      peer: { try syncOfServers(with: server) })
  ]
}

/// From REPLICAOF to the link's being up.
private func syncOfServers(with master: RealServer) throws -> Seconds {
  let replica = try RealServer(["--repl-diskless-load", "on-empty-db"])
  let socket = try Socket(port: replica.port)
  let start = wallTime()
  _ = try socket.command(["REPLICAOF", "127.0.0.1", "\(master.port)"].map { Array($0.utf8) })
  while true {
    let info = try socket.command(["INFO", "replication"].map { Array($0.utf8) })
    if String(decoding: info, as: UTF8.self).contains("master_link_status:up") { break }
    precondition(wallTime() - start < 120, "the replica did not come up")
  }
  let time = wallTime() - start
  let size = try replica.text("DBSIZE")
  precondition(size == "1000000")
  return time
}

/// Two nodes and the connection between them. Inputs are handled in the order in which they were caused; when there are
/// none, time moves on to the next timer.
private struct Exchange {
  var nodes: [Node]
  var now = Instant.defaultLabClock
  /// Inputs to come, from `first` on.
  var queue: [(node: Int, input: Input)] = []
  var first = 0
  var links = 0
  /// How each node knows the connection that matters now.
  var connections: [ConnectionID?] = [nil, nil]

  init(_ snapshot: [UInt8]) throws {
    var configuration = Configuration()
    configuration.save = []
    configuration.replDisklessSyncDelay = 0
    configuration.port = 7000
    var master = Node(configuration: configuration, seed: 1, now: now)
    configuration.port = 7001
    configuration.replDisklessLoad = .onEmptyDB
    configuration.replicaof = Address(host: "127.0.0.1", port: 7000)
    let replica = Node(configuration: configuration, seed: 2, now: now)
    var loader = SnapshotLoader(databases: 16, verifiesChecksum: true)
    try loader.feed(snapshot, at: now)
    _ = master.handle(.start(files: [:]), at: now)
    master.databases = loader.databases
    nodes = [master, replica]
  }

  /// Seconds from the replica's start to its being online with all keys.
  mutating func run() -> Seconds {
    let start = wallTime()
    queue.append((1, .start(files: [:])))
    while !isDone { step() }
    precondition(nodes[1].databases[0].count == 1_000_000)
    return wallTime() - start
  }

  func fullSync() -> Seconds {
    var copy = self
    return copy.run()
  }

  var isDone: Bool { nodes[1].replication.link.state == .connected && first == queue.count }

  mutating func step() {
    if first < queue.count {
      let (node, input) = queue[first]
      first += 1
      if first == queue.count {
        queue.removeAll(keepingCapacity: true)
        first = 0
      }
      handle(input, by: node)
      return
    }
    let wakeups = nodes.map { $0.nextWakeup ?? Instant(microseconds: .max) }
    let node = wakeups[0] <= wakeups[1] ? 0 : 1
    now = max(now, wakeups[node])
    precondition(now - .defaultLabClock < .seconds(600), "the nodes do not come to an end")
    handle(.wakeUp, by: node)
  }

  mutating func handle(_ input: Input, by node: Int) {
    for effect in nodes[node].handle(input, at: now) {
      switch effect {
      case .open(let id, _):
        links += 1
        connections = [ConnectionID(.accepted, UInt64(links)), id]
        let local = Address(host: "127.0.0.1", port: 40000 + links)
        queue.append((0, .accepted(connections[0]!, peer: local, local: Address(host: "127.0.0.1", port: 7000))))
        queue.append((1, .connected(id, local: local)))
      case .send(_, let bytes):
        if let id = connections[1 - node] { queue.append((1 - node, .received(id, bytes))) }
      case .notifyWhenWritten(let id): queue.append((node, .written(id)))
      case .close:
        if let id = connections[1 - node] { queue.append((1 - node, .closed(id, reset: false))) }
      case .file, .listen, .log, .decided, .exit: break
      }
    }
  }
}
