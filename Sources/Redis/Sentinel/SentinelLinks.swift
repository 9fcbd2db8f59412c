import RESP

// A Sentinel's connections to the instances: from commands to bytes, and from answers to what they mean. Redis has hiredis for it.

extension Node {
  static let helloChannel: Bytes = "__sentinel__:hello"

  /// Which connection of which link it is. A Sentinel has few.
  private func instanceConnection(
    _ id: ConnectionID
  ) -> (link: Int, path: InstanceLink.Part)? {
    for (number, link) in sentinel.links {
      if link.commands?.id == id { return (number, .commands) }
      if link.pubsub?.id == id { return (number, .pubsub) }
    }
    return nil
  }

  // MARK: Connecting

  /// Opens what is missing of a link, once a second (`sentinelReconnectInstance` in sentinel.c).
  mutating func reconnectInstance(_ id: InstanceID) {
    guard let instance = sentinel[id], var link = sentinel.links[instance.link], link.isDisconnected,
      instance.address.port != 0, milliseconds -| link.lastReconnection >= sentinel.periods.ping
    else { return }
    link.lastReconnection = milliseconds
    sentinel.links[instance.link] = link
    // A name may lead elsewhere by now.
    if link.commands == nil, sentinel.resolveHostnames,
      let place = sentinelPlace(instance.place.hostname, Int64(instance.place.port))
    {
      sentinel[id]?.place = place
    }
    if link.commands == nil, open(.commands, "cmd", of: id) {
      sentinel.links[instance.link]?.pendingCommands = 0
      logIn(id, over: .commands)
      setClientName(id, over: .commands, "cmd")
      sendPing(to: id)
    }
    if !id.isSentinel, link.pubsub == nil, open(.pubsub, "pubsub", of: id) {
      logIn(id, over: .pubsub)
      setClientName(id, over: .pubsub, "pubsub")
      let words = [renamed("SUBSCRIBE", for: id), Self.helloChannel.text]
      sentinel.links[instance.link]?.pubsub?.output += encode(words.map { Bytes($0) })
      sentinel.links[instance.link]?.pubsub?.isSubscribed = true
    }
    guard let now = sentinel.links[instance.link], now.commands != nil, id.isSentinel || now.pubsub != nil else {
      return
    }
    sentinel.links[instance.link]?.isDisconnected = false
  }

  /// connect(2), which does not wait; false if it failed at once.
  private mutating func open(
    _ path: InstanceLink.Part, _ kind: String, of id: InstanceID
  ) -> Bool {
    guard let instance = sentinel[id] else { return false }
    if let failure = hosts.failure(of: instance.address.host) {
      sentinelEvent(.debug, "-\(kind)-link-reconnection", of: id, "#\(failure.words)")
      return false
    }
    let connection = ConnectionID(.opened, replication.nextConnection)
    replication.nextConnection += 1
    let opened = InstanceConnection(id: connection, descriptor: freeDescriptor, begun: milliseconds)
    sentinel.links[instance.link]?[path] = opened
    emit(.open(connection, to: instance.address))
    return true
  }

  /// A connection is up: what waited for that goes out in one write. False if it is none of a Sentinel's.
  mutating func instanceConnected(_ connection: ConnectionID, local: Address) -> Bool {
    guard let (number, path) = instanceConnection(connection) else { return false }
    sentinel.links[number]?[path]?.local = local
    return true
  }

  /// A connection did not come about, or is gone (`sentinelLinkEstablishedCallback`, `sentinelDisconnectCallback`,
  /// `instanceLinkConnectionError` in sentinel.c).
  mutating func instanceConnectionLost(_ connection: ConnectionID) {
    guard let (number, path) = instanceConnection(connection) else { return }
    sentinel.links[number]?[path] = nil
    sentinel.links[number]?.isDisconnected = true
  }

  /// Closes a connection, and whoever waits for an answer on it gets none (`instanceLinkCloseConnection` in sentinel.c).
  mutating func closeConnection(_ path: InstanceLink.Part, of number: Int) {
    guard let connection = sentinel.links[number]?[path] else { return }
    if path == .commands { sentinel.links[number]?.pendingCommands = 0 }
    sentinel.links[number]?[path] = nil
    sentinel.links[number]?.isDisconnected = true
    emit(.close(connection.id))
  }

  /// Closes the connections to a master and its replicas, which are to be made anew with another password
  /// (`dropInstanceConnections` in sentinel.c).
  mutating func dropConnections(of master: String) {
    for id in sentinel.instances(of: master) where !id.isSentinel {
      guard let number = sentinel[id]?.link else { continue }
      closeConnection(.commands, of: number)
      closeConnection(.pubsub, of: number)
    }
  }

