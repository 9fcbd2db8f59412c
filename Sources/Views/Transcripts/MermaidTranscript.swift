import Dissection
import Lab
import Redis

/// A transcript as a sequence diagram for Mermaid, which forges draw: the participants in the topology's order, clients as one;
/// an arrow for each message; notes for faults, deaths, decisions, and where another part of two ends' talk begins. A
/// long row of keep-alives is one note.
package struct MermaidTranscript: TranscriptView {
  private var lines: [Row] = []
  /// What is not drawn.
  private var rest = 0
  private var clients = ClientNames()

  fileprivate enum Row {
    case arrow(from: String, String, to: String, String)
    case note(over: [String], String)
  }

  /// How many lines there are at most. (Mermaid by itself draws 50,000 characters, and takes minutes for thousands of lines.)
  private static let rowLimit = 20_000
  /// Longer texts make the columns as wide.
  private static let textLimit = 100

  package init() {}

  package let beginning = "sequenceDiagram\n"
  package let foldsFrom: Int? = 8

  package mutating func text(of said: Said) -> String {
    let (from, to) = (said.delivery.from, said.delivery.to)
    if let chapter = said.chapter {
      add(.note(over: names([from, to]), "connection \(said.delivery.link): \(chapter.rawValue.lowercased())"))
    }
    let isOpener = said.message.side == .opener
    let arrow = said.message.isFault ? "--x" : isOpener ? "->>" : "-->>"
    add(
      .arrow(
        from: Topology.columnName(of: from), arrow, to: Topology.columnName(of: to), clients.title(of: said)))
    return ""
  }

  package mutating func text(ofRemark remark: String, at time: Instant) -> String {
    add(.note(over: [], remark))
    return ""
  }

  package mutating func text(of note: TranscriptNote) -> String {
    add(.note(over: names(note.parties), note.text))
    return ""
  }

  package mutating func text(of packet: TranscriptPacket) -> String {
    clients.note(packet)
    let arrow = packet.kind == .fin ? "--)" : "-x"
    add(
      .arrow(
        from: Topology.columnName(of: packet.from), arrow, to: Topology.columnName(of: packet.to), packet.text))
    return ""
  }

  package mutating func text(of fold: KeepAliveFold) -> String {
    add(.note(over: names(fold.parties), fold.text))
    return ""
  }

  private func names(_ parties: [Party]) -> [String] { parties.map { Topology.columnName(of: $0) } }

  private mutating func add(_ row: Row) {
    if lines.count < Self.rowLimit { lines.append(row) } else { rest += 1 }
  }

  package mutating func end() -> String { end(TopologyColumns()) }

  package mutating func end(_ columns: TopologyColumns) -> String {
    let used = Set(lines.flatMap(\.names))
    var numbers: [String: Int] = [:]
    var out = ""
    for name in columns.all.map(\.name) where used.contains(name) {
      numbers[name] = numbers.count + 1
      out += "  participant p\(numbers.count) as \(Self.escaped(name))\n"
    }
    // A topology has no more columns than fit.
    let others = used.filter { numbers[$0] == nil }
    if !others.isEmpty { out += "  participant p\(numbers.count + 1) as others\n" }
    let last = numbers.count + 1
    for name in others { numbers[name] = last }
    guard !numbers.isEmpty else { return "" }
    if rest > 0 { lines.append(.note(over: [], "… and \(rest) more that are not drawn")) }
    for line in lines { out += Self.text(of: line, numbers) }
    return out
  }

  private static func text(of row: Row, _ numbers: [String: Int]) -> String {
    switch row {
    case .arrow(let from, let arrow, let to, let text):
      return "  p\(numbers[from] ?? 1)\(arrow)p\(numbers[to] ?? 1): \(escaped(text))\n"
    case .note(let names, let text):
      let places = names.compactMap { numbers[$0] }.sorted()
      let (first, last) = (places.first ?? 1, places.last ?? numbers.count)
      let over = first == last ? "p\(first)" : "p\(first),p\(last)"
      // A long one in several lines, lest it makes the diagram as wide.
      let words = Line.filled(text, width: 48).prefix(8).map { escaped($0.text) }
      return "  Note over \(over): \(words.joined(separator: "<br/>"))\n"
    }
  }

  /// What Mermaid, or the page around it, would take for its own, by its number.
  private static func escaped(_ text: String) -> String {
    let text = text.count > textLimit ? text.prefix(textLimit - 1) + "…" : text
    return text.unicodeScalars.reduce(into: "") { out, scalar in
      switch scalar {
      case "#", ";", "<", ">", "&", "\"", "%", "{", "}", "\\", "`", "$": out += "#\(scalar.value);"
      case let control where control.value < 0x20: out += " "
      default: out.unicodeScalars.append(scalar)
      }
    }
  }
}

extension MermaidTranscript.Row {
  fileprivate var names: [String] {
    switch self {
    case .arrow(let from, _, let to, _): [from, to]
    case .note(let names, _): names
    }
  }
}
