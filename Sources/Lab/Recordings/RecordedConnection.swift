import Capture
import Dissection

/// A TCP connection of a recording: who is at its ends, as far as that is clear, and where in the protocol it is.
package struct RecordedConnection: Sendable, Equatable, Identifiable {
  /// Numbered from 1 in the order in which they were first seen.
  package let id: Link.ID
  package internal(set) var opener: End
  package internal(set) var acceptor: End
  /// Nil while nothing says that this is more than a client's connection.
  package internal(set) var phase: Phase?
  /// The length of the payload under way, where the master has said it.
  var payloadLength: Int?
  /// The step in which the last transfer began.
  var transferStep: Int?
  /// Which bytes of those that are in no message yet the recording's text does not show.
  private(set) var marks: [Side: [ByteMark]] = [:]
  /// How far the replica's handshake is, in Redis's own words; nil before anything was said.
  package internal(set) var stage: Stage?
  /// What was said on it that explains what is said later.
  var memory = Memory()
  /// How far the link's account is.
  package internal(set) var balance = Balance()
  /// The sequence numbers from which tcpdump counts, once it knows them.
  package internal(set) var firstNumbers: FirstNumbers?

  package struct End: Sendable, Equatable {
    package internal(set) var party: Party
    package let endpoint: Endpoint
  }

  /// What is known of the history that the replica follows.
  package struct Balance: Sendable, Equatable {
    package var id: [UInt8]?
    /// The offset of the last byte that was sent; nil before the account is open.
    package var sent: Int64?
    /// The offset up to which the replica says that it has all.
    package var acknowledged: Int64?
  }

  /// Of both ends, as the first packet tells them that acknowledges something.
  package struct FirstNumbers: Sendable, Equatable {
    package var opener: UInt32
    package var acceptor: UInt32
  }

  package internal(set) subscript(side: Side) -> End {
    get { side == .opener ? opener : acceptor }
    _modify { if side == .opener { yield &opener } else { yield &acceptor } }
  }

  /// The replica asks, or has asked, its master for its data.
  package var isReplication: Bool { phase != nil }

  /// Who had been taken for the opener is the acceptor.
  mutating func turn() {
    swap(&opener, &acceptor)
    firstNumbers = firstNumbers.map { FirstNumbers(opener: $0.acceptor, acceptor: $0.opener) }
  }

  /// Takes what an observation says of bytes that were read from text.
  mutating func noteMarks(_ remarks: [Remark]) {
    for remark in remarks {
      switch remark {
      case .readFromText(let stretch, let reading):
        marks[stretch.side, default: []] += reading.marks.shifted(by: stretch.range.lowerBound)
      case .sidesTurned: marks = [.opener: marks[.acceptor] ?? [], .acceptor: marks[.opener] ?? []]
      default: break
      }
    }
  }

  /// The marks on a message's bytes; those up to its end are not asked for again.
  mutating func takeMarks(of message: Message) -> [ByteMark] {
    guard let all = marks[message.side], !all.isEmpty else { return [] }
    let left = all.filter { $0.range.upperBound > message.range.upperBound }
    marks[message.side] = left.isEmpty ? nil : left
    return all.clamped(to: message.range)
  }

  /// Takes over what was said up to now.
  mutating func note(_ conversation: ConversationDissector, after last: Message?) {
    guard phase != nil else { return }
    // The conversation itself may not know yet that it is a replica's.
    stage = conversation.stage == .commands ? last?.stage : conversation.stage
    let ledger = conversation.ledger
    balance = Balance(id: ledger.id, sent: ledger.sent, acknowledged: ledger.acknowledged)
  }

  /// What a packet's header says about the connection.
  mutating func note(_ packet: Packet, from side: Side) {
    guard packet.flags.contains(.acknowledgement), firstNumbers == nil || packet.flags.contains(.syn) else { return }
    let (ours, theirs) = (packet.sequence, packet.acknowledgement &- 1)
    firstNumbers =
      side == .opener ? FirstNumbers(opener: ours, acceptor: theirs) : FirstNumbers(opener: theirs, acceptor: ours)
  }
}
