import RESP

// Commands on the connection itself (networking.c, server.c and acl.c in Redis 7.0).

extension CommandTable {
  static let connection: [String: Command.Body] = [
    "ping": { $0.ping(&$1) },
    "echo": { $0.echo(&$1) },
    "auth": { $0.auth(&$1) },
    "hello": { $0.hello(&$1) },
    "reset": { $0.reset(&$1) },
    "quit": { $0.quit(&$1) },
  ]
}

extension Node {
  /// PING (`pingCommand` in server.c).
  mutating func ping(_ call: inout Call) {
    guard call.arguments.count <= 2 else { return call.wrongArity() }
    if clients[call.connection]?.isInSubscribedMode == true {
      call.reply.array(2)
      call.reply.bulk("pong")
      return call.reply.bulk(call.arguments.count == 2 ? call.arguments[1] : Bytes())
    }
    if call.arguments.count == 2 { call.reply.bulk(call.arguments[1]) } else { call.reply.simple("PONG") }
  }

  /// ECHO (`echoCommand` in server.c).
  mutating func echo(_ call: inout Call) { call.reply.bulk(call.arguments[1]) }

  /// QUIT (`quitCommand` in networking.c).
  mutating func quit(_ call: inout Call) {
    call.reply.ok()
    clients[call.connection]?.flags.insert(.closeAfterReply)
  }

  /// RESET (`resetCommand`, `clearClientConnectionState` in networking.c).
  mutating func reset(_ call: inout Call) {
    guard var client = clients[call.connection], !client.flags.contains(.replica), !client.isMaster else {
      return call.reply.error("ERR can only reset normal client connections")
    }
    discardTransaction(of: call.connection)
    unsubscribeAll(call.connection)
    stopMonitoring(call.connection)
    disableTracking(call.connection)
    client = clients[call.connection] ?? client
    client.name = Bytes()
    client.flags.subtract([.pubsub, .replyOff, .replySkipNext])
    beginAsDefaultUser(&client)
    clients[call.connection] = client
    call.database = 0
    call.reply.isSilent = false
    call.reply.version = .resp2
    call.reply.simple("RESET")
  }

  // MARK: Who one is

  /// AUTH (`authCommand` in acl.c).
  mutating func auth(_ call: inout Call) {
    guard call.arguments.count <= 3 else { return call.syntaxError() }
    let hasUser = call.arguments.count == 3
    for position in 1..<call.arguments.count { call.redact(position) }
    if !hasUser, accessControl.defaultUser.needsNoPassword {
      return call.reply.error(
        "ERR AUTH <password> called without any password configured for the default user. "
          + "Are you sure your configuration is correct?")
    }
    let user = hasUser ? call.arguments[1] : User.defaultName
    guard authenticate(user, call.arguments[hasUser ? 2 : 1], call) else { return call.reply.error(Node.wrongPassword) }
    call.reply.ok()
  }

  private static let wrongPassword = "WRONGPASS invalid username-password pair or user is disabled."

  /// HELLO (`helloCommand` in networking.c).
  mutating func hello(_ call: inout Call) {
    var version = call.reply.version
    if call.arguments.count >= 2 {
      guard let asked = Integer.parse(call.arguments[1]) else {
        return call.reply.error("ERR Protocol version is not an integer or out of range")
      }
      guard let known = ProtocolVersion(rawValue: Int(asked)) else {
        return call.reply.error("NOPROTO unsupported protocol version")
      }
      version = known
    }
    guard takeHelloOptions(&call) else { return }
    guard clients[call.connection]?.isAuthenticated == true else {
      return call.reply.error(
        "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> "
          + "option can be used to authenticate the client and select the RESP protocol version at the same time")
    }
    call.reply.version = version
    replyToHello(&call)
  }

  /// One after the other: what comes before a mistake has been done (`helloCommand` in networking.c).
  private mutating func takeHelloOptions(_ call: inout Call) -> Bool {
    var position = 2
    while position < call.arguments.count {
      let option = call.arguments[position]
      let following = call.arguments.count - 1 - position
      if option.matches("AUTH"), following >= 2 {
        for place in 1...2 { call.redact(position + place) }
        guard authenticate(call.arguments[position + 1], call.arguments[position + 2], call) else {
          call.reply.error(Node.wrongPassword)
          return false
        }
        position += 3
      } else if option.matches("SETNAME"), following >= 1 {
        guard Node.isValidName(call.arguments[position + 1], &call) else { return false }
        clients[call.connection]?.name = call.arguments[position + 1]
        position += 2
      } else {
        call.reply.error("ERR Syntax error in HELLO option '\(option.printed)'")
        return false
      }
    }
    return true
  }

  /// What a server says of itself (`helloCommand` in networking.c).
  private func replyToHello(_ call: inout Call) {
    let isSentinel = configuration.isSentinel
    call.reply.map(isSentinel ? 6 : 7)
    call.reply.bulk("server")
    call.reply.bulk("redis")
    call.reply.bulk("version")
    call.reply.bulk(chance.redisVersion)
    call.reply.bulk("proto")
    call.reply.integer(call.reply.version.rawValue)
    call.reply.bulk("id")
    call.reply.integer(clients[call.connection]?.id ?? 0)
    call.reply.bulk("mode")
    call.reply.bulk(isSentinel ? "sentinel" : "standalone")
    if !isSentinel {
      call.reply.bulk("role")
      call.reply.bulk(isReplica ? "replica" : "master")
    }
    call.reply.bulk("modules")
    call.reply.array(0)
  }

  /// Whether a client may have that name: no blanks, nothing unprintable, else the client is told (`clientSetName` in
  /// networking.c).
  static func isValidName(_ name: Bytes, _ call: inout Call) -> Bool {
    if name.array.allSatisfy({ (UInt8(ascii: "!")...UInt8(ascii: "~")).contains($0) }) { return true }
    call.reply.error("ERR Client names cannot contain spaces, newlines or special characters.")
    return false
  }
}
