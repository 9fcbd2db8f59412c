import Capture
import HashTreeCollections

/// Who takes part in a recording, by the names that views and expressions use: `master`, `replica`, `client`; with a port
/// where there are several (`replica:7001`), or with a number where that does not tell them apart either.
///
/// A connection says only after its first packets what its ends are, so the beginning of a recording is looked through
/// before it is stepped through. What comes later gets its name when it is clear.
package struct Participants: Sendable, Equatable {
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
    /// How many were seen before it.
    fileprivate let place: Int
  }

  private var serversByEndpoint: TreeDictionary<Endpoint, Server> = [:]
  private var endpointsByName: TreeDictionary<String, Endpoint> = [:]
  /// How many of those whose name is taken have been told apart by a number.
  private var counts: TreeDictionary<String, Int> = [:]
  /// The names of those who opened the connections that were looked ahead at, by the connections' numbers.
  private var openers: [Int: String] = [:]
  /// The ends of these that certainly listen.
  private(set) var listeners: [Endpoint] = []

  package init() {}

  /// What the look ahead learned of one connection.
  struct Sighting {
    var number: Int
    var opener: Endpoint
    var acceptor: Endpoint
    var isReplication = false
    /// Something told who opened it.
    var knowsSides = false
    /// Where the replica says that it listens.
    var listeningPort: UInt16?

    /// The replica as a server.
    var replica: Endpoint? { listeningPort.map { Endpoint(opener.address, $0) } }
  }

  /// - Parameter isAll: the recording has no more connections than these.
  init(_ sightings: [Sighting], isAll: Bool) {
    listeners = sightings.filter(\.knowsSides).map(\.acceptor)
    for sighting in sightings {
      note(sighting.acceptor, sighting.isReplication ? .master : .server)
      if sighting.isReplication, let replica = sighting.replica { note(replica, .replica) }
    }
    nameServers()

    let hasReplicas = serversByEndpoint.values.contains { $0.role == .replica }
    let unknown = sightings.count { $0.isReplication && $0.replica == nil }
    let clients = sightings.count { !$0.isReplication }
    for sighting in sightings {
      if let replica = sighting.replica, sighting.isReplication {
        openers[sighting.number] = server(at: replica)?.name
      } else if sighting.isReplication {
        let hasOthers = unknown > 1 || hasReplicas
        openers[sighting.number] = hasOthers ? unused("replica:\(sighting.opener.port)") : "replica"
      } else {
        openers[sighting.number] = clients == 1 && isAll ? "client" : "client:\(sighting.opener.port)"
      }
    }
  }

  /// In the order in which they were first seen.
  package var servers: [Server] { serversByEndpoint.values.sorted { $0.place < $1.place } }

  /// Who listens at an address.
  package func server(at endpoint: Endpoint) -> Server? { serversByEndpoint[endpoint] }

  /// A name of somebody who has only opened connections, and not as a replica: `client`, `client:49822`.
  package static func isClient(_ name: String) -> Bool { name == "client" || name.hasPrefix("client:") }

  package func server(named name: String) -> Server? { endpointsByName[name].flatMap { serversByEndpoint[$0] } }

  private mutating func note(_ endpoint: Endpoint, _ role: Role) {
    guard let known = serversByEndpoint[endpoint] else {
      serversByEndpoint[endpoint] = Server(endpoint: endpoint, role: role, name: "", place: serversByEndpoint.count)
      return
    }
    // A replica that has replicas stays one.
    if role == .replica || known.role == .server { serversByEndpoint[endpoint]?.role = role }
  }

  /// The role alone if it has no other, else with the port, else with a number.
  private mutating func nameServers() {
    struct Place: Hashable {
      var role: Role
      var port: UInt16
    }
    let servers = servers
    let byRole = Dictionary(grouping: servers, by: \.role).mapValues(\.count)
    let byPlace = Dictionary(grouping: servers) { Place(role: $0.role, port: $0.endpoint.port) }.mapValues(\.count)
    var numbers: [Role: Int] = [:]
    for server in servers {
      let (role, port) = (server.role, server.endpoint.port)
      let number = numbers[role, default: 0] + 1
      numbers[role] = number
      let isAlone = byPlace[Place(role: role, port: port)] == 1
      let name = byRole[role] == 1 ? role.rawValue : isAlone ? "\(role.rawValue):\(port)" : "\(role.rawValue)\(number)"
      rename(server.endpoint, name)
    }
  }

  private mutating func rename(_ endpoint: Endpoint, _ name: String) {
    guard let old = serversByEndpoint[endpoint]?.name else { return }
    if endpointsByName[old] == endpoint { endpointsByName[old] = nil }
    serversByEndpoint[endpoint]?.name = name
    endpointsByName[name] = endpoint
  }

  private mutating func unused(_ name: String) -> String {
    guard endpointsByName[name] != nil else { return name }
    var number = counts[name] ?? 1
    repeat { number += 1 } while endpointsByName["\(name)#\(number)"] != nil
    counts[name] = number
    return "\(name)#\(number)"
  }
}

// MARK: - As it becomes clear

extension Participants {
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
    guard let known = serversByEndpoint[endpoint] else {
      note(endpoint, role)
      return name(endpoint, role)
    }
    guard known.role == .server, role != .server else { return known.name }
    serversByEndpoint[endpoint]?.role = role
    return name(endpoint, role)
  }

  private mutating func name(_ endpoint: Endpoint, _ role: Role) -> String {
    let name = unused("\(role.rawValue):\(endpoint.port)")
    rename(endpoint, name)
    return name
  }
}
