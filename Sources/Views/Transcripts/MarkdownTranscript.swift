import Lab
import Redis

/// A transcript as a page in Markdown: a heading for each connection and each part of its talk, what that part is, and
/// the messages as arrows in blocks of code, each under a remark that says when it came and what it means.
///
/// Tools that read arrows read the blocks.
package struct MarkdownTranscript: TranscriptView {
  private let title: String
  private var mark = ChapterMark()
  private var arrows = ArrowsView()
  /// What has been explained.
  private var explained: Set<Chapter> = []
  private var isInBlock = false
  /// The line that is being written, which a payload's next piece goes on with.
  private var line = ""
  /// Whether there is one.
  private var isOpen = false

  package init(title: String) { self.title = title }

  package var beginning: String {
    """
    # \(Self.escaped(title))

    What was said, message by message: `>>>` is from the end that connected, `<<<` from the end that listened.
    A line with `//` says when a message was whole, and what it means.

    """
  }

  package mutating func text(of said: Said) -> String {
    let change = mark.change(said)
    var out = ""
    if change.isOtherLink || change.chapter != nil { out += endBlock() }
    if change.isOtherLink {
      let heading = said.connection.prefix(1).uppercased() + said.connection.dropFirst()
      out += "\n## \(Self.escaped(heading))\(change.isNewLink ? "" : ", goes on")\n"
    }
    if let chapter = change.chapter {
      out += "\n### \(chapter.rawValue)\n"
      if explained.insert(chapter).inserted, let topic = chapter.topic {
        let text = Self.escaped(ExplainView.text(of: topic))
        out += "\n" + Line.filled(text, width: 100).map { $0.text + "\n" }.joined()
      }
    }
    return out + block(said)
  }

  /// With a word, lest a reader of arrows takes it for the end of a block.
  private static let blockStart = "\n```text\n"

  private mutating func block(_ said: Said) -> String {
    let continues = isInBlock && arrows.continuesLine(said.delivery)
    var lines = arrows.lines(of: said.delivery).map(\.text)
    var out = isInBlock ? "" : Self.blockStart
    if continues {
      line = (isOpen ? line : "") + lines.removeFirst()
    } else {
      // The view keeps exchanges two lines apart; under a remark one is enough.
      let gap = lines.prefix { $0.isEmpty }.count
      if lines.count > gap { lines.removeFirst(gap) }
      out += endLine() + (isInBlock && gap > 0 ? "\n" : "")
      out += Self.remark("\(said.time.clockText) \(said.meaning)")
      line = lines.removeFirst()
    }
    isInBlock = true
    isOpen = true
    for next in lines {
      out += endLine()
      line = next
      isOpen = true
    }
    return out
  }

  private mutating func endLine() -> String {
    guard isOpen else { return "" }
    isOpen = false
    // A payload may hold what would end the block.
    let isFence = line.drop { $0 == " " }.hasPrefix("```")
    return (isFence ? "    " : "") + line + "\n"
  }

  private mutating func endBlock() -> String {
    guard isInBlock else { return "" }
    isInBlock = false
    return endLine() + "```\n"
  }

  private static func remark(_ text: String) -> String {
    Line.filled(text, width: pageWidth - 3).map { "// \($0.text)\n" }.joined()
  }

  package mutating func text(ofRemark remark: String, at time: Instant) -> String {
    let out = isInBlock ? endLine() : Self.blockStart
    isInBlock = true
    return out + Self.remark("\(time.clockText) \(remark)")
  }

  package mutating func end() -> String { endBlock() }

  /// What Markdown would take for its own.
  private static func escaped(_ text: String) -> String {
    text.reduce(into: "") { out, character in
      if "\\`*_[]<>#|$".contains(character) { out.append("\\") }
      out.append(character)
    }
  }
}
