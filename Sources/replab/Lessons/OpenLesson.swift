import Lab
import Lessons
import LineEdit
import Redis
import Views

/// The lesson that is open in a session, and where one is in it.
struct OpenLesson {
  let book: LessonCatalog.Book
  /// The lesson behind this one, and its title where it has one. It is looked up once: a page is told of it after each line.
  let next: (name: String, title: String?)?
  /// Its states hold no lesson themselves.
  var run: LessonRun<Session>
  /// Whether it has been said what Enter does, and what one can do at a question.
  var isEnterExplained = false
  var isAnswerExplained = false
  /// Whether it has been said that the lab was put aside; true also where there was nothing in it.
  var isAsideTold = true
  /// Whether it has been said that progress cannot be kept.
  var isKeepingRefused = false

  var name: String { book.name }

  init(book: LessonCatalog.Book, run: LessonRun<Session>) {
    (self.book, self.run) = (book, run)
    next = (try? LessonCatalog())?.book(after: book).map { ($0.name, (try? $0.lesson())?.title) }
  }
}

// MARK: - What is typed

extension Session {
  /// What stands before the line that a person types, without the blank.
  var prompt: String {
    if case .question = lesson?.run.want { return "answer>" }
    return "lab>"
  }

  /// Takes a line from a person: to the lab or, where a lesson is open, to what the lesson waits for. An empty line has the
  /// lesson's command typed, or else does the last stepping command again.
  ///
  /// - Parameter isFromPage: a page has a button for what the lesson wants, whose line goes on with the lesson.
  mutating func enter(_ line: String, isFromPage: Bool = false) throws {
    let isBlank = line.allSatisfy(\.isWhitespace)
    switch lesson?.run.want {
    case .command(let command):
      guard isBlank || isSame(line, command.text) else { return try run(line) }
      if !isBlank, !isFromPage, isAside, looksOrSteps(line) { return try runAside(line) }
      if isBlank { typeOut(command.text) }
      let part = lesson?.run.part
      perform(command)
      goOn(from: part)
    case .question(let question):
      try takeAnswer(line, to: question)
    case .nothing, nil:
      if let line = isBlank ? repeatable : line { try run(line) }
    }
  }

  /// Whether a line says what the lesson wants typed: verbs by any of their names, commands as Redis reads them.
  private func isSame(_ line: String, _ wanted: String) -> Bool {
    func spelledOut(_ line: String) -> String {
      let words = line.split(separator: " ", maxSplits: 1)
      guard let first = words.first, !nodeNames.contains(String(first)),
        let verb = Verb.exactly(String(first))
      else { return line }
      return ([verb.name] + words.dropFirst().map(String.init)).joined(separator: " ")
    }
    guard let typed = CommandReading(spelledOut(line)), let wanted = CommandReading(spelledOut(wanted)) else {
      return line == wanted
    }
    return typed == wanted
  }

  /// Whether something was tried that has led away from the lesson's world.
  private var isAside: Bool {
    guard let own = lesson?.run.state.timeline else { return false }
    return timeline.world != own.world
  }

  /// Whether a line goes on, goes back or looks: what it says depends on where one is.
  private func looksOrSteps(_ line: String) -> Bool {
    guard let first = line.split(separator: " ").first, !nodeNames.contains(String(first)) else { return false }
    switch Verb.exactly(String(first))?.family {
    case .forwards, .backwards, .looking, .meaning: return true
    default: return false
    }
  }

  /// Runs what the lesson wants, too, but is meant for where one is: whoever tries something steps there.
  private mutating func runAside(_ line: String) throws {
    try run(line)
    if isAside { say("Done in what you try. Enter goes back to the lesson, which goes on with:", .dim) }
    showWant()
  }

