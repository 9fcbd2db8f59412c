import Dissection
import Redis
import RESP

// Syncs: when each began, and with what, is the recording's; what the node says of it is its own.

extension Rebuilding {
  /// What the recorded node said to a replica.
  mutating func hearAsMaster(_ message: Message, _ connection: Int) {
    switch message.kind {
    case .fullResync(_, let offset): beginSnapshot(on: connection, offset)
    case .payloadHeader(let form):
      beginUnannounced(on: connection)
      if case .sized = form { carryOut(node.endSnapshot(at: now)) }
    case .stream, .streamSelect, .getAck, .streamPing:
      endSnapshot(for: connection)
      if let line = lines[connection], line.acknowledgements > 0 { carryOut(node.beginStream(to: line.id, at: now)) }
      hearStream(message, connection)
    default: break
    }
  }

  /// A replica has its snapshot, and the node has seen that its child has ended.
  mutating func endSnapshot(for connection: Int) {
    guard let line = lines[connection], node.clients[line.id]?.replica?.state == .waitBgsaveEnd else { return }
    wait { rebuilding in
      if case .ended(let moment)? = rebuilding.node.child?.process.state { moment <= rebuilding.now } else { true }
    }
    carryOut(node.endSnapshot(at: now))
  }

  /// It acknowledges the snapshot: the first time that may be before the child's end is seen, but not the next.
  mutating func hearAcknowledgement(on connection: Int) {
    lines[connection]?.acknowledgements += 1
    if let line = lines[connection], line.acknowledgements > 1 { endSnapshot(for: connection) }
  }

  /// What a master said to the node.
  mutating func hearMaster(_ message: Message) {
    switch message.kind {
    case .fullResync: epoch += 1
    case .payload, .endMark:
      // The data is another's, and all of it is known.
      guard node.replication.link.state == .connected || message.kind == .endMark else { return }
      unknown = UnknownData(everything: false)
      assumed = UnknownData(everything: false)
      (hasUnknownFunctions, isBlind, knowsHistory) = (false, false, true)
      debts = Debts()
    case .stream: hearStream(of: message.words)
    default: break
    }
  }

  /// Of a transaction that has a command which the node can't run, it does none: what it can is done here.
  private mutating func hearStream(of words: [[UInt8]]) {
    let outline = CommandOutline(words)
    guard let connection = node.replication.session?.connection else { return }
    let database = node.clients[connection]?.database ?? 0
    switch outline.name {
    case "multi": masterQueue = []
    case "exec":
      let queue = masterQueue ?? []
      masterQueue = nil
      let isAborted = queue.contains { !CommandOutline($0).isRunnable }
      for words in queue { follow(words, database, isDone: !isAborted) }
    default:
      if masterQueue == nil { follow(words, database, isDone: true) } else { masterQueue?.append(words) }
    }
  }

  /// What a command of the master leaves known.
  private mutating func follow(_ words: [[UInt8]], _ database: Int, isDone: Bool) {
    let outline = CommandOutline(words)
    if !isDone { return apply(words, outline, database) }
    guard outline.writes, !flushed(by: outline, database) else { return }
    if outline.name.hasPrefix("function"), !outline.isRunnable { hasUnknownFunctions = true }
    let isTotal = ["set", "mset", "del", "unlink"].contains(outline.name)
    for key in outline.keys {
      if isTotal, outline.isRunnable { unknown.remove(key, in: database) }
      if !outline.isRunnable { unknown.insert(key, in: database) }
    }
    if !isTotal, outline.keys.contains(where: { unknown.contains($0, in: database) }) {
      for key in outline.keys { unknown.insert(key, in: database) }
    }
  }

