import Dissection
import RESP
import Redis

// What there was before the recording.

extension Rebuilding {
  /// What may make a node another one's replica.
  static let followings = ["replicaof", "slaveof", "failover"]

  /// After REPLICAOF NO ONE a node follows nobody.
  static func makesFollow(_ words: [[UInt8]]) -> Bool {
    let texts = words.map { String(bytes: $0).lowercased() }
    return followings.contains(texts.first ?? "") && texts.dropFirst() != ["no", "one"]
  }

  /// REPLICAOF NO ONE: where replicas are told of another history next, the node had a master until then, of whom the recording
  /// does not tell.
  mutating func recallMaster(before words: [[UInt8]]) {
    guard Self.followings.contains(CommandOutline(words).name), words.count == 3, !Self.makesFollow(words),
      node.replication.isMaster, knowsHistory, let next = life.namings.first(where: { $0.event > event })?.id,
      !isHistory(next)
    else { return }
    node.recallMaster()
  }

  /// What somebody may tell a node that is about the node, whatever was said before.
  private static let orders: Set<String> = [
    "replicaof", "slaveof", "failover", "config|set", "client|pause", "client|unpause", "client|kill", "acl|setuser",
    "debug",
  ]

  /// A client that may do anything says it.
  mutating func obey(_ bytes: [UInt8]) {
    strangers += 1
    let id = ConnectionID(.accepted, .max - strangers)
    let nobody = Address(host: "127.0.0.1", port: 0)
    handle(.accepted(id, peer: nobody, local: nobody))
    node.clients[id]?.user = nil
    node.clients[id]?.isAuthenticated = true
    handle(.received(id, bytes))
    if node.clients[id] != nil { handle(.closed(id, reset: false)) }
  }

  /// What is said on a connection that was there before: nobody knows what had been said there.
  mutating func passOver(_ event: NormalizedTranscript.Event, _ side: Side) {
    guard case .message(let message) = event.what else { return }
    if message.side == side {
      remarks.underWay += 1
      return
    }
    if side == .opener { return }
    let outline = CommandOutline(message.words)
    guard message.kind == .command else { return }
    if Self.orders.contains(outline.name), !answer(to: message, on: event.connection).changesNothing {
      if Self.makesFollow(message.words) { learnHistoryBeforeFollowing() }
      recallMaster(before: message.words)
      obey(message.bytes)
    }
    guard outline.writes else { return }
    debts.add(outline, message.words, in: nil, until: now + .seconds(2))
    if outline.isScript || ["flushall", "flushdb", "swapdb"].contains(outline.name) {
      unknown = UnknownData(everything: true)
    }
    for index in node.databases.indices { for key in outline.keys { unknown.insert(key, in: index) } }
    if node.replication.backlog != nil, !countsForItself { isBlind = true }
  }

  /// Where a connection was there before, nobody can say what the first reply on it answers: most likely the first command.
  private func answer(to message: Message, on connection: Int) -> [UInt8] {
    if let answer = answers[connection]?[message.number] { return answer.replies.first ?? [] }
    for event in source.events[event...].prefix(Self.nextEvents) where event.connection == connection {
      if case .message(let next) = event.what, next.side != message.side { return next.bytes }
    }
    return []
  }

  /// How far ahead an answer is looked for.
  private static let nextEvents = 1_000

  /// The recording has not the connection's beginning, and its first command was not refused for want of a password.
  func hasLoggedInBefore(_ connection: Int) -> Bool {
    guard source.lacksBeginning(connection), let first = answers[connection]?.min(by: { $0.key < $1.key }) else {
      return false
    }
    return first.value.replies.first?.starts(with: "-NOAUTH".utf8) == false
  }

  /// It was told to let a replica take over whose link was there before the recording, so that the node has it not.
  mutating func handOver(to replica: Address) {
    guard node.replication.isMaster, remarks.underWay > 0 else { return }
    carryOut(node.handOver(to: replica, at: now))
  }

  /// FAILOVER takes the first replica that has everything; which of those that asked at once is the first is chance.
  mutating func findSuccessor() {
    guard let next = life.handovers.sorted().first(where: { lines[$0] == nil }),
      let ends = source.traffic.connection(next)
    else { return }
    node.moveToFront(replicaAt: Int(ends.acceptor.port))
  }

  // MARK: Before it is known where the history stands

  /// The node has a history, and nothing has told yet how far that had come: it counts from 0 meanwhile.
  var countsForItself: Bool { life.hasHistory && !knowsHistory && node.replication.isMaster }

  /// What the node writes is kept until its first replica tells how far its history had come.
  mutating func keepEarlyWrites() { node.takeUp(node.replication.ids.current, before: nil, keptFrom: 1) }

  /// What the node has written since it began, while it counted for itself.
  func earlyWrites() -> [[[UInt8]]] {
    guard countsForItself else { return [] }
    var decoder = RequestDecoder()
    decoder.feed(node.streamed(from: 1))
    var commands: [[[UInt8]]] = []
    while let request = try? decoder.next() { commands.append(request.arguments) }
    return commands
  }

  /// The history goes on from where it stands now by what the node wrote before that was known, as far as it was not
  /// before that, and by what else the recorded one has between.
  mutating func resume(_ commands: [[[UInt8]]]) {
    guard !commands.isEmpty, let first = life.stream.next(after: node.replication.offset, epoch: epoch) else { return }
    let words = ConversationWriter.streamWords(first.words)
    let starts = [0] + commands.indices.dropFirst().filter { ConversationWriter.streamWords(commands[$0]) == words }
    for start in starts {
      var trial = self
      trial.node.replication.streamDatabase = commands[..<start].compactMap(Self.selected).last
      trial.knowsStreamDatabase = true
      guard trial.goOn(by: commands[start...]) else { continue }
      self = trial
      return
    }
  }

  /// - Returns: whether the recorded stream has all of these.
  private mutating func goOn(by commands: ArraySlice<[[UInt8]]>) -> Bool {
    var rest = commands
    while let next = rest.first, let item = life.stream.next(after: node.replication.offset, epoch: epoch) {
      if ConversationWriter.streamWords(next) == ConversationWriter.streamWords(item.words) {
        rest.removeFirst()
        repeatInStream(next)
      } else if !explain(item, except: nil) {
        return false
      }
    }
    return rest.isEmpty
  }

  private static func selected(by command: [[UInt8]]) -> Int? {
    guard command.count == 2, CommandOutline(command).name == "select" else { return nil }
    return Int(String(decoding: command[1], as: UTF8.self))
  }

  private mutating func repeatInStream(_ command: [[UInt8]]) {
    carryOut(node.stream(command, database: nil, at: now))
    if let database = Self.selected(by: command) { node.replication.streamDatabase = database }
  }

  /// What the node asks its master for says how far its history had come, where nothing else has.
  mutating func learnHistoryBeforeFollowing() {
    guard node.replication.isMaster, let past = life.firstAsked(after: event), past.offset > 1 || countsForItself else {
      return
    }
    if knowsHistory {
      if node.replication.ids.current.bytes == past.id { bridge(to: past.offset -| 1) }
      return
    }
    node.takeUp(String(bytes: past.id), before: nil, keptFrom: past.offset)
    knowsHistory = true
    if !life.isDataCertain, past.offset > 1 { unknown = UnknownData(everything: true) }
  }
}
