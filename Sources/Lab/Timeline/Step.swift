import Capture
import Dissection
import RESP
import Redis

/// One event that happened, with its effects.
package struct Step: Sendable, Equatable {
  /// Steps are numbered from 1; step N leads from moment N-1 to moment N.
  package var number: Int
  package var time: Instant
  /// What was done to the world; doing it again to the moment before gives this step again.
  package var action: Action
  package var cause = Cause.user
  /// The packets that crossed a wire, in time order: a packet is seen where it arrives.
  package var packets: [Packet] = []
  /// The messages that became whole for their receiver with this step, in their order on the link.
  package var delivered: [Delivery] = []
  /// What nodes wrote in this step; it is in flight now.
  package var sent: [Sent] = []
  /// Decisions and log lines, in the order in which the nodes made them.
  package var notes: [Note] = []
  /// What a loss of power took from a disk.
  package var losses: [Loss] = []
  /// What is different in the nodes now.
  package var changes: [Change] = []
  /// What a recording's packets are like that is out of the ordinary: sent again, out of order, missing.
  package var remarks: [Remarked] = []
  /// The replies that the prompt's clients got, and what they were sent besides.
  package var replies: [Reply] = []
  /// The prompt's clients that lost their connection: those with names, and others that waited for a reply.
  package var lostClients: [String] = []
  /// Where in the protocol the link is on which the event happened.
  package var phase: Phase?
  /// The phases that the link came to with this step, one after the other; none in most steps. A payload that comes in
  /// one piece is a whole transfer.
  package var entered: [Phase] = []
  /// What the nodes that took part were before the step; empty once it is over.
  private var before: [Before] = []

  init(number: Int, time: Instant, action: Action) {
    self.number = number
    self.time = time
    self.action = action
  }

  /// What a client of the prompt's was sent, as it came: the bytes of one RESP value.
  package struct Reply: Sendable, Hashable {
    /// The client's name, or its node's.
    package var client: String
    /// The command that it answers; nil: it answers none, as a message that was published.
    package var request: [[UInt8]]?
    package var bytes: [UInt8]
  }

  /// The reply to the command that was given in this step, or else the first.
  package var reply: [UInt8]? {
    if case .command(let name, _) = action {
      return replies.first { $0.client == name && $0.request != nil }?.bytes
    }
    return replies.first { $0.request != nil }?.bytes
  }

  /// A remark on the packets of a link.
  package struct Remarked: Sendable, Hashable {
    package var link: Link.ID
    package var remark: Remark
  }

  /// What happened.
  package enum Cause: Sendable, Hashable {
    /// A packet arrived.
    case arrival(Link.ID, from: Party, to: Party, PacketKind)
    /// A node's own timer fired.
    case timer(node: String)
    /// The kernel told a node about one of its connections: all is written, or a connection failed.
    case kernel(node: String)
    /// A receiver's kernel acknowledged what it had put off to acknowledge.
    case acknowledgement(Link.ID, by: Party)
    case command(node: String)
    /// Time passed, and all that was due happened at once, a storm perhaps.
    case passage(Storm?)
    /// The user did something else than letting an event happen: a fault, or a node's life.
    case user
  }
}

/// A message that reached its receiver whole.
package struct Delivery: Sendable, Equatable {
  package var link: Link.ID
  package var from: Party
  package var to: Party
  package var message: Message
  /// Which of the message's bytes were not seen as they are, in the count of `Message.range`: only where a recording is
  /// text.
  package var marks: [ByteMark] = []
  /// The error with which a replica could not do what its master did; the step's decisions say so, too.
  package var failure: String?
}

/// What a node wrote: one write(2).
package struct Sent: Sendable, Equatable {
  package var link: Link.ID
  package var from: Party
  package var to: Party
  package var byteCount: Int
}

/// What a node said of itself.
package struct Note: Sendable, Hashable {
  package var node: String
  package var content: Content

  package enum Content: Sendable, Hashable {
    case decision(Decision)
    case log(LogEntry)
  }
}

extension Step {
  /// Whether anybody, or this node, decided something in it.
  package func hasDecision(of node: String? = nil) -> Bool {
    notes.contains { $0.decision != nil && (node == nil || $0.node == node) }
  }
}

extension Note {
  package var decision: Decision? {
    if case .decision(let decision) = content { decision } else { nil }
  }
}

extension Step {
  /// Bytes that were written to a file and had not reached the disk's surface.
  package struct Loss: Sendable, Hashable {
    package var node: String
    package var file: String
    package var byteCount: Int
  }
}

/// Something about a node that a step changed.
package struct Change: Sendable, Hashable {
  package var node: String
  package var property: NodeProperty
  package var before: ExpressionValue
  package var after: ExpressionValue
}

extension Step {
  /// What a node was told by its master in this step and could not do. Commands fail in the order in which they came.
  mutating func markFailure(of command: [Bytes], by node: String, _ error: String) {
    let words = command.map(\.array)
    let index = delivered.firstIndex { $0.failure == nil && $0.to == .node(node) && $0.message.words == words }
    if let index { delivered[index].failure = error }
  }
}

// MARK: - What changed

/// What a node was before a step.
private struct Before: Sendable, Equatable {
  var machine: Int
  @Boxed var properties: NodeProperties
}

extension Step {
  /// Remembers what a node is like, before the step does something to it.
  mutating func noteProperties(of machine: Int, _ machines: inout TrackedArray<Machine>) {
    if before.contains(where: { $0.machine == machine }) { return }
    before.append(Before(machine: machine, properties: machines[inPlace: machine].properties()))
  }

  /// Says what is different now.
  mutating func findChanges(in machines: inout TrackedArray<Machine>) {
    for index in before.indices {
      let machine = before[index].machine
      var properties = machines[inPlace: machine].properties()
      changes += properties.changes(of: machines[inPlace: machine].name, since: &before[index].properties)
    }
    before = []
  }
}
