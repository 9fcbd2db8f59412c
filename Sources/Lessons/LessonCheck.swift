/// A lesson run unattended: every command's output compared with what stands under it, every question proved both ways.
package struct LessonCheck: Sendable, Hashable {
  package struct Failure: Sendable, Hashable {
    /// In the lesson's file, from 1.
    package var line: Int
    package var what: String
    package var expected: [String]
    package var got: [String]
    /// Whether writing down what was printed mends it.
    package var isPrinted: Bool
  }

  package private(set) var failures: [Failure] = []
  /// What may be wrong, and only a person can tell.
  package private(set) var warnings: [Failure] = []
  package private(set) var commands = 0
  package private(set) var questions = 0
  /// Whether it was stopped before its end.
  package private(set) var isInterrupted = false
  /// The page with what was printed in place of what was expected and not met.
  package private(set) var page: [String]

  private init(page: [String]) { self.page = page }

  /// - Parameter shouldStop: asked before each command.
  package init<State>(
    of lesson: Lesson, from start: State, _ runner: Runner<State>, shouldStop: () -> Bool = { false }
  ) {
    self.init(page: lesson.page)
    var run = LessonRun(lesson, from: start)
    // Rewritten parts, last ones first in the end, so that the lines above them keep their places.
    var rewritten: [(command: Lesson.Command, printed: [String])] = []
    var asked: [Question] = []
    var allPrinted: [String] = []
    loop: while !run.isDone {
      if shouldStop() {
        isInterrupted = true
        break
      }
      switch run.want {
      case .nothing: break loop
      case .question(let question):
        questions += 1
        failures += Self.failures(of: question, in: run, runner)
        asked.append(question)
        run.passOver()
      case .command(let command):
        commands += 1
        let printed = run.perform(runner)
        allPrinted += printed
        if let failure = Self.failure(of: command, printed) {
          failures.append(failure)
          rewritten.append((command, printed))
        } else if Expectation(command.expected).hidesEnd(of: command.text, in: runner.world(run.state)) {
          let what = "`\(command.text)` stops before that is so, and `...` hides it"
          failures.append(
            Failure(line: command.line, what: what, expected: command.expected, got: printed, isPrinted: false))
        }
      }
    }
    if !isInterrupted {
      failures += asked.compactMap { Self.failureOfProof(of: $0, in: lesson, allPrinted) }
      warnings = asked.compactMap(Self.doubt(about:))
    }
    failures.sort { $0.line < $1.line }
    for (command, printed) in rewritten.reversed() {
      page.replaceSubrange(command.line..<command.line + command.expected.count, with: printed)
    }
  }

  private static func failure(of command: Lesson.Command, _ printed: [String]) -> Failure? {
    guard let index = Expectation(command.expected).firstFailure(in: printed) else { return nil }
    // With nothing left to meet, the last line is where more was printed.
    let line = command.line + min(index + 1, command.expected.count)
    return Failure(
      line: line, what: "`\(command.text)` prints something else", expected: command.expected, got: printed,
      isPrinted: true)
  }

  /// Both ways: what is right passes and leads on, what is derived from it to be wrong fails.
  private static func failures<State>(of question: Question, in run: LessonRun<State>, _ runner: Runner<State>)
    -> [Failure]
  {
    func failure(_ what: String, expected: [String] = [], got: [String] = []) -> Failure {
      Failure(line: question.keyLine, what: what, expected: expected, got: got, isPrinted: false)
    }
    let right = run.answers(to: question, runner)
    guard !right.isEmpty else { return [failure("its answer cannot be computed here")] }
    var failures: [Failure] = []
    for answer in right {
      var copy = run
      guard copy.answer(answer, runner) == .right else {
        failures.append(failure("‘\(answer)’ is the answer, and does not pass"))
        continue
      }
    }
    let wrong = question.wrongAnswers(to: right)
    if wrong.isEmpty { failures.append(failure("no answer to it is wrong")) }
    for answer in wrong {
      var copy = run
      if copy.answer(answer, runner) == .right { failures.append(failure("‘\(answer)’ is wrong, and passes")) }
    }
    for remark in question.remarks where question.verdict(on: remark.answer, among: right) == .right {
      failures.append(failure("‘\(remark.answer)’ is right, and line \(remark.line) is said to a wrong answer"))
    }
    return failures
      + unforeseen(question, right, in: run, runner).map {
        failure("the command that follows does not print the answer", expected: right, got: $0)
      }
  }

  /// What shows that an answer is right must have been printed: the proof's evidence. A command is proved, too, where the
  /// lesson itself goes on with it.
  private static func failureOfProof(of question: Question, in lesson: Lesson, _ printed: [String]) -> Failure? {
    guard question.needsProof, case .given(let answers) = question.key else { return nil }
    func failure(_ what: String) -> Failure {
      Failure(line: question.proof?.line ?? question.keyLine, what: what, expected: [], got: [], isPrinted: false)
    }
    guard let proof = question.proof else {
      let isDone = question.kind == .command && answers.contains { lesson.runs($0, after: question.line) }
      return isDone ? nil : failure("nothing proves the answer ‘\(answers[0])’: give it a `proof:`")
    }
    if let answer = proof.answer {
      guard question.verdict(on: answer, among: answers) == .right else {
        return failure("this proves ‘\(answer)’, and the answer is ‘\(answers[0])’")
      }
    } else if !answers.contains(where: { Wording.isHeld($0, in: proof.evidence) }) {
      return failure("this does not hold the answer ‘\(answers[0])’; say what it proves, as in `proof: ANSWER: …`")
    }
    if LinePattern.isHeld(proof.evidence, in: printed) { return nil }
    return failure("nothing that the lesson prints holds ‘\(proof.evidence)’, so nothing proves the answer")
  }

  /// A letter stays when options change their places. Where the option that it names has no word in common with the proof,
  /// and another one has, it may be the wrong one by now.
  private static func doubt(about question: Question) -> Failure? {
    guard question.kind == .choice, let proof = question.proof, let answer = proof.answer, answer.trimmed.count == 1,
      let chosen = question.option(answer)
    else { return nil }
    let evidence = Wording.content(proof.evidence)
    let shared = question.options.map { option in
      // One of them may have an ending: ping, pings.
      Wording.content(option).contains { word in evidence.contains { $0.hasPrefix(word) || word.hasPrefix($0) } }
    }
    guard !shared[chosen], let other = shared.firstIndex(of: true) else { return nil }
    let (letter, otherLetter) = (Question.letter(chosen), Question.letter(other))
    return Failure(
      line: proof.line,
      what: "does ‘\(letter)’ still fit? It is ‘\(question.options[chosen])’, and what proves it speaks of "
        + "‘\(otherLetter)’, ‘\(question.options[other])’; a proof that begins with the option's text settles it",
      expected: [], got: [], isPrinted: false)
  }

  /// What the next command prints where none of it is what was to be predicted.
  private static func unforeseen<State>(
    _ question: Question, _ right: [String], in run: LessonRun<State>, _ runner: Runner<State>
  ) -> [[String]] {
    guard question.kind == .predict, case .given = question.key else { return [] }
    let printed = run.prediction(runner).printed
    let isForeseen = right.contains { answer in
      printed.contains { line in
        Wording.isSame(answer, line) || Wording.plain(line).contains(Wording.plain(Wording.said(answer)))
      }
    }
    return isForeseen ? [] : [printed]
  }
}
