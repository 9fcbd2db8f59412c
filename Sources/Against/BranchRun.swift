import Comparison
import Dissection
import Lab
import RealRedis
import Redis

/// One branch of a timeline, and the real servers that do the same.
struct BranchRun {
  private let branch: Int
  private let patience: Double
  private let shouldStop: () -> Bool
  private let real: RealNodes
  private var lab = LabConversations()

  private(set) var differences: [Playback.Difference] = []
  private(set) var remarks: [String] = []
  private(set) var actions = 0
  private(set) var lastMoment = 0
  /// Once they have gone different ways nothing more can be learned.
  var isGoingOn: Bool { differences.isEmpty && remarks.isEmpty && !shouldStop() }

  init(branch: Int, program: String, patience: Double, shouldStop: @escaping () -> Bool) {
    (self.branch, self.patience, self.shouldStop) = (branch, patience, shouldStop)
    real = RealNodes(program: program)
  }

  /// How many of the lab's connections between replicas and masters said something of their own.
  var connections: Int { lab.runs.values.reduce(0) { $0 + $1.list.count } }

  /// Takes the lab's next step, and does the same if the user did it.
  mutating func follow(_ step: Step, before: World, after: World) throws {
    if step.action.letsThingsHappen { real.hold(false) }
    if step.action.isDoneToNodes { try perform(step, before: before, after: after) }
    lastMoment = step.number
    if case .pass(let time) = step.action {
      // Many steps were one; what was said in each of them counts.
      var world = before
      while let next = world.nextEventTime, next <= time, let step = try? world.apply(.next) {
        lab.hear(step, in: world)
      }
    } else {
      lab.hear(step, in: after)
    }
  }

  /// The end: now neither may have said more than the other.
  mutating func conclude() {
    real.hold(false)
    var real = self.real.runs()
    let isSame = wait {
      real = self.real.runs()
      return areEqual(real)
    }
    // A real one might do more in the next second.
    if isSame {
      _ = RealRedis.wait(seconds: 1.5) { shouldStop() }
      real = self.real.runs()
    }
    if !shouldStop() { compare(real) { $0.areEqual(to: $1) } }
  }
}

// MARK: - Doing the same

extension BranchRun {
  private mutating func perform(_ step: Step, before: World, after: World) throws {
    waitUntilReached(step.number - 1)
    guard isGoingOn else { return }
    actions += 1
    // A command takes no time in the lab: what it makes a node say is under way until something is let happen. A reply
    // that comes later, or a node that ends, may need what is under way.
    real.hold(step.reply != nil)
    switch step.action {
    case .start(let node, let launch) where launch.isSentinel:
      remarks.append(
        "`start \(node)` (moment \(step.number)) starts a Sentinel; whom Sentinels elect, and when, is chance, so they are "
          + "not played to real ones")
    case .start(let node, let launch):
      try run(node, step, after) { try $0.start(node, launch, port: after.machine(node)?.address.port ?? 0) }
    case .restart(let node): try run(node, step, after) { try $0.restart(node) }
    case .stop(let node): end(node, before) { $0.stop(node) }
    case .kill(let node): end(node, before) { $0.kill(node) }
    case .pause(let node): real.pause(node)
    case .resume(let node): real.resume(node)
    case .cut(let link):
      guard let pair = lab.pair(of: link) else { return }
      end(pair.replica, before) { $0.cut(pair) }
    case .command(let node, let arguments): try command(node, arguments, step, before)
    default:
      remarks.append("`\(step.action.line(in: before))` (moment \(step.number)) can't be done to a real server")
    }
  }

  private mutating func run(
    _ node: String, _ step: Step, _ after: World, _ body: (RealNodes) throws -> Void
  ) throws {
    let runs = after.machine(node)?.life.isAlive ?? false
    do {
      try body(real)
    } catch let error as RealServerError {
      if runs { differ(step.number, node, "runs", "\(error)") }
      return
    }
    if !runs { differ(step.number, node, "does not run", "runs") }
  }

