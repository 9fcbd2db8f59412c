import Lab
import Redis
import Testing
import Views

@Suite("The words for decisions")
struct WhyViewTests {
  static let replica = ConnectionID(.accepted, 3)
  static let id = String(repeating: "a", count: 40)
  static let second = String(repeating: "b", count: 40)

  /// A request for byte `offset` to a master with bytes 101 to 200 in its backlog, and a second id up to 150.
  static func request(_ id: String, _ offset: Int64) -> PartialResync {
    var replication = Replication()
    replication.ids = ReplicationID(second)
    replication.ids.shift(to: Self.id, at: 150)
    replication.offset = 200
    var backlog = Backlog(after: 100)
    backlog.append([UInt8](repeating: 0, count: 100)[...], size: 1_048_576)
    replication.backlog = backlog
    return PartialResync(id: id, offset: offset, of: replication)
  }

  static let requests: [(PartialResync, [String])] = [
    (request(id, 151), ["lacks 50 bytes", "101 to 200", "byte 201"]),
    (request(id, 201), ["lacks 0 bytes"]),
    (request("?", -1), ["that is what it asked for"]),
    (request(String(repeating: "c", count: 40), 151), ["another history", id]),
    (request(second, 152), ["parted", "before 151"]),
    (request(id, 51), ["no longer has", "50 bytes that were dropped"]),
    (request(id, 202), ["more than was ever written"]),
  ]

