import Dissection

/// `explain`: what Dissection knows about a word of the protocol.
package enum ExplainView {
  package static func lines(_ topic: Topic) -> [Line] {
    var names = Line(topic.name, .heading)
    if !topic.others.isEmpty { names += Line("  also: \(topic.others.joined(separator: ", "))", .dim) }
    let text = topic.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let see = topic.see.isEmpty ? [] : Line.filled("See also: \(topic.see.joined(separator: ", "))", .dim)
    return [names] + Line.filled(text, .meaning, indent: 2) + see
  }

  /// The names of all topics.
  package static var list: [Line] { Line.filled(Topic.all.map(\.name).joined(separator: " "), indent: 2) }
}
