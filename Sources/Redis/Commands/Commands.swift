// COMMAND: what the table says of itself (server.c in Redis 7.0).

extension CommandTable {
  static let command: [Command] = [
    Command(
      "command", arity: -1, flags: [.loading, .stale], categories: [.connection],
      tips: ["nondeterministic_output_order"],
      subcommands: [
        Command(
          "command|count", arity: 2, flags: [.loading, .stale], categories: [.connection]
        ) { $0.commandCount(&$1) },
        Command(
          "command|getkeys", arity: -4, flags: [.loading, .stale], categories: [.connection]
        ) { $0.commandGetkeys(&$1) },
        Command(
          "command|getkeysandflags", arity: -4, flags: [.loading, .stale], categories: [.connection]
        ) { $0.commandGetkeysandflags(&$1) },
        Command(
          "command|help", arity: 2, flags: [.loading, .stale], categories: [.connection]
        ) { $0.commandHelp(&$1) },
        Command(
          "command|info", arity: -2, flags: [.loading, .stale], categories: [.connection],
          tips: ["nondeterministic_output_order"]
        ) { $0.commandInfo(&$1) },
        Command(
          "command|list", arity: -2, flags: [.loading, .stale], categories: [.connection],
          tips: ["nondeterministic_output_order"]
        ) { $0.commandList(&$1) },
      ]
    ) { $0.command(&$1) }
  ]
}

extension Node {
  mutating func command(_ call: inout Call) {
    call.reply.array(CommandTable.all.count)
    for command in CommandTable.all { call.reply.describe(command) }
  }

  mutating func commandCount(_ call: inout Call) { call.reply.integer(CommandTable.all.count) }

  mutating func commandInfo(_ call: inout Call) {
    guard call.arguments.count > 2 else { return command(&call) }
    call.reply.array(call.arguments.count - 2)
    for name in call.arguments.dropFirst(2) {
      if let command = CommandTable.find(fullName: name.text) {
        call.reply.describe(command)
      } else {
        call.reply.nullArray()
      }
    }
  }

  mutating func commandList(_ call: inout Call) {
    var names = CommandTable.all.flatMap { [$0.name] + $0.subcommands.map(\.name) }
    if call.arguments.count == 5, call.arguments[2].matches("FILTERBY") {
      let (kind, value) = (call.arguments[3], call.arguments[4].text)
      if kind.matches("MODULE") {
        names = []
      } else if kind.matches("ACLCAT") {
        let category = CommandCategories(name: value.lowercased())
        names = names.filter { name in
          category.map { CommandTable.find(fullName: name)?.categories.isSuperset(of: $0) == true } ?? false
        }
      } else if kind.matches("PATTERN") {
        names = names.filter { Glob.matches(value, $0, ignoringCase: true) }
      } else {
        return call.syntaxError()
      }
    } else if call.arguments.count != 2 {
      return call.syntaxError()
    }
    call.reply.set(names.count)
    for name in names { call.reply.bulk(name) }
  }

  mutating func commandGetkeys(_ call: inout Call) { listKeys(&call, withFlags: false) }
  mutating func commandGetkeysandflags(_ call: inout Call) { listKeys(&call, withFlags: true) }

  private func listKeys(_ call: inout Call, withFlags: Bool) {
    let arguments = Array(call.arguments.dropFirst(2))
    guard let command = CommandTable.resolve(arguments).command else {
      return call.reply.error("ERR Invalid command specified")
    }
    guard !command.keys.isEmpty else { return call.reply.error("ERR The command has no key arguments") }
    guard command.accepts(argumentCount: arguments.count) else {
      return call.reply.error("ERR Invalid number of arguments specified for command")
    }
    let found = command.keys.flatMap { spec in
      spec.positions(argumentCount: arguments.count).map { (arguments[$0], spec) }
    }
    call.reply.array(found.count)
    for (key, spec) in found {
      if withFlags { call.reply.array(2) }
      call.reply.bulk(key)
      if withFlags { call.reply.flags([spec.access.rawValue] + spec.uses.map(\.rawValue)) }
    }
  }

  mutating func commandHelp(_ call: inout Call) {
    call.help([
      "(no subcommand)",
      "    Return details about all Redis commands.",
      "COUNT",
      "    Return the total number of commands in this Redis server.",
      "LIST",
      "    Return a list of all commands in this Redis server.",
      "INFO [<command-name> ...]",
      "    Return details about multiple Redis commands.",
      "    If no command names are given, documentation details for all",
      "    commands are returned.",
      "DOCS [<command-name> ...]",
      "    Return documentation details about multiple Redis commands.",
      "    If no command names are given, documentation details for all",
      "    commands are returned.",
      "GETKEYS <full-command>",
      "    Return the keys from a full Redis command.",
      "GETKEYSANDFLAGS <full-command>",
      "    Return the keys and the access flags from a full Redis command.",
    ])
  }
}

extension CommandTable {
  /// By a name as COMMAND INFO takes it: `get`, `config|get`.
  static func find(fullName: String) -> Command? {
    let parts = fullName.lowercased().split(separator: "|", omittingEmptySubsequences: false)
    guard let command = find(Bytes(String(parts[0]))) else { return nil }
    if parts.count == 1 { return command }
    return command.subcommands.first { $0.name == fullName.lowercased() }
  }
}

extension ReplyBuffer {
  /// A command's entry in COMMAND's reply.
  fileprivate mutating func describe(_ command: Command) {
    array(10)
    bulk(command.name)
    integer(command.arity)
    flags(CommandFlags.names.filter { command.flags.contains($0.0) }.map(\.1))
    // The range that the key specs cover together, as clients before 7.0 know it.
    let first = command.keys.map(\.first).min() ?? 0
    let last = command.keys.map { $0.through < 0 ? $0.through : $0.first + $0.through }.max { abs($0) < abs($1) } ?? 0
    integer(first)
    integer(last)
    integer(command.keys.first?.step ?? 0)
    flags(command.categories.names.map { "@" + $0 })
    set(command.tips.count)
    for tip in command.tips { bulk(tip) }
    set(command.keys.count)
    for spec in command.keys { describe(spec) }
    array(command.subcommands.count)
    for subcommand in command.subcommands { describe(subcommand) }
  }

  private mutating func describe(_ spec: KeySpec) {
    map(spec.notes == nil ? 3 : 4)
    if let notes = spec.notes {
      bulk("notes")
      bulk(notes)
    }
    bulk("flags")
    flags([spec.access.rawValue] + spec.uses.map(\.rawValue))
    bulk("begin_search")
    map(2)
    bulk("type")
    bulk("index")
    bulk("spec")
    map(1)
    bulk("index")
    integer(spec.first)
    bulk("find_keys")
    map(2)
    bulk("type")
    bulk("range")
    bulk("spec")
    map(3)
    bulk("lastkey")
    integer(spec.through)
    bulk("keystep")
    integer(spec.step)
    bulk("limit")
    integer(0)
  }

  fileprivate mutating func flags(_ names: [String]) {
    set(names.count)
    for name in names { simple(name) }
  }
}
