import OrderedCollections
import RESP

/// A Redis 7.0 server as a value: it is told what happened and says what to do, and knows no clock, socket or file.
///
/// Copying a node forks it: the copy shares what it can and goes its own way.
package struct Node: Equatable, Sendable {
  private let passedInPlace = PassedInPlace()
  @Boxed package var configuration: Configuration
  /// Whether it is a Sentinel, and no server (`server.sentinel_mode`).
  package let isSentinel: Bool
  package var databases: Databases
  package internal(set) var functions = FunctionLibraries()
  /// In the order in which they came.
  package var clients = ClientTable()
  package var replication: Replication
  /// What it knows where it runs in Sentinel mode.
  @Boxed package internal(set) var sentinel = Sentinel()
  package var random: SeededRandom
  package var chance: Chance
  package var statistics = Statistics()
  package internal(set) var accessControl = AccessControl()
  /// The file of `aclfile`, as it was read at the start or written since; nil: there is none.
  var aclFile: [UInt8]?
  /// The file that the process was started with, as CONFIG REWRITE has left it; nil: with directives alone.
  package var configFile: ConfigurationFile?
  /// The 40 hexadecimal digits by which INFO names this run of the server.
  package var runID: String

  /// What it does when memory is short.
  var eviction = Eviction()
  /// The most that the keys have taken of memory.
  var peakDataMemory = 0
  /// By which the use of keys is told: the timer's last turn (`lruclock`).
  var lruClock: Instant

  /// The time of the input being handled.
  package internal(set) var now: Instant
  /// The turn of the timer at which the log was last told what there is; -1: none yet.
  var lastKeyspaceLog: Int64 = -1
  /// When the process started.
  package internal(set) var started: Instant
  /// What the timer's turns are counted from: the start, and later where turns were missed.
  var timerOrigin: Instant
  /// Changes to the data set since the last snapshot (`rdb_changes_since_last_save`).
  package var dirty: Int64 = 0
  /// 1 and 2 are Redis's own clients, for scripts and for functions.
  package var nextClientID = 3
  /// A snapshot is being loaded: most commands get -LOADING.
  package var isLoading = false

  package internal(set) var children = ChildSlot()
  package var saving: Saving
  package var appendOnly = AppendOnly()
  /// Which hosts there are.
  package var hosts = HostNames()
  /// What write(2) says at present.
  package internal(set) var disk: DiskState = .ok
  /// How many keys are being watched by all clients together.
  var watchCount = 0
  /// Who waits for which keys.
  var blockingKeys = BlockingKeys()
  /// Who wants to hear what is published where.
  package internal(set) var pubsub = PubSub()
  /// Clients that are shown every command, in the order in which they asked for it.
  var monitors: [ConnectionID] = []
  /// How many clients track (`server.tracking_clients`): asked at each turn.
  var trackingClients = 0
  @Boxed var tracking = Tracking()
  @Boxed var slowlog = Slowlog()
  @Boxed var latencyMonitor = LatencyMonitor()
  /// Scripts by their digests, in the order in which they came.
  package internal(set) var scripts = ScriptCache()
  /// The script that runs.
  var script: RunningScript?
  /// One that has run and was slow, until its command is over.
  var slowScript: Boxed<RunningScript>?
  /// A script that goes on, and what comes of it.
  var busy: BusyScript? {
    get { busyScript?.value }
    set { busyScript = newValue.map { Boxed($0) } }
  }
  /// It is rare, and whether there is one is asked at every command.
  private var busyScript: Boxed<BusyScript>?
  var hasBusyScript: Bool { busyScript != nil }
  /// What math.random goes on from in scripts: where it begins is the same in every server.
  var scriptRandom: UInt64 = 0x1234_ABCD_330E
  /// Between EXEC and its end.
  var isInExec = false
  /// The client whose command is being executed is this node's master.
  var executingMaster = false
  /// What of the clients' commands is held back, and until when.
  package internal(set) var pauses = Pauses()
  /// A turn of the timer came since the input before this one, or comes with it.
  var isTurn = false
  /// What the process is busy with, and what has come meanwhile, in order.
  package internal(set) var stall: Stall?
  var waiting: [Input] = []
  /// Data sets on their way into memory.
  var loads = Loads()
  /// A shutdown that waits for the replicas.
  package internal(set) var shutdown: Shutdown?
  /// The process is to be executed anew as soon as it has ended, after so long (`DEBUG RESTART`).
  package internal(set) var restart: Interval?
  /// The number of the process, where it is the one of the server before (execve keeps it).
  var inheritedProcess: Int?
  /// What is on the disk, lent by the host while an input is handled: what nobody has asked for costs nothing.
  package var lentFiles: LentFiles?
  /// Lent by the host while an input is handled: whether somebody still waits for what comes of it; nil: whatever it takes.
  package var patience: Patience?
  /// The process has ended: nothing can happen to it any more.
  package internal(set) var hasExited = false
  /// The timer's turns do nothing (`DEBUG PAUSE-CRON`).
  var isCronPaused = false
  /// Expired keys are looked for on their own (`DEBUG SET-ACTIVE-EXPIRE`).
  var expiresActively = true
  /// Keys that clients of a writable replica gave an expiry; each bit stands for a database.
  var ownExpiries: OrderedDictionary<Bytes, UInt64> = [:]
  /// What time alone would bring is another's to decide: when a ping goes out, when an expired key that nobody asks for is
  /// deleted, when the snapshot that replicas wait for begins, and when one on disk is seen to be ready. Set where the
  /// node stands in the place of a recorded one, whose times these are.
  package var followsRecording = false

  /// The client whose command is being executed.
  package internal(set) var executing: ConnectionID?
  /// What is pushed to that client while it is, if anything may be.
  var executingReply: SharedReply?
  /// What the running unit (a command, or a transaction) has to tell the replicas, in order.
  var pendingPropagation: [PropagatedCommand] = []
  /// What the input being handled has caused so far; empty between inputs.
  var effects: [Effect] = []

  package init(
    configuration: Configuration, seed: UInt64, chance: Chance = Chance(), hosts: HostNames = HostNames(), now: Instant
  ) {
    (self.configuration, self.hosts) = (configuration, hosts)
    isSentinel = configuration.isSentinel
    var random = SeededRandom(seed: seed)
    self.runID = chance.runIDs.first ?? random.hex(40)
    self.chance = chance
    if !self.chance.runIDs.isEmpty { self.chance.runIDs.removeFirst() }
    self.random = random
    self.now = now
    self.lruClock = now
    self.started = now
    self.timerOrigin = now
    self.saving = Saving(started: now)
    self.databases = Databases(count: configuration.databases)
    databases.integerUse = SharedIntegerUse(first: KeyUse(configuration.maxmemoryPolicy, clock: now, now: now).unused)
    self.replication = Replication()
    self.replication.ids.start(drawReplicationID())
    if isSentinel,
      let sentinel = try? Sentinel(configuration.sentinelDirectives, hosts, at: now.milliseconds)
    {
      self.sentinel = sentinel
    }
  }

  /// Handles one input and returns what follows from it, in order.
  package mutating func handle(_ input: Input, at now: Instant) -> [Effect] {
    if case .clockSet(let shift) = input { moveClock(by: shift) }
    let before = self.now
    self.now = now
    if case .resumed(let since) = input, !isBusyLoading { holdUpTimer(since: since) }
    if case .resumed(let since) = input, isSentinel { sentinel.heldUpSince = since }
    isTurn = turn(atOrAfter: before + .microseconds(1)) <= now || turn(atOrAfter: now) == now
    if isTurn {
      lruClock = turn(atOrBefore: now)
      notePeak()
    }
    if !hasExited, !sleepThrough(input) { take(input) }
    replication.overview.update(replication.replicas, clients)
    let caused = effects
    effects = []
    return caused
  }

  /// One turn of the event loop.
  mutating func take(_ input: Input) {
    endBusyScript()
    switch input {
    case .start(let files): start(files: files)
    case .accepted(let connection, let peer, let local): accept(connection, peer: peer, local: local)
    case .connected(let connection, let local):
      if !instanceConnected(connection, local: local) { receiveConnected(connection, local: local) }
    case .connectFailed(let connection, let failure):
      instanceConnectionLost(connection)
      receiveConnectFailure(connection, failure)
    case .received(let connection, let bytes): receive(bytes, from: connection)
    case .closed(let connection, let reset): connectionClosed(connection, reset: reset)
    case .written(let connection): replicaWritten(connection)
    case .wakeUp: if !hasBusyScript { cron() }
    case .disk(let state): changeDisk(to: state)
    case .terminate: terminate()
    case .resumed, .clockSet: break
    }
    evictIfDue()
    // A process that has just gone to sleep gets no further in this turn.
    if stall == nil { isBusyLoading ? beforeSleepWhileLoading() : beforeSleep() }
  }

  /// The process sleeps, or loads: it reads nothing.
  package var isStalled: Bool { stall != nil }

  /// When the node next wants `Input.wakeUp`, or nil while only others can make something happen.
  package var nextWakeup: Instant? {
    if hasExited { return nil }
    if let stall { return stall.end }
    if hasBusyScript { return busy?.end }
    if isCronPaused { return nextReplicationDeadline }
    return nextExpiryWakeup.earlier(nextClientsWakeup).earlier(nextSaveWakeup).earlier(nextAppendOnlyWakeup)
      .earlier(nextShutdownWakeup).earlier(nextReplicationTime).earlier(nextSentinelWakeup).earlier(
        nextKeyspaceLogWakeup)
  }

  /// Adds an effect to those that the input being handled causes.
  package mutating func emit(_ effect: Effect) { effects.append(effect) }

  /// A line of the log, if `loglevel` lets it through (`_serverLog` in server.c).
  package mutating func log(_ level: LogEntry.Level, _ text: String) {
    if level >= configuration.loglevel { effects.append(.log(LogEntry(level, text))) }
  }

  /// exit(3).
  mutating func exitProcess(code: Int) {
    emit(.exit(code: code))
    hasExited = true
  }
}
