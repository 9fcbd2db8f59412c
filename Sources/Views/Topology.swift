import Dissection
import Lab
import Redis

/// Who follows whom at one moment, in the order in which every picture shows it: each master with its replicas below it
/// as a tree, then servers of which a recording does not tell what they are, then Sentinels. Of two beside each other the
/// one that was there first comes first, so nobody changes places when another comes.
///
/// ```
///   let topology = Topology(of: timeline.world)
///   topology.members     // m, depth 0; r, depth 1, master m; r2, depth 2, master r; s1, depth 0
///   topology.columns     // clients, m, r, r2, s1
/// ```
///
/// A node whose process has ended keeps its place below the one that it followed. Who follows an address that nobody has
/// comes after the trees of the masters. Nodes that follow each other in a circle begin with the oldest of them.
package struct Topology: Sendable, Hashable {
  package enum Kind: String, Sendable, Hashable {
    /// All that are no servers, in one column.
    case clients
    case master, replica
    /// It listens, and a recording does not tell more.
    case server
    case sentinel
    /// An address where no node is.
    case nobody
  }

  package struct Member: Sendable, Hashable {
    package var name: String
    package var kind: Kind
    /// How many are above it: 0 for a master and a Sentinel, 1 for its replicas, and also for one whose master is nobody here.
    package var depth: Int
    /// The node that it follows: itself, perhaps.
    package var master: String?
    /// The address that it follows, where that is no node's.
    package var unknownMaster: String?
  }

  /// What a sequence of messages has for each that takes part.
  package struct Column: Sendable, Hashable {
    package var name: String
    package var kind: Kind

    package init(_ name: String, _ kind: Kind) { (self.name, self.kind) = (name, kind) }
    /// All clients, whatever their names.
    package static let clients = Column("clients", .clients)
    package static let nobody = Column("nobody", .nobody)
  }

  package let members: [Member]
  /// Whether a client has a connection.
  package let hasClients: Bool

  /// The clients first, if there are any.
  package var columns: [Column] {
    (hasClients ? [.clients] : []) + members.map { Column($0.name, $0.kind) }
  }

  package init(of world: World) {
    let recorded = world.recorded
    members = Self.ordered(recorded.map(Self.found) ?? Self.found(in: world))
    hasClients = recorded?.hasClients ?? !world.clientNames.isEmpty
  }

  package init(of recorded: Recorded) {
    members = Self.ordered(Self.found(in: recorded))
    hasClients = recorded.hasClients
  }

  /// The name of the column in which somebody is: its own, but for those who share one.
  package static func columnName(of party: Party) -> String {
    switch party {
    case .client, .named: Column.clients.name
    case .node(let name): Participants.isClient(name) ? Column.clients.name : name
    case .nobody: Column.nobody.name
    }
  }
}

// MARK: - Who is there

extension Topology {
  private static func found(in world: World) -> [Member] {
    var byPort: [Int: Int] = [:]
    for (index, machine) in world.machines.enumerated() {
      // One that runs has taken the port over from one that does not.
      if let other = byPort[machine.address.port], world.machines[other].life.isAlive { continue }
      byPort[machine.address.port] = index
    }
    let hosts = HostNames(world.names)
    return world.machines.map { machine in
      guard !machine.isSentinel else { return Member(name: machine.name, kind: .sentinel, depth: 0) }
      guard let address = machine.master else { return Member(name: machine.name, kind: .master, depth: 0) }
      let master = hosts.failure(of: address.host) == nil ? byPort[address.port].map { world.machines[$0].name } : nil
      return Member(
        name: machine.name, kind: .replica, depth: 0, master: master,
        unknownMaster: master == nil ? WhyView.text(address) : nil)
    }
  }

  private static func found(in recorded: Recorded) -> [Member] {
    let servers = recorded.participants.servers
    var masters: [String: String] = [:]
    var others: [String] = []
    for server in servers {
      for link in recorded.replicationLinks(of: server.name) where link.acceptor.party.name == server.name {
        let replica = link.opener.party.name
        masters[replica] = server.name
        // It has not said where it listens.
        if recorded.participants.server(named: replica) == nil, !others.contains(replica) { others.append(replica) }
      }
    }
    return servers.map { server in
      let kind: Kind =
        switch server.role {
        case .server: .server
        case .master: .master
        case .replica: .replica
        }
      return Member(name: server.name, kind: kind, depth: 0, master: masters[server.name])
    } + others.map { Member(name: $0, kind: .replica, depth: 0, master: masters[$0]) }
  }
}

