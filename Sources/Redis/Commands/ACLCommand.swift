// ACL (acl.c in Redis 7.0).

import RESP

extension CommandTable {
  static let accessControl: [String: Command.Body] = [
    "acl|cat": { $0.aclCat(&$1) },
    "acl|deluser": { $0.aclDeluser(&$1) },
    "acl|dryrun": { $0.aclDryrun(&$1) },
    "acl|genpass": { $0.aclGenpass(&$1) },
    "acl|getuser": { $0.aclGetuser(&$1) },
    "acl|help": { $0.aclHelp(&$1) },
    "acl|list": { $0.aclList(&$1) },
    "acl|load": { $0.aclLoad(&$1) },
    "acl|log": { $0.aclLog(&$1) },
    "acl|save": { $0.aclSave(&$1) },
    "acl|setuser": { $0.aclSetuser(&$1) },
    "acl|users": { $0.aclUsers(&$1) },
    "acl|whoami": { $0.aclWhoami(&$1) },
  ]
}

extension Node {
  // MARK: Changing users

  /// ACL SETUSER (`aclCommand`, `ACLStringSetUser` in acl.c). All rules are taken, or none.
  mutating func aclSetuser(_ call: inout Call) {
    for position in 2..<call.arguments.count { call.redact(position) }
    let name = call.arguments[2]
    guard !Rules.hasBlanks(name.array) else {
      return call.reply.error("ERR Usernames can't contain spaces or null characters")
    }
    let givenRules = Array(call.arguments.dropFirst(3))
    let rules: [Bytes]
    do throws(Rules.Unclosed) {
      rules = try Rules.merge(givenRules)
    } catch {
      return call.reply.error(
        "ERR Unmatched parenthesis in acl selector starting at '\(givenRules[error.position].printed)'.")
    }
    let pubsubDefault = configuration.aclAllowsAllChannels
    var user = accessControl.user(name) ?? User(name, allowsAllChannels: pubsubDefault)
    do throws(RuleFailure) {
      try user.apply(rules, pubsubDefault: pubsubDefault)
    } catch {
      return call.reply.error(
        "ERR Error in ACL SETUSER modifier '\(error.rule.printed)': \(error.error.rawValue)")
    }
    if let old = accessControl.user(name) { closeSubscribers(to: old, become: user, answering: call.connection) }
    accessControl.set(user)
    call.reply.ok()
  }

  /// ACL DELUSER (`aclCommand` in acl.c).
  mutating func aclDeluser(_ call: inout Call) {
    let names = call.arguments.dropFirst(2)
    guard !names.contains(User.defaultName) else {
      return call.reply.error("ERR The 'default' user cannot be removed")
    }
    var deleted = 0
    for name in names where accessControl.others.removeValue(forKey: name) != nil {
      deleted += 1
      closeClients(of: name, answering: call.connection)
    }
    call.reply.integer(deleted)
  }

  // MARK: Looking at users

  /// ACL WHOAMI (`aclCommand` in acl.c).
  mutating func aclWhoami(_ call: inout Call) {
    guard let user = clients[call.connection]?.user else { return call.reply.null() }
    call.reply.bulk(user)
  }

  /// ACL USERS (`aclCommand` in acl.c).
  mutating func aclUsers(_ call: inout Call) {
    let users = accessControl.users
    call.reply.array(users.count)
    for user in users { call.reply.bulk(user.name) }
  }

  /// ACL LIST (`aclCommand` in acl.c).
  mutating func aclList(_ call: inout Call) {
    let users = accessControl.users
    call.reply.array(users.count)
    for user in users { call.reply.bulk(user.line) }
  }

  /// ACL GETUSER (`aclCommand` in acl.c).
  mutating func aclGetuser(_ call: inout Call) {
    guard let user = accessControl.user(call.arguments[2]) else { return call.reply.null() }
    call.reply.map(6)
    call.reply.bulk("flags")
    call.reply.set(user.flagNames.count)
    for flag in user.flagNames { call.reply.bulk(flag) }
    call.reply.bulk("passwords")
    call.reply.array(user.passwords.count)
    for password in user.passwords { call.reply.bulk(password) }
    describe(user.selectors[0], &call)
    call.reply.bulk("selectors")
    call.reply.array(user.selectors.count - 1)
    for selector in user.selectors.dropFirst() {
      call.reply.map(3)
      describe(selector, &call)
    }
  }

  /// What one part of a user's rules allows (`aclAddReplySelectorDescription` in acl.c).
  private func describe(_ selector: Selector, _ call: inout Call) {
    call.reply.bulk("commands")
    call.reply.bulk(selector.commandRules)
    call.reply.bulk("keys")
    call.reply.bulk(selector.keyRules)
    call.reply.bulk("channels")
    call.reply.bulk(selector.channelRules)
  }

