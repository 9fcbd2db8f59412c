extension Lesson {
  /// Reads a page.
  ///
  /// - Throws: the first thing that is wrong, with its line.
  package init(_ text: String) throws(LessonError) {
    page = text.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.utf8.last == 0x0d ? String($0.dropLast()) : String($0)
    }
    // A file's last line ends, too, so nothing stands behind its end.
    if page.last == "" { page.removeLast() }
    var parser = LessonParser(page: page)
    try parser.readFrontMatter(into: &self)
    try parser.readParts(into: &self)
    try checkPredictions()
  }

  /// A prediction is about a command, which has to come.
  private func checkPredictions() throws(LessonError) {
    for (index, part) in parts.enumerated() {
      guard case .question(let question) = part.task, question.kind == .predict else { continue }
      guard nextCommand(after: index) != nil else {
        throw LessonError(line: question.line, "no command comes after this prediction, so nothing can prove it")
      }
    }
  }

  /// Whether a command that means the same stands below a line.
  func runs(_ command: String, after line: Int) -> Bool {
    guard let reading = CommandReading(command) else { return false }
    return parts.contains { part in
      guard case .session(let commands) = part.task else { return false }
      return commands.contains { $0.line > line && CommandReading($0.text)?.isSame(as: reading) == true }
    }
  }

  /// The command that comes next after a part.
  func nextCommand(after part: Int) -> Command? {
    for part in parts[(part + 1)...] {
      if case .session(let commands) = part.task { return commands.first }
    }
    return nil
  }
}

extension String {
  /// Without the blanks at both ends.
  var trimmed: String {
    var text = self[...]
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }

  /// `key: value` at the beginning of a line: a word of letters and dashes, a colon, and a blank or the end.
  var field: (name: String, value: String)? {
    guard let colon = firstIndex(of: ":") else { return nil }
    let (name, value) = (self[..<colon], self[index(after: colon)...])
    guard !name.isEmpty, name.allSatisfy({ ("a"..."z").contains($0) || $0 == "-" }),
      value.isEmpty || value.first == " "
    else { return nil }
    return (String(name), String(value).trimmed)
  }
}

private struct LessonParser {
  let page: [String]
  /// The index of the line to read next.
  var next = 0

  init(page: [String]) { self.page = page }

  /// The number of the line read last.
  var number: Int { next }

  mutating func line() -> String? {
    guard next < page.count else { return nil }
    next += 1
    return page[next - 1]
  }
}

// MARK: - Front matter

extension LessonParser {
  mutating func readFrontMatter(into lesson: inout Lesson) throws(LessonError) {
    guard line() == "---" else {
      throw LessonError(line: 1, "a lesson begins with its front matter: a line of three dashes")
    }
    var seen: [String] = []
    while let text = line(), text != "---" {
      guard !text.trimmed.isEmpty else { continue }
      guard let field = text.field else { throw LessonError(line: number, "‘\(text)’ is no ‘name: value’") }
      guard !seen.contains(field.name) else { throw LessonError(line: number, "\(field.name) is said twice") }
      guard !field.value.isEmpty else { throw LessonError(line: number, "\(field.name) has no value") }
      seen.append(field.name)
      try set(field.name, unquoted(field.value), in: &lesson)
    }
    guard page[number - 1] == "---" else {
      throw LessonError(line: 1, "the front matter is never closed by a line of three dashes")
    }
    for name in ["title", "summary"] where !seen.contains(name) {
      throw LessonError(line: number, "the front matter has no \(name)")
    }
  }

  /// YAML's quotes around a value, which a colon in it needs on a forge.
  private func unquoted(_ value: String) -> String {
    guard value.count >= 2, let quote = value.first, quote == "\"" || quote == "'", value.last == quote else {
      return value
    }
    return String(value.dropFirst().dropLast())
  }

  private func set(_ name: String, _ value: String, in lesson: inout Lesson) throws(LessonError) {
    switch name {
    case "title": lesson.title = value
    case "summary": lesson.summary = value
    case "clock": lesson.clock = value
    case "view": lesson.view = value
    case "seed":
      guard let seed = UInt64(value) else { throw LessonError(line: number, "‘\(value)’ is no seed: a whole number") }
      lesson.seed = seed
    case "after":
      let list = value.first == "[" && value.last == "]" ? String(value.dropFirst().dropLast()) : value
      lesson.after = list.split(separator: ",").map { String($0).trimmed }.filter { !$0.isEmpty }
    default:
      throw LessonError(
        line: number, "front matter knows no ‘\(name)’: it has title, summary, seed, after, clock, view")
    }
  }
}

// MARK: - Prose and blocks

extension LessonParser {
  mutating func readParts(into lesson: inout Lesson) throws(LessonError) {
    var prose: [String] = []
    while let text = line() {
      guard let fence = Fence(text) else {
        prose.append(text)
        continue
      }
      let opening = number
      let block = try readBlock(fence)
      switch fence.name {
      case "lab":
        lesson.parts.append(.init(prose: prose, task: .session(try commands(block, from: opening + 1))))
        prose = []
      case "ask":
        lesson.parts.append(.init(prose: prose, task: .question(try Question(block, from: opening + 1))))
        prose = []
      default:
        prose += [text] + block + [page[number - 1]]
      }
    }
    if prose.contains(where: { !$0.trimmed.isEmpty }) { lesson.parts.append(.init(prose: prose, task: .none)) }
    guard lesson.parts.contains(where: { $0.task != .none }) else {
      throw LessonError(line: max(number, 1), "there is no ```lab block and no ```ask block in it")
    }
  }

  /// The lines up to the closing fence, which is read, too.
  private mutating func readBlock(_ fence: Fence) throws(LessonError) -> [String] {
    let opening = number
    var block: [String] = []
    while let text = line() {
      if fence.isClosed(by: text) { return block }
      block.append(text)
    }
    throw LessonError(line: opening, "this block is never closed")
  }

  private func commands(_ block: [String], from first: Int) throws(LessonError) -> [Lesson.Command] {
    var commands: [Lesson.Command] = []
    for (index, text) in block.enumerated() {
      if text.hasPrefix("lab> ") || text == "lab>" {
        let command = String(text.dropFirst(5)).trimmed
        guard !command.isEmpty else { throw LessonError(line: first + index, "there is no command behind lab>") }
        commands.append(.init(line: first + index, text: command, expected: []))
      } else if commands.isEmpty {
        throw LessonError(line: first + index, "this stands before the first `lab> ` of its block")
      } else {
        commands[commands.count - 1].expected.append(text)
      }
    }
    guard !commands.isEmpty else {
      throw LessonError(line: first - 1, "this block has no line that begins with `lab> `")
    }
    return commands
  }
}

/// The line that opens a fenced block.
struct Fence {
  var ticks: Int
  var name: String

  init?(_ line: String) {
    ticks = line.prefix { $0 == "`" }.count
    name = String(line.dropFirst(ticks)).trimmed
    guard ticks >= 3, !name.contains("`") else { return nil }
  }

  func isClosed(by line: String) -> Bool {
    let mark = line.trimmed
    return mark.count >= ticks && mark.allSatisfy { $0 == "`" }
  }
}
