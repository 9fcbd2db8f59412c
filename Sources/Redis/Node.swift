import Collections

/// A Redis 7.0 server as a value: it is told what happened and says what to do, and knows no clock, socket or file.
///
/// Copying a node forks it: the copy shares what it can and goes its own way.
package struct Node: Sendable {
  package var configuration: Configuration
  package var databases: [Database]
  package var clients: OrderedDictionary<ConnectionID, Client> = [:]
  package var replication: Replication
  package var random: SeededRandom
  package var chance: Chance

  /// The time of the input being handled.
  package private(set) var now: Instant
  /// What the input being handled has caused so far; empty between inputs.
  var effects: [Effect] = []

  package init(configuration: Configuration, seed: UInt64, chance: Chance = Chance(), now: Instant) {
    self.configuration = configuration
    self.random = SeededRandom(seed: seed)
    self.chance = chance
    self.now = now
    self.databases = Array(repeating: Database(), count: 16)
    self.replication = Replication()
  }

  /// Handles one input and returns what follows from it, in order.
  package mutating func handle(_ input: Input, at now: Instant) -> [Effect] {
    self.now = now
    switch input {
    case .start, .accepted, .connected, .connectFailed, .received, .closed, .written, .wakeUp, .terminate:
      break
    }
    defer { effects = [] }
    return effects
  }

  /// When the node next wants `Input.wakeUp`, or nil while only others can make something happen.
  package var nextWakeup: Instant? { nil }
}
