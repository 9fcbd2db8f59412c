/// Reads a conversation as the notes write it down:
///
/// ```
///   replica>>> PING                     a command of the end that connected; its name may stand before the arrow
///   master<<< PONG                      what the other end says
///   // and then every second:           a remark
///   <<< FULLRESYNC 4af7360b… 2614
///   $EOF:e9c991d2…                      what has no arrow goes on where the line before ended: as tcpdump -A shows it
///   REDIS0010.      redis-ver.7.0.11.…
/// ```
///
/// Text in which there is more, such as a page of Markdown, is passed over up to the first arrow, and from the end of a
/// fenced block to the next one.
///
/// Where several talk, a line names both ends if the one before it was between others:
///
/// ```
///   r2>>> m: REPLCONF ACK 87            of r2's connection to m; what follows without names is of it, too
///   m<<< r2:                            nothing but that: a payload stands below
///   r2>>> m, link 9: PING               of another connection between the two than their first one
/// ```
///
/// A remark says of a connection that it was there before: see `underWay`. Each message becomes a packet of a connection, the first from 127.0.0.1.40000 to 127.0.0.1.7000. Ports are made up, but
/// where a replica says on which it listens; so are all headers. Commands get the framing that Redis gives them; so does a master's stream behind the payload or CONTINUE, and
/// a status before it. Of a payload `record.text` says what is known: dots stand for unknown bytes, each newline may have had a
/// carriage return before it, and blanks that reach a column of eight are taken for the tab that they were.
package struct ArrowsReader: Sendable {
  private var lines: [(number: Int, text: [UInt8])] = []
  /// How many of them have been read.
  private var readCount = 0
  private var partial: [UInt8] = []
  private var lineNumber = 0
  private var isFinished = false
  private var hasBegun = false
  private var isInBlock = true
  /// The payload that lines without an arrow go on with, and the line in which it began.
  private var payload: (line: Int, bytes: [UInt8])?
  private var connections = [Connection()]
  /// The indices of all but the first, which may have no names.
  private var named: [Ends: Int] = [:]
  /// The index of the one that is heard.
  private var current = 0
  /// A remark has just said so of the connection whose first line comes next.
  private var isUnderWay = false
  /// Whether the opener says the last line, if that does not name both ends.
  private var lastNamesOneEnd: Bool?
  /// Where a node listens that has said so, or that somebody has connected to.
  private var ports: [String: UInt16] = [:]
  /// Those and what was made up.
  private var takenPorts: Set<UInt16> = [40_000, 7000]
  /// What is made up next, if it is not taken.
  private var nextOpenerPort: UInt16 = 40_001
  private var nextAcceptorPort: UInt16 = 7001

  package init() {}

  /// The remark that stands before the first line of a connection whose beginning is not in the recording.
  package static let underWay = "the recording begins when this connection is there already"

  package mutating func feed(_ text: some Sequence<UInt8>) {
    for byte in text {
      if byte == 0x0a { endLine() } else { partial.append(byte) }
    }
  }

  package mutating func finish() {
    if !partial.isEmpty { endLine() }
    isFinished = true
  }

  private mutating func endLine() {
    lineNumber += 1
    if partial.last == 0x0d { partial.removeLast() }
    lines.append((lineNumber, partial))
    partial = []
  }

  /// The next record; nil if there is none, or none yet.
  package mutating func next() throws(TextError) -> Record? {
    while readCount < lines.count {
      let (number, text) = lines[readCount]
      let arrow = Self.arrow(text)
      if arrow == nil, Self.isBlank(text), isPayloadShort {
        guard let blanks = blanksWithinPayload() else { return nil }
        payload?.bytes += [UInt8](repeating: 0x0a, count: blanks)
        readCount += blanks
        if blanks > 0 { continue }
      }
      if arrow != nil || Self.endsPayload(text), let record = takePayload() { return record }
      readCount += 1
      if text.starts(with: Array("```".utf8)) { isInBlock = !hasBegun || text.count > 3 }
      if let arrow {
        hasBegun = true
        isInBlock = true
        guard let said = turn(to: arrow) else { continue }
        let message = message(said, isOpener: arrow.isOpener)
        notePort(message.bytes, isOpener: arrow.isOpener)
        if !arrow.isOpener, message.bytes.starts(with: Array("+CONTINUE".utf8)) {
          connections[current].isStreaming = true
        }
        let isFirst = !connections[current].hasBegun
        return record(
          PartlyKnownBytes(bytes: message.bytes, unknown: []), isOpener: arrow.isOpener, line: number,
          reading: PayloadReading(message.framing, summary: isFirst ? Self.madeUp : nil))
      }
      if text.elementsEqual("// \(Self.underWay)".utf8) { isUnderWay = true }
      guard hasBegun, isInBlock, !Self.endsPayload(text) else { continue }
      guard (payload?.bytes.count ?? 0) + text.count < 1 << 24 else {
        throw TextError(line: number, reason: .lineTooLong)
      }
      if payload == nil { payload = (number, text) } else { payload?.bytes += [0x0a] + text }
    }
    (lines, readCount) = ([], 0)
    return isFinished ? takePayload() : nil
  }

  /// `>>>` or `<<<` with at most a name before it, and what follows.
  static func arrow(_ line: [UInt8]) -> Arrow? {
    let name = line.prefix { $0 > 0x20 && $0 != 0x3c && $0 != 0x3e }
    let rest = line[name.endIndex...]
    guard name.count <= 64 else { return nil }
    for (mark, isOpener) in [(UInt8(ascii: ">"), true), (UInt8(ascii: "<"), false)]
    where rest.prefix(while: { $0 == mark }).count == 3 {
      let text = rest.dropFirst(3)
      guard text.isEmpty || text.first == 0x20 else { return nil }
      return Arrow(isOpener: isOpener, name: String(decoding: name, as: UTF8.self), text: text.dropFirst())
    }
    return nil
  }

  package static func isArrow(_ line: some Collection<UInt8>) -> Bool { arrow(Array(line.prefix(256))) != nil }

  private static func isBlank(_ text: [UInt8]) -> Bool { text.allSatisfy { $0 == 0x20 } }

  /// A blank line, a remark, or the end of a fenced block.
  private static func endsPayload(_ text: [UInt8]) -> Bool {
    isBlank(text) || text.starts(with: [0x2f, 0x2f]) || text.starts(with: [0x60, 0x60, 0x60])
  }
}

