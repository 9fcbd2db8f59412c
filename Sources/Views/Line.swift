/// What a run of text is, for whoever gives it a colour. The text says the same without.
package enum Style: String, Sendable, Hashable, CaseIterable {
  case plain
  /// A title, a column's name, the name of a node where it speaks.
  case heading
  /// What is there for completeness: addresses, times, padding.
  case dim
  /// From the end that connected: a replica, a client (`>>>`).
  case outgoing
  /// From the end that listened: a master (`<<<`).
  case incoming
  /// What the bytes mean.
  case meaning
  /// A value that has changed, and what it is now.
  case changed
  /// What is not as it should be.
  case fault
}

/// One line of a view: runs of text, each with a style; no newline and no control codes in it.
package struct Line: Sendable, Hashable {
  package struct Run: Sendable, Hashable {
    package var text: String
    package var style: Style

    package init(_ text: String, _ style: Style = .plain) {
      self.text = text
      self.style = style
    }
  }

  package var runs: [Run]

  package init(_ text: String = "", _ style: Style = .plain) { runs = text.isEmpty ? [] : [Run(text, style)] }

  /// The text without its styles.
  package var text: String { runs.map(\.text).joined() }
  /// The number of columns that the line takes.
  package var width: Int { runs.reduce(0) { $0 + $1.text.columns } }

  package static func + (a: Line, b: Line) -> Line {
    var line = a
    line.runs += b.runs
    return line
  }

  package static func += (a: inout Line, b: Line) { a.runs += b.runs }

  /// Adds text to the last run if it has the same style.
  mutating func append(_ text: String, _ style: Style = .plain) {
    if runs.last?.style == style { runs[runs.count - 1].text += text } else { self += Line(text, style) }
  }

  /// The line without the blanks at its end.
  var withoutTrailingBlanks: Line {
    var line = self
    while let last = line.runs.popLast() {
      let blanks = last.text.utf8.reversed().prefix { $0 == 0x20 }.count
      guard blanks == last.text.utf8.count else {
        line.runs.append(blanks == 0 ? last : Run(String(last.text.dropLast(blanks)), last.style))
        break
      }
    }
    return line
  }

  /// Blanks up to the column, counted from 0; one at least if the line is not empty.
  package mutating func pad(to column: Int) {
    let missing = max(column - width, runs.isEmpty ? 0 : 1)
    if missing > 0 { runs.append(Run(blanks(missing))) }
  }
}

/// How wide lines are where a view may choose.
package let pageWidth = 80

/// So many blanks. Most lines have some, and to make them takes longer than to take them from here.
func blanks(_ count: Int) -> String {
  count < madeBlanks.count ? madeBlanks[max(0, count)] : String(repeating: " ", count: count)
}
private let madeBlanks = (0...pageWidth).map { String(repeating: " ", count: $0) }

extension Line {
  /// Breaks a text at its blanks into lines of at most `width` columns, indented by `indent`. A word that
  /// no line could hold is broken, too.
  package static func filled(_ text: String, _ style: Style = .plain, indent: Int = 0, width: Int = pageWidth) -> [Line]
  {
    let room = max(1, width - indent)
    // A letter has one byte at least.
    if text.utf8.count <= room, hasSingleBlanks(text) { return [Line(blanks(indent)) + Line(text, style)] }
    var lines: [String] = []
    for word in text.split(separator: " ", omittingEmptySubsequences: true) {
      if let last = lines.last, last.count + 1 + word.count <= room {
        lines[lines.count - 1] += " " + word
        continue
      }
      var rest = word
      while rest.count > room {
        lines.append(String(rest.prefix(room)))
        rest = rest.dropFirst(room)
      }
      lines.append(String(rest))
    }
    let margin = blanks(indent)
    return lines.map { Line(margin) + Line($0, style) }
  }

  /// A name and what it means on one line, as `filled` breaks them; nil where they may need more.
  static func fitting(_ name: String, _ meaning: String, _ style: Style, indent: String, width: Int) -> Line? {
    let size = name.utf8.count + (meaning.isEmpty ? 0 : meaning.utf8.count + 2)
    guard size <= width, hasSingleBlanks(name), meaning.isEmpty || hasSingleBlanks(meaning) else { return nil }
    var line = Line(indent)
    line.runs.append(Run(name, .heading))
    if !meaning.isEmpty { line.runs.append(Run(": " + meaning, style)) }
    return line
  }

  /// Whether there are words with one blank between two, and nothing else.
  private static func hasSingleBlanks(_ text: String) -> Bool {
    var wasBlank = true
    for byte in text.utf8 {
      if byte == 0x20, wasBlank { return false }
      wasBlank = byte == 0x20
    }
    return !wasBlank
  }
}

extension Line {
  /// A text in lines of a page's width, broken at its blanks: those after the first are indented.
  package static func hanging(_ text: String, _ style: Style = .plain, indent: Int = 4) -> [Line] {
    guard text.count > pageWidth, let first = filled(text, style).first else { return [Line(text, style)] }
    return [first] + filled(String(text.dropFirst(first.text.count)), style, indent: indent)
  }
}

extension Line {
  /// The line in lines of at most `width` columns, broken at its blanks: those after the first are indented as it is. Where
  /// it has no blank it is broken all the same.
  package func broken(to width: Int) -> [Line] {
    guard width > 0, self.width > width else { return [self] }
    var rest = runs.flatMap { run in run.text.map { (character: $0, style: run.style) } }[...]
    let indent = min(rest.prefix { $0.character == " " }.count, width / 2)
    var lines: [Line] = []
    while !rest.isEmpty {
      let margin = lines.isEmpty ? 0 : indent
      let room = width - margin
      // A blank behind the last word that fits, but none of those that the line begins with.
      let least = rest.startIndex + (lines.isEmpty ? indent : 0)
      var end = min(rest.startIndex + room, rest.endIndex)
      if end < rest.endIndex, let blank = rest[least...end].lastIndex(where: { $0.character == " " }), blank > least {
        end = blank
      }
      var line = Line(blanks(margin))
      for (character, style) in rest[..<end] { line.append(String(character), style) }
      lines.append(line.withoutTrailingBlanks)
      rest = rest[end...].drop { $0.character == " " }
    }
    return lines
  }
}

extension String {
  /// How many columns it takes: its characters, which are its bytes where it has ASCII alone.
  var columns: Int { utf8.allSatisfy { $0 < 0x80 } ? utf8.count : count }

  /// This text with blanks behind it up to `width` columns.
  func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  /// This text with blanks in front of it up to `width` columns.
  func leftPadded(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
