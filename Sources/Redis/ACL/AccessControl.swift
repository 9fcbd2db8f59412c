/// The users of a node, and what has been refused to them.
package struct AccessControl: Equatable, Sendable {
  /// The one that every connection begins as.
  package internal(set) var defaultUser = User.unrestricted
  /// All others, by their names.
  var others: [Bytes: User] = [:]
  package internal(set) var log: [AccessLogEntry] = []

  /// The user of that name (`ACLGetUserByName` in acl.c).
  package func user(_ name: Bytes) -> User? { name == User.defaultName ? defaultUser : others[name] }

  mutating func set(_ user: User) {
    if user.name == User.defaultName { defaultUser = user } else { others[user.name] = user }
  }

  /// In the order of their names, as ACL LIST has them.
  package var users: [User] { (others.values + [defaultUser]).sorted { $0.name < $1.name } }

  /// Every connection begins logged in.
  var needsNoPassword: Bool { defaultUser.needsNoPassword && defaultUser.isOn }
}

/// What was refused, as ACL LOG shows it.
package struct AccessLogEntry: Equatable, Sendable {
  package enum Reason: String, Sendable { case command, key, channel, auth }
  package enum Context: String, Sendable { case toplevel, multi, lua }

  package var count = 1
  package var reason: Reason
  package var context: Context
  /// The command, key or channel; of a refused login the command's name as it was typed.
  package var object: Bytes
  package var username: Bytes
  /// The last time.
  package var time: Instant
  /// The last client, as CLIENT LIST shows it.
  package var client: String
}

extension AccessControl {
  /// The same thing within a minute, among the last ten, is counted with it (`addACLLogEntry`, `ACLLogMatchEntry` in
  /// acl.c).
  mutating func note(_ entry: AccessLogEntry, maxLength: Int64) {
    let same = log.prefix(10).firstIndex { old in
      (old.reason, old.context) == (entry.reason, entry.context)
        && (old.object, old.username) == (entry.object, entry.username)
        && entry.time.microseconds / 1000 - old.time.microseconds / 1000 <= 60_000
    }
    var entry = entry
    if let same { entry.count += log.remove(at: same).count }
    log.insert(entry, at: 0)
    if same == nil, Int64(log.count) > maxLength { log.removeLast(log.count - Int(maxLength)) }
  }
}

// MARK: - The node's part

extension Node {
  /// The client may run only what needs no login: it has not logged in, and the default user can't be had without
  /// (`authRequired` in networking.c).
  func mustLogIn(at index: Int) -> Bool {
    !clients[index].isAuthenticated && !accessControl.needsNoPassword
  }

  /// What a connection begins as (`clientSetDefaultAuth` in networking.c).
  func beginAsDefaultUser(_ client: inout Client) {
    client.user = User.defaultName
    client.isAuthenticated = accessControl.needsNoPassword
  }

  /// Why the client of that user may not run the command, or nil; a replica's master, which is none, may do anything
  /// (`ACLCheckAllPerm` in acl.c).
  func denial(of command: Command, _ arguments: [Bytes], to name: Bytes?) -> Denial? {
    guard let name else { return nil }
    if name == User.defaultName { return accessControl.defaultUser.denial(of: command, arguments) }
    // A user's clients are closed when it goes, so it is there.
    guard let user = accessControl.others[name] else { return .command }
    return user.denial(of: command, arguments)
  }

  /// Writes a refusal into ACL LOG and tells the decision (`addACLLogEntry` in acl.c).
  mutating func noteDenial(
    _ denial: Denial, of command: Command, _ arguments: [Bytes], to client: Client, in context: AccessLogEntry.Context
  ) {
    let user = client.user ?? User.defaultName
    let entry: (AccessLogEntry.Reason, Bytes) =
      switch denial {
      case .command: (.command, Bytes(command.name))
      case .key(let position): (.key, arguments[position])
      case .channel(let position): (.channel, arguments[position])
      }
    emit(.decided(.deny(denial.told(command, arguments), user: user.text)))
    note(entry.0, entry.1, user: user, client, context)
  }

