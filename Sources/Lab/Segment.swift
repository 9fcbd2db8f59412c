import Redis

/// One TCP segment in flight.
package struct Segment: Sendable, Equatable {
  package enum Kind: Sendable, Hashable {
    case syn, synAck, ack, data, fin, reset
  }
}
