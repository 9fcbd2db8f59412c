import Testing

@testable import Redis

/// A replica that loads from its connection does nothing else: Redis reads the socket in a loop.
@Suite struct LoadingTests {
  /// A replica of a master with a hundred keys of a hundred bytes, in the middle of its transfer.
  private func loading(
    block: Int = 500, _ configure: @escaping (inout Configuration) -> Void = { _ in }
  ) throws -> (Pump, client: Int) {
    var pump = Pump()
    pump.start("m", port: 7000) { $0.replDisklessSyncDelay = 0 }
    pump.configure("m") {
      $0.configuration.rdbcompression = false
      $0.replication.chunkSize = .bytes(block)
    }
    for index in 0..<100 { pump.command("m", "SET key:\(index) \(String(repeating: "x", count: 100))") }
    pump.start("r", port: 7001, seed: 2) {
      $0.replicaof = Address(host: "127.0.0.1", port: 7000)
      $0.replDisklessLoad = .onEmptyDB
      configure(&$0)
    }
    let client = pump.connect(to: "r")
    let begun = pump.run(limit: 3) { $0.nodes["r"]?.replication.link.transfer?.loader != nil }
    try #require(begun)
    return (pump, client)
  }

  private func said(_ pump: Pump, _ client: Int) -> [String] { pump.wires[client].fromAcceptor.texts }

  @Test func nobodyIsAnsweredWhileNothingComes() throws {
    var (pump, client) = try loading()
    pump.paused = ["m"]
    pump.send("GET key:1", on: client)
    pump.send("PING", on: client)
    pump.run(seconds: 30)
    #expect(said(pump, client).isEmpty)
    #expect(pump.nodes["r"]?.isLoading == true)
    // Nor does it acknowledge, or see to its own timer.
    #expect(pump.wires(from: "r", to: "m")[0].fromOpener.last?.starts(with: "*3".utf8) == true)
    pump.paused = []
    pump.run(seconds: 1)
    #expect(said(pump, client) == ["$100\r\n\(String(repeating: "x", count: 100))\r\n", "+PONG\r\n"])
    #expect(pump.nodes["r"]?.saving.lastLoadLoaded == 100)
  }

