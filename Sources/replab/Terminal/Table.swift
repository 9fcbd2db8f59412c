/// Rows of words under headings, as `info` prints them, and as JSON objects that take the headings as their keys.
struct Table {
  var headings: [String]
  var rows: [[String]] = []
  /// What is printed where there are no rows.
  var empty: String

  init(_ headings: [String], empty: String) {
    self.headings = headings
    self.empty = empty
  }

  /// The lines, each column as wide as its widest word; numbers stand to the right.
  func lines(_ palette: Palette) -> [String] {
    guard !rows.isEmpty else { return [empty] }
    let widths = headings.indices.map { column in
      max(headings[column].count, rows.map { $0[column].count }.max() ?? 0)
    }
    let isNumeric = headings.indices.map { column in
      rows.allSatisfy { Int($0[column]) != nil || $0[column] == "-" }
    }
    func line(_ words: [String]) -> String {
      var text = words.indices.map { column in
        isNumeric[column] ? words[column].leftPadded(widths[column]) : words[column].padded(widths[column])
      }.joined(separator: "  ")
      while text.hasSuffix(" ") { text.removeLast() }
      return text
    }
    return [palette.ink(line(headings), "2")] + rows.map(line)
  }

  /// One object a row.
  var json: [JSON] {
    rows.map { row in
      .object(zip(headings, row).map { ($0, Int($1).map { JSON.number($0) } ?? .string($1)) })
    }
  }
}
