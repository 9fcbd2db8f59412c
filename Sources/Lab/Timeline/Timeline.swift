import Redis

/// All moments of a session, and at which of them one is. It goes both ways, and branches.
///
/// Moment 0 is the world before anything; step N leads from moment N-1 to moment N. What there was can be had again
/// (`StepHistory`): of a lab, whose user decides (`BranchHistory`), and of a recording (`RecordingHistory`).
///
/// In the past, the stepping verbs go through history as it was, and doing anything that was not done then starts a
/// branch.
package struct Timeline: Sendable {
  /// What settles everything that is left to chance.
  package let seed: UInt64
  /// The world at the current moment.
  package internal(set) var world: World
  /// The world before the step that led here, where one has just come here through history: both are shown then, and to make them
  /// apart would take the time twice, and the memory.
  package private(set) var previous: World?
  /// Where `continue` stops, what `watch` watches and `display` shows, in the order of their numbers.
  package internal(set) var breakpoints: [Breakpoint] = []
  /// The number of the last breakpoint that was made.
  var lastBreakpoint = 0

  /// Looks after every step whether what must hold does; nil: nobody asked for it.
  var checker: InvariantChecker?

  /// Asked while a step is made that was never made before: one that takes too long for whoever waits is not made. nil: however
  /// long it takes.
  package var patience: (@Sendable () -> Bool)?

  /// What has happened on the current branch and on all others.
  var history: any StepHistory

  /// A timeline of a lab in which there is nothing yet.
  ///
  /// - Parameter room: about how many bytes the kept worlds of a branch may hold.
  package init(seed: UInt64, clock: Instant = .defaultLabClock, room: Int = 64 << 20) {
    self.seed = seed
    world = World(seed: seed, clock: clock)
    history = BranchHistory(from: world, room: room)
  }

  /// A timeline of a recording, before its first packet. Its beginning is looked through first, to learn who takes part.
  ///
  /// - Parameter room: about how many bytes its kept moments may take.
  package init(_ recording: PacketSource, room: Int = 32 << 20) {
    seed = 0
    let (participants, start) = recording.lookAhead()
    world = World(participants: participants, start: start)
    history = RecordingHistory(recording, world, room: room)
  }
}

// MARK: - Where one is

extension Timeline {
  /// The number of the current moment: how many steps led here.
  package var position: Int { world.number }
  /// The number of the last moment of the current branch.
  package var end: Int { history.end }
  /// The step that led to the current moment, nil at the beginning.
  package var current: Step? { position > 0 ? self[position] : nil }
  /// The recording that this is a timeline of; nil in a lab.
  package var recording: PacketSource? { history.recording }

  /// Step `number` of the current branch, from 1 to `end`.
  package subscript(number: Int) -> Step { history.step(number) }

  /// Visits the steps of the current branch, from the first one to the current moment.
  package func forEachStep(_ body: (Step) throws -> Void) rethrows {
    for number in 0..<position { try body(self[number + 1]) }
  }
}

// MARK: - Forwards

extension Timeline {
  /// Does something at the current moment. In the past, this starts a branch unless it is what was done then.
  ///
  /// - Throws: why it can't be done; nothing has changed then.
  @discardableResult
  package mutating func apply(_ action: Action) throws(LabError) -> Step {
    guard recording == nil else { throw .recorded }
    catchUpChecker()
    if position < end, self[position + 1].action == action, let step = proceed() { return step }
    let before = position < end ? world : nil
    let step = try make(action)
    if let before { history.branch(from: before) }
    history.keep(step, world)
    check(step)
    return step
  }

  /// Lets the next thing happen: what happened next in history, or else what is pending. Nil if there is neither.
  mutating func proceed() -> Step? {
    guard let action = history.next(after: world), let step = try? make(action) else { return nil }
    history.keep(step, world)
    check(step)
    return step
  }

  /// Makes the step of an action, and throws all of it away where whoever waits gives up meanwhile.
  private mutating func make(_ action: Action) throws(LabError) -> Step {
    let number = position
    previous = nil
    guard let patience, number == end else { return try world.apply(action) }
    let lent = Patience(patience)
    // What is typed may take long, and so may what was typed before it: it is not done again.
    let before: World? = if case .command = action { world } else { nil }
    world.patience = lent
    let step: Step
    do throws(LabError) {
      step = try world.apply(action)
      world.patience = nil
    } catch {
      world.patience = nil
      throw error
    }
    guard lent.isOver else { return step }
    world = before ?? history.world(before: number)
    travel(to: number)
    throw .interrupted
  }
}

// MARK: - Backwards and sideways

extension Timeline {
  /// `goto N`: to moment N of the current branch; beyond its end, events happen until there are N. Interrupted, it stays
  /// where it has come to.
  package mutating func go(to number: Int, _ monitor: ProgressMonitor = .none) throws(LabError) {
    guard number >= 0 else { throw LabError("moments are numbered from 0") }
    if number <= end {
      travel(to: number)
      return
    }
    travel(to: end)
    guard history.isFinite || number - end <= Self.limit.steps else {
      throw LabError(
        "moment \(number) is too far away", advice: "at most \(Self.limit.steps) moments more can be gone to at a time")
    }
    while position < number, !monitor.shouldStop() {
      guard proceed() != nil else {
        if monitor.shouldStop() { return }
        throw nothingLeft
      }
      monitor.tell(position, world.now)
    }
  }

  private var nothingLeft: LabError {
    if case .end(let fault) = history.ending { return fault ?? LabError("the recording ends at moment \(position)") }
    return LabError("nothing is pending after moment \(position)", advice: "only you can make something happen now")
  }

  /// To a moment that there is.
  mutating func travel(to number: Int) {
    let kept = history.world(before: number)
    // Forwards from here may be less far than from the kept world.
    previous = nil
    if number < position || kept.number > position { world = kept }
    // That of a recording may be of thousands of connections, which would be copied.
    let isCopied = recording == nil
    while position < number {
      history.pass(world, ahead: number - position)
      let before = isCopied && position == number - 1 ? world : nil
      guard proceed() != nil else { return }
      previous = before
    }
  }

  /// Back to a world that was the current one, on the current branch.
  package mutating func restore(_ world: World) { (self.world, previous) = (world, nil) }

  /// `branches`: all there are, in the order in which they were begun.
  package var branches: [Branch] { history.branches }

  /// `branch N`: to the moment at which one was last on that branch.
  package mutating func switchBranch(to number: Int) throws(LabError) {
    guard branches.first(where: \.isCurrent)?.number != number else { return }
    let target = try history.switchBranch(to: number, from: position)
    checker = checker.map { _ in InvariantChecker() }
    // The world is one of another branch: begin at a kept one of this.
    world = history.world(before: target)
    travel(to: target)
  }
}
