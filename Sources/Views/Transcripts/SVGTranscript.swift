import Dissection
import Lab
import Redis

/// A transcript as a picture: a column for each who takes part, in the topology's order, and one for all clients; an arrow for
/// each message, time on the left. Faults, deaths and decisions stand in boxes over the columns that they are about, refused
/// and broken connections are arrows that end in a cross, and a long row of keep-alives is one line. Its text is text,
/// which can be selected and searched; what a message means shows where one points at it. It needs nothing from
/// elsewhere.
///
/// It is no larger than what can be looked at: of many who take part the later ones share a column, and the messages that
/// it has no room for are counted below the others.
package struct SVGTranscript: TranscriptView {
  private var rows: [SVGRow] = []
  /// The messages and remarks that are not drawn.
  private var rest = 0
  private var clients = ClientNames()

  /// How many rows there are at most.
  private static let rowLimit = 20_000

  package init() {}

  package let beginning = ""
  package let foldsFrom: Int? = 8

  package mutating func text(of said: Said) -> String {
    guard hasRoom() else { return "" }
    if let chapter = said.chapter {
      let words = "connection \(said.delivery.link): \(chapter.rawValue.lowercased())"
      rows.append(SVGRow(.chapter(words), said.time, said.delivery.from, said.delivery.to))
    }
    let message = SVGRow.Said(
      title: clients.title(of: said), meaning: said.meaning, isOpener: said.message.side == .opener,
      isFault: said.message.isFault)
    rows.append(SVGRow(.said(message), said.time, said.delivery.from, said.delivery.to))
    return ""
  }

  package mutating func text(ofRemark remark: String, at time: Instant) -> String {
    if hasRoom() { rows.append(SVGRow(.remark(remark), time)) }
    return ""
  }

  package mutating func text(of note: TranscriptNote) -> String {
    if hasRoom() { rows.append(SVGRow(.note(note.kind, note.text), note.time, note.parties)) }
    return ""
  }

  package mutating func text(of packet: TranscriptPacket) -> String {
    clients.note(packet)
    if hasRoom() { rows.append(SVGRow(.packet(packet.kind, packet.text), packet.time, packet.from, packet.to)) }
    return ""
  }

  package mutating func text(of fold: KeepAliveFold) -> String {
    if hasRoom() { rows.append(SVGRow(.fold(fold.text), fold.first, fold.parties)) }
    return ""
  }

  private mutating func hasRoom() -> Bool {
    if rows.count < Self.rowLimit { return true }
    rest += 1
    return false
  }

  package mutating func end() -> String { end(TopologyColumns()) }

  package mutating func end(_ columns: TopologyColumns) -> String {
    if rest > 0 {
      let words = "… and \(rest) more that are not drawn: a picture has room for \(Self.rowLimit)"
      rows.append(SVGRow(.remark(words), rows.last?.time ?? Instant(microseconds: 0)))
    }
    return SVGDrawing(rows, columns).text
  }
}

/// Tells apart the clients that share a column, where that is needed: a client's name stands before what it says or hears if
/// another one did so before, and is still there.
struct ClientNames: Sendable {
  private var last: String?
  private var present: Set<String> = []
  private static let most = 10_000

  /// What stands at the arrow of a message.
  mutating func title(of said: Said) -> String {
    let title = said.message.title
    let (opener, _) = said.ends
    let party = said.message.side == .opener ? said.delivery.from : said.delivery.to
    guard Topology.columnName(of: party) == Topology.Column.clients.name else { return title }
    if present.count >= Self.most { present = [] }
    present.insert(opener)
    defer { last = opener }
    return present.count > 1 && opener != last ? "\(opener): \(title)" : title
  }

  /// Who has ended its connection.
  mutating func note(_ packet: TranscriptPacket) {
    for party in [packet.from, packet.to] { present.remove(party.name) }
  }
}

/// A row of the picture, before it is known where the columns stand.
struct SVGRow: Sendable {
  struct Said: Sendable {
    var title: String
    var meaning: String
    var isOpener: Bool
    var isFault: Bool
  }

  enum Content: Sendable {
    case said(Said)
    case packet(TranscriptPacket.Kind, String)
    case note(TranscriptNote.Kind, String)
    case fold(String)
    /// Another part of two ends' talk begins.
    case chapter(String)
    case remark(String)
  }

  var content: Content
  var time: Instant
  /// The names of the columns: from the first to the second, where there are two.
  var columns: [String]

  init(_ content: Content, _ time: Instant, _ parties: [Party]) {
    (self.content, self.time) = (content, time)
    columns = parties.map { Topology.columnName(of: $0) }
  }

  init(_ content: Content, _ time: Instant, _ parties: Party...) { self.init(content, time, parties) }
}
