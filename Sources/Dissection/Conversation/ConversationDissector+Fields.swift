// What is in a message, on demand.
extension ConversationDissector {
  /// The annotated tree of a message's bytes. For a part of a payload the snapshot is read from its first byte, as far
  /// as it is there, so this takes time in proportion to all that came before; the dissector may be one that consumed
  /// more since, which then knows how a record goes on that the message cut off.
  package func fields(of message: Message) -> Field {
    let builder = FieldBuilder(message)
    switch message.kind {
    case .payload(let range): return payloadFields(message, range)
    case .endMark: return builder.leaf("end mark", message.range, message.meaning)
    case .malformed(let fault): return builder.malformed(fault)
    case .truncated: return builder.truncated()
    case .keepAlive: return builder.root("keep-alive", [builder.leaf("line end", message.range, "an empty line")])
    case .payloadHeader(let form): return builder.payloadHeader(form)
    case .unknown: return builder.leaf("unknown", message.range, message.meaning)
    case .endOffset: return builder.endOffset()
    case .fullResync, .partialResync, .rdbChannelSync, .dualChannelSync: return builder.syncReply()
    case .reply: return builder.reply()
    case .command, .ping, .auth, .listeningPort, .ipAddress, .capabilities, .psync, .sync, .stream, .streamPing,
      .streamSelect, .getAck, .ack, .version, .rdbChannel, .rdbClient:
      return builder.command()
    }
  }
}

/// Cuts a message's bytes into fields. It takes bytes as they are: whatever doesn't fit becomes a field that says so, and
/// no byte is left out.
struct FieldBuilder {
  let message: Message
  private let base: Int
  let bytes: [UInt8]

  init(_ message: Message) {
    self.message = message
    base = message.range.lowerBound
    bytes = message.bytes
  }

  func root(_ name: String, _ children: [Field], isFault: Bool = false) -> Field {
    Field(name, range: message.range, bytes: bytes, meaning: message.meaning, isFault: isFault, children: children)
  }

  /// A field over a range of the side's bytes.
  func leaf(_ name: String, _ range: Range<Int>, _ meaning: String = "", isFault: Bool = false) -> Field {
    let part = range.clamped(to: message.range)
    return Field(
      name, range: part, bytes: Array(bytes[part.lowerBound - base..<part.upperBound - base]), meaning: meaning,
      isFault: isFault)
  }

  /// A field over a range of the message's bytes.
  private func part(_ name: String, _ range: Range<Int>, _ meaning: String = "", isFault: Bool = false) -> Field {
    leaf(name, base + range.lowerBound..<base + range.upperBound, meaning, isFault: isFault)
  }

  private func group(_ name: String, _ children: [Field], _ meaning: String = "") -> Field {
    let start = children.first?.range.lowerBound ?? base
    let end = children.last?.range.upperBound ?? start
    return Field(
      name, range: start..<end, bytes: Array(bytes[start - base..<end - base]), meaning: meaning, children: children)
  }

  // MARK: What went wrong

  func malformed(_ fault: Message.Fault) -> Field {
    // The message may begin with bytes that were well as far as they went.
    let cut = min(max(fault.offset - base, 0), bytes.count)
    var children: [Field] = []
    if cut > 0 { children.append(part("before the fault", 0..<cut, "part of a command or reply that is well so far")) }
    children.append(part("malformed", cut..<bytes.count, Meaning.of(fault), isFault: true))
    return root("malformed", children, isFault: true)
  }

  func truncated() -> Field { root("truncated", [part("incomplete", 0..<bytes.count)], isFault: true) }

  // MARK: Commands

