import Redis

/// What can be asked about a node by name: `print m.offset`, `until r.state = connected`. A step's changes are the facts
/// that differ before and after it.
package enum Fact: String, Sendable, Hashable, CaseIterable {
  /// `running`, `paused`, `ended` or `killed`.
  case life
  case port
  /// `master` or `replica`.
  case role
  /// A replica's link to its master, by the states of Redis's source in lower case: `connect`, `connecting`,
  /// `receive_ping_reply` … `transfer`, `connected`.
  case state
  /// The same in fewer words, as ROLE says it: `connect`, `connecting`, `handshake`, `sync`, `connected`.
  case link
  case replid
  case replid2
  /// The first byte for which `replid2` does not vouch.
  case secondOffset = "second_offset"
  /// Bytes of the replication stream: written by a master, applied by a replica.
  case offset
  /// The first offset in the backlog, and how many bytes it has.
  case backlogStart = "backlog_start"
  case backlogLength = "backlog_length"
  /// How many replicas there are.
  case replicas
  /// The states of the replicas, as INFO names them, the oldest first: `wait_bgsave`, `send_bulk`, `online`.
  case replicaStates = "replica_states"
  /// The lowest offset that a replica has acknowledged.
  case acknowledged
  /// A snapshot is being loaded.
  case loading
  /// A child writes a snapshot.
  case bgsave
  /// Keys in all databases.
  case keys
  /// Connections that the node knows.
  case clients

  package func value(in machine: Machine) -> Answer {
    switch self {
    case .life: .text(machine.life.word)
    case .port: .integer(Int64(machine.address.port))
    default: machine.node.map(value(in:)) ?? .none
    }
  }

  private func value(in node: Node) -> Answer {
    let replication = node.replication
    switch self {
    case .life, .port: return .none
    case .role: return .text(replication.isMaster ? "master" : "replica")
    case .state: return replication.isMaster ? .none : .text(replication.link.state.factName)
    case .link: return replication.isMaster ? .none : .text(replication.link.state.roleName)
    case .replid: return replication.ids.current == ReplicationID.none ? .none : .text(replication.ids.current)
    case .replid2: return replication.ids.second == ReplicationID.none ? .none : .text(replication.ids.second)
    case .secondOffset:
      return replication.ids.secondOffset < 0 ? .none : .integer(replication.ids.secondOffset)
    case .offset: return .integer(replication.session?.offset ?? replication.offset)
    case .backlogStart: return replication.backlog.map { .integer($0.firstByte) } ?? .none
    case .backlogLength: return replication.backlog.map { .integer($0.length) } ?? .none
    case .replicas: return .integer(Int64(replication.replicas.count))
    case .replicaStates:
      if replication.replicas.isEmpty { return .none }
      return .text(node.replicaSessions.map { $0.state.infoName ?? "none" }.joined(separator: ","))
    case .acknowledged: return node.replicaSessions.map(\.acknowledged).min().map { .integer($0) } ?? .none
    case .loading: return .truth(node.isLoading)
    case .bgsave: return .truth(replication.child != nil)
    case .keys: return .integer(node.databases.reduce(0) { $0 + Int64($1.count) })
    case .clients: return .integer(Int64(node.clients.count))
    }
  }
}

extension Node {
  /// What the node knows of its replicas, the oldest first.
  package var replicaSessions: [ReplicaSession] { replication.replicas.compactMap { clients[$0]?.replica } }
}

extension MasterLink.State {
  /// Redis's own name (REPL_STATE_…), in lower case.
  package var factName: String {
    switch self {
    case .none: "none"
    case .connect: "connect"
    case .connecting: "connecting"
    case .receivePingReply: "receive_ping_reply"
    case .receiveAuthReply: "receive_auth_reply"
    case .receivePortReply: "receive_port_reply"
    case .receiveIPReply: "receive_ip_reply"
    case .receiveCapaReply: "receive_capa_reply"
    case .receivePsyncReply: "receive_psync_reply"
    case .transfer: "transfer"
    case .connected: "connected"
    }
  }
}

extension Machine.Life {
  package var word: String {
    switch self {
    case .running: "running"
    case .paused: "paused"
    case .ended: "ended"
    case .killed: "killed"
    }
  }
}
