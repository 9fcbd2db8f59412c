/// All commands by name, one family a file.
package enum CommandTable {
  /// In alphabetical order; a real Redis lists them in hash order.
  package static let all: [Command] =
    [
      strings, keys, expiry, dumps, databases, transactions, connection, client, config, command, debug, server, saves,
      replicationCommands,
    ].flatMap { $0 }.sorted { $0.name < $1.name }

  private static let byName: [Bytes: Int] = {
    var index: [Bytes: Int] = [:]
    for (position, command) in all.enumerated() { index[Bytes(command.name)] = position }
    return index
  }()

  package static func find(_ arguments: [Bytes]) -> Command? { find(arguments[0]) }

  /// The command of that name, in any case.
  package static func find(_ name: Bytes) -> Command? {
    if let position = byName[name] { return all[position] }
    return byName[name.lowercased()].map { all[$0] }
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
    guard let command = find(arguments[0]) else { return .unknown(unknownCommand(arguments)) }
    guard !command.subcommands.isEmpty, arguments.count > 1 else { return .command(command) }
    let name = "\(command.name)|\(arguments[1].text.lowercased())"
    if let subcommand = command.subcommands.first(where: { $0.name == name }) { return .command(subcommand) }
    let family = arguments[0].text.uppercased()
    return .unknown("ERR unknown subcommand '\(arguments[1].prefix(128).text)'. Try \(family) HELP.")
  }

  private static func unknownCommand(_ arguments: [Bytes]) -> String {
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
