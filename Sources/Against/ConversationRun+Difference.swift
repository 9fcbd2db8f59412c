import Comparison
import Dissection

/// A replica and the port of the master that it was told to follow.
package struct Pair: Hashable, Sendable, Comparable, CustomStringConvertible {
  var replica: String
  var masterPort: Int

  package var description: String { "\(replica) → port \(masterPort)" }
  package static func < (a: Self, b: Self) -> Bool { (a.replica, a.masterPort) < (b.replica, b.masterPort) }
}

extension ConversationRun {
  /// The first message on which the two differ.
  func difference(from real: ConversationRun) -> (lab: String, real: String)? {
    for index in 0..<max(list.count, real.list.count) {
      let mine = index < list.count ? list[index] : NormalizedConversation()
      let other = index < real.list.count ? real.list[index] : NormalizedConversation()
      if index < list.count, index < real.list.count, matches(index, real) { continue }
      for (mine, other, who) in [(mine.replica, other.replica, "replica"), (mine.master, other.master, "master")] {
        for line in 0..<max(mine.count, other.count) {
          let lab = line < mine.count ? mine[line].text : "nothing more"
          let real = line < other.count ? other[line].text : "nothing more"
          let place = "connection \(index + 1), message \(line + 1) of the \(who): "
          if lab != real { return (place + lab, place + real) }
        }
      }
    }
    return nil
  }
}

/// What the ends of a pair say as it comes: one connection at a time is alive between them, the one under way is last.
struct Conversation {
  private var finished = ConversationRun()
  private var histories = Histories()
  private var link: Int?
  private var writer = ConversationWriter()
  private var isInterrupted = false

  var runs: ConversationRun {
    var runs = finished
    runs.append(writer.conversation)
    if isInterrupted { runs.interrupt() }
    return runs
  }

  mutating func hear(_ message: Message, on link: Int, _ tolerance: Tolerance) {
    if self.link != link {
      finished = runs
      (writer, self.link, isInterrupted) = (ConversationWriter(), link, false)
    }
    writer.hear(message, histories: &histories, tolerance: tolerance)
  }

  /// The user may have broken off what is under way.
  mutating func interrupt() { isInterrupted = true }
}
