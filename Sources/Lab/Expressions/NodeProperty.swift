import OrderedCollections
import Redis

/// What can be asked about a node by name: `print m.offset`, `until r.state = connected`. A step's changes are
/// the properties that differ before and after it.
package enum NodeProperty: String, Sendable, Hashable, CaseIterable {
  /// `running`, `paused`, `ended` or `killed`.
  case life
  case port
  /// `master`, `replica` or `sentinel`.
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

  /// All that it can be, where that is one of a few words; `none` apart.
  var words: [String]? {
    switch self {
    case .life: ["running", "paused", "ended", "killed"]
    case .role: ["master", "replica", "sentinel"]
    case .state: Self.linkStates.map(\.replStateName)
    case .link: Array(OrderedSet(Self.linkStates.map(\.roleName)))
    default: nil
    }
  }

  private static let linkStates = MasterLink.State.allCases.filter { $0 != .none }

  package func value(in machine: Machine) -> ExpressionValue {
    var machine = machine
    var properties = machine.properties()
    return properties.value(self)
  }
}

/// All properties of one node at one time: what a step compares to say what it changed.
struct NodeProperties: Sendable, Equatable {
  fileprivate var life: Machine.Life
  fileprivate var port: Int
  /// Without one, all of it is nothing.
  fileprivate var hasProcess = false
  fileprivate var process = Process()

  fileprivate struct Process: Sendable, Equatable {
    var isMaster = false
    var isSentinel = false
    var state = MasterLink.State.none
    var ids = ReplicationID("")
    var offset: Int64 = 0
    var backlogStart: Int64?
    var backlogLength: Int64?
    var replicaCount = 0
    var replicaStates = ""
    var acknowledged: Int64?
    var isLoading = false
    var hasChild = false
    var keys: Int64 = 0
    var clients = 0
  }

}

// These change nothing. They are `mutating` so that a node, and what is known of it, is looked at where it is: a copy of one
// counts a hundred references, and a step would take several.

extension NodeProperties {
  mutating func value(_ property: NodeProperty) -> ExpressionValue {
    switch property {
    case .life: .text(life.word)
    case .port: .integer(Int64(port))
    default: hasProcess ? process.value(property) : .none
    }
  }

  /// What is different from what was.
  mutating func changes(of node: String, since before: inout NodeProperties) -> [Change] {
    guard self != before else { return [] }
    var changes: [Change] = []
    for property in NodeProperty.allCases {
      let (old, new) = (before.value(property), value(property))
      if old != new { changes.append(Change(node: node, property: property, before: old, after: new)) }
    }
    return changes
  }
}

extension Machine {
  mutating func properties() -> NodeProperties {
    var properties = NodeProperties(life: life, port: address.port)
    if node?.note(in: &properties.process) != nil { properties.hasProcess = true }
    return properties
  }
}

extension Node {
  fileprivate mutating func note(in process: inout NodeProperties.Process) {
    process.isMaster = replication.master == nil
    process.isSentinel = isSentinel
    process.state = replication.link.state
    process.ids = replication.ids
    process.offset = replication.session?.offset ?? replication.offset
    process.backlogStart = replication.backlog?.firstByte
    process.backlogLength = replication.backlog?.length
    process.replicaCount = replication.replicas.count
    process.replicaStates = replication.overview.statesText
    process.acknowledged = replication.overview.acknowledged
    process.isLoading = isLoading
    process.hasChild = snapshotChild != nil
    process.keys = Int64(databases.keyCount)
    process.clients = clients.count
  }
}

extension NodeProperties.Process {
  mutating func value(_ property: NodeProperty) -> ExpressionValue {
    if isSentinel, ![.role, .clients].contains(property) { return .none }
    return switch property {
    case .life, .port: .none
    case .role: .text(isSentinel ? "sentinel" : isMaster ? "master" : "replica")
    case .state: isMaster ? .none : .text(state.replStateName)
    case .link: isMaster ? .none : .text(state.roleName)
    case .replid: ids.current == ReplicationID.none ? .none : .text(ids.current)
    case .replid2: ids.second == ReplicationID.none ? .none : .text(ids.second)
    case .secondOffset: ids.secondOffset < 0 ? .none : .integer(ids.secondOffset)
    case .offset: .integer(offset)
    case .backlogStart: backlogStart.map { .integer($0) } ?? .none
    case .backlogLength: backlogLength.map { .integer($0) } ?? .none
    case .replicas: .integer(Int64(replicaCount))
    case .replicaStates:
      replicaCount == 0 ? .none : .text(replicaStates)
    case .acknowledged: acknowledged.map { .integer($0) } ?? .none
    case .loading: .truth(isLoading)
    case .bgsave: .truth(hasChild)
    case .keys: .integer(keys)
    case .clients: .integer(Int64(clients))
    }
  }
}

extension Node {
  /// What the node knows of its replicas, the oldest first.
  package var replicaSessions: [ReplicaSession] { replication.replicas.compactMap { clients[$0]?.replica } }
}

extension MasterLink.State {
  /// Redis's own name (REPL_STATE_…), in lower case.
  package var replStateName: String {
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
