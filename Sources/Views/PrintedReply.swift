import RESP

/// A reply as redis-cli prints it, but in one line: `OK`, `"v"`, `(integer) 1`, `(nil)`, `1) "a" 2) (integer) 2`.
enum PrintedReply {
  /// For a chart or a heading: of a long one the beginning, of what is no whole reply its bytes with dots.
  static func text(_ bytes: [UInt8], limit: Int = 160) -> String {
    var writer = Writer(bytes, limit: limit)
    if let text = writer.text() { return text }
    let line = Wording.line(Array(bytes.prefix(limit)))
    return bytes.count > limit ? line + "…" : line
  }

  /// For what is read again: nil where the bytes could not be told from it. That is so of what has several levels, or one of
  /// RESP3's own, and of texts that could be taken for something else.
  static func exact(_ bytes: [UInt8]) -> String? {
    var writer = Writer(bytes, limit: .max)
    guard let text = writer.text(), writer.isExact else { return nil }
    return text
  }

  private struct Writer {
    let bytes: [UInt8]
    let limit: Int
    var position = 0
    /// Whether the text stands for these bytes alone.
    var isExact = true

    init(_ bytes: [UInt8], limit: Int) { (self.bytes, self.limit) = (bytes, limit) }

    private struct Level {
      var left: Int
      var number = 0
      var mark: String
      /// A map's value comes next.
      var isAtValue = false
    }

    /// nil: it is not one whole reply.
    mutating func text() -> String? {
      var text = ""
      var levels: [Level] = []
      repeat {
        if text.utf8.count > limit { return text + "…" }
        if let last = levels.indices.last {
          if levels[last].isAtValue {
            text += " => "
          } else {
            levels[last].number += 1
            text +=
              (text.isEmpty || levels[last].number == 1 ? "" : " ") + "\(levels[last].number)\(levels[last].mark) "
          }
          if levels[last].mark == "#" { levels[last].isAtValue.toggle() }
          levels[last].left -= 1
        }
        guard let head = takeLine(), let type = head.first else { return nil }
        let rest = head.dropFirst()
        switch type {
        case UInt8(ascii: "*"), UInt8(ascii: "%"), UInt8(ascii: "~"), UInt8(ascii: ">"), UInt8(ascii: "|"):
          guard let count = Int(String(decoding: rest, as: UTF8.self)), count <= bytes.count else { return nil }
          isExact = isExact && type == UInt8(ascii: "*") && count >= 0 && levels.isEmpty
          if count < 0 {
            text += "(nil)"
          } else if count == 0 {
            text +=
              type == UInt8(ascii: "%") ? "(empty hash)" : type == UInt8(ascii: "~") ? "(empty set)" : "(empty array)"
          } else {
            let isMap = type == UInt8(ascii: "%") || type == UInt8(ascii: "|")
            levels.append(
              Level(left: isMap ? count * 2 : count, mark: isMap ? "#" : type == UInt8(ascii: "~") ? "~" : ")"))
          }
        case UInt8(ascii: "$"), UInt8(ascii: "="), UInt8(ascii: "!"):
          isExact = isExact && type == UInt8(ascii: "$")
          guard let count = Int(String(decoding: rest, as: UTF8.self)) else { return nil }
          guard count >= 0 else {
            isExact = isExact && count == -1
            text += "(nil)"
            break
          }
          guard count <= bytes.count - position - 2 else { return nil }
          let room = max(0, limit - text.utf8.count)
          // A text of RESP3 has its format in front of it.
          let format = type == UInt8(ascii: "=") ? min(4, count) : 0
          let shown = bytes[position + format..<position + max(format, min(count, room))]
          text += InlineCommand.quoted(shown)
          if format + shown.count < count { return text + "…" }
          position += count + 2
        default: guard append(scalar: type, rest, isInner: !levels.isEmpty, to: &text) else { return nil }
        }
        while levels.last?.left == 0 { levels.removeLast() }
      } while !levels.isEmpty
      return position == bytes.count ? text : nil
    }

    private mutating func append(scalar type: UInt8, _ rest: ArraySlice<UInt8>, isInner: Bool, to text: inout String)
      -> Bool
    {
      // What a terminal would take for its own has no place in a line.
      let isPlain = rest.allSatisfy { 0x20..<0x7f ~= $0 }
      let words = isPlain ? String(decoding: rest, as: UTF8.self) : Wording.line(Array(rest))
      isExact = isExact && isPlain
      switch type {
      case UInt8(ascii: "+"):
        isExact =
          isExact && ReplyWords.isStatus(words[...])
          && (isInner ? InlineCommand.isPlain(rest) : !words.hasPrefix("1) "))
        text += words
      case UInt8(ascii: "-"):
        isExact = isExact && !isInner && words.utf8.last != 0x20 && !words.isEmpty
        text += "(error) \(words)"
      case UInt8(ascii: ":"):
        isExact = isExact && Int64(words).map { "\($0)" } == words
        text += "(integer) \(words)"
      case UInt8(ascii: "#"):
        isExact = isExact && (words == "t" || words == "f")
        text += words == "t" ? "(true)" : "(false)"
      case UInt8(ascii: ","):
        isExact = false
        text += "(double) \(words)"
      case UInt8(ascii: "("):
        isExact = false
        text += "(big number) \(words)"
      case UInt8(ascii: "_"):
        isExact = false
        text += "(nil)"
      default: return false
      }
      return true
    }

    private mutating func takeLine() -> ArraySlice<UInt8>? {
      guard position < bytes.count, let end = bytes[position...].firstIndex(of: 0x0a), end > position + 1,
        bytes[end - 1] == 0x0d
      else { return nil }
      defer { position = end + 1 }
      return bytes[position..<end - 1]
    }
  }
}
