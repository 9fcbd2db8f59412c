import Redis
import Testing

@testable import Lab

@Suite("A search for what must not be")
struct ExplorationTests {
  /// A master and two replicas without persistence, in step.
  private static func three() throws -> Timeline {
    var timeline = Timeline(seed: 1)
    for (name, port) in [("m", 7000), ("r", 7001), ("s", 7002)] {
      var arguments = ["--port", "\(port)", "--repl-diskless-sync-delay", "0", "--save", ""]
      if name != "m" { arguments += ["--replicaof", "127.0.0.1 7000"] }
      try timeline.apply(.start(node: name, Launch(arguments: arguments)))
    }
    _ = timeline.advance(by: .seconds(2))
    _ = try timeline.command("m", words("SET a 1"))
    _ = timeline.advance(by: .seconds(2))
    return timeline
  }

  private func discovery(_ timeline: Timeline, _ goal: Exploration.Goal) throws -> Exploration.Discovery {
    try #require(try timeline.explore(goal, attempts: 500, seed: 1, cores: 2).found.first)
  }

  /// Does the moves to a timeline, as a person would.
  private func play(_ moves: [Exploration.Move], _ timeline: inout Timeline) throws {
    for move in moves {
      switch move {
      case .act(.command(let node, let words)): _ = try timeline.command(node, words)
      case .act(let action): try timeline.apply(action)
      case .pass(let interval): _ = timeline.advance(by: interval)
      }
    }
  }

  @Test("finds how an acknowledged write is lost, and the moves that are left do it again; this moment stays as it is")
  func lost() throws {
    var timeline = try Self.three()
    let world = timeline.world
    let discovery = try discovery(timeline, .lost)
    #expect(timeline.world == world)
    #expect(discovery.moves.count < 10)
    #expect(discovery.lines.count == discovery.moves.count)
    try play(discovery.moves, &timeline)
    #expect(timeline.acknowledgedWrites()?.losses.isEmpty == false)
    // None of them could be left out.
    for index in discovery.moves.indices {
      var fewer = try Self.three()
      var moves = discovery.moves
      moves.remove(at: index)
      do { try play(moves, &fewer) } catch { continue }
      #expect(fewer.acknowledgedWrites()?.losses.isEmpty == true)
    }
  }

  /// Three nodes and nothing else: no time has passed, and nobody has written anything.
  private static func bare() throws -> Timeline {
    var timeline = Timeline(seed: 4)
    for (name, port) in [("m", 7000), ("r1", 7001), ("r2", 7002)] {
      let arguments = ["--port", "\(port)"] + (name == "m" ? [] : ["--replicaof", "127.0.0.1 7000"])
      try timeline.apply(.start(node: name, Launch(arguments: arguments)))
    }
    timeline.check(true)
    return timeline
  }

  /// The attempts in which `explore` with seed 4 comes to each, and nothing before them is left out but time: a search from
  /// the first attempt on finds all of them.
  @Test(
    "from three nodes alone, finds the four ways in which people lose data or sleep, each in less than ten commands",
    arguments: [
      (11, .broken("masters")), (6, .lostAtFailover), (29, .emptied), (23, .broken("syncs")),
    ] as [(Int, Exploration.Kind)])
  func bySelf(attempt: Int, kind: Exploration.Kind) throws {
    let timeline = try Self.bare()
    let search = Exploration(from: timeline.world, timeline.checker, .any, Cores(count: 2))
    let outcome = search.run(attempts: attempt, from: attempt, seed: 4, .none)
    let discovery = try #require(outcome.found.first { $0.kind == kind })
    #expect(discovery.attempt == attempt)
    #expect(discovery.moves.count < 10)
    // The moves do it again.
    var again = try Self.bare()
    try play(discovery.moves, &again)
    switch discovery.reason {
    case .lost: #expect(again.acknowledgedWrites()?.losses.isEmpty == false)
    case .broken(let broken): #expect(again.standingBreaks.contains { $0.family == broken.family })
    case .expression: Issue.record("nobody has asked for one")
    }
  }

  @Test("finds the same on one core as on three")
  func cores() throws {
    let timeline = try Self.bare()
    let one = try timeline.explore(.lost, attempts: 20, seed: 4, cores: 1)
    let three = try timeline.explore(.lost, attempts: 20, seed: 4, cores: 3)
    #expect(one.found.map(\.moves) == three.found.map(\.moves))
    #expect(one.found.map(\.attempt) == three.found.map(\.attempt))
    #expect(!one.found.isEmpty)
  }

  @Test("finds two masters")
  func broken() throws {
    let discovery = try discovery(try Self.three(), .broken)
    guard case .broken(.twoMasters) = discovery.reason else {
      Issue.record("\(discovery.reason)")
      return
    }
    #expect(discovery.lines.count == 1)
  }

  @Test("finds how replicas are emptied")
  func emptied() throws {
    let expression = try Expression("r.keys = 0 and s.keys = 0 and m.link = none")
    var timeline = try Self.three()
    let discovery = try discovery(timeline, .expression(expression))
    #expect(discovery.moves.count < 10)
    try play(discovery.moves, &timeline)
    #expect(try expression.holds(in: timeline.world))
  }

  @Test("says so where something is broken or lost already, and does not find that again") func already() throws {
    var timeline = try Self.three()
    _ = try timeline.command("r", words("REPLICAOF NO ONE"))
    let broken = #expect(throws: LabError.self) { try timeline.explore(.broken, attempts: 1, seed: 1) }
    #expect(broken?.what == "something is broken already")
    // What may be looked for is anything else: these two masters there are.
    timeline.check(true)
    let standing = timeline.standingBreaks.map(\.name)
    #expect(standing.count == 1)
    let outcome = try timeline.explore(.any, attempts: 10, seed: 1, cores: 2)
    let found = outcome.found.compactMap { if case .broken(let broken) = $0.reason { broken.name } else { nil } }
    #expect(!found.isEmpty)
    #expect(!found.contains(standing[0]))
    // A write goes with the only one who has it.
    for node in ["r", "s"] { try timeline.apply(.kill(node: node)) }
    _ = try timeline.command("m", words("SET b 1"))
    try timeline.apply(.kill(node: "m"))
    let lost = #expect(throws: LabError.self) { try timeline.explore(.lost, attempts: 1, seed: 1) }
    #expect(lost?.what == "a write is lost already")
    let more = "lost > \(try #require(timeline.acknowledgedWrites()).lostCount)"
    #expect(lost?.advice.contains("`explore until \(more)`") == true)
    #expect(try timeline.explore(.expression(Expression(more)), attempts: 1, seed: 1).attempts == 1)
  }

  @Test("has nothing to do where there is no node, or where it is so already, and is ended by whoever asks")
  func refused() throws {
    #expect(throws: LabError.self) { try Timeline(seed: 1).explore(.any, attempts: 1, seed: 1) }
    let timeline = try Self.three()
    #expect(throws: LabError.self) { try timeline.explore(.expression(Expression("m.keys = 1")), attempts: 1, seed: 1) }
    let ended = try timeline.explore(.lost, attempts: 5, seed: 1, ProgressMonitor(shouldStop: { true }))
    #expect(ended.isInterrupted)
    #expect(ended.attempts == 0)
    let vain = try timeline.explore(.expression(Expression("m.keys = 7777")), attempts: 3, seed: 1)
    #expect(vain.attempts == 3)
    #expect(vain.found.isEmpty)
    #expect(!vain.isInterrupted)
  }
}
