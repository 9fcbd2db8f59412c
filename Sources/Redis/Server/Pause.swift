import RESP

/// Until when commands of clients wait: one pause for each purpose, so that the end of one leaves the others as they
/// are (`pauseClients`, `updateClientPauseTypeAndEndTime` in networking.c).
package struct Pauses: Equatable, Sendable {
  package enum Purpose: Int, CaseIterable, Sendable {
    /// `CLIENT PAUSE`.
    case command
    /// A shutdown waits for the replicas.
    case shutdown
    /// A FAILOVER waits for its replica.
    case failover
  }

  package struct Pause: Equatable, Sendable {
    /// In milliseconds since 1970, and still paused in that one.
    package var end: Int64
    /// Reads go on.
    package var onlyWrites: Bool
  }

  /// In the order of the purposes.
  private var each: [Pause?] = Purpose.allCases.map { _ in nil }
  /// The most restrictive kind of pause that there is, and when the last one of that kind ends.
  package private(set) var current: Pause?
  /// Less is held back than before: those who wait are to try again.
  var hasEased = false

  package subscript(purpose: Purpose) -> Pause? { each[purpose.rawValue] }

  /// The longer and the stricter one of two pauses for the same purpose counts (`pauseClients` in networking.c).
  mutating func pause(_ purpose: Purpose, until end: Int64, onlyWrites: Bool, now: Int64) {
    let old = each[purpose.rawValue]
    each[purpose.rawValue] = Pause(
      end: max(end, old?.end ?? end), onlyWrites: onlyWrites && (old?.onlyWrites ?? true))
    update(now)
  }

  mutating func end(_ purpose: Purpose, now: Int64) {
    guard each[purpose.rawValue] != nil else { return }
    each[purpose.rawValue] = nil
    update(now)
  }

  /// Forgets what is over; a shorter pause of a milder kind may only come to light then
  /// (`checkClientPauseTimeoutAndReturnIfPaused` in networking.c).
  mutating func expire(_ now: Int64) {
    if let current, current.end < now { update(now) }
  }

  /// Whether anything is held back in this millisecond.
  func isActive(_ now: Int64) -> Bool { current != nil && each.contains { $0.map { $0.end >= now } ?? false } }

  /// Finds the pause that counts, and whether it holds back less than the one before (`updateClientPauseTypeAndEndTime`
  /// in networking.c).
  private mutating func update(_ now: Int64) {
    let before = current
    for index in each.indices where each[index].map({ $0.end < now }) == true { each[index] = nil }
    let pauses = each.compactMap(\.self)
    let onlyWrites = pauses.allSatisfy(\.onlyWrites)
    current = pauses.filter { $0.onlyWrites == onlyWrites }.map(\.end).max()
      .map { Pause(end: $0, onlyWrites: onlyWrites) }
    if Pauses.rank(current) < Pauses.rank(before) { hasEased = true }
  }

  private static func rank(_ pause: Pause?) -> Int { pause.map { $0.onlyWrites ? 1 : 2 } ?? 0 }
}

extension Node {
  /// Clients' commands wait from here on (`pauseClients` in networking.c).
  mutating func pauseClients(_ purpose: Pauses.Purpose, until end: Int64 = .max, onlyWrites: Bool = true) {
    pauses.pause(purpose, until: end, onlyWrites: onlyWrites, now: milliseconds)
  }

  /// One purpose no longer holds them back (`unpauseClients` in networking.c).
  mutating func unpauseClients(_ purpose: Pauses.Purpose) { pauses.end(purpose, now: milliseconds) }

  /// Commands of clients wait, whatever for (`areClientsPaused`, `checkClientPauseTimeoutAndReturnIfPaused` in
  /// networking.c).
  var areClientsPaused: Bool { pauses.isActive(milliseconds) }

  /// When the timer next finds a pause over; one without an end is ended by what it waits for.
  var nextPauseWakeup: Instant? {
    guard let end = pauses.current?.end, end < .max / 2_000 else { return nil }
    return turn(atOrAfter: max(Instant(microseconds: (end +| 1) *| 1_000), now + .microseconds(1)))
  }

  /// Runs the commands that were held back, once less is than before; each may have to wait again, or else its client
  /// goes on with what it sent (`unblockPostponedClients`, `processPendingCommandAndInputBuffer` in networking.c).
  mutating func resumePaused() {
    guard pauses.hasEased else { return }
    pauses.hasEased = false
    for connection in clients.keys {
      guard case .paused(let arguments)? = clients[connection]?.blocked?.reason else { continue }
      clients[connection]?.blocked = nil
      process(arguments, of: connection)
      commandProcessed(of: connection)
      processInput(of: connection)
    }
  }
}
