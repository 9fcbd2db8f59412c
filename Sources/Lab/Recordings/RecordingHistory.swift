import Capture
import Redis
import Synchronization

/// What a timeline keeps of a recording: some of its moments, and the steps that were looked at last. All others are made
/// again from the packets, which are read again: a recording may have more of both than memory holds.
///
/// Step N is packet N, counted from 1; where something is not whole at the end, one more step says so.
struct RecordingHistory: StepHistory {
  private let source: PacketSource
  /// The number of the last moment that was reached so far.
  private(set) var end = 0
  /// The number of the last moment there is, once it was reached.
  private(set) var last: Int?
  /// Why it ends there, if not because the file does.
  private(set) var fault: LabError?
  private var kept: KeptMoments
  /// What the next kept one will hold that the last has not, as far as that has come.
  private var gain = Gain()
  private let recent = RecentSteps()
  /// The piece of a snapshot whose bytes were named last.
  let payloadMark = PayloadStore()

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

  /// After how many bytes of packets a moment is kept at first, be there ever so few steps.
  private static let distance = 1 << 20
  /// How many bytes of packets a world holds at most: those that a retransmission is compared with, and what waits for
  /// missing segments.
  static let heaviest = 1 << 20

  var recording: PacketSource? { source }

  init(_ recording: PacketSource, _ start: World, room: Int) {
    source = recording
    kept = KeptMoments(start, room: room)
  }

  /// The kept moment from which another one is reached with the fewest steps.
  func world(before number: Int) -> World { kept.world(before: number) }

  /// What happens after a moment: the next packet, or the end of what was not whole. Nil behind the end.
  mutating func next(after world: World) -> Action? {
    if let last, world.number >= last { return nil }
    do throws(LabError) {
      if let packet = try source.packet(world.number) { return .crossing(packet) }
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
    if kept.spacing > 1, world.number.isMultiple(of: KeptMoments.interval) { kept.pass(world) }
    guard world.number > end else { return }
    end = world.number
    gain.note(step)
    let steps = world.number - kept.lastNumber
    guard steps >= KeptMoments.interval * kept.spacing || gain.bytes >= Self.distance * kept.spacing else { return }
    kept.keep(world, weight: gain.weight)
    gain.clear()
  }

  /// They are close together, and one may be of thousands of connections, which would be copied.
  func pass(_ world: World, ahead distance: Int) {}

  /// A step that has been made before; where it is not at hand, its whole stretch is made again.
  func step(_ number: Int) -> Step {
    if let step = recent.step(number) { return step }
    var world = world(before: number - 1)
    let stretchEnd = kept.number(after: number - 1) ?? end
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

  func time(after world: World) -> Instant? {
    if let last, world.number >= last { return nil }
    return (try? source.packet(world.number)).map { Instant(microseconds: $0.timestamp / 1_000) }
  }

  var isFinite: Bool { true }
  var ending: Stop { .end(fault) }

  // MARK: Branches

  /// Nothing else can happen in it than did.
  var branches: [Branch] { [Branch(number: 1, origin: nil, end: end, isCurrent: true)] }
  func branch(from world: World) {}
  func switchBranch(to number: Int, from position: Int) throws(LabError) -> Int { throw .noBranch(number) }
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
