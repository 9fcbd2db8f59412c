import Redis
import Testing

@testable import Lab

@Suite("What a step touches")
struct TouchedTests {
  @Test("is all that has to be looked at to know how all replicas are, and what is to be sent", arguments: 11...13)
  func overview(seed: UInt64) {
    var session = RandomSession(seed: seed)
    var seen: Set<[String]> = []
    for _ in 0..<1_000 {
      session.act()
      for node in session.timeline.world.machines.compactMap(\.node) {
        let sessions = node.replicaSessions
        #expect(node.replication.overview.states == sessions.map { $0.state.infoName ?? "none" })
        #expect(node.replication.overview.acknowledged == sessions.map(\.acknowledged).min())
        #expect(node.isStalled || node.clients.allSatisfy { $0.reply.isEmpty })
        seen.insert(node.replication.overview.states)
      }
    }
    #expect(seen.count >= 3)
  }
}
