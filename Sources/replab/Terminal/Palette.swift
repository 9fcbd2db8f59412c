/// Whether the output is coloured, and with what.
struct Palette: Equatable {
  var isColoured: Bool

  /// `auto` colours a terminal, unless `NO_COLOR` is set to anything or `TERM` is `dumb` or missing.
  init(_ colour: Options.Colour, for output: Output) {
    switch colour {
    case .always: isColoured = true
    case .never: isColoured = false
    case .auto:
      let refused = environment("NO_COLOR").map { !$0.isEmpty } ?? false
      let isDumb = (environment("TERM") ?? "dumb") == "dumb"
      isColoured = output.isTerminal && !refused && !isDumb
    }
  }

  /// `text` in the SGR `parameter` (`1` bold, `2` faint, `31` red …), if colours are on.
  func ink(_ text: String, _ parameter: String) -> String {
    isColoured && !text.isEmpty ? "\u{1b}[\(parameter)m\(text)\u{1b}[0m" : text
  }
}
