import Capture

extension Side {
  /// Which side says such a thing, if only one of them does: the bytes are those of one segment, and may begin anywhere
  /// in what its sender said.
  static func saying(_ bytes: SharedBytes) -> Side? {
    guard let line = line(bytes, from: 0) else { return nil }
    switch line.first {
    case UInt8(ascii: "*"): return sayingCommand(bytes, after: line.count + 2)
    case UInt8(ascii: "+"), UInt8(ascii: "-"):
      // A line of text: of letters, as far as its first blank.
      let word = line.dropFirst().prefix { $0 != 0x20 }
      return !word.isEmpty && word.allSatisfy { $0 >= 0x41 && $0 <= 0x7A } ? .acceptor : nil
    case UInt8(ascii: ":"): return isNumber(line.dropFirst()) ? .acceptor : nil
    case UInt8(ascii: "$"):
      return isNumber(line.dropFirst()) || line.starts(with: "$EOF:".utf8) ? .acceptor : nil
    default: return nil
    }
  }

  private static func sayingCommand(_ bytes: SharedBytes, after position: Int) -> Side? {
    var position = position
    var words: [String] = []
    while words.count < 2, let length = line(bytes, from: position), length.first == UInt8(ascii: "$"),
      isNumber(length.dropFirst()), let word = line(bytes, from: position + length.count + 2)
    {
      words.append(uppercased(Array(word)))
      position += length.count + word.count + 4
    }
    switch words.first {
    case "PSYNC", "SYNC", "AUTH", "HELLO", "SUBSCRIBE", "PSUBSCRIBE", "INFO", "GET", "MGET", "CONFIG": return .opener
    case "REPLCONF": return words.count < 2 ? nil : words[1] == "GETACK" ? .acceptor : .opener
    case "MESSAGE", "PMESSAGE": return .acceptor
    default: return nil
    }
  }

  private static func isNumber(_ digits: ArraySlice<UInt8>) -> Bool {
    let digits = digits.first == UInt8(ascii: "-") ? digits.dropFirst() : digits
    return !digits.isEmpty && digits.count < 20 && digits.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
  }

  /// The line that begins at `start`, without its CRLF; nil if it does not end within a few bytes.
  private static func line(_ bytes: SharedBytes, from start: Int) -> ArraySlice<UInt8>? {
    guard start < bytes.count else { return nil }
    let head = bytes[start..<min(bytes.count, start + 128)].slice
    guard let end = head.firstIndex(of: 0x0D), end + 1 < head.endIndex, head[end + 1] == 0x0A else { return nil }
    return head[..<end]
  }
}