  @Test("The answer to PSYNC is told with all its numbers", arguments: requests.indices)
  func partialResync(index: Int) {
    let (request, expected) = Self.requests[index]
    let text = text(.partialResync(Self.replica, request, request.verdict))
    for part in expected { #expect(text.contains(part)) }
    #expect(text.contains(request.id == "?" ? "?" : "byte \(request.offset)"))
  }

  static let address = Address(host: "10.0.0.1", port: 7000)
  static let progress = [
    Decision.Progress(replica, acknowledged: 54),
    Decision.Progress(ConnectionID(.accepted, 4), acknowledged: 81, isOnline: false),
  ]

  typealias Case = (decision: Decision, words: [String])

  /// A decision of each kind, and of each outcome, with what its words must hold.
  static let decisions = singles + ofSentinels + families + rewritings

  /// A command, what goes out in its place, and what is said of it.
  static let rewritings: [Case] = [
    ("SET k v EX 10", "SET k v PXAT 1", "the moment"), ("EXPIRE k -1", "DEL k", "over already"),
    ("SPOP s", "SREM s b", "SREM s b. Chance chose"), ("HINCRBYFLOAT h f 0.1", "HSET h f 0.1", "the sum"),
    ("BLPOP l 0", "LPOP l", "never waits"), ("ZMPOP 1 z MIN", "ZPOPMIN z 1", "Which of the keys"),
    ("XADD x * f v", "XADD x 1-0 f v", "clock"), ("XTRIM x MAXLEN ~ 1", "XTRIM x MAXLEN = 9", "need not be exact"),
    ("XREADGROUP GROUP g c STREAMS x >", "XCLAIM x g c 0 1-0", "is no change"), ("GETDEL k", "DEL k", "for the client"),
    ("GEOADD g 1 1 a", "zadd g 1 a", "score"), ("GETSET k v", "SET k v", "for the client"),
    ("SORT l STORE m", "DEL m", "what came of it"),
  ].map { said, told, words in
    func split(_ line: String) -> [Bytes] { line.split(separator: " ").map { Bytes(String($0)) } }
    guard let command = CommandTable.find(split(said)[0]) else { return (.askForAll, ["no such command: \(said)"]) }
    return (.rewrite(Rewriting(command, split(said), [split(told)])), [said, told, words])
  }

  static let singles: [Case] = [
    (.waitForCron(to: address, at: .defaultLabClock), ["13:56:53"]),
    (.cannotConnect(to: address, .unknownHost), ["leads nowhere"]),
    (.askForPart(id: id, offset: 54, ownHistory: true), ["53 bytes", "its own history"]),
    (.askForPart(id: id, offset: 54, ownHistory: false), ["followed before"]),
    (.askForPart(id: id, offset: .min, ownHistory: false), [id]),
    (.askForAll, ["PSYNC ? -1"]),
    (.adoptNewID(old: id, new: second, offset: 99), ["byte 99", "100"]),
    (.adoptNewID(old: id, new: second, offset: .max), [second]),
    (.transferTarget(.file(name: "temp-1.2.rdb"), configured: .disabled, keys: 3), ["temp-1.2.rdb", "3 keys"]),
    (.transferTarget(.databases, configured: .onEmptyDB, keys: 0), ["on-empty-db"]),
    (.transferTarget(.besideDatabases, configured: .swapdb, keys: 1), ["1 key,", "swapdb"]),
    (.serveWhileLoading(false, own: id, master: second), [id, second]),
    (.serveWhileLoading(true, own: id, master: id), ["old data"]),
    (.dropOwnReplicas(2), ["2 replicas"]),
    (
      .failMastersCommand(["INCR", "n"], error: "ERR value is not an integer"),
      ["INCR n", "ERR value is not an integer"]
    ),
    (.giveUpMaster(.transfer, silent: 61, timeout: 60), ["61 s", "60 s", "transfer"]),
    (.partialResync(replica, request(id, 151), request(id, 151).verdict), ["byte 151"]),
    (.beginHistory(id: id, offset: 12), [id, "12"]),
    (.snapshot(.sockets, replicas: [replica]), ["capa eof"]),
    (.snapshot(.disk(replDisklessSync: false, allUnderstandEOF: true), replicas: [replica, replica]), ["is no"]),
    (.snapshot(.disk(replDisklessSync: true, allUnderstandEOF: false), replicas: [replica]), ["does not understand"]),
    (.delaySnapshot(waited: 2, delay: 5, waiting: 1, enough: 3), ["2 s", "5 s", "with 3"]),
    (.delaySnapshot(waited: 2, delay: 5, waiting: 1, enough: 0), ["no number"]),
    (.joinSnapshot(replica, offset: 88), ["88"]),
    (.online(replica, awaitsAcknowledgement: true), ["first acknowledgement"]),
    (.online(replica, awaitsAcknowledgement: false), ["at once"]),
    (.startStream(replica, kept: 1_234), ["1234 bytes"]),
    (.awaitHandOver(to: nil, offset: 137, timeout: nil, isForced: false), ["any replica", "137 bytes", "ABORT"]),
    (.awaitHandOver(to: address, offset: 1, timeout: 500, isForced: false), ["10.0.0.1:7000", "1 byte ", "500 ms"]),
    (.awaitHandOver(to: address, offset: 1, timeout: 500, isForced: true), ["FORCE"]),
    (.handOver(to: address, acknowledged: 137, offset: 137), ["10.0.0.1:7000", "all 137 bytes", "nothing is lost"]),
    (.handOver(to: address, acknowledged: 100, offset: 137), ["100 of 137 bytes", "other 37"]),
    (.keyExpired("k", since: 12, .deletes), ["12 ms", "DEL"]),
    (.keyExpired("k", since: 12, .deletesOnReplica), ["12 ms", "Nobody else is told"]),
    (.keyExpired("k", since: 12, .leavesToMaster), ["12 ms", "master's DEL"]),
    (.keyExpired("k", since: 12, .leavesDuringPause), ["12 ms", "paused"]),
    (.deleteExpired(3, first: "k", database: 2), ["k and 2 more keys", "database 2"]),
    (.deleteExpired(1, first: "k", database: 0), ["deletes k:"]),
    (
      evicted(.allkeysLRU, .idle(seconds: 90)),
      ["the idlest of 5", "90 s", "1234 > maxmemory 1000", "DEL", "database 2"]
    ),
    (evicted(.volatileLFU, .frequency(3)), ["the least used of 5", "of its use, 3.", "with an expiry"]),
    (
      evicted(.volatileTTL, .expiry(1_700_000_000_000), isLazy: true),
      ["the first to expire", "1700000000000", "UNLINK"]
    ),
    (evicted(.allkeysRandom, .chance), ["chance", "77"]),
    (.waitForReplicas(2, offset: 81, timeout: 500, progress), ["2 replicas", "byte 81", "54 bytes", "500 ms"]),
    (.waitForReplicas(1, offset: 81, timeout: 0, []), ["for ever", "nobody"]),
    (.loaded(LoadReport(.ignoredSnapshot("dump.rdb"))), ["dump.rdb"]),
    (.freeBacklog(idle: 3_601, ttl: 3_600), ["3601 s", "3600 s"]),
    (
      .holdBack(command: "set", .clientPause(until: .defaultLabClock, onlyWrites: true)), ["SET", "writes", "13:56:53"]
    ),
    (.holdBack(command: "set", .clientPause(until: .defaultLabClock, onlyWrites: false)), ["all commands"]),
    (.holdBack(command: "set", .failover), ["FAILOVER"]),
    (.holdBack(command: "set", .shutdown), ["shutdown"]),
    (.refuseConnection(clients: 3, maxclients: 3), ["3 clients", "maxclients is 3"]),
    (.closeClient(replica, .idle(seconds: 11, timeout: 10)), ["11 s", "10 s"]),
    (.closeClient(replica, .protocolBroken("invalid bulk length")), ["invalid bulk length"]),
    (.requireLogIn(command: "set"), ["SET", "requirepass"]),
  ]

  static let ofSentinels: [Case] = [
    (
      .subjectivelyDown(.master, name: "mymaster", .silent(milliseconds: 5_029, limit: 5_000)),
      ["master mymaster", "5029 ms", "5000", "asks the other Sentinels"]
    ),
    (
      .subjectivelyDown(.slave, name: "127.0.0.1:7001", .silent(milliseconds: 5_029, limit: 5_000)),
      ["replica 127.0.0.1:7001", "Nobody is asked"]
    ),
    (
      .subjectivelyDown(.master, name: "mymaster", .saysReplica(milliseconds: 25_001, limit: 25_000)),
      ["says that it is a replica", "25001"]
    ),
    (
      .subjectivelyDown(.master, name: "mymaster", .rebooted(milliseconds: 11, limit: 10)),
      ["11 ms ago", "master-reboot-down-after-period 10"]
    ),
    (.objectivelyDown(master: "mymaster", sentinels: 2, quorum: 2), ["2 Sentinels", "the quorum is 2"]),
    (.delayFailover(master: "mymaster", until: .defaultLabClock), ["13:56:53", "failover-timeout"]),
    (.vote(for: id, epoch: 3, isOwn: true), ["for itself", "epoch 3"]),
    (.vote(for: id, epoch: 3, isOwn: false), ["epoch 3", "first to ask"]),
    (.keepVote(asked: second, epoch: 3, given: id, in: 3), ["keeps to its vote", "once an epoch"]),
    (.keepVote(asked: second, epoch: 3, given: nil, in: 4), ["nobody in epoch 4"]),
    (
      .countVotes([], voters: 3, needed: 2, epoch: 3, isElected: false),
      ["not elected in epoch 3", "Votes: none", "2 of 3"]
    ),
    (.countVotes([], voters: 3, needed: 2, epoch: 3, isElected: true), ["is elected"]),
    (.selectReplica(master: "mymaster", [], chosen: nil), ["no replica", "lowest priority"]),
    (.takeConfiguration(master: "mymaster", own: 1, told: 2), ["epoch 2 > 1"]),
    (.tilt(milliseconds: 3_000, limit: 2_000), ["3000 ms", "2000"]),
  ]

  private static func evicted(
    _ policy: MaxmemoryPolicy, _ reason: EvictedKey.Reason, isLazy: Bool = false
  ) -> Decision {
    .evict(
      EvictedKey(
        key: "k", database: 2, policy: policy, reason: reason, sampled: 5, eligible: 77, used: 1_234, maxmemory: 1_000,
        isLazy: isLazy))
  }

  static let families: [Case] = {
    var all: [Case] = []
    for reason in Decision.Reconnection.allCases { all.append((.connect(to: address, reason), ["10.0.0.1:7000"])) }
    for end in Decision.WaitEnd.allCases {
      all.append((.answerWait(end, asked: 2, offset: 81, progress), ["byte 81", "2 were", "54 bytes"]))
    }
    for reason in Decision.Promotion.allCases {
      all.append((.becomeMaster(reason, old: second, new: id, offset: 137), [id, second, "byte 137"]))
    }
    for reason in Decision.NextSnapshotReason.allCases {
      all.append((.waitForNextSnapshot(replica, reason), ["next snapshot"]))
    }
    for login in Decision.Login.allCases { all.append((.logIn("ann", login), ["ann"])) }
    for outcome in cases(next) as [Decision.HandshakeOutcome] {
      all.append((.handshakeReply(.receivePsyncReply, reply: "-ERR x", outcome), ["-ERR x", "receive_psync_reply"]))
    }
    for refusal in cases(next) as [Decision.SyncRefusal] { all.append((.refuseSync(refusal), ["PSYNC"])) }
    for reason in cases(next) as [Decision.DropReason] { all.append((.dropReplica(replica, reason), ["disconnects"])) }
    for refusal in cases(next) as [Decision.CommandRefusal] { all.append((.refuseCommand(refusal), [])) }
    for denied in cases(next) as [Decision.Denied] { all.append((.deny(denied, user: "ann"), ["ann", "SET"])) }
    for end in cases(next) as [Decision.FailoverEnd] {
      all.append((.abortFailover(to: address, end), ["10.0.0.1:7000", "stays master"]))
    }
    return all
  }()

  @Test("Every decision has a sentence, and its numbers are in the words", arguments: decisions.indices)
  func decision(index: Int) {
    let (decision, expected) = Self.decisions[index]
    let text = text(decision)
    for part in expected { #expect(text.contains(part), "\(text)") }
    #expect(text.hasPrefix("m: ") && text.split(separator: " ").count > 2, "\(text)")
    #expect(!text.contains("ConnectionID") && !text.contains("Optional") && !text.contains("Decision"), "\(text)")
  }

  @Test("No kind of decision is left out of these")
  func complete() {
    let missing = Set(Decision.Kind.allCases).subtracting(Self.decisions.map(\.decision.kind))
    #expect(missing.isEmpty, "\(missing)")
  }

  /// What `why` prints, in one line.
  private func text(_ decision: Decision) -> String {
    WhyView.lines(decision, of: "m", in: World(seed: 1)).map(\.text).joined(separator: " ")
      .split(separator: " ").joined(separator: " ")
  }
}

// MARK: - Every outcome

/// All that come one after the other, the first one after nil.
private func cases<T>(_ next: (T?) -> T?) -> [T] {
  var all: [T] = []
  while let one = next(all.last) { all.append(one) }
  return all
}

// Each of these names the case that comes after another one. The switches have no default, so a new case has to be put in
// its place before this compiles.

private func next(_ last: Decision.HandshakeOutcome?) -> Decision.HandshakeOutcome? {
  switch last {
  case nil: .goOn
  case .goOn: .ignoreError
  case .ignoreError: .tryLater
  case .tryLater: .fallBackToSync
  case .fallBackToSync: .full(id: WhyViewTests.id, offset: 17)
  case .full: .fullWithoutID
  case .fullWithoutID: .partial
  case .partial: nil
  }
}

private func next(_ last: Decision.SyncRefusal?) -> Decision.SyncRefusal? {
  switch last {
  case nil: .alreadyReplica
  case .alreadyReplica: .failoverToMaster
  case .failoverToMaster: .failoverWithOtherID(asked: WhyViewTests.id, own: WhyViewTests.second)
  case .failoverWithOtherID: .failingOver
  case .failingOver: .ownLinkDown(.connect)
  case .ownLinkDown: .pendingOutput(1)
  case .pendingOutput: .filterWithoutEOF
  case .filterWithoutEOF: .badOffset("x")
  case .badOffset: nil
  }
}

private func next(_ last: Decision.DropReason?) -> Decision.DropReason? {
  switch last {
  case nil: .silent(seconds: 61, timeout: 60)
  case .silent: .notReading(seconds: 61, timeout: 60)
  case .notReading: .outputBuffer(bytes: 300, limit: 256)
  case .outputBuffer: .reply
  case .reply: .snapshotFailed
  case .snapshotFailed: .historyChanged
  case .historyChanged: nil
  }
}

private func next(_ last: Decision.CommandRefusal?) -> Decision.CommandRefusal? {
  switch last {
  case nil: .readOnlyReplica
  case .readOnlyReplica: .goodReplicas(1, needed: 2, maxLag: 10)
  case .goodReplicas: .masterDown(.connect)
  case .masterDown: .loadingBeside
  case .loadingBeside: .loading
  case .loading: .snapshotFailed
  case .snapshotFailed: .appendOnlyFailed
  case .appendOnlyFailed: .protected(command: "DEBUG", directive: "enable-debug-command", value: "no")
  case .protected: .outOfMemory(used: 2_000, maxmemory: 1_000, .noeviction)
  case .outOfMemory(_, _, .noeviction): .outOfMemory(used: 2_000, maxmemory: 1_000, .volatileLRU)
  case .outOfMemory: .fromReplica
  case .fromReplica: .busyScript(isEval: true)
  case .busyScript: nil
  }
}

private func next(_ last: Decision.Denied?) -> Decision.Denied? {
  switch last {
  case nil: .command("set")
  case .command: .key("k", of: "set")
  case .key: .channel("c", of: "set")
  case .channel: nil
  }
}

private func next(_ last: Decision.FailoverEnd?) -> Decision.FailoverEnd? {
  switch last {
  case nil: .timeout(acknowledged: 100, offset: 137)
  case .timeout(.some, _): .timeout(acknowledged: nil, offset: 137)
  case .timeout(nil, _): .told
  case .told: .rejected(reply: "-ERR x")
  case .rejected(.some): .rejected(reply: nil)
  case .rejected(nil): nil
  }
}
