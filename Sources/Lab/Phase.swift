/// Where in the protocol a replica and its master are: what `next` goes to the next one of.
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
  /// The replica loads the payload.
  case load
  /// Commands, and their acknowledgements.
  case stream
}
