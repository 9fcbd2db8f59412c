import struct Dissection.Field
import Lab
import Redis
import Views

/// How the timeline's doings reach the screen.
extension Session {
  /// Lines of a view, in colour where colour is on.
  func show(_ lines: [Line]) {
    var text = ""
    for line in fitted(lines) { palette.append(line, to: &text) }
    output.write(text)
  }

  /// Shows what a verb did to the timeline, and why it stopped.
  ///
  /// - Parameter origin: the world of `run.from`, if at hand: no step has to be done again to come there.
  func show(_ run: StopReply, isBrief: Bool = false, origin: World? = nil) {
    if run.to != run.from || run.stop == .done {
      // Who has ended the run wants to see how far it came.
      let isOver = run.stop == .interrupted ? { false } : shouldStop
      show(from: run.from, to: run.to, isBrief: isBrief, origin: origin, shouldStop: isOver)
    }
    showReason(run.stop)
    showDisplays()
  }

  /// Going forward, shows the steps `from + 1 ... to`, or of these only the last if it `isBrief`; going back, the step
  /// that led to where one is now.
  ///
  /// - Parameter shouldStop: asked before each step is shown. They all have happened, whether they are shown or not.
  func show(
    from: Int, to: Int, isBrief: Bool = false, origin: World? = nil, shouldStop: () -> Bool = { false }
  ) {
    if to > from, !isBrief {
      // One walker goes along, so that no world is made more than once.
      var walker = timeline
      if let origin { walker.restore(origin) }
      for number in from + 1...to where number == to || isWorthShowing(timeline[number]) {
        if shouldStop() {
          return show(Line.filled("shown as far as step \(number - 1); `list` shows the rest, up to step \(to)", .dim))
        }
        show(step: number, by: &walker)
      }
    } else if to > 0 {
      if to > from { for number in from + 1..<to { showReplies(timeline[number]) } }
      if to - from > 1, !isJSON { show([Line("… \(counted(to - from - 1, "step"))", .dim)]) }
      show(step: to)
    } else {
      let what = timeline.recording == nil ? "the lab is empty" : "nothing has been recorded yet"
      answer(["at the beginning: \(what)"], json: .object([("moment", .number(0))]))
    }
  }

  /// Whether a step on the way to another one has something to say in the view chosen: a kernel's acknowledgement and a
  /// timer that did nothing have not.
  func isWorthShowing(_ step: Step) -> Bool {
    switch view {
    case .tcpdump, .hex: !step.packets.isEmpty || !step.notes.isEmpty || !step.remarks.isEmpty
    case .arrows, .fields, .sequence, .ledger, .topology:
      !step.delivered.isEmpty || !step.notes.isEmpty || !step.changes.isEmpty || !step.remarks.isEmpty
    }
  }

  func show(step number: Int) {
    var walker = timeline
    show(step: number, by: &walker)
  }

  private func show(step number: Int, by walker: inout Timeline) {
    let (step, before, after) = moment(number, by: &walker)
    show(step, before: before, after: after)
  }

  /// The moment before the next step of a recording, where the view needs it: tcpdump counts from what was seen before a
  /// packet. To keep it makes the step copy what it changes.
  var momentBefore: World? { view == .tcpdump || view == .hex ? timeline.world : nil }

  /// Shows a step; `before` and `after` are the moments around it.
  func show(_ step: Step, before: World?, after: World) {
    if isJSON {
      output.write(json(of: step, in: after).text + "\n")
    } else {
      var page = page
      if step.number != timeline.position { page.remedy = "set limit off" }
      let stepView =
        view == .fields ? StepView(view, page: page, fields: fields(step, before, after)) : StepView(view, page: page)
      show(stepView.lines(step, in: after, before: before))
    }
    // The reply to a command that is looked at again was shown when it was given.
    if case .command(let name, _) = step.action { showReplies(step, except: name) } else { showReplies(step) }
  }

  /// The fields of a step's messages.
  func fields(_ step: Step, _ before: World?, _ after: World) -> (Delivery) -> Field? {
    { [timeline] in timeline.fields(of: $0, inStep: step.number, worlds: [after] + (before.map { [$0] } ?? [])) }
  }

