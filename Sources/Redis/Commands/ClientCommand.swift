// CLIENT (networking.c in Redis 7.0).

extension CommandTable {
  static let client: [String: Command.Body] = [
    "client|getname": { $0.clientGetname(&$1) },
    "client|help": { $0.clientHelp(&$1) },
    "client|id": { $0.clientId(&$1) },
    "client|info": { $0.clientInfo(&$1) },
    "client|kill": { $0.clientKill(&$1) },
    "client|list": { $0.clientList(&$1) },
    "client|no-evict": { $0.clientNoEvict(&$1) },
    "client|pause": { $0.clientPause(&$1) },
    "client|reply": { $0.clientReply(&$1) },
    "client|setname": { $0.clientSetname(&$1) },
    "client|unblock": { $0.clientUnblock(&$1) },
    "client|unpause": { $0.clientUnpause(&$1) },
  ]
}

extension Node {
  // MARK: This client

  /// CLIENT ID (`clientCommand` in networking.c).
  mutating func clientId(_ call: inout Call) { call.reply.integer(clients[call.connection]?.id ?? 0) }

  /// CLIENT GETNAME (`clientCommand` in networking.c).
  mutating func clientGetname(_ call: inout Call) {
    guard let name = clients[call.connection]?.name, !name.isEmpty else { return call.reply.null() }
    call.reply.bulk(name)
  }

  /// CLIENT SETNAME (`clientCommand`, `clientSetNameOrReply` in networking.c).
  mutating func clientSetname(_ call: inout Call) {
    guard Node.isValidName(call.arguments[2], &call) else { return }
    clients[call.connection]?.name = call.arguments[2]
    call.reply.ok()
  }

  /// CLIENT INFO (`clientCommand` in networking.c).
  mutating func clientInfo(_ call: inout Call) {
    guard var client = clients[call.connection] else { return }
    client.database = call.database
    client.reply = call.reply
    call.reply.verbatim(clientInfo(client) + "\n", format: "txt")
  }

  /// CLIENT REPLY (`clientCommand` in networking.c).
  mutating func clientReply(_ call: inout Call) {
    let mode = call.arguments[2]
    if mode.matches("ON") {
      clients[call.connection]?.flags.subtract([.replySkip, .replyOff])
      call.reply.isSilent = false
      call.reply.ok()
    } else if mode.matches("OFF") {
      clients[call.connection]?.flags.insert(.replyOff)
    } else if mode.matches("SKIP") {
      if clients[call.connection]?.flags.contains(.replyOff) == false {
        clients[call.connection]?.flags.insert(.replySkipNext)
      }
    } else {
      call.syntaxError()
    }
  }

  /// CLIENT NO-EVICT (`clientCommand` in networking.c).
  mutating func clientNoEvict(_ call: inout Call) {
    if call.arguments[2].matches("ON") {
      clients[call.connection]?.flags.insert(.noEvict)
    } else if call.arguments[2].matches("OFF") {
      clients[call.connection]?.flags.remove(.noEvict)
    } else {
      return call.syntaxError()
    }
    call.reply.ok()
  }

  // MARK: Other clients

  /// CLIENT LIST (`clientCommand`, `getAllClientsInfoString` in networking.c).
  mutating func clientList(_ call: inout Call) {
    let arguments = call.arguments
    var chosen: [Client] = []
    if arguments.count == 4, arguments[2].matches("TYPE") {
      guard let kind = clientKind(arguments[3], &call) else { return }
      chosen = clients.filter { $0.kind == kind }
    } else if arguments.count > 3, arguments[2].matches("ID") {
      for position in 3..<arguments.count {
        guard let id = call.integer(at: position, complaint: "ERR Invalid client ID") else { return }
        chosen += clients.filter { $0.id == id }
      }
    } else if arguments.count == 2 {
      chosen = Array(clients)
    } else {
      return call.syntaxError()
    }
    let lines = chosen.map { client in
      var client = client
      if client.connection == call.connection {
        client.database = call.database
        client.reply = call.reply
      }
      return clientInfo(client) + "\n"
    }
    call.reply.verbatim(lines.joined(), format: "txt")
  }

