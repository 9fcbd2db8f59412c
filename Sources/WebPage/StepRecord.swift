import Capture
import Dissection
import Lab
import Redis
import Views

/// A step as the page is told of it: what happened, what was said, decided and logged, and what is different now.
package enum StepRecord {
  /// - Parameters:
  ///   - world: the moment that the step led to.
  ///   - start: when the session began.
  package static func json(
    of step: Step, in world: World, start: Instant
  ) -> JSON {
    var members: [(key: String, value: JSON)] = [
      ("n", .number(step.number)), ("time", .string(step.time.clockText)),
      ("us", .number(step.time.microseconds &- start.microseconds)),
      ("what", .string(StepView.what(step, room: whatLimit))), ("kind", .string(kind(of: step))),
    ]
    if let place = StepView.place(step) { members.append(("place", .string(place))) }
    func add<Element>(_ name: String, _ list: [Element], _ json: (Element) -> JSON) {
      if !list.isEmpty { members.append((name, .array(list.map(json)))) }
    }
    add("messages", step.delivered) { message($0, in: world) }
    add("decisions", step.notes.compactMap { note in note.decision.map { (note.node, $0) } }) { node, decision in
      let lines = WhyView.lines(decision, of: node, in: world)
      return .object([
        ("node", .string(node)), ("title", .string(WhyView.summary(decision, of: node, in: world))),
        ("lines", .array(lines.dropFirst().map { .string($0.text) })),
      ])
    }
    add("logs", step.notes.compactMap { note in note.log.map { (note.node, $0) } }) { node, entry in
      .object([
        ("node", .string(node)), ("level", .string(entry.level.sign)), ("text", .string(clipped(entry.text))),
      ])
    }
    add("changes", step.changes) {
      .object([
        ("node", .string($0.node)), ("fact", .string($0.property.rawValue)), ("before", .string("\($0.before)")),
        ("after", .string("\($0.after)")),
      ])
    }
    add("entered", step.entered) { .string($0.rawValue) }
    add("sent", step.sent) {
      .object([
        ("link", .number($0.link.number)), ("from", .string($0.from.name)), ("to", .string($0.to.name)),
        ("size", .number($0.byteCount)),
      ])
    }
    if case .arrival(let link, let from, let to, let kind) = step.cause {
      let packet = JSON.object([
        ("link", .number(link.number)), ("from", .string(from.name)), ("to", .string(to.name)),
        ("kind", .string(kind.rawValue)),
      ])
      members.append(("packets", .array([packet])))
    }
    let remarks = step.remarks.compactMap { RemarkView.text($0.remark, on: world.recorded?.link($0.link)) }
    add("remarks", remarks) { .string(clipped($0)) }
    return .object(members)
  }

  /// So many characters of what happened are told, of a log line, of a message's title.
  private static let whatLimit = 160
  private static let textLimit = 2_000

  static func clipped(_ text: String, to limit: Int = textLimit) -> String {
    text.utf8.count <= limit ? text : text.prefix(limit - 1) + "…"
  }

  private static func message(_ delivery: Delivery, in world: World) -> JSON {
    let message = delivery.message
    var members: [(key: String, value: JSON)] = [
      ("link", .number(delivery.link.number)), ("from", .string(delivery.from.name)),
      ("to", .string(delivery.to.name)), ("title", .string(clipped(message.title, to: whatLimit))),
      ("meaning", .string(clipped(StepView.meaning(of: delivery)))), ("size", .number(message.contents.count)),
      ("side", .string(message.side == .opener ? "opener" : "acceptor")), ("chapter", .string("\(Chapter(message))")),
    ]
    if message.isFault { members.append(("fault", .bool(true))) }
    if delivery.isKeepAlive(in: world) { members.append(("keepAlive", .bool(true))) }
    return .object(members)
  }

  /// What kind of step it was, in one word.
  static func kind(of step: Step) -> String {
    switch step.cause {
    case .arrival: return step.delivered.isEmpty ? "packet" : "message"
    case .timer: return "timer"
    case .kernel: return "kernel"
    case .acknowledgement: return "packet"
    case .command: return "command"
    case .passage: return "time"
    case .user: return step.action.kind
    }
  }
}

extension Action {
  /// What kind of thing the user did.
  var kind: String {
    switch self {
    case .next, .deliver, .crossing, .recordingEnds: "message"
    case .advance, .pass: "time"
    case .command: "command"
    case .connectClient, .disconnectClient, .followMaster: "client"
    case .start, .stop, .kill, .cutPower, .restart, .pause, .resume: "life"
    case .cut, .partition, .cutPath, .heal, .damageFile, .damagePacket, .disk(_, .full), .disk(_, .slow),
      .disk(_, .limited):
      "fault"
    case .lag, .lagBetween, .jitter, .bandwidth, .drop, .split, .chunk, .disk, .fix, .skew, .nat: "setting"
    }
  }
}

extension Note {
  var log: LogEntry? {
    if case .log(let entry) = content { entry } else { nil }
  }
}

extension LogEntry.Level {
  /// What Redis writes in front of a line of this level.
  package var sign: String {
    switch self {
    case .debug: "."
    case .verbose: "-"
    case .notice: "*"
    case .warning: "#"
    }
  }
}
