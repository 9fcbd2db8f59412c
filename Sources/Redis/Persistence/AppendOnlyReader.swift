/// Reads the commands of an append-only file as Redis does: by lines, and none that is not whole.
struct AppendOnlyReader: Equatable, Sendable {
  enum Piece {
    case command([Bytes])
    /// A line that says something to people.
    case annotation
    case end
    /// The file ends within a command.
    case truncated
    /// It is no append-only file from here on.
    case badFormat
  }

  private let bytes: [UInt8]
  /// How far the file has been read.
  private(set) var position: Int

  init(_ bytes: [UInt8], from position: Int) {
    self.bytes = bytes
    self.position = position
  }

  /// Reads the next command (`loadSingleAppendOnlyFile` in aof.c).
  mutating func next() -> Piece {
    guard let header = line() else { return .end }
    if header.first == UInt8(ascii: "#") { return .annotation }
    guard header.first == UInt8(ascii: "*") else { return .badFormat }
    if header.count == 1, position == bytes.count { return .truncated }
    let count = Integer.leading(Bytes(header.dropFirst()))
    guard count >= 1 else { return .badFormat }
    var arguments: [Bytes] = []
    while arguments.count < count {
      guard let header = line() else { return .truncated }
      guard header.first == UInt8(ascii: "$"), case let length = Integer.leading(Bytes(header.dropFirst())), length >= 0
      else { return .badFormat }
      guard length <= bytes.count - position - 2 else { return .truncated }
      arguments.append(Bytes(bytes[position..<position + Int(length)]))
      position += Int(length) + 2
    }
    return .command(arguments)
  }

  /// The next line without its line feed, also one that the file's end cuts off; nil at the end.
  private mutating func line() -> ArraySlice<UInt8>? {
    guard position < bytes.count else { return nil }
    let rest = bytes[position...]
    let end = rest.firstIndex(of: 10) ?? rest.endIndex
    position = min(end + 1, bytes.count)
    return rest[..<end]
  }
}
