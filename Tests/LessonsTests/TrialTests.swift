import Lab
import Testing

@testable import Lessons

/// A machine that a lesson can be tried on: it keeps words, and prints how many it has.
struct Counter: Equatable {
  var words: [String] = []

  static let runner = Runner<Counter>(
    run: { counter, line in
      if line == "fail" { return ["no such thing"] }
      counter.words.append(line)
      return ["(integer) \(counter.words.count)", line]
    },
    world: { _ in World(seed: 1, clock: .defaultLabClock) })
}

@Suite("A lesson run unattended") struct TrialTests {
  static let page =
    Page.front + """
      ```lab
      lab> one
      (integer) 1
      one
      lab> fail
      no such thing
      ```

      ```ask
      How many words?
      kind: number
      answer: 1
      proof: (integer) 1
      hint: h
      why: w
      ```

      ```ask
      What will it print?
      kind: predict
      answer: 2
      hint: h
      why: w
      ```

      ```ask
      And what else?
      kind: predict
      hint: h
      why: w
      ```

      ```ask
      What is the time?
      kind: number
      answer-from: time * 2 + 5s - 1
      hint: h
      why: w
      ```

      ```lab
      lab> two
      ...
      two
      ```

      """

  private func failures(_ page: String) throws -> [LessonCheck.Failure] {
    LessonCheck(of: try Lesson(page), from: Counter(), Counter.runner).failures
  }

  @Test("is well where everything is as it says") func well() throws {
    let trial = LessonCheck(of: try Lesson(Self.page), from: Counter(), Counter.runner)
    #expect(trial.failures.isEmpty, "\(trial.failures)")
    #expect(trial.commands == 3 && trial.questions == 4)
    let lesson = try Lesson(Self.page)
    #expect(trial.page == lesson.page)
  }

  @Test(
    "fails where one thing is changed, and says where",
    arguments: [
      ("(integer) 1\none", "(integer) 1\nonf", 8), ("(integer) 1\none", "(integer) 2\none", 7),
      ("(integer) 1\none", "(integer) 1\none\nmore", 9), ("(integer) 1\none", "(integer) 1", 7),
      ("no such thing", "No such thing", 10), ("answer: 2", "answer: 3", 25), ("answer: 1", "answer: 2", 17),
      ("proof: (integer) 1", "proof: 1: (integer) 7", 17), ("proof: (integer) 1\n", "", 16),
      ("answer: 2", "answer: three", 25), ("two\n```", "two.\n```", 48),
    ])
  func broken(before: String, after: String, line: Int) throws {
    let failures = try failures(Self.page.replacing([(before, after)]))
    #expect(failures.map(\.line) == [line], "\(failures)")
  }

  @Test(
    "fails where an until has stopped early and `...` hides it",
    arguments: [
      ("until 1 = 2", true), ("u 1 = 2", true), ("until 1 = 1", false), ("until )", false), ("two 1 = 2", false),
    ])
  func hidden(line: String, isHidden: Bool) throws {
    let page = Self.page.replacing([("lab> two\n...\ntwo\n", "lab> \(line)\n...\n")])
    #expect(try failures(page).map(\.line) == (isHidden ? [46] : []))
    let said = Self.page.replacing([("lab> two\n...\ntwo\n", "lab> \(line)\n...\n…\n")])
    #expect(try failures(said).isEmpty)
  }

  @Test("rewrites only what is printed, and only where it is something else") func rewritten() throws {
    let broken = Self.page.replacing([("(integer) 1\none", "(integer) 7\nmuch\nmore"), ("two\n```", "...\nthree\n```")])
    let trial = LessonCheck(of: try Lesson(broken), from: Counter(), Counter.runner)
    #expect(trial.failures.filter(\.isPrinted).count == 2)
    let expected = Self.page.replacing([("...\ntwo\n", "(integer) 2\ntwo\n")])
    #expect(trial.page.map { $0 + "\n" }.joined() == expected)
  }

  @Test(
    "warns of a letter that its proof does not speak of",
    arguments: [
      ("b", "b: hello psync ? -1", true), ("a", "a: hello psync ? -1", false),
      ("psync with an id", "psync with an id: psync", false),
      ("b", "b: something else", false),
    ])
  func letters(answer: String, proof: String, isDoubted: Bool) throws {
    let page =
      Page.front + """
        ```lab
        lab> hello psync ? -1
        ...
        lab> something else
        ...
        ```

        ```ask
        Which?
        kind: choice
        - psync with an id
        - ping
        answer: \(answer)
        proof: \(proof)
        hint: h
        why: w
        ```

        """
    let trial = LessonCheck(of: try Lesson(page), from: Counter(), Counter.runner)
    #expect(trial.warnings.map(\.line) == (isDoubted ? [18] : []), "\(trial.warnings)")
    #expect(trial.failures.isEmpty, "\(trial.failures)")
  }
}
