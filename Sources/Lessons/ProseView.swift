import Views

/// A lesson's Markdown as lines for a terminal: filled, with headings and emphasis as styles. Code keeps its backticks, so
/// that it reads the same without colours.
package enum ProseView {
  package static func lines(_ markdown: [String], width: Int = pageWidth) -> [Line] {
    var writer = Writer(width: width)
    var fence: Fence?
    for line in markdown {
      if let open = fence {
        if open.isClosed(by: line) { fence = nil } else { writer.verbatim(line) }
      } else if let opened = Fence(line) {
        fence = opened
        writer.endParagraph()
      } else {
        writer.read(line)
      }
    }
    writer.endParagraph()
    while let last = writer.lines.last, last.runs.isEmpty { writer.lines.removeLast() }
    return writer.lines
  }

  package static func lines(_ markdown: String, width: Int = pageWidth) -> [Line] {
    lines(markdown.split(separator: "\n", omittingEmptySubsequences: false).map(String.init), width: width)
  }
}

private struct Writer {
  let width: Int
  var lines: [Line] = []
  /// The paragraph being read, its indentation, and what stands in its first line's.
  private var paragraph = ""
  private var indent = 0
  private var mark = ""

  static let quote = "│ "

  init(width: Int) { self.width = width }

  mutating func read(_ line: String) {
    let text = line.trimmed
    let depth = line.prefix { $0 == " " }.count
    if text.isEmpty {
      endParagraph()
      if let last = lines.last, !last.runs.isEmpty { lines.append(Line()) }
    } else if text.hasPrefix("#") {
      endParagraph()
      let title = String(text.drop { $0 == "#" }).trimmed
      lines.append(Line(Inline.words(title).map(\.text).joined(separator: " "), .heading))
    } else if text.hasPrefix("|") || text.hasPrefix("<!--") {
      endParagraph()
      if text.hasPrefix("|") { verbatim(text) }
    } else if let item = Self.itemMark(text) {
      endParagraph()
      mark = item
      indent = min(depth, 8) + item.count
      paragraph = String(text.dropFirst(item.count)).trimmed
    } else if text.hasPrefix("> ") {
      if mark != Self.quote { endParagraph() }
      mark = Self.quote
      indent = 2
      paragraph += " " + text.dropFirst(2)
    } else {
      paragraph += " " + text
    }
  }

  mutating func verbatim(_ line: String) {
    endParagraph()
    lines.append(Line("  " + line))
  }

  mutating func endParagraph() {
    guard !paragraph.isEmpty else { return }
    let margin = String(repeating: " ", count: indent)
    var filled = Inline.filled(paragraph, width: max(20, width - indent)).map { Line(margin) + $0 }
    if !mark.isEmpty, !filled.isEmpty {
      let isQuote = mark == Self.quote
      for index in filled.indices where isQuote || index == 0 {
        filled[index].runs[0].text = String(repeating: " ", count: indent - mark.count) + mark
      }
    }
    lines += filled
    (paragraph, indent, mark) = ("", 0, "")
  }

  /// `- ` or `12. ` at the beginning of a list's item.
  private static func itemMark(_ text: String) -> String? {
    if text.hasPrefix("- ") || text.hasPrefix("* ") { return "- " }
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard (1...3).contains(digits.count), text.dropFirst(digits.count).hasPrefix(". ") else { return nil }
    return digits + ". "
  }
}

/// Code, emphasis and links within a paragraph.
private enum Inline {
  struct Word {
    var runs: [Line.Run] = []
    var text: String { runs.map(\.text).joined() }
    var count: Int { runs.reduce(0) { $0 + $1.text.count } }
  }

  static func filled(_ text: String, width: Int) -> [Line] {
    var lines: [Line] = []
    for word in words(text) {
      if let last = lines.last, last.width + 1 + word.count <= width {
        lines[lines.count - 1].runs.append(.init(" ", .plain))
        lines[lines.count - 1].runs += word.runs
      } else {
        var line = Line()
        line.runs = word.runs
        lines.append(line)
      }
    }
    return lines
  }

  /// The words with their styles. Blanks within code do not part words.
  static func words(_ text: String) -> [Word] {
    var words: [Word] = []
    var word = Word()
    for run in runs(text) {
      // Code stays in one piece, blanks and all, unless it is long.
      let isWhole = run.style == .outgoing && run.text.count <= 40
      let pieces = isWhole ? [Substring(run.text)] : run.text.split(separator: " ", omittingEmptySubsequences: false)
      for (index, piece) in pieces.enumerated() {
        if index > 0, !word.runs.isEmpty {
          words.append(word)
          word = Word()
        }
        if !piece.isEmpty { word.runs.append(.init(String(piece), run.style)) }
      }
    }
    return word.runs.isEmpty ? words : words + [word]
  }

  private static func runs(_ text: String) -> [Line.Run] {
    var runs: [Line.Run] = []
    var rest = text[...]
    var plain = ""
    func flush() { if !plain.isEmpty { runs.append(.init(plain)) }; plain = "" }
    while let first = rest.first {
      if first == "`", let (code, after) = enclosed(rest, by: "`") {
        flush()
        runs.append(.init("`\(code)`", .outgoing))
        rest = after
      } else if rest.hasPrefix("**"), let (bold, after) = enclosed(rest, by: "**") {
        flush()
        runs.append(.init(bold, .heading))
        rest = after
      } else if first == "*" || first == "_", plain.last?.isLetter != true, plain.last?.isNumber != true,
        let (emphasis, after) = enclosed(rest, by: String(first)), emphasis.first != " "
      {
        plain += emphasis
        rest = after
      } else if first == "[", let (link, after) = link(rest) {
        plain += link
        rest = after
      } else {
        plain.append(first)
        rest.removeFirst()
      }
    }
    flush()
    return runs
  }

  /// What stands between two marks at the beginning of `text`, and what stands behind them.
  private static func enclosed(_ text: Substring, by mark: String) -> (String, Substring)? {
    let body = text.dropFirst(mark.count)
    guard let (inside, _) = body.splitOnce(mark), !inside.isEmpty else { return nil }
    return (inside, body.dropFirst(inside.count + mark.count))
  }

  /// A link as its text and, where that leads out of the lessons, its address.
  private static func link(_ text: Substring) -> (String, Substring)? {
    guard let (label, after) = text.dropFirst().splitOnce("]("), !label.contains("]"),
      let (address, rest) = after.splitOnce(")")
    else { return nil }
    let length = label.count + address.count + 4
    _ = rest
    let shown = address.hasPrefix("http") && address != label ? "\(label) (\(address))" : label
    return (shown, text.dropFirst(length))
  }
}
