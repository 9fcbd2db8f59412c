import Dissection
import RESP
import Redis

// What clients say: each command is played when it is known what the recorded node answered.

extension Rebuilding {
  /// A command that is played, with all that is known of it.
  struct Asked {
    var message: Message
    var connection: Int
    var id: ConnectionID
    var words: [[UInt8]]
    var outline: CommandOutline
    var database: Int
    /// When it was said, and when it was answered.
    var time: Instant
    var answer: Answer?
    /// What EXEC is to do.
    var queue: [[[UInt8]]] = []

    var reply: [UInt8] { answer.map { $0.replies.reduce(into: []) { $0 += $1 } } ?? [] }
    var isError: Bool { reply.first == UInt8(ascii: "-") }
    var error: String { isError ? String(bytes: reply.dropFirst()) : "" }

    /// Each command that it is or queues, and in which database it is done.
    var places: [(words: [[UInt8]], database: Int)] {
      guard outline.name == "exec" else { return [(words, database)] }
      return zip(queue, databases).map { ($0, $1) }
    }

    /// In which database each command of a transaction is done, and in which one it leaves the client.
    private var databases: [Int] {
      queue.reduce(into: [database]) { databases, words in
        let number = words.count == 2 ? Int(String(decoding: words[1], as: UTF8.self)) : nil
        let isSelect = number != nil && CommandOutline(words).name == "select"
        databases.append(isSelect ? number ?? 0 : databases.last ?? 0)
      }
    }

    /// In which database it leaves the client.
    var lastDatabase: Int { outline.name == "exec" && !done.isEmpty ? databases.last ?? database : database }

    /// Those that were done: an error says that none was, and EXEC what each did.
    var done: [(words: [[UInt8]], database: Int)] {
      if outline.name == "exec", reply.first != UInt8(ascii: "*") || reply.starts(with: "*-1".utf8) { return [] }
      // A script that fails may have done something before.
      return isError && !(outline.isScript && error.contains("script:")) ? [] : places
    }
  }

  // MARK: When

  /// A reply was heard: what it answers has been done by now.
  mutating func hearReply(_ message: Message, _ connection: Int) {
    guard let number = message.answers?.number else {
      // What nobody asked for: a published message.
      remarks.pushes += 1
      return takeUp(message, connection)
    }
    playTurned(before: connection)
    playOutstanding(on: connection, through: number)
    stopWaiting(on: connection, for: number)
  }

  /// It was told what it waits for, and meanwhile somebody has written to the key of whom the recording does not tell all.
  private mutating func stopWaiting(on connection: Int, for number: Int) {
    guard let asked = lines[connection]?.waiting, asked.message.number == number else { return }
    lines[connection]?.waiting = nil
    guard isWaitingForKeys(asked.id), let reason = obstacle(to: asked.words, asked.outline, asked.database) else {
      return
    }
    node.giveUpWaiting(asked.id)
    take(asked, reason)
  }

  private mutating func takeUp(_ message: Message, _ connection: Int) {
    wire.send(message.bytes, on: connection, from: .acceptor, at: time)
    readOwn()
  }

  /// - Parameter number: nil: all.
  mutating func playOutstanding(on connection: Int, through number: Int?) {
    while let (message, time) = lines[connection]?.outstanding.first, number.map({ message.number <= $0 }) ?? true {
      lines[connection]?.outstanding.removeFirst()
      play(message, said: time, on: connection)
    }
  }

  /// Everybody's commands up to the first of these names.
  mutating func playOutstanding(named names: [String]) {
    for connection in lines.keys.sorted() {
      guard
        let place = lines[connection]?.outstanding.firstIndex(where: { names.contains(CommandWords($0.message).name) })
      else { continue }
      playOutstanding(on: connection, through: lines[connection]?.outstanding[place].message.number)
    }
  }

