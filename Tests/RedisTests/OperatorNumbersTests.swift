import RealRedis
import Redis
import Testing

/// The numbers that operators read, beside a real server's.
@Suite(.serialized, .enabled(if: RealServer.isInstalled, "redis-server is not installed"))
struct OperatorNumbersTests {
  /// The same words to a real server and to a node, each line of a script on the connection that it begins with.
  private struct Pair {
    let server: RealServer
    var client: NodeClient
    private var sockets: [Socket] = []
    private(set) var connections: [ConnectionID] = []

    init(connections count: Int = 1) throws {
      server = try RealServer()
      client = NodeClient(try standard())
      for _ in 0..<count {
        sockets.append(try Socket(port: server.port))
        connections.append(client.connect())
      }
    }

    func real(_ line: String, on number: Int = 0) throws -> String {
      String(decoding: try sockets[number].command(words(line)), as: UTF8.self)
    }

    mutating func lab(_ line: String, on number: Int = 0) -> String {
      String(decoding: client.command(words(line), on: connections[number]), as: UTF8.self)
    }

    func sendReal(_ line: String, on number: Int) { sockets[number].send(encode(words(line))) }

    func readReal(on number: Int) throws -> [UInt8] { try sockets[number].readReply() }

    private func words(_ line: String) -> [[UInt8]] { line.split(separator: " ").map { Array($0.utf8) } }

    mutating func play(_ script: [String], on number: Int = 0) throws {
      for line in script { #expect(try lab(line, on: number) == real(line, on: number), "\(line)") }
    }
  }

  private static func standard() throws -> Configuration {
    var configuration = Configuration()
    try configuration.set("save", "")
    return configuration
  }

  /// A section's lines without durations, in an order of their own: a real server lists its commands in hash order.
  private func told(_ reply: String) -> [String] {
    reply.split(separator: "\r\n").dropFirst(2).map {
      String($0.replacing(/usec=\d+,usec_per_call=[\d.]+/, with: "").replacing(/=\d+\.\d\d\d/, with: ""))
    }.sorted()
  }

  private func compareCounts(_ pair: inout Pair) throws {
    for section in ["commandstats", "errorstats", "latencystats"] {
      #expect(try told(pair.lab("INFO \(section)")) == told(pair.real("INFO \(section)")))
    }
  }

  private static let script = [
    "SET a x", "INCR a", "GET", "NOSUCH", "CONFIG GET timeout", "CONFIG NOSUCH", "SET b", "MULTI", "INCR a", "INCR n",
    "EXEC", "ACL SETUSER u on nopass +@all -get ~*", "AUTH u x", "GET a", "MULTI", "GET a", "EXEC", "AUTH default x",
    "EXEC", "WAIT x 1", "MULTI", "SET b", "EXEC", "ACL DELUSER u", "AUTH u y",
  ]

  @Test func commandsAndErrorsAreCountedAlike() throws {
    var pair = try Pair()
    try pair.play(Self.script + ["CONFIG RESETSTAT"] + Self.script)
    try compareCounts(&pair)
    try pair.play([
      "CONFIG RESETSTAT", "CONFIG SET latency-tracking-info-percentiles 12.5", "CONFIG SET timeout x",
      "CONFIG SET latency-tracking no", "GET a", "CONFIG SET latency-tracking yes",
    ])
    try compareCounts(&pair)
    try pair.play(["CONFIG SET latency-tracking no"])
    try compareCounts(&pair)
  }

  @Test func whatBlocksIsTimedAndChargedOnlyIfItIsUnblocked() throws {
    var pair = try Pair(connections: 2)
    for ending in ["", " ERROR", " TIMEOUT"] {
      let id = try pair.real("CLIENT ID", on: 1)
      let own = pair.lab("CLIENT ID", on: 1)
      try pair.play(["CONFIG RESETSTAT"])
      let question = "WAIT 9 0"
      pair.sendReal(question, on: 1)
      #expect(pair.lab(question, on: 1) == "")
      #expect(try pair.server.wait { try pair.real("INFO clients").contains("blocked_clients:1\r\n") })
      // The number of questions is chance.
      try pair.play(["CONFIG RESETSTAT"])
      let answer = try pair.real("CLIENT UNBLOCK \(id.dropFirst().dropLast())\(ending)")
      #expect(pair.lab("CLIENT UNBLOCK \(own.dropFirst().dropLast())\(ending)") == answer)
      let unblocked = pair.client.read(pair.connections[1])
      #expect(try pair.readReal(on: 1) == unblocked)
      try compareCounts(&pair)
    }
  }

