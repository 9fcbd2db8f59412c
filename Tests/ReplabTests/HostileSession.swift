import Hostile
import Redis
import Synchronization

@testable import replab

/// A sitting at the prompt with somebody who types numbers at which arithmetic ends.
struct HostileSession {
  private(set) var session: Session
  private(set) var script: [String] = []
  /// Told before each line is run: it may be the last one.
  private let note: ([String]) -> Void
  private let patience: Int

  /// What is typed is made from the tables that the program itself uses.
  static let lines = HostileLines(
    verbs: Verb.all.filter { !leavesTheLab.contains($0.name) }.map { .init(name: $0.name, arguments: $0.arguments) },
    commands: CommandTable.all.map { .init(name: $0.name, arity: $0.arity) },
    directives: DirectiveTable.all.map(\.name))

  /// Verbs that read and write files, start other programs or end the sitting.
  private static let leavesTheLab = [
    "quit", "save", "export", "source", "replay", "lesson", "web", "explore", "hint", "skip", "again",
  ]

  /// A lab, or a recording in a file.
  ///
  /// - Parameter patience: for how many steps somebody waits before pressing Ctrl-C. What does not stop then hangs.
  init(recording: String? = nil, patience: Int = 2_000, note: @escaping ([String]) -> Void = { _ in }) {
    self.patience = patience
    guard let session = try? Session(Options.parse([]), forPrompt: false) else {
      fatalError("no session without options")
    }
    self.session = session
    self.note = note
    self.session.output = Output()
    self.session.errors = Output()
    for line in recording.map({ ["replay \($0)"] }) ?? HostileLines.beginning { type(line) }
  }

  /// What is wrong is told, and the sitting goes on.
  mutating func type(_ line: String) {
    script.append(line)
    note(script)
    let left = Mutex(patience)
    session.shouldStop = {
      left.withLock {
        $0 -= 1
        return $0 < 0
      }
    }
    do {
      try session.run(line)
    } catch let complaint as Complaint {
      session.show(complaint)
    } catch {
      session.show(.usage("\(error)"))
    }
  }

  /// A sitting of so many lines.
  mutating func play(_ count: Int, _ choices: inout Choices) {
    var left = count
    while left > 0, !choices.isOver {
      left -= 1
      type(session.timeline.recording == nil ? Self.lines.line(&choices) : Self.lines.looking(&choices))
      // Nobody reads it; a long one may be large.
      session.output = Output()
      session.errors = Output()
    }
  }
}