  /// A replica is about to ask: all that the node had written by then is there.
  ///
  /// - Parameter history: which one it asks for; nil: none.
  mutating func prepare(forPsync history: [UInt8]?, _ offset: Int64, takesOver: Bool, on connection: Int) {
    guard let verdict = life.verdicts[connection] else { return }
    // One that is to take over follows the one who asks, whose link was there before the recording.
    if takesOver, node.replication.isMaster, !foreign.isEmpty {
      if !knowsHistory, case .part(_, let asked?, let from) = verdict {
        node.takeUp(String(bytes: asked), before: nil, keptFrom: from)
        (knowsHistory, knowsStreamDatabase, unknown) = (true, false, UnknownData(everything: true))
      }
      follow(source.opener(of: connection))
    }
    switch verdict {
    case .part(let id, let asked, let from):
      let early = earlyWrites()
      if !knowsHistory, let id {
        // The history of before the recording: it tells where it has come to.
        if node.replication.isMaster {
          node.takeUp(
            String(bytes: id), before: asked.map { String(bytes: $0) },
            keptFrom: from)
        }
        (knowsHistory, knowsStreamDatabase) = (true, false)
        unknown = UnknownData(everything: true)
      }
      resume(early)
      reach(from -| 1)
      if isBlind, from -| 1 > node.replication.offset, node.catchUp(to: from -| 1) {
        (isBlind, knowsStreamDatabase) = (false, false)
      }
      nameHistory(id)
    case .full(let id, let end):
      if isBlind, knowsHistory, node.replication.isMaster, node.catchUp(to: end) { isBlind = false }
      nameHistory(id)
      // It would go on from the backlog, where the recorded one could not: more was written than is in the recording.
      let isOwn = history.map { isHistory($0) } ?? false
      if knowsHistory, isOwn, hasAll(after: offset), let snapshot = life.snapshots[connection] {
        passOverUnseen(end, snapshot)
      }
    }
  }

  private mutating func follow(_ master: String?) {
    guard let parts = master?.split(separator: ":"), parts.count == 2 else { return }
    obey(Array("REPLICAOF \(parts[0]) \(parts[1])\r\n".utf8))
  }

  /// The history that chance named here gets the name that chance gave it there.
  mutating func nameHistory(_ id: [UInt8]?) {
    guard let id else { return }
    let name = String(bytes: id)
    // One that it takes now, as the one who asks makes it a master, or is its first replica.
    node.chance.replicationIDs =
      [node.replication.ids.current, node.replication.ids.second].contains(name) ? [] : [name]
    guard !ids.contains(node.replication.ids.current.bytes) else { return }
    if node.replication.ids.second != name { node.rename(history: name) }
  }

  // MARK: Full syncs

  private mutating func beginSnapshot(on connection: Int, _ offset: Int64) {
    guard let line = lines[connection], line.said <= line.heard, let snapshot = life.snapshots[connection] else {
      return
    }
    if case .full(let id, _)? = life.verdicts[connection] { nameHistory(id) }
    if !knowsHistory, node.replication.isMaster {
      // Nothing that it wrote has been heard of yet, so where the count stands is the recorded one's to say.
      if countsForItself, !debts.isEmpty || node.hasExpiredKeys(at: now) { learnStreamDatabase(snapshot) }
      node.takeUp(node.replication.ids.current, before: nil, keptFrom: offset &+ 1)
      knowsHistory = true
    }
    reach(offset)
    bridge(to: offset, snapshot)
    adopt(snapshot)
    let batch = waiting.filter { id in
      guard let other = connections[id].flatMap({ life.snapshots[$0] }) else { return false }
      let isSame = snapshot.mark == nil ? other.payload == snapshot.payload : true
      return id == line.id || other.mark == snapshot.mark && isSame && (other.offset == offset || other.offset < 0)
    }
    if let mark = snapshot.mark { node.chance.endMarks = [String(bytes: mark)] }
    node.chance.usedMemory = snapshot.usedMemory ?? node.chance.usedMemory
    if learned.insert("repl-diskless-sync").inserted { node.configuration.replDisklessSync = snapshot.mark != nil }
    carryOut(node.endSnapshot(at: now))
    wait { $0.node.child == nil }
    carryOut(node.beginSnapshot(for: batch, at: now))
  }

  /// Who asks by SYNC is told nothing before the snapshot comes.
  private mutating func beginUnannounced(on connection: Int) {
    guard let line = lines[connection], node.clients[line.id]?.replica?.state == .waitBgsaveStart,
      let snapshot = life.snapshots[connection], snapshot.offset < 0
    else { return }
    beginSnapshot(on: connection, snapshot.ownOffset ?? node.replication.offset)
  }

