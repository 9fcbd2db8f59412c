import Capture

/// What one packet brought to one connection.
package struct Observation: Equatable, Sendable {
  /// The connection's number, from 1 in the order in which connections were first seen.
  package var connection: Int
  /// Who sent the packet; nil if no packet brought this: the recording ended, or other packets took the ports.
  package var side: Side?
  /// The messages that became whole.
  package var messages: [Message] = []
  package var remarks: [Remark] = []

  package init(connection: Int, side: Side? = nil, messages: [Message] = [], remarks: [Remark] = []) {
    self.connection = connection
    self.side = side
    self.messages = messages
    self.remarks = remarks
  }
}

/// Bytes of one side of a connection, counted from 0 as in `Message.range`.
package struct Stretch: Hashable, Sendable {
  package var side: Side
  package var range: Range<Int>

  package init(_ side: Side, _ range: Range<Int>) {
    self.side = side
    self.range = range
  }
}

/// What TCP did, where it was more than to carry bytes in their order.
package enum Remark: Hashable, Sendable {
  /// The connection's first SYN.
  case begins
  /// The recording began, or its writer looked away, when the connection was there already.
  case underWay
  /// The connection has the endpoints of an earlier one.
  case portsUsedAgain(earlier: Int)
  /// Who had been taken for the opener is the acceptor; what was read before this was read the wrong way round.
  case sidesTurned
  /// Nothing that was said has told who opened the connection: what is read from here on goes by the ports, and may be read
  /// the wrong way round.
  case sidesGuessed
  /// The two are one sync: the stream comes over one, the snapshot over the other.
  case joined(other: Int)
  /// Bytes that came before, again. Whether they are the same, if those are still known.
  case retransmission(Stretch, agrees: Bool?)
  /// A part of a segment came before. What came first is kept; of what only waited, the segment that fills the gap is
  /// taken, as Linux does.
  case overlap(Stretch, agrees: Bool?)
  /// The segment waits for `missing` bytes before it.
  case outOfOrder(Stretch, missing: Int)
  /// Bytes that the recording has not, and why it is certain that they won't come.
  case lost(Stretch, Reason)
  /// After a loss, or a beginning in the middle, this is the first byte that could be read again.
  case found(Side, at: Int)
  /// The segment was read from text, which does not show every byte; the marks count from the stretch's first one.
  case readFromText(Stretch, PayloadReading)
  /// A segment before the next byte that asks whether the peer is still there.
  case keepAliveProbe(Side)
  /// The same, or a byte more than the peer has room for, asking whether it has room again.
  case windowProbe(Side)
  /// Bytes too far from those expected to be of this connection; they are ignored.
  case outOfWindow(Side, count: Int)
  /// A side has sent all that it will (FIN).
  case finished(Side)
  case reset(by: Side)
  /// Other packets took the connection's ports before it had ended.
  case abandoned
  /// Too many connections were open at once: this one, long silent, was given up. What comes on it opens another.
  case forgotten

  /// Why bytes are given up.
  package enum Reason: Hashable, Sendable {
    /// The receiver acknowledged them: it has them.
    case acknowledged
    /// The capture's snapshot length cut them off.
    case cut
    /// The connection, or the recording, ended.
    case ended
    /// So much waited behind them that it could be held no longer.
    case tooMuchHeld
  }
}
