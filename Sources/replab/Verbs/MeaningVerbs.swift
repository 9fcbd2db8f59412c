import struct Dissection.Topic

/// What it means: `explain`.
extension Verb {
  static let meaningVerbs: [Verb] = [
    Verb(
      name: "explain", family: .meaning, arguments: "[TOPIC]", summary: "say what a field, a state or a command is",
      details: "Without a topic it lists them.",
      example: "explain replid", offers: [.topics, .nothing], run: { try $0.explain($1) })
  ]
}

extension Session {
  fileprivate func explain(_ arguments: Arguments) throws {
    try arguments.atMost(1)
    guard let word = arguments.words.first else {
      let names = Topic.all.map(\.name)
      return answer(filled(names, width: 78), json: .array(names.map { .string($0) }))
    }
    guard let topic = Topic.named(word.text) else {
      let nearest = Suggestion.nearest(to: word.text, among: Topic.all.flatMap { [$0.name] + $0.others })
      throw Complaint.usage(
        "there is no topic ‘\(word.text)’", advice: nearest.map { "Did you mean ‘\($0)’?" } ?? "`explain` lists them.",
        column: word.column)
    }
    answer(
      [palette.ink(topic.name, "1")]
        + filled(topic.text.split(whereSeparator: \.isWhitespace).map(String.init), width: 78)
        + (topic.see.isEmpty ? [] : ["See also: " + topic.see.joined(separator: ", ")]),
      json: .object([
        ("topic", .string(topic.name)), ("text", .string(topic.text)), ("see", .array(topic.see.map { .string($0) })),
      ]))
  }

  /// Words in lines of at most `width` characters, indented by two blanks.
  private func filled(_ words: [String], width: Int) -> [String] {
    var lines: [String] = []
    for word in words {
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append("  " + word)
      }
    }
    return lines
  }
}
