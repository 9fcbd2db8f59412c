import Capture
import Redis
import Testing

@testable import Lab

@Suite("A timeline")
struct TimelineTests {
  @Test(
    "goes from any moment of a random session to any other and finds the very same world, be there ever so few kept ones",
    arguments: [(1, 64 << 20), (2, 64 << 20), (3, 200_000), (4, 0)] as [(UInt64, Int)])
  func anyMoment(seed: UInt64, room: Int) throws {
    var session = RandomSession(seed: seed, room: room)
    // Whole worlds, kept by branch and moment, to compare with.
    var kept: [[Int: World]] = [[:]]
    for _ in 0..<1_500 {
      session.act()
      if session.below(10) == 0 { kept[current(session)][session.timeline.position] = session.timeline.world }
      if session.below(40) == 0 { wander(&session, &kept) }
    }
    #expect(session.refused < 700)
    #expect(session.timeline.branches.count > 3)
    for _ in 0..<200 {
      let branch = session.below(session.timeline.branches.count)
      try session.timeline.switchBranch(to: branch + 1)
      guard let moment = kept[branch].keys.sorted().dropFirst(session.below(max(1, kept[branch].count))).first else {
        continue
      }
      try session.timeline.go(to: moment)
      #expect(session.timeline.position == moment)
      #expect(session.timeline.world == kept[branch][moment])
    }
  }

  private func current(_ session: RandomSession) -> Int { session.timeline.branches.firstIndex { $0.isCurrent } ?? 0 }

  /// Goes somewhere else; what is done there begins a branch.
  private func wander(_ session: inout RandomSession, _ kept: inout [[Int: World]]) {
    switch session.below(3) {
    case 0: _ = session.timeline.back(1 + session.below(20))
    case 1: try? session.timeline.go(to: session.below(session.timeline.end + 1))
    default: try? session.timeline.switchBranch(to: 1 + session.below(session.timeline.branches.count))
    }
    while kept.count < session.timeline.branches.count + 1 { kept.append([:]) }
  }

  @Test("does a step again as it was, and keeps what was seen", arguments: [7, 8])
  func redone(seed: UInt64) throws {
    var session = RandomSession(seed: seed)
    for _ in 0..<600 { session.act() }
    let end = session.timeline.end
    var world = World(seed: seed)
    for number in 1...end {
      let step = session.timeline[number]
      #expect(try world.apply(step.action) == step)
    }
    #expect(world == session.timeline.world)
  }

  @Test(
    "has the moments before one that it went back to at hand, for whoever goes on going back", arguments: [64 << 20, 0])
  func backAndBack(room: Int) throws {
    var timeline = Timeline(seed: 1, room: room)
    try timeline.apply(.start(node: "m", Launch(arguments: ["--port", "7000"])))
    try timeline.apply(.start(node: "r", Launch(arguments: ["--port", "7001", "--replicaof", "127.0.0.1", "7000"])))
    for _ in 0..<20_000 { try timeline.apply(.next) }
    let start = timeline.position
    var steps = 0
    for target in (start - 1_000..<start).reversed() {
      steps += target - timeline.history.world(before: target).number
      timeline.travel(to: target)
      #expect(timeline.position == target)
    }
    // The first takes as many steps as kept ones are apart; then one that needs 2^n comes once in 2^n times.
    #expect(steps < 1_000 * 11)
  }

  @Test("never loses, reorders or makes up a byte of a connection, but where it is cut", arguments: [11, 12])
  func streams(seed: UInt64) throws {
    var session = RandomSession(seed: seed)
    for _ in 0..<2_000 { session.act() }
    // The sequence number that each direction of a connection has next, by its two ports.
    var expected: [[UInt16]: UInt32] = [:]
    var (world, last) = (World(seed: seed), Instant.defaultLabClock)
    try session.timeline.forEachStep { step in
      if case .cut(let id) = step.action, let link = world.link(id) {
        let ports = [UInt16(link.opener.address.port), UInt16(link.acceptor.address.port)]
        expected[ports] = nil
        expected[ports.reversed()] = nil
      }
      _ = try world.apply(step.action)
      #expect(step.time >= last)
      last = step.time
      for packet in step.packets {
        #expect(packet.timestamp == step.time.nanoseconds)
        check(packet, &expected)
      }
    }
  }

  private func check(_ packet: Packet, _ expected: inout [[UInt16]: UInt32]) {
    let direction = [packet.source.port, packet.destination.port]
    if packet.flags.contains(.syn) {
      expected[direction] = packet.nextSequence
    } else if let next = expected[direction], !packet.payload.isEmpty || packet.flags.contains(.fin) {
      #expect(next == packet.sequence)
      expected[direction] = packet.nextSequence
    }
  }

  @Test("starts a branch when something else is done in the past, and not when the same is")
  func branches() throws {
    var timeline = Timeline(seed: 1)
    try timeline.apply(.start(node: "m", Launch(arguments: ["--port", "7000"])))
    try timeline.apply(.command(node: "m", arguments: words("SET a 1")))
    try timeline.apply(.command(node: "m", arguments: words("SET b 1")))
    _ = timeline.back()
    #expect(timeline.position == 2)
    try timeline.apply(.command(node: "m", arguments: words("SET b 1")))
    #expect(timeline.branches.count == 1)
    let there = timeline.world
    _ = timeline.back()
    try timeline.apply(.command(node: "m", arguments: words("SET c 1")))
    #expect(timeline.branches.map(\.origin) == [nil, Branch.Origin(branch: 1, moment: 2)])
    #expect(timeline.branches.map(\.isCurrent) == [false, true])
    try timeline.switchBranch(to: 1)
    #expect(timeline.position == 2)
    try timeline.go(to: 3)
    #expect(timeline.world == there)
  }

  @Test("that refuses something in the past begins no branch")
  func refusedInThePast() throws {
    var timeline = Timeline(seed: 1)
    try timeline.apply(.start(node: "m", Launch(arguments: ["--port", "7000"])))
    try timeline.apply(.pause(node: "m"))
    _ = timeline.back()
    #expect(throws: LabError.self) { try timeline.apply(.resume(node: "m")) }
    #expect(timeline.branches.count == 1)
    #expect(timeline.position == 1)
    #expect(timeline.end == 2)
  }
}

@Suite("The same script and seed")
struct DeterminismTests {
  @Test("give the same packets in another process, whose hashing is seeded otherwise")
  func otherProcess() async throws {
    let first = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) { printDigest() }
    let second = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) { printDigest() }
    let (a, b) = (first?.standardOutputContent ?? [], second?.standardOutputContent ?? [])
    #expect(a.count > 100)
    #expect(a == b)
  }
}

/// Prints what a random session's steps come to, and a number that hashing by the process's own seed gives.
private func printDigest() {
  var session = RandomSession(seed: 42)
  for _ in 0..<3_000 { session.act() }
  var digest: UInt64 = 0xcbf2_9ce4_8422_2325
  session.timeline.forEachStep { step in
    for byte in "\(step)".utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }
  print("digest \(digest) after \(session.timeline.position) steps, at \(session.timeline.world.now.microseconds)")
  print(String(repeating: "-", count: 100))
}
