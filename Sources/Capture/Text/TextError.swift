/// What is wrong with the text of a transcript, and in which line.
package struct TextError: Error, Hashable, Sendable {
  /// Counted from 1.
  package var line: Int
  package var reason: Reason

  package enum Reason: Hashable, Sendable {
    /// A line of hex begins with another offset than that of the bytes before it.
    case wrongOffset(found: Int, expected: Int)
    /// A line of hex holds something else.
    case badHex
    /// The line of a packet has a field that can't be read.
    case badField(String)
    case lineTooLong
  }
}

extension TextError: CustomStringConvertible {
  package var description: String { "line \(line): \(reason)" }
}

extension TextError.Reason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .wrongOffset(let found, let expected):
      "a line of hex begins with 0x\(String(found, radix: 16)), but 0x\(String(expected, radix: 16)) comes next"
    case .badHex: "a line of hex has something else in it"
    case .badField(let name): "the packet's line has no readable \(name)"
    case .lineTooLong: "a line of more than a megabyte"
    }
  }
}
