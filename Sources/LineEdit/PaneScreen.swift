@preconcurrency import CReadline
@preconcurrency import Glibc
import Synchronization

/// The upper rows of the terminal, kept for something else than the prompt, which has the rows below with all that is
/// printed.
///
/// The terminal itself sees to that: its scrolling region is what is below (DECSTBM), so nothing that is written there
/// touches the rows above. Readline is told how many rows it has.
@MainActor package final class PaneScreen {
  package struct Size: Equatable, Sendable {
    package var rows: Int
    package var columns: Int
  }

  /// What a terminal at standard output has; nil: there is none.
  package nonisolated static var size: Size? {
    var window = winsize()
    guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_row > 0,
      window.ws_col > 0
    else { return nil }
    return Size(rows: Int(window.ws_row), columns: Int(window.ws_col))
  }

  private var size: Size?
  private var height = 0
  /// Makes the lines for a terminal of this size; none where it is too small.
  private let lines: @MainActor (Size) -> [String]
  /// The one that is there.
  private static var current: PaneScreen?

  package init(_ lines: @escaping @MainActor (Size) -> [String]) {
    self.lines = lines
    Self.current = self
    Suspension.install()
    PromptWait.afterSignal = { [weak self] in self?.drawAfterSignal() }
    rl_getc_function = PromptWait.getc
    rl_bind_key(Self.controlL, Self.clear)
  }

  private nonisolated static let controlL: CInt = 12

  /// Draws what has changed; all of it where the terminal has another size than before. The cursor stays where it is.
  package func draw() {
    guard let size = Self.size else { return }
    let shown = lines(size)
    let hasMoved =
      size != self.size || shown.count != height || Suspension.hasHappened.exchange(false, ordering: .relaxed)
    if hasMoved { take(size, shown.count) }
    guard height > 0 else { return }
    var text = "\u{1b}7"
    for (row, line) in shown.enumerated() { text += "\u{1b}[\(row + 1);1H\(line)\u{1b}[0m\u{1b}[K" }
    write(text + "\u{1b}8")
  }

  /// Sets the region; what the screen had shown goes out at its top.
  private func take(_ size: Size, _ height: Int) {
    (self.size, self.height) = (size, height)
    var text = "\u{1b}[r\u{1b}[\(size.rows);1H" + String(repeating: "\n", count: size.rows)
    if height > 0 { text += "\u{1b}[\(height + 1);\(size.rows)r" }
    write(text + "\u{1b}[\(height + 1);1H")
    Suspension.reset.store(height > 0, ordering: .relaxed)
    rl_set_screen_size(CInt(clamping: size.rows - height), CInt(clamping: size.columns))
  }

  /// Readline has the terminal: the prompt and what was typed come back.
  private func drawAfterSignal() {
    let needsAll = Self.size != size || Suspension.hasHappened.load(ordering: .relaxed)
    guard needsAll else { return }
    draw()
    rl_on_new_line()
    rl_forced_update_display()
  }

  /// Ctrl-L: the rows below are cleared, those above drawn anew.
  private nonisolated static let clear: @convention(c) (CInt, CInt) -> CInt = { _, _ in
    MainActor.assumeIsolated {
      guard let screen = current else { return }
      screen.write("\u{1b}[\(screen.height + 1);1H\u{1b}[J")
      screen.draw()
    }
    rl_on_new_line()
    rl_forced_update_display()
    return 0
  }

  /// Gives the terminal back as it was: what stood below moves up, with the cursor.
  package func close() {
    Self.current = nil
    PromptWait.afterSignal = {}
    Suspension.reset.store(false, ordering: .relaxed)
    rl_bind_key(Self.controlL, rl_clear_screen)
    guard let size, height > 0 else { return }
    write("\u{1b}7\u{1b}[r\u{1b}[1;1H\u{1b}[\(height)M\u{1b}8\u{1b}[\(height)A")
    (self.size, height) = (nil, 0)
    rl_set_screen_size(CInt(clamping: size.rows), CInt(clamping: size.columns))
  }

  private func write(_ text: String) {
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count > 0 { sent += count } else if errno != EINTR { return }
    }
  }
}

/// Ctrl-Z: the shell gets the whole terminal, and afterwards all is drawn anew.
private enum Suspension {
  static let hasHappened = Atomic<Bool>(false)
  /// Whether there is a region to be given up.
  static let reset = Atomic<Bool>(false)

  static func install() {
    catchSignal(SIGTSTP) { _ in
      if Suspension.reset.load(ordering: .relaxed) {
        // Only what a signal handler may do: ESC 7, ESC [ r, ESC 8, since the second moves the cursor.
        var bytes: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8) = (0x1b, 0x37, 0x1b, 0x5b, 0x72, 0x1b, 0x38)
        _ = unsafe Glibc.write(STDOUT_FILENO, &bytes, 7)
      }
      signal(SIGTSTP, SIG_DFL)
      raise(SIGTSTP)
    }
    catchSignal(SIGCONT) { _ in
      Suspension.hasHappened.store(true, ordering: .relaxed)
      Suspension.install()
    }
  }

  private static func catchSignal(_ number: CInt, _ handler: @escaping @convention(c) (CInt) -> Void) {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = handler
    action.sa_flags = SA_RESTART
    sigaction(number, &action, nil)
  }
}
