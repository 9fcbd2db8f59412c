import Dissection
import Lab

/// A message sequence chart: a column for each node, an arrow for each message, time on the left.
///
/// ```
///                    r                                                          m
///   13:56:53.000450  │── PING ─────────────────────────────────────────────────►│
///   13:56:53.000560  │◄──────────────────────────────────────────────── +PONG ──│
/// ```
///
/// Given columns, it draws them all as far as they fit; else two for each link, named anew where another link is heard.
package struct SequenceView: Sendable, Hashable {
  private let columns: [String]
  private var link: Link.ID?

  private static let margin = 17
  /// From the first column's bar to the last one's.
  private static let span = pageWidth - margin - 2
  /// Nearer to each other, columns leave no room for words.
  private static let leastDistance = 12

  package init(columns: [String] = []) {
    let fits = columns.count > 1 && Self.span / (columns.count - 1) >= Self.leastDistance
    self.columns = fits ? columns : []
  }

  /// The columns for messages in a world, in the topology's order: clients, who share one, then each master with its replicas
  /// at its right.
  package static func columns(for deliveries: [Delivery], in world: World) -> [String] {
    let parties = deliveries.flatMap { [$0.from, $0.to] }
    let topology = Topology(of: world)
    var columns = TopologyColumns()
    columns.take(topology)
    for party in parties { columns.take(party) }
    let hasClients = parties.contains { Topology.columnName(of: $0) == Topology.Column.clients.name }
    return columns.all.filter { $0.kind != .clients || hasClients }.map(\.name)
  }

  /// The lines that a message adds; the names of its ends first, where it goes over another link than the one before.
  package mutating func lines(of delivery: Delivery, at time: String) -> [Line] {
    let message = delivery.message
    let places = [delivery.from, delivery.to].map { Topology.columnName(of: $0) }
    let isDrawn = places.allSatisfy(columns.contains)
    let (from, to) = isDrawn ? (places[0], places[1]) : (delivery.from.name, delivery.to.name)
    let (left, right) = message.side == .opener ? (from, to) : (to, from)
    let names = isDrawn ? columns : [left, right]
    var lines: [Line] = []
    if isDrawn ? link == nil : link != delivery.link {
      if link != nil { lines.append(Line()) }
      lines.append(heading(names))
    }
    link = delivery.link
    let start = names.firstIndex(of: from) ?? 0
    let end = isDrawn || left != right ? names.firstIndex(of: to) ?? 1 : 1 - start
    let style: Style = message.isFault ? .fault : message.side == .opener ? .outgoing : .incoming
    return lines + [Line(time.padded(Self.margin), .dim) + row(message.title, start, end, of: names.count, style)]
  }

  /// Where a column's bar stands, counted from the first one's.
  private func bar(_ index: Int, of count: Int) -> Int { index * Self.span / (count - 1) }

  private func row(_ title: String, _ from: Int, _ to: Int, of count: Int, _ style: Style) -> Line {
    var cells = [Character](repeating: " ", count: Self.span + 1)
    let bars = (0..<count).map { bar($0, of: count) }
    for bar in bars { cells[bar] = "│" }
    let arrow: Range<Int>
    if from == to {
      // A node that talks to itself: on the side where there is room for it.
      let (left, right) = (bars[from] - 1, Self.span - bars[from] - 2)
      let text = Array("↺ " + clipped(title, min(Self.span / 2, max(left, right) - 2)))
      let start = text.count <= right ? bars[from] + 2 : left - text.count
      arrow = start..<start + text.count
      cells.replaceSubrange(arrow, with: text)
    } else {
      arrow = min(bars[from], bars[to]) + 1..<max(bars[from], bars[to])
      for cell in arrow { cells[cell] = cells[cell] == "│" ? "┼" : "─" }
      let shaft = arrow.count < 24 ? 1 : 2
      let text = Array(" " + clipped(title, arrow.count - shaft - 4) + " ")
      let start = from < to ? arrow.lowerBound + shaft : arrow.upperBound - shaft - text.count
      cells.replaceSubrange(start..<start + text.count, with: text)
      cells[from < to ? arrow.upperBound - 1 : arrow.lowerBound] = from < to ? "►" : "◄"
    }
    return Line(String(cells[..<arrow.lowerBound])) + Line(String(cells[arrow]), style)
      + Line(String(cells[arrow.upperBound...]))
  }

  /// The names: the first begins over its bar, the last ends there, the others stand in the middle of theirs.
  private func heading(_ names: [String]) -> Line {
    var line = Line(String(repeating: " ", count: Self.margin))
    let room = Self.span / (names.count - 1) - 1
    for (index, name) in names.enumerated() {
      let text = clipped(name, room)
      let bar = bar(index, of: names.count)
      let start = index == 0 ? 0 : index == names.count - 1 ? bar + 1 - text.count : bar - text.count / 2
      let blanks = Self.margin + start - line.width
      line += Line(String(repeating: " ", count: max(index == 0 ? 0 : 1, blanks)))
      line += Line(text, .heading)
    }
    return line
  }

  private func clipped(_ text: String, _ width: Int) -> String {
    text.count <= width ? text : text.prefix(max(0, width - 1)) + "…"
  }
}

extension World {
  /// The nodes, or who serves in a recording: those that have columns of their own.
  var servers: [String] { recorded?.participants.servers.map(\.name) ?? names }
}
