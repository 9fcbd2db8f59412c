import RESP

// What a server says: replies; then, to a replica, a payload and a stream of commands.
extension ConversationDissector {
  mutating func consumeFromAcceptor(_ bytes: [UInt8], _ messages: inout [Message]) {
    if let acceptorFault {
      messages.append(take(acceptor.count, from: .acceptor, .malformed(acceptorFault)))
      return
    }
    switch reading {
    case .replies: replies.feed(bytes)
    case .stream: stream.feed(bytes)
    case .psyncReply, .payloadHeader, .payload: break
    }
    while acceptor.count > 0, acceptorFault == nil {
      guard let message = nextFromAcceptor(&messages) else { return }
      messages.append(message)
    }
  }

  private mutating func nextFromAcceptor(_ messages: inout [Message]) -> Message? {
    if reading == .replies, let expected = expectations.first, expected.isSync {
      read(expected.stage == .transfer ? .payloadHeader : .psyncReply)
    }
    switch reading {
    case .replies: return nextReply(&messages)
    case .psyncReply, .payloadHeader: return nextLine(&messages)
    case .payload: return nextOfPayload()
    case .stream: return nextOfStream(&messages)
    }
  }

  /// Goes on in another way with the bytes that wait.
  mutating func read(_ next: Reading) {
    reading = next
    switch next {
    case .replies:
      replies = ReplyDecoder()
      replies.feed(acceptor.rest)
    case .stream:
      stream = RequestDecoder(limits: .init(isMaster: true))
      stream.feed(acceptor.rest)
    case .psyncReply, .payloadHeader, .payload: break
    }
  }

  // MARK: Replies

  private mutating func nextReply(_ messages: inout [Message]) -> Message? {
    let start = replies.consumedByteCount
    do throws(ProtocolError) {
      guard let value = try replies.next() else { return nil }
      return receive(value, byteCount: replies.consumedByteCount - start)
    } catch {
      // The decoder counts from where it was put in.
      fail(.acceptor, error.reason.text, offset: acceptor.position + error.offset - start, &messages)
      return nil
    }
  }

  private mutating func receive(_ value: Value, byteCount: Int) -> Message {
    let reply = Self.reply(value)
    guard let expected = expectations.first, Self.answers(value, expected) else {
      return take(byteCount, from: .acceptor, .reply(expectations.first == nil ? reply : .push))
    }
    expectations.answer()
    let message = take(
      byteCount, from: .acceptor, .reply(reply), stage: expected.stage,
      answers: .init(number: expected.number, name: expected.name))
    moveOn(after: expected)
    return message
  }

  /// The stage is that of the oldest command without a reply; with all answered, that before the next command.
  private mutating func moveOn(after expected: Expectations.Expected) {
    guard stage.isHandshake else { return }
    if let next = expectations.first {
      stage = next.stage
    } else if expected.stage == .receiveCapaReply {
      stage = .sendPsync
    } else if expected.stage.isHandshake {
      stage = .sendHandshake
    }
  }

  /// Published messages, and whatever comes as a push, answer nothing; but a subscription is confirmed by an array, or
  /// in RESP3 a push, that begins with the command's name.
  private static func answers(_ value: Value, _ expected: Expectations.Expected) -> Bool {
    switch value {
    case .push(let elements): return expected.isSubscription && confirmsSubscription(elements)
    case .array(let elements) where expected.isSubscription: return confirmsSubscription(elements)
    case .array(let elements): return !isPublished(elements)
    default: return true
    }
  }

  private static func confirmsSubscription(_ elements: [Value]) -> Bool {
    guard elements.count == 3, case .bulk(let word) = elements[0] else { return false }
    return uppercased(word).hasSuffix("SUBSCRIBE")
  }

  private static func isPublished(_ elements: [Value]) -> Bool {
    guard elements.count == 3 || elements.count == 4, case .bulk(let word) = elements[0] else { return false }
    return ["message", "pmessage", "smessage"].contains(String(decoding: word, as: UTF8.self))
  }

  private static func reply(_ value: Value) -> Message.Reply {
    switch value {
    case .simple: .simple
    case .error: .error
    case .integer(let number): .integer(number)
    case .bulk: .bulk
    case .null: .null
    case .array(let elements), .set(let elements): .aggregate(count: elements.count)
    case .map(let pairs): .aggregate(count: pairs.count)
    case .push: .push
    case .double, .boolean, .bigNumber, .verbatim, .attribute: .other
    }
  }

  // MARK: Lines before the payload

  /// How long a line may be that Redis reads by itself (1024 bytes of buffer in syncReadLine's callers).
  private static let maxLineLength = 1024

  private mutating func nextLine(_ messages: inout [Message]) -> Message? {
    let head = acceptor.peek(0..<min(acceptor.count, Self.maxLineLength))
    guard let end = head.firstIndex(of: 0x0A) else {
      if head.count == Self.maxLineLength {
        fail(.acceptor, "a line of more than \(Self.maxLineLength) bytes", offset: acceptor.position, &messages)
      }
      return nil
    }
    let line = Array(head[..<(end > 0 && head[end - 1] == 0x0D ? end - 1 : end)])
    if line.isEmpty { return take(end + 1, from: .acceptor, .keepAlive) }
    return reading == .psyncReply
      ? receivePsyncReply(line, byteCount: end + 1) : receivePayloadHeader(line, byteCount: end + 1, &messages)
  }

