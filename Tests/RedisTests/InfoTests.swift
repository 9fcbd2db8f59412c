import Foundation
import RealRedis
import Redis
import TestSupport
import Testing

/// INFO and CLIENT LIST of a node beside a real server's, field by field.
@Suite(.serialized, .enabled(if: RealServer.isInstalled, "redis-server is not installed"))
struct InfoTests {
  // MARK: What docs/INFO.md excepts

  private struct Exceptions {
    /// Names, of which one that ends with `*` stands for all that begin so.
    var untrue: [String] = []
    var momentary: [String] = []

    init() throws {
      let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../../docs/INFO.md"
      let parts = try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n## ")
      func names(_ part: String) -> [String] {
        part.split(separator: "\n").filter { $0.hasPrefix("| `") }.flatMap {
          $0.split(separator: "|")[0].split(separator: "`").map(String.init).filter { $0.contains(where: \.isLetter) }
        }
      }
      untrue = names(parts[0])
      momentary = names(try #require(parts.first { $0.hasPrefix("Of the moment") }))
    }

    static func matches(_ name: String, _ field: String) -> Bool {
      name.hasSuffix("*") ? field.hasPrefix(name.dropLast()) : field == name
    }

    func excepts(_ field: String) -> Bool { (untrue + momentary).contains { Self.matches($0, field) } }
  }

  // MARK: Both sides

  /// A master with a replica that is a socket, which has loaded a snapshot and follows the stream.
  private struct Side {
    var info: String
    var clients: [String]
  }

  private static let script = [
    "SET a 1", "INCR a", "INCR b", "GET a", "GET nosuch", "SET t x EX 1000", "DEL b", "NOSUCH", "MULTI",
    "SET big 0123456789012345678901234567890123456789", "GET a", "EXEC", "CLIENT SETNAME me", "SELECT 3",
    "SET c d",
    "CONFIG SET repl-backlog-size 20000", "CONFIG SET timeout 100", "WATCH c", "CLIENT NO-EVICT ON",
  ]
  private static let hello = ["CONFIG RESETSTAT", "REPLCONF listening-port 7001 capa eof capa psync2", "PSYNC ? -1"]

  private func words(_ line: String) -> [[UInt8]] { line.split(separator: " ").map { Array($0.utf8) } }

  // A real server puts off a write to the file while a slow disk is still at the last fsync: so there is none.
  private static let directives = [
    ("repl-diskless-sync-delay", "0"), ("repl-ping-replica-period", "3600"), ("appendonly", "yes"),
    ("appendfsync", "no"), ("auto-aof-rewrite-percentage", "0"),
  ]

  private func real() throws -> Side {
    let server = try RealServer(Self.directives.flatMap { ["--\($0)", $1] })
    let replica = try Socket(port: server.port)
    for line in Self.hello {
      replica.send(encode(words(line)))
      if !line.hasPrefix("PSYNC") { _ = try replica.readLine() }
    }
    var stream: [UInt8] = []
    // Asking would be counted.
    let isSent = server.wait {
      String(decoding: server.file("log") ?? [], as: UTF8.self).contains("Waiting for REPLCONF ACK")
    }
    #expect(isSent)
    replica.send(encode(words("REPLCONF ACK 0")))
    let client = try Socket(port: server.port)
    let other = try Socket(port: server.port)
    _ = try other.command(words("PING"))
    for line in Self.script { _ = try client.command(words(line)) }
    // What it is sent, it is only sent online.
    while stream.ranges(of: Array("$1\r\nd\r\n".utf8)).isEmpty { stream += try replica.read() }
    let info = try client.command(words("INFO everything"))
    let isSmall = try server.wait {
      let line = String(decoding: try client.command(words("CLIENT LIST")), as: UTF8.self)
      return line.split(whereSeparator: \.isNewline).filter { $0.contains("cmd=ping") }.allSatisfy {
        $0.contains(" rbs=1024 rbp=0 ")
      }
    }
    #expect(isSmall)
    return Side(info: String(decoding: info, as: UTF8.self), clients: lines(try client.command(words("CLIENT LIST"))))
  }

