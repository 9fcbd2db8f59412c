/// How far something long has come, told to a person at a terminal once a second, over what was told before.
struct ProgressLine {
  /// Nil where nobody is told.
  let screen: Output?
  private let patience: Duration
  private var due: ContinuousClock.Instant
  private var isThere = false

  /// - Parameter patience: nothing is told of what is done sooner, nor told anew.
  init(on screen: Output?, patience: Duration = .seconds(1)) {
    self.screen = screen
    self.patience = patience
    due = .now + patience
  }

  mutating func tell(_ text: @autoclosure () -> String) {
    guard let screen, .now >= due else { return }
    screen.write("\r\(text()) (Ctrl-C stops)\u{1b}[K\r")
    (due, isThere) = (.now + patience, true)
  }

  /// Writes over what was told.
  mutating func clear() {
    if isThere { screen?.write("\r\u{1b}[K") }
    isThere = false
  }
}
