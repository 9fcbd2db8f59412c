/// What one part of a user's rules allows: commands, together with the keys and channels that they may name (aclSelector
/// in Redis). A user has one of its own, and one for each pair of parentheses.
package struct Selector: Equatable, Sendable {
  /// `+@all`, with nothing taken away since: no command need be looked up.
  var allowsAllCommands = false
  var commands = CommandSet.none
  /// The first arguments with which a command may be said that else may not (`+select|1`), by the command's id.
  var firstArguments: [Int: [Bytes]] = [:]
  var allowsAllKeys = false
  /// In the order in which they were added.
  var keys: [KeyPattern] = []
  var allowsAllChannels: Bool
  var channels: [Bytes] = []

  /// A pattern of keys, and whether those may be read and written.
  package struct KeyPattern: Equatable, Sendable {
    var pattern: Bytes
    var mayRead: Bool
    var mayWrite: Bool

    /// As a rule says it (`sdsCatPatternString` in acl.c).
    var rule: Bytes {
      var text: Bytes = mayRead ? mayWrite ? "~" : "%R~" : "%W~"
      text.append(pattern)
      return text
    }
  }

  /// Nothing is allowed, but all channels if `acl-pubsub-default` says so (`ACLCreateSelector` in acl.c).
  init(allowsAllChannels: Bool) { self.allowsAllChannels = allowsAllChannels }

  var isUnrestricted: Bool { allowsAllCommands && allowsAllKeys && allowsAllChannels }

  /// Allows or forbids a command with its subcommands (`ACLChangeSelectorPerm`, `ACLResetFirstArgsForCommand` in
  /// acl.c).
  mutating func set(_ command: Command, to isAllowed: Bool) {
    commands[command.id] = isAllowed
    for subcommand in command.subcommands { commands[subcommand.id] = isAllowed }
    firstArguments[command.id] = nil
    if !isAllowed { allowsAllCommands = false }
  }

  /// Allows or forbids the commands of a category (`ACLSetSelectorCommandBitsForCategory` in acl.c).
  mutating func set(_ category: CommandCategories.Members, to isAllowed: Bool) {
    commands.set(category.reach, to: isAllowed)
    if !firstArguments.isEmpty { firstArguments = firstArguments.filter { !category.reach[$0.key] } }
    if !isAllowed { allowsAllCommands = false }
  }

  /// Allows or forbids every command (`ACLSetSelector`, `ACLResetFirstArgs` in acl.c).
  mutating func setAllCommands(to isAllowed: Bool) {
    commands = isAllowed ? .all : .none
    allowsAllCommands = isAllowed
    firstArguments = [:]
  }
}

// MARK: - What it says of a command

/// What a user's rules say no to, in the order in which Redis finds one worth telling over another.
package enum Denial: Hashable, Sendable {
  case command
  /// The position of the argument.
  case key(Int)
  case channel(Int)

  fileprivate var rank: (Int, Int) {
    switch self {
    case .command: (0, 0)
    case .key(let position): (1, position)
    case .channel(let position): (2, position)
    }
  }
}

extension Selector {
  /// Why the command may not be run, or nil (`ACLSelectorCheckCmd` in acl.c). `found` are its keys.
  func denial(of command: Command, _ arguments: [Bytes], keys found: [KeyReference]) -> Denial? {
    guard allows(command, arguments) else { return .command }
    if !allowsAllKeys, let denied = found.first(where: { !allows($0, arguments[$0.position]) }) {
      return .key(denied.position)
    }
    if !allowsAllChannels, let channels = command.channels(in: arguments) {
      for position in channels.positions
      where !Self.allows(arguments[position], isPattern: channels.arePatterns, by: self.channels) {
        return .channel(position)
      }
    }
    return nil
  }

  /// Whether the command may be run, whatever its keys (`ACLSelectorCheckCmd` in acl.c).
  private func allows(_ command: Command, _ arguments: [Bytes]) -> Bool {
    if allowsAllCommands || command.flags.contains(.noAuth) || commands[command.id] { return true }
    guard arguments.count > 1, let allowed = firstArguments[command.id] else { return false }
    let first = arguments[1].lowercased()
    return allowed.contains { $0.lowercased() == first }
  }

  /// Whether a key may be used so (`ACLSelectorCheckKey` in acl.c).
  private func allows(_ reference: KeyReference, _ key: Bytes) -> Bool {
    keys.contains {
      ($0.mayRead || !reference.isRead) && ($0.mayWrite || !reference.isWritten)
        && Glob.matches($0.pattern.array, key.array)
    }
  }

  /// A pattern to subscribe to must be one of those allowed, to the letter (`ACLCheckChannelAgainstList` in acl.c).
  static func allows(_ channel: Bytes, isPattern: Bool, by channels: [Bytes]) -> Bool {
    channels.contains { isPattern ? $0 == channel : Glob.matches($0.array, channel.array) }
  }
}

extension Command {
  /// The arguments that are channels to publish or to subscribe to (`getChannelsFromCommand` in db.c).
  fileprivate func channels(in arguments: [Bytes]) -> (positions: Range<Int>, arePatterns: Bool)? {
    switch name {
    case "publish", "spublish": (1..<min(2, arguments.count), false)
    case "subscribe", "ssubscribe": (1..<arguments.count, false)
    case "psubscribe": (1..<arguments.count, true)
    default: nil
    }
  }
}

extension User {
  /// Why the user may not run the command, or nil (`ACLCheckAllUserCommandPerm` in acl.c). It may if one of its
  /// selectors lets it; else the refusal that is worth most is told.
  package func denial(of command: Command, _ arguments: [Bytes]) -> Denial? {
    if selectors[0].isUnrestricted { return nil }
    let needsKeys = selectors.contains { !$0.allowsAllKeys }
    let keys = needsKeys ? command.keys(in: arguments) : []
    var worst = Denial.command
    for selector in selectors {
      guard let denial = selector.denial(of: command, arguments, keys: keys) else { return nil }
      if denial.rank > worst.rank { worst = denial }
    }
    return worst
  }

  /// Whether one of its selectors lets it run the command and read every key
  /// (`ACLUserCheckCmdWithUnrestrictedKeyAccess`, `ACLSelectorHasUnrestrictedKeyAccess` in acl.c).
  func mayReadAllKeys(running command: Command, _ arguments: [Bytes]) -> Bool {
    let keys = command.keys(in: arguments)
    return selectors.contains { selector in
      selector.denial(of: command, arguments, keys: keys) == nil
        && (selector.allowsAllKeys || selector.keys.contains { $0.mayRead && $0.pattern == "*" })
    }
  }
}