// MARK: - Blank lines in a payload

extension ArrowsReader {
  /// How many blank lines are looked over for what a payload goes on with.
  private static let blankLimit = 4_096

  /// Less is shown of the payload than was announced: newlines are bytes of it, too.
  private var isPayloadShort: Bool {
    guard let bytes = payload?.bytes, bytes.first == UInt8(ascii: "$"), let end = bytes.firstIndex(of: 0x0a) else {
      return false
    }
    let head = bytes[1..<end]
    if head.starts(with: Array("EOF:".utf8)) {
      return !bytes[end...].suffix(head.count - 4).elementsEqual(head.dropFirst(4))
    }
    guard let count = Int(String(decoding: head, as: UTF8.self)) else { return false }
    return bytes.count - end - 1 < count
  }

  /// How many of the blank lines that come next are newlines of the payload, since it goes on behind them; 0 if it does
  /// not, nil if that is still to come.
  private func blanksWithinPayload() -> Int? {
    let blanks = lines[readCount...].prefix(Self.blankLimit).prefix { Self.isBlank($0.text) }
    guard blanks.endIndex < lines.count, blanks.count < Self.blankLimit else {
      return isFinished || blanks.count >= Self.blankLimit ? 0 : nil
    }
    let next = lines[blanks.endIndex].text
    return Self.arrow(next) != nil || Self.endsPayload(next) ? 0 : blanks.count
  }
}

