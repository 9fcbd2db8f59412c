import RealRedis
import Testing

@testable import Redis

/// What a real server says while it loads from its files. When it is asked is chance; whatever it answers is what a node
/// says at one of the moments at which it looks up.
@Suite(
  "Loading from files, beside a real server", .enabled(if: RealServer.isInstalled, "redis-server is not installed"),
  .serialized)
struct FileLoadingOracleTests {
  private static let directives = [
    "--rdbcompression", "no", "--key-load-delay", "1000", "--loading-process-events-interval-bytes", "20000",
    "--enable-debug-command", "yes",
  ]

  private static func bytes(_ lines: [String]) -> [UInt8] {
    lines.flatMap { line in encode(line.split(separator: " ").map { Array($0.utf8) }) }
  }

  /// The fields that tell how far a load is, and the replies that are no text.
  private static func gist(_ said: String) -> [String] {
    let told = [
      "loading:", "async_loading:", "rdb_last_load", "rdb_changes", "loading_total", "loading_rdb_used", "db0:",
      "aof_enabled:", "aof_current_size:", "aof_base_size:", "-", "+", ":", "role:", "repl_backlog_active:",
      "repl_backlog_first", "repl_backlog_histlen:", "master_repl_offset:", "blocked_clients:", "master_sync_in",
      "master_sync_total", "master_sync_read", "master_sync_left", "master_sync_perc", "master_link", "slave_",
    ]
    return said.split(separator: "\r\n").map(String.init).filter { line in told.contains { line.hasPrefix($0) } }
  }

  private static func field(_ name: String, _ said: String) -> Int? {
    said.split(separator: "\r\n").first { $0.hasPrefix(name + ":") }.flatMap { Int($0.dropFirst(name.count + 1)) }
  }

  private static let questions = [
    "PING", "GET key:1", "DBSIZE", "ROLE", "INFO persistence", "INFO keyspace", "INFO replication", "INFO clients",
    "SHUTDOWN ABORT", "CLIENT GETNAME", "WAIT 0 0",
  ]

  /// All that a node answers to the questions, at each look, and at the end.
  private static func answers(of node: inout NodeClient) -> [String] {
    let client = node.connect()
    var answers: [String] = []
    for _ in 0..<1_000 {
      node.send(bytes(questions), on: client)
      while node.node.isBusyLoading, let wakeup = node.node.nextWakeup {
        node.advance(by: wakeup - node.now)
        let said = node.read(client)
        if !said.isEmpty {
          answers.append(String(decoding: said, as: UTF8.self))
          break
        }
      }
      if !node.node.isBusyLoading { break }
    }
    return answers
  }

  /// What a real server answers, until it no longer says that it loads.
  private static func answers(of server: RealServer, _ socket: Socket) throws -> [String] {
    var answers: [String] = []
    while true {
      socket.send(bytes(questions))
      let said = try questions.map { _ in String(decoding: try socket.readReply(), as: UTF8.self) }.joined()
      guard said.contains("\r\nloading:1\r\n") else { return answers }
      answers.append(said)
    }
  }

  private func compare(_ real: [String], _ node: [String]) {
    #expect(!real.isEmpty)
    let possible = Set(node.map { Self.gist($0) })
    for said in real {
      #expect(possible.contains(Self.gist(said)), "\(Self.gist(said)) is none of \(node.map { Self.gist($0) })")
      let keys = Self.field("rdb_last_load_keys_loaded", said)
      guard let same = node.first(where: { Self.gist($0) == Self.gist(said) }),
        let exact = Self.field("loading_loaded_bytes", said), let told = Self.field("loading_loaded_bytes", same)
      else { continue }
      #expect(exact == told, "after \(keys ?? 0) keys")
    }
  }

