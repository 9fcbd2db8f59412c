import Capture
import RESP

/// Reads the two byte streams of one connection and says what each end said.
///
///     var dissector = ConversationDissector()
///     for segment in segments { dissector.consume(segment.payload, from: segment.side, into: &messages) }
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

  /// Whether snapshots and the ledger's entries are kept; without them nothing here grows with what was said.
  package let keepsHistory: Bool
  package internal(set) var purpose: Purpose
  package internal(set) var stage: Stage
  package internal(set) var ledger: Ledger
  /// What it is in a sync over two connections, once a client id tells; nil in any other.
  package internal(set) var channel: Channel?
  /// The replica has said that this is the second connection of such a sync.
  var isForSnapshot = false
  /// How many messages became whole so far.
  package internal(set) var messageCount = 0

  var opener = Inbox()
  var acceptor = Inbox()
  var requests = RequestScanner()
  var replies = ReplyScanner()
  var stream = RequestScanner(limits: .init(isMaster: true))
  var expectations = Expectations()
  var reading = Reading.replies
  var transfer: Transfer?
  /// What the last PSYNC asked for.
  var asked: Asked?
  /// Why a side can't be read any more.
  var openerFault: Message.Fault?
  var acceptorFault: Message.Fault?
  /// Where a side's bytes are looked through for the next beginning of a message.
  var openerSearch: Search?
  var acceptorSearch: Search?
  /// Some of what was said is not known.
  var hasLost = false
  /// Something was said that is said between a client and its server only.
  var isTalk = false
  /// Whether all that the opener said before is answered; nil where nobody knows.
  var isQuiet: Bool?
  /// Where the last search of a side ended.
  var openerFound: Int?
  var acceptorFound: Int?
  private var openerEnded = false
  private var acceptorEnded = false
  /// The label of the last command that was a name alone: the next is likely to be the same.
  var lastLabel: (name: CommandName, text: String)?

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

  package init(purpose: Purpose = .unknown, keepsHistory: Bool = true) {
    self.purpose = purpose
    self.keepsHistory = keepsHistory
    stage = .commands
    ledger = Ledger(keepsEntries: keepsHistory)
  }

  /// How much of an unfinished message is held; what gets longer is not read any more, but looked through for its end.
  private var heldByteLimit: Int { keepsHistory ? 1 << 30 : 16 << 20 }

  /// Takes what one segment carried, and appends the messages that became whole with it.
  package mutating func consume(_ bytes: SharedBytes, from side: Side, into messages: inout [Message]) {
    guard !bytes.isEmpty else { return }
    noteSegment(from: side)
    switch side {
    case .opener:
      opener.append(bytes)
      readOpener(&messages)
    case .acceptor:
      acceptor.append(bytes)
      readAcceptor(&messages)
    }
    if pendingByteCount(side) > heldByteLimit {
      takeAll(from: side, .unknown, &messages)
      search(side)
    }
  }

  /// Takes what one segment carried; returns the messages that became whole with it.
  package mutating func consume(_ bytes: [UInt8], from side: Side) -> [Message] {
    var messages: [Message] = []
    consume(SharedBytes(bytes), from: side, into: &messages)
    return messages
  }

  /// Takes the end of one side's bytes; what waited for more is a truncated message.
  package mutating func end(_ side: Side) -> [Message] {
    if side == .opener { openerEnded = true } else { acceptorEnded = true }
    var messages: [Message] = []
    takeAll(from: side, isLost(side) ? .unknown : .truncated, &messages)
    return messages
  }

  func hasEnded(_ side: Side) -> Bool { side == .opener ? openerEnded : acceptorEnded }

  /// A command was sent whose reply has not come yet, or not all of it.
  package var awaitsReply: Bool { expectations.first != nil }

  /// How many bytes of a side wait for the rest of their message.
  ///
  /// It is asked of each segment: a side taken by its name would be a copy of all.
  @inline(__always)
  package func pendingByteCount(_ side: Side) -> Int { side == .opener ? opener.count : acceptor.count }

  subscript(side: Side) -> Inbox {
    _read { if side == .opener { yield opener } else { yield acceptor } }
    _modify {
      if side == .opener { yield &opener } else { yield &acceptor }
    }
  }

  /// Makes a message of the next `count` bytes, which are in one stretch.
  mutating func take(
    _ count: Int, from side: Side, _ kind: Message.Kind, stage: Stage? = nil, answers: Message.Answered? = nil
  ) -> Message {
    messageCount += 1
    let (bytes, range) = side == .opener ? opener.take(count) : acceptor.take(count)
    return Message(
      number: messageCount, side: side, kind: kind, range: range, contents: bytes, stage: stage ?? self.stage,
      answers: answers)
  }

  /// Makes a message of the next `count` bytes, which are in one stretch, where it is to stand: most come this way, and a
  /// message that is handed on is copied.
  @inline(__always)
  mutating func append(
    _ count: Int, from side: Side, _ kind: Message.Kind, stage: Stage, answers: Message.Answered? = nil,
    offsets: ClosedRange<Int64>? = nil, to messages: inout [Message]
  ) {
    messageCount += 1
    let (bytes, range) = side == .opener ? opener.take(count) : acceptor.take(count)
    messages.append(
      Message(
        number: messageCount, side: side, kind: kind, range: range, contents: bytes, stage: stage, answers: answers,
        offsets: offsets))
  }

  /// Makes a message of all bytes that wait. Within a stream they count.
  mutating func takeAll(from side: Side, _ kind: Message.Kind, _ messages: inout [Message]) {
    let count = self[side].count
    guard count > 0 else { return }
    self[side].join(count)
    takeUnread(count, from: side, kind, &messages)
    requestsForgotten(side)
  }

  /// Makes a message of bytes that are no whole message. Within a stream they count.
  mutating func takeUnread(_ count: Int, from side: Side, _ kind: Message.Kind, _ messages: inout [Message]) {
    guard count > 0 else { return }
    var message = take(count, from: side, kind)
    if side == .acceptor, reading == .stream { message.offsets = ledger.send(count, message: message.number) }
    messages.append(message)
  }

  /// What was scanned of a message is no part of one any more.
  mutating func requestsForgotten(_ side: Side) {
    if side == .opener {
      requests = RequestScanner(limits: requests.limits)
    } else {
      replies = ReplyScanner()
      stream = RequestScanner(limits: stream.limits)
    }
  }

  /// Gives up on a side: all its waiting bytes are one message that says why.
  mutating func fail(_ side: Side, _ reason: String, offset: Int, _ messages: inout [Message]) {
    let fault = Message.Fault(reason: reason, offset: offset)
    if side == .opener { openerFault = fault } else { acceptorFault = fault }
    stage = .broken
    takeAll(from: side, .malformed(fault), &messages)
  }

  package static func == (a: Self, b: Self) -> Bool {
    // Of the last label only speed depends.
    a.purpose == b.purpose && a.stage == b.stage && a.messageCount == b.messageCount && a.opener == b.opener
      && a.acceptor == b.acceptor && a.ledger == b.ledger && a.channel == b.channel
      && a.isForSnapshot == b.isForSnapshot && a.requests == b.requests
      && a.replies == b.replies
      && a.stream == b.stream && a.expectations == b.expectations && a.reading == b.reading
      && a.transfer == b.transfer && a.asked == b.asked && a.openerFault == b.openerFault
      && a.acceptorFault == b.acceptorFault && a.openerSearch == b.openerSearch
      && a.acceptorSearch == b.acceptorSearch && a.isTalk == b.isTalk && a.isQuiet == b.isQuiet
      && a.openerEnded == b.openerEnded && a.acceptorEnded == b.acceptorEnded
  }
}
