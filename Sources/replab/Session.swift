import Lab
import LineEdit
import Redis
import Views

/// Where a person typed a line.
enum Typist: String {
  case prompt
  case page
}

/// One sitting at the lab, typed or from a script: the timeline, how it is shown, and what was typed.
struct Session {
  var output = Output.standardOutput
  var errors = Output.standardError
  let isJSON: Bool
  var palette: Palette
  /// Whether a person types (Enter repeats, complaints do not end it).
  let isPrompt: Bool
  /// Whether a person reads what is printed, at a terminal.
  var isForPerson: Bool

  /// How a step is shown.
  var view = View.arrows
  /// Whether `view … full` was said: messages are shown whole.
  var showsWhole = false
  /// What `set limit` was given; nil as long as nothing was.
  var rowLimit: RowLimit?
  /// Whether passwords may be seen, in views and in files.
  var showsPasswords = false

  private(set) var seed: UInt64
  private(set) var clock: Instant
  var timeline: Timeline

  /// What has been run and has succeeded, in order: what `history` lists.
  var history: [String] = []
  /// The lab that was put aside for a recording, to come back to.
  var lab: Timeline?
  /// The session that was put aside for a lesson, to come back to. (An array, since a session can't hold one.)
  var aside: [Session] = []
  /// What had been done in this lab when it was last saved, or read from a file.
  var keptDeeds: [Action] = []
  /// The files that `save` and `export` have written, and those from which the lab was read, by their full names: they
  /// are written again without a question.
  var ownFiles: Set<String> = []
  /// Whether it has just been said how to keep the lab: the last line was `quit`.
  var isKeepingExplained = false
  /// The last stepping line, which Enter on an empty line repeats.
  var repeatable: String?
  /// The nodes that follow themselves, as far as the user has been told.
  private var loopsSeen: [String] = []
  /// The directives without effect of which the user has been told.
  private var idleSeen: Set<String> = []
  /// The nodes of whose rewritten configuration files the user has been told.
  var rewritesSeen: Set<String> = []
  /// What nodes answered last to each question, to tell where the data went back in time.
  var reads: [[[UInt8]]: AnsweredRead] = [:]
  /// The lesson that is open.
  var lesson: OpenLesson?
  /// Whether a node's own client waits for its reply before the next line, as in a script. A person sees time go by, at
  /// the prompt and in a lesson.
  var awaitsReplies: Bool
  /// What long verbs ask whether to stop: Ctrl-C at the prompt and in scripts.
  var shouldStop: @Sendable () -> Bool = { Interrupt.requested }
  /// The pages that look at the session, once there is an address for them.
  var pages: PageHost?
  /// The line that a person typed, until pages are told that it begins.
  var entered: String?
  /// Whether panes stand above the prompt (`layout`).
  var hasPanes = false
  /// Set by `quit`.
  var isOver = false
  /// Whether a line is being repeated.
  var isRepeating = false
  /// Scripts being read, outermost first: `source` must not read a file within itself.
  var sources: [String] = []

  init(_ options: Options, forPrompt isPrompt: Bool) throws(Complaint) {
    self.isPrompt = isPrompt
    awaitsReplies = !isPrompt
    isJSON = options.json
    isForPerson = isPrompt && output.isTerminal && !options.json
    palette = Palette(options.color ?? .auto, for: output)
    showsPasswords = options.showPasswords
    seed = options.seed ?? 1
    if let date = options.clock { clock = try TimeText.instant(date) } else { clock = .defaultLabClock }
    if let name = options.view {
      guard let chosen = View(rawValue: name) else {
        let nearest = Suggestion.nearest(to: name, among: View.allCases.map(\.rawValue)).map { "Did you mean ‘\($0)’?" }
        let known = "There are: " + View.allCases.map(\.rawValue).joined(separator: ", ") + "."
        throw .usage("--view: there is no view ‘\(name)’", advice: nearest ?? known)
      }
      view = chosen
    }
    timeline = Timeline(seed: seed, clock: clock)
  }

  /// A line that a person typed: it is run, and all pages are told of it. At the prompt one that was typed in a page shows as
  /// if it had been typed there.
  mutating func enter(_ line: String, by typist: Typist) {
    if typist == .page, isPrompt { output.write(palette.ink("\(prompt) \(line)", "2") + "\n") }
    let pages = pages
    if pages != nil {
      entered = line
      output.beginCopy()
      if errors !== output { errors.beginCopy() }
    }
    tell { try $0.enter(line, isFromPage: typist == .page) }
    if Interrupt.requested { show(.interrupted) }
    guard let pages else { return }
    let printed = output.endCopy() + (errors !== output ? errors.endCopy() : [])
    pages.tell(self, line: line, by: typist, printed: printed)
  }

