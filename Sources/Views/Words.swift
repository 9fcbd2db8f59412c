import Capture
import Dissection
import Lab
import RESP
import Redis

// Small texts that several views share.

extension Instant {
  /// The time of day in UTC, to the microsecond: `13:56:53.000450`.
  package var clockText: String {
    let day: Int64 = 86_400_000_000
    let time = ((microseconds % day) + day) % day
    let seconds = time / 1_000_000
    var text = Array("00:00:00.000000".utf8)
    func put(_ number: Int64, endingAt end: Int) {
      var (rest, index) = (number, end)
      while rest > 0 {
        text[index] += UInt8(rest % 10)
        (rest, index) = (rest / 10, index - 1)
      }
    }
    put(seconds / 3_600, endingAt: 1)
    put(seconds / 60 % 60, endingAt: 4)
    put(seconds % 60, endingAt: 7)
    put(time % 1_000_000, endingAt: 14)
    return String(decoding: text, as: UTF8.self)
  }
}

extension Message {
  /// A command or a reply in one line, for a chart or a heading: `REPLCONF capa`, `OK`, `(integer) 1`, `snapshot, 211 bytes`.
  package var title: String {
    switch kind {
    case .payloadHeader(.sized(let size)): "$\(size)"
    case .payloadHeader(.streamed): "$EOF:<mark>"
    case .payload: "snapshot, \(counted(contents.count, "byte"))"
    case .endMark: "<mark>"
    case .keepAlive: "(empty line)"
    case .malformed: "(malformed)"
    case .truncated: "(cut off)"
    case .unknown: "(unknown, \(counted(contents.count, "byte")))"
    case .fullResync(_, let offset): "+FULLRESYNC … \(offset)"
    case .partialResync: "+CONTINUE"
    case .psync(let id, let offset, _): "PSYNC \(id == nil ? "?" : "…") \(offset)"
    case .dualChannelSync: "+DUALCHANNELSYNC"
    case .endOffset(let offset, _, _, _): "$ENDOFF:\(offset) …"
    case .reply: PrintedReply.text(bytes)
    case .command, .ping, .auth, .listeningPort, .ipAddress, .capabilities, .sync, .stream, .streamPing,
      .streamSelect, .getAck, .ack, .version, .rdbChannelSync, .rdbChannel, .rdbClient:
      Wording.command(in: bytes) ?? Wording.line(bytes)
    }
  }
}

/// `1 byte`, `2 bytes`.
package func counted(_ number: some BinaryInteger, _ noun: String) -> String {
  "\(number) \(noun)\(number == 1 ? "" : "s")"
}

/// An id in short, where the whole would only fill the line.
func short(_ id: String) -> String { id.count > 12 ? "\(id.prefix(8))…" : id }

/// The text of bytes as people write Redis's protocol.
enum Wording {
  /// The words of a command in RESP, as they would be typed into redis-cli; nil if the bytes are not an array of
  /// strings.
  static func command(in bytes: [UInt8]) -> String? {
    wordPlaces(in: bytes).map { $0.map { InlineCommand.word(bytes[$0]) }.joined(separator: " ") }
  }

  /// Where the words of a command stand; nil if the bytes are not an array of strings.
  static func wordPlaces(in bytes: [UInt8]) -> [Range<Int>]? {
    var (scanner, position) = (RequestScanner(limits: .init(maxBulkLength: Int.max - 2)), 0)
    guard bytes.first == UInt8(ascii: "*"), (try? scanner.next(in: bytes.span, at: &position)) == true,
      position == bytes.count, scanner.argumentCount > 0
    else { return nil }
    return Array(scanner.arguments)
  }

  /// A reply's or an inline command's line without its end, what has no picture as a dot.
  static func line(_ bytes: [UInt8]) -> String {
    var rest = bytes[...]
    while rest.last == 0x0a || rest.last == 0x0d { rest.removeLast() }
    return String(decoding: rest.map { $0 >= 0x20 && $0 < 0x7f ? $0 : 0x2e }, as: UTF8.self)
  }

  /// What tcpdump -A would print of the bytes, in lines, with tabs set every eight columns as a terminal shows them.
  /// A line that goes on from `column` has its tabs accordingly.
  static func dottedLines(_ bytes: [UInt8], from column: Int = 0) -> [String] {
    var lines: [String] = []
    for (index, line) in TcpdumpText.ascii(bytes).split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let start = index == 0 ? column : 0
      var text = ""
      for character in line {
        if character == "\t" {
          text += String(repeating: " ", count: 8 - (start + text.count) % 8)
        } else {
          text.append(character)
        }
      }
      lines.append(text)
    }
    return lines
  }
}
