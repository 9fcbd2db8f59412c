import Capture
import Dissection
import RDB
import Redis
import RESP

/// What is learned of a node, message by message.
struct RecordedReading {
  var access = RecordedAccess()
  var settings = RecordedSettings()
  var stream = RecordedStream()
  var snapshots: [Int: RecordedSnapshot] = [:]
  /// What it asked its masters for, by the connection.
  private(set) var asked: [Int: (id: [UInt8], offset: Int64)] = [:]
  var verdicts: [Int: RecordedVerdict] = [:]
  var redisVersion: String?
  /// The connection that brought the first snapshot, and whether commands came before it that may have changed the data.
  private(set) var firstSnapshot: Int?
  private(set) var hasCommandsBefore = false
  private(set) var mentioned: Set<[UInt8]> = []
  private(set) var isDiskless: Bool?
  /// A size of the backlog that explains why a replica did not get its part.
  private(set) var backlog: Int64?
  private(set) var master: Address?
  /// A client made it a replica.
  private(set) var wasToldToFollow = false
  /// A replica was given its history before it asked a master for one itself: its link was there before the recording, or it followed
  /// nobody yet.
  private(set) var hasServed = false
  private(set) var masteruser: String?
  private(set) var masterauth: String?
  private(set) var past: (id: [UInt8], offset: Int64)?
  /// As a master, it had a history when it was first asked for it.
  private(set) var hasHistory: Bool?
  /// On these connections it asked its replica to take over.
  private(set) var handovers: Set<Int> = []
  /// What Redis 7.0 does not say.
  private(set) var otherVersion: String?
  private var payloads: [Int: [UInt8]] = [:]
  private var sizes: [Int: Int] = [:]
  private var wanted: [Int: (id: [UInt8], offset: Int64)] = [:]
  private var epoch = 0
  /// Of what each replica is sent: one that is still there when the history is replaced is told the rest of the old one.
  private var epochs: [Int: Int] = [:]
  private var hasAsked = false
  /// It has had a snapshot of a master.
  private var hasFollowed = false
  /// What told it to follow, until it is answered: one that is refused tells nothing.
  private var order: Order?

  private struct Order: Equatable {
    var connection: Int
    var number: Int
  }

  /// On a connection that the node accepted.
  mutating func hear(_ message: Message, _ event: NormalizedTranscript.Event, _ index: Int, isReplication: Bool) {
    access.hear(message, on: event.connection)
    settings.hear(message, on: event.connection)
    guard isReplication else { return hearClient(message, on: event.connection) }
    switch message.kind {
    case .fullResync, .partialResync: epochs[event.connection] = epoch
    default: if epochs[event.connection] == nil { epochs[event.connection] = epoch }
    }
    stream.hear(message, time: event.time, event: index, epoch: epochs[event.connection] ?? epoch)
    switch message.kind {
    case .psync(let id, let offset, _): wanted[event.connection] = id.map { ($0, offset) }
    case .rdbChannelSync, .dualChannelSync: otherVersion = otherVersion ?? "it syncs over two connections"
    case .partialResync(let id):
      if master == nil { hasServed = true }
      let asked = wanted[event.connection]
      verdicts[event.connection] = .part(id: id ?? asked?.id, asked: asked?.id, from: asked?.offset ?? 0)
      if !hasFollowed { hasHistory = hasHistory ?? true }
    case .fullResync(let id, let offset):
      if master == nil { hasServed = true }
      // Once it has followed a master, its data is that master's.
      if !hasFollowed {
        firstSnapshot = firstSnapshot ?? event.connection
        hasHistory = hasHistory ?? (offset > 0)
      }
      verdicts[event.connection] = .full(id: id, offset: offset)
      snapshots[event.connection] = RecordedSnapshot(offset: offset)
      // The history is the same, and the replica's part of it was not kept.
      if let (asked, from) = wanted[event.connection], asked == id, offset > from {
        backlog = min(backlog ?? .max, max(16_384, (offset -| from) / 2))
      }
    case .payloadHeader(let form): begin(form, event)
    case .payload:
      payloads[event.connection, default: []] += message.bytes
      if let size = sizes[event.connection], payloads[event.connection]?.count == size { close(event) }
    case .endMark: close(event)
    default: break
    }
  }

