/// Bytes received and not yet decoded: one array that is being decoded, and behind it chunks that can wait because what
/// is being decoded is known to reach beyond them.
struct PendingBytes: Equatable, Sendable {
  private(set) var buffer: [UInt8] = []
  /// The first byte of `buffer` that has not been consumed.
  private(set) var start = 0
  private var later = ByteLog()
  /// All bytes consumed so far.
  private(set) var consumed = 0

  var count: Int { buffer.count - start + later.count }

  mutating func append(_ bytes: [UInt8]) {
    if buffer.isEmpty { buffer = bytes } else { later.append(bytes) }
  }

  /// Brings all bytes into `buffer`.
  mutating func join() {
    guard !later.isEmpty else { return }
    // What is consumed goes once it is most of the buffer: dropping it each time would move the rest each time.
    if start > buffer.count / 2 {
      buffer.removeSubrange(..<start)
      start = 0
    }
    if buffer.count < later.count {
      var joined: [UInt8] = []
      joined.reserveCapacity(buffer.count + later.count)
      joined += buffer
      buffer = joined
    }
    buffer += later.bytes
    later = ByteLog()
  }

  mutating func consume(_ count: Int) {
    consumed += count
    start += count
    if start == buffer.count {
      buffer = []
      start = 0
    }
  }
}
