import Dissection
import Lab

/// A message sequence chart: a column for each of two nodes, an arrow for each message, time on the left.
///
/// ```
///                    r                                                          m
///   13:56:53.000450  │── PING ─────────────────────────────────────────────────►│
///   13:56:53.000560  │◄──────────────────────────────────────────────── +PONG ──│
/// ```
package struct SequenceView: Sendable, Hashable {
  private var link: Link.ID?

  private static let margin = 17
  /// The columns between the two bars.
  private static let gap = pageWidth - margin - 3

  package init() {}

  /// The lines that a message adds; the names of its ends first, where it goes over another link than the one before.
  package mutating func lines(of delivery: Delivery, at time: String) -> [Line] {
    let message = delivery.message
    let isOpener = message.side == .opener
    let (left, right) = isOpener ? (delivery.from, delivery.to) : (delivery.to, delivery.from)
    var lines: [Line] = []
    if link != delivery.link {
      if link != nil { lines.append(Line()) }
      lines.append(names(left.name, right.name))
      link = delivery.link
    }
    let title = clipped(message.title, Self.gap - 8)
    let shaft = String(repeating: "─", count: Self.gap - 5 - title.count)
    let arrow = isOpener ? "── \(title) \(shaft)►" : "◄\(shaft) \(title) ──"
    let style: Style = message.isFault ? .fault : isOpener ? .outgoing : .incoming
    lines.append(Line(time.padded(Self.margin), .dim) + Line("│") + Line(arrow, style) + Line("│"))
    return lines
  }

  private func names(_ left: String, _ right: String) -> Line {
    let room = Self.gap + 2 - right.count
    return Line(String(repeating: " ", count: Self.margin)) + Line(clipped(left, room - 1).padded(room), .heading)
      + Line(right, .heading)
  }

  private func clipped(_ text: String, _ width: Int) -> String {
    text.count <= width ? text : text.prefix(max(0, width - 1)) + "…"
  }
}