// MARK: - Who talks to whom

extension ArrowsReader {
  /// A line with an arrow.
  struct Arrow {
    var isOpener: Bool
    /// What stands before the arrow, perhaps nothing.
    var name: String
    var text: ArraySlice<UInt8>
  }

  /// Between whom a connection is, and which one of theirs.
  private struct Ends: Hashable {
    var opener: String
    var acceptor: String
    var link: String?
  }

  /// One connection.
  private struct Connection: Sendable {
    struct End: Sendable {
      var name: String?
      var port: UInt16
      var sequence: UInt32 = 1
    }

    var opener = End(port: 40_000)
    var acceptor = End(port: 7000)
    /// Which one it is between the two, where it is not the first.
    var link: String?
    var isStreaming = false
    /// Something was said on it.
    var hasBegun = false

    /// What was said before is not known: the numbers are not those of first bytes.
    mutating func beginInTheMiddle() {
      (opener.sequence, acceptor.sequence) = (1_001, 1_001)
    }

    /// Whether it may be the one between these: a name that has not been said is any.
    func isBetween(_ ends: Ends) -> Bool {
      (opener.name ?? ends.opener) == ends.opener && (acceptor.name ?? ends.acceptor) == ends.acceptor
        && link == ends.link
    }
  }

  /// Comes to the connection that a line is of, and returns what is said there; nil if the line only names its ends.
  private mutating func turn(to arrow: Arrow) -> ArraySlice<UInt8>? {
    defer {
      if isUnderWay, !connections[current].hasBegun { connections[current].beginInTheMiddle() }
      isUnderWay = false
    }
    let ends = Self.ends(arrow)
    defer { lastNamesOneEnd = ends == nil ? arrow.isOpener : nil }
    guard let ends else {
      if !arrow.name.isEmpty { name(arrow.isOpener ? \.opener : \.acceptor, arrow.name) }
      return arrow.text
    }
    let (opener, acceptor) = arrow.isOpener ? (arrow.name, ends.to) : (ends.to, arrow.name)
    let between = Ends(opener: opener, acceptor: acceptor, link: ends.link)
    // Who has just spoken without saying to whom says it now: so it is to somebody else.
    let isOther = current == 0 && lastNamesOneEnd == arrow.isOpener
    if let known = named[between] ?? (connections[0].isBetween(between) && !isOther ? 0 : nil) {
      current = known
    } else {
      var connection = Connection(link: ends.link)
      connection.opener.port = takePort(\.nextOpenerPort)
      connection.acceptor.port = ports[acceptor] ?? takePort(\.nextAcceptorPort)
      current = connections.count
      named[between] = current
      connections.append(connection)
    }
    name(\.opener, opener)
    name(\.acceptor, acceptor)
    return ends.text.isEmpty ? nil : ends.text
  }

  private mutating func name(_ end: WritableKeyPath<Connection, Connection.End>, _ name: String) {
    guard connections[current][keyPath: end].name == nil else { return }
    connections[current][keyPath: end].name = name
    if end == \.acceptor, ports[name] == nil { ports[name] = connections[current].acceptor.port }
  }

  /// `m: PING` or `m, link 9: PING` behind an arrow with a name before it.
  private static func ends(_ arrow: Arrow) -> (to: String, link: String?, text: ArraySlice<UInt8>)? {
    guard !arrow.name.isEmpty else { return nil }
    let name = arrow.text.prefix { $0 > 0x20 && $0 != UInt8(ascii: ",") }
    var rest = arrow.text[name.endIndex...]
    var link: String?
    var to = name
    if rest.starts(with: Array(", link ".utf8)) {
      let number = rest.dropFirst(7).prefix { (0x30...0x39).contains($0) }
      guard !number.isEmpty, arrow.text[number.endIndex...].first == UInt8(ascii: ":") else { return nil }
      link = String(decoding: number, as: UTF8.self)
      rest = arrow.text[(number.endIndex + 1)...]
    } else {
      guard to.popLast() == UInt8(ascii: ":") else { return nil }
    }
    guard let first = to.first, !"+-:$*\"".utf8.contains(first), rest.isEmpty || rest.first == 0x20 else { return nil }
    return (String(decoding: to, as: UTF8.self), link, rest.dropFirst())
  }

