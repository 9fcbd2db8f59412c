/// What is asked of all replicas together, again and again: kept up with those that each input touches, however many
/// there are.
package struct ReplicaOverview: Equatable, Sendable {
  /// `Replication.replicas`, and of each what follows.
  private var connections: [ConnectionID] = []
  /// Their states, as INFO names them, the oldest first; and with commas between them.
  package private(set) var states: [String] = []
  package private(set) var statesText = ""
  private var offsets: [Int64] = []
  /// The lowest offset that one of them has acknowledged.
  package private(set) var acknowledged: Int64?

  /// Takes up what has become of the replicas that were touched; of all, where others are replicas now.
  mutating func update(_ replicas: [ConnectionID], _ clients: ClientTable) {
    if replicas.isEmpty, connections.isEmpty { return }
    let touched = clients.touched
    guard replicas == connections, touched.count < 16 else {
      self = ReplicaOverview(of: replicas, clients)
      return
    }
    for place in touched {
      if let replica = clients[place].replica { note(replica, of: clients[place].connection) }
    }
  }

  private init(of replicas: [ConnectionID], _ clients: ClientTable) {
    connections = replicas
    states = replicas.map { Self.name(clients[$0]?.replica) }
    statesText = states.joined(separator: ",")
    offsets = replicas.map { clients[$0]?.replica?.acknowledged ?? .max }
    acknowledged = offsets.min()
  }

  init() {}

  private mutating func note(_ replica: ReplicaSession, of connection: ConnectionID) {
    guard let index = connections.firstIndex(of: connection) else { return }
    let state = Self.name(replica)
    if states[index] != state {
      states[index] = state
      statesText = states.joined(separator: ",")
    }
    guard offsets[index] != replica.acknowledged else { return }
    offsets[index] = replica.acknowledged
    acknowledged = offsets.min()
  }

  private static func name(_ replica: ReplicaSession?) -> String { replica?.state.infoName ?? "none" }
}
