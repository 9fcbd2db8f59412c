import RealRedis
import Testing

@Suite("What the oracle itself says", .enabled(if: RealServer.isInstalled, "redis-server is not installed"), .serialized)
struct RealOnlyTests {
  @Test("the recording of each scenario can be cut at the protocol's seams", arguments: Scenario.all)
  func cut(scenario: Scenario) throws {
    let exchange = try scenario.runReal()
    let snapshot = try Snapshot(exchange.payload)
    #expect(exchange.digests[0] == exchange.digests[1])
    #expect(snapshot.integer("ctime") != nil)
    #expect(text(exchange.replies[0]) == "+PONG\r\n")
  }
}