  func command() -> Field {
    var position = 0
    guard let count = line("count", at: &position, type: UInt8(ascii: "*")) else { return lineCommand() }
    var children = count.fields
    let roles = Meaning.roles(of: message)
    for index in 0..<max(0, count.number ?? 0) where position < bytes.count {
      let role = index < roles.count ? roles[index] : roles.last ?? .init("argument")
      let start = position
      guard let length = line("length", at: &position, type: UInt8(ascii: "$")) else { break }
      guard let size = length.number, size >= 0, bytes.count - position >= size, bytes.count - position - size >= 2
      else {
        position = start
        break
      }
      let data = Array(bytes[position..<position + size])
      var parts = length.fields
      if size > 0 { parts.append(part("data", position..<position + size, Meaning.quoted(data))) }
      position += size
      parts.append(part("CRLF", position..<position + 2, "the end of the data"))
      position += 2
      children.append(group(role.name, parts, role.meaning(data)))
    }
    appendRest(from: position, to: &children)
    return root("command", children)
  }

  /// A command sent as a line.
  private func lineCommand() -> Field {
    let end = bytes.firstIndex { $0 == 0x0A } ?? bytes.count
    let textEnd = end > 0 && end < bytes.count && bytes[end - 1] == 0x0D ? end - 1 : end
    var children: [Field] = []
    if textEnd > 0 { children.append(part("line", 0..<textEnd, "a command as a line: blanks part its words")) }
    if textEnd < bytes.count { children.append(part("line end", textEnd..<bytes.count)) }
    return root("command", children)
  }

  private func appendRest(from position: Int, to children: inout [Field]) {
    if position < bytes.count {
      children.append(part("unread", position..<bytes.count, "bytes that belong to nothing known", isFault: true))
    }
  }

  /// A line that begins with `type`: its fields, and its number if it is one. Nil, and nothing moves, if it is no such
  /// line.
  private func line(
    _ name: String, at position: inout Int, type: UInt8
  ) -> (fields: [Field], number: Int?)? {
    guard position < bytes.count, bytes[position] == type,
      let end = bytes[position...].firstIndex(of: 0x0D), end + 1 < bytes.count
    else { return nil }
    let number = Int(String(decoding: bytes[position + 1..<end], as: UTF8.self))
    let fields = [
      part(name, position..<end, Meaning.ofLine(type: type, number: number)),
      part("CRLF", end..<end + 2, "the end of the line"),
    ]
    position = end + 2
    return (fields, number)
  }

  // MARK: Replies

  func reply() -> Field {
    var position = 0
    var children: [Field] = []
    element(&position, depth: 0, &children)
    appendRest(from: position, to: &children)
    return root("reply", children)
  }

  /// One reply within the bytes, whatever its type; if it can't be read nothing moves.
  private func element(_ position: inout Int, depth: Int, _ children: inout [Field]) {
    guard position < bytes.count, depth <= 130 else { return }
    let type = bytes[position]
    switch type {
    case UInt8(ascii: "$"), UInt8(ascii: "="): bulk(type, &position, &children)
    case UInt8(ascii: "*"), UInt8(ascii: "%"), UInt8(ascii: "~"), UInt8(ascii: ">"), UInt8(ascii: "|"):
      guard let head = line("count", at: &position, type: type) else { return }
      children += head.fields
      let perElement = type == UInt8(ascii: "%") || type == UInt8(ascii: "|") ? 2 : 1
      let count = max(0, head.number ?? 0).multipliedReportingOverflow(by: perElement)
      var left = count.overflow ? 0 : count.partialValue
      if type == UInt8(ascii: "|") { left += 1 }
      while left > 0, position < bytes.count {
        let before = position
        var parts: [Field] = []
        element(&position, depth: depth + 1, &parts)
        guard position > before else { return }
        children.append(group("element", parts))
        left -= 1
      }
    default:
      guard let end = replyLineEnd(from: position) else { return }
      children.append(part("type", position..<position + 1, Meaning.ofType(type)))
      if end > position + 1 {
        children.append(part("text", position + 1..<end, Meaning.quoted(Array(bytes[position + 1..<end]))))
      }
      children.append(part("CRLF", end..<end + 2, "the end of the line"))
      position = end + 2
    }
  }

