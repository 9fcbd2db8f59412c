import Dissection

/// What was said on one connection, without what is chance or a matter of time: replication ids are numbered as they
/// appear, signs of life and the number of acknowledgements are left out, a snapshot is its keys and values in any order.
///
/// Who answered first when both spoke at once is chance, too, so each side's messages are a list of their own.
package struct NormalizedConversation: Sendable, Equatable {
  package internal(set) var replica: [NormalizedMessage] = []
  package internal(set) var master: [NormalizedMessage] = []
  /// How many there were of what is counted only.
  package internal(set) var counts: [Nondeterminism: Int] = [:]

  package init(replica: [NormalizedMessage] = [], master: [NormalizedMessage] = []) {
    self.replica = replica
    self.master = master
  }

  package static func == (a: Self, b: Self) -> Bool { a.replica == b.replica && a.master == b.master }

  package subscript(side: Side) -> [NormalizedMessage] {
    get { side == .opener ? replica : master }
    set { if side == .opener { replica = newValue } else { master = newValue } }
  }

  /// They say the same, but for what the master still answered when the replica had hung up: whether that was still heard
  /// is a matter of time.
  package func isSame(as other: NormalizedConversation) -> Bool {
    guard replica == other.replica else { return false }
    let (shorter, longer) = master.count < other.master.count ? (master, other.master) : (other.master, master)
    return longer.starts(with: shorter) && longer[shorter.count...].allSatisfy(\.isAnswerToLeaver)
  }

  /// The other one says all that this one does, and maybe more; where bytes are missing, it may have been anything.
  package func isPrefix(of other: NormalizedConversation) -> Bool {
    Self.begin(other.replica, with: replica) && Self.begin(other.master, with: master)
  }

  private static func begin(_ all: [NormalizedMessage], with first: [NormalizedMessage]) -> Bool {
    guard first.contains(where: { $0.kind == .hole }) else { return all.starts(with: first) }
    var rest = all[...]
    for normalized in first where normalized.kind != .hole {
      guard let index = rest.firstIndex(of: normalized) else { return false }
      rest = rest[(index + 1)...]
    }
    return true
  }
}

extension NormalizedMessage {
  /// A step of the handshake answered: a replica that is refused may have hung up by then.
  var isAnswerToLeaver: Bool {
    guard words.count == 1, let word = words.first else { return false }
    return word.first == UInt8(ascii: "-") || word == Array("+OK".utf8)
  }
}

extension NormalizedConversation {
  /// What was said on another connection follows.
  mutating func append(_ other: NormalizedConversation) {
    replica += other.replica
    master += other.master
    counts.merge(other.counts, uniquingKeysWith: +)
  }
}
