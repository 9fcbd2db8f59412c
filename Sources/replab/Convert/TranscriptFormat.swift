import Capture
import CaptureFiles
import Glibc
import Lab
import Views

/// A form in which `replab convert` and `export` write a transcript. To add one, add it to `all`.
struct TranscriptFormat: Sendable {
  /// What --to takes.
  var name: String
  var summary: String
  /// The endings of file names that stand for it.
  var endings: [String]
  /// Whether its bytes would upset a terminal.
  var isBinary = false
  var form: Form

  enum Form: Sendable {
    /// Frame by frame, as they crossed the wire. Called once, it returns what to call with each of them.
    case frames(@Sendable (Origin) -> FrameWriter)
    /// Step by step, as what happened was understood.
    case steps(@Sendable (Subject) -> any StepsWriter)

    /// Message by message. It is told the transcript's title.
    static func messages(_ view: @escaping @Sendable (String) -> any TranscriptView) -> Form {
      .steps { MessagesWriter(view($0.title), $0) }
    }
  }

  /// What a transcript is about.
  struct Subject: Sendable {
    var title: String
    var isRecording: Bool
    /// Whether stretches of mere signs of life become one entry.
    var isFolded = false
    /// The one connection that is meant; nil: all.
    var link: Link.ID?
  }

  /// Where frames come from.
  struct Origin {
    var linkType = LinkType.ethernet
    /// Whether their times are kept in nanoseconds.
    var isNanoseconds = false
    /// Whether text has the time of this place, as tcpdump prints it, and the interfaces of this machine; else it has
    /// UTC.
    var isHere = false
  }

  /// Turns frames into bytes. It is asked for what stands before the first one, and for each one.
  struct FrameWriter {
    var beginning: [UInt8] = []
    var append: (Frame, inout [UInt8]) -> Void
  }

  static let all: [TranscriptFormat] = [
    TranscriptFormat(
      name: "pcap", summary: "a capture file, for tcpdump, tshark and Wireshark", endings: ["pcap", "cap"],
      isBinary: true,
      form: .frames { origin in
        FrameWriter(beginning: Pcap.header(linkType: origin.linkType, isNanoseconds: origin.isNanoseconds)) {
          Pcap.append($0, isNanoseconds: origin.isNanoseconds, to: &$1)
        }
      }),
    TranscriptFormat(
      name: "pcapng", summary: "the same in Wireshark's newer format", endings: ["pcapng", "ntar"], isBinary: true,
      form: .frames { origin in
        FrameWriter(beginning: Pcapng.header(linkType: origin.linkType, isNanoseconds: origin.isNanoseconds)) {
          Pcapng.append($0, isNanoseconds: origin.isNanoseconds, to: &$1)
        }
      }),
    TranscriptFormat(
      name: "tcpdump", summary: "the text of tcpdump -nn -A", endings: ["tcpdump", "txt"],
      form: .frames { printer(.ascii, $0) }),
    TranscriptFormat(
      name: "hex", summary: "the text of tcpdump -nn -X", endings: ["hex"],
      form: .frames { printer(.hexAndASCII, $0) }),
    TranscriptFormat(
      name: "arrows", summary: "what was said, with >>> and <<<", endings: ["arrows"],
      form: .messages { _ in ArrowsTranscript() }),
    TranscriptFormat(
      name: "markdown", summary: "a page with headings, arrows and what they mean", endings: ["md", "markdown"],
      form: .messages { MarkdownTranscript(title: $0) }),
    TranscriptFormat(
      name: "mermaid", summary: "a sequence diagram, which forges draw", endings: ["mmd", "mermaid"],
      form: .messages { _ in MermaidTranscript() }),
    TranscriptFormat(
      name: "svg", summary: "a sequence diagram as a picture", endings: ["svg"],
      form: .messages { _ in SVGTranscript() }),
    TranscriptFormat(
      name: "html", summary: "one page that steps by itself: topology, messages, bytes", endings: ["html", "htm"],
      form: .steps { PageWriter($0) }),
  ]

  static var names: String { all.map(\.name).joined(separator: ", ") }

  /// A table for `help`, a line each; `left` is what stands on the left of a line.
  static func table(_ left: (TranscriptFormat) -> String) -> String {
    all.map { "  \(left($0).padded(10)) \($0.summary)" }.joined(separator: "\n")
  }

  /// The form that has this name, or that the file's name ends with.
  static func named(_ name: String) -> TranscriptFormat? { all.first { $0.name == name } }

  static func forFile(_ path: String) -> TranscriptFormat? {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: ".") else { return nil }
    let ending = name[name.index(after: dot)...].lowercased()
    return all.first { $0.endings.contains(ending) }
  }

  /// The file's name without its folder and the format's ending: what a page about it is called.
  static func title(of path: String) -> String {
    if path == "-" { return "standard input" }
    return path.split(separator: "/").last.map(String.init) ?? path
  }

  /// A file's name without what says in which form it is.
  static func bareName(of path: String) -> String {
    let name = title(of: path)
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
    return String(name[..<dot])
  }
}

// MARK: - What tcpdump prints

extension TranscriptFormat {
  private static func printer(_ contents: TcpdumpText.Contents, _ origin: Origin) -> FrameWriter {
    var text = TcpdumpText(contents)
    if origin.isHere { text.interfaceNames = interfaceNames() }
    var buffer = TextBuffer()
    var quarter: Int64?
    return FrameWriter { frame, bytes in
      let seconds = frame.timestamp / 1_000_000_000
      // Clocks are only set forward or back at a quarter of an hour.
      if origin.isHere, quarter != seconds / 900 {
        quarter = seconds / 900
        text.secondsFromUTC = secondsFromUTC(at: Int(seconds))
      }
      buffer.removeAll()
      text.append(frame, to: &buffer)
      bytes += buffer.bytes
    }
  }

  private static func secondsFromUTC(at seconds: Int) -> Int {
    var time = time_t(seconds)
    var local = tm()
    return localtime_r(&time, &local) == nil ? 0 : local.tm_gmtoff
  }

  private static func interfaceNames() -> [UInt32: String] {
    guard let list = if_nameindex() else { return [:] }
    defer { if_freenameindex(list) }
    var names: [UInt32: String] = [:]
    var entry = list
    while entry.pointee.if_index != 0, let name = entry.pointee.if_name {
      names[entry.pointee.if_index] = String(cString: name)
      entry += 1
    }
    return names
  }
}
