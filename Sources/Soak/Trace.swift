import Capture

/// What was done, and when: a situation as it was played once. Whoever plays it again does the same at the same times.
struct Trace: Sendable {
  /// Microseconds since 1970 at which the first thing was done.
  var start: Int64 = 0
  var beats: [Beat] = []

  struct Beat: Sendable {
    /// Microseconds since the start.
    var time: Int64
    /// When it was over: the reply was there, the process had ended.
    var end: Int64
    var what: What
    /// The line of the situation that it is of.
    var line: Int
  }

  enum What: Sendable, Hashable {
    case done(Situation.Line)
    /// The node is asked how far it is.
    case poll(String)
    /// The node is looked at, and what it says compared.
    case look(String, [String])
    /// What came to rest: a stretch of the log ends here.
    case rest
  }
}

/// What is seen of nodes while a situation is played: real ones and the lab's.
package struct Seen: Sendable {
  package struct Answer: Sendable {
    package var line: Int
    package var node: String
    package var command: [String]
    package var reply: [UInt8]?
    /// What the lab's node would say a second later, where that is closer to the truth.
    var later: [UInt8]?
  }

  package struct LogLine: Sendable, Hashable {
    /// Microseconds since the start, as far as the log tells.
    package var time: Int64
    package var level: String
    package var text: String
  }

  /// What nodes answered, in the order in which they were asked.
  package var answers: [Answer] = []
  /// By node, by stretch: what it logged from one rest to the next.
  package var logs: [String: [[LogLine]]] = [:]
  /// What crossed the wire between nodes.
  package var packets: [Packet] = []
  /// Processes that ended by themselves, and how: `line: node code`.
  package var ends: [String] = []

  mutating func log(_ node: String, _ line: LogLine, stretch: Int) {
    while logs[node, default: []].count <= stretch { logs[node, default: []].append([]) }
    logs[node]?[stretch].append(line)
  }
}
