/// `DEBUG SLEEP`: the process does nothing until a moment; what comes meanwhile waits in the kernel.
package struct Stall: Equatable, Sendable {
  package var end: Instant
  /// What came, in order, with the time at which it came.
  var waiting: [Input] = []

  init(until end: Instant) { self.end = end }
}

extension Node {
  /// Takes an input while the process sleeps; true if that is all that can be done with it now.
  mutating func sleepThrough(_ input: Input) -> Bool {
    guard let end = stall?.end else { return false }
    if input != .wakeUp { stall?.waiting.append(input) }
    guard now >= end else { return true }
    let waiting = stall?.waiting ?? []
    stall = nil
    // First the rest of what had been read, then what came since; either may put the process to sleep again.
    for connection in Array(clients.keys) { processInput(of: connection) }
    if stall == nil { beforeSleep() }
    for input in waiting {
      if stall == nil { take(input) } else { stall?.waiting.append(input) }
    }
    return true
  }
}
