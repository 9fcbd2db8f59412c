import Dissection

/// `explain`: what Dissection knows about a word of the protocol.
package enum ExplainView {
  package static func lines(_ topic: Topic) -> [Line] {
    let text = text(of: topic)
    let see = topic.see.isEmpty ? [] : [Line("See also: \(topic.see.joined(separator: ", "))")]
    let example = topic.example.map { Line("  lab> \($0)") }
    return [Line(topic.name, .heading)] + Line.filled(text, .meaning, indent: 2)
      + (example.isEmpty ? [] : [Line("To see it in an empty lab:")] + example) + see
  }

  /// What it says, as one line.
  static func text(of topic: Topic) -> String {
    topic.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// The names of all topics by their groups, on a screen of 24 rows. Those of some groups stand in a topic of their own.
  package static var list: [Line] {
    let margin = 12
    let groups = Topic.groups.flatMap { group -> [Line] in
      let text =
        group.about.map { "`explain \(group.name)` lists them: \($0)" }
        ?? group.topics.map(\.name).joined(separator: " ")
      return Line.filled(text, indent: margin).enumerated().map { index, line in
        Line((index == 0 ? group.name : "").padded(margin), .heading) + Line(String(line.text.dropFirst(margin)))
      }
    }
    return groups + [Line("`explain TOPIC` explains one; many other words lead there, too.")]
  }
}
