import Dissection
import RESP
import Redis

// The stream: what time brought into it, and what followed from commands that were not played, is the recording's.

extension Rebuilding {
  /// What the recorded node's stream has next.
  private var nextItem: RecordedStream.Item? {
    countsForItself ? nil : life.stream.next(after: node.replication.offset, epoch: epoch)
  }

  /// Some replica is sent the stream as it is written.
  var isStreamHeard: Bool { node.replication.isMaster && lines.values.contains(where: \.isStreaming) }

  /// The recorded node sent this: what brought it there is done by now.
  mutating func hearStream(_ message: Message, _ connection: Int) {
    lines[connection]?.isStreaming = true
    guard let offsets = message.offsets else { return }
    if node.replication.isMaster, node.replication.offset < offsets.upperBound { playTurned(before: nil) }
    reach(offsets.upperBound)
  }

  /// The stream goes on until it has come this far, if the recording tells how.
  mutating func reach(_ offset: Int64) {
    guard node.replication.isMaster else { return }
    while node.replication.offset < offset, let item = nextItem, explain(item, except: nil) {}
  }

  /// What followed from commands that were not played: at once, or, where a replica was sent it later, in their words.
  mutating func collectDebts(of commands: [[[UInt8]]]) {
    guard node.replication.isMaster else { return }
    let end = nextCommand
    let said = Set(commands.map(ConversationWriter.streamWords))
    let limit = life.fullSyncs.first { $0.event > event }?.offset ?? .max
    while let item = nextItem, item.event < end || isOf(said, item) && item.end <= limit, explain(item, except: nil) {}
  }

  private func isOf(_ said: Set<[[UInt8]]>, _ item: RecordedStream.Item) -> Bool {
    guard let unit = unit(from: item), unit.commands.count == 1 else { return false }
    return said.contains(ConversationWriter.streamWords(unit.commands[0].words))
  }

  /// When somebody next says something to the node that may be the reason of what follows in the stream: within a few
  /// milliseconds, since what a command wrote goes out with its reply.
  private var nextCommand: Int {
    let limit = time +| 3_000_000
    var index = event + 1
    while index < life.events.upperBound, source.events[index].time <= limit {
      let event = source.events[index]
      if case .message(let message) = event.what, message.side == .opener,
        lines[event.connection]?.isReplication != true,
        recorded.sides[event.connection] == .acceptor
      {
        return index
      }
      index += 1
    }
    return index
  }

  /// Whether the recorded node asks its replicas next how far they are.
  var asksForAcknowledgements: Bool { nextItem?.message.kind == .getAck }

  /// What the recorded stream has before that which the node has just written; nil: it has the same.
  func itemBefore(what before: Node, asked: Asked) -> RecordedStream.Item? {
    let offset = before.replication.offset
    guard before.replication.isMaster, node.replication.isMaster, node.replication.offset > offset,
      !countsForItself, let item = life.stream.next(after: offset, epoch: epoch)
    else { return nil }
    return begins(node.streamed(from: offset +| 1), with: item) ? nil : item
  }

  /// Whether bytes of a stream are what the recorded one has there, up to the first command that is no SELECT.
  private func begins(_ bytes: [UInt8], with first: RecordedStream.Item) -> Bool {
    var decoder = RequestDecoder()
    decoder.feed(bytes)
    var item: RecordedStream.Item? = first
    while let current = item, let request = try? decoder.next() {
      guard ConversationWriter.streamWords(request.arguments) == ConversationWriter.streamWords(current.words) else {
        return false
      }
      guard case .streamSelect = current.message.kind else { return true }
      item = life.stream.next(after: current.end, epoch: epoch)
    }
    return false
  }

  // MARK: What brought it

  /// Does what brought this into the stream; false if nothing that is known did.
  mutating func explain(_ item: RecordedStream.Item, except connection: Int?) -> Bool {
    let before = node.replication.offset
    learnDeletion(item)
    learnDatabase(item)
    if playOutstanding(that: item, except: connection), node.replication.offset > before { return true }
    if foreign.bring(item, in: source) {
      passOn(item)
      return node.replication.offset > before
    }
    switch item.message.kind {
    case .streamPing:
      carryOut(node.stream(item.words, database: nil, at: now))
    case .getAck:
      // Somebody waits, or the server is about to end.
      carryOut(node.stream(item.words, database: nil, at: now))
    default: explainUnit(item)
    }
    return node.replication.offset > before
  }

  /// The stream of a master goes to the node's own replicas as it is.
  private mutating func passOn(_ item: RecordedStream.Item) {
    carryOut(node.stream(item.words, database: nil, at: now))
    remarks.streamed += 1
    if case .streamSelect(let number) = item.message.kind {
      masterDatabase = Int(String(decoding: number, as: UTF8.self))
      node.replication.streamDatabase = masterDatabase
    } else if let masterDatabase {
      apply(item.words, CommandOutline(item.words), masterDatabase)
    } else {
      for index in node.databases.indices {
        for key in CommandOutline(item.words).keys { unknown.insert(key, in: index) }
      }
    }
  }

