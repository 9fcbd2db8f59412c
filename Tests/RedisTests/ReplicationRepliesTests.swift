import RealRedis
import Testing

@testable import Redis

/// The commands of replication, said by a client in the wrong place or the wrong way: a real server's very replies.
@Suite(.enabled(if: RealServer.isInstalled, "redis-server is not installed"), .serialized)
struct ReplicationRepliesTests {
  static let conversations: [[String]] = [
    ["REPLCONF"], ["REPLCONF listening-port"], ["REPLCONF listening-port abc"], ["REPLCONF listening-port 70000"],
    ["REPLCONF listening-port 99999999999999999999"], ["REPLCONF ip-address \(String(repeating: "a", count: 300))"],
    ["REPLCONF ip-address 1.2.3.4 capa eof capa psync2 capa nonsense"], ["REPLCONF version 8.0.0"],
    ["REPLCONF rdb-channel 1"], ["REPLCONF rdb-only 2"], ["REPLCONF rdb-only x"],
    ["REPLCONF rdb-only 1", "REPLCONF rdb-only 0"],
    ["REPLCONF rdb-filter-only functions"], ["REPLCONF rdb-filter-only keys"],
    ["REPLCONF rdb-filter-only functions", "PSYNC ? -1"],
    ["REPLCONF ack 5", "PING"], ["REPLCONF getack *", "PING"], ["REPLCONF ack x", "PING"], ["REPLCONF nonsense 1"],
    ["replconf LISTENING-PORT 1 Nonsense 2"], ["PSYNC"], ["PSYNC ?"], ["PSYNC ? x"], ["PSYNC ? -1 FAILOVER"],
    ["PSYNC 0000000000000000000000000000000000000000 1 FAILOVER"], ["SYNC now"], ["ROLE"], ["ROLE x"],
    ["REPLICAOF"], ["REPLICAOF NO ONE"], ["REPLICAOF no two"], ["REPLICAOF localhost x"], ["REPLICAOF localhost -1"],
    ["SLAVEOF NO ONE"], ["WAIT"], ["WAIT x 1"], ["WAIT 1 x"], ["WAIT 1 -1"], ["WAIT 0 0"], ["WAIT 1 10"],
    ["SET a 1", "WAIT 1 10"], ["WAIT -1 0"], ["MULTI", "SET a 1", "WAIT 1 0", "EXEC"], ["MULTI", "PSYNC ? -1"],
    ["MULTI", "REPLCONF capa eof", "EXEC"], ["FAILOVER"], ["FAILOVER ABORT"], ["FAILOVER TO localhost 1"],
    ["FAILOVER TIMEOUT 0"], ["FAILOVER TIMEOUT x"], ["FAILOVER FORCE"], ["FAILOVER TO localhost"],
    ["FAILOVER nonsense"],
  ]

  @Test func aMasterAnswersAsARealOne() throws {
    let server = try RealServer()
    for conversation in Self.conversations {
      let socket = try Socket(port: server.port, patience: 2)
      var real: [String] = []
      var pump = Pump()
      pump.start("m", port: 7000) { $0.replDisklessSyncDelay = 5 }
      pump.run(seconds: 0.5)
      let wire = pump.connect(to: "m")
      for words in conversation {
        let command = encode(words.split(separator: " ").map { Bytes($0.utf8) })
        pump.send(command, on: wire)
        pump.run(seconds: 0.05)
        socket.send(command)
        // Some commands are never answered; what answers next tells.
        if words.hasPrefix("REPLCONF ack") || words.hasPrefix("REPLCONF getack") { continue }
        real.append(String(decoding: try socket.readReply(), as: UTF8.self))
      }
      let own = pump.wires[wire].fromAcceptor.reduce([], +)
      #expect(String(decoding: own, as: UTF8.self) == real.joined(), "\(conversation)")
    }
  }

  @Test func aReplicaWithoutItsMasterAnswersAsARealOne() throws {
    let server = try RealServer(["--replicaof", "127.0.0.1 1", "--replica-serve-stale-data", "no"])
    var pump = Pump()
    pump.start("r", port: server.port) {
      $0.replicaof = Address(host: "127.0.0.1", port: 1)
      $0.replicaServeStaleData = false
    }
    pump.run(seconds: 0.5)
    let commands = [
      "PING", "GET a", "SET a 1", "ROLE", "PSYNC ? -1", "SYNC", "WAIT 0 0", "FAILOVER", "REPLICAOF 127.0.0.1 1",
      "REPLCONF capa eof",
      "PSYNC 0000000000000000000000000000000000000000 1 FAILOVER", "CONFIG SET replica-serve-stale-data yes", "GET a",
      "SET a 1",
      "PSYNC ? -1", "SYNC", "WAIT 0 0", "FAILOVER", "FAILOVER ABORT",
      "PSYNC 0000000000000000000000000000000000000000 1 FAILOVER",
    ]
    for words in commands {
      let own = pump.command("r", words)
      let real = try server.command(words: words)
      // Whether a refused connection is being retried at this moment is chance.
      let neutral = { (text: String) in text.replacing("$10\r\nconnecting", with: "$7\r\nconnect") }
      #expect(neutral(own) == neutral(String(decoding: real, as: UTF8.self)), "\(words)")
    }
  }

  /// Grows past its size by what blocks and slow replicas make of it, byte for byte as the real one does.
  @Test func theBacklogIsTrimmedAsARealOne() throws {
    let server = try RealServer(["--repl-backlog-size", "100kb", "--repl-diskless-sync-delay", "0"])
    let socket = try Socket(port: server.port)
    var pump = Pump()
    pump.start("m", port: 7000) { $0.replBacklogSize = 100 << 10 }
    pump.run(seconds: 0.5)
    // A replica of each, that only acknowledges.
    let follower = try Socket(port: server.port)
    for words in ["REPLCONF capa eof capa psync2", "PSYNC ? -1"] {
      follower.send(encode(words.split(separator: " ").map { Bytes($0.utf8) }))
      _ = try follower.readLine()
    }
    pump.start("r", port: 7001, seed: 2) { $0.replicaof = Address(host: "127.0.0.1", port: 7000) }
    pump.run(seconds: 2)
    let online = try server.wait {
      follower.send(encode(["REPLCONF", "ACK", "0"]))
      return try server.text("INFO", "replication").contains("state=online")
    }
    #expect(online)
    for size in [10, 20_000, 100, 70_000, 3_000, 3_000, 3_000, 16_384, 20_440, 1, 50_000, 9, 5_000, 5_000, 7_000] {
      let words = "SET k \(String(repeating: "v", count: size))"
      _ = try socket.command(words.split(separator: " ").map { Array($0.utf8) })
      pump.command("m", words)
      pump.run(seconds: 0.01)
      follower.send(encode(["REPLCONF", "ACK", "0"]))
      let settled = try server.wait {
        try server.text("INFO", "replication").contains(
          "repl_backlog_histlen:\(pump.nodes["m"]!.replication.backlog!.length)\r\n")
      }
      #expect(
        settled, "\(size): \(try! server.text("INFO", "replication")) \(pump.nodes["m"]!.replication.backlog!.length)")
      if !settled { return }
    }
  }
}

extension RealServer {
  func command(words: String) throws -> [UInt8] {
    try Socket(port: port).command(words.split(separator: " ").map { Array($0.utf8) })
  }
}
