import Testing

@testable import Lessons

@Suite("The way through a lesson") struct PlayTests {
  private func play() throws -> LessonRun<Counter> { LessonRun(try Lesson(TrialTests.page), from: Counter()) }

  @Test("Commands and right answers lead on, to the end") func through() throws {
    var play = try play()
    var printed = play.perform(Counter.runner)
    #expect(printed == ["(integer) 1", "one"])
    #expect(play.commandsDone == 1 && play.part == 0)
    printed = play.perform(Counter.runner)
    #expect(printed == ["no such thing"])
    for answer in ["one", "2", "two", "4s"] {
      let verdict = play.answer(answer, Counter.runner)
      #expect(verdict == .right, "\(answer)")
    }
    play.perform(Counter.runner)
    #expect(play.isDone && play.state.words == ["one", "two"])
    printed = play.perform(Counter.runner)
    let verdict = play.answer("1", Counter.runner)
    #expect(printed.isEmpty && verdict == .wrong && play.isDone)
  }

  @Test("A wrong answer changes nothing, nor does one that is none") func wrong() throws {
    var play = try play()
    play.advance(toPart: 1, Counter.runner)
    let before = play
    for given in ["2", "", "x", "1 or 2", "one more 1"] {
      let verdict = play.answer(given, Counter.runner)
      #expect(verdict != .right)
    }
    #expect(play.part == before.part && play.state == before.state)
    // A prediction runs the next command, out of sight.
    play.passOver()
    let verdict = play.answer("17", Counter.runner)
    #expect(verdict == .wrong && play.state == before.state && play.part == 2)
  }

  @Test("again goes back to where the part began that was done last, with the very same state") func again() throws {
    var play = try play()
    var isBack = play.again()
    #expect(!isBack)
    play.perform(Counter.runner)
    isBack = play.again()
    #expect(isBack)
    #expect(play.part == 0 && play.commandsDone == 0 && play.state == Counter())
    play.advance(toPart: 99, Counter.runner)
    #expect(play.isDone && play.state.words == ["one", "two"])
    isBack = play.again()
    #expect(isBack)
    #expect(play.part == 5 && play.state.words == ["one"])
    isBack = play.again()
    #expect(isBack)
    #expect(play.part == 4)
    while play.again() {}
    #expect(play.part == 0 && play.state == Counter())
    play.advance(toPart: 99, Counter.runner)
    #expect(play.isDone && play.state.words == ["one", "two"])
  }

  @Test("Going on where one was left comes to the same state as having gone there") func advance() throws {
    for target in 0...5 {
      var (there, step) = (try play(), try play())
      there.advance(toPart: target, Counter.runner)
      for part in 1...5 where part <= target { step.advance(toPart: part, Counter.runner) }
      #expect(there.part == target && there.state == step.state)
    }
    var stopped = try play()
    stopped.advance(toPart: 5, Counter.runner) { true }
    #expect(stopped.part == 0)
  }
}

@Suite("Progress") struct ProgressTests {
  @Test("What is written is read back; a lesson once done stays done") func roundTrip() {
    var progress = Progress()
    progress.note("first", at: 9, of: 9)
    progress.note("second", at: 3, of: 12)
    progress.note("first", at: 2, of: 9)
    progress.note("third", at: 0, of: 4)
    #expect(progress.text == "# How far each lesson has been taken.\nfirst: done, 2 of 9\nsecond: 3 of 12\n")
    let read = Progress(progress.text)
    #expect(read["first"] == progress["first"] && read["second"] == progress["second"] && read.unreadable.isEmpty)
    #expect(read["none"].text == "new")
  }

  @Test(
    "Lines that say nothing are told, the others hold",
    arguments: ["x", "a b: done", "a: 9 of 3", "a: -1 of 3", ": done"])
  func rubbish(line: String) {
    let progress = Progress("first: done\n\(line)\nsecond: 1 of 2\n")
    #expect(progress.unreadable == [2] && progress["first"].isDone && progress["second"].taken == 1)
  }
}

@Suite("Prose at a terminal") struct ProseTests {
  private func text(_ markdown: String, width: Int = 40) -> [String] {
    ProseView.lines(markdown, width: width).map(\.text)
  }

  @Test(
    "Markdown as a terminal shows it",
    arguments: [
      ("# A title", ["A title"]), ("two\nlines", ["two lines"]), ("a\n\n\nb", ["a", "", "b"]),
      ("- one\n- two of\n  them", ["- one", "- two of them"]), ("12. twelve", ["12. twelve"]),
      ("a **bold** `code x` *word*, [link](x.md)", ["a bold `code x` word, link"]),
      ("[far](https://redis.io)", ["far (https://redis.io)"]), ("> quoted\n> on", ["│ quoted on"]),
      ("```\n  as  it is\n```", ["    as  it is"]), ("| a | b |", ["  | a | b |"]), ("<!-- no -->", []),
      ("snake_case_name and 2*3*4", ["snake_case_name and 2*3*4"]), ("`unclosed", ["`unclosed"]), ("**", ["**"]),
      (
        "- a list's item that is longer than a line",
        ["- a list's item that is longer than a", "  line"]
      ),
      ("the code `a b` stays in one piece, whole", ["the code `a b` stays in one piece, whole"]),
    ])
  func lines(markdown: String, lines: [String]) { #expect(text(markdown) == lines) }

  @Test("No line is wider than the page, save for a word that is") func width() {
    let words = (1...200).map { String(repeating: "x", count: $0 % 13 + 1) }.joined(separator: " ")
    for markdown in [words, "- " + words, "> " + words, "`" + words + "`"] {
      for line in text(markdown) { #expect(line.count <= 40, "\(line)") }
    }
  }
}