  /// Runs one line. Blank lines and lines that begin with `#` do nothing. Where it fails, the world is as it was
  /// unless time passed before.
  ///
  /// - Throws: a `Complaint`.
  mutating func run(_ line: String) throws {
    guard try !Self.isSilent(line) else { return }
    Interrupt.clear()
    // Not before: what a page asks to stop from here on is this line.
    if let entered { pages?.tellOfBeginning(entered, self) }
    entered = nil
    try perform(line)
    history.append(line)
  }

  private static func isSilent(_ line: String) throws(Complaint) -> Bool {
    guard let first = try Words.split(line).first else { return true }
    return first.text.hasPrefix("#")
  }

  /// Runs one line of a row of them, which Ctrl-C ends: it is not forgotten here.
  mutating func perform(_ line: String) throws {
    let words = try Words.split(line)
    guard let first = words.first else { return }
    repeatable = nil
    timeline.patience = shouldStop
    let arguments = Array(words.dropFirst())
    do {
      let verb = try verb(at: words, in: line)
      if verb?.name != "quit" { isKeepingExplained = false }
      if let verb {
        if timeline.recording != nil, !verb.worksOnRecordings { throw Complaint.recording(verb) }
        if verb.isStepping { repeatable = line }
        try verb.run(&self, Arguments(verb: verb, words: arguments, line: line))
      } else {
        try runClientCommand(on: first.text, arguments)
      }
      warnOfLoops()
      warnOfIdleDirectives()
      tellOfRewrittenFiles()
    } catch let error as LabError where error == .interrupted {
      throw Complaint(.interrupted, error.what, advice: Complaint.sentence(error.advice))
    } catch let error as LabError {
      // Columns of the lab count from the first argument on: what the verb handed over.
      let column = error.column.map { $0 + (arguments.first?.column ?? 1) - 1 }
      throw Complaint.usage(error.what, advice: Complaint.sentence(error.advice), column: column)
    }
  }

  /// Says of a node that was told to follow itself, once, what Redis leaves one to find out: it asks, and refuses
  /// itself as a master that has no link to its own master, every second.
  private mutating func warnOfLoops() {
    let loops = timeline.world.machines.filter { $0.isItsOwnMaster }.map(\.name)
    for name in loops where !loopsSeen.contains(name) {
      show(
        .usage(
          "\(name) is to replicate itself, and will refuse itself every second",
          advice: "`\(name) REPLICAOF NO ONE` ends that."))
    }
    loopsSeen = loops
  }

  /// Says of directives that a node took and that change nothing here, once, that it is so.
  private mutating func warnOfIdleDirectives() {
    let idle = timeline.world.machines.flatMap { $0.node?.configuration.idle ?? [] }
    var names: [String] = []
    for name in idle where idleSeen.insert(name).inserted { names.append(name) }
    guard let last = names.last else { return }
    let all = names.count == 1 ? last : names.dropLast().joined(separator: ", ") + " and " + last
    show(.usage("\(all) \(names.count == 1 ? "has" : "have") no effect in the lab"))
  }

  /// The verb that a line begins with, or nil for a node's name.
  private func verb(at words: [Word], in line: String) throws(Complaint) -> Verb? {
    let word = words[0]
    if speakerNames.contains(word.text), Verb.named(word.text) == nil { return nil }
    if let verb = Verb.exactly(word.text) { return verb }
    // `del` is no `delete`, nor `exp` an EXPIRE.
    if CommandTable.find(Bytes(word.bytes)) != nil { throw whichNode(words, in: line) }
    if let verb = Verb.beginning(with: word.text) { return verb }
    if let complaint = Self.elsewhere(word) { throw complaint }
    if words.count > 1, CommandTable.find(Bytes(words[1].bytes)) != nil {
      let start =
        timeline.recording == nil
        ? "Start it first, as in: start \(word.text) --port 7000" : nodeNames.isEmpty ? nil : speakers
      let nearest = Suggestion.nearest(to: word.text, among: speakerNames).map { "Did you mean ‘\($0)’?" }
      throw .usage(
        "there is no node ‘\(word.text)’",
        advice: nearest ?? start, column: word.column)
    }
    let known = Verb.all.flatMap { [$0.name] + $0.shorts } + speakerNames
    let nearest = Suggestion.nearest(to: word.text, among: known)
    throw .usage(
      "there is no verb or node ‘\(word.text)’",
      advice: nearest.map { "Did you mean ‘\($0)’?" } ?? "`help` lists the verbs.",
      column: word.column)
  }

