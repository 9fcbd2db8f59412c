import Dissection
import Lab
import RESP
import Views

// What a recording tells of those who take part: what crossed the wire, and nothing that nodes kept for themselves.

extension Scene {
  mutating func draw(_ recorded: Recorded, _ world: World) {
    let topology = Topology(of: world)
    for member in topology.members {
      nodes.append(Piece(name: member.name, members: Self.node(member, recorded)))
    }
    for link in recorded.links { links.append(Piece(name: "\(link.id)", members: Self.link(link))) }
  }

  private static func node(_ member: Topology.Member, _ recorded: Recorded) -> Members {
    var members = Members()
    members.set("name", .string(member.name))
    members.set("role", .string(member.kind.rawValue))
    members.set("life", .string("running"))
    members.set("row", .number(member.kind == .sentinel ? -1 : member.depth))
    members.set("master", member.master.map { .string($0) })
    for (name, property) in [("address", NodeProperty.port), ("state", .state), ("replid", .replid)] {
      let answer = recorded.value(property, of: member.name)
      if answer != .none { members.set(name, .string(property == .port ? "port \(answer)" : "\(answer)")) }
    }
    if case .integer(let offset) = recorded.value(.offset, of: member.name) { members.set("offset", .number(offset)) }
    members.set(
      "facts",
      .array(
        NodeProperty.allCases.compactMap { property in
          let value = recorded.value(property, of: member.name)
          return value == .none ? nil : .array([.string(property.rawValue), .string("\(value)")])
        }))
    return members
  }

  private static func link(_ link: RecordedConnection) -> Members {
    var members = Members()
    members.set("id", .number(link.id.number))
    members.set("from", .string(link.opener.party.name))
    members.set("to", .string(link.acceptor.party.name))
    members.set("kind", .string(link.isReplication ? "replication" : "client"))
    members.set("flights", .array([]))
    if let phase = link.phase {
      members.set("phase", .string(phase.rawValue))
      members.set("place", .string(Place.text(of: phase)))
    }
    return members
  }
}
