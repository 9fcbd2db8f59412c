import Capture
import Dissection
import RDB
import Redis
import RESP

/// What a recording tells of one of its nodes: what it has to be started with to be the same again.
package struct RecordedNode: Sendable {
  /// Its address and port, as `NormalizedTranscript` names it.
  package let name: String
  /// One for each process that was the node.
  package private(set) var lives: [RecordedLife] = []
  /// Why it can't be what it was.
  package private(set) var obstacle: Obstacle?
  let sides: [Int: Side]
  /// Connections on which it talked to itself.
  let selfTalks: Set<Int>

  package var isReplica: Bool { lives.first?.isReplica ?? false }

  package enum Obstacle: Error, Sendable, Hashable {
    /// Text hides some of what was said.
    case dots
    /// All that it said is the recording's, for these reasons.
    case nothingOwn(Rebuilding.Remarks)
    /// It only tried in vain to reach others, or was not there.
    case silent
    /// All of its connections were there before the recording, and nobody knows what had been said on them.
    case underWay
    /// It is of a later version than the lab's nodes, or no Redis: what it says that 7.0 does not.
    case otherVersion(String)
    /// The snapshot can't be loaded, and why.
    case notLoaded(String)
    /// The configuration that the recording asks for can't be made.
    case notConfigured(String)
  }

  init(_ name: String, in transcript: NormalizedTranscript) {
    self.name = name
    sides = transcript.sides(of: name)
    selfTalks = Set(sides.filter { $0.value == .acceptor && transcript.opener(of: $0.key) == name }.keys)
    if transcript.hasDots { obstacle = .dots }
    for range in RecordedLives(of: sides, in: transcript).ranges {
      do throws(Obstacle) {
        lives.append(try RecordedLife(range, of: self, in: transcript))
      } catch {
        obstacle = obstacle ?? error
      }
    }
  }
}

/// What a recording tells of a node from the start of its process to its end.
package struct RecordedLife: Sendable {
  let events: Range<Int>
  package internal(set) var configuration = Configuration()
  package internal(set) var chance = Chance()
  /// It was started as a replica.
  package internal(set) var isReplica = false
  /// Nothing tells why it asks a master for its history, which it could give to others before.
  var followsUntold = false
  /// The data that it began with, as far as it is known, and whether nothing else can have been there.
  var snapshot: [UInt8]?
  var isDataCertain = false
  /// Its stream, and what each connection brought of snapshots.
  var stream = RecordedStream()
  var snapshots: [Int: RecordedSnapshot] = [:]
  /// What it asked its masters for, by the connection.
  var asked: [Int: (id: [UInt8], offset: Int64)] = [:]
  /// The same, by the event, ascending; and the full syncs that it gave.
  var askings: [(event: Int, id: [UInt8], offset: Int64)] = []
  var fullSyncs: [(event: Int, offset: Int64)] = []
  /// The histories that it told replicas they follow, by the event, ascending.
  var namings: [(event: Int, id: [UInt8])] = []
  /// What PSYNC was answered with, by the connection and by the event.
  var verdicts: [Int: RecordedVerdict] = [:]
  /// A history that it knew from before.
  var past: (id: [UInt8], offset: Int64)?
  /// As a master it had a history, of which its first replica tells how far it had come.
  var hasHistory = false
  /// Connections on which it asked a replica to take over.
  var handovers: Set<Int> = []
  /// Keys that commands spoke of before the first snapshot.
  var mentioned: Set<[UInt8]> = []

  init(_ events: Range<Int>, of node: RecordedNode, in transcript: NormalizedTranscript) throws(RecordedNode.Obstacle) {
    self.events = events
    var reading = RecordedReading()
    for index in events {
      let event = transcript.events[index]
      guard let side = node.sides[event.connection], case .message(let message) = event.what,
        let connection = transcript.traffic.connection(event.connection)
      else { continue }
      if side == .acceptor {
        reading.hear(message, event, index, isReplication: connection.conversation.purpose == .replication)
      } else {
        reading.hearAsReplica(message, on: event.connection, of: connection.acceptor)
        if case .psync(let id?, let offset, _) = message.kind { askings.append((index, id, offset)) }
      }
      guard side == .acceptor else { continue }
      switch message.kind {
      case .fullResync(let id, let offset):
        fullSyncs.append((index, offset))
        if let id { namings.append((index, id)) }
      case .partialResync(let id?): namings.append((index, id))
      default: break
      }
    }
    if let sign = reading.otherVersion { throw .otherVersion(sign) }
    isReplica = reading.master != nil && !reading.wasToldToFollow && !reading.hasServed
    followsUntold = reading.hasServed && !reading.wasToldToFollow
    (stream, snapshots, asked) = (reading.stream, reading.snapshots, reading.asked)
    (verdicts, mentioned) = (reading.verdicts, reading.mentioned)
    chance.redisVersion = reading.redisVersion ?? chance.redisVersion
    past = isReplica ? reading.past : nil
    hasHistory = !isReplica && reading.hasHistory == true
    handovers = reading.handovers
    if !isReplica, let first = reading.firstSnapshot, let payload = snapshots[first]?.payload {
      (snapshot, isDataCertain) = (payload, !reading.hasCommandsBefore)
    }
    do throws(ConfigurationError) {
      try configure(node.name, reading)
    } catch {
      throw .notConfigured("'\(error.text)': \(error.reason)")
    }
  }

  /// What it next asks a master for.
  func firstAsked(after event: Int) -> (id: [UInt8], offset: Int64)? {
    askings.first { $0.event > event }.map { ($0.id, $0.offset) }
  }

  private mutating func configure(_ name: String, _ reading: RecordedReading) throws(ConfigurationError) {
    try configuration.set("save", "")
    if !reading.settings.isProtected { try configuration.set("protected-mode", "no") }
    for (directive, value) in reading.settings.found {
      do throws(ConfigurationError) { try configuration.set(directive, value) } catch { continue }
    }
    configuration.port = name.split(separator: ":").last.flatMap { Int($0) } ?? 6379
    configuration.replDisklessSync = reading.isDiskless ?? true
    if let backlog = reading.backlog { configuration.replBacklogSize = backlog }
    if isReplica, let master = reading.master { configuration.replicaof = master }
    configuration.masteruser = reading.masteruser
    configuration.masterauth = reading.masterauth
    if let password = reading.access.requirepass { try configuration.set("requirepass", password) }
    for rules in reading.access.users {
      guard let first = rules.first else { continue }
      if let error = configuration.addUser(first, Array(rules.dropFirst())) { throw error }
    }
  }
}

/// A snapshot as a node sent it.
struct RecordedSnapshot: Sendable {
  var offset: Int64
  var mark: [UInt8]?
  var payload: [UInt8]?
  var usedMemory: Int?
  /// The offset that it names itself, and the database that the stream is in.
  var ownOffset: Int64?
  var streamDatabase: Int?
}

/// What a node answered to PSYNC.
enum RecordedVerdict: Sendable {
  case full(id: [UInt8]?, offset: Int64)
  case part(id: [UInt8]?, asked: [UInt8]?, from: Int64)
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
