import RESP
import Dissection
import HashTreeCollections

/// The open connections of a recording by number, and who is at their ends: what is known of one is found without a look
/// at the others, and a copy shares all that does not change.
struct RecordedConnections: Sendable, Equatable {
  private var links = NumberedList<RecordedConnection>()
  private var presences: TreeDictionary<Party, Presence> = [:]

  /// At which connections somebody is.
  struct Presence: Sendable, Equatable {
    /// How many it has opened.
    fileprivate(set) var openedCount = 0
    /// How many others have opened to it.
    fileprivate(set) var acceptedCount = 0
    /// The numbers of those on which it follows a master or is followed, in their order.
    fileprivate(set) var replication: [Int] = []
  }

  subscript(number: Int) -> RecordedConnection? { links[number] }

  /// In the order of their numbers.
  var all: [RecordedConnection] { links.numbers { _ in true }.compactMap { links[$0] } }

  func presence(of party: Party) -> Presence { presences[party] ?? Presence() }

  /// Puts a connection in, in place of what it was before.
  mutating func put(_ link: RecordedConnection) {
    let number = link.id.number
    let isSame = links.look(at: number) { $0.hasSameEnds(as: link) } ?? false
    if !isSame, let old = links[number] { leave(old) }
    links.put(link, at: number)
    if !isSame { enter(link) }
  }

  /// False if it is not there.
  mutating func remove(_ number: Int) -> Bool {
    guard let old = links.remove(number) else { return false }
    leave(old)
    return true
  }

  private mutating func enter(_ link: RecordedConnection) {
    presences[link.opener.party, default: Presence()].openedCount += 1
    presences[link.acceptor.party, default: Presence()].acceptedCount += 1
    guard link.isReplication else { return }
    for party in Set([link.opener.party, link.acceptor.party]) {
      presences[party]?.replication.insertSorted(link.id.number)
    }
  }

  private mutating func leave(_ link: RecordedConnection) {
    presences[link.opener.party]?.openedCount -= 1
    presences[link.acceptor.party]?.acceptedCount -= 1
    for party in Set([link.opener.party, link.acceptor.party]) {
      if link.isReplication { presences[party]?.replication.removeSorted(link.id.number) }
      if presences[party] == Presence() { presences[party] = nil }
    }
  }
}

extension RecordedConnection {
  /// Nobody else is at its ends, and they are no more to each other.
  fileprivate func hasSameEnds(as other: RecordedConnection) -> Bool {
    opener.party == other.opener.party && acceptor.party == other.acceptor.party
      && isReplication == other.isReplication
  }
}

extension [Int] {
  fileprivate mutating func insertSorted(_ number: Int) { insert(number, at: partitioningIndex { $0 >= number }) }

  fileprivate mutating func removeSorted(_ number: Int) {
    let index = partitioningIndex { $0 >= number }
    if index < count, self[index] == number { remove(at: index) }
  }
}
