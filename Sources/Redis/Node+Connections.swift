extension Node {
  mutating func accept(_ connection: ConnectionID, peer: Address, local: Address) {
    statistics.connectionsReceived += 1
    addClient(connection, peer: peer, local: local)
  }

  /// Makes a client of a connection: one that was accepted, or the link to the master once its handshake is over.
  @discardableResult
  package mutating func addClient(_ connection: ConnectionID, peer: Address, local: Address) -> Client {
    let client = Client(id: nextClientID, connection: connection, peer: peer, local: local, now: now)
    nextClientID += 1
    clients[connection] = client
    return client
  }

  mutating func receive(_ bytes: [UInt8], from connection: ConnectionID) {
    guard clients[connection] != nil else {
      replicationReceived(bytes, from: connection)
      return
    }
    statistics.inputBytes += Int64(bytes.count)
    clients[connection]?.decoder.feed(bytes)
    if clients[connection]?.isMaster == true { clients[connection]?.unappliedStream.append(contentsOf: bytes) }
    clients[connection]?.lastInteraction = now
    processInput(of: connection)
  }

  /// Executes the commands that have arrived whole, until the client is blocked or gone.
  package mutating func processInput(of connection: ConnectionID) {
    while let client = clients[connection], client.blocked == nil,
      client.flags.isDisjoint(with: [.closeAfterReply, .closeASAP])
    {
      guard let outcome = clients[connection]?.decoder.next() else { return }
      switch outcome {
      case .incomplete: return
      case .protocolError(let text):
        clients[connection]?.reply.error(text)
        clients[connection]?.flags.insert(.closeAfterReply)
        return
      case .command(let arguments, let length):
        if !arguments.isEmpty { process(arguments, of: connection) }
        commandProcessed(length: length, of: connection)
      }
    }
  }

  mutating func connectionClosed(_ connection: ConnectionID, reset: Bool) {
    if clients[connection] != nil {
      free(connection)
    } else {
      replicationClosed(connection, reset: reset)
    }
  }

  /// Forgets a client whose connection is gone; replication first hears of it.
  mutating func free(_ connection: ConnectionID) {
    guard let client = clients.removeValue(forKey: connection) else { return }
    replicationFreed(client)
  }

  /// Closes a client's connection now, without sending what is left (freeClient in Redis).
  package mutating func close(_ connection: ConnectionID) {
    emit(.close(connection))
    free(connection)
  }

  /// Adds bytes to what a client is sent at the end of this input.
  package mutating func write(_ bytes: [UInt8], to connection: ConnectionID) {
    clients[connection]?.reply.raw(bytes)
  }

  /// Redis's beforeSleep: what is done once per turn of the event loop, after the input and before waiting again.
  mutating func beforeSleep() {
    replicationBeforeSleep()
    flushReplies()
  }

  /// One write for each client that has something to be sent, in the order of the clients.
  private mutating func flushReplies() {
    for index in clients.values.indices where !clients.values[index].reply.isEmpty {
      let bytes = clients.values[index].reply.take()
      statistics.outputBytes += Int64(bytes.count)
      effects.append(.send(clients.values[index].connection, bytes))
    }
    let leaving = clients.values.filter { !$0.flags.isDisjoint(with: [.closeAfterReply, .closeASAP]) }
    for client in leaving { close(client.connection) }
  }
}
