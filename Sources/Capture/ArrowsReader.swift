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
/// Each message becomes a packet of one connection from 127.0.0.1.40000 to 127.0.0.1.7000, both made up, as are all
/// headers. Commands get the framing that Redis gives them; so does a master's stream behind the payload, and a status
/// before it. Of a payload `record.text` says what is known: dots stand for unknown bytes, each newline may have had a
/// carriage return before it, and blanks that reach a column of eight are taken for the tab that they were.
package struct ArrowsReader: Sendable {
  private var lines: [(number: Int, text: [UInt8])] = []
  private var partial: [UInt8] = []
  private var lineNumber = 0
  private var isFinished = false
  private var hasBegun = false
  private var isInBlock = true
  /// The payload that lines without an arrow go on with, and the line in which it began.
  private var payload: (line: Int, bytes: [UInt8])?
  private var isStreaming = false
  private var numbers: (opener: UInt32, acceptor: UInt32) = (1, 1)

  package init() {}

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
    var taken = 0
    defer { lines.removeFirst(taken) }
    while taken < lines.count {
      let (number, text) = lines[taken]
      let arrow = Self.arrow(text)
      if arrow != nil || Self.endsPayload(text), let record = takePayload() { return record }
      taken += 1
      if text.starts(with: Array("```".utf8)) { isInBlock = !hasBegun || text.count > 3 }
      if let (isOpener, words) = arrow {
        hasBegun = true
        isInBlock = true
        guard let message = message(words, isOpener: isOpener) else {
          throw TextError(line: number, reason: .badField("message"))
        }
        return record(
          PartlyKnownBytes(bytes: message.bytes, unknown: []), isOpener: isOpener, line: number,
          reading: PayloadReading(message.framing, summary: numbers == (1, 1) ? Self.madeUp : nil))
      }
      guard hasBegun, isInBlock, !Self.endsPayload(text) else { continue }
      guard (payload?.bytes.count ?? 0) + text.count < 1 << 24 else {
        throw TextError(line: number, reason: .lineTooLong)
      }
      if payload == nil { payload = (number, text) } else { payload?.bytes += [0x0a] + text }
    }
    return isFinished ? takePayload() : nil
  }

  /// `>>>` or `<<<` with at most a name before it, and what follows.
  static func arrow(_ line: [UInt8]) -> (isOpener: Bool, text: ArraySlice<UInt8>)? {
    let name = line.prefix { $0 > 0x20 && $0 != 0x3c && $0 != 0x3e }
    let rest = line[name.endIndex...]
    guard name.count <= 64 else { return nil }
    for (mark, isOpener) in [(UInt8(ascii: ">"), true), (UInt8(ascii: "<"), false)]
    where rest.prefix(while: { $0 == mark }).count == 3 {
      let text = rest.dropFirst(3)
      guard text.isEmpty || text.first == 0x20 else { return nil }
      return (isOpener, text.dropFirst())
    }
    return nil
  }

  package static func isArrow(_ line: some Collection<UInt8>) -> Bool { arrow(Array(line.prefix(256))) != nil }

  /// A blank line, a remark, or the end of a fenced block.
  private static func endsPayload(_ text: [UInt8]) -> Bool {
    text.allSatisfy { $0 == 0x20 } || text.starts(with: [0x2f, 0x2f]) || text.starts(with: [0x60, 0x60, 0x60])
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

  private func message(_ text: ArraySlice<UInt8>, isOpener: Bool) -> Framed? {
    var message = Framed()
    guard let first = text.first, !text.elementsEqual("(empty line)".utf8) else { return Framed(bytes: [0x0a]) }
    if !isOpener, !isStreaming {
      if !"+-:$*".utf8.contains(first) { message.frame("+") }
      message.add(text)
      message.frame("\r\n")
      return message
    }
    guard let words = Self.words(text) else { return nil }
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
        rest = rest.dropFirst()
        while let byte = rest.first, byte != UInt8(ascii: "\"") {
          rest = rest.dropFirst()
          word.append(byte == UInt8(ascii: "\\") ? takeEscape(&rest) : byte)
        }
        guard !rest.isEmpty else { return nil }
        rest = rest.dropFirst()
      } else {
        word = Array(rest.prefix { $0 != 0x20 })
        rest = rest.dropFirst(word.count)
      }
      words.append(word)
      rest = rest.drop { $0 == 0x20 }
    }
    return words
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
    isStreaming = true
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
    let ends = [Endpoint(.loopback, 40_000), Endpoint(.loopback, 7000)]
    // What does not fit into a datagram is left out of the packet, and is in `text`.
    let bytes = known.bytes.prefix(65_000)
    var packet = Packet(
      timestamp: 0, source: ends[isOpener ? 0 : 1], destination: ends[isOpener ? 1 : 0],
      sequence: isOpener ? numbers.opener : numbers.acceptor,
      acknowledgement: isOpener ? numbers.acceptor : numbers.opener, flags: [.push, .acknowledgement], window: 512,
      options: .none, identification: 0, payload: SharedBytes(Array(bytes)))
    packet.reading = reading
    if isOpener { numbers.opener = packet.nextSequence } else { numbers.acceptor = packet.nextSequence }
    let frame = Frame(
      timestamp: 0, linkType: .ethernet, bytes: SharedBytes(packet.frame), wireLength: packet.wireLength)
    return Record(
      frame: frame, content: .packet(packet), place: .line(line), text: known.isWhole ? nil : known)
  }
}
