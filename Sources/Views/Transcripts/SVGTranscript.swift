import Redis

/// A transcript as a picture: a column for each who takes part, an arrow for each message, time on the left, as the view
/// `sequence` draws it. Its text is text, which can be selected and searched; what a message means shows where one points
/// at it. It needs nothing from elsewhere.
///
/// It is no larger than what can be looked at: of many who take part the later ones share a column, and the messages that
/// it has no room for are counted below the others.
package struct SVGTranscript: TranscriptView {
  private var mark = ChapterMark()
  private var names: [String] = []
  private var columns: [String: Int] = [:]
  private var rows: [Row] = []
  /// The messages and remarks that are not drawn.
  private var rest = 0

  private enum Row {
    case message(from: Int, to: Int, title: String, meaning: String, time: String, isOpener: Bool, isFault: Bool)
    case heading(from: Int, to: Int, String)
    case remark(String)
  }

  /// How many columns there are before that of all others, and how many rows.
  private static let columnLimit = 64
  private static let rowLimit = 20_000

  // Pixels.
  private static let rowHeight = 24
  private static let left = 130
  private static let top = 34
  /// The width of a character of the picture's font, rounded up.
  private static let characterWidth = 8

  package init() {}

  package let beginning = ""

  package mutating func text(of said: Said) -> String {
    guard hasRoom() else { return "" }
    let (opener, acceptor) = said.ends
    let ends = (opener: column(of: opener), acceptor: column(of: acceptor))
    if let chapter = mark.change(said).chapter {
      rows.append(
        .heading(
          from: ends.opener, to: ends.acceptor, "connection \(said.delivery.link), \(chapter.rawValue.lowercased())"))
    }
    let isOpener = said.message.side == .opener
    rows.append(
      .message(
        from: isOpener ? ends.opener : ends.acceptor, to: isOpener ? ends.acceptor : ends.opener,
        title: said.message.title, meaning: said.meaning, time: said.time.clockText, isOpener: isOpener,
        isFault: said.message.isFault))
    return ""
  }

  package mutating func text(ofRemark remark: String, at time: Instant) -> String {
    if hasRoom() { rows.append(.remark(remark)) }
    return ""
  }

  private mutating func hasRoom() -> Bool {
    if rows.count < Self.rowLimit { return true }
    rest += 1
    return false
  }

  private mutating func column(of name: String) -> Int {
    if let column = columns[name] { return column }
    guard names.count < Self.columnLimit else {
      if names.count == Self.columnLimit { names.append("others") }
      return Self.columnLimit
    }
    names.append(name)
    columns[name] = names.count - 1
    return names.count - 1
  }

  /// Two columns stand further apart than more do.
  private var gap: Int { names.count > 2 ? 320 : 560 }
  private func x(_ column: Int) -> Int { Self.left + 60 + column * gap }

  package mutating func end() -> String {
    if rest > 0 {
      rows.append(.remark("… and \(rest) more that are not drawn: a picture has room for \(Self.rowLimit)"))
    }
    let width = x(max(1, names.count) - 1) + 70
    let height = Self.top + rows.count * Self.rowHeight + 20
    var out = """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)">
      <style>
      svg{background:#fff;font:13px ui-monospace,Menlo,Consolas,monospace;fill:#222}
      path,line{stroke:#222;fill:none}line{stroke:#999}
      .a path{stroke:#05729b}.b path{stroke:#1a7f37}.f path{stroke:#b3261e;stroke-dasharray:5 3}.f text{fill:#b3261e}
      .t{fill:#666}.n,.h{font-weight:bold}.m{text-anchor:middle}.r{font-style:italic}
      </style>
      <defs><marker id="p" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">\
      <path d="M0 0L8 4L0 8z" style="fill:#222"/></marker></defs>

      """
    for (column, name) in names.enumerated() {
      out += "<line x1=\"\(x(column))\" y1=\"\(Self.top - 8)\" x2=\"\(x(column))\" y2=\"\(height - 10)\"/>"
      out += "<text class=\"n m\" x=\"\(x(column))\" y=\"\(Self.top - 14)\">\(Markup.escaped(name))</text>\n"
    }
    for (number, row) in rows.enumerated() { out += text(of: row, y: Self.top + (number + 1) * Self.rowHeight) }
    return out + "</svg>\n"
  }

  private func text(of row: Row, y: Int) -> String {
    switch row {
    case .remark(let words):
      return "<text class=\"r\" x=\"\(Self.left + 70)\" y=\"\(y)\">\(Markup.escaped(words))</text>\n"
    case .heading(let from, let to, let words):
      return "<text class=\"h m\" x=\"\((x(from) + x(to)) / 2)\" y=\"\(y)\">\(Markup.escaped(words))</text>\n"
    case .message(let from, let to, let title, let meaning, let time, let isOpener, let isFault):
      // Who talks to itself draws a short arrow.
      let (start, end) = from == to ? (x(from), x(from) + 50) : (x(from), x(to))
      let room = max(8, abs(end - start) / Self.characterWidth - 3)
      let words = title.count <= room ? title : title.prefix(room - 1) + "…"
      let kind = isFault ? "f" : isOpener ? "a" : "b"
      return "<g class=\"\(kind)\"><title>\(Markup.escaped(meaning))</title>"
        + "<text class=\"t\" x=\"10\" y=\"\(y + 4)\">\(time)</text>"
        + "<path marker-end=\"url(#p)\" d=\"M\(start) \(y)H\(end)\"/>"
        + "<text class=\"m\" x=\"\((start + end) / 2)\" y=\"\(y - 4)\">\(Markup.escaped(words))</text></g>\n"
    }
  }
}
