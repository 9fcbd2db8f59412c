import Testing

@testable import Redis

/// The server's timer turns every 100 ms, and every tenth turn looks after replication.
@Suite struct TimerTests {
  /// A replica 50 ms after its twentieth turn: nine more are between the next one and that of the next second.
  private func replica() throws -> Pump {
    var pump = Pump()
    pump.start("m", port: 7000)
    pump.start("r", port: 7001, seed: 2) {
      $0.replicaof = Address(host: "127.0.0.1", port: 7000)
      try? $0.set("enable-debug-command", "yes")
    }
    pump.run(seconds: 2)
    pump.run(seconds: 0.05)
    let next = try #require(pump.nodes["r"]?.nextWakeup)
    #expect(next - pump.now == .milliseconds(950))
    return pump
  }

  /// Milliseconds that the process stood still, and that pass until it next acknowledges, counted from then on.
  static let stops: [(Int64, Int64)] = [(40, 910), (50, 900), (51, 900), (151, 900), (2_400, 900), (60_000, 900)]

  @Test("counts no turns while the process is stopped", arguments: stops)
  func stopped(_ stop: Int64, _ rest: Int64) throws {
    let pump = try replica()
    var node = try #require(pump.nodes["r"])
    let now = pump.now + .milliseconds(stop)
    _ = node.handle(.resumed(since: pump.now), at: now)
    #expect(node.isAtTurn == (stop >= 50))
    #expect(node.nextWakeup == now + .milliseconds(rest))
  }

  @Test("nor while it sleeps", arguments: stops)
  func asleep(_ stop: Int64, _ rest: Int64) throws {
    var pump = try replica()
    pump.command("r", "DEBUG SLEEP \(Double(stop) / 1000)")
    pump.run(seconds: Double(stop) / 1000)
    #expect(pump.nodes["r"]?.nextWakeup == pump.now + .milliseconds(rest))
  }
}
