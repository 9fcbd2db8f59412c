import Redis

extension Timeline {
  /// `step [N]`: delivers the next message, N times; timers fire on the way.
  package mutating func step(_ count: Int = 1, _ attention: Attention = .none) -> Run { still }
  /// `stepi [N]`: delivers the next packet, N times.
  package mutating func stepPacket(_ count: Int = 1, _ attention: Attention = .none) -> Run { still }
  /// `next`: to the next phase of the protocol.
  package mutating func next(_ attention: Attention = .none) -> Run { still }
  /// `finish`: to the end of the transfer that runs, or else of the next one.
  package mutating func finish(_ attention: Attention = .none) -> Run { still }
  /// `until EXPR`: to the first moment after this one at which the expression holds.
  package mutating func until(_ expression: Expression, _ attention: Attention = .none) -> Run { still }
  /// `continue`: to a breakpoint, or to quiet.
  package mutating func resume(_ attention: Attention = .none) -> Run { still }
  /// `advance DURATION`: lets time pass; all that is due happens.
  package mutating func advance(by duration: Interval, _ attention: Attention = .none) -> Run { still }
  /// A client's command: at once, and then for as long as it blocks (`WAIT`) in virtual time until its reply comes.
  /// The reply is in the last step.
  package mutating func command(
    _ node: String, _ arguments: [[UInt8]], _ attention: Attention = .none
  ) throws(LabError) -> Run { still }

  /// `back [N]`: to the N-th moment before this one at which `step` would have stopped.
  package mutating func back(_ count: Int = 1) -> Run { still }
  /// `back` by packets.
  package mutating func backPacket(_ count: Int = 1) -> Run { still }
  /// `reverse-continue`: to the last breakpoint before this moment, or to the beginning.
  package mutating func reverseContinue(_ attention: Attention = .none) -> Run { still }
  /// `goto N`: to moment N of the current branch.
  package mutating func go(to number: Int) throws(LabError) { }

  /// `branches`: all there are, in the order in which they were begun.
  package var branches: [Branch] { [] }
  /// `branch N`: to the last moment at which one was on that branch.
  package mutating func switchBranch(to number: Int) throws(LabError) { }

  private var still: Run { Run(from: position, to: position, stop: .nothingPending) }
}

/// One course of events.
package struct Branch: Sendable, Hashable {
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
