import RESP

// Connections: from bytes to commands, and from replies to bytes (networking.c in Redis).

extension Node {
  /// Somebody has connected (`acceptCommonHandler` in networking.c).
  mutating func accept(_ connection: ConnectionID, peer: Address, local: Address) {
    log(.verbose, "Accepted \(peer.host):\(peer.port)")
    guard Int64(clients.count) < configuration.maxclients else {
      statistics.connectionsRejected += 1
      emit(.decided(.refuseConnection(clients: clients.count, maxclients: configuration.maxclients)))
      emit(.send(connection, Array("-ERR max number of clients reached\r\n".utf8)))
      emit(.close(connection))
      return
    }
    guard !isProtected(from: peer) else {
      _ = takeClientID()
      statistics.connectionsRejected += 1
      emit(.send(connection, Array(Self.protection.utf8)))
      emit(.close(connection))
      return
    }
    statistics.connectionsReceived += 1
    addClient(connection, peer: peer, local: local)
  }

  /// Who comes from elsewhere is sent away where nobody needs a password (`clientAcceptHandler`, `connIsLocal` in
  /// networking.c and connection.c).
  private func isProtected(from peer: Address) -> Bool {
    configuration.others["protected-mode"] != "no" && accessControl.defaultUser.needsNoPassword
      && !["127.0.0.1", "::1"].contains(peer.host)
  }

  private static let protection =
    "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the "
    + "default user. In this mode connections are only accepted from the loopback interface. If you want to connect from "
    + "external computers to Redis you may adopt one of the following solutions: 1) Just disable protected mode sending "
    + "the command 'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the same host "
    + "the server is running, however MAKE SURE Redis is not publicly accessible from internet if you do so. Use CONFIG "
    + "REWRITE to make this change permanent. 2) Alternatively you can just disable the protected mode by editing the "
    + "Redis configuration file, and setting the protected mode option to 'no', and then restarting the server. 3) If you "
    + "started the server manually just for testing, restart it with the '--protected-mode no' option. 4) Setup a an "
    + "authentication password for the default user. NOTE: You only need to do one of the above things in order for the "
    + "server to start accepting connections from the outside.\r\n"

  /// Makes a client of a connection: one that was accepted, or the link to the master once its handshake is over
  /// (`createClient` in networking.c).
  @discardableResult
  package mutating func addClient(
    _ connection: ConnectionID, peer: Address, local: Address, id: Int? = nil
  ) -> Client {
    var client = Client(
      id: id ?? takeClientID(), connection: connection, peer: peer, local: local, now: now,
      buffers: ClientBuffers(buffersClock))
    beginAsDefaultUser(&client)
    client.descriptor = freeDescriptor
    clients[connection] = client
    return client
  }

  mutating func takeClientID() -> Int {
    defer { nextClientID += 1 }
    return nextClientID
  }

  /// Takes what came on a connection (`readQueryFromClient` in networking.c).
  mutating func receive(_ bytes: [UInt8], from connection: ConnectionID) {
    guard let index = clients.index(forKey: connection) else {
      if isSentinel { return receiveFromInstance(bytes, on: connection) }
      receiveFromMaster(bytes, on: connection)
      return
    }
    if clients[index].isMaster {
      statistics.replicationInputBytes += Int64(bytes.count)
    } else {
      statistics.inputBytes += Int64(bytes.count)
    }
    statistics.reads += 1
    let clock = buffersClock
    clients[index].receive(bytes, clock, at: now)
    processInput(of: connection)
    guard let index = clients.index(forKey: connection), !clients[index].flags.contains(.protected) else { return }
    clients[index].reading = nil
  }

  /// Executes the commands that have arrived whole, until the client is held back or gone (`processInputBuffer`,
  /// `processCommandAndResetClient` in networking.c).
  package mutating func processInput(of connection: ConnectionID) {
    while stall == nil, !hasExited, let index = clients.index(forKey: connection), clients[index].takesCommands {
      let limits = RequestScanner.Limits(
        maxBulkLength: Int(clamping: configuration.protoMaxBulkLen),
        isAuthenticated: !mustLogIn(at: index), isMaster: clients[index].isMaster)
      if clients[index].decoder.limits != limits { clients[index].decoder.limits = limits }
      do throws(ProtocolError) {
        var arguments: [Bytes] = []
        arguments.reserveCapacity(6)
        guard try clients[index].decoder.next({ arguments.append(Bytes($0)) }) else { return }
        if !arguments.isEmpty { process(arguments, of: connection) }
        commandProcessed(of: connection)
      } catch {
        protocolBroken(error, by: connection)
        return
      }
    }
  }

  /// The client is told what is wrong with its bytes, and closed (`setProtocolError` in networking.c).
  private mutating func protocolBroken(_ error: ProtocolError, by connection: ConnectionID) {
    emit(.decided(.closeClient(connection, .protocolBroken(error.reason.text))))
    if let reply = error.reply { write(error: String(bytes: reply.dropFirst()), to: connection) }
    guard let client = clients[connection] else { return }
    if error.reason == .inlineFromMaster {
      log(
        .warning,
        "WARNING: Receiving inline protocol from master, master stream corruption? Closing the master connection and "
          + "discarding the cached master.")
    }
    log(
      client.isMaster ? .warning : .verbose,
      "Protocol error (\(error.reason.logText)) from client: \(clientInfo(client)). "
        + Self.sample(of: client.decoder.rest(from: error)))
    clients[connection]?.flags.insert(.closeAfterReply)
  }