  @Test func infoHasTheSameSectionsAndFields() throws {
    var pair = try Pair()
    for sections in ["everything", "all", "commandstats keyspace", "default latencystats", "nosuch", "modules cpu"] {
      func fields(_ reply: String) -> [String] {
        reply.split(separator: "\r\n", omittingEmptySubsequences: false).dropFirst().map {
          String($0.prefix { $0 != ":" })
        }.filter { !$0.contains("_percentiles_") && !$0.hasPrefix("cmdstat") }
      }
      #expect(try fields(pair.lab("INFO \(sections)")) == fields(pair.real("INFO \(sections)")), "\(sections)")
    }
  }

  /// The replica is a script that says what a real one does; both masters write the same snapshot for it but for its hints.
  @Test(arguments: [false, true]) func bytesOfReplicationAndForksAreCountedAlike(diskless: Bool) throws {
    let server = try RealServer([
      "--repl-diskless-sync", diskless ? "yes" : "no", "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period",
      "1000",
    ])
    var configuration = try Self.standard()
    try configuration.set("repl-diskless-sync", diskless ? "yes" : "no")
    try configuration.set("repl-diskless-sync-delay", "0")
    try configuration.set("repl-ping-replica-period", "1000")
    var client = NodeClient(configuration)
    let hello = [
      "PING", "REPLCONF listening-port 7001", "REPLCONF capa eof capa psync2", "PSYNC ? -1",
    ]
    let socket = try Socket(port: server.port)
    let connection = client.connect()
    for line in hello {
      let words = line.split(separator: " ").map { Array($0.utf8) }
      socket.send(encode(words))
      if !line.hasPrefix("PSYNC") { _ = try socket.readLine() }
      client.send(encode(words), on: connection)
    }
    #expect(try server.wait { try server.text("INFO", "replication").contains("state=online") })
    for _ in 0..<20 {
      client.advance(by: .milliseconds(100))
      client.handle(.written(connection))
    }
    let ack = ["REPLCONF", "ACK", "0"].map { Array($0.utf8) }
    socket.send(encode(ack))
    client.send(encode(ack), on: connection)
    let other = client.connect()
    _ = try server.command("SET", "a", "1")
    _ = client.command("SET a 1", on: other)
    let sent = client.read(connection)
    let given = client.command("INFO stats", on: other)
    // The answer to PSYNC is not counted, nor are newlines before the snapshot.
    let payload = try #require(sent.firstRange(of: Array(diskless ? "$EOF:".utf8 : "$".utf8)))
    let count = sent.count - payload.lowerBound
    #expect(field("total_net_repl_output_bytes", given) == "\(count)")
    var expected = ""
    // Snapshots are not of one length, since what they say of the memory used is not.
    #expect(
      try server.wait {
        expected = try server.text("INFO", "stats")
        return abs((Int(field("total_net_repl_output_bytes", expected) ?? "") ?? 0) - count) < 16
      })
    for name in ["total_forks", "sync_full"] { #expect(field(name, given) == field(name, expected)) }
    let persistence = try server.text("INFO", "persistence")
    let own = client.command("INFO persistence", on: other)
    #expect(field("rdb_saves", own) == field("rdb_saves", persistence))
    // A second may have turned meanwhile.
    #expect(field("rdb_last_bgsave_time_sec", own) == "0")
    #expect(["0", "1"].contains(field("rdb_last_bgsave_time_sec", persistence)))
  }

  private func field(_ name: String, _ reply: String) -> String? {
    reply.split(separator: "\r\n").first { $0.hasPrefix(name + ":") }.map { String($0.dropFirst(name.count + 1)) }
  }
}
