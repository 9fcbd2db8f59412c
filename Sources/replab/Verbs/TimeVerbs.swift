import Lab
import Views

/// Backwards in time, and other futures: `back`, `reverse-continue`, `goto`, `branch`, `branches`.
extension Verb {
  static let timeVerbs: [Verb] = [
    Verb(
      name: "back", shorts: ["rs", "reverse-step"], family: .backwards, arguments: "[N]",
      summary: "undo the last message, N times",
      details: """
        The world is then the very one that it was: nodes, disks, what was in flight,
        chance. Doing something else there starts a branch; nothing is lost, and
        `branches` lists them.
        """,
      example: "back 2", offers: [.nothing], isStepping: true,
      run: { session, arguments in
        try arguments.atMost(1)
        let count = try arguments.number(0, or: 1)
        try session.travel(goesBack: true) { timeline, _ in timeline.back(count) }
      }),
    Verb(
      name: "backi", shorts: ["rsi", "reverse-stepi"], family: .backwards, arguments: "[N]",
      summary: "undo the last packet, N times", example: "backi", offers: [.nothing], isStepping: true,
      run: { session, arguments in
        try arguments.atMost(1)
        let count = try arguments.number(0, or: 1)
        try session.travel(goesBack: true) { timeline, _ in timeline.backPacket(count) }
      }),
    Verb(
      name: "reverse-continue", shorts: ["rc"], family: .backwards,
      summary: "go back to the last breakpoint",
      details: "Without one, to the beginning.", example: "reverse-continue", isStepping: true,
      run: { session, arguments in
        try arguments.atMost(0)
        try session.travel { $0.reverseContinue($1) }
      }),
    Verb(
      name: "goto", family: .backwards, arguments: "N|end", summary: "go to moment N: after step N",
      details: """
        0 is the beginning. Moments of the current branch count, before and after this
        one; `end` is its last one, or the end of a recording.
        """,
      example: "goto 12", offers: [.words(["end"]), .nothing],
      run: { session, arguments in
        _ = try arguments.required(0, "the number of a moment")
        try arguments.atMost(1)
        if arguments[0] == "end" { return try session.goToEnd() }
        try session.go(to: try arguments.number(0, or: 0, atLeast: 0))
      }),
    Verb(
      name: "branch", family: .backwards, arguments: "[N]", summary: "say which branch this is, or go to one",
      details: "One comes to the last moment at which one was on that branch.",
      example: "branch 1", offers: [.nothing],
      run: { session, arguments in
        try arguments.atMost(1)
        guard arguments.count == 1 else { return session.list(session.timeline.branches.filter(\.isCurrent)) }
        let from = session.timeline.position
        try session.timeline.switchBranch(to: try arguments.number(0, or: 1))
        session.showArrival(from: from)
      }),
    Verb(
      name: "branches", family: .backwards, summary: "list the branches of history", example: "branches",
      run: { session, arguments in
        try arguments.atMost(0)
        session.list(session.timeline.branches)
      }),
  ]
}

extension Session {
  fileprivate mutating func go(to number: Int) throws {
    let from = timeline.position
    defer { clearProgress(from: from) }
    do {
      try timeline.go(to: number, monitor)
    } catch  where timeline.recording != nil {
      showArrival(from: from)
      throw error
    }
    showArrival(from: from)
  }

  fileprivate mutating func goToEnd() throws {
    guard timeline.recording != nil else { return try go(to: timeline.end) }
    let from = timeline.position
    let run = timeline.goToEnd(monitor)
    clearProgress(from: from)
    showArrival(from: from)
    if case .end(let fault?) = run.stop { throw unreadable(fault) }
  }

  /// Shows the moment that one has jumped to.
  fileprivate func showArrival(from: Int) {
    show(from: from, to: timeline.position, isBrief: true)
    showDisplays()
  }

  fileprivate func list(_ branches: [Branch]) {
    for branch in branches {
      let origin = branch.origin.map { ", from moment \($0.moment) of branch \($0.branch)" } ?? ""
      let mark = branch.isCurrent ? "* " : "  "
      answer(
        ["\(mark)branch \(branch.number): \(counted(branch.end, "step"))\(origin)"],
        json: .object([
          ("branch", .number(branch.number)), ("end", .number(branch.end)), ("current", .bool(branch.isCurrent)),
          (
            "origin",
            branch.origin.map { .object([("branch", .number($0.branch)), ("moment", .number($0.moment))]) } ?? .null
          ),
        ]))
    }
  }
}
