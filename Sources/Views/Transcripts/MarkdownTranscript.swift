import Lab
import Redis

/// A transcript as a page in Markdown: a heading where two come to another part of their talk, what that part is, and all
/// messages in their order as arrows in blocks of code, each under a remark that says when it came and what it means. Who
/// speaks besides names both ends, so that the talk of several is told as it happened. Replies are what redis-cli prints.
///
/// Tools that read arrows read the blocks.
package struct MarkdownTranscript: TranscriptView {
  private let title: String
  private var arrows = ArrowsView(.ends(ofFirst: false), isRead: true, printsReplies: true)
  /// What has been explained.
  private var explained: Set<Chapter> = []
  private var isInBlock = false
  /// The line that is being written, which a payload's next piece goes on with.
  private var line = ""
  /// Whether there is one.
  private var isOpen = false

  package init(title: String) { self.title = title }

  package let foldsFrom: Int? = 8

  package var beginning: String {
    """
    # \(Self.escaped(title))

    What was said, message by message: `>>>` is from the end that connected, `<<<` from the end that listened.
    A line with `//` says when a message was whole, and what it means, or what happened besides.

    """
  }

  package mutating func text(of said: Said) -> String {
    var out = ""
    if let chapter = said.chapter {
      out += endBlock()
      let ends = "\(said.ends.opener) → \(said.ends.acceptor)"
      out += "\n## \(chapter.rawValue): \(Self.escaped(ends)), connection \(said.delivery.link)\n"
      if explained.insert(chapter).inserted, let topic = chapter.topic {
        let text = Self.escaped(ExplainView.text(of: topic))
        out += "\n" + Line.filled(text, width: 100).map { $0.text + "\n" }.joined()
      }
    }
    return out + block(said)
  }

  package mutating func text(of note: TranscriptNote) -> String { text(ofRemark: note.text, at: note.time) }

  /// That a client's connection ends says nothing that one would look for in a page.
  package mutating func text(of packet: TranscriptPacket) -> String {
    let ends = [packet.from, packet.to]
    guard packet.kind != .fin || !ends.contains(where: { Topology.columnName(of: $0) == Topology.Column.clients.name })
    else { return "" }
    return text(ofRemark: "\(packet.from.name) → \(packet.to.name): \(packet.text)", at: packet.time)
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
