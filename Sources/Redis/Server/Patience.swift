import Synchronization

/// Whether whoever waits for what a process does goes on waiting. The host lends it while an input is handled; once somebody has
/// given up, the process does no more of what takes long, and the host throws away what has become of it.
package final class Patience: Sendable {
  private let ends: @Sendable () -> Bool
  private let hasEnded = Atomic<Bool>(false)

  /// - Parameter ends: is asked in the middle of what may take long.
  package init(_ ends: @escaping @Sendable () -> Bool) { self.ends = ends }

  /// Somebody gave up when he was asked: what was done since is worth nothing.
  package var isOver: Bool { hasEnded.load(ordering: .relaxed) }

  /// Asks.
  func runsOut() -> Bool {
    if isOver { return true }
    guard ends() else { return false }
    hasEnded.store(true, ordering: .relaxed)
    return true
  }
}

extension Patience: Equatable {
  /// It is the host's, and no part of the value of whom it is lent to.
  package static func == (a: Patience, b: Patience) -> Bool { true }
}

extension Node {
  /// Whoever waits has given up: what is still done is thrown away.
  var isGivenUp: Bool { patience?.runsOut() ?? false }
}
