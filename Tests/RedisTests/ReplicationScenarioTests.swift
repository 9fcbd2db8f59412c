import Testing

@testable import Redis

/// What nodes do to each other, told in the order of PROTOCOL.md. Time is the pump's, and passes only when nothing is in
/// flight.
@Suite struct ReplicationScenarioTests {
  static let loads: [Configuration.DisklessLoad] = [.disabled, .onEmptyDB, .swapdb]

  private func pair(
    keys: Int = 3, master: (inout Configuration) -> Void = { _ in }, replica: (inout Configuration) -> Void = { _ in }
  ) -> Pump { ReplicationTests.pair(keys: keys, master: master, replica: replica) }

  // MARK: Transfers

  @Test(arguments: loads) func aDiskTransferSendsLengthAndFileThenTheStreamAtOnce(_ load: Configuration.DisklessLoad)
    throws
  {
    var pump = pair(keys: 600, master: { $0.replDisklessSync = false }, replica: { $0.replDisklessLoad = load })
    pump.run(seconds: 0.5)
    pump.command("m", "SET qq ww")
    pump.run(seconds: 0.01)
    let said = pump.wires(from: "r", to: "m")[0].fromAcceptor.texts
    let header = try #require(said.first { $0.hasPrefix("$") })
    let file = try #require(pump.files["m"]?["dump.rdb"])
    #expect(header == "$\(file.count)\r\n")
    #expect(said.last?.hasSuffix("$2\r\nqq\r\n$2\r\nww\r\n") == true)
    let payload = pump.wires(from: "r", to: "m")[0].fromAcceptor.drop { !$0.starts(with: "$".utf8) }.dropFirst()
      .dropLast()
    #expect(payload.reduce([], +).elementsEqual(file))
    #expect(payload.dropLast().allSatisfy { $0.count == 16_384 })
    #expect(pump.nodes["r"]?.databases == pump.nodes["m"]?.databases)
    // The replica answers a sized payload at the next cron tick, not at once.
    #expect(pump.wires(from: "r", to: "m")[0].fromOpener.texts.allSatisfy { !$0.contains("ACK") })
  }

  @Test(arguments: loads) func aPayloadMayBeSplitAnywhere(_ load: Configuration.DisklessLoad) throws {
    var pump = pair(keys: 20)
    pump.run(seconds: 0.05)
    let said = pump.wires(from: "r", to: "m")[0].fromAcceptor.joined()
    let master = try #require(pump.nodes["m"])
    for size in [1, 7, 39, 40, 41, 100_000] {
      let replica = receive(said, inPiecesOf: size, load)
      #expect(replica.replication.link.state == .connected, "in pieces of \(size)")
      #expect(replica.databases == master.databases)
      #expect(replica.replication.ids.current == master.replication.ids.current)
    }
  }

  /// A fresh replica that is told all this on its first connection.
  private func receive(_ bytes: [UInt8], inPiecesOf size: Int, _ load: Configuration.DisklessLoad) -> Node {
    var configuration = Configuration()
    configuration.replicaof = Address(host: "127.0.0.1", port: 1)
    configuration.replDisklessLoad = load
    var node = Node(configuration: configuration, seed: 3, now: .defaultLabClock)
    _ = node.handle(.start(files: [:]), at: .defaultLabClock)
    _ = node.handle(.wakeUp, at: .defaultLabClock)
    let connection = ConnectionID(.opened, 1)
    _ = node.handle(.connected(connection, local: Address(host: "", port: 2)), at: .defaultLabClock)
    for start in stride(from: 0, to: bytes.count, by: size) {
      _ = node.handle(.received(connection, Array(bytes[start..<min(start + size, bytes.count)])), at: .defaultLabClock)
    }
    return node
  }

  @Test func anOffsetThatNoNumberHoldsIsKeptWithinReason() throws {
    var pump = pair()
    pump.run(seconds: 0.05)
    let said = String(
      decoding: pump.wires(from: "r", to: "m")[0].fromAcceptor.reduce([], +).prefix(74), as: Unicode.ASCII.self)
    let payload = pump.wires(from: "r", to: "m")[0].fromAcceptor.reduce([], +).dropFirst(said.utf8.count)
    let offset = said.replacing(" 0\r\n", with: " 99999999999999999999\r\n")
    #expect(offset != said)
    var replica = receive(Array(offset.utf8) + payload, inPiecesOf: 50, .disabled)
    #expect(replica.replication.offset == 1 << 62)
    _ = replica.handle(.received(ConnectionID(.opened, 1), encode(["ping"])), at: .defaultLabClock)
    #expect(replica.replication.offset == (1 << 62) + 14)
  }