  /// Runs the lesson's command in the lesson's own world. If it is interrupted, nothing has happened.
  private mutating func perform(_ command: Lesson.Command) {
    returnToLesson()
    guard let open = lesson else { return }
    // From a pipe, too: that is how the lesson was proved.
    let awaitsReplies = self.awaitsReplies
    self.awaitsReplies = false
    tell { try $0.run(command.text) }
    var next = self
    self.awaitsReplies = awaitsReplies
    guard !Interrupt.requested else { return adopt(open.run.state) }
    next.lesson = nil
    next.aside = []
    lesson?.run.accept(next)
  }

  /// Whatever was done besides, the lesson goes on from where it was itself.
  private mutating func returnToLesson() {
    guard let own = lesson?.run.state else { return }
    if timeline.world != own.timeline.world || timeline.breakpoints != own.timeline.breakpoints || view != own.view {
      say("The lesson goes on in its own world, as it was before what you tried.", .dim)
    }
    adopt(own)
  }
}

// MARK: - Questions

extension Session {
  /// Verbs that can be used while a question waits: they look, or are about the lesson.
  private static let whileAsked = ["lesson", "hint", "skip", "again", "help", "history", "quit", "print", "list"]

  private mutating func takeAnswer(_ line: String, to question: Question) throws {
    guard line.contains(where: { !$0.isWhitespace }) else {
      return say("Type an answer. `hint` helps, `skip` shows it.", .dim)
    }
    var answered = lesson?.run
    let verdict = answered?.answer(line, Self.lessonRunner) ?? .wrong
    let verb = line.split(separator: " ").first.flatMap { word in Verb.all.first { $0.name == word } }
    switch verdict {
    case .right:
      let part = lesson?.run.part
      if let answered { lesson?.run = answered }
      say("Right.", .heading)
      sayProse(question.why)
      goOn(from: part)
    case .wrong, .unreadable:
      if let verb, verb.family == .looking || verb.family == .meaning || Self.whileAsked.contains(verb.name) {
        return try run(line)
      }
      if let deed = labLine(line),
        question.kind != .command || answered.map({ !asks(question, for: deed, in: $0) }) ?? true
      {
        return say("`\(deed.words)` is for the lab>. Answer first, or `skip` the question.", .dim)
      }
      if case .unreadable(let what) = verdict { return say(what, .dim) }
      let remark = answered?.remark(on: line, Self.lessonRunner).map { " " + $0 } ?? ""
      say("That is not it.\(remark) Try again; `hint` helps, `skip` shows the answer.", .changed)
    }
  }

  /// What a line that is meant for the lab> begins with: a verb by its whole name, or a node and a command of Redis.
  private func labLine(_ line: String) -> (words: String, isVerb: Bool)? {
    let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
    guard let first = words.first else { return nil }
    if Verb.named(first) != nil { return (first, true) }
    guard words.count > 1, speakerNames.contains(first), CommandTable.find(Bytes(Array(words[1].utf8))) != nil else {
      return nil
    }
    return (first + " " + words[1], false)
  }

  /// Whether a question for a command wants one of this kind: where a verb of the lab is the answer, another one is a wrong answer.
  private func asks(_ question: Question, for deed: (words: String, isVerb: Bool), in run: LessonRun<Session>) -> Bool {
    run.answers(to: question, Self.lessonRunner).contains { answer in
      let isVerb = answer.split(separator: " ").first.map { Verb.named(String($0)) != nil } ?? false
      return isVerb == deed.isVerb
    }
  }

  private mutating func ask(_ question: Question) {
    sayProse(question.text)
    for (index, option) in question.options.enumerated() {
      show(
        ProseView.lines(option, width: width - 5).enumerated().map { line, text in
          Line(line == 0 ? "  \(Question.letter(index))) " : "     ") + text
        })
    }
    guard lesson?.isAnswerExplained == false else { return }
    lesson?.isAnswerExplained = true
    say("`hint` helps, `skip` shows the answer; info, x, list, view, why and explain work here, too.", .dim)
  }
}

// MARK: - Going on

