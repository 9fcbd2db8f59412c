import RESP

/// One side's bytes that belong to no message yet.
struct Inbox: Equatable, Sendable {
  private var log = ByteLog()
  /// How many bytes of `log` were taken.
  private var taken = 0
  /// The place of the first byte not taken among all bytes of its side.
  private(set) var position = 0

  /// How many bytes are waiting.
  var count: Int { log.count - taken }

  mutating func append(_ bytes: [UInt8]) { log.append(bytes) }

  /// The waiting bytes at `range`, counted from the first of them.
  func peek(_ range: Range<Int>) -> [UInt8] { log.bytes(in: taken + range.lowerBound..<taken + range.upperBound) }

  /// All waiting bytes; shared, not copied, if they came together.
  var rest: [UInt8] { log.bytes(in: taken..<log.count) }

  /// Takes the first `count` bytes.
  mutating func take(_ count: Int) -> (bytes: [UInt8], range: Range<Int>) {
    let bytes = peek(0..<count)
    let range = position..<position + count
    taken += count
    position += count
    return (bytes, range)
  }

  /// Forgets what was taken. Not done by `take`, because many messages may come in one piece.
  mutating func tidy() {
    guard taken > 0 else { return }
    let left = rest
    log = ByteLog()
    log.append(left)
    taken = 0
  }
}
