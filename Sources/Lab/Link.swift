import Capture
import Dissection
import Redis

/// One of the two ends of a link.
package enum Side: UInt8, Sendable, Hashable, CaseIterable {
  /// The end that connected: a replica, or a client.
  case opener
  /// The end that listened: a master, or the node a client talks to.
  case acceptor

  package var other: Side { self == .opener ? .acceptor : .opener }
}

/// Who is at an end of a link.
package enum Party: Sendable, Hashable {
  case node(String)
  /// The prompt's own connection to a node, as redis-cli would make it.
  case client

  /// The node's name, or `client`.
  package var name: String {
    switch self {
    case .node(let name): name
    case .client: "client"
    }
  }
}

/// One TCP connection between two nodes, or the prompt's client and a node.
package struct Link: Sendable, Equatable, Identifiable {
  /// Links are numbered from 1 in the order in which they were opened; a number is never used again.
  package struct ID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var number: Int
    package init(_ number: Int) { self.number = number }
    package static func < (a: Self, b: Self) -> Bool { a.number < b.number }
    package var description: String { String(number) }
  }

  package let id: ID
  package var opener: End
  package var acceptor: End
  /// How long a segment travels, one way.
  package var lag: Interval

  /// One end of the connection: who it is, and what its kernel knows.
  package struct End: Sendable, Equatable {
    package var party: Party
    package var address: Address
    /// How the node names the connection, until it closes it.
    var connection: ConnectionID?
  }

  package subscript(side: Side) -> End {
    get { side == .opener ? opener : acceptor }
    set { if side == .opener { opener = newValue } else { acceptor = newValue } }
  }
}
