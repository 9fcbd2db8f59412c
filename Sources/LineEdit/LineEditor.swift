@preconcurrency import CReadline
@preconcurrency import Glibc

/// The prompt: GNU Readline behind one type.
///
/// Readline keeps its state in globals, one line per process, so this type is bound to the main actor and there can be
/// only one of it.
///
/// Ctrl-C is a key here, not a signal: while Readline owns the terminal, the terminal's interrupt character is switched
/// off and the key drops the line. Of five ways that were tried, this one alone loses no key typed after it and works
/// inside a reverse search and after Ctrl-Z. While a command runs, the terminal is as it was and Ctrl-C raises SIGINT
/// (see `Interrupt`).
@MainActor package final class LineEditor {
  /// What a person did at the prompt.
  package enum Input: Equatable, Sendable {
    case line(String)
    /// Ctrl-C: the line was dropped.
    case cancelled
    /// Ctrl-D on an empty line.
    case endOfFile
  }

  /// What Tab offers for a word.
  package enum Candidates: Equatable, Sendable {
    /// Whole words to put in place of the one being typed, in any order.
    case words([String])
    /// The names of files.
    case files
  }

  /// Given the line up to the word being completed, and that word, says what it may become.
  package typealias Completer = @MainActor (_ before: String, _ word: String) -> Candidates

  /// Lines that the history keeps between runs.
  package static let historyLength: CInt = 5_000

  private let historyPath: String?
  private var lastLine: String?

  /// - Parameters:
  ///   - name: what `$if` tests in `~/.inputrc`.
  ///   - historyPath: the file that keeps the history between runs; nil keeps none.
  package init(name: String, historyPath: String?, completer: @escaping Completer) {
    self.historyPath = historyPath
    Completion.completer = completer
    rl_readline_name = UnsafePointer(strdup(name))
    using_history()
    stifle_history(Self.historyLength)
    if let historyPath { read_history(historyPath) }
    rl_basic_word_break_characters = UnsafePointer(strdup(" \t\n"))
    rl_completer_quote_characters = UnsafePointer(strdup("\"'"))
    rl_attempted_completion_function = Completion.attempt
    rl_prep_term_function = Cancellation.prepareTerminal
    rl_bind_key(Cancellation.controlC, Cancellation.key)
  }

  /// Has something else looked at while a line is being typed: whenever `descriptor` is readable, what stands in the line
  /// is taken off the screen, `handle` is called with the terminal as commands have it, and the line comes back behind the
  /// prompt that it returns. Nil ends the line, as Ctrl-C does.
  package func listen(to descriptor: CInt, _ handle: @escaping @MainActor () -> String?) {
    PromptWait.descriptor = descriptor
    PromptWait.handle = handle
    rl_getc_function = PromptWait.getc
  }

  /// Shows the prompt and reads one line, without its end. What stands in the prompt between `ink` marks is not
  /// counted as width.
  package func next(prompt: String) -> Input {
    Cancellation.happened = false
    guard let raw = readline(prompt) else { return .endOfFile }
    defer { free(raw) }
    if Cancellation.happened { return .cancelled }
    let line = String(cString: raw)
    remember(line)
    return .line(line)
  }

  /// Colours a part of the prompt with an SGR parameter such as `1;32`, telling Readline that the codes take no room.
  package static func ink(_ text: String, _ parameter: String) -> String {
    "\u{1}\u{1b}[\(parameter)m\u{2}\(text)\u{1}\u{1b}[0m\u{2}"
  }

  /// Adds a line to the history and to its file at once, so that a crash loses nothing and two labs do not overwrite
  /// each other's. Blank lines and repeats are left out.
  private func remember(_ line: String) {
    guard line.contains(where: { !$0.isWhitespace }), line != lastLine else { return }
    lastLine = line
    add_history(line)
    if let historyPath { append_history(1, historyPath) }
  }

  /// Trims the history's file. The terminal needs no mending: Readline restores it after each line.
  package func close() {
    if let historyPath { history_truncate_file(historyPath, Self.historyLength) }
  }
}

