import Capture
import Dissection
import Redis
import Testing

@testable import Lab

@Suite("A fault")
struct FaultTests {
  /// The replica follows the stream.
  private func synced() throws -> Timeline {
    var timeline = try topology()
    _ = timeline.resume()
    #expect(try Expression("r.state = connected").holds(in: timeline.world))
    return timeline
  }

  private func replicationLink(_ timeline: Timeline) throws -> Link {
    try #require(timeline.world.links.first { !$0.isClient })
  }

  private func holds(_ text: String, _ timeline: Timeline) throws -> Bool {
    try Expression(text).holds(in: timeline.world)
  }

  @Test("cut: both ends see a reset, what was in flight is lost, and a partial resync brings it back")
  func cut() throws {
    var timeline = try synced()
    let link = try replicationLink(timeline)
    _ = try timeline.command("m", words("SET lost found"))
    try timeline.apply(.cut(link.id))
    let from = timeline.position
    _ = timeline.stepPacket(2)
    #expect((from + 1...timeline.position).flatMap { timeline[$0].packets }.map(PacketKind.init) == [.reset, .reset])
    #expect(try timeline.until(Expression("r.keys = 3")).stop == .done)
    #expect(try holds("r.offset = m.offset", timeline))
    var continued = false
    timeline.forEachStep { step in
      for delivery in step.delivered {
        if case .partialResync = delivery.message.kind { continued = true }
      }
    }
    #expect(continued)
  }

  @Test("kill -9 in the middle of a transfer: the replica hears of the end, keeps trying, and syncs after a restart")
  func killMidTransfer() throws {
    var timeline = try topology(keys: 40)
    try timeline.apply(.chunk(node: "m", .bytes(100)))
    _ = try timeline.addBreakpoint("phase transfer", temporary: true)
    #expect(timeline.resume().stop == .breakpoint(number: 1))
    try timeline.apply(.kill(node: "m"))
    #expect(timeline.resume().stop == .quiet)
    #expect(try holds("r.keys = 0 and r.link = connect and m.life = killed", timeline))
    try timeline.apply(.restart(node: "m"))
    _ = try timeline.command("m", words("SET after restart"))
    #expect(timeline.resume().stop == .quiet)
    #expect(try holds("r.keys = 1 and r.state = connected", timeline))
  }

  @Test("a partition holds what is sent, and healing lets all of it through in order")
  func partition() throws {
    var timeline = try synced()
    try timeline.apply(.partition("m", "r"))
    for number in 0..<10 { _ = try timeline.command("m", words("SET n \(number)")) }
    _ = timeline.advance(by: .seconds(2))
    #expect(try holds("r.offset < m.offset", timeline))
    #expect(timeline.world.pending.contains { if case .arrival(_, _, held: true) = $0.event { true } else { false } })
    try timeline.apply(.heal("r", "m"))
    _ = timeline.resume()
    #expect(try holds("r.offset = m.offset and r.state = connected", timeline))
    _ = try timeline.command("r", words("GET n"))
    #expect(timeline.current?.reply == Array("$1\r\n9\r\n".utf8))
  }

  @Test("a partition that lasts longer than repl-timeout makes both sides give up")
  func longPartition() throws {
    var timeline = try synced()
    try timeline.apply(.partition("m", "r"))
    _ = timeline.advance(by: .seconds(70))
    #expect(try holds("r.state != connected", timeline))
    #expect(try holds("m.replicas = 0", timeline))
    try timeline.apply(.heal("m", "r"))
    #expect(try timeline.until(Expression("r.state = connected")).stop == .done)
  }

  @Test("lag sets how long a packet travels")
  func lag() throws {
    var timeline = try synced()
    try timeline.apply(.lag(try replicationLink(timeline).id, .milliseconds(300)))
    _ = try timeline.command("m", words("SET a b"))
    let sent = timeline.world.now
    #expect(try timeline.until(Expression("r.keys = 3")).stop == .done)
    #expect(timeline.world.now - sent == .milliseconds(300))
  }

