import Dissection
import Lab
import LineEdit
import RESP
import Views

extension Session {
  /// How wide is what a person reads: a page, or the terminal where that is narrower.
  var width: Int {
    guard isForPerson, let columns = PaneScreen.size?.columns else { return pageWidth }
    return max(20, min(pageWidth, columns))
  }

  /// The lines as they are shown: broken at their blanks in a terminal that is narrower than a page.
  func fitted(_ lines: [Line]) -> [Line] {
    let width = width
    return width < pageWidth ? lines.flatMap { $0.broken(to: width) } : lines
  }
}

/// `layout`: panes above the prompt.
extension Session {
  /// What `layout [off]` says, where it does nothing else.
  mutating func layout(_ arguments: Arguments) throws(Complaint) {
    try arguments.atMost(1)
    if arguments.count > 0 { _ = try arguments.choice(0, "nothing or off", of: ["off"]) }
    guard isForPerson, PaneScreen.size != nil, environment("TERM") ?? "dumb" != "dumb" else {
      return answer(
        Line.filled(
          "layout keeps the topology, the last messages, bytes and why above the prompt of a terminal. There is none "
            + "here, so nothing changes: `info topology`, `list`, `x` and `why` print the same.", width: 76
        ).map(\.text),
        json: .object([("layout", .string("off")), ("terminal", .bool(false))]))
    }
    hasPanes = arguments.count == 0
  }

  /// The panes for a terminal of this size, a string for each row; none where it is too small.
  func panes(_ size: PaneScreen.Size) -> [String] {
    let height = PanesView.height(rows: size.rows, columns: size.columns)
    guard height > 0 else { return [] }
    let number = timeline.position
    let current = number > 0 ? moment(number) : nil
    let view = PanesView(
      topology: { height, width in
        TopologyView(timeline.world, after: current?.step).lines(limit: height).map { $0.clipped(to: width) }
      },
      messages: { height, _ in lastMessages(height) },
      bytes: { height, width in bytes(height, width) },
      why: { height, width in reasons(current, height, width) })
    return view.lines(height: height, width: size.columns).map { palette.text(of: $0).shown }
  }

  /// How far back is looked for a message.
  private static let lookBack = 500

  private func lastMessages(_ count: Int) -> [Line] {
    var lines: [Line] = []
    var number = timeline.position
    let last = max(0, number - Self.lookBack)
    while number > last, lines.count < count {
      let step = shown(timeline[number])
      for delivery in step.delivered.reversed() where lines.count < count {
        // What came with the last step is marked.
        let mark = number == timeline.position ? "►" : " "
        let style: Style =
          delivery.message.isFault ? .fault : delivery.message.side == .opener ? .outgoing : .incoming
        lines.append(
          Line("\(mark) \(number)  ", number == timeline.position ? .heading : .dim)
            + Line("\(delivery.from.name) → \(delivery.to.name): ", .heading) + Line(delivery.message.title, style))
      }
      number -= 1
    }
    return lines.isEmpty ? [Line("no message yet: `step` delivers the next one", .dim)] : lines.reversed()
  }

  /// The last message's bytes: as wide as `x` has them, or without the fields where there is no room for these, or where
  /// it would take long to find them all.
  private func bytes(_ height: Int, _ width: Int) -> [Line] {
    let first = max(0, timeline.position - Self.lookBack)
    guard let number = lastStep(where: { !$0.delivered.isEmpty || $0.number <= first }), number > first,
      let delivery = shown(timeline[number]).delivered.last
    else { return [Line("`x` shows bytes", .dim)] }
    let count = delivery.message.contents.count
    guard width >= 60, count <= Self.mostFields else { return Self.rows(of: delivery, height) }
    let (step, before, after) = moment(number)
    guard let field = fields(step, before, after)(delivery) else { return Self.rows(of: delivery, height) }
    return Array(FieldsView.bytes(field, in: 0..<min(count, height * 8)).prefix(height))
  }

  private static let mostFields = 1 << 14

  /// Rows of eight bytes, with `··` for those that a recording's text does not show.
  private static func rows(of delivery: Delivery, _ height: Int) -> [Line] {
    let contents = delivery.message.contents
    let unknown = delivery.marks.filter { $0.certainty == .unknown }.map {
      $0.range.lowerBound - delivery.message.range.lowerBound..<$0.range.upperBound - delivery.message.range.lowerBound
    }
    return stride(from: 0, to: min(contents.count, height * 8), by: 8).map { start in
      let places = start..<min(start + 8, contents.count)
      let isKnown = places.map { place in !unknown.contains { $0.contains(place) } }
      let hex = zip(places, isKnown).map { $1 ? hexadecimal(Int(contents[$0]), digits: 2) : "··" }
      let text = zip(places, isKnown).map { place, isKnown in
        isKnown && 0x20..<0x7f ~= contents[place] ? String(UnicodeScalar(contents[place])) : isKnown ? "." : "·"
      }
      return Line(hexadecimal(start, digits: 4) + "  ", .dim)
        + Line(hex.joined(separator: " ").padded(23) + "  " + text.joined())
    }
  }

  private static func hexadecimal(_ number: Int, digits: Int) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  private func reasons(_ current: (step: Step, before: World, after: World)?, _ height: Int, _ width: Int) -> [Line] {
    guard let (step, before, after) = current else { return [Line("`start m --port 7000` begins", .dim)] }
    if let recorded = before.recorded {
      let conclusions = step.mayConclude ? step.conclusions(after: recorded) : []
      if !conclusions.isEmpty { return WhyView.lines(conclusions, width: width) }
    } else if step.hasDecision() {
      return WhyView.lines(step, in: after, width: width)
    }
    let head = Line.filled(StepView.what(step, room: .max), .heading, width: width)
    return head + step.delivered.flatMap { Line.filled(StepView.meaning(of: $0), .meaning, width: width) }
  }
}
