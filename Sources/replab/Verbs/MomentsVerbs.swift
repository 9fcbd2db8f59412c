import Lab
import Views

/// Looking for moments, and at two of them: `find`, `diff`.
extension Verb {
  static let momentsVerbs: [Verb] = [
    Verb(
      name: "find", family: .looking, arguments: "EXPR", summary: "list the moments at which an expression became true",
      details: """
        All of this branch are looked at, those before this moment and those after it,
        or all of a recording. It says until which moment the expression stayed true;
        `goto` takes the numbers. `help print` says what expressions there are.
        """,
      example: "find r.link = connected", offers: [.expressions], run: { try $0.find($1) }),
    Verb(
      name: "diff", family: .looking, arguments: "N [M]", summary: "say how two moments differ",
      details: """
        Node by node (what is another now), key by key (+ came, - went, ~ changed), and
        the links. N and M are moments, as `goto` takes them; M is this one if it is
        left out. 2:40 is moment 40 of branch 2.
        """,
      example: "diff 12 end", offers: [.words(["end"]), .words(["end"]), .nothing], run: { try $0.diff($1) }),
  ]
}

extension Session {
  /// So many findings or keys are shown: a screenful.
  private static var mostRows: Int { 20 }

  fileprivate func find(_ arguments: Arguments) throws {
    _ = try arguments.required(0, "an expression")
    let expression = try Expression(arguments.rest, isCondition: true, names: nodeNames)
    var found: [Timeline.Finding] = []
    var count = 0
    var last: Timeline.Finding?
    let moments = try timeline.find(expression, monitor) { finding in
      count += 1
      last = finding
      if isJSON { return output.write(json(of: finding).text + "\n") }
      if found.count < Self.mostRows { found.append(finding) }
    }
    clearProgress()
    guard !isJSON else {
      return output.write(
        JSON.object([("found", .number(count)), ("moments", moments.map { .number($0) } ?? .null)]).text + "\n")
    }
    if count > 0 { show(table(of: found).lines) }
    show(summary(count, found.first, last, moments))
  }

  private func summary(_ count: Int, _ first: Timeline.Finding?, _ last: Timeline.Finding?, _ moments: Int?) -> [Line] {
    let where_ = moments.map { "in \(counted($0, "moment"))" } ?? "as far as was looked before it was stopped"
    guard let first, let last else { return [Line("never true \(where_)", .dim)] }
    var text =
      "became true \(count == 1 ? "once" : "\(count) times") \(where_); `goto \(first.first)` goes to the first"
    if count > Self.mostRows {
      text = "… \(count - Self.mostRows) more, the last at moment \(last.first): " + text
    }
    return Line.filled(text, .dim)
  }

  private func table(of found: [Timeline.Finding]) -> Table {
    var table = Table([.init("moment", .right), .init("time"), .init("until", .right), .init("with")], empty: "")
    for finding in found {
      // A recording's steps may have to be read again, and what crossed the wire then is not what is asked for.
      let what =
        finding.first == 0
        ? "the beginning" : timeline.recording == nil ? StepView.what(timeline[finding.first], room: 44) : "a packet"
      table.rows.append([
        "\(finding.first)", finding.time.clockText, finding.end.map { "\($0)" } ?? "the end", what,
      ])
    }
    return table
  }

  private func json(of finding: Timeline.Finding) -> JSON {
    .object([
      ("moment", .number(finding.first)), ("time", .string(TimeText.date(finding.time))),
      ("until", finding.end.map { .number($0) } ?? .null),
    ])
  }

  // MARK: diff

  fileprivate func diff(_ arguments: Arguments) throws {
    _ = try arguments.required(0, "the number of a moment")
    try arguments.atMost(2)
    let before = try world(arguments.words[0])
    let after = arguments.count > 1 ? try world(arguments.words[1]) : timeline.world
    let difference = WorldDifference(from: before, to: after, mostKeys: isJSON ? .max : Self.mostRows)
    if isJSON { return output.write(json(of: difference, before, after).text + "\n") }
    show(
      [Line("from \(before.number) (\(before.now.clockText)) to \(after.number) (\(after.now.clockText))", .dim)]
        + DifferenceView.lines(difference))
    if timeline.recording != nil {
      show(Line.filled("what keys a node has is not known of a recording: only what crossed the wire is", .dim))
    }
  }

  /// `12`, `end`, `2:40`.
  private func world(_ word: Word) throws -> World {
    let parts = word.text.split(separator: ":", omittingEmptySubsequences: false)
    let branch = parts.count == 2 ? Int(parts[0]) : nil
    guard parts.count == 1 || parts.count == 2 && branch != nil, let last = parts.last else { throw noMoment(word) }
    let end = branch.flatMap { number in timeline.branches.first { $0.number == number }?.end } ?? timeline.end
    guard let number = last == "end" ? end : Int(last) else { throw noMoment(word) }
    do {
      return try timeline.world(at: number, ofBranch: branch)
    } catch {
      throw Complaint.usage(error.what, advice: Complaint.sentence(error.advice), column: word.column)
    }
  }

  private func noMoment(_ word: Word) -> Complaint {
    .usage(
      "‘\(word.text)’ is no moment", advice: "Write a number, as in 12, `end`, or 2:40 for moment 40 of branch 2.",
      column: word.column)
  }

  private func json(of difference: WorldDifference, _ before: World, _ after: World) -> JSON {
    func value(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }
    let nodes = difference.nodes.map { node in
      let properties = node.properties.map {
        JSON.object([("fact", .string($0.property.rawValue)), ("before", $0.before.json), ("after", $0.after.json)])
      }
      let keys = node.keys.map { key in
        JSON.object([
          ("db", .number(key.database)), ("key", .string(key.key.text)),
          ("before", value(key.before.map(DifferenceView.text))), ("after", value(key.after.map(DifferenceView.text))),
        ])
      }
      return JSON.object([("node", .string(node.name)), ("facts", .array(properties)), ("keys", .array(keys))])
    }
    let links = difference.links.map { link in
      JSON.object([
        ("link", .number(link.id.number)), ("from", .string(link.from)), ("to", .string(link.to)),
        ("before", value(link.before)), ("after", value(link.after)),
      ])
    }
    return .object([
      ("from", .number(before.number)), ("to", .number(after.number)), ("nodes", .array(nodes)),
      ("links", .array(links)),
    ])
  }
}