  private mutating func play(_ message: Message, said time: Instant, on connection: Int) {
    guard let line = lines[connection], connections[line.id] != nil, let client = node.clients[line.id] else { return }
    let words = message.words
    guard !words.isEmpty else { return deliver(message, on: connection) }
    let asked = Asked(
      message: message, connection: connection, id: line.id, words: words, outline: CommandOutline(words),
      database: client.database, time: time, answer: answers[connection]?[message.number])
    if asked.outline.name == "shutdown", asked.answer == nil { return }
    if Self.makesFollow(words), !asked.isError { learnHistoryBeforeFollowing() }
    if !asked.isError {
      recallMaster(before: words)
      if asked.outline.name == "failover" { findSuccessor() }
    }
    wire.send(message.bytes, on: connection, from: .opener, at: self.time)
    if client.transaction != nil, !["exec", "discard", "multi", "watch", "reset", "quit"].contains(asked.outline.name) {
      enqueue(asked)
    } else if asked.outline.name == "exec", client.transaction != nil {
      execute(asked)
    } else {
      lines[connection]?.queue = []
      let reason = obstacle(to: asked.words, asked.outline, asked.database)
      if line.written.contains(message.number) {
        take(asked, reason ?? .unknown, isDone: true)
      } else if let reason, !refuses(asked) {
        take(asked, reason)
      } else {
        seeChildEnd(before: asked)
        run(asked)
      }
    }
  }

  // MARK: Whether

  /// Whether the command may wait for something, and the node can do it.
  func waits(_ message: Message, on connection: Int) -> Bool {
    let words = message.words
    guard let name = words.first, let command = CommandTable.find(Bytes(name)) else { return false }
    if command.name == "wait" { return true }
    // Who is refused does not wait.
    let reply = answers[connection]?[message.number]?.replies.first ?? []
    if reply.first == UInt8(ascii: "-"), !reply.starts(with: "-UNBLOCKED".utf8) { return false }
    guard command.flags.contains(.blocking), let client = lines[connection].flatMap({ node.clients[$0.id] }),
      obstacle(to: words, CommandOutline(words), client.database) == nil
    else { return false }
    return !command.name.hasPrefix("xread") || words.contains { Bytes($0).matches("BLOCK") }
  }

  enum TakingReason { case lacking, unknown, past, state }

  /// Why the node can't do it; nil: it can.
  func obstacle(to words: [[UInt8]], _ outline: CommandOutline, _ database: Int) -> TakingReason? {
    if !outline.isRunnable { return .lacking }
    if hasUnknownFunctions, outline.name.hasPrefix("fcall") || outline.name.hasPrefix("function") { return .unknown }
    return touches(unknown, words, outline, database) ? .unknown : nil
  }

  /// Whether what it does or says depends on keys of these.
  private func touches(_ data: UnknownData, _ words: [[UInt8]], _ outline: CommandOutline, _ database: Int) -> Bool {
    if data.isEmpty || Self.overwrites(outline, words) { return false }
    switch outline.name {
    case "dbsize", "keys", "scan", "randomkey": return data.hasAny(in: database)
    case "debug": return words.count > 2 && words[2...].contains { data.contains($0, in: database) }
    case "copy", "move":
      return node.databases.indices.contains { index in outline.keys.contains { data.contains($0, in: index) } }
    case "watch", "exec": return false
    // What keys a script asks for it need not say.
    case "eval", "eval_ro", "evalsha", "evalsha_ro", "fcall", "fcall_ro":
      return node.databases.indices.contains { data.hasAny(in: $0) }
    default: return outline.keys.contains { data.contains($0, in: database) }
    }
  }

  /// It says and does the same whatever was there.
  private static func overwrites(_ outline: CommandOutline, _ words: [[UInt8]]) -> Bool {
    switch outline.name {
    case "mset", "setex", "psetex": true
    case "set":
      !words.dropFirst(3).contains {
        ["get", "nx", "xx", "keepttl"].contains(String(bytes: $0).lowercased())
      }
    default: false
    }
  }

