import Lab

/// What runs a lesson's commands: the program's, on its own state, or a test's.
package struct Runner<State>: Sendable {
  /// Runs a line and returns the lines that it printed, a complaint among them.
  package var run: @Sendable (inout State, String) -> [String]
  /// The world that expressions ask about.
  package var world: @Sendable (State) -> World

  package init(
    run: @escaping @Sendable (inout State, String) -> [String], world: @escaping @Sendable (State) -> World
  ) {
    self.run = run
    self.world = world
  }
}

/// A way through a lesson: where one is, and the state that the lesson has brought about.
///
/// A state is a value (a session of the lab with its timeline), so each part keeps the one it began with: doing a part
/// again is going back to it. Nothing that is done to another copy of the state matters here.
package struct LessonRun<State> {
  /// What the lesson waits for.
  package enum Want {
    case command(Lesson.Command)
    case question(Question)
    /// The lesson is done.
    case nothing
  }

  package let lesson: Lesson
  /// The index of the part one is at; the number of parts once the lesson is done.
  package private(set) var part = 0
  /// How many commands of the part have been run.
  package private(set) var commandsDone = 0
  /// The states with which the parts began, up to this one.
  private var starts: [State]
  /// The lesson's own state. (An array, so that a state may itself hold the run that it is part of.)
  private var own: [State]

  package init(_ lesson: Lesson, from start: State) {
    self.lesson = lesson
    starts = [start]
    own = [start]
    skipEmptyParts()
  }

  package var state: State { own[0] }
  package var isDone: Bool { part == lesson.parts.count }

  package var want: Want {
    guard !isDone else { return .nothing }
    switch lesson.parts[part].task {
    case .session(let commands): return .command(commands[commandsDone])
    case .question(let question): return .question(question)
    case .none: return .nothing
    }
  }

  // MARK: Going on

  /// Runs the command that is wanted, on the lesson's own state. Nothing happens where none is.
  @discardableResult
  package mutating func perform(_ runner: Runner<State>) -> [String] {
    guard case .command(let command) = want else { return [] }
    var next = state
    let printed = runner.run(&next, command.text)
    accept(next)
    return printed
  }

  /// The command that is wanted has been run, and has led to `next`.
  package mutating func accept(_ next: State) {
    guard case .command = want, case .session(let commands) = lesson.parts[part].task else { return }
    own[0] = next
    commandsDone += 1
    if commandsDone == commands.count { endPart() }
  }

  /// Takes an answer to the question that is asked; a right one leads on, any other one changes nothing.
  package mutating func answer(_ given: String, _ runner: Runner<State>) -> Verdict {
    guard case .question(let question) = want else { return .wrong }
    let verdict = question.verdict(on: given, among: answers(to: question, runner))
    if verdict == .right { endPart() }
    return verdict
  }

  /// What is said to a wrong answer to the question that is asked, if there is anything to be said.
  package func remark(on given: String, _ runner: Runner<State>) -> String? {
    guard case .question(let question) = want else { return nil }
    return question.remark(on: given, among: answers(to: question, runner))
  }

  /// Leaves the question that is asked without an answer.
  package mutating func passOver() {
    if case .question = want { endPart() }
  }

  /// What the right answers to a question are at this moment; none where its expression cannot be computed.
  package func answers(to question: Question, _ runner: Runner<State>) -> [String] {
    switch question.key {
    case .given(let answers): return answers
    case .computed(let expression):
      let world = question.kind == .predict ? runner.world(prediction(runner).state) : runner.world(state)
      guard let value = try? expression.value(in: world), value != .none else { return [] }
      return ["\(value)"]
    case .printed: return prediction(runner).printed.filter { !$0.trimmed.isEmpty }
    }
  }

  /// What the next command will print and lead to.
  func prediction(_ runner: Runner<State>) -> (printed: [String], state: State) {
    var next = state
    let printed = lesson.nextCommand(after: part).map { runner.run(&next, $0.text) } ?? []
    return (printed, next)
  }

  private mutating func endPart() {
    part += 1
    commandsDone = 0
    starts.append(state)
    skipEmptyParts()
  }

  /// Prose that asks for nothing ends a lesson.
  private mutating func skipEmptyParts() {
    while part < lesson.parts.count, lesson.parts[part].task == .none {
      part += 1
      starts.append(state)
    }
  }

  // MARK: Going back, and ahead

  /// Back to where the part began that something was done in last. False at the beginning of the lesson.
  package mutating func again() -> Bool {
    var target = part
    if commandsDone == 0 {
      repeat { target -= 1 } while target >= 0 && lesson.parts[target].task == .none
    }
    guard target >= 0 else { return false }
    part = target
    commandsDone = 0
    own[0] = starts[target]
    starts.removeSubrange((target + 1)...)
    return true
  }

  /// To the beginning of a part further on, doing all that comes before it, until `shouldStop`.
  package mutating func advance(
    toPart target: Int, _ runner: Runner<State>, shouldStop: () -> Bool = { false }
  ) {
    while part < target, !isDone, !shouldStop() {
      switch want {
      case .command: perform(runner)
      case .question: passOver()
      case .nothing: return
      }
    }
  }
}