  private mutating func hearClient(_ message: Message, on connection: Int) {
    guard message.side == .opener else { return hearReply(message, on: connection) }
    let outline = CommandOutline(message.words)
    if ["replicaof", "slaveof", "failover"].contains(outline.name), master == nil, !wasToldToFollow {
      (wasToldToFollow, order) = (true, Order(connection: connection, number: message.number))
    }
    guard firstSnapshot == nil, !hasFollowed else { return }
    mentioned.formUnion(outline.keys)
    hasCommandsBefore = hasCommandsBefore || outline.writes || !outline.keys.isEmpty
  }

  private mutating func hearReply(_ message: Message, on connection: Int) {
    // The first reply on a connection that was there before may answer the first command.
    guard let order, order.connection == connection, message.answers.map({ $0.number == order.number }) ?? true else {
      return
    }
    if message.bytes.changesNothing { wasToldToFollow = false }
    self.order = nil
  }

  // MARK: Snapshots

  private mutating func begin(_ form: Message.PayloadForm, _ event: NormalizedTranscript.Event) {
    payloads[event.connection] = []
    // To SYNC no offset is told.
    if snapshots[event.connection] == nil { snapshots[event.connection] = RecordedSnapshot(offset: -1) }
    switch form {
    case .streamed(let mark):
      isDiskless = isDiskless ?? true
      snapshots[event.connection]?.mark = mark
      sizes[event.connection] = nil
    case .sized(let size):
      isDiskless = isDiskless ?? false
      sizes[event.connection] = size
    }
  }

  private mutating func close(_ event: NormalizedTranscript.Event) {
    guard let payload = payloads.removeValue(forKey: event.connection) else { return }
    snapshots[event.connection]?.payload = payload
    var reader = Reader(newestVersion: Reader.everyVersion)
    reader.feed(payload)
    while case .some(.some(let record)) = try? reader.next() {
      switch record {
      case .aux(let name, let value):
        let value = String(bytes: value)
        if name == Array("used-mem".utf8) { snapshots[event.connection]?.usedMemory = Int(value) }
        if name == Array("repl-stream-db".utf8) { snapshots[event.connection]?.streamDatabase = Int(value) }
        if name == Array("repl-offset".utf8) { snapshots[event.connection]?.ownOffset = Int64(value) }
        if name == Array("redis-ver".utf8) { redisVersion = value }
      case .header(let version) where !Self.versions.contains(version):
        otherVersion = otherVersion ?? "its snapshot has version \(version) of the format"
      case .header: break
      default: return
      }
    }
  }

  /// The versions of the snapshot's format that 7.0 reads.
  private static let versions = 1...10

  // MARK: As a replica

  /// On a connection that the node opened to its master.
  mutating func hearAsReplica(_ message: Message, on connection: Int, of master: Endpoint) {
    guard message.side == .opener else {
      if case .fullResync = message.kind { (epoch, hasFollowed) = (epoch + 1, true) }
      return
    }
    if self.master == nil { self.master = Address(host: "\(master.address)", port: Int(master.port)) }
    let words = message.words.map { String(bytes: $0) }
    switch message.kind {
    case .auth where masterauth == nil:
      masteruser = words.count > 2 ? words[1] : nil
      masterauth = words.last
    case .psync(let id, let offset, let takesOver):
      if takesOver { handovers.insert(connection) }
      if !hasAsked { past = id.map { ($0, offset -| 1) } }
      hasAsked = true
      asked[connection] = id.map { ($0, offset) }
    case .capabilities(let names):
      let unknown = names.map { String(bytes: $0) }.first { !["eof", "psync2"].contains($0) }
      if let unknown { otherVersion = otherVersion ?? "it says that it can do \(unknown)" }
    case .version: otherVersion = otherVersion ?? "it tells its version"
    case .rdbChannel, .rdbClient: otherVersion = otherVersion ?? "it syncs over two connections"
    default: break
    }
  }
}

extension [UInt8] {
  /// As an answer to an order to follow: it was refused, or that master is followed already.
  var changesNothing: Bool { first == UInt8(ascii: "-") || starts(with: "+OK Already connected".utf8) }
}
