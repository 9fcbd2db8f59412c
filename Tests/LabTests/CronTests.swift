import Redis
import Testing

@testable import Lab

@Suite("The server's timer")
struct CronTests {
  /// The first turn comes as the server starts, when it has no replicas: from then on a PING is due every so many seconds,
  /// however soon replicas come.
  @Test("sends no PING to replicas that were quicker than its first second")
  func noPing() throws {
    var timeline = Timeline(seed: 1)
    func start(_ name: String, _ arguments: String...) throws {
      try timeline.apply(.start(node: name, Launch(arguments: arguments)))
    }
    try start(
      "n1", "--port", "7000", "--repl-ping-replica-period", "3600", "--repl-diskless-sync-delay", "0", "--save", "")
    try start("n2", "--port", "7001", "--replicaof", "127.0.0.1 7000")
    _ = timeline.advance(by: .milliseconds(630))
    try start("n3", "--port", "7002", "--replicaof", "127.0.0.1 7000")
    _ = try timeline.command("n1", words("BGSAVE"))
    _ = timeline.advance(by: .milliseconds(2_430))
    _ = try timeline.command("n1", words("SET a 1"))
    try timeline.apply(.kill(node: "n1"))
    // It comes back from a snapshot that knows a history, and so has a backlog from the start.
    try timeline.apply(.restart(node: "n1"))
    _ = timeline.advance(by: .milliseconds(3_410))
    #expect(try Expression("n1.replicas = 2 and n1.offset = 0").holds(in: timeline.world))
  }
}
