import ArgumentParser
import Glibc
import Lessons
import LineEdit
import Views

extension Replab {
  /// `replab lesson`: lists the lessons, opens one, or tests them.
  struct LessonCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "lesson",
      abstract: "Lists the lessons with your progress, or opens one.",
      usage: "replab lesson [<name>] [--anew]\nreplab lesson test [<name or file> ...] [--update]",
      discussion: """
        In a lesson, Enter on an empty line has its next command typed. `hint`, `skip` and `again` help; everything \
        else that the lab knows works, too. Lessons are found in the folder `lessons` of the project that the program \
        was built in, or in the one that REPLAB_LESSONS names.
        """,
      subcommands: [Open.self, Test.self], defaultSubcommand: Open.self)

    @ParentCommand var parent: Replab
  }
}

extension Replab.LessonCommand {
  /// `replab lesson [NAME]`.
  struct Open: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists the lessons, or opens one.", usage: "replab lesson [<name>] [--anew] [<options>]")

    @Argument(help: "A lesson: its name, the beginning of it, its number, or a file.") var name: String?
    @Flag(help: "Begins the lesson anew, though it was left in the middle.") var anew = false
    @OptionGroup var options: Options
    @ParentCommand var parent: Replab.LessonCommand

    func run() throws {
      let onTerminal = isatty(STDIN_FILENO) == 1
      var session = try Session(options.over(parent.parent.options), forPrompt: onTerminal)
      guard let name else { return try session.listLessons(openedBy: "replab lesson") }
      try session.open(try LessonCatalog.book(name), anew: anew)
      if onTerminal {
        MainActor.assumeIsolated { Prompt.run(&session) }
      } else {
        try read(into: &session)
      }
    }

    /// Takes standard input line by line, as a person would type it: what fails is told, and the lesson goes on.
    private func read(into session: inout Session) throws {
      var reader = LineReader(.standardInput)
      while !session.isOver, let line = try reader.next() {
        session.tell { try $0.enter(line) }
        if Interrupt.requested { throw Complaint.interrupted }
      }
    }
  }
}

extension Replab.LessonCommand {
  /// `replab lesson test`: runs lessons unattended.
  struct Test: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Runs lessons unattended: every expectation checked, every question answered both ways.",
      usage: "replab lesson test [<name or file> ...] [<options>]",
      discussion: """
        Exit status: 0 all well, 1 an expectation failed, 2 wrong usage, 3 unreadable or malformed lesson, \
        130 interrupted.
        """)

    @Argument(
      help: ArgumentHelp("Lessons by name or number, or files; all if none is given.", valueName: "name or file"))
    var lessons: [String] = []
    @Flag(help: "Rewrites what the commands print, where it is not what stands there.") var update = false
    @Option(
      help: ArgumentHelp(
        "Also plays each lesson to real servers, such as redis-server, and compares what they do.",
        valueName: "program"))
    var against: String?
    @OptionGroup var options: Options
    @ParentCommand var parent: Replab.LessonCommand

    func run() throws {
      let options = options.over(parent.parent.options)
      let books = lessons.isEmpty ? try LessonCatalog().books : try lessons.map { try LessonCatalog.book($0) }
      let report = LessonReport(isJSON: options.json, isUpdating: update)
      var kinds: [Complaint.Kind] = []
      for book in books {
        do {
          let lesson = try book.lesson()
          let check = LessonCheck(of: lesson, from: try start(of: lesson, book), Session.lessonRunner) {
            Interrupt.requested
          }
          if check.isInterrupted || Interrupt.requested { throw Complaint.interrupted }
          if update { try rewrite(book, lesson, check) }
          report.tell(check, of: book)
          if check.failures.contains(where: { !(update && $0.isPrinted) }) { kinds.append(.expectation) }
          if let against, try !compare(lesson, of: book, from: start(of: lesson, book), with: against, report) {
            kinds.append(.expectation)
          }
        } catch let complaint as Complaint where complaint.kind != .interrupted {
          report.tell(complaint, of: book)
          kinds.append(complaint.kind)
        }
      }
      // What is malformed was not tried: that is worse than having failed.
      if let worst = kinds.max(by: { $0.exitStatus < $1.exitStatus }) { throw ExitCode(worst.exitStatus) }
    }

    /// The lab in which a lesson begins; what is wrong with its clock or view is wrong with its front matter.
    private func start(of lesson: Lesson, _ book: LessonCatalog.Book) throws(Complaint) -> Session {
      do {
        return try Session(for: lesson)
      } catch {
        throw Complaint.input(error.what, advice: error.advice).at(file: book.shownPath, line: 1)
      }
    }

    private func rewrite(_ book: LessonCatalog.Book, _ lesson: Lesson, _ check: LessonCheck) throws(Complaint) {
      guard check.page != lesson.page else { return }
      try replaceFile(book.path, Array(check.page.map { $0 + "\n" }.joined().utf8))
    }
  }
}

/// What `lesson test` says: a line for each lesson on standard output, and what failed on standard error.
struct LessonReport {
  var isJSON: Bool
  var isUpdating: Bool
  var output = Output.standardOutput
  var errors = Output.standardError

  func tell(_ check: LessonCheck, of book: LessonCatalog.Book) {
    let rewritten = isUpdating ? check.failures.filter(\.isPrinted).count : 0
    let failures = check.failures.filter { !(isUpdating && $0.isPrinted) }
    for failure in failures { tell(failure, of: book) }
    for warning in check.warnings { tell(warning, of: book, isWarning: true) }
    if isJSON {
      return write(
        .object([
          ("lesson", .string(book.name)), ("commands", .number(check.commands)),
          ("questions", .number(check.questions)),
          ("failures", .number(failures.count)), ("warnings", .number(check.warnings.count)),
          ("rewritten", .number(rewritten)),
        ]), to: output)
    }
    let parts =
      ["\(check.commands) commands", "\(check.questions) questions"]
      + (failures.isEmpty ? [] : ["\(failures.count) failed"]) + (isUpdating ? ["\(rewritten) rewritten"] : [])
    output.write("\(failures.isEmpty ? "ok    " : "FAILED")  \(book.name): \(parts.joined(separator: ", "))\n")
  }

  private func tell(_ failure: LessonCheck.Failure, of book: LessonCatalog.Book, isWarning: Bool = false) {
    guard !isJSON else {
      return write(
        .object([
          (isWarning ? "warning" : "error", .string(failure.what)), ("file", .string(book.shownPath)),
          ("line", .number(failure.line)),
          ("expected", .array(failure.expected.map { .string($0) })), ("got", .array(failure.got.map { .string($0) })),
        ]), to: errors)
    }
    errors.write("\(book.shownPath):\(failure.line): \(isWarning ? "warning: " : "")\(failure.what)\n")
    guard !failure.expected.isEmpty || !failure.got.isEmpty else { return }
    for (title, lines) in [("expected", failure.expected), ("got", failure.got)] {
      errors.write("  \(title):\(lines.isEmpty ? " nothing" : "")\n" + lines.map { "    \($0)\n" }.joined())
    }
  }

  func tell(_ complaint: Complaint, of book: LessonCatalog.Book) {
    if isJSON { return write(complaint.json, to: errors) }
    errors.write(complaint.text + "\n")
    output.write("FAILED  \(book.name): not run\n")
  }

  private func write(_ json: JSON, to output: Output) { output.write(json.text + "\n") }
}
