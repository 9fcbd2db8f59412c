import RESP

// What a client or a replica says: commands, and empty lines while it has nothing to say.
extension ConversationDissector {
  mutating func consumeFromOpener(_ bytes: [UInt8], _ messages: inout [Message]) {
    if let openerFault {
      messages.append(take(opener.count, from: .opener, .malformed(openerFault)))
      return
    }
    requests.feed(bytes)
    do throws(ProtocolError) {
      while let request = try requests.next() { messages.append(receive(request)) }
    } catch {
      fail(.opener, "Protocol error: \(error.reason.text)", offset: error.offset, &messages)
    }
  }

  private mutating func receive(_ request: Request) -> Message {
    guard let name = request.arguments.first else {
      let kind: Message.Kind = request.isInline ? .keepAlive : .command
      return take(request.byteCount, from: .opener, kind)
    }
    let words = request.arguments
    let kind = Self.kind(of: words)
    enter(kind)
    var message = take(request.byteCount, from: .opener, kind)
    if case .ack(var acknowledgement) = kind {
      acknowledgement.endsTransfer = transfer != nil && ledger.acknowledged == nil
      acknowledgement.newBytes = ledger.acknowledge(acknowledgement.offset, message: message.number)
      acknowledgement.outstanding = ledger.outstanding
      message.kind = .ack(acknowledgement)
    } else {
      expectReply(to: words, name: name, message)
    }
    return message
  }

  /// What a command does to the connection's stage.
  private mutating func enter(_ kind: Message.Kind) {
    switch kind {
    case .ping where purpose == .replication && stage == .commands: stage = .receivePingReply
    case .auth where purpose == .replication && stage < .receiveAuthReply: stage = .receiveAuthReply
    case .listeningPort: beginHandshake(.receivePortReply)
    case .ipAddress: beginHandshake(.receiveIPReply)
    case .capabilities: beginHandshake(.receiveCapaReply)
    case .psync(let id, let offset, _):
      asked = Asked(id: id, offset: offset)
      beginHandshake(.receivePsyncReply)
    case .sync:
      beginHandshake(.transfer)
    case .ack: acknowledgementCame()
    default: break
    }
  }

  private mutating func beginHandshake(_ next: Stage) {
    purpose = .replication
    if stage < .connected { stage = next }
  }

  /// A replica that acknowledges has loaded what it was sent.
  private mutating func acknowledgementCame() {
    switch reading {
    case .replies where expectations.first == nil:
      // The recording began in the middle of a link.
      purpose = .replication
      read(.stream)
      stage = .connected
    case .stream: stage = .connected
    default: break
    }
  }

  /// Queues the command for its reply, if it will have one.
  private mutating func expectReply(to words: [[UInt8]], name: [UInt8], _ message: Message) {
    // A replica in the stream gets no replies; nor do acknowledgements ever, nor the question for one.
    if case .getAck = message.kind { return }
    if reading == .stream || reading == .payload { return }
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
    expectations.expect(expected)
  }

  /// Sorts a command by its words.
  static func kind(of words: [[UInt8]]) -> Message.Kind {
    switch uppercased(words[0]) {
    case "PING" where words.count == 1: return .ping
    case "AUTH" where words.count == 2: return .auth(user: nil)
    case "AUTH" where words.count == 3: return .auth(user: words[1])
    case "SYNC" where words.count == 1: return .sync
    case "PSYNC" where words.count == 3 || words.count == 4:
      guard let offset = Number.integer(words[2]) else { return .command }
      let failover = words.count == 4 && uppercased(words[3]) == "FAILOVER"
      return .psync(id: words[1] == [UInt8(ascii: "?")] ? nil : words[1], offset: offset, failover: failover)
    case "REPLCONF" where words.count >= 3: return replconf(words)
    default: return .command
    }
  }

  private static func replconf(_ words: [[UInt8]]) -> Message.Kind {
    switch uppercased(words[1]) {
    case "LISTENING-PORT" where words.count == 3:
      guard let port = Number.integer(words[2]), let port = Int(exactly: port) else { return .command }
      return .listeningPort(port)
    case "IP-ADDRESS" where words.count == 3: return .ipAddress(words[2])
    case "CAPA" where words.count % 2 == 1:
      let pairs = stride(from: 1, to: words.count, by: 2)
      guard pairs.allSatisfy({ uppercased(words[$0]) == "CAPA" }) else { return .command }
      return .capabilities(pairs.map { words[$0 + 1] })
    case "GETACK": return .getAck
    case "ACK" where words.count == 3 || words.count == 5:
      guard let offset = Number.integer(words[2]) else { return .command }
      let fsynced = words.count == 5 && uppercased(words[3]) == "FACK" ? Number.integer(words[4]) : nil
      return .ack(Message.Acknowledgement(offset: offset, fsynced: fsynced))
    default: return .command
    }
  }
}

/// A command's or option's name in upper case, as names are compared; what is not ASCII becomes what it may.
func uppercased(_ word: [UInt8]) -> String {
  String(decoding: word.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }, as: UTF8.self)
}
