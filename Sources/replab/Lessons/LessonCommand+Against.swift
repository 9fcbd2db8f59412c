import Against
import Lab
import Lessons
import LineEdit
import RealRedis
import Views

extension Replab.LessonCommand.Test {
  /// Plays a lesson's servers and commands to real ones, and tells what they did otherwise.
  ///
  /// - Returns: whether they did the same.
  func compare(
    _ lesson: Lesson, of book: LessonCatalog.Book, from start: Session, with program: String, _ report: LessonReport
  )
    throws(Complaint) -> Bool
  {
    guard RealServer.find(program) != nil else {
      throw .usage("\(program) can't be run", advice: "On Debian, `apt-get install redis-server` brings it.")
    }
    var run = LessonRun(lesson, from: start)
    run.advance(toPart: lesson.parts.count, Session.lessonRunner) { Interrupt.requested }
    let outcome: Playback.Outcome
    do {
      outcome = try Playback(program: program, shouldStop: { Interrupt.requested }).play(run.state.timeline)
    } catch {
      throw .input("\(error)")
    }
    if Interrupt.requested { throw .interrupted }
    report.tell(outcome, of: book, program: program)
    return outcome.differences.isEmpty
  }
}

extension LessonReport {
  func tell(_ outcome: Playback.Outcome, of book: LessonCatalog.Book, program: String) {
    for difference in outcome.differences { tell(difference, of: book, program: program) }
    if isJSON {
      return output.write(
        JSON.object([
          ("lesson", .string(book.name)), ("against", .string(program)), ("branches", .number(outcome.branches)),
          ("actions", .number(outcome.actions)), ("connections", .number(outcome.connections)),
          ("differences", .number(outcome.differences.count)),
        ]).text + "\n")
    }
    let verdict = outcome.differences.isEmpty ? "same  " : "DIFFERS"
    let parts = [
      Self.counted(outcome.actions, "action"), Self.counted(outcome.connections, "replication link"),
      Self.counted(outcome.branches, "branch", plural: "branches"),
    ]
    output.write("\(verdict)  \(book.name) on \(program): \(parts.joined(separator: ", "))\n")
    for remark in outcome.remarks { output.write("        not played to its end: \(remark)\n") }
  }

  private func tell(_ difference: Playback.Difference, of book: LessonCatalog.Book, program: String) {
    let place = "branch \(difference.branch), moment \(difference.moment), \(difference.place)"
    guard !isJSON else {
      return errors.write(
        JSON.object([
          ("error", .string("a real server does otherwise")), ("lesson", .string(book.name)), ("place", .string(place)),
          ("lab", .string(difference.lab)), ("real", .string(difference.real)),
        ]).text + "\n")
    }
    errors.write("\(book.shownPath): a real server does otherwise at \(place)\n")
    errors.write("  lab:\n    \(difference.lab)\n  \(program):\n    \(difference.real)\n")
  }

  private static func counted(_ count: Int, _ thing: String, plural: String? = nil) -> String {
    count == 1 ? "1 \(thing)" : "\(count) \(plural ?? thing + "s")"
  }
}