  /// The port on which a replica says that it listens.
  private mutating func notePort(_ bytes: [UInt8], isOpener: Bool) {
    guard isOpener, let name = connections[current].opener.name, ports[name] == nil else { return }
    let words = String(decoding: bytes.prefix(256), as: UTF8.self).split(separator: "\r\n").map { $0.lowercased() }
    guard words.count >= 7, words[2] == "replconf", words[4] == "listening-port", let port = UInt16(words[6]),
      port > 0, takenPorts.insert(port).inserted
    else { return }
    ports[name] = port
  }

  /// A port that nobody has, as long as there are any.
  private mutating func takePort(_ next: WritableKeyPath<Self, UInt16>) -> UInt16 {
    while self[keyPath: next] < .max, takenPorts.contains(self[keyPath: next]) { self[keyPath: next] += 1 }
    takenPorts.insert(self[keyPath: next])
    return self[keyPath: next]
  }
}

extension ArrowsReader {
  /// Said of the first message.
  private static let madeUp =
    "the text has no packets: addresses, ports and numbers are made up, and the framing is what Redis gives its messages"

  /// A message that stands behind an arrow: its bytes, and which of them no arrow shows.
  private struct Framed {
    var bytes: [UInt8] = []
    var framing: [ByteMark] = []

    mutating func add(_ text: some Sequence<UInt8>) { bytes += text }

    mutating func frame(_ text: String) {
      for byte in text.utf8 {
        framing.append(.inferred, "", at: bytes.count)
        bytes.append(byte)
      }
    }
  }

  private func message(_ text: ArraySlice<UInt8>, isOpener: Bool) -> Framed {
    var message = Framed()
    guard let first = text.first, !text.elementsEqual("(empty line)".utf8) else { return Framed(bytes: [0x0a]) }
    if !isOpener, !connections[current].isStreaming {
      if let reply = Self.printedReply(text) ?? Self.reply(text) { return reply }
      if !"+-:$*".utf8.contains(first) { message.frame("+") }
      message.add(text)
      message.frame("\r\n")
      return message
    }
    // Quotes without an end are no words: the line is what was sent, as one that was typed.
    guard let words = Self.words(text) else {
      message.add(text)
      message.frame("\r\n")
      return message
    }
    message.frame("*\(words.count)\r\n")
    for word in words {
      message.frame("$\(word.count)\r\n")
      message.add(word)
      message.frame("\r\n")
    }
    return message
  }

  /// Words with blanks between them; one in quotes has blanks and `\xff` as redis-cli writes them.
  private static func words(_ text: ArraySlice<UInt8>) -> [[UInt8]]? {
    var words: [[UInt8]] = []
    var rest = text.drop { $0 == 0x20 }
    while let first = rest.first {
      var word: [UInt8] = []
      if first == UInt8(ascii: "\"") {
        guard let quoted = takeQuoted(&rest) else { return nil }
        word = quoted
      } else {
        word = Array(rest.prefix { $0 != 0x20 })
        rest = rest.dropFirst(word.count)
      }
      words.append(word)
      rest = rest.drop { $0 == 0x20 }
    }
    return words
  }

  /// A string in quotes; nil if it has no end.
  private static func takeQuoted(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    var word: [UInt8] = []
    rest = rest.dropFirst()
    while let byte = rest.first, byte != UInt8(ascii: "\"") {
      rest = rest.dropFirst()
      word.append(byte == UInt8(ascii: "\\") ? takeEscape(&rest) : byte)
    }
    guard !rest.isEmpty else { return nil }
    rest = rest.dropFirst()
    return word
  }

