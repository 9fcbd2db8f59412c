/// A table of a few columns: what `info` shows. Who prints it for a person takes `lines`, who prints it for a program
/// the columns and rows.
package struct Table: Sendable, Hashable {
  package enum Alignment: Sendable, Hashable { case left, right }

  package struct Column: Sendable, Hashable {
    package var name: String
    package var alignment: Alignment

    package init(_ name: String, _ alignment: Alignment = .left) {
      self.name = name
      self.alignment = alignment
    }
  }

  package var columns: [Column]
  package var rows: [[String]] = []
  /// What to say if there are no rows.
  package var empty: String

  package init(_ columns: [Column], empty: String) {
    self.columns = columns
    self.empty = empty
  }

  package var lines: [Line] {
    guard !rows.isEmpty else { return [Line(empty, .dim)] }
    let widths = columns.indices.map { index in
      rows.reduce(columns[index].name.count) { max($0, $1[index].count) }
    }
    return [line(columns.map(\.name), widths, .heading)] + rows.map { line($0, widths, .plain) }
  }

  private func line(_ cells: [String], _ widths: [Int], _ style: Style) -> Line {
    let padded = zip(columns, zip(cells, widths)).map { column, cell in
      column.alignment == .left ? cell.0.padded(cell.1) : cell.0.leftPadded(cell.1)
    }
    var text = padded.joined(separator: "  ")
    while text.hasSuffix(" ") { text.removeLast() }
    return Line(text, style)
  }
}
