/// One TCP connection over Linux's loopback as a value: who sent what, what is acknowledged, and which packets that makes.
///
/// ```
///   opener                                   acceptor
///   connect(at:)          ── S ──────────►   receive(_:at:)
///                         ◄───────── S. ──
///   receive(_:at:)        ── . ──────────►   connection accepted
///   send(_:from:at:)      ── P. ─────────►   receive(_:at:) returns the bytes
///                         ◄────────── . ──   at once, piggybacked on a reply, or after 40 ms
///   close(_:at:)          ── F. ─────────►
///                         ◄───────── F. ──   close(_:at:)
///                         ── . ──────────►
/// ```
///
/// Each packet that a method returns is on the wire from then on; the caller carries it to the other end when it likes, in
/// order, and hands it to `receive(_:at:)`. Nothing is lost and nothing is sent twice: the loopback loses nothing.
///
/// What is modelled is what captures of Linux 6.x on `lo` show: sequence numbers, IP ids, millisecond timestamps, windows
/// with a scale of 10, quick and delayed acknowledgements, Nagle's algorithm, segments of up to half the largest window
/// seen, a receive buffer that fills while its application does not read, down to a window of zero. What is not: congestion
/// control (the loopback's round trips open the window before it matters), automatic growth of the receive buffer,
/// retransmission, the probes of a zero window, and keep-alive.
///
/// Times are nanoseconds since 1970-01-01 00:00:00 UTC.
package struct TCPConversation: Hashable, Sendable {
  package enum Side: UInt8, Hashable, Sendable, CaseIterable {
    /// The end that connected.
    case opener
    /// The end that listened.
    case acceptor

    package var other: Side { self == .opener ? .acceptor : .opener }
  }

  /// What a kernel draws at random for one end of a connection.
  package struct Chance: Hashable, Sendable {
    /// The sequence number of the SYN.
    package var sequence: UInt32
    /// What is added to the clock's milliseconds to give a timestamp.
    package var timestampOffset: UInt32
    /// The id of the first IP datagram; the SYN-ACK has 0 and does not count.
    package var identification: UInt16

    package init(sequence: UInt32, timestampOffset: UInt32, identification: UInt16) {
      self.sequence = sequence
      self.timestampOffset = timestampOffset
      self.identification = identification
    }

    package init(using random: inout some RandomNumberGenerator) {
      let bits = random.next()
      self.init(
        sequence: UInt32(truncatingIfNeeded: bits), timestampOffset: UInt32(truncatingIfNeeded: bits >> 32),
        identification: UInt16(truncatingIfNeeded: random.next()))
    }
  }

  /// What an application learns of its connection.
  package enum Event: Hashable, Sendable {
    /// For the opener: connect(2) succeeded.
    case connected
    /// For the opener: nobody listens there.
    case refused
    /// For the acceptor: accept(2) returns the connection.
    case accepted
    /// The other end has sent all that it will ever send (FIN).
    case peerClosed
    /// The other end broke the connection (RST).
    case peerReset
  }

  /// What comes of the arrival of a packet.
  package struct Reception: Hashable, Sendable {
    /// What the receiving kernel sends at once, in order: acknowledgements, data that waited for one, a reset.
    package var responses: [Packet] = []
    /// What the receiving application reads.
    package var bytes = SharedBytes.empty
    /// What it learns besides; `accepted` and `connected` before the bytes, the others after them.
    package var events: [Event] = []
  }

  private var opener: TCPSocket
  private var acceptor: TCPSocket

  package init(
    from opener: Endpoint, to acceptor: Endpoint, opener openerChance: Chance, acceptor acceptorChance: Chance
  ) {
    self.opener = TCPSocket(local: opener, remote: acceptor, chance: openerChance, state: .closed)
    self.acceptor = TCPSocket(local: acceptor, remote: opener, chance: acceptorChance, state: .listen)
  }

  /// The socket of one end, to look at.
  package private(set) subscript(side: Side) -> TCPSocket {
    _read { if side == .opener { yield opener } else { yield acceptor } }
    _modify { if side == .opener { yield &opener } else { yield &acceptor } }
  }

  /// The end that sent the packet, which must be one of this conversation.
  package func sender(of packet: Packet) -> Side { packet.source == opener.local ? .opener : .acceptor }
}

// MARK: - What applications do

extension TCPConversation {
  /// connect(2) by the opener: the SYN.
  package mutating func connect(at now: Int64) -> Packet { opener.connect(at: now) }

  /// One write(2). Returns the packets that leave now; what the peer's window or Nagle's algorithm holds back leaves
  /// later, as a response to an acknowledgement.
  package mutating func send(_ bytes: [UInt8], from side: Side, at now: Int64) -> [Packet] {
    self[side].write(SharedBytes(bytes), at: now)
  }

  /// close(2): a FIN behind all that is still unsent. Nothing is read any more: data that arrives later is answered with
  /// a reset.
  package mutating func close(_ side: Side, at now: Int64) -> [Packet] { self[side].close(at: now) }

  /// Breaks the connection with a reset, as close(2) does while there is something unread (or with SO_LINGER 0).
  package mutating func abort(_ side: Side, at now: Int64) -> [Packet] { self[side].abort(at: now) }

  /// TCP_NODELAY: whether small segments leave although an earlier one is unacknowledged. Redis sets it on every
  /// connection that it accepts and redis-cli on its own; a replica's link has it only after the handshake.
  package mutating func setNoDelay(_ noDelay: Bool, _ side: Side) { self[side].noDelay = noDelay }
}

// MARK: - What the network does

extension TCPConversation {
  /// A packet of the one end arrives at the other. `isListening` is asked only where a SYN arrives: with nobody
  /// listening, the answer is a reset.
  /// Unless the application `isReading`, what arrives stays in the receive buffer, and takes room there.
  package mutating func receive(
    _ packet: Packet, at now: Int64, isListening: Bool = true, isReading: Bool = true
  ) -> Reception {
    self[sender(of: packet).other].receive(packet, at: now, isListening: isListening, isReading: isReading)
  }

  /// The application reads all that is in the receive buffer; what that makes room for may be news to the peer.
  package mutating func read(_ side: Side, at now: Int64) -> [Packet] { self[side].read(at: now) }

  /// The end's machine has lost its power: nothing is left of its socket, and nobody is told.
  package mutating func losePower(_ side: Side) { self[side].losePower() }

  /// When the end will acknowledge what it has put off to acknowledge, unless it sends something before.
  package func delayedAckDeadline(_ side: Side) -> Int64? { self[side].delayedAckDeadline }

  /// The end whose delayed acknowledgement is due first, and when.
  package var nextDelayedAck: (side: Side, deadline: Int64)? {
    switch (opener.delayedAckDeadline, acceptor.delayedAckDeadline) {
    case (let ours?, let theirs?): ours <= theirs ? (.opener, ours) : (.acceptor, theirs)
    case (let ours?, nil): (.opener, ours)
    case (nil, let theirs?): (.acceptor, theirs)
    case (nil, nil): nil
    }
  }

  /// The timer of the delayed acknowledgement fires; does nothing if none is pending.
  package mutating func fireDelayedAck(_ side: Side, at now: Int64) -> [Packet] { self[side].fireDelayedAck(at: now) }

  /// Bytes that the end has put on the wire and that the other end has not acknowledged.
  package func unacknowledged(_ side: Side) -> Int { self[side].unacknowledgedCount }

  /// Bytes that the application has written and the kernel has not sent yet.
  package func unsent(_ side: Side) -> Int { side == .opener ? opener.unsentCount : acceptor.unsentCount }
}