  /// What is said to someone who types what is understood elsewhere: in the shell, or in an editor.
  private static func elsewhere(_ word: Word) -> Complaint? {
    if word.text == "undo" {
      return .usage("there is no verb ‘undo’", advice: "`back` undoes the last message.", column: word.column)
    }
    guard Replab.commandNames.contains(word.text) else { return nil }
    return .usage(
      "`replab \(word.text)` is a command of the shell, not of this prompt",
      advice: word.text == "run" ? "`source FILE` runs a script here." : "Leave with `quit`, or use another terminal.",
      column: word.column)
  }

  /// What is asked of someone who has typed a command of Redis as into redis-cli, which knows its server.
  func whichNode(_ words: [Word], in line: String) -> Complaint {
    let name = words[0].text.uppercased()
    if timeline.recording != nil { return .recording(name) }
    let arguments =
      words.count > 1 ? " " + String(decoding: line.utf8.dropFirst(words[1].column - 1), as: UTF8.self) : ""
    guard let first = nodeNames.first else {
      return .usage(
        "which node? There is none yet",
        advice: "Start one first, as in: start m --port 7000. Then: m \(name)\(arguments)")
    }
    return .usage("which node? `\(first) \(name)\(arguments)`", advice: speakerNames.count > 1 ? speakers : nil)
  }

  /// Begins anew with another seed or clock, which a script may settle before anything has happened.
  mutating func begin(seed: UInt64? = nil, clock: Instant? = nil) throws(Complaint) {
    guard timeline.recording == nil else {
      throw .usage("this is a recording: its time and its chance are those of the people who made it")
    }
    guard timeline.end == 0, timeline.branches.count == 1 else {
      throw .usage(
        "the seed and the clock can only be set before anything has happened",
        advice: "`new` begins an empty lab.")
    }
    self.seed = seed ?? self.seed
    self.clock = clock ?? self.clock
    let breakpoints = timeline.breakpoints
    guard breakpoints.isEmpty else {
      throw .usage("the seed and the clock come before breakpoints and displays", advice: "`delete` removes them.")
    }
    timeline = Timeline(seed: self.seed, clock: self.clock)
  }

  /// Begins an empty lab, with the same seed and clock.
  mutating func beginAnew() {
    timeline = Timeline(seed: seed, clock: clock)
    lab = nil
    (loopsSeen, keptDeeds) = ([], [])
  }

  /// Takes over another session's lab: its timeline and how it is shown. What was typed stays.
  mutating func adopt(_ other: Session) {
    (seed, clock, timeline, view) = (other.seed, other.clock, other.timeline, other.view)
    (loopsSeen, keptDeeds) = (other.loopsSeen, other.keptDeeds)
    repeatable = nil
  }

  var nodeNames: [String] { timeline.world.names }
  /// What may stand before a command: a node, or one of the prompt's other clients.
  var speakerNames: [String] { nodeNames + clientNames }
  private var clientNames: [String] { timeline.world.clients.map(\.name) }
  /// The same for a person.
  private var speakers: String {
    let clients = clientNames.isEmpty ? "" : "; clients: \(clientNames.joined(separator: ", "))"
    return "There are: \(nodeNames.joined(separator: ", "))\(clients)."
  }

  /// Tells what went wrong, on standard error; the lab goes on.
  func show(_ complaint: Complaint) {
    errors.write((isJSON ? complaint.json.text : palette.ink(complaint.text(width: width), "31")) + "\n")
  }

  /// Prints what a verb has to say: lines of text or, under `--json`, the object.
  func answer(_ text: @autoclosure () -> [String], json: @autoclosure () -> JSON) {
    if isJSON { return output.write(json().text + "\n") }
    // What has colours already is a title, and short.
    for line in text() {
      let parts = line.contains("\u{1b}") ? [line] : fitted([Line(line)]).map(\.text)
      for part in parts { output.write(part + "\n") }
    }
  }
}
