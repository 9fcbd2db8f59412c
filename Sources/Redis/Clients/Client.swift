import RESP

/// One client of a node: redis-cli, a replica, or the node's own master.
package struct Client: Equatable, Sendable {
  package let id: Int
  package let connection: ConnectionID
  /// Where the client connected from, and to.
  package let peer: Address
  package let local: Address
  package var name = Bytes()
  package var database = 0
  package var flags: ClientFlags = []
  package var created: Instant
  package var lastInteraction: Instant
  /// The full name of the last command, for `CLIENT LIST`.
  package var lastCommand: String?
  /// The file descriptor of the connection.
  package internal(set) var descriptor = 0
  var buffers: ClientBuffers
  /// What the query buffer holds, from a read(2) to the end of what is done with what it brought.
  var reading: Int?
  /// The command that runs, or that the client waits in.
  var running: Arguments?

  /// Reads commands from what the client sends.
  package var decoder = RequestDecoder()
  /// What the client is still to be sent at the end of this input.
  package var reply = ReplyBuffer()

  /// Whose rights the client has; nil: it may do anything, as a replica's master.
  package var user: Bytes? = User.defaultName
  /// Whether it has logged in, which is so from the start where the default user needs no password.
  package var isAuthenticated = true

  /// Set between MULTI and EXEC.
  package var transaction: Transaction?
  package var watched: [WatchedKey] = []
  /// What the client wants to hear of.
  package var subscriptions = ClientSubscriptions()
  /// Set while it is told of keys that change (CLIENT TRACKING).
  package var tracking: Tracking?
  /// The id of the client that is told of them in its place; 0: itself. It stays when tracking ends, and holds for what is still
  /// to be told then (`client_tracking_redirection` in server.h).
  var redirect = 0

  /// What the node knows of this client as its replica: set by REPLCONF, SYNC and PSYNC.
  package var replica: ReplicaSession?
  var isKnownAsReplica: Bool {
    @inline(__always) get { if case .some = replica { true } else { false } }
  }
  /// This client is the node's master; its stream is applied, not answered.
  package var isMaster: Bool { flags.contains(.master) }
  /// Bytes of the master's stream that were read but not yet counted as applied: an unfinished command, or commands
  /// within a MULTI (they count when EXEC has run).
  package var unappliedStream: [UInt8] = []
  /// The replication offset after this client's last write, for WAIT.
  package var lastWriteOffset: Int64 = 0
  /// Set while the client waits, in WAIT or for a pause to end, and reads no further command.
  package var blocked: BlockedState? {
    get { waiting?.value }
    set { waiting = newValue.map { Boxed($0) } }
  }
  /// Few wait, and whether one does is asked at every change of it.
  private var waiting: Boxed<BlockedState>?
  package var isBlocked: Bool { waiting != nil }

  /// The client's command is not over.
  var isHeld: Bool { isBlocked || flags.contains(.protected) }

  /// The peer has broken the connection: its address is no longer known to the kernel.
  var wasReset = false

  init(id: Int, connection: ConnectionID, peer: Address, local: Address, now: Instant, buffers: ClientBuffers) {
    self.id = id
    self.connection = connection
    self.peer = peer
    self.local = local
    self.created = now
    self.lastInteraction = now
    self.buffers = buffers
  }

  /// How much memory a command's arguments take: their bytes, and a pointer to each.
  struct Arguments: Equatable, Sendable {
    var bytes: Int
    var count: Int
    var memory: Int { bytes + 8 * count }
  }
}

package struct ClientFlags: OptionSet, Sendable, Hashable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let replica = ClientFlags(rawValue: 1 << 0)
  package static let master = ClientFlags(rawValue: 1 << 1)
  /// Closed once its replies are sent.
  package static let closeAfterReply = ClientFlags(rawValue: 1 << 2)
  /// Closed at the end of this input, without its replies (`freeClientAsync` in networking.c).
  package static let closeASAP = ClientFlags(rawValue: 1 << 3)
  package static let noEvict = ClientFlags(rawValue: 1 << 4)
  package static let replyOff = ClientFlags(rawValue: 1 << 5)
  /// The next command is not answered (`CLIENT REPLY SKIP` was just said).
  package static let replySkipNext = ClientFlags(rawValue: 1 << 6)
  package static let replySkip = ClientFlags(rawValue: 1 << 7)
  /// It is shown every command, and is otherwise treated as a replica.
  package static let monitor = ClientFlags(rawValue: 1 << 8)
  /// Its command waits for a load: nothing is read from it, and it is not closed (`protectClient` in networking.c).
  package static let protected = ClientFlags(rawValue: 1 << 9)
  /// It has subscribed to something, and not unsubscribed from everything since.
  package static let pubsub = ClientFlags(rawValue: 1 << 10)
}

/// The commands queued since MULTI (`initClientMultiState` in multi.c).
package struct Transaction: Equatable, Sendable {
  package var queue: [[Bytes]] = []
  /// The flags that at least one of them has, and those that all of them have: EXEC is judged by these.
  package var anyFlags: CommandFlags = []
  package var allFlags = CommandFlags(rawValue: .max)
  /// A command could not be queued: EXEC will refuse.
  package var isAborted = false
}

package struct WatchedKey: Equatable, Sendable {
  package var database: Int
  package var key: Bytes
  /// The key had already expired when it was watched.
  package var wasExpired: Bool
  package var isTouched = false
}

/// Why a client's commands are held back, and until when.
package struct BlockedState: Equatable, Sendable {
  package enum Reason: Equatable, Sendable {
    /// WAIT: until `replicas` of them have acknowledged `offset`.
    case wait(replicas: Int, offset: Int64)
    /// BLPOP and its like, until one of their keys holds something.
    case keys(KeyWait)
    /// SHUTDOWN, until the process is gone or the shutdown is called off.
    case shutdown
    /// `CLIENT PAUSE`, or a failover under way: this command is tried again when it ends.
    case paused([Bytes])
  }
  package var reason: Reason
  /// nil: no time limit.
  package var deadline: Instant?
  /// The command in which it waits, as it may be shown.
  package var request: [Bytes] = []

  package init(reason: Reason, deadline: Instant?) {
    self.reason = reason
    self.deadline = deadline
  }
}
