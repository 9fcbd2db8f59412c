import Dissection

/// What two transcripts have in common, and where they differ in more than chance.
package struct Comparison: Sendable {
  /// In the order of the first transcript.
  package private(set) var differences: [Difference] = []
  /// In how many places each of these was not the same.
  package private(set) var chance: [Nondeterminism: Int] = [:]
  /// What was not compared since one side doesn't know it: bytes that text hides, and messages that a recording lacks.
  package private(set) var unknownBytes = 0
  package private(set) var unknownMessages = 0
  /// What was compared.
  package private(set) var connections = 0
  package private(set) var messages = 0

  package struct Difference: Sendable {
    /// Who talks to whom, by the names of the first transcript if it has them.
    package var who: NormalizedTranscript.Who
    /// Which of their connections, from 1, where rounds that only repeat are one.
    package var connection: Int
    package var side: Side
    package var kind: Alignment.Kind
    /// What each says at this place; nil if it says nothing more.
    package var first: NormalizedMessage?
    package var second: NormalizedMessage?
    /// The first word that differs, if both say something; in snapshots, records differ.
    package var word: Int?
    /// The records that differ, where both are snapshots.
    package var records: [RecordDifference] = []
  }

  private let findsAll: Bool
  private let node: String?

  /// - Parameters:
  ///   - findsAll: all differences, not only the first of each side of each connection.
  ///   - node: compares only what this node says.
  ///   - others: connections of the first that are left out.
  package init(
    _ first: NormalizedTranscript, _ second: NormalizedTranscript, findsAll: Bool = false, of node: String? = nil,
    without others: Set<Int> = []
  ) {
    (self.findsAll, self.node) = (findsAll, node)
    let first = node == nil ? first : first.heardAgain(.rebuilt)
    // A node that was rebuilt has the recorded one's address, made up or not.
    let byAddress = node != nil || !first.hasMadeUpAddresses && !second.hasMadeUpAddresses
    let mine = first.groups(byAddress: byAddress, without: others)
    let theirs = second.groups(byAddress: byAddress)
    let names = byAddress ? Self.names(first, second) : [:]
    if names.contains(where: { $0 != $1 }) { chance[.port] = names.count { $0 != $1 } }
    var rest = theirs.map { $0.renamed(names) }
    for group in mine {
      let index = rest.firstIndex { $0.who == group.who } ?? rest.firstIndex { $0.who.mayBe(group.who) }
      compare(group, index.map { rest.remove(at: $0) } ?? NormalizedTranscript.Group(who: group.who, conversations: []))
    }
    for group in rest { compare(NormalizedTranscript.Group(who: group.who, conversations: []), group) }
    differences.sort { Self.place($0, first, second) < Self.place($1, first, second) }
  }

  /// What the first transcript calls the nodes of the second: by their ports if those are the same, else in the order in
  /// which they are met.
  private static func names(_ first: NormalizedTranscript, _ second: NormalizedTranscript) -> [String: String] {
    let (mine, theirs) = (first.nodes, second.nodes)
    if Set(mine).isSuperset(of: theirs) || Set(theirs).isSuperset(of: mine) {
      return Dictionary(theirs.map { ($0, $0) }) { first, _ in first }
    }
    return Dictionary(theirs.enumerated().map { ($1, $0 < mine.count ? mine[$0] : $1) }) { first, _ in first }
  }

  private static func place(_ difference: Difference, _ first: NormalizedTranscript, _ second: NormalizedTranscript)
    -> Int
  {
    func packet(_ normalized: NormalizedMessage?, _ transcript: NormalizedTranscript) -> Int? {
      normalized?.message.flatMap { transcript.place(of: $0, on: normalized?.connection ?? 0) }?.packet
    }
    return packet(difference.first, first) ?? packet(difference.second, second) ?? .max
  }

  // MARK: Groups, conversations, sides

  private mutating func compare(_ mine: NormalizedTranscript.Group, _ theirs: NormalizedTranscript.Group) {
    let sides = Side.allCases.filter { speaks($0, mine.who) }
    guard !sides.isEmpty else { return }
    count(mine.counts, theirs.counts)
    for index in 0..<max(mine.conversations.count, theirs.conversations.count) {
      let first = index < mine.conversations.count ? mine.conversations[index] : NormalizedConversation()
      let second = index < theirs.conversations.count ? theirs.conversations[index] : NormalizedConversation()
      connections += 1
      count(first.counts, second.counts)
      // What it is sent unasked follows from what others do, in an order that is chance: of a node that was rebuilt that is
      // no matter.
      let listens = node != nil && first[.opener].contains(where: \.beginsToListen)
      func heard(_ side: Side, _ conversation: NormalizedConversation) -> [NormalizedMessage] {
        listens ? conversation[side].filter { !$0.isUnasked } : conversation[side]
      }
      for side in sides { compare(heard(side, first), heard(side, second), mine.who, index + 1, side) }
    }
  }

  private func speaks(_ side: Side, _ who: NormalizedTranscript.Who) -> Bool {
    guard let node else { return true }
    return side == .acceptor ? who.acceptor == node : who.replica == node
  }

  private mutating func count(_ mine: [Nondeterminism: Int], _ theirs: [Nondeterminism: Int]) {
    for (cause, number) in mine where number != theirs[cause] ?? 0 { chance[cause, default: 0] += 1 }
    for (cause, number) in theirs where mine[cause] == nil && number != 0 { chance[cause, default: 0] += 1 }
  }

  private mutating func compare(
    _ mine: [NormalizedMessage], _ theirs: [NormalizedMessage], _ who: NormalizedTranscript.Who, _ conversation: Int,
    _ side: Side
  ) {
    // Whether a replica of short life got as far as to acknowledge anything is a matter of time.
    let alignment = Alignment(mine, theirs, findsAll: findsAll || node != nil)
    var isTold = false
    unknownMessages += alignment.unknownCount
    messages += alignment.pairs.count
    for (i, j) in alignment.pairs {
      compare(ignored: mine[i], theirs[j])
      if node != nil, mine[i].isOfAnotherTime(than: theirs[j]) {
        let difference = Alignment.Difference(kind: .changed, first: i, second: j)
        differences.append(Self.told(difference, mine, theirs, who, conversation, side))
      }
    }
    for difference in alignment.differences {
      if isUnheard(difference, mine, theirs, who, side) {
        chance[.unheard, default: 0] += 1
        continue
      }
      if node != nil, Self.isAcknowledgement(difference, mine, theirs) {
        chance[.acknowledgements, default: 0] += 1
        continue
      }
      if isTold, !findsAll { break }
      isTold = true
      differences.append(Self.told(difference, mine, theirs, who, conversation, side))
    }
  }

  private mutating func compare(ignored mine: NormalizedMessage, _ theirs: NormalizedMessage) {
    unknownBytes += mine.unknownCount(against: theirs)
    for (a, b) in zip(mine.ignored, theirs.ignored) where a.cause == b.cause && a.value != b.value {
      chance[a.cause, default: 0] += 1
    }
  }

  private static func isAcknowledgement(
    _ difference: Alignment.Difference, _ mine: [NormalizedMessage], _ theirs: [NormalizedMessage]
  )
    -> Bool
  {
    switch difference.kind {
    case .onlyFirst: mine[difference.first] == "REPLCONF ACK"
    case .onlySecond: theirs[difference.second] == "REPLCONF ACK"
    case .changed, .order: false
    }
  }

  /// What a master still answered to a replica that had hung up.
  private func isUnheard(
    _ difference: Alignment.Difference, _ mine: [NormalizedMessage], _ theirs: [NormalizedMessage],
    _ who: NormalizedTranscript.Who, _ side: Side
  ) -> Bool {
    guard side == .acceptor, case .replication = who else { return false }
    switch difference.kind {
    case .onlyFirst:
      return difference.second == theirs.count && !theirs.isEmpty
        && mine[difference.first...].allSatisfy(\.isAnswerToLeaver)
    case .onlySecond:
      return difference.first == mine.count && !mine.isEmpty
        && theirs[difference.second...].allSatisfy(\.isAnswerToLeaver)
    case .changed, .order: return false
    }
  }

  private static func told(
    _ difference: Alignment.Difference, _ mine: [NormalizedMessage], _ theirs: [NormalizedMessage],
    _ who: NormalizedTranscript.Who, _ conversation: Int,
    _ side: Side
  ) -> Difference {
    let first = difference.first < mine.count ? mine[difference.first] : nil
    let second = difference.second < theirs.count ? theirs[difference.second] : nil
    var told = Difference(
      who: who, connection: conversation, side: side, kind: difference.kind, first: first, second: second)
    if let first, let second, first.isSnapshot, second.isSnapshot {
      told.records = RecordDifference.all(first, second)
    } else if let first, let second {
      let common = zip(first.words, second.words).enumerated().first { $1.0 != $1.1 }?.offset
      told.word = common ?? first.timeWord ?? min(first.words.count, second.words.count)
    }
    return told
  }
}

extension NormalizedTranscript.Who {
  /// A replica that does not say who it is, since that is not in the recording, may be any of the master's.
  fileprivate func mayBe(_ other: Self) -> Bool {
    guard case .replication(let mine, let master) = self, case .replication(let theirs, master) = other else {
      return false
    }
    return mine == nil || theirs == nil
  }
}

extension NormalizedTranscript.Group {
  fileprivate func renamed(_ names: [String: String]) -> Self {
    var group = self
    switch who {
    case .replication(let replica, let master):
      group.who = .replication(replica: replica.map { names[$0] ?? $0 }, master: names[master] ?? master)
    case .clients(let node): group.who = .clients(of: names[node] ?? node)
    }
    return group
  }
}
