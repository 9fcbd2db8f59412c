import OrderedCollections
import RESP

/// A master, a replica or another Sentinel, as this Sentinel sees it (`sentinelRedisInstance` in sentinel.c).
package struct SentinelInstance: Equatable, Sendable {
  /// By Redis's own words for them.
  package enum Kind: String, Sendable, Hashable { case master, slave, sentinel }

  package let kind: Kind
  /// A master's is the configured one, a replica's its address, a Sentinel's its id.
  package let name: String
  package internal(set) var place: SentinelAddress
  package var address: Address { place.address }
  /// The run id, by INFO; a Sentinel's is its id.
  package internal(set) var runID: String?
  package internal(set) var flags: InstanceFlags = []
  /// Which of the links leads there.
  var link: Int

  /// When it was last told of this Sentinel.
  var lastPublished: Int64
  package internal(set) var sDownSince: Int64 = 0
  package internal(set) var oDownSince: Int64 = 0
  package internal(set) var downAfter: Int64

  /// The last INFO, and when it came.
  package internal(set) var info: [UInt8]?
  package internal(set) var infoRefresh: Int64 = 0
  /// What INFO said that it is, and since when; a Sentinel is never asked.
  package internal(set) var roleReported: Kind?
  var roleReportedTime: Int64
  /// When INFO named another master for the first time.
  var slaveConfChangeTime: Int64
  /// What INFO says of a replica. A master that says that it is one has it, too.
  package internal(set) var replica = ReportedReplica()
  /// When it was told to follow another master.
  var reconfSent: Int64 = 0

  /// Whom the Sentinel voted for, or whom this one did, for a master; and in which epoch.
  package internal(set) var leader: String?
  package internal(set) var leaderEpoch: UInt64 = 0
  /// Of a Sentinel: when its last hello came, and its last answer on whether the master is down.
  var lastHello: Int64
  var lastMasterDownReply: Int64

  /// (`createSentinelRedisInstance` in sentinel.c).
  init(_ kind: Kind, _ name: String, at place: SentinelAddress, link: Int, downAfter: Int64, now: Int64) {
    (self.kind, self.name, self.place, self.link, self.downAfter) = (kind, name, place, link, downAfter)
    (lastPublished, roleReportedTime, slaveConfChangeTime) = (now, now, now)
    (lastHello, lastMasterDownReply) = (now, now)
    roleReported = kind == .sentinel ? nil : kind
  }

  /// Nothing was wrong with it in the last so many milliseconds (`sentinelRedisInstanceNoDownFor` in sentinel.c).
  func wasUp(for period: Int64, at now: Int64) -> Bool {
    let last = max(sDownSince, oDownSince)
    return last == 0 || now -| last > period
  }
}

/// Where an instance is (`sentinelAddr` in sentinel.c).
package struct SentinelAddress: Equatable, Sendable {
  /// As it was told: a name or an address.
  package let hostname: String
  /// The address to which that leads; empty: to none yet.
  package let ip: String
  package let port: Int

  package var address: Address { Address(host: ip.isEmpty ? hostname : ip, port: port) }

  /// By where they lead, or by their names (`sentinelAddrOrHostnameEqual` in sentinel.c).
  func isSame(as other: SentinelAddress) -> Bool {
    port == other.port && (ip == other.ip || hostname.asciiLowercased() == other.hostname.asciiLowercased())
  }
}

/// What INFO says of a replica.
package struct ReportedReplica: Equatable, Sendable {
  /// For how long its link to its master has been down, in milliseconds; 0: it is up.
  package internal(set) var masterLinkDownTime: Int64 = 0
  package internal(set) var priority: Int32 = 100
  /// 0: it does not want to be told of.
  package internal(set) var announced: Int32 = 1
  package internal(set) var masterHost: String?
  package internal(set) var masterPort = 0
  package internal(set) var isMasterLinkUp = false
  package internal(set) var offset: UInt64 = 0
}

