import Foundation
import Lab
import RealRedis
import Redis
import Testing

/// What may be wrong with a machine, played by real servers, too.
@Suite("Faults of a machine are to the lab what they are to real servers", .enabled(if: RealServer.isInstalled))
struct MachineFaultOracleTests {
  private static func words(_ line: String) -> [[UInt8]] { line.split(separator: " ").map { Array($0.utf8) } }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private static func fields(_ info: String) -> [String] {
    let names = [
      "rdb_changes_since_last_save", "rdb_last_bgsave_status", "rdb_last_bgsave_time_sec", "rdb_saves",
      "aof_last_bgrewrite_status", "aof_last_rewrite_time_sec", "aof_rewrites", "total_forks",
    ]
    return info.split(whereSeparator: \.isNewline).map(String.init).filter { line in
      names.contains { line.hasPrefix("\($0):") }
    }
  }

  // MARK: fork(2)

  /// Whom a limit on processes holds back: anybody but root.
  private static var mayLimitProcesses: Bool {
    getuid() == 0 && ["setpriv", "prlimit"].allSatisfy { RealServer.find($0) != nil }
  }

  private static let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"]
  private static let commands = ["SET a 1", "BGSAVE", "BGREWRITEAOF", "SET a 2", "PING", "INFO"]

  @Test(
    "no memory for a child: the same replies, the same log, the same refusal of a replica",
    .enabled(if: mayLimitProcesses))
  func fork() throws {
    let folder = try TemporaryFolder()
    chmod(folder.root, 0o777)
    let port = try freePort()
    let directives = ["--save", "3600 1", "--repl-diskless-sync-delay", "0"]
    let setpriv = try #require(RealServer.find("setpriv"))
    let server = try ChildProcess(
      setpriv,
      Self.nobody + ["redis-server", "--port", "\(port)", "--dir", folder.root, "--logfile", folder.path("log")]
        + directives)
    defer { server.signal(SIGKILL) }
    #expect(
      RealRedis.wait(seconds: 20) { (try? Socket(port: port).command([Array("PING".utf8)])) == Array("+PONG\r\n".utf8) }
    )
    let socket = try Socket(port: port)
    let info = Self.text(try socket.command(Self.words("INFO server")))
    let process = try #require(info.firstMatch(of: /process_id:(\d+)/)?.1)
    // One process of this user, which is there already.
    let limit = try ChildProcess(
      setpriv, Self.nobody + ["prlimit", "--pid", String(process), "--nproc=1:1"])
    limit.wait()
    var replies = try Self.commands.map { Self.text(try socket.command(Self.words($0))) }

    var timeline = Timeline(seed: 1)
    try timeline.apply(.start(node: "m", Launch(arguments: ["--port", "7000"] + directives)))
    try timeline.apply(.fix(node: "m", .fork(fails: true)))
    var own = try Self.commands.map { line in
      _ = try timeline.command("m", Self.words(line))
      return Self.text(timeline.current?.reply ?? [])
    }
    let (theirs, ours) = (replies.removeLast(), own.removeLast())
    #expect(own == replies)
    #expect(Self.fields(ours) == Self.fields(theirs))
    #expect(Self.fields(ours).count == 8)

    // A replica, which is told of a snapshot that then can't be begun.
    let replica = try Socket(port: port)
    _ = try replica.command(Self.words("REPLCONF capa eof capa psync2"))
    let answer = Self.text(try replica.command(Self.words("PSYNC ? -1")))
    let refusal = Self.text(try replica.readLine())
    // Whose PING has to be answered first: by a master that has not tried yet, and so holds nothing against itself.
    var another = Timeline(seed: 1)
    try another.apply(.start(node: "m", Launch(arguments: ["--port", "7000"] + directives)))
    try another.apply(.fix(node: "m", .fork(fails: true)))
    try another.apply(.start(node: "s", Launch(arguments: ["--port", "7001", "--replicaof", "127.0.0.1 7000"])))
    _ = another.advance(by: .milliseconds(10))
    var told: [String] = []
    another.forEachStep { step in
      for delivery in step.delivered where delivery.to == .node("s") { told.append(Self.text(delivery.message.bytes)) }
    }
    #expect(answer.hasPrefix("+FULLRESYNC "))
    let place = try #require(told.firstIndex { $0.hasPrefix("+FULLRESYNC ") })
    #expect(told[place + 1].trimmingCharacters(in: .newlines) == refusal.trimmingCharacters(in: .newlines))
    #expect(refusal.hasPrefix("-ERR BGSAVE failed, replication can't continue"))

