import Redis
import Synchronization
import Testing

@testable import Lab

@Suite("A step for which nobody waits any longer")
struct InterruptionTests {
  /// Somebody who gives up when he has been asked so many times.
  private static func giving(upAfter count: Int) -> @Sendable () -> Bool {
    let left = Asked(count)
    return { left.goesOn() == false }
  }

  private final class Asked: Sendable {
    private let left: Atomic<Int>
    init(_ count: Int) { left = Atomic(count) }
    func goesOn() -> Bool { left.wrappingSubtract(1, ordering: .relaxed).newValue >= 0 }
  }

  @Test(
    "is not made: the world is what it was, and the same command does the same then",
    arguments: [
      "for i = 1, 2000 do redis.call('RPUSH', 'l', i) end return redis.call('LLEN', 'l')",
      "for i = 1, 1e7 do end return 1",
      "for i = 1, 2000 do pcall(redis.call, 'LINSERT', 'key1', 'BEFORE', 'x', i) end return 1",
      "redis.call('SET', 'key0', 'other') while true do pcall(error) end",
    ])
  func command(script: String) throws {
    var timeline = try topology()
    _ = timeline.resume()
    let before = timeline
    let command = Action.command(node: "m", arguments: ["EVAL", script, "0"].map { Array($0.utf8) })
    for count in [0, 3, 700] {
      timeline.patience = Self.giving(upAfter: count)
      #expect(throws: LabError.interrupted) { try timeline.apply(command) }
      #expect(timeline.world == before.world)
      #expect(timeline.end == before.end)
      #expect(timeline.branches.count == 1)
    }
    timeline.patience = { false }
    let step = try timeline.apply(command)
    var undisturbed = before
    #expect(try undisturbed.apply(command).changes == step.changes)
    #expect(timeline.world == undisturbed.world)
    #expect(timeline.world.machine("m")?.node?.patience == nil)
  }

  @Test("is not made where time brings it, either, however far from a kept world that is", arguments: [0, 300])
  func event(commands: Int) throws {
    var timeline = try topology()
    _ = timeline.resume()
    for number in 0..<commands { try timeline.apply(.command(node: "m", arguments: words("SET key\(number) x"))) }
    _ = timeline.resume()
    try timeline.apply(.command(node: "m", arguments: words("SET a 1")))
    let before = timeline
    timeline.patience = { true }
    let run = timeline.step(4)
    #expect(run.stop == .nothingPending)
    #expect(
      timeline.world.machine("r")?.node?.databases[0].count == before.world.machine("r")?.node?.databases[0].count)
    let reached = timeline.position
    #expect(timeline.end == reached)
    timeline.patience = nil
    _ = timeline.step(4)
    var undisturbed = before
    _ = undisturbed.step(4)
    while undisturbed.position < timeline.position { _ = undisturbed.stepAny() }
    while timeline.position < undisturbed.position { _ = timeline.stepAny() }
    #expect(timeline.world == undisturbed.world)
  }

  @Test("ends the verb that lets time pass")
  func verb() throws {
    var timeline = try topology()
    _ = timeline.resume()
    try timeline.apply(.command(node: "m", arguments: words("SET a 1")))
    let flag = Flag()
    timeline.patience = {
      flag.raise()
      return true
    }
    let run = timeline.advance(by: .seconds(10), ProgressMonitor(shouldStop: { flag.isRaised }))
    #expect(run.stop == .interrupted)
    #expect(timeline.world.machine("r")?.node?.databases[0].count == 2)
  }

  private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    func raise() { value.store(true, ordering: .relaxed) }
    var isRaised: Bool { value.load(ordering: .relaxed) }
  }

  @Test("the world before the last step is at hand where one has come back, until something is done")
  func previous() throws {
    var timeline = try topology()
    _ = timeline.resume()
    var worlds: [World] = []
    for number in timeline.position - 6...timeline.position {
      var other = timeline
      try other.go(to: number)
      worlds.append(other.world)
    }
    #expect(timeline.previous == nil)
    try timeline.go(to: timeline.position - 2)
    #expect(timeline.previous == worlds[3])
    #expect(timeline.world == worlds[4])
    _ = timeline.back()
    #expect(timeline.previous.map { $0.number + 1 } == timeline.position)
    _ = timeline.stepAny()
    #expect(timeline.previous == nil)
  }

  @Test("what was done before is gone through again, whatever it took")
  func past() throws {
    var timeline = try topology()
    _ = timeline.resume()
    let end = timeline.position
    let world = timeline.world
    timeline.patience = { true }
    #expect(timeline.back(5).stop == .done)
    #expect(timeline.position < end)
    try timeline.go(to: end)
    #expect(timeline.world == world)
  }
}
