import RealRedis
import Testing

@testable import Redis

/// Replicas to which clients may write, and keys whose time is up.
@Suite(.serialized, .enabled(if: RealServer.isInstalled, "redis-server is not installed"))
struct WritableReplicaTests {
  /// A key of its own for each, which has expired and which nobody has deleted.
  static let commands = [
    "GET a", "INCR b", "APPEND c x", "SETRANGE d 1 z", "DEL e", "UNLINK f", "GETDEL g", "GETEX h PERSIST", "SET i 1 XX",
    "SET j 2 KEEPTTL", "SETNX k 1", "GETSET l 9", "EXPIRE m 100", "PERSIST n", "RENAME o o2", "RENAMENX other p",
    "SET other 1", "COPY q q2", "COPY other r REPLACE", "COPY other s", "MOVE t 1", "MSET u 1 plain 2", "MSETNX v 1",
    "INCRBYFLOAT w 1", "EXISTS x", "TOUCH x", "SET y 3 GET", "SET z 4 NX GET", "OBJECT ENCODING x", "DUMP x", "TTL x",
    "STRLEN A", "GETRANGE A 0 1", "MGET A B", "PEXPIREAT C 99999999999999", "DECRBY D 5", "PSETEX E 100000 v",
    "RENAME plain F", "DBSIZE",
  ]
  static let keys = "a b c d e f g h i j k l m n o p q r s t u v w x y z A B C D E F".split(separator: " ").map(
    String.init)

  @Test func whatAWriteTouchesIsDeletedFirst() throws {
    let replicas = try TwoReplicas()
    let (master, real, host) = (replicas.master, replicas.real, replicas.host)
    try master.command("DEBUG", "SET-ACTIVE-EXPIRE", "0")
    for key in Self.keys { try master.command("SET", key, "10", "PXAT", "1000") }
    try master.command("SET", "other", "5")
    #expect(
      try host.run { _ in try real.text("EXISTS", "other") == "1" && host.command("EXISTS", "other") == ":1\r\n" })

    let socket = try Socket(port: real.port)
    for command in Self.commands {
      let words = command.split(separator: " ").map { Array($0.utf8) }
      let expected = String(decoding: try socket.command(words), as: UTF8.self)
      let given = host.command(words)
      #expect(given == expected, "\(command)")
      for key in words.dropFirst().prefix(2) {
        #expect(
          host.command(["PTTL".bytes, key]) == String(decoding: try socket.command(["PTTL".bytes, key]), as: UTF8.self)
            || command.hasPrefix("PSETEX") || command.hasPrefix("EXPIRE") || command.hasPrefix("PEXPIREAT"),
          "\(command)")
      }
    }
    #expect(host.command("DBSIZE") == ":\(try real.text("DBSIZE"))\r\n")
    let expired = try real.text("INFO", "stats").split(separator: "\r\n").first { $0.hasPrefix("expired_keys") }
    #expect(host.command("INFO", "stats").contains("\(expired ?? "?")\r\n"))
  }

  /// The master's side of the same: what its replicas hear.
  @Test func theReplicasHearThatAKeyIsGoneBeforeItIsWritten() throws {
    let server = try RealServer(["--enable-debug-command", "yes", "--appendonly", "yes"])
    var configuration = Configuration()
    for (name, value) in [("enable-debug-command", "yes"), ("appendonly", "yes"), ("save", "")] {
      try configuration.set(name, value)
    }
    var client = NodeClient(configuration, at: realNow())
    let (socket, connection) = (try Socket(port: server.port), client.connect())
    let setUp = ["DEBUG SET-ACTIVE-EXPIRE 0"] + Self.keys.map { "SET \($0) 10 PXAT 1000" } + ["SET other 5"]
    for command in setUp + Self.commands where !command.hasPrefix("EXPIRE") && !command.hasPrefix("PSETEX") {
      let words = command.split(separator: " ").map { Array($0.utf8) }
      let expected = try socket.command(words)
      #expect(client.command(words, on: connection) == expected, "\(command)")
    }
    let expected = try #require(server.file("appendonlydir/appendonly.aof.1.incr.aof"))
    var given: [UInt8] = []
    for case .file(.append(let name, let bytes)) in client.effects where name.hasSuffix(".incr.aof") { given += bytes }
    #expect(shown(given) == shown(expected))
  }
}

/// Keys of a writable replica to which its own clients gave an expiry.
@Suite struct OwnExpiryTests {
  private func pair(readOnly: Bool = false) -> (Pump, replica: Int) {
    var pump = ReplicationTests.pair(replica: { $0.replicaReadOnly = readOnly })
    pump.run(seconds: 1.2)
    return (pump, pump.connect(to: "r"))
  }

  private func tracked(_ pump: inout Pump) -> String {
    pump.command("r", "INFO stats").split(separator: "\r\n").first { $0.hasPrefix("slave_expires_tracked_keys") }
      .map { String($0.dropFirst(27)) } ?? "?"
  }

  @Test func theyExpireByThemselves() {
    var (pump, _) = pair()
    for line in ["SET own 1 PX 300", "SET own2 1", "PEXPIRE own2 500", "SET own3 1 EX 100", "GETEX own3 EX 200"] {
      pump.command("r", line)
    }
    #expect(tracked(&pump) == "3")
    #expect(pump.nodes["r"]?.databases[0].count == 6)
    pump.run(seconds: 1)
    #expect(pump.nodes["r"]?.databases[0].count == 4)
    #expect(tracked(&pump) == "1")
    #expect(pump.nodes["r"]?.statistics.expiredKeys == 2)
    // One that is gone is forgotten at the next turn of the timer.
    pump.command("r", "DEL own3")
    #expect(tracked(&pump) == "1")
    pump.run(seconds: 0.2)
    #expect(tracked(&pump) == "0")
    // The master heard nothing of all that.
    #expect(pump.nodes["m"]?.replication.offset == pump.nodes["r"]?.replication.offset)
  }

  @Test(arguments: ["SET k 1 PXAT 99999999999999", "RENAME key:0 k", "COPY key:0 k", "MOVE key:0 1", "EXPIRE key:0 9"])
  func everyWayToGiveOneCounts(_ command: String) {
    var (pump, _) = pair()
    pump.command("m", "EXPIRE key:0 1000")
    pump.run(seconds: 0.01)
    #expect(tracked(&pump) == "0", "what the master set is the master's")
    pump.command("r", command)
    #expect(tracked(&pump) == "1")
    pump.command("r", "FLUSHALL")
    #expect(tracked(&pump) == "0")
  }

  @Test func whatTheMasterSetStaysTheMasters() {
    var (pump, _) = pair()
    pump.command("m", "DEBUG SET-ACTIVE-EXPIRE 0")
    pump.configure("m") { $0.expiresActively = false }
    pump.command("m", "PEXPIRE key:0 100")
    pump.run(seconds: 1)
    #expect(pump.nodes["r"]?.databases[0].count == 3)
    #expect(pump.command("r", "GET key:0") == "$-1\r\n")
    #expect(pump.command("r", "INCRBYFLOAT key:0 1") == "$1\r\n1\r\n")
    #expect(pump.command("r", "PTTL key:0") == ":-1\r\n")
  }
}

extension String {
  fileprivate var bytes: [UInt8] { Array(utf8) }
}