  /// The node refuses it, as the recorded one did, whatever it would do.
  private func refuses(_ asked: Asked) -> Bool {
    guard asked.isError else { return false }
    var trial = node
    let own = Self.said(trial.handle(.received(asked.id, asked.message.bytes), at: now), to: asked.id)
    if own == asked.reply { return true }
    let isLacking = !asked.outline.isRunnable && own.starts(with: "-ERR unknown command ".utf8)
    return !isLacking && Self.isRefusal(own) && Self.isRefusal(asked.reply)
  }

  /// An error that no data is the reason of.
  private static func isRefusal(_ reply: [UInt8]) -> Bool { refusals.contains { reply.starts(with: "-\($0)".utf8) } }

  private static let refusals = [
    "READONLY ", "NOAUTH ", "NOPERM ", "EXECABORT ", "ERR unknown command ", "ERR wrong number of arguments ",
  ]

  static func said(_ effects: [Effect], to id: ConnectionID) -> [UInt8] {
    effects.reduce(into: []) { if case .send(id, let bytes) = $1 { $0 += bytes } }
  }

  /// Where the node would ask its replicas for acknowledgements and the recorded one did not, or has no replica to take over and
  /// that one had, that one had seen by then that the child which wrote a snapshot was gone, so that its replica counts.
  private mutating func seeChildEnd(before asked: Asked) {
    switch asked.outline.name {
    case "wait": guard waitsInVain(asked) else { return }
    case "failover": guard !asked.isError, node.child != nil else { return }
    default: return
    }
    for connection in lines.keys.sorted() { endSnapshot(for: connection) }
  }

  /// The node would ask its replicas for acknowledgements, where the recorded one had them already.
  private func waitsInVain(_ asked: Asked) -> Bool {
    var trial = node
    _ = trial.handle(.received(asked.id, asked.message.bytes), at: now)
    return trial.replication.offset > node.replication.offset && !asksForAcknowledgements
  }

  // MARK: Transactions

  private mutating func enqueue(_ asked: Asked) {
    lines[asked.connection]?.queue.append(asked.words)
    if asked.outline.isRunnable || refuses(asked) { return run(asked) }
    remarks.commands.append(asked.outline.name)
    takenReplies[asked.connection, default: []].insert(asked.message.number)
    for reply in asked.answer?.replies ?? [] { wire.send(reply, on: asked.connection, from: .acceptor, at: time) }
    readOwn()
  }

  private mutating func execute(_ asked: Asked) {
    var asked = asked
    asked.queue = lines[asked.connection]?.queue ?? []
    lines[asked.connection]?.queue = []
    let reasons = asked.places.compactMap { obstacle(to: $0.words, CommandOutline($0.words), $0.database) }
    let isDone = lines[asked.connection]?.written.contains(asked.message.number) ?? false
    let reason = reasons.first ?? (isDone ? .unknown : nil)
    guard let reason, !refuses(asked) else { return run(asked) }
    node.forgetTransaction(of: asked.id)
    take(asked, reason == .lacking ? .unknown : reason, isDone: isDone)
  }

  // MARK: Running

