import RESP
import RealRedis
import TestSupport
import Testing

@testable import Redis

/// Bytes that are no commands: a client is told, and the log has, what it is and has of a real server.
@Suite("Bytes that are no commands", .serialized, .enabled(if: RealServer.isInstalled))
struct ProtocolErrorTests {
  private static let faults: [[UInt8]] = [
    "*x\r\n", "*2\r\n$3\r\nGET\r\nkey\r\n", "*1\r\n$x\r\n", "*1\r\n$-1\r\n", "*2147483648\r\n", "SET 'a\r\n",
    "SET \"a\"b\r\n",
    "*1\r\n\r\n", "PING\r\nSET \"\r\nrest\0hidden\r\n", "*1\r\n%1\r\n\t\u{1}" + String(repeating: "y", count: 100),
    "*1\r\n$600000000\r\n" + String(repeating: "z", count: 113),
    "*1\r\n$600000000\r\n" + String(repeating: "z", count: 114),
    "*1\r\n$9999999999\r\n" + String(repeating: "é", count: 300),
  ].map { Array($0.utf8) }

  @Test("are answered, counted and logged as by Redis") func faults() throws {
    let server = try RealServer(["--loglevel", "verbose"])
    var configuration = Configuration()
    configuration.loglevel = .verbose
    var node = NodeClient(configuration)
    for fault in Self.faults {
      let socket = try Socket(port: server.port)
      socket.send(fault)
      let theirs = try Self.rest(of: socket)
      let connection = node.connect()
      node.send(fault, on: connection)
      #expect(node.read(connection) == theirs, "\(shown(fault))")
      #expect(node.closed.contains(connection), "\(shown(fault))")
    }
    let theirs = server.log.split(separator: "\n").filter { $0.contains("Protocol error") }.compactMap {
      $0.split(separator: " ", maxSplits: 6).last.map(String.init)
    }
    let ours = node.takeEffects().compactMap { effect in
      if case .log(let entry) = effect, entry.text.contains("Protocol error") { entry.text } else { nil }
    }
    #expect(ours.map(Self.masked) == theirs.map(Self.masked))
    #expect(ours.count == Self.faults.count)
    let errors = { (info: String) in info.split(separator: "\r\n").filter { $0.hasPrefix("errorstat") } }
    let info = node.command(["INFO", "errorstats"].map { Array($0.utf8) }, on: node.connect())
    #expect(errors(String(decoding: info, as: UTF8.self)) == errors(try server.text("INFO", "errorstats")))
  }

  @Test("end no connection to which nothing is written") func silent() throws {
    let fault = Array("CLIENT REPLY OFF\r\n*x\r\n".utf8)
    let server = try RealServer()
    let socket = try Socket(port: server.port)
    socket.send(fault)
    // It is to be closed after a reply, which never comes.
    let isMarked = { (list: String) in list.contains(" flags=c ") }
    #expect(server.wait(seconds: 20) { (try? isMarked(server.text("CLIENT", "LIST"))) == true })
    var node = NodeClient()
    let connection = node.connect()
    node.send(fault, on: connection)
    #expect(node.read(connection) == [] && !node.closed.contains(connection))
    #expect(isMarked(node.command("CLIENT LIST", on: node.connect())))
  }

  @Test("that a replica should not send are logged with what it sent, and nothing behind them is done")
  func answeredReplica() throws {
    let directives = [
      ("repl-diskless-sync", "no"), ("repl-ping-replica-period", "3600"), ("loglevel", "notice"),
    ]
    let server = try RealServer(directives.flatMap { ["--" + $0.0, $0.1] })
    var configuration = Configuration()
    for (name, value) in directives + [("save", "")] { try configuration.set(name, value) }
    var node = NodeClient(configuration)
    let (ping, set) = (encode(["PING"]), encode(["SET", "x", "1"].map { Array($0.utf8) }))
    let faults = [
      Array("PING\r\n".utf8), ping, ping + set, encode(["REPLCONF", "ACK", "0"]) + encode(["PING", "hello"]) + set,
      encode(["INCR", "a", "b"]), encode(["INCR", "a"]), encode(["FOO", "a", "b"]), Array("FOO a b\r\n".utf8) + set,
      Array("*x\r\n".utf8), ping + Array("*2\r\n$3\r\nGE".utf8), encode(["MULTI"]) + set + encode(["EXEC"]),
      encode(["BLPOP", "x", "1"]), encode(["INFO"]),
      encode(["CLIENT", "REPLY", "OFF"]) + ping + encode(["CLIENT", "REPLY", "ON"]),
      encode(["CLIENT", "LIST"]),
    ]
    for (index, fault) in faults.enumerated() {
      let socket = try Socket(port: server.port)
      socket.send(encode(["PSYNC", "?", "-1"]))
      let isOnline = server.wait { (try? server.text("INFO", "replication").contains("state=online")) == true }
      socket.send(fault)
      let isLost = { server.log.components(separatedBy: "Connection with replica").count == index + 2 }
      #expect(isOnline && server.wait(until: isLost), "\(shown(fault))")
      let connection = node.connect()
      node.send(encode(["PSYNC", "?", "-1"]), on: connection)
      node.advance(by: .seconds(1))
      #expect(node.node.clients[connection]?.replica?.state == .online)
      node.send(fault, on: connection)
      #expect(node.closed.contains(connection), "\(shown(fault))")
    }
    let isMeant = { (line: String) in line.hasPrefix("Replica generated") || line.hasPrefix("== CRITICAL") }
    let theirs = server.log.split(separator: "\n").compactMap {
      $0.split(separator: " ", maxSplits: 6).last.map(String.init)
    }.filter(isMeant)
    let ours = node.takeEffects().compactMap { if case .log(let entry) = $0 { entry.text } else { nil } }.filter(
      isMeant)
    // The buffers are made smaller at turns of the timer.
    let masked = { (line: String) in line.maskingChance(besides: ["qbuf-free", "rbs", "rbp", "tot-mem"]) }
    #expect(ours.map(masked) == theirs.map(masked))
    #expect(try server.text("EXISTS", "x") == "0")
    #expect(node.command("EXISTS x", on: node.connect()) == ":0\r\n")
  }

  private static func rest(of socket: Socket) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while let more = try? socket.read(), !more.isEmpty { bytes += more }
    return bytes
  }

  /// How much came at once is chance, too, and what is made room for.
  private static func masked(_ line: String) -> String {
    line.maskingChance(besides: ["qbuf", "qbuf-free", "tot-mem", "rbs", "rbp"])
  }
}
