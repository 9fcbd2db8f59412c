import RESP

/// A reply in one line, from which it can be read again: a status without its `+`, an error or a number as it is, a string in
/// quotes, an array as its head and its elements.
///
/// ```
///   OK                          +OK
///   -ERR no such key            -ERR no such key
///   "v"                         $1, v
///   *2 +OK "v"                  an array of the two; a line of more than one word is in quotes, too: -"ERR no such key"
/// ```
enum ReplyWords {
  /// What is no whole reply is a line with a dot for what has no picture.
  static func text(_ bytes: [UInt8]) -> String {
    guard let words = words(bytes), let first = bytes.first else { return status(Wording.line(bytes)) }
    let line = Wording.line(bytes)
    let isLine = bytes.firstIndex(of: 0x0a) == bytes.count - 1 && bytes.dropLast(2).allSatisfy { 0x20..<0x7f ~= $0 }
    // An element of its own is what the notes write.
    guard isLine, first != UInt8(ascii: "+") || isStatus(line.dropFirst()) else { return words }
    return status(line)
  }

  private static func status(_ line: String) -> String { line.hasPrefix("+") ? String(line.dropFirst()) : line }

  /// Whether a status without its `+` is taken for nothing else.
  static func isStatus(_ text: Substring) -> Bool {
    guard let first = text.utf8.first else { return false }
    return !"+-:$*%~>|=!#,(_\" ".utf8.contains(first) && text.utf8.last != 0x20
  }

  /// nil: it is not whole, or more than one.
  private static func words(_ bytes: [UInt8]) -> String? {
    var (position, left, words) = (0, 1, [String]())
    while left > 0 {
      guard position < bytes.count, let end = bytes[position...].firstIndex(of: 0x0a), end > position + 1,
        bytes[end - 1] == 0x0d
      else { return nil }
      let type = bytes[position]
      let head = bytes[position + 1..<end - 1]
      position = end + 1
      left -= 1
      switch type {
      case UInt8(ascii: "*"), UInt8(ascii: "%"), UInt8(ascii: "~"), UInt8(ascii: ">"), UInt8(ascii: "|"):
        guard let count = Int(String(decoding: head, as: UTF8.self)), count <= bytes.count else { return nil }
        let isMap = type == UInt8(ascii: "%") || type == UInt8(ascii: "|")
        left += max(0, count) * (isMap ? 2 : 1) + (type == UInt8(ascii: "|") ? 1 : 0)
        words.append(character(type) + String(decoding: head, as: UTF8.self))
      case UInt8(ascii: "$"), UInt8(ascii: "="), UInt8(ascii: "!"):
        guard let count = Int(String(decoding: head, as: UTF8.self)), count <= bytes.count - position - 2 else {
          return nil
        }
        guard count >= 0 else {
          words.append(character(type) + "-1")
          continue
        }
        words.append(
          (type == UInt8(ascii: "$") ? "" : character(type)) + InlineCommand.quoted(bytes[position..<position + count]))
        position += count + 2
      case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "#"), UInt8(ascii: ","),
        UInt8(ascii: "("), UInt8(ascii: "_"):
        words.append(character(type) + (head.isEmpty ? "" : InlineCommand.word(head)))
      default: return nil
      }
    }
    return position == bytes.count ? words.joined(separator: " ") : nil
  }

  private static func character(_ byte: UInt8) -> String { String(UnicodeScalar(byte)) }
}
