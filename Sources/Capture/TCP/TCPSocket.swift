/// One end of a connection: what Linux keeps in its `tcp_sock`, as far as the loopback needs it.
///
/// The names of RFC 9293 stand beside the fields: SND.UNA, SND.NXT, RCV.NXT and so on.
package struct TCPSocket: Hashable, Sendable {
  /// The states of RFC 9293, figure 5. There is no `closed` before `listen` here: an acceptor listens from the start.
  package enum State: UInt8, Hashable, Sendable {
    case closed, listen, synSent, synReceived, established
    case finWait1, finWait2, closing, timeWait
    case closeWait, lastAck
  }

  package let local: Endpoint
  package let remote: Endpoint
  package internal(set) var state: State

  // What is sent.

  /// ISS: the number of the SYN, from which tcpdump counts.
  package let initialSequence: UInt32
  /// SND.UNA: the first byte that is not acknowledged.
  package internal(set) var sendUnacknowledged: UInt32
  /// SND.NXT: the byte after the last one sent.
  package internal(set) var sendNext: UInt32
  /// What the peer lets us send beyond `sendUnacknowledged`, in bytes, and the largest that it ever was.
  package internal(set) var peerWindow: UInt32 = 0
  var largestPeerWindow: UInt32 = 0
  /// Written but not sent, in the segments that it will be sent in.
  var unsent: [Unsent] = []
  /// The end of the last segment that was sent smaller than full (Minshall's form of Nagle's algorithm).
  var smallSegmentEnd: UInt32
  /// The end of the last byte that was marked with PSH.
  var pushedEnd: UInt32
  package internal(set) var noDelay = true

  /// One segment that waits to be sent.
  struct Unsent: Hashable, Sendable {
    var payload: SharedBytes
    var push = false
    var fin = false
  }

  // What is received.

  /// RCV.NXT: the byte that is expected next.
  package internal(set) var receiveNext: UInt32 = 0
  var acknowledgements = AcknowledgementPolicy()
  var window: ReceiveWindow

  // What goes into every header.

  package let timestampOffset: UInt32
  /// TS.Recent: the timestamp that is echoed.
  var recentTimestamp: UInt32 = 0
  var identification: UInt16
  /// The application has closed and the peer has acknowledged that: Linux keeps no full socket any more.
  var isStandIn = false

  init(local: Endpoint, remote: Endpoint, chance: TCPConversation.Chance, state: State) {
    self.local = local
    self.remote = remote
    self.state = state
    initialSequence = chance.sequence
    sendUnacknowledged = chance.sequence
    sendNext = chance.sequence
    smallSegmentEnd = chance.sequence
    pushedEnd = chance.sequence
    timestampOffset = chance.timestampOffset
    identification = chance.identification
    window = ReceiveWindow(initial: state == .listen ? Self.acceptorWindow : Self.openerWindow)
  }

  /// The loopback's MTU of 65,536 less the two headers, and less the timestamps too. The first window is the largest
  /// multiple of it within half of the 128 KiB that a socket may hold.
  static let maximumSegment: UInt16 = 65_495
  static let maximumPayload: UInt32 = 65_483
  static let openerWindow: UInt32 = 65_495
  static let acceptorWindow: UInt32 = 65_483
  static let windowScale: UInt8 = 10

  package var delayedAckDeadline: Int64? { acknowledgements.deadline }
  var unacknowledgedCount: Int { Int(sendNext &- sendUnacknowledged) }
  var unsentCount: Int {
    // Asked where it is: a socket is not copied for it.
    @inline(__always) get { unsent.isEmpty ? 0 : unsent.reduce(0) { $0 + $1.payload.count } }
  }
}

extension UInt32 {
  /// Whether a sequence number comes after another one, on the circle of all of them.
  func isAfter(_ other: UInt32) -> Bool { Int32(bitPattern: self &- other) > 0 }
}
