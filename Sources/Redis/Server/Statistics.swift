/// What is counted until `CONFIG RESETSTAT`.
package struct Statistics: Equatable, Sendable {
  package var connectionsReceived: Int64 = 0
  package var connectionsRejected: Int64 = 0
  package var commandsProcessed: Int64 = 0
  package var inputBytes: Int64 = 0
  package var outputBytes: Int64 = 0
  /// Streams and snapshots, which are not among the bytes above.
  package var replicationInputBytes: Int64 = 0
  package var replicationOutputBytes: Int64 = 0
  /// read(2) and write(2) calls that moved something.
  package var reads: Int64 = 0
  package var writes: Int64 = 0
  /// How often the timer made the reply buffer of a client that is gone smaller or bigger.
  var bufferShrinks: Int64 = 0
  var bufferExpands: Int64 = 0
  /// Snapshots begun, and children that were forked.
  package var saves: Int64 = 0
  package var forks: Int64 = 0
  package var expiredKeys: Int64 = 0
  package var evictedKeys: Int64 = 0
  /// For how long memory was over maxmemory.
  var evictionExceeded = Interval.zero
  /// Keys whose memory another thread gave back.
  package var lazyfreedObjects: Int64 = 0
  package var keyspaceHits: Int64 = 0
  package var keyspaceMisses: Int64 = 0
  package var errorReplies: Int64 = 0
  /// Errors that were the answer to a master, to a replica or to the append-only file.
  package var unexpectedErrorReplies: Int64 = 0
  /// How often each error was sent, by its first word.
  package var errors: [String: Int64] = [:]
  /// How many errors had been sent when a command was last charged with them.
  var errorsCharged: Int64 = 0
  package var commands = CommandStatistics()
  /// Replication's own: full and partial resynchronizations.
  package var syncFull: Int64 = 0
  package var syncPartialOK: Int64 = 0
  package var syncPartialError: Int64 = 0
}
