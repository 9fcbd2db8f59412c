import Dissection
import OrderedCollections
import RESP

// What a recording tells of those who take part in it, in the same words as a lab's nodes: only what crossed the wire.

extension World {
  /// What can be said about somebody by name; nothing about a name that nobody has.
  package func value(_ property: NodeProperty, of name: String) -> ExpressionValue {
    if let recorded { return recorded.value(property, of: name) }
    return machine(name).map(property.value(in:)) ?? .none
  }

  /// The names that `value` knows.
  package var names: [String] { recorded?.names ?? machines.indices.map { machines[$0].name } }
}

extension World {
  /// The replication offsets of a link, and the bytes that moved them.
  package struct Account: Sendable {
    package var link: Link.ID
    /// The master.
    package var from: Party
    /// The replica.
    package var to: Party
    package var ledger: Ledger
  }

  /// The accounts that are open, by their links' numbers.
  package var accounts: [Account] {
    let all =
      recorded.map { recorded in
        recorded.links.compactMap { link in
          recorded.dissector(of: link.id).map {
            Account(link: link.id, from: link.acceptor.party, to: link.opener.party, ledger: $0.ledger)
          }
        }
      }
      ?? links.map {
        Account(link: $0.id, from: $0.acceptor.party, to: $0.opener.party, ledger: $0.dissector.ledger)
      }
    return all.filter { $0.ledger.sent != nil }
  }
}

extension Recorded {
  /// Everybody who listens, and whoever else is at the end of an open connection.
  package var names: [String] {
    var names = OrderedSet(participants.servers.map(\.name))
    for link in links { names.append(link.opener.party.name) }
    return Array(names)
  }

  package func value(_ property: NodeProperty, of name: String) -> ExpressionValue {
    Sheet(of: name, in: self).value(property)
  }

  /// What is known of both ends of a connection.
  func sheets(around link: RecordedConnection) -> [Sheet] {
    [link.opener.party.name, link.acceptor.party.name].map { Sheet(of: $0, in: self) }
  }

  /// Says what is different now. Somebody whose name has become clear is compared with who it was before.
  func note(changesFrom before: [Sheet], around link: RecordedConnection, _ step: inout Step) {
    for (old, new) in zip(before, sheets(around: link)) where old != new {
      for property in NodeProperty.allCases where property != .port && old.value(property) != new.value(property) {
        step.changes.append(
          Change(node: new.name, property: property, before: old.value(property), after: new.value(property)))
      }
    }
  }

  /// All that is known of one who takes part.
  struct Sheet: Equatable {
    let name: String
    private var server: Participants.Server?
    /// The last connection on which it follows a master.
    private var stage: Stage?
    private var phase: Phase?
    /// The phases of its replicas.
    private var replicas: [Phase] = []
    private var id: [UInt8]?
    /// The last byte that it has streamed.
    private var sent: Int64?
    /// The last byte that it has said it has.
    private var applied: Int64?
    /// The lowest offset that one of its replicas has acknowledged.
    private var acknowledged: Int64?
    private var clients = 0

    init(of name: String, in recorded: Recorded) {
      self.name = name
      server = recorded.participants.server(named: name)
      let party = Party.node(name)
      clients = recorded.presence(of: name).acceptedCount
      for link in recorded.replicationLinks(of: name) {
        guard let phase = link.phase else { continue }
        let balance = link.balance
        if link.opener.party == party {
          (stage, self.phase, applied) = (link.stage, phase, balance.acknowledged)
          id = id ?? balance.id
        } else if link.acceptor.party == party {
          replicas.append(phase)
          id = balance.id ?? id
          sent = [sent, balance.sent].compactMap(\.self).max()
          acknowledged = [acknowledged, balance.acknowledged].compactMap(\.self).min()
        }
      }
    }

    func value(_ property: NodeProperty) -> ExpressionValue {
      switch property {
      case .port: server.map { .integer(Int64($0.endpoint.port)) } ?? .none
      case .role: server.map { .text($0.role.rawValue) } ?? .none
      case .state: stage.map { .text($0 == .commands ? "connecting" : $0.name.lowercased()) } ?? .none
      case .link: phase.map { .text($0.roleName) } ?? .none
      case .replid: id.map { .text(String(bytes: $0)) } ?? .none
      case .offset: (sent ?? applied).map { .integer($0) } ?? .none
      case .replicas: .integer(Int64(replicas.count))
      case .replicaStates: replicas.isEmpty ? .none : .text(replicas.map(\.infoName).joined(separator: ","))
      case .acknowledged: acknowledged.map { .integer($0) } ?? .none
      case .loading: phase.map { .truth($0 == .load) } ?? .none
      case .clients: .integer(Int64(clients))
      case .life, .replid2, .secondOffset, .backlogStart, .backlogLength, .bgsave, .keys: .none
      }
    }
  }
}

extension Phase {
  /// What ROLE on the replica says in this phase.
  fileprivate var roleName: String {
    switch self {
    case .connect: "connecting"
    case .handshake, .psync: "handshake"
    case .wait, .transfer, .load: "sync"
    case .stream: "connected"
    }
  }

  /// What INFO on the master says of the replica in this phase.
  fileprivate var infoName: String {
    switch self {
    case .connect, .handshake, .psync: "none"
    case .wait: "wait_bgsave"
    case .transfer: "send_bulk"
    case .load, .stream: "online"
    }
  }
}
