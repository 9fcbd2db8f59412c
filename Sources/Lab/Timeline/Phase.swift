import Dissection

/// Where in the protocol a replica and its master are: what `next` goes to the next one of.
///
///     connect ─► handshake ─► psync ─┬─ +FULLRESYNC ─► wait ─► transfer ─► load ─► stream
///                                    └─ +CONTINUE ──────────────────────────────► stream
package enum Phase: String, Sendable, Hashable, CaseIterable {
  /// TCP's own three packets.
  case connect
  /// PING, AUTH and the REPLCONFs.
  case handshake
  /// PSYNC until its answer.
  case psync
  /// The master prepares a snapshot, or waits for more replicas.
  case wait
  /// The payload.
  case transfer
  /// The replica has the payload, and loads it.
  case load
  /// Commands, and their acknowledgements.
  case stream
}

extension Link {
  /// What a message that arrived says about where the link is.
  mutating func enterPhase(of message: Message, _ entered: inout [Phase]) {
    Phase.follow(message, phase: &phase, payloadLength: &payloadLength, &entered)
  }
}

extension Phase {
  /// What a message that arrived says about where its link is; nothing for a client's.
  static func follow(
    _ message: Message, phase: inout Phase?, payloadLength: inout Int?, _ entered: inout [Phase]
  ) {
    guard let old = phase else { return }
    switch message.kind {
    case .fullResync: phase = .wait
    // What is missing follows at once, or nothing is.
    case .partialResync: phase = .stream
    case .payloadHeader(let form):
      phase = .transfer
      payloadLength = if case .sized(let length) = form { length } else { nil }
    case .payload(let range): phase = range.upperBound == payloadLength ? .load : .transfer
    case .endMark: phase = .load
    default: phase = Phase(of: message.stage) ?? phase
    }
    if let phase, phase != old { entered.append(phase) }
  }
}

extension Phase {
  /// The phase to which a stage belongs; nil for those that only a message tells.
  fileprivate init?(of stage: Stage) {
    switch stage {
    case .receivePingReply, .sendHandshake, .receiveAuthReply, .receivePortReply, .receiveIPReply, .receiveCapaReply,
      .sendPsync:
      self = .handshake
    case .receivePsyncReply: self = .psync
    case .connected: self = .stream
    case .commands, .transfer, .broken: return nil
    }
  }
}
