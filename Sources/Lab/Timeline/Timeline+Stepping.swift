import Redis

extension Timeline {
  /// How much virtual time a verb may take to come to its end, and how many steps: more than `repl-timeout`, after which
  /// the last one gives up that waits for something.
  package static let limit = (time: Interval.seconds(300), steps: 200_000)

  /// After how many new connections of one replica a verb says that it is a storm: one that goes on until something
  /// happens, and one that was told what to wait for.
  static let stormLimit = (brief: 10, patient: 1_000)

  /// After how many vain attempts to connect, with no message between them, a verb that waits for one gives up.
  static let fruitlessLimit = 5

  /// `step [N]`: delivers the next message, N times; timers fire on the way. A RST and a FIN count as messages: they are
  /// all that one end of a connection has to say when it goes.
  package mutating func step(_ count: Int = 1, _ monitor: ProgressMonitor = .none) -> StopReply {
    repeating(count, monitor) { step, _ in step.isStop }
  }

  /// `stepi [N]`: delivers the next packet, N times.
  package mutating func stepPacket(_ count: Int = 1, _ monitor: ProgressMonitor = .none) -> StopReply {
    repeating(count, monitor) { step, _ in !step.packets.isEmpty }
  }

  /// Whatever comes next, be it worth stopping at or not.
  package mutating func stepAny(_ monitor: ProgressMonitor = .none) -> StopReply { run(monitor) { _, _ in .done } }

  /// `next`: to the next phase of the protocol, on whichever link comes to one first; or to quiet.
  package mutating func next(_ monitor: ProgressMonitor = .none) -> StopReply {
    runToQuiet(monitor) { !$0.entered.isEmpty }
  }

  /// `finish`: to the end of the transfer that runs, or else of the next one; or to quiet.
  package mutating func finish(_ monitor: ProgressMonitor = .none) -> StopReply {
    runToQuiet(monitor) { $0.entered.contains(.load) }
  }

  /// `until EXPR`: to the first moment after this one at which the expression holds.
  package mutating func until(_ expression: Expression, _ monitor: ProgressMonitor = .none) throws(LabError)
    -> StopReply
  {
    // Nobody comes to be by himself: in a lab, nobody is there later who is not there at the end.
    try requireNodes(of: expression, monitor)
    guard expression.asksForLosses, recording == nil else {
      _ = try expression.holds(in: world)
      return run(monitor) { _, world in (try? expression.holds(in: world)) == true ? .done : nil }
    }
    guard var writes = acknowledgedWrites(monitor) else {
      return StopReply(from: position, to: position, stop: .interrupted)
    }
    _ = try expression.binding(lost: writes.lostCount).holds(in: world)
    return run(monitor) { step, world in
      writes.note(step, world)
      return (try? expression.binding(lost: writes.lostCount).holds(in: world)) == true ? .done : nil
    }
  }

  /// - Throws: where an expression asks about somebody who is nowhere in this branch, or in all of the recording.
  package func requireNodes(of expression: Expression, _ monitor: ProgressMonitor = .none) throws(LabError) {
    let here = Set(world.names)
    let missing = expression.nodes.filter { !here.contains($0) }
    guard !missing.isEmpty else { return }
    var walker = self
    walker.checker = nil
    walker.travel(to: end)
    while recording != nil, missing.contains(where: { !walker.world.names.contains($0) }) {
      if monitor.shouldStop() { throw .interrupted }
      guard walker.proceed() != nil else { break }
      monitor.tell(walker.position, walker.world.now)
    }
    for name in missing { try walker.world.requireNode(name) }
  }

  /// `print EXPR`, at this moment.
  package func value(of expression: Expression, _ monitor: ProgressMonitor = .none) throws(LabError) -> ExpressionValue
  {
    guard expression.asksForLosses, recording == nil, let writes = acknowledgedWrites(monitor) else {
      return try expression.value(in: world)
    }
    return try expression.binding(lost: writes.lostCount).value(in: world)
  }

  /// Whether an expression holds at this moment.
  package func holds(_ expression: Expression, _ monitor: ProgressMonitor = .none) throws(LabError) -> Bool {
    try value(of: expression, monitor).isTrue
  }

  /// `continue`: to a breakpoint, or to quiet.
  package mutating func resume(_ monitor: ProgressMonitor = .none) -> StopReply {
    runToQuiet(monitor) { _ in false }
  }

  /// Goes on until a step is the one, or until what is pending only repeats itself: waiting for more would be for ever.
  private mutating func runToQuiet(_ monitor: ProgressMonitor, _ isIt: (Step) -> Bool) -> StopReply {
    if position == end, world.isQuiet, world.nextEventTime != nil {
      return StopReply(from: position, to: position, stop: .quiet)
    }
    return run(monitor, storm: Self.stormLimit.brief, waitsForMessage: true) { [end] step, world in
      if isIt(step) { return .done }
      return world.number >= end && world.isQuiet ? .quiet : nil
    }
  }

  /// `goto end` in a recording: to its end, past all breakpoints.
  package mutating func goToEnd(_ monitor: ProgressMonitor = .none) -> StopReply {
    let from = position
    travel(to: end)
    while !monitor.shouldStop() {
      guard proceed() != nil else { return StopReply(from: from, to: position, stop: history.ending) }
      monitor.tell(position, world.now)
    }
    return StopReply(from: from, to: position, stop: .interrupted)
  }

