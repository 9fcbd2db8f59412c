import Redis

/// All moments of a session, and at which of them one is. It goes both ways, and branches.
///
/// Moment 0 is the empty world; step N leads from moment N-1 to moment N. Every step is kept, with its packets; of the
/// worlds, some (`KeptMoments`). The others are made again when they are asked for, by doing the steps since the last kept
/// world once more: a world and an action determine what follows, so the world is the very same, and going back a little
/// costs at most as many steps as kept worlds are apart at first, however long the history is.
///
/// In the past, the stepping verbs go through history as it was, and doing anything that was not done then starts a
/// branch. A branch begins at a moment of another one and shares all that was before it.
package struct Timeline: Sendable {
  /// What settles everything that is left to chance.
  package let seed: UInt64
  /// The world at the current moment.
  package internal(set) var world: World
  /// Where `continue` stops, what `watch` watches and `display` shows, in the order of their numbers.
  package internal(set) var breakpoints: [Breakpoint] = []
  /// The number of the last breakpoint that was made.
  var lastBreakpoint = 0

  /// What is kept of a recording; nil in a lab. Then there is but one course, in which nothing is.
  var tape: RecordingHistory?
  private var courses: [Course]
  /// The index of the current branch in `courses`.
  private var course = 0

  /// About how many bytes the kept worlds of a branch may hold.
  private let room: Int

  /// A timeline of a lab in which there is nothing yet.
  ///
  /// - Parameter room: about how many bytes the kept worlds of a branch may hold.
  package init(seed: UInt64, clock: Instant = .defaultLabClock, room: Int = 64 << 20) {
    self.seed = seed
    self.room = room
    world = World(seed: seed, clock: clock)
    courses = [Course(origin: nil, start: world, room: room)]
  }

  /// A timeline of a recording, before its first packet. Its beginning is looked through first, to learn who takes part.
  ///
  /// - Parameter room: about how many bytes its kept moments may take.
  package init(_ recording: PacketSource, room: Int = 32 << 20) {
    seed = 0
    self.room = room
    let (cast, start) = recording.lookAhead()
    world = World(cast: cast, start: start)
    courses = [Course(origin: nil, start: world, room: room)]
    tape = RecordingHistory(recording, world, room: room)
  }

  /// Steps in pieces of one size: an array of all would be moved as a whole again and again as it grows, and copied by the
  /// first step after a copy of the timeline.
  private struct Steps: Sendable {
    private var pieces: [[Step]] = []
    private(set) var count = 0
    private static let size = 512

    subscript(index: Int) -> Step { pieces[index / Self.size][index % Self.size] }

    mutating func append(_ step: Step) {
      if count.isMultiple(of: Self.size) {
        pieces.append([])
        pieces[pieces.count - 1].reserveCapacity(Self.size)
      }
      pieces[pieces.count - 1].append(step)
      count += 1
    }
  }

  /// What happened on one branch, from where it began.
  private struct Course: Sendable {
    var origin: Branch.Origin?
    /// The number of the moment at which it began.
    var start: Int
    /// Step `start + 1` and those after it.
    var steps = Steps()
    var worlds: KeptMoments
    /// How long the steps since the last kept world take to be done again, in ordinary ones.
    var distance = 0
    /// Where one was on it, to come back to.
    var position: Int

    init(origin: Branch.Origin?, start world: World, room: Int) {
      self.origin = origin
      start = world.number
      worlds = KeptMoments(world.kept, room: room)
      position = world.number
    }

    var end: Int { start + steps.count }

    /// Takes up a step that was never done before, and keeps the world that it led to if it is time for one.
    mutating func add(_ step: Step, _ world: World) {
      steps.append(step)
      distance += step.action.isLong ? world.keepingInterval : 1
      guard distance >= world.keepingInterval * worlds.spacing else { return }
      distance = 0
      worlds.keep(world.kept, weight: world.weight(besides: worlds.last))
    }
  }
}

// MARK: - Where one is