  private var waiting: [ConnectionID] {
    node.replication.replicas.filter { node.clients[$0]?.replica?.state == .waitBgsaveStart }
  }

  /// The history has gone on by what nobody heard: commands under way, keys that expired, pings, what can't be known.
  ///
  /// - Parameter snapshot: what was there then; nil: nothing tells.
  mutating func bridge(to offset: Int64, _ snapshot: RecordedSnapshot? = nil) {
    guard node.replication.isMaster, node.replication.backlog != nil else { return }
    while node.replication.offset < offset, playOneOutstanding(upTo: offset) {}
    if node.replication.offset < offset { expireKeys(notIn: snapshot, upTo: offset) }
    let ping = Int64(14)
    let gap = offset -| node.replication.offset
    if gap > 0, gap <= ping * 600, gap % ping == 0 {
      for _ in 0..<(gap / ping) { carryOut(node.stream([Array("ping".utf8)], database: nil, at: now)) }
    }
    if isBlind, offset > node.replication.offset, node.catchUp(to: offset) {
      isBlind = false
      if let snapshot { learnStreamDatabase(snapshot) }
    }
    if let snapshot { passOverUnseen(offset, snapshot) }
  }

  /// What nobody heard may have selected another database.
  private mutating func learnStreamDatabase(_ snapshot: RecordedSnapshot) {
    node.replication.streamDatabase = snapshot.streamDatabase ?? node.replication.streamDatabase
  }

  /// Whether this is what the node's history is called, or was.
  func isHistory(_ id: [UInt8]) -> Bool {
    [node.replication.ids.current, node.replication.ids.second].contains(String(bytes: id))
  }

  private func hasAll(after offset: Int64) -> Bool {
    node.replication.isMaster && offset > 0 && node.replication.backlog?.reaches(offset) == true
  }

  /// Somebody has written who is not in the recording, if the snapshot itself says that the history has come so far.
  private mutating func passOverUnseen(_ offset: Int64, _ snapshot: RecordedSnapshot) {
    let before = node.replication.offset
    guard offset > before, snapshot.ownOffset == offset, node.catchUp(to: offset) else { return }
    remarks.unseen = remarks.unseen +| (offset -| before)
    unknown = UnknownData(everything: true)
  }

  private mutating func playOneOutstanding(upTo offset: Int64) -> Bool {
    for connection in lines.keys.sorted() {
      guard let (message, bytes) = firstWriting(on: connection),
        node.replication.offset +| Int64(bytes.count) <= offset
      else { continue }
      playOutstanding(on: connection, through: message.number)
      return true
    }
    return false
  }

  private mutating func expireKeys(notIn snapshot: RecordedSnapshot?, upTo offset: Int64) {
    let keys = snapshot?.payload.flatMap { SnapshotKeys($0) }
    if snapshot != nil, keys == nil { return }
    for database in node.databases.indices {
      for key in node.databases[database].expired(before: now.milliseconds, limit: 10_000) {
        guard node.replication.offset < offset else { return }
        if keys?.contains(key.array, in: database) != true {
          carryOut(node.expire(key.array, in: database, at: now))
        }
      }
    }
  }

  /// What is not known of the data, the snapshot tells; and which of the expired keys are still there.
  private mutating func adopt(_ snapshot: RecordedSnapshot) {
    guard let payload = snapshot.payload else { return }
    let (unknown, assumed) = (unknown, assumed)
    guard !unknown.isEmpty || !assumed.isEmpty || hasUnknownFunctions || node.hasExpiredKeys(at: now) else { return }
    let isAdopted = node.adopt(payload, functions: hasUnknownFunctions || !assumed.isEmpty, at: now) {
      unknown.contains($1, in: $0) || assumed.contains($1, in: $0)
    }
    guard isAdopted else { return }
    if !unknown.isEmpty || !assumed.isEmpty || hasUnknownFunctions { remarks.snapshots += 1 }
    self.unknown = UnknownData(everything: false)
    self.assumed = UnknownData(everything: false)
    hasUnknownFunctions = false
  }
}
