/// A choice that a node made, with the numbers that made it. Its words are made in one place, `Views`' `why`.
package enum Decision: Sendable, Hashable {
  // MARK: A replica, its connection and its handshake

  /// The node turned to its master: why now.
  case connect(to: Address, Reconnection)
  /// Connecting failed at once, without a packet: why.
  case cannotConnect(to: Address, ConnectFailure)
  /// The link is down; nothing is tried before the next cron tick.
  case waitForCron(to: Address, at: Instant)
  /// The master's reply to a step of the handshake, and what follows from it.
  case handshakeReply(MasterLink.State, reply: String, HandshakeOutcome)
  /// PSYNC asks to go on after `offset - 1` bytes of history `id`; `ownHistory`: it is the node's own, when it was a master.
  case askForPart(id: String, offset: Int64, ownHistory: Bool)
  /// `PSYNC ? -1`: there is no master in the cache whose history could be gone on with.
  case askForAll
  /// `+CONTINUE` named another id than the one that was followed: the master was promoted.
  case adoptNewID(old: String, new: String, offset: Int64)

  // MARK: A replica and the payload

  /// Where the payload goes: what was configured, and how many keys stood in the way.
  case transferTarget(ReplicaTransfer.Target, configured: Configuration.DisklessLoad, keys: Int)
  /// The old data goes on being served while the new is loaded, or not: it does if both are of one history.
  case serveWhileLoading(Bool, own: String, master: String)
  /// The data set of another history is about to be loaded: so many sub-replicas are dropped, and what they could go on with.
  case dropOwnReplicas(Int)
  /// What the master did can't be done here: the two have not the same data any more.
  case failMastersCommand([Bytes], error: String)

  // MARK: A master and who asks

  case refuseSync(SyncRefusal)
  /// PSYNC's answer: full or partial, with all numbers.
  case partialResync(ConnectionID, PartialResync, PartialResync.Verdict)
  /// The first replica, and no backlog: a new history begins, since none before can be vouched for.
  case beginHistory(id: String, offset: Int64)
  /// A snapshot is begun for these replicas, by this way.
  case snapshot(SnapshotTarget, replicas: [ConnectionID])
  /// A snapshot is put off: how long the oldest replica has waited of the delay, how many wait of how many that suffice
  /// (0: no number does).
  case delaySnapshot(waited: Int64, delay: Int64, waiting: Int, enough: Int)
  /// A snapshot under way serves the newcomer too, at the offset at which it began.
  case joinSnapshot(ConnectionID, offset: Int64)
  /// A snapshot under way does not serve the newcomer.
  case waitForNextSnapshot(ConnectionID, NextSnapshotReason)
  /// The child is dead or done; the replica is online, and silent until it acknowledges if `awaitsAcknowledgement`.
  case online(ConnectionID, awaitsAcknowledgement: Bool)
  /// The stream begins: so many bytes were kept for it.
  case startStream(ConnectionID, kept: Int64)

  // MARK: Who is master

  /// FAILOVER: clients' writes wait from now on, until a replica (the one that was named, or any) has all `offset` bytes, or
  /// the milliseconds are over; then it is handed over by force, or not at all.
  case awaitHandOver(to: Address?, offset: Int64, timeout: Int64?, isForced: Bool)
  /// The master becomes the replica of its replica: that has acknowledged so much of what there is; less only by force.
  case handOver(to: Address, acknowledged: Int64, offset: Int64)
  case abortFailover(to: Address?, FailoverEnd)
  /// A replica becomes a master: its history goes on after `offset` under another id.
  case becomeMaster(Promotion, old: String, new: String, offset: Int64)

  // MARK: A Sentinel

  /// A Sentinel can't reach an instance any more, or it is not what it should be.
  case subjectivelyDown(SentinelInstance.Kind, name: String, DownReason)
  /// So many Sentinels can't reach the master, of the quorum that has to agree.
  case objectivelyDown(master: String, sentinels: Int, quorum: Int)
  /// No failover yet: one was tried, or voted for, too short a time ago.
  case delayFailover(master: String, until: Instant)
  /// The Sentinel gives its vote of an epoch: `isOwn`, to itself.
  case vote(for: String, epoch: UInt64, isOwn: Bool)
  /// It has voted in that epoch, or in a later one, and keeps to it.
  case keepVote(asked: String, epoch: UInt64, given: String?, in: UInt64)
  /// Whether this Sentinel is elected to do the failover: it takes `needed` votes of `voters`.
  case countVotes([Votes], voters: Int, needed: Int, epoch: UInt64, isElected: Bool)
  /// Which of the replicas becomes the master; nil: none can.
  case selectReplica(master: String, [Candidate], chosen: String?)
  /// Another Sentinel knows of a newer failover.
  case takeConfiguration(master: String, own: UInt64, told: UInt64)
  /// The time between two turns of the timer was not what it should be: the Sentinel only looks on for a while.
  case tilt(milliseconds: Int64, limit: Int64)

  // MARK: The stream

  /// The replicas are told something else than what the client said.
  case rewrite(Rewriting)

  // MARK: WAIT

  /// The client waits until so many replicas have all up to `offset`, its last write, or the milliseconds are over (0: never);
  /// how far each replica is.
  case waitForReplicas(Int64, offset: Int64, timeout: Int64, [Progress])
  case answerWait(WaitEnd, asked: Int64, offset: Int64, [Progress])

  // MARK: Expiry

  /// A client touched a key whose time was up for so many milliseconds.
  case keyExpired(String, since: Int64, Expiry)
  /// The timer found so many keys whose time was up, in this database; the first of them.
  case deleteExpired(Int, first: String, database: Int)

  // MARK: Memory

  /// A key goes, since memory is over maxmemory.
  case evict(EvictedKey)

  // MARK: The disk

  /// What the node started with.
  case loaded(LoadReport)

  // MARK: Limits and timers

  case dropReplica(ConnectionID, DropReason)
  /// The master was silent for longer than repl-timeout, in seconds.
  case giveUpMaster(MasterLink.State, silent: Int64, timeout: Int64)
  case freeBacklog(idle: Int64, ttl: Int64)
  case refuseCommand(CommandRefusal)
  /// The command waits.
  case holdBack(command: String, HoldReason)
  case refuseConnection(clients: Int, maxclients: Int64)
  case closeClient(ConnectionID, ClientEnd)

  // MARK: Who may do what

  /// AUTH, or HELLO's AUTH, as this user.
  case logIn(String, Login)
  /// The client has not logged in, and the default user needs a password.
  case requireLogIn(command: String)
  /// The user's rules do not allow it.
  case deny(Denied, user: String)

  /// Why an instance is down for a Sentinel; times are in milliseconds.
  package enum DownReason: Hashable, Sendable {
    /// It owes an answer, or there is no connection, for longer than down-after-milliseconds.
    case silent(milliseconds: Int64, limit: Int64)
    /// A master says that it is a replica.
    case saysReplica(milliseconds: Int64, limit: Int64)
    /// It was started again (`master-reboot-down-after-period`).
    case rebooted(milliseconds: Int64, limit: Int64)
  }

  /// The votes of an epoch for one Sentinel.
  package struct Votes: Hashable, Sendable {
    package var sentinel: String
    package var count: Int

    init(for sentinel: String, count: Int) { (self.sentinel, self.count) = (sentinel, count) }
  }

  /// A replica that could become the master.
  package struct Candidate: Hashable, Sendable {
    package var name: String
    /// The lowest comes first.
    package var priority: Int32
    /// Of these with equal priority the highest.
    package var offset: UInt64
    /// Of these with equal offsets the lowest.
    package var runID: String?
    /// Why it can't.
    package var flaw: Flaw?

    package enum Flaw: Hashable, Sendable {
      case down, disconnected, priorityZero
      case silent(milliseconds: Int64)
      case oldInfo(milliseconds: Int64, limit: Int64)
      case linkDownTooLong(milliseconds: Int64, limit: Int64)
    }
  }

  /// How far a replica is.
  package struct Progress: Hashable, Sendable {
    package var replica: ConnectionID
    package var acknowledged: Int64
    /// Only then does WAIT count it.
    package var isOnline: Bool

    package init(_ replica: ConnectionID, acknowledged: Int64, isOnline: Bool = true) {
      self.replica = replica
      self.acknowledged = acknowledged
      self.isOnline = isOnline
    }
  }

  package enum FailoverEnd: Hashable, Sendable {
    /// Nobody has acknowledged all `offset` bytes; the one asked for, or else the best, has so many.
    case timeout(acknowledged: Int64?, offset: Int64)
    /// FAILOVER ABORT.
    case told
    /// What the target answered to PSYNC … FAILOVER; nil if it closed the connection.
    case rejected(reply: String?)
  }

  package enum Promotion: Hashable, Sendable, CaseIterable {
    /// REPLICAOF NO ONE.
    case told
    /// PSYNC … FAILOVER came from its master.
    case failover
    /// It was handing over, and that was aborted.
    case failoverAborted
  }

  package enum WaitEnd: Hashable, Sendable, CaseIterable {
    /// They had it when WAIT came.
    case atOnce
    /// EXEC does not wait.
    case inTransaction
    case enough
    case timeout
  }

  package enum Expiry: Hashable, Sendable, CaseIterable {
    case deletes
    /// A client of a writable replica writes to it: the replica deletes it for itself alone.
    case deletesOnReplica
    /// A replica hides it, and waits for its master's DEL.
    case leavesToMaster
    /// While clients are paused nothing is deleted.
    case leavesDuringPause
  }

  package enum HoldReason: Hashable, Sendable {
    case clientPause(until: Instant, onlyWrites: Bool)
    case failover
    case shutdown
  }

  package enum ClientEnd: Hashable, Sendable {
    /// `timeout`, in seconds.
    case idle(seconds: Int64, timeout: Int64)
    /// Its bytes break the protocol, or one of its limits.
    case protocolBroken(String)
  }

  package enum Login: Hashable, Sendable, CaseIterable {
    case rightPassword
    /// `nopass`.
    case anyPassword
    case wrongPassword
    case noSuchUser
    case userIsOff
  }

  package enum Denied: Hashable, Sendable {
    case command(String)
    case key(String, of: String)
    case channel(String, of: String)
  }

  package enum Reconnection: Hashable, Sendable, CaseIterable {
    /// REPLICAOF, or the start of the server.
    case told
    /// It hands over by FAILOVER, to the node that is its master from now on.
    case handOver
    /// The cron found the link down.
    case cron
    /// A connected master was lost: waiting could cost the part of the backlog that is missing.
    case lostMaster
    /// The transfer failed, or timed out.
    case failedTransfer
    case timeout
  }

  package enum HandshakeOutcome: Hashable, Sendable {
    case goOn
    /// An error that does not matter.
    case ignoreError
    /// Close, and try again at the next cron tick.
    case tryLater
    /// Not an answer to PSYNC: the master may be so old that it only knows SYNC.
    case fallBackToSync
    case full(id: String, offset: Int64)
    /// A `+FULLRESYNC` that makes no sense: a full sync, but nothing to go on with afterwards.
    case fullWithoutID
    case partial
  }

  package enum SyncRefusal: Hashable, Sendable {
    case alreadyReplica
    case failoverToMaster
    case failoverWithOtherID(asked: String, own: String)
    case failingOver
    case ownLinkDown(MasterLink.State)
    case pendingOutput(Int)
    case filterWithoutEOF
    case badOffset(String)
  }

  package enum SnapshotTarget: Hashable, Sendable {
    /// Every waiting replica understands the end mark, and the configuration wants no disk.
    case sockets
    case disk(replDisklessSync: Bool, allUnderstandEOF: Bool)
  }

  package enum NextSnapshotReason: Hashable, Sendable, CaseIterable {
    /// The one under way goes straight to other replicas' sockets.
    case goesToSockets
    /// Nobody has kept the stream since it began, or the newcomer can do less than those who have.
    case nobodyToJoin
    case otherChild
  }

  package enum DropReason: Hashable, Sendable {
    case silent(seconds: Int64, timeout: Int64)
    case notReading(seconds: Int64, timeout: Int64)
    case outputBuffer(bytes: Int64, limit: Int64)
    /// It generated a reply to a command.
    case reply
    case snapshotFailed
    case historyChanged
  }

  /// Why a client's command is refused, apart from who the client is.
  package enum CommandRefusal: Hashable, Sendable {
    case readOnlyReplica
    case goodReplicas(Int, needed: Int, maxLag: Int64)
    /// `replica-serve-stale-data no`, and the link is in this state.
    case masterDown(MasterLink.State)
    /// New data is loaded beside the old, and the command would meddle with that.
    case loadingBeside
    case loading
    /// The last snapshot failed, and `stop-writes-on-bgsave-error` is yes.
    case snapshotFailed
    case appendOnlyFailed
    /// DEBUG or MODULE: the directive that forbids it, and what it is.
    case protected(command: String, directive: String, value: String)
    /// Memory is over maxmemory, and nothing may go, or nothing is left that may.
    case outOfMemory(used: Int, maxmemory: Int, MaxmemoryPolicy)
    /// The client is a replica.
    case fromReplica
    /// A script runs for too long, or a function.
    case busyScript(isEval: Bool)
  }
}
