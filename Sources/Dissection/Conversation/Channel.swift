/// One of the two ends of a connection.
package enum Side: UInt8, Sendable, Hashable, CaseIterable {
  /// The end that connected: a replica, or a client.
  case opener
  /// The end that listened: a master, or the node a client talks to.
  case acceptor

  package var other: Side { self == .opener ? .acceptor : .opener }
}

/// What a connection is in a sync that takes two of them: the stream comes over one while the snapshot comes over the
/// other.
///
/// ```
///             the stream's connection                    the snapshot's connection
///   Redis     +RDBCHANNELSYNC 7                          REPLCONF … rdb-channel 1 main-ch-client-id 7 …
///   Valkey    REPLCONF set-rdb-client-id 7               $ENDOFF:OFFSET ID DATABASE 7
/// ```
package struct Channel: Hashable, Sendable {
  package enum Role: Sendable, Hashable {
    case stream
    case snapshot
  }

  package var role: Role
  /// The master's number for one of the two clients, which is told on both connections.
  package var client: Int64

  package init(_ role: Role, client: Int64) {
    self.role = role
    self.client = client
  }

  /// What the other connection is.
  var other: Channel { Channel(role == .stream ? .snapshot : .stream, client: client) }
}