// MARK: - The order

extension Topology {
  /// - Parameter found: all, in the order in which they came.
  private static func ordered(_ found: [Member]) -> [Member] {
    var places: [String: Int] = [:]
    for (place, member) in found.enumerated() { places[member.name] = place }
    var replicas: [Int: [Int]] = [:]
    for (place, member) in found.enumerated() {
      if let master = member.master.flatMap({ places[$0] }), master != place {
        replicas[master, default: []].append(place)
      }
    }
    var (ordered, seen) = ([Member](), Set<Int>())

    /// All below one, each before its own replicas.
    func take(_ root: Int, depth: Int) {
      var waiting = [(place: root, depth: depth)]
      while let (place, depth) = waiting.popLast() {
        guard seen.insert(place).inserted else { continue }
        ordered.append(found[place])
        ordered[ordered.count - 1].depth = depth
        for replica in (replicas[place] ?? []).reversed() { waiting.append((replica, depth + 1)) }
      }
    }

    func takeAll(where isRoot: (Member) -> Bool, depth: Int = 0) {
      for (place, member) in found.enumerated() where !seen.contains(place) && isRoot(member) {
        take(place, depth: depth)
      }
    }

    takeAll { $0.kind == .master && $0.master == nil }
    takeAll { $0.kind == .replica && $0.master == $0.name }
    // Those who follow one address stay together.
    var addresses = Set<String>()
    for address in found.compactMap(\.unknownMaster) where addresses.insert(address).inserted {
      takeAll(where: { $0.unknownMaster == address }, depth: 1)
    }
    takeAll(where: { $0.kind == .replica && $0.master == nil }, depth: 1)
    // Only circles are left of those who follow somebody.
    takeAll { $0.kind != .server && $0.kind != .sentinel }
    takeAll { $0.kind == .server }
    takeAll { _ in true }
    return ordered
  }
}

// MARK: - Of a whole history

/// The columns for all that happens in a history: whoever has one keeps it, and one who comes later gets the place that
/// the topology of that moment says, between those who are there.
package struct TopologyColumns: Sendable, Hashable {
  package private(set) var all: [Topology.Column] = []
  private var kinds: [String: Topology.Kind] = [:]

  package init() {}

  /// How many there are at most: more can't be looked at, and who comes later has none.
  private static let limit = 256
  package var isFull: Bool { all.count >= Self.limit }

  /// What somebody was when the column was made; nil: there is none.
  package func kind(of party: Party) -> Topology.Kind? { kinds[Topology.columnName(of: party)] }

  /// Whether somebody has a column.
  package func contains(_ party: Party) -> Bool { kind(of: party) != nil }

  /// Makes room for those of a moment who have no column yet, each behind the one that it stands behind there.
  package mutating func take(_ topology: Topology) {
    let columns = topology.columns
    guard !columns.allSatisfy({ kinds[$0.name] != nil }) else { return }
    var place = 0
    var places: [String: Int] = [:]
    for (index, column) in all.enumerated() { places[column.name] = index }
    for column in columns where !isFull || places[column.name] != nil {
      if let known = places[column.name] {
        place = known + 1
      } else {
        all.insert(column, at: place)
        kinds[column.name] = column.kind
        for (index, column) in all.enumerated().dropFirst(place) { places[column.name] = index }
        place += 1
      }
    }
  }

  /// Makes room for somebody of whom no topology tells: clients first, others last.
  package mutating func take(_ party: Party) {
    let name = Topology.columnName(of: party)
    guard kinds[name] == nil, !isFull || party.isClient else { return }
    let column: Topology.Column =
      name == Topology.Column.clients.name ? .clients : party == .nobody ? .nobody : .init(name, .server)
    kinds[name] = column.kind
    all.insert(column, at: column == .clients ? 0 : all.count)
  }
}
