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
      "SORT k1 BY nothing STORE k0", "SCAN 0 TYPE string", "KEYS k0", "RANDOMKEY", "DUMP k0", "WATCH k0", "TOUCH k0",
    ]
    for command in commands {
      let expiry = realNow().milliseconds + 3
      for line in ["UNWATCH", "DEL k0 k1", "SADD k1 a", "SET k0 1 PXAT \(expiry)"] {
        try pair.same(line.split(separator: " ").map { Array($0.utf8) })
      }
      while realNow().milliseconds <= expiry + 1 {}
      try pair.same(command.split(separator: " ").map { Array($0.utf8) }, order: .anyWithin)
    }
    try pair.sameEvents()
    try pair.sameStream()
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
