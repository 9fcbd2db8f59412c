import Capture

/// Who takes part in a recording, by the names that views and expressions use: `master`, `replica`, `client`; with a port
/// where there are several (`replica:7001`), or with a number where that does not tell them apart either.
///
/// A connection says only after its first packets what its ends are, so the beginning of a recording is looked through
/// before it is stepped through. What comes later gets its name when it is clear.
package struct Cast: Sendable, Equatable {
  /// What a server is, as far as is known.
  package enum Role: String, Sendable, Hashable {
    /// Nobody has asked it for its data.
    case server
    case master
    /// It follows a master; it may well have replicas of its own.
    case replica
  }

  /// Somebody who listens, or has said where it would.
  package struct Server: Sendable, Equatable {
    package let endpoint: Endpoint
    package internal(set) var role: Role
    package internal(set) var name: String
  }

  /// In the order in which they were first seen.
  package private(set) var servers: [Server] = []
  /// The names of those who opened the connections that were looked ahead at, by the connections' numbers.
  private var openers: [Int: String] = [:]

  package init() {}

  /// What the look ahead learned of one connection.
  struct Sighting {
    var number: Int
    var opener: Endpoint
    var acceptor: Endpoint
    var isReplication = false
    /// Where the replica says that it listens.
    var listeningPort: UInt16?

    /// The replica as a server.
    var replica: Endpoint? { listeningPort.map { Endpoint(opener.address, $0) } }
  }

  /// - Parameter isAll: the recording has no more connections than these.
  init(_ sightings: [Sighting], isAll: Bool) {
    for sighting in sightings {
      note(sighting.acceptor, sighting.isReplication ? .master : .server)
      if sighting.isReplication, let replica = sighting.replica { note(replica, .replica) }
    }
    for index in servers.indices { servers[index].name = name(of: index) }

    let unknown = sightings.filter { $0.isReplication && $0.replica == nil }
    let clients = sightings.filter { !$0.isReplication }
    for sighting in sightings {
      if let replica = sighting.replica, sighting.isReplication {
        openers[sighting.number] = server(at: replica)?.name
      } else if sighting.isReplication {
        let hasOthers = unknown.count > 1 || servers.contains { $0.role == .replica }
        openers[sighting.number] = hasOthers ? unused("replica:\(sighting.opener.port)") : "replica"
      } else {
        openers[sighting.number] = clients.count == 1 && isAll ? "client" : "client:\(sighting.opener.port)"
      }
    }
  }

  /// Who listens at an address.
  package func server(at endpoint: Endpoint) -> Server? { servers.first { $0.endpoint == endpoint } }

  private mutating func note(_ endpoint: Endpoint, _ role: Role) {
    guard let index = servers.firstIndex(where: { $0.endpoint == endpoint }) else {
      servers.append(Server(endpoint: endpoint, role: role, name: ""))
      return
    }
    // A replica that has replicas stays one.
    if role == .replica || servers[index].role == .server { servers[index].role = role }
  }

  /// The role alone if it has no other, else with the port, else with a number.
  private func name(of index: Int) -> String {
    let server = servers[index]
    let same = servers.indices.filter { servers[$0].role == server.role }
    if same.count == 1 { return server.role.rawValue }
    let port = server.endpoint.port
    let place = (same.firstIndex(of: index) ?? 0) + 1
    return same.filter { servers[$0].endpoint.port == port }.count == 1
      ? "\(server.role.rawValue):\(port)" : "\(server.role.rawValue)\(place)"
  }

  private func unused(_ name: String) -> String {
    func isUsed(_ name: String) -> Bool { servers.contains { $0.name == name } }
    guard isUsed(name) else { return name }
    return (2...).lazy.map { "\(name)#\($0)" }.first { !isUsed($0) } ?? name
  }
}

// MARK: - As it becomes clear

extension Cast {
  /// The names of both ends of a connection that is seen for the first time.
  mutating func names(
    of number: Int, opener: Endpoint, acceptor: Endpoint
  ) -> (opener: String, acceptor: String, isReplication: Bool) {
    let name = openers[number]
    let isReplication = name.map { !$0.hasPrefix("client") } ?? false
    return (name ?? "client:\(opener.port)", appear(acceptor, isReplication ? .master : .server), isReplication)
  }

  /// The names once a connection turns out to be a replica's.
  mutating func names(
    ofReplication number: Int, opener: Endpoint, acceptor: Endpoint, listeningPort: Int?
  ) -> (opener: String, acceptor: String) {
    let master = appear(acceptor, .master)
    if let name = openers[number], !name.hasPrefix("client") { return (name, master) }
    guard let port = listeningPort.flatMap({ UInt16(exactly: $0) }) else {
      return (unused("replica:\(opener.port)"), master)
    }
    return (appear(Endpoint(opener.address, port), .replica), master)
  }

  /// The name of a server, which may be new, or of which more is known now.
  private mutating func appear(_ endpoint: Endpoint, _ role: Role) -> String {
    guard let index = servers.firstIndex(where: { $0.endpoint == endpoint }) else {
      let name = unused("\(role.rawValue):\(endpoint.port)")
      servers.append(Server(endpoint: endpoint, role: role, name: name))
      return name
    }
    if servers[index].role == .server, role != .server {
      servers[index].role = role
      servers[index].name = unused("\(role.rawValue):\(endpoint.port)")
    }
    return servers[index].name
  }
}