  /// Where the CRLF of the line begins: a carriage return alone ends none.
  private func replyLineEnd(from start: Int) -> Int? {
    (start + 1..<max(start + 1, bytes.count - 1)).first { bytes[$0] == 0x0D && bytes[$0 + 1] == 0x0A }
  }

  private func bulk(_ type: UInt8, _ position: inout Int, _ children: inout [Field]) {
    let start = position
    guard let length = line("length", at: &position, type: type) else { return }
    guard let size = length.number, size >= 0 else {
      children += length.fields
      return
    }
    guard bytes.count - position >= size, bytes.count - position - size >= 2 else {
      position = start
      return
    }
    children += length.fields
    if size > 0 {
      children.append(
        part("data", position..<position + size, Meaning.quoted(Array(bytes[position..<position + size]))))
    }
    position += size
    children.append(part("CRLF", position..<position + 2, "the end of the data"))
    position += 2
  }

  // MARK: The lines of a synchronisation

  /// `+FULLRESYNC id offset` or `+CONTINUE id`, word by word.
  func syncReply() -> Field {
    let names = ["answer", "replication id", "offset"]
    let meanings = ["", "the history that the offsets count the bytes of", "the last byte that is in the snapshot"]
    let end = lineEnd
    var children = [part("type", 0..<min(1, end), Meaning.ofType(UInt8(ascii: "+")))]
    var position = min(1, end)
    var word = 0
    while position < end {
      let next = bytes[position..<end].firstIndex(of: 0x20) ?? end
      if next > position {
        let index = min(word, 2)
        children.append(part(word > 2 ? "unread" : names[index], position..<next, word > 2 ? "" : meanings[index]))
      }
      if next < end { children.append(part("blank", next..<next + 1)) }
      position = min(next + 1, end)
      word += 1
    }
    if end < bytes.count { children.append(part("line end", end..<bytes.count)) }
    return root("reply", children)
  }

  func payloadHeader(_ form: Message.PayloadForm) -> Field {
    let end = lineEnd
    var children = [part("type", 0..<min(1, end), "what follows is a bulk of bytes")]
    switch form {
    case .sized(let size):
      if end > 1 { children.append(part("length", 1..<end, "the snapshot has \(size) bytes")) }
    case .streamed(let mark):
      let markEnd = min(5 + mark.count, end)
      if end >= 5 { children.append(part("form", 1..<5, "nobody knows yet how long the snapshot will be")) }
      if markEnd > 5 { children.append(part("end mark", 5..<markEnd, "these characters will follow its last byte")) }
      if markEnd < end { children.append(part("unread", markEnd..<end, "Redis does not look at it")) }
    }
    if end < bytes.count { children.append(part("line end", end..<bytes.count)) }
    return root("payload header", children)
  }

  /// `$ENDOFF:offset id database client`, word by word.
  func endOffset() -> Field {
    let names = ["offset", "replication id", "database", "client"]
    let end = lineEnd
    let start = min(8, end)
    var children = [part("form", 0..<start, "a snapshot follows, and before it this says where it ends")]
    var position = start
    var word = 0
    while position < end {
      let next = bytes[position..<end].firstIndex(of: 0x20) ?? end
      if next > position { children.append(part(word < 4 ? names[word] : "unread", position..<next)) }
      if next < end { children.append(part("blank", next..<next + 1)) }
      position = min(next + 1, end)
      word += 1
    }
    if end < bytes.count { children.append(part("line end", end..<bytes.count)) }
    return root("payload header", children)
  }

  /// Where the line's text ends: before LF or CRLF.
  private var lineEnd: Int {
    guard bytes.last == 0x0A else { return bytes.count }
    return bytes.count > 1 && bytes[bytes.count - 2] == 0x0D ? bytes.count - 2 : bytes.count - 1
  }
}