  /// ACL CAT (`aclCommand`, `aclCatWithFlags` in acl.c).
  mutating func aclCat(_ call: inout Call) {
    guard call.arguments.count <= 3 else { return call.wrongSubcommand() }
    guard call.arguments.count == 3 else {
      call.reply.array(CommandCategories.order.count)
      for name in CommandCategories.order { call.reply.bulk(name) }
      return
    }
    let name = call.arguments[2]
    guard let category = CommandCategories(name: name.word) else {
      return call.reply.error(
        "ERR Unknown category '\(name.prefix(128).printed)'")
    }
    let commands = CommandTable.known.flatMap { [$0] + $0.subcommands }.filter {
      $0.categories.isSuperset(of: category)
    }
    call.reply.array(commands.count)
    for command in commands { call.reply.bulk(command.name) }
  }

  // MARK: Asking

  /// ACL DRYRUN tells whether a user might, without doing it (`aclCommand` in acl.c).
  mutating func aclDryrun(_ call: inout Call) {
    guard let user = accessControl.user(call.arguments[2]) else {
      return call.reply.error(
        "ERR User '\(call.arguments[2].printed)' not found")
    }
    let arguments = Array(call.arguments.dropFirst(3))
    guard let command = configuration.commandNames.resolve(arguments).command else {
      return call.reply.error(
        "ERR Command '\(arguments[0].printed)' not found")
    }
    guard command.accepts(argumentCount: arguments.count) else {
      return call.reply.error("ERR wrong number of arguments for '\(command.name)' command")
    }
    func refuse(_ verb: String, _ object: Bytes, _ kind: String) {
      call.reply.bulk("This user has no permissions to \(verb) the '\(object.printed)' \(kind)")
    }
    switch user.denial(of: command, arguments) {
    case nil: call.reply.ok()
    case .command?: refuse("run", Bytes(command.name), "command")
    case .key(let position)?: refuse("access", arguments[position], "key")
    case .channel(let position)?: refuse("access", arguments[position], "channel")
    }
  }

  /// ACL GENPASS (`aclCommand` in acl.c).
  mutating func aclGenpass(_ call: inout Call) {
    guard call.arguments.count <= 3 else { return call.wrongSubcommand() }
    var bits: Int64 = 256
    if call.arguments.count == 3 {
      guard let asked = call.integer(at: 2) else { return }
      bits = asked
    }
    guard (1...4096).contains(bits) else {
      return call.reply.error(
        "ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096")
    }
    call.reply.bulk(random.hex(Int(bits + 3) / 4))
  }

  // MARK: What was refused

  /// ACL LOG (`aclCommand` in acl.c).
  mutating func aclLog(_ call: inout Call) {
    guard call.arguments.count <= 3 else { return call.wrongSubcommand() }
    var count: Int64 = 10
    if call.arguments.count == 3 {
      if call.arguments[2].matches("RESET") {
        accessControl.log = []
        return call.reply.ok()
      }
      guard let asked = call.integer(at: 2) else { return }
      count = asked
    }
    let entries = accessControl.log.prefix(Int(max(0, min(count, Int64(accessControl.log.count)))))
    call.reply.array(entries.count)
    for entry in entries { describe(entry, &call) }
  }

  /// One thing that was refused (`aclCommand` in acl.c).
  private func describe(_ entry: AccessLogEntry, _ call: inout Call) {
    call.reply.map(7)
    call.reply.bulk("count")
    call.reply.integer(entry.count)
    call.reply.bulk("reason")
    call.reply.bulk(entry.reason.rawValue)
    call.reply.bulk("context")
    call.reply.bulk(entry.context.rawValue)
    call.reply.bulk("object")
    call.reply.bulk(entry.object)
    call.reply.bulk("username")
    call.reply.bulk(entry.username)
    call.reply.bulk("age-seconds")
    call.reply.double(Double(max(0, milliseconds -| entry.time.microseconds / 1000)) / 1000)
    call.reply.bulk("client-info")
    call.reply.bulk(entry.client)
  }

  /// ACL HELP (`aclCommand` in acl.c).
  mutating func aclHelp(_ call: inout Call) {
    call.help([
      "CAT [<category>]",
      "    List all commands that belong to <category>, or all command categories",
      "    when no category is specified.",
      "DELUSER <username> [<username> ...]",
      "    Delete a list of users.",
      "DRYRUN <username> <command> [<arg> ...]",
      "    Returns whether the user can execute the given command without executing the command.",
      "GETUSER <username>",
      "    Get the user's details.",
      "GENPASS [<bits>]",
      "    Generate a secure 256-bit user password. The optional `bits` argument can",
      "    be used to specify a different size.",
      "LIST",
      "    Show users details in config file format.",
      "LOAD",
      "    Reload users from the ACL file.",
      "LOG [<count> | RESET]",
      "    Show the ACL log entries.",
      "SAVE",
      "    Save the current config to the ACL file.",
      "SETUSER <username> <attribute> [<attribute> ...]",
      "    Create or modify a user with the specified attributes.",
      "USERS",
      "    List all the registered usernames.",
      "WHOAMI",
      "    Return the current connection username.",
    ])
  }
}
