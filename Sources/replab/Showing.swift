import Lab
import Redis

extension Session {
  /// Shows what a verb did to the timeline, and why it stopped.
  func show(_ run: Run, isBrief: Bool = false) {
    show(from: run.from, to: run.to, isBrief: isBrief)
    show(run.stop)
    showDisplays()
  }

  /// Shows the steps `from + 1 ... to`, or of these only the last if it `isBrief`; going back, where one is now.
  func show(from: Int, to: Int, isBrief: Bool = false) {
    if to > from {
      for number in (isBrief ? to : from + 1)...to { show(timeline[number]) }
    } else if to > 0 {
      show(timeline[to])
    } else if to < from {
      answer(["at the beginning"], json: .object([("moment", .number(0))]))
    }
  }

  private func show(_ step: Step) {
    answer(lines(of: step), json: json(of: step))
  }

  private func lines(of step: Step) -> [String] {
    var heading = palette.ink("\(step.number)  \(TimeText.clock(step.time))", "2")
    if let place = text(of: step.cause) { heading += "  " + place }
    if let phase = step.phase { heading += "  [\(phase.rawValue)]" }
    var lines = [heading]
    for note in step.notes {
      if case .log(let entry) = note.content { lines.append("    \(note.node) logs: \(entry.text)") }
    }
    for change in step.changes {
      lines.append("    \(change.node).\(change.fact.rawValue): \(change.before.text) → \(change.after.text)")
    }
    return lines
  }

  private func text(of cause: Step.Cause) -> String? {
    switch cause {
    case .arrival(_, let from, let to, _): "\(from.name) → \(to.name)"
    case .timer(let node): "\(node)'s timer"
    case .kernel(let node): "\(node)'s kernel"
    case .acknowledgement(_, let party): "\(party.name)'s kernel"
    case .command(let node): "client → \(node)"
    case .user: nil
    }
  }

  private func json(of step: Step) -> JSON {
    var members: [(key: String, value: JSON)] = [
      ("step", .number(step.number)), ("time", .string(TimeText.date(step.time))),
    ]
    if let phase = step.phase { members.append(("phase", .string(phase.rawValue))) }
    members.append(
      (
        "changes",
        .array(
          step.changes.map {
            .object([
              ("node", .string($0.node)), ("fact", .string($0.fact.rawValue)), ("before", $0.before.json),
              ("after", $0.after.json),
            ])
          })
      ))
    return .object(members)
  }

  private func show(_ stop: Stop) {
    guard let text = text(of: stop) else { return }
    answer([palette.ink(text, "33")], json: .object([("stop", .string(text))]))
  }

  private func text(of stop: Stop) -> String? {
    switch stop {
    case .done: nil
    case .breakpoint(let number):
      "stopped at breakpoint \(number)"
        + (timeline.breakpoints.first { $0.number == number }.map { ": \($0.text)" } ?? "")
    case .watch(let number, let before, let after):
      "watch \(number)" + (timeline.breakpoints.first { $0.number == number }.map { ", \($0.text)" } ?? "")
        + ": \(before.text) → \(after.text)"
    case .quiet: "quiet: nothing is in flight, and only periodic work is pending"
    case .nothingPending: "nothing is pending: start a node, or send a command"
    case .beginning: "this is the beginning"
    // Said by the prompt, or by the script's complaint.
    case .interrupted: nil
    case .limit: "stopped: this could go on for ever"
    }
  }

  private func showDisplays() {
    for breakpoint in timeline.breakpoints {
      guard case .display(let expression) = breakpoint.kind else { continue }
      let value = (try? expression.value(in: timeline.world)) ?? .none
      answer(
        ["\(breakpoint.number)  \(breakpoint.text) = \(value.text)"],
        json: .object([("display", .string(breakpoint.text)), ("value", value.json)]))
    }
  }
}
