import Redis

@testable import Lab

/// A user who does anything at any time: thousands of commands, faults, lives and steps, and goes back to do otherwise.
struct RandomSession {
  var random: SeededRandom
  var timeline: Timeline
  /// What was refused; a session that is refused all it tries tests nothing.
  var refused = 0

  /// - Parameter room: about how many bytes the kept worlds of a branch may hold.
  init(seed: UInt64, room: Int = 64 << 20) {
    random = SeededRandom(seed: seed)
    timeline = Timeline(seed: seed, room: room)
    for (name, port) in [("m", 7000), ("r", 7001), ("s", 7002)] { start(name, port) }
  }

  private mutating func start(_ name: String, _ port: Int) {
    var arguments = ["--port", String(port), "--repl-diskless-sync-delay", "0"]
    if name == "r" { arguments += ["--replicaof", "127.0.0.1 7000", "--repl-diskless-load", "on-empty-db"] }
    if name == "s" { arguments += ["--replicaof", "127.0.0.1 7001", "--repl-timeout", "5"] }
    attempt(.start(node: name, Launch(arguments: arguments)))
  }

  mutating func attempt(_ action: Action) {
    do { try timeline.apply(action) } catch { refused += 1 }
  }

  mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
  mutating func node() -> String { ["m", "r", "s"][below(3)] }

  /// One thing that a user might do: mostly letting things happen.
  mutating func act() {
    switch below(100) {
    case 0..<70: proceed()
    case 70..<82: command()
    case 82..<84: choose()
    case 84..<86: split()
    case 86: attempt(.kill(node: node()))
    case 87: attempt(.stop(node: node()))
    case 88..<91: attempt(.restart(node: node()))
    case 91: attempt(.pause(node: node()))
    case 92..<94: attempt(.resume(node: node()))
    case 94: if let link = timeline.world.links.last { attempt(.cut(link.id)) }
    case 95: attempt(.partition(node(), node()))
    case 96..<98: if let pair = timeline.world.partitions.first { attempt(.heal(pair.a, pair.b)) }
    case 98: if let link = timeline.world.links.first { attempt(.lag(link.id, .microseconds(Int64(below(3_000_000))))) }
    default: settle()
    }
  }

  private mutating func proceed() {
    let world = timeline.world
    attempt(world.nextEventTime == nil ? .advance(to: world.now + .milliseconds(10)) : .next)
  }

  private mutating func command() {
    let key = "k\(below(50))"
    let texts = [
      "SET \(key) \(below(1_000_000))", "GET \(key)", "DEL \(key)", "INCR n", "APPEND long xxxxxxxxxxxxxxxx", "PING",
      "SELECT \(below(3))", "PEXPIRE \(key) \(below(5_000))", "MULTI", "EXEC", "INFO replication",
      "WAIT 1 \(below(500))",
    ]
    attempt(.command(node: node(), arguments: words(texts[below(texts.count)])))
  }

  private mutating func choose() {
    let arrivals = timeline.world.pending.compactMap { pending -> Action? in
      if case .arrival(let link, let side, _) = pending.event { .deliver(link, towards: side) } else { nil }
    }
    if !arrivals.isEmpty { attempt(arrivals[below(arrivals.count)]) }
  }

  private mutating func split() {
    for pending in timeline.world.pending {
      if case .arrival(let link, let side, _) = pending.event {
        attempt(.split(link, towards: side, sizes: [1 + below(3), 1 + below(20)]))
        return
      }
    }
  }

  private mutating func settle() {
    switch below(3) {
    case 0: attempt(.fix(node: node(), .replid(random.hex(40))))
    case 1: attempt(.chunk(node: node(), below(2) == 0 ? .record : .bytes(1 + below(100))))
    default: attempt(.advance(to: timeline.world.nextEventTime ?? timeline.world.now))
    }
  }
}
