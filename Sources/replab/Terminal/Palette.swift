import Views

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

  /// A line of a view. Colour marks who speaks, what has changed and what is wrong; all else is left alone.
  func text(of line: Line) -> String {
    var text = ""
    for run in line.runs { text += ink(run.text, Self.parameter(run.style)) }
    return text
  }

  /// Adds a line of a view, and its end.
  func append(_ line: Line, to text: inout String) {
    for run in line.runs { text += ink(run.text, Self.parameter(run.style)) }
    text += "\n"
  }

  private static func parameter(_ style: Style) -> String? {
    switch style {
    case .plain, .meaning: nil
    case .heading: "1"
    case .dim: "2"
    case .outgoing: "36"
    case .incoming: "32"
    case .changed: "33"
    case .fault: "31"
    }
  }

  /// `text` in the SGR `parameter` (`1` bold, `2` faint, `31` red …), if colours are on.
  func ink(_ text: String, _ parameter: String?) -> String {
    guard isColoured, !text.isEmpty, let parameter else { return text }
    return "\u{1b}[\(parameter)m\(text)\u{1b}[0m"
  }
}