  private func lab() throws -> Side {
    var configuration = Configuration()
    try configuration.set("save", "")
    for (name, value) in Self.directives { try configuration.set(name, value) }
    var client = NodeClient(configuration)
    let replica = client.connect()
    for line in Self.hello { client.send(encode(words(line)), on: replica) }
    for _ in 0..<10 {
      client.handle(.written(replica))
      client.advance(by: .milliseconds(50))
    }
    client.send(encode(words("REPLCONF ACK 0")), on: replica)
    let (own, other) = (client.connect(), client.connect())
    _ = client.command(words("PING"), on: other)
    for line in Self.script { _ = client.command(words(line), on: own) }
    let info = client.command(words("INFO everything"), on: own)
    client.advance(by: .milliseconds(250))
    _ = client.command(words("CLIENT LIST"), on: own)
    return Side(
      info: String(decoding: info, as: UTF8.self), clients: lines(client.command(words("CLIENT LIST"), on: own)))
  }

  /// Without what is of the moment: addresses, seconds, and, of the one that asks, how much it was told lately. Clients
  /// are numbered from the first, since others were there before to see whether the server is up.
  /// Its descriptors begin behind those that it has inherited.
  private func lines(_ reply: [UInt8]) -> [String] {
    let lines = String(decoding: reply, as: UTF8.self).split(whereSeparator: \.isNewline).filter { $0.hasPrefix("id=") }
    func id(_ line: Substring) -> Int { Int(line.dropFirst(3).prefix { $0 != " " }) ?? 0 }
    return lines.map { line in
      let asks = line.contains("cmd=client|list")
      return "\(id(line) - id(lines[0])) " + line.maskingChance(besides: asks ? ["rbs", "rbp", "tot-mem"] : [])
    }
  }

  private func fields(_ info: String) -> [(name: String, value: String)] {
    info.split(separator: "\r\n").filter { $0.contains(":") && !$0.hasPrefix("$") && !$0.hasPrefix("#") }.map { line in
      let name = line.prefix { $0 != ":" }
      let value = line.dropFirst(name.count + 1).replacing(/usec=\d+,usec_per_call=[\d.]+/, with: "usec")
        .replacing(/avg_ttl=\d+/, with: "avg_ttl").replacing(/lag=-?\d+/, with: "lag")
      return (String(name), String(value))
    }
  }

  @Test func everyFieldIsARealServersButForThoseThatTheManualNames() throws {
    let exceptions = try Exceptions()
    let (real, lab) = (try real(), try lab())
    // A real server's commands have an order by chance.
    func told(_ side: Side) -> [String] {
      let lines = fields(side.info).filter { !exceptions.excepts($0.name) }.map { "\($0.name):\($0.value)" }
      return lines.filter { !$0.hasPrefix("cmdstat_") } + lines.filter { $0.hasPrefix("cmdstat_") }.sorted()
    }
    #expect(told(lab) == told(real))
    let names = fields(real.info).map(\.name)
    for name in exceptions.untrue + exceptions.momentary {
      #expect(names.contains { Exceptions.matches(name, $0) }, "\(name) is no field of INFO")
    }
    #expect(lab.clients == real.clients)
  }

