extension Node {
  /// Finds the command, sees whether the client may run it now, and runs or queues it (processCommand in Redis).
  mutating func process(_ arguments: [Bytes], of connection: ConnectionID) {
    guard let client = clients[connection] else { return }
    guard let command = CommandTable.find(arguments) else {
      refuse(unknownCommand(arguments), to: connection)
      return
    }
    guard command.arity >= 0 ? arguments.count == command.arity : arguments.count >= -command.arity else {
      refuse("ERR wrong number of arguments for '\(command.name)' command", to: connection)
      return
    }
    if let reason = refusal(of: command, for: client) {
      refuse(reason, to: connection)
      return
    }
    if client.transaction != nil, !command.runsInsideMulti {
      clients[connection]?.transaction?.queue.append(arguments)
      clients[connection]?.reply.simple("QUEUED")
      return
    }
    execute(command, arguments, for: connection)
    propagatePending()
  }

  /// Runs one command and notes what the replicas must hear of it (call in Redis).
  mutating func execute(_ command: Command, _ arguments: [Bytes], for connection: ConnectionID) {
    guard let client = clients[connection] else { return }
    let outer = executing
    executing = connection
    var call = Call(
      connection: connection, command: command, arguments: arguments, database: client.database, reply: client.reply)
    call.fromMaster = client.isMaster
    // Taken out, so that it is not copied when the command writes to it.
    clients[connection]?.reply = ReplyBuffer()
    let before = dirty
    command.body(&self, &call)
    statistics.commandsProcessed += 1
    note(call, changed: dirty != before)
    executing = outer
    guard clients[connection] != nil else { return }
    let written = clients[connection]?.reply.take() ?? []
    call.reply.raw(written)
    clients[connection]?.reply = call.reply
    clients[connection]?.database = call.database
    clients[connection]?.lastCommand = command.name
  }

  private mutating func note(_ call: Call, changed: Bool) {
    switch call.propagation {
    case .ifChanged: if changed { propagate(call.arguments, database: call.database) }
    case .rewritten(let form): if changed { propagate(form, database: call.database) }
    case .always: propagate(call.arguments, database: call.database)
    case .never: break
    }
  }

  /// Says no, and lets a transaction that was being queued fail as a whole.
  mutating func refuse(_ reason: String, to connection: ConnectionID) {
    if clients[connection]?.transaction != nil { clients[connection]?.transaction?.isAborted = true }
    clients[connection]?.reply.error(reason)
  }

  /// Why the client may not run the command now, or nil.
  private func refusal(of command: Command, for client: Client) -> String? {
    if isLoading, !command.flags.contains(.loading) {
      return "LOADING Redis is loading the dataset in memory"
    }
    return replicationRefusal(of: command, for: client)
  }

  private func unknownCommand(_ arguments: [Bytes]) -> String {
    var text = "ERR unknown command '\(arguments[0].text.prefix(128))', with args beginning with: "
    for argument in arguments.dropFirst() where text.utf8.count < 128 + 60 { text += "'\(argument.text)' " }
    return text
  }

  /// Called after each command of a client, with the bytes that it took.
  ///
  /// A master's command counts as applied once it has run; those of a transaction when its EXEC has.
  mutating func commandProcessed(length: Int, of connection: ConnectionID) {
    guard let client = clients[connection], client.isMaster, client.transaction == nil else { return }
    let applied = client.unappliedStream.count - client.decoder.pendingCount
    guard applied > 0 else { return }
    let bytes = Array(client.unappliedStream[..<applied])
    clients[connection]?.unappliedStream.removeFirst(applied)
    replicationApplied(bytes, from: connection)
  }
}
