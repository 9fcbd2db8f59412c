/// `CLIENT PAUSE`: commands wait until its end.
package struct Pause: Equatable, Sendable {
  package var end: Instant
  /// Reads go on.
  package var onlyWrites: Bool
}

extension Node {
  /// Expired keys are neither deleted nor shown while clients wait.
  var isExpiryPaused: Bool { pause != nil }
}
