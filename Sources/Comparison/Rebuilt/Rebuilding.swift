import Capture
import Dissection
import Redis
import RESP

/// A node that stands in the place of a recorded one: it is told what the recorded one was told, and what it says is
/// written down.
///
/// Each command is played when its reply was heard, which is after it was done; where several were under way, the stream
/// and the replies tell in which order. What time alone brings is the recording's (`RecordedStream`). What follows from
/// commands that the node can't run, and from data of before the recording, is taken from the recording and counted.
///
///     a client's command ─► outstanding ─► its reply is heard ─► can it be run, is its data known?
///                                                                 │ yes                  │ no
///                                                                 ▼                      ▼
///                              the stream says what came before ─► the node does it     the recording's reply and stream;
///                                                                                       what it wrote is unknown
package struct Rebuilding {
  package let recorded: RecordedNode
  /// What the node said, and what was said to it.
  package internal(set) var remarks = Remarks()
  /// The commands whose replies are the recording's: their numbers, by the connection.
  package internal(set) var takenReplies: [Int: Set<Int>] = [:]
  package var transcript: NormalizedTranscript { wire.transcript }
  /// Connections that were there before the recording was: the node can't have them.
  package var leftOut: Set<Int> { underWay.union(recorded.selfTalks).union(others) }

  let source: NormalizedTranscript
  private let underWay: Set<Int>
  /// Connections that were taken for the node's and seem to be another's.
  private var others: Set<Int> = []
  /// The events of replies that were sent in another order than their commands were executed in, within one turn of the event
  /// loop; and of those for which that may be so.
  let turned: Set<Int>
  var turnable: [Int] = []
  /// How many clients there are of which the recording has not the beginning.
  var strangers: UInt64 = 0
  var life: RecordedLife
  var node: Node
  var now: Instant
  var wire: PacketWriter
  /// The event that is being played.
  var event = 0
  /// The recorded connections on which the node is.
  var lines: [Int: Line] = [:]
  var connections: [ConnectionID: Int] = [:]
  /// Those that ended with a process of before, whose last packets come later.
  private var gone: Set<Int> = []
  /// The histories that the recording names.
  var ids: Set<[UInt8]> = []
  /// What answers each command: the recorded replies, and the time of the first.
  var answers: [Int: [Int: Answer]] = [:]
  /// Connections that the node wants and nobody has answered.
  var wanted: [(id: ConnectionID, to: Address)] = []
  private var accepted: UInt64 = 0
  var pending: [Input] = []
  /// What came to the node and is read only after an event, by the connection.
  var held: [Int: (until: Int, events: [NormalizedTranscript.Event])] = [:]
  var readEvents = 0
  var turns = 0

  // MARK: What is not known
  /// Keys whose value nobody knows, and keys that are assumed not to have been there before the recording.
  var unknown = UnknownData(everything: false)
  var assumed = UnknownData(everything: false)
  var hasUnknownFunctions = false
  /// What commands that were not played may still bring into the stream.
  var debts = Debts()
  /// Such a command may have written to the stream while nobody heard it.
  var isBlind = false
  /// The history has a name, and an offset.
  var knowsHistory = false
  /// Whether it is known which database the stream has selected.
  var knowsStreamDatabase = true
  /// How often a master's history has replaced the node's.
  var epoch = 0
  /// What its master has queued since MULTI.
  var masterQueue: [[[UInt8]]]?
  /// What masters sent on links that were there before the recording: nothing says whose these are.
  var foreign = ForeignStreams()
  /// The database that their stream is in.
  var masterDatabase: Int?
  /// What has been learned of the configuration, which is settled by that.
  var learned: Set<String> = []

  /// One connection of the recorded node.
  struct Line {
    var id: ConnectionID
    var side: Side
    var isReplication: Bool
    /// What was said to the node and not yet played.
    var outstanding: [(message: Message, time: Instant)] = []
    /// What was queued since MULTI.
    var queue: [[[UInt8]]] = []
    /// Commands that are outstanding, and that have been seen in the stream: their numbers.
    var written: Set<Int> = []
    /// What the node was told and waits for a key to do.
    var waiting: Asked?
    /// How much was said by the recorded node, and by this one.
    var heard = 0
    var said = 0
    /// How much of what was heard has been waited for in vain: it is said later, or never.
    var late = 0
    var acknowledgements = 0
    /// The stream goes out on it as it is written.
    var isStreaming = false
    /// The recorded node has closed it, at this time.
    var closed: Instant?
  }

  struct Answer {
    var replies: [[UInt8]]
    var time: Instant
  }

  /// How long the node may take for what the recorded one had said already, and how many turns in all.
  static let patience = Interval.seconds(5)
  static let turnLimit = 2_000_000

  /// - Throws: why the node can't be rebuilt.
  package init(_ recorded: RecordedNode, from source: NormalizedTranscript) throws(RecordedNode.Obstacle) {
    try self.init(recorded, from: source, turning: [])
    findOrder()
  }

  /// - Parameter turned: replies whose commands were done after those whose replies follow at once.
  init(_ recorded: RecordedNode, from source: NormalizedTranscript, turning turned: Set<Int>) throws(RecordedNode
    .Obstacle)
  {
    if let obstacle = recorded.obstacle { throw obstacle }
    guard let first = recorded.lives.first else { throw .silent }
    (self.recorded, self.source, self.turned, life) = (recorded, source, turned, first)
    wire = PacketWriter(rebuilding: source)
    underWay = source.underWay
    now = source.events.first.map { NormalizedTranscript.instant($0.time) } ?? .defaultLabClock
    node = Node(configuration: first.configuration, seed: 7, now: now)
    indexAnswers()
    foreign = ForeignStreams(in: source, on: underWay, not: recorded.name)
    for (index, life) in recorded.lives.enumerated() {
      self.life = life
      try begin(isFirst: index == 0)
      play()
      end()
    }
    wire.end()
  }

  /// The ids that are spoken of, and the reply to each command.
  private mutating func indexAnswers() {
    for event in source.events {
      guard case .message(let message) = event.what else { continue }
      switch message.kind {
      case .psync(let id, _, _), .fullResync(let id, _), .partialResync(let id): if let id { ids.insert(id) }
      default: break
      }
      guard recorded.sides[event.connection] == .acceptor, message.side == .acceptor,
        let number = message.answers?.number
      else { continue }
      let time = NormalizedTranscript.instant(event.time)
      answers[event.connection, default: [:]][number, default: Answer(replies: [], time: time)].replies
        .append(message.bytes)
    }
  }

  // MARK: A life

  private mutating func begin(isFirst: Bool) throws(RecordedNode.Obstacle) {
    let time = life.events.first.map { NormalizedTranscript.instant(source.events[$0].time) } ?? now
    now = max(isFirst ? time : now, time + .milliseconds(life.isReplica ? -100 : -1_000))
    if !isFirst { (remarks.restarts, foreign) = (remarks.restarts + 1, ForeignStreams()) }
    gone.formUnion(lines.keys)
    (lines, connections, wanted, held) = ([:], [:], [], [:])
    (debts, isBlind, knowsHistory, epoch, learned) = (Debts(), false, false, 0, [])
    (knowsStreamDatabase, masterDatabase, masterQueue) = (true, nil, nil)
    node = Node(configuration: life.configuration, seed: 7, now: now)
    node.followsRecording = true
    let file = life.isReplica ? nil : life.snapshot
    handle(.start(files: file.map { [life.configuration.dbfilename: $0] } ?? [:]))
    if node.hasExited { throw .notLoaded("the node ended while it loaded the snapshot") }
    node.chance = life.chance
    unknown = UnknownData(everything: life.past != nil)
    assumed = UnknownData(everything: !life.isDataCertain && !life.isReplica)
    if !life.isDataCertain { forgetMentioned() }
    if let past = life.past {
      node.rememberMaster(String(bytes: past.id), offset: past.offset)
      knowsHistory = true
    } else if life.hasHistory {
      keepEarlyWrites()
    } else if life.snapshot != nil {
      // Its history begins with its first replica.
      node.takeUp(offset: 0)
    }
  }

  /// The first snapshot does not tell what keys were before commands changed them.
  private mutating func forgetMentioned() {
    for index in node.databases.indices { for key in life.mentioned { node.forget(key, in: index) } }
  }

  private mutating func play() {
    for index in life.events {
      event = index
      let event = source.events[index]
      guard let side = recorded.sides[event.connection], !source.refused.contains(event.connection) || side == .opener
      else { continue }
      guard turns < Self.turnLimit, !node.hasExited else { break }
      advance(to: NormalizedTranscript.instant(event.time))
      closeSilently()
      if isHeldBack(event, side) {
        held[event.connection]?.events.append(event)
      } else {
        play(event, side)
      }
      release()
    }
  }

  private mutating func end() {
    for connection in lines.keys.sorted() {
      if lines[connection]?.closed == nil { waitForWords(on: connection) }
    }
    // What was still to be answered when the process ended, nobody heard of.
    for connection in lines.keys.sorted() { wire.finish(connection, from: .opener, at: time) }
    remarks.hasExited = remarks.hasExited || node.hasExited
  }

  // MARK: What happened to the recorded node

  mutating func play(_ event: NormalizedTranscript.Event, _ side: Side) {
    if recorded.selfTalks.contains(event.connection) { return }
    if underWay.contains(event.connection) { return passOver(event, side) }
    if gone.contains(event.connection) || lines[event.connection] == nil && !begin(event.connection, side) { return }
    switch event.what {
    case .begins: break
    case .message(let message):
      if message.side == side { hear(message, event.connection) } else { tell(message, event.connection) }
    case .lost(let loser) where loser != side:
      if !remarks.lost.contains(event.connection) { remarks.lost.append(event.connection) }
    case .lost: break
    case .finished(let who): leave(event.connection, who, side, reset: false)
    case .reset(let who): leave(event.connection, who, side, reset: true)
    }
  }

  private mutating func begin(_ connection: Int, _ side: Side) -> Bool {
    guard let ends = source.traffic.connection(connection) else { return false }
    let (opener, acceptor) = (Self.address(ends.opener), Self.address(ends.acceptor))
    if side == .acceptor {
      accepted += 1
      bind(ConnectionID(.accepted, accepted), to: connection, ends, side)
      handle(.accepted(ConnectionID(.accepted, accepted), peer: opener, local: acceptor))
      if hasLoggedInBefore(connection) { node.clients[ConnectionID(.accepted, accepted)]?.isAuthenticated = true }
      return true
    }
    let isWanted = { (rebuilding: Rebuilding) in rebuilding.wanted.contains { $0.to.port == acceptor.port } }
    // It connects before the one who told it so is answered.
    if !isWanted(self) { playOutstanding(named: Self.followings + ["exec"]) }
    if !isWanted(self), life.followsUntold, node.replication.isMaster {
      learnHistoryBeforeFollowing()
      obey(Array(command: "REPLICAOF", acceptor.host, "\(acceptor.port)"))
    }
    if !isWanted(self) { endLinks(to: acceptor) }
    wait(until: isWanted)
    if !isWanted(self), life.handovers.contains(connection) { handOver(to: acceptor) }
    guard let index = wanted.firstIndex(where: { $0.to.port == acceptor.port }) else {
      if source.tries[connection] != nil { others.insert(connection) }
      return false
    }
    let id = wanted.remove(at: index).id
    if source.refused.contains(connection) {
      handle(.connectFailed(id, .refused))
      return false
    }
    if let past = life.asked[connection], node.replication.cached?.isOwnPast == true {
      nameHistory(past.id)
      let own = node.replication.cached?.offset ?? 0
      if past.offset > 0, !knowsHistory || isBlind && past.offset -| 1 > own {
        node.replication.cached?.offset = past.offset -| 1
      }
    }
    bind(id, to: connection, ends, side)
    handle(.connected(id, local: opener))
    return true
  }

  private mutating func bind(_ id: ConnectionID, to connection: Int, _ ends: Connection, _ side: Side) {
    let isReplication = side == .opener || ends.conversation.purpose == .replication
    lines[connection] = Line(id: id, side: side, isReplication: isReplication)
    connections[id] = connection
    wire.begin(connection, ends.opener, ends.acceptor, at: time)
  }

  /// Something is said to the node.
  private mutating func tell(_ message: Message, _ connection: Int) {
    guard let line = lines[connection], connections[line.id] != nil, !remarks.lost.contains(connection) else { return }
    guard line.isReplication else {
      lines[connection]?.outstanding.append((message, now))
      // Whoever waits is asked at once.
      if line.outstanding.isEmpty, node.clients[line.id]?.transaction == nil, waits(message, on: connection) {
        playOutstanding(on: connection, through: nil)
      }
      return
    }
    waitForWords(on: connection)
    if case .psync(let id, let offset, let takesOver) = message.kind {
      prepare(forPsync: id, offset, takesOver: takesOver, on: connection)
    }
    if case .ack = message.kind { hearAcknowledgement(on: connection) }
    deliver(message, on: connection)
    node.chance.replicationIDs = []
    if line.side == .opener { hearMaster(message) }
  }

  mutating func deliver(_ message: Message, on connection: Int) {
    guard let line = lines[connection] else { return }
    wire.send(message.bytes, on: connection, from: message.side, at: time)
    handle(.received(line.id, message.bytes))
  }

  /// The recorded node has said something.
  private mutating func hear(_ message: Message, _ connection: Int) {
    guard let line = lines[connection] else { return }
    if line.side == .acceptor {
      if line.isReplication {
        hearAsMaster(message, connection)
      } else {
        hearReply(message, connection)
      }
    }
    guard message.isCounted else { return }
    lines[connection]?.heard += 1
    if !message.isStream { waitForWords(on: connection) }
  }

  /// Somebody hangs up.
  private mutating func leave(_ connection: Int, _ who: Side, _ side: Side, reset: Bool) {
    guard let line = lines[connection], connections[line.id] != nil else { return }
    guard who != side else {
      lines[connection]?.closed = now
      return
    }
    // The other only follows, and what made the node close it may still have to be played.
    if line.closed != nil { return }
    playOutstanding(on: connection, through: nil)
    waitForWords(on: connection)
    close(connection, from: who, reset: reset)
  }

  private mutating func close(_ connection: Int, from who: Side, reset: Bool) {
    guard let line = lines[connection], connections[line.id] != nil else { return }
    wire.finish(connection, from: who, at: time)
    handle(.closed(line.id, reset: reset))
    if connections.removeValue(forKey: line.id) != nil { wire.finish(connection, from: line.side, at: time) }
    lines[connection]?.isStreaming = false
  }

  /// It has one link to its master at a time: where another one begins and the recording lacks the end of the one before, that
  /// has ended.
  private mutating func endLinks(to master: Address) {
    for connection in lines.keys.sorted() where lines[connection]?.side == .opener {
      guard let ends = source.traffic.connection(connection), Self.address(ends.acceptor) == master else { continue }
      close(connection, from: .acceptor, reset: false)
    }
  }

  /// What the recorded node closed for a reason of which the recording does not tell.
  private mutating func closeSilently() {
    for connection in lines.keys.sorted() {
      guard let line = lines[connection], let closed = line.closed, connections[line.id] != nil,
        now - closed > .milliseconds(100)
      else { continue }
      lines[connection]?.closed = nil
      close(connection, from: line.side.other, reset: false)
    }
  }

  private static func address(_ endpoint: Endpoint) -> Address {
    Address(host: "\(endpoint.address)", port: Int(endpoint.port))
  }
}

extension Message {
  /// It is said as often as it is said: not as time allows.
  var isCounted: Bool {
    switch kind {
    case .keepAlive, .streamPing, .payload, .ack, .truncated: false
    default: true
    }
  }

  /// It is of the stream, or of the snapshot before it, which goes out when the replica is ready for it.
  var isStream: Bool {
    switch kind {
    case .stream, .streamSelect, .getAck, .endMark, .payloadHeader: true
    default: false
    }
  }
}
