import Lab
import Redis

/// Draws the rows of `SVGTranscript`, from the top down.
struct SVGDrawing {
  private let rows: [SVGRow]
  private let names: [String]
  private let places: [String: Int]
  private var out = ""
  private var y = 0
  private var width = 0
  /// Where the line of each column goes on from; nil while nobody is there.
  private var lifelines: [Int?]
  /// Lines lie below all else, so they are written first.
  private var lines = ""

  // Pixels.
  private static let left = 130
  private static let top = 34
  /// The width of a character of the picture's font, rounded up.
  private static let characterWidth = 8
  private static let lineHeight = 16
  /// After so much the names stand there again.
  private static let pageHeight = 1_200
  /// How many columns there are at most, the last of which is then shared.
  private static let columnLimit = 64

  init(_ rows: [SVGRow], _ columns: TopologyColumns) {
    self.rows = rows
    let used = Set(rows.flatMap(\.columns))
    var all = columns.all.map(\.name).filter(used.contains)
    if all.count > Self.columnLimit { all = all.prefix(Self.columnLimit - 1) + ["others"] }
    names = all
    var places: [String: Int] = [:]
    for (place, name) in all.enumerated() { places[name] = place }
    for name in used where places[name] == nil { places[name] = max(0, all.count - 1) }
    self.places = places
    // Whoever begins within the picture is not there before.
    var begins = Set<String>()
    var seen = Set<String>()
    for row in rows {
      if case .note(.begins, _) = row.content, let name = row.columns.first, !seen.contains(name) {
        begins.insert(name)
      }
      seen.formUnion(row.columns)
    }
    lifelines = all.map { begins.contains($0) ? nil : Self.top }
  }

  var text: String {
    var drawing = self
    return drawing.drawn()
  }

  /// Two columns stand further apart than more do.
  private var gap: Int { names.count > 8 ? 220 : names.count > 2 ? 320 : 560 }
  private func x(_ column: Int) -> Int { Self.left + 60 + column * gap }

