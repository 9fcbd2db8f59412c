import Dissection
import Lab
import RESP

// What `info` can show of a recording: what crossed the wire, and nothing that nodes kept for themselves.
extension InfoView {
  /// Whether there is anything to show of a recording.
  package var isOfRecordings: Bool {
    switch self {
    case .nodes, .topology, .links, .offsets: true
    case .pending, .backlog, .buffers, .disk, .clients, .sentinels: false
    }
  }

  func table(_ recorded: Recorded) -> Table {
    switch self {
    case .nodes: Self.nodes(recorded)
    case .topology: TopologyView.table(recorded)
    case .links: Self.links(recorded)
    case .offsets: Self.offsets(recorded)
    case .pending, .backlog, .buffers, .disk, .clients, .sentinels:
      Table([], empty: "this is a recording: it tells only what crossed the wire")
    }
  }

  private static func nodes(_ recorded: Recorded) -> Table {
    var table = Table(
      [
        .init("node"), .init("address"), .init("role"), .init("link"), .init("master"), .init("lag (B)", .right),
        .init("connections", .right),
      ],
      empty: "nobody has been seen yet")
    for server in recorded.participants.servers {
      let link = recorded.replicationLinks.last { $0.opener.party == .node(server.name) }
      table.rows.append([
        server.name, "\(server.endpoint)", server.role.rawValue, property(.link, server.name, recorded),
        link.map { $0.acceptor.party.name } ?? "–", link.flatMap(lag) ?? "–", property(.clients, server.name, recorded),
      ])
    }
    return table
  }

  private static func links(_ recorded: Recorded) -> Table {
    var table = Table(
      [.init("link", .right), .init("from"), .init("to"), .init("from address"), .init("to address"), .init("phase")],
      empty: "no connection is open")
    for link in recorded.links {
      table.rows.append([
        "\(link.id)", link.opener.party.name, link.acceptor.party.name, "\(link.opener.endpoint)",
        "\(link.acceptor.endpoint)", link.phase?.rawValue ?? "commands",
      ])
    }
    return table
  }

  /// For each link on which a replica follows: the history, how far it was sent, and how far the replica says it is.
  private static func offsets(_ recorded: Recorded) -> Table {
    var table = Table(
      [
        .init("link", .right), .init("master"), .init("replica"), .init("replid"), .init("sent", .right),
        .init("acknowledged", .right), .init("outstanding", .right),
      ], empty: "no account is open: nobody has synced yet")
    for link in recorded.replicationLinks {
      guard let ledger = recorded.dissector(of: link.id)?.ledger, let sent = ledger.sent else { continue }
      table.rows.append([
        "\(link.id)", link.acceptor.party.name, link.opener.party.name,
        ledger.id.map { short(String(decoding: $0, as: UTF8.self)) } ?? "–", "\(sent)",
        ledger.acknowledged.map { "\($0)" } ?? "–", ledger.outstanding.map { "\($0)" } ?? "–",
      ])
    }
    return table
  }

  /// How many bytes were sent that the replica has not acknowledged yet.
  private static func lag(_ link: RecordedConnection) -> String? {
    guard let sent = link.balance.sent, let acknowledged = link.balance.acknowledged else { return nil }
    return "\(sent -| acknowledged)"
  }

  private static func property(_ property: NodeProperty, _ name: String, _ recorded: Recorded) -> String {
    let answer = recorded.value(property, of: name)
    return answer == .none ? "–" : "\(answer)"
  }
}
