import Lessons
import Redis
import Views

extension Session {
  /// A lab as a lesson wants it, which prints to memory.
  ///
  /// - Throws: where the lesson's clock or view is none.
  init(for lesson: Lesson) throws(Complaint) {
    var options: Options
    do { options = try .none() } catch { throw .usage("\(error)") }
    options.seed = lesson.seed
    options.clock = lesson.clock
    options.view = lesson.view
    options.color = .never
    try self.init(options, forPrompt: false)
    awaitsReplies = false
    output = Output()
    errors = output
  }

  /// Runs a line and returns the lines that it prints, a complaint among them: what stands under a `lab> ` in a document.
  mutating func printed(by line: String) -> [String] {
    let screen = Output()
    let (before, beforeErrors, beforePalette, wasForPerson) = (output, errors, palette, isForPerson)
    (output, errors) = (screen, screen)
    palette.isColoured = false
    isForPerson = false
    defer { (output, errors, palette, isForPerson) = (before, beforeErrors, beforePalette, wasForPerson) }
    tell { session in try session.run(line) }
    var lines = String(decoding: screen.kept, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last == "" { lines.removeLast() }
    return lines.map(String.init)
  }

  /// Does something, and shows what it throws.
  mutating func tell(_ body: (inout Session) throws -> Void) {
    do {
      try body(&self)
    } catch let complaint as Complaint {
      show(complaint)
    } catch {
      show(.input("\(error)"))
    }
  }

  /// Runs a lesson's commands on sessions, out of sight.
  static let lessonRunner = Runner<Session>(
    run: { session, line in session.printed(by: line) }, world: { $0.timeline.world })
}
