import Foundation
import RealRedis
import Testing

/// A person at a terminal: tmux with a server of its own, in which the lab runs.
final class Terminal: Sendable {
  private let tmux: String
  private let socket: String
  let home = Folder()

  static var isInstalled: Bool { RealServer.find("tmux") != nil }

  init(
    _ arguments: String = "", width: Int = 80, height: Int = 50, environment: [String: String] = [:],
    unset: [String] = []
  ) throws {
    tmux = try #require(RealServer.find("tmux"))
    socket = home.path("tmux")
    // The history and the home folder are the test's own; a plain terminal that knows colours.
    let settings = ["HOME": home.root, "REPLAB_HISTORY": home.path("history"), "INPUTRC": "/dev/null"]
      .merging(environment) { $1 }.filter { !unset.contains($0.key) }.map { "\($0)=\($1)" }.joined(separator: " ")
    // Ctrl-C reaches the shell too, which has to outlive it.
    let command =
      "trap : INT; env -u XDG_STATE_HOME -u REPLAB_HISTORY -u NO_COLOR \(settings) \(Program.replab) \(arguments); echo left with $?; cat"
    try tmux("-f", "/dev/null", "new-session", "-d", "-x", "\(width)", "-y", "\(height)", "sh -c '\(command)'")
  }

  deinit { _ = try? tmux("kill-server") }

  /// Types keys, as tmux names them (`Enter`, `Tab`, `C-c`, `Up`) or text.
  func type(_ keys: String...) throws { try tmux(["send-keys"] + keys) }

  /// All bytes that are written to the terminal from now on, up to when they are asked for.
  func recording(_ body: () throws -> Void) throws -> String {
    let path = home.path("written")
    try tmux("pipe-pane", "cat > \(path)")
    try body()
    try tmux("pipe-pane")
    return String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }

  /// Gives the window another size.
  func resize(width: Int, height: Int) throws {
    try tmux("resize-window", "-x", "\(width)", "-y", "\(height)")
  }

  /// What stands on the screen, without blank lines at the end; `withColours`, with their escape sequences.
  func screen(withColours: Bool = false) throws -> String {
    try tmux(["capture-pane", "-p"] + (withColours ? ["-e"] : [])).trimmingCharacters(in: .newlines)
  }

  /// The same, with rows that the terminal itself has broken at its edge as one.
  func joinedScreen() throws -> String {
    try tmux("capture-pane", "-p", "-J").split(separator: "\n", omittingEmptySubsequences: false)
      .map { String($0.reversed().drop { $0 == " " }.reversed()) }.joined(separator: "\n")
      .trimmingCharacters(in: .newlines)
  }

  /// Waits until the screen satisfies `question`; its text then, or a failed expectation after `seconds`.
  @discardableResult
  func wait(
    seconds: Double = 20, _ what: String, until question: (String) -> Bool
  ) throws -> String {
    let end = Date().addingTimeInterval(seconds)
    var text = ""
    while Date() < end {
      text = try screen()
      if question(text) { return text }
      usleep(20_000)
    }
    Issue.record("waited in vain for \(what); the screen:\n\(text)")
    return text
  }

  /// Waits until the last line of the screen is the prompt with nothing behind it.
  @discardableResult
  func waitForPrompt() throws -> String {
    try wait("the prompt") { $0.split(separator: "\n").last?.trimmingCharacters(in: .whitespaces) == "lab>" }
  }

  @discardableResult
  private func tmux(_ arguments: String...) throws -> String { try tmux(arguments) }

  @discardableResult
  private func tmux(_ arguments: [String]) throws -> String {
    let run = try Program.run(tmux, ["-S", socket] + arguments, environment: ["TMUX": "", "TERM": "xterm-256color"])
    guard run.status == 0 else { throw RealServerError("tmux \(arguments): \(run.errors)") }
    return run.output
  }
}
