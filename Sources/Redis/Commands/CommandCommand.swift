// COMMAND: what the table says of itself (server.c in Redis 7.0).

extension CommandTable {
  static let command: [String: Command.Body] = [
    "command": { $0.command(&$1) },
    "command|count": { $0.commandCount(&$1) },
    "command|docs": { $0.commandDocs(&$1) },
    "command|getkeys": { $0.commandGetkeys(&$1) },
    "command|getkeysandflags": { $0.commandGetkeysandflags(&$1) },
    "command|help": { $0.commandHelp(&$1) },
    "command|info": { $0.commandInfo(&$1) },
    "command|list": { $0.commandList(&$1) },
  ]
}

extension Node {
  /// COMMAND (`commandCommand` in server.c).
  mutating func command(_ call: inout Call) {
    call.reply.describe(configuration.commandNames.listed)
  }

  /// COMMAND COUNT (`commandCountCommand` in server.c).
  mutating func commandCount(_ call: inout Call) { call.reply.integer(configuration.commandNames.listed.count) }

  /// COMMAND DOCS (`commandDocsCommand` in server.c).
  mutating func commandDocs(_ call: inout Call) {
    var commands = configuration.commandNames.listed
    if call.arguments.count > 2 {
      commands = call.arguments.dropFirst(2).compactMap { configuration.commandNames.find(fullName: $0) }
    }
    call.reply.map(commands.count)
    for command in commands {
      call.reply.bulk(command.name)
      call.reply.document(command)
    }
  }

  /// COMMAND INFO (`commandInfoCommand` in server.c).
  mutating func commandInfo(_ call: inout Call) {
    guard call.arguments.count > 2 else { return command(&call) }
    call.reply.array(call.arguments.count - 2)
    for name in call.arguments.dropFirst(2) {
      if let command = configuration.commandNames.find(fullName: name) {
        call.reply.describe(command)
      } else {
        call.reply.null()
      }
    }
  }

  /// COMMAND LIST (`commandListCommand`, `commandListWithoutFilter`, `commandListWithFilter`,
  /// `shouldFilterFromCommandList` in server.c).
  mutating func commandList(_ call: inout Call) {
    var names = configuration.commandNames.listed.flatMap { [$0.name] + $0.subcommands.map(\.name) }
    if call.arguments.count == 5, call.arguments[2].matches("FILTERBY") {
      let (kind, value) = (call.arguments[3], call.arguments[4])
      if kind.matches("MODULE") {
        names = []
      } else if kind.matches("ACLCAT") {
        let category = CommandCategories(name: value.word)
        names = names.filter { name in
          category.map { CommandTable.find(fullName: Bytes(name))?.categories.isSuperset(of: $0) == true } ?? false
        }
      } else if kind.matches("PATTERN") {
        names = names.filter { Glob.matches(value.array, Array($0.utf8), ignoringCase: true) }
      } else {
        return call.syntaxError()
      }
    } else if call.arguments.count != 2 {
      return call.syntaxError()
    }
    call.reply.array(names.count)
    for name in names { call.reply.bulk(name) }
  }

  /// COMMAND GETKEYS (`commandGetKeysCommand`, `getKeysSubcommand` in server.c).
  mutating func commandGetkeys(_ call: inout Call) { listKeys(&call, withFlags: false) }
  /// COMMAND GETKEYSANDFLAGS (`commandGetKeysAndFlagsCommand` in server.c).
  mutating func commandGetkeysandflags(_ call: inout Call) { listKeys(&call, withFlags: true) }

  /// The keys among the arguments of a command, and what it does with them (`getKeysSubcommandImpl` in server.c).
  private func listKeys(_ call: inout Call, withFlags: Bool) {
    let arguments = Array(call.arguments.dropFirst(2))
    guard let command = configuration.commandNames.resolve(arguments).command else {
      return call.reply.error("ERR Invalid command specified")
    }
    guard command.mayHaveKeys else { return call.reply.error("ERR The command has no key arguments") }
    guard command.accepts(argumentCount: arguments.count) else {
      return call.reply.error("ERR Invalid number of arguments specified for command")
    }
    let found = command.keys(in: arguments)
    guard !found.isEmpty || command.flags.contains(.noMandatoryKeys) else {
      return call.reply.error("ERR Invalid arguments specified for command")
    }
    call.reply.array(found.count)
    for key in found {
      if withFlags { call.reply.array(2) }
      call.reply.bulk(arguments[key.position])
      if withFlags { call.reply.flags((key.access.map { [$0.rawValue] } ?? []) + key.uses.map(\.rawValue)) }
    }
  }

