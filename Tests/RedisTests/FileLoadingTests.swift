import Testing

@testable import Redis

/// A data set that is loaded from files takes the time that `key-load-delay` says, and the process does nothing else.
@Suite struct FileLoadingTests {
  /// A snapshot of keys of a hundred bytes.
  private static func snapshot(keys: Int = 300, at now: Instant = .defaultLabClock) -> [UInt8] {
    var node = NodeClient(Configuration(), at: now)
    node.node.configuration.rdbcompression = false
    let client = node.connect()
    fill(&node, client, keys)
    _ = node.command("SAVE", on: client)
    return node.files["dump.rdb"] ?? []
  }

  private static func fill(_ node: inout NodeClient, _ client: ConnectionID, _ keys: Int) {
    for index in 0..<keys {
      _ = node.command("SET key:\(index) \(String(repeating: "x", count: 100))", on: client)
    }
  }

  private static func loading(
    interval: Int64 = 4_096, _ configure: (inout Configuration) -> Void = { _ in }
  ) -> NodeClient {
    var configuration = Configuration()
    configuration.keyLoadDelay = 1_000
    configuration.loadingProcessEventsInterval = interval
    configuration.enableDebugCommand = .yes
    configuration.rdbcompression = false
    configuration.save = []
    configure(&configuration)
    return NodeClient(configuration, files: ["dump.rdb": snapshot()])
  }

  private static func logged(_ node: inout NodeClient) -> [String] {
    node.takeEffects().compactMap { if case .log(let entry) = $0 { entry.text } else { nil } }
  }

  private static func field(_ name: String, _ info: String) -> String? {
    info.split(separator: "\r\n").first { $0.hasPrefix(name + ":") }.map { String($0.dropFirst(name.count + 1)) }
  }

  private static func said(_ node: inout NodeClient, _ connection: ConnectionID) -> String {
    String(decoding: node.read(connection), as: UTF8.self)
  }

  // MARK: The start

