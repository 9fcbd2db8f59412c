// A data set on its way into memory, whether from files or from the connection to the master. The process does nothing else
// meanwhile but to process events now and then.
//
//                 ┌────────────── more ◄──────────────┐
//                 ▼                                    │
//     begin ──► reading ──the keys' time──► read ──► processingEvents
//                                            │
//                                            └──► end, or failure

/// One load.
package enum Load: Equatable, Sendable {
  /// From the connection to the master, by `ReplicaTransfer`.
  case connection(ConnectionID)
  case files(FileLoad)
}

/// What comes next in a load.
enum LoadStep: Equatable, Sendable {
  case reading
  /// What was read has had the time that it takes, and is there.
  case read
  /// Others are seen to.
  case processingEvents
}

/// What INFO tells of a load.
struct LoadingProgress: Equatable, Sendable {
  var started: Instant
  /// 0: not known, since only a mark will end it.
  var total: Int64
  /// What the snapshot says of the memory of the server that made it, which is all there is to go by then.
  var usedMemory: Int64 = 0
  var loaded: Int64 = 0
}

/// The loads under way. Nearly always there is one at most; but who is seen to while it goes on may ask for another.
package struct Loads: Equatable, Sendable {
  /// Each began while the one before it had events processed.
  var pile: [Load] = []
  /// Of the one that began last; nil once one has ended, as Redis keeps it for all together.
  var progress: LoadingProgress?
  var blocking: Blocking?
  /// A signal asked for the end of the process; it is done when somebody next looks.
  var shutdownIsAsked = false

  /// A load within so many others sees to nobody.
  static let deepest = 32

  /// Since when the timer has not turned (`blockingOperationStarts` in server.c).
  struct Blocking: Equatable, Sendable {
    var since: Instant
    /// The process starts: its timer has never turned.
    var isStart: Bool
    /// Up to which millisecond the turns that were missed have been counted, and how many they are.
    var counted: Int64
    var turns: Int64 = 0
  }
}

extension Node {
  /// The process does nothing but load: what its clients want has to wait.
  package var isBusyLoading: Bool { !loads.pile.isEmpty }

  /// (`startLoading` in rdb.c)
  mutating func beginLoading(_ load: Load, total: Int64, isAsync: Bool = false, isStart: Bool = false) {
    if loads.pile.isEmpty { loads.blocking = .init(since: now, isStart: isStart, counted: milliseconds) }
    loads.pile.append(load)
    loads.progress = LoadingProgress(started: now, total: total)
    isLoading = !isAsync
    (saving.lastLoadLoaded, saving.lastLoadExpired) = (0, 0)
  }

  /// (`stopLoading` in rdb.c)
  mutating func endLoading() {
    _ = loads.pile.popLast()
    isLoading = false
    loads.progress = nil
    guard loads.pile.isEmpty, let blocking = loads.blocking else { return }
    loads.blocking = nil
    holdUpTimer(blocking)
  }

  /// Goes on with the newest loads, down to `depth` of them, as far as that takes no time.
  ///
  /// - Returns: whether the last one that ended did so well; nil: none ended.
  @discardableResult
  mutating func runLoads(above depth: Int) -> Bool? {
    var outcome: Bool?
    while stall == nil, !hasExited, loads.pile.count > depth {
      let ended =
        switch loads.pile[loads.pile.count - 1] {
        case .connection(let connection): advanceLoad(from: connection)
        case .files(let load): advance(load)
        }
      outcome = ended ?? outcome
    }
    return outcome
  }

  /// So many keys have been read, each of which takes its time (`debugDelay` in debug.c).
  func loadingTime(_ keys: Int64) -> Interval { .microseconds(max(0, configuration.keyLoadDelay)) * keys }

  // MARK: Looking up

  /// The process sees to everybody but those whom it loads for, and to a signal that has come
  /// (`processEventsWhileBlocked` in networking.c; `whileBlockedCron` in server.c).
  mutating func processEventsWhileBlocked() {
    // Redis does so however deep it is, until its stack ends.
    guard loads.pile.count <= Loads.deepest else { return }
    // One whom a sleep has interrupted goes on first.
    for connection in clients.keys { processInput(of: connection) }
    if stall == nil { beforeSleepWhileLoading() }
    while stall == nil, !hasExited, let index = waiting.firstIndex(where: { !isHeldByLoad($0) }) {
      take(waiting.remove(at: index))
    }
    guard stall == nil, !hasExited, var blocking = loads.blocking, blocking.counted < milliseconds else { return }
    let period = Int64(1_000 / configuration.hz)
    let turns = (milliseconds - blocking.counted + period - 1) / period
    blocking.turns += turns
    blocking.counted += turns * period
    loads.blocking = blocking
    guard loads.shutdownIsAsked, loads.progress != nil else { return }
    loads.shutdownIsAsked = false
    beginShutdown(.nosave)
    if !hasExited {
      log(
        .warning, "SIGTERM received but errors trying to shut down the server, check the logs for more information")
    }
  }

  /// The connection that is loaded from, and a client whose command loads.
  private func isHeldByLoad(_ input: Input) -> Bool {
    guard let connection = input.connection else { return false }
    if clients[connection]?.flags.contains(.protected) == true { return true }
    return connection == replication.link.connection
      && loads.pile.contains {
        switch $0 {
        case .connection: true
        case .files(let load): load.purpose == .fullSync
        }
      }
  }

  /// A signal comes while the process loads: it is noted, and heeded when events are processed (`sigShutdownHandler` in
  /// server.c).
  mutating func hearSignal() {
    log(
      .warning,
      loads.progress == nil
        ? "Received SIGTERM scheduling shutdown..."
        : "Received shutdown signal during loading, scheduling shutdown.")
    loads.shutdownIsAsked = true
    // read(2) is begun again, and Redis then takes its time-out for another signal.
    guard case .reading? = stall?.cause else { return }
    replication.link.transfer?.isInterrupted = true
    stall?.end = nil
  }
}