  /// The node does it, when all that came before it in the stream is there; where it says something else than the recorded
  /// one did, and there is a reason for that, it is done as that one did it.
  private mutating func run(_ asked: Asked) {
    var tries = 0
    var moment = now
    while true {
      tries += 1
      let before = node
      let effects = node.handle(.received(asked.id, asked.message.bytes), at: moment)
      guard tries < 64 else { return accept(effects, asked) }
      if isPaused(asked.id), asked.answer != nil {
        // What held it back was over by the time at which it was answered.
        node = before
        obey(Array(command: "CLIENT", "UNPAUSE"))
        continue
      }
      if let item = itemBefore(what: before, asked: asked) {
        let after = node
        node = before
        if !knowsStreamDatabase {
          knowsStreamDatabase = true
          if case .streamSelect = item.message.kind {} else { node.replication.streamDatabase = asked.database }
          continue
        }
        if explain(item, except: asked.connection) { continue }
        node = after
      }
      let own = Self.said(effects, to: asked.id)
      // Whoever is refused by the recorded one does not wait here either.
      let waitsInVain =
        own.isEmpty && asked.isError && !asked.error.hasPrefix("UNBLOCKED") && isWaitingForKeys(asked.id)
      if own.isEmpty && !waitsInVain || asked.answer == nil || isSame(own, asked) { return accept(effects, asked) }
      node = before
      switch reconsider(asked, own) {
      case .again: continue
      case .at(let other) where moment != other: moment = other
      case .take(let reason):
        // A transaction that is not done here is over all the same.
        if asked.outline.name == "exec" { node.forgetTransaction(of: asked.id) }
        return take(asked, reason)
      case .at, .different:
        node = before
        return accept(node.handle(.received(asked.id, asked.message.bytes), at: now), asked)
      }
    }
  }

  private func isPaused(_ id: ConnectionID) -> Bool {
    if case .paused? = node.clients[id]?.blocked?.reason { true } else { false }
  }

  private func isWaitingForKeys(_ id: ConnectionID) -> Bool {
    if case .keys? = node.clients[id]?.blocked?.reason { true } else { false }
  }

  private mutating func accept(_ effects: [Effect], _ asked: Asked) {
    carryOut(effects)
    if isWaitingForKeys(asked.id) { lines[asked.connection]?.waiting = asked }
    // What is queued is not done yet.
    if node.clients[asked.id]?.transaction != nil { return }
    for command in asked.done {
      settle(command.words, CommandOutline(command.words), command.database, isError: asked.isError)
    }
  }

  /// What a command leaves known.
  private mutating func settle(_ words: [[UInt8]], _ outline: CommandOutline, _ database: Int, isError: Bool) {
    guard !isError else { return }
    switch outline.name {
    case "config|set":
      for index in stride(from: 2, to: words.count, by: 2) {
        learned.insert(String(bytes: words[index]).lowercased())
      }
    case "flushall", "flushdb": _ = flushed(by: outline, database)
    case "swapdb": swap(words)
    default:
      for key in outline.keys {
        if Self.overwrites(outline, words) { unknown.remove(key, in: database) }
        if Self.tellsAll(outline) { assumed.remove(key, in: database) }
      }
    }
  }

  /// Whether the reply settles what the key held before: that a field is not there does not, nor does how long it becomes by
  /// being written to behind its end.
  private static func tellsAll(_ outline: CommandOutline) -> Bool {
    if ["watch", "setrange", "getrange", "substr", "msetnx"].contains(outline.name) { return false }
    guard let command = CommandTable.find(Bytes(outline.name)) else { return true }
    let collections: CommandCategories = [.list, .set, .sortedset, .hash, .stream, .hyperloglog, .geo, .bitmap]
    return command.categories.isDisjoint(with: collections) || wholes.contains(outline.name)
  }

  /// The commands on collections whose replies tell how much there is, or all of it.
  private static let wholes: Set = [
    "llen", "lpush", "rpush", "lpushx", "rpushx", "linsert", "lpop", "rpop", "scard", "smembers", "zcard", "hlen",
    "hgetall", "hkeys", "hvals", "xlen",
  ]

  private func isSame(_ own: [UInt8], _ asked: Asked) -> Bool {
    let (mine, theirs) = (ReplyElements(own)?.elements, ReplyElements(asked.reply)?.elements)
    guard asked.outline.name == "exec", let mine, let theirs, mine.count == theirs.count,
      mine.count == asked.queue.count
    else { return ReplyTolerance(asked.words).areSame(own, asked.reply) }
    return zip(asked.queue, zip(mine, theirs)).allSatisfy { ReplyTolerance($0).areSame($1.0, $1.1) }
  }

  // MARK: Where they differ

