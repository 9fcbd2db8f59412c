import Dissection
import Lab
import Views

/// What it means: `why`, `explain`.
extension Verb {
  static let meaningVerbs: [Verb] = [
    Verb(
      name: "why", family: .meaning, summary: "explain the last decision, with its numbers",
      details: """
        Where a node chooses (a full sync or a partial one, to accept or to refuse, now
        or later), the numbers that made it choose are kept. The last choice before
        this moment is explained.
        """,
      example: "why", run: { try $0.why($1) }),
    Verb(
      name: "explain", family: .meaning, arguments: "[TOPIC]", summary: "say what a field, a state or a command is",
      details: "Without a topic it lists them.",
      example: "explain replid", offers: [.topics, .nothing], run: { try $0.explain($1) }),
  ]
}

extension Session {
  fileprivate func why(_ arguments: Arguments) throws {
    try arguments.atMost(0)
    func decides(_ step: Step) -> Bool {
      step.notes.contains { if case .decision = $0.content { true } else { false } }
    }
    guard let number = lastStep(where: decides) else {
      throw Complaint.usage("no node has decided anything yet", advice: "`step` lets something happen.")
    }
    let (step, _, after) = moment(number)
    let lines = WhyView.lines(step, in: after)
    if isJSON {
      output.write(
        JSON.object([("step", .number(number)), ("lines", .array(lines.map { .string($0.text) }))]).text + "\n")
    } else {
      if number < timeline.position { show([Line("step \(number), \(step.time.clockText)", .dim)]) }
      show(lines)
    }
  }

  fileprivate func explain(_ arguments: Arguments) throws {
    try arguments.atMost(1)
    guard let word = arguments.words.first else {
      return answer(ExplainView.list.map(\.text), json: .array(Topic.all.map { .string($0.name) }))
    }
    guard let topic = Topic.named(word.text) else {
      let nearest = Suggestion.nearest(to: word.text, among: Topic.all.flatMap { [$0.name] + $0.others })
      throw Complaint.usage(
        "there is no topic ‘\(word.text)’", advice: nearest.map { "Did you mean ‘\($0)’?" } ?? "`explain` lists them.",
        column: word.column)
    }
    answer(
      ExplainView.lines(topic).map(palette.text(of:)),
      json: .object([
        ("topic", .string(topic.name)), ("text", .string(topic.text)), ("see", .array(topic.see.map { .string($0) })),
      ]))
  }
}