    // Why it fails is another reason there.
    let logs = Self.text(folder.read("log") ?? []).replacing(
      "Resource temporarily unavailable", with: "Cannot allocate memory")
    var lines: [String] = []
    for run in [timeline, another] {
      run.forEachStep { step in
        for note in step.notes where note.node == "m" {
          if case .log(let entry) = note.content { lines.append(entry.text) }
        }
      }
    }
    for line in lines where line.contains("fork") || line.contains("BGSAVE") {
      #expect(logs.contains(" \(line)\n"), "\(line)")
    }
    #expect(lines.contains { $0.contains("rewrite append only file in background: fork") })
  }

  // MARK: Addresses

  @Test(
    "who comes from another address than a loopback's is sent away by a server without a password, with the same words")
  func protectedMode() throws {
    let master = try RealServer([])
    let replica = try RealServer([
      "--replicaof", "127.0.0.1 \(master.port)", "--bind-source-addr", "127.0.0.2",
    ])
    let pattern = /Error reply to PING from master: '(-DENIED[^\n]*)/
    #expect(RealRedis.wait(seconds: 20) { replica.log.firstMatch(of: pattern) != nil })
    var timeline = Timeline(seed: 1)
    try timeline.apply(.start(node: "m", Launch(arguments: ["--port", "7000"])))
    try timeline.apply(.start(node: "r", Launch(arguments: ["--port", "7001", "--replicaof", "127.0.0.1 7000"])))
    try timeline.apply(.nat(node: "r", OutsideAddress(host: "10.0.0.2", port: nil)))
    _ = timeline.advance(by: .seconds(1))
    var lines: [String] = []
    timeline.forEachStep { step in
      for note in step.notes where note.node == "r" {
        if case .log(let entry) = note.content { lines.append(entry.text) }
      }
    }
    let denied = lines.compactMap { $0.firstMatch(of: pattern).map { String($0.1) } }
    #expect(denied.first == replica.log.firstMatch(of: pattern).map { String($0.1) })
    #expect(denied.first != nil)
  }

  /// A replica whose connections come from another address than where it listens.
  @Test("a replica behind another address is listed with that, and Sentinels find nobody there, until it announces one")
  func address() throws {
    let master = try RealServer(["--repl-diskless-sync-delay", "0", "--protected-mode", "no"])
    let replica = try RealServer([
      "--replicaof", "127.0.0.1 \(master.port)", "--bind-source-addr", "127.0.0.2",
    ])
    func listed() throws -> String {
      try master.text("INFO", "replication").firstMatch(of: /slave0:(ip=[^,]*,port=\d+)/).map { String($0.1) } ?? ""
    }
    #expect(RealRedis.wait(seconds: 20) { (try? listed()) == "ip=127.0.0.2,port=\(replica.port)" })
    try replica.command("CONFIG", "SET", "replica-announce-ip", "127.0.0.1")
    try master.command("CLIENT", "KILL", "TYPE", "replica")
    #expect(RealRedis.wait(seconds: 20) { (try? listed()) == "ip=127.0.0.1,port=\(replica.port)" })

    var timeline = Timeline(seed: 1)
    let open = ["--port", "7000", "--repl-diskless-sync-delay", "0", "--protected-mode", "no"]
    try timeline.apply(.start(node: "m", Launch(arguments: open)))
    try timeline.apply(.start(node: "r", Launch(arguments: ["--port", "7001", "--replicaof", "127.0.0.1 7000"])))
    try timeline.apply(.nat(node: "r", OutsideAddress(host: "10.0.0.2", port: nil)))
    func own(_ timeline: inout Timeline) throws -> String {
      _ = timeline.advance(by: .seconds(3))
      _ = try timeline.command("m", Self.words("INFO replication"))
      return Self.text(timeline.current?.reply ?? []).firstMatch(of: /slave0:(ip=[^,]*,port=\d+)/).map { String($0.1) }
        ?? ""
    }
    #expect(try own(&timeline) == "ip=10.0.0.2,port=7001")
    _ = try timeline.command("r", Self.words("CONFIG SET replica-announce-ip 127.0.0.1"))
    _ = try timeline.command("m", Self.words("CLIENT KILL TYPE replica"))
    #expect(try own(&timeline) == "ip=127.0.0.1,port=7001")
  }
}