  /// What the query buffer held, as the log shows it: no more than its ends, each up to a NUL (`setProtocolError` in
  /// networking.c).
  private static func sample(of bytes: ArraySlice<UInt8>) -> String {
    let (shown, room) = (128, 255)
    func text(_ bytes: ArraySlice<UInt8>) -> [UInt8] { Array(bytes.prefix { $0 != 0 }) }
    var line = Array("Query buffer during protocol error: '".utf8)
    if bytes.count < shown {
      line += text(bytes) + "'".utf8
    } else {
      line += text(bytes.prefix(shown / 2)) + "' (... more \(bytes.count - shown) bytes ...) '".utf8
      line += text(bytes.suffix(shown / 2)) + "'".utf8
    }
    return String(bytes: line.prefix(room).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: ".") })
  }

  /// The peer has ended the connection (`readQueryFromClient` in networking.c).
  mutating func connectionClosed(_ connection: ConnectionID, reset: Bool) {
    if let client = clients[connection] {
      statistics.reads += 1
      let end =
        reset ? "Reading from client: Connection reset by peer" : "Client closed connection \(clientInfo(client))"
      log(.verbose, end)
      clients[connection]?.wasReset = reset
      free(connection)
    } else {
      instanceConnectionLost(connection)
      masterConnectionClosed(connection, reset: reset)
    }
  }

  /// Forgets a client whose connection is gone; replication hears of it (`freeClient` in networking.c).
  mutating func free(_ connection: ConnectionID) {
    unwatchAll(of: connection)
    forgetWait(of: connection)
    unsubscribeAll(connection)
    stopMonitoring(connection)
    disableTracking(connection)
    guard var client = clients.removeValue(forKey: connection) else { return }
    client.settleBuffers(buffersClock)
    statistics.bufferShrinks += client.buffers.shrinks
    statistics.bufferExpands += client.buffers.expands
    if client.isMaster { masterLost(client) } else { replicaLost(client) }
  }

  /// Closes a client's connection now, without sending what is left; that of one whose command waits for a load when that
  /// is over (`freeClient` in networking.c).
  package mutating func close(_ connection: ConnectionID) {
    if clients[connection]?.flags.contains(.protected) == true {
      clients[connection]?.flags.insert(.closeASAP)
      return
    }
    emit(.close(connection))
    free(connection)
  }

  /// Closes a client's connection, that of the client whose command asks for it once the reply is sent.
  mutating func close(_ connection: ConnectionID, answering caller: ConnectionID?) {
    if connection == caller {
      clients[connection]?.flags.insert(.closeAfterReply)
    } else {
      close(connection)
    }
  }

  /// Adds bytes to what a client is sent at the end of this input.
  package mutating func write(_ bytes: [UInt8], to connection: ConnectionID) {
    clients[connection]?.reply.raw(bytes)
  }

  /// What is done once per turn of the event loop, after the input and before waiting again (`beforeSleep` in
  /// server.c).
  mutating func beforeSleep() {
    if hasExited { return }
    handleBlockedClientsTimeout()
    resumePaused()
    processUnblockedClients()
    broadcastInvalidations()
    // What a reply promises is in the file before the reply is sent, to a client as to a replica.
    flushAppendOnly()
    if hasExited || stall != nil { return }
    replicationBeforeSleep()
    flushInstanceLinks()
    flushReplies()
    trimBacklog(blocks: 640)
  }

  /// The part of it that runs while a data set is loaded, where events are processed in between (`beforeSleep` in server.c).
  mutating func beforeSleepWhileLoading() {
    if hasExited { return }
    flushAppendOnly()
    if hasExited || stall != nil { return }
    flushStreams()
    flushReplies()
  }

  /// One write for each client that has something to be sent, in the order of the clients
  /// (`handleClientsWithPendingWrites`, `writeToClient`, `freeClientsInAsyncFreeQueue` in networking.c).
  private mutating func flushReplies() {
    replication.overview.update(replication.replicas, clients)
    var leaving: [ConnectionID] = []
    for index in clients.takeTouched() {
      let connection = clients[index].connection
      let isAnswered = !clients[index].reply.isEmpty
      if isAnswered {
        let bytes = clients[index].reply.take()
        if clients[index].flags.contains(.replica) {
          statistics.replicationOutputBytes += Int64(bytes.count)
        } else {
          statistics.outputBytes += Int64(bytes.count)
        }
        statistics.writes += 1
        clients[index].settleBuffers(buffersClock)
        clients[index].buffers.write(bytes.count)
        // A master is sent acknowledgements all the time.
        if !clients[index].isMaster { clients[index].lastInteraction = now }
        effects.append(.send(connection, bytes))
      }
      // Whoever is to go after a reply stays as long as it gets none, be it by its own will (CLIENT REPLY OFF) or as a master.
      let flags = clients[index].flags
      let leaves = flags.contains(.closeASAP) || flags.contains(.closeAfterReply) && isAnswered
      if leaves, !flags.contains(.protected) { leaving.append(connection) }
    }
    for connection in leaving { close(connection) }
  }
}

extension Client {
  /// What a read(2) brought is in the query buffer.
  fileprivate mutating func receive(_ bytes: [UInt8], _ clock: ClientBuffers.Clock, at now: Instant) {
    let pending = unparsed
    settleBuffers(clock)
    buffers.read(bytes.count, behind: pending, isMaster: isMaster)
    reading = pending + bytes.count
    decoder.feed(bytes)
    lastInteraction = now
    if isMaster { unappliedStream.append(contentsOf: bytes) }
  }

  /// Whether the client's next command may be looked at.
  var takesCommands: Bool { !isBlocked && flags.isDisjoint(with: [.closeAfterReply, .closeASAP, .protected]) }
}
