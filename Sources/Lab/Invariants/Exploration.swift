import Redis

/// A search for a way from a world to something that must not be: random writes, faults, promotions by hand and spans of
/// time, each attempt by a seed of its own. What is found is reduced to the moves that it takes.
package struct Exploration: Sendable {
  package enum Goal: Sendable {
    case expression(Expression)
    /// What `check` would stop at.
    case broken
    /// A write that a client was told of is lost.
    case lost
    /// One of the two.
    case any
  }

  package enum Move: Sendable, Hashable {
    case act(Action)
    case pass(Interval)
  }

  /// What was come to.
  package enum Reason: Sendable {
    case expression
    case broken(BrokenInvariant)
    case lost(WriteLoss, AcknowledgedWrites)
  }

  package struct Discovery: Sendable {
    /// In which attempt, from 1, and how many moves that had made.
    package var attempt: Int
    package var drawn: Int
    package var moves: [Move]
    /// The moves as lines for the prompt, from where the search began.
    package var lines: [String]
    package var reason: Reason
  }

  package enum Outcome: Sendable {
    case found(Discovery)
    /// So many attempts have not led there.
    case none(attempts: Int)
    case interrupted(attempts: Int)
  }

  /// The most that one attempt does.
  private static let mostMoves = 14
  private static let mostSteps = 20_000

  private let start: World
  private let checker: InvariantChecker?
  private let goal: Goal
  private var steps = 0

  /// - Parameter checker: as it is at this world; nil where an expression is the goal.
  init(from start: World, _ checker: InvariantChecker?, _ goal: Goal) {
    (self.start, self.checker, self.goal) = (start, checker, goal)
  }

  private struct Hit {
    /// The move that led there, and how long it went on for.
    var move: Int
    var passed: Interval
    var reason: Reason
  }

  // MARK: Searching

  mutating func run(attempts: Int, seed: UInt64, _ monitor: ProgressMonitor) -> Outcome {
    for attempt in 1...max(1, attempts) {
      var random = SeededRandom(seed: seed &+ UInt64(attempt))
      var course = Course(start, checker)
      var moves: [Move] = []
      var hit: Hit?
      while hit == nil, moves.count < Self.mostMoves, course.steps < Self.mostSteps {
        if monitor.shouldStop() { return .interrupted(attempts: attempt - 1) }
        guard let move = Self.draw(in: course.world, moves.count, &random) else { break }
        moves.append(move)
        hit = play(move, moves.count - 1, &course)
      }
      steps += course.steps
      monitor.progress(steps, course.world.now)
      if let hit { return .found(discovery(attempt, moves, hit, monitor)) }
    }
    return .none(attempts: max(1, attempts))
  }

  /// A world on its way, and who looks at it.
  private struct Course {
    var world: World
    var checker: InvariantChecker?
    var losses: Int
    var steps = 0

    init(_ world: World, _ checker: InvariantChecker?) {
      (self.world, self.checker) = (world, checker)
      losses = checker?.writes.losses.count ?? 0
    }
  }

  /// What can't be done is not done.
  private func play(_ move: Move, _ index: Int, _ course: inout Course) -> Hit? {
    let began = course.world.now
    func look(_ step: Step) -> Hit? {
      course.steps += 1
      course.checker?.note(step, course.world)
      return reason(course).map { Hit(move: index, passed: course.world.now - began, reason: $0) }
    }
    switch move {
    case .act(let action):
      guard let step = try? course.world.apply(action) else { return nil }
      return look(step)
    case .pass(let interval):
      let end = course.world.now + interval
      while let next = course.world.nextEventTime, next <= end, course.steps < Self.mostSteps {
        guard let step = try? course.world.apply(.next) else { break }
        if let hit = look(step) { return hit }
      }
      guard course.world.now < end, let step = try? course.world.apply(.advance(to: end)) else { return nil }
      return look(step)
    }
  }

  private func reason(_ course: Course) -> Reason? {
    switch goal {
    case .expression(let expression): return (try? expression.holds(in: course.world)) == true ? .expression : nil
    case .broken, .lost, .any: break
    }
    guard let checker = course.checker else { return nil }
    if case .lost = goal {} else if let broken = checker.fresh.first { return .broken(broken) }
    if case .broken = goal { return nil }
    let losses = checker.writes.losses
    return losses.count > course.losses ? losses.last.map { .lost($0, checker.writes) } : nil
  }

  // MARK: Moves

  private static let spans: [Interval] = [
    .microseconds(50), .microseconds(100), .milliseconds(1), .milliseconds(100), .seconds(1), .seconds(2), .seconds(5),
  ]

  /// What a person might do next.
  private static func draw(in world: World, _ number: Int, _ random: inout SeededRandom) -> Move? {
    func below(_ limit: Int) -> Int { Int(random.next() % UInt64(max(1, limit))) }
    func pick(_ names: [String]) -> String? { names.isEmpty ? nil : names[below(names.count)] }
    func said(_ node: String, _ words: String...) -> Move {
      .act(.command(node: node, arguments: words.map { Array($0.utf8) }))
    }
    let running = world.machines.filter { $0.life == .running }.map(\.name)
    let masters = world.machines.filter { $0.life == .running && $0.node?.replication.isMaster == true }.map(\.name)
    let replicas = world.machines.filter { $0.life == .running && $0.node?.replication.isMaster == false }.map(\.name)
    let dead = world.machines.filter { !$0.life.isAlive }.map(\.name)
    for _ in 0..<20 {
      switch below(20) {
      case 0..<5: if let master = pick(masters) { return said(master, "SET", "explored:\(number)", "\(number)") }
      case 5..<10: return .pass(spans[below(spans.count)])
      case 10: if let node = pick(running) { return .act(.kill(node: node)) }
      case 11: if let node = pick(running) { return .act(.cutPower(node: node)) }
      case 12, 13: if let node = pick(dead) { return .act(.restart(node: node)) }
      case 14:
        if let a = pick(world.machines.map(\.name)), let b = pick(world.machines.map(\.name)), a != b {
          return .act(.partition(a, b))
        }
      case 15, 16: if let pair = world.partitions.first { return .act(.heal(pair.a, pair.b)) }
      case 17: if let replica = pick(replicas) { return said(replica, "REPLICAOF", "NO", "ONE") }
      case 18:
        if let node = pick(running), let other = pick(masters), other != node,
          let port = world.machine(other)?.address.port
        {
          return said(node, "REPLICAOF", "127.0.0.1", "\(port)")
        }
      default:
        let links = world.links.filter { !$0.isClient }
        if !links.isEmpty { return .act(.cut(links[below(links.count)].id)) }
      }
    }
    return nil
  }

  // MARK: Reducing

  private func play(_ moves: [Move]) -> Hit? {
    var course = Course(start, checker)
    for (index, move) in moves.enumerated() {
      if let hit = play(move, index, &course) { return hit }
    }
    return nil
  }

  /// The fewest of the moves that still lead there, one after the other left out, and time no longer than it has to be.
  private func discovery(_ attempt: Int, _ all: [Move], _ first: Hit, _ monitor: ProgressMonitor) -> Discovery {
    var (moves, hit) = (Array(all[...first.move]), first)
    var isShorter = true
    while isShorter, !monitor.shouldStop() {
      isShorter = false
      for index in moves.indices.reversed() where index < moves.count {
        var fewer = moves
        fewer.remove(at: index)
        guard let other = play(fewer), other.reason.isLike(first.reason) else { continue }
        (moves, hit, isShorter) = (Array(fewer[...other.move]), other, true)
      }
    }
    for index in moves.indices {
      guard case .pass(let interval) = moves[index] else { continue }
      for shorter in Self.spans where shorter < interval {
        var quicker = moves
        quicker[index] = .pass(shorter)
        guard let other = play(quicker), other.reason.isLike(first.reason), other.move == moves.count - 1 else {
          continue
        }
        (moves, hit) = (quicker, other)
        break
      }
    }
    if case .pass = moves[hit.move] { moves[hit.move] = .pass(hit.passed) }
    return Discovery(attempt: attempt, drawn: all.count, moves: moves, lines: lines(moves), reason: hit.reason)
  }

  private func lines(_ moves: [Move]) -> [String] {
    var course = Course(start, nil)
    return moves.enumerated().map { index, move in
      let world = course.world
      _ = play(move, index, &course)
      switch move {
      case .act(let action): return action.line(in: world)
      case .pass(let interval): return "advance \(interval.text)"
      }
    }
  }
}

