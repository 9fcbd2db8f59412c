import Redis
import Testing

@testable import Lab

@Suite("What is wrong with a machine")
struct MachineFaultTests {
  /// `m` and its replica `r`, in step.
  private static func pair(_ directives: String = "") throws -> Timeline {
    var timeline = try topology(directives)
    _ = timeline.advance(by: .seconds(3))
    return timeline
  }

  private func reply(_ timeline: inout Timeline, _ node: String, _ command: String) throws -> String {
    _ = try timeline.command(node, words(command))
    return String(decoding: timeline.current?.reply ?? [], as: UTF8.self)
  }

  private func logs(_ timeline: Timeline, of node: String) -> [String] {
    var lines: [String] = []
    timeline.forEachStep { step in
      for note in step.notes where note.node == node {
        if case .log(let entry) = note.content { lines.append(entry.text) }
      }
    }
    return lines
  }

  // MARK: The clock

  @Test(
    "a replica whose clock is ahead hides what expires before its master does, and one behind it shows it for longer")
  func expiry() throws {
    var timeline = try Self.pair()
    try timeline.apply(.skew(node: "r", .seconds(10)))
    _ = try timeline.command("m", words("SET k v PX 5000"))
    _ = timeline.advance(by: .seconds(1))
    #expect(try reply(&timeline, "m", "GET k") == "$1\r\nv\r\n")
    #expect(try reply(&timeline, "r", "GET k") == "$-1\r\n")
    try timeline.apply(.skew(node: "r", .seconds(-10)))
    #expect(try reply(&timeline, "r", "GET k") == "$1\r\nv\r\n")
    // The master's DEL ends it for both.
    _ = timeline.advance(by: .seconds(5))
    #expect(try reply(&timeline, "r", "EXISTS k") == ":0\r\n")
  }

  @Test("timers go on as they would have, forwards and backwards, and TIME says what the clock shows")
  func timers() throws {
    var timeline = try Self.pair()
    let before = timeline.world.now
    for skew in [3_600, -3_600, 0] as [Int64] {
      try timeline.apply(.skew(node: "m", .seconds(skew)))
      // The master pings its replica every ten seconds, and stays its master.
      _ = timeline.advance(by: .seconds(25))
      #expect(try Expression("r.link = connected and r.offset = m.offset").holds(in: timeline.world))
      _ = try timeline.command("m", words("SET k \(skew)"))
      _ = timeline.advance(by: .seconds(2))
      #expect(try reply(&timeline, "r", "GET k") == "$\("\(skew)".utf8.count)\r\n\(skew)\r\n")
    }
    try timeline.apply(.skew(node: "m", .seconds(100)))
    let seconds = (timeline.world.now + .seconds(100)).seconds
    #expect(try reply(&timeline, "m", "TIME").contains("\(seconds)"))
    #expect(timeline.world.now - before < .seconds(90))
    #expect(throws: LabError.self) { try timeline.apply(.skew(node: "m", .seconds(100))) }
    #expect(throws: LabError.self) { try timeline.apply(.skew(node: "m", .seconds(.max))) }
  }

  @Test(
    "a sleep, a script that goes on and a child take as long as they would have", arguments: [-7_200, 7_200] as [Int64])
  func sleeps(skew: Int64) throws {
    var timeline = try Self.pair("--rdb-key-save-delay 500000 --enable-debug-command yes")
    _ = try timeline.command("m", words("BGSAVE"))
    try timeline.apply(.skew(node: "m", .seconds(skew)))
    // Two keys, half a second for each.
    _ = timeline.advance(by: .milliseconds(900))
    #expect(timeline.world.machine("m")?.node?.child != nil)
    _ = timeline.advance(by: .milliseconds(400))
    #expect(timeline.world.machine("m")?.node?.child == nil)
    try timeline.apply(.command(node: "m", arguments: words("DEBUG SLEEP 2")))
    try timeline.apply(.skew(node: "m", .zero))
    _ = timeline.advance(by: .milliseconds(1_900))
    #expect(timeline.world.machine("m")?.node?.isStalled == true)
    _ = timeline.advance(by: .milliseconds(200))
    #expect(timeline.world.machine("m")?.node?.isStalled == false)
  }

  @Test("a Sentinel whose clock is set goes into TILT, whichever way", arguments: [-60, 60] as [Int64])
  func tilt(skew: Int64) throws {
    var timeline = try Self.pair()
    let arguments = ["--sentinel", "monitor mymaster 127.0.0.1 7000 1", "--port", "26379"]
    try timeline.apply(.start(node: "s", Launch(arguments: arguments)))
    _ = timeline.advance(by: .seconds(5))
    #expect(!logs(timeline, of: "s").contains { $0.hasPrefix("+tilt") })
    try timeline.apply(.skew(node: "s", .seconds(skew)))
    _ = timeline.advance(by: .seconds(5))
    #expect(logs(timeline, of: "s").contains("+tilt #tilt mode entered"))
    _ = timeline.advance(by: .seconds(30))
    #expect(logs(timeline, of: "s").contains("-tilt #tilt mode exited"))
  }

