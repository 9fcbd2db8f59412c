import Capture
import RESP

/// Reads the two byte streams of one connection and says what each end said.
///
///     var dissector = ConversationDissector()
///     for segment in segments { messages += dissector.consume(segment.payload, from: segment.side) }
///
/// Bytes are consumed in the order in which they crossed the wire. Messages do not depend on how the bytes were cut into
/// segments, but for the payload of a transfer: there each piece that came is a message of its own. Nothing is parsed that
/// isn't needed to find the next message, so a payload costs next to nothing; what is in a message `fields(of:)` tells on
/// demand. Copies share all that grows.
package struct ConversationDissector: Equatable, Sendable {
  /// What the opener is, if the host knows.
  package enum Purpose: Sendable, Hashable {
    /// Found out from what is said: REPLCONF, PSYNC or SYNC make it a replica. Its PING comes before these.
    case unknown
    case client
    case replication
  }

  package internal(set) var purpose: Purpose
  package internal(set) var stage: Stage
  package internal(set) var ledger = Ledger()
  /// How many messages became whole so far.
  package internal(set) var messageCount = 0

  /// Sides that said all that they will.
  private(set) var endedSides: Set<Side> = []
  var opener = Inbox()
  var acceptor = Inbox()
  var requests = RequestDecoder()
  var expectations = Expectations()
  var reading = Reading.replies
  var replies = ReplyDecoder()
  var stream = RequestDecoder(limits: .init(isMaster: true))
  var transfer: Transfer?
  /// What the last PSYNC asked for.
  var asked: Asked?
  /// Why a side can't be read any more.
  var openerFault: Message.Fault?
  var acceptorFault: Message.Fault?

  struct Asked: Equatable, Sendable {
    var id: [UInt8]?
    var offset: Int64
  }

  /// What the acceptor's next bytes are.
  enum Reading: Equatable, Sendable {
    case replies
    /// PSYNC was sent: its answer is one line, after any number of empty ones.
    case psyncReply
    /// A payload is to come: the line that says how long it is, after any number of empty ones.
    case payloadHeader
    case payload
    /// Commands, each byte of which has an offset.
    case stream
  }

  /// Whether snapshots and the ledger's entries are kept; without them nothing here grows with what was said.
  package let keepsHistory: Bool

  package init(purpose: Purpose = .unknown, keepsHistory: Bool = true) {
    self.purpose = purpose
    self.keepsHistory = keepsHistory
    stage = .commands
  }

  /// Takes what one segment carried; returns the messages that became whole with it.
  package mutating func consume(_ bytes: [UInt8], from side: Side) -> [Message] {
    guard !bytes.isEmpty else { return [] }
    var messages: [Message] = []
    switch side {
    case .opener:
      opener.append(bytes)
      consumeFromOpener(bytes, &messages)
      opener.tidy()
    case .acceptor:
      acceptor.append(bytes)
      consumeFromAcceptor(bytes, &messages)
      acceptor.tidy()
    }
    return messages
  }

  /// Takes the end of one side's bytes; what waited for more is a truncated message.
  package mutating func end(_ side: Side) -> [Message] {
    endedSides.insert(side)
    let count = pendingByteCount(side)
    guard count > 0 else { return [] }
    let message = take(count, from: side, .truncated)
    self[side].tidy()
    return [message]
  }

  /// A command was sent whose reply has not come yet, or not all of it.
  package var awaitsReply: Bool { expectations.first != nil }

  /// How many bytes of a side wait for the rest of their message.
  package func pendingByteCount(_ side: Side) -> Int { side == .opener ? opener.count : acceptor.count }

  subscript(side: Side) -> Inbox {
    get { side == .opener ? opener : acceptor }
    set { if side == .opener { opener = newValue } else { acceptor = newValue } }
  }

  /// Makes a message of the next `count` bytes.
  mutating func take(
    _ count: Int, from side: Side, _ kind: Message.Kind, stage: Stage? = nil, answers: Message.Answered? = nil
  ) -> Message {
    messageCount += 1
    let (bytes, range) = side == .opener ? opener.take(count) : acceptor.take(count)
    return Message(
      number: messageCount, side: side, kind: kind, range: range, contents: SharedBytes(bytes),
      stage: stage ?? self.stage,
      answers: answers)
  }

  /// Gives up on a side: all its waiting bytes are one message that says why.
  mutating func fail(_ side: Side, _ reason: String, offset: Int, _ messages: inout [Message]) {
    let fault = Message.Fault(reason: reason, offset: offset)
    if side == .opener { openerFault = fault } else { acceptorFault = fault }
    stage = .broken
    let count = pendingByteCount(side)
    if count > 0 { messages.append(take(count, from: side, .malformed(fault))) }
  }
}
