import Redis

/// What a person might do next, by chance.
///
/// Each attempt has its own likings: it does some kinds of moves often, some seldom and some never. What takes many moves of
/// few kinds, such as a sync that never ends, is hardly ever come to by doing a little of everything. And it does some moves
/// in a row, as people do.
struct MoveDraw {
  private var random: SeededRandom
  private let weights: [(Kind, UInt64)]
  /// What comes next in a row.
  private var planned: [Exploration.Move] = []

  private enum Kind: CaseIterable {
    case write, burst, wait, pass, kill, cutPower, bounce, restart, partition, heal, promote, follow, failOver,
      handOver, cut, narrow,
      widen, lag, traffic, smallBuffers, slowSnapshots, pause, resume

    /// How much more often than others it is done.
    var share: UInt64 {
      switch self {
      case .write: 5
      case .pass: 8
      case .burst: 4
      case .restart, .heal, .resume, .smallBuffers, .slowSnapshots, .traffic: 2
      default: 1
      }
    }
  }

  init(seed: UInt64) {
    random = SeededRandom(seed: seed)
    var weights: [(Kind, UInt64)] = []
    for kind in Kind.allCases {
      // Without time nothing happens.
      let liking: UInt64 = kind == .pass ? 1 : [0, 1, 1, 4][Int(random.next() % 4)]
      if liking > 0 { weights.append((kind, liking * kind.share)) }
    }
    self.weights = weights
  }

  static let spans: [Interval] = [
    .microseconds(50), .microseconds(100), .milliseconds(1), .milliseconds(100), .seconds(1), .seconds(2), .seconds(5),
    .seconds(10),
  ]
  /// More than the smallest backlog holds, and a small output buffer.
  static let burst = "for i=1,30 do redis.call('SET','burst:'..i,string.rep('x',1000)) end"
  /// Bytes a second: what such a burst has written takes seconds to be sent.
  private static let narrow = 4_000

  private mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(max(1, limit))) }

  private mutating func pick<Element>(_ elements: [Element]) -> Element? {
    elements.isEmpty ? nil : elements[below(elements.count)]
  }

  private mutating func kind() -> Kind {
    var number = random.next() % weights.reduce(0) { $0 + $1.1 }
    for (kind, weight) in weights {
      if number < weight { return kind }
      number -= weight
    }
    return .pass
  }

  /// Nil if nothing that it likes can be done here.
  mutating func next(in world: World, _ number: Int) -> Exploration.Move? {
    if !planned.isEmpty { return planned.removeFirst() }
    for _ in 0..<30 {
      if let move = move(kind(), in: world, number) { return move }
    }
    return nil
  }

  private mutating func move(_ kind: Kind, in world: World, _ number: Int) -> Exploration.Move? {
    func said(_ node: String, _ words: String...) -> Action {
      .command(node: node, arguments: words.map { Array($0.utf8) })
    }
    let all = world.machines.map(\.name)
    let running = world.machines.filter { $0.life == .running }
    let servers = running.filter { $0.node?.isSentinel == false }
    let masters = servers.filter { $0.node?.replication.isMaster == true }.map(\.name)
    let replicas = servers.filter { $0.node?.replication.isMaster == false }.map(\.name)
    func burst(_ master: String) -> Exploration.Move { .act(said(master, "EVAL", Self.burst, "0")) }
    func follow(_ node: String, _ master: String) -> Exploration.Move? {
      world.machine(master).map { .act(said(node, "REPLICAOF", "127.0.0.1", "\($0.address.port)")) }
    }
    switch kind {
    case .write: return pick(masters).map { .act(said($0, "SET", "explored:\(number)", "\(number)")) }
    case .burst: return pick(masters).map(burst)
    case .traffic:
      guard let master = pick(masters), let span = pick([.seconds(2), .seconds(5), .seconds(10)] as [Interval]) else {
        return nil
      }
      planned =
        [.pass(span)]
        + [[burst(master), .pass(span)], [burst(master), .pass(span)], [burst(master), .pass(span)]].joined()
      return burst(master)
    case .wait: return pick(masters).map { .act(said($0, "WAIT", "1", "1000")) }
    case .pass: return .pass(Self.spans[below(Self.spans.count)])
    case .kill: return pick(running.map(\.name)).map { .act(.kill(node: $0)) }
    case .cutPower: return pick(running.map(\.name)).map { .act(.cutPower(node: $0)) }
    case .bounce:
      // As a service manager does it.
      guard let node = pick(running.map(\.name)) else { return nil }
      planned = [.act(.restart(node: node)), .pass(.seconds(10))]
      return .act(.kill(node: node))
    case .restart:
      return pick(world.machines.filter { !$0.life.isAlive }.map(\.name)).map { .act(.restart(node: $0)) }
    case .pause: return pick(running.map(\.name)).map { .act(.pause(node: $0)) }
    case .resume: return pick(world.machines.filter { $0.life == .paused }.map(\.name)).map { .act(.resume(node: $0)) }
    case .partition: return pair(all).map { .act(.partition($0, $1)) }
    case .heal: return pick(Array(world.partitions)).map { .act(.heal($0.a, $0.b)) }
    case .promote: return pick(replicas).map { .act(said($0, "REPLICAOF", "NO", "ONE")) }
    case .follow:
      guard let node = pick(servers.map(\.name)), let other = pick(masters), other != node else { return nil }
      return follow(node, other)
    case .handOver:
      // Somebody writes meanwhile.
      guard let new = pick(replicas), let old = pick(masters) else { return nil }
      let followers = servers.map(\.name).filter { $0 != new }.compactMap { follow($0, new) }
      planned = [.act(said(new, "REPLICAOF", "NO", "ONE"))] + followers + [.pass(.seconds(10))]
      return .act(said(old, "SET", "explored:\(number)", "\(number)"))
    case .failOver:
      guard let master = pick(masters) else { return nil }
      guard below(2) == 0, let other = pick(replicas), let port = world.machine(other)?.address.port else {
        return .act(said(master, "FAILOVER"))
      }
      return .act(said(master, "FAILOVER", "TO", "127.0.0.1", "\(port)", "FORCE", "TIMEOUT", "100"))
    case .cut: return pick(world.links.filter { !$0.isClient }.map(\.id)).map { .act(.cut($0)) }
    case .narrow: return pair(all).map { .act(.bandwidth($0, $1, Self.narrow)) }
    case .widen:
      let narrow = world.paths.filter { $0.value.bandwidth != nil }.map(\.key)
      return pick(narrow).map { .act(.bandwidth($0.from, $0.to, nil)) }
    case .lag:
      let links = world.links.filter { !$0.isClient }.map(\.id)
      return pick(links).map { .act(.lag($0, below(2) == 0 ? .milliseconds(200) : .seconds(2))) }
    case .smallBuffers:
      return pick(masters).map {
        .act(
          said(
            $0, "CONFIG", "SET", "repl-backlog-size", "16384", "client-output-buffer-limit", "replica 24000 24000 60"))
      }
    case .slowSnapshots: return pick(masters).map { .act(said($0, "CONFIG", "SET", "rdb-key-save-delay", "200000")) }
    }
  }

  private mutating func pair(_ names: [String]) -> (String, String)? {
    guard let a = pick(names), let b = pick(names), a != b else { return nil }
    return (a, b)
  }
}
