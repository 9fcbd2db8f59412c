import Capture
import Dissection
import RDB
import Redis

/// What a recording tells of one of its nodes: what it has to be started with to be the same again.
package struct RecordedNode: Sendable {
  /// Its address and port, as `HeardTranscript` names it.
  package let name: String
  package internal(set) var configuration = Configuration()
  package internal(set) var chance = Chance()
  /// The data that it had when its first replica came.
  package internal(set) var snapshot: [UInt8]?
  /// The offset of its history then.
  package internal(set) var offset: Int64?
  /// It follows a master in the recording.
  package internal(set) var isReplica = false
  /// Each snapshot that it sent, and the connection on which it did.
  var snapshots: [(connection: Int, offset: Int64, payload: [UInt8])] = []
  /// Its `used-mem` in each snapshot, and the event at which that was whole.
  var usedMemory: [(event: Int, bytes: Int)] = []
  /// Why it can't be what it was.
  package internal(set) var obstacle: Obstacle?

  package enum Obstacle: Error, Sendable, Hashable {
    /// Text hides some of what was said.
    case dots
    /// The first replica already had the data, so no snapshot says what it is.
    case noSnapshot
    /// It knew a history already, and data of which nothing says what it is.
    case unknownPast
    /// It is of a later version than the lab's nodes, or no Redis: what it says that 7.0 does not.
    case otherVersion(String)
    /// The snapshot can't be loaded, and why.
    case notLoaded(String)
    /// The configuration that the recording asks for can't be made.
    case notConfigured(String)
  }

  init(_ name: String, in transcript: HeardTranscript) {
    self.name = name
    var reading = Reading(name: name)
    for (index, event) in transcript.events.enumerated() {
      guard case .message(let message) = event.what, let connection = transcript.traffic.connection(event.connection)
      else { continue }
      if HeardTranscript.name(connection.acceptor) == name {
        reading.hear(message, event, index, isReplication: connection.conversation.purpose == .replication)
      } else if transcript.opener(of: event.connection) == name {
        reading.hearAsReplica(message, of: connection.acceptor)
      }
    }
    isReplica = reading.master != nil
    usedMemory = reading.usedMemory
    snapshots = reading.snapshots
    (snapshot, offset) = (reading.snapshot, reading.offset)
    chance = reading.chance
    if transcript.hasDots {
      obstacle = .dots
    } else if let sign = reading.otherVersion {
      obstacle = .otherVersion(sign)
    } else if isReplica ? reading.knewHistory : reading.beginsWithPart {
      obstacle = isReplica ? .unknownPast : .noSnapshot
    }
    do throws(ConfigurationError) {
      try configure(reading)
    } catch {
      obstacle = .notConfigured("'\(error.text)': \(error.reason)")
    }
  }

  private mutating func configure(_ reading: Reading) throws(ConfigurationError) {
    try configuration.set("save", "")
    configuration.port = name.split(separator: ":").last.flatMap { Int($0) } ?? 6379
    configuration.replDisklessSync = reading.isDiskless ?? true
    configuration.replDisklessSyncDelay = reading.delay
    if let backlog = reading.backlog { configuration.replBacklogSize = backlog }
    if let master = reading.master { configuration.replicaof = master }
    configuration.masteruser = reading.masteruser
    configuration.masterauth = reading.masterauth
    if let password = reading.access.requirepass { try configuration.set("requirepass", password) }
    for rules in reading.access.users {
      guard let first = rules.first else { continue }
      if let error = configuration.addUser(first, Array(rules.dropFirst())) { throw error }
    }
  }
}

extension Configuration {
  fileprivate mutating func addUser(_ name: String, _ rules: [String]) -> ConfigurationError? {
    do throws(ConfigurationError) {
      try read(arguments: ["--user", name] + rules)
      return nil
    } catch {
      return error
    }
  }
}

// MARK: - Reading

/// What is learned message by message.
private struct Reading {
  let name: String
  var access = RecordedAccess()
  var chance = Chance()
  var snapshot: [UInt8]?
  var offset: Int64?
  var usedMemory: [(event: Int, bytes: Int)] = []
  var snapshots: [(connection: Int, offset: Int64, payload: [UInt8])] = []
  private var offsets: [Int: Int64] = [:]
  var isDiskless: Bool?
  var delay: Int64 = 0
  /// A size of the backlog that explains why a replica did not get its part.
  var backlog: Int64?
  var beginsWithPart = false
  var master: Address?
  var masteruser: String?
  var masterauth: String?
  var knewHistory = false
  /// What Redis 7.0 does not say.
  var otherVersion: String?
  private var payloads: [Int: [UInt8]] = [:]
  private var sizes: [Int: Int] = [:]
  private var asked: [Int: Int64] = [:]
  private var wanted: [Int: (id: [UInt8], offset: Int64)] = [:]
  private var hasSaidHistory = false
  private var hasAsked = false

