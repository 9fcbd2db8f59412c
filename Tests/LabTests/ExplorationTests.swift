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
    guard case .found(let discovery) = try timeline.explore(goal, attempts: 500, seed: 1) else {
      throw LabError("nothing was found")
    }
    return discovery
  }

  /// Does the moves to a timeline, as a person would.
  private func play(_ moves: [Exploration.Move], _ timeline: inout Timeline) throws {
    for move in moves {
      switch move {
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

  @Test("has nothing to do where there is no node, or where it is so already, and is ended by whoever asks")
  func refused() throws {
    #expect(throws: LabError.self) { try Timeline(seed: 1).explore(.any, attempts: 1, seed: 1) }
    let timeline = try Self.three()
    #expect(throws: LabError.self) { try timeline.explore(.expression(Expression("m.keys = 1")), attempts: 1, seed: 1) }
    guard
      case .interrupted(attempts: 0) = try timeline.explore(
        .lost, attempts: 5, seed: 1, ProgressMonitor(shouldStop: { true }))
    else {
      Issue.record("it went on")
      return
    }
    guard
      case .none(attempts: 3) = try timeline.explore(
        .expression(Expression("m.keys = 77")), attempts: 3, seed: 1)
    else {
      Issue.record("77 keys")
      return
    }
  }
}
