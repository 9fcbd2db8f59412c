import Redis

/// A transcript as arrows: what `ArrowsView` prints, and what TCP did as remarks with `//`, as the notes make theirs.
package struct ArrowsTranscript: TranscriptView {
  private var view = ArrowsView(.ends(ofFirst: false), isRead: true)
  private var isEmpty = true
  /// Whether a remark stands between a payload's last piece and the next one.
  private var isInterrupted = false

  package init() {}

  package let beginning = ""

  package mutating func text(of said: Said) -> String {
    let continues = view.continuesLine(said.delivery) && !isInterrupted
    let text = view.lines(of: said.delivery).map(\.text).joined(separator: "\n")
    return isEmpty || continues ? begin(text) : begin("\n" + text)
  }

  package mutating func text(ofRemark remark: String, at time: Instant) -> String {
    let isFirst = isEmpty
    defer { isInterrupted = true }
    return begin((isFirst ? "// " : "\n// ") + remark)
  }

  private mutating func begin(_ text: String) -> String {
    isEmpty = false
    isInterrupted = false
    return text
  }

  package mutating func end() -> String { isEmpty ? "" : "\n" }
}
