/// The names by which a server's clients say commands: `rename-command` gives a command another one, or none.
///
/// Only what is said on a connection or in an append-only file goes by these names, and so does the stream, which has
/// what the clients said. Access control, CLIENT LIST and INFO keep to the commands' own names, as in Redis.
package struct CommandNames: Equatable, Sendable {
  /// Names of the table that say nothing any more, and new names with what they stand for; all in lower case.
  private var taken: Set<Bytes> = []
  private var given: [Bytes: Bytes] = [:]
  /// In Sentinel mode there are others than in a server.
  package internal(set) var isSentinel = false

  /// The command of that name, in any case (`lookupCommand` in server.c).
  package func find(_ name: Bytes) -> Command? {
    if isSentinel { return CommandTable.ofSentinel.first { Bytes($0.name) == name.lowercased() } }
    guard !taken.isEmpty else { return CommandTable.find(name) }
    let name = name.lowercased()
    if let own = given[name] { return CommandTable.find(own) }
    return taken.contains(name) ? nil : CommandTable.find(name)
  }

  /// By a full name, in any case: `get`, `config|get` (`lookupCommandBySds` in server.c).
  func find(fullName: Bytes) -> Command? {
    let parts = fullName.array.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
    guard parts.count <= 2, let first = parts.first, let command = find(Bytes(first)) else { return nil }
    if parts.count == 1 { return command }
    return command.subcommand(Bytes(parts[1]))
  }

  /// What a client's words ask for: of `FUNCTION LOAD …` the subcommand, which is another thing than `FUNCTION LIST`.
  package func find(naming words: [Bytes]) -> Command? {
    guard let name = words.first, let command = find(name) else { return nil }
    return (words.count > 1 ? command.subcommand(words[1]) : nil) ?? command
  }

  /// Renames a command, or takes its name away; returns Redis's complaint if that can't be
  /// (`loadServerConfigFromString` in config.c).
  mutating func rename(_ name: Bytes, to new: Bytes) -> String? {
    guard let command = find(name) else { return "No such command in rename-command" }
    if given.removeValue(forKey: name.lowercased()) == nil { taken.insert(name.lowercased()) }
    if new.isEmpty { return nil }
    guard find(new) == nil else { return "Target command name already exists" }
    given[new.lowercased()] = Bytes(command.name)
    return nil
  }

  /// Those that have a name, which is what COMMAND lists, be they simulated or not.
  var listed: [Command] {
    if isSentinel { return CommandTable.ofSentinel }
    guard !taken.isEmpty else { return CommandTable.known }
    let renamed = Set(given.values)
    return CommandTable.known.filter { command in
      let name = Bytes(command.name)
      return !taken.contains(name) || renamed.contains(name)
    }
  }
}

extension CommandNames {
  /// What the first one or two arguments name.
  enum Resolution {
    case command(Command)
    /// No such command or subcommand, in Redis's words.
    case unknown(String)

    var command: Command? { if case .command(let command) = self { command } else { nil } }
  }

  /// The command, or the subcommand where the command only is the name of a family (`lookupCommand`, `lookupSubcommand`
  /// in server.c).
  func resolve(_ arguments: [Bytes]) -> Resolution {
    guard let command = find(arguments[0]) else { return .unknown(unknown(arguments)) }
    guard !command.subcommands.isEmpty, arguments.count > 1 else { return .command(command) }
    if let subcommand = command.subcommand(arguments[1]) { return .command(subcommand) }
    return .unknown(unknown(arguments))
  }

  /// What is said of a command or a subcommand that there is not, or that a node can't run (`commandCheckExistence` in
  /// server.c).
  func unknown(_ arguments: [Bytes]) -> String {
    if arguments.count > 1, let command = find(arguments[0]), command.runnable?.subcommands.isEmpty == false {
      let family = arguments[0].upToNUL.uppercased().text
      return "ERR unknown subcommand '\(arguments[1].prefix(128).printed)'. Try \(family) HELP."
    }
    // Some of the arguments, 128 bytes of them with their quotes.
    var shown = Bytes()
    for argument in arguments.dropFirst() where shown.count < 128 {
      shown.append("'")
      shown.append(argument.prefix(128 - shown.count + 1).upToNUL)
      shown.append("' ")
    }
    return "ERR unknown command '\(arguments[0].prefix(128).printed)', with args beginning with: \(shown.text)"
  }

  /// The command that a Redis 7.0 has and a node has not, by its own name (`LPUSH`, `CLIENT TRACKING`), if it is one of
  /// these that is said.
  package func unsimulated(_ arguments: [Bytes]) -> String? {
    guard let name = arguments.first, let command = find(name) else { return nil }
    if command.runnable == nil { return command.name.uppercased() }
    if command.name == "debug", arguments.count > 1, Self.unsimulatedDebug.contains(arguments[1].word) {
      return "DEBUG \(arguments[1].uppercased().text)"
    }
    guard arguments.count > 1, let subcommand = command.subcommand(arguments[1]), subcommand.body == nil else {
      return nil
    }
    return subcommand.name.uppercased().replacing("|", with: " ")
  }
}

extension Command {
  /// By its last name, in any case.
  fileprivate func subcommand(_ name: Bytes) -> Command? {
    let full = "\(self.name)|\(name.lowercased().text)"
    return subcommands.first { $0.name == full }
  }
}
