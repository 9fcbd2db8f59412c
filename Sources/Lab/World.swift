import Redis

/// The whole lab at one moment, as a value: the clock, chance, the nodes, their disks, the network, what is in flight.
///
/// It holds no history: nothing in it grows with the number of steps that led here, since every kept moment is a copy.
package struct World: Sendable {
  package private(set) var now: Instant
  /// How many steps led here.
  package private(set) var number = 0
  /// In the order in which they were first started.
  package private(set) var machines: [Machine] = []
  /// The connections there are, by number.
  package private(set) var links: [Link] = []

  package init(seed: UInt64, clock: Instant = .notes) {
    now = clock
  }

  /// What will happen if nothing is done, in that order.
  package var pending: [Pending] { [] }

  /// The one way in which a world changes. The same world and the same action give the same step and the same world,
  /// byte for byte, in every process.
  ///
  /// - Throws: what is wrong and what to do about it; the world is then as it was.
  package mutating func apply(_ action: Action) throws(LabError) -> Step {
    throw LabError("not yet")
  }
}

/// An event that has not happened yet, as `info pending` and `choose` number them.
package struct Pending: Sendable, Hashable {
  package var time: Instant
  package var event: Event

  package enum Event: Sendable, Hashable {
    /// A segment arrives; `held` while a partition keeps it.
    case arrival(Link.ID, towards: Side, held: Bool)
    case acknowledgement(Link.ID, by: Side)
    /// The kernel tells the node something about a connection.
    case kernel(node: String)
    case timer(node: String)
  }
}
