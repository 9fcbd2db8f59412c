/// All that a replica and its master said to each other, connection after connection.
///
/// How often a replica tries again is a matter of time: a connection on which the same was said as on the one before it is
/// left out, or the beginning of the same; so is one on which the master said nothing.
package struct ConversationRun: Sendable, Equatable {
  package private(set) var list: [NormalizedConversation] = []
  /// Those at which the user broke off what was under way.
  package private(set) var interrupted: Set<Int> = []
  /// How many connections were left out.
  package private(set) var omitted = 0
  /// The last one, if it was left out since it says again what the one before it said.
  package private(set) var repetition: NormalizedConversation?

  package init() {}

  package static func == (a: Self, b: Self) -> Bool { a.list == b.list && a.interrupted == b.interrupted }

  package mutating func append(_ conversation: NormalizedConversation) {
    repetition = nil
    guard !conversation.master.isEmpty else {
      omitted += 1
      return
    }
    if let last = list.last {
      if conversation.isPrefix(of: last) {
        omitted += 1
        repetition = conversation
        return
      }
      if last.isPrefix(of: conversation), !interrupted.contains(list.count - 1) {
        omitted += 1
        list.removeLast()
      }
    }
    list.append(conversation)
  }

  /// The user is about to break off what is said at the moment.
  package mutating func interrupt() { if !list.isEmpty { interrupted.insert(list.count - 1) } }

  /// The others came as far as these here.
  package func areReached(by other: ConversationRun) -> Bool {
    guard other.list.count >= list.count else { return false }
    return list.indices.allSatisfy {
      matches($0, other) || ($0 == list.count - 1 && list[$0].isPrefix(of: other.list[$0]))
    }
  }

  /// The others are at the same place of a round that repeats, which they have been at before.
  package func isRepeated(by other: ConversationRun) -> Bool {
    guard let repetition else { return true }
    return other.repetition.map { repetition.isSame(as: $0) } ?? false
  }

  /// The others said the same, no less and no more.
  package func areEqual(to other: ConversationRun) -> Bool {
    other.list.count == list.count && list.indices.allSatisfy { matches($0, other) }
  }

  /// A conversation that the user broke off was not over, and may have gone on for longer where time is not his.
  package func matches(_ index: Int, _ other: ConversationRun) -> Bool {
    let (mine, theirs) = (list[index], other.list[index])
    return mine.isSame(as: theirs) || (interrupted.contains(index) && mine.isPrefix(of: theirs))
  }
}
