import RESP
import Redis

/// Some moments of a history, from which all others are made again: the beginning, and then one in so many steps or bytes.
///
/// There are only so many of them, and they may hold only so much: then every second one is forgotten, and from there on
/// they are kept twice as far apart. Going back is mostly going a few steps back, so some of those that were passed last
/// are at hand as well: as close together as they were at first and, where one has just gone back, closer and closer.
struct KeptMoments: Sendable {
  // Invariant: never empty, and in their order.
  private var kept: [Kept]
  /// The number of the last of them, at hand without it.
  private(set) var lastNumber: Int
  /// How many times as far apart as at first.
  private(set) var spacing = 1
  private var near: [World] = []
  /// How many bytes they may hold together, and hold.
  private let room: Int
  private var held = 0

  private struct Kept {
    var world: World
    /// How many bytes it may hold that the one before it does not.
    var weight: Int
  }

  /// How many steps apart they are at first, or more (`World.keepingInterval`).
  static let interval = 128
  private static let limit = 512
  private static let nearLimit = 16

  init(_ start: World, room: Int) {
    kept = [Kept(world: start, weight: 0)]
    lastNumber = start.number
    self.room = room
  }

  /// The first one, with which the history began.
  var first: World { kept[0].world }
  /// The last one that was kept for good.
  var last: World { kept[kept.count - 1].world }

  /// The kept moment from which another one is reached with the fewest steps.
  func world(before number: Int) -> World {
    let far = kept[index(before: number)].world
    guard let near = near.last(where: { $0.number <= number }), near.number > far.number else { return far }
    return near
  }

  /// The number of the first one after a moment that was kept for good; nil behind the last.
  func number(after number: Int) -> Int? {
    let next = index(before: number) + 1
    return next < kept.count ? kept[next].world.number : nil
  }

  private func index(before number: Int) -> Int {
    // The first one is before all.
    max(0, kept.indices.partitioningIndex { kept[$0].world.number > number } - 1)
  }

  /// Keeps a moment after all others.
  ///
  /// - Parameter weight: how many bytes it may hold that the last one does not.
  mutating func keep(_ world: World, weight: Int) {
    kept.append(Kept(world: world, weight: weight))
    lastNumber = world.number
    held += weight
    if kept.count > Self.limit || held > room { thin() }
  }

  /// A moment was passed, and is at hand for a while.
  mutating func pass(_ world: World) {
    near.removeAll { $0.number >= world.number }
    near.append(world)
    if near.count > Self.nearLimit { near.removeFirst() }
  }

  private mutating func thin() {
    var fewer = [kept[0]]
    held = 0
    for index in stride(from: 2, to: kept.count, by: 2) {
      let weight = min(kept[index].weight + kept[index - 1].weight, kept[index].world.weight)
      fewer.append(Kept(world: kept[index].world, weight: weight))
      held += weight
    }
    kept = fewer
    lastNumber = fewer[fewer.count - 1].world.number
    spacing *= 2
  }
}

extension World {
  /// How many steps apart worlds like it are kept at first. A kept world costs a word for each machine and link, and a
  /// copy of each that is changed after it, as long as some steps take: where there are many of them, it takes many
  /// times as many steps to be worth that.
  var keepingInterval: Int {
    var interval = KeptMoments.interval
    while interval < 64 * (machines.count + links.count) { interval *= 2 }
    return interval
  }

  /// About how many bytes it takes besides what all worlds of its history share; of a recording, besides those of the
  /// packets that it holds.
  var weight: Int { recorded?.weight ?? weight(besides: World(seed: 0)) }

  /// About how many bytes it holds that another world of the same history does not.
  func weight(besides other: World) -> Int {
    let ownMachines = machines.indicesNotShared(with: other.machines)
    return 8 * (machines.count + links.count)
      + links.indicesNotShared(with: other.links).reduce(0) { $0 + links[$1].weight }
      + ownMachines.reduce(0) { $0 + machines.weight(of: $1, since: other.machines) }
  }
}

extension TrackedArray<Machine> {
  /// About how many bytes a machine holds that it does not share with what it was, or will be.
  fileprivate func weight(of index: Int, since other: Self) -> Int {
    let sum = MemoryLayout<Machine>.size + 3 * (MemoryLayout<Client>.size + 500)
    guard let node = unsafe process(index) else { return sum }
    // So many changes to its data have been counted since.
    let before = index < other.count ? unsafe other.process(index)?.pointee.dirty ?? 0 : 0
    let writes = unsafe Int(clamping: (node.pointee.dirty - before).magnitude)
    let copied = writes > 0 ? unsafe node.pointee.databases.reduce(0) { $0 + $1.copiedBytes(byWrites: writes) } : 0
    return unsafe sum + node.pointee.clients.count * 48 + copied
  }
}

extension Link {
  /// The same of a link, with the last block of what is in flight on it each way.
  fileprivate var weight: Int {
    let flights =
      min(FlightQueue.blockSize, opener.incoming.count) + min(FlightQueue.blockSize, acceptor.incoming.count)
    return MemoryLayout<Link>.size + 1_000 + flights * MemoryLayout<Flight>.stride
  }
}
