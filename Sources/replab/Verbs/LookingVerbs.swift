import Dissection
import Lab
import Views

/// Looking at the moment: `info`, `print`, `x`, `list`, `view`.
extension Verb {
  static let lookingVerbs: [Verb] = [
    Verb(
      name: "info", shorts: ["i"], family: .looking, arguments: "WHAT", summary: "show the state of the lab",
      details: "WHAT is one of\n"
        + InfoTopic.all.map { "  \($0.name.padded(12)) \($0.summary)" }.joined(separator: "\n"),
      example: "info pending", offers: [.words(InfoTopic.all.map(\.name)), .nothing],
      run: { session, arguments in
        let name = try arguments.choice(0, "what to show", of: InfoTopic.all.map(\.name))
        try arguments.atMost(1)
        for topic in InfoTopic.all where topic.name == name { try session.show(topic) }
      }),
    Verb(
      name: "cat", family: .looking, arguments: "NODE FILE", summary: "print a file as it is on a node's disk",
      details: """
        Each node has a disk of its own (`info disk`). A configuration file is copied
        there when the node is started with it, and CONFIG REWRITE writes that copy.
        """,
      example: "cat m redis.conf", offers: [.nodes, .nothing], run: { try $0.cat($1) }),
    Verb(
      name: "print", shorts: ["p"], family: .looking, arguments: "EXPR", summary: "print what an expression comes to",
      details: """
        An expression asks about nodes by name: m.offset, r.link = connected,
        m.offset > 100 and not r.loading. What can be asked of a node:

        """ + propertyLines + """

          docs/MANUAL.md says what each of them is, and what operators there are.
          """,
      example: "print m.offset", offers: [.expressions],
      run: { session, arguments in
        _ = try arguments.required(0, "an expression")
        let value = try session.value(of: arguments)
        session.answer(["\(value)"], json: .object([("expression", .string(arguments.rest)), ("value", value.json)]))
      }),
    Verb(
      name: "x", family: .looking, arguments: "[RANGE]", summary: "show the bytes of the message, field by field",
      details: """
        The last message that was delivered is meant. RANGE counts its bytes from 0:
        16 is one byte, 16-31 are sixteen, 16- is the rest.
        """,
      example: "x 0-15", offers: [.nothing], run: { try $0.examine($1) }),
    Verb(
      name: "list", shorts: ["l"], family: .looking, arguments: "[N|all]", summary: "list the last messages",
      details: """
        The last N (10) before this moment, in the view chosen; `view arrows` and
        `list all` make a transcript of everything so far. `view ledger` lists the last
        N entries of each account.
        """,
      example: "list all", offers: [.words(["all"]), .nothing], run: { try $0.list($1) }),
    Verb(
      name: "passwords", family: .looking, arguments: "[show|hide]", summary: "show passwords, or stars in their place",
      details: """
        Passwords in AUTH, HELLO, CONFIG SET, ACL SETUSER and MIGRATE are hidden in
        views and in what `export` writes: a star for each byte. In what `save` writes,
        each is another word, the same wherever it stands, so that the script does the
        same.
        """,
      example: "passwords show", offers: [.words(["show", "hide"]), .nothing],
      run: { session, arguments in
        try arguments.atMost(1)
        if arguments.count == 1 {
          session.showsPasswords = try arguments.choice(0, "show or hide", of: ["show", "hide"]) == "show"
        } else {
          let state = session.showsPasswords ? "shown" : "hidden"
          session.answer([state], json: .object([("passwords", .string(state))]))
        }
      }),
    Verb(
      name: "view", family: .looking, arguments: "[NAME [full]]", summary: "choose how a step is shown",
      details: "NAME is one of\n"
        + View.allCases.map { "  \($0.rawValue.padded(10)) \($0.summary)" }.joined(separator: "\n")
        + "\nOf a long message a person is shown the beginning; `full` shows all of each.",
      example: "view tcpdump", offers: [.words(View.allCases.map(\.rawValue)), .words(["full"]), .nothing],
      run: { session, arguments in
        try arguments.atMost(2)
        if arguments.count >= 1 {
          let name = try arguments.choice(0, "a view", of: View.allCases.map(\.rawValue))
          session.showsWhole = try arguments.count > 1 && arguments.choice(1, "full", of: ["full"]) == "full"
          session.view = View(rawValue: name) ?? session.view
        } else {
          session.answer([session.view.rawValue], json: .object([("view", .string(session.view.rawValue))]))
        }
      }),
    Verb(
      name: "layout", family: .looking, arguments: "[off]", summary: "keep panes above the prompt",
      details: """
        As gdb's TUI: the topology, the last messages, the bytes of the last one and
        why, drawn anew at each step and when the terminal gets another size. What is
        printed stays below them, and so does the prompt. Ctrl-L clears what is below;
        `layout off` gives the rows back.
        """,
      example: "layout", offers: [.words(["off"]), .nothing], run: { try $0.layout($1) }),
    Verb(
      name: "set", family: .looking, arguments: "[limit N|off]", summary: "set how many lines of a message are shown",
      details: """
        At a terminal a longer one shows its beginning, 12 lines of it; elsewhere all is
        shown until this is said. `x` shows the bytes of the last message, whatever the
        limit is. (SET is a node's: m SET hello world.)
        """,
      example: "set limit 20", offers: [.words(["limit"]), .words(["off", "12"]), .nothing], run: { try $0.set($1) }),
  ]

