import Capture
import Dissection
import Lab
import RESP
import Redis

/// The tables of `info`: the state of a world, nothing of its history.
package enum InfoView: String, Sendable, Hashable, CaseIterable {
  case nodes, topology, links, pending, offsets, backlog, buffers, disk, clients, sentinels

  /// One line for `help`.
  package var summary: String {
    switch self {
    case .nodes: "the nodes: what they are, whom they follow and how far"
    case .topology: "the same as a tree: who follows whom, links, what is in flight"
    case .links: "the connections: between whom, how far, what is in flight"
    case .pending: "what will happen next; `choose` and `split` take its numbers"
    case .offsets: "every node's history and how far it is in it"
    case .backlog: "what each node could still send to a replica that was away"
    case .buffers: "what each node keeps for its replicas"
    case .disk: "the files of each node, and what of them is not safe yet"
    case .sentinels: "what each Sentinel believes of the others"
    case .clients: "the prompt's clients: of which node, and what they wait for"
    }
  }

  /// For a person; `table` has the same for a program.
  package func lines(_ world: World) -> [Line] {
    self == .topology ? TopologyView(world).lines() : table(world).lines
  }

  package func table(_ world: World) -> Table {
    if let recorded = world.recorded { return table(recorded) }
    return switch self {
    case .nodes: Self.nodes(world)
    case .topology: TopologyView.table(world)
    case .links: Self.links(world)
    case .pending: Self.pending(world)
    case .offsets: Self.offsets(world)
    case .backlog: Self.backlog(world)
    case .buffers: Self.buffers(world)
    case .disk: Self.disk(world)
    case .clients: Self.clients(world)
    case .sentinels: Self.sentinels(world)
    }
  }

  private static func nodes(_ world: World) -> Table {
    var table = Table(
      [
        .init("node"), .init("address"), .init("life"), .init("role"), .init("link"), .init("master"),
        .init("lag (B)", .right), .init("keys", .right),
      ],
      empty: "no nodes yet: start one, as in: start m --port 7000")
    let masters = masters(world)
    for machine in world.machines {
      table.rows.append([
        machine.name, WhyView.text(machine.address), machine.life.word, property(.role, machine),
        property(.link, machine),
        master(of: machine, masters), lag(of: machine, masters[machine.name]), property(.keys, machine),
      ])
    }
    return table
  }

  /// Whom each replica follows, where that is a node here.
  private static func masters(_ world: World) -> [String: Machine] {
    var masters: [String: Machine] = [:]
    for member in Topology(of: world).members { masters[member.name] = member.master.flatMap(world.machine) }
    return masters
  }

  /// Whom a replica follows: by name, if that is a node here.
  private static func master(of machine: Machine, _ masters: [String: Machine]) -> String {
    guard let address = machine.node?.replication.master else { return "–" }
    return masters[machine.name]?.name ?? WhyView.text(address)
  }

  /// How many bytes of its master's history a replica has not applied; nothing can be said where it has another history.
  private static func lag(of machine: Machine, _ master: Machine?) -> String {
    guard machine.node?.replication.master != nil, let master,
      NodeProperty.replid.value(in: master) != .none,
      NodeProperty.replid.value(in: master) == NodeProperty.replid.value(in: machine),
      case .integer(let there) = NodeProperty.offset.value(in: master),
      case .integer(let here) = NodeProperty.offset.value(in: machine)
    else { return "–" }
    return "\(there -| here)"
  }

  private static func clients(_ world: World) -> Table {
    var table = Table(
      [.init("client"), .init("node"), .init("state")], empty: "no client has connected: a node's name begins a command"
    )
    for client in world.clientNames {
      table.rows.append([client.name, client.node, text(world.clientState(client.name))])
    }
    return table
  }

  package static func text(_ state: ClientState) -> String {
    switch state {
    case .notConnected: "not connected"
    case .idle: "idle"
    case .waits(let request):
      "waits for the reply to " + request.map { InlineCommand.word($0) }.joined(separator: " ")
    case .inTransaction(let queued): "in MULTI, \(counted(queued, "command")) queued"
    case .subscribed(let number): counted(number, "subscription")
    case .monitors: "is shown every command (MONITOR)"
    }
  }

  private static func links(_ world: World) -> Table {
    var table = Table(
      [
        .init("link", .right), .init("from"), .init("to"), .init("ports"), .init("phase"),
        .init("in flight >>>", .right),
        .init("<<<", .right), .init("lag", .right),
      ], empty: "no links: nobody has connected to anybody")
    for link in world.links {
      table.rows.append([
        "\(link.id)", link.opener.party.name, link.acceptor.party.name,
        "\(link.opener.address.port) → \(link.acceptor.address.port)", place(of: link),
        flight(link.acceptor), flight(link.opener), lag(of: link, world),
      ])
    }
    // What was set for the links to come shows where there are none yet.
    let linked = Set(world.links.map { World.Partition($0.opener.party.name, $0.acceptor.party.name) })
    for pair in Set(world.paths.keys.map { World.Partition($0.from, $0.to) }).subtracting(linked).sorted() {
      let faults = world.faults(from: pair.a, to: pair.b) ?? world.faults(from: pair.b, to: pair.a)
      let way = way(pair.a, pair.b, faults?.lag ?? World.latency, world)
      table.rows.append(["–", pair.a, pair.b, "–", "no link yet", "–", "–", way])
    }
    return table
  }

  /// Where in the protocol a link is; where somebody gives commands that has none, only whether there is a connection yet.
  private static func place(of link: Link) -> String {
    link.phase?.rawValue ?? (link.conversation[.acceptor].state == .listen ? Phase.connect.rawValue : "commands")
  }

  /// How long a packet takes, and what else the network does to it, one way or the other.
  private static func lag(of link: Link, _ world: World) -> String {
    guard case .node(let a) = link.opener.party, case .node(let b) = link.acceptor.party else { return link.lag.text }
    return way(a, b, link.lag, world)
  }

  private static func way(_ a: String, _ b: String, _ lag: Interval, _ world: World) -> String {
    guard let faults = world.faults(from: a, to: b) ?? world.faults(from: b, to: a) else { return lag.text }
    var words = [lag.text]
    if faults.jitter > .zero { words.append("+0–\(faults.jitter.text)") }
    if let bandwidth = faults.bandwidth { words.append("\(bandwidth) B/s") }
    if faults.loss > 0 { words.append("\(Action.percent(faults.loss)) lost") }
    if world.faults(from: a, to: b)?.isCut == true { words.append("no \(a) → \(b)") }
    if world.faults(from: b, to: a)?.isCut == true { words.append("no \(b) → \(a)") }
    return words.joined(separator: ", ")
  }

  /// What is under way to an end: packets, and the bytes of data in them.
  private static func flight(_ end: Link.End) -> String {
    if end.incoming.isEmpty { return "–" }
    let bytes = end.incoming.reduce(0) { $0 + $1.packet.length }
    return "\(end.incoming.count)" + (bytes > 0 ? " (\(bytes) B)" : "")
  }

  private static func pending(_ world: World) -> Table {
    var table = Table(
      [.init("n", .right), .init("when"), .init("in", .right), .init("what")], empty: "nothing is pending")
    for (index, pending) in world.pending.enumerated() {
      let wait = (pending.time - world.now).text
      table.rows.append(["\(index + 1)", pending.time.clockText, wait, text(pending, world)])
    }
    return table
  }

  package static func text(_ pending: Pending, _ world: World) -> String {
    switch pending.event {
    case .kernel(let node): return "\(node)'s kernel tells it about a connection"
    case .timer(let node): return "\(node)'s timer"
    case .acknowledgement(let link, let party): return "\(party.name)'s kernel acknowledges, link \(link)"
    case .arrival(let id, let side, let held):
      guard let link = world.link(id), link[side].incoming.indices.contains(pending.place) else { return "link \(id)" }
      let packet = link[side].incoming[pending.place].packet
      let what = words(packet)
      return "\(link[side.other].party.name) → \(link[side].party.name), link \(id): \(what)"
        + (held ? ", " + hold(on: link, world) : "")
    }
  }

  private static func hold(on link: Link, _ world: World) -> String {
    for end in [link.opener.party, link.acceptor.party] where world.isDark(end) { return "\(end.name) has no power" }
    return "held by a partition"
  }

  /// How many bytes of data it has, or else what its flags say.
  package static func words(_ packet: Packet) -> String {
    packet.length > 0 ? counted(packet.length, "byte") : kind(packet)
  }

  static func kind(_ packet: Packet) -> String {
    switch PacketKind(packet) {
    case .syn: "SYN"
    case .synAck: "SYN, ACK"
    case .ack: "ACK"
    case .data: "data"
    case .fin: "FIN"
    case .reset: "RST"
    }
  }

  static func property(_ property: NodeProperty, _ machine: Machine) -> String {
    let answer = property.value(in: machine)
    return answer == .none ? "–" : "\(answer)"
  }
}