  // MARK: The address

  @Test("a replica behind a NAT is listed with an address that leads nowhere, until it says what leads to it")
  func replicaBehindNAT() throws {
    var timeline = try topology("--protected-mode no")
    try timeline.apply(.nat(node: "r", OutsideAddress(host: "10.0.0.5", port: 17_001)))
    _ = timeline.advance(by: .seconds(3))
    #expect(try Expression("r.link = connected").holds(in: timeline.world))
    #expect(try reply(&timeline, "m", "INFO replication").contains("slave0:ip=10.0.0.5,port=7001,state=online"))
    #expect(try reply(&timeline, "m", "ROLE").contains("10.0.0.5"))
    let arguments = [
      "--sentinel", "monitor mymaster 127.0.0.1 7000 1", "--sentinel", "down-after-milliseconds mymaster 1000",
      "--port", "26379",
    ]
    try timeline.apply(.start(node: "s", Launch(arguments: arguments)))
    _ = timeline.advance(by: .seconds(5))
    #expect(logs(timeline, of: "s").contains { $0.hasPrefix("+sdown slave 10.0.0.5:7001") })

    _ = try timeline.command("r", words("CONFIG SET replica-announce-ip 10.0.0.5 replica-announce-port 17001"))
    try timeline.apply(.cut(try #require(timeline.world.links.first { $0.opener.party == .node("r") }).id))
    _ = timeline.advance(by: .seconds(25))
    #expect(try reply(&timeline, "m", "INFO replication").contains("slave0:ip=10.0.0.5,port=17001,state=online"))
    let sentinel = timeline.world.machine("s")?.node?.sentinel
    let known = try #require(sentinel?.masters["mymaster"]?.slaves)
    #expect(
      known.contains { $0.value.address == Address(host: "10.0.0.5", port: 17_001) && !$0.value.flags.contains(.sDown) }
    )
    try timeline.apply(.kill(node: "m"))
    _ = timeline.advance(by: .seconds(10))
    #expect(try Expression("r.role = master").holds(in: timeline.world))
  }

  @Test("nobody gets in to a master behind a NAT but by the port that leads there, and what is there stays")
  func masterBehindNAT() throws {
    var timeline = try Self.pair()
    try timeline.apply(.nat(node: "m", OutsideAddress(host: "10.0.0.9", port: nil)))
    _ = try timeline.command("m", words("SET k 1"))
    _ = timeline.advance(by: .seconds(1))
    #expect(try Expression("r.offset = m.offset").holds(in: timeline.world))
    try timeline.apply(.cut(try #require(timeline.world.links.first { $0.opener.party == .node("r") }).id))
    _ = timeline.advance(by: .seconds(5))
    #expect(logs(timeline, of: "r").contains("Error condition on socket for SYNC: Connection refused"))
    try timeline.apply(.nat(node: "m", OutsideAddress(host: "10.0.0.9", port: 7000)))
    _ = try timeline.command("r", words("REPLICAOF 10.0.0.9 7000"))
    _ = timeline.advance(by: .seconds(5))
    #expect(try Expression("r.link = connected").holds(in: timeline.world))
    try timeline.apply(.nat(node: "m", nil))
    _ = try timeline.command("r", words("REPLICAOF 127.0.0.1 7000"))
    _ = timeline.advance(by: .seconds(5))
    #expect(try Expression("r.link = connected").holds(in: timeline.world))
    for host in ["127.0.0.5", "nowhere", "10.0.0", ""] {
      #expect(throws: LabError.self) { try timeline.apply(.nat(node: "m", OutsideAddress(host: host, port: nil))) }
    }
    #expect(throws: LabError.self) { try timeline.apply(.nat(node: "m", OutsideAddress(host: "10.0.0.9", port: 0))) }
    #expect(throws: LabError.self) { try timeline.apply(.nat(node: "m", nil)) }
  }

  @Test("a master without a password sends those away who come from elsewhere, as its protected mode says")
  func protectedMode() throws {
    var timeline = try topology()
    try timeline.apply(.nat(node: "r", OutsideAddress(host: "10.0.0.5", port: nil)))
    _ = timeline.advance(by: .seconds(3))
    #expect(try Expression("r.link != connected and m.replicas = 0").holds(in: timeline.world))
    #expect(
      logs(timeline, of: "r").contains { $0.hasPrefix("Error reply to PING from master: '-DENIED Redis is running") })
    #expect(try reply(&timeline, "m", "INFO stats").contains("rejected_connections:3"))
    _ = try timeline.command("m", words("CONFIG SET protected-mode no"))
    _ = timeline.advance(by: .seconds(3))
    #expect(try Expression("r.link = connected").holds(in: timeline.world))
  }

  // MARK: Processes and formats

  @Test("where there is no memory for a child, nothing is saved, and no replica gets a snapshot, until there is")
  func noFork() throws {
    var timeline = try Self.pair("--save 3600 1")
    try timeline.apply(.fix(node: "m", .fork(fails: true)))
    #expect(try reply(&timeline, "m", "BGSAVE") == "-ERR\r\n")
    #expect(logs(timeline, of: "m").contains("Can't save in background: fork: Cannot allocate memory"))
    #expect(try reply(&timeline, "m", "SET a 1").hasPrefix("-MISCONF"))
    try timeline.apply(.fix(node: "m", .fork(fails: false)))
    #expect(try reply(&timeline, "m", "BGSAVE") == "+Background saving started\r\n")
    _ = timeline.advance(by: .seconds(1))
    #expect(try reply(&timeline, "m", "SET a 1") == "+OK\r\n")
  }

  @Test("a full sync is refused without a child, by whichever way it was to go", arguments: ["yes", "no"])
  func noForkForReplicas(diskless: String) throws {
    var timeline = try Self.pair("--repl-diskless-sync \(diskless)")
    try timeline.apply(.fix(node: "m", .fork(fails: true)))
    try timeline.apply(.start(node: "s", Launch(arguments: ["--port", "7002", "--replicaof", "127.0.0.1 7000"])))
    _ = timeline.advance(by: .seconds(2))
    #expect(logs(timeline, of: "m").contains("BGSAVE for replication failed"))
    #expect(try !Expression("s.link = connected").holds(in: timeline.world))
    try timeline.apply(.fix(node: "m", .fork(fails: false)))
    // A snapshot on disk that failed is held against the master, which then answers PING with MISCONF, until one succeeds.
    _ = try timeline.command("m", words("BGSAVE"))
    _ = timeline.advance(by: .seconds(5))
    #expect(try Expression("s.link = connected").holds(in: timeline.world))
  }

  @Test(
    "a snapshot of a newer format is refused again and again, by an older one's reader", arguments: [(12, 10), (10, 9)])
  func newerFormat(master: Int, replica: Int) throws {
    var timeline = try Self.pair()
    try timeline.apply(.fix(node: "m", .rdbVersion(master)))
    try timeline.apply(.fix(node: "s", .rdbVersion(replica)))
    timeline.check(true)
    try timeline.apply(.start(node: "s", Launch(arguments: ["--port", "7002", "--replicaof", "127.0.0.1 7000"])))
    #expect(timeline.advance(by: .seconds(30)).stop == .broken(.endlessSync(replica: "s", master: "m", count: 3)))
    #expect(logs(timeline, of: "s").contains("Can't handle RDB format version \(master)"))
    try timeline.apply(.fix(node: "s", .rdbVersion(master)))
    _ = timeline.advance(by: .seconds(10))
    #expect(try Expression("s.link = connected").holds(in: timeline.world))
    #expect(try reply(&timeline, "s", "GET key0") == "$5\r\nvalue\r\n")
    // The other way round an older snapshot is no trouble.
    try timeline.apply(.fix(node: "m", .rdbVersion(9)))
    try timeline.apply(.start(node: "t", Launch(arguments: ["--port", "7003", "--replicaof", "127.0.0.1 7000"])))
    _ = timeline.advance(by: .seconds(5))
    #expect(try Expression("t.link = connected").holds(in: timeline.world))
    for version in [8, 13, -1, .max] {
      #expect(throws: LabError.self) { try timeline.apply(.fix(node: "m", .rdbVersion(version))) }
    }
  }

  @Test("what was done to machines is done again by the script")
  func script() throws {
    var timeline = try Self.pair()
    try timeline.apply(.skew(node: "m", .seconds(10)))
    try timeline.apply(.skew(node: "m", .milliseconds(-1_500)))
    try timeline.apply(.skew(node: "m", .zero))
    try timeline.apply(.nat(node: "r", OutsideAddress(host: "10.0.0.5", port: 17_001)))
    try timeline.apply(.nat(node: "r", nil))
    try timeline.apply(.fix(node: "r", .fork(fails: true)))
    try timeline.apply(.fix(node: "r", .rdbVersion(9)))
    #expect(
      timeline.script().lines.suffix(7) == [
        "skew m +10s", "skew m -1.5s", "skew m off", "nat r 10.0.0.5:17001", "nat r off", "fix r fork fail",
        "fix r rdb-version 9",
      ])
  }
}
