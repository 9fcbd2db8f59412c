import RESP

// The replica's side of the handshake (`syncWithMaster` in Redis); `MasterLink` draws its states.

extension Node {
  /// connect(2), which does not wait; `Input.connected` or `.connectFailed` tells how it went (`connectWithMaster` in
  /// replication.c).
  mutating func connectToMaster(_ reason: Decision.Reconnection) {
    guard let master = replication.master else { return }
    emit(.decided(.connect(to: master, reason)))
    if let failure = hosts.failure(of: master.host) {
      log(.warning, "Unable to connect to MASTER: \(failure.words)")
      emit(.decided(.cannotConnect(to: master, failure)))
      return
    }
    let connection = ConnectionID(.opened, replication.nextConnection)
    replication.nextConnection += 1
    emit(.open(connection, to: master))
    log(.notice, "MASTER <-> REPLICA sync started")
    replication.link.becomeConnecting(connection, descriptor: freeDescriptor, at: now)
  }

  /// The connection to the master is up: PING goes out (`syncWithMaster` in replication.c).
  mutating func receiveConnected(_ connection: ConnectionID, local: Address) {
    guard connection == replication.link.connection, replication.link.state == .connecting else {
      emit(.close(connection))
      return
    }
    log(.notice, "Non blocking connect for SYNC fired the event.")
    replication.link.becomeReceivePingReply(local: local)
    send(["PING"], to: connection)
  }

  /// The connection to the master did not come about (`syncWithMaster` in replication.c).
  mutating func receiveConnectFailure(_ connection: ConnectionID, _ failure: ConnectFailure) {
    guard connection == replication.link.connection, replication.link.state == .connecting else { return }
    log(.warning, "Error condition on socket for SYNC: \(failure.words)")
    replication.link.becomeConnect()
    failHandshake()
  }

  /// The end of the connection to the master, before it is a client's.
  mutating func masterConnectionClosed(_ connection: ConnectionID, reset: Bool) {
    guard connection == replication.link.connection else { return }
    if replication.link.state == .transfer {
      transferInterrupted(reset: reset)
    } else if replication.link.state.isHandshake {
      handshakeReadFailed()
    }
  }

  /// A line of the master's, without its end, in one of the states that wait for one (`syncWithMaster` in
  /// replication.c).
  mutating func receiveHandshakeReply(_ line: [UInt8]) {
    let reply = String(bytes: line)
    replication.link.lastIO = now
    switch replication.link.state {
    case .receivePingReply: receivePingReply(reply)
    case .receiveAuthReply: receiveAuthReply(reply)
    case .receivePortReply: receiveReplconfReply(reply, to: "listening-port", next: stateAfterPort)
    case .receiveIPReply: receiveReplconfReply(reply, to: "ip-address", next: .receiveCapaReply)
    case .receiveCapaReply:
      receiveReplconfReply(reply, to: "capa", next: .receivePsyncReply)
      sendPsync()
    case .receivePsyncReply: receivePsyncReply(reply)
    case .none, .connect, .connecting, .transfer, .connected: break
    }
  }

  private var stateAfterPort: MasterLink.State {
    configuration.replicaAnnounceIP == nil ? .receiveCapaReply : .receiveIPReply
  }

  /// Any `+` will do, and so will an error that only says who one must be: AUTH comes next (`syncWithMaster` in
  /// replication.c).
  private mutating func receivePingReply(_ reply: String) {
    let accepted = ["+", "-NOAUTH", "-NOPERM", "-ERR operation not permitted"]
    guard accepted.contains(where: reply.hasPrefix) else {
      log(.warning, "Error reply to PING from master: '\(reply)'")
      decideHandshake(reply, .tryLater)
      failHandshake()
      return
    }
    decideHandshake(reply, .goOn)
    log(.notice, "Master replied to PING, replication can continue...")
    sendHandshake()
  }

  /// Sends AUTH and every REPLCONF at once: no reply is waited for in between (`syncWithMaster` in replication.c).
  private mutating func sendHandshake() {
    guard let connection = replication.link.connection else { return }
    if let password = configuration.masterauth {
      send(["AUTH"] + (configuration.masteruser.map { [$0] } ?? []) + [password], to: connection)
    }
    let port = configuration.replicaAnnouncePort == 0 ? configuration.port : configuration.replicaAnnouncePort
    send(["REPLCONF", "listening-port", String(port)], to: connection)
    if let ip = configuration.replicaAnnounceIP { send(["REPLCONF", "ip-address", ip], to: connection) }
    send(["REPLCONF", "capa", "eof", "capa", "psync2"], to: connection)
    replication.link.become(next: configuration.masterauth == nil ? .receivePortReply : .receiveAuthReply)
  }

