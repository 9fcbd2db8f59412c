import Lab
import RESP
import Redis
import Views

extension Session {
  /// `NAME COMMAND ARG…`: a client's command on a node, its reply as redis-cli prints it.
  ///
  /// A command that blocks there, such as WAIT, waits in the open: its reply comes under the step that brings it. In a
  /// script a node's own client waits for it, as redis-cli in a shell's; a client with a name lets the other lines go on.
  ///
  /// - Parameter waits: whether a node's own client waits for the reply; nil: as the place has it where the line stands.
  mutating func runClientCommand(on name: String, _ words: [Word], waits: Bool? = nil) throws {
    let arguments = words.map(\.bytes)
    let isNode = nodeNames.contains(name)
    guard !arguments.isEmpty else {
      throw Complaint.usage(
        "\(name) is a \(isNode ? "node" : "client"): a command must follow its name",
        advice: "As in: \(name) PING, or: \(name) INFO replication")
    }
    let waits = waits ?? awaitsReplies
    if waits, timeline.world.awaitsReply(of: name) {
      let run = timeline.awaitReply(of: name, monitor)
      show(run, isBrief: true)
    }
    let run =
      try isNode
      ? timeline.command(name, arguments, now: !waits, monitor)
      : timeline.perform(.command(node: name, arguments: arguments))
    for number in run.from + 1..<max(run.to, run.from + 1) { showReplies(timeline[number]) }
    guard let step = timeline.current else { return }
    let own = step.replies.filter { $0.client == name }
    for reply in own { try showReply(reply) }
    noteRead(name, arguments, in: step)
    showReplies(step, except: name)
    let isAnswered = own.contains { $0.request != nil }
    if own.isEmpty, !timeline.world.awaitsReply(of: name) { return show(run) }
    if !isAnswered, timeline.world.awaitsReply(of: name) { tellThatWaits(name) }
    showConsequences(step)
    showReason(run.stop)
  }

  /// What a command made happen at once, under its reply: what the node logs says more than the reply, and other
  /// connections of the node may have ended.
  private func showConsequences(_ step: Step) {
    let losesReplica = step.changes.contains { $0.property == .replicas && $0.before.isMore(than: $0.after) }
    guard !isJSON, losesReplica || step.notes.contains(where: \.saysMoreThanReplies) else { return }
    show(StepView.notes(step, in: timeline.world))
  }

  private func tellThatWaits(_ name: String) {
    let who = nodeNames.contains(name) ? "\(name)'s client" : name
    let isEndless = timeline.world.waitsForEndlessScript(name)
    answer(
      isEndless
        ? [
          "\(who) waits for a script that has run for a minute: the lab takes it for endless",
          "  another client's SCRIPT KILL may end it",
        ]
        : ["\(who) waits for its reply; `step` and `advance` let happen what brings it"],
      json: .object(
        [("client", .string(name)), ("waits", .bool(true))] + (isEndless ? [("endless", .bool(true))] : [])))
  }

  private func showReply(_ reply: Step.Reply) throws {
    var decoder = ReplyDecoder()
    decoder.feed(reply.bytes)
    while let value = try decoder.next() {
      if isJSON {
        answer([], json: .object([("node", .string(reply.client)), ("reply", ReplyText.json(of: value))]))
      } else {
        output.write(ReplyText.text(of: value, to: reply.request))
      }
    }
  }

  /// The replies that a step brought to clients that waited, and what others were sent unasked, by their names, and which
  /// clients lost their connection.
  func showReplies(_ step: Step, except name: String? = nil) {
    for reply in step.replies where reply.client != name {
      if isJSON {
        try? showReply(reply)
        continue
      }
      var decoder = ReplyDecoder()
      decoder.feed(reply.bytes)
      guard let value = try? decoder.next() else { continue }
      let text = ReplyText.text(of: value, to: reply.request)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      output.write(lines.count == 1 ? "\(reply.client): \(text)" : "\(reply.client):\n\(text)")
    }
    for client in step.lostClients where client != name {
      answer(
        ["\(client): the connection is lost; its next command makes another"],
        json: .object([("client", .string(client)), ("lost", .bool(true))]))
    }
  }
}

extension ExpressionValue {
  fileprivate func isMore(than other: ExpressionValue) -> Bool {
    guard case .integer(let mine) = self, case .integer(let theirs) = other else { return false }
    return mine > theirs
  }
}

extension Note {
  /// It is a line of the node's log, or ends a connection of somebody else's.
  fileprivate var saysMoreThanReplies: Bool {
    switch content {
    case .log: true
    case .decision(let decision): decision.kind == .dropReplica || decision.kind == .closeClient
    }
  }
}
