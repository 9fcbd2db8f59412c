import Algorithms
import Capture
import Redis
import Synchronization

/// What a timeline keeps of a recording: some of its moments, and the steps that were looked at last. All others are made
/// again from the packets, which are read again: a recording may have more of both than memory holds.
///
/// Step N is packet N, counted from 1; where something is not whole at the end, one more step says so.
struct RecordingHistory: Sendable {
  let recording: PacketSource
  /// The number of the last moment that was reached so far.
  private(set) var end = 0
  /// The number of the last moment there is, once it was reached.
  private(set) var last: Int?
  /// Why it ends there, if not because the file does.
  private(set) var fault: LabError?
  /// Kept moments, in their order: the beginning, and then one in so many steps or bytes.
  // Invariant: never empty.
  private var kept: [Kept]
  /// The number of the last of them, at hand without it.
  private var lastKept = 0
  /// What the next kept one will hold that the last has not, as far as that has come.
  private var gain = Gain()
  /// How many times as far apart as at first.
  private var spacing = 1
  private let recent = RecentSteps()
  /// The piece of a snapshot whose bytes were named last.
  let payloadMark = PayloadStore()

  /// Moments near where one was last, one in so many steps: going back is mostly going a few steps back.
  private var near: [World] = []

  private struct Kept {
    var world: World
    /// How many bytes it may hold that the one before it does not.
    var weight: Int
  }

  /// What steps add to a world that shares with the one before them what they have not touched.
  private struct Gain {
    /// How many bytes of payload have crossed.
    var bytes = 0
    /// The connections that are not what they were.
    var links: Set<Link.ID> = []

    mutating func note(_ step: Step) {
      bytes += step.byteCount
      if case .arrival(let link, _, _, _) = step.cause { links.insert(link) }
    }

    /// The next ones begin.
    mutating func clear() {
      bytes = 0
      links.removeAll(keepingCapacity: true)
    }

    var weight: Int { min(bytes, RecordingHistory.heaviest) + links.count * Recorded.linkWeight }
  }

  /// How far apart moments are kept at first.
  private static let distance = (steps: 128, bytes: 1 << 20)
  /// How many are kept, and what they may hold together. When it is more, every second one is forgotten, and from then on
  /// they are kept twice as far apart.
  private let limit: (worlds: Int, bytes: Int)
  private static let nearLimit = 16
  /// How many bytes of packets a world holds at most: those that a retransmission is compared with, and what waits for
  /// missing segments.
  static let heaviest = 1 << 20

  init(_ recording: PacketSource, _ start: World, room: Int) {
    self.recording = recording
    limit = (512, room)
    kept = [Kept(world: start, weight: 0)]
    lastKept = start.number
  }

  /// The kept moment from which another one is reached with the fewest steps.
  func world(before number: Int) -> World {
    let far = kept[index(before: number)].world
    guard let near = near.last(where: { $0.number <= number }), near.number > far.number else { return far }
    return near
  }

  private func index(before number: Int) -> Int {
    // The first one is of the beginning: it is before all.
    max(0, kept.indices.partitioningIndex { kept[$0].world.number > number } - 1)
  }

  /// What happens after a moment: the next packet, or the end of what was not whole. Nil behind the end.
  mutating func next(after world: World) -> Action? {
    if let last, world.number >= last { return nil }
    do throws(LabError) {
      if let packet = try recording.packet(world.number) { return .crossing(packet) }
    } catch {
      fault = error
    }
    guard world.recorded?.hasRest == true else {
      last = world.number
      return nil
    }
    last = world.number + 1
    return .recordingEnds
  }

  /// A step was made, which led to a moment.
  mutating func keep(_ step: Step, _ world: World) {
    recent.add(step)
    keepNear(world)
    guard world.number > end else { return }
    end = world.number
    gain.note(step)
    let steps = world.number - lastKept
    guard steps >= Self.distance.steps * spacing || gain.bytes >= Self.distance.bytes * spacing else { return }
    kept.append(Kept(world: world, weight: gain.weight))
    lastKept = world.number
    gain.clear()
    if kept.count > limit.worlds || kept.reduce(0, { $0 + $1.weight }) > limit.bytes { thin() }
  }