  /// The properties that expressions know, filled to lines of 76 columns.
  private static var propertyLines: String {
    Line.filled(NodeProperty.allCases.map(\.rawValue).joined(separator: " "), indent: 2, width: 76).map(\.text)
      .joined(separator: "\n")
  }
}

extension Session {
  /// What the expression of `print` comes to. A word without a dot asks nothing, nor does what is about nobody.
  fileprivate func value(of arguments: Arguments) throws -> ExpressionValue {
    let expression = try Expression(arguments.rest, names: nodeNames)
    if expression.isBareWord {
      let word = expression.text
      let isNode = nodeNames.contains(word)
      let advice = "ask about \(isNode ? "it" : "a node"), as in \(isNode ? word : nodeNames.first ?? "m").offset"
      throw LabError("'\(word)' is \(isNode ? "a node" : "a text"), and asks nothing", advice: advice, column: 1)
    }
    try timeline.requireNodes(of: expression, monitor)
    return try timeline.value(of: expression, monitor)
  }

  fileprivate func examine(_ arguments: Arguments) throws {
    try arguments.atMost(1)
    let range = try arguments.words.first.map(Self.range)
    guard let number = lastStep(where: { !$0.delivered.isEmpty }) else {
      throw Complaint.usage("no message has been delivered yet", advice: "`step` delivers the next one.")
    }
    let (step, before, after) = moment(number)
    let lines = StepView.bytes(
      step, in: after, before: before, range: range, fields: fields(step, before, after))
    if isJSON {
      output.write(
        JSON.object([("step", .number(number)), ("lines", .array(lines.map { .string($0.text) }))]).text + "\n")
    } else {
      show(lines)
    }
  }

  /// `16`, `16-31` or `16-`.
  private static func range(_ word: Word) throws(Complaint) -> Range<Int> {
    let parts = word.text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    let limit = Int.max - 1
    if parts.count == 1, let only = parts[0], (0..<limit).contains(only) { return only..<only + 1 }
    if parts.count == 2, let first = parts[0], (0..<limit).contains(first) {
      if word.text.hasSuffix("-") { return first..<Int.max }
      if let last = parts[1], (first..<limit).contains(last) { return first..<last + 1 }
    }
    throw .usage(
      "‘\(word.text)’ is no range of bytes", advice: "Write 16, 16-31 or 16-; bytes count from 0.", column: word.column)
  }

  /// The number of the last step up to this moment of which `question` holds.
  func lastStep(where question: (Step) -> Bool) -> Int? {
    var number = timeline.position
    while number > 0 {
      if question(timeline[number]) { return number }
      number -= 1
    }
    return nil
  }

  fileprivate func list(_ arguments: Arguments) throws {
    try arguments.atMost(1)
    let count = arguments[0] == "all" ? Int.max : try arguments.number(0, or: 10)
    var first = timeline.position + 1
    var messages = 0
    while first > 1, messages < count {
      first -= 1
      messages += timeline[first].delivered.count
    }
    let steps = first...max(first, timeline.position)
    guard messages > 0 else {
      throw Complaint.usage("no message has been delivered yet", advice: "`step` delivers the next one.")
    }
    if isJSON {
      for number in steps { output.write(json(of: shown(timeline[number]), in: timeline.world).text + "\n") }
    } else {
      var page = page
      page.remedy = "set limit off"
      show(Transcript.lines(of: steps.map { shown(timeline[$0]) }, view, in: timeline.world, page, entries: count))
    }
  }
}

/// Many steps as one text, each view with the memory that it has of what came before.
enum Transcript {
  /// - Parameter entries: so many of each account are listed, in the ledger of a lab.
  static func lines(of steps: [Step], _ view: View, in world: World, _ page: Page, entries: Int) -> [Line] {
    let deliveries = steps.flatMap(\.delivered)
    switch view {
    case .arrows, .fields, .topology:
      let isOneLink = deliveries.allSatisfy { $0.link == deliveries[0].link }
      var arrows = ArrowsView(isOneLink ? .speakers : .ends(ofFirst: true), page: page)
      var lines: [Line] = []
      for delivery in deliveries { arrows.append(delivery, to: &lines) }
      return lines
    case .sequence:
      var chart = SequenceView(columns: SequenceView.columns(for: deliveries, in: world))
      return steps.flatMap { step in step.delivered.flatMap { chart.lines(of: $0, at: step.time.clockText) } }
    case .tcpdump, .hex:
      return PacketsView.lines(
        steps.flatMap(\.packets), view == .hex ? .hexAndASCII : .ascii, worlds: [world], page: page)
    case .ledger where world.recorded != nil: return LedgerView.lines(steps.flatMap(\.delivered), in: world)
    case .ledger: return LedgerView.lines(in: world, last: entries)
    }
  }
}

extension String {
  /// This text with blanks behind it up to `width` characters.
  func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
