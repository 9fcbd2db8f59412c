import Dissection
import Lab
import Redis
import Views

/// A session of any length at a glance: for each step one character, and the moments that a person would look for. It grows
/// with the session, and what it costs to grow are the new steps alone.
package struct Overview: Sendable {
  /// By step, from the first one on.
  package private(set) var outline: [UInt8] = []
  package private(set) var marks: [Mark] = []

  /// What there is to draw of a step.
  package enum Kind: UInt8, Sendable {
    /// A kernel's acknowledgement, a timer that did nothing.
    case nothing = 0x2E
    /// Signs of life only: pings, acknowledgements, what Sentinels ask all the time.
    case keepAlive = 0x6B
    case message = 0x6D
    case command = 0x63
    case fault = 0x66
    /// A decision or a line of a log, without a message.
    case note = 0x64
  }

  /// A moment that stands out.
  package struct Mark: Sendable, Hashable {
    package enum Kind: String, Sendable {
      case fault, life, sync, partial, failover
    }

    package let moment: Int
    package let kind: Kind
    package let text: String

    package var json: JSON { .array([.number(moment), .string(kind.rawValue), .string(text)]) }
  }

  /// So many are marked: a slider has no room for more.
  private static let markLimit = 2_000

  package init() {}

  package var count: Int { outline.count }

  /// Looks at the steps of the current branch that it has not seen.
  package mutating func extend(with timeline: Timeline) {
    guard timeline.end > count else { return }
    for number in count + 1...timeline.end { append(timeline[number], in: timeline.world) }
  }

  /// - Parameter world: any moment near, which tells who is a Sentinel.
  package mutating func append(_ step: Step, in world: World) {
    outline.append(Self.kind(of: step, in: world).rawValue)
    if marks.count < Self.markLimit, let mark = Self.mark(of: step, in: world) {
      marks.append(Mark(moment: step.number, kind: mark.kind, text: mark.text))
    }
  }

  package static func kind(of step: Step, in world: World) -> Kind {
    switch StepRecord.kind(of: step) {
    case "command": return .command
    case "fault", "life", "client", "setting": return .fault
    default: break
    }
    if !step.delivered.isEmpty {
      return step.delivered.allSatisfy { $0.isKeepAlive(in: world) } ? .keepAlive : .message
    }
    if case .arrival(_, _, _, .reset) = step.cause { return .message }
    return step.notes.isEmpty && step.losses.isEmpty && step.remarks.isEmpty ? .nothing : .note
  }

  private static func mark(of step: Step, in world: World) -> (kind: Mark.Kind, text: String)? {
    if case .user = step.cause {
      let text = StepView.what(step, room: 80)
      if step.action.kind == "life" { return (.life, text) }
      if step.action.kind == "fault" { return (.fault, text) }
    }
    for note in step.notes {
      guard let decision = note.decision else { continue }
      switch decision {
      case .becomeMaster, .handOver, .objectivelyDown:
        return (.failover, "\(note.node): \(WhyView.summary(decision, of: note.node, in: world))")
      case .dropReplica:
        return (.fault, "\(note.node) \(WhyView.summary(decision, of: note.node, in: world))")
      default: break
      }
    }
    for delivery in step.delivered {
      switch delivery.message.kind {
      case .fullResync: return (.sync, "\(delivery.to.name) gets a full sync from \(delivery.from.name)")
      case .partialResync: return (.partial, "\(delivery.to.name) goes on where it left off at \(delivery.from.name)")
      default: break
      }
    }
    return nil
  }
}

extension Delivery {
  /// It only shows that somebody is alive, and how far.
  func isKeepAlive(in world: World) -> Bool {
    keepAlive(isSentinel: [from, to].contains { world.isSentinel($0) }) != nil
  }
}

extension World {
  fileprivate func isSentinel(_ party: Party) -> Bool {
    guard case .node(let name) = party else { return false }
    return machine(name)?.node?.configuration.isSentinel == true
  }
}
