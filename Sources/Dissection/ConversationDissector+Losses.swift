import Capture

// What happens when the recording has not all that was said.
extension ConversationDissector {
  /// Takes what one segment carried, and appends the messages that became whole with it.
  package mutating func consume(_ bytes: SharedBytes, from side: Side, into messages: inout [Message]) {
    messages += consume(Array(bytes.slice), from: side)
  }

  /// The side's next bytes may be the middle of something.
  mutating func beginInTheMiddle(_ side: Side) {}

  /// `count` bytes of a side are lost.
  mutating func lose(_ count: Int, from side: Side, into messages: inout [Message]) {
    fail(side, "bytes are missing here", offset: self[side].position, &messages)
  }

  /// Whether the side's next bytes may be the middle of something.
  package func isLost(_ side: Side) -> Bool { false }

  /// Where a side that was lost could last be read again.
  func foundAt(_ side: Side) -> Int { 0 }

  func hasEnded(_ side: Side) -> Bool { endedSides.contains(side) }

  /// The sides turn out to be each other.
  mutating func turn() {}
}