  @Test func aReadGivesUpAfterReplTimeout() throws {
    var (pump, client) = try loading { $0.replTimeout = 10 }
    pump.paused = ["m"]
    pump.send("PING", on: client)
    pump.run(seconds: 9)
    #expect(said(pump, client).isEmpty)
    pump.run(seconds: 2)
    #expect(said(pump, client) == ["+PONG\r\n"])
    #expect(
      pump.logged("r").contains("Failed trying to load the MASTER synchronization DB from socket: Connection timed out")
    )
    #expect(pump.nodes["r"]?.databases[0].isEmpty == true)
  }

  @Test func othersAreSeenToEverySoManyBytes() throws {
    var (pump, client) = try loading { $0.loadingProcessEventsInterval = 1_024 }
    pump.send("GET key:1", on: client)
    pump.send("PING", on: client)
    let answered = pump.run(limit: 1) { !$0.wires[client].fromAcceptor.isEmpty }
    #expect(answered)
    #expect(pump.nodes["r"]?.isLoading == true)
    #expect(said(pump, client).first == "-LOADING Redis is loading the dataset in memory\r\n")
    // One newline a second, to tell the master that somebody is there.
    #expect(pump.wires(from: "r", to: "m")[0].fromOpener.filter { $0 == [10] }.count == 1)
    pump.run(seconds: 2)
    #expect(pump.nodes["r"]?.databases == pump.nodes["m"]?.databases)
  }

  @Test(arguments: [500, 16_384, 100_000]) func keysAreLoadedAtThePaceOfKeyLoadDelay(_ block: Int) throws {
    var (pump, client) = try loading(block: block) {
      $0.keyLoadDelay = 20_000
      $0.loadingProcessEventsInterval = 4_096
    }
    let begun = pump.now
    pump.send("GET key:99", on: client)
    let done = pump.run(limit: 5) { $0.nodes["r"]?.replication.link.state == .connected }
    #expect(done)
    #expect(pump.now.microseconds - begun.microseconds == 2_000_000)
    #expect(said(pump, client) == ["-LOADING Redis is loading the dataset in memory\r\n"])
    #expect(pump.logged("r").contains("Done loading RDB, keys loaded: 100, keys expired: 0."))
    #expect(pump.nodes["r"]?.databases == pump.nodes["m"]?.databases)
    pump.run(seconds: 1.2)
    pump.command("m", "SET after 1")
    pump.run(seconds: 0.1)
    #expect(pump.command("r", "GET after") == "$1\r\n1\r\n")
  }

  /// The same fields as a real server's, which has read into the next key.
  @Test func infoTellsHowFarItIs() throws {
    var (pump, client) = try loading {
      $0.keyLoadDelay = 40_000
      $0.loadingProcessEventsInterval = 4_096
    }
    let begun = pump.now.seconds
    pump.send("INFO persistence", on: client)
    let answered = pump.run(limit: 5) { !$0.wires[client].fromAcceptor.isEmpty }
    #expect(answered)
    let lines = said(pump, client).joined().split(separator: "\r\n").map(String.init)
    func field(_ name: String) -> String {
      lines.first { $0.hasPrefix(name + ":") }.map { String($0.dropFirst(name.count + 1)) } ?? ""
    }
    let loaded = Int64(field("loading_loaded_bytes")) ?? 0
    #expect((3_900...4_096).contains(loaded))
    #expect(field("loading") == "1")
    #expect(field("async_loading") == "0")
    #expect((34...37).contains(Int(field("rdb_last_load_keys_loaded")) ?? 0))
    #expect(lines.suffix(6).first == "loading_start_time:\(begun)")
    #expect(field("loading_total_bytes") == "0")
    let used = try #require(Int64(field("loading_rdb_used_mem")))
    #expect((900_000...1_100_000).contains(used))
    #expect(field("loading_loaded_perc") == "0.\((loaded + 50) / 100)")
    let elapsed = pump.now.seconds - begun
    #expect(field("loading_eta_seconds") == "\(elapsed == 0 ? 1 : elapsed * (used - loaded) / (loaded + 1))")
    pump.run(seconds: 5)
    #expect(!pump.command("r", "INFO persistence").contains("loading_"))
  }

  /// [measured] It is noted at once. A read that it interrupts never gives up any more.
  @Test func aSignalIsHeededOnceAllIsLoaded() throws {
    var (pump, _) = try loading { $0.replTimeout = 10 }
    pump.paused = ["m"]
    pump.terminate("r")
    pump.run(seconds: 60)
    #expect(pump.logged("r").last == "Received shutdown signal during loading, scheduling shutdown.")
    pump.paused = []
    pump.run(seconds: 1)
    #expect(pump.exits["r"] == 0)
    #expect(
      pump.logged("r").suffix(4) == [
        "Done loading RDB, keys loaded: 100, keys expired: 0.", "MASTER <-> REPLICA sync: Finished with success",
        "User requested shutdown...", "Redis is now ready to exit, bye bye...",
      ])
  }

  @Test func aSignalIsHeededWhereItLooksUp() throws {
    var (pump, _) = try loading {
      $0.keyLoadDelay = 20_000
      $0.loadingProcessEventsInterval = 4_096
    }
    pump.terminate("r")
    pump.run(seconds: 1)
    #expect(pump.exits["r"] == 0)
    #expect(!pump.logged("r").contains("MASTER <-> REPLICA sync: Finished with success"))
  }

  @Test func whatIsLoadedIsThereForWhoeverLooks() throws {
    var (pump, client) = try loading {
      $0.keyLoadDelay = 20_000
      $0.loadingProcessEventsInterval = 4_096
    }
    pump.send("INFO keyspace", on: client)
    let answered = pump.run(limit: 5) { !$0.wires[client].fromAcceptor.isEmpty }
    #expect(answered)
    let keys = pump.nodes["r"]?.saving.lastLoadLoaded ?? 0
    #expect((34...37).contains(keys))
    #expect(said(pump, client).joined().contains("db0:keys=\(keys),"))
  }

  @Test func aConnectionThatEndsInTheMiddleIsBegunAnew() throws {
    var (pump, client) = try loading()
    pump.send("PING", on: client)
    pump.cut(try #require(pump.wires.indices.last { pump.wires[$0].opener == "r" && pump.wires[$0].isOpen }))
    pump.run(seconds: 2)
    #expect(said(pump, client) == ["+PONG\r\n"])
    #expect(pump.nodes["r"]?.databases == pump.nodes["m"]?.databases)
  }

  @Test func theTimerCanBePaused() throws {
    var pump = ReplicationTests.pair(master: { $0.enableDebugCommand = .yes })
    pump.run(seconds: 1.2)
    pump.command("m", "SET gone 1 PX 100")
    #expect(pump.command("m", "DEBUG PAUSE-CRON 1") == "+OK\r\n")
    pump.run(seconds: 15)
    #expect(pump.nodes["m"]?.databases[0].count == 4)
    // The PING of the tenth second was not sent.
    let offset = try #require(pump.nodes["m"]?.replication.offset)
    #expect(pump.nodes["r"]?.replication.offset == offset)
    #expect(pump.command("m", "DEBUG PAUSE-CRON 0") == "+OK\r\n")
    pump.run(seconds: 0.3)
    #expect(pump.nodes["m"]?.databases[0].count == 3)
  }

  @Test func whatIsReplacedAtOnceIsFreedInTheBackground() throws {
    var pump = Pump()
    pump.start("m", port: 7000)
    pump.start("r", port: 7001, seed: 2) { $0.replDisklessLoad = .swapdb }
    pump.run(seconds: 1)
    for key in ["a", "b", "c"] { pump.command("m", "SET \(key) 1") }
    pump.command("r", "SET old 1")
    pump.command("r", "REPLICAOF 127.0.0.1 7000")
    pump.run(seconds: 3)
    #expect(pump.nodes["r"]?.statistics.lazyfreedObjects == 1)
    pump.command("m", "FLUSHALL")
    pump.command("m", "SET d 1")
    pump.command("m", "FLUSHDB ASYNC")
    pump.run(seconds: 1)
    #expect(pump.nodes["m"]?.statistics.lazyfreedObjects == 1)
    #expect(pump.nodes["r"]?.statistics.lazyfreedObjects == 2)
  }
}