extension Exploration.Reason {
  /// Whether a shorter way leads to the same kind of thing.
  fileprivate func isLike(_ other: Self) -> Bool {
    switch (self, other) {
    case (.expression, .expression): true
    case (.broken(let a), .broken(let b)): a.name.split(separator: " ").first == b.name.split(separator: " ").first
    case (.lost(let a, _), .lost(let b, _)):
      a.departures.first.map { "\($0.cause)".prefix { $0 != "(" } }
        == b.departures.first.map { "\($0.cause)".prefix { $0 != "(" } }
    default: false
    }
  }
}

extension Timeline {
  /// `explore`: looks for a way from this moment to the goal, and leaves this moment as it is.
  package func explore(
    _ goal: Exploration.Goal, attempts: Int, seed: UInt64, _ monitor: ProgressMonitor = .none
  ) throws(LabError) -> Exploration.Outcome {
    guard recording == nil else { throw .recorded }
    guard !world.machines.isEmpty else {
      throw LabError("there is nothing to explore: no node was started", advice: "start one, and its replicas")
    }
    var checker: InvariantChecker?
    if case .expression(let expression) = goal {
      if try expression.holds(in: world) {
        throw LabError(
          "'\(expression.text)' is true already", advice: "`explore` looks for a way to where it is not yet so")
      }
    } else {
      var copy = self
      if !copy.isChecking { copy.check(true, monitor) } else { copy.catchUpChecker(monitor) }
      checker = copy.checker
    }
    var exploration = Exploration(from: world, checker, goal)
    return exploration.run(attempts: attempts, seed: seed, monitor)
  }
}