  /// The class of clients with this name; without one, the client is told (`getClientTypeByName` in networking.c).
  private func clientKind(_ name: Bytes, _ call: inout Call) -> Client.Kind? {
    switch name.word {
    case "normal": return .normal
    case "slave", "replica": return .replica
    case "pubsub": return .pubsub
    case "master": return .master
    default:
      call.reply.error("ERR Unknown client type '\(name.printed)'")
      return nil
    }
  }

  private struct KillFilter {
    var id: Int64?
    var kind: Client.Kind?
    var peer: Bytes?
    var local: Bytes?
    var user: Bytes?
    var skipsSelf = true

    func matches(_ client: Client, caller: ConnectionID) -> Bool {
      if let peer, Bytes(client.peer.text) != peer { return false }
      if let local, Bytes(client.local.text) != local { return false }
      if let kind, client.kind != kind { return false }
      if let id, Int64(client.id) != id { return false }
      if let user, client.user != user { return false }
      return !(skipsSelf && client.connection == caller)
    }
  }

  /// CLIENT KILL (`clientCommand` in networking.c).
  mutating func clientKill(_ call: inout Call) {
    let isOldForm = call.arguments.count == 3
    guard let filter = killFilter(&call) else { return }
    let doomed = clients.filter { filter.matches($0, caller: call.connection) }
    for client in doomed { close(client.connection, answering: call.connection) }
    if !isOldForm {
      call.reply.integer(doomed.count)
    } else if doomed.isEmpty {
      call.reply.error("ERR No such client")
    } else {
      call.reply.ok()
    }
  }

  /// Whom CLIENT KILL is to close (`clientCommand` in networking.c).
  private func killFilter(_ call: inout Call) -> KillFilter? {
    var filter = KillFilter()
    if call.arguments.count == 3 {
      filter.peer = call.arguments[2].upToNUL
      filter.skipsSelf = false
      return filter
    }
    for position in stride(from: 2, to: call.arguments.count, by: 2) {
      guard position + 1 < call.arguments.count else {
        call.syntaxError()
        return nil
      }
      let (option, value) = (call.arguments[position], call.arguments[position + 1])
      if option.matches("ID") {
        let complaint = "ERR client-id should be greater than 0"
        guard let id = call.integer(at: position + 1, in: 1...Int64.max, complaint: complaint) else { return nil }
        filter.id = id
      } else if option.matches("TYPE") {
        guard let kind = clientKind(value, &call) else { return nil }
        filter.kind = kind
      } else if option.matches("ADDR") {
        filter.peer = value.upToNUL
      } else if option.matches("LADDR") {
        filter.local = value.upToNUL
      } else if option.matches("USER") {
        guard accessControl.user(value) != nil else {
          call.reply.error("ERR No such user '\(value.printed)'")
          return nil
        }
        filter.user = value
      } else if option.matches("SKIPME"), value.matches("YES") || value.matches("NO") {
        filter.skipsSelf = value.matches("YES")
      } else {
        call.syntaxError()
        return nil
      }
    }
    return filter
  }

  /// CLIENT PAUSE (`clientCommand` in networking.c).
  mutating func clientPause(_ call: inout Call) {
    guard call.arguments.count <= 4 else { return call.wrongSubcommand() }
    var onlyWrites = false
    if call.arguments.count == 4 {
      onlyWrites = call.arguments[3].matches("WRITE")
      guard onlyWrites || call.arguments[3].matches("ALL") else {
        return call.reply.error("ERR CLIENT PAUSE mode must be WRITE or ALL")
      }
    }
    let complaint = "ERR timeout is not an integer or out of range"
    guard let duration = call.integer(at: 2, complaint: complaint) else { return }
    guard duration >= 0 else { return call.reply.error("ERR timeout is negative") }
    // An end that does not fit wraps around in Redis, and has passed.
    let (end, overflow) = milliseconds.addingReportingOverflow(duration)
    if !overflow { pauseClients(.command, until: end, onlyWrites: onlyWrites) }
    call.reply.ok()
  }

  /// CLIENT UNPAUSE (`clientCommand` in networking.c).
  mutating func clientUnpause(_ call: inout Call) {
    unpauseClients(.command)
    call.reply.ok()
  }