  /// Without the right password nothing else is tried (`syncWithMaster` in replication.c).
  private mutating func receiveAuthReply(_ reply: String) {
    guard !reply.hasPrefix("-") else {
      log(.warning, "Unable to AUTH to MASTER: \(reply)")
      decideHandshake(reply, .tryLater)
      failHandshake()
      return
    }
    decideHandshake(reply, .goOn)
    replication.link.become(next: .receivePortReply)
  }

  /// Not every version knows every option, so an error is only noted (`syncWithMaster` in replication.c).
  private mutating func receiveReplconfReply(_ reply: String, to option: String, next: MasterLink.State) {
    if reply.hasPrefix("-") {
      log(.notice, "(Non critical) Master does not understand REPLCONF \(option): \(reply)")
      decideHandshake(reply, .ignoreError)
    } else {
      decideHandshake(reply, .goOn)
    }
    replication.link.become(next: next)
  }

  // MARK: PSYNC

  /// Asks for what is missing, or for everything (`slaveTryPartialResynchronization` in replication.c).
  private mutating func sendPsync() {
    guard let connection = replication.link.connection else { return }
    replication.link.announcedOffset = -1
    var command = ["PSYNC", "?", "-1"]
    if let cached = replication.cached {
      let offset = String(cached.offset +| 1)
      log(.notice, "Trying a partial resynchronization (request \(cached.id):\(offset)).")
      emit(.decided(.askForPart(id: cached.id, offset: cached.offset +| 1, ownHistory: cached.isOwnPast)))
      command = ["PSYNC", cached.id, offset]
    } else {
      log(.notice, "Partial resynchronization not possible (no cached master)")
      emit(.decided(.askForAll))
    }
    if replication.failover.state == .inProgress { command.append("FAILOVER") }
    send(command, to: connection)
  }

  /// Everything comes, or the part that is missing, or neither (`slaveTryPartialResynchronization`, `syncWithMaster` in
  /// replication.c).
  private mutating func receivePsyncReply(_ reply: String) {
    // The master may keep the replica waiting with empty lines, before it answers.
    guard !reply.isEmpty else { return }
    if reply.hasPrefix("+FULLRESYNC") {
      endFailover()
      receiveFullResync(reply)
      beginTransfer()
    } else if reply.hasPrefix("+CONTINUE") {
      endFailover()
      receiveContinue(reply)
    } else {
      receivePsyncRefusal(reply)
    }
  }

  /// Redis takes whatever it doesn't understand, even `+OK`, for a master that is too old for PSYNC
  /// (`slaveTryPartialResynchronization`, `syncWithMaster` in replication.c). A FAILOVER ends with any refusal.
  private mutating func receivePsyncRefusal(_ reply: String) {
    let isTransient = reply.hasPrefix("-NOMASTERLINK") || reply.hasPrefix("-LOADING")
    if isTransient {
      log(.notice, "Master is currently unable to PSYNC but should be in the future: \(reply)")
    } else if reply.hasPrefix("-ERR") {
      log(.notice, "Master does not support PSYNC or is in error state (reply: \(reply))")
    } else {
      log(.warning, "Unexpected reply to PSYNC from master: \(reply)")
    }
    if replication.failover.state == .inProgress {
      abortFailover("Failover target rejected psync request", .rejected(reply: reply))
    } else if isTransient {
      decideHandshake(reply, .tryLater)
      failHandshake()
    } else {
      fallBackToSync(reply)
    }
  }

  /// `+FULLRESYNC`: which history the payload belongs to, and how far it goes (`slaveTryPartialResynchronization` in
  /// replication.c).
  private mutating func receiveFullResync(_ reply: String) {
    let fields = reply.bytes.split(separator: 32, maxSplits: 2, omittingEmptySubsequences: false)
    guard fields.count == 3, fields[1].count == 40 else {
      log(.warning, "Master replied with wrong +FULLRESYNC syntax.")
      // Blank, so that the next PSYNC fails.
      replication.link.announcedID = ""
      decideHandshake(reply, .fullWithoutID)
      return
    }
    replication.link.announcedID = String(bytes: fields[1])
    replication.link.announcedOffset = Integer.leadingOffset(Bytes(fields[2]))
    let (id, offset) = (replication.link.announcedID, replication.link.announcedOffset)
    log(.notice, "Full resync from master: \(id):\(offset)")
    decideHandshake(reply, .full(id: id, offset: offset))
  }

