import Capture
import Dissection
import Lab
import RESP
import Redis
import Views

// What nodes and the network are like, in a lab.

extension Scene {
  mutating func draw(_ world: World, isDetailed: Bool) {
    let topology = Topology(of: world)
    let places = isDetailed ? Places(world) : nil
    for member in topology.members {
      guard let machine = world.machine(member.name) else { continue }
      nodes.append(Piece(name: member.name, members: Self.node(machine, member, world, isDetailed: isDetailed)))
    }
    for (index, link) in world.links.enumerated() {
      links.append(Piece(name: "\(link.id)", members: Self.link(link, at: index, world, places)))
    }
    rest.set("clients", Self.clients(world))
    rest.set("walls", Self.walls(world))
    rest.set("paths", Self.paths(world))
    if let places { rest.set("pending", places.json) }
  }

  private static func node(
    _ machine: Machine, _ member: Topology.Member, _ world: World, isDetailed: Bool
  ) -> Members {
    var members = Members()
    members.set("name", .string(machine.name))
    members.set("role", .string(member.kind.rawValue))
    members.set("life", .string(machine.hasPower ? machine.life.word : "dark"))
    members.set("address", .string(WhyView.text(machine.address)))
    members.set("row", .number(member.kind == .sentinel ? -1 : member.depth))
    members.set("master", member.master.map { .string($0) })
    guard let node = machine.node else { return members }
    if isDetailed { members.set("facts", properties(machine)) }
    if node.configuration.isSentinel {
      members.set("sentinel", sentinel(node, world))
      return members
    }
    let replication = node.replication
    if replication.master != nil { members.set("state", .string(replication.link.state.replStateName)) }
    members.set("replid", id(replication.ids.current))
    if replication.ids.secondOffset >= 0 { members.set("replid2", id(replication.ids.second)) }
    members.set("offset", .number(replication.session?.offset ?? replication.offset))
    members.set("keys", .number(node.databases.keyCount))
    if let backlog = replication.backlog {
      let values = [
        ("first", backlog.firstByte), ("length", backlog.length), ("size", node.configuration.replBacklogSize),
      ]
      members.set("backlog", .object(values.map { ($0.0, .number($0.1)) }))
    }
    let sessions = node.replicaSessions
    if !sessions.isEmpty {
      members.set("output", .number(Series.output(node)))
      members.set("replicas", .array(sessions.map { replica($0, world) }))
    }
    return members
  }

  private static func replica(_ session: ReplicaSession, _ world: World) -> JSON {
    var members: [(String, JSON)] = [
      ("name", .string(InfoView.name(session, world))),
      ("state", .string(session.state.infoName ?? "none")), ("acknowledged", .number(session.acknowledged)),
    ]
    if let next = session.next { members.append(("sent", .number(next -| 1))) }
    return .object(members)
  }

  private static func id(_ id: String) -> JSON? { id == ReplicationID.none || id.isEmpty ? nil : .string(id) }

  /// What can be asked about the node by name.
  private static func properties(_ machine: Machine) -> JSON {
    .array(
      NodeProperty.allCases.compactMap { property in
        let value = property.value(in: machine)
        return value == .none ? nil : .array([.string(property.rawValue), .string("\(value)")])
      })
  }

  /// What a Sentinel believes.
  private static func sentinel(_ node: Node, _ world: World) -> JSON {
    .object([
      ("id", .string(node.sentinel.id)), ("epoch", .string("\(node.sentinel.currentEpoch)")),
      (
        "masters",
        .array(
          node.sentinel.masters.map { name, master in
            let address = master.instance.address
            let flags = master.instance.words(isDisconnected: false).filter { $0 != master.instance.kind.rawValue }
            return .object([
              ("name", .string(name)),
              ("node", .string(world.machines.first { $0.address.port == address.port }?.name ?? "")),
              ("address", .string(WhyView.text(address))), ("flags", .string(flags.joined(separator: ","))),
              ("quorum", .number(Int64(master.quorum))),
              ("failover", .string(master.failoverState == .none ? "" : master.failoverState.word)),
            ])
          })
      ),
    ])
  }

  private static func clients(_ world: World) -> JSON {
    .array(
      world.clientNames.map { client in
        let (word, text) = words(world.clientState(client.name))
        return .object([
          ("name", .string(client.name)), ("node", .string(client.node)), ("state", .string(word)),
          ("text", .string(text)),
        ])
      })
  }

  private static func words(_ state: ClientState) -> (word: String, text: String) {
    let word =
      switch state {
      case .notConnected: "not connected"
      case .idle: "idle"
      case .waits: "waits"
      case .inTransaction: "transaction"
      case .subscribed: "subscribed"
      case .monitors: "monitors"
      }
    return (word, InfoView.text(state))
  }
}

// MARK: - The network

extension Scene {
  /// What is pending, and which line delivers each packet before all else.
  struct Places {
    /// By link and side, the number that `choose` takes for the first packet in flight there.
    private var numbers: [Place: Int] = [:]
    private(set) var json: JSON = .array([])

    private struct Place: Hashable {
      let link: Link.ID
      let side: Side
    }

    /// How many of the events that are pending are listed.
    private static let limit = 20

