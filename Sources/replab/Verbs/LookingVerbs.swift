import Lab

/// Looking at the moment: `info`, `print`, `x`, `list`, `view`.
extension Verb {
  static let lookingVerbs: [Verb] = [
    Verb(
      name: "info", shorts: ["i"], family: .looking, arguments: "WHAT", summary: "show the state of the lab",
      details: """
        WHAT is one of
        """ + "\n" + InfoTopic.allCases.map { "  \($0.rawValue.padded(12)) \($0.summary)" }.joined(separator: "\n"),
      example: "info pending", offers: [.words(InfoTopic.allCases.map(\.rawValue)), .nodes],
      run: { session, arguments in
        let name = try arguments.choice(0, "what to show", of: InfoTopic.allCases.map(\.rawValue))
        try arguments.atMost(1)
        session.show(InfoTopic(rawValue: name)!)
      }),
    Verb(
      name: "print", shorts: ["p"], family: .looking, arguments: "EXPR", summary: "print what an expression comes to",
      details: """
        An expression asks about nodes by name: m.offset, r.state = connected,
        m.offset - r.offset > 100. What can be asked of a node:
        """ + "\n" + Session.factLines + "\n" + """
          Operators: = != < <= > >=, + - *, and or not, parentheses. Text may be quoted.
          """,
      example: "print m.offset", offers: [.expressions],
      run: { session, arguments in
        _ = try arguments.required(0, "an expression")
        let value = try Expression(arguments.rest).value(in: session.timeline.world)
        session.answer([value.text], json: .object([("expression", .string(arguments.rest)), ("value", value.json)]))
      }),
  ]
}

extension Session {
  /// The facts that expressions know, filled to lines of 76 columns.
  fileprivate static var factLines: String {
    var lines = [" "]
    for fact in Fact.allCases.map(\.rawValue) {
      if lines[lines.count - 1].count + fact.count > 76 { lines.append(" ") }
      lines[lines.count - 1] += " " + fact
    }
    return lines.joined(separator: "\n")
  }
}

extension String {
  /// This text with blanks behind it up to `width` characters.
  func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
  /// This text with blanks before it up to `width` characters.
  func leftPadded(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}

extension Lab.Answer {
  /// As `print` prints it.
  var text: String {
    switch self {
    case .integer(let number): String(number)
    case .text(let text): text
    case .truth(let truth): truth ? "true" : "false"
    case .interval(let interval): TimeText.words(interval)
    case .none: "none"
    }
  }

  var json: JSON {
    switch self {
    case .integer(let number): .number(number)
    case .text(let text): .string(text)
    case .truth(let truth): .bool(truth)
    case .interval(let interval): .number(interval.microseconds)
    case .none: .null
    }
  }
}
