import Glibc
import Lab
import Redis

/// One master and many replicas: what a step costs must not depend on how many nodes there are, but on how many it touches.
func topologies() throws -> [Row] {
  var rows: [Row] = []
  for shape in [Topology.Shape.flat, .tree] {
    rows.append(
      try contest(
        "Lab: a step with 1,000 replicas (\(shape.rawValue)) / with 10", rounds: 5, goal: "< 1.5",
        rate: { ($0 * 1e6).formatted(1) + " µs" },
        ours: { try Topology.measured(.steps, shape, 1_000).seconds },
        peer: { try Topology.measured(.steps, shape, 10).seconds }))
  }
  let (alone, watched) = (try Topology.measured(.steps, .flat, 4), try Topology.measured(.steps, .sentinels, 4))
  rows.append(
    Row(
      what: "Lab: a step with 5 servers and 3 Sentinels / with 5 servers",
      ours: "\((watched.seconds * 1e6).formatted(1)) µs, \(watched.megabytes.formatted(0)) MB",
      peer: "\((alone.seconds * 1e6).formatted(1)) µs, \(alone.megabytes.formatted(0)) MB",
      ratio: (watched.seconds / alone.seconds).formatted(2)))
  let sessions = try [Topology.Shape.flat, .sentinels].map { shape in
    try figures(Topology.verb, "\(Topology.Task.session.rawValue) \(shape.rawValue) 4")
  }
  let (plain, guarded) = (sessions[0], sessions[1])
  for (index, what) in ["steps a second", "bytes kept a step"].enumerated() {
    rows.append(
      Row(
        what: "Lab: \(what), 5 servers and 3 Sentinels / 5 servers", ours: "\(Int(guarded[index]))",
        peer: "\(Int(plain[index]))", ratio: (guarded[index] / plain[index]).formatted(2)))
  }
  rows.append(
    Row(
      what: "Lab: back at 200,000 steps with 3 Sentinels / at 1,000", ours: milliseconds(guarded[3]),
      peer: milliseconds(guarded[2]), ratio: (guarded[3] / guarded[2]).formatted(2), goal: "≈ 1"))
  let (few, many) = (try Topology.measured(.write, .flat, 10), try Topology.measured(.write, .flat, 1_000))
  rows.append(
    Row(
      what: "Lab: a write that goes to 1,000 replicas / to 10", ours: "\((many.seconds * 1e6).formatted(1)) µs",
      peer: "\((few.seconds * 1e6).formatted(1)) µs", ratio: (many.seconds / few.seconds).formatted(2)))
  for shape in [Topology.Shape.flat, .tree] {
    let sync = try Topology.measured(.sync, shape, 1_000)
    rows.append(
      Row(
        what: "Lab: the full syncs of 1,000 replicas (\(shape.rawValue))", ours: "\(sync.seconds.formatted(1)) s",
        peer: "\(sync.megabytes.formatted(0)) MB", goal: "< 10 s, < 500 MB"))
  }
  let writes = try Topology.measured(.writes, .flat, 100)
  rows.append(
    Row(
      what: "Lab: 1,000 writes at once to 100 replicas", ours: "\(writes.seconds.formatted(1)) s",
      peer: "\(writes.megabytes.formatted(0)) MB", goal: "< 300 MB"))
  return rows
}

/// The other program: what it does to a lab of many nodes, in memory of its own.
enum Topology {
  static let verb = "step-topology"

  enum Shape: String, CaseIterable {
    /// All follow one master.
    case flat
    /// Each is followed by ten.
    case tree
    /// All follow one master, and three Sentinels watch it.
    case sentinels
  }

  enum Task: String {
    /// Once all is quiet: pings, acknowledgements and timers.
    case steps
    /// One write, which goes to all replicas of the first master at once.
    case write
    /// From nothing to where all replicas are online.
    case sync
    /// Writes that are all in flight before any of them arrives.
    case writes
    /// Many steps, with a write now and then, and going back at their end.
    case session
  }

  /// Seconds (of one step, or of the whole), and the most memory that it took.
  struct Figures {
    var seconds: Seconds
    var megabytes: Double
  }

  static func measured(_ task: Task, _ shape: Shape, _ count: Int) throws -> Figures {
    let figures = try figures(verb, "\(task.rawValue) \(shape.rawValue) \(count)")
    precondition(figures.count == 2)
    return Figures(seconds: figures[0], megabytes: figures[1] / 1024)
  }

  static func run(_ order: String) throws {
    let words = order.split(separator: " ").map(String.init)
    guard words.count == 3, let task = Task(rawValue: words[0]), let shape = Shape(rawValue: words[1]),
      let count = Int(words[2])
    else { return print("usage: \(verb) 'steps|sync|write|writes|session flat|tree|sentinels COUNT'") }
    var timeline = Timeline(seed: 1)
    let sync = try measure { try start(&timeline, shape, count) }
    if task == .session {
      let session = try LongSession(&timeline, steps: 200_000)
      return print(session.stepsASecond, session.bytesAStep, session.earlyBack, session.lateBack)
    }
    let seconds =
      switch task {
      case .sync, .session: sync
      // So many that what the syncs have left behind is no matter.
      case .steps: try measure { for _ in 0..<200_000 { try timeline.apply(.next) } } / 200_000
      case .write: try writes(20, &timeline) / 20
      case .writes: try measure { try write(1_000, &timeline) }
      }
    print(seconds, memory("VmHWM"))
  }

  private static func start(_ timeline: inout Timeline, _ shape: Shape, _ count: Int) throws {
    try timeline.apply(.start(node: "m", Launch(arguments: ["--port", "7000", "--repl-diskless-sync-delay", "0"])))
    try timeline.apply(command(["SET", "titi", "toto"]))
    for number in 1...count {
      let master = shape == .tree ? (number - 1) / 10 : 0
      let arguments = [
        "--port", "\(7000 + number)", "--replicaof", "127.0.0.1 \(7000 + master)", "--repl-diskless-load",
        "on-empty-db", "--repl-diskless-sync-delay", "0",
      ]
      try timeline.apply(.start(node: "r\(number)", Launch(arguments: arguments)))
    }
    while !timeline.world.isQuiet { try timeline.apply(.next) }
    guard shape == .sentinels else { return }
    for number in 0..<3 {
      let arguments = ["--port", "\(26_379 + number)", "--sentinel", "monitor mymaster 127.0.0.1 7000 2"]
      try timeline.apply(.start(node: "s\(number)", Launch(arguments: arguments)))
    }
    _ = timeline.advance(by: .seconds(15))
  }

  /// What writes take, one after the other, without what follows from them.
  private static func writes(_ count: Int, _ timeline: inout Timeline) throws -> Seconds {
    var seconds: Seconds = 0
    for number in 0..<count {
      seconds += try measure { try timeline.apply(command(["SET", "key", "value \(number)"])) }
      while !timeline.world.isQuiet { try timeline.apply(.next) }
    }
    return seconds
  }

  private static func write(_ count: Int, _ timeline: inout Timeline) throws {
    for number in 0..<count { try timeline.apply(command(["SET", "key:\(number)", "value of \(number)"])) }
    while !timeline.world.isQuiet { try timeline.apply(.next) }
  }

  private static func command(_ words: [String]) -> Action {
    .command(node: "m", arguments: words.map { Array($0.utf8) })
  }
}
