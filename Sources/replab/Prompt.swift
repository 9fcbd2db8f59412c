import Glibc
import LineEdit

/// The lab at a terminal.
@MainActor enum Prompt {
  /// Reads and runs lines until Ctrl-D or `quit`. What fails is told, and the lab goes on.
  static func run(_ session: inout Session) {
    let editor = LineEditor(name: "replab", historyPath: historyPath()) { before, word in
      Completion.candidates(before: before, word: word, in: Self.sitting)
    }
    defer {
      screen?.close()
      editor.close()
    }
    while !session.isOver {
      showPanes(session)
      if let pages = session.pages { editor.listen(to: pages.server.wake.descriptor, attend) }
      sitting = session
      let input = editor.next(prompt: inked(session))
      if let sitting { session = sitting }
      sitting = nil
      switch input {
      case .endOfFile:
        session.output.write("\n")
        if session.mayLeave() { return }
      case .cancelled:
        continue
      case .line(let line):
        session.enter(line, by: .prompt)
      }
    }
  }

  /// The session, while Readline has the terminal: Tab asks about it, and pages that look at it go on with it.
  private static var sitting: Session?

  /// Does what pages ask for; returns the prompt that follows, nil where the session is over.
  private static func attend() -> String? {
    guard var session = sitting, let pages = session.pages else { return nil }
    sitting = nil
    pages.attend(&session)
    showPanes(session)
    defer { sitting = session }
    return session.isOver ? nil : inked(session)
  }

  /// The panes above the prompt, while there are some.
  private static var screen: PaneScreen?

  private static func showPanes(_ session: Session) {
    guard session.hasPanes, !session.isOver else {
      screen?.close()
      return screen = nil
    }
    shown = session
    let screen = screen ?? PaneScreen { size in shown?.panes(size) ?? [] }
    self.screen = screen
    screen.draw()
  }

  /// What the panes show.
  private static var shown: Session?

  private static func inked(_ session: Session) -> String {
    (session.palette.isColoured ? LineEditor.ink(session.prompt, "1") : session.prompt) + " "
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