extension Session {
  /// Opens a lesson: in a lab of its own, where it was left, or at its beginning.
  mutating func open(_ book: LessonCatalog.Book, anew: Bool) throws(Complaint) {
    let page = try book.lesson()
    let start = try Session(for: page)
    var open = OpenLesson(book: book, run: LessonRun(page, from: start))
    let entry = ProgressFile.read { show($0) }[book.name]
    sayTitle(of: page, book)
    let isLaidAside = layAside()
    let isBegun = !anew && entry.taken > 0 && entry.count == page.parts.count
    if isBegun {
      Interrupt.clear()
      open.run.advance(toPart: entry.taken, Self.lessonRunner) { Interrupt.requested }
      say(
        "You left it after part \(open.run.part) of \(page.parts.count), and go on there. "
          + "`lesson \(book.name) anew` begins it anew.", .dim)
    }
    adopt(open.run.state)
    open.isAsideTold = !isLaidAside
    lesson = open
    showPart()
  }

  /// Keeps the lab that there is before a lesson, to come back to; also one that a lesson has led to, once somebody plays
  /// on in it. False if there was nothing to keep.
  private mutating func layAside() -> Bool {
    if let open = lesson, !open.run.isDone || timeline.world == open.run.state.timeline.world { return false }
    var own = self
    own.lesson = nil
    own.aside = []
    aside = [own]
    return !own.isEmpty
  }

  /// Whether nothing has happened here.
  private var isEmpty: Bool { timeline.recording == nil && timeline.end == 0 && timeline.branches.count == 1 }

  /// `lesson off`: back to the lab that was put aside.
  mutating func leaveLesson() throws(Complaint) {
    _ = try openLesson()
    bringBack()
    answer(
      ["back in the lab, " + (isEmpty ? "which is empty" : "at moment \(timeline.position)")],
      json: .object([("moment", .number(timeline.position))]))
  }

  private mutating func bringBack() {
    lesson = nil
    guard let own = aside.popLast() else { return }
    adopt(own)
    lab = own.lab
  }

  /// Shows what is next: only what is wanted as long as one is in the same part.
  private mutating func goOn(from part: Int?) {
    guard let open = lesson, open.run.part != part else { return showWant() }
    note(open)
    showPart()
  }

  /// The prose of the part one is at, and what is wanted there; at the end, that it is the end.
  private mutating func showPart() {
    guard let run = lesson?.run else { return }
    let parts = run.lesson.parts
    let isLast = run.isDone && parts.last?.task == Lesson.Task.none
    if let part = isLast ? parts.last : parts.indices.contains(run.part) ? parts[run.part] : nil {
      // The title has been said.
      let title = part.prose.firstIndex { !$0.isEmpty }.flatMap {
        part.prose[$0] == "# \(run.lesson.title)" ? $0 : nil
      }
      sayProse(title.map { Array(part.prose[($0 + 1)...]) } ?? part.prose)
    }
    if case .command = run.want { say("") }
    // Behind the prose, which may be longer than a screen.
    if lesson?.isAsideTold == false {
      lesson?.isAsideTold = true
      say("Your lab is put aside; `lesson off` brings it back.", .dim)
    }
    if run.isDone { sayEnd() } else { showWant() }
  }

  private mutating func showWant() {
    switch lesson?.run.want {
    case .command(let command):
      if lesson?.isEnterExplained == false {
        lesson?.isEnterExplained = true
        say("Type this, or press Enter to have it typed for you. Other commands work, too.", .dim)
      }
      echo(command.text)
    case .question(let question): ask(question)
    case .nothing, nil: return
    }
  }

  /// Keeps how far one has come; where that fails, it is said once.
  private mutating func note(_ open: OpenLesson) {
    do {
      try ProgressFile.note(open.name, at: open.run.part, of: open.run.lesson.parts.count)
    } catch {
      guard !open.isKeepingRefused else { return }
      lesson?.isKeepingRefused = true
      show(.input(error.what, advice: "The lesson goes on; what you do is not remembered."))
    }
  }

