import Lab
import Redis
import LineEdit
import Views

/// Forwards in time: `step`, `stepi`, `next`, `finish`, `until`, `continue`, `advance`.
extension Verb {
  static let stepsVerbs: [Verb] = [
    Verb(
      name: "step", shorts: ["s"], family: .forwards, arguments: "[N]", summary: "deliver the next message, N times",
      details: """
        What is in flight goes first, in the order in which it arrives; where nothing
        is, timers fire until something is. `choose` delivers another one first,
        `stepi` goes packet by packet. Enter does it again.
        """,
      example: "step 3", offers: [.nothing], isStepping: true,
      run: { session, arguments in
        try arguments.atMost(1)
        try session.repeating(try arguments.number(0, or: 1)) { $0.step(1, $1) }
      }),
    Verb(
      name: "stepi", shorts: ["si"], family: .forwards, arguments: "[N]", summary: "deliver the next packet, N times",
      details: """
        Every TCP segment is a step: the three that begin a connection, data, and bare
        acknowledgements.
        """,
      example: "stepi", offers: [.nothing], isStepping: true,
      run: { session, arguments in
        try arguments.atMost(1)
        try session.repeating(try arguments.number(0, or: 1)) { $0.stepPacket(1, $1) }
      }),
    Verb(
      name: "next", shorts: ["n"], family: .forwards, summary: "go on to the next phase of the protocol",
      details: """
        The phases are connect, handshake, psync, wait, transfer, load and stream. All
        that happens on the way is shown.
        """,
      example: "next", isStepping: true,
      run: { session, arguments in
        try arguments.atMost(0)
        try session.travel { $0.next($1) }
      }),
    Verb(
      name: "finish", shorts: ["fin"], family: .forwards, summary: "go on to the end of the transfer",
      details: "If none runs, the next one is meant.",
      example: "finish", isStepping: true,
      run: { session, arguments in
        try arguments.atMost(0)
        try session.travel(isBrief: true) { $0.finish($1) }
      }),
    Verb(
      name: "until", shorts: ["u"], family: .forwards, arguments: "EXPR", summary: "go on until an expression is true",
      details: "It is tried after every step. `help print` says what expressions there are.",
      example: "until r.offset >= 2614", offers: [.expressions],
      run: { try $0.until($1) }),
    Verb(
      name: "continue", shorts: ["c"], family: .forwards, summary: "go on to a breakpoint, or until all is quiet",
      details: """
        It is quiet when nothing is in flight and only timers are left that do the
        same for ever: a replica's ACK, a master's PING. Ctrl-C stops it before that.
        """,
      example: "continue", isStepping: true,
      run: { session, arguments in
        try arguments.atMost(0)
        try session.travel(isBrief: true) { $0.resume($1) }
      }),
    Verb(
      name: "advance", family: .forwards, arguments: "DURATION [at once]", summary: "let time pass",
      details: """
        All that is due within it happens. Durations: 5s, 2.5s, 300ms, 40us, 1m, 1h.
        At once: as one step, of which no packets are kept. A storm of connections
        passes so by itself, a tenth of a second as one step.
        """,
      example: "advance 5s", offers: [.words(["1s", "5s", "10s", "60s"])], isStepping: true,
      run: { session, arguments in
        let duration = try arguments.interval(0)
        if arguments.count == 3, arguments[1] == "at", arguments[2] == "once" {
          let run = try session.timeline.pass(duration)
          return session.show(run, isBrief: true)
        }
        try arguments.atMost(1)
        try session.travel(isBrief: true) { $0.advance(by: duration, $1) }
      }),
  ]
}

extension Session {
  /// What long verbs poll and tell: Ctrl-C and, to a person at a terminal, how far they have come.
  var monitor: ProgressMonitor {
    guard tellsProgress else { return ProgressMonitor(shouldStop: shouldStop) }
    return ProgressMonitor(
      shouldStop: shouldStop,
      progress: { [output] count, time in
        if count.isMultiple(of: 10_000) { output.write("\r\(count) steps, \(time.clockText) (Ctrl-C stops)\u{1b}[K\r") }
      })
  }

  /// A verb done `count` times, each time shown as it happens; a stop of another kind than having done it ends the row.
  fileprivate mutating func repeating(_ count: Int, _ verb: (inout Timeline, ProgressMonitor) -> StopReply) throws {
    let (from, began) = (timeline.position, timeline.world.now)
    for _ in 0..<count {
      guard try travel(verb).stop == .done else { return }
      // A recording ends by itself.
      let done = timeline.position - from
      if timeline.recording == nil, done >= Timeline.limit.steps {
        return showReason(.limit(timeline.world.now - began, steps: done))
      }
    }
  }

  /// Does a verb of the timeline, and shows what it did.
  @discardableResult
  mutating func travel(
    isBrief: Bool = false, goesBack: Bool = false, _ verb: (inout Timeline, ProgressMonitor) -> StopReply
  ) throws(Complaint) -> StopReply {
    // A recording's world may be of thousands of connections, which would all be copied once it goes on. Who goes back needs it not,
    // and it may hold much.
    let origin = timeline.recording == nil && !goesBack ? timeline.world : nil
    let run = verb(&timeline, monitor)
    clearProgress(from: run.from)
    show(run, isBrief: isBrief, origin: origin)
    if case .end(let fault?) = run.stop { throw unreadable(fault) }
    return run
  }

  /// A dumb terminal has no lines that can be written over.
  private var tellsProgress: Bool { isPrompt && output.isTerminal && environment("TERM") ?? "dumb" != "dumb" }

  /// What tells a person how far something has come that is no row of steps.
  var progressLine: ProgressLine { ProgressLine(on: tellsProgress ? output : nil) }

  /// Writes over what `monitor` has told.
  func clearProgress() { if tellsProgress { output.write("\r\u{1b}[K") } }
  func clearProgress(from: Int) { if abs(timeline.position - from) >= 10_000 { clearProgress() } }

  /// What is wrong with the rest of a recording, after all that could be read of it.
  func unreadable(_ fault: LabError) -> Complaint {
    .input("\(timeline.recording?.name ?? ""): \(fault.what)", advice: Complaint.sentence(fault.advice))
  }

  fileprivate mutating func until(_ arguments: Arguments) throws {
    _ = try arguments.required(0, "an expression")
    let expression = try Expression(arguments.rest, isCondition: true, names: nodeNames)
    let run = try timeline.until(expression, monitor)
    show(run, isBrief: true)
    switch run.stop {
    case .done, .breakpoint, .watch, .broken, .interrupted, .beginning: return
    case .end(let fault?): throw unreadable(fault)
    case .quiet, .nothingPending, .limit, .storm, .fruitless, .end:
      var before = timeline
      try before.go(to: run.from, monitor)
      let wasTrue = (try? before.holds(expression, monitor)) == true
      throw Complaint(
        .expectation,
        "‘\(arguments.rest)’ " + (wasTrue ? "was true already, and was not again" : "has not become true"),
        advice: "`back` and `goto \(run.from)` go back to where you were"
          + (timeline.recording == nil ? "; `advance` lets more time pass." : "."))
    }
  }
}
