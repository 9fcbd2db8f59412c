import Capture
import RESP

// What a server says: replies; then, to a replica, a payload and a stream of commands.
extension ConversationDissector {
  mutating func readAcceptor(_ messages: inout [Message]) {
    if let acceptorFault { return takeAll(from: .acceptor, .malformed(acceptorFault), &messages) }
    while acceptor.count > 0, findBeginning(.acceptor, &messages) {
      do throws(ProtocolError) {
        if try nextFromAcceptor(&messages) { continue }
        guard isTooLongToBelieve(.acceptor) else { return }
        reject(.acceptor, &messages)
      } catch {
        if isLost(.acceptor) {
          reject(.acceptor, &messages)
        } else if hasLost, reading == .stream || reading == .replies {
          // What follows a loss may be read wrongly for a while.
          if reading == .replies { expectations.lose() }
          search(.acceptor)
        } else {
          return fail(.acceptor, reason(error), offset: acceptor.position + error.offset, &messages)
        }
      }
    }
  }

  private func reason(_ error: ProtocolError) -> String {
    guard reading == .psyncReply || reading == .payloadHeader else { return error.reason.text }
    if error.reason == .tooLongReplyLine { return "a line of more than \(Self.maxLineLength) bytes" }
    return error.reason == .badBulkLength
      ? "a payload length that is no number" : "Bad protocol from MASTER, the first byte is not '$'"
  }

  /// Reads one message; false if it isn't all there.
  private mutating func nextFromAcceptor(_ messages: inout [Message]) throws(ProtocolError) -> Bool {
    if reading == .replies, let next = readingOfLine { read(next) }
    let message: Message?
    switch reading {
    case .replies: return try nextReply(&messages)
    case .stream: return try nextOfStream(&messages)
    case .psyncReply, .payloadHeader: message = try nextLine()
    case .payload: message = nextOfPayload()
    }
    guard let message else { return false }
    messages.append(message)
    return true
  }

  /// Whether the next line is one that a replica reads by itself.
  private var readingOfLine: Reading? {
    if let expected = expectations.first {
      guard expected.isSync else { return nil }
      return expected.stage == .transfer ? .payloadHeader : .psyncReply
    }
    // What asked for it may be lost; nothing else begins like this.
    guard hasLost else { return nil }
    let head = acceptor.joined.slice.prefix(12)
    if head.starts(with: "+FULLRESYNC ".utf8) || head.starts(with: "+CONTINUE".utf8) { return .psyncReply }
    return head.starts(with: "$EOF:".utf8) ? .payloadHeader : nil
  }

  /// Goes on in another way with the bytes that wait.
  mutating func read(_ next: Reading) {
    guard next != reading else { return }
    reading = next
    requestsForgotten(.acceptor)
  }

  // MARK: Replies

  private mutating func nextReply(_ messages: inout [Message]) throws(ProtocolError) -> Bool {
    if hasLost, let message = snapshotBegins() {
      messages.append(message)
      return true
    }
    guard let count = try acceptor.scan(&replies) else { return false }
    guard believes(count, from: .acceptor) else { throw ProtocolError(.badReplyType(acceptor[0]), offset: 0) }
    if replies.type != UInt8(ascii: "*") { isTalk = true }
    guard let expected = expectations.first, answers(expected) else {
      unasked(count, &messages)
      return true
    }
    expectations.answer()
    append(
      count, from: .acceptor, .reply(reply), stage: expected.stage,
      answers: .init(number: expected.number, name: expected.name), to: &messages)
    moveOn(after: expected)
    return true
  }

  /// What answers nothing known: pushed, or its command was lost, or the stream of a link whose beginning was not seen.
  private mutating func unasked(_ count: Int, _ messages: inout [Message]) {
    if expectations.first == nil, purpose == .replication || purpose == .unknown && !isTalk, isCommandOfMaster {
      read(.stream)
      purpose = .replication
      stage = .connected
      // It is scanned once more, as a command.
      if let count = try? acceptor.scan(&stream) { return streamed(count, &messages) }
    }
    expectations.noteReply()
    let kind: Message.Kind =
      mayBeOfMaster ? .unknown : .reply(expectations.first == nil ? reply : .push)
    messages.append(take(count, from: .acceptor, kind))
  }

