import Redis
import Testing

@testable import Lab

@Suite("What must hold at every step")
struct InvariantTests {
  /// `m` and its replica `r`, in step, with checks on.
  private static func checked(_ directives: String = "") throws -> Timeline {
    var timeline = try topology(directives)
    _ = timeline.advance(by: .seconds(3))
    timeline.check(true)
    #expect(timeline.standingBreaks == [])
    return timeline
  }

  @Test("two masters of one history stop at the step that made the second one, once")
  func twoMasters() throws {
    var timeline = try Self.checked()
    try timeline.apply(.partition("m", "r"))
    let reply = try timeline.command("r", words("REPLICAOF NO ONE"))
    guard case .broken(.twoMasters("m", "r", parting: let parting)) = reply.stop else {
      Issue.record("\(reply.stop)")
      return
    }
    #expect(parting == timeline.world.machine("r")?.node?.replication.offset)
    #expect(timeline.standingBreaks.count == 1)
    // It is known by now.
    #expect(timeline.advance(by: .seconds(5)).stop == .done)
    try timeline.apply(.heal("m", "r"))
    _ = try timeline.command("m", words("REPLICAOF 127.0.0.1 7001"))
    #expect(timeline.standingBreaks == [])
  }

  @Test(
    "A master that holds its writes back is none of two that accept them, until it no longer does",
    arguments: [
      ("CLIENT PAUSE 3000 WRITE", "CLIENT UNPAUSE"), ("CLIENT PAUSE 3000", "CLIENT UNPAUSE"),
      ("CONFIG SET min-replicas-to-write 2", "CONFIG SET min-replicas-to-write 0"),
    ]) func heldBack(holds: String, ends: String) throws
  {
    var timeline = try Self.checked()
    _ = try timeline.command("m", words(holds))
    #expect(try timeline.command("r", words("REPLICAOF NO ONE")).stop == .done)
    #expect(timeline.standingBreaks.isEmpty)
    guard case .broken(.twoMasters("m", "r", parting: _)) = try timeline.command("m", words(ends)).stop else {
      Issue.record("\(timeline.standingBreaks)")
      return
    }
    #expect(timeline.standingBreaks.count == 1)
  }

  @Test("a master that takes no writes, since it has too few replicas, is none of two")
  func minReplicas() throws {
    var timeline = try Self.checked("--min-replicas-to-write 1")
    try timeline.apply(.partition("m", "r"))
    _ = timeline.advance(by: .seconds(15))
    #expect(try timeline.command("r", words("REPLICAOF NO ONE")).stop == .done)
  }

  @Test("data that differ at one offset stop, where a script has kept a write from the replicas")
  func otherData() throws {
    var timeline = try Self.checked()
    let script = "redis.set_repl(redis.REPL_NONE) return redis.call('SET', 'k', 'v')"
    let arguments = [words("EVAL")[0], Array(script.utf8), Array("0".utf8)]
    guard case .broken(.otherData("r", "m", let offset)) = try timeline.command("m", arguments).stop else {
      Issue.record("\(timeline.standingBreaks)")
      return
    }
    #expect(offset == timeline.world.machine("m")?.node?.replication.offset)
  }

  @Test(
    "a write that WAIT counted on a replica which then loses its data stops there, unless somebody has had a hand in it",
    arguments: [false, true])
  func fewerReplicas(isPaused: Bool) throws {
    var timeline = try Self.checked()
    _ = try timeline.command(
      "m", [words("CONFIG SET client-output-buffer-limit"), [Array("replica 200kb 0 0".utf8)]].flatMap { $0 })
    _ = try timeline.command("m", words("CONFIG SET repl-backlog-size 16384"))
    _ = try timeline.command("r", words("CONFIG SET key-load-delay 1000"))
    _ = try timeline.command("m", words("SET a 1"))
    #expect(try timeline.command("m", words("WAIT 1 0")).stop == .done)
    if isPaused {
      try timeline.apply(.pause(node: "r"))
      try timeline.apply(.resume(node: "r"))
    }
    // More than kernels and the output buffer hold, and than the backlog keeps: a full sync.
    let value = String(repeating: "x", count: 6_000_000)
    for _ in 0..<2 { _ = try timeline.command("m", words("SET big \(value)")) }
    let stop = timeline.advance(by: .seconds(10)).stop
    #expect(stop == (isPaused ? .done : .broken(.fewerReplicas(write: 3, promised: 1, left: 0))))
  }

