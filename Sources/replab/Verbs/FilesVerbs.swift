import Capture
import Lab
import RESP
import Views

/// Files, and the lab itself: `save`, `export`, `source`, `history`, `help`, `quit`.
extension Verb {
  static let filesVerbs: [Verb] = [
    Verb(
      name: "save", family: .files, arguments: "[--force] FILE",
      summary: "write the way to this moment as a script",
      details: """
        The seed, the clock, and the commands that lead straight to this moment,
        whatever ways were taken: `replab run FILE` brings about the same bytes again.
        At the prompt, a file that was there before is only written over with --force,
        unless the lab was read from it or saved in it. In a script, any file is.
        """,
      example: "save my.lab", offers: [.files], run: { try $0.save($1) }),
    Verb(
      name: "export", family: .files, arguments: "[--force] FILE [FROM-TO] ['link N'] [fold]",
      summary: "write what crossed the wire to a file",
      details: """
        All up to this moment, or steps FROM to TO of it, or one link; in the form that
        the file's name ends with:
        """ + "\n" + TranscriptFormat.table { ".\($0.endings[0])" } + """

          `fold` makes one line of all pings and acknowledgements in a row; pictures and
          Markdown do so by themselves where there are eight or more. At the prompt, a
          file that was there before is only written over with --force.
          """,
      example: "export sync.svg 20-60 fold",
      offers: [.files, .words(["link", "fold", "--force"])], run: { try $0.export($1) }),
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
      name: "repeat", family: .files, arguments: "N LINE", summary: "do a line N times, {i} in it being 1 … N",
      details: """
        Fills a backlog, for instance. Of what it prints, the first and the last is
        shown. It ends where the line fails, and with Ctrl-C.
        """,
      example: "repeat 1000 m SET key:{i} {i}", offers: [.nothing, .line], run: { try $0.repeatLine($1) }),
    Verb(
      name: "new", family: .files, summary: "begin an empty lab, with the same seed and clock", example: "new",
      run: { session, arguments in
        try arguments.atMost(0)
        let wasUnsaved = session.isForPerson && session.isUnsaved
        session.beginAnew()
        session.answer(
          ["an empty lab" + (wasUnsaved ? "; `history` lists what was typed in the one before" : "")],
          json: .object([("moment", .number(0))]))
      }),
    Verb(
      name: "history", family: .files, arguments: "[N]", summary: "list the last commands",
      details: "Lists what has been run in this lab, the last N commands of it.",
      example: "history 10", run: { try $0.listHistory($1) }),
    Verb(
      name: "help", shorts: ["h", "?"], family: .files, arguments: "[VERB|GROUP|all|commands]",
      summary: "list the verbs, or explain one",
      details: "`help commands` lists the commands of Redis that a node can run.",
      example: "help step", offers: [.families, .nothing], run: { try $0.help($1) }),
    Verb(
      name: "quit", shorts: ["q", "exit"], family: .files, summary: "leave the lab, as Ctrl-D does",
      example: "quit",
      run: { session, arguments in
        try arguments.atMost(0)
        session.isOver = session.mayLeave()
      }),
  ]
}

extension Session {
  /// Writes a file for whoever sits at the prompt: over none that somebody else has written, unless `--force` was given. A
  /// script was written with its files in mind, and can be run again.
  private mutating func write(_ path: String, _ bytes: [UInt8], for verb: Verb, isForced: Bool) throws(Complaint) {
    let isAsked = isPrompt && sources.isEmpty && !isForced && !ownFiles.contains(fullName(of: path))
    try writeFile(path, bytes, unless: isAsked ? "\(verb.name) --force \(InlineCommand.word(path.bytes))" : nil)
    ownFiles.insert(fullName(of: path))
  }

  fileprivate mutating func save(_ arguments: Arguments) throws {
    var arguments = arguments
    let isForced = arguments.take("--force")
    let path = try arguments.required(0, "a file").text
    try arguments.atMost(1)
    let (lines, hidden) = timeline.script(hidesPasswords: !showsPasswords)
    let first = "#!/usr/bin/env -S replab run\nseed \(seed)\nclock \(TimeText.date(clock))\n"
    try write(path, Array((first + lines.map { $0 + "\n" }.joined()).utf8), for: arguments.verb, isForced: isForced)
    if timeline.recording == nil { keptDeeds = timeline.deeds }
    answer(
      ["\(lines.count) commands written to \(path)"]
        + (hidden == 0 ? [] : ["passwords in it: \(hidden), written as other words; `passwords show` keeps them"]),
      json: .object([
        ("commands", .number(lines.count)), ("hiddenPasswords", .number(hidden)), ("file", .string(path)),
      ]))
  }

  fileprivate mutating func export(_ arguments: Arguments) throws {
    var arguments = arguments
    let isForced = arguments.take("--force")
    let path = try arguments.required(0, "a file")
    let part = try ExportPart(arguments, from: 1)
    guard let format = TranscriptFormat.forFile(path.text) else {
      let known = TranscriptFormat.all.map { ".\($0.endings[0])" }.joined(separator: ", ")
      throw Complaint.usage(
        "‘\(path.text)’ does not say in which form", advice: "Let its name end with one of \(known).",
        column: path.column)
    }
    let (bytes, count, remarks) = try transcript(in: format, for: path.text, part)
    try write(path.text, bytes, for: arguments.verb, isForced: isForced)
    answer(
      ["\(counted(count, "packet")) written to \(path.text)"] + remarks,
      json: .object(
        [("packets", .number(count)), ("file", .string(path.text))]
          + (remarks.isEmpty ? [] : [("remarks", .array(remarks.map { .string($0) }))])))
  }

  fileprivate mutating func source(_ arguments: Arguments) throws {
    let path = try arguments.required(0, "a file").text
    try arguments.atMost(1)
    guard !sources.contains(path) else {
      throw Complaint.usage("\(path) is being read already: a script cannot source itself")
    }
    let script = try Script(path: path)
    if sources.isEmpty { ownFiles.insert(fullName(of: Belongings.file(path))) }
    let wasUnsaved = isUnsaved
    sources.append(path)
    defer { sources.removeLast() }
    try script.run(in: &self, ifNoScript: Self.advice(forNoScript: path))
    // What comes from a file has been kept there.
    if !wasUnsaved, timeline.recording == nil { keptDeeds = timeline.deeds }
  }

  /// What reads a file that is no script, if its name tells.
  private static func advice(forNoScript path: String) -> String? {
    switch Replab.command(forFile: path) {
    case "replay": "`replay \(path)` steps through it."
    case "inspect": "`replab inspect \(path)`, in a shell, shows its bytes."
    default: nil
    }
  }

  fileprivate func listHistory(_ arguments: Arguments) throws {
    try arguments.atMost(1)
    let count = try arguments.number(0, or: history.count)
    for (index, line) in history.enumerated().suffix(count) {
      answer(["\(index + 1)  \(line)"], json: .object([("n", .number(index + 1)), ("line", .string(line))]))
    }
  }
}
