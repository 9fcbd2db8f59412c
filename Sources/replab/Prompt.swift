import Glibc
import LineEdit

/// The lab at a terminal.
@MainActor enum Prompt {
  /// Reads and runs lines until Ctrl-D or `quit`. What fails is told, and the lab goes on.
  static func run(_ session: inout Session) {
    let editor = LineEditor(name: "replab", historyPath: historyPath()) { before, word in
      Completion.candidates(before: before, word: word, in: Self.completing)
    }
    defer { editor.close() }
    while !session.isOver {
      let prompt = session.palette.isColoured ? LineEditor.ink(session.prompt, "1") : session.prompt
      Self.completing = session
      let input = editor.next(prompt: prompt + " ")
      Self.completing = nil
      switch input {
      case .endOfFile:
        session.output.write("\n")
        if session.mayLeave() { return }
      case .cancelled:
        continue
      case .line(let line):
        run(line, in: &session)
      }
    }
  }

  /// The session that Tab asks about, while Readline has the terminal.
  private static var completing: Session?

  private static func run(_ line: String, in session: inout Session) {
    session.tell { try $0.enter(line) }
    if Interrupt.requested { session.show(.interrupted) }
  }

  /// `$REPLAB_HISTORY` (empty: none), else `history` in replab's state folder.
  private static func historyPath() -> String? {
    if let path = environment("REPLAB_HISTORY") { return path.isEmpty ? nil : touch(path) }
    return statePath("history").flatMap(touch)
  }

  /// Readline appends only to a file that exists. What one types may hold passwords, so only the user may read it.
  private static func touch(_ path: String) -> String? {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    guard descriptor >= 0 else { return nil }
    close(descriptor)
    return path
  }
}

/// A variable of the environment, or nil if it is unset.
func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