  init(name: String) { self.name = name }

  /// On a connection that the node accepted.
  mutating func hear(_ message: Message, _ event: HeardTranscript.Event, _ index: Int, isReplication: Bool) {
    access.hear(message, on: event.connection)
    guard isReplication else { return }
    switch message.kind {
    case .psync(let id, let offset, _):
      asked[event.connection] = event.time
      wanted[event.connection] = id.map { ($0, offset) }
    case .rdbChannelSync, .dualChannelSync: otherVersion = otherVersion ?? "it syncs over two connections"
    case .partialResync: beginsWithPart = beginsWithPart || !hasSaidHistory
    case .fullResync(let id, let offset):
      if !hasSaidHistory {
        self.offset = offset
        if let id { chance.replicationIDs = [String(decoding: id, as: UTF8.self)] }
        if let time = asked[event.connection] { delay = max(0, min(3_600, (event.time - time) / 1_000_000_000)) }
      }
      hasSaidHistory = true
      offsets[event.connection] = offset
      // The history is the same, and the replica's part of it was not kept.
      if let (asked, from) = wanted[event.connection], asked == id, offset > from {
        backlog = min(backlog ?? .max, max(16_384, (offset - from) / 2))
      }
    case .payloadHeader(let form):
      payloads[event.connection] = []
      switch form {
      case .streamed(let mark):
        isDiskless = isDiskless ?? true
        chance.endMarks.append(String(decoding: mark, as: UTF8.self))
        sizes[event.connection] = nil
      case .sized(let size):
        isDiskless = isDiskless ?? false
        sizes[event.connection] = size
      }
    case .payload:
      payloads[event.connection, default: []] += message.bytes
      if let size = sizes[event.connection], payloads[event.connection]?.count == size { close(event, index) }
    case .endMark: close(event, index)
    default: break
    }
  }

  private mutating func close(_ event: HeardTranscript.Event, _ index: Int) {
    guard let payload = payloads.removeValue(forKey: event.connection) else { return }
    snapshot = snapshot ?? payload
    snapshots.append((event.connection, offsets[event.connection] ?? -1, payload))
    var reader = Reader(newestVersion: Reader.everyVersion)
    reader.feed(payload)
    while case .some(.some(let event)) = try? reader.next() {
      switch event {
      case .aux(let name, let value):
        let value = String(decoding: value, as: UTF8.self)
        if name == Array("used-mem".utf8), let bytes = Int(value) { usedMemory.append((index, bytes)) }
        if name == Array("redis-ver".utf8) { chance.redisVersion = value }
      case .header(let version) where !Self.versions.contains(version):
        otherVersion = otherVersion ?? "its snapshot has version \(version) of the format"
      case .header: break
      default: return
      }
    }
  }

  /// The versions of the snapshot's format that 7.0 reads.
  private static let versions = 1...10

  /// On a connection that the node opened to its master.
  mutating func hearAsReplica(_ message: Message, of master: Endpoint) {
    guard message.side == .opener else { return }
    if self.master == nil { self.master = Address(host: "\(master.address)", port: Int(master.port)) }
    let words = message.words.map { String(decoding: $0, as: UTF8.self) }
    switch message.kind {
    case .auth where masterauth == nil:
      masteruser = words.count > 2 ? words[1] : nil
      masterauth = words.last
    case .psync(let id, _, _):
      if !hasAsked { knewHistory = id != nil }
      hasAsked = true
    case .capabilities(let names):
      let unknown = names.map { String(decoding: $0, as: UTF8.self) }.first { !["eof", "psync2"].contains($0) }
      if let unknown { otherVersion = otherVersion ?? "it says that it can do \(unknown)" }
    case .version: otherVersion = otherVersion ?? "it tells its version"
    case .rdbChannel, .rdbClient: otherVersion = otherVersion ?? "it syncs over two connections"
    default: break
    }
  }
}
