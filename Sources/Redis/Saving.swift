/// What is known of the snapshots made so far (`INFO persistence`, LASTSAVE).
package struct Saving: Equatable, Sendable {
  /// When the last one succeeded; at first the start of the process.
  package var lastSave: Instant
  /// The last BGSAVE failed.
  package var lastFailed = false
  /// Seconds that the last BGSAVE took; nil before the first.
  package var lastDuration: Int64?

  init(started: Instant) { lastSave = started }
}