  /// As measured: 16 KiB at first, 1 KiB once the timer has turned twice, and the query's buffer is given back after idling.
  @Test func aClientsBuffersShrinkInTime() {
    var client = NodeClient()
    let (first, second) = (client.connect(), client.connect())
    func line(_ id: Int) -> String {
      let list = client.command("CLIENT LIST", on: first)
      return list.split(whereSeparator: \.isNewline).first { $0.hasPrefix("id=\(id) ") }.map(String.init) ?? ""
    }
    #expect(
      line(4).contains(
        " qbuf=0 qbuf-free=4 argv-mem=0 multi-mem=0 rbs=16384 rbp=16384 obl=0 oll=0 omem=0 tot-mem=17160 "))
    // Descriptors begin behind the process's own.
    #expect(line(3).contains(" fd=8 ") && line(4).contains(" fd=9 "))
    #expect(client.command("PING", on: second) == "+PONG\r\n")
    #expect(
      line(3).contains(
        " qbuf=26 qbuf-free=20448 argv-mem=10 multi-mem=0 rbs=16384 rbp=16384 obl=0 oll=0 omem=0 tot-mem=37658 "))
    client.advance(by: .milliseconds(1_000))
    #expect(
      line(4).contains(
        " qbuf=0 qbuf-free=20474 argv-mem=0 multi-mem=0 rbs=1024 rbp=0 obl=0 oll=0 omem=0 tot-mem=22272 "))
    client.advance(by: .milliseconds(3_000))
    #expect(
      line(4).contains(" qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=1024 rbp=0 obl=0 oll=0 omem=0 tot-mem=1800 "))
    let info = client.command("INFO", on: first)
    #expect(info.contains("mem_clients_normal:3600\r\n"))
    #expect(info.contains("reply_buffer_shrinks:2\r\n"))
    client.advance(by: .milliseconds(1_000))
    // It was told 5,400 bytes of INFO, for which the small buffer is made bigger turn by turn.
    #expect(client.command("CLIENT INFO", on: first).contains(" rbs=2048 rbp=1024 "))
  }

  @Test func yearsOfIdlingAreMadeUpForAtOnce() {
    var client = NodeClient()
    let (first, second) = (client.connect(), client.connect())
    #expect(client.command("PING", on: second) == "+PONG\r\n")
    client.advance(by: .seconds(1_000_000_000))
    let list = client.command("CLIENT LIST", on: first)
    #expect(list.contains(" qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=1024 rbp=0 "))
    // The peak is forgotten at the turns that it always was, each fifth second after the first.
    #expect(client.command("CLIENT LIST", on: second).contains(" rbs=1024 rbp=\(list.utf8.count) "))
    client.advance(by: .milliseconds(200))
    #expect(client.command("CLIENT LIST", on: second).contains(" rbs=1024 rbp=0 "))
  }

  /// The keys that a child has saved, as its parent knows it: after the first, then after each 1,024, once a second at most.
  @Test func aChildSaysHowFarItIsOnceASecond() throws {
    var configuration = Configuration()
    try configuration.set("rdb-key-save-delay", "1000")
    try configuration.set("enable-debug-command", "yes")
    var client = NodeClient(configuration)
    let connection = client.connect()
    _ = client.command("DEBUG POPULATE 5000", on: connection)
    _ = client.command("BGSAVE", on: connection)
    func progress() -> [Substring] {
      client.command("INFO persistence", on: connection).split(separator: "\r\n").filter {
        $0.hasPrefix("current_save") || $0.hasPrefix("current_fork")
      }.map { $0.split(separator: ":")[1] }
    }
    #expect(progress() == ["0.00", "0", "5000"])
    client.advance(by: .milliseconds(200))
    #expect(progress() == ["0.02", "1", "5000"])
    client.advance(by: .milliseconds(1_000))
    #expect(progress() == ["20.50", "1025", "5000"])
    client.advance(by: .seconds(5))
    #expect(progress() == ["0.00", "0", "0"])
  }

  /// Commands in pieces, in a row, in transactions, and those in which a client waits.
  @Test func argumentsAreCountedWhileTheyComeWaitAndRun() throws {
    let server = try RealServer()
    var client = NodeClient()
    let sockets = try (0..<2).map { _ in try Socket(port: server.port) }
    let connections = (0..<2).map { _ in client.connect() }
    func told(_ reply: [UInt8]) -> [String] {
      lines(reply).map { line in
        line.split(separator: " ").filter {
          !$0.hasPrefix("rbs=") && !$0.hasPrefix("rbp=") && !$0.hasPrefix("tot-mem=")
        }
        .joined(separator: " ")
      }
    }
    let pieces = [
      "*2\r\n$3\r\nGET\r\n$10\r\nabc", "defghij\r\nPING\r\n*1\r\n$4\r\nPI", "NG\r\n", "MULTI\r\n",
      "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n*1\r\n$4\r\nPING\r\n", "PING\r\n", "DISCARD\r\nWAIT 9 0\r\n",
    ]
    for piece in pieces {
      sockets[0].send(Array(piece.utf8))
      client.send(Array(piece.utf8), on: connections[0])
      let expected = told(client.command(encodedList, on: connections[1]))
      var given: [String] = []
      let isSame = try server.wait(seconds: 10) {
        given = told(try sockets[1].command(encodedList))
        return given == expected
      }
      #expect(isSame, "\(piece): \(given) is not \(expected)")
    }
  }

  private var encodedList: [[UInt8]] { words("CLIENT LIST") }
}
