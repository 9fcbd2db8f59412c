import Lab
import Redis

/// Trees of masters, replicas and replicas of these, watched by Sentinels or by nobody, under random writes, faults, failovers
/// and restarts, in the lab alone. What must hold is looked at after each step; once the faults stop, all of a tree have to
/// come to the same data.
package struct TopologyRun {
  private var timeline: Timeline
  private var random: SeededRandom
  private var written = 0
  /// What was broken that nobody has to expect.
  private var broken: String?
  private let trees: [Tree]
  private let sentinels: [String]

  private struct Tree {
    /// What Sentinels call its master.
    var name: String
    var servers: [String]
  }

  /// How many steps were made.
  package var steps: Int { timeline.position }
  /// What brings it about again, for `replab run`.
  package var script: String { "seed \(timeline.seed)\n" + timeline.script().lines.joined(separator: "\n") + "\n" }

  // MARK: What there is

  package init(seed: UInt64) throws {
    timeline = Timeline(seed: seed, room: 16 << 20)
    var random = SeededRandom(seed: seed &* 77)
    func below(_ limit: UInt64) -> UInt64 { random.next() % limit }
    var trees: [Tree] = []
    var port = 7000
    for name in below(4) == 0 ? ["a", "b"] : ["a"] {
      let root = port
      var tree = Tree(name: "master-\(name)", servers: [])
      func start(_ server: String, of master: Int?, _ timeline: inout Timeline) throws -> Int {
        var arguments = [
          "--port", "\(port)", "--repl-diskless-sync-delay", "0", "--repl-timeout", "10", "--repl-diskless-sync",
          below(3) == 0 ? "no" : "yes", "--repl-diskless-load", ["disabled", "swapdb", "on-empty-db"][Int(below(3))],
          "--repl-backlog-size", below(3) == 0 ? "16384" : "1048576",
        ]
        if let master { arguments += ["--replicaof", "127.0.0.1 \(master)"] }
        if below(3) == 0 { arguments += ["--appendonly", "yes"] }
        if below(4) == 0 { arguments += ["--save", ""] }
        try timeline.apply(.start(node: server, Launch(arguments: arguments)))
        tree.servers.append(server)
        port += 1
        return port - 1
      }
      _ = try start("\(name)0", of: nil, &timeline)
      for replica in 1...1 + below(3) {
        let own = try start("\(name)\(replica)", of: root, &timeline)
        if below(2) == 0 { _ = try start("\(name)\(replica)sub", of: own, &timeline) }
      }
      trees.append(tree)
    }
    _ = timeline.advance(by: .seconds(3))
    var sentinels: [String] = []
    for number in 0..<[0, 3, 3, 5][Int(below(4))] {
      var lines: [String] = []
      for (tree, root) in zip(trees, [7000, 7000 + trees[0].servers.count]) {
        lines += [
          "monitor \(tree.name) 127.0.0.1 \(root) \(1 + below(3))",
          "down-after-milliseconds \(tree.name) \(500 + below(2_000))", "failover-timeout \(tree.name) 4000",
          "parallel-syncs \(tree.name) \(1 + below(2))",
        ]
      }
      let name = "s\(number)"
      let arguments = ["--port", "\(26_379 + number)"] + lines.flatMap { ["--sentinel", $0] }
      try timeline.apply(.start(node: name, Launch(arguments: arguments)))
      sentinels.append(name)
    }
    (self.trees, self.sentinels, self.random) = (trees, sentinels, random)
    timeline.check(true)
    pass(.seconds(5))
  }

  private var servers: [String] { trees.flatMap(\.servers) }
  private var all: [String] { servers + sentinels }

  // MARK: What happens

  /// Some events, time between them, then peace; what is wrong after that.
  package mutating func play(events: Int) -> String? {
    for _ in 0..<events where broken == nil { happen() }
    end()
    return broken ?? converge()
  }

  private mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }

  private mutating func draw(_ names: [String]) -> String { names[below(names.count)] }

  private mutating func attempt(_ action: Action) {
    guard let reply = try? timeline.perform(action) else { return }
    note(reply.stop)
  }

  /// Lets time pass, whatever breaks that was to be expected.
  private mutating func pass(_ interval: Interval) {
    let end = timeline.world.now + interval
    while timeline.world.now < end, broken == nil {
      let stop = timeline.advance(by: end - timeline.world.now).stop
      note(stop)
      if stop == .done { return }
    }
  }

  private mutating func note(_ stop: Stop) {
    switch stop {
    case .done, .broken(.twoMasters): break
    // A link that loses a third of what is sent, or a machine that comes and goes, may bring that about.
    case .broken(.endlessSync) where !isWhole: break
    case .broken(let fault): broken = broken ?? "step \(timeline.position): \(fault)"
    case .limit: break
    default: broken = broken ?? "step \(timeline.position): \(stop)"
    }
  }

  /// Nothing is wrong with the network and with the machines. (One that can't fork refuses each full sync.)
  private var isWhole: Bool {
    timeline.world.partitions.isEmpty && timeline.world.paths.isEmpty
      && timeline.world.machines.allSatisfy {
        $0.life == .running && $0.disk.state != .full && $0.node?.chance.refusesFork != true
      }
  }

  private mutating func happen() {
    let (name, other, server) = (draw(all), draw(all), draw(servers))
    switch below(24) {
    case 0...5: write()
    case 6: attempt(.kill(node: name))
    case 7: attempt(.cutPower(node: name))
    case 8, 9: attempt(.restart(node: name))
    case 10: attempt(.pause(node: name))
    case 11: attempt(.resume(node: name))
    case 12: attempt(.partition(name, other))
    case 13: attempt(.cutPath(from: name, to: other))
    case 14: attempt(.heal(name, other))
    case 15: attempt(.drop(name, other, perMille: below(300)))
    case 16: attempt(.jitter(name, other, .milliseconds(Int64(below(200)))))
    case 17: attempt(.bandwidth(name, other, below(2) == 0 ? nil : 20_000))
    case 18:
      switch below(6) {
      case 0, 1: attempt(.disk(node: server, .ok))
      case 2: attempt(.disk(node: server, .full))
      case 3: attempt(.fix(node: server, .fork(fails: below(2) == 0)))
      case 4: attempt(.skew(node: name, .seconds(Int64(below(20)) - 10)))
      default: attempt(.disk(node: server, .slow))
      }
    case 19: attempt(.stop(node: name))
    case 20: say(server, "FAILOVER", "TIMEOUT", "2000")
    case 21: say(server, "BGSAVE")
    case 22: if !sentinels.isEmpty { say(draw(sentinels), "SENTINEL", "FAILOVER", trees[below(trees.count)].name) }
    default: if let link = timeline.world.links.last(where: { !$0.isClient }) { attempt(.cut(link.id)) }
    }
    pass(.milliseconds(100 + Int64(below(3_000))))
  }

  private mutating func say(_ node: String, _ words: String...) {
    attempt(.command(node: node, arguments: words.map { Array($0.utf8) }))
  }

  private mutating func write() {
    for name in servers {
      guard let machine = timeline.world.machine(name), machine.life == .running,
        machine.node?.replication.master == nil
      else { continue }
      for _ in 0...below(3) {
        written += 1
        let key = "k\(written % 50)"
        switch below(8) {
        case 0: say(name, "SET", key, "\(written)", "PX", "\(1 + below(5_000))")
        case 1: say(name, "DEL", key)
        case 2: say(name, "SET", key, String(repeating: "x", count: below(10_000)))
        case 3: say(name, "RPUSH", "l\(written % 5)", "\(written)")
        default: say(name, "SET", key, "\(written)")
        }
      }
    }
  }

  // MARK: Peace

  /// Whatever was broken is whole again. Where nobody watches a tree, somebody puts it together by hand.
  private mutating func end() {
    for a in all { for b in all where a < b { attempt(.heal(a, b)) } }
    for name in all {
      attempt(.disk(node: name, .ok))
      attempt(.fix(node: name, .fork(fails: false)))
      attempt(.skew(node: name, .zero))
      attempt(.resume(node: name))
      attempt(.restart(node: name))
    }
    pass(.seconds(1))
    // Who could not save refuses writes, and PING, until that has been done once.
    for name in servers { say(name, "BGSAVE") }
    pass(.seconds(1))
    guard sentinels.isEmpty else { return }
    for tree in trees {
      let masters = tree.servers.filter { timeline.world.machine($0)?.node?.replication.master == nil }
      let chosen = masters.first ?? tree.servers[0]
      guard let port = timeline.world.machine(chosen)?.address.port else { continue }
      say(chosen, "REPLICAOF", "NO", "ONE")
      for server in tree.servers where server != chosen { say(server, "REPLICAOF", "127.0.0.1", "\(port)") }
    }
  }

  /// Lets time pass until all is one; what is not after some minutes.
  private mutating func converge() -> String? {
    for round in 0..<36 {
      // Whoever was started with `replicaof` in his arguments and has become the master since is a replica again once he comes back. If his
      // replicas were away for too long meanwhile, Sentinels choose none of them: somebody has to decide.
      if round == 18 {
        for tree in trees where !hasMaster(tree) { say(tree.servers[0], "REPLICAOF", "NO", "ONE") }
        for tree in trees { joinUnknownMasters(of: tree) }
      }
      // A replica that is told to write while it can't save ends: a service manager starts it again.
      for name in all where timeline.world.machine(name)?.life.isAlive == false { attempt(.restart(node: name)) }
      pass(.seconds(10))
      if broken != nil || difference == nil { break }
    }
    return broken ?? difference
  }

  /// A replica of a replica that FAILOVER made the master may be one that no Sentinel has heard of: they learn of replicas from the
  /// master that they know. They make another one the master, and leave this one alone.
  private mutating func joinUnknownMasters(of tree: Tree) {
    let watching = sentinels.compactMap { timeline.world.machine($0)?.node?.sentinel.masters[tree.name] }
    guard let chosen = watching.first?.instance.address else { return }
    let known = Set(watching.flatMap { [$0.instance.address] + $0.slaves.values.map(\.address) })
    for server in tree.servers {
      guard let machine = timeline.world.machine(server), !known.contains(machine.address),
        machine.node?.replication.isMaster == true
      else { continue }
      say(server, "REPLICAOF", chosen.host, "\(chosen.port)")
    }
  }

  private func hasMaster(_ tree: Tree) -> Bool {
    tree.servers.contains { timeline.world.machine($0)?.node?.replication.isMaster == true }
  }

  private var difference: String? {
    for tree in trees { if let difference = difference(tree) { return difference } }
    return nil
  }

  private func difference(_ tree: Tree) -> String? {
    let world = timeline.world
    let nodes = tree.servers.compactMap { world.machine($0)?.node }
    guard nodes.count == tree.servers.count else { return "not all servers of \(tree.name) run" }
    let masters = nodes.filter { $0.replication.master == nil }
    guard masters.count == 1, let master = masters.first else {
      return "\(tree.name): there are \(masters.count) masters"
    }
    let digest = master.digest
    for (name, node) in zip(tree.servers, nodes) where node.replication.master != nil {
      if node.replication.link.state != .connected { return "\(name) is not connected" }
      if node.digest != digest { return "\(name) has other data than its master" }
    }
    for name in sentinels {
      guard let sentinel = world.machine(name)?.node?.sentinel, let known = sentinel.masters[tree.name] else {
        return "\(name) does not run"
      }
      let port = known.instance.address.port
      if port != master.configuration.port { return "\(name) takes \(port) for the master of \(tree.name)" }
      if known.failoverState != FailoverState.none { return "\(name) is not done" }
    }
    return nil
  }
}
