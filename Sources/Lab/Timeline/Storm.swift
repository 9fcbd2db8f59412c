import Dissection
import Redis

/// A replica that connects to its master at once, again and again, and is refused for the same reason each time: what 7.0
/// does when PSYNC and then SYNC are answered with an error (docs/PROTOCOL.md, 1).
package struct Storm: Sendable, Hashable {
  package var node: String
  package var master: Address
  /// The master's last word, or nil if the transfer failed of something else.
  package var reason: String?
  /// How many times it has connected again.
  package var count: Int
  package var began: Instant
  package var last: Instant
}

/// Looks at steps for storms.
struct StormWatch {
  /// The last of each node; a few at most.
  private(set) var storms: [Storm] = []

  /// Two attempts further apart than this belong to no storm.
  private static let gap = Interval.milliseconds(100)

  /// Looks at a step; a storm that the step is a part of.
  mutating func note(_ step: Step) -> Storm? {
    for note in step.notes {
      guard case .decision(.connect(let master, .failedTransfer)) = note.content else { continue }
      let reason = step.delivered.last { $0.to == .node(note.node) }.flatMap(\.refusal)
      var storm = Storm(node: note.node, master: master, reason: reason, count: 1, began: step.time, last: step.time)
      if let index = storms.firstIndex(where: { $0.node == note.node }) {
        let old = storms.remove(at: index)
        if old.reason == reason, old.master == master, step.time <= old.last + Self.gap {
          (storm.count, storm.began) = (old.count + 1, old.began)
        }
      }
      storms.append(storm)
      return storm
    }
    return nil
  }
}

/// Counts a node's attempts to connect to where no packet can go, as long as nothing else is said.
struct FruitlessWatch {
  private var tries: [String: Int] = [:]

  /// Looks at a step; why to stop, if it was one attempt too many.
  mutating func note(_ step: Step) -> Stop? {
    if !step.delivered.isEmpty { tries = [:] }
    for note in step.notes {
      guard case .decision(.cannotConnect(let address, let failure)) = note.content else { continue }
      let count = tries[note.node, default: 0] + 1
      tries[note.node] = count
      if count >= Timeline.fruitlessLimit {
        return .fruitless(node: note.node, address, failure, tries: count)
      }
    }
    return nil
  }
}

extension Delivery {
  /// The words of an error.
  fileprivate var refusal: String? {
    guard message.bytes.first == UInt8(ascii: "-") else { return nil }
    return String(decoding: message.bytes.dropFirst().prefix { $0 != 13 && $0 != 10 }, as: UTF8.self)
  }
}

extension World {
  /// How many events one step may take.
  static let eventLimit = 100_000

  /// Lets all that is due until a time happen as one step, or as much of it as one step may have, of which no packets and messages are kept: there may be
  /// thousands of them in a storm.
  mutating func pass(to time: Instant, _ step: inout Step) throws(LabError) {
    guard time >= now else { throw LabError("the clock does not go backwards", advice: "`back` does") }
    for machine in machines.indices { step.noteProperties(of: machine, &machines) }
    var watch = StormWatch()
    var storm: Storm?
    var count = 0
    while let due = nextDue, due.time <= time {
      count += 1
      // A step can't be interrupted, so it must come to an end by itself.
      if count > Self.eventLimit { break }
      now = due.time
      var part = Step(number: step.number, time: now, action: .next)
      happen(due.what, &part)
      settle(&part)
      storm = watch.note(part) ?? storm
      step.replies += part.replies
      step.lostClients += part.lostClients
    }
    if count <= Self.eventLimit { now = time }
    step.cause = .passage(storm)
  }
}
