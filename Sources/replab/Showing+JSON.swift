import Capture
import Lab
import RESP
import Redis
import Views

extension Session {
  /// A step as `--json` prints it: bytes in hexadecimal, times in ISO 8601.
  func json(of step: Step, in world: World) -> JSON {
    var members: [(key: String, value: JSON)] = [
      ("step", .number(step.number)), ("time", .string(TimeText.date(step.time))), ("cause", Self.json(of: step.cause)),
    ]
    if let phase = step.phase { members.append(("phase", .string(phase.rawValue))) }
    let messages = step.delivered.map { delivery in
      let (message, marks) = (delivery.message, delivery.marks)
      let known: [(key: String, value: JSON)] = marks.isEmpty ? [] : [("marks", .array(marks.map(\.json)))]
      return JSON.object(
        [
          ("link", .number(delivery.link.number)), ("from", .string(delivery.from.name)),
          ("to", .string(delivery.to.name)),
          ("title", .string(message.title)), ("meaning", .string(StepView.meaning(of: delivery))),
          ("bytes", .string(Hex.text(message.bytes, marks: marks, from: message.range.lowerBound))),
        ] + known)
    }
    members.append(("messages", .array(messages)))
    if timeline.recording != nil {
      let remarks = step.remarks.compactMap { RemarkView.text($0.remark, on: world.recorded?.link($0.link)) }
      members.append(("remarks", .array(remarks.map { .string($0) })))
    }
    var decisions: [JSON] = []
    var logs: [JSON] = []
    for note in step.notes {
      switch note.content {
      case .decision(let decision):
        let text = WhyView.summary(decision, of: note.node, in: world)
        decisions.append(.object([("node", .string(note.node)), ("text", .string(text))]))
      case .log(let entry):
        logs.append(
          .object([
            ("node", .string(note.node)), ("level", .string(entry.level.rawValue)), ("text", .string(entry.text)),
          ]))
      }
    }
    let changes = step.changes.map {
      JSON.object([
        ("node", .string($0.node)), ("fact", .string($0.property.rawValue)), ("before", $0.before.json),
        ("after", $0.after.json),
      ])
    }
    members += [("decisions", .array(decisions)), ("logs", .array(logs)), ("changes", .array(changes))]
    return .object(members)
  }

  private static func json(of cause: Step.Cause) -> JSON {
    switch cause {
    case .arrival(let link, let from, let to, let kind):
      .object([
        ("arrival", .string("\(kind)")), ("link", .number(link.number)), ("from", .string(from.name)),
        ("to", .string(to.name)),
      ])
    case .timer(let node): .object([("timer", .string(node))])
    case .kernel(let node): .object([("kernel", .string(node))])
    case .acknowledgement(let link, let party):
      .object([("acknowledgement", .string(party.name)), ("link", .number(link.number))])
    case .command(let node): .object([("command", .string(node))])
    case .passage(let storm):
      .object([("passage", .string("at once")), ("storm", storm.map { .string(StormView.text(of: $0)) } ?? .null)])
    case .user: .string("user")
    }
  }
}

extension ExpressionValue {
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
