extension Rebuilding {
  /// What was not the node's own.
  package struct Remarks: Sendable, Hashable {
    /// Commands of clients that a node can't run, by name: their replies are the recording's.
    package var commands: [String] = []
    /// Commands of the stream that followed from those, and were taken from the recording.
    package var streamed = 0
    /// Replies that depend on what such commands wrote, and on data of before the recording.
    package var unknownReplies = 0
    package var pastReplies = 0
    /// Replies that tell of a state of the server that the recording does not show the reason of.
    package var stateReplies = 0
    /// Messages to subscribers, and the like.
    package var pushes = 0
    /// Keys in snapshots that were the recording's, since nothing else tells them.
    package var snapshots = 0
    /// Bytes of the history that somebody wrote who is not in the recording.
    package var unseen: Int64 = 0
    /// How often the node's process was another one.
    package var restarts = 0
    /// Messages of the node on connections that were there before the recording.
    package var underWay = 0
    /// Connections on which bytes are missing that the node would have been told.
    package var lost: [Int] = []
    /// The node ended.
    package var hasExited = false

    package init() {}

    /// How many of the messages that were compared were taken from the recording.
    package var taken: Int { commands.count + streamed + unknownReplies + pastReplies + stateReplies }
  }

  /// Nothing that the node said was its own, so there was nothing to compare: why.
  package func obstacle(after comparison: Comparison) -> RecordedNode.Obstacle? {
    guard comparison.differences.isEmpty, comparison.messages <= remarks.taken else { return nil }
    if remarks.taken == 0 { return remarks.underWay == 0 ? nil : .underWay }
    return .nothingOwn(remarks)
  }
}
