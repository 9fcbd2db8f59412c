import RealRedis
import Redis
import Testing

/// Events of keys whose time is up; those of every command are compared by `CommandOracleTests`.
@Suite("Events of expired keys", .enabled(if: RealServer.isInstalled, "redis-server is not installed"))
struct KeyspaceEventTests {
  @Test("are a real server's, whatever command meets the key") func expired() throws {
    let pair = try OraclePair()
    let commands = [
      "GET k0", "EXISTS k0 k1", "DEL k0", "UNLINK k0", "TYPE k0", "TTL k0", "SET k0 w", "SET k0 w XX", "SETNX k0 w",
      "GETSET k0 w", "GETDEL k0", "GETEX k0 PERSIST", "APPEND k0 w", "INCR k0", "INCRBYFLOAT k0 1", "SETRANGE k0 1 w",
      "MSET k0 a k1 b", "MSETNX k0 a k1 b", "RENAME k0 k1", "RENAMENX k1 k0", "COPY k0 k1", "COPY k1 k0", "MOVE k0 1",
      "PERSIST k0", "EXPIRE k0 100", "OBJECT ENCODING k0", "LPUSH k0 a", "LRANGE k0 0 -1", "SADD k0 a", "SMOVE k1 k0 a",
      "SINTERSTORE k0 k1 k0", "SUNIONSTORE k1 k0", "HSET k0 f v", "HGETALL k0", "HINCRBYFLOAT k0 f 1", "SORT k0",
      "SORT k1 BY nothing STORE k0", "KEYS k0", "DUMP k0", "WATCH k0", "TOUCH k0",
    ]
    // Each has keys of its own, and all are set long before their time is up.
    let expiry = realNow().milliseconds + 3_000
    let calls = commands.enumerated().map { number, command in
      command.replacing("k0", with: "a\(number)").replacing("k1", with: "b\(number)")
    }
    for number in calls.indices {
      for line in ["SADD b\(number) a", "SET a\(number) 1 PXAT \(expiry)"] {
        try pair.same(line.split(separator: " ").map { Array($0.utf8) })
      }
    }
    #expect(realNow().milliseconds < expiry)
    _ = pair.server.wait { realNow().milliseconds > expiry + 1 }
    for call in calls {
      try pair.same(call.split(separator: " ").map { Array($0.utf8) }, order: .anyWithin)
    }
    try pair.sameEvents()
    try pair.sameStream()
  }

  @Test("that a SCAN met are deleted one by one, not as a unit") func scan() throws {
    var configuration = Configuration()
    try configuration.set("repl-diskless-sync", "no")
    try configuration.set("save", "")
    var client = NodeClient(configuration)
    let (replica, connection) = (client.connect(), client.connect())
    _ = client.command("PSYNC ? -1", on: replica)
    client.advance(by: .seconds(2))
    // A pause keeps the timer from deleting them.
    for line in ["SET a 1 PX 10", "SET b 1 PX 10", "CLIENT PAUSE 100 WRITE"] {
      _ = client.command(line, on: connection)
    }
    client.advance(by: .milliseconds(50))
    _ = client.read(replica)
    _ = client.command("CLIENT UNPAUSE", on: connection)
    _ = client.command("SCAN 0", on: connection)
    #expect(streamCommands(client.read(replica)).sorted() == ["DEL a", "DEL b"])
  }

  @Test("and of the active cycle, are told once") func active() throws {
    var configuration = Configuration()
    try configuration.set("notify-keyspace-events", "Ex")
    var client = NodeClient(configuration)
    let (subscriber, connection) = (client.connect(), client.connect())
    _ = client.command("PSUBSCRIBE *", on: subscriber)
    _ = client.command("SET k v PX 10", on: connection)
    client.advance(by: .seconds(1))
    #expect(
      String(decoding: client.read(subscriber), as: UTF8.self)
        == "*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$22\r\n__keyevent@0__:expired\r\n$1\r\nk\r\n")
    #expect(client.command("DBSIZE", on: connection) == ":0\r\n")
  }
}

/// Who waits for a key is served whichever way it comes to be.
@Suite("Keys that somebody waits for")
struct ReadyKeyTests {
  @Test(
    "come to be by every command that adds one",
    arguments: [
      ["RPUSH k2 a", "RENAME k2 k"], ["RPUSH k2 a", "RENAMENX k2 k"], ["RPUSH k2 a", "COPY k2 k"],
      ["SELECT 1", "RPUSH k a", "MOVE k 0"], ["SADD s a", "SORT s ALPHA STORE k"],
      ["SELECT 1", "RPUSH k a", "SWAPDB 0 1"],
    ])
  func served(lines: [String]) {
    var client = NodeClient()
    let (waiting, connection) = (client.connect(), client.connect())
    #expect(client.command("BLPOP k 0", on: waiting) == "")
    for line in lines { _ = client.command(line, on: connection) }
    #expect(String(decoding: client.read(waiting), as: UTF8.self) == "*2\r\n$1\r\nk\r\n$1\r\na\r\n")
  }
}
