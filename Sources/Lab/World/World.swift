import RESP
import Dissection
import OrderedCollections
import Redis

/// The whole lab at one moment, as a value: the clock, chance, the nodes, their disks, the network, what is in flight.
///
/// It holds no history: nothing in it grows with the number of steps that led here, since kept moments are copies of it.
package struct World: Sendable, Equatable {
  /// The virtual clock. It moves only when an event happens.
  package internal(set) var now: Instant
  /// What the clock showed at first.
  package let start: Instant
  /// How many steps led here.
  package internal(set) var number = 0
  /// In the order in which they were first started.
  package internal(set) var machines = TrackedArray<Machine>()
  /// The connections there are, by number.
  package internal(set) var links = TrackedArray<Link>()
  /// The prompt's clients besides each node's own, in the order in which they were made.
  package internal(set) var clients: [PromptClient] = []
  /// The pairs of nodes that can't reach each other, each pair and all of them sorted.
  package internal(set) var partitions: [Partition] = []
  /// What the network does on the way from one node to another, where that is something.
  package internal(set) var paths: OrderedDictionary<PathFaults.Path, PathFaults> = [:]
  /// What is seen of a recording; nil in a lab. A world has either nodes or a recording.
  package internal(set) var recorded: Recorded?

  /// Ports, sequence numbers, timestamps, and the seeds of the nodes' own chance.
  var random: SeededRandom
  /// What the user has settled for nodes that don't run at the moment, by their names.
  var chances: OrderedDictionary<String, Chance> = [:]
  /// Where in `machines` each is, and which one listens on a port.
  var machineIndices: [String: Int] = [:]
  var listeners: [Int: Int] = [:]
  /// What is due, found again where it is not known.
  var schedule = Schedule()
  /// How many machines have no power: mostly none, and then no machine is looked at to know that it is not dark.
  var darkCount = 0
  /// How many of the links that this step touched have been looked at for masters that are to be told (`tellRoom`).
  var seenLinks = 0
  /// The number of the last link that was opened.
  var lastLink = 0
  /// How many segments have been sent.
  var sequence: UInt64 = 0
  /// Lent while a step is made.
  var patience: Patience?

  /// How long a segment travels between two nodes, one way, unless `lag` says otherwise: about what a write(2), the
  /// loopback and a wake-up from epoll_wait(2) take. The prompt's own commands take no time at all.
  package static let latency = Interval.microseconds(50)

  package init(seed: UInt64, clock: Instant = .defaultLabClock) {
    now = clock
    start = clock
    random = SeededRandom(seed: seed)
  }

  /// There is one: it is not copied to be asked for.
  var hasRecording: Bool {
    @inline(__always) get { if case .some = recorded { true } else { false } }
  }

  /// The world before a recording's first packet, which came at `start`.
  init(participants: Participants, start: Instant) {
    self.init(seed: 0, clock: start)
    recorded = Recorded(participants: participants)
  }

  /// The same world, to be kept: without what can be found again.
  var kept: World {
    var world = self
    world.schedule = Schedule()
    return world
  }

  package struct Partition: Sendable, Hashable, Comparable {
    package let a: String
    package let b: String

    package init(_ a: String, _ b: String) { (self.a, self.b) = a < b ? (a, b) : (b, a) }
    package static func < (x: Self, y: Self) -> Bool { (x.a, x.b) < (y.a, y.b) }
  }
}

// MARK: Looking things up

extension World {
  package func machine(_ name: String) -> Machine? { machineIndex(name).map { machines[$0] } }
  package func link(_ id: Link.ID) -> Link? { linkIndex(id).map { links[$0] } }

  /// What the two ends of a connection have said, in a lab or in a recording.
  package func dissector(of id: Link.ID) -> ConversationDissector? {
    hasRecording ? recorded?.dissector(of: id) : linkIndex(id).map { links[$0].dissector }
  }

  func machineIndex(_ name: String) -> Int? { machineIndices[name] }

  /// Links are sorted by number. Few are ever gone, so one is mostly where its number says, and none is further back.
  func linkIndex(_ id: Link.ID) -> Int? {
    guard !links.isEmpty, id >= links[0].id else { return nil }
    let last = id.number - links[0].id.number
    // Where none is gone from between them, no link is looked at.
    if last < links.count, lastLink - links[0].id.number < links.count || links[last].id == id { return last }
    let index = links.indices.prefix(last).partitioningIndex { links[$0].id >= id }
    return index < links.count && links[index].id == id ? index : nil
  }

  /// The end of a link by which a machine's process knows a connection.
  func linkEnd(of machine: Int, _ connection: ConnectionID) -> (index: Int, side: Side)? {
    guard let link = machines[machine].sockets[connection].flatMap(linkIndex) else { return nil }
    return (link, connection.origin == .opened ? .opener : .acceptor)
  }

  /// Its machine has no power.
  package func isDark(_ party: Party) -> Bool {
    guard case .node(let name) = party else { return false }
    return isDark(machineIndex(name))
  }

  /// A partition keeps what is sent towards a side of the link, or nobody is there to take it: TCP sends it again and again.
  package func isHeld(link: Int, towards side: Side) -> Bool {
    if !paths.isEmpty, let path = path(link, towards: side), paths[path]?.isCut == true { return true }
    if isDark(links[link].opener.machine) || isDark(links[link].acceptor.machine) { return true }
    guard !partitions.isEmpty, case .node(let a) = links[link].opener.party,
      case .node(let b) = links[link].acceptor.party
    else { return false }
    return partitions.contains(Partition(a, b))
  }

  /// The machine's process is a Sentinel.
  func isSentinel(_ machine: Int?) -> Bool { machine.flatMap { machines[$0].node?.isSentinel } ?? false }

  /// The machine has no power.
  func isDark(_ machine: Int?) -> Bool {
    guard darkCount > 0, let machine else { return false }
    return !machines[machine].hasPower
  }

  /// The node of that name, or what to tell the user.
  func requireMachine(_ name: String) throws(LabError) -> Int {
    if let index = machineIndex(name) { return index }
    throw noNode(name)
  }

  /// That there is somebody of that name, in a lab or in a recording.
  func requireNode(_ name: String) throws(LabError) {
    if !names.contains(name) { throw noNode(name) }
  }

  private func noNode(_ name: String) -> LabError {
    let names = names
    let start = recorded == nil ? "`start \(name)` makes one" : ""
    let known = "there \(names.count == 1 ? "is" : "are") \(names.joined(separator: ", "))"
    return LabError("there is no node '\(name)'", advice: names.isEmpty ? start : known)
  }

  /// The node of that name if its process is there, or what to tell the user.
  func requireAlive(_ name: String) throws(LabError) -> Int {
    let index = try requireMachine(name)
    guard machines[index].life.isAlive else {
      throw LabError("\(name) does not run", advice: "`restart \(name)` starts it again")
    }
    return index
  }

  func requireLink(_ id: Link.ID) throws(LabError) -> Int {
    if let index = linkIndex(id) { return index }
    throw LabError("there is no link \(id)", advice: "`info links` lists them")
  }
}
