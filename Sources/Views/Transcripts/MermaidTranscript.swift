import Redis

/// A transcript as a sequence diagram for Mermaid, which forges draw: an arrow for each message, a note where another
/// connection, or another part of its talk, begins.
package struct MermaidTranscript: TranscriptView {
  private var mark = ChapterMark()
  /// Who was seen, numbered from 1 in that order.
  private var numbers: [String: Int] = [:]

  package init() {}

  package let beginning = "sequenceDiagram\n"

  package mutating func text(of said: Said) -> String {
    var out = ""
    let (opener, acceptor) = said.ends
    let (left, right) = (id(opener, &out), id(acceptor, &out))
    if let chapter = mark.change(said).chapter {
      let place = left == right ? left : "\(left),\(right)"
      out += "  Note over \(place): connection \(said.delivery.link), \(Self.escaped(chapter.rawValue.lowercased()))\n"
    }
    let isOpener = said.message.side == .opener
    let arrow = said.message.isFault ? "--x" : isOpener ? "->>" : "-->>"
    let title = Self.escaped(said.message.title)
    return out + "  \(isOpener ? left : right)\(arrow)\(isOpener ? right : left): \(title)\n"
  }

  package mutating func text(ofRemark remark: String, at time: Instant) -> String {
    guard !numbers.isEmpty else { return "" }
    return "  Note right of p1: \(Self.escaped(remark))\n"
  }

  package mutating func end() -> String { "" }

  /// How a participant is called in the diagram's own text; one who is new is declared.
  private mutating func id(_ name: String, _ out: inout String) -> String {
    if let number = numbers[name] { return "p\(number)" }
    numbers[name] = numbers.count + 1
    out += "  participant p\(numbers.count) as \(Self.escaped(name))\n"
    return "p\(numbers.count)"
  }

  /// What Mermaid, or the page around it, would take for its own, by its number.
  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { out, scalar in
      switch scalar {
      case "#", ";", "<", ">", "&", "\"", "%", "{", "}", "\\", "`", "$": out += "#\(scalar.value);"
      case let control where control.value < 0x20: out += " "
      default: out.unicodeScalars.append(scalar)
      }
    }
  }
}
