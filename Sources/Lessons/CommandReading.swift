import RESP
import Redis

/// A command as Redis reads it, however it was typed: `SET a "b c"`, `set a 'b c'`, `*3 $3 SET $1 a …`; with who says it in
/// front of it or not.
package struct CommandReading: Sendable, Hashable {
  /// The node at which it is typed, if it is said.
  private var node: [UInt8]?
  private var words: [[UInt8]]

  /// Nil if it is no command: nothing, or a quote that is never closed.
  package init?(_ text: String) {
    guard var words = Self.words(in: Self.withoutFrame(text)), !words.isEmpty else { return nil }
    if words.count > 1, CommandTable.find(Bytes(words[0])) == nil, CommandTable.find(Bytes(words[1])) != nil {
      node = words.removeFirst()
    }
    self.words = Self.canonical(words)
  }

  /// Whether both are the same command. A node's name counts only where both have one.
  package func isSame(as other: CommandReading) -> Bool {
    words == other.words && (node == other.node || node == nil || other.node == nil)
  }

  /// Whether the other one goes on behind this one.
  func begins(_ other: CommandReading) -> Bool {
    words.count < other.words.count && other.words.starts(with: words)
      && (node == other.node || node == nil || other.node == nil)
  }

  /// Without a prompt, a view's arrow, or a code mark around it.
  private static func withoutFrame(_ text: String) -> String {
    var text = text.trimmed
    while text.count > 1, text.first == "`", text.last == "`" { text = String(text.dropFirst().dropLast()) }
    if text.hasPrefix("lab> ") { text = String(text.dropFirst(5)) }
    for arrow in [">>> ", "<<< "] {
      guard let (before, after) = text.splitOnce(arrow), !before.contains(where: \.isWhitespace) else { continue }
      text = after
    }
    return text.trimmed
  }

  private static func words(in text: String) -> [[UInt8]]? {
    guard text.hasPrefix("*"), text.dropFirst().first?.isNumber == true else {
      return InlineCommand.split(Array(text.utf8))
    }
    return array(text)
  }

  /// RESP's array of strings, its line ends written as `\r\n`, as such or as blanks.
  private static func array(_ text: String) -> [[UInt8]]? {
    let lines = text.replacing([("\\r\\n", "\n"), ("\r\n", "\n")])
    let separator: Character = lines.contains("\n") ? "\n" : " "
    let items = lines.split(separator: separator).map(String.init)
    guard let count = Int(items[0].dropFirst()), (1..<items.count).contains(count), items.count == 1 + 2 * count else {
      return nil
    }
    var words: [[UInt8]] = []
    for index in 0..<count {
      let (length, word) = (items[1 + 2 * index], Array(items[2 + 2 * index].utf8))
      guard length.hasPrefix("$"), Int(length.dropFirst()) == word.count else { return nil }
      words.append(word)
    }
    return words
  }
}

// MARK: - What Redis does not tell apart

extension CommandReading {
  /// The words with those in small letters whose case says nothing, and rules in one order whose order says nothing.
  private static func canonical(_ words: [[UInt8]]) -> [[UInt8]] {
    var words = words
    // One name of two, and a part of REPLCONF as it is spoken of: `ack 0`.
    let first = lower(words[0])
    if first == Array("slaveof".utf8) { words[0] = Array("replicaof".utf8) }
    if replconfOptions.contains(String(decoding: first, as: UTF8.self)) { words.insert(Array("replconf".utf8), at: 0) }
    let name = lower(words[0])
    words[0] = name
    let text = String(decoding: name, as: UTF8.self)
    if words.count > 1, !(CommandTable.find(Bytes(name))?.subcommands.isEmpty ?? true) || families.contains(text) {
      words[1] = lower(words[1])
    }
    switch text {
    // Options and their values, and ids, which are hexadecimal.
    case "replconf", "psync", "replicaof":
      words = words.map(lower)
    // CONFIG SET directive value …
    case "config":
      for index in stride(from: 2, to: words.count, by: 2) { words[index] = lower(words[index]) }
    case "acl" where words.count > 2 && words[1] == Array("setuser".utf8):
      words[3...] = rules(words[3...])
    default: break
    }
    return words
  }

  private static let replconfOptions = ["ack", "getack", "capa", "listening-port", "ip-address"]

  /// `REPLCONF ACK`: what a REPLCONF is called, without what it says; nil for other commands.
  var replconfName: CommandReading? {
    guard words.count > 2, words[0] == Array("replconf".utf8) else { return nil }
    var name = self
    name.words = Array(words.prefix(2))
    return name
  }

  /// Families that the table may not have as such.
  private static let families = ["acl", "config", "client", "debug", "object", "script", "memory"]

  private static func lower(_ word: [UInt8]) -> [UInt8] { Bytes(word).lowercased().array }

  /// The rules of a user: those that allow a command, and words such as `on`, in small letters; what is allowed in a row
  /// in order.
  private static func rules(_ rules: ArraySlice<[UInt8]>) -> ArraySlice<[UInt8]> {
    var sorted: [[UInt8]] = []
    var row: [[UInt8]] = []
    for rule in rules {
      let isLiteral = rule.first.map { ">#<!~&%(".utf8.contains($0) } ?? true
      let rule = isLiteral ? rule : lower(rule)
      if rule.first == UInt8(ascii: "+") {
        row.append(rule)
      } else {
        sorted += row.sorted { $0.lexicographicallyPrecedes($1) } + [rule]
        row = []
      }
    }
    return (sorted + row.sorted { $0.lexicographicallyPrecedes($1) })[...]
  }
}
