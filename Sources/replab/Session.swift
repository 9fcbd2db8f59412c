import LineEdit

/// One sitting at the lab, typed or from a script: the world, how it is shown, and what was typed.
struct Session {
  var output = Output.standardOutput
  var errors = Output.standardError
  var isJSON: Bool
  var palette: Palette
  /// Whether a person types (Enter repeats, complaints do not end it).
  var isPrompt: Bool
  /// What has been run, in order, for `history`, `save` and the prompt.
  var history: [String] = []
  /// The last stepping line, which Enter on an empty line repeats.
  var repeatable: String?
  /// Set by `quit`.
  var isOver = false
  /// Scripts being read, outermost first: `source` must not read a file within itself.
  var sources: [String] = []

  init(_ options: Options, forPrompt isPrompt: Bool) throws {
    self.isPrompt = isPrompt
    isJSON = options.json
    palette = Palette(options.color ?? .auto, for: output)
  }

  /// Runs one line. Blank lines and lines that begin with `#` do nothing in a script.
  mutating func run(_ line: String) throws {
    let words = try Words.split(line)
    guard let first = words.first, !first.text.hasPrefix("#") else { return }
    Interrupt.clear()
    let verb = try Self.verb(first)
    history.append(line)
    repeatable = verb.isStepping ? line : nil
    try verb.run(&self, Arguments(verb: verb, words: Array(words.dropFirst()), line: line))
  }

  private static func verb(_ word: Word) throws(Complaint) -> Verb {
    if let verb = Verb.exactly(word.text) ?? Verb.beginning(with: word.text) { return verb }
    let known = Verb.all.flatMap { [$0.name] + $0.shorts }
    let advice =
      Suggestion.nearest(to: word.text, among: known).map { "Did you mean ‘\($0)’?" } ?? "`help` lists the verbs."
    throw .usage("there is no verb or node ‘\(word.text)’", advice: advice, column: word.column)
  }

  /// Tells what went wrong, on standard error; the lab goes on.
  func show(_ complaint: Complaint) { errors.write(complaint.text + "\n") }

  /// Prints a line of plain text.
  func print(_ text: String) { output.write(text + "\n") }
}
