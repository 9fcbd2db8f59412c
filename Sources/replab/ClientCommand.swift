import Lab
import RESP

extension Session {
  /// `NAME COMMAND ARG…`: a client's command on a node, its reply as redis-cli prints it.
  mutating func runClientCommand(on node: String, _ words: [Word]) throws {
    let arguments = words.map(\.bytes)
    guard !arguments.isEmpty else {
      throw Complaint.usage(
        "\(node) is a node: a command must follow its name", advice: "As in: \(node) PING, or: \(node) INFO replication"
      )
    }
    let run = try timeline.command(node, arguments, attention)
    guard let bytes = timeline.current?.reply else { return show(run) }
    var decoder = ReplyDecoder()
    decoder.feed(bytes)
    while let reply = try decoder.next() {
      if isJSON {
        answer([], json: .object([("node", .string(node)), ("reply", ReplyText.json(of: reply))]))
      } else {
        output.write(ReplyText.text(of: reply, to: arguments))
      }
    }
    showReason(run.stop)
  }
}
