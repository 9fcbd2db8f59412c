/// What a replica remembers of the master whose stream it applies, or applied before the link broke.
///
/// The client that carries the link comes and goes; this is what a `PSYNC` needs.
package struct MasterSession: Equatable, Sendable {
  /// The connection of the client that is the master; nil while cached.
  package var connection: ConnectionID?
  /// The master's replication id.
  package var id: String
  /// Bytes of the stream that were applied (`slave_repl_offset`). -1: the master only knew SYNC.
  package var offset: Int64
  /// The database that the stream has selected; kept, since `+CONTINUE` repeats no SELECT.
  package var database = 0
  /// The master was reached by SYNC, and is not told of offsets (CLIENT_PRE_PSYNC).
  package var isPrePsync = false
  /// The number of the client that it is, which stays the same while it is cached, and when that client came.
  package var clientID: Int?
  var clientCreated: Instant?
  /// Not a master that was followed, but this node's own past as one: its successor may go on from there.
  package var isOwnPast = false

  package init(connection: ConnectionID?, id: String, offset: Int64, database: Int = 0, isPrePsync: Bool = false) {
    self.connection = connection
    self.id = id
    self.offset = offset
    self.database = database
    self.isPrePsync = isPrePsync
  }
}
