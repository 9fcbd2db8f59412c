/// Texts as one compares them: what they say, not how they are written.
enum Wording {
  /// In small letters, with single blanks, without quotes and backticks around it and without a final stop.
  static func plain(_ text: String) -> String {
    var words = text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")[...]
    while let last = words.last, last == "." || last == "!", words.count > 1 { words.removeLast() }
    let quotes: Set<Character> = ["\"", "'", "`", "‘", "’", "“", "”"]
    while words.count > 1, let first = words.first, let last = words.last, quotes.contains(first), quotes.contains(last)
    {
      words = words.dropFirst().dropLast()
    }
    return words.replacing([("`", ""), ("**", "")])
  }

  /// A printed line as what it says: without the arrow of who says it, and without redis-cli's or RESP's marks of a type.
  static func said(_ line: String) -> String {
    var text = line.trimmed
    for arrow in [">>> ", "<<< "] {
      guard let parts = text.splitOnce(arrow), !parts.before.contains(where: \.isWhitespace) else { continue }
      text = parts.after
    }
    if text == "(nil)" { return "nil" }
    for mark in ["(integer) ", "(error) ", "(double) "] where text.hasPrefix(mark) {
      text = String(text.dropFirst(mark.count))
    }
    if let first = text.first, "+-:".contains(first), text.count > 1,
      first == ":" || text.dropFirst().first?.isLetter == true
    {
      text.removeFirst()
    }
    return text
  }

  /// Whether a text holds another one, word for word: `ACK 14` holds `14`, and does not hold `4`.
  static func isHeld(_ part: String, in text: String) -> Bool {
    func words(_ text: String) -> [Substring] { plain(text).split { !$0.isLetter && !$0.isNumber } }
    let (part, all) = (words(part), words(text))
    guard !part.isEmpty, part.count <= all.count else { return false }
    return (0...all.count - part.count).contains { all[$0..<$0 + part.count] == part[...] }
  }

  /// The words of a text that are more than small change.
  static func content(_ text: String) -> Set<String> {
    Set(plain(text).split { !$0.isLetter && !$0.isNumber }.map(String.init).filter { $0.count > 3 })
  }

  /// Whether a text names a message without the rest of it: an error by its code, a REPLCONF by what it is about.
  static func isName(_ name: String, of message: String) -> Bool {
    let line = message.trimmed
    if line.hasPrefix("-") || line.hasPrefix("(error) ") || line.contains("<<< -") {
      let code = said(line).prefix { $0 != " " }
      return !code.isEmpty && code.allSatisfy { $0.isUppercase } && plain(said(name)) == plain(String(code))
    }
    guard let whole = CommandReading(said(line))?.replconfName, let given = CommandReading(said(name)) else {
      return false
    }
    return whole.isSame(as: given)
  }

  /// Whether a text says that there is nothing: `none`, `no keys`.
  static func isNone(_ text: String) -> Bool {
    let words = plain(text).split(separator: " ")
    if words.count == 1 { return ["none", "nothing", "nobody", "nil"].contains(words[0]) }
    return words.count == 2 && words[0] == "no"
  }

  /// Whether two texts say the same: as numbers, as commands, or word for word.
  static func isSame(_ a: String, _ b: String) -> Bool {
    let (a, b) = (said(a), said(b))
    if let first = Quantity(a), let second = Quantity(b) { return first.isSame(as: second) }
    return plain(a) == plain(b)
      || CommandReading(a).map { first in CommandReading(b).map { first.isSame(as: $0) } ?? false } ?? false
  }
}

extension StringProtocol {
  /// What stands before and behind the first occurrence of `mark`.
  func splitOnce(_ mark: String) -> (before: String, after: String)? {
    var index = startIndex
    while index < endIndex {
      if self[index...].hasPrefix(mark) {
        return (String(self[..<index]), String(self[index...].dropFirst(mark.count)))
      }
      formIndex(after: &index)
    }
    return nil
  }

  /// With each key of `table` replaced by its value.
  func replacing(_ table: [(key: String, value: String)]) -> String {
    var text = String(self)
    for (key, value) in table {
      var done = ""
      while let (before, after) = text.splitOnce(key) {
        done += before + value
        text = after
      }
      text = done + text
    }
    return text
  }
}