package struct InstanceFlags: OptionSet, Sendable, Hashable {
  package let rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }

  /// This Sentinel can't reach it.
  package static let sDown = InstanceFlags(rawValue: 1)
  /// Enough Sentinels can't.
  package static let oDown = InstanceFlags(rawValue: 1 << 1)
  /// The Sentinel says that the master is down.
  package static let masterDown = InstanceFlags(rawValue: 1 << 2)
  package static let failoverInProgress = InstanceFlags(rawValue: 1 << 3)
  /// The replica that is to become the master.
  package static let promoted = InstanceFlags(rawValue: 1 << 4)
  /// SLAVEOF was sent; the replica has taken it up; it is connected.
  package static let reconfSent = InstanceFlags(rawValue: 1 << 5)
  package static let reconfInProgress = InstanceFlags(rawValue: 1 << 6)
  package static let reconfDone = InstanceFlags(rawValue: 1 << 7)
  /// SENTINEL FAILOVER: nobody is asked.
  package static let forceFailover = InstanceFlags(rawValue: 1 << 8)
  package static let scriptKillSent = InstanceFlags(rawValue: 1 << 9)
  /// It was seen to have been started again.
  package static let masterReboot = InstanceFlags(rawValue: 1 << 10)
}

/// A master that is watched, with what was found by way of it.
package struct MonitoredMaster: Equatable, Sendable {
  package internal(set) var instance: SentinelInstance
  /// By their addresses, `127.0.0.1:7001`.
  package internal(set) var slaves: OrderedDictionary<String, SentinelInstance> = [:]
  /// By their ids.
  package internal(set) var sentinels: OrderedDictionary<String, SentinelInstance> = [:]

  /// How many Sentinels have to find it down.
  package internal(set) var quorum: Int
  /// As Redis prints and compares it in places, where more than 2^31 are negative.
  var signedQuorum: Int32 { Int32(truncatingIfNeeded: quorum) }
  package internal(set) var parallelSyncs: Int64 = 1
  package internal(set) var failoverTimeout: Int64
  var authPassword: String?
  var authUser: String?
  var notificationScript: String?
  var clientReconfigScript: String?
  /// Commands that the instances know by other names.
  var renamedCommands: OrderedDictionary<String, String> = [:]
  var rebootDownAfter: Int64 = 0
  var rebootSince: Int64 = 0

  /// The epoch of the failover that made it the master.
  package internal(set) var configEpoch: UInt64 = 0
  package internal(set) var failoverState = FailoverState.none
  package internal(set) var failoverEpoch: UInt64 = 0
  var failoverStateChange: Int64 = 0
  var failoverStart: Int64 = 0
  /// Of which start it was said that the next has to wait.
  var failoverDelayLogged: Int64 = 0
  /// The name of the replica that becomes the master.
  package internal(set) var promotedSlave: String?

  init(_ instance: SentinelInstance, quorum: Int, failoverTimeout: Int64) {
    (self.instance, self.quorum, self.failoverTimeout) = (instance, quorum, failoverTimeout)
  }

  /// Where the master is: at the promoted replica, as soon as that is one (`sentinelGetCurrentMasterAddress` in
  /// sentinel.c).
  package var currentPlace: SentinelAddress {
    guard instance.flags.contains(.failoverInProgress), failoverState >= .reconfSlaves,
      let promoted = promotedSlave.flatMap({ slaves[$0] })
    else { return instance.place }
    return promoted.place
  }

  /// It says itself that it is a master, and nothing speaks against it (`sentinelMasterLooksSane` in sentinel.c).
  func looksSane(_ periods: SentinelPeriods, at now: Int64) -> Bool {
    instance.roleReported == .master && instance.flags.isDisjoint(with: [.sDown, .oDown])
      && now -| instance.infoRefresh < periods.info *| 2
  }
}

/// Where a failover is.
///
///      none ──odown──► wait_start ──elected──► select_slave ──► send_slaveof_noone ──► wait_promotion
///       ▲                  │ not elected           │ none is good     │ timeout              │  │ INFO says that
///       ├──────────────────┴───────────────────────┴──────────────────┴──────────────────────┘  ▼ it is a master
///       └──+switch-master── update_config ◄──all replicas follow it, or timeout── reconf_slaves
package enum FailoverState: Int, Sendable, Hashable, Comparable {
  case none
  case waitStart
  case selectSlave
  case sendSlaveofNoOne
  case waitPromotion
  case reconfSlaves
  case updateConfig

  package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

  /// (`sentinelFailoverStateStr` in sentinel.c).
  package var word: String {
    switch self {
    case .none: "none"
    case .waitStart: "wait_start"
    case .selectSlave: "select_slave"
    case .sendSlaveofNoOne: "send_slaveof_noone"
    case .waitPromotion: "wait_promotion"
    case .reconfSlaves: "reconf_slaves"
    case .updateConfig: "update_config"
    }
  }
}