  @Test("a lag between nodes stays when they connect anew, may be set before they are connected, and ends with heal")
  func lagBetween() throws {
    func lags(_ timeline: Timeline) -> [Interval] { timeline.world.links.filter { !$0.isClient }.map(\.lag) }
    var timeline = try synced()
    try timeline.apply(.lagBetween("r", "m", .milliseconds(300)))
    #expect(lags(timeline) == [.milliseconds(300)])
    try timeline.apply(.cut(try replicationLink(timeline).id))
    _ = timeline.advance(by: .seconds(10))
    #expect(try holds("r.link = connected", timeline))
    #expect(lags(timeline) == [.milliseconds(300)])
    try timeline.apply(.heal("m", "r"))
    #expect(lags(timeline) == [World.latency])
    #expect(throws: LabError.self) { try timeline.apply(.heal("m", "r")) }
    // Whoever is not there yet.
    try timeline.apply(.start(node: "s", Launch(arguments: ["--port", "7002"])))
    try timeline.apply(.lagBetween("s", "m", .seconds(1)))
    _ = try timeline.command("s", words("REPLICAOF 127.0.0.1 7000"))
    _ = timeline.advance(by: .seconds(20))
    #expect(try holds("s.link = connected", timeline))
    #expect(Set(lags(timeline)) == [World.latency, .seconds(1)])
    try timeline.apply(.lagBetween("m", "s", World.latency))
    #expect(timeline.world.paths.isEmpty)
    #expect(throws: LabError.self) { try timeline.apply(.lagBetween("m", "s", .seconds(-1))) }
  }

  @Test("split cuts one packet in pieces, and the message is delivered with the last")
  func split() throws {
    var timeline = try synced()
    let link = try replicationLink(timeline)
    _ = try timeline.command("m", words("SET a b"))
    try timeline.apply(.split(link.id, towards: .opener, sizes: [1, 20]))
    let from = timeline.position
    _ = timeline.step()
    let steps = (from + 1...timeline.position).map { timeline[$0] }
    let sizes = steps.flatMap(\.packets).map(\.payload.count).filter { $0 > 0 }
    #expect(sizes.count > 1 && sizes.first == 1)
    #expect(steps.dropLast().allSatisfy { $0.delivered.isEmpty })
    _ = timeline.resume()
    #expect(try holds("r.offset = m.offset", timeline))
    #expect(throws: LabError.self) { try timeline.apply(.split(link.id, towards: .opener, sizes: [1])) }
  }

  @Test("a paused node takes in nothing, its kernel acknowledges, and it catches up when it goes on")
  func pause() throws {
    var timeline = try synced()
    try timeline.apply(.pause(node: "r"))
    _ = try timeline.command("m", words("SET a b"))
    _ = timeline.advance(by: .seconds(3))
    #expect(try holds("r.keys = 2 and m.acknowledged < m.offset", timeline))
    #expect(throws: LabError.self) { try timeline.command("r", words("PING")) }
    try timeline.apply(.resume(node: "r"))
    _ = timeline.resume()
    #expect(try holds("r.keys = 3", timeline))
  }

  @Test("a process that dies with unread data resets its peer")
  func unread() throws {
    var timeline = try synced()
    try timeline.apply(.pause(node: "r"))
    _ = try timeline.command("m", words("SET a b"))
    _ = timeline.advance(by: .seconds(1))
    try timeline.apply(.kill(node: "r"))
    let from = timeline.position
    _ = timeline.stepPacket()
    #expect((from + 1...timeline.position).flatMap { timeline[$0].packets }.map(PacketKind.init) == [.reset])
    #expect(try holds("m.replicas = 0", timeline))
  }

