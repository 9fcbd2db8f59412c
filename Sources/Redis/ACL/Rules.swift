import RESP

// ACL rules: what ACL SETUSER, the lines `user …` and an ACL file say (ACLSetUser in Redis 7.0).
//
//     on off                  nopass resetpass >password #hash <password !hash
//     +cmd +cmd|sub +cmd|arg  -cmd -cmd|sub  +@category -@category  allcommands nocommands
//     ~pattern %R~pattern %W~pattern %RW~pattern  allkeys resetkeys
//     &pattern  allchannels resetchannels
//     (rules of another selector)  clearselectors  reset  sanitize-payload skip-sanitize-payload

/// Why a rule was not taken (`ACLSetUserStringError` in acl.c). Its words are Redis's.
package enum RuleError: String, Error, Sendable {
  case syntax = "Syntax error"
  case unknown = "Unknown command or category name in ACL"
  case keysAfterAll =
    "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns"
  case channelsAfterAll =
    "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels"
  case noSuchPassword = "The password you are trying to remove from the user does not exist"
  case badHash = "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters"
  case duplicateUser = "Duplicate user found. A user can only be defined once in config files"
  case subcommandArgument = "Allowing first-arg of a subcommand is not supported"
}

/// A rule that was not taken, of several.
struct RuleFailure: Error {
  /// Among the rules once what stands in parentheses is one of them.
  var index: Int
  var rule: Bytes
  var error: RuleError
}

enum Rules {
  /// Puts together what stands in one pair of parentheses over several arguments (`ACLMergeSelectorArguments` in
  /// acl.c).
  static func merge(_ rules: [Bytes]) throws(Unclosed) -> [Bytes] {
    var merged: [Bytes] = []
    var open: (position: Int, text: Bytes)?
    for (position, rule) in rules.enumerated() {
      let closes = rule.array.last == UInt8(ascii: ")")
      if rule.array.first == UInt8(ascii: "("), !closes {
        open = (position, rule)
      } else if var begun = open {
        begun.text.append(" ")
        begun.text.append(rule.upToNUL)
        open = closes ? nil : begun
        if closes { merged.append(begun.text) }
      } else {
        merged.append(rule)
      }
    }
    if let open { throw Unclosed(position: open.position) }
    return merged
  }

  /// A parenthesis that is not closed: in which of the rules.
  struct Unclosed: Error {
    var position: Int
  }

  /// No blanks and no NUL: what has some could not be told apart where it is written down (`ACLStringHasSpaces` in
  /// acl.c).
  static func hasBlanks(_ text: some Sequence<UInt8>) -> Bool {
    text.contains { $0 == 0 || $0 == 32 || (9...13).contains($0) }
  }
}

extension User {
  /// All of them, or the first that is not taken; the user is then to be thrown away (`ACLStringSetUser` in acl.c).
  mutating func apply(_ rules: [Bytes], pubsubDefault: Bool) throws(RuleFailure) {
    for (index, rule) in rules.enumerated() {
      do throws(RuleError) {
        try apply(rule, pubsubDefault: pubsubDefault)
      } catch {
        throw RuleFailure(index: index, rule: rule, error: error)
      }
    }
  }

  /// One rule (`ACLSetUser`, `aclCreateSelectorFromOpSet` in acl.c). `pubsubDefault`: `acl-pubsub-default` is
  /// `allchannels`.
  mutating func apply(_ rule: Bytes, pubsubDefault: Bool) throws(RuleError) {
    guard let sign = rule.array.first else { return }
    switch sign {
    case UInt8(ascii: ">"): add(password: SHA256.hex(rule[1..<rule.count]))
    case UInt8(ascii: "#"): add(password: try User.hash(rule))
    case UInt8(ascii: "<"): try remove(password: SHA256.hex(rule[1..<rule.count]))
    case UInt8(ascii: "!"): try remove(password: try User.hash(rule))
    case UInt8(ascii: "(") where rule.array.last == UInt8(ascii: ")"):
      var selector = Selector(allowsAllChannels: pubsubDefault)
      let inside = Array(rule.array.dropFirst().dropLast())
      for rule in InlineCommand.split(inside) ?? [] { try selector.apply(Bytes(rule)) }
      selectors.append(selector)
    default: try apply(word: rule.word, rule, pubsubDefault)
    }
  }

  /// A rule that is one word (`ACLSetUser` in acl.c).
  private mutating func apply(word: String, _ rule: Bytes, _ pubsubDefault: Bool) throws(RuleError) {
    switch word {
    case "on": isOn = true
    case "off": isOn = false
    case "skip-sanitize-payload": sanitizes = false
    case "sanitize-payload": sanitizes = true
    case "nopass":
      needsNoPassword = true
      passwords = []
    case "resetpass":
      needsNoPassword = false
      passwords = []
    case "clearselectors": selectors.removeLast(selectors.count - 1)
    case "reset":
      self = User(name, allowsAllChannels: pubsubDefault)
      sanitizes = true
    default: try selectors[0].apply(rule)
    }
  }

