import Redis

/// What can be asked about a node by name: `print m.offset`, `until r.state = connected`. A step's changes are the facts
/// that differ before and after it.
package enum Fact: String, Sendable, Hashable, CaseIterable {
  /// `running`, `paused`, `ended` or `killed`.
  case life
  case port
  /// The number of connections that the node knows.
  case clients

  package func value(in machine: Machine) -> Value {
    switch self {
    case .life: .text(machine.life.word)
    case .port: .integer(Int64(machine.address.port))
    case .clients: .integer(Int64(machine.node?.clients.count ?? 0))
    }
  }
}

extension Machine.Life {
  package var word: String {
    switch self {
    case .running: "running"
    case .paused: "paused"
    case .ended: "ended"
    case .killed: "killed"
    }
  }
}
