import Redis

/// A search for ways from a world to something that must not be: random writes, faults, promotions by hand and spans of
/// time, each attempt by a seed of its own. What is found is reduced to the moves that it takes.
package struct Exploration: Sendable {
  package enum Goal: Sendable {
    case expression(Expression)
    /// What `check` would stop at.
    case broken
    /// A write that a client was told of is lost.
    case lost
    /// All kinds of the two.
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

  /// Findings of one kind differ in numbers and names alone.
  package enum Kind: Sendable, Hashable {
    case expression
    case broken(String)
    /// The last copy was thrown away for the data of a replica that had become the master.
    case lostAtFailover
    /// It was thrown away for those of a master that had come back without it.
    case emptied
    /// It died with a process or a machine.
    case lostWithProcess
    case lostOtherwise

    /// What is looked for where nothing is asked for: once all are found, nobody goes on.
    static let wellKnown: Set<Kind> = [
      .lostAtFailover, .emptied, .lostWithProcess, .broken("masters"), .broken("syncs"),
    ]
  }

  package struct Discovery: Sendable {
    package var kind: Kind
    /// In which attempt, from 1, and how many moves that had made.
    package var attempt: Int
    package var drawn: Int
    package var moves: [Move]
    /// The moves as lines for the prompt, from where the search began.
    package var lines: [String]
    package var reason: Reason
  }

  package struct Outcome: Sendable {
    /// In the order in which they were come to.
    package var found: [Discovery] = []
    package var attempts = 0
    package var isInterrupted = false
  }

  /// The most that one attempt does.
  static let mostMoves = 24
  static let mostSteps = 20_000
  /// Data of more are not compared at each step: there are many steps.
  private static let mostKeys = 100
  /// So many attempts are made before what they found is looked at.
  private static let round = 16

  let start: World
  private(set) var checker: InvariantChecker?
  /// What is broken where the search begins is no finding.
  private let standing: Set<String>
  let goal: Goal
  let cores: Cores

  /// - Parameter checker: as it is at this world; nil where an expression is the goal.
  init(from start: World, _ checker: InvariantChecker?, _ goal: Goal, _ cores: Cores) {
    (self.start, self.checker, self.goal, self.cores) = (start, checker, goal, cores)
    self.checker?.mostKeys = Self.mostKeys
    standing = Set(checker?.standing.keys.map { $0 } ?? [])
  }

  struct Hit: Sendable {
    /// The move that led there, and how long it went on for.
    var move: Int
    var passed: Interval
    var reason: Reason
    var kind: Kind
  }

  // MARK: Searching

  private struct Attempt: Sendable {
    var moves: [Move] = []
    /// The first of each kind, in the order in which they came.
    var hits: [Hit] = []
    var steps = 0
    var isWhole = true
  }

  /// - Parameters:
  ///   - attempts: up to the attempt of this number.
  ///   - body: is told of what is found as soon as it is reduced.
  func run(
    attempts: Int, from first: Int = 1, seed: UInt64, _ monitor: ProgressMonitor, _ body: (Discovery) -> Void = { _ in }
  ) -> Outcome {
    var outcome = Outcome()
    outcome.attempts = first - 1
    var steps = 0
    while outcome.attempts < attempts, !isDone(outcome), !outcome.isInterrupted {
      let first = outcome.attempts + 1
      let known = Set(outcome.found.map(\.kind))
      let round = cores.map(min(Self.round, attempts - outcome.attempts), monitor.shouldStop) { piece, isStopped in
        attempt(seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(first + piece), known, isStopped)
      }
      var found: [(attempt: Int, Attempt, Hit)] = []
      for (piece, attempt) in round.enumerated() {
        guard let attempt, attempt.isWhole else {
          outcome.isInterrupted = true
          break
        }
        outcome.attempts = first + piece
        steps += attempt.steps
        found += attempt.hits.map { (first + piece, attempt, $0) }
      }
      // Of what was come to in several attempts, that which took the fewest moves.
      found.sort { ($0.2.move, $0.attempt) < ($1.2.move, $1.attempt) }
      var kinds: Set<Kind> = []
      found.removeAll { !kinds.insert($0.2.kind).inserted }
      monitor.progress(steps / 10_000 * 10_000, start.now)
      for (number, attempt, hit) in isSingle ? Array(found.prefix(1)) : found {
        outcome.found.append(discovery(number, attempt.moves, hit, monitor))
        outcome.found.last.map(body)
      }
    }
    return outcome
  }

  /// One thing is looked for.
  private var isSingle: Bool { if case .any = goal { false } else { true } }

  private func isDone(_ outcome: Outcome) -> Bool {
    isSingle ? !outcome.found.isEmpty : Kind.wellKnown.isSubset(of: outcome.found.map(\.kind))
  }

  private func attempt(_ seed: UInt64, _ known: Set<Kind>, _ isStopped: () -> Bool) -> Attempt {
    var draw = MoveDraw(seed: seed)
    var course = Course(start, checker)
    var attempt = Attempt()
    while attempt.moves.count < Self.mostMoves, course.steps < Self.mostSteps {
      if isStopped() {
        attempt.isWhole = false
        break
      }
      guard let move = draw.next(in: course.world, attempt.moves.count) else { break }
      attempt.moves.append(move)
      let number = attempt.moves.count - 1
      play(move, number, &course) { hit in
        if !known.contains(hit.kind), !attempt.hits.contains(where: { $0.kind == hit.kind }) {
          attempt.hits.append(hit)
        }
        return isSingle
      }
      if isSingle, !attempt.hits.isEmpty { break }
    }
    attempt.steps = course.steps
    return attempt
  }

  /// A world on its way, and who looks at it.
  struct Course {
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
  ///
  /// - Parameter body: is told of what was come to; true ends it.
  func play(_ move: Move, _ index: Int, _ course: inout Course, _ body: (Hit) -> Bool) {
    let began = course.world.now
    var isOver = false
    func look(_ step: Step) {
      course.steps += 1
      course.checker?.note(step, course.world)
      for (reason, kind) in reasons(&course) where !isOver {
        isOver = body(Hit(move: index, passed: course.world.now - began, reason: reason, kind: kind))
      }
    }
    switch move {
    case .act(let action):
      guard let step = try? course.world.apply(action) else { return }
      look(step)
      // A script waits for a reply, too.
      guard case .command(let node, _) = action else { return }
      while !isOver, course.steps < Self.mostSteps, course.world.awaitsReply(of: node),
        let step = try? course.world.apply(.next)
      {
        look(step)
      }
    case .pass(let interval):
      let end = course.world.now + interval
      while !isOver, let next = course.world.nextEventTime, next <= end, course.steps < Self.mostSteps {
        guard let step = try? course.world.apply(.next) else { break }
        look(step)
      }
      guard !isOver, course.world.now < end, let step = try? course.world.apply(.advance(to: end)) else { return }
      look(step)
    }
  }

  private func broken(_ checker: InvariantChecker) -> [(Reason, Kind)] {
    checker.fresh.filter { !standing.contains($0.name) }.map { (.broken($0), .broken($0.family)) }
  }

  /// What the last step has come to.
  private func reasons(_ course: inout Course) -> [(Reason, Kind)] {
    if case .expression(let expression) = goal {
      let bound = course.checker.map { expression.binding(lost: $0.writes.lostCount) } ?? expression
      return (try? bound.holds(in: course.world)) == true ? [(.expression, .expression)] : []
    }
    guard let checker = course.checker else { return [] }
    var reasons: [(Reason, Kind)] = []
    if case .lost = goal {} else { reasons = broken(checker) }
    if case .broken = goal { return reasons }
    let losses = checker.writes.losses
    if losses.count > course.losses, let loss = losses.last {
      reasons.append((.lost(loss, checker.writes), Kind(loss, checker.writes)))
    }
    course.losses = losses.count
    return reasons
  }
}

extension Exploration.Kind {
  fileprivate init(_ loss: WriteLoss, _ writes: AcknowledgedWrites) {
    switch (loss.departures.last { $0.file == nil } ?? loss.departures.last)?.cause {
    case .fullSync(let master, let place):
      let write = loss.writes.numbers.first.map { writes.writes[$0 - 1] }
      if let write, writes.hasBegunAnew(master, since: write) {
        // Who took the write is the master still, or again.
        self = .emptied
      } else {
        let isParted = write?.place.map { writes.parting(of: place.id, and: $0.id) != nil } ?? false
        self = isParted ? .lostAtFailover : .lostOtherwise
      }
    case .processEnded, .powerLost: self = .lostWithProcess
    case .reloaded, .fileReplaced, .fileDeleted, nil: self = .lostOtherwise
    }
  }
}

extension Timeline {
  /// `explore`: looks for ways from this moment to the goal, and leaves this moment as it is.
  ///
  /// - Parameters:
  ///   - cores: how many are used. What is found does not depend on it.
  ///   - body: is told of each finding as soon as there is one.
  package func explore(
    _ goal: Exploration.Goal, attempts: Int, seed: UInt64, cores: Int = 1, _ monitor: ProgressMonitor = .none,
    _ body: (Exploration.Discovery) -> Void = { _ in }
  ) throws(LabError) -> Exploration.Outcome {
    guard recording == nil else { throw .recorded }
    guard !world.machines.isEmpty else {
      throw LabError("there is nothing to explore: no node was started", advice: "start one, and its replicas")
    }
    var checker: InvariantChecker?
    if case .expression(let expression) = goal {
      if try value(of: expression, monitor).isTrue {
        throw LabError(
          "'\(expression.text)' is true already", advice: "`explore` looks for a way to where it is not yet so")
      }
    }
    if case .expression(let expression) = goal, !expression.asksForLosses {
    } else {
      var copy = self
      if !copy.isChecking { copy.check(true, monitor) } else { copy.catchUpChecker(monitor) }
      checker = copy.checker
    }
    switch goal {
    case .broken where checker?.standing.isEmpty == false:
      throw LabError(
        "something is broken already", advice: "`check` says what; `explore` looks for a way to where it is")
    case .lost where checker?.writes.losses.isEmpty == false:
      throw LabError(
        "a write is lost already",
        advice: "`info writes` says which; `explore until lost > \(checker?.writes.lostCount ?? 0)` looks for one more")
    default: break
    }
    let exploration = Exploration(from: world, checker, goal, Cores(count: cores))
    return exploration.run(attempts: attempts, seed: seed, monitor, body)
  }
}
