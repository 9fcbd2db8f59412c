import RESP

// How CLIENT LIST, CLIENT INFO and the log show a client (catClientInfoString in Redis 7.0), and what its memory comes to.

extension Node {
  /// A line of `CLIENT LIST` (`catClientInfoString` in networking.c).
  func clientInfo(_ client: Client) -> String {
    let age = now.seconds - client.created.seconds
    let idle = now.seconds - client.lastInteraction.seconds
    let user = client.user?.text ?? "(superuser)"
    let memory = memory(of: client)
    return "id=\(client.id) addr=\(client.peer.text) laddr=\(client.local.text) fd=\(client.descriptor) "
      + "name=\(client.name.text) age=\(age) idle=\(idle) flags=\(client.shownFlags) db=\(client.database) "
      + "sub=\(client.subscriptions.channels.count) psub=\(client.subscriptions.patterns.count) "
      + "ssub=\(client.subscriptions.shardChannels.count) multi=\(client.transaction?.queue.count ?? -1) "
      + "qbuf=\(memory.query) qbuf-free=\(memory.queryRoom) argv-mem=\(memory.arguments) "
      + "multi-mem=\(memory.queue) rbs=\(memory.replySize) rbp=\(memory.replyPeak) obl=\(memory.reply) "
      + "oll=\(memory.blocks) omem=\(memory.output) tot-mem=\(memory.total) "
      + "events=\(client.events) cmd=\(client.lastCommand ?? "NULL") user=\(user) redir=\(client.shownRedirect) "
      + "resp=\(client.reply.version.rawValue)"
  }

  /// Bytes, as CLIENT LIST names them.
  struct ClientMemory {
    /// The query buffer: what is in it, and what fits besides.
    var query = 0
    var queryRoom = 0
    /// The arguments of the command that runs or is still coming, and of those queued since MULTI.
    var arguments = 0
    var queue = 0
    /// The reply buffer: its size, the most that was in it lately, and what is.
    var replySize = 0
    var replyPeak = 0
    var reply = 0
    /// What does not fit there, or is kept for a replica: blocks, and the memory they take.
    var blocks = 0
    var output = 0
    var total = 0
  }

  /// What the client takes of memory (`getClientMemoryUsage` in networking.c).
  func memory(of client: Client) -> ClientMemory {
    let buffers = buffers(of: client)
    var memory = ClientMemory()
    let arguments = arguments(of: client)
    memory.arguments = arguments.bytes
    memory.query = client.reading ?? client.unparsed
    memory.queryRoom = max(0, buffers.query - memory.query)
    let pending = client.reply.bytes.count
    memory.replySize = buffers.reply
    memory.replyPeak = max(buffers.replyPeak, min(pending, memory.replySize))
    memory.reply = min(pending, memory.replySize)
    (memory.blocks, memory.output) = output(of: client)
    if let transaction = client.transaction { memory.queue = transaction.argumentBytes }
    memory.total =
      buffers.queryAllocation + memory.replySize + client.otherMemory + memory.output + arguments.memory
    return memory
  }

  /// A command's arguments are kept while it runs or waits, and those that have come of one that is still coming.
  private func arguments(of client: Client) -> Client.Arguments {
    let isRunning = client.reading != nil || executing == client.connection
    if let command = isRunning ? client.running : client.heldArguments { return command }
    let parsed = client.decoder.parsedArguments
    return Client.Arguments(bytes: parsed.bytes, count: parsed.count)
  }

  /// Blocks in which output waits: those of the backlog for a replica, once something was written for it
  /// (`getClientOutputBufferMemoryUsage` in networking.c).
  private func output(of client: Client) -> (blocks: Int, memory: Int) {
    if let replica = client.replica, client.flags.contains(.replica) {
      guard let next = replica.next, let backlog = replication.backlog else { return (0, 0) }
      let output = backlog.output(from: next, since: replica.initialOffset)
      return (output.blocks, Int(clamping: output.memory))
    }
    let rest = client.reply.bytes.count - client.buffers.reply
    guard rest > 0 else { return (0, 0) }
    let blocks = (rest + 20_463) / 20_464
    return (blocks, blocks * 20_504)
  }

  // MARK: The timer

  /// A client's buffers after the turns of the timer that have passed since something was last read or written.
  func buffers(of client: Client) -> ClientBuffers {
    var client = client
    client.settleBuffers(buffersClock)
    return client.buffers
  }

