import Dissection

/// `explain`: what Dissection knows about a word of the protocol.
package enum ExplainView {
  package static func lines(_ topic: Topic) -> [Line] {
    let text = text(of: topic)
    let see = topic.see.isEmpty ? [] : [Line("See also: \(topic.see.joined(separator: ", "))")]
    return [Line(topic.name, .heading)] + Line.filled(text, .meaning, indent: 2) + see
  }

  /// What it says, as one line.
  static func text(of topic: Topic) -> String {
    topic.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// The names of all topics.
  package static var list: [Line] { Line.filled(Topic.all.map(\.name).joined(separator: " "), indent: 2) }
}
