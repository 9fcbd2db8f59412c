import Testing

@testable import Redis

/// A node has at most one child, whoever asks for another.
@Suite struct ChildTests {
  /// A master whose rewrite of the append-only file, or snapshot, takes two seconds, and has just begun.
  private func busy(_ command: String, diskless: Bool = false) -> Pump {
    var pump = Pump()
    pump.start("m", port: 7000) {
      $0.replDisklessSync = diskless
      $0.rdbKeySaveDelay = 200_000
    }
    pump.run(seconds: 0.5)
    for index in 0..<10 { pump.command("m", "SET key:\(index) value") }
    let reply = pump.command("m", command)
    #expect(reply.hasPrefix("+Background"))
    return pump
  }

  static let ways: [(busyWith: String, command: String)] = ["BGSAVE", "BGREWRITEAOF"].flatMap { child in
    [
      "BGSAVE", "BGSAVE SCHEDULE", "BGREWRITEAOF", "CONFIG SET appendonly yes", "CONFIG SET save 1:1", "FLUSHALL",
      "SAVE", "DEBUG RELOAD", "SWAPDB 0 1",
    ].map { (child, $0) }
  }

  @Test(arguments: ways.indices) func noCommandBeginsAnother(_ index: Int) throws {
    let way = Self.ways[index]
    var pump = busy(way.busyWith)
    pump.run(seconds: 1)
    let child = try #require(pump.nodes["m"]?.child)
    pump.command("m", way.command)
    let now = try #require(pump.nodes["m"])
    // FLUSHALL kills a snapshot, and `appendonly yes` a rewrite to begin another; neither leaves two.
    if let left = now.child, left.process.state != .killed, left.process.id == child.process.id {
      #expect(now.children.count == 1)
    } else {
      #expect(["FLUSHALL", "CONFIG SET appendonly yes"].contains(way.command))
    }
    pump.run(seconds: 10)
    #expect(pump.nodes["m"]?.child == nil)
  }

  @Test(arguments: [true, false]) func aReplicaWaitsForTheEndOfARewrite(_ diskless: Bool) throws {
    var pump = busy("BGREWRITEAOF", diskless: diskless)
    let rewrite = try #require(pump.nodes["m"]?.child)
    pump.start("r", port: 7001, seed: 2) { $0.replicaof = Address(host: "127.0.0.1", port: 7000) }
    pump.run(seconds: 1)
    #expect(pump.nodes["m"]?.child == rewrite)
    #expect(
      pump.logged("m").last
        == "No BGSAVE in progress, but another BG operation is active. BGSAVE for replication delayed")
    // As long as it waits it is told with newlines that somebody is there.
    #expect(pump.wires(from: "r", to: "m")[0].fromAcceptor.contains([10]))
    pump.run(seconds: 6)
    let logged = pump.logged("m")
    let end = try #require(logged.firstIndex(of: "Background AOF rewrite finished successfully"))
    #expect(
      logged[end + 1]
        == (diskless
          ? "Starting BGSAVE for SYNC with target: replicas sockets" : "Starting BGSAVE for SYNC with target: disk"))
    #expect(pump.nodes["r"]?.replication.link.state == .connected)
    #expect(pump.nodes["r"]?.databases == pump.nodes["m"]?.databases)
  }

  @Test func aSnapshotForReplicasComesBeforeOneThatWasScheduled() {
    var pump = busy("BGREWRITEAOF")
    #expect(pump.command("m", "BGSAVE SCHEDULE") == "+Background saving scheduled\r\n")
    pump.start("r", port: 7001, seed: 2) { $0.replicaof = Address(host: "127.0.0.1", port: 7000) }
    pump.run(seconds: 10)
    let begun = pump.logged("m").filter { $0.hasPrefix("Starting BGSAVE") || $0.hasPrefix("Background saving started") }
    #expect(begun.count == 3)
    #expect(begun.first?.hasPrefix("Starting BGSAVE for SYNC") == true)
    #expect(pump.nodes["m"]?.saving.isScheduled == false)
  }

  @Test func aChildThatIsKilledSaysSo() {
    var pump = busy("BGSAVE")
    pump.command("m", "FLUSHALL")
    pump.run(seconds: 0.2)
    #expect(
      pump.logged("m").suffix(2) == [
        "Received SIGUSR1 in child, exiting now.", "Background saving terminated by signal 10",
      ])
  }

  /// `rdb-key-save-delay` is the child's pace, wherever it writes to.
  @Test func aDisklessSnapshotComesAsSlowlyAsItIsWritten() throws {
    var pump = Pump()
    pump.start("m", port: 7000) { $0.rdbKeySaveDelay = 10_000 }
    pump.configure("m") { $0.configuration.rdbcompression = false }
    for index in 0..<100 { pump.command("m", "SET key:\(index) \(String(repeating: "x", count: 1_000))") }
    pump.start("r", port: 7001, seed: 2) { $0.replicaof = Address(host: "127.0.0.1", port: 7000) }
    let begun = pump.run(limit: 2) { $0.nodes["m"]?.child != nil }
    #expect(begun)
    let fork = pump.now
    var blocks: [Int64] = []
    var count = 0
    _ = pump.run(limit: 2) {
      let sent = $0.wires(from: "r", to: "m")[0].fromAcceptor.count
      if sent > count { blocks.append(($0.now.microseconds - fork.microseconds) / 1_000) }
      count = sent
      return $0.nodes["r"]?.replication.link.state == .connected
    }
    // About sixteen keys fill a block of 16 KiB; the last block is there when all hundred are done.
    #expect(blocks.count == 8)
    #expect(blocks[1] == 170)
    #expect(blocks.last == 1_000)
    #expect(pump.nodes["r"]?.databases == pump.nodes["m"]?.databases)
  }
}