  private mutating func add(password: String) {
    if !passwords.contains(password) { passwords.append(password) }
    needsNoPassword = false
  }

  private mutating func remove(password: String) throws(RuleError) {
    guard let index = passwords.firstIndex(of: password) else { throw .noSuchPassword }
    passwords.remove(at: index)
  }

  /// The password's hash in a rule, if it is one (`ACLCheckPasswordHash` in acl.c).
  private static func hash(_ rule: Bytes) throws(RuleError) -> String {
    let isHash = rule.array.dropFirst().allSatisfy {
      (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
    }
    guard rule.count == 65, isHash else { throw .badHash }
    return rule[1..<rule.count].text
  }
}

extension Selector {
  /// A rule that is about commands, keys or channels (`ACLSetSelector` in acl.c).
  mutating func apply(_ rule: Bytes) throws(RuleError) {
    switch rule.word {
    case "allkeys", "~*": (allowsAllKeys, keys) = (true, [])
    case "resetkeys": (allowsAllKeys, keys) = (false, [])
    case "allchannels", "&*": (allowsAllChannels, channels) = (true, [])
    case "resetchannels": (allowsAllChannels, channels) = (false, [])
    case "allcommands", "+@all": setAllCommands(to: true)
    case "nocommands", "-@all": setAllCommands(to: false)
    default:
      switch rule.array.first {
      case UInt8(ascii: "~"), UInt8(ascii: "%"): try addKeys(rule)
      case UInt8(ascii: "&"): try addChannels(rule)
      case UInt8(ascii: "+"): try changeCommands(rule.upToNUL, to: true)
      case UInt8(ascii: "-"): try changeCommands(rule.upToNUL, to: false)
      default: throw .syntax
      }
    }
  }

  /// `~pattern`, `%R~pattern` and the like (`ACLSetSelector` in acl.c).
  private mutating func addKeys(_ rule: Bytes) throws(RuleError) {
    if allowsAllKeys { throw .keysAfterAll }
    var rest = rule.array.dropFirst()
    var (mayRead, mayWrite) = (rule[0] == UInt8(ascii: "~"), rule[0] == UInt8(ascii: "~"))
    if rule[0] == UInt8(ascii: "%") {
      while let letter = rest.popFirst(), letter != UInt8(ascii: "~") {
        if asciiLowercase(letter) == UInt8(ascii: "r"), !mayRead {
          mayRead = true
        } else if asciiLowercase(letter) == UInt8(ascii: "w"), !mayWrite {
          mayWrite = true
        } else {
          throw .syntax
        }
      }
    }
    // A real 7.0 takes `%~pattern`, which allows nothing, and dies when it is to show it.
    if Rules.hasBlanks(rest) || !mayRead && !mayWrite { throw .syntax }
    let pattern = Bytes(rest)
    if let index = keys.firstIndex(where: { $0.pattern == pattern }) {
      keys[index].mayRead = keys[index].mayRead || mayRead
      keys[index].mayWrite = keys[index].mayWrite || mayWrite
    } else {
      keys.append(KeyPattern(pattern: pattern, mayRead: mayRead, mayWrite: mayWrite))
    }
  }

  /// `&pattern` (`ACLSetSelector` in acl.c).
  private mutating func addChannels(_ rule: Bytes) throws(RuleError) {
    if allowsAllChannels { throw .channelsAfterAll }
    let pattern = rule[1..<rule.count]
    if Rules.hasBlanks(pattern.array) { throw .syntax }
    if !channels.contains(pattern) { channels.append(pattern) }
  }

  /// `+command`, `-@category` and the like (`ACLSetSelector` in acl.c).
  private mutating func changeCommands(_ rule: Bytes, to isAllowed: Bool) throws(RuleError) {
    let name = rule[1..<rule.count]
    if name.array.first == UInt8(ascii: "@") {
      guard let category = CommandCategories.members(of: name[1..<name.count]) else { throw .unknown }
      return set(category, to: isAllowed)
    }
    guard isAllowed, let bar = name.array.lastIndex(of: UInt8(ascii: "|")) else {
      guard let command = CommandTable.find(fullName: name) else { throw .unknown }
      return set(command, to: isAllowed)
    }
    try allow(CommandTable.find(fullName: name[0..<bar]), with: name[bar + 1..<name.count], name)
  }

  /// `+command|argument`: a subcommand, or any first argument of a command that has no subcommands (`ACLSetSelector`,
  /// `ACLAddAllowedFirstArg` in acl.c).
  private mutating func allow(_ command: Command?, with argument: Bytes, _ name: Bytes) throws(RuleError) {
    guard let command else { throw .unknown }
    if command.name.contains("|") { throw .subcommandArgument }
    if argument.isEmpty { throw .syntax }
    guard command.subcommands.isEmpty else {
      guard let subcommand = CommandTable.find(fullName: name) else { throw .unknown }
      return set(subcommand, to: true)
    }
    let known = firstArguments[command.id, default: []]
    if !known.contains(where: { $0.lowercased() == argument.lowercased() }) {
      firstArguments[command.id] = known + [argument]
    }
  }
}
