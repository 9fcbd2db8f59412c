import RESP

/// The state of a replica's link to its master, and of the line being read from it.
///
///      NONE ──REPLICAOF──► CONNECT ──connect()──► CONNECTING
///                            ▲                        │ connected: PING
///                            │                 RECEIVE_PING_REPLY
///        any failure of the  │                        │ +PONG: [AUTH] REPLCONF… REPLCONF…
///        handshake: the next │                [RECEIVE_AUTH_REPLY]    masterauth set
///        cron tick tries     │                 RECEIVE_PORT_REPLY
///        again               ├──────────────── [RECEIVE_IP_REPLY]     replica-announce-ip set
///                            │                 RECEIVE_CAPA_REPLY
///                            │                        │ PSYNC
///                            │                 RECEIVE_PSYNC_REPLY
///        failures of the     │          +FULLRESYNC   │   +CONTINUE
///        transfer, and of a  │           or SYNC ▼    ▼
///        connected link: try ├────────────── TRANSFER ─► CONNECTED
///        again at once       └───────────────────┴────────┘
///
/// Where reality differs from redis.io's page: nobody waits for the reply to one REPLCONF before sending the next; a
/// replica that was a master asks for a partial resync of its own history first; and a reply to PSYNC that makes no
/// sense is not an error but means "use SYNC" (docs/PROTOCOL.md, 1).
package struct MasterLink: Equatable, Sendable {
  package enum State: Hashable, Sendable, CaseIterable {
    /// Not a replica.
    case none
    /// Must connect; the next cron tick does.
    case connect
    /// connect() is under way: the master's host decides.
    case connecting
    /// PING was sent; the master's turn, as in all that follow.
    case receivePingReply
    case receiveAuthReply
    case receivePortReply
    case receiveIPReply
    case receiveCapaReply
    case receivePsyncReply
    /// The master sends a snapshot, or first keeps the replica waiting with newlines.
    case transfer
    /// The stream is applied as it comes.
    case connected

    /// Whether the handshake is under way, in which the master's lines are waited for (`slaveIsInHandshakeState` in
    /// replication.c).
    package var isHandshake: Bool {
      switch self {
      case .receivePingReply, .receiveAuthReply, .receivePortReply, .receiveIPReply, .receiveCapaReply,
        .receivePsyncReply:
        true
      case .none, .connect, .connecting, .transfer, .connected: false
      }
    }

    /// What ROLE calls it (`roleCommand` in replication.c).
    package var roleName: String {
      switch self {
      case .none: "none"
      case .connect: "connect"
      case .connecting: "connecting"
      case .transfer: "sync"
      case .connected: "connected"
      default: "handshake"
      }
    }
  }

  /// Changes by the `become…` methods alone, with which what only one state has comes and goes.
  package private(set) var state: State = .none
  /// The connection to the master, from `connecting` to `transfer`; afterwards it is a client's.
  private(set) var socket: MasterSocket?
  @Boxed private var receiving: ReplicaTransfer?
  /// When the master was last heard of (`repl_transfer_lastio`).
  package var lastIO = Instant(microseconds: 0)
  /// Since when the link has been down; nil: it is up, or never was.
  package var downSince: Instant?
  /// The id that the last good `+FULLRESYNC` announced (`master_replid`); empty: none ever, or it made no sense.
  package var announcedID = ""
  /// The offset announced by this handshake (`master_initial_offset`); -1: none, as after SYNC.
  package var announcedOffset: Int64 = -1
  /// When Redis last sent the newline that keeps a master patient, in whole seconds.
  var newlineSent: Int64 = 0

  package var connection: ConnectionID? { socket?.id }
  /// When the rest of a half-received line must have come: Redis waits five seconds for each byte of it.
  var lineDeadline: Instant? { socket?.lineDeadline }
  /// Bytes of the master's that nobody has read.
  var unreadCount: Int { socket?.unread.count ?? 0 }

  /// What is being received; only in `.transfer` is there anything to receive.
  package internal(set) var transfer: ReplicaTransfer? {
    get { receiving }
    _modify {
      yield &receiving
      if state != .transfer, receiving != nil { receiving = nil }
    }
  }

  // MARK: From state to state

  private mutating func become(_ state: State, _ socket: MasterSocket? = nil, _ transfer: ReplicaTransfer? = nil) {
    self.state = state
    self.socket = socket
    // Most states have none, and leave the box as it is.
    if receiving != nil || transfer != nil { receiving = transfer }
  }

  /// No master is followed any more.
  mutating func becomeNone() {
    become(.none)
    downSince = nil
  }

  /// There is no connection: what came on the last one is forgotten.
  mutating func becomeConnect() { become(.connect) }

  mutating func becomeConnecting(_ connection: ConnectionID, descriptor: Int, at now: Instant) {
    become(.connecting, MasterSocket(id: connection, descriptor: descriptor))
    lastIO = now
  }

  /// The connection is up.
  mutating func becomeReceivePingReply(local: Address) {
    socket?.local = local
    state = .receivePingReply
  }

  /// The handshake goes on: another of the master's lines is waited for.
  mutating func become(next: State) {
    guard state.isHandshake, next.isHandshake else { return }
    state = next
  }

  mutating func becomeTransfer(_ transfer: ReplicaTransfer, at now: Instant) {
    become(.transfer, socket, transfer)
    lastIO = now
  }

  /// The stream follows.
  ///
  /// - Returns: the connection, which is a client's from now on; nil, and nothing has changed, if there is none.
  mutating func becomeConnected() -> MasterSocket? {
    guard let socket else { return nil }
    become(.connected)
    downSince = nil
    return socket
  }

  // MARK: What comes

  mutating func received(_ bytes: [UInt8]) { socket?.unread.append(contentsOf: bytes) }

  /// Throws away what nobody has read.
  mutating func dropUnread() { socket?.unread = [] }

  /// Takes the first bytes of what came.
  mutating func take(_ count: Int) -> [UInt8] { socket?.take(count) ?? [] }

  /// Takes the next line without its end, or nil if it is not there whole.
  mutating func takeLine(limit: Int, at now: Instant) -> [UInt8]? {
    let line = socket?.takeLine(limit: limit)
    socket?.lineDeadline = line == nil ? now + .seconds(5) : nil
    return line
  }

  /// The rest of a line has not come in time.
  mutating func giveUpLine() { socket?.lineDeadline = nil }
}

