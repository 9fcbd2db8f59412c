import RESP
import Views

/// A reply as redis-cli prints it on a terminal.
enum ReplyText {
  /// The reply to `command`, its last line ended. Where redis-cli prints the text of a reply as it is (INFO, CLIENT
  /// LIST and their like), so does this.
  ///
  /// - Parameter command: nil: it answers none.
  static func text(of reply: Value, to command: [[UInt8]]?) -> String {
    guard let command else { return unasked(reply) }
    guard isRaw(command) else { return formatted(reply, indent: "") }
    let text = raw(reply).replacing("\r\n", with: "\n")
    return text.isEmpty || text.hasSuffix("\n") ? text : text + "\n"
  }

  /// What comes unasked: keys that are not to be cached any more have a form of their own.
  private static func unasked(_ message: Value) -> String {
    guard case .push(let elements) = message, elements.count == 2, elements[0] == .bulk(Array("invalidate".utf8)) else {
      return formatted(message, indent: "")
    }
    guard case .array(let keys) = elements[1] else { return "-> invalidate: all keys\n" }
    let words = keys.map { key in
      if case .bulk(let bytes) = key { "'\(InlineCommand.escaped(bytes))'" } else { formatted(key, indent: "") }
    }
    return "-> invalidate: " + words.joined(separator: ", ") + "\n"
  }

  /// Lines of a reply, each ended. Aggregates number their elements; `indent` stands before every line but the first,
  /// which continues the line of the element's own number.
  private static func formatted(_ reply: Value, indent: String) -> String {
    switch reply {
    case .simple(let line): string(line) + "\n"
    case .error(let line): "(error) \(string(line))\n"
    case .integer(let number): "(integer) \(number)\n"
    case .bulk(let bytes): InlineCommand.quoted(bytes) + "\n"
    case .null: "(nil)\n"
    case .double(let digits): "(double) \(string(digits))\n"
    case .boolean(let truth): truth ? "(true)\n" : "(false)\n"
    case .bigNumber(let digits): "(big number) \(string(digits))\n"
    case .verbatim(_, let bytes): string(bytes) + "\n"
    case .attribute(_, let value): formatted(value, indent: indent)
    case .array(let elements): list(elements, ")", empty: "(empty array)", indent)
    case .set(let elements): list(elements, "~", empty: "(empty set)", indent)
    case .push(let elements): list(elements, ")", empty: "(empty push)", indent)
    case .map(let pairs): map(pairs, indent)
    }
  }

  private static func list(_ elements: [Value], _ mark: String, empty: String, _ indent: String) -> String {
    if elements.isEmpty { return empty + "\n" }
    let width = String(elements.count).count
    let inner = indent + blanks(width + 2)
    var text = ""
    for (index, element) in elements.enumerated() {
      text += (index == 0 ? "" : indent) + number(index + 1, width) + mark + " " + formatted(element, indent: inner)
    }
    return text
  }

  private static func map(_ pairs: [Value.Pair], _ indent: String) -> String {
    if pairs.isEmpty { return "(empty hash)\n" }
    let width = String(pairs.count).count
    let inner = indent + blanks(width + 2)
    var text = ""
    for (index, pair) in pairs.enumerated() {
      let key = formatted(pair.key, indent: inner).dropLast()
      text += (index == 0 ? "" : indent) + number(index + 1, width) + "# " + key + " => "
      // A value of several lines begins on a line of its own, so that its numbers stand below each other.
      if isMultiline(pair.value) { text += "\n" + inner }
      text += formatted(pair.value, indent: inner)
    }
    return text
  }

  private static func isMultiline(_ reply: Value) -> Bool {
    switch reply {
    case .array(let elements), .set(let elements), .push(let elements):
      elements.count > 1 || elements.first.map(isMultiline) ?? false
    case .map(let pairs): pairs.count > 1 || pairs.first.map { isMultiline($0.value) } ?? false
    default: false
    }
  }

  /// The reply's text without quotes and types.
  private static func raw(_ reply: Value) -> String {
    switch reply {
    case .null: ""
    case .error(let line): string(line) + "\n"
    case .simple(let bytes), .bulk(let bytes), .verbatim(_, let bytes): string(bytes)
    case .integer, .double, .boolean, .bigNumber, .array, .set, .push, .map, .attribute: formatted(reply, indent: "")
    }
  }

  /// The commands whose replies redis-cli 7.0 prints raw.
  private static func isRaw(_ command: [[UInt8]]) -> Bool {
    let words = command.prefix(2).map { String(decoding: $0, as: UTF8.self).lowercased() }
    guard let name = words.first else { return false }
    if name == "info" || name == "lolwut" { return true }
    guard words.count == 2 else { return false }
    return switch (name, words[1]) {
    case ("client", "list"), ("client", "info"), ("memory", "malloc-stats"), ("memory", "doctor"),
      ("debug", "htstats"), ("debug", "htstats-key"), ("debug", "client-eviction"):
      true
    case ("cluster", "nodes"), ("cluster", "info"), ("latency", "doctor"): command.count == 2
    case ("latency", "graph"): command.count == 3
    default: false
    }
  }

  private static func string(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
  private static func blanks(_ count: Int) -> String { String(repeating: " ", count: count) }
  private static func number(_ number: Int, _ width: Int) -> String {
    blanks(width - String(number).count) + String(number)
  }
}

extension ReplyText {
  /// A reply as JSON. What JSON has no type for keeps its text: `{"error": …}`, numbers too big as strings.
  static func json(of reply: Value) -> JSON {
    switch reply {
    case .simple(let bytes), .bulk(let bytes), .bigNumber(let bytes), .double(let bytes), .verbatim(_, let bytes):
      .string(String(decoding: bytes, as: UTF8.self))
    case .error(let bytes): .object([("error", .string(String(decoding: bytes, as: UTF8.self)))])
    case .integer(let number): .number(number)
    case .null: .null
    case .boolean(let truth): .bool(truth)
    case .array(let elements), .set(let elements), .push(let elements): .array(elements.map(json))
    case .map(let pairs): .array(pairs.map { .array([json(of: $0.key), json(of: $0.value)]) })
    case .attribute(_, let value): json(of: value)
    }
  }
}