  /// A command that was not answered yet is what wrote this.
  private mutating func playOutstanding(that item: RecordedStream.Item, except other: Int?) -> Bool {
    for connection in lines.keys.sorted() where connection != other {
      guard let (message, bytes) = firstWriting(on: connection), begins(bytes, with: item) else { continue }
      playOutstanding(on: connection, through: message.number)
      return true
    }
    return false
  }

  /// The first of a client's outstanding commands that would write to the stream, and what it would write. Those that
  /// can't be played are passed over.
  func firstWriting(on connection: Int) -> (message: Message, bytes: [UInt8])? {
    guard let line = lines[connection], !line.isReplication, !line.outstanding.isEmpty else { return nil }
    var trial = node
    let offset = trial.replication.offset
    for (message, _) in line.outstanding.prefix(64) {
      guard let client = trial.clients[line.id], client.blocked == nil else { return nil }
      let words = message.words
      if obstacle(to: words, CommandOutline(words), client.database) != nil {
        if client.transaction != nil { return nil }
        continue
      }
      _ = trial.handle(.received(line.id, message.bytes), at: now)
      if trial.replication.offset > offset { return (message, trial.streamed(from: offset +| 1)) }
    }
    return nil
  }

  /// The stream of before the recording has selected a database, which the first command tells that is done without.
  private mutating func learnDatabase(_ item: RecordedStream.Item) {
    guard !knowsStreamDatabase else { return }
    switch item.message.kind {
    case .streamPing, .getAck: return
    case .streamSelect: break
    default:
      let writers = lines.keys.sorted().filter {
        lines[$0]?.isReplication == false && lines[$0]?.outstanding.isEmpty == false
      }
      // Nobody knows in which database a client of before the recording is.
      guard let writer = writers.first(where: { writes(item, $0) }) ?? writers.first,
        let client = lines[writer].flatMap({ node.clients[$0.id] })
      else { return }
      node.replication.streamDatabase = client.database
    }
    knowsStreamDatabase = true
  }

  /// Whether the client's next write is this, if the stream is in its database.
  private func writes(_ item: RecordedStream.Item, _ connection: Int) -> Bool {
    var trial = self
    trial.node.replication.streamDatabase = lines[connection].flatMap { node.clients[$0.id]?.database }
    return trial.firstWriting(on: connection).map { begins($0.bytes, with: item) } ?? false
  }

  /// By which command a key that has expired is deleted.
  private mutating func learnDeletion(_ item: RecordedStream.Item) {
    guard let unit = unit(from: item), expiredKey(unit) != nil, learned.insert("lazyfree-lazy-expire").inserted
    else { return }
    node.configuration.lazyfreeLazyExpire = unit.commands.first?.outline.name == "unlink"
  }

  /// A command with the SELECT before it, or a whole transaction.
  private struct Unit {
    var database: Int
    var commands: [(words: [[UInt8]], database: Int?, outline: CommandOutline)] = []
    var time: Instant
  }

  private func unit(from first: RecordedStream.Item) -> Unit? {
    var unit = Unit(
      database: node.replication.streamDatabase ?? 0, time: NormalizedTranscript.instant(first.time))
    var item: RecordedStream.Item? = first
    var isInMulti = false
    while let current = item, unit.commands.count < 100_000 {
      let words = current.words
      let outline = CommandOutline(words)
      item = life.stream.next(after: current.end, epoch: epoch)
      if case .streamSelect(let number) = current.message.kind {
        unit.database = Int(String(decoding: number, as: UTF8.self)) ?? unit.database
        continue
      }
      if outline.name == "multi" { isInMulti = true }
      let isOfNone = outline.name == "exec"
      unit.commands.append((words, isOfNone ? nil : unit.database, outline))
      if outline.name == "exec" { isInMulti = false }
      if !isInMulti { return unit }
    }
    return nil
  }

  private mutating func explainUnit(_ item: RecordedStream.Item) {
    guard let unit = unit(from: item) else { return }
    if unit.commands.count == 1, let key = expiredKey(unit) {
      carryOut(node.expire(key, in: unit.database, at: now))
      return
    }
    if let (key, isLazy) = evictedKey(unit),
      !isOwed(unit.commands[0].words, unit.commands[0].outline, unit.database, unit.time)
    {
      carryOut(node.evict(key, in: unit.database, isLazy: isLazy, at: now))
      return
    }
    let before = node.replication.offset
    for command in unit.commands where !["multi", "exec"].contains(command.outline.name) {
      let database = knowsStreamDatabase ? command.database : nil
      guard isOwed(command.words, command.outline, database, unit.time) else { return }
      // What had to be played before has brought it already.
      if node.replication.offset != before { return }
    }
    for command in unit.commands {
      carryOut(node.stream(command.words, database: knowsStreamDatabase ? command.database : nil, at: now))
      remarks.streamed += 1
      apply(command.words, command.outline, command.database ?? unit.database)
    }
  }

