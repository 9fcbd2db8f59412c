/// What is asked of all replicas together, again and again: kept up with those that each input touches, however many
/// there are.
package struct ReplicaOverview: Equatable, Sendable {
  /// `Replication.replicas`, and of each what follows.
  private var connections: [ConnectionID] = []
  private var places: [ConnectionID: Int] = [:]
  /// Their states, as INFO names them, the oldest first; and with commas between them.
  package private(set) var states: [String] = []
  package private(set) var statesText = ""
  private var offsets: [Int64] = []
  /// The lowest offset that one of them has acknowledged.
  package private(set) var acknowledged: Int64?
  /// From when on the timer is to look at the output limits of each; most of the time there is none.
  private var limitChecks: [ConnectionID: Instant] = [:]
  /// The first of these moments.
  var nextLimitCheck: Instant? { limitChecks.isEmpty ? nil : limitChecks.values.min() }

  /// Takes up what has become of the replicas that were touched; of all, where others are replicas now.
  mutating func update(_ replicas: [ConnectionID], _ clients: ClientTable) {
    if replicas.isEmpty, connections.isEmpty { return }
    let touched = clients.touched
    guard replicas == connections, touched.count < 16 else {
      self = ReplicaOverview(of: replicas, clients)
      return
    }
    for place in touched {
      guard let state = clients[place].replica?.state, let acknowledged = clients[place].replica?.acknowledged else {
        continue
      }
      note(state, acknowledged, of: clients[place].connection)
      let check = clients[place].replica?.limitCheck
      if check != nil || !limitChecks.isEmpty { limitChecks[clients[place].connection] = check }
    }
  }

  private init(of replicas: [ConnectionID], _ clients: ClientTable) {
    connections = replicas
    places = Dictionary(uniqueKeysWithValues: replicas.enumerated().map { ($1, $0) })
    for connection in replicas {
      let place = clients.index(forKey: connection)
      states.append(place.flatMap { clients[$0].replica?.state.infoName } ?? Self.unnamed)
      offsets.append(place.flatMap { clients[$0].replica?.acknowledged } ?? .max)
      limitChecks[connection] = place.flatMap { clients[$0].replica?.limitCheck }
    }
    statesText = states.joined(separator: ",")
    acknowledged = offsets.min()
  }

  init() {}

  private mutating func note(_ state: ReplicaSession.State, _ offset: Int64, of connection: ConnectionID) {
    guard let index = places[connection] else { return }
    let name = state.infoName ?? Self.unnamed
    if states[index] != name {
      states[index] = name
      statesText = states.joined(separator: ",")
    }
    let before = offsets[index]
    guard before != offset else { return }
    offsets[index] = offset
    // All are looked at only where the lowest has gone up.
    acknowledged = before == acknowledged ? offsets.min() : acknowledged.map { min($0, offset) }
  }

  /// INFO names no replica that is not one yet.
  private static let unnamed = "none"
}