  /// CLIENT UNBLOCK (`clientCommand` in networking.c).
  mutating func clientUnblock(_ call: inout Call) {
    guard call.arguments.count <= 4 else { return call.wrongSubcommand() }
    var asError = false
    if call.arguments.count == 4 {
      asError = call.arguments[3].matches("ERROR")
      guard asError || call.arguments[3].matches("TIMEOUT") else {
        return call.reply.error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR")
      }
    }
    guard let id = call.integer(at: 2) else { return }
    guard let target = clients.first(where: { $0.id == id }) else { return call.reply.integer(0) }
    guard let reason = target.blocked?.reason else { return call.reply.integer(0) }
    switch (reason, asError) {
    case (.wait, false), (.keys, false): clients[target.connection]?.blocked?.deadline = now
    case (.shutdown, false), (.paused, false):
      return panic("Unknown btype in replyToBlockedClientTimedOut(). #blocked.c:230")
    case (_, true):
      write(error: "UNBLOCKED client unblocked via CLIENT UNBLOCK", to: target.connection)
      // One that a pause holds back is looked at again at once, and waits on.
      if case .paused = reason { break }
      unblock(target.connection)
    }
    countUnblocked(target.connection)
    call.reply.integer(1)
  }

  /// CLIENT HELP (`clientCommand` in networking.c).
  mutating func clientHelp(_ call: inout Call) {
    call.help([
      "CACHING (YES|NO)",
      "    Enable/disable tracking of the keys for next command in OPTIN/OPTOUT modes.",
      "GETREDIR",
      "    Return the client ID we are redirecting to when tracking is enabled.",
      "GETNAME",
      "    Return the name of the current connection.",
      "ID",
      "    Return the ID of the current connection.",
      "INFO",
      "    Return information about the current client connection.",
      "KILL <ip:port>",
      "    Kill connection made from <ip:port>.",
      "KILL <option> <value> [<option> <value> [...]]",
      "    Kill connections. Options are:",
      "    * ADDR (<ip:port>|<unixsocket>:0)",
      "      Kill connections made from the specified address",
      "    * LADDR (<ip:port>|<unixsocket>:0)",
      "      Kill connections made to specified local address",
      "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
      "      Kill connections by type.",
      "    * USER <username>",
      "      Kill connections authenticated by <username>.",
      "    * SKIPME (YES|NO)",
      "      Skip killing current connection (default: yes).",
      "LIST [options ...]",
      "    Return information about client connections. Options:",
      "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
      "      Return clients of specified type.",
      "UNPAUSE",
      "    Stop the current client pause, resuming traffic.",
      "PAUSE <timeout> [WRITE|ALL]",
      "    Suspend all, or just write, clients for <timeout> milliseconds.",
      "REPLY (ON|OFF|SKIP)",
      "    Control the replies sent to the current connection.",
      "SETNAME <name>",
      "    Assign the name <name> to the current connection.",
      "UNBLOCK <clientid> [TIMEOUT|ERROR]",
      "    Unblock the specified blocked client.",
      "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]",
      "         [OPTIN] [OPTOUT] [NOLOOP]",
      "    Control server assisted client side caching.",
      "TRACKINGINFO",
      "    Report tracking status for the current connection.",
      "NO-EVICT (ON|OFF)",
      "    Protect current client connection from eviction.",
    ])
  }
}

extension Client {
  /// The classes by which `CLIENT LIST`, `CLIENT KILL` and the output buffer limits tell clients apart.
  package enum Kind: Sendable { case normal, replica, pubsub, master }

  /// The class that the client belongs to (`getClientType` in networking.c).
  package var kind: Kind {
    isMaster ? .master : flags.contains(.replica) ? .replica : flags.contains(.pubsub) ? .pubsub : .normal
  }
}

extension Address {
  /// `127.0.0.1:6379`, with brackets around an IPv6 address (`genClientAddrString` in networking.c).
  package var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension Call {
  /// A subcommand was found, but not with so many arguments (`addReplySubcommandSyntaxError` in networking.c).
  mutating func wrongSubcommand() {
    let family = command.name.prefix { $0 != "|" }.uppercased()
    reply.error(
      "ERR unknown subcommand or wrong number of arguments for '\(arguments[1].prefix(128).printed)'. Try \(family) HELP."
    )
  }
}