  @Test("a replica of an address where nobody listens is refused by a RST, every second")
  func refused() throws {
    var timeline = Timeline(seed: 1)
    try timeline.apply(.start(node: "r", Launch(arguments: ["--port", "7001", "--replicaof", "127.0.0.1 7000"])))
    _ = timeline.advance(by: .milliseconds(3_500))
    var kinds: [PacketKind] = []
    timeline.forEachStep { kinds += $0.packets.map(PacketKind.init) }
    #expect(kinds.count >= 6)
    #expect(kinds.prefix(4) == [.syn, .reset, .syn, .reset])
    #expect(timeline.world.links.isEmpty)
  }

  @Test("choose delivers another link's packet first, and never changes the order within one")
  func choose() throws {
    var timeline = try synced()
    try timeline.apply(
      .start(node: "s", Launch(arguments: ["--port", "7002", "--replicaof", "127.0.0.1 7000"])))
    _ = timeline.resume()
    for number in 0..<2 { _ = try timeline.command("m", words("SET n \(number)")) }
    let arrivals = timeline.world.pending.filter { if case .arrival = $0.event { true } else { false } }
    let last = try #require(arrivals.last)
    guard case .arrival(let link, let side, _) = last.event else { return }
    #expect(last.place == 1)
    let step = try timeline.apply(.deliver(link, towards: side))
    #expect(!step.delivered.isEmpty && step.delivered.allSatisfy { $0.to == .node("s") })
    #expect(timeline.world.pending.contains { $0.event == last.event && $0.place == 0 })
  }