  private mutating func sayEnd() {
    guard let open = lesson else { return }
    say("")
    say("You have finished the lesson “\(open.run.lesson.title)”.", .heading)
    if let next = open.next {
      say("The next one: `lesson \(next.name)`" + (next.title.map { ", “\($0)”" } ?? "") + ".")
    }
    guard let own = aside.last, !own.isEmpty else {
      return say("The lab stays open: play with what there is, or `lesson off` and begin your own. Ctrl-D leaves.")
    }
    bringBack()
    say("Your lab is back, at moment \(timeline.position).")
  }
}

// MARK: - The lesson's verbs

extension Session {
  mutating func giveHint() throws(Complaint) {
    switch try openLesson().run.want {
    case .question(let question): sayProse(question.hint)
    case .command(let command): say("The lesson goes on with `\(command.text)`: type it, or press Enter.")
    case .nothing:
      throw .usage("the lesson is done", advice: "`lesson` lists the lessons; `again` repeats the last part.")
    }
  }

  /// Does the rest of the part as the lesson would.
  mutating func skipPart() throws(Complaint) {
    let run = try openLesson().run
    switch run.want {
    case .question(let question):
      let answers = question.key == .printed ? [] : run.answers(to: question, Self.lessonRunner)
      say("The answer: " + (answers.first.map { question.shown($0) } ?? "see what the next command prints."), .heading)
      sayProse(question.why)
      lesson?.run.passOver()
    case .command:
      Interrupt.clear()
      var isShown = true  // the first one, as what is wanted
      while case .command(let command) = lesson?.run.want, lesson?.run.part == run.part, !Interrupt.requested {
        if !isShown { echo(command.text) }
        perform(command)
        isShown = false
      }
    case .nothing:
      throw .usage("the lesson is done", advice: "`lesson` lists the lessons; `again` repeats the last part.")
    }
    goOn(from: run.part)
  }

  /// Goes back to where the last part began.
  mutating func repeatPart() throws(Complaint) {
    _ = try openLesson()
    guard lesson?.run.again() == true, let own = lesson?.run.state else {
      throw .usage("this is the beginning of the lesson")
    }
    adopt(own)
    say("Back to where this part began.", .dim)
    showPart()
  }

  private func openLesson() throws(Complaint) -> OpenLesson {
    guard let lesson else { throw .usage("no lesson is open", advice: "`lesson` lists them, `lesson NAME` opens one.") }
    return lesson
  }
}

// MARK: - Saying it

extension Session {
  private func say(_ text: String, _ style: Style = .plain) {
    if isJSON { return text.isEmpty ? () : output.write(JSON.object([("lesson", .string(text))]).text + "\n") }
    show(text.isEmpty ? [Line()] : Line.filled(text, style, width: width))
  }

  private func sayProse(_ markdown: String) {
    sayProse(markdown.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
  }

  private func sayProse(_ markdown: [String]) {
    let lines = ProseView.lines(markdown, width: width)
    if isJSON {
      return output.write(JSON.object([("prose", .array(lines.map { .string($0.text) }))]).text + "\n")
    }
    guard !lines.isEmpty else { return }
    show([Line()] + lines)
  }

  /// A command of the lesson, as it would be typed.
  private func echo(_ command: String) {
    if isJSON { return output.write(JSON.object([("command", .string(command))]).text + "\n") }
    show([Line("  ▸ ", .dim) + Line(command, .heading)])
  }

  /// Puts a command behind the prompt where a person has pressed Enter, in the line above.
  private func typeOut(_ command: String) {
    guard isPrompt, output.isTerminal, environment("TERM") != "dumb" else { return }
    output.write("\u{1b}[A\r\(palette.ink(prompt, "1")) \(command)\n")
  }

  private func sayTitle(of page: Lesson, _ book: LessonCatalog.Book) {
    let number = book.number.map { "Lesson \($0): " } ?? ""
    say(number + page.title, .heading)
    say(page.summary, .dim)
  }
}

extension Question {
  /// A right answer as one shows it: an option with its letter and text.
  fileprivate func shown(_ answer: String) -> String {
    guard kind == .choice, let index = option(answer) else { return answer }
    return "\(Question.letter(index))) \(options[index])"
  }
}