  /// A step of the current branch, and the worlds before and after it.
  func moment(_ number: Int) -> (step: Step, before: World, after: World) {
    var walker = timeline
    return moment(number, by: &walker)
  }

  /// The same, with a timeline that is then at that moment: the next one is near.
  func moment(_ number: Int, by walker: inout Timeline) -> (step: Step, before: World, after: World) {
    let step = timeline[number]
    if let previous = timeline.previous, previous.number == number - 1, timeline.position == number {
      walker.restore(timeline.world)
      return (shown(Self.withoutBirthAndDeath(step)), previous, timeline.world)
    }
    // Both moments exist, so going there cannot fail.
    try? walker.go(to: number - 1)
    let before = walker.world
    try? walker.go(to: number)
    return (shown(Self.withoutBirthAndDeath(step)), before, walker.world)
  }

  /// A step as it may be seen: without passwords, unless the user wants to see them.
  func shown(_ step: Step) -> Step { showsPasswords ? step : step.hidingPasswords() }

  /// All steps up to this moment, as they may be seen.
  var shownSteps: [Step] {
    var steps: [Step] = []
    timeline.forEachStep { steps.append(shown($0)) }
    return steps
  }

  /// What a node is when its process begins, and that it is nothing once the process has ended, goes without saying.
  static func withoutBirthAndDeath(_ step: Step) -> Step {
    var step = step
    step.changes.removeAll { !step.action.isEvent && ($0.before == .none || $0.after == .none) }
    return step
  }

  /// Says why it stopped; nothing where it did what was asked.
  func showReason(_ stop: Stop) {
    guard let text = text(of: stop) else { return }
    if isJSON { return output.write(JSON.object([("stop", .string(text))]).text + "\n") }
    show(Line.filled(text, .changed, width: width))
  }

  private func text(of stop: Stop) -> String? {
    func made(_ number: Int) -> String {
      timeline.breakpoints.first { $0.number == number }.map { " (\($0.text))" } ?? ""
    }
    switch stop {
    case .done: return nil
    case .breakpoint(let number): return "stopped at breakpoint \(number)\(made(number))"
    case .watch(let number, let before, let after): return "watch \(number)\(made(number)): \(before) → \(after)"
    case .broken(let broken): return "broken: \(InvariantView.text(broken))"
    case .quiet: return "quiet: nothing is in flight, and what is pending only repeats itself"
    case .nothingPending: return "nothing is pending: start a node, or send a command"
    case .beginning: return "this is the beginning"
    case .end(nil):
      return (["this is the end of the recording"] + [timeline.recording?.passedOver].compactMap(\.self))
        .joined(separator: "; ")
    // Said by the prompt, or by the script's complaint.
    case .interrupted, .end: return nil
    case .storm(let storm):
      return "stopped, since this is a storm and would go on for ever: \(StormView.text(of: storm))"
    case .fruitless(let node, let address, let failure, let tries):
      return "stopped: \(node) has tried to connect to \(address.host):\(address.port) \(counted(tries, "time")) "
        + "(\(failure.words)), and would go on for ever; `\(node) REPLICAOF` gives it another master"
    case .limit(let time, let steps, let left?):
      return "stopped after \(time.text) and \(counted(steps, "step")), as many as one line may take: "
        + "`advance \(left.text)` lets the rest of the time pass"
    case .limit(let time, let steps, nil):
      return "stopped after \(time.text) and \(counted(steps, "step")): this could go on for ever"
    }
  }

  /// What `display` was given, at each stop.
  func showDisplays() {
    for breakpoint in timeline.breakpoints {
      guard case .display(let expression) = breakpoint.kind else { continue }
      let value = (try? expression.value(in: timeline.world)) ?? .none
      answer(
        ["\(breakpoint.number): \(breakpoint.text) = \(value)"],
        json: .object([("display", .string(breakpoint.text)), ("value", value.json)]))
    }
  }
}
