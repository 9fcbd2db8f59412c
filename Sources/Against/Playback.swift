import Dissection
import Lab
import RealRedis
import Redis

/// Plays what was done in a lab to real redis-servers on loopback, and tells where they did otherwise.
///
/// Each branch of the timeline is played from its beginning by servers of its own. Before anything is done to a node, the
/// real ones get the time that they need to come as far as the lab was. Then they do it, too; what they reply to clients
/// and what passes between replicas and masters has to be the same, but for what is chance or a matter of time (`NormalizedConversation`).
package struct Playback {
  private let program: String
  /// Asked again and again; true to stop.
  private let shouldStop: () -> Bool
  /// How many seconds the real servers get for what the lab did in between two of the user's doings.
  private let patience: Double

  package init(program: String = "redis-server", patience: Double = 60, shouldStop: @escaping () -> Bool = { false }) {
    self.program = program
    self.patience = patience
    self.shouldStop = shouldStop
  }

  /// Something that real servers did otherwise.
  package struct Difference: Sendable, Equatable {
    /// The lab's branch, from 1.
    package var branch: Int
    /// The lab's moment at which it shows.
    package var moment: Int
    /// What it is about: a pair, or a node and the command.
    package var place: String
    package var lab: String
    package var real: String
  }

  package struct Outcome: Sendable, Equatable {
    package var differences: [Difference] = []
    /// How many branches, things done by the user, and connections of replicas were compared.
    package var branches = 0
    package var actions = 0
    package var connections = 0
    /// Why a branch was not played to its end: something was done that can't be done to a real server.
    package var remarks: [String] = []
  }

  /// - Throws: `RealServerError` if the servers can't be had at all.
  package func play(_ timeline: Timeline) throws -> Outcome {
    var outcome = Outcome()
    for branch in timeline.branches where branch.end > (branch.origin?.moment ?? 0) {
      var walker = timeline
      try walker.switchBranch(to: branch.number)
      try walker.go(to: 0)
      try play(&walker, branch, &outcome)
      if shouldStop() { break }
    }
    return outcome
  }

  private func play(_ walker: inout Timeline, _ branch: Branch, _ outcome: inout Outcome) throws {
    outcome.branches += 1
    var run = BranchRun(branch: branch.number, program: program, patience: patience, shouldStop: shouldStop)
    try follow(&walker, to: walker.end, &run)
    if run.isGoingOn {
      // What is under way comes to rest, so that nothing is left out which either of them would still have done.
      let end = walker.position
      _ = walker.advance(by: .seconds(3))
      let last = walker.position
      try walker.go(to: end)
      try follow(&walker, to: last, &run)
      run.conclude()
    }
    outcome.differences += run.differences
    outcome.remarks += run.remarks
    outcome.actions += run.actions
    outcome.connections += run.connections
  }

  private func follow(_ walker: inout Timeline, to last: Int, _ run: inout BranchRun) throws {
    while walker.position < last, run.isGoingOn {
      let before = walker.world
      try walker.go(to: walker.position + 1)
      try run.follow(walker[walker.position], before: before, after: walker.world)
    }
  }
}