/// Tab. Readline calls C functions without a context, hence the static state.
@MainActor private enum Completion {
  static var completer: LineEditor.Completer = { _, _ in .words([]) }
  static var pending: [String] = []

  /// Readline's hook: the list of matches for the word that stands from `start` to `end`.
  nonisolated static let attempt:
    @convention(c) (UnsafePointer<CChar>?, CInt, CInt) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = {
      text, start, _ in
      guard let text else { return nil }
      let word = String(cString: text)
      let line = String(cString: rl_line_buffer)
      let before = String(decoding: line.utf8.prefix(Int(start)), as: UTF8.self)
      let files = MainActor.assumeIsolated {
        switch completer(before, word) {
        case .files:
          return true
        case .words(let words):
          pending = words.sorted().reversed()
          return false
        }
      }
      // Without this, Readline falls back to file names where there is no match.
      rl_attempted_completion_over = 1
      return files
        ? rl_completion_matches(text, rl_filename_completion_function) : rl_completion_matches(text, nextMatch)
    }

  /// Called until it returns nil. Readline frees each result, so each comes from malloc.
  nonisolated static let nextMatch: @convention(c) (UnsafePointer<CChar>?, CInt) -> UnsafeMutablePointer<CChar>? = {
    _, _ in
    // A pointer cannot leave an assumed isolation; a String can.
    let match: String? = MainActor.assumeIsolated { pending.popLast() }
    return match.flatMap { strdup($0) }
  }
}

/// What else is waited for at the prompt than keys. Readline waits for these in a function that can be put in its place.
@MainActor enum PromptWait {
  /// Whose readability is waited for, too; -1: nobody's.
  static var descriptor: CInt = -1
  static var handle: @MainActor () -> String? = { nil }
  /// Called when a signal has come and Readline has seen to it: the window may have another size.
  static var afterSignal: @MainActor () -> Void = {}

  nonisolated static let getc: @convention(c) (UnsafeMutablePointer<FILE>?) -> CInt = { stream in
    let other = MainActor.assumeIsolated { descriptor }
    while true {
      var polled = [pollfd(fd: fileno(stream), events: Int16(POLLIN), revents: 0)]
      polled.append(pollfd(fd: other, events: Int16(POLLIN), revents: 0))
      if poll(&polled, nfds_t(polled.count), -1) < 0 {
        // A signal, as of a window that has another size now: Readline sees to it.
        rl_check_signals()
        MainActor.assumeIsolated { afterSignal() }
        continue
      }
      if polled[1].revents & Int16(POLLIN) != 0 {
        MainActor.assumeIsolated { interlude() }
        if rl_done != 0 { return 0 }
        continue
      }
      return rl_getc(stream)
    }
  }

  /// Between two keys.
  private static func interlude() {
    rl_clear_visible_line()
    rl_deprep_terminal()
    let prompt = handle()
    rl_prep_term_function?(1)
    rl_on_new_line()
    guard let prompt else {
      Cancellation.happened = true
      rl_replace_line("", 0)
      rl_done = 1
      return
    }
    rl_set_prompt(prompt)
    rl_forced_update_display()
  }
}

/// Ctrl-C as a key.
@MainActor private enum Cancellation {
  static let controlC: CInt = 3
  static var happened = false

  nonisolated static let key: @convention(c) (CInt, CInt) -> CInt = { _, _ in
    MainActor.assumeIsolated { happened = true }
    rl_crlf()
    rl_replace_line("", 0)
    rl_done = 1
    return 0
  }

  /// Prepares the terminal as Readline does, then takes the signal off the interrupt key.
  nonisolated static let prepareTerminal: @convention(c) (CInt) -> Void = { meta in
    rl_prep_terminal(meta)
    var settings = termios()
    guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return }
    // 0 is Linux's _POSIX_VDISABLE, a macro that Swift does not import.
    withUnsafeMutableBytes(of: &settings.c_cc) { $0[Int(VINTR)] = 0 }
    tcsetattr(STDIN_FILENO, TCSADRAIN, &settings)
  }
}