  private enum Reconsidered { case again, at(Instant), take(TakingReason), different }

  /// The node would say something else: whether there is a reason that is no difference of the two.
  private mutating func reconsider(_ asked: Asked, _ own: [UInt8]) -> Reconsidered {
    let ownError = own.first == UInt8(ascii: "-") ? String(bytes: own.dropFirst()) : ""
    if learn(asked.error, ownError) { return .again }
    if compressesOtherwise(asked) || evictNext(before: asked.connection) { return .again }
    // It has a master whose link was there before the recording: its data is that one's.
    if asked.error.hasPrefix("READONLY"), node.replication.isMaster, !foreign.isEmpty {
      unknown = UnknownData(everything: true)
    }
    let isOfData = !Self.isRefusal(own) && !Self.isRefusal(asked.reply)
    if isOfData, asked.places.contains(where: { touches(assumed, $0.words, CommandOutline($0.words), $0.database) }) {
      return .take(.past)
    }
    if own == Array("+OK\r\n".utf8), asked.reply.starts(with: "+OK Already connected".utf8), !foreign.isEmpty {
      return .take(.state)
    }
    if asked.outline.name == "exec", asked.reply.starts(with: "*-1".utf8), remarks.taken > 0 { return .take(.unknown) }
    // Scripts and functions may have come before the recording began, and have gone.
    if asked.outline.name.hasPrefix("evalsha") || asked.outline.name.hasPrefix("fcall"),
      Self.lacksScript(ownError) != Self.lacksScript(asked.error)
    {
      return .take(.unknown)
    }
    if Self.states.contains(where: { asked.error.hasPrefix($0) || ownError.hasPrefix($0) }) { return .take(.state) }
    if asked.outline.name == "dbsize", hasExpiredKeys(in: asked.database) { return .take(.state) }
    let expires = asked.outline.keys.contains {
      node.hasExpired($0, in: asked.database, at: now + .milliseconds(2))
    }
    if expires { return .at(asked.time) }
    return moment(ofNewEntry: asked).map { .at($0) } ?? .different
  }

  private static func lacksScript(_ error: String) -> Bool {
    error.hasPrefix("NOSCRIPT") || error.hasPrefix("ERR Function not found")
  }

  /// The clock that an entry of a stream got its id from, to the millisecond: the reply tells it.
  private func moment(ofNewEntry asked: Asked) -> Instant? {
    guard asked.places.contains(where: { CommandOutline($0.words).name == "xadd" }) else { return nil }
    let lines = asked.reply.split(separator: 0x0a).map { String(bytes: $0.dropLast()) }
    let times = lines.compactMap { line in line.split(separator: "-").first.flatMap { Int64($0) } }
    let least = (asked.time + .milliseconds(-1)).milliseconds
    guard let time = times.first(where: { (least...now.milliseconds).contains($0) }) else { return nil }
    return max(asked.time, Instant(microseconds: time *| 1_000))
  }

  /// DUMP tells whether long strings are compressed.
  private mutating func compressesOtherwise(_ asked: Asked) -> Bool {
    guard asked.places.contains(where: { CommandOutline($0.words).name == "dump" }),
      learned.insert("rdbcompression").inserted
    else { return false }
    node.configuration.rdbcompression.toggle()
    return true
  }

  private func hasExpiredKeys(in database: Int) -> Bool {
    guard node.databases.indices.contains(database) else { return false }
    return !node.databases[database].expired(before: now.milliseconds, limit: 1).isEmpty
  }

  /// Refusals that depend on what happens beside the connections that were recorded.
  private static let states = [
    "LOADING", "BUSY", "OOM", "READONLY", "MISCONF", "MASTERDOWN", "NOREPLICAS", "UNBLOCKED", "NOGOODSLAVE",
    "ERR Background", "ERR FAILOVER",
  ]

