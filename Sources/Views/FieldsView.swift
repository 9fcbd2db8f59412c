import Capture
import Dissection

/// The bytes of a message as an annotated tree, in the manner of `fq`: address, hex, text, field, meaning.
///
/// ```
///   0000  2a 33 0d 0a              *3..      count: 3 words follow
///   0004  24 38 0d 0a              $8..      length: 8 bytes
/// ```
package enum FieldsView {
  private static let perRow = 8
  /// Rows of one field's bytes; a longer one says how much it leaves out.
  private static let rowLimit = 4

  // The columns, counted from 0: address, hex, text, name.
  private static let hexWidth = perRow * 3 - 1

  /// How many fields of compressed values are shown where not all are wanted.
  private static let unfoldedLimit = 500

  /// A line, and the address behind the bytes that are shown up to it.
  private struct Row {
    var line: Line
    var end: Int
  }

  /// The tree of a message, as much of it as the page shows. Addresses are those of the bytes on their
  /// side of the connection.
  package static func lines(_ field: Field, page: Page = .whole) -> [Line] {
    var rows: [Row] = []
    var walk = Walk(field, end: 0, rowLimit: rowLimit, unfoldedLimit: unfoldedLimit)
    walk.visit(field, depth: 0) { rows.append($0) }
    guard let limit = page.rowLimit, let most = page.wholeRows, limit > 0, rows.count > most else {
      return rows.map(\.line)
    }
    return rows.prefix(limit).map(\.line) + [page.more(field.range.upperBound - rows[limit - 1].end)]
  }

  /// The tree of a message or of a record of a file, a line at a time. Addresses have as many digits as `end` needs, where
  /// more is shown than this field.
  ///
  /// - Parameter limit: how many fields are shown of the compressed values in it, which can hold many times more than
  ///   their bytes.
  package static func forEachLine(_ field: Field, end: Int = 0, limit: Int = .max, _ body: (Line) -> Void) {
    var walk = Walk(field, end: end, rowLimit: .max, unfoldedLimit: limit)
    walk.visit(field, depth: 0) { body($0.line) }
  }

  /// A walk through a tree, from the outside in.
  private struct Walk {
    let digits: Int
    let rowLimit: Int
    /// How many more fields of compressed values may be shown.
    var unfoldedLeft: Int

    init(_ field: Field, end: Int, rowLimit: Int, unfoldedLimit: Int) {
      digits = max(4, String(max(field.range.upperBound, end, 1) - 1, radix: 16).count)
      self.rowLimit = rowLimit
      unfoldedLeft = unfoldedLimit
    }

    mutating func visit(_ field: Field, depth: Int, isUnfolded: Bool = false, _ body: (Row) -> Void) {
      forEachRow(
        field, showsBytes: field.children.isEmpty, depth: depth, digits: digits, isUnfolded: isUnfolded,
        rowLimit: rowLimit, body)
      for child in field.children { visit(child, depth: depth + 1, isUnfolded: isUnfolded, body) }
      guard field.compressed != nil, unfoldedLeft > 0 else { return }
      let unfolded = field.unfolded(limit: unfoldedLeft)
      unfoldedLeft -= unfolded.reduce(0) { $0 + $1.treeCount }
      // These have addresses of their own; all of the compressed bytes are shown already.
      for part in unfolded {
        visit(part, depth: depth + 1, isUnfolded: true) { body(Row(line: $0.line, end: field.range.upperBound)) }
      }
    }
  }

  /// `x`: the bytes from `range.lowerBound` to `range.upperBound`, each with the innermost field that it belongs to.
  /// The range counts from the message's first byte; nil means all of it. Nothing is left out.
  package static func bytes(_ field: Field, in range: Range<Int>? = nil) -> [Line] {
    let all = field.range
    var wanted = all
    if let range {
      let first = min(max(range.lowerBound, 0), all.count)
      let last = min(max(range.upperBound, first), all.count)
      wanted = all.lowerBound + first..<all.lowerBound + last
    }
    let digits = max(4, String(max(all.count, 1) - 1, radix: 16).count)
    var unfoldedLeft = unfoldedLimit
    return leaves(field, path: "").flatMap { path, leaf -> [Line] in
      let part = leaf.range.clamped(to: wanted)
      guard !part.isEmpty else { return [] }
      let offset = part.lowerBound - leaf.range.lowerBound
      var cut = Field(
        path, range: part.lowerBound - all.lowerBound..<part.upperBound - all.lowerBound,
        bytes: Array(leaf.bytes[offset..<offset + part.count]), meaning: leaf.meaning)
      cut.isFault = leaf.isFault
      cut.marks = leaf.marks.shifted(by: -all.lowerBound)
      let own = rows(cut, digits: digits).map(\.line)
      guard leaf.compressed != nil, unfoldedLeft > 0 else { return own }
      let unfolded = leaf.unfolded(limit: unfoldedLeft)
      unfoldedLeft -= unfolded.reduce(0) { $0 + $1.treeCount }
      return own
        + unfolded.flatMap { leaves($0, path: path) }.flatMap { path, leaf -> [Line] in
          var named = leaf
          named.name = path
          return rows(named, digits: digits, isUnfolded: true).map(\.line)
        }
    }
  }

  private static func leaves(_ field: Field, path: String) -> [(String, Field)] {
    let path = path.isEmpty ? field.name : path + "." + field.name
    return field.children.isEmpty ? [(path, field)] : field.children.flatMap { leaves($0, path: path) }
  }

  /// - Parameter isUnfolded: addresses count from the first byte of what compressed bytes unfold to; a mark behind each
  ///   tells them from those of the bytes that are there.
  private static func rows(_ field: Field, digits: Int, isUnfolded: Bool = false) -> [Row] {
    var rows: [Row] = []
    forEachRow(field, showsBytes: true, depth: 0, digits: digits, isUnfolded: isUnfolded, rowLimit: .max) {
      rows.append($0)
    }
    return rows
  }

  /// One after the other: there may be millions.
  private static func forEachRow(
    _ field: Field, showsBytes: Bool, depth: Int, digits: Int, isUnfolded: Bool = false, rowLimit: Int,
    _ body: (Row) -> Void
  ) {
    let rowCount = (field.bytes.count + perRow - 1) / perRow
    let shown = showsBytes ? min(rowCount, rowLimit) : 0
    let texts = words(field, depth: depth, column: digits + 2 + hexWidth + 2 + perRow + 2)
    var end = field.range.lowerBound
    for row in 0..<max(shown, 1) {
      let start = row * perRow
      let bytes = showsBytes ? field.bytes[min(start, field.bytes.count)..<min(start + perRow, field.bytes.count)] : []
      var line = Line(address(field.range.lowerBound + start, digits) + (isUnfolded ? "' " : "  "), .dim)
      appendHexAndText(bytes, marks: field.marks, from: field.range.lowerBound + start, to: &line)
      if row < texts.count { line += texts[row] }
      end = field.range.lowerBound + start + bytes.count
      body(Row(line: line.withoutTrailingBlanks, end: end))
    }
    let margin = Line(blanks(digits + 2 + hexWidth + 2 + perRow + 2))
    for text in texts.dropFirst(max(shown, 1)) { body(Row(line: margin + text, end: end)) }
    if showsBytes, rowCount > shown {
      let missing = field.bytes.count - shown * perRow
      let rest = Line("… \(counted(missing, "more byte"))", .dim)
      body(Row(line: Line(blanks(digits + 2)) + rest, end: end))
    }
  }

  /// A row of bytes in hex and as text. Those that are not known have a look of their own, `··`; those that were inferred
  /// or restored another style.
  private static func appendHexAndText(
    _ bytes: ArraySlice<UInt8>, marks: [ByteMark], from address: Int, to line: inout Line
  ) {
    guard !marks.isEmpty else { return appendPlain(bytes, to: &line) }
    var (hexes, texts) = (Line(), Line())
    for (index, byte) in bytes.enumerated() {
      let mark = marks.isEmpty ? nil : marks.mark(at: address + index)
      let isUnknown = mark?.certainty == .unknown
      if index > 0 { hexes.append(" ") }
      hexes.append(isUnknown ? "··" : hex(byte), mark == nil ? .plain : isUnknown ? .fault : .changed)
      texts.append(isUnknown ? "·" : byte > 0x20 && byte < 0x7f ? String(UnicodeScalar(byte)) : ".", .dim)
    }
    hexes.pad(to: hexWidth + 2)
    texts.pad(to: perRow + 2)
    line += hexes
    line += texts
  }

  /// Nothing is to be said of the bytes, as nearly always.
  private static func appendPlain(_ bytes: ArraySlice<UInt8>, to line: inout Line) {
    var hexes = [UInt8](repeating: 0x20, count: hexWidth + 2)
    for (index, byte) in bytes.enumerated() {
      hexes[index * 3] = hexDigits[Int(byte >> 4)]
      hexes[index * 3 + 1] = hexDigits[Int(byte & 15)]
    }
    line.runs.append(Line.Run(String(decoding: hexes, as: UTF8.self)))
    if !bytes.isEmpty {
      let shown = bytes.map { $0 > 0x20 && $0 < 0x7f ? $0 : UInt8(ascii: ".") }
      line.runs.append(Line.Run(String(decoding: shown, as: UTF8.self), .dim))
    }
    line.runs.append(Line.Run(blanks(perRow + 2 - bytes.count)))
  }

  private static let hexDigits = Array("0123456789abcdef".utf8)

  /// The field's name and meaning, in the columns that are left.
  private static func words(_ field: Field, depth: Int, column: Int) -> [Line] {
    let indent = blanks(min(depth, 6) * 2)
    let style: Style = field.isFault ? .fault : .meaning
    let room = max(20, pageWidth - column - indent.count - 2)
    if let line = Line.fitting(field.name, field.meaning, style, indent: indent, width: room) { return [line] }
    let text = field.meaning.isEmpty ? field.name : "\(field.name): \(field.meaning)"
    // The lines after the first stand two columns further to the right.
    let filled = Line.filled(text, style, width: room)
    return filled.enumerated().map { index, line in
      var line = line
      if index == 0, line.text.hasPrefix(field.name) {
        line = Line(field.name, .heading) + Line(String(line.text.dropFirst(field.name.count)), style)
      }
      return Line(index == 0 ? indent : indent + "  ") + line
    }
  }

  private static func address(_ offset: Int, _ digits: Int) -> String {
    let text = String(offset, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  private static func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }
}
