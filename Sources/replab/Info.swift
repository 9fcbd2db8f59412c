import Lab
import Views

/// What `info` can show: the tables of `Views`, and what is the prompt's own.
enum InfoTopic: Equatable {
  case table(InfoView)
  case writes
  case breakpoints

  static let all: [InfoTopic] = InfoView.allCases.map(InfoTopic.table) + [.writes, .breakpoints]

  var name: String {
    switch self {
    case .table(let view): view.rawValue
    case .writes: "writes"
    case .breakpoints: "breakpoints"
    }
  }

  var summary: String {
    switch self {
    case .table(let view): view.summary
    case .writes: "the writes that were answered: where each is, and why it is lost"
    case .breakpoints: "breakpoints, watches and displays"
    }
  }
}

extension Session {
  func show(_ topic: InfoTopic) throws(Complaint) {
    switch topic {
    case .table(let view) where timeline.recording != nil && !view.isOfRecordings:
      throw .recording("info \(view.rawValue)")
    case .table(let view) where isJSON: show(view.table(timeline.world))
    case .table(let view): show(view.lines(timeline.world))
    case .writes where timeline.recording != nil:
      throw .usage(
        "what of a write is in memory and on disk does not cross the wire, so a recording can't tell where one is",
        advice: "`info offsets` says how far each replica has acknowledged.")
    case .writes: showWrites()
    case .breakpoints: show(breakpointsTable)
    }
  }

  private func showWrites() {
    // Who has stopped it has seen nothing, and is told nothing.
    guard let writes = timeline.acknowledgedWrites(monitor) else { return clearProgress(from: 0) }
    clearProgress(from: 0)
    guard isJSON else { return show(WritesView.lines(writes, in: timeline.world)) }
    show(WritesView.table(writes, in: timeline.world))
    for loss in writes.losses {
      let lines = WritesView.lines(lostIn: loss.step, writes).map { JSON.string($0.text) }
      let numbers = loss.writes.numbers.map { JSON.number($0) }
      output.write(
        JSON.object([("lost", .array(numbers)), ("step", .number(loss.step)), ("lines", .array(lines))]).text + "\n")
    }
  }

  /// Under `--json`, one object a row that takes the columns' names as its keys.
  private func show(_ table: Table) {
    guard isJSON else { return show(table.lines) }
    for row in table.rows {
      let members = zip(table.columns, row).map { column, cell in
        (column.name, Int(cell).map { JSON.number($0) } ?? .string(cell))
      }
      output.write(JSON.object(members).text + "\n")
    }
  }

  private var breakpointsTable: Table {
    var table = Table(
      [.init("number", .right), .init("kind"), .init("what")], empty: "no breakpoints, watches or displays")
    for breakpoint in timeline.breakpoints {
      table.rows.append([String(breakpoint.number), breakpoint.word, breakpoint.text])
    }
    return table
  }
}