  /// Where moments are kept further apart than at first, some of those passed last are at hand as well.
  private mutating func keepNear(_ world: World) {
    guard spacing > 1, world.number.isMultiple(of: Self.distance.steps) else { return }
    near.removeAll { $0.number >= world.number }
    near.append(world)
    if near.count > Self.nearLimit { near.removeFirst() }
  }

  private mutating func thin() {
    var fewer = [kept[0]]
    for index in stride(from: 2, to: kept.count, by: 2) {
      let weight = min(kept[index].weight + kept[index - 1].weight, kept[index].world.recorded?.weight ?? 0)
      fewer.append(Kept(world: kept[index].world, weight: weight))
    }
    kept = fewer
    lastKept = fewer[fewer.count - 1].world.number
    spacing *= 2
  }

  /// A step that has been made before; where it is not at hand, its whole stretch is made again.
  func step(_ number: Int) -> Step {
    if let step = recent.step(number) { return step }
    let start = index(before: number - 1)
    var world = world(before: number - 1)
    let stretchEnd = start + 1 < kept.count ? kept[start + 1].world.number : end
    var wanted: Step?
    var copy = self
    while world.number < max(number, stretchEnd), let action = copy.next(after: world),
      let step = try? world.apply(action)
    {
      if step.number > number, recent.isFull(with: step) { break }
      recent.add(step)
      if step.number == number { wanted = step }
    }
    // The file has become shorter since: what is there no more says nothing.
    return wanted ?? Step(number: number, time: world.now, action: .recordingEnds)
  }

  /// When the packet of a step crossed; nil if there is none.
  func time(ofStep number: Int) -> Instant? {
    if let last, number > last { return nil }
    return (try? recording.packet(number - 1)).map { Instant(microseconds: $0.timestamp / 1_000) }
  }
}

/// What was found out about a snapshot, shared by the copies of a timeline.
final class PayloadStore: Sendable {
  private let mark = Mutex<PayloadMark?>(nil)

  func withLock<Result: Sendable>(_ body: (inout sending PayloadMark?) -> sending Result) -> Result {
    mark.withLock(body)
  }
}

/// The steps of a recording that were made last, one after the other, as many as a few megabytes hold.
private final class RecentSteps: Sendable {
  private struct Steps {
    /// The number of the first of them.
    var first = 1
    var steps: [Step] = []
    var byteCount = 0
  }
  private let steps = Mutex(Steps())

  private static let limit = 8 << 20

  func step(_ number: Int) -> Step? {
    steps.withLock { $0.steps.indices.contains(number - $0.first) ? $0.steps[number - $0.first] : nil }
  }

  func isFull(with step: Step) -> Bool { steps.withLock { $0.byteCount + Self.size(of: step) > Self.limit } }

  /// Where it would be too much, or it does not follow them, all others are forgotten.
  func add(_ step: Step) {
    let size = Self.size(of: step)
    steps.withLock { steps in
      let index = step.number - steps.first
      // The same moment and the same packet make the same step.
      if steps.steps.indices.contains(index) { return }
      if index != steps.steps.count || steps.byteCount + size > Self.limit {
        steps.steps.removeAll(keepingCapacity: true)
        (steps.first, steps.byteCount) = (step.number, 0)
      }
      steps.steps.append(step)
      steps.byteCount += size
    }
  }

  /// About what it takes: a packet's bytes are there once in the packet and once in the messages.
  private static func size(of step: Step) -> Int { 1_000 + 2 * step.byteCount }
}

extension Step {
  /// The bytes of payload that crossed in it.
  fileprivate var byteCount: Int { packets.reduce(0) { $0 + $1.payload.count } }
}

// MARK: - Moving

extension Timeline {
  /// The recording that this is a timeline of; nil in a lab.
  package var recording: PacketSource? { tape?.recording }

  /// Lets the next packet of the recording cross.
  mutating func play() -> Step? {
    guard let action = tape?.next(after: world), let step = try? world.apply(action) else { return nil }
    tape?.keep(step, world)
    return step
  }

  /// To a moment of the recording that was reached before.
  mutating func rewind(to number: Int) {
    guard let kept = tape?.world(before: number) else { return }
    // Forwards from here may be less far than from the kept world.
    if number < position || kept.number > position { world = kept }
    while position < number, play() != nil {}
  }
}