  /// COMMAND HELP (`commandHelpCommand` in server.c).
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

extension ReplyBuffer {
  /// COMMAND's reply about these.
  package mutating func describe(_ commands: [Command]) {
    array(commands.count)
    for command in commands { describe(command) }
  }

  /// A command's entry in COMMAND's reply (`addReplyCommandInfo`, `addReplyFlagsForCommand`, `addReplyCommandTips`,
  /// `addReplyCommandSubCommands` in server.c; `addReplyCommandCategories` in acl.c).
  fileprivate mutating func describe(_ command: Command) {
    array(10)
    bulk(command.name)
    integer(command.arity)
    flags(CommandFlags.names.filter { command.flags.contains($0.0) }.map(\.1))
    let range = command.legacyRange
    integer(range?.first ?? 0)
    integer(range?.last ?? 0)
    integer(range?.step ?? 0)
    flags(command.categories.names.map { "@" + $0 })
    set(command.tips.count)
    for tip in command.tips { bulk(tip) }
    set(command.keys.count)
    for spec in command.keys { describe(spec) }
    // No subcommands are an empty set; some are an array.
    if command.subcommands.isEmpty { set(0) } else { describe(command.subcommands) }
  }

  /// One way of finding keys (`addReplyCommandKeySpecs`, `addReplyFlagsForKeyArgs` in server.c).
  private mutating func describe(_ spec: KeySpec) {
    map(spec.notes == nil ? 3 : 4)
    if let notes = spec.notes {
      bulk("notes")
      bulk(notes)
    }
    bulk("flags")
    flags((spec.access.map { [$0.rawValue] } ?? []) + spec.uses.map(\.rawValue))
    bulk("begin_search")
    switch spec.begin {
    case .index(let index): describe("index", [("index", index)])
    case .keyword(let word, let start): describe("keyword", [("startfrom", start)], keyword: word)
    case .unknown: describe("unknown", [])
    }
    bulk("find_keys")
    switch spec.find {
    case .range(let last, let step, let limit):
      describe("range", [("lastkey", last), ("keystep", step), ("limit", limit)])
    case .counted: describe("keynum", [("keynumidx", 0), ("firstkey", 1), ("keystep", 1)])
    case .unknown: describe("unknown", [])
    }
  }

  private mutating func describe(_ type: String, _ numbers: [(String, Int)], keyword: String? = nil) {
    map(2)
    bulk("type")
    bulk(type)
    bulk("spec")
    map(numbers.count + (keyword == nil ? 0 : 1))
    if let keyword {
      bulk("keyword")
      bulk(keyword)
    }
    for (name, number) in numbers {
      bulk(name)
      integer(number)
    }
  }

  /// Names, each as a line (`addReplyCommandFlags` in server.c).
  fileprivate mutating func flags(_ names: [String]) {
    set(names.count)
    for name in names { simple(name) }
  }
}

extension Command {
  /// The range that the ways of finding keys cover together, as clients before 7.0 know it: of several ways, those that
  /// name every argument of a stretch and follow each other (`populateCommandLegacyRangeSpec` in server.c).
  fileprivate var legacyRange: (first: Int, last: Int, step: Int)? {
    let ranges = keys.compactMap(\.range)
    if keys.count == 1 { return ranges.first }
    return ranges.filter { $0.step == 1 }.reduce(nil) { covered, next in
      guard let covered else { return next }
      return covered.last == next.first - 1 ? (covered.first, next.last, 1) : covered
    }
  }
}

extension KeySpec {
  /// Where the keys are a range: the first and the last, which is counted from the end if it is negative.
  fileprivate var range: (first: Int, last: Int, step: Int)? {
    guard case .index(let first) = begin, case .range(let last, let step, _) = find else { return nil }
    return (first, last < 0 ? last : first + last, step)
  }
}
