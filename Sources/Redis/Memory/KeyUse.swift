// What is known of the use of a key, in the 24 bits that each has: when it was last, or how often it is (evict.c).
//
//     LRU   23                            0      LFU   23               8  7         0
//           ┌────────────────────────────┐            ┌──────────────────┬──────────┐
//           │ seconds, of the last use   │            │ minutes, of the  │ counter, │
//           │                            │            │ last use         │ log.     │
//           └────────────────────────────┘            └──────────────────┴──────────┘

/// `maxmemory-policy`: what goes when memory is short.
package enum MaxmemoryPolicy: String, Sendable, CaseIterable {
  case volatileLRU = "volatile-lru"
  case volatileLFU = "volatile-lfu"
  case volatileRandom = "volatile-random"
  case volatileTTL = "volatile-ttl"
  case allkeysLRU = "allkeys-lru"
  case allkeysLFU = "allkeys-lfu"
  case allkeysRandom = "allkeys-random"
  case noeviction

  /// Only keys with an expiry go.
  package var isVolatile: Bool {
    switch self {
    case .volatileLRU, .volatileLFU, .volatileRandom, .volatileTTL: true
    case .allkeysLRU, .allkeysLFU, .allkeysRandom, .noeviction: false
    }
  }
  /// LRU (`MAXMEMORY_FLAG_LRU`).
  package var isLRU: Bool { self == .volatileLRU || self == .allkeysLRU }
  /// LFU (`MAXMEMORY_FLAG_LFU`).
  package var isLFU: Bool { self == .volatileLFU || self == .allkeysLFU }
}

/// What time it is for the use of keys, and what of it the policy keeps: what a child has of it, too, as it was at the fork.
package struct KeyUse: Equatable, Sendable {
  private let policy: MaxmemoryPolicy
  private let decayTime: Int64
  /// Under a policy that looks at the use of keys none may share its value with others, and so its use
  /// (`MAXMEMORY_FLAG_NO_SHARED_INTEGERS` in server.h).
  private let ownsIntegers: Bool
  /// (`getLRUClock`, `LRU_CLOCK` in evict.c.)
  private let clock: UInt32
  /// (`LFUGetTimeInMinutes` in evict.c.)
  private let minutes: UInt32

  private static let clockMask: UInt32 = 0xFF_FFFF
  /// A new key's counter, so that it is not the first to go (`LFU_INIT_VAL`).
  fileprivate static let firstCount: UInt32 = 5

  package init(
    _ policy: MaxmemoryPolicy = .noeviction, clock: Instant = .init(microseconds: 0), decayTime: Int64 = 1,
    now: Instant = .init(microseconds: 0), isLimited: Bool = false
  ) {
    (self.policy, self.decayTime) = (policy, decayTime)
    ownsIntegers = isLimited && (policy.isLRU || policy.isLFU)
    self.clock = Self.clock(clock)
    minutes = UInt32(truncatingIfNeeded: now.seconds / 60) & 0xFFFF
  }

  @inline(__always)
  static func clock(_ moment: Instant) -> UInt32 { UInt32(truncatingIfNeeded: moment.seconds) & clockMask }

  /// What a new value has (`createObject` in object.c).
  var unused: UInt32 { policy.isLFU ? used(UInt8(Self.firstCount)) : clock }

  /// What a key has that is used now, so often (`lookupKey`, `updateLFU` in db.c).
  fileprivate func used(_ frequency: UInt8) -> UInt32 { policy.isLFU ? minutes << 8 | UInt32(frequency) : clock }

  /// What the counter has come down to since (`LFUDecrAndReturn`, `LFUTimeElapsed` in evict.c).
  func frequency(_ lru: UInt32) -> UInt8 {
    let (then, counter) = (lru >> 8, Int64(lru & 0xFF))
    guard decayTime > 0 else { return UInt8(counter) }
    let elapsed = minutes >= then ? minutes - then : 0xFFFF - then + minutes
    return UInt8(max(0, counter - Int64(elapsed) / decayTime))
  }

  /// For how many seconds the key was not used (`estimateObjectIdleTime` in evict.c).
  func idleSeconds(_ lru: UInt32) -> Int { Int(clock >= lru ? clock - lru : clock + (Self.clockMask - lru)) }

  /// A value as a key keeps it (`tryObjectEncoding`, `createStringObjectFromLongLongForValue` in object.c).
  func own(_ value: Value) -> Value {
    guard ownsIntegers, case .string(let string) = value, string.encoding == .int else { return value }
    return .string(StringValue(string.bytes, encoding: .ownInt))
  }

  /// What another server knew of a key's use, as this one keeps it; nil where its policy has no use for that
  /// (`objectSetLRUOrLFU` in object.c).
  func lru(idle: Int64?, frequency: Int64?) -> UInt32? {
    if policy.isLFU { return frequency.map { used(UInt8(truncatingIfNeeded: $0)) } }
    guard let idle else { return nil }
    var time = Int64(clock).subtractingReportingOverflow(idle).partialValue
    if time < 0 { time = time &+ Int64(Self.clockMask) }
    return UInt32(truncatingIfNeeded: time) & Self.clockMask
  }

  /// What a snapshot says of it (`rdbSaveKeyValuePair` in rdb.c).
  func recorded(_ lru: UInt32) -> (idle: UInt64?, frequency: UInt8?) {
    (policy.isLRU ? UInt64(idleSeconds(lru)) : nil, policy.isLFU ? frequency(lru) : nil)
  }
}

extension Node {
  var keyUse: KeyUse {
    KeyUse(
      configuration.maxmemoryPolicy, clock: lruClock, decayTime: configuration.lfuDecayTime, now: now,
      isLimited: configuration.maxmemory != 0)
  }

  /// What becomes of it as the key is used (`lookupKey`, `updateLFU` in db.c).
  mutating func used(_ lru: UInt32) -> UInt32 {
    guard configuration.maxmemoryPolicy.isLFU else { return KeyUse.clock(lruClock) }
    let use = keyUse
    return use.used(increased(use.frequency(lru)))
  }

  /// A counter that grows the slower the greater it is (`LFULogIncr` in evict.c).
  private mutating func increased(_ counter: UInt8) -> UInt8 {
    guard counter < .max else { return counter }
    let base = max(0, Double(counter) - Double(KeyUse.firstCount))
    let chance = Double(random.next() >> 11) / Double(1 << 53)
    return chance < 1 / (base * Double(configuration.lfuLogFactor) + 1) ? counter + 1 : counter
  }
}

/// What is known of the use of the integers that keys share: of each there is one object, which is used whenever one of these
/// keys is (`createSharedObjects` in server.c).
struct SharedIntegerUse: Equatable, Sendable {
  /// What each had when the process began.
  private var first: UInt32
  private var later: [Int: UInt32] = [:]

  init(first: UInt32 = 0) { self.first = first }

  subscript(integer: Int) -> UInt32 {
    get { later[integer] ?? first }
    set { later[integer] = newValue }
  }

  /// What they had first goes by when a process began, and says nothing about data.
  static func == (a: Self, b: Self) -> Bool { a.later == b.later }

  /// Takes what has come to be in others' place.
  mutating func take(_ other: Self) { later.merge(other.later) { $1 } }
}
