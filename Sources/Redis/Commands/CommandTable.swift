/// All commands by name, one family a file.
package enum CommandTable {
  /// Every command of Redis 7.0, those included that a node can't run, in alphabetical order; a real Redis lists them in
  /// hash order. Their ids number them and their subcommands.
  package static let known: [Command] = number(
    merge(
      [
        strings, keys, expiry, dumps, databases, transactions, connection, client, config, command, debug, server,
        saves,
        accessControl, replicationCommands,
      ].flatMap { $0 }, with: CommandCatalogue.commands))

  /// Those that a node can run, which is what COMMAND lists.
  package static let all: [Command] = known.compactMap(\.runnable)

  /// The number of ids.
  static let idCount = known.reduce(0) { $0 + 1 + $1.subcommands.count }

  private static let byName: [Bytes: Int] = {
    var index: [Bytes: Int] = [:]
    for (position, command) in known.enumerated() { index[Bytes(command.name)] = position }
    return index
  }()

  package static func find(_ arguments: [Bytes]) -> Command? { find(arguments[0]) }

  /// The command of that name, in any case.
  package static func find(_ name: Bytes) -> Command? {
    if let position = byName[name] { return known[position] }
    return byName[name.lowercased()].map { known[$0] }
  }

  /// By a name as ACL rules and COMMAND INFO have it, in any case: `get`, `config|get`.
  static func find(fullName: Bytes) -> Command? {
    let parts = fullName.array.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
    guard parts.count <= 2, let first = parts.first, let command = find(Bytes(first)) else { return nil }
    if parts.count == 1 { return command }
    let name = fullName.lowercased().text
    return command.subcommands.first { $0.name == name }
  }

  // MARK: Putting the table together

  private static func merge(_ families: [Command], with catalogue: [Command]) -> [Command] {
    var commands = families + catalogue.filter { !$0.name.contains("|") }
    commands.sort { $0.name < $1.name }
    for subcommand in catalogue where subcommand.name.contains("|") {
      let family = subcommand.name.prefix { $0 != "|" }
      guard let index = commands.firstIndex(where: { $0.name == family }) else { continue }
      commands[index].subcommands.append(subcommand)
    }
    for index in commands.indices { commands[index].subcommands.sort { $0.name < $1.name } }
    return commands
  }

  private static func number(_ commands: [Command]) -> [Command] {
    var commands = commands
    var next = 0
    for index in commands.indices {
      commands[index].id = next
      next += 1
      for position in commands[index].subcommands.indices {
        commands[index].subcommands[position].id = next
        next += 1
      }
    }
    return commands
  }
}

extension CommandTable {
  /// What the first one or two arguments name.
  enum Resolution {
    case command(Command)
    /// No such command or subcommand, in Redis's words.
    case unknown(String)

    var command: Command? { if case .command(let command) = self { command } else { nil } }
  }

  /// The command, or the subcommand where the command only is the name of a family.
  static func resolve(_ arguments: [Bytes]) -> Resolution {
    guard let command = find(arguments[0]) else { return .unknown(unknown(arguments)) }
    guard !command.subcommands.isEmpty, arguments.count > 1 else { return .command(command) }
    let name = "\(command.name)|\(arguments[1].text.lowercased())"
    if let subcommand = command.subcommands.first(where: { $0.name == name }) { return .command(subcommand) }
    return .unknown(unknown(arguments))
  }

  /// What is said of a command or a subcommand that there is not, or that a node can't run.
  static func unknown(_ arguments: [Bytes]) -> String {
    if arguments.count > 1, let command = find(arguments[0]), command.runnable?.subcommands.isEmpty == false {
      let family = arguments[0].text.uppercased()
      return "ERR unknown subcommand '\(arguments[1].prefix(128).text)'. Try \(family) HELP."
    }
    // Some of the arguments, 128 bytes of them with their quotes.
    var shown = Bytes()
    for argument in arguments.dropFirst() where shown.count < 128 {
      shown.append("'")
      shown.append(argument.prefix(128 - shown.count + 1))
      shown.append("' ")
    }
    return "ERR unknown command '\(arguments[0].prefix(128).text)', with args beginning with: \(shown.text)"
  }
}
