import Capture
import Dissection
import Redis

/// A node that stands in the place of a recorded one: it is told what the recorded one was told, and what it says is
/// written down.
///
/// Time is that of the recording. Where the node needs longer than the recorded one did, whoever talks to it waits, since
/// nobody answers what was not said yet.
package struct Rebuilding {
  package let recorded: RecordedNode
  /// What the node said, and what was said to it.
  package private(set) var remarks = Remarks()
  package var transcript: HeardTranscript { wire.transcript }

  /// What was not the node's own.
  package struct Remarks: Sendable, Hashable {
    /// Commands of clients that a node can't run, by name: their replies are the recording's.
    package var commands: [String] = []
    /// Commands of the stream that followed from those, and were taken from the recording.
    package var streamed = 0
    /// How often such commands wrote what no replica heard, so that the data is the next snapshot's.
    package var reloads = 0
    /// Connections on which bytes are missing that the node would have been told.
    package var lost: [Int] = []
    /// The node ended.
    package var hasExited = false

    package init() {}
  }

  private let source: HeardTranscript
  private var node: Node
  private var now: Instant
  private var wire = Wire()
  private var ids: [Int: ConnectionID] = [:]
  private var connections: [ConnectionID: Int] = [:]
  private var accepted: UInt64 = 0
  /// Connections that the node wants and nobody has answered.
  private var wanted: [(id: ConnectionID, to: Address)] = []
  private var pending: [Input] = []
  /// How much was said on each connection by the recorded node, and by this one.
  private var heard: [Int: Int] = [:]
  private var said: [Int: Int] = [:]
  private var readEvents = 0
  /// Commands that were not played, by connection and message; the last command of a client was one.
  private var skipped: Set<[Int]> = []
  private var lastWasSkipped = false
  /// A command was not played while no replica listened.
  private var hasUnheardCommands = false
  private var database: Int?
  private var streamedTo: Int64 = .min
  private var turns = 0

  /// How long the node may take for what the recorded one had said already, and how many turns in all.
  private static let patience = Interval.seconds(90)
  private static let turnLimit = 2_000_000

  /// - Throws: why the node can't be rebuilt.
  package init(_ recorded: RecordedNode, from source: HeardTranscript) throws(RecordedNode.Obstacle) {
    if let obstacle = recorded.obstacle { throw obstacle }
    (self.recorded, self.source) = (recorded, source)
    let first = source.events.first.map { HeardTranscript.instant($0.time) } ?? .notes
    now = first + .milliseconds(recorded.isReplica ? -100 : -1_000)
    node = Node(configuration: recorded.configuration, seed: 7, now: now)
    let files = recorded.isReplica ? [:] : recorded.snapshot.map { [recorded.configuration.dbfilename: $0] } ?? [:]
    handle(.start(files: files))
    if node.hasExited { throw .notLoaded("the node ended while it loaded the snapshot") }
    node.chance = recorded.chance
    if !recorded.isReplica, let offset = recorded.offset { node.takeUp(offset: offset) }
    play()
  }

  private mutating func play() {
    for (index, event) in source.events.enumerated() {
      guard let side = self.side(of: event.connection) else { continue }
      guard turns < Self.turnLimit, !node.hasExited else { break }
      node.chance.usedMemory = recorded.usedMemory.first { $0.event >= index }?.bytes ?? node.chance.usedMemory
      advance(to: HeardTranscript.instant(event.time))
      play(event, side)
    }
    for connection in heard.keys.sorted() { wait { $0.hasSaidAll(on: connection) } }
    remarks.hasExited = node.hasExited
    wire.end()
  }

  /// Which side of a connection the node is; nil: none.
  private func side(of connection: Int) -> Side? {
    guard let ends = source.traffic.connection(connection) else { return nil }
    if HeardTranscript.name(ends.acceptor) == recorded.name { return .acceptor }
    return source.opener(of: connection) == recorded.name ? .opener : nil
  }

  // MARK: What happened to the recorded node

  private mutating func play(_ event: HeardTranscript.Event, _ side: Side) {
    if ids[event.connection] == nil, !begin(event.connection, side, isRefused: event.what == .reset(side.other)) {
      return
    }
    switch event.what {
    case .begins: break
    case .message(let message): play(message, event.connection, side)
    case .lost(let loser) where loser != side:
      if !remarks.lost.contains(event.connection) { remarks.lost.append(event.connection) }
    case .lost: break
    case .finished(let who): leave(event.connection, who, side, reset: false)
    case .reset(let who): leave(event.connection, who, side, reset: true)
    }
  }

  private mutating func begin(_ connection: Int, _ side: Side, isRefused: Bool) -> Bool {
    guard let ends = source.traffic.connection(connection) else { return false }
    let (opener, acceptor) = (Self.address(ends.opener), Self.address(ends.acceptor))
    if side == .acceptor {
      accepted += 1
      bind(ConnectionID(.accepted, accepted), to: connection, ends)
      handle(.accepted(ConnectionID(.accepted, accepted), peer: opener, local: acceptor))
      return true
    }
    wait { $0.wanted.contains { $0.to.port == acceptor.port } }
    guard let index = wanted.firstIndex(where: { $0.to.port == acceptor.port }) else { return false }
    let id = wanted.remove(at: index).id
    bind(id, to: connection, ends)
    handle(isRefused ? .connectFailed(id, .refused) : .connected(id, local: opener))
    return true
  }

  private mutating func bind(_ id: ConnectionID, to connection: Int, _ ends: Connection) {
    ids[connection] = id
    connections[id] = connection
    wire.begin(connection, ends.opener, ends.acceptor, at: time)
  }

  private mutating func play(_ message: Message, _ connection: Int, _ side: Side) {
    if message.side == side { return hear(message, connection) }
    guard let id = ids[connection], connections[id] != nil, !remarks.lost.contains(connection) else { return }
    wait { $0.hasSaidAll(on: connection) }
    if case .psync = message.kind { catchUp(connection) }
    wire.send(message.bytes, on: connection, from: side.other, at: time)
    guard side == .opener || canPlay(message, connection) else { return }
    handle(.received(id, message.bytes))
  }

  /// A command of a client that the node can't run is left out, and what follows from it is taken from the recording.
  private mutating func canPlay(_ message: Message, _ connection: Int) -> Bool {
    guard message.kind == .command else { return true }
    let words = message.words
    lastWasSkipped = !Node.canRun(words)
    guard lastWasSkipped, let name = words.first else { return true }
    skipped.insert([connection, message.number])
    remarks.commands.append(String(decoding: name, as: UTF8.self).lowercased())
    if node.replication.replicas.isEmpty { hasUnheardCommands = true }
    return false
  }

  /// What commands that were not played have written, and no replica has heard, only the next snapshot tells.
  private mutating func catchUp(_ connection: Int) {
    guard hasUnheardCommands, let next = recorded.snapshots.first(where: { $0.connection == connection }) else {
      return
    }
    hasUnheardCommands = false
    if node.catchUp(to: next.offset, snapshot: next.payload, at: now) { remarks.reloads += 1 }
  }

  /// What the recorded node said.
  private mutating func hear(_ message: Message, _ connection: Int) {
    if let number = message.answers?.number, skipped.contains([connection, number]) {
      wire.send(message.bytes, on: connection, from: message.side, at: time)
      readOwn()
    } else if lastWasSkipped, message.side == .acceptor, heard[connection, default: 0] >= said[connection, default: 0] {
      stream(message)
    }
    if case .streamSelect(let number) = message.kind { database = Int(String(decoding: number, as: UTF8.self)) }
    if message.isCounted { heard[connection, default: 0] += 1 }
  }

  private mutating func stream(_ message: Message) {
    guard message.kind == .stream, let end = message.offsets?.upperBound, end > streamedTo else { return }
    streamedTo = end
    remarks.streamed += 1
    carryOut(node.stream(message.words, database: database, at: now))
  }

  /// Somebody hangs up.
  private mutating func leave(_ connection: Int, _ who: Side, _ side: Side, reset: Bool) {
    guard who != side, let id = ids[connection], connections[id] != nil else { return }
    wait { $0.hasSaidAll(on: connection) }
    guard connections[id] != nil else { return }
    wire.finish(connection, from: who, at: time)
    handle(.closed(id, reset: reset))
    if connections.removeValue(forKey: id) != nil { wire.finish(connection, from: side, at: time) }
  }

  private static func address(_ endpoint: Endpoint) -> Address {
    Address(host: "\(endpoint.address)", port: Int(endpoint.port))
  }

  // MARK: Time

  private var time: Int64 { now.microseconds &* 1_000 }

  /// Nothing that matters to a node takes longer than an hour.
  private mutating func advance(to time: Instant) {
    if time - now > .seconds(3_600) { now = time + .seconds(-3_600) }
    while let next = node.nextWakeup, next <= time, wakeUp(at: next) {}
    now = max(now, time)
  }

  private mutating func wait(until isDone: (Rebuilding) -> Bool) {
    let end = now + Self.patience
    while !isDone(self), let next = node.nextWakeup, next <= end, wakeUp(at: next) {}
  }

  private mutating func wakeUp(at time: Instant) -> Bool {
    turns += 1
    now = max(now, time)
    handle(.wakeUp)
    return turns < Self.turnLimit
  }

  private func hasSaidAll(on connection: Int) -> Bool {
    if let id = ids[connection], connections[id] == nil { return true }
    return said[connection, default: 0] >= heard[connection, default: 0]
  }

  // MARK: What the node does

  private mutating func handle(_ input: Input) {
    pending.append(input)
    while !pending.isEmpty {
      let input = pending.removeFirst()
      carryOut(node.handle(input, at: now))
    }
  }

  private mutating func carryOut(_ effects: [Effect]) {
    for effect in effects {
      switch effect {
      case .open(let id, let address): wanted.append((id, address))
      case .send(let id, let bytes):
        guard let connection = connections[id] else { continue }
        wire.send(bytes, on: connection, from: id.origin == .opened ? .opener : .acceptor, at: time)
      case .notifyWhenWritten(let id): pending.append(.written(id))
      case .close(let id):
        wanted.removeAll { $0.id == id }
        guard let connection = connections.removeValue(forKey: id) else { continue }
        wire.finish(connection, from: id.origin == .opened ? .opener : .acceptor, at: time)
      default: break
      }
    }
    readOwn()
  }

  /// Counts what the node has said meanwhile.
  private mutating func readOwn() {
    let events = wire.transcript.events
    while readEvents < events.count {
      let event = events[readEvents]
      readEvents += 1
      guard case .message(let message) = event.what, message.isCounted,
        let connection = wire.recorded(event.connection), side(of: connection) == message.side
      else { continue }
      said[connection, default: 0] += 1
    }
  }
}

extension Message {
  /// It is said as often as it is said: not as time allows.
  fileprivate var isCounted: Bool {
    switch kind {
    case .keepAlive, .streamPing, .payload, .ack, .truncated: false
    default: true
    }
  }
}
