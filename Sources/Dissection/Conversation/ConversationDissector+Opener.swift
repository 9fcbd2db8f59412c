import Capture
import RESP

// What a client or a replica says: commands, and empty lines while it has nothing to say.
extension ConversationDissector {
  mutating func readOpener(_ messages: inout [Message]) {
    if let openerFault { return takeAll(from: .opener, .malformed(openerFault), &messages) }
    while opener.count > 0, findBeginning(.opener, &messages) {
      do throws(ProtocolError) {
        guard let count = try opener.scan(&requests) else {
          guard isTooLongToBelieve(.opener) else { return }
          reject(.opener, &messages)
          continue
        }
        guard believes(count, from: .opener) else {
          reject(.opener, &messages)
          continue
        }
        receive(count, &messages)
      } catch {
        // What follows a loss may be read wrongly for a while.
        if isLost(.opener) {
          reject(.opener, &messages)
        } else if hasLost {
          search(.opener)
        } else {
          let offset = opener.position + error.offset
          return fail(.opener, "Protocol error: \(error.reason.text)", offset: offset, &messages)
        }
      }
    }
  }

  /// A command of `count` bytes has been scanned.
  private mutating func receive(_ count: Int, _ messages: inout [Message]) {
    if requests.inlineArguments == nil, requests.argumentCount > 0, receiveOrdinary(count, &messages) { return }
    let words = opener.words(of: requests)
    guard let name = words.first else {
      let kind = requests.inlineArguments != nil ? Message.Kind.keepAlive : .command
      return append(count, from: .opener, kind, stage: stage, to: &messages)
    }
    var kind = Self.kind(of: words)
    if case .sync = kind, isForSnapshot { kind = .sync(snapshotOnly: true) }
    enter(kind, &messages)
    var message = take(count, from: .opener, kind)
    if case .ack(var acknowledgement) = kind {
      // With two connections the snapshot came over the other one.
      acknowledgement.endsTransfer = ledger.acknowledged == nil && (transfer != nil || channel?.role == .stream)
      if ledger.sent == nil, reading == .stream { ledger.learn(acknowledgement.offset, message: message.number) }
      acknowledgement.newBytes = ledger.acknowledge(acknowledgement.offset, message: message.number)
      acknowledgement.outstanding = ledger.outstanding
      message.kind = .ack(acknowledgement)
    } else {
      expectReply(to: words, name: name, message)
    }
    messages.append(message)
  }

  /// A command that means nothing to the connection: most are such, so nothing is made of its words. False if it is none.
  private mutating func receiveOrdinary(_ count: Int, _ messages: inout [Message]) -> Bool {
    let name = requests.argument(0)
    let short = opener.name(at: name)
    guard !short.isSpecial else { return false }
    isTalk = true
    if reading != .stream, reading != .payload {
      expectations.expect(
        .init(number: messageCount + 1, name: label(short, name), stage: stage), isQuiet: isQuiet)
    }
    append(count, from: .opener, .command, stage: stage, to: &messages)
    return true
  }

  private mutating func label(_ short: CommandName, _ name: Range<Int>) -> String {
    if let lastLabel, lastLabel.name == short, short.isWhole { return lastLabel.text }
    let text = String(decoding: opener.joined[name].slice, as: UTF8.self)
    lastLabel = (short, text)
    return text
  }

  /// What a command does to the connection's stage.
  private mutating func enter(_ kind: Message.Kind, _ messages: inout [Message]) {
    switch kind {
    case .ping where purpose == .replication && stage == .commands: stage = .receivePingReply
    case .auth where purpose == .replication && stage < .receiveAuthReply: stage = .receiveAuthReply
    case .listeningPort: beginHandshake(.receivePortReply)
    case .ipAddress: beginHandshake(.receiveIPReply)
    case .rdbChannel(let client):
      isForSnapshot = true
      channel = client.map { Channel(.snapshot, client: $0) }
      beginHandshake(.receiveCapaReply)
    case .rdbClient(let client):
      channel = Channel(.stream, client: client)
      beginHandshake(.receiveCapaReply)
    case .capabilities, .version: beginHandshake(.receiveCapaReply)
    case .psync(let id, let offset, _):
      asked = Asked(id: id, offset: offset)
      beginHandshake(.receivePsyncReply)
    case .sync:
      beginHandshake(.transfer)
    case .ack: acknowledgementCame(&messages)
    default: break
    }
  }

  private mutating func beginHandshake(_ next: Stage) {
    purpose = .replication
    if stage < .connected { stage = next }
  }

  /// A replica that acknowledges has loaded what it was sent.
  private mutating func acknowledgementCame(_ messages: inout [Message]) {
    switch reading {
    // A client may say so, too: nothing comes of it.
    case .replies where purpose == .client || isTalk && acceptorSearch == nil: break
    case .replies where expectations.first == nil || acceptorSearch != nil:
      // The recording began in the middle of a link.
      purpose = .replication
      // A snapshot whose beginning was lost ends here; a command may have begun.
      if acceptor.count > 0, acceptor[0] != UInt8(ascii: "*") { takeAll(from: .acceptor, .unknown, &messages) }
      read(.stream)
      stage = .connected
    case .payload where transfer?.hasHole == true:
      // The end of the snapshot was lost.
      if acceptor.count > 0 { messages.append(takePayload(acceptor.count)) }
      read(.stream)
      search(.acceptor)
      stage = .connected
    case .stream: stage = .connected
    default: break
    }
  }

  /// Queues the command for its reply, if it will have one.
  private mutating func expectReply(to words: [[UInt8]], name: [UInt8], _ message: Message) {
    // A replica in the stream gets no replies; nor do acknowledgements ever, nor the question for one.
    if case .getAck = message.kind { return }
    if reading == .stream || reading == .payload {
      // On the first of two connections the stream waits for what is said and answered on it.
      if case .rdbClient = message.kind {} else { return }
    }
    let command = uppercased(name)
    let argument = words.count > 1 ? uppercased(words[1]) : ""
    if command == "CLIENT", argument == "REPLY", words.count == 3 {
      expectations.setReplies(uppercased(words[2]))
      if uppercased(words[2]) != "ON" { return }
    }
    var label = String(decoding: name, as: UTF8.self)
    if command == "REPLCONF", words.count > 1 { label += " " + String(decoding: words[1], as: UTF8.self) }
    var expected = Expectations.Expected(number: message.number, name: label, stage: message.stage)
    switch command {
    case "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE":
      expected.isSubscription = true
      expected.replies = max(1, words.count - 1)
    case "PSYNC", "SYNC": expected.isSync = true
    default: break
    }
    expectations.expect(expected, isQuiet: isQuiet)
  }
}

extension Inbox {
  /// The words of the command that was scanned.
  func words(of scanner: RequestScanner) -> [[UInt8]] {
    let bytes = joined
    return scanner.inlineArguments ?? scanner.arguments.map { Array(bytes[$0].slice) }
  }
}

/// A command's or option's name in upper case, as names are compared; what is not ASCII becomes what it may.
func uppercased(_ word: [UInt8]) -> String {
  String(decoding: word.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }, as: UTF8.self)
}
