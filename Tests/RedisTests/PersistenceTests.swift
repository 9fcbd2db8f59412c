import Glibc
import RealRedis
import Redis
import Testing

@Suite struct PersistenceTests {
  private func files(_ effects: [Effect]) -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for case .file(let operation) in effects {
      switch operation {
      case .write(let name, let bytes): files[name] = bytes
      case .append(let name, let bytes): files[name, default: []] += bytes
      case .rename(let from, let to): files[to] = files.removeValue(forKey: from)
      case .delete(let name): files[name] = nil
      case .truncate(let name, let count): files[name] = Array((files[name] ?? []).prefix(count))
      case .sync: break
      }
    }
    return files
  }

  private func debugging() throws -> Configuration {
    var configuration = Configuration()
    try configuration.set("enable-debug-command", "yes")
    return configuration
  }

  private func logs(_ effects: [Effect]) -> [String] {
    effects.compactMap { if case .log(let entry) = $0 { entry.text } else { nil } }
  }

  private mutating func fill(_ client: inout NodeClient, _ connection: ConnectionID) {
    for line in [
      "SET titi toto", "SET n 12", "SET big 123456789012345", "SET neg -300", "SET ttl x PXAT 4000000000000",
      "SELECT 3",
      "SET long aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "SET gone y PX 50",
    ] { #expect(client.command(line, on: connection) == "+OK\r\n") }
  }

  @Test mutating func aNodeStartsWithWhatItSaved() throws {
    var client = NodeClient(try debugging())
    let connection = client.connect()
    fill(&client, connection)
    _ = client.takeEffects()
    #expect(client.command("SAVE", on: connection) == "+OK\r\n")
    let saved = files(client.takeEffects())
    #expect(Array(saved.keys) == ["dump.rdb"])

    var again = NodeClient(try debugging(), at: client.now + .seconds(10), files: saved)
    #expect(logs(again.effects).contains("Done loading RDB, keys loaded: 6, keys expired: 1."))
    #expect(logs(again.effects).contains("RDB age 10 seconds"))
    client.advance(by: .seconds(1))
    let other = again.connect()
    #expect(again.command("DEBUG DIGEST", on: other) == client.command("DEBUG DIGEST", on: connection))
  }

  @Test(arguments: [true, false]) func onlyWhoChecksSaysThatASnapshotHasNoChecksum(checks: Bool) throws {
    var configuration = Configuration()
    configuration.rdbchecksum = false
    var client = NodeClient(configuration)
    let connection = client.connect()
    #expect(client.command("SAVE", on: connection) == "+OK\r\n")
    configuration.rdbchecksum = checks
    let again = NodeClient(configuration, at: client.now, files: files(client.takeEffects()))
    let line = "RDB file was saved with checksum disabled: no check performed."
    #expect(logs(again.effects).contains(line) == checks)
    #expect(logs(again.effects).contains("Done loading RDB, keys loaded: 0, keys expired: 0."))
  }

  @Test func aFileThatIsNoSnapshotEndsTheProcess() throws {
    var node = Node(configuration: Configuration(), seed: 1, now: .defaultLabClock)
    let effects = node.handle(
      .start(files: ["dump.rdb": Array("nonsense that is long enough".utf8)]), at: .defaultLabClock)
    #expect(effects.contains(.exit(code: 1)))
    #expect(node.hasExited)
    #expect(node.nextWakeup == nil)
  }

  @Test mutating func aSnapshotIsMadeWhenEnoughHasChangedForLongEnough() throws {
    var configuration = Configuration()
    try configuration.set("save", "10", "2")
    var client = NodeClient(configuration)
    let connection = client.connect()
    _ = client.command("SET a 1", on: connection)
    _ = client.takeEffects()
    #expect(client.node.nextWakeup == nil, "one change is not enough")
    _ = client.command("SET b 1", on: connection)
    client.advance(by: .seconds(10))
    #expect(files(client.takeEffects()).isEmpty)
    client.advance(by: .seconds(2))
    let effects = client.takeEffects()
    #expect(logs(effects).contains("2 changes in 10 seconds. Saving..."))
    #expect(files(effects).keys.contains("dump.rdb"))
    #expect(client.node.dirty == 0)
    #expect(client.node.nextWakeup == nil)
  }

  @Test mutating func shutdownSavesOnlyWithSavePointsOrOnDemand() throws {
    for (directive, command, saves) in [
      ("", "SHUTDOWN", false), ("", "SHUTDOWN SAVE", true), ("3600 1", "SHUTDOWN", true),
      ("3600 1", "SHUTDOWN NOSAVE", false),
    ] {
      var configuration = Configuration()
      try configuration.set("save", directive)
      var client = NodeClient(configuration)
      let connection = client.connect()
      _ = client.takeEffects()
      #expect(client.command(command, on: connection) == "")
      let effects = client.takeEffects()
      #expect(effects.last == .exit(code: 0))
      #expect(files(effects).isEmpty != saves)
    }
  }

  @Test mutating func bgsaveLeavesWritesThatFollowItOut() throws {
    var client = NodeClient(try debugging())
    let connection = client.connect()
    fill(&client, connection)
    _ = client.takeEffects()
    #expect(client.command("BGSAVE", on: connection) == "+Background saving started\r\n")
    #expect(client.command("BGSAVE", on: connection) == "-ERR Background save already in progress\r\n")
    #expect(client.command("SAVE", on: connection) == "-ERR Background save already in progress\r\n")
    _ = client.command("SET later 1", on: connection)
    client.advance(by: .seconds(1))
    let saved = files(client.takeEffects())
    var again = NodeClient(at: client.now, files: saved)
    let other = again.connect()
    #expect(again.command("EXISTS later", on: other) == ":0\r\n")
    #expect(client.node.dirty == 1 + 0)
  }

  @Test(.enabled(if: RealServer.isInstalled, "redis-server is not installed"))
  mutating func aRealServerLoadsWhatANodeSavesAndTheOtherWayRound() throws {
    var client = NodeClient(try debugging(), at: realNow())
    let connection = client.connect()
    fill(&client, connection)
    client.advance(by: .seconds(1))
    _ = client.takeEffects()
    _ = client.command("SAVE", on: connection)
    let digest = client.command("DEBUG DIGEST", on: connection)
    let server = try RealServer(["--enable-debug-command", "yes"], files: files(client.takeEffects()))
    #expect(String(decoding: try server.command("DEBUG", "DIGEST"), as: UTF8.self) == digest)

    try server.command("SET", "more", "data")
    try server.command("SAVE")
    let expected = try server.command("DEBUG", "DIGEST")
    let dump = try #require(server.file("dump.rdb"))
    var again = NodeClient(try debugging(), at: realNow(), files: ["dump.rdb": dump])
    let other = again.connect()
    #expect(again.command("DEBUG DIGEST", on: other) == String(decoding: expected, as: UTF8.self))
    #expect(again.command("DEBUG RELOAD", on: other) == "+OK\r\n")
    #expect(again.command("DEBUG DIGEST", on: other) == String(decoding: expected, as: UTF8.self))
  }
}
