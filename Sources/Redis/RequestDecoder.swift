/// Reads commands from a client's bytes, whatever pieces they come in.
package struct RequestDecoder: Equatable, Sendable {
  private var buffer: [UInt8] = []
  private var position = 0

  package init() {}

  /// How many bytes came and are not yet part of a command.
  package var pendingCount: Int { buffer.count - position }

  package mutating func feed(_ bytes: [UInt8]) {
    if position == buffer.count {
      buffer = bytes
      position = 0
    } else {
      buffer.append(contentsOf: bytes)
    }
  }

  package enum Outcome: Equatable, Sendable {
    /// A command and the bytes it took, both as they came. An empty command (an empty line) has no arguments.
    case command([Bytes], length: Int)
    case incomplete
    /// The client is told this and closed.
    case protocolError(String)
  }

  package mutating func next() -> Outcome {
    guard position < buffer.count else { return .incomplete }
    let start = position
    var at = position
    guard buffer[at] == UInt8(ascii: "*") else { return inline() }
    guard let count = line(&at, after: 1) else { return .incomplete }
    guard let count = Integer.parse(count), count <= 1_048_576 else {
      return .protocolError("ERR Protocol error: invalid multibulk length")
    }
    var arguments: [Bytes] = []
    for _ in 0..<max(0, count) {
      guard at < buffer.count else { return .incomplete }
      guard buffer[at] == UInt8(ascii: "$") else {
        return .protocolError("ERR Protocol error: expected '$', got '\(Character(UnicodeScalar(buffer[at])))'")
      }
      guard let length = line(&at, after: 1) else { return .incomplete }
      guard let length = Integer.parse(length), length >= 0, length <= 512 << 20 else {
        return .protocolError("ERR Protocol error: invalid bulk length")
      }
      guard buffer.count - at >= Int(length) + 2 else { return .incomplete }
      arguments.append(Bytes(buffer[at..<at + Int(length)]))
      at += Int(length) + 2
    }
    position = at
    return .command(arguments, length: at - start)
  }

  private mutating func inline() -> Outcome {
    let start = position
    guard let end = buffer[position...].firstIndex(of: 10) else { return .incomplete }
    let line = buffer[position..<(end > position && buffer[end - 1] == 13 ? end - 1 : end)]
    position = end + 1
    return .command(line.split(separator: 32).map { Bytes($0) }, length: position - start)
  }

  private func line(_ at: inout Int, after skipped: Int) -> Bytes? {
    guard let end = buffer[at...].firstIndex(of: 13), end + 1 < buffer.count else { return nil }
    defer { at = end + 2 }
    return Bytes(buffer[at + skipped..<end])
  }
}