  @Test("a node's name is a host's, and another name fails as one that nobody knows")
  func names() throws {
    var timeline = try topology()
    try timeline.apply(.start(node: "s", Launch(arguments: ["--port", "7002", "--replicaof", "m 7000"])))
    #expect(try timeline.until(Expression("s.state = connected")).stop == .done)
    let info = try #require(try timeline.apply(.command(node: "s", arguments: words("INFO replication"))).reply)
    #expect(String(decoding: info, as: UTF8.self).contains("master_host:m\r\n"))
    let step = try timeline.apply(.command(node: "s", arguments: words("REPLICAOF nosuch.invalid 7000")))
    let log = step.notes.compactMap { if case .log(let entry) = $0.content { entry.text } else { nil } }
    #expect(
      log.suffix(3).dropLast() == [
        "Connecting to MASTER nosuch.invalid:7000", "Unable to connect to MASTER: No such file or directory",
      ])
    #expect(log.last?.hasPrefix("REPLICAOF nosuch.invalid:7000 enabled") == true)
    #expect(timeline.resume().stop == .quiet)
    for machine in ["m", "r"] { try timeline.apply(.kill(node: machine)) }
    _ = timeline.resume()
    let stop = timeline.step().stop
    guard case .fruitless("s", let address, .unknownHost, tries: Timeline.fruitlessLimit) = stop else {
      Issue.record("\(stop)")
      return
    }
    #expect(address == Address(host: "nosuch.invalid", port: 7000))
  }

  @Test("a machine without power says nothing, and its peers learn of it by their own time-outs")
  func powerCut() throws {
    var timeline = try synced()
    _ = try timeline.command("m", words("SET never arrives"))
    try timeline.apply(.cutPower(node: "m"))
    let from = timeline.position
    _ = timeline.advance(by: .seconds(59))
    let before = (from + 1...timeline.position).map { timeline[$0] }
    #expect(before.flatMap(\.packets).isEmpty)
    #expect(try holds("r.link = connected and r.keys = 2", timeline))
    _ = timeline.advance(by: .seconds(5))
    let log = logged("r", timeline)
    #expect(log.contains("MASTER timeout: no data nor PING received..."))
    #expect(try holds("r.state = connecting", timeline))
    // Its SYN is sent again and again until somebody is there.
    try timeline.apply(.restart(node: "m"))
    _ = try timeline.command("m", words("SET after restart"))
    #expect(timeline.resume().stop == .quiet)
    #expect(try holds("r.state = connected and r.keys = 1", timeline))
  }

  @Test("a machine that is back answers a segment of an old connection with a RST")
  func powerBack() throws {
    var timeline = try synced()
    try timeline.apply(.cutPower(node: "m"))
    _ = timeline.advance(by: .seconds(3))
    try timeline.apply(.restart(node: "m"))
    let from = timeline.position
    _ = timeline.advance(by: .milliseconds(1))
    let packets = (from + 1...timeline.position).flatMap { timeline[$0].packets }.prefix(2)
    #expect(packets.map(PacketKind.init) == [.data, .reset])
    #expect(logged("r", timeline).contains("Connection with master lost."))
    #expect(timeline.world.links.filter { !$0.isClient }.count == 1, "the old connection is forgotten")
  }

  @Test("of a replica's loss of power its master hears at its own time-out, and keeps no connection")
  func powerOfAReplica() throws {
    var timeline = try synced()
    try timeline.apply(.cutPower(node: "r"))
    _ = timeline.advance(by: .seconds(59))
    #expect(try holds("m.replicas = 1", timeline))
    _ = timeline.advance(by: .seconds(5))
    #expect(logged("m", timeline).contains("Disconnecting timedout replica (streaming sync): 127.0.0.1:7001"))
    let left = timeline.world.links.filter { !$0.isClient }
    #expect(left.isEmpty)
  }

  @Test("what a paused process does not read fills its socket, and the next window says so")
  func fullSocket() throws {
    var timeline = try topology("--client-output-buffer-limit replica 1mb 0 0 --repl-backlog-size 16384")
    _ = timeline.resume()
    try timeline.apply(.pause(node: "r"))
    let start = try #require(timeline.world.machine("m")?.node?.replication.offset)
    let value = String(repeating: "x", count: 100_000)
    var fed: Int64 = 0
    for number in 0..<80 {
      guard try holds("m.replicas = 1", timeline) else { break }
      _ = try timeline.command("m", words("SET big\(number) \(value)"))
      _ = timeline.advance(by: .milliseconds(1))
      fed = try #require(timeline.world.machine("m")?.node?.replication.offset) - start
    }
    // 3.8 MB in the sender's kernel, a little in the receiver's, and the limit.
    #expect((4_900_000...5_200_000).contains(fed), "\(fed)")
    #expect(
      logged("m", timeline).contains {
        $0.hasSuffix("scheduled to be closed ASAP for overcoming of output buffer limits.")
      })
    let link = try replicationLink(timeline)
    #expect(link.conversation[.acceptor].peerWindow == 0)
    try timeline.apply(.resume(node: "r"))
    #expect(timeline.resume().stop == .quiet)
    #expect(try holds("r.state = connected and r.keys = m.keys", timeline))
  }

  /// `clientsCron` looks at clients at each turn of the timer, ten times a second, and counts in whole seconds.
  @Test("a replica over its soft limit is dropped at the first turn of the timer that finds it so for too long")
  func softLimit() throws {
    var timeline = try topology(
      "--client-output-buffer-limit replica 0 1mb 2", clock: .defaultLabClock + .milliseconds(250))
    _ = timeline.resume()
    try timeline.apply(.pause(node: "r"))
    let value = String(repeating: "x", count: 100_000)
    for number in 0..<60 { _ = try timeline.command("m", words("SET big\(number) \(value)")) }
    let filled = timeline.world.now
    while try holds("m.replicas = 1", timeline), timeline.world.now < filled + .seconds(10) { _ = timeline.stepAny() }
    // Turns come at 50 ms past each tenth of a second.
    let end = Instant(microseconds: (filled.seconds + 3) * 1_000_000) + .milliseconds(50)
    #expect(timeline.world.now == end)
    #expect(
      logged("m", timeline).contains { $0.hasSuffix("closed for overcoming of output buffer limits.") })
  }

  /// What a block takes is more than the limit, and the timer finds it at each turn: ten times a second, as it is with a real
  /// master. After a full sync nothing waits for the replica, so nothing is over the limit.
  @Test(
    "a limit below one block of the backlog is a storm of partial resyncs, until a full one", arguments: [false, true])
  func tinyLimit(full: Bool) throws {
    var timeline = try topology(
      "--client-output-buffer-limit replica 20kb 0 0 --repl-backlog-size 16kb --repl-ping-replica-period 3600")
    _ = timeline.advance(by: .seconds(3))
    let value = String(repeating: "x", count: full ? 40_000 : 1)
    _ = try timeline.command("m", words("SET big \(value)"))
    _ = timeline.advance(by: .seconds(5))
    let info = try Self.answer("INFO stats", &timeline)
    #expect(info.contains("sync_full:\(full ? 2 : 1)\r\nsync_partial_ok:\(full ? 0 : 50)\r\n"), "\(info)")
    if full {
      let list = try Self.answer("CLIENT LIST TYPE replica", &timeline)
      #expect(list.contains(" oll=0 omem=0 "), "\(list)")
    }
  }

  /// The write goes to a block that is there, so only the timer finds that it is too much.
  @Test("the first write after a full sync is found over such a limit at the next turn of the timer")
  func firstWrite() throws {
    var timeline = try topology("--repl-backlog-size 16kb --repl-ping-replica-period 3600")
    _ = try timeline.command("m", words("SET a 1"))
    _ = timeline.advance(by: .seconds(3))
    _ = try timeline.command("r", words("REPLICAOF NO ONE"))
    _ = try timeline.command("r", words("SET b 1"))
    _ = try timeline.command(
      "m", words("CONFIG SET client-output-buffer-limit") + [Array("replica 20kb 0 0".utf8)])
    _ = try timeline.command("r", words("REPLICAOF 127.0.0.1 7000"))
    _ = timeline.advance(by: .seconds(9))
    let before = try Self.answer("INFO stats", &timeline)
    #expect(before.contains("sync_full:2\r\nsync_partial_ok:0\r\n"), "\(before)")
    let list = try Self.answer("CLIENT LIST TYPE replica", &timeline)
    #expect(list.contains(" oll=0 omem=0 "), "\(list)")
    _ = try timeline.command("m", words("SET c 1"))
    _ = timeline.advance(by: .milliseconds(100))
    let after = try Self.answer("INFO stats", &timeline)
    #expect(after.contains("sync_full:2\r\nsync_partial_ok:1\r\n"), "\(after)")
  }

  /// The reply of `m`.
  private static func answer(_ line: String, _ timeline: inout Timeline) throws -> String {
    let step = try timeline.apply(.command(node: "m", arguments: words(line)))
    return String(decoding: try #require(step.reply), as: UTF8.self)
  }

  @Test("a payload fits into the sockets, and a larger one ends at repl-timeout", arguments: [5, 42])
  func fullSocketInATransfer(keys: Int) throws {
    var timeline = try topology("--repl-timeout 5 --rdbcompression no", keys: 0)
    let value = String(repeating: "x", count: 100_000)
    for number in 0..<keys { _ = try timeline.command("m", words("SET big\(number) \(value)")) }
    _ = try timeline.addBreakpoint("phase wait", temporary: true)
    #expect(timeline.resume().stop == .breakpoint(number: 1))
    try timeline.apply(.pause(node: "r"))
    _ = timeline.advance(by: .seconds(8))
    let log = logged("m", timeline)
    #expect(
      log.contains("Disconnecting timedout replica (\(keys == 5 ? "streaming" : "full") sync): 127.0.0.1:7001"),
      "\(log)")
  }

  private func logged(_ node: String, _ timeline: Timeline) -> [String] {
    var lines: [String] = []
    timeline.forEachStep { step in
      for note in step.notes where note.node == node {
        if case .log(let entry) = note.content { lines.append(entry.text) }
      }
    }
    return lines
  }
}