  private mutating func end(_ node: String, _ before: World, _ body: (RealNodes) -> Void) {
    interrupt(node, before)
    body(real)
  }

  private mutating func interrupt(_ node: String, _ before: World) {
    let port = before.machine(node)?.address.port
    lab.interrupt(node, port: port)
    real.interrupt(node, port: port)
  }

  private mutating func command(_ node: String, _ arguments: [[UInt8]], _ step: Step, _ before: World) throws {
    let comparison = ReplyComparison(arguments)
    if comparison.breaksLinks { interrupt(node, before) }
    var reply = try real.command(node, arguments)
    guard let expected = step.reply else { return }
    if comparison.mayBeAskedAgain(after: reply ?? []) {
      _ = wait {
        if let got = reply, comparison.areSame(expected, got) { return true }
        reply = (try? real.command(node, arguments)) ?? nil
        return false
      }
    }
    let got = reply ?? []
    if !comparison.areSame(expected, got) {
      let words = arguments.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
      differ(step.number, "\(node) \(words)", Self.text(expected), Self.text(got))
    }
  }

  private static func text(_ reply: [UInt8]) -> String {
    reply.isEmpty ? "no reply" : String(decoding: reply, as: UTF8.self).debugDescription
  }
}

// MARK: - Comparing

extension BranchRun {
  private mutating func waitUntilReached(_ moment: Int) {
    var real: [Pair: ConversationRun] = [:]
    _ = wait {
      real = self.real.runs()
      return recorded(real).allSatisfy { pair, runs in runs.areReached(by: real[pair] ?? ConversationRun()) }
    }
    // A link that breaks and comes back all the time says the same again and again. Where in that the lab is when
    // something is done may decide what is said next; a round takes a second at most, and a storm's can't be met.
    _ = RealRedis.wait(seconds: min(patience, 3)) {
      real = self.real.runs()
      return shouldStop()
        || recorded(real).allSatisfy { pair, runs in runs.isRepeated(by: real[pair] ?? ConversationRun()) }
    }
    compare(real) { $0.areReached(by: $1) }
  }

  /// What the lab's pairs say of which there is a record: a master that hands over in a failover finds its replica by
  /// itself, past any proxy.
  private func recorded(_ real: [Pair: ConversationRun]) -> [Pair: ConversationRun] {
    lab.runs.filter { real[$0.key] != nil }
  }

  private func areEqual(_ real: [Pair: ConversationRun]) -> Bool {
    recorded(real).allSatisfy { $1.areEqual(to: real[$0] ?? ConversationRun()) }
  }

  private mutating func compare(_ real: [Pair: ConversationRun], _ isFine: (ConversationRun, ConversationRun) -> Bool) {
    for (pair, runs) in recorded(real).sorted(by: { $0.key < $1.key }) {
      let other = real[pair] ?? ConversationRun()
      if isFine(runs, other) { continue }
      let difference = runs.difference(from: other) ?? ("\(runs.list.count) connections", "\(other.list.count)")
      differ(lastMoment, "\(pair)", difference.0, difference.1)
    }
  }

  private func wait(until question: () -> Bool) -> Bool {
    RealRedis.wait(seconds: patience) { shouldStop() || question() }
  }

  private mutating func differ(_ moment: Int, _ place: String, _ lab: String, _ real: String) {
    differences.append(Playback.Difference(branch: branch, moment: moment, place: place, lab: lab, real: real))
  }
}

extension Action {
  /// What is under way may arrive.
  fileprivate var letsThingsHappen: Bool {
    switch self {
    case .next, .deliver, .advance, .pass: true
    default: false
    }
  }

  /// The user did it, and it concerns more than the lab's own network and chance, which a real one has its own of.
  fileprivate var isDoneToNodes: Bool {
    switch self {
    case .next, .deliver, .advance, .pass, .lag, .lagBetween, .split, .chunk, .fix, .jitter, .bandwidth, .drop: false
    default: true
    }
  }
}
