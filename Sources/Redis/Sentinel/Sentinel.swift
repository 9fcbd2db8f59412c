import OrderedCollections
import RESP

/// What a process in Sentinel mode knows (`sentinelState` in sentinel.c).
///
/// A Sentinel is the same program as a server: it has clients, ACLs and a log, and no data. All times here are milliseconds since
/// 1970, as in Redis, where 0 says that something never happened.
package struct Sentinel: Equatable, Sendable {
  /// 40 hexadecimal digits by which the others know this one: drawn at the first start, and kept in its file.
  package internal(set) var id = ""
  /// The greatest epoch that was heard of.
  package internal(set) var currentEpoch: UInt64 = 0
  /// By their names, in the order in which they were first named; Redis's own order is chance.
  package internal(set) var masters: OrderedDictionary<String, MonitoredMaster> = [:]
  /// The connections to the instances, by number: Sentinels that watch several masters have one for all of them.
  var links: OrderedDictionary<Int, InstanceLink> = [:]
  private var lastLink = 0

  /// Since when it only looks on, since time went by in a way that it does not trust; nil: it acts.
  package internal(set) var tiltSince: Int64?
  /// The process could do nothing since then, and notices at its next turn.
  var heldUpSince: Instant?
  /// Turns of the timer a second: drawn anew at each one at which something was done, so that no two Sentinels go in step.
  var hz = 10
  package internal(set) var periods = SentinelPeriods()

  // MARK: What is configured for all masters

  package internal(set) var announceIP: String?
  package internal(set) var announcePort = 0
  var denyScriptsReconfig = true
  var resolveHostnames = false
  var announceHostnames = false
  /// By which it logs in at other Sentinels.
  var authUser: String?
  var authPassword: String?
  /// The process is to end at such a point (SENTINEL SIMULATE-FAILURE).
  var simulatedFailures: SimulatedFailures = []

  struct SimulatedFailures: OptionSet, Sendable, Hashable {
    let rawValue: Int
    static let afterElection = SimulatedFailures(rawValue: 1)
    static let afterPromotion = SimulatedFailures(rawValue: 2)
  }

  /// A link to an instance that nothing was heard of yet (`createInstanceLink` in sentinel.c).
  mutating func addLink(at now: Int64) -> Int {
    lastLink += 1
    links[lastLink] = InstanceLink(at: now)
    return lastLink
  }
}

/// How often a Sentinel does what, in milliseconds (`SENTINEL DEBUG`).
package struct SentinelPeriods: Equatable, Sendable {
  package internal(set) var info: Int64 = 10_000
  package internal(set) var ping: Int64 = 1_000
  package internal(set) var ask: Int64 = 1_000
  package internal(set) var publish: Int64 = 2_000
  package internal(set) var defaultDownAfter: Int64 = 30_000
  package internal(set) var defaultFailoverTimeout: Int64 = 180_000
  package internal(set) var tiltTrigger: Int64 = 2_000
  package internal(set) var tilt: Int64 = 30_000
  package internal(set) var slaveReconfTimeout: Int64 = 10_000
  package internal(set) var minLinkReconnect: Int64 = 15_000
  package internal(set) var electionTimeout: Int64 = 10_000
  package internal(set) var scriptMaxRuntime: Int64 = 60_000
  package internal(set) var scriptRetryDelay: Int64 = 30_000

  /// In the order and by the names of SENTINEL DEBUG.
  static let names: [(name: String, WritableKeyPath<SentinelPeriods, Int64> & Sendable)] = [
    ("INFO-PERIOD", \.info), ("PING-PERIOD", \.ping), ("ASK-PERIOD", \.ask), ("PUBLISH-PERIOD", \.publish),
    ("DEFAULT-DOWN-AFTER", \.defaultDownAfter), ("DEFAULT-FAILOVER-TIMEOUT", \.defaultFailoverTimeout),
    ("TILT-TRIGGER", \.tiltTrigger), ("TILT-PERIOD", \.tilt), ("SLAVE-RECONF-TIMEOUT", \.slaveReconfTimeout),
    ("MIN-LINK-RECONNECT-PERIOD", \.minLinkReconnect), ("ELECTION-TIMEOUT", \.electionTimeout),
    ("SCRIPT-MAX-RUNTIME", \.scriptMaxRuntime), ("SCRIPT-RETRY-DELAY", \.scriptRetryDelay),
  ]
}

// MARK: - Finding instances

/// Which instance: a master, or one that was found by way of a master.
package enum InstanceID: Hashable, Sendable {
  case master(String)
  case slave(String, of: String)
  case sentinel(String, of: String)

  /// The name of the master that it belongs to, or is.
  package var master: String {
    switch self {
    case .master(let name), .slave(_, let name), .sentinel(_, let name): name
    }
  }

  var isMaster: Bool { if case .master = self { true } else { false } }
  var isSlave: Bool { if case .slave = self { true } else { false } }
  var isSentinel: Bool { if case .sentinel = self { true } else { false } }
}

extension Sentinel {
  /// An instance; nil if it is no longer known.
  package internal(set) subscript(id: InstanceID) -> SentinelInstance? {
    get {
      switch id {
      case .master(let name): masters[name]?.instance
      case .slave(let name, let master): masters[master]?.slaves[name]
      case .sentinel(let name, let master): masters[master]?.sentinels[name]
      }
    }
    set {
      switch id {
      case .master(let name): if let newValue { masters[name]?.instance = newValue }
      case .slave(let name, let master): masters[master]?.slaves[name] = newValue
      case .sentinel(let name, let master): masters[master]?.sentinels[name] = newValue
      }
    }
  }

  /// An instance's link.
  subscript(linkOf id: InstanceID) -> InstanceLink? {
    get { self[id].flatMap { links[$0.link] } }
    set { if let number = self[id]?.link, let newValue { links[number] = newValue } }
  }

  /// All instances of a master in the order in which the timer sees to them: itself, its replicas, the other Sentinels.
  func instances(of master: String) -> [InstanceID] {
    guard let monitored = masters[master] else { return [] }
    return [.master(master)] + monitored.slaves.keys.map { .slave($0, of: master) }
      + monitored.sentinels.keys.map { .sentinel($0, of: master) }
  }

  /// The names that led nowhere so far.
  var unresolvedHosts: [String] {
    masters.keys.flatMap { instances(of: $0) }.compactMap { self[$0]?.place }.filter(\.ip.isEmpty).map(\.hostname)
  }

  /// The master at that address (`getSentinelRedisInstanceByAddrAndRunID` in sentinel.c).
  func master(at place: SentinelAddress) -> String? { masters.first { $0.value.instance.place.isSame(as: place) }?.key }
}
