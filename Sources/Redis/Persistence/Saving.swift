/// What is known of the snapshots made so far (`INFO persistence`, LASTSAVE).
package struct Saving: Equatable, Sendable {
  /// When the last one succeeded; at first the start of the process.
  package var lastSave: Instant
  /// When the last BGSAVE was begun.
  package var lastTry: Instant
  /// The last BGSAVE failed.
  package var lastFailed = false
  /// Seconds that the last BGSAVE took; nil before the first.
  package var lastDuration: Int64?
  /// What the last snapshot that was loaded held, and left out as expired.
  package var lastLoadLoaded: Int64 = 0
  package var lastLoadExpired: Int64 = 0
  /// A BGSAVE is to begin as soon as it can.
  package var isScheduled = false

  init(started: Instant) {
    lastSave = started
    lastTry = started
  }
}
