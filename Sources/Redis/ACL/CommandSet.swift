/// A set of commands by their ids, and whether it holds those that may be added to the server in future, which only
/// `+@all` gives.
package struct CommandSet: Equatable, Sendable {
  private var words: [UInt64]
  /// Whether it holds commands that there may be in future (`ACLSelectorCanExecuteFutureCommands` in acl.c).
  private(set) var hasFutureCommands: Bool

  private static let wordCount = (CommandTable.idCount + 63) / 64

  static let none = CommandSet(words: Array(repeating: 0, count: wordCount), hasFutureCommands: false)
  static let all: CommandSet = {
    var set = none
    for id in 0..<CommandTable.idCount { set[id] = true }
    set.hasFutureCommands = true
    return set
  }()

  /// Whether a command is in the set (`ACLGetSelectorCommandBit`, `ACLSetSelectorCommandBit` in acl.c).
  subscript(id: Int) -> Bool {
    get { words[id >> 6] & 1 << (UInt64(id) & 63) != 0 }
    set {
      let bit: UInt64 = 1 << (UInt64(id) & 63)
      if newValue { words[id >> 6] |= bit } else { words[id >> 6] &= ~bit }
    }
  }

  /// Adds the commands of another set, or takes them away (`ACLSetSelectorCommandBitsForCategory` in acl.c).
  mutating func set(_ others: CommandSet, to isIn: Bool) {
    for index in words.indices {
      if isIn { words[index] |= others.words[index] } else { words[index] &= ~others.words[index] }
    }
  }

  /// How many of a category's commands are in the set, and how many are not (`ACLCountCategoryBitsForSelector`,
  /// `ACLCountCategoryBitsForCommands` in acl.c).
  func count(of others: CommandSet) -> (inside: Int, outside: Int) {
    var counts = (inside: 0, outside: 0)
    for index in words.indices {
      counts.inside += (words[index] & others.words[index]).nonzeroBitCount
      counts.outside += (~words[index] & others.words[index]).nonzeroBitCount
    }
    return counts
  }
}

extension CommandCategories {
  /// A category by its name, the commands that are in it, and those that a rule with its name changes: where a family is
  /// in it, all its subcommands are changed too.
  struct Members: Sendable {
    let name: String
    let commands: CommandSet
    let reach: CommandSet
  }

  /// Every category with its commands (`ACLSetSelectorCommandBitsForCategoryLogic` in acl.c).
  static let members: [Members] = order.map { name in
    let category = CommandCategories(name: name) ?? []
    var (commands, reach) = (CommandSet.none, CommandSet.none)
    for command in CommandTable.known {
      let isIn = command.categories.isSuperset(of: category)
      if isIn { commands[command.id] = true }
      for subcommand in command.subcommands {
        let subcommandIsIn = subcommand.categories.isSuperset(of: category)
        if subcommandIsIn { commands[subcommand.id] = true }
        if isIn || subcommandIsIn { reach[subcommand.id] = true }
      }
      if isIn { reach[command.id] = true }
    }
    return Members(name: name, commands: commands, reach: reach)
  }

  static func members(of name: Bytes) -> Members? {
    let name = name.word
    return members.first { $0.name == name }
  }
}
