// How rules are told: not as they were given, but as few as make the same rights (ACLDescribeUser in Redis 7.0).

extension Selector {
  /// `+@all` or `-@all`, then the categories that come nearest, then what is still different, command by command
  /// (`ACLDescribeSelectorCommandRules` in acl.c). Redis tells the single commands in hash order; here they are in that
  /// of the alphabet.
  var commandRules: Bytes {
    let adds = !commands.hasFutureCommands
    var made = Selector(allowsAllChannels: false)
    made.setAllCommands(to: !adds)
    var rules: [Bytes] = [adds ? "-@all" : "+@all"]
    // What is left to be told by categories.
    var rest = self
    var untold = CommandCategories.members
    while let index = bestCategory(of: untold, for: rest.commands, adds) {
      let category = untold.remove(at: index)
      made.set(category, to: adds)
      rest.set(category, to: !adds)
      rules.append(Bytes((adds ? "+@" : "-@") + category.name))
    }
    for command in CommandTable.known {
      tell(command, &made, &rules)
      for subcommand in command.subcommands { tell(subcommand, &made, &rules) }
      if !commands[command.id] {
        rules += firstArguments[command.id, default: []].map { Bytes(Array("+\(command.name)|".utf8) + $0.array) }
      }
    }
    return Bytes.joined(rules)
  }

  /// The category with the fewest commands that would be told wrongly by it, if there are more that it tells rightly
  /// (`ACLDescribeSelectorCommandRules` in acl.c).
  private func bestCategory(of untold: [CommandCategories.Members], for rest: CommandSet, _ adds: Bool) -> Int? {
    var best: (index: Int, wrong: Int, right: Int)?
    for (index, category) in untold.enumerated() {
      let count = rest.count(of: category.commands)
      let (right, wrong) = adds ? (count.inside, count.outside) : (count.outside, count.inside)
      guard right > wrong else { continue }
      if best.map({ wrong < $0.wrong || wrong == $0.wrong && right > $0.right }) ?? true {
        best = (index, wrong, right)
      }
    }
    return best?.index
  }

  /// Tells a command by itself, if the rules so far say otherwise (`ACLDescribeSelectorCommandRulesSingleCommands` in
  /// acl.c).
  private func tell(_ command: Command, _ made: inout Selector, _ rules: inout [Bytes]) {
    let isAllowed = commands[command.id]
    guard made.commands[command.id] != isAllowed else { return }
    made.set(command, to: isAllowed)
    rules.append(Bytes((isAllowed ? "+" : "-") + command.name))
  }

  var keyRules: Bytes { allowsAllKeys ? "~*" : Bytes.joined(keys.map(\.rule)) }

  var channelRules: Bytes {
    allowsAllChannels ? "&*" : Bytes.joined(channels.map { Bytes([UInt8(ascii: "&")] + $0.array) })
  }

  /// All rules, as ACL LIST tells them (`ACLDescribeSelector` in acl.c).
  var rules: Bytes {
    var parts: [Bytes] = []
    if allowsAllKeys || !keys.isEmpty { parts.append(keyRules) }
    if !allowsAllChannels { parts.append("resetchannels") }
    if allowsAllChannels || !channels.isEmpty { parts.append(channelRules) }
    return Bytes.joined(parts + [commandRules])
  }
}

extension User {
  var flagNames: [String] {
    [isOn ? "on" : "off"] + (needsNoPassword ? ["nopass"] : [])
      + (sanitizes.map { [$0 ? "sanitize-payload" : "skip-sanitize-payload"] } ?? [])
  }

  /// The user as a line of ACL LIST and of an ACL file: `user NAME RULE…` (`ACLDescribeUser` in acl.c).
  package var line: Bytes {
    var parts: [Bytes] = ["user", name] + flagNames.map { Bytes($0) } + passwords.map { Bytes("#" + $0) }
    parts.append(selectors[0].rules)
    for selector in selectors.dropFirst() {
      parts.append(Bytes([UInt8(ascii: "(")] + selector.rules.array + [UInt8(ascii: ")")]))
    }
    return Bytes.joined(parts)
  }
}

extension Bytes {
  /// With a space between each two.
  fileprivate static func joined(_ parts: [Bytes]) -> Bytes { Bytes(parts.map(\.array).joined(separator: [32])) }
}
