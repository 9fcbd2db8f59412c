import Dissection
import HeapModule
import Redis

/// An event that is due at some time. Events happen by time, then by rank, then by `tie`.
struct Due: Comparable, Sendable {
  var time: Instant
  var rank: UInt8
  var tie: UInt64
  var what: What

  enum What: Sendable {
    case kernel(machine: Int)
    case arrival(Link.ID, Side)
    case acknowledgement(Link.ID, Side)
    case timer(machine: Int)
  }

  /// At the same time, what a kernel already holds comes first, then what arrives, then what a timer does.
  enum Rank {
    static let kernel: UInt8 = 0
    static let arrival: UInt8 = 1
    static let acknowledgement: UInt8 = 2
    static let timer: UInt8 = 3
    /// A partition holds it.
    static let held: UInt8 = .max
  }

  // Tuples would be compared by the generic code, which takes several times as long.
  static func < (a: Self, b: Self) -> Bool {
    if a.time != b.time { return a.time < b.time }
    return a.rank == b.rank ? a.tie < b.tie : a.rank < b.rank
  }
  static func == (a: Self, b: Self) -> Bool { a.time == b.time && a.rank == b.rank && a.tie == b.tie }
}

extension World {
  /// When one thing is due, as the world is now: at most one event of each queue, since queues keep their order. Nil if it
  /// is not.
  mutating func due(_ what: Due.What) -> Due? {
    moment(of: what).map { Due(time: max($0.time, now), rank: $0.rank, tie: $0.tie, what: what) }
  }

  /// The same, but the time may be past: a process may have been paused, a link held. It changes nothing, and is `mutating` so
  /// that the world is looked at where it is.
  fileprivate mutating func moment(of what: Due.What) -> (time: Instant, rank: UInt8, tie: UInt64)? {
    switch what {
    case .kernel(let machine):
      guard machines[machine].life == .running, !machines[machine].inbox.isEmpty else { return nil }
      return (start, Due.Rank.kernel, UInt64(machine))
    case .timer(let machine):
      guard machines[machine].life == .running, let wakeup = machines[machine].wakeup else { return nil }
      return (wakeup, Due.Rank.timer, UInt64(machine))
    case .arrival(let id, let side):
      return linkIndex(id).flatMap { momentOfArrival($0, side) }
    case .acknowledgement(let id, let side):
      guard let link = linkIndex(id), let next = links[link].conversation.nextDelayedAck, next.side == side.tcp else {
        return nil
      }
      return (Instant(microseconds: next.deadline / 1_000), Due.Rank.acknowledgement, UInt64(id.number))
    }
  }

  private func momentOfArrival(_ link: Int, _ side: Side) -> (time: Instant, rank: UInt8, tie: UInt64)? {
    guard let next = links[link, side].incoming.next, !isHeld(link: link, towards: side) else { return nil }
    return (next.arrival, Due.Rank.arrival, next.sequence)
  }
}

/// What is due in a world, the earliest first, kept up with what steps touch. It can be found again from the world at any
/// time, so it is no part of the world's value, and kept worlds do without.
struct Schedule: Sendable {
  /// Nil where it has not been found yet.
  private var entries: Heap<Entry>?
  /// The time of each machine's timer that was noted last, while that entry is there: most steps leave it as it is.
  private var timers: [Instant?] = []
  /// How many entries there may be before those that no longer hold are dropped.
  private var room = 0

  /// What was due when its source was last touched. Later changes do not remove it, so it may not hold any more.
  private struct Entry: Comparable, Sendable {
    var due: Due
    /// When it was to happen, be it in the past.
    var time: Instant

    func holds(in world: inout World) -> Bool {
      guard let (time, rank, tie) = world.moment(of: due.what) else { return false }
      return self.time == time && due.rank == rank && due.tie == tie
    }

    static func < (a: Self, b: Self) -> Bool { a.due < b.due }
    static func == (a: Self, b: Self) -> Bool { a.due == b.due }
  }

  /// To be found.
  init() {}

  init(of world: inout World) {
    entries = []
    for machine in world.machines.indices { note(machine, &world) }
    for link in world.links.indices { note(world.links[link].id, &world) }
    room = 64 + 2 * (entries?.count ?? 0)
  }

  /// The event that happens next in the world that this belongs to, if any.
  func next(in world: World) -> Due? {
    guard entries == nil else { return entries?.min?.due }
    var world = world
    return Schedule(of: &world).entries?.min?.due
  }

  /// Takes up what is due of machines and links that were touched. The first entry holds then.
  mutating func update(_ machines: [Int], _ links: [Link.ID], _ world: inout World) {
    guard let count = entries?.count, count <= room else {
      self = Schedule(of: &world)
      return
    }
    for machine in machines { note(machine, &world) }
    for id in links {
      for side in Side.allCases { note(.arrival(id, side), &world) }
      guard let link = world.linkIndex(id), let side = world.links[inPlace: link].nextToAcknowledge() else { continue }
      note(.acknowledgement(id, side), &world)
    }
    while let first = entries?.min {
      // A machine whose timer was set anew since is not looked at: it may be one that nobody has touched for long.
      if case .timer(let machine) = first.due.what, timers[machine] != first.time {
        entries?.removeMin()
        continue
      }
      if first.holds(in: &world) { return }
      entries?.removeMin()
      if case .timer(let machine) = first.due.what { timers[machine] = nil }
    }
  }

  private mutating func note(_ machine: Int, _ world: inout World) {
    note(.kernel(machine: machine), &world)
    while timers.count <= machine { timers.append(nil) }
    let timer = world.moment(of: .timer(machine: machine))?.time
    if let timer, timer == timers[machine] { return }
    timers[machine] = timer
    note(.timer(machine: machine), &world)
  }

  private mutating func note(_ link: Link.ID, _ world: inout World) {
    for side in Side.allCases {
      note(.arrival(link, side), &world)
      note(.acknowledgement(link, side), &world)
    }
  }

  private mutating func note(_ what: Due.What, _ world: inout World) {
    guard let (time, rank, tie) = world.moment(of: what) else { return }
    entries?.insert(Entry(due: Due(time: max(time, world.now), rank: rank, tie: tie, what: what), time: time))
  }
}

extension Schedule: Equatable {
  static func == (a: Self, b: Self) -> Bool { true }
}