  private static func words(_ log: some StringProtocol) -> [String] {
    log.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: " ", maxSplits: 6)
      return parts.count == 7 ? timeless(String(parts[6])) : nil
    }
  }

  private static func logged(_ node: inout NodeClient) -> [String] {
    node.takeEffects().compactMap { if case .log(let entry) = $0 { entry.text } else { nil } }
      .map { timeless($0) }
  }

  private static func timeless(_ line: String) -> String {
    line.replacing(/[0-9.]+ seconds|age [0-9]+/, with: "…")
  }

  private static func fill(_ server: RealServer, _ name: String, _ count: Int) throws {
    let socket = try Socket(port: server.port)
    socket.send(bytes((0..<count).map { "SET \(name):\($0) \(String(repeating: "x", count: 100))" }))
    for _ in 0..<count { _ = try socket.readReply() }
  }

  private static func connect(to port: Int) throws -> Socket {
    var socket: Socket?
    _ = wait(seconds: 10) {
      socket = try? Socket(port: port)
      return socket != nil
    }
    return try #require(socket)
  }

  @Test("At the start, from a snapshot") func start() throws {
    let server = try RealServer(Self.directives)
    try Self.fill(server, "key", 1_000)
    _ = try server.command("SAVE")
    server.stop()
    let file = try #require(server.file("dump.rdb"))
    var configuration = Configuration()
    try configuration.read(arguments: ["--save", ""] + Self.directives + ["--port", "\(server.port)"])
    var node = NodeClient(configuration, files: ["dump.rdb": file])

    let before = server.log.count
    try server.launch()
    let real = try Self.answers(of: server, Self.connect(to: server.port))
    compare(real, Self.answers(of: &node))
    let log = Self.words(server.log.dropFirst(before))
    #expect(Self.logged(&node).suffix(6) == log.suffix(6))
  }

  @Test("A full sync through a file") func fullSync() throws {
    let directives = Self.directives + ["--repl-diskless-load", "disabled", "--repl-diskless-sync", "no"]
    let master = try RealServer(directives)
    try Self.fill(master, "key", 1_000)
    let server = try RealServer(directives + ["--replicaof", "127.0.0.1 \(master.port)"])
    let asker = try Socket(port: server.port)
    var real: [String] = []
    let begun = try server.wait(seconds: 20) {
      real = try Self.answers(of: server, asker)
      return !real.isEmpty
    }
    try #require(begun)
    let file = try #require(server.file("dump.rdb"))

    var configuration = Configuration()
    try configuration.read(
      arguments: ["--save", "", "--replicaof", "127.0.0.1 \(master.port)"] + directives + ["--port", "\(server.port)"])
    var node = NodeClient(configuration)
    node.advance(by: .milliseconds(1))
    let link = try #require(
      node.takeEffects().compactMap { if case .open(let connection, _) = $0 { connection } else { nil } }.first)
    node.handle(.connected(link, local: Address(host: "127.0.0.1", port: 40_000)))
    let id = String(repeating: "a", count: 40)
    for line in ["+PONG", "+OK", "+OK", "+FULLRESYNC \(id) 0", "$\(file.count)"] {
      node.send(Array("\(line)\r\n".utf8), on: link)
    }
    node.send(file, on: link)
    compare(real, Self.answers(of: &node))
    #expect(Self.logged(&node).suffix(5) == Self.words(server.log).filter { !$0.contains("Connection") }.suffix(5))
  }

  @Test("DEBUG RELOAD and DEBUG LOADAOF", arguments: ["RELOAD", "LOADAOF"]) func command(_ name: String) throws {
    let directives = Self.directives + (name == "LOADAOF" ? ["--appendonly", "yes"] : [])
    let server = try RealServer(directives)
    try Self.fill(server, "key", 400)
    if name == "LOADAOF" {
      _ = try server.command("BGREWRITEAOF")
      let done = try server.wait {
        let info = try server.text("INFO", "persistence")
        return info.contains("aof_rewrites:1") && info.contains("aof_rewrite_in_progress:0")
      }
      try #require(done)
      try Self.fill(server, "more", 1_100)
    } else {
      _ = try server.command("SAVE")
    }
    server.stop()
    var files: [String: [UInt8]] = [:]
    for name in [
      "dump.rdb", "appendonlydir/appendonly.aof.manifest", "appendonlydir/appendonly.aof.2.base.rdb",
      "appendonlydir/appendonly.aof.2.incr.aof",
    ] { files[name] = server.file(name) }
    try server.restart()
    var configuration = Configuration()
    try configuration.read(arguments: ["--save", ""] + directives + ["--port", "\(server.port)"])
    var node = NodeClient(configuration, files: files)
    node.advance(by: .seconds(3))
    _ = node.takeEffects()

    // The file itself says who made it.
    let command = name == "RELOAD" ? "DEBUG RELOAD NOSAVE" : "DEBUG LOADAOF"
    let (caller, asker) = (try Socket(port: server.port), try Socket(port: server.port))
    let before = server.log.count
    caller.send(Self.bytes([command, "PING"]))
    var real: [String] = []
    // It may be asked before it has begun.
    for _ in 0..<50 where real.isEmpty { real = try Self.answers(of: server, asker) }
    let client = node.connect()
    node.send(Self.bytes([command, "PING"]), on: client)
    let answers = Self.answers(of: &node)
    compare(real, answers)
    let ends = [try caller.readReply(), try caller.readReply()].map { String(decoding: $0, as: UTF8.self) }.joined()
    #expect(String(decoding: node.read(client), as: UTF8.self) == ends)
    let log = Self.words(server.log.dropFirst(before))
    let lines = Self.logged(&node)
    #expect(lines == log)
  }
}