extension Timeline {
  /// The number of the current moment: how many steps led here.
  package var position: Int { world.number }
  /// The number of the last moment of the current branch.
  package var end: Int { tape?.end ?? courses[course].end }
  /// The step that led to the current moment, nil at the beginning.
  package var current: Step? { position > 0 ? self[position] : nil }

  /// Step `number` of the current branch, from 1 to `end`.
  package subscript(number: Int) -> Step {
    if let tape { return tape.step(number) }
    let owner = owner(ofStep: number)
    return courses[owner].steps[number - courses[owner].start - 1]
  }

  /// The branch, the current one or one that it comes from, on which a step happened.
  private func owner(ofStep number: Int) -> Int {
    var index = course
    while number <= courses[index].start, let origin = courses[index].origin { index = origin.branch - 1 }
    return index
  }

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
    guard tape == nil else { throw .recorded }
    if position < end, self[position + 1].action == action { return try redo() }
    let origin = position < end ? Branch.Origin(branch: course + 1, moment: position) : nil
    let before = origin == nil ? nil : world
    let step = try world.apply(action)
    if let origin, let before { begin(Course(origin: origin, start: before, room: room)) }
    courses[course].add(step, world)
    passWorld()
    return step
  }

  /// Lets the next thing happen: what happened next in history, or else the next pending event. Nil if there is neither.
  mutating func proceed() -> Step? {
    if tape != nil { return play() }
    if position < end { return try? redo() }
    return world.nextEventTime == nil ? nil : try? apply(.next)
  }

  private mutating func redo() throws(LabError) -> Step {
    let number = position + 1
    let step = self[number]
    _ = try world.apply(step.action)
    passWorld()
    return step
  }

  private mutating func passWorld() {
    guard position.isMultiple(of: KeptMoments.interval) else { return }
    courses[owner(ofStep: position + 1)].worlds.pass(world.kept)
  }

  private mutating func begin(_ new: Course) {
    courses[course].position = new.start
    courses.append(new)
    course = courses.count - 1
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
    guard tape != nil || number - end <= Self.limit.steps else {
      throw LabError(
        "moment \(number) is too far away", advice: "at most \(Self.limit.steps) moments more can be gone to at a time")
    }
    while position < number, !monitor.shouldStop() {
      guard proceed() != nil else { throw nothingLeft }
      monitor.tell(position, world.now)
    }
  }

  private var nothingLeft: LabError {
    if let tape { return tape.fault ?? LabError("the recording ends at moment \(position)") }
    return LabError("nothing is pending after moment \(position)", advice: "only you can make something happen now")
  }

  /// To a moment that there is.
  mutating func travel(to number: Int) {
    if tape != nil { return rewind(to: number) }
    let owner = owner(ofStep: number + 1)
    let world = courses[owner].worlds.world(before: number)
    // Forwards from here may be less far than from the kept world.
    if number < position || world.number > position { self.world = world }
    while position < number, (try? redo()) != nil {}
  }

  /// Back to a world that was the current one, on the current branch.
  package mutating func restore(_ world: World) { self.world = world }

  /// `branches`: all there are, in the order in which they were begun.
  package var branches: [Branch] {
    courses.indices.map {
      Branch(number: $0 + 1, origin: courses[$0].origin, end: courses[$0].end, isCurrent: $0 == course)
    }
  }

  /// `branch N`: to the moment at which one was last on that branch.
  package mutating func switchBranch(to number: Int) throws(LabError) {
    guard courses.indices.contains(number - 1) else {
      throw LabError("there is no branch \(number)", advice: "`branches` lists them")
    }
    guard number - 1 != course else { return }
    courses[course].position = position
    course = number - 1
    // The world is one of another branch: begin at a kept one of this.
    let target = courses[course].position
    world = courses[owner(ofStep: target + 1)].worlds.first
    travel(to: target)
  }
}

/// One course of events.
package struct Branch: Sendable, Hashable {
  /// From 1.
  package var number: Int
  /// The branch it began on, and at which moment; nil for the first.
  package var origin: Origin?
  /// Its last moment.
  package var end: Int
  package var isCurrent: Bool

  package struct Origin: Sendable, Hashable {
    package var branch: Int
    package var moment: Int
  }
}