    init(_ world: World) {
      let all = world.pending
      for (index, pending) in all.enumerated() {
        guard case .arrival(let link, let side, false) = pending.event, pending.place == 0 else { continue }
        numbers[Place(link: link, side: side)] = index + 1
      }
      json = .array(
        all.prefix(Self.limit).enumerated().map { index, pending in
          .object([
            ("choose", .string("choose \(index + 1)")), ("time", .string(pending.time.clockText)),
            ("what", .string(InfoView.text(pending, world))),
          ])
        })
    }

    func number(_ link: Link.ID, _ side: Side) -> Int? { numbers[Place(link: link, side: side)] }
  }

  private static func link(_ link: Link, at index: Int, _ world: World, _ places: Places?) -> Members {
    var members = Members()
    members.set("id", .number(link.id.number))
    members.set("from", .string(link.opener.party.name))
    members.set("to", .string(link.acceptor.party.name))
    members.set("kind", .string(kind(link, world)))
    if let phase = link.phase {
      members.set("phase", .string(phase.rawValue))
      members.set("place", .string(Place.text(of: phase)))
    }
    members.set("lag", .number(link.lag.microseconds))
    if link.lag != World.latency, !link.isClient { members.set("slow", .bool(true)) }
    let flights = Flights(link, at: index, world, places)
    members.set("flights", .array(flights.list))
    if flights.more > 0 { members.set("more", .number(flights.more)) }
    return members
  }

  private static func kind(_ link: Link, _ world: World) -> String {
    if link.isClient { return "client" }
    let ends = [link.opener.party, link.acceptor.party]
    let isSentinels = ends.contains { party in
      guard case .node(let name) = party else { return false }
      return world.machine(name)?.node?.configuration.isSentinel == true
    }
    return isSentinels ? "sentinel" : link.phase == nil ? "other" : "replication"
  }

  /// What is in flight on a link, each packet with what it says: what the receiver would read, read ahead on a copy.
  private struct Flights {
    private(set) var list: [JSON] = []
    private(set) var more = 0

    /// So many of each direction are listed.
    private static let limit = 12
    /// So many bytes are read ahead: a snapshot says nothing that its size does not.
    private static let byteLimit = 1 << 16

    init(_ link: Link, at index: Int, _ world: World, _ places: Places?) {
      for side in Side.allCases where !link[side].incoming.isEmpty {
        let isHeld = world.isHeld(link: index, towards: side)
        var dissector: ConversationDissector?
        var byteCount = 0
        for (place, flight) in link[side].incoming.prefix(Self.limit).enumerated() {
          let packet = flight.packet
          byteCount += packet.payload.count
          var title: String?
          if packet.length > 0, byteCount <= Self.byteLimit {
            if dissector == nil { dissector = link.dissector }
            title = Self.title(packet, from: side.other, &dissector!)
          }
          var members: [(String, JSON)] = [
            ("towards", .string(link[side].party.name)), ("place", .number(place)),
            ("kind", .string(PacketKind(packet).rawValue)),
            ("title", .string(title ?? InfoView.words(packet))), ("size", .number(packet.length)),
            ("due", .number(max(flight.arrival, world.now).microseconds &- world.start.microseconds)),
          ]
          if isHeld { members.append(("held", .bool(true))) }
          if place == 0, let number = places?.number(link.id, side) {
            members.append(("choose", .string("choose \(number)")))
          }
          list.append(.object(members))
        }
        more += max(0, link[side].incoming.count - Self.limit)
      }
    }

    private static func title(_ packet: Packet, from side: Side, _ dissector: inout ConversationDissector) -> String? {
      var messages: [Message] = []
      dissector.consume(packet.payload, from: side, into: &messages)
      guard var first = messages.first else { return nil }
      if first.side == .opener { first.contents = Passwords.hidden(in: first.contents) }
      let title = first.title.count > 60 ? first.title.prefix(59) + "…" : first.title
      return messages.count > 1 ? "\(title) +\(messages.count - 1)" : title
    }
  }

  /// The ways on which nothing gets through: both, or one.
  private static func walls(_ world: World) -> JSON {
    var walls: [JSON] = world.partitions.map { wall($0.a, $0.b, oneWay: false) }
    for (path, faults) in world.paths where faults.isCut {
      let isBoth = world.faults(from: path.to, to: path.from)?.isCut == true
      if !isBoth || path.from < path.to { walls.append(wall(path.from, path.to, oneWay: !isBoth)) }
    }
    return .array(walls)
  }

  private static func wall(_ a: String, _ b: String, oneWay: Bool) -> JSON {
    .object([("between", .array([.string(a), .string(b)])), ("oneWay", .bool(oneWay))])
  }

  private static func paths(_ world: World) -> JSON {
    .array(
      world.paths.compactMap { path, faults in
        var words: [String] = []
        if faults.jitter > .zero { words.append("up to \(faults.jitter.text) longer") }
        if let bandwidth = faults.bandwidth { words.append("\(bandwidth) bytes a second") }
        if faults.loss > 0 { words.append("\(Action.percent(faults.loss)) lost") }
        guard !words.isEmpty else { return nil }
        return .object([
          ("from", .string(path.from)), ("to", .string(path.to)), ("text", .string(words.joined(separator: ", "))),
        ])
      })
  }
}
