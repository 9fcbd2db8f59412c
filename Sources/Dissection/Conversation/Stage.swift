/// Where a connection is in the protocol. The steps of the handshake bear the names of the states that a replica goes
/// through (server.h, REPL_STATE_…); a command and its reply belong to the same step.
///
///     replica                                master
///     PING                              ──►           RECEIVE_PING_REPLY
///                                       ◄──  +PONG
///     AUTH [user] password              ──►           RECEIVE_AUTH_REPLY   (only with masterauth)
///     REPLCONF listening-port PORT      ──►           RECEIVE_PORT_REPLY
///     REPLCONF ip-address IP            ──►           RECEIVE_IP_REPLY     (only with replica-announce-ip)
///     REPLCONF capa eof capa psync2     ──►           RECEIVE_CAPA_REPLY
///                                       ◄──  +OK, one for each
///     PSYNC ID OFFSET                   ──►           RECEIVE_PSYNC_REPLY
///                                       ◄──  +FULLRESYNC ID OFFSET, or +CONTINUE ID, or an error
///                                       ◄──  $EOF:MARK or $LENGTH, the payload, the mark     TRANSFER
///                                       ◄──  commands, byte after byte                       CONNECTED
///     REPLCONF ACK OFFSET               ──►           (no reply)
package enum Stage: UInt8, Sendable, Hashable, CaseIterable, Comparable {
  /// Nothing says yet, or will ever, that this is more than a client's connection.
  case commands
  case receivePingReply
  /// The PING is answered, what follows has not been sent.
  case sendHandshake
  case receiveAuthReply
  case receivePortReply
  case receiveIPReply
  case receiveCapaReply
  /// All of the handshake is answered, PSYNC has not been sent.
  case sendPsync
  case receivePsyncReply
  /// The master agreed to send, or is sending, the payload.
  case transfer
  /// The master's commands flow; the master calls such a replica `online`.
  case connected
  /// The bytes broke the protocol.
  case broken

  /// Redis's own name.
  package var name: String {
    switch self {
    case .commands: "commands"
    case .receivePingReply: "RECEIVE_PING_REPLY"
    case .sendHandshake: "SEND_HANDSHAKE"
    case .receiveAuthReply: "RECEIVE_AUTH_REPLY"
    case .receivePortReply: "RECEIVE_PORT_REPLY"
    case .receiveIPReply: "RECEIVE_IP_REPLY"
    case .receiveCapaReply: "RECEIVE_CAPA_REPLY"
    case .sendPsync: "SEND_PSYNC"
    case .receivePsyncReply: "RECEIVE_PSYNC_REPLY"
    case .transfer: "TRANSFER"
    case .connected: "CONNECTED"
    case .broken: "broken"
    }
  }

  package var isHandshake: Bool { self >= .receivePingReply && self <= .receivePsyncReply }

  package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
