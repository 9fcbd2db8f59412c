import DequeModule
import Dissection
import Redis

/// What a node runs on: it has the node's name, address and disk, and outlives its process.
package struct Machine: Sendable, Equatable {
  package let name: String
  package internal(set) var address: Address
  package internal(set) var launch: Launch
  package internal(set) var life: Life = .running
  /// When it was paused last.
  var pausedAt = Instant(microseconds: 0)
  /// Without power, there is nobody to answer to a packet.
  package internal(set) var hasPower = true
  /// The working directory. It survives `stop` and `kill`.
  package internal(set) var disk = Disk()
  /// The process, while there is one.
  package internal(set) var node: Node?
  /// Whom the last process followed when it ended.
  var lastMaster: Address?
  /// The port on which the process listens.
  package internal(set) var listening: Int?

  /// What the kernel has for the process and the process has not read: while it is paused, or until its next turn.
  var inbox: Deque<Input> = []
  /// A socket's buffer has something that the process has not read.
  var hasUnread = false
  /// `Node.nextWakeup`, as it was when the node last did something.
  var wakeup: Instant?
  /// The process's descriptors: the link of each connection that it has.
  var sockets = Sockets()
  /// The links to replicas that were touched since the process last did something: what their kernels hold for them may be
  /// another amount (`World.tellRoom`). In their order, each once.
  var untold: [Link.ID] = []
  /// What was taken of what arrived when the last step ended.
  var tookArrivals = Arrivals.all
  /// What the node reads while it may: it is asked more often than it changes.
  private(set) var nodeReads = Arrivals.none
  /// The number of the last connection that was accepted here.
  var accepted: UInt64 = 0
  /// The prompt's connection to the node.
  package internal(set) var client: Link.ID?
  /// So much is its clock ahead of the others.
  package internal(set) var skew = Interval.zero
  /// What others take for its address; nil: what it is.
  package internal(set) var outside: OutsideAddress?
  /// In what pieces the node writes a sync payload, where the user has set it.
  package internal(set) var chunk: ChunkSize?

  package enum Life: Sendable, Hashable {
    case running
    case paused
    /// It ended by itself, by `stop` or by SHUTDOWN.
    case ended(code: Int)
    case killed

    /// There is a process, running or paused.
    package var isAlive: Bool { self == .running || self == .paused }
  }

  /// Whom the process follows or, where there is none, whom the last one followed.
  package var master: Address? { hasProcess ? node?.replication.master : lastMaster }

  /// The process is a Sentinel, or the last one was.
  package var isSentinel: Bool { launch.isSentinel }

  /// The node was told to follow itself.
  package var isItsOwnMaster: Bool {
    guard let master = node?.replication.master else { return false }
    return master.port == address.port && (master.host == name || node?.hosts.failure(of: master.host) == nil)
  }

  /// The file that a process is started with here, as it is on the disk now.
  package var configFile: ConfigurationFile? {
    launch.file.map { ConfigurationFile(name: $0.name, bytes: disk.files[$0.name]?.bytes ?? []) }
  }

  /// There is a process.
  var hasProcess: Bool {
    @inline(__always) get { if case .some = node { true } else { false } }
  }

  /// What the process reads of what its kernel has for it.
  var reads: Arrivals {
    @inline(__always) get { Self.reads(life, nodeReads) }
  }

  /// What is taken of what arrives: what is read, and all where there is nobody to read it.
  ///
  /// It is made of two small things, so that whoever asks for it at each packet needs no copy of a machine.
  @inline(__always) static func takes(_ life: Life, _ nodeReads: Arrivals) -> Arrivals {
    life.isAlive ? reads(life, nodeReads) : .all
  }

  @inline(__always) private static func reads(_ life: Life, _ nodeReads: Arrivals) -> Arrivals {
    life == .running ? nodeReads : .none
  }

  enum Arrivals: Sendable, Hashable {
    case all
    case none
    /// A load from that connection waits for more of it, and sees to no other.
    case of(ConnectionID)

    func include(_ connection: ConnectionID?) -> Bool {
      switch self {
      case .all: true
      case .none: false
      case .of(let one): one == connection
      }
    }
  }

  init(name: String, address: Address, launch: Launch) {
    self.name = name
    self.address = address
    self.launch = launch
  }
}

/// The link of each connection that a process has, in the order of the connections: most processes have few, which stand
/// together here.
struct Sockets: Sendable, Equatable {
  private struct Socket: Sendable, Equatable {
    var connection: ConnectionID
    var link: Link.ID
  }

  private var sockets: [Socket] = []

  var links: some Sequence<Link.ID> { sockets.lazy.map(\.link) }

  subscript(connection: ConnectionID) -> Link.ID? {
    get {
      let place = place(of: connection)
      return place < sockets.count && sockets[place].connection == connection ? sockets[place].link : nil
    }
    set {
      let place = place(of: connection)
      let isThere = place < sockets.count && sockets[place].connection == connection
      let new = newValue.map { [Socket(connection: connection, link: $0)] } ?? []
      sockets.replaceSubrange(place..<(isThere ? place + 1 : place), with: new)
    }
  }

  private func place(of connection: ConnectionID) -> Int {
    sockets.partitioningIndex { $0.connection >= connection }
  }
}

extension Machine {
  /// Gives the process an input, and says what it does about it.
  mutating func handle(_ input: Input, at now: Instant, _ patience: Patience?) -> [Effect] {
    let disk = disk
    guard let turn = node?.handleLent(input, at: now + skew, LentFiles { disk.contents }, patience) else { return [] }
    nodeReads = turn.reads
    wakeup = turn.wakeup.map { $0 - skew }
    return turn.effects
  }

  /// What a node did about an input, and what it wants from then on.
  fileprivate struct Turn {
    var effects: [Effect]
    var reads: Arrivals
    var wakeup: Instant?
  }
}

extension TrackedArray<Machine> {
  /// Where a machine's process is, nil without one: an optional one would be copied to be asked for a part of it.
  func process(_ index: Int) -> UnsafePointer<Node>? {
    let machine = unsafe place(index)
    guard unsafe machine.pointee.life.isAlive else { return nil }
    // What an optional wraps is where the optional is.
    return unsafe UnsafeRawPointer(machine.pointer(to: \.node)!).assumingMemoryBound(to: Node.self)
  }
}

extension Node {
  /// Handles an input with what it needs for that alone, and says what it wants from then on.
  fileprivate mutating func handleLent(
    _ input: Input, at now: Instant, _ files: LentFiles, _ patience: Patience?
  ) -> Machine.Turn {
    lentFiles = files
    self.patience = patience
    let effects = handle(input, at: now)
    lentFiles = nil
    self.patience = nil
    let reads: Machine.Arrivals =
      switch stall?.cause {
      case nil: .all
      case .reading(let connection): .of(connection)
      case .sleep, .loading, .disk, .script, .execution: .none
      }
    return Machine.Turn(effects: effects, reads: reads, wakeup: nextWakeup)
  }
}
