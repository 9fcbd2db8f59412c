// A machine has two clocks: one that is set by people and by NTP, and one that only goes on (`getMonotonicUs` in monotonic.c). Here
// there is one, which is the first; where it is set, what goes by the second moves with it.

extension Node {
  /// The clock was set. Timers, sleeps and children go on as they would have; what counts in seconds since 1970 does not know of
  /// it: expiry, and how long somebody has been silent.
  mutating func moveClock(by shift: Interval) {
    if isSentinel, sentinel.heldUpSince == nil { sentinel.heldUpSince = now }
    now = now + shift
    timerOrigin = timerOrigin + shift
    if var standing = stall {
      if case .sleep(let since) = standing.cause { standing.cause = .sleep(since: since + shift) }
      standing.end = standing.end.map { $0 + shift }
      stall = standing
    }
    if hasBusyScript { busy?.moveClock(by: shift) }
    if case .ended(let moment)? = child?.process.state { children.become(.ended(moment + shift)) }
  }
}