  var buffersClock: ClientBuffers.Clock {
    ClientBuffers.Clock(now: now, started: started, period: .microseconds(1_000_000 / Int64(configuration.hz)))
  }

  /// `mem_clients_normal`: what the clients but for the replicas had at the last turn of the timer.
  var clientsMemory: Int { clients.reduce(0) { $1.kind == .replica ? $0 : $0 + buffers(of: $1).total } }

  /// How often the timer has fitted reply buffers to their use.
  var bufferFits: (shrinks: Int64, expands: Int64) {
    clients.reduce((statistics.bufferShrinks, statistics.bufferExpands)) { sum, client in
      let buffers = buffers(of: client)
      return (sum.0 + buffers.shrinks, sum.1 + buffers.expands)
    }
  }

  /// The lowest file descriptor that is free for a connection; what is below is the process's own.
  var freeDescriptor: Int {
    var taken = Set(clients.map(\.descriptor))
    if let socket = replication.link.socket { taken.insert(socket.descriptor) }
    for link in sentinel.links.values {
      for connection in [link.commands, link.pubsub] { if let connection { taken.insert(connection.descriptor) } }
    }
    var descriptor = appendOnly.file == nil ? 8 : 9
    while taken.contains(descriptor) { descriptor += 1 }
    return descriptor
  }
}

extension Client {
  fileprivate var shownFlags: String {
    var letters = ""
    if flags.contains(.monitor) { letters += "O" }
    if flags.contains(.replica) { letters += "S" }
    if isMaster { letters += "M" }
    if flags.contains(.pubsub) { letters += "P" }
    if transaction != nil { letters += "x" }
    if isBlocked { letters += "b" }
    if let options = tracking?.options {
      letters += "t"
      if options.contains(.brokenRedirect) { letters += "R" }
      if options.contains(.broadcast) { letters += "B" }
    }
    if watched.contains(where: \.isTouched) { letters += "d" }
    if flags.contains(.closeAfterReply) { letters += "c" }
    if flags.contains(.closeASAP) { letters += "A" }
    if flags.contains(.noEvict) { letters += "e" }
    return letters.isEmpty ? "N" : letters
  }

  /// What the event loop looks for on its socket.
  fileprivate var events: String { flags.contains(.protected) ? "" : isWriting ? "rw" : "r" }

  /// Waits for its socket to take more.
  private var isWriting: Bool {
    guard let replica, replica.state == .sendBulk || replica.state == .online else { return false }
    return replica.writingSince != nil
  }

  /// Bytes in the query buffer: those of which no command has been made, or, of a master, that were not applied.
  var unparsed: Int {
    @inline(__always) get { isMaster ? unappliedStream.count : decoder.unparsedByteCount }
  }
}

extension Transaction {
  /// What the commands' arguments come to, each with the pointer to it.
  fileprivate var argumentBytes: Int { queue.reduce(0) { $0 + $1.reduce(0) { $0 + $1.count + 8 } } }

  /// … and the queue of them: it has room for two, then for twice as many as there were (`multiStateMemOverhead` in multi.c).
  fileprivate var memory: Int {
    var room = queue.isEmpty ? 0 : 2
    while room < queue.count { room *= 2 }
    return argumentBytes + 24 * room
  }
}

extension Client {
  /// A client's memory but for its buffers and the command that runs (`getClientMemoryUsage` in networking.c).
  fileprivate var otherMemory: Int {
    @inline(__always) get {
      768 + (transaction?.memory ?? 0) + (subscriptions.isEmpty ? 0 : subscriptions.memory) + (tracking?.memory ?? 0)
    }
  }

  /// Those of the command in which it waits. A SHUTDOWN that was called off keeps its own until the next command (`unblockClient`
  /// in blocked.c).
  fileprivate var heldArguments: Arguments? { isBlocked || lastCommand == "shutdown" ? running : nil }

  /// The turns of the timer that have passed are made up for.
  mutating func settleBuffers(_ clock: ClientBuffers.Clock) {
    guard buffers.isBehind(clock) else { return }
    let waiting = heldArguments?.memory ?? 0
    buffers.settle(clock, lastInteraction: lastInteraction, pending: unparsed, other: otherMemory + waiting)
  }
}