  /// A reply whose strings are in quotes: `"v"`, `*2 +OK -"ERR no such key"`; nil if it is none, or not whole.
  private static func reply(_ text: ArraySlice<UInt8>) -> Framed? {
    let quote = UInt8(ascii: "\"")
    var (message, rest, left) = (Framed(), text, 1)
    while left > 0 {
      rest = rest.drop { $0 == 0x20 }
      guard let first = rest.first else { return nil }
      let type = first == quote ? UInt8(ascii: "$") : first
      if first != quote { rest = rest.dropFirst() }
      let isQuoted = rest.first == quote
      guard let word = isQuoted ? takeQuoted(&rest) : Array(rest.prefix { $0 != 0x20 }) else { return nil }
      if !isQuoted { rest = rest.dropFirst(word.count) }
      left -= 1
      switch type {
      case UInt8(ascii: "$"), UInt8(ascii: "="), UInt8(ascii: "!"):
        guard isQuoted || word == Array("-1".utf8) else { return nil }
        if isQuoted { message.frame("\(UnicodeScalar(type))\(word.count)\r\n") } else { message.add([type]) }
      case UInt8(ascii: "*"), UInt8(ascii: "%"), UInt8(ascii: "~"), UInt8(ascii: ">"), UInt8(ascii: "|"):
        guard let count = Int(String(decoding: word, as: UTF8.self)), count <= text.count else { return nil }
        left += max(0, count) * ("%|".utf8.contains(type) ? 2 : 1) + (type == UInt8(ascii: "|") ? 1 : 0)
        message.add([type])
      case _ where "+-:#,(_".utf8.contains(type): message.add([type])
      default: return nil
      }
      message.add(word)
      message.frame("\r\n")
    }
    return rest.allSatisfy { $0 == 0x20 } ? message : nil
  }

  /// A reply as redis-cli prints it: `(integer) 1`, `(error) ERR no such key`, `(nil)`, `1) "a" 2) (integer) 2`; nil if it is
  /// none.
  private static func printedReply(_ text: ArraySlice<UInt8>) -> Framed? {
    var message = Framed()
    var rest = text
    func take(_ words: String) -> Bool {
      guard rest.starts(with: words.utf8) else { return false }
      rest = rest.dropFirst(words.utf8.count)
      return true
    }
    if take("(error) ") {
      message.frame("-")
      message.add(rest)
      message.frame("\r\n")
      return message
    }
    if take("(empty array)"), rest.isEmpty {
      message.frame("*0\r\n")
      return message
    }
    rest = text
    guard text.starts(with: "1) ".utf8) else {
      guard text.first == UInt8(ascii: "("), let scalar = takePrinted(&rest), rest.isEmpty else { return nil }
      return scalar
    }
    var elements: [Framed] = []
    while take("\(elements.count + 1)) ") {
      guard let element = takePrinted(&rest) else { return nil }
      elements.append(element)
      guard rest.isEmpty || take(" ") else { return nil }
    }
    guard rest.isEmpty else { return nil }
    message.frame("*\(elements.count)\r\n")
    for element in elements {
      message.framing += element.framing.shifted(by: message.bytes.count)
      message.bytes += element.bytes
    }
    return message
  }

  /// One value without others in it, up to the next blank.
  private static func takePrinted(_ rest: inout ArraySlice<UInt8>) -> Framed? {
    var message = Framed()
    if rest.first == UInt8(ascii: "\"") {
      guard let word = takeQuoted(&rest) else { return nil }
      message.frame("$\(word.count)\r\n")
      message.add(word)
    } else if rest.starts(with: "(integer) ".utf8) {
      rest = rest.dropFirst("(integer) ".utf8.count)
      let digits = rest.prefix { $0 != 0x20 }
      guard Int64(String(decoding: digits, as: UTF8.self)) != nil else { return nil }
      rest = rest.dropFirst(digits.count)
      message.frame(":")
      message.add(digits)
    } else {
      let word = rest.prefix { $0 != 0x20 }
      rest = rest.dropFirst(word.count)
      switch String(decoding: word, as: UTF8.self) {
      case "(nil)": message.frame("$-1")
      case "(true)": message.frame("#t")
      case "(false)": message.frame("#f")
      case let status where status.isEmpty || status.hasPrefix("("): return nil
      case let status:
        message.frame("+")
        message.add(status.utf8)
      }
    }
    message.frame("\r\n")
    return message
  }

