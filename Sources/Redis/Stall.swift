/// The process does one thing and nothing else; what comes meanwhile waits in the kernel (`Node.waiting`).
package struct Stall: Equatable, Sendable {
  package enum Cause: Equatable, Sendable {
    /// `DEBUG SLEEP`, begun at that time.
    case sleep(since: Instant)
    /// A snapshot is loaded from this connection, and read(2) waits for more of it.
    case reading(ConnectionID)
    /// Keys are loaded at the pace of `key-load-delay`.
    case loading
    /// The next server of the process has not begun yet.
    case execution
  }

  package var cause: Cause
  /// When the process goes on by itself; a read gives up then.
  package var end: Instant
}

extension Node {
  /// Takes an input while the process is busy; true if that is all that can be done with it now.
  mutating func sleepThrough(_ input: Input) -> Bool {
    guard let stall else { return false }
    switch (stall.cause, input) {
    case (_, .disk(let state)): disk = state
    case (.reading, .terminate), (.loading, .terminate):
      // A signal is heard at any time, and half a data set is not worth an orderly end.
      self.stall = nil
      terminate()
    case (.reading(let connection), _) where input.isAbout(connection):
      self.stall = nil
      take(input)
      catchUp()
    case (_, .wakeUp), (_, .resumed): break
    default: waiting.append(input)
    }
    if self.stall == stall, now >= stall.end { wake(from: stall.cause) }
    return true
  }

  private mutating func wake(from cause: Stall.Cause) {
    stall = nil
    switch cause {
    case .sleep(let since):
      holdUpTimer(since: since)
      // First the rest of what had been read, then what came since; either may put the process to sleep again.
      for connection in Array(clients.keys) { processInput(of: connection) }
    case .reading: loadingInterrupted("Connection timed out")
    case .execution: return takeWaiting()
    case .loading:
      loadedStretch()
      if case .reading(let connection)? = stall?.cause { receiveFromMaster([], on: connection) }
    }
    catchUp()
    // Timers come after what was to be read.
    if case .sleep = cause, isTurn, stall == nil, !hasExited { take(.wakeUp) }
  }

  /// The process has come back to its event loop, or to the connection that it loads from: what waits is taken in order.
  private mutating func catchUp() {
    if hasExited { return }
    if stall == nil { beforeSleep() }
    takeWaiting()
  }

  private mutating func takeWaiting() {
    while !hasExited, let index = nextWaiting { take(waiting.remove(at: index)) }
  }

  /// What can be taken now of what waits: what comes first, or, while a snapshot is read, what is of its connection.
  private var nextWaiting: Int? {
    switch stall?.cause {
    case nil: waiting.isEmpty ? nil : 0
    case .reading(let connection): waiting.firstIndex { $0.isAbout(connection) }
    case .sleep, .loading, .execution: nil
    }
  }

  /// A process that loads looks up now and then, and sees to everybody but the master that it loads from
  /// (`processEventsWhileBlocked` in networking.c).
  mutating func processEventsWhileBlocked() {
    let loading = replication.link.connection
    stall = nil
    let others = waiting.filter { input in loading.map { !input.isAbout($0) } ?? true }
    waiting.removeAll { input in loading.map { !input.isAbout($0) } ?? true }
    for input in others where !hasExited { take(input) }
  }
}

extension Input {
  /// Bytes on the connection, or its end.
  fileprivate func isAbout(_ connection: ConnectionID) -> Bool {
    switch self {
    case .received(connection, _), .closed(connection, _): true
    default: false
    }
  }
}