@Suite("A script")
struct ScriptTests {
  @Test("of a session names every action, and the same actions again give the same packets")
  func script() throws {
    var timeline = try topology()
    try timeline.apply(.fix(node: "m", .replid(String(repeating: "a", count: 40))))
    _ = timeline.resume()
    _ = try timeline.command("m", [Array("SET".utf8), Array("a b".utf8), [0, 255, 34]])
    let link = try #require(timeline.world.links.first { !$0.isClient })
    try timeline.apply(.split(link.id, towards: .opener, sizes: [3]))
    _ = timeline.advance(by: .milliseconds(1_500))
    try timeline.apply(.cut(link.id))
    let lines = timeline.script().lines
    let position = timeline.position
    #expect(lines.first == "start m --port 7000 --repl-diskless-sync-delay 0")
    #expect(lines.contains("fix m replid \(String(repeating: "a", count: 40))"))
    #expect(lines.contains(#"m SET "a b" "\x00\xff\"""#))
    #expect(lines.contains("split 1 3"))
    #expect(lines.last == "cut \(link.id)")
    #expect(timeline.packets.count > 20)

    var again = Timeline(seed: timeline.seed)
    for number in 1...position { try again.apply(timeline[number].action) }
    #expect(again.packets == timeline.packets)
    #expect(again.world == timeline.world)
  }

