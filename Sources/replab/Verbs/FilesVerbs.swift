import Capture
import Lab
import Redis
import Views

/// Files, and the lab itself: `save`, `export`, `source`, `history`, `help`, `quit`.
extension Verb {
  static let filesVerbs: [Verb] = [
    Verb(
      name: "save", family: .files, arguments: "FILE", summary: "write the way to this moment as a script",
      details: """
        The seed, the clock, and the commands that lead straight to this moment,
        whatever ways were taken: `replab run FILE` brings about the same bytes again.
        """,
      example: "save my.lab", offers: [.files, .nothing], run: { try $0.save($1) }),
    Verb(
      name: "export", family: .files, arguments: "FILE", summary: "write what crossed the wire to a file",
      details: """
        All packets up to this moment, in the form that the file's name ends with:
        """ + "\n" + TranscriptFormat.table { ".\($0.endings[0])" },
      example: "export sync.pcap", offers: [.files, .nothing], run: { try $0.export($1) }),
    Verb(
      name: "seed", family: .files, arguments: "N", summary: "begin with another seed, as --seed does",
      details: """
        The seed settles all that Redis leaves to chance: ids, marks, ports, sequence
        numbers. Only in an empty lab.
        """,
      example: "seed 7", offers: [.nothing],
      run: { session, arguments in
        let word = try arguments.required(0, "a number")
        try arguments.atMost(1)
        guard let seed = UInt64(word.text) else {
          throw Complaint.usage("‘\(word.text)’ is not a whole number", column: word.column)
        }
        try session.begin(seed: seed)
      }),
    Verb(
      name: "clock", family: .files, arguments: "[DATE]", summary: "tell the time, or begin at another one",
      details: """
        With a date, in UTC, the lab begins then, as with --clock; only in an empty lab.
        Later, `advance` lets time pass.
        """,
      example: "clock 2023-06-09T13:26:20Z", offers: [.nothing],
      run: { session, arguments in
        try arguments.atMost(1)
        if let word = arguments.words.first { return try session.begin(clock: TimeText.instant(word.text)) }
        let now = TimeText.date(session.timeline.world.now)
        session.answer([now], json: .object([("clock", .string(now))]))
      }),
    Verb(
      name: "source", family: .files, arguments: "FILE", summary: "run the commands of a file",
      details: """
        Runs the file line by line, as `replab run FILE` would, in this lab. It stops
        at the first command that fails and says where. Blank lines and lines that
        begin with # do nothing.
        """,
      example: "source transcripts/notes-full-sync.lab", offers: [.files, .nothing],
      run: { try $0.source($1) }),
    Verb(
      name: "history", family: .files, arguments: "[N]", summary: "list the last commands",
      details: "Lists what has been run in this lab, the last N commands of it.",
      example: "history 10", run: { try $0.listHistory($1) }),
    Verb(
      name: "help", shorts: ["h", "?"], family: .files, arguments: "[VERB|commands]",
      summary: "list the verbs, or explain one",
      details: "`help commands` lists the commands of Redis that a node can run.",
      example: "help step", offers: [.verbs, .nothing], run: { try $0.help($1) }),
    Verb(
      name: "quit", shorts: ["q", "exit"], family: .files, summary: "leave the lab, as Ctrl-D does",
      example: "quit", run: { try $0.quit($1) }),
  ]
}

extension Session {
  fileprivate func save(_ arguments: Arguments) throws {
    let path = try arguments.required(0, "a file").text
    try arguments.atMost(1)
    let (lines, hidden) = timeline.script(hidesPasswords: !showsPasswords)
    let first = "#!/usr/bin/env -S replab run\nseed \(seed)\nclock \(TimeText.date(clock))\n"
    try writeFile(path, Array((first + lines.map { $0 + "\n" }.joined()).utf8))
    answer(
      ["\(lines.count) commands written to \(path)"]
        + (hidden == 0 ? [] : ["passwords in it: \(hidden), written as other words; `passwords show` keeps them"]),
      json: .object([
        ("commands", .number(lines.count)), ("hiddenPasswords", .number(hidden)), ("file", .string(path)),
      ]))
  }

  fileprivate func export(_ arguments: Arguments) throws {
    let path = try arguments.required(0, "a file")
    try arguments.atMost(1)
    guard let format = TranscriptFormat.forFile(path.text) else {
      let known = TranscriptFormat.all.map { ".\($0.endings[0])" }.joined(separator: ", ")
      throw Complaint.usage(
        "‘\(path.text)’ does not say in which form", advice: "Let its name end with one of \(known).",
        column: path.column)
    }
    let (bytes, count) = transcript(in: format)
    try writeFile(path.text, bytes)
    answer(
      ["\(count) packets written to \(path.text)"],
      json: .object([("packets", .number(count)), ("file", .string(path.text))]))
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
    if name == "commands" { return listCommands() }
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

  /// What can be said to a node, by what it is about.
  private func listCommands() {
    for (title, names) in CommandTable.simulated {
      // A name of two words stays on one line.
      let list = names.map { $0.replacing(" ", with: "\u{A0}") }.joined(separator: ", ")
      let lines = Line.filled(list, indent: 2).map { $0.text.replacing("\u{A0}", with: " ") }
      answer(
        [palette.ink(title, "1")] + lines,
        json: .object([("group", .string(title)), ("commands", .array(names.map { JSON.string($0) }))]))
    }
  }

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
