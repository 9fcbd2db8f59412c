/// The counters of `INFO stats`.
package struct Statistics: Equatable, Sendable {
  package var connectionsReceived: Int64 = 0
  package var connectionsRejected: Int64 = 0
  package var commandsProcessed: Int64 = 0
  package var inputBytes: Int64 = 0
  package var outputBytes: Int64 = 0
  /// read(2) and write(2) calls that moved something.
  package var reads: Int64 = 0
  package var writes: Int64 = 0
  /// Snapshots made since the start.
  package var saves: Int64 = 0
  /// What the last snapshot that was loaded held, and left out as expired.
  package var lastLoadLoaded: Int64 = 0
  package var lastLoadExpired: Int64 = 0
  package var expiredKeys: Int64 = 0
  package var keyspaceHits: Int64 = 0
  package var keyspaceMisses: Int64 = 0
  package var errorReplies: Int64 = 0
  /// Errors that were the answer to a master, to a replica or to the append-only file.
  package var unexpectedErrorReplies: Int64 = 0
  /// How often each error was sent, by its first word.
  package var errors: [String: Int64] = [:]
  /// Replication's own: full and partial resynchronizations.
  package var syncFull: Int64 = 0
  package var syncPartialOK: Int64 = 0
  package var syncPartialError: Int64 = 0
}
