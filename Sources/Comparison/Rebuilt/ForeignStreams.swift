import Dissection
import RESP

/// What masters sent on links of which the recording has not the beginning. Nothing says whose they are; but a node that
/// sends the same to its own replicas a moment later is the replica of such a master.
struct ForeignStreams: Sendable {
  private var events: [[UInt8]: [Int]] = [:]

  /// How long after a master a replica passes its stream on, in nanoseconds.
  private static let moment: Int64 = 2_000_000_000

  /// There are no such links.
  private(set) var isEmpty = true

  init() {}

  init(in transcript: NormalizedTranscript, on links: Set<Int>, not node: String) {
    let masters = links.filter { number in
      guard let ends = transcript.traffic.connection(number) else { return false }
      return ends.conversation.purpose == .replication && NormalizedTranscript.name(ends.acceptor) != node
    }
    isEmpty = masters.isEmpty
    guard !isEmpty else { return }
    for (index, event) in transcript.events.enumerated() where masters.contains(event.connection) {
      guard case .message(let message) = event.what, message.side == .acceptor else { continue }
      switch message.kind {
      case .stream, .streamSelect, .streamPing, .getAck: events[message.bytes, default: []].append(index)
      default: break
      }
    }
  }

  /// Whether a master has just sent this.
  func bring(_ item: RecordedStream.Item, in transcript: NormalizedTranscript) -> Bool {
    events[item.message.bytes]?.contains { index in
      index < item.event && item.time -| transcript.events[index].time <= Self.moment
    } ?? false
  }
}