  /// Closes those to all other Sentinels (`sentinelDropConnections` in sentinel.c).
  mutating func dropSentinelConnections() {
    for master in sentinel.masters.keys {
      for id in sentinel.instances(of: master) where id.isSentinel {
        guard let number = sentinel[id]?.link else { continue }
        closeConnection(.pubsub, of: number)
        closeConnection(.commands, of: number)
      }
    }
  }

  // MARK: Commands

  /// The name by which the instance knows a command (`sentinelInstanceMapCommand` in sentinel.c).
  private func renamed(_ command: String, for id: InstanceID) -> String {
    sentinel.masters[id.master]?.renamedCommands.first { $0.key.asciiLowercased() == command.asciiLowercased() }?.value
      ?? command
  }

  /// Sends a command as soon as it can go; its answer is for `purpose`.
  mutating func send(
    _ words: [String], to id: InstanceID, over path: InstanceLink.Part = .commands,
    _ purpose: InstanceConnection.Callback.Purpose = .nothing
  ) {
    guard let number = sentinel[id]?.link, sentinel.links[number]?[path] != nil, let name = words.first else {
      return
    }
    let command = [renamed(name, for: id)] + words.dropFirst()
    sentinel.links[number]?[path]?.output += encode(command.map { Bytes($0) })
    sentinel.links[number]?[path]?.callbacks.append(.init(purpose: purpose, instance: id))
    sentinel.links[number]?.pendingCommands += 1
  }

  /// Logs in: at a master or replica as it is configured for the master, at another Sentinel as for all of them
  /// (`sentinelSendAuthIfNeeded` in sentinel.c).
  private mutating func logIn(_ id: InstanceID, over path: InstanceLink.Part) {
    var (user, password) = (
      sentinel.masters[id.master]?.authUser, sentinel.masters[id.master]?.authPassword
    )
    if id.isSentinel {
      (user, password) = (sentinel.authUser, sentinel.authPassword)
      if password == nil { (user, password) = (nil, configuration.requirepass) }
    }
    guard let password else { return }
    send(["AUTH"] + (user.map { [$0] } ?? []) + [password], to: id, over: path)
  }

  /// Says who it is that has connected (`sentinelSetClientName` in sentinel.c).
  private mutating func setClientName(
    _ id: InstanceID, over path: InstanceLink.Part, _ kind: String
  ) {
    send(["CLIENT", "SETNAME", "sentinel-\(sentinel.id.prefix(8))-\(kind)"], to: id, over: path)
  }

  /// What was asked for in this turn goes out, in one write for each connection that is up.
  mutating func flushInstanceLinks() {
    guard isSentinel else { return }
    for (number, link) in sentinel.links {
      if let connection = link.commands { flush(connection, .commands, of: number) }
      if let connection = link.pubsub { flush(connection, .pubsub, of: number) }
    }
  }

  private mutating func flush(
    _ connection: InstanceConnection, _ path: InstanceLink.Part, of number: Int
  ) {
    guard connection.local != nil, !connection.output.isEmpty else { return }
    sentinel.links[number]?[path]?.output = []
    emit(.send(connection.id, connection.output))
  }

  // MARK: Answers

  /// Takes what came on one of the connections.
  mutating func receiveFromInstance(_ bytes: [UInt8], on connection: ConnectionID) {
    guard let (number, path) = instanceConnection(connection) else { return }
    sentinel.links[number]?[path]?.replies.feed(bytes)
    // What an answer brings about may close the connection.
    while sentinel.links[number]?[path]?.id == connection {
      do throws(ProtocolError) {
        guard let reply = try sentinel.links[number]?[path]?.replies.next() else { return }
        receiveReply(reply, number, path)
      } catch {
        return closeConnection(path, of: number)
      }
    }
  }

  private mutating func receiveReply(
    _ reply: RESP.Value, _ number: Int, _ path: InstanceLink.Part
  ) {
    let time = milliseconds
    guard let callback = sentinel.links[number]?[path]?.callbacks.popFirst() else {
      guard sentinel.links[number]?[path]?.isSubscribed == true, !reply.isError else {
        // Nobody asked, and it is no message: the server wants no more of this client.
        return closeConnection(path, of: number)
      }
      return receiveHelloMessage(reply, number)
    }
    sentinel.links[number]?.pendingCommands -= 1
    switch callback.purpose {
    case .nothing: break
    case .ping: receivePong(reply, from: callback.instance)
    case .info: if case .bulk(let info) = reply { refreshInstance(callback.instance, info) }
    case .publish: if !reply.isError { sentinel[callback.instance]?.lastPublished = time }
    case .isMasterDown: receiveIsMasterDownReply(reply, from: callback.instance)
    }
  }
}
