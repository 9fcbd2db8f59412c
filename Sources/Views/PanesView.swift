import Lab

/// The panes that `layout` keeps above the prompt: the topology, the last messages, the bytes of the last one, and why. What
/// stands in them is given; this is where it goes.
///
/// ```
///   ── topology ────────────────────────────
///   ── messages ────────────────────────────
///   ── bytes ──────────┬─ why ──────────────
/// ```
///
/// A wide terminal has two beside each other in both rows.
package struct PanesView {
  /// Lines for so many at most, in this width.
  package typealias Pane = (_ height: Int, _ width: Int) -> [Line]

  package var topology: Pane
  package var messages: Pane
  package var bytes: Pane
  package var why: Pane

  package init(topology: @escaping Pane, messages: @escaping Pane, bytes: @escaping Pane, why: @escaping Pane) {
    self.topology = topology
    self.messages = messages
    self.bytes = bytes
    self.why = why
  }

  /// The rows that are left for the prompt, at least.
  private static let leastBelow = 8
  /// From this width on, panes stand beside each other in both rows.
  private static let wide = 116

  /// How many rows the panes take of a terminal; 0: it is too small for them.
  package static func height(rows: Int, columns: Int) -> Int {
    let height = min(rows - leastBelow, max(10, rows * 55 / 100))
    return height < 8 || columns < 40 ? 0 : height
  }

  /// As many lines as `height` says, each no wider than `width`.
  package func lines(height: Int, width: Int) -> [Line] {
    guard height >= 6, width >= 20 else { return Array(repeating: Line(), count: max(0, height)) }
    if width >= Self.wide {
      let upper = max(2, (height - 2) / 2)
      let left = min(pageWidth, width * 2 / 3)
      return Self.beside(
        ("topology", topology), ("messages", messages), height: upper, left: left, width: width, joint: "┬")
        + Self.beside(
          ("bytes", bytes), ("why", why), height: height - 2 - upper, left: left, width: width, joint: "┼")
    }
    // The nodes have the room that they need, as long as something is left for the others.
    let room = height - 3
    let least = max(1, room / 5)
    let nodes = topology(max(1, room - 2 * least), width)
    let upper = max(1, min(nodes.count, room - 2 * least))
    let middle = (room - upper) / 2
    let lower = room - upper - middle
    return [Self.rule("topology", width)] + Self.filled(nodes, upper, width)
      + [Self.rule("messages", width)] + Self.filled(messages(middle, width), middle, width)
      + Self.beside(("bytes", bytes), ("why", why), height: lower, left: width / 2, width: width, joint: "┬")
  }

  private static func beside(
    _ first: (name: String, lines: Pane), _ second: (name: String, lines: Pane), height: Int, left: Int, width: Int,
    joint: String
  ) -> [Line] {
    let right = width - left - 1
    let (a, b) = (
      filled(first.lines(height, left), height, left), filled(second.lines(height, right), height, right)
    )
    let head = rule(first.name, left) + Line(joint, .dim) + rule(second.name, right)
    return [head]
      + zip(a, b).map { a, b in
        var line = a
        line.pad(exactlyTo: left)
        return line + Line("│", .dim) + b
      }
  }

  private static func rule(_ name: String, _ width: Int) -> Line {
    let start = Line("── ", .dim) + Line(name, .heading) + Line(" ", .dim)
    return (start + Line(String(repeating: "─", count: max(0, width - start.width)), .dim)).clipped(to: width)
  }

  private static func filled(_ lines: [Line], _ height: Int, _ width: Int) -> [Line] {
    var shown = lines.prefix(height).map { $0.clipped(to: width) }
    if lines.count > height, let last = shown.popLast() {
      shown.append(last.text.hasSuffix("…") ? last : (last + Line(" …", .dim)).clipped(to: width))
    }
    return shown + Array(repeating: Line(), count: height - shown.count)
  }
}

extension Line {
  /// The line's beginning, if it is wider.
  package func clipped(to width: Int) -> Line {
    guard self.width > width else { return self }
    var (clipped, room) = (Line(), max(0, width - 1))
    for run in runs {
      let text = String(run.text.prefix(room))
      clipped.runs.append(Run(text, run.style))
      room -= text.count
      if room == 0 { break }
    }
    return width > 0 ? clipped + Line("…", .dim) : Line()
  }

  fileprivate mutating func pad(exactlyTo column: Int) {
    let missing = column - width
    if missing > 0 { runs.append(Run(blanks(missing))) }
  }
}