  /// What a refusal, or that there was none, tells of the configuration: once, since from then on it is settled.
  private mutating func learn(_ theirs: String, _ own: String) -> Bool {
    let signs = [
      ("READONLY", "replica-read-only", "yes", "no"), ("MASTERDOWN", "replica-serve-stale-data", "no", "yes"),
      ("NOREPLICAS", "min-replicas-to-write", "1", "0"), ("ERR DEBUG command", "enable-debug-command", "no", "yes"),
    ]
    for (error, directive, refusing, allowing) in signs where theirs.hasPrefix(error) != own.hasPrefix(error) {
      guard learned.insert(directive).inserted else { return false }
      let value = theirs.hasPrefix(error) ? refusing : allowing
      return (try? node.configuration.set(directive, value)) != nil
    }
    return false
  }

  // MARK: Taking

  /// What the recorded node said and did is taken from the recording.
  ///
  /// - Parameter isDone: the stream has brought already what it did.
  private mutating func take(_ asked: Asked, _ reason: TakingReason, isDone: Bool = false) {
    takenReplies[asked.connection, default: []].insert(asked.message.number)
    switch reason {
    case .lacking: remarks.commands.append(asked.outline.name)
    case .unknown: remarks.unknownReplies += 1
    case .past: remarks.pastReplies += 1
    case .state: remarks.stateReplies += 1
    }
    for reply in asked.answer?.replies ?? [] { wire.send(reply, on: asked.connection, from: .acceptor, at: time) }
    readOwn()
    let done = asked.done.map { (words: $0.words, database: $0.database, outline: CommandOutline($0.words)) }
    // The client stays in the database that its transaction selected last.
    if node.databases.indices.contains(asked.lastDatabase) { node.clients[asked.id]?.database = asked.lastDatabase }
    let written = done.filter(\.outline.writes)
    guard !written.isEmpty, !isDone else { return }
    for command in written { debts.add(command.outline, command.words, in: command.database, until: now + .seconds(2)) }
    let before = node.replication.offset
    collectDebts(of: written.map(\.words))
    let isHeard = isStreamHeard || node.replication.offset > before
    for (index, command) in written.enumerated() {
      if !isHeard {
        leave(command.words, command.outline, command.database)
      } else if ["del", "unlink"].contains(command.outline.name),
        !written[(index + 1)...].contains(where: {
          $0.outline.isScript || $0.outline.keys.contains(where: command.outline.keys.contains)
        })
      {
        apply(command.words, command.outline, command.database)
      }
    }
    if !isHeard, node.replication.isMaster, node.replication.backlog != nil, !countsForItself { isBlind = true }
  }

  /// What a command leaves of which nobody heard what it wrote: what the node can tell, and else nothing.
  private mutating func leave(_ words: [[UInt8]], _ outline: CommandOutline, _ database: Int) {
    let isTold =
      Self.leavesNothingElse(outline, words)
      || outline.keys.allSatisfy {
        !unknown.contains($0, in: database) && !assumed.contains($0, in: database)
      }
    if outline.isRunnable, !outline.isScript, isTold, !["copy", "move"].contains(outline.name) {
      apply(words, outline, database)
    } else {
      forget(words, outline, database)
    }
  }

  /// What is there after it does not depend on what was there before.
  private static func leavesNothingElse(_ outline: CommandOutline, _ words: [[UInt8]]) -> Bool {
    overwrites(outline, words) || ["del", "unlink", "flushall", "flushdb"].contains(outline.name)
  }

  private mutating func forget(_ words: [[UInt8]], _ outline: CommandOutline, _ database: Int) {
    if outline.isScript {
      unknown = UnknownData(everything: true)
      hasUnknownFunctions = true
    }
    if outline.name.hasPrefix("function") { hasUnknownFunctions = true }
    if outline.name == "copy" || outline.name == "move" {
      for index in node.databases.indices { for key in outline.keys { unknown.insert(key, in: index) } }
    }
    for key in outline.keys { unknown.insert(key, in: database) }
  }
}