  /// A list of words unasked, when nothing has told yet whether a client asks here or a replica listens.
  private var mayBeOfMaster: Bool {
    hasLost && !isTalk && purpose == .unknown && expectations.first == nil && replies.type == UInt8(ascii: "*")
      && !replies.isNull && replies.firstWord != nil && !isPublished && !confirmsSubscription
  }

  /// Nobody but a master says such a command unasked.
  private var isCommandOfMaster: Bool {
    guard hasLost, replies.type == UInt8(ascii: "*"), !replies.isNull, let name = replies.firstWord
    else { return false }
    switch uppercased(Array(acceptor.joined[name].slice)) {
    case "SELECT": return replies.number == 2
    case "PING", "MULTI", "EXEC": return replies.number == 1
    case "REPLCONF", "SET": return replies.number == 3
    default: return false
    }
  }

  /// A length with a snapshot behind it: the command that asked for it is lost.
  private mutating func snapshotBegins() -> Message? {
    guard expectations.first == nil, hasLost, acceptor[0] == UInt8(ascii: "$") else { return nil }
    acceptor.join(64)
    let bytes = acceptor.joined.slice
    guard let end = bytes.prefix(24).firstIndex(of: 0x0A), bytes[(end + 1)...].starts(with: "REDIS0".utf8),
      case .sized? = Self.payloadForm(Array(bytes[..<end].dropLast()))
    else { return nil }
    read(.payloadHeader)
    return try? nextLine()
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

  /// Published messages, what a monitor is shown, and whatever comes as a push, answer nothing; but a subscription is confirmed by an array, or
  /// in RESP3 a push, that begins with the command's name.
  private func answers(_ expected: Expectations.Expected) -> Bool {
    switch replies.type {
    case UInt8(ascii: ">"): expected.isSubscription && confirmsSubscription
    case UInt8(ascii: "*") where replies.isNull: true
    case UInt8(ascii: "*") where expected.isSubscription: confirmsSubscription
    case UInt8(ascii: "*"): !isPublished
    case UInt8(ascii: "+"): !isMonitored
    default: true
    }
  }

  private var firstWord: [UInt8]? { replies.firstWord.map { Array(acceptor.joined[$0].slice) } }

  private var confirmsSubscription: Bool {
    guard replies.number == 3, let word = firstWord else { return false }
    return uppercased(word).hasSuffix("SUBSCRIBE")
  }

  /// A line of MONITOR's: a time in microseconds and, in brackets, a database and a client.
  private var isMonitored: Bool {
    let line = acceptor.joined.slice.prefix(48).dropFirst()
    guard let blank = line.firstIndex(of: 0x20), line[(blank + 1)...].first == UInt8(ascii: "[") else { return false }
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let parts = line[..<blank].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count == 2 && !parts[0].isEmpty && parts[1].count == 6
      && parts.allSatisfy { $0.allSatisfy(digits.contains) }
  }

  private var isPublished: Bool {
    guard replies.number == 3 || replies.number == 4, let word = firstWord, word.count <= 8 else { return false }
    return ["message", "pmessage", "smessage"].contains(String(decoding: word, as: UTF8.self))
  }

  /// The reply that was scanned.
  private var reply: Message.Reply {
    if replies.isNull { return .null }
    switch replies.type {
    case UInt8(ascii: "+"): return .simple
    case UInt8(ascii: "-"): return .error
    case UInt8(ascii: ":"): return .integer(replies.number)
    case UInt8(ascii: "$"): return .bulk
    case UInt8(ascii: "*"), UInt8(ascii: "~"), UInt8(ascii: "%"): return .aggregate(count: Int(replies.number))
    case UInt8(ascii: ">"): return .push
    default: return .other
    }
  }

  // MARK: Lines before the payload

  /// How long a line may be that Redis reads by itself (1024 bytes of buffer in syncReadLine's callers).
  private static let maxLineLength = 1024

  private mutating func nextLine() throws(ProtocolError) -> Message? {
    acceptor.join(Self.maxLineLength)
    let head = acceptor.joined.slice.prefix(Self.maxLineLength)
    guard let end = head.firstIndex(of: 0x0A).map({ $0 - head.startIndex }) else {
      if head.count == Self.maxLineLength { throw ProtocolError(.tooLongReplyLine, offset: 0) }
      return nil
    }
    let text = head.prefix(end)
    let line = Array(text.last == 0x0D ? text.dropLast() : text)
    if line.isEmpty { return take(end + 1, from: .acceptor, .keepAlive) }
    if acceptorSearch != nil { (acceptorSearch, acceptorFound) = (nil, acceptor.position) }
    return reading == .psyncReply
      ? receivePsyncReply(line, byteCount: end + 1) : try receivePayloadHeader(line, byteCount: end + 1)
  }

  /// The command that a line answers, if it is known.
  private func answered() -> Message.Answered? {
    expectations.first.map { Message.Answered(number: $0.number, name: $0.name) }
  }

  private mutating func receivePsyncReply(_ line: [UInt8], byteCount: Int) -> Message {
    let answered = answered()
    expectations.answer()
    let words = line.split(separator: 0x20, omittingEmptySubsequences: false).map { Array($0) }
    let stage = Stage.receivePsyncReply
    switch String(decoding: words[0], as: UTF8.self) {
    case "+FULLRESYNC":
      let id = words.count > 2 && words[1].count == 40 ? words[1] : nil
      let offset = id == nil ? -1 : Number.integer(words[2]) ?? -1
      let kind = Message.Kind.fullResync(id: id, offset: offset)
      let message = take(byteCount, from: .acceptor, kind, stage: stage, answers: answered)
      if id != nil { ledger.open(id: id, offset: offset, isFull: true, message: message.number) }
      enter(.transfer, .payloadHeader)
      return message
    case "+CONTINUE":
      let id = words.count > 1 && words[1].count == 40 ? words[1] : nil
      let message = take(byteCount, from: .acceptor, .partialResync(id: id), stage: stage, answers: answered)
      if let asked, let offset = asked.offset.subtractingOne {
        ledger.open(id: id ?? asked.id, offset: offset, isFull: false, message: message.number)
      }
      enter(.connected, .stream)
      return message
    case "+RDBCHANNELSYNC":
      // The stream comes here at once, but is not applied before the snapshot is loaded.
      let client = words.count > 1 ? Number.integer(words[1]) ?? -1 : -1
      let kind = Message.Kind.rdbChannelSync(client: client)
      let message = take(byteCount, from: .acceptor, kind, stage: stage, answers: answered)
      if client >= 0 { channel = Channel(.stream, client: client) }
      enter(.transfer, .stream)
      return message
    case "+DUALCHANNELSYNC":
      // PSYNC will be sent once more.
      let message = take(byteCount, from: .acceptor, .dualChannelSync, stage: stage, answers: answered)
      enter(.transfer, .replies)
      return message
    default:
      let message = take(byteCount, from: .acceptor, .reply(Self.reply(line)), stage: stage, answers: answered)
      read(.replies)
      return message
    }
  }

  private mutating func enter(_ stage: Stage, _ reading: Reading) {
    purpose = .replication
    self.stage = stage
    read(reading)
  }

  /// A line as a reply.
  private static func reply(_ line: [UInt8]) -> Message.Reply {
    switch line.first {
    case UInt8(ascii: "-"): .error
    case UInt8(ascii: "+"): .simple
    default: .other
    }
  }

  private mutating func receivePayloadHeader(_ line: [UInt8], byteCount: Int) throws(ProtocolError) -> Message {
    // After SYNC this line is the command's reply; after +FULLRESYNC it answers nothing more.
    let answered = answered()
    if line.first == UInt8(ascii: "-") {
      expectations.answer()
      let message = take(byteCount, from: .acceptor, .reply(Self.reply(line)), answers: answered)
      read(.replies)
      return message
    }
    if let kind = Self.endOffset(line) {
      // The payload's own header is still to come.
      expectations.answer()
      let message = take(byteCount, from: .acceptor, kind, answers: answered)
      if case .endOffset(let offset, let id, _, let client) = kind {
        channel = Channel(.snapshot, client: client)
        ledger.open(id: id, offset: offset, isFull: true, message: message.number)
      }
      return message
    }
    guard let form = Self.payloadForm(line) else {
      let isLength = line.first == UInt8(ascii: "$")
      throw ProtocolError(isLength ? .badBulkLength : .badReplyType(line[0]), offset: 0)
    }
    expectations.answer()
    let message = take(byteCount, from: .acceptor, .payloadHeader(form), answers: answered)
    transfer = Transfer(form: form, start: acceptor.position)
    enter(.transfer, form == .sized(0) ? .stream : .payload)
    return message
  }

  private static func payloadForm(_ line: [UInt8]) -> Message.PayloadForm? {
    guard line.first == UInt8(ascii: "$") else { return nil }
    let rest = Array(line.dropFirst())
    if rest.starts(with: Array("EOF:".utf8)), rest.count >= 44 { return .streamed(mark: Array(rest[4..<44])) }
    guard let size = Number.integer(rest), size >= 0, let size = Int(exactly: size) else { return nil }
    return .sized(size)
  }

  private static func endOffset(_ line: [UInt8]) -> Message.Kind? {
    guard line.starts(with: "$ENDOFF:".utf8) else { return nil }
    let words = line.dropFirst(8).split(separator: 0x20).map { Array($0) }
    guard words.count == 4, let offset = Number.integer(words[0]), let database = Number.integer(words[2]),
      let client = Number.integer(words[3])
    else { return nil }
    return .endOffset(offset, id: words[1], database: database, client: client)
  }

  // MARK: The payload

  /// Where the next `count` bytes are in the payload.
  func payloadRange(_ count: Int) -> Range<Int> {
    let start = transfer?.count ?? 0
    return start..<start + count
  }

  private mutating func nextOfPayload() -> Message? {
    acceptor.join(acceptor.count)
    switch transfer?.find(in: acceptor.joined) {
    case .mark(let count):
      let message = take(count, from: .acceptor, .endMark)
      read(.stream)
      return message
    case .payload(let count) where count > 0:
      let message = takePayload(count)
      if transfer?.isComplete == true { read(.stream) }
      return message
    default: return nil
    }
  }

  mutating func takePayload(_ count: Int) -> Message {
    let message = take(count, from: .acceptor, .payload(payloadRange(count)))
    transfer?.append(message.contents, keepsBytes: keepsHistory)
    return message
  }

  // MARK: The stream

  private mutating func nextOfStream(_ messages: inout [Message]) throws(ProtocolError) -> Bool {
    // On the first of two connections a command may still be answered.
    if let expected = expectations.first, acceptor[0] == UInt8(ascii: "+") {
      guard let count = try acceptor.scan(&replies) else { return false }
      expectations.answer()
      let answered = Message.Answered(number: expected.number, name: expected.name)
      messages.append(take(count, from: .acceptor, .reply(reply), stage: expected.stage, answers: answered))
      return true
    }
    guard let count = try acceptor.scan(&stream) else { return false }
    guard believes(count, from: .acceptor) else { throw ProtocolError(.invalidBulkLength, offset: 0) }
    streamed(count, &messages)
    return true
  }

  private mutating func streamed(_ count: Int, _ messages: inout [Message]) {
    let kind: Message.Kind
    if stream.argumentCount == 0 || acceptor.name(at: stream.argument(0)).isSpecial {
      kind = Self.streamed(acceptor.words(of: stream), isInline: stream.inlineArguments != nil)
    } else {
      kind = .stream
    }
    stage = .connected
    let offsets = ledger.send(count, message: messageCount + 1)
    append(count, from: .acceptor, kind, stage: stage, offsets: offsets, to: &messages)
  }
}

extension Int64 {
  /// One less, unless there is nothing less.
  fileprivate var subtractingOne: Int64? { self == .min ? nil : self - 1 }
}
