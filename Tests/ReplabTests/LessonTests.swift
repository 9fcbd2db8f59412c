import Foundation
import Lessons
import Testing

@testable import replab

/// A shelf of two small lessons, and a state folder, that a program run by a test takes for the user's.
struct LessonFixture {
  let folder = Folder()

  static let first = """
    ---
    title: A first lesson
    summary: A node, and a word kept in it.
    seed: 3
    ---
    # A first lesson

    This prose is **long** enough that it has to be broken into lines of a terminal, which are 80 columns wide; and it
    names `m SET titi toto`.

    - one
    - two

    ```lab
    lab> start m --port 7000
    lab> m SET titi toto
    OK
    ```

    ```ask
    How many keys are there?
    kind: number
    answer-from: m.keys
    hint: Count titi.
    why: There was none before.
    ```

    Now it is read again.

    ```lab
    lab> m GET titi
    "toto"
    ```

    ```ask
    Whose word is it?
    kind: choice
    - the client's
    - the replica's
    answer: a
    proof: a: toto
    hint: There is no replica.
    why: A client has set it.
    ```

    ## What you have learned

    That words are kept.

    """

  static let second = """
    ---
    title: A second lesson
    summary: What comes after.
    after: first
    ---
    ```lab
    lab> start m
    lab> nonsense
    there is no verb or node ‘nonsense’, at column 1
      `help` lists the verbs.
    ```

    """

  init() {
    folder.write("01-first.md", Self.first)
    folder.write("02-second.md", Self.second)
    folder.write("README.md", "Not a lesson.\n")
  }

  var environment: [String: String] { ["REPLAB_LESSONS": folder.root, "XDG_STATE_HOME": folder.path("state")] }
  var progress: String { folder.read("state/replab/lessons") }

  func replab(_ arguments: [String], _ input: String = "") throws -> Program.Outcome {
    try Program.run(Program.replab, arguments, input: input, environment: environment)
  }

  /// Replaces one text of a lesson.
  func change(_ file: String, _ before: String, _ after: String) {
    let page = folder.read(file)
    precondition(page.components(separatedBy: before).count == 2, "‘\(before)’ is not there once")
    folder.write(file, page.replacingOccurrences(of: before, with: after))
  }
}

@Suite("replab lesson test") struct LessonTestTests {
  @Test("runs all lessons, a line for each") func well() throws {
    let run = try LessonFixture().replab(["lesson", "test"])
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    #expect(run.output == "ok      first: 3 commands, 2 questions\nok      second: 2 commands, 0 questions\n")
  }

  @Test(
    "fails where one byte, one answer or one proof is changed, and says where",
    arguments: [
      ("\"toto\"", "\"tutu\"", 32, "expected:\n    \"tutu\"\n  got:\n    \"toto\""),
      ("\nOK\n", "\nKO\n", 17, "    OK\n"),
      ("answer: a", "answer: b", 41, "this proves ‘a’, and the answer is ‘b’"),
      ("proof: a: toto", "proof: a: tata", 41, "nothing that the lesson prints holds ‘tata’"),
      ("proof: a: toto\n", "", 40, "nothing proves the answer ‘a’"),
      ("m.keys", "r.keys", 23, "its answer cannot be computed here"),
    ])
  func broken(before: String, after: String, line: Int, said: String) throws {
    let fixture = LessonFixture()
    fixture.change("01-first.md", before, after)
    let run = try fixture.replab(["lesson", "test"])
    #expect(run.status == 1)
    #expect(run.errors.hasPrefix("\(fixture.folder.path("01-first.md")):\(line): "), "\(run.errors)")
    #expect(run.errors.contains(said), "\(run.errors)")
    #expect(run.output == "FAILED  first: 3 commands, 2 questions, 1 failed\nok      second: 2 commands, 0 questions\n")
  }