  /// `+CONTINUE`: the part that is missing follows, perhaps under another id (`slaveTryPartialResynchronization` in
  /// replication.c).
  private mutating func receiveContinue(_ reply: String) {
    log(.notice, "Successful partial resynchronization with master.")
    decideHandshake(reply, .partial)
    let id = String(bytes: reply.bytes.dropFirst(10))
    if let old = replication.cached?.id, id.bytes.count == 40, id != old { adoptMasterID(id, insteadOf: old) }
    resurrectCachedMaster()
    if replication.backlog == nil { replication.backlog = Backlog(after: replication.offset) }
    log(.notice, "MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization.")
  }

  /// The master was promoted: its history goes on under another name, and so does that of everyone below
  /// (`slaveTryPartialResynchronization` in replication.c).
  private mutating func adoptMasterID(_ id: String, insteadOf old: String) {
    log(.warning, "Master replication ID changed to \(id)")
    emit(.decided(.adoptNewID(old: old, new: id, offset: replication.offset)))
    replication.ids.current = old
    replication.ids.shift(to: id, at: replication.offset)
    replication.cached?.id = id
    disconnectReplicas(.historyChanged)
  }

  /// Asks an old master with SYNC (`syncWithMaster` in replication.c).
  private mutating func fallBackToSync(_ reply: String) {
    decideHandshake(reply, .fallBackToSync)
    log(.notice, "Retrying with SYNC...")
    if let connection = replication.link.connection { emit(.send(connection, Array("SYNC\r\n".utf8))) }
    beginTransfer()
  }

  // MARK: Failure

  /// The error path of the handshake: the next cron tick tries again (`syncWithMaster` in replication.c).
  mutating func failHandshake() {
    if let connection = replication.link.connection { emit(.close(connection)) }
    replication.link.becomeConnect()
    if let master = replication.master { emit(.decided(.waitForCron(to: master, at: nextSecond))) }
  }

  /// The master ended the connection or broke it, or the rest of a line did not come in time: Redis asks the connection
  /// for the error, which knows of none, since the line was read past it (`syncWithMaster`,
  /// `receiveSynchronousResponse`, `slaveTryPartialResynchronization` in replication.c).
  mutating func handshakeReadFailed() {
    log(.warning, "Failed to read response from the server: Success")
    if replication.link.state == .receivePsyncReply {
      log(.warning, "Master did not reply to PSYNC, will try later")
      if replication.failover.state == .inProgress {
        abortFailover("Failover target rejected psync request", .rejected(reply: nil))
        return
      }
    } else {
      log(.warning, "Master did not respond to command during SYNC handshake")
    }
    failHandshake()
  }

  /// Undoes a connection attempt, a handshake or a transfer; true if there was one (`cancelReplicationHandshake`,
  /// `undoConnectWithMaster`, `replicationAbortSyncTransfer` in replication.c).
  @discardableResult
  mutating func cancelHandshake(reconnect reason: Decision.Reconnection?) -> Bool {
    let state = replication.link.state
    guard state == .transfer || state == .connecting || state.isHandshake else { return false }
    if let connection = replication.link.connection { emit(.close(connection)) }
    if case .file(let name)? = replication.link.transfer?.target { emit(.file(.delete(name: name))) }
    replication.link.becomeConnect()
    if let reason, let master = replication.master {
      log(.notice, "Reconnecting to MASTER \(master.host):\(master.port) after failure")
      connectToMaster(reason)
    }
    return true
  }

  private mutating func decideHandshake(_ reply: String, _ outcome: Decision.HandshakeOutcome) {
    emit(.decided(.handshakeReply(replication.link.state, reply: reply, outcome)))
  }

  /// One command in one write (`sendCommand`, `sendCommandArgv`, `sendCommandRaw` in replication.c).
  mutating func send(_ command: [String], to connection: ConnectionID) {
    emit(.send(connection, encode(command.map { Bytes($0) })))
  }
}

/// A command as a RESP array of bulk strings (`catAppendOnlyGenericCommand` in aof.c).
func encode(_ command: [Bytes]) -> [UInt8] {
  var bytes: [UInt8] = []
  bytes.append(arrayCount: command.count)
  for argument in command { argument.withSpan { bytes.append(bulk: $0) } }
  return bytes
}