  /// `advance DURATION`: lets time pass; all that is due happens. In a storm the steps are not kept one by one, but
  /// those of a tenth of a second as one, unless a breakpoint has to be looked for.
  package mutating func advance(by duration: Interval, _ monitor: ProgressMonitor = .none) -> StopReply {
    let (from, began, target) = (position, world.now, world.now + duration)
    var storms = StormWatch()
    while true {
      guard let next = nextTime, next <= target else { break }
      let run = run(monitor) { _, _ in .done }
      if run.stop != .done { return StopReply(from: from, to: position, stop: run.stop) }
      if !history.isFinite, position - from >= Self.limit.steps {
        let stop = Stop.limit(world.now - began, steps: position - from, left: target - world.now)
        return StopReply(from: from, to: position, stop: stop)
      }
      guard position == end, !hasStops, let step = current, let storm = storms.note(step),
        storm.count >= Self.stormLimit.brief
      else { continue }
      guard passStorm(until: target, monitor) else { return StopReply(from: from, to: position, stop: .interrupted) }
      storms = StormWatch()
    }
    // In a recording time is what its packets say.
    if world.now < target { _ = try? apply(.advance(to: target)) }
    return StopReply(from: from, to: position, stop: .done)
  }

  /// `advance DURATION at once`: as one step, which ends before that where too much happens.
  package mutating func pass(_ duration: Interval) throws(LabError) -> StopReply {
    let (from, began, target) = (position, world.now, world.now + duration)
    try apply(.pass(to: target))
    let stop: Stop =
      world.now < target
      ? .limit(world.now - began, steps: position - from, left: target - world.now) : .done
    return StopReply(from: from, to: position, stop: stop)
  }

  /// False if the user stopped it.
  private mutating func passStorm(until target: Instant, _ monitor: ProgressMonitor) -> Bool {
    while world.now < target {
      if monitor.shouldStop() { return false }
      let end = min(target, world.now + .milliseconds(100))
      guard let step = try? apply(.pass(to: end)), case .passage(let storm) = step.cause, storm != nil else { break }
    }
    return true
  }

  /// Something may stop a run.
  private var hasStops: Bool {
    checker != nil || breakpoints.contains { if case .display = $0.kind { false } else { true } }
  }

  /// A client's command: at once, and then for as long as it blocks there (`WAIT`) in virtual time until its reply comes.
  /// The reply is in the last step; there is none if the node closed the connection instead.
  ///
  /// - Parameter now: waits only for what is due at this very time, such as what the node has to see to first in this turn.
  package mutating func command(
    _ node: String, _ arguments: [[UInt8]], now isNow: Bool = false, _ monitor: ProgressMonitor = .none
  ) throws(LabError) -> StopReply {
    let from = position
    func waits(_ world: World) -> Bool {
      world.awaitsReply(of: node) && (!isNow || world.nextEventTime == world.now)
    }
    let told = try perform(.command(node: node, arguments: arguments))
    guard told.stop == .done, waits(world) else { return told }
    let run = run(monitor) { _, world in waits(world) ? nil : .done }
    return StopReply(from: from, to: position, stop: run.stop)
  }

  /// Lets things happen until a client has its reply.
  package mutating func awaitReply(of client: String, _ monitor: ProgressMonitor = .none) -> StopReply {
    run(monitor) { _, world in world.awaitsReply(of: client) ? nil : .done }
  }

  /// What the user does, as `apply` does it, and whether a breakpoint or a watch says that this is a place to stop.
  package mutating func perform(_ action: Action) throws(LabError) -> StopReply {
    let from = position
    var watcher = Watcher(breakpoints, world)
    let step = try apply(action)
    let stop = broken ?? watcher.stop(after: step, world)
    if case .breakpoint(let number) = stop { forgetTemporary(number) }
    return StopReply(from: from, to: position, stop: stop ?? .done)
  }

  /// When the next thing happens, or happened.
  private var nextTime: Instant? {
    history.time(after: world)
  }

  private mutating func repeating(
    _ count: Int, _ monitor: ProgressMonitor, _ isIt: (Step, World) -> Bool
  ) -> StopReply {
    var left = count
    return run(monitor, waitsForMessage: true) { step, world in
      if isIt(step, world) { left -= 1 }
      return left <= 0 ? .done : nil
    }
  }

  /// Lets things happen until `verdict` says stop, or a breakpoint does, or nothing more can happen.
  mutating func run(
    _ monitor: ProgressMonitor, storm limit: Int = stormLimit.patient, waitsForMessage: Bool = false,
    _ verdict: (Step, World) -> Stop?
  ) -> StopReply {
    var storms = StormWatch()
    var fruitless = FruitlessWatch()
    let (from, began) = (position, world.now)
    catchUpChecker(monitor)
    var watcher = Watcher(breakpoints, world)
    var stop: Stop?
    while stop == nil {
      let count = position - from
      if monitor.shouldStop() {
        stop = .interrupted
      } else if !history.isFinite, count >= Self.limit.steps || world.now > began + Self.limit.time {
        stop = .limit(world.now - began, steps: count)
      } else if let step = proceed() {
        monitor.tell(count + 1, world.now)
        let reached = breakpoints.isEmpty ? nil : watcher.stop(after: step, world)
        stop = broken ?? reached ?? verdict(step, world)
        if let storm = storms.note(step), storm.count >= limit, stop == nil { stop = .storm(storm) }
        if waitsForMessage, let vain = fruitless.note(step), stop == nil { stop = vain }
      } else {
        stop = monitor.shouldStop() ? .interrupted : history.ending
      }
    }
    if case .breakpoint(let number) = stop { forgetTemporary(number) }
    return StopReply(from: from, to: position, stop: stop ?? .done)
  }
}

extension Step {
  /// Where `step` stops: a message was delivered, a connection ended, or the user did something.
  var isStop: Bool {
    if !delivered.isEmpty || !action.isEvent { return true }
    guard case .arrival(_, _, _, let kind) = cause else { return false }
    return kind == .reset || kind == .fin
  }
}
