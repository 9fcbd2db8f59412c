import Redis

/// All moments of a session, and where in them one is. It goes both ways, and branches.
package struct Timeline: Sendable {
  /// The world at the current moment.
  package private(set) var world: World
  /// The number of the branch one is on, from 1.
  package private(set) var branch = 1
  package var breakpoints: [Breakpoint] = []

  package init(seed: UInt64, clock: Instant = .notes) {
    world = World(seed: seed, clock: clock)
  }

  /// The number of the current moment: how many steps led here on this branch.
  package var position: Int { world.number }
  /// The number of the branch's last moment.
  package var end: Int { world.number }
  /// The step that led to the current moment, nil at the beginning.
  package var current: Step? { nil }
  /// Step `number` of the current branch, 1 … `end`.
  package subscript(number: Int) -> Step { fatalError() }

  /// Does something at the current moment. In the past, this starts a branch unless it is what was done then.
  @discardableResult
  package mutating func apply(_ action: Action) throws(LabError) -> Step {
    try world.apply(action)
  }
}

/// What polls for an interrupt and hears about progress while a verb runs. Both are called between events.
package struct Attention {
  /// True to stop: the verb ends with `.interrupted`, the world whole.
  package var shouldStop: () -> Bool
  /// Called now and then with the number of steps so far and the world's time.
  package var progress: (Int, Instant) -> Void

  package init(shouldStop: @escaping () -> Bool = { false }, progress: @escaping (Int, Instant) -> Void = { _, _ in }) {
    self.shouldStop = shouldStop
    self.progress = progress
  }

  package static var none: Attention { Attention() }
}

/// What a stepping verb did.
package struct Run: Sendable {
  /// Where it began and where it ended: moments of the current branch. Going forward, the steps `from+1 ... to` happened.
  package var from: Int
  package var to: Int
  package var stop: Stop
}

/// Why a stepping verb stopped.
package enum Stop: Sendable, Hashable {
  /// It did what was asked.
  case done
  case breakpoint(number: Int)
  case watch(number: Int, before: Value, after: Value)
  /// Nothing is in flight, and only periodic work is pending.
  case quiet
  /// Nothing at all is pending: only the user can make something happen.
  case nothingPending
  /// The beginning of history.
  case beginning
  case interrupted
  /// It went on for as long as a verb may (`Timeline.limit` of virtual time) without coming to its end.
  case limit
}