  @Test("A page that is no lesson is status 3, with its line; the others are run") func malformed() throws {
    let fixture = LessonFixture()
    fixture.change("01-first.md", "kind: choice", "kind: riddle")
    let run = try fixture.replab(["lesson", "test"])
    #expect(run.status == 3)
    #expect(
      run.errors.hasPrefix("\(fixture.folder.path("01-first.md")):37: there is no kind ‘riddle’"), "\(run.errors)")
    #expect(run.output == "FAILED  first: not run\nok      second: 2 commands, 0 questions\n")
  }

  @Test("A lesson is named by its name, its number, a beginning, or its file", arguments: ["first", "1", "fi", "FILE"])
  func names(name: String) throws {
    let fixture = LessonFixture()
    let run = try fixture.replab(["lesson", "test", name == "FILE" ? fixture.folder.path("01-first.md") : name])
    #expect(run.output == "ok      first: 3 commands, 2 questions\n", "\(run.errors)")
  }

  @Test("There is no such lesson: status 2, with the nearest one") func unknown() throws {
    let run = try LessonFixture().replab(["lesson", "test", "frist"])
    #expect(run.status == 2)
    #expect(run.errors == "replab: there is no lesson ‘frist’\n  Did you mean ‘first’?\n")
  }

  @Test("--update rewrites what is printed, and nothing else") func update() throws {
    let fixture = LessonFixture()
    fixture.change("01-first.md", "\"toto\"", "\"tutu\"\n...\nmore")
    let run = try fixture.replab(["lesson", "test", "--update"])
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    #expect(run.output.hasPrefix("ok      first: 3 commands, 2 questions, 1 rewritten\n"), "\(run.output)")
    #expect(fixture.folder.read("01-first.md") == LessonFixture.first)
    #expect(try fixture.replab(["lesson", "test"]).status == 0)
  }

  @Test("Under --json each lesson is one object") func json() throws {
    let run = try LessonFixture().replab(["lesson", "test", "--json", "first"])
    #expect(
      run.output == #"{"lesson":"first","commands":3,"questions":2,"failures":0,"warnings":0,"rewritten":0}"# + "\n")
  }

  @Test("No letter is the right one of the project's choices more often than all others together") func letters() throws
  {
    var counts: [Int: Int] = [:]
    let folder = Program.root + "/lessons"
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasSuffix(".md") {
      let lesson = try Lesson(String(contentsOfFile: folder + "/" + name, encoding: .utf8))
      for case .question(let question) in lesson.parts.map(\.task) where question.kind == .choice {
        guard case .given(let answers) = question.key else { continue }
        counts[try #require(answers.first.flatMap(question.option)), default: 0] += 1
      }
    }
    let all = counts.values.reduce(0, +)
    #expect(all > 30)
    for (option, count) in counts { #expect(count * 2 <= all, "\(Question.letter(option)): \(count) of \(all)") }
  }

  @Test("The project's lessons print what they show, and their answers are proved") func project() throws {
    let run = try Program.run(
      Program.replab, ["lesson", "test"], environment: ["REPLAB_LESSONS": Program.root + "/lessons"])
    #expect(run.status == 0, "\(run.errors)\n\(run.output)")
  }
}

@Suite("The worlds of a lesson") struct LessonWorldTests {
  private let runner = Session.lessonRunner

  private func play() throws -> LessonRun<Session> {
    let lesson = try Lesson(LessonFixture.first)
    return LessonRun(lesson, from: try Session(for: lesson))
  }

  @Test("Wrong answers leave the world the very one that it was") func wrong() throws {
    var play = try play()
    play.advance(toPart: 1, runner)
    let before = play.state.timeline.world
    for given in ["2", "", "kill m", "m SET a b"] {
      let verdict = play.answer(given, runner)
      #expect(verdict != .right && play.part == 1)
    }
    #expect(play.state.timeline.world == before)
  }

  @Test("Going back and through it again comes to the very same world as going straight") func again() throws {
    var (straight, winding) = (try play(), try play())
    straight.advance(toPart: 99, runner)
    winding.advance(toPart: 2, runner)
    let before = winding.state.timeline.world
    winding.perform(runner)
    #expect(winding.state.timeline.world != before)
    let isBack = winding.again() && winding.again()
    #expect(isBack && winding.part == 1)
    winding.advance(toPart: 2, runner)
    #expect(winding.state.timeline.world == before)
    winding.advance(toPart: 99, runner)
    #expect(winding.state.timeline.world == straight.state.timeline.world)
  }
}