/// The connection to the master before it is a client's (`repl_transfer_s` in server.h).
struct MasterSocket: Equatable, Sendable {
  let id: ConnectionID
  let descriptor: Int
  /// Known once it is up.
  fileprivate(set) var local: Address?
  /// What came and is not yet a whole line.
  fileprivate(set) var unread: [UInt8] = []
  fileprivate var lineDeadline: Instant?

  fileprivate init(id: ConnectionID, descriptor: Int) {
    self.id = id
    self.descriptor = descriptor
  }

  /// Takes the first bytes of what came.
  fileprivate mutating func take(_ count: Int) -> [UInt8] {
    guard count < unread.count else {
      defer { unread = [] }
      return unread
    }
    defer { unread.removeFirst(count) }
    return Array(unread.prefix(count))
  }

  /// Takes the next line without its end, or nil if it is not there whole (`receiveSynchronousResponse` in
  /// replication.c; `syncReadLine` in syncio.c). A line longer than Redis's buffer is cut there, and the rest is the
  /// next line.
  fileprivate mutating func takeLine(limit: Int) -> [UInt8]? {
    if let end = unread.firstIndex(of: 10), end < limit {
      var line = Array(unread[..<end])
      if line.last == 13 { line.removeLast() }
      unread.removeFirst(end + 1)
      return line
    }
    guard unread.count >= limit else { return nil }
    let line = Array(unread[..<limit])
    unread.removeFirst(limit)
    return line
  }
}
