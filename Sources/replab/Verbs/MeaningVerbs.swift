import Dissection
import Lab
import Views

/// What it means: `why`, `explain`.
extension Verb {
  static let meaningVerbs: [Verb] = [
    Verb(
      name: "why", family: .meaning, arguments: "[NODE|all|N]", summary: "explain a decision, with its numbers",
      details: """
        Where a node chooses (a full sync or a partial one, to accept or to refuse, now
        or later), the numbers that made it choose are kept.
          why         the last choice before this moment, whoever made it
          why NODE    the last one of that node
          why all     the last one of each node
          why N       those of step N
        Where a step lost writes that clients had been told of, it says why they are
        (`info writes` lists them). In a recording it tells what can be concluded from
        what crossed the wire.
        """,
      example: "why", offers: [.nodes, .nothing], run: { try $0.why($1) }),
    Verb(
      name: "explain", family: .meaning, arguments: "[TOPIC]", summary: "say what a field, a state or a command is",
      details: """
        A field, a state, a command, a directive, a line of INFO, an error's first
        word, or what one runs into. Without a topic it lists them; a question is
        searched for words that name one.
        """,
      example: "explain replid", offers: [.topics, .nothing], run: { try $0.explain($1) }),
  ]
}

extension Session {
  /// `why [NODE|all|N]`.
  fileprivate func why(_ arguments: Arguments) throws {
    try arguments.atMost(1)
    guard let word = arguments.words.first else { return try show(reasons: try lastReasons(nil)) }
    if let number = Int(word.text) { return try show(reasons: [reasons(ofStep: number, word)]) }
    if word.text == "all", !nodeNames.contains("all") {
      let all = nodeNames.compactMap { try? lastReasons($0).last }
      guard !all.isEmpty else { throw noReasons(of: nil) }
      return try show(reasons: all.sorted { $0.step < $1.step })
    }
    let node = try arguments.node(0, in: self)
    try show(reasons: lastReasons(node))
  }

  /// The decisions of a step, or those of one node in it.
  private typealias Reasons = (step: Int, node: String?)

  /// The last step up to this moment in which anybody, or this node, decided something.
  private func lastReasons(_ node: String?) throws(Complaint) -> [Reasons] {
    let decided = lastStep(where: { hasReasons($0, of: node) })
    guard let number = lastLoss(after: decided ?? 0, of: node) ?? decided else { throw noReasons(of: node) }
    return [(number, node)]
  }

  /// The last step up to this moment in which acknowledged writes were lost, at all or from a node.
  private func lastLoss(after number: Int, of node: String?) -> Int? {
    guard timeline.recording == nil, number < timeline.position,
      (number + 1...timeline.position).contains(where: { timeline[$0].mayLoseWrites })
    else { return nil }
    return timeline.acknowledgedWrites(monitor)?.losses.last { loss in
      loss.step > number && (node == nil || loss.departures.contains { $0.node == node })
    }?.step
  }

  /// Why writes were lost in a step.
  private func losses(inStep number: Int) -> [Line] {
    guard timeline.recording == nil, timeline[number].mayLoseWrites else { return [] }
    return timeline.acknowledgedWrites(monitor, at: number).map { WritesView.lines(lostIn: number, $0) } ?? []
  }

  private func hasReasons(_ step: Step, of node: String?) -> Bool {
    guard timeline.recording != nil else { return step.hasDecision(of: node) }
    return step.mayConclude && !conclusions(from: step.number, of: node).isEmpty
  }

  /// What a recording's step shows.
  private func conclusions(from number: Int, of node: String?) -> [Conclusion] {
    let (step, before, _) = moment(number)
    guard let recorded = before.recorded else { return [] }
    return step.conclusions(after: recorded).filter { node == nil || $0.node == node }
  }

  private func noReasons(of node: String?) -> Complaint {
    let who = node ?? (timeline.recording == nil ? "no node" : "nobody")
    return .usage(
      "\(who) has \(node == nil ? "" : "not ")decided anything yet", advice: "`step` lets something happen.")
  }

  private func reasons(ofStep number: Int, _ word: Word) throws(Complaint) -> Reasons {
    guard (1...max(1, timeline.end)).contains(number), timeline.end > 0 else {
      throw .usage(
        "there is no step \(number)",
        advice: timeline.end == 0 ? "Nothing has happened yet." : "Steps are numbered from 1 to \(timeline.end).",
        column: word.column)
    }
    return (number, nil)
  }

  private func show(reasons all: [Reasons]) throws {
    for (number, node) in all {
      let (step, _, after) = moment(number)
      let losses = losses(inStep: number)
      let decisions =
        timeline.recording != nil
        ? WhyView.lines(conclusions(from: number, of: node))
        : step.hasDecision(of: node) || losses.isEmpty ? WhyView.lines(step, of: node, in: after) : []
      let lines = decisions + losses
      if isJSON {
        output.write(
          JSON.object([("step", .number(number)), ("lines", .array(lines.map { .string($0.text) }))]).text + "\n")
      } else {
        if number != timeline.position || all.count > 1 {
          show([Line("step \(number), \(step.time.clockText)", .dim)])
        }
        show(lines)
      }
    }
  }

  /// The topics that are named within a question, such as "why did SPOP become SREM": first those of two words, then those of one.
  private func topics(among words: [String]) -> [Topic] {
    let words = words.map { word in word.filter { !"?!.,;:'\"()".contains($0) } }.filter { !$0.isEmpty }
    let pairs = zip(words, words.dropFirst()).map { "\($0)-\($1)" }
    var topics: [Topic] = []
    for topic in (pairs + words).compactMap(Topic.named) where !topics.contains(topic) { topics.append(topic) }
    return topics
  }

  fileprivate func explain(_ arguments: Arguments) throws {
    guard let first = arguments.words.first else {
      return answer(ExplainView.list.map(\.text), json: .array(Topic.all.map { .string($0.name) }))
    }
    // A name of several words is written with hyphens in between.
    let word = arguments.words.map(\.text).joined(separator: "-")
    let found = Topic.named(word).map { [$0] } ?? topics(among: arguments.words.map(\.text))
    guard let topic = found.first else {
      let nearest = Suggestion.nearest(to: word, among: Topic.all.flatMap { [$0.name] + $0.others })
      throw Complaint.usage(
        "there is no topic ‘\(word)’", advice: nearest.map { "Did you mean ‘\($0)’?" } ?? "`explain` lists them.",
        column: first.column)
    }
    let others = found.dropFirst().map { "`explain \($0.name)`" }
    answer(
      ExplainView.lines(topic).map(palette.text(of:))
        + (others.isEmpty ? [] : Line.filled("Your words lead to \(others.joined(separator: ", ")), too.").map(\.text)),
      json: .object([
        ("topic", .string(topic.name)), ("text", .string(topic.text)), ("see", .array(topic.see.map { .string($0) })),
        ("example", .array(topic.example.map { .string($0) })),
      ]))
  }
}
