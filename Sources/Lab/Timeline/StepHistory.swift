import Redis

/// What has happened, as far as a timeline keeps it: the branches of a lab, or a recording. The stepping verbs go through
/// either in the same way.
protocol StepHistory: Sendable {
  /// What it was read from; nil in a lab.
  var recording: PacketSource? { get }
  /// All courses of events that there are; a recording is one.
  var branches: [Branch] { get }
  /// The number of the last moment of the current branch.
  var end: Int { get }
  /// However long a verb goes on, it comes to an end.
  var isFinite: Bool { get }
  /// What to say where nothing follows.
  var ending: Stop { get }

  /// Step `number` of the current branch, from 1 to `end`.
  func step(_ number: Int) -> Step
  /// A kept moment of the current branch, no later than another one, which is reached from it by what `next` says.
  func world(before number: Int) -> World
  /// What happens after a moment: what happened then, or else what is pending. Nil: nothing does.
  mutating func next(after world: World) -> Action?
  /// When that is.
  func time(after world: World) -> Instant?

  /// A step led to a moment, for the first time or once more.
  mutating func keep(_ step: Step, _ world: World)
  /// A moment is passed on the way to another one, so many steps ahead.
  mutating func pass(_ world: World, ahead distance: Int)
  /// Something else happens at a moment than did.
  mutating func branch(from world: World)
  /// To another branch.
  ///
  /// - Parameter position: where one was on the current one, to come back to.
  /// - Returns: where one was on the other one.
  mutating func switchBranch(to number: Int, from position: Int) throws(LabError) -> Int
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
