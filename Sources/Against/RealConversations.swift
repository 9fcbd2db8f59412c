import Comparison
import Dissection
import RealRedis

/// Reads what passes through a proxy between a real replica and its master.
struct RealConversations {
  private let proxy: RecordingProxy
  /// How many links are read to their end.
  private var finished = 0
  private var conversation = Conversation()
  /// The numbers of the links that the user broke off.
  private var interruptions: Set<Int> = []

  init(_ proxy: RecordingProxy) { self.proxy = proxy }

  /// - Parameter port: what port of the lab a real one stands for.
  mutating func runs(port: @escaping @Sendable (Int) -> Int) -> ConversationRun {
    let tolerance = Tolerance.servers(port: port)
    var links = proxy.links(from: finished)[...]
    while links.count > 1, let link = links.popFirst() {
      read(link, finished, into: &conversation, tolerance)
      finished += 1
    }
    // The last one may go on: it is read anew each time.
    var open = conversation
    if let link = links.first { read(link, finished, into: &open, tolerance) }
    return open.runs
  }

  /// The user is about to break off what is said on the link that is open now.
  mutating func interrupt() {
    let last = finished + proxy.links(from: finished).count - 1
    if last >= 0 { interruptions.insert(last) }
  }

  private func read(
    _ link: RecordedLink, _ number: Int, into conversation: inout Conversation, _ tolerance: Tolerance
  ) {
    var dissector = ConversationDissector(purpose: .replication)
    for piece in link.pieces {
      for message in dissector.consume(piece.bytes, from: piece.isFromMaster ? .acceptor : .opener) {
        conversation.hear(message, on: number, tolerance)
      }
    }
    if interruptions.contains(number) { conversation.interrupt() }
  }
}
