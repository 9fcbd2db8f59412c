import Lab
import Redis
import Views

/// What a node answered to a question, and where in its history it was then.
struct AnsweredRead: Equatable {
  var node: String
  /// The step of the answer.
  var step: Int
  var reply: [UInt8]
  var id: String
  var offset: Int64
}

// A client that asks one node and then another may see the data go back in time, since a replica follows.

extension Session {
  /// So many questions are remembered.
  private static var mostReads: Int { 1_000 }

  /// Takes note of what a client was answered, and says so where another node has answered the same question before, with
  /// data of the same history that are newer.
  mutating func noteRead(_ name: String, _ arguments: [[UInt8]], in step: Step) {
    guard let reply = step.reply, reply.first != UInt8(ascii: "-"), case .command(name, arguments) = step.action,
      let first = arguments.first, let command = CommandTable.find(Bytes(first)), command.flags.contains(.readonly),
      !command.keys.isEmpty, !command.tips.contains("nondeterministic_output")
    else { return }
    let node = timeline.world.clients.first { $0.name == name }?.node ?? name
    guard let replication = timeline.world.machine(node)?.node?.replication else { return }
    let read = AnsweredRead(
      node: node, step: step.number, reply: reply, id: replication.ids.current,
      offset: replication.session?.offset ?? replication.offset)
    defer {
      if reads.count >= Self.mostReads { reads = [:] }
      reads[arguments] = read
    }
    guard let last = reads[arguments], last.node != node, last.reply != reply, hasHappened(last, arguments) else {
      return
    }
    let here: String
    if last.id == read.id, last.offset > read.offset {
      here = "has come to \(read.offset)"
    } else if replication.ids.second == last.id, last.offset >= replication.ids.secondOffset {
      here = "went off from that after \(replication.ids.secondOffset - 1)"
    } else {
      return
    }
    let text =
      "this is older than what \(last.node) answered at step \(last.step), from offset \(last.offset) of the history "
      + "\(last.id.prefix(8))…: \(node) \(here)"
    if isJSON {
      output.write(
        JSON.object([("node", .string(node)), ("olderThan", .number(last.step)), ("text", .string(text))]).text + "\n")
    } else {
      show(Line.filled(text, .changed))
    }
  }

  /// It is of the past that this moment has.
  private func hasHappened(_ read: AnsweredRead, _ arguments: [[UInt8]]) -> Bool {
    guard (1..<max(1, timeline.position)).contains(read.step), timeline.recording == nil,
      case .command(let name, arguments) = timeline[read.step].action
    else { return false }
    let node = timeline.world.clients.first { $0.name == name }?.node ?? name
    return node == read.node && timeline[read.step].reply == read.reply
  }
}
