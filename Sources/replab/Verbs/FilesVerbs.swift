/// Files, and the lab itself: `save`, `source`, `history`, `help`, `quit`.
extension Verb {
  static let filesVerbs: [Verb] = [
    Verb(
      name: "save", family: .files, arguments: "FILE", summary: "write what was done here as a script",
      details: """
        The commands that succeeded, in order, under a first line that names the seed
        and the clock. Made executable, the file brings about the same bytes again.
        """,
      example: "save my.lab", offers: [.files, .nothing], isKept: false, run: { try $0.save($1) }),
    Verb(
      name: "source", family: .files, arguments: "FILE", summary: "run the commands of a file",
      details: """
        Runs the file line by line, as `replab run FILE` would, in this lab. It stops
        at the first command that fails and says where. Blank lines and lines that
        begin with # do nothing.
        """,
      example: "source transcripts/notes-full-sync.lab", offers: [.files, .nothing], isKept: false,
      run: { try $0.source($1) }),
    Verb(
      name: "history", family: .files, arguments: "[N]", summary: "list the last commands",
      details: "Lists what has been run in this lab, the last N commands of it.",
      example: "history 10", isKept: false, run: { try $0.listHistory($1) }),
    Verb(
      name: "help", shorts: ["h", "?"], family: .files, arguments: "[VERB]", summary: "list the verbs, or explain one",
      example: "help step", offers: [.verbs, .nothing], isKept: false, run: { try $0.help($1) }),
    Verb(
      name: "quit", shorts: ["q", "exit"], family: .files, summary: "leave the lab, as Ctrl-D does",
      example: "quit", isKept: false, run: { try $0.quit($1) }),
  ]
}

extension Session {
  fileprivate func save(_ arguments: Arguments) throws {
    let path = try arguments.required(0, "a file").text
    try arguments.atMost(1)
    let first = "#!/usr/bin/env -S replab run --seed \(seed) --clock \(TimeText.date(clock))\n"
    try writeFile(path, Array((first + history.map { $0 + "\n" }.joined()).utf8))
    answer(
      ["\(history.count) commands written to \(path)"],
      json: .object([("commands", .number(history.count)), ("file", .string(path))]))
  }

  fileprivate mutating func source(_ arguments: Arguments) throws {
    let path = try arguments.required(0, "a file").text
    try arguments.atMost(1)
    guard !sources.contains(path) else {
      throw Complaint.usage("\(path) is being read already: a script cannot source itself")
    }
    let script = try Script(path: path)
    sources.append(path)
    defer { sources.removeLast() }
    try script.run(in: &self)
  }

  fileprivate func listHistory(_ arguments: Arguments) throws {
    try arguments.atMost(1)
    let count = try arguments.number(0, or: history.count)
    for (index, line) in history.enumerated().suffix(count) {
      answer(["\(index + 1)  \(line)"], json: .object([("n", .number(index + 1)), ("line", .string(line))]))
    }
  }

  fileprivate mutating func quit(_ arguments: Arguments) throws {
    try arguments.atMost(0)
    isOver = true
  }

  fileprivate func help(_ arguments: Arguments) throws {
    try arguments.atMost(1)
    guard let name = arguments[0] else { return listVerbs() }
    guard let verb = Verb.exactly(name) ?? Verb.beginning(with: name) else {
      let nearest = Suggestion.nearest(to: name, among: Verb.all.map(\.name))
      throw Complaint.usage(
        "there is no verb ‘\(name)’", advice: nearest.map { "Did you mean ‘\($0)’?" } ?? "`help` lists the verbs.",
        column: arguments.words[0].column)
    }
    let also = verb.shorts.isEmpty ? "" : "   (also: \(verb.shorts.joined(separator: ", ")))"
    say(palette.ink(verb.synopsis, "1") + also)
    say("  " + verb.summary)
    if !verb.details.isEmpty { say("\n" + verb.details) }
    say("\nFor example:\n  lab> " + verb.example)
  }

  private func say(_ text: String) { output.write(text + "\n") }

  /// The table of verbs, by family, in 80 columns.
  private func listVerbs() {
    for family in Verb.Family.allCases {
      let verbs = Verb.all.filter { $0.family == family }
      guard !verbs.isEmpty else { continue }
      say(palette.ink(family.rawValue, "1"))
      for verb in verbs {
        let short = verb.shorts.first.map { " (\($0))" } ?? ""
        let left = verb.synopsis + short
        say("  " + left + String(repeating: " ", count: max(1, 32 - left.count)) + verb.summary)
      }
    }
  }
}
