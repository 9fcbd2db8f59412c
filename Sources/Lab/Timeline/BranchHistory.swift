import Redis

/// What has happened in a lab. Every step is kept, with its packets; of the worlds, some (`KeptMoments`). The others are
/// made again when they are asked for, by doing the steps since the last kept world once more: a world and an action
/// determine what follows, so the world is the very same, and going back a little costs at most as many steps as kept
/// worlds are apart at first, however long the history is.
///
/// A branch begins at a moment of another one and shares all that was before it.
struct BranchHistory: StepHistory {
  private var courses: [Course]
  /// The index of the current branch in `courses`.
  private var course = 0
  /// About how many bytes the kept worlds of a branch may hold.
  private let room: Int

  init(from world: World, room: Int) {
    self.room = room
    courses = [Course(origin: nil, start: world, room: room)]
  }

  /// What happened on one branch, from where it began.
  private struct Course: Sendable {
    var origin: Branch.Origin?
    /// The number of the moment at which it began.
    var start: Int
    /// Step `start + 1` and those after it.
    var steps = Steps()
    var worlds: KeptMoments
    /// How long the steps since the last world that was kept or passed take to be done again, in ordinary ones.
    var distance = 0
    /// How many worlds were passed since one was kept.
    var passed = 0
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
      let interval = world.keepingInterval
      // A write to a thousand replicas takes as long as a thousand steps.
      distance += step.action.isLong ? interval : max(1, step.sent.count)
      guard distance >= interval else { return }
      distance = 0
      passed += 1
      guard passed >= worlds.spacing else { return worlds.pass(world.kept) }
      passed = 0
      worlds.keep(world.kept, weight: world.weight(besides: worlds.last))
    }
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

  var recording: PacketSource? { nil }
  var end: Int { courses[course].end }
  var isFinite: Bool { false }
  var ending: Stop { .nothingPending }

  func step(_ number: Int) -> Step {
    let owner = owner(ofStep: number)
    return courses[owner].steps[number - courses[owner].start - 1]
  }

  func world(before number: Int) -> World { courses[owner(ofStep: number + 1)].worlds.world(before: number) }

  /// The branch, the current one or one that it comes from, on which a step happened.
  private func owner(ofStep number: Int) -> Int {
    var index = course
    while number <= courses[index].start, let origin = courses[index].origin { index = origin.branch - 1 }
    return index
  }

  func next(after world: World) -> Action? {
    if world.number < end { return step(world.number + 1).action }
    return world.nextEventTime == nil ? nil : .next
  }

  func time(after world: World) -> Instant? {
    world.number < end ? step(world.number + 1).time : world.nextEventTime
  }

  mutating func keep(_ step: Step, _ world: World) {
    if step.number > end { return courses[course].add(step, world) }
    // Done once more, where those that are kept for good have become rare.
    guard world.number.isMultiple(of: KeptMoments.interval), world.number.isMultiple(of: world.keepingInterval) else {
      return
    }
    let owner = owner(ofStep: world.number + 1)
    if courses[owner].worlds.spacing > 1 { courses[owner].worlds.pass(world.kept) }
  }

  mutating func pass(_ world: World, ahead distance: Int) {
    // So whoever goes on going back, a step at a time, has the next one at hand, and then the next two, four, eight.
    guard distance.nonzeroBitCount == 1 else { return }
    courses[owner(ofStep: world.number + 1)].worlds.pass(world.kept)
  }

  // MARK: Branches

  var branches: [Branch] {
    courses.indices.map {
      Branch(number: $0 + 1, origin: courses[$0].origin, end: courses[$0].end, isCurrent: $0 == course)
    }
  }

  mutating func branch(from world: World) {
    courses[course].position = world.number
    courses.append(Course(origin: Branch.Origin(branch: course + 1, moment: world.number), start: world, room: room))
    course = courses.count - 1
  }

  mutating func switchBranch(to number: Int, from position: Int) throws(LabError) -> Int {
    guard courses.indices.contains(number - 1) else { throw .noBranch(number) }
    courses[course].position = position
    course = number - 1
    return courses[course].position
  }
}

extension LabError {
  static func noBranch(_ number: Int) -> LabError {
    LabError("there is no branch \(number)", advice: "`branches` lists them")
  }
}
