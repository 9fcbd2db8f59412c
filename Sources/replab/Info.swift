import Lab
import Views

/// What `info` can show: the tables of `Views`, and what is the prompt's own.
enum InfoTopic: Equatable {
  case table(InfoView)
  case breakpoints

  static let all: [InfoTopic] = InfoView.allCases.map(InfoTopic.table) + [.breakpoints]

  var name: String {
    switch self {
    case .table(let view): view.rawValue
    case .breakpoints: "breakpoints"
    }
  }

  var summary: String {
    switch self {
    case .table(let view): view.summary
    case .breakpoints: "breakpoints, watches and displays"
    }
  }
}

extension Session {
  func show(_ topic: InfoTopic) throws(Complaint) {
    switch topic {
    case .table(let view) where timeline.recording != nil && !view.isOfRecordings:
      throw .recording("info \(view.rawValue)")
    case .table(let view): show(view.table(timeline.world))
    case .breakpoints: show(breakpointsTable)
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