  @Test func aChunkMayBeAsSmallAsOneRecord() throws {
    for diskless in [true, false] {
      var pump = pair(keys: 3, master: { $0.replDisklessSync = diskless })
      pump.configure("m") { $0.replication.chunkSize = .record }
      pump.run(seconds: 0.5)
      let said = pump.wires(from: "r", to: "m")[0].fromAcceptor
      let payload = said.drop { !$0.starts(with: "$".utf8) }.dropFirst()
      // Header, eight AUX fields, SELECTDB, RESIZEDB, three keys, the end; then the mark.
      #expect(payload.count == 15 + (diskless ? 1 : 0))
      #expect(pump.nodes["r"]?.databases == pump.nodes["m"]?.databases)
    }
  }

  @Test(arguments: loads)
  func aFullDiskFailsATransferToAFileAndNoOther(_ load: Configuration.DisklessLoad) throws {
    var pump = pair(master: { $0.replDisklessSync = false }, replica: { $0.replDisklessLoad = load })
    pump.run(seconds: 2)
    pump.command("m", "SET later 1")
    pump.run(seconds: 0.1)
    let held = pump.nodes["r"]?.databases
    pump.configure("r") { _ = $0.handle(.disk(.full), at: $0.now) }
    pump.configure("m") { $0.replication.ids.start(String(repeating: "e", count: 40)) }
    pump.cut(try #require(pump.wires.firstIndex { $0.opener == "r" }))
    pump.run(seconds: 1)
    let toFile = load != .swapdb
    #expect(pump.nodes["r"]?.databases == held)
    #expect((pump.nodes["r"]?.replication.link.state == .connected) != toFile)
    let complaint =
      "Write error or short write writing to the DB dump file needed for MASTER <-> REPLICA synchronization: No space "
      + "left on device"
    let logged = pump.logged("r")
    #expect(logged.contains(complaint) == toFile)
    guard toFile, let place = logged.firstIndex(of: complaint) else { return }
    #expect(
      logged[place + 1...place + 2] == [
        "Reconnecting to MASTER 127.0.0.1:7000 after failure", "MASTER <-> REPLICA sync started",
      ])
    pump.configure("r") { _ = $0.handle(.disk(.ok), at: $0.now) }
    pump.run(seconds: 1)
    #expect(pump.nodes["r"]?.replication.link.state == .connected)
  }