  @Test("fix settles what Redis leaves to chance, before the node starts and after")
  func fix() throws {
    let (id, run) = (String(repeating: "a", count: 40), String(repeating: "b", count: 40))
    var world = World(seed: 9)
    _ = try world.apply(.fix(node: "m", .runID(run)))
    _ = try world.apply(.fix(node: "m", .redisVersion("7.0.11")))
    _ = try world.apply(.start(node: "m", Launch(arguments: ["--port", "7000"])))
    let info = try world.apply(.command(node: "m", arguments: words("INFO server"))).reply ?? []
    #expect(String(decoding: info, as: UTF8.self).contains("run_id:\(run)"))
    #expect(String(decoding: info, as: UTF8.self).contains("redis_version:7.0.11"))
    _ = try world.apply(.fix(node: "m", .replid(id)))
    #expect(world.machine("m")?.node?.chance.replicationIDs == [id])
    // What is left over outlives the process.
    _ = try world.apply(.kill(node: "m"))
    _ = try world.apply(.restart(node: "m"))
    #expect(world.machine("m")?.node?.chance.redisVersion == "7.0.11")
  }
}

@Suite("The network between two nodes is worse than a loopback") struct PathFaultTests {
  private func pair() throws -> Timeline {
    var timeline = Timeline(seed: 5)
    try timeline.apply(.start(node: "m", Launch(arguments: ["--port", "7000", "--repl-diskless-sync-delay", "0"])))
    try timeline.apply(.start(node: "r", Launch(arguments: ["--port", "7001", "--replicaof", "127.0.0.1 7000"])))
    guard case .done = try timeline.until(try Expression("r.state = connected and m.replica_states = online")).stop
    else { throw LabError("no sync") }
    // The stream begins with the first acknowledgement.
    _ = timeline.advance(by: .seconds(2))
    return timeline
  }

  private func write(_ timeline: inout Timeline, _ count: Int, size: Int = 1) throws {
    for number in 0..<count {
      let value = [UInt8](repeating: 0x61, count: size)
      try timeline.apply(
        .command(node: "m", arguments: [Array("SET".utf8), Array("k\(number)".utf8), value]))
    }
  }

  /// How long it takes until the replica has all.
  private func timeToCatchUp(_ timeline: inout Timeline) throws -> Interval {
    let start = timeline.world.now
    _ = try timeline.until(try Expression("r.offset = m.offset"))
    return timeline.world.now - start
  }

  @Test("Jitter delays packets by chance, and never changes their order")
  func jitter() throws {
    var timeline = try pair()
    try timeline.apply(.jitter("m", "r", .milliseconds(50)))
    try write(&timeline, 20)
    let took = try timeToCatchUp(&timeline)
    #expect(took > .milliseconds(10) && took <= .milliseconds(250), "\(took)")
    #expect(timeline.world.machine("r")?.node?.databases[0].count == 20)
    try timeline.apply(.heal("m", "r"))
    try write(&timeline, 1)
    #expect(try timeToCatchUp(&timeline) == World.latency)
  }

