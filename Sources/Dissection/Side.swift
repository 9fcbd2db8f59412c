/// One of the two ends of a connection.
package enum Side: UInt8, Sendable, Hashable, CaseIterable {
  /// The end that connected: a replica, or a client.
  case opener
  /// The end that listened: a master, or the node a client talks to.
  case acceptor

  package var other: Side { self == .opener ? .acceptor : .opener }
}
