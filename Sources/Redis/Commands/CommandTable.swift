/// All commands by name, one family a file.
package enum CommandTable {
  /// Every command of Redis 7.0, those included that a node can't run, in alphabetical order; a real Redis lists them
  /// in hash order (`populateCommandTable` in server.c). Their ids number them and their subcommands.
  package static let known: [Command] = number(
    merge(groups.flatMap(\.commands), with: CommandCatalogue.commands))

  /// What a node can run, by what it is about: names as one types them, in alphabetical order.
  package static let simulated: [(title: String, names: [String])] = groups.map { group in
    let names = group.commands.compactMap(\.runnable).flatMap { command in
      (command.body == nil ? [] : [command.name]) + command.subcommands.map { $0.name.replacing("|", with: " ") }
    }
    return (group.title, names.map { $0.uppercased() }.sorted())
  }

  private static let groups: [(title: String, commands: [Command])] = [
    ("Strings", strings), ("Keys", keys + dumps), ("Expiry", expiry), ("Databases", databases),
    ("Transactions", transactions), ("Replication", replication), ("Snapshots and files", saves),
    ("Connections and clients", connection + client), ("Users", accessControl), ("Configuration", config),
    ("The server", server + command + debug),
  ]

  /// Those that a node can run, which is what COMMAND lists.
  package static let all: [Command] = known.compactMap(\.runnable)

  /// By the ids: `config`, `config|get`.
  static let names = known.flatMap { [$0.name] + $0.subcommands.map(\.name) }

  /// The number of ids.
  static let idCount = known.reduce(0) { $0 + 1 + $1.subcommands.count }

  private static let byName: [Bytes: Int] = {
    var index: [Bytes: Int] = [:]
    for (position, command) in known.enumerated() { index[Bytes(command.name)] = position }
    return index
  }()

  /// The command of that name, in any case (`lookupCommand` in server.c).
  package static func find(_ name: Bytes) -> Command? {
    if let position = byName[name] { return known[position] }
    return byName[name.lowercased()].map { known[$0] }
  }

  /// By a name as ACL rules and COMMAND INFO have it, in any case: `get`, `config|get` (`ACLLookupCommand` in acl.c;
  /// `lookupCommandBySds` in server.c).
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