  @Test func aServerAnswersNobodyBeforeItLooksUp() {
    var node = Self.loading(interval: 2 << 20)
    let client = node.connect()
    node.send(encode(["PING".utf8.map { $0 }]), on: client)
    node.advance(by: .milliseconds(299))
    #expect(Self.said(&node, client).isEmpty)
    #expect(node.node.isLoading)
    #expect(!Self.logged(&node).contains("Ready to accept connections"))
    node.advance(by: .milliseconds(1))
    #expect(Self.said(&node, client) == "+PONG\r\n")
    #expect(
      Self.logged(&node) == [
        "Done loading RDB, keys loaded: 300, keys expired: 0.", "DB loaded from disk: 0.300 seconds",
        "Ready to accept connections",
      ])
  }

  /// [measured] On a real server: 222,997 bytes, 20,000 between two looks.
  @Test func othersAreToldWhereItLooksUp() throws {
    var node = Self.loading()
    let client = node.connect()
    for command in ["PING", "INFO persistence", "INFO keyspace", "CONFIG SET appendonly yes", "SELECT 1", "ROLE"] {
      node.send(encode(command.split(separator: " ").map { Array($0.utf8) }), on: client)
    }
    node.advance(by: .milliseconds(30))
    #expect(Self.said(&node, client).isEmpty)
    node.advance(by: .milliseconds(10))
    let said = Self.said(&node, client)
    let loading = "-LOADING Redis is loading the dataset in memory\r\n"
    #expect(said.hasPrefix(loading))
    #expect(said.hasSuffix(loading + "+OK\r\n*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"))
    let keys = try #require(Self.field("rdb_last_load_keys_loaded", said))
    #expect(keys == "36")
    #expect(said.contains("db0:keys=36,expires=0"))
    #expect(Self.field("loading", said) == "1")
    #expect(Self.field("async_loading", said) == "0")
    #expect(Self.field("loading_total_bytes", said) == "\(node.files["dump.rdb"]?.count ?? 0)")
    let loaded = try #require(Self.field("loading_loaded_bytes", said).flatMap { Int64($0) })
    #expect((3_980...4_095).contains(loaded))
    #expect(Self.field("loading_loaded_perc", said)?.hasPrefix("12.") == true)
    #expect(Self.field("loading_eta_seconds", said) == "1")
    node.advance(by: .seconds(1))
    #expect(!node.command("INFO persistence", on: client).contains("loading_"))
    _ = node.command("SELECT 0", on: client)
    #expect(node.command("DBSIZE", on: client) == ":300\r\n")
  }

  @Test func theDelayCanBeTakenAwayMeanwhile() {
    var node = Self.loading()
    let client = node.connect()
    _ = node.command("CONFIG SET key-load-delay 0", on: client)
    node.advance(by: .milliseconds(37))
    #expect(Self.said(&node, client) == "+OK\r\n")
    #expect(!node.node.isLoading)
    #expect(Self.logged(&node).contains("DB loaded from disk: 0.036 seconds"))
  }

  /// [measured] It is noted at once, and heeded at the first look that is a turn of the timer, or after the load.
  @Test(arguments: [4_096, 2 << 20]) func aSignalIsHeededWhereItLooksUp(interval: Int64) {
    var node = Self.loading(interval: interval)
    node.advance(by: .milliseconds(50))
    node.handle(.terminate)
    let heard = "Received shutdown signal during loading, scheduling shutdown."
    #expect(Self.logged(&node).last == heard)
    #expect(!node.node.hasExited)
    node.advance(by: .milliseconds(100))
    #expect(node.node.hasExited == (interval == 4_096))
    node.advance(by: .milliseconds(150))
    #expect(node.node.hasExited)
    let effects = node.takeEffects()
    #expect(effects.last == .exit(code: 0))
    let lines = effects.compactMap { if case .log(let entry) = $0 { entry.text } else { nil } }
    #expect(lines.suffix(2) == ["User requested shutdown...", "Redis is now ready to exit, bye bye..."])
    #expect(lines.contains("Ready to accept connections") == (interval != 4_096))
  }

  @Test func shutdownSavesNothingOfHalfADataSet() {
    var node = Self.loading { $0.save = [SavePoint(seconds: 1, changes: 1)] }
    let client = node.connect()
    _ = node.command("SHUTDOWN SAVE", on: client)
    node.advance(by: .milliseconds(40))
    #expect(node.node.hasExited)
    #expect(
      Self.logged(&node).suffix(2) == ["User requested shutdown...", "Redis is now ready to exit, bye bye..."])
  }

  @Test func aCopyInTheMiddleGoesItsOwnWay() {
    var node = Self.loading()
    node.advance(by: .milliseconds(120))
    var copy = node
    let client = copy.connect()
    _ = copy.command("CONFIG SET key-load-delay 0", on: client)
    copy.advance(by: .milliseconds(40))
    #expect(!copy.node.isLoading)
    #expect(node.node.isLoading)
    node.advance(by: .milliseconds(180))
    #expect(!node.node.isLoading)
    #expect(node.node.databases == copy.node.databases)
  }

  @Test func aSleepMeanwhileIsSleptAndTheLoadGoesOn() {
    var node = Self.loading()
    let client = node.connect()
    _ = node.command("DEBUG SLEEP 1", on: client)
    node.send(encode([Array("PING".utf8)]), on: client)
    node.advance(by: .milliseconds(1_035))
    #expect(Self.said(&node, client).isEmpty)
    node.advance(by: .milliseconds(1))
    #expect(Self.said(&node, client) == "+OK\r\n-LOADING Redis is loading the dataset in memory\r\n")
    node.advance(by: .milliseconds(263))
    #expect(node.node.isLoading)
    node.advance(by: .milliseconds(1))
    #expect(!node.node.isLoading)
  }

  /// [measured] A replica whose start took 3.249 s tried its master 0.1 s later: 29 turns were counted as it looked up.
  @Test func turnsThatWereMissedAreCounted() {
    var node = Self.loading {
      $0.keyLoadDelay = 10_000
      $0.replicaof = Address(host: "127.0.0.1", port: 7_000)
    }
    node.advance(by: .milliseconds(3_000))
    #expect(!node.node.isLoading)
    // The last look was after 293 keys, in the thirtieth turn.
    let lines = Self.logged(&node)
    #expect(lines.contains("Connecting to MASTER 127.0.0.1:7000"))
    node = Self.loading(interval: 12_000) {
      $0.keyLoadDelay = 10_000
      $0.replicaof = Address(host: "127.0.0.1", port: 7_000)
    }
    node.advance(by: .milliseconds(3_000))
    #expect(!node.node.isLoading)
    #expect(!Self.logged(&node).contains("Connecting to MASTER 127.0.0.1:7000"))
  }

  @Test func aProcessThatStandsStillLoadsNothing() {
    var node = Self.loading()
    node.advance(by: .milliseconds(100))
    let since = node.now
    node.now = since + .seconds(5)
    node.handle(.resumed(since: since))
    node.advance(by: .milliseconds(199))
    #expect(node.node.isLoading)
    node.advance(by: .milliseconds(1))
    #expect(!node.node.isLoading)
  }

  // MARK: The append-only file

  private static func appendOnlyFiles() -> [String: [UInt8]] {
    var configuration = Configuration()
    configuration.appendonly = true
    configuration.rdbcompression = false
    var node = NodeClient(configuration)
    let client = node.connect()
    fill(&node, client, 150)
    _ = node.command("BGREWRITEAOF", on: client)
    node.advance(by: .seconds(3))
    for index in 0..<2_100 { _ = node.command("SET inc:\(index) 1", on: client) }
    node.advance(by: .seconds(1))
    return node.files
  }

  /// [measured] The base, then a look before the first command and after each 1,024, of which SELECT is one.
  @Test func anAppendOnlyFileIsLoadedBySoManyCommands() throws {
    var configuration = Configuration()
    configuration.appendonly = true
    configuration.keyLoadDelay = 1_000
    let files = Self.appendOnlyFiles()
    var node = NodeClient(configuration, files: files)
    let client = node.connect()
    let total = files.filter { !$0.key.hasSuffix("manifest") }.filter { $0.key.hasPrefix("appendonlydir") }
      .reduce(0) { $0 + $1.value.count }
    var seen: [[String]] = []
    for _ in 0..<10 {
      node.send(encode(["INFO", "everything"].map { Array($0.utf8) }), on: client)
      let said = Self.said(&node, client)
      if !said.isEmpty {
        seen.append(
          ["loading", "aof_enabled", "db0", "rdb_last_load_keys_loaded", "rdb_changes_since_last_save"].map {
            Self.field($0, said) ?? "-"
          })
        if Self.field("loading", said) == "1" { #expect(Self.field("loading_total_bytes", said) == "\(total)") }
      }
      guard let wakeup = node.node.nextWakeup, node.node.isLoading else { break }
      node.advance(by: wakeup - node.now)
    }
    #expect(
      seen.map { $0.joined(separator: " ") } == [
        "1 0 keys=150,expires=0,avg_ttl=0 150 0", "1 0 keys=1173,expires=0,avg_ttl=0 150 1023",
        "1 0 keys=2197,expires=0,avg_ttl=0 150 2047", "0 1 keys=2250,expires=0,avg_ttl=0 150 2100",
      ])
    #expect(node.command("CLIENT ID", on: client) == ":4\r\n")
    #expect(
      Self.logged(&node).suffix(6) == [
        "Done loading RDB, keys loaded: 150, keys expired: 0.",
        "DB loaded from base file appendonly.aof.2.base.rdb: 0.150 seconds",
        "DB loaded from incr file appendonly.aof.2.incr.aof: 2.101 seconds",
        "DB loaded from append only file: 2.251 seconds",
        "Opening AOF incr file appendonly.aof.2.incr.aof on server start", "Ready to accept connections",
      ])
  }

  // MARK: Commands that load

  /// [measured] `events=` and `qbuf=28`: nothing is read from it, and what it sent after that waits in the kernel.
  @Test(arguments: ["DEBUG RELOAD", "DEBUG LOADAOF"]) func aCommandThatLoadsWaits(_ command: String) throws {
    var configuration = Configuration()
    configuration.enableDebugCommand = .yes
    configuration.appendonly = command == "DEBUG LOADAOF"
    configuration.rdbcompression = false
    configuration.loadingProcessEventsInterval = 4_096
    var node = NodeClient(configuration)
    let (client, other) = (node.connect(), node.connect())
    Self.fill(&node, client, 1_500)
    node.advance(by: .seconds(1))
    _ = node.takeEffects()
    _ = node.command("CONFIG SET key-load-delay 1000", on: client)
    #expect(node.command(command, on: client).isEmpty)
    node.send(encode([Array("PING".utf8)]), on: client)
    #expect(node.command("GET key:1", on: other).isEmpty)
    node.send(encode([Array("CLIENT".utf8), Array("LIST".utf8)]), on: other)
    node.send(encode([Array("INFO".utf8), Array("everything".utf8)]), on: other)
    node.advance(by: .milliseconds(1_050))
    let said = Self.said(&node, other)
    #expect(said.hasPrefix("-LOADING Redis is loading the dataset in memory\r\n"))
    let line = try #require(said.split(separator: "\n").first { $0.hasPrefix("id=3 ") || $0.contains("\nid=3 ") })
    #expect(line.contains(" events= cmd=debug "))
    #expect(Self.field("blocked_clients", said) == "0")
    #expect(Self.field("cmdstat_debug", said) == nil)
    #expect(Self.said(&node, client).isEmpty)
    node.advance(by: .milliseconds(451))
    #expect(Self.said(&node, client) == "+OK\r\n+PONG\r\n")
    #expect(node.command("DBSIZE", on: client) == ":1500\r\n")
    let calls = node.command("INFO commandstats", on: client)
    #expect(Self.field("cmdstat_debug", calls)?.hasPrefix("calls=1,") == true)
    #expect(Self.logged(&node).contains { $0.contains("loaded by DEBUG") })
  }

  /// [measured] At the start such a file is cut off and loaded anyway; here that is the end.
  @Test func aTailThatIsNotWholeEndsTheProcess() throws {
    var configuration = Configuration()
    (configuration.enableDebugCommand, configuration.appendonly) = (.yes, true)
    var node = NodeClient(configuration, files: Self.appendOnlyFiles())
    let client = node.connect()
    let name = "appendonlydir/appendonly.aof.2.incr.aof"
    node.change { $0[name]? += Array("*2\r\n$3\r\nGET".utf8) }
    #expect(node.command("DEBUG LOADAOF", on: client).isEmpty)
    let effects = node.takeEffects()
    #expect(effects.last == .exit(code: 1))
    let lines = effects.compactMap { if case .log(let entry) = $0 { entry.text } else { nil } }
    #expect(lines.contains("AOF appendonly.aof.2.incr.aof loaded anyway because aof-load-truncated is enabled"))
  }

  @Test func aClientThatIsKilledMeanwhileGoesAtTheEnd() {
    var node = Self.loading()
    node.advance(by: .seconds(1))
    let (client, other) = (node.connect(), node.connect())
    _ = node.command("DEBUG RELOAD", on: client)
    _ = node.command("CLIENT KILL TYPE normal", on: other)
    node.advance(by: .milliseconds(100))
    #expect(Self.said(&node, other) == ":1\r\n")
    #expect(node.closed.isEmpty)
    node.advance(by: .milliseconds(200))
    #expect(node.closed == [client])
    #expect(Self.said(&node, client).isEmpty)
  }

  @Test func aCommandOfATransactionLoadsInOneGo() {
    var node = Self.loading()
    node.advance(by: .seconds(1))
    let (client, other) = (node.connect(), node.connect())
    for command in ["MULTI", "DEBUG RELOAD", "SET after 1"] { _ = node.command(command, on: client) }
    #expect(node.command("EXEC", on: client).isEmpty)
    #expect(node.command("GET after", on: other).isEmpty)
    node.advance(by: .milliseconds(299))
    #expect(Self.said(&node, other).isEmpty)
    node.advance(by: .milliseconds(1))
    #expect(Self.said(&node, client) == "*2\r\n+OK\r\n+OK\r\n")
    #expect(Self.said(&node, other) == "$1\r\n1\r\n")
  }

  /// [measured] The inner one ends what INFO and others see of both.
  @Test func aLoadWithinALoad() {
    var node = Self.loading()
    let client = node.connect()
    _ = node.command("DEBUG RELOAD", on: client)
    node.send(encode([Array("DBSIZE".utf8)]), on: client)
    node.advance(by: .milliseconds(37))
    #expect(Self.said(&node, client).isEmpty)
    node.advance(by: .milliseconds(40))
    #expect(Self.said(&node, client) == "+OK\r\n:36\r\n")
    #expect(!node.node.isLoading)
    #expect(!Self.logged(&node).contains("Ready to accept connections"))
    node.advance(by: .milliseconds(300))
    #expect(Self.logged(&node).last == "Ready to accept connections")
    #expect(node.command("DBSIZE", on: client) == ":300\r\n")
  }

  @Test func loadsWithinLoadsHaveAnEnd() {
    var node = Self.loading { $0.keyLoadDelay = 0 }
    let clients = (0..<50).map { _ in node.connect() }
    _ = node.command("DEBUG SLEEP 1", on: clients[0])
    let reload = encode(["DEBUG", "RELOAD", "NOSAVE", "MERGE"].map { Array($0.utf8) })
    for client in clients { node.send(reload, on: client) }
    node.advance(by: .seconds(1))
    let replies = clients.map { Self.said(&node, $0) }
    #expect(replies.allSatisfy { $0.hasSuffix("+OK\r\n") })
    #expect(node.node.loads.pile.isEmpty)
    #expect(node.node.databases[0].count == 300)
  }

  // MARK: A full sync through a file

  private func syncing() throws -> (Pump, client: Int) {
    var pump = Pump()
    pump.start("m", port: 7000) { $0.replDisklessSync = false }
    pump.configure("m") { $0.configuration.rdbcompression = false }
    for index in 0..<300 { pump.command("m", "SET key:\(index) \(String(repeating: "x", count: 100))") }
    pump.start("r", port: 7001, seed: 2) {
      $0.replicaof = Address(host: "127.0.0.1", port: 7000)
      $0.replDisklessLoad = .disabled
      $0.keyLoadDelay = 10_000
      $0.loadingProcessEventsInterval = 4_096
    }
    let client = pump.connect(to: "r")
    let begun = pump.run(limit: 3) { $0.nodes["r"]?.isBusyLoading == true }
    try #require(begun)
    return (pump, client)
  }

  private func said(_ pump: Pump, _ client: Int) -> String { pump.wires[client].fromAcceptor.texts.joined() }

  /// [measured] `master_sync_*` say that all has come, and to the master the replica is online.
  @Test func aReplicaLoadsItsFileInTime() throws {
    var (pump, client) = try syncing()
    let begun = pump.now
    pump.send("GET key:1", on: client)
    pump.send("SET a b", on: client)
    pump.send("REPLICAOF NO ONE", on: client)
    pump.send("INFO everything", on: client)
    pump.run(seconds: 0.5)
    let told = said(pump, client)
    let loading = "-LOADING Redis is loading the dataset in memory\r\n"
    #expect(told.hasPrefix(loading + "-READONLY You can't write against a read only replica.\r\n" + loading))
    #expect(Self.field("master_sync_perc", told) == "100.00")
    #expect(Self.field("master_sync_left_bytes", told) == "0")
    #expect(Self.field("master_link_status", told) == "down")
    let keys = try #require(Self.field("rdb_last_load_keys_loaded", told).flatMap { Int($0) })
    #expect((34...36).contains(keys))
    #expect(Self.field("db0", told) == "keys=\(keys),expires=0,avg_ttl=0")
    #expect(pump.command("m", "INFO replication").contains("state=online"))
    pump.command("m", "SET during 1")
    let done = pump.run(limit: 5) { $0.nodes["r"]?.replication.link.state == .connected }
    #expect(done)
    #expect(pump.now.microseconds - begun.microseconds == 3_000_000)
    // At most one newline in each second.
    let newlines = pump.wires(from: "r", to: "m")[0].fromOpener.filter { $0 == [10] }.count
    #expect((3...4).contains(newlines))
    pump.run(seconds: 1)
    #expect(pump.command("r", "GET during") == "$1\r\n1\r\n")
    // How their keys are used is another matter.
    let (replica, master) = (try #require(pump.nodes["r"]), try #require(pump.nodes["m"]))
    #expect(replica.databases.elementsEqual(master.databases))
  }

  /// [measured] It hears of that when it has loaded all, and only then tries to connect anew.
  @Test func aMasterThatDiesMeanwhileIsMissedAfterwards() throws {
    var (pump, _) = try syncing()
    pump.run(seconds: 1)
    pump.kill("m")
    pump.run(seconds: 1)
    #expect(pump.logged("r").last?.hasPrefix("RDB memory usage") == true)
    pump.run(seconds: 1.2)
    let lines = pump.logged("r")
    let done = try #require(lines.firstIndex(of: "MASTER <-> REPLICA sync: Finished with success"))
    #expect(
      lines[done...].prefix(4) == [
        "MASTER <-> REPLICA sync: Finished with success", "Connection with master lost.",
        "Caching the disconnected master state.", "Reconnecting to MASTER 127.0.0.1:7000",
      ])
    #expect(pump.nodes["r"]?.databases[0].count == 300)
  }

  /// [measured] "Error reply to PING from master", once a second.
  @Test func aReplicaOfAMasterThatLoadsTriesAgain() throws {
    var pump = Pump()
    pump.start("m", port: 7000) { $0.rdbcompression = false }
    for index in 0..<300 { pump.command("m", "SET key:\(index) \(String(repeating: "x", count: 100))") }
    pump.command("m", "SAVE")
    pump.kill("m")
    pump.start("m", port: 7000) {
      $0.keyLoadDelay = 10_000
      $0.loadingProcessEventsInterval = 4_096
    }
    pump.start("r", port: 7001, seed: 2) { $0.replicaof = Address(host: "127.0.0.1", port: 7000) }
    pump.run(seconds: 3.1)
    let refused = "Error reply to PING from master: '-LOADING Redis is loading the dataset in memory'"
    #expect(pump.logged("r").filter { $0 == refused }.count == 3)
    pump.run(seconds: 1)
    #expect(pump.nodes["r"]?.databases == pump.nodes["m"]?.databases)
  }

  /// [measured] Before the first line of the payload has come.
  @Test func whatIsNotKnownYetIsNoughtWithASign() {
    #expect((0 / -1.0 * 100).twoPlaces == "-0.00")
    #expect(0.0.twoPlaces == "0.00")
    #expect((-0.001).twoPlaces == "-0.00")
  }
}
