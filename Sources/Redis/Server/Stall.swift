/// The process does one thing and nothing else; what comes meanwhile waits in the kernel (`Node.waiting`).
package struct Stall: Equatable, Sendable {
  package enum Cause: Equatable, Sendable {
    /// `DEBUG SLEEP`, begun at that time.
    case sleep(since: Instant)
    /// A snapshot is loaded from this connection, and read(2) waits for more of it.
    case reading(ConnectionID)
    /// Keys are loaded at the pace of `key-load-delay`.
    case loading
    /// fsync(2), begun at that time, waits for a disk; what the process does next.
    case disk(since: Instant, then: [Effect])
    /// A script runs (`BusyScript`).
    case script
    /// The next server of the process has not begun yet.
    case execution
  }

  package var cause: Cause
  /// When the process goes on by itself; a read gives up then. nil: never.
  package var end: Instant?
}

extension Node {
  /// Takes an input while the process is busy; true if that is all that can be done with it now.
  mutating func sleepThrough(_ input: Input) -> Bool {
    guard let stall else { return false }
    switch (stall.cause, input) {
    case (_, .disk(let state)): changeDisk(to: state)
    case (_, .terminate) where isBusyLoading: hearSignal()
    case (.reading(let connection), _) where input.connection == connection:
      self.stall = nil
      take(input)
      goOn()
    case (.loading, .resumed(let since)):
      // Each key has a sleep of its own, and none is slept while the process stands still.
      self.stall?.end = stall.end.map { $0 + (now - since) }
    case (_, .wakeUp), (_, .resumed): break
    default: waiting.append(input)
    }
    if self.stall == stall, let end = stall.end, now >= end { wake(from: stall.cause) }
    return true
  }

  private mutating func wake(from cause: Stall.Cause) {
    stall = nil
    switch cause {
    case .sleep(let since): if !isBusyLoading { holdUpTimer(since: since) }
    case .disk(let since, let effects):
      self.effects += effects
      if !isBusyLoading { holdUpTimer(since: since) }
      // Of the payload for whose file it was.
      if let connection = replication.link.connection { receiveFromMaster([], on: connection) }
    case .reading: loadingInterrupted("Connection timed out")
    case .loading: break
    case .script: noteSlowScript()
    case .execution: return takeWaiting()
    }
    goOn()
    if case .reading = cause { return }
    // Timers come after what was to be read.
    if isTurn, stall == nil, !hasExited { take(.wakeUp) }
  }

  /// The process goes on with what it loads, then with the rest of what it had read, then with what came since; each may
  /// make it busy again.
  private mutating func goOn() {
    runLoads(above: 0)
    while case .reading(let connection)? = stall?.cause,
      let index = waiting.firstIndex(where: { $0.connection == connection })
    {
      stall = nil
      take(waiting.remove(at: index))
      runLoads(above: 0)
    }
    if stall != nil || hasExited { return }
    for connection in clients.keys { goOnReading(connection) }
    if stall == nil { beforeSleep() }
    takeWaiting()
    if loads.shutdownIsAsked, !isBusyLoading, !hasExited {
      loads.shutdownIsAsked = false
      beginShutdown([])
    }
  }

  /// Goes through the rest of what has come, behind the command that took its time.
  private mutating func goOnReading(_ connection: ConnectionID) {
    processInput(of: connection)
    guard stall == nil, clients[connection]?.isHeld == false else { return }
    clients[connection]?.reading = nil
    clients[connection]?.running = nil
  }

  private mutating func takeWaiting() {
    while stall == nil, !hasExited, !waiting.isEmpty { take(waiting.removeFirst()) }
  }
}

extension Input {
  /// Whose bytes, or whose end, it tells.
  var connection: ConnectionID? {
    switch self {
    case .received(let connection, _), .closed(let connection, _): connection
    default: nil
    }
  }
}
