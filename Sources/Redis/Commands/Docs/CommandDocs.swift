/// What Redis 7.0 says of a command to people and to clients that complete its arguments: COMMAND DOCS.
///
///     client|list connection 2.4.0            name, group, since when; `deprecated`, `syscmd`
///       . Get the list of client connections  in short
///       O O(N) where N is …                   how its cost grows
///       ! 6.2.0 `SET` with …                  deprecated since, and replaced by what
///       + 2.8.12 Added …                      history
///       ( a:integer b:key#0=KEY?*@3.0.0       arguments
///
/// An argument has a name, a type (none: a string), the number of the way in which keys are found, a word that stands
/// before it, `?` if it is optional, `*` if it may come several times and `+` if the word then does, too, since when, until
/// when (`!`), and in parentheses those that it consists of.
package struct CommandDocs: Sendable {
  package private(set) var summary = ""
  package let since: String
  package let group: String
  package private(set) var complexity: String?
  package let flags: [String]
  package private(set) var deprecatedSince: String?
  package private(set) var replacedBy: String?
  package private(set) var history: [(version: String, change: String)] = []
  package private(set) var arguments: [Argument] = []

  package struct Argument: Sendable {
    package var name: String
    package var type = "string"
    package var keySpec: Int?
    package var token: String?
    package var since: String?
    package var deprecatedSince: String?
    package var flags: [String] = []
    package var arguments: [Argument] = []
  }

  /// By full name: `get`, `config|get`.
  package static let all: [String: CommandDocs] = {
    var all: [String: CommandDocs] = [:]
    var name = ""
    for text in [keys, collections, scores, clients, server, cluster, sentinel] {
      for line in text.split(separator: "\n") {
        if line.hasPrefix("  ") {
          all[name]?.add(line.dropFirst(2))
        } else {
          let words = line.split(separator: " ").map(String.init)
          name = words[0]
          all[name] = CommandDocs(since: words[2], group: words[1], flags: Array(words.dropFirst(3)))
        }
      }
    }
    return all
  }()

  private init(since: String, group: String, flags: [String]) {
    (self.since, self.group, self.flags) = (since, group, flags)
  }

  private mutating func add(_ line: Substring) {
    let text = line.dropFirst(2)
    let blank = text.firstIndex(of: " ") ?? text.endIndex
    let (version, rest) = (String(text[..<blank]), String(text[blank...].dropFirst()))
    switch line.first {
    case ".": summary = String(text)
    case "O": complexity = String(text)
    case "!": (deprecatedSince, replacedBy) = (version, rest.isEmpty ? nil : rest)
    case "+": history.append((version, rest))
    case "(":
      var reader = ArgumentReader(rest: text)
      arguments = reader.arguments()
    default: preconditionFailure("no line of a command's docs: \(line)")
    }
  }
}

/// Reads what the docs say of arguments, which is our own text.
private struct ArgumentReader {
  var rest: Substring

  mutating func arguments() -> [CommandDocs.Argument] {
    var arguments: [CommandDocs.Argument] = []
    while let first = rest.first, first != ")" {
      if take(" ") { continue }
      arguments.append(argument())
    }
    _ = take(")")
    return arguments
  }

  private mutating func argument() -> CommandDocs.Argument {
    var argument = CommandDocs.Argument(name: word())
    if take(":") { argument.type = word() }
    if take("#") { argument.keySpec = Int(word()) }
    if take("=") { argument.token = word() }
    for (mark, flag) in [("?", "optional"), ("*", "multiple"), ("+", "multiple_token")] as [(Character, String)]
    where take(mark) { argument.flags.append(flag) }
    if take("@") { argument.since = word() }
    if take("!") { argument.deprecatedSince = word() }
    if take("(") { argument.arguments = arguments() }
    return argument
  }

  private mutating func take(_ character: Character) -> Bool {
    guard rest.first == character else { return false }
    rest.removeFirst()
    return true
  }

  /// What stands in quotes, or letters, digits, and the points of a version.
  private mutating func word() -> String {
    if take("\"") {
      let quoted = rest.prefix { $0 != "\"" }
      rest = rest[quoted.endIndex...].dropFirst()
      return String(quoted)
    }
    let plain = rest.prefix { $0.isLetter || $0.isNumber || "_-.".contains($0) }
    rest = rest[plain.endIndex...]
    return String(plain)
  }
}

extension ReplyBuffer {
  /// A command's entry in the reply to COMMAND DOCS (`addReplyCommandDocs`, `addReplyCommandHistory`,
  /// `addReplyDocFlagsForCommand` in server.c).
  package mutating func document(_ command: Command) {
    guard let docs = CommandDocs.all[command.name] else { return map(0) }
    let texts = [
      ("summary", docs.summary), ("since", docs.since), ("group", docs.group), ("complexity", docs.complexity),
    ]
    let later = [("deprecated_since", docs.deprecatedSince), ("replaced_by", docs.replacedBy)]
    let lists = [docs.flags.isEmpty, docs.history.isEmpty, docs.arguments.isEmpty, command.subcommands.isEmpty]
    map((texts + later).count { $0.1 != nil } + lists.count { !$0 })
    pairs(texts)
    if !docs.flags.isEmpty {
      bulk("doc_flags")
      set(docs.flags.count)
      for flag in docs.flags { simple(flag) }
    }
    pairs(later)
    if !docs.history.isEmpty {
      bulk("history")
      set(docs.history.count)
      for (version, change) in docs.history {
        array(2)
        bulk(version)
        bulk(change)
      }
    }
    if !docs.arguments.isEmpty {
      bulk("arguments")
      document(docs.arguments)
    }
    if !command.subcommands.isEmpty {
      bulk("subcommands")
      map(command.subcommands.count)
      for subcommand in command.subcommands {
        bulk(subcommand.name)
        document(subcommand)
      }
    }
  }

  /// (`addReplyCommandArgList`, `addReplyFlagsForArg` in server.c).
  private mutating func document(_ arguments: [CommandDocs.Argument]) {
    array(arguments.count)
    for argument in arguments {
      let texts = [
        ("token", argument.token), ("since", argument.since), ("deprecated_since", argument.deprecatedSince),
      ]
      let isCompound = ["oneof", "block"].contains(argument.type)
      let others = [argument.keySpec != nil, !argument.flags.isEmpty, isCompound]
      map(2 + texts.count { $0.1 != nil } + others.count { $0 })
      pairs([("name", argument.name), ("type", argument.type)])
      if let keySpec = argument.keySpec {
        bulk("key_spec_index")
        integer(keySpec)
      }
      pairs(texts)
      if !argument.flags.isEmpty {
        bulk("flags")
        set(argument.flags.count)
        for flag in argument.flags { simple(flag) }
      }
      if isCompound {
        bulk("arguments")
        document(argument.arguments)
      }
    }
  }

  private mutating func pairs(_ pairs: [(name: String, value: String?)]) {
    for (name, value) in pairs {
      guard let value else { continue }
      bulk(name)
      bulk(value)
    }
  }
}