  @Test("A bandwidth lets so many bytes a second through, and what waits fills the output buffer")
  func bandwidth() throws {
    var timeline = try pair()
    try timeline.apply(.bandwidth("m", "r", 100_000))
    try write(&timeline, 10, size: 10_000)
    let took = try timeToCatchUp(&timeline)
    #expect(took > .milliseconds(1_000) && took < .milliseconds(1_100), "\(took)")
    // More than the kernels of both sides hold.
    try write(&timeline, 60, size: 100_000)
    let session = timeline.world.machine("m")?.node?.replicaSessions.first
    #expect((session?.undelivered ?? 0) > 500_000)
  }

  @Test("A packet that is lost comes when TCP sends it again, and what was sent behind it waits")
  func loss() throws {
    var timeline = try pair()
    try timeline.apply(.drop("m", "r", perMille: 500))
    try write(&timeline, 30)
    let took = try timeToCatchUp(&timeline)
    #expect(took >= .milliseconds(200))
    #expect(timeline.world.machine("r")?.node?.databases[0].count == 30)
  }

  @Test("What was lost comes when TCP sends it again next, once the network is whole", arguments: [true, false])
  func lossHealed(byHeal: Bool) throws {
    var timeline = try pair()
    try timeline.apply(.drop("m", "r", perMille: 999))
    try write(&timeline, 1)
    _ = timeline.advance(by: .seconds(2))
    #expect(timeline.world.machine("r")?.node?.databases[0].count == 0)
    try timeline.apply(byHeal ? .heal("m", "r") : .drop("m", "r", perMille: 0))
    // It was sent after 0, 0.2, 0.6, 1.4 seconds; next comes 3.0.
    #expect(try timeToCatchUp(&timeline) == .milliseconds(1_000) + World.latency)
  }

  @Test("One way nothing gets through: the master's writes are held, the replica's acknowledgements arrive")
  func oneWay() throws {
    var timeline = try pair()
    try timeline.apply(.cutPath(from: "m", to: "r"))
    try write(&timeline, 1)
    _ = timeline.advance(by: .seconds(5))
    #expect(timeline.world.machine("r")?.node?.databases[0].count == 0)
    let master = try #require(timeline.world.machine("m")?.node)
    let silent = timeline.world.now - (master.replicaSessions.first?.acknowledgedAt ?? timeline.world.start)
    #expect(silent <= .seconds(2))
    try timeline.apply(.heal("m", "r"))
    _ = timeline.advance(by: .seconds(1))
    #expect(timeline.world.machine("r")?.node?.databases[0].count == 1)
  }

  @Test("A damaged snapshot is not loaded, and the node says where it is wrong")
  func damagedFile() throws {
    var timeline = try pair()
    try timeline.apply(.command(node: "m", arguments: ["SET", "k", "value"].map { Array($0.utf8) }))
    try timeline.apply(.command(node: "m", arguments: [Array("SAVE".utf8)]))
    try timeline.apply(.kill(node: "m"))
    let size = try #require(timeline.world.machine("m")?.disk.files["dump.rdb"]?.bytes.count)
    try timeline.apply(.damageFile(node: "m", file: "dump.rdb", offset: size - 1))
    #expect(throws: LabError.self) {
      try timeline.apply(.damageFile(node: "m", file: "dump.rdb", offset: size))
    }
    let step = try timeline.apply(.restart(node: "m"))
    let logs = step.notes.compactMap { note -> String? in
      if case .log(let entry) = note.content { entry.text } else { nil }
    }
    #expect(logs.contains { $0.contains("Wrong RDB checksum") }, "\(logs)")
    #expect(timeline.world.machine("m")?.life == .ended(code: 1))
  }
}
