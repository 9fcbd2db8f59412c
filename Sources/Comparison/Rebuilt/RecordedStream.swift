import Dissection
import RESP

/// The stream that a recorded node sent its replicas, by offsets: what it sent whom is one stream.
///
/// It tells what time alone brought (a ping, a key that expired), and what followed from a command that a node can't run.
struct RecordedStream: Sendable {
  struct Item: Sendable {
    var message: Message
    /// The offset of its last byte.
    var end: Int64
    /// When it was first on the wire, and the event that this was.
    var time: Int64
    var event: Int
    /// How often the node's history had been replaced by a master's when it was sent.
    var epoch: Int

    var words: [[UInt8]] { message.words }
    var name: String { words.first.map { String(bytes: $0).lowercased() } ?? "" }
  }

  private var items: [Int64: [Item]] = [:]

  mutating func hear(_ message: Message, time: Int64, event: Int, epoch: Int) {
    switch message.kind {
    case .stream, .streamPing, .streamSelect, .getAck: break
    default: return
    }
    guard let offsets = message.offsets else { return }
    let others = items[offsets.lowerBound] ?? []
    if others.contains(where: { $0.epoch == epoch && $0.end == offsets.upperBound }) { return }
    items[offsets.lowerBound, default: []].append(
      Item(message: message, end: offsets.upperBound, time: time, event: event, epoch: epoch))
  }

  /// What follows an offset of the history.
  func next(after offset: Int64, epoch: Int) -> Item? {
    guard offset < .max else { return nil }
    return items[offset +| 1]?.first { $0.epoch == epoch }
  }
}
