import Dissection

/// `explain`: what Dissection knows about a word of the protocol.
package enum ExplainView {
  package static func lines(_ topic: Topic) -> [Line] {
    let text = topic.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let see = topic.see.isEmpty ? [] : [Line("See also: \(topic.see.joined(separator: ", "))")]
    return [Line(topic.name, .heading)] + Line.filled(text, .meaning, indent: 2) + see
  }

  /// The names of all topics.
  package static var list: [Line] { Line.filled(Topic.all.map(\.name).joined(separator: " "), indent: 2) }
}
