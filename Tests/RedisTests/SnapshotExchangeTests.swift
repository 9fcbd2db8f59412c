import Glibc
import RealRedis
import Redis
import TestSupport
import Testing

/// Data of every type around the thresholds between their layouts, in a real server and in a node.
///
/// `REPLAB_ROUNDS=500` fills so many data sets.
@Suite("Snapshots of every type", .serialized, .enabled(if: RealServer.isInstalled, "redis-server is not installed"))
struct SnapshotExchangeTests {
  private static let rounds = getenv("REPLAB_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 5
  private static let debug = ["--enable-debug-command", "yes", "--save", ""]

  @Test("have the same bytes for each key, and each loads the other's")
  func exchanged() throws {
    var random = TestRandom(seed: 11)
    let server = try RealServer(Self.debug)
    let socket = try Socket(port: server.port)
    var client = try Self.client()
    let connection = client.connect()
    for round in 0..<Self.rounds {
      var calls = RandomDataSet.settings(&random) + RandomDataSet.commands(&random)
      calls = Self.withoutClock(calls) + [["SELECT", "0"], ["SAVE"]]
      for call in calls {
        client.now = max(client.now, realNow())
        let words = call.map { Array($0.utf8) }
        let (real, ours) = (try socket.command(words), client.command(words, on: connection))
        guard real == ours else {
          Issue.record("round \(round), \(call): \(shown(real)) \(shown(ours))")
          return
        }
      }
      let (theirs, mine) = (try #require(server.file("dump.rdb")), try #require(client.files["dump.rdb"]))
      let other = try RealServer(Self.debug, files: ["dump.rdb": mine])
      let sound = try Tool.withFile(mine, suffix: ".rdb") { try Tool.run("redis-check-rdb", [$0]) }
      #expect(String(decoding: sound, as: UTF8.self).contains("RDB looks OK"))
      var loaded = try Self.client(["dump.rdb": theirs])
      let third = loaded.connect()
      let otherSocket = try Socket(port: other.port)
      // The thresholds are those of who loads.
      for call in calls where call[0] == "CONFIG" {
        _ = try otherSocket.command(call.map { Array($0.utf8) })
        _ = loaded.command(call.joined(separator: " "), on: third)
      }
      _ = try otherSocket.command(["DEBUG", "RELOAD", "NOSAVE"].map { Array($0.utf8) })
      _ = loaded.command("DEBUG RELOAD NOSAVE", on: third)
      for database in ["0", "3"] {
        for line in ["SELECT \(database)", "DBSIZE", "DEBUG DIGEST"] {
          let words = line.split(separator: " ").map { Array($0.utf8) }
          let all = [
            try socket.command(words), client.command(words, on: connection), try otherSocket.command(words),
            loaded.command(words, on: third),
          ]
          #expect(Set(all).count == 1, "round \(round): \(line) \(all.map { shown($0) })")
        }
        let keys = client.command("KEYS *", on: connection).split(separator: "\r\n").filter {
          !"*$".contains($0.first ?? "*")
        }
        for key in keys {
          for command in ["OBJECT ENCODING", "DUMP"] {
            let words = "\(command) \(key)".split(separator: " ").map { Array($0.utf8) }
            let real = try socket.command(words)
            // Of a hash table the order is chance.
            if command == "DUMP", try isTable(String(key), socket) { continue }
            #expect(real == client.command(words, on: connection), "round \(round): \(command) \(key)")
            let (a, b) = (try otherSocket.command(words), loaded.command(words, on: third))
            #expect(a == b, "round \(round), loaded: \(command) \(key): \(shown(a)) \(shown(b))")
          }
        }
      }
      _ = try socket.command([Array("SELECT".utf8), Array("0".utf8)])
      _ = client.command("SELECT 0", on: connection)
    }
  }

  private func isTable(_ key: String, _ socket: Socket) throws -> Bool {
    try String(decoding: socket.command(["OBJECT", "ENCODING", key].map { Array($0.utf8) }), as: UTF8.self)
      .contains("hashtable")
  }

  private static func client(_ files: [String: [UInt8]] = [:]) throws -> NodeClient {
    var configuration = Configuration()
    try configuration.set("enable-debug-command", "yes")
    try configuration.set("save", "")
    return NodeClient(configuration, at: realNow(), files: files)
  }

  /// Ids of streams and times of deliveries are the clock's: the ids count on, and nobody reads with a group.
  private static func withoutClock(_ calls: [[String]]) -> [[String]] {
    var next = 0
    return calls.compactMap { call in
      if call[0] == "XREADGROUP" || call.contains("list-compress-depth") { return nil }
      if call[0] == "CONFIG", call[2] == "maxmemory-policy" { return nil }
      guard call[0] == "XADD" else { return call }
      next += 1
      return call.map { $0 == "*" ? "\(next)-1" : $0 }
    }
  }
}
