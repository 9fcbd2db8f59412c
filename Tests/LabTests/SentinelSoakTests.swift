import Foundation
import Lab
import Redis
import Testing

/// Masters, replicas and Sentinels under random faults: once these stop, all have the same data, and all Sentinels say the same.
///
/// `REPLAB_SENTINEL_SEEDS=200` plays so many situations, `REPLAB_SENTINEL_FIRST=1000` from that seed on.
@Suite("Sentinels bring a topology together again, whatever has happened to it") struct SentinelSoakTests {
  private static func number(_ name: String, or standard: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? standard
  }

  static let seeds: [Int] = {
    let first = number("REPLAB_SENTINEL_FIRST", or: 1)
    return Array(first..<first + number("REPLAB_SENTINEL_SEEDS", or: 2))
  }()

  @Test(arguments: seeds) func converges(seed: Int) throws {
    var situation = try SentinelSituation(seed: UInt64(seed))
    for _ in 0..<40 { situation.happen() }
    situation.end()
    let complaint = situation.converge()
    #expect(complaint == nil, "seed \(seed): \(complaint ?? "") after:\n\(situation.script)")
  }
}

private struct SentinelSituation {
  private var timeline: Timeline
  private var random: SeededRandom
  private var written = 0
  private static let servers = ["m", "r1", "r2", "sub"]
  private static let sentinels = ["s1", "s2", "s3"]
  private static let all = servers + sentinels

  init(seed: UInt64) throws {
    timeline = Timeline(seed: seed)
    random = SeededRandom(seed: seed &* 77)
    let masters = ["m": nil, "r1": 7000, "r2": 7000, "sub": 7001] as [String: Int?]
    for (index, name) in Self.servers.enumerated() {
      var arguments = ["--port", "\(7000 + index)", "--repl-diskless-sync-delay", "0", "--repl-timeout", "10"]
      if let port = masters[name] ?? nil { arguments += ["--replicaof", "127.0.0.1 \(port)"] }
      if random.next() % 3 == 0 { arguments += ["--appendonly", "yes"] }
      try timeline.apply(.start(node: name, Launch(arguments: arguments)))
    }
    _ = timeline.advance(by: .seconds(3))
    let quorum = 1 + random.next() % 3
    for (index, name) in Self.sentinels.enumerated() {
      let lines = [
        "monitor mymaster 127.0.0.1 7000 \(quorum)",
        "down-after-milliseconds mymaster \(500 + random.next() % 2_000)", "failover-timeout mymaster 4000",
        "parallel-syncs mymaster \(1 + random.next() % 2)",
      ]
      let arguments = ["--port", "\(26_379 + index)"] + lines.flatMap { ["--sentinel", $0] }
      try timeline.apply(.start(node: name, Launch(arguments: arguments)))
    }
    _ = timeline.advance(by: .seconds(5))
  }

  var script: String { timeline.script().lines.joined(separator: "\n") }

  private mutating func draw(_ names: [String]) -> String { names[Int(random.next() % UInt64(names.count))] }

  private mutating func attempt(_ action: Action) { _ = try? timeline.perform(action) }

  /// Something happens, and then time passes.
  mutating func happen() {
    let name = draw(Self.all)
    let other = draw(Self.all)
    switch random.next() % 16 {
    case 0...3: write()
    case 4: attempt(.kill(node: name))
    case 5, 6: attempt(.restart(node: name))
    case 7: attempt(.pause(node: name))
    case 8: attempt(.resume(node: name))
    case 9: attempt(.partition(name, other))
    case 10: attempt(.cutPath(from: name, to: other))
    case 11: attempt(.heal(name, other))
    case 12: attempt(.drop(name, other, perMille: Int(random.next() % 300)))
    case 13: attempt(.jitter(name, other, .milliseconds(Int64(random.next() % 200))))
    case 14: attempt(command(draw(Self.sentinels), "SENTINEL", "FAILOVER", "mymaster"))
    default: if let link = timeline.world.links.last(where: { !$0.isClient }) { attempt(.cut(link.id)) }
    }
    _ = timeline.advance(by: .milliseconds(100 + Int64(random.next() % 3_000)))
  }

  private func command(_ node: String, _ words: String...) -> Action {
    .command(node: node, arguments: words.map { Array($0.utf8) })
  }

  private mutating func write() {
    for name in Self.servers {
      guard let machine = timeline.world.machine(name), machine.life == .running,
        machine.node?.replication.master == nil
      else { continue }
      written += 1
      attempt(command(name, "SET", "k\(written % 50)", "\(written)"))
    }
  }

  /// Whatever was broken is whole again.
  mutating func end() {
    for a in Self.all { for b in Self.all where a < b { attempt(.heal(a, b)) } }
    for name in Self.all {
      attempt(.resume(node: name))
      attempt(.restart(node: name))
    }
  }

  /// Lets time pass until all is one; what is not after four minutes.
  mutating func converge() -> String? {
    for _ in 0..<24 {
      _ = timeline.advance(by: .seconds(10))
      if difference == nil { break }
    }
    return difference
  }

  private var difference: String? {
    let world = timeline.world
    let nodes = Self.servers.compactMap { world.machine($0)?.node }
    guard nodes.count == Self.servers.count else { return "not all servers run" }
    let masters = nodes.filter { $0.replication.master == nil }
    guard masters.count == 1, let master = masters.first else { return "there are \(masters.count) masters" }
    for (name, node) in zip(Self.servers, nodes) where node.replication.master != nil {
      if node.replication.link.state != .connected { return "\(name) is not connected" }
      if !Self.isSame(node, master) { return "\(name) has other data" }
    }
    for name in Self.sentinels {
      guard let sentinel = world.machine(name)?.node?.sentinel else { return "\(name) does not run" }
      let port = sentinel.masters["mymaster"]?.instance.address.port
      if port != master.configuration.port { return "\(name) takes \(port ?? 0) for the master" }
      if sentinel.masters["mymaster"]?.failoverState != FailoverState.none { return "\(name) is not done" }
    }
    return nil
  }

  private static func isSame(_ a: Node, _ b: Node) -> Bool {
    a.databases[0].count == b.databases[0].count
      && (0..<50).allSatisfy { a.databases[0][Bytes("k\($0)")]?.value == b.databases[0][Bytes("k\($0)")]?.value }
  }
}
