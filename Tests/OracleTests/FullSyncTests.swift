import RealRedis
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
    #expect(Set(lab.digests + real.digests).count == 1)
  }

  @Test("a real server loads the lab's snapshot, and redis-check-rdb finds it sound", arguments: Scenario.all)
  func loads(scenario: Scenario) throws {
    let real = try scenario.runReal()
    let lab = try scenario.runLab(like: real)
    let server = try RealServer(files: ["dump.rdb": lab.payload])
    let before = try Scenario(name: "before", master: scenario.master, before: scenario.before).runReal()
    #expect(try server.text("DEBUG", "DIGEST") == before.digests[0])
    #expect(server.log.contains("Done loading RDB"))
  }
}
