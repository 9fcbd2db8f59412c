import Lab
import Redis
import Views

/// Where to stop, and what to show there: `break`, `tbreak`, `watch`, `display`, `delete`.
extension Verb {
  static let stopsVerbs: [Verb] = [
    breakVerb("break", ["b"], "stop there, every time", isTemporary: false),
    breakVerb("tbreak", [], "stop there once", isTemporary: true),
    Verb(
      name: "watch", family: .stops, arguments: "EXPR", summary: "stop whenever an expression changes",
      example: "watch m.offset", offers: [.expressions],
      run: { session, arguments in
        _ = try arguments.required(0, "an expression")
        let made = try session.timeline.addWatch(arguments.rest)
        session.tell(made)
      }),
    Verb(
      name: "display", family: .stops, arguments: "EXPR", summary: "show an expression at every stop",
      example: "display r.offset", offers: [.expressions],
      run: { session, arguments in
        _ = try arguments.required(0, "an expression")
        let made = try session.timeline.addDisplay(arguments.rest)
        session.tell(made)
      }),
    Verb(
      name: "delete", shorts: ["d"], family: .stops, arguments: "[N]",
      summary: "remove one of these, or all",
      example: "delete 1", offers: [.nothing],
      run: { session, arguments in
        try arguments.atMost(1)
        try session.timeline.deleteBreakpoint(arguments.count == 1 ? try arguments.number(0, or: 1) : nil)
      }),
    Verb(
      name: "check", family: .stops, arguments: "[on|off]", summary: "stop where something is broken that must hold",
      details: """
        At every step:
          - a replica that its master feeds is in its history, and not ahead of it;
            where both are at one offset, DEBUG DIGEST is the same (up to 1000 keys)
          - what either counts as sent and applied is what has crossed the wire
          - a write that WAIT counted on N replicas is on N, unless a fault explains
            that it is not
          - no two masters accept writes to what was one history: one that is in CLIENT
            PAUSE, lacks replicas or can't write to its disk accepts none
        The step that breaks one of these stops what runs, as a breakpoint would.
        """,
      example: "check on", offers: [.words(["on", "off"]), .nothing], run: { try $0.check($1) }),
  ]

  private static func breakVerb(_ name: String, _ shorts: [String], _ summary: String, isTemporary: Bool) -> Verb {
    Verb(
      name: name, shorts: shorts, family: .stops, arguments: "SPEC", summary: summary,
      details: """
        SPEC is one of
          message NAME    a message or command arrives: psync, fullresync, set
          phase NAME      a link comes to that phase:
                          \(Phase.allCases.map(\.rawValue).joined(separator: ", "))
          decision NAME   a node makes that decision
          node NAME       anything happens to that node
          log TEXT        a node logs a line with that text
          EXPR            the expression becomes true, such as r.offset > 100
        A word alone is a node's name or a message's. Decisions are those that `why`
        explains:
        \(decisions)
        """,
      example: "\(name) fullresync",
      offers: [
        .words(["message", "phase", "decision", "node", "log"]),
        .after([
          "phase": .words(Phase.allCases.map(\.rawValue)), "decision": .words(Decision.Kind.allCases.map(\.rawValue)),
          "node": .nodes,
        ]),
      ],
      run: { session, arguments in
        _ = try arguments.required(0, "to know where")
        let made = try session.timeline.addBreakpoint(arguments.rest, temporary: isTemporary)
        session.tell(made)
      })
  }
}

/// All kinds of decisions, as lines of help.
private let decisions = Line.filled(
  Decision.Kind.allCases.map(\.rawValue).joined(separator: ", "), indent: 2
).map(\.text).joined(separator: "\n")

extension Session {
  fileprivate mutating func check(_ arguments: Arguments) throws {
    try arguments.atMost(1)
    if arguments.count == 1 {
      let isOn = try arguments.choice(0, "on or off", of: ["on", "off"]) == "on"
      guard timeline.recording == nil else {
        throw Complaint.usage(
          "there is nothing to check in a recording: what nodes have is not known, only what crossed the wire",
          advice: "`info offsets` says what each end has said of the offsets.")
      }
      timeline.check(isOn, monitor)
      clearProgress(from: 0)
      guard isOn else { return }
      for broken in timeline.standingBreaks { showReason(.broken(broken)) }
      return
    }
    let state = timeline.isChecking ? "on" : "off"
    answer([state], json: .object([("check", .string(state))]))
  }

  fileprivate func tell(_ breakpoint: Breakpoint) {
    let doubt = timeline.doubt(about: breakpoint)
    answer([breakpoint.line] + (doubt.map { ["  \($0)"] } ?? []), json: breakpoint.json)
  }
}

extension Breakpoint {
  /// `1  break message psync`: a line of `info breakpoints`.
  var line: String { "\(number)  \(word) \(text)" }

  var json: JSON { .object([("number", .number(number)), ("kind", .string(word)), ("text", .string(text))]) }

  var word: String {
    switch kind {
    case .display: "display"
    case .watch: "watch"
    case .message, .phase, .decision, .node, .log, .expression: isTemporary ? "tbreak" : "break"
    }
  }
}