  private func expiredKey(_ unit: Unit) -> [UInt8]? {
    guard let command = unit.commands.first, ["del", "unlink"].contains(command.outline.name),
      command.outline.keys.count == 1, let key = command.outline.keys.first,
      node.hasExpired(key, in: unit.database, at: now + .milliseconds(5))
    else { return nil }
    return key
  }

  /// The deletion of a key that may go for want of memory.
  private func evictedKey(_ unit: Unit) -> (key: [UInt8], isLazy: Bool)? {
    guard unit.commands.count == 1, let command = unit.commands.first,
      ["del", "unlink"].contains(command.outline.name),
      command.outline.keys.count == 1, let key = command.outline.keys.first, node.mayEvict(key, in: unit.database)
    else { return nil }
    return (key, command.outline.name == "unlink")
  }

  /// A key goes for want of memory before a command is run, whose reply may come before the stream tells of it.
  mutating func evictNext(before connection: Int) -> Bool {
    guard node.replication.isMaster, let item = nextItem, let unit = unit(from: item), evictedKey(unit) != nil else {
      return false
    }
    return explain(item, except: connection)
  }

  private mutating func isOwed(
    _ words: [[UInt8]], _ outline: CommandOutline, _ database: Int?, _ time: Instant
  ) -> Bool {
    // What waits for its turn comes first: it has been done by now, and is not done again.
    let outstanding = lines.keys.sorted().flatMap { connection in
      outstandingDebts(on: connection).map { (connection: connection, number: $0.number, debts: $0.debts) }
    }
    if let writer = outstanding.first(where: { $0.debts.isWritten(words, outline, in: database) }) {
      playBefore(writer.number, on: writer.connection)
      lines[writer.connection]?.written.insert(writer.number)
      return true
    }
    if let writer = outstanding.first(where: { $0.debts.explain(words, outline, in: database, at: time) }) {
      playBefore(writer.number, on: writer.connection)
      return true
    }
    if debts.explain(words, outline, in: database, at: time) { return true }
    // A key of which nothing is known may have expired.
    return ["del", "unlink"].contains(outline.name) && !outline.keys.isEmpty
      && outline.keys.allSatisfy { unknown.contains($0, in: database ?? 0) || assumed.contains($0, in: database ?? 0) }
  }

  /// A client's commands are done in their order: those before one that has been done, too.
  private mutating func playBefore(_ number: Int, on connection: Int) {
    guard let last = lines[connection]?.outstanding.last(where: { $0.message.number < number }) else { return }
    playOutstanding(on: connection, through: last.message.number)
  }

  /// What commands that wait for their turn, and can't be played, may have written already, by their numbers.
  private func outstandingDebts(on connection: Int) -> [(number: Int, debts: Debts)] {
    guard let line = lines[connection], !line.isReplication else { return [] }
    var database = node.clients[line.id]?.database
    let end = now + .seconds(2)
    return line.outstanding.prefix(64).compactMap { message, _ in
      var debts = Debts()
      let words = message.words
      let outline = CommandOutline(words)
      if outline.name == "exec" {
        for words in line.queue { debts.add(CommandOutline(words), words, in: nil, until: end) }
      } else if outline.writes, database.map({ obstacle(to: words, outline, $0) != nil }) ?? true {
        debts.add(outline, words, in: database, until: end)
      } else {
        // Where it leads is not known until it is played.
        if ["select", "reset"].contains(outline.name) { database = nil }
        return nil
      }
      return (message.number, debts)
    }
  }

  /// The data follows the stream, where the node can.
  mutating func apply(_ words: [[UInt8]], _ outline: CommandOutline, _ database: Int) {
    if outline.name.hasPrefix("function"), !outline.isRunnable { hasUnknownFunctions = true }
    guard outline.writes else { return }
    let isDeletion = ["del", "unlink"].contains(outline.name)
    let isTotal = isDeletion || ["set", "mset", "flushall", "flushdb"].contains(outline.name)
    let isKnown = outline.keys.allSatisfy { !unknown.contains($0, in: database) }
    guard outline.isRunnable, isTotal || isKnown else {
      for key in outline.keys { unknown.insert(key, in: database) }
      return
    }
    node.redo(words, database: database, at: now)
    if flushed(by: outline, database) { return }
    if outline.name == "swapdb" { swap(words) }
    for key in outline.keys {
      if isTotal { unknown.remove(key, in: database) }
      assumed.remove(key, in: database)
    }
  }

  /// SWAPDB: what is not known goes with its database.
  mutating func swap(_ words: [[UInt8]]) {
    let numbers = words.dropFirst().compactMap { Int(String(decoding: $0, as: UTF8.self)) }
    guard numbers.count == 2 else { return }
    unknown.swap(numbers[0], numbers[1])
    assumed.swap(numbers[0], numbers[1])
  }

  /// FLUSHALL and FLUSHDB leave nothing that is unknown; false: it is another command.
  mutating func flushed(by outline: CommandOutline, _ database: Int) -> Bool {
    switch outline.name {
    case "flushall":
      unknown = UnknownData(everything: false)
      assumed = UnknownData(everything: false)
    case "flushdb":
      unknown.remove(database: database)
      assumed.remove(database: database)
    default: return false
    }
    return true
  }
}
