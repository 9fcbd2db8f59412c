import Dissection

/// A replica and the port of the master that it was told to follow.
package struct Pair: Hashable, Sendable, Comparable, CustomStringConvertible {
  var replica: String
  var masterPort: Int

  package var description: String { "\(replica) → port \(masterPort)" }
  package static func < (a: Self, b: Self) -> Bool { (a.replica, a.masterPort) < (b.replica, b.masterPort) }
}

/// All that a replica and its master said to each other, connection after connection.
///
/// How often a replica tries again is a matter of time: a connection on which the same was said as on the one before it is
/// left out, or the beginning of the same; so is one on which the master said nothing.
struct Talks: Equatable {
  private(set) var list: [Talk] = []
  /// Those at which the user broke off what was under way.
  private(set) var interrupted: Set<Int> = []

  mutating func append(_ talk: Talk) {
    guard !talk.master.isEmpty else { return }
    if let last = list.last {
      if talk.isPrefix(of: last) { return }
      if last.isPrefix(of: talk), !interrupted.contains(list.count - 1) { list.removeLast() }
    }
    list.append(talk)
  }

  /// The user is about to break off what is said at the moment.
  mutating func interrupt() { if !list.isEmpty { interrupted.insert(list.count - 1) } }

  /// Real servers came as far as these here.
  func areReached(by real: Talks) -> Bool {
    guard real.list.count >= list.count else { return false }
    return list.indices.allSatisfy {
      matches($0, real) || ($0 == list.count - 1 && list[$0].isPrefix(of: real.list[$0]))
    }
  }

  /// Real servers said the same, no less and no more.
  func areEqual(to real: Talks) -> Bool {
    real.list.count == list.count && list.indices.allSatisfy { matches($0, real) }
  }

  /// A conversation that the user broke off was not over, and may have gone on for longer where time is not his.
  private func matches(_ index: Int, _ real: Talks) -> Bool {
    let (mine, other) = (list[index], real.list[index])
    return mine.isSame(as: other) || (interrupted.contains(index) && mine.isPrefix(of: other))
  }

  /// The first line on which the two differ.
  func difference(from real: Talks) -> (lab: String, real: String)? {
    for index in 0..<max(list.count, real.list.count) {
      let mine = index < list.count ? list[index] : Talk()
      let other = index < real.list.count ? real.list[index] : Talk()
      if index < list.count, index < real.list.count, matches(index, real) { continue }
      for (mine, other, who) in [(mine.replica, other.replica, "replica"), (mine.master, other.master, "master")] {
        for line in 0..<max(mine.count, other.count) {
          let lab = line < mine.count ? mine[line] : "nothing more"
          let real = line < other.count ? other[line] : "nothing more"
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
  private var finished = Talks()
  private var ids = ReplicationIDs()
  private var link: Int?
  private var writer = TalkWriter()
  private var isInterrupted = false

  var talks: Talks {
    var talks = finished
    talks.append(writer.talk)
    if isInterrupted { talks.interrupt() }
    return talks
  }

  mutating func hear(_ message: Message, on link: Int, port: (Int) -> Int) {
    if self.link != link {
      finished = talks
      (writer, self.link, isInterrupted) = (TalkWriter(), link, false)
    }
    writer.hear(message, ids: &ids, port: port)
  }

  /// The user may have broken off what is under way.
  mutating func interrupt() { isInterrupted = true }
}