  private mutating func drawn() -> String {
    y = Self.top
    width = x(max(1, names.count) - 1) + 70
    drawNames(at: y - 14)
    var named = y
    for row in rows {
      if y - named > Self.pageHeight {
        y += 30
        named = y
        drawNames(at: y - 4)
      }
      draw(row)
    }
    y += 20
    for place in names.indices { endLine(place, at: y) }
    if y - named > 400 {
      y += 16
      drawNames(at: y)
    }
    let height = y + 12
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)">
      <style>
      svg{background:#fff;font:13px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#222}
      path,line{stroke:#222;fill:none}line{stroke:#999}line.gone{stroke:#ccc;stroke-dasharray:2 4}rect{fill:#fff}
      .a path{stroke:#05729b}.b path{stroke:#1a7f37}.f path,.x path{stroke:#b3261e}.f path{stroke-dasharray:5 3}
      .f .m,.x .m{fill:#b3261e}.e path{stroke:#777;stroke-dasharray:5 3}.e .m{fill:#555}
      .n rect{fill:#fff6d6;stroke:#c9a227}.w rect{fill:#fbe3e1;stroke:#b3261e}.d rect{fill:#e8eefc;stroke:#5470b8}
      .k rect{fill:#f2f2f2;stroke:#bbb;stroke-dasharray:3 3}.k .m{fill:#555}
      .t{fill:#666}.h{font-weight:bold}.m{text-anchor:middle}.r{font-style:italic}
      </style>
      <defs><marker id="p" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">\
      <path d="M0 0L8 4L0 8z" style="fill:#222"/></marker>\
      <marker id="q" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="10" markerHeight="10" orient="auto">\
      <path d="M1 1L9 9M1 9L9 1" style="stroke:#b3261e;stroke-width:2"/></marker></defs>
      <rect width="\(width)" height="\(height)"/>
      \(lines)\(out)</svg>

      """
  }

  // MARK: Columns

  private mutating func drawNames(at y: Int) {
    for (column, name) in names.enumerated() {
      put(Self.clip(name, (gap - 16) / Self.characterWidth), "h m", at: x(column), y)
    }
  }

  private mutating func endLine(_ place: Int, at y: Int) {
    guard let start = lifelines[place] else { return }
    lifelines[place] = nil
    lines += "<line x1=\"\(x(place))\" y1=\"\(start - 8)\" x2=\"\(x(place))\" y2=\"\(y)\"/>\n"
  }

  // MARK: Rows

  private mutating func draw(_ row: SVGRow) {
    switch row.content {
    case .said(let said): arrow(row, said.title, said.isFault ? "f" : said.isOpener ? "a" : "b", hint: said.meaning)
    case .packet(.fin, let text): arrow(row, text, "e")
    case .packet(_, let text): arrow(row, text, "x", head: "q")
    case .note(let kind, let text): note(row, kind, text)
    case .fold(let text): box(row, text, "k")
    case .chapter(let text):
      y += 24
      let (from, to) = ends(row)
      put(text, "h m", at: (x(from) + x(to)) / 2, y)
    case .remark(let text):
      for line in Line.filled(text, width: max(40, (width - Self.left - 80) / Self.characterWidth)) {
        y += Self.lineHeight + 2
        put(line.text, "r", at: Self.left + 70, y)
      }
      y += 6
    }
  }

  private func ends(_ row: SVGRow) -> (Int, Int) {
    let places = row.columns.compactMap { self.places[$0] }
    return (places.first ?? 0, places.last ?? 0)
  }

  private mutating func arrow(_ row: SVGRow, _ title: String, _ kind: String, head: String = "p", hint: String? = nil) {
    y += 24
    let (from, to) = ends(row)
    // Who talks to itself, or to another in the same column, draws a short arrow.
    let (start, end) = from == to ? (x(from), x(from) + 50) : (x(from), x(to))
    let room = max(8, abs(end - start) / Self.characterWidth - 3)
    let words = from == to ? Self.clip(title, 24) : Self.clip(title, room)
    out += "<g class=\"\(kind)\">"
    if let hint { out += "<title>\(Markup.escaped(hint))</title>" }
    time(row.time, y + 4)
    out += "<path marker-end=\"url(#\(head))\" d=\"M\(start) \(y)H\(end)\"/>"
    let center = from == to ? start + 60 + words.count * Self.characterWidth / 2 : (start + end) / 2
    put(words, "m", at: center, from == to ? y + 4 : y - 4)
    out += "</g>\n"
  }

  private mutating func note(_ row: SVGRow, _ kind: TranscriptNote.Kind, _ text: String) {
    let place = row.columns.first.flatMap { places[$0] }
    // A shared column goes on.
    let own = place.flatMap { names[$0] == row.columns[0] ? $0 : nil }
    if kind == .begins, let own {
      if lifelines[own] == nil { lifelines[own] = y + 34 }
    }
    let style =
      switch kind {
      case .begins: "n"
      case .fault, .ends: "w"
      case .decision: "d"
      }
    box(row, kind == .ends ? "✕ \(text)" : text, style)
    if kind == .ends, let own { endLine(own, at: y - 22) }
  }

  /// A box over the columns of a row: of one, about that, and as wide as its text needs.
  private mutating func box(_ row: SVGRow, _ text: String, _ style: String) {
    let places = row.columns.compactMap { self.places[$0] }
    let (first, last) = (places.min() ?? 0, places.max() ?? max(0, names.count - 1))
    let room = max(first == last ? min(gap, 360) - 20 : x(last) - x(first) + 60, 240)
    let lines = Line.filled(text, width: room / Self.characterWidth - 2).map(\.text)
    let shown = lines.count > 12 ? Array(lines.prefix(11)) + ["…"] : lines
    let longest = shown.map(\.count).max() ?? 0
    let boxWidth = max(first == last ? 0 : x(last) - x(first) + 40, longest * Self.characterWidth + 16)
    let height = shown.count * Self.lineHeight + 8
    let start = max(Self.left - 10, (x(first) + x(last) - boxWidth) / 2)
    width = max(width, start + boxWidth + 12)
    y += 10
    out += "<g class=\"\(style)\">"
    time(row.time, y + 16)
    out += "<rect x=\"\(start)\" y=\"\(y)\" width=\"\(boxWidth)\" height=\"\(height)\" rx=\"3\"/>"
    for (number, line) in shown.enumerated() {
      let baseline = y + 16 + number * Self.lineHeight
      out += "<text class=\"m\" x=\"\(start + boxWidth / 2)\" y=\"\(baseline)\">\(Markup.escaped(line))</text>"
    }
    out += "</g>\n"
    y += height + 4
  }

  // MARK: Text

  private mutating func time(_ time: Instant, _ y: Int) {
    out += "<text class=\"t\" x=\"10\" y=\"\(y)\">\(time.clockText)</text>"
  }

  /// A text on a ground of its own, so that no line goes through it.
  private mutating func put(_ text: String, _ style: String, at x: Int, _ y: Int) {
    let width = text.count * Self.characterWidth + 4
    let start = style.hasSuffix("m") ? x - width / 2 : x - 2
    out += "<rect x=\"\(start)\" y=\"\(y - 12)\" width=\"\(width)\" height=\"15\"/>"
    out += "<text class=\"\(style)\" x=\"\(x)\" y=\"\(y)\">\(Markup.escaped(text))</text>\n"
    self.width = max(self.width, start + width + 10)
  }

  private static func clip(_ text: String, _ width: Int) -> String {
    text.count <= width ? text : text.prefix(max(1, width - 1)) + "…"
  }
}
