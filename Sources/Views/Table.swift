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
    let groups = Self.groups(widths)
    return lines(columns.map(\.name), widths, groups, .heading) + rows.flatMap { lines($0, widths, groups, .plain) }
  }

  /// Which columns stand in one line: all, or where the page is too narrow for them, those that fit.
  private static func groups(_ widths: [Int]) -> [Range<Int>] {
    var groups: [Range<Int>] = []
    var (start, width) = (0, 0)
    for (index, next) in widths.enumerated() {
      let column = index == start ? groups.isEmpty ? next : indent + next : width + 2 + next
      if index > start, column > pageWidth {
        groups.append(start..<index)
        (start, width) = (index, indent + next)
      } else {
        width = column
      }
    }
    return groups + [start..<widths.count]
  }

  /// How far a row's further lines stand to the right.
  private static let indent = 4

  private func lines(_ cells: [String], _ widths: [Int], _ groups: [Range<Int>], _ style: Style) -> [Line] {
    groups.enumerated().map { number, group in
      let padded = group.map { index in
        columns[index].alignment == .left
          ? cells[index].padded(widths[index]) : cells[index].leftPadded(widths[index])
      }
      var text = (number == 0 ? "" : String(repeating: " ", count: Self.indent)) + padded.joined(separator: "  ")
      while text.hasSuffix(" ") { text.removeLast() }
      return Line(text, style)
    }
  }
}