  @Test("a third full sync in a row stops, and none that somebody has brought about, or that came to its end")
  func endlessSync() throws {
    var timeline = try Self.checked()
    // A replica that has nowhere to put what it gets.
    try timeline.apply(.start(node: "s", Launch(arguments: ["--port", "7002", "--replicaof", "127.0.0.1 7000"])))
    try timeline.apply(.disk(node: "s", .full))
    #expect(timeline.advance(by: .seconds(30)).stop == .broken(.endlessSync(replica: "s", master: "m", count: 3)))
    try timeline.apply(.disk(node: "s", .ok))
    #expect(timeline.standingBreaks == [])
    #expect(timeline.advance(by: .seconds(30)).stop == .done)
    // Whoever asks for it three times gets it three times.
    for _ in 0..<3 {
      try timeline.apply(.kill(node: "r"))
      try timeline.apply(.restart(node: "r"))
      #expect(timeline.advance(by: .milliseconds(10)).stop == .done)
    }
  }

  @Test("a command that has come in part is counted on both sides")
  func partOfCommand() throws {
    var timeline = try Self.checked()
    _ = try timeline.command("m", words("SET key \(String(repeating: "x", count: 5_000))"))
    let link = try #require(timeline.world.links.first { $0.opener.party == .node("r") })
    try timeline.apply(.split(link.id, towards: .opener, sizes: [1_000]))
    #expect(timeline.advance(by: .seconds(2)).stop == .done)
  }

  @Test("and what is counted wrongly is found: a replica's offset, a master's, a history's id")
  func tampered() throws {
    let timeline = try Self.checked()
    let link = try #require(timeline.world.links.first { $0.opener.party == .node("r") }).id
    func breaks(_ tamper: (inout World) -> Void) throws -> [BrokenInvariant] {
      var checker = try #require(timeline.checker)
      var world = timeline.world
      tamper(&world)
      var step = Step(number: world.number + 1, time: world.now, action: .next)
      step.cause = .command(node: "r")
      checker.note(step, world)
      return checker.fresh
    }
    #expect(try breaks { _ in } == [])
    let ahead = try breaks { $0.machines[1].node?.replication.session?.offset += 1_000 }
    #expect(ahead.map(\.name) == ["ahead r m"])
    let behind = try breaks { $0.machines[1].node?.replication.session?.offset -= 1 }
    #expect(behind.map(\.name) == ["received r \(link)"])
    let other = try breaks { $0.machines[1].node?.replication.ids.start(String(repeating: "e", count: 40)) }
    #expect(other.map(\.name) == ["history r m"])
    let fewer = try breaks {
      $0.machines[1].node?.databases[0] = Database()
      $0.machines[1].node?.dirty += 1
    }
    #expect(fewer.map(\.name) == ["data r m"])
  }

  @Test("going back and forth in time finds the same", arguments: [1, 2, 3] as [UInt64])
  func backAndForth(seed: UInt64) throws {
    var session = RandomSession(seed: seed)
    session.timeline.check(true)
    for _ in 0..<300 { session.act() }
    session.timeline.catchUpChecker()
    let standing = session.timeline.standingBreaks
    let end = session.timeline.position
    try session.timeline.go(to: end / 2)
    try session.timeline.go(to: end)
    session.timeline.catchUpChecker()
    #expect(session.timeline.standingBreaks == standing)
  }
}