  @Test(arguments: [(10, "fflush"), (5_000, "rdbSaveRio")])
  func aFullDiskFailsASnapshotForReplicas(_ size: Int, place: String) {
    var pump = pair(keys: 0, master: { $0.replDisklessSync = false })
    pump.configure("m") {
      $0.configuration.rdbcompression = false
      _ = $0.handle(.disk(.full), at: $0.now)
    }
    pump.command("m", "SET key \(String(repeating: "x", count: size))")
    pump.run(seconds: 0.25)
    let logged = pump.logged("m").drop { !$0.hasPrefix("Background saving started") }.dropFirst()
    #expect(
      Array(logged.prefix(4)) == [
        "Write error saving DB on disk(\(place)): No space left on device", "Background saving error",
        "SYNC failed. BGSAVE child returned an error", "Connection with replica 127.0.0.1:7001 lost.",
      ])
    #expect(pump.nodes["m"]?.saving.lastFailed == true)
    // The replica has tried again twice, and waits for the third snapshot.
    #expect(pump.nodes["r"]?.replication.link.state == .transfer)
    #expect(pump.wires(from: "r", to: "m").count == 3)
  }

  @Test func theNextBlockWaitsForTheSlowestReplicaOfTheBatch() throws {
    var pump = pair(keys: 0, master: { $0.replDisklessSyncDelay = 1 })
    let value = String(repeating: "x", count: 30_000)
    pump.command("m", "SET big \(value)")
    pump.command("m", "CONFIG SET rdbcompression no")
    pump.configure("m") { $0.configuration.rdbcompression = false }
    pump.start("s", port: 7002, seed: 3) { $0.replicaof = Address(host: "127.0.0.1", port: 7000) }
    _ = pump.run(limit: 3) { $0.nodes["m"]?.child != nil }
    pump.paused = ["s"]
    pump.run(seconds: 0.5)
    let sent = { (pump: Pump, name: String) in
      pump.wires(from: name, to: "m")[0].fromAcceptor.filter { $0.count > 1_000 }.count
    }
    #expect(sent(pump, "r") == 2)
    pump.paused = []
    pump.run(seconds: 3)
    #expect(pump.nodes["r"]?.databases == pump.nodes["m"]?.databases)
    #expect(pump.nodes["s"]?.databases == pump.nodes["m"]?.databases)
    // One child served both, and each saw the same blocks.
    #expect(pump.nodes["m"]?.children.count == 1)
    #expect(sent(pump, "r") == sent(pump, "s"))
  }

  @Test func aDelayedSyncKeepsTheReplicaPatientWithNewlines() {
    var pump = pair(master: { $0.replDisklessSyncDelay = 5 })
    pump.run(seconds: 4.2)
    var said = pump.wires(from: "r", to: "m")[0].fromAcceptor
    #expect(said.filter { $0 == [10] }.count == 4)
    #expect(said.count == 3 + 4)
    pump.run(seconds: 1.5)
    said = pump.wires(from: "r", to: "m")[0].fromAcceptor
    #expect(pump.nodes["r"]?.replication.link.state == .connected)
    #expect(said.filter { $0 == [10] }.count == 5)
  }

  @Test func enoughWaitingReplicasEndTheDelay() {
    var pump = pair(master: {
      $0.replDisklessSyncDelay = 60
      $0.replDisklessSyncMaxReplicas = 2
    })
    pump.run(seconds: 3)
    #expect(pump.nodes["r"]?.replication.link.state == .receivePsyncReply)
    pump.start("s", port: 7002, seed: 3) { $0.replicaof = Address(host: "127.0.0.1", port: 7000) }
    pump.run(seconds: 2)
    #expect(pump.nodes["r"]?.replication.link.state == .connected)
    #expect(pump.nodes["s"]?.replication.link.state == .connected)
  }

  @Test func aNewcomerJoinsASnapshotToDiskThatIsUnderWay() throws {
    var pump = pair(master: { $0.replDisklessSync = false })
    _ = pump.run(limit: 1) { $0.nodes["m"]?.child != nil }
    pump.command("m", "SET late 1")
    pump.start("s", port: 7002, seed: 3) { $0.replicaof = Address(host: "127.0.0.1", port: 7000) }
    pump.run(seconds: 2)
    #expect(pump.nodes["m"]?.children.count == 1)
    #expect(pump.logged("m").contains("Waiting for end of BGSAVE for SYNC"))
    for name in ["r", "s"] {
      let said = pump.wires(from: name, to: "m")[0].fromAcceptor.texts
      #expect(said.contains { $0.hasPrefix("+FULLRESYNC") && $0.hasSuffix(" 0\r\n") })
      #expect(pump.nodes[name]?.databases == pump.nodes["m"]?.databases)
    }
  }

  @Test func theOldDataIsServedWhileTheNewIsLoadedBeside() throws {
    var pump = pair(
      keys: 200,
      replica: {
        $0.replDisklessLoad = .swapdb
        $0.loadingProcessEventsInterval = 1_024
      })
    pump.run(seconds: 2)
    pump.configure("m") { $0.replication.chunkSize = .bytes(200) }
    // The same history, but further back than the backlog: a full sync between the same two.
    pump.configure("m") { $0.replication.backlog = Backlog(after: $0.replication.offset + 10) }
    let wire = try #require(pump.wires.indices.last { pump.wires[$0].opener == "r" && pump.wires[$0].isOpen })
    pump.cut(wire)
    let loading = pump.run(limit: 3) { $0.nodes["r"]?.replication.link.transfer?.loader != nil }
    #expect(loading)
    let client = pump.connect(to: "r")
    pump.send("GET key:1", on: client)
    // Old data: as Redis looks up from loading, it is still there.
    let answered = pump.run(limit: 3) { !$0.wires[client].fromAcceptor.isEmpty }
    #expect(answered)
    #expect(pump.wires[client].fromAcceptor.texts == ["$7\r\nvalue:1\r\n"])
    #expect(pump.nodes["r"]?.replication.link.transfer?.isAsync == true)
    pump.run(seconds: 3)
    #expect(pump.nodes["r"]?.replication.link.state == .connected)
  }

  @Test func whoLoadsIntoEmptyDatabasesServesNobodyMeanwhile() {
    var pump = pair(keys: 200, replica: { $0.loadingProcessEventsInterval = 1_024 })
    pump.configure("m") { $0.replication.chunkSize = .bytes(200) }
    _ = pump.run(limit: 3) { $0.nodes["r"]?.replication.link.transfer?.loader != nil }
    let client = pump.connect(to: "r")
    pump.send("GET key:1", on: client)
    pump.run(seconds: 1)
    #expect(pump.wires[client].fromAcceptor.texts == ["-LOADING Redis is loading the dataset in memory\r\n"])
    let value = pump.command("r", "GET key:1")
    #expect(value == "$7\r\nvalue:1\r\n")
  }

  // MARK: Partial resync

  @Test func aCutLinkIsResumedAtOnceAndRepeatsNoSelect() throws {
    var pump = pair()
    pump.run(seconds: 2)
    let client = pump.connect(to: "m")
    pump.send("SELECT 3", on: client)
    pump.send("SET a 1", on: client)
    pump.run(seconds: 0.5)
    pump.cut(try #require(pump.wires.indices.last { pump.wires[$0].opener == "r" && pump.wires[$0].isOpen }))
    pump.send("SET b 2", on: client)
    pump.run(seconds: 0.2)
    let wire = try #require(pump.wires(from: "r", to: "m").last)
    let id = try #require(pump.nodes["m"]).replication.ids.current
    #expect(wire.fromAcceptor.texts.contains("+CONTINUE \(id)\r\n"))
    #expect(wire.fromAcceptor.texts.last == "*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$1\r\n2\r\n")
    #expect(pump.nodes["r"]?.databases[3].count == 2)
    #expect(pump.nodes["m"]?.statistics.syncPartialOK == 1)
    #expect(pump.nodes["m"]?.replication.offset == pump.nodes["r"]?.replication.offset)
  }

  @Test func halfACommandIsForgottenAndAskedForAgain() throws {
    var pump = pair()
    pump.run(seconds: 2)
    let wire = try #require(pump.wires.indices.last { pump.wires[$0].opener == "r" })
    let connection = pump.wires[wire].openerID
    pump.configure("r") {
      _ = $0.handle(
        .received(connection, Array("*1\r\n$5\r\nMULTI\r\n*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$1\r\n1\r\n*1\r".utf8)),
        at: $0.now)
    }
    let before = try #require(pump.nodes["r"]).replication.offset
    pump.cut(wire)
    pump.run(seconds: 0.01)
    #expect(pump.nodes["r"]?.replication.offset == before)
    #expect(pump.nodes["r"]?.databases[0].contains("x") == false)
    let asked = pump.decisions["r"]?.contains { if case .askForPart(_, before + 1, false) = $0 { true } else { false } }
    #expect(asked == true)
  }

  @Test func whoIsTooFarBehindGetsEverything() throws {
    var pump = pair(master: { $0.replBacklogSize = 16_384 })
    pump.run(seconds: 2)
    pump.paused = ["r"]
    pump.cut(try #require(pump.wires.indices.last { pump.wires[$0].opener == "r" }))
    for index in 0..<40 { pump.command("m", "SET k\(index) \(String(repeating: "z", count: 2_000))") }
    pump.paused = []
    pump.run(seconds: 2)
    #expect(pump.nodes["m"]?.statistics.syncFull == 2)
    #expect(pump.nodes["m"]?.statistics.syncPartialError == 1)
    #expect(pump.nodes["r"]?.databases == pump.nodes["m"]?.databases)
    let refused = pump.decisions["m"]?.contains { if case .partialResync(_, _, .tooOld) = $0 { true } else { false } }
    #expect(refused == true)
  }

  // MARK: Chains, promotion, failover

  private func chain() -> Pump {
    var pump = pair()
    pump.run(seconds: 1.5)
    pump.start("s", port: 7002, seed: 3) { $0.replicaof = Address(host: "127.0.0.1", port: 7001) }
    pump.run(seconds: 2)
    return pump
  }

  @Test func aChainHasOneHistoryAndPassesOnTheVeryBytes() throws {
    var pump = chain()
    let client = pump.connect(to: "m")
    for words in ["SET a 1", "SELECT 3", "SET b 2", "MULTI", "INCR n", "INCR n", "EXEC"] {
      pump.send(words, on: client)
    }
    pump.run(seconds: 12)
    let states = ["m", "r", "s"].compactMap { pump.nodes[$0]?.replication }
    #expect(Set(states.map(\.ids)).count == 1)
    #expect(Set(states.map(\.offset)).count == 1)
    let (first, second) = (
      pump.wires(from: "r", to: "m")[0].fromAcceptor.joined(), pump.wires(from: "s", to: "r")[0].fromAcceptor.joined()
    )
    #expect(first.suffix(100).elementsEqual(second.suffix(100)))
    #expect(pump.nodes["s"]?.databases == pump.nodes["m"]?.databases)
  }

  @Test func aPromotedReplicaGoesOnWithTheOldHistoryUnderANewName() throws {
    var pump = chain()
    pump.command("m", "SET a 1")
    pump.run(seconds: 1.5)
    let old = try #require(pump.nodes["m"]).replication
    pump.command("r", "REPLICAOF NO ONE")
    pump.run(seconds: 1)
    let promoted = try #require(pump.nodes["r"]).replication
    #expect(promoted.ids.second == old.ids.current)
    #expect(promoted.ids.secondOffset == old.offset + 1)
    #expect(
      pump.wires(from: "s", to: "r").last?.fromAcceptor.texts.contains("+CONTINUE \(promoted.ids.current)\r\n") == true)
    #expect(pump.nodes["s"]?.replication.ids == promoted.ids)
    // The old master becomes its replica, and has missed nothing.
    pump.command("m", "REPLICAOF 127.0.0.1 7001")
    pump.command("r", "SET b 2")
    pump.run(seconds: 2)
    let asked = try #require(pump.wires(from: "m", to: "r").last).fromOpener.texts
    #expect(
      asked.contains {
        $0.contains("PSYNC") && $0.contains(old.ids.current) && $0.hasSuffix("\r\n\(old.offset + 1)\r\n")
      })
    #expect(pump.nodes["r"]?.statistics.syncPartialOK == 2)
    #expect(pump.nodes["m"]?.databases == pump.nodes["r"]?.databases)
    #expect(pump.nodes["m"]?.replication.ids == promoted.ids)
  }

  @Test func aMasterThatNeverHadAReplicaStillOffersItsOwnHistory() throws {
    var pump = pair(keys: 1)
    pump.run(seconds: 1)
    pump.start("x", port: 7005, seed: 9)
    pump.run(seconds: 0.2)
    let own = try #require(pump.nodes["x"]).replication.ids.current
    let reply = pump.command("x", "REPLICAOF 127.0.0.1 7000")
    #expect(reply == "+OK\r\n")
    pump.run(seconds: 1)
    let said = pump.wires(from: "x", to: "m")[0].fromOpener.texts
    #expect(said.contains("*3\r\n$5\r\nPSYNC\r\n$40\r\n\(own)\r\n$1\r\n1\r\n"))
    let again = pump.command("x", "REPLICAOF 127.0.0.1 7000")
    #expect(again == "+OK Already connected to specified master\r\n")
    let wrong = pump.command("x", "REPLICAOF 127.0.0.1 70000")
    #expect(wrong == "-ERR Invalid master port\r\n")
  }

  @Test func aReplicaOfItselfTriesOnceASecondForEver() {
    var pump = Pump()
    pump.start("m", port: 7000)
    pump.run(seconds: 0.5)
    pump.command("m", "REPLICAOF 127.0.0.1 7000")
    pump.run(seconds: 3.2)
    let refusal = "-NOMASTERLINK Can't SYNC while not connected with my master\r\n"
    let wires = pump.wires(from: "m", to: "m")
    #expect(wires.count == 4)
    #expect(wires.allSatisfy { $0.fromAcceptor.texts.last == refusal })
  }

  @Test func aPlannedFailoverSwapsTheRoles() throws {
    var pump = pair()
    pump.run(seconds: 2)
    let reply = pump.command("m", "FAILOVER")
    #expect(reply == "+OK\r\n")
    pump.run(seconds: 3)
    #expect(pump.nodes["r"]?.replication.isMaster == true)
    #expect(pump.nodes["m"]?.replication.link.state == .connected)
    #expect(pump.nodes["m"]?.replication.failover.state == Failover.State.none)
    let said = try #require(pump.wires(from: "m", to: "r").last)
    #expect(said.fromOpener.texts.contains { $0.hasSuffix("$8\r\nFAILOVER\r\n") })
    #expect(said.fromAcceptor.texts.contains { $0.hasPrefix("+CONTINUE") })
    #expect(pump.nodes["m"]?.replication.ids == pump.nodes["r"]?.replication.ids)
  }

  // MARK: Acknowledgements

  @Test func waitAsksForAcknowledgementsAndIsAnsweredByThem() {
    var pump = pair()
    pump.run(seconds: 2)
    let client = pump.connect(to: "m")
    pump.send("WAIT 1 0", on: client)
    pump.run(seconds: 0.01)
    #expect(pump.wires[client].fromAcceptor.texts == [":1\r\n"])
    pump.send("SET a 1", on: client)
    pump.send("WAIT 1 0", on: client)
    pump.run(seconds: 0.01)
    #expect(pump.wires[client].fromAcceptor.texts == [":1\r\n", "+OK\r\n", ":1\r\n"])
    let stream = pump.wires(from: "r", to: "m")[0].fromAcceptor.texts.last
    #expect(stream == "*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n")
    // The answer does not count the question; the next acknowledgement does.
    let offset = pump.nodes["m"]?.replication.offset ?? 0
    #expect(pump.wires(from: "r", to: "m")[0].fromOpener.texts.last?.hasSuffix("\r\n\(offset - 37)\r\n") == true)
    pump.run(seconds: 1)
    #expect(pump.wires(from: "r", to: "m")[0].fromOpener.texts.last?.hasSuffix("\r\n\(offset)\r\n") == true)
    pump.send("SET a 2", on: client)
    pump.send("WAIT 2 500", on: client)
    pump.run(seconds: 0.4)
    #expect(pump.wires[client].fromAcceptor.count == 4)
    pump.run(seconds: 0.2)
    #expect(pump.wires[client].fromAcceptor.texts.last == ":1\r\n")
  }

  @Test func writesNeedEnoughGoodReplicas() {
    var pump = pair(
      master: {
        $0.minReplicasToWrite = 1
        $0.minReplicasMaxLag = 3
      }, replica: { _ in })
    pump.run(seconds: 2)
    let taken = pump.command("m", "SET a 1")
    #expect(taken == "+OK\r\n")
    pump.paused = ["r"]
    pump.run(seconds: 5)
    let refused = pump.command("m", "SET a 1")
    #expect(refused == "-NOREPLICAS Not enough good replicas to write.\r\n")
  }

  @Test func aReplicaRefusesWritesAndStaleReads() {
    var pump = pair(replica: { $0.replicaServeStaleData = false })
    pump.run(seconds: 1)
    let write = pump.command("r", "SET a 1")
    #expect(write == "-READONLY You can't write against a read only replica.\r\n")
    pump.kill("m")
    pump.run(seconds: 1)
    let stale = "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n"
    let (read, ping, role) = (pump.command("r", "GET key:1"), pump.command("r", "PING"), pump.command("r", "ROLE"))
    #expect(read == stale)
    #expect(ping == stale)
    #expect(role.hasPrefix("*5\r\n$5\r\nslave\r\n"))
  }

  // MARK: Time

  @Test func anIdleMasterSleeps() {
    var pump = Pump()
    pump.start("m", port: 7000)
    pump.run(seconds: 5)
    #expect(pump.nodes["m"]?.nextWakeup == nil)
  }

  @Test func theMasterPingsEveryTenSecondsOfItsLife() {
    var pump = pair()
    pump.run(seconds: 40)
    let stream = pump.wires(from: "r", to: "m")[0].fromAcceptor.texts
    #expect(stream.filter { $0 == "*1\r\n$4\r\nping\r\n" }.count == 4)
    #expect(pump.nodes["r"]?.replication.offset == Int64(56))
  }

  @Test func aSilentMasterIsGivenUpAndTriedAgainAtOnce() {
    var pump = pair(replica: { $0.replTimeout = 5 })
    pump.run(seconds: 2)
    pump.paused = ["m"]
    pump.run(seconds: 8)
    #expect(pump.logged("r").contains("MASTER timeout: no data nor PING received..."))
    #expect(pump.nodes["r"]?.replication.link.state == .receivePingReply)
  }

  @Test func aSilentReplicaIsDropped() {
    var pump = pair(master: { $0.replTimeout = 5 })
    pump.run(seconds: 2)
    pump.paused = ["r"]
    pump.run(seconds: 8)
    #expect(pump.logged("m").contains("Disconnecting timedout replica (streaming sync): 127.0.0.1:7001"))
    #expect(pump.nodes["m"]?.replication.replicas.isEmpty == true)
  }

  @Test func theBacklogGoesWhenNobodyHasWantedItForLong() throws {
    var pump = pair(master: { $0.replBacklogTTL = 20 })
    pump.run(seconds: 2)
    let id = try #require(pump.nodes["m"]).replication.ids.current
    pump.kill("r")
    pump.run(seconds: 19)
    #expect(pump.nodes["m"]?.replication.backlog != nil)
    pump.run(seconds: 3)
    #expect(pump.nodes["m"]?.replication.backlog == nil)
    #expect(pump.nodes["m"]?.replication.ids.current != id)
    #expect(pump.logged("m").contains("Replication backlog freed after 20 seconds without connected replicas."))
    #expect(pump.nodes["m"]?.nextWakeup == nil)
  }

  @Test func aRefusedConnectionIsTriedOnceASecond() {
    var pump = Pump()
    pump.start("r", port: 7001) { $0.replicaof = Address(host: "127.0.0.1", port: 7000) }
    pump.run(seconds: 3.5)
    #expect(pump.logged("r").filter { $0 == "Error condition on socket for SYNC: Connection refused" }.count == 4)
  }

  // MARK: Limits

  @Test func aReplicaThatDoesNotReadIsDroppedAtItsOutputLimit() {
    var pump = pair(master: {
      $0.replBacklogSize = 16_384
      $0.clientOutputBufferLimits.replica = .init(hard: 300_000, soft: 0, softSeconds: 0)
    })
    pump.run(seconds: 2)
    pump.paused = ["r"]
    let value = String(repeating: "z", count: 100_000)
    for index in 0..<60 { pump.command("m", "SET k\(index) \(value)") }
    #expect(pump.nodes["m"]?.replication.replicas.isEmpty == true)
    #expect(
      pump.logged("m").contains { $0.hasSuffix("scheduled to be closed ASAP for overcoming of output buffer limits.") })
  }

  @Test func aReplicaThatMakesItsMasterAnswerIsDropped() {
    var pump = Pump()
    pump.start("m", port: 7000)
    pump.run(seconds: 0.5)
    let replica = pump.connect(to: "m")
    pump.send("REPLCONF capa eof", on: replica)
    pump.run(seconds: 0.1)
    pump.send("PSYNC ? -1", on: replica)
    pump.run(seconds: 1)
    pump.send("REPLCONF ACK 0", on: replica)
    pump.run(seconds: 0.5)
    #expect(pump.nodes["m"]?.replication.replicas.count == 1)
    pump.send("PING", on: replica)
    pump.run(seconds: 0.1)
    #expect(pump.nodes["m"]?.replication.replicas.isEmpty == true)
    #expect(
      pump.logged("m").contains { $0.hasPrefix("Replica generated a reply to command 'ping', disconnecting it: id=") })
  }

  // MARK: Values

  @Test func theSameInputsMakeTheSameNodes() throws {
    var pump = chain()
    pump.command("m", "SET a 1")
    pump.run(seconds: 3)
    for name in ["m", "r", "s"] {
      let node = try #require(pump.nodes[name])
      var twin = Node(
        configuration: node.configuration, seed: UInt64(["m": 1, "r": 2, "s": 3][name]!), now: node.started)
      for (input, time) in pump.inputs[name] ?? [] { _ = twin.handle(input, at: time) }
      #expect(twin == node)
    }
  }
}
