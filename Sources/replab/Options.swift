import ArgumentParser

/// The flags that mean the same everywhere.
struct Options: ParsableArguments {
  /// When the output is coloured.
  enum Colour: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
  }

  @Option(help: ArgumentHelp("Settles all that Redis leaves to chance. (default: 1)", valueName: "n"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp("Where the clock starts, in UTC. (default: 2023-06-09T13:56:53Z)", valueName: "iso8601"))
  var clock: String?

  @Option(help: ArgumentHelp("How a step is shown; `help view` lists the views. (default: arrows)", valueName: "name"))
  var view: String?

  @Flag(help: "Prints one JSON object a line.") var json = false

  @Flag(help: "Shows passwords, in place of which there are stars else.") var showPasswords = false

  @Option(help: ArgumentHelp("Colours the output. (default: auto)", valueName: "when"))
  var color: Colour?

  /// What a lab has that was given no options.
  static func none() throws -> Options { try parse([]) }

  /// These options, with `others` where these say nothing: `replab --seed 3 run FILE` is `replab run --seed 3 FILE`.
  func over(_ others: Options) -> Options {
    var merged = self
    merged.seed = seed ?? others.seed
    merged.clock = clock ?? others.clock
    merged.view = view ?? others.view
    merged.json = json || others.json
    merged.showPasswords = showPasswords || others.showPasswords
    merged.color = color ?? others.color
    return merged
  }
}