  private static func takeEscape(_ rest: inout ArraySlice<UInt8>) -> UInt8 {
    guard let first = rest.popFirst() else { return UInt8(ascii: "\\") }
    switch first {
    case UInt8(ascii: "n"): return 0x0a
    case UInt8(ascii: "r"): return 0x0d
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "a"): return 0x07
    case UInt8(ascii: "b"): return 0x08
    case UInt8(ascii: "x"):
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      guard digits.utf8.count == 2, let byte = UInt8(digits, radix: 16) else { return first }
      rest = rest.dropFirst(2)
      return byte
    default: return first
    }
  }

  /// What stood without an arrow, as a packet of the end that listens.
  private mutating func takePayload() -> Record? {
    guard let (line, text) = payload else { return nil }
    payload = nil
    connections[current].isStreaming = true
    var known = PartlyKnownBytes(bytes: [], unknown: [], places: [], hidden: nil)
    var rest = Self.tabbed(text)[...]
    // The line that announces the payload ends as all of Redis's lines do.
    if rest.first == UInt8(ascii: "$"), let newline = rest.firstIndex(of: 0x0a) {
      known.bytes = Array(rest[..<newline]) + [0x0d, 0x0a]
      rest = rest[(newline + 1)...]
    }
    let start = known.bytes.count
    known.bytes += rest
    known.places = known.bytes.indices.filter { $0 >= start && known.bytes[$0] == 0x0a } + [known.bytes.count]
    known.unknown = TcpdumpReader.dots(known.bytes).compactMap { $0.upperBound <= start ? nil : $0 }
    return record(known, isOpener: false, line: line)
  }

  /// Blanks back into the tabs that a terminal made them of: two or more that end at a column of eight.
  private static func tabbed(_ text: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    var column = 0
    var blanks = 0
    for byte in text {
      if byte != 0x20 {
        if blanks > 1, column % 8 == 0 { out.replaceSubrange(out.count - blanks..<out.count, with: [0x09]) }
        blanks = 0
      } else {
        blanks += 1
      }
      out.append(byte)
      column = byte == 0x0a ? 0 : column + 1
    }
    return out
  }

  private mutating func record(
    _ known: PartlyKnownBytes, isOpener: Bool, line: Int, reading: PayloadReading? = nil
  ) -> Record {
    let connection = connections[current]
    let (from, to) = isOpener ? (connection.opener, connection.acceptor) : (connection.acceptor, connection.opener)
    // What does not fit into a datagram is left out of the packet, and is in `text`.
    let bytes = known.bytes.prefix(65_000)
    var packet = Packet(
      timestamp: 0, source: Endpoint(.loopback, from.port), destination: Endpoint(.loopback, to.port),
      sequence: from.sequence, acknowledgement: to.sequence, flags: [.push, .acknowledgement], window: 512,
      options: .none, identification: 0, payload: SharedBytes(Array(bytes)))
    packet.reading = reading
    connections[current].hasBegun = true
    if isOpener {
      connections[current].opener.sequence = packet.nextSequence
    } else {
      connections[current].acceptor.sequence = packet.nextSequence
    }
    let frame = Frame(
      timestamp: 0, linkType: .ethernet, bytes: SharedBytes(packet.frame), wireLength: packet.wireLength)
    return Record(
      frame: frame, content: .packet(packet), place: .line(line), text: known.isWhole ? nil : known)
  }
}
