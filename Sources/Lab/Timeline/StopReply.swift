import Redis

/// What is polled and told while a verb runs, between two events.
package struct ProgressMonitor {
  /// True to stop: the verb ends with `.interrupted`, and everything is as after any step.
  package var shouldStop: () -> Bool
  /// Called every thousand steps with their number so far and the clock.
  package var progress: (Int, Instant) -> Void

  package init(shouldStop: @escaping () -> Bool = { false }, progress: @escaping (Int, Instant) -> Void = { _, _ in }) {
    self.shouldStop = shouldStop
    self.progress = progress
  }

  package static var none: ProgressMonitor { ProgressMonitor() }

  /// Tells how far it has come, once in a thousand steps.
  func tell(_ count: Int, _ time: Instant) { if count.isMultiple(of: 1_000) { progress(count, time) } }
}

/// What a stepping verb did, as a debugger tells it when its program has stopped.
package struct StopReply: Sendable, Hashable {
  /// Where it began and where it ended: moments of the current branch. Going forward, the steps `from + 1 ... to` happened.
  package var from: Int
  package var to: Int
  package var stop: Stop
}

/// Why a stepping verb stopped.
package enum Stop: Sendable, Hashable {
  /// It did what was asked.
  case done
  case breakpoint(number: Int)
  case watch(number: Int, before: ExpressionValue, after: ExpressionValue)
  /// Something does not hold that must (`check on`).
  case broken(BrokenInvariant)
  /// Nothing is in flight, and only periodic work is pending.
  case quiet
  /// Nothing at all is pending: only the user can make something happen.
  case nothingPending
  /// The beginning of history.
  case beginning
  /// The end of a recording, or of what can be read of it: what is wrong with the rest.
  case end(LabError?)
  case interrupted
  /// A replica is refused again and again, and connects again at once: it would go on for ever.
  case storm(Storm)
  /// A node tries again and again to connect to where no packet can go.
  case fruitless(node: String, Address, ConnectFailure, tries: Int)
  /// It went on for as long as a verb may (`Timeline.limit`) without coming to its end: for so long, by so many steps.
  /// `left` is the time that was to pass besides.
  case limit(Interval, steps: Int, left: Interval? = nil)
}