  private mutating func receivePsyncReply(_ line: [UInt8], byteCount: Int) -> Message {
    let answered = expectations.first.map { Message.Answered(number: $0.number, name: $0.name) }
    expectations.answer()
    let words = line.split(separator: 0x20, omittingEmptySubsequences: false).map { Array($0) }
    let stage = Stage.receivePsyncReply
    if words[0] == Array("+FULLRESYNC".utf8) {
      let id = words.count > 2 && words[1].count == 40 ? words[1] : nil
      let offset = id == nil ? -1 : Number.integer(words[2]) ?? -1
      let kind = Message.Kind.fullResync(id: id, offset: offset)
      let message = take(byteCount, from: .acceptor, kind, stage: stage, answers: answered)
      if id != nil { ledger.open(id: id, offset: offset, isFull: true, message: message.number) }
      self.stage = .transfer
      read(.payloadHeader)
      return message
    }
    if words[0] == Array("+CONTINUE".utf8) {
      let id = words.count > 1 && words[1].count == 40 ? words[1] : nil
      let message = take(byteCount, from: .acceptor, .partialResync(id: id), stage: stage, answers: answered)
      if let asked, let offset = asked.offset.subtractingOne {
        ledger.open(id: id ?? asked.id, offset: offset, isFull: false, message: message.number)
      }
      self.stage = .connected
      read(.stream)
      return message
    }
    let message = take(byteCount, from: .acceptor, .reply(Self.reply(line)), stage: stage, answers: answered)
    read(.replies)
    return message
  }

  /// A line as a reply.
  private static func reply(_ line: [UInt8]) -> Message.Reply {
    switch line.first {
    case UInt8(ascii: "-"): .error
    case UInt8(ascii: "+"): .simple
    default: .other
    }
  }

  private mutating func receivePayloadHeader(
    _ line: [UInt8], byteCount: Int, _ messages: inout [Message]
  ) -> Message? {
    // After SYNC this line is the command's reply; after +FULLRESYNC it answers nothing more.
    let answered = expectations.first.map { Message.Answered(number: $0.number, name: $0.name) }
    if line.first == UInt8(ascii: "-") {
      expectations.answer()
      let message = take(byteCount, from: .acceptor, .reply(Self.reply(line)), answers: answered)
      read(.replies)
      return message
    }
    guard let form = Self.payloadForm(line) else {
      let reason =
        line.first == UInt8(ascii: "$")
        ? "a payload length that is no number"
        : "Bad protocol from MASTER, the first byte is not '$'"
      fail(.acceptor, reason, offset: acceptor.position, &messages)
      return nil
    }
    expectations.answer()
    let message = take(byteCount, from: .acceptor, .payloadHeader(form), answers: answered)
    transfer = Transfer(form: form, start: acceptor.position)
    read(.payload)
    if form == .sized(0) { read(.stream) }
    return message
  }

  private static func payloadForm(_ line: [UInt8]) -> Message.PayloadForm? {
    guard line.first == UInt8(ascii: "$") else { return nil }
    let rest = Array(line.dropFirst())
    if rest.starts(with: Array("EOF:".utf8)), rest.count >= 44 { return .streamed(mark: Array(rest[4..<44])) }
    guard let size = Number.integer(rest), size >= 0, let size = Int(exactly: size) else { return nil }
    return .sized(size)
  }

  // MARK: The payload

  private mutating func nextOfPayload() -> Message? {
    guard let form = transfer?.form, let start = transfer?.count else { return nil }
    if case .streamed(let mark) = form, acceptor.count >= mark.count, acceptor.peek(0..<mark.count) == mark {
      let message = take(mark.count, from: .acceptor, .endMark)
      read(.stream)
      return message
    }
    let count: Int
    var isLast = false
    switch transfer?.find(in: acceptor.rest) {
    case .more(let certain): count = certain
    case .last(let last): (count, isLast) = (last, true)
    case nil: return nil
    }
    guard count > 0 else { return nil }
    let message = take(count, from: .acceptor, .payload(start..<start + count))
    if keepsHistory { transfer?.append(message.bytes) } else { transfer?.count += message.contents.count }
    if isLast, case .sized = form { read(.stream) }
    return message
  }

  // MARK: The stream

  private mutating func nextOfStream(_ messages: inout [Message]) -> Message? {
    let consumed = stream.consumedByteCount
    do throws(ProtocolError) {
      guard let request = try stream.next() else { return nil }
      var message = take(request.byteCount, from: .acceptor, Self.streamed(request), stage: .connected)
      stage = .connected
      message.offsets = ledger.send(request.byteCount, message: message.number)
      return message
    } catch {
      fail(.acceptor, error.reason.text, offset: acceptor.position + error.offset - consumed, &messages)
      return nil
    }
  }

  private static func streamed(_ request: Request) -> Message.Kind {
    let words = request.arguments
    guard let name = words.first else { return request.isInline ? .keepAlive : .stream }
    switch uppercased(name) {
    case "PING" where words.count == 1: return .streamPing
    case "SELECT" where words.count == 2: return .streamSelect(words[1])
    case "REPLCONF" where words.count > 1 && uppercased(words[1]) == "GETACK": return .getAck
    default: return .stream
    }
  }
}

extension Int64 {
  /// One less, unless there is nothing less.
  fileprivate var subtractingOne: Int64? { self == .min ? nil : self - 1 }
}