  private mutating func note(
    _ reason: AccessLogEntry.Reason, _ object: Bytes, user: Bytes, _ client: Client, _ context: AccessLogEntry.Context
  ) {
    accessControl.note(
      AccessLogEntry(
        reason: reason, context: context, object: object, username: user, time: now,
        client: clientInfo(client)),
      maxLength: configuration.aclLogMaxLength)
  }

  /// Logs the client in, or notes that it tried to (`ACLAuthenticateUser` in acl.c).
  mutating func authenticate(_ name: Bytes, _ password: Bytes, _ call: Call) -> Bool {
    guard let client = clients[call.connection] else { return false }
    let user = accessControl.user(name)
    let accepted = user?.accepts(password) ?? false
    emit(.decided(.logIn(name.text, outcome(user, accepted))))
    guard accepted else {
      note(.auth, call.arguments[0], user: name, client, client.transaction != nil ? .multi : .toplevel)
      return false
    }
    clients[call.connection]?.isAuthenticated = true
    clients[call.connection]?.user = name
    return true
  }

  private func outcome(_ user: User?, _ accepted: Bool) -> Decision.Login {
    guard let user else { return .noSuchUser }
    if accepted { return user.needsNoPassword ? .anyPassword : .rightPassword }
    return user.isOn ? .wrongPassword : .userIsOff
  }

  /// Closes the connections of users that are no longer there (`ACLFreeUserAndKillClients` in acl.c).
  mutating func closeClients(of user: Bytes, answering caller: ConnectionID?) {
    for client in Array(clients) where client.user == user {
      if client.connection == caller {
        clients[client.connection]?.user = User.defaultName
        clients[client.connection]?.isAuthenticated = false
      }
      close(client.connection, answering: caller)
    }
  }

  /// Closes the connections of subscribers that have subscribed to what their user, who is changed, may subscribe to no
  /// more (`ACLKillPubsubClientsIfNeeded` in acl.c).
  mutating func closeSubscribers(to old: User, become new: User, answering caller: ConnectionID) {
    guard !new.selectors.contains(where: \.allowsAllChannels) else { return }
    let channels = new.selectors.flatMap(\.channels)
    let keepsAll = old.selectors.allSatisfy { !$0.allowsAllChannels && $0.channels.allSatisfy(channels.contains) }
    if keepsAll { return }
    for client in Array(clients) where client.user == new.name && client.kind == .pubsub {
      let mayStay = SubscriptionKind.allCases.allSatisfy { kind in
        client.subscriptions[kind].allSatisfy { Selector.allows($0, isPattern: kind == .pattern, by: channels) }
      }
      if !mayStay { close(client.connection, answering: caller) }
    }
  }
}

extension Denial {
  /// With the name of what was denied, as a decision says it.
  func told(_ command: Command, _ arguments: [Bytes]) -> Decision.Denied {
    switch self {
    case .command: .command(command.name)
    case .key(let position): .key(arguments[position].text, of: command.name)
    case .channel(let position): .channel(arguments[position].text, of: command.name)
    }
  }

  /// The error that a client gets (`processCommand` in server.c).
  func words(_ command: Command) -> String {
    switch self {
    case .command: "NOPERM this user has no permissions to run the '\(command.name)' command"
    case .key: "NOPERM this user has no permissions to access one of the keys used as arguments"
    case .channel: "NOPERM this user has no permissions to access one of the channels used as arguments"
    }
  }

  /// What is wrong, as an error of a script's goes on with it (`getAclErrorMessage` in acl.c).
  var wordsInScript: String {
    switch self {
    case .command: "can't run this command or subcommand"
    case .key: "can't access at least one of the keys mentioned in the command arguments"
    case .channel: "can't publish to the channel mentioned in the command"
    }
  }

  /// The error in EXEC's reply where the command was still allowed when it was queued (`execCommand` in multi.c).
  var wordsInExec: String {
    let reason =
      switch self {
      case .command: "no permission to execute the command or subcommand"
      case .key: "no permission to touch the specified keys"
      case .channel: "no permission to access one of the channels used as arguments"
      }
    return "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. "
      + "This command is no longer allowed for the following reason: " + reason
  }
}
