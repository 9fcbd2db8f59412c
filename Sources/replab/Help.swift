import Lab
import Redis
import Views

/// `help`: what one can type, on one screen; a group of verbs, a line each; one verb; a command of Redis's.
extension Session {
  func help(_ arguments: Arguments) throws {
    try arguments.atMost(2)
    guard let word = arguments.words.first else { return show(overview) }
    if word.text == "commands" { return listCommands() }
    if word.text == "all" { return Verb.Family.allCases.forEach(list) }
    // A verb is written small. What else is one is a command, `help SAVE` among them.
    if let verb = Verb.exactly(word.text), arguments.words.count == 1 { return explain(verb) }
    let name = arguments.words.map(\.text).joined(separator: "|").lowercased()
    let command = CommandTable.find(fullName: Bytes(name)) ?? CommandTable.findOfSentinel(fullName: Bytes(name))
    if let command { return explain(command) }
    try arguments.atMost(1)
    if let family = Verb.Family(rawValue: word.text.lowercased()) { return list(family) }
    if let verb = Verb.beginning(with: word.text) { return explain(verb) }
    let known = Verb.all.map(\.name) + Verb.Family.allCases.map(\.rawValue)
    let nearest = Suggestion.nearest(to: word.text, among: known)
    throw Complaint.usage(
      "there is no verb ‘\(word.text)’", advice: nearest.map { "Did you mean ‘\($0)’?" } ?? "`help` lists the verbs.",
      column: word.column)
  }

  private func say(_ text: String) { output.write(text + "\n") }

  private func explain(_ verb: Verb) {
    let also = verb.shorts.isEmpty ? "" : "   (also: \(verb.shorts.joined(separator: ", ")))"
    show([Line(verb.synopsis, .heading) + Line(also), Line("  " + verb.summary)])
    if !verb.details.isEmpty { show([Line()] + laidOut(verb.details)) }
    show([Line(), Line("For example:"), Line("  lab> " + verb.example)])
  }

  /// What was laid out for a page, filled again where the terminal is narrower; a list stays one.
  private func laidOut(_ text: String) -> [Line] {
    let rows = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard width < pageWidth else { return rows.map { Line($0) } }
    var paragraphs: [String] = []
    for (index, row) in rows.enumerated() {
      let isBegun = index > 0 && !rows[index - 1].isEmpty && !rows[index - 1].hasPrefix(" ")
      if isBegun, !row.isEmpty, !row.hasPrefix(" ") {
        paragraphs[paragraphs.count - 1] += " " + row
      } else {
        paragraphs.append(row)
      }
    }
    return paragraphs.map { Line($0) }
  }

  /// A command, as redis-cli's help has it.
  private func explain(_ command: Command) {
    guard let docs = CommandDocs.all[command.name] else { return }
    let name = command.name.replacing("|", with: " ").uppercased()
    // What does not fit goes on below the name.
    for (index, line) in Line.filled("\(name) \(docs.syntax)", width: width - 2).map(\.text).enumerated() {
      say(index == 0 ? palette.ink(name, "1") + line.dropFirst(name.count) : "  " + line)
    }
    var lines = [docs.summary]
    if let complexity = docs.complexity { lines.append("Complexity: " + complexity) }
    lines.append("Since \(docs.since), group \(docs.group).")
    if let since = docs.deprecatedSince {
      lines.append("Deprecated since \(since)\(docs.replacedBy.map { ": use " + $0 } ?? "").")
    }
    if !command.subcommands.isEmpty {
      let names = command.subcommands.map { $0.name.drop { $0 != "|" }.dropFirst().uppercased() }
      lines.append("Subcommands: " + names.joined(separator: ", "))
    }
    if command.runnable == nil { lines.append("The lab does not simulate it.") }
    for line in lines { for part in Line.filled(line, indent: 2, width: width) { say(part.text) } }
  }

  /// What can be said to a node, by what it is about.
  private func listCommands() {
    for (title, names) in CommandTable.simulated {
      // A name of two words stays on one line.
      let list = names.map { $0.replacing(" ", with: "\u{A0}") }.joined(separator: ", ")
      let lines = Line.filled(list, indent: 2, width: width).map { $0.text.replacing("\u{A0}", with: " ") }
      answer(
        [palette.ink(title, "1")] + lines,
        json: .object([("group", .string(title)), ("commands", .array(names.map { JSON.string($0) }))]))
    }
  }

  /// The verbs of a family: what a verb does stands beside it, or below where the verb takes more than its
  /// column.
  private func list(_ family: Verb.Family) {
    let verbs = Verb.all.filter { $0.family == family }
    guard !verbs.isEmpty else { return }
    say(palette.ink(family.title, "1"))
    for verb in verbs {
      let short = verb.shorts.first.map { " (\($0))" } ?? ""
      let left = verb.synopsis + short
      let column = width < pageWidth ? 6 : 34
      var lines = Line.filled(verb.summary, indent: column, width: width).map(\.text)
      if 2 + left.count < column {
        lines[0] = "  " + left + lines[0].dropFirst(2 + left.count)
      } else {
        lines.insert("  " + left, at: 0)
      }
      lines.forEach(say)
    }
  }

  /// All verbs by their families: what fits a screen of 24 rows.
  private var overview: [Line] {
    let groups = Verb.Family.allCases.flatMap { family -> [Line] in
      let names = Verb.all.filter { $0.family == family }.map { verb in
        // A short form stays with its verb.
        verb.name + (verb.shorts.first.map { "\u{a0}(\($0))" } ?? "")
      }
      return Line.filled(names.joined(separator: " "), indent: 11, width: width).enumerated().map { index, line in
        let names = line.text.dropFirst(11).replacing("\u{a0}", with: " ")
        return Line((index == 0 ? family.rawValue : "").padded(11), .heading) + Line(String(names))
      }
    }
    return [
      Line("`NODE COMMAND` sends a command to a node, as redis-cli would. To begin with:"),
      Line("  start m --port 7000", .heading), Line("  m SET hello world", .heading),
      Line("Other lines begin with a verb (in brackets is what is short for it):"), Line(),
    ] + groups
      + [Line()]
      + Line.filled(
        "`help start` explains a verb, `help nodes` lists a group, `help all` all; `help commands` lists what a node can run, `help SET` explains a command. Tab completes, Enter steps on.",
        width: width
      )
  }
}
