import RESP
import RealRedis
import Redis
import Testing

@Suite("The lab syncs as real Redis does", .enabled(if: RealServer.isInstalled, "redis-server is not installed"))
struct FullSyncTests {
  @Test("the same script gives the same bytes on the replication link", arguments: Scenario.all)
  func sameBytes(scenario: Scenario) throws {
    let real = try scenario.runReal()
    let lab = try scenario.runLab(like: real)

    #expect(lab.commands.map(text) == real.commands.map(text))
    #expect(lab.replies.map(text) == real.replies.map(text))
    #expect(text(lab.payloadLine) == text(real.payloadLine))
    #expect(try Snapshot(lab.payload).inAnyOrder == Snapshot(real.payload).inAnyOrder)
    #expect(lab.payload.count == real.payload.count)
    #expect(lab.endMark == real.endMark)
    #expect(lab.stream.map(text) == real.stream.map(text))
    #expect(real.digests[0].count == 40)
    #expect(lab.digests + real.digests == Array(repeating: real.digests[0], count: 4))
  }

  @Test("each loads the other's snapshot and finds it sound", arguments: Scenario.all)
  func loads(scenario: Scenario) throws {
    let quiet = Scenario(
      name: scenario.name, master: scenario.master, replica: scenario.replica, before: scenario.before)
    let real = try quiet.runReal()
    let lab = try quiet.runLab(like: real)

    let server = try RealServer(Scenario.debug, files: ["dump.rdb": lab.payload])
    #expect(try server.text("DEBUG", "DIGEST") == real.digests[0])
    #expect(server.log.contains("Done loading RDB"))
    #expect(try redisCheckRDB(lab.payload).contains("\\o/ RDB looks OK! \\o/"))

    var configuration = Configuration()
    try configuration.set("enable-debug-command", "yes")
    var node = Node(configuration: configuration, seed: 1, now: .defaultLabClock)
    _ = node.handle(.start(files: ["dump.rdb": real.payload]), at: .defaultLabClock)
    #expect(text(node.reply(to: "DEBUG", "DIGEST")) == "+\(real.digests[0])\r\n")
  }
}

/// What redis-check-rdb says of a snapshot.
private func redisCheckRDB(_ snapshot: [UInt8]) throws -> String {
  text(try Tool.withFile(snapshot, suffix: ".rdb") { try Tool.run("redis-check-rdb", [$0]) })
}

extension Node {
  /// What a client gets for a command.
  fileprivate mutating func reply(to command: String...) -> [UInt8] {
    let connection = ConnectionID(.accepted, 1_000_000)
    let address = Address(host: "127.0.0.1", port: 1)
    _ = handle(.accepted(connection, peer: address, local: address), at: now)
    return handle(.received(connection, [UInt8](command: command)), at: now).reduce(into: []) { all, effect in
      if case .send(connection, let bytes) = effect { all += bytes }
    }
  }
}
