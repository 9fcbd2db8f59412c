/// When Linux acknowledges: at once while the connection is young or seems one-way ("quick"), with the reply or after
/// 40 ms once it has seen that the application answers what it reads ("interactive", Linux's ping-pong mode).
///
/// ```
///              reply within the timeout of what came
///   quick ────────────────────────────────────────────► interactive
///     ▲                                                      │
///     └──────────────────────────────────────────────────────┘
///        the delayed acknowledgement had to be sent after all
/// ```
///
/// Hence a replica's first ACK after a transfer is acknowledged 40 ms late, and the ones a second later at once
/// (captures fullsync-diskless and fullsync-disk).
struct AcknowledgementPolicy: Hashable, Sendable {
  /// Something has arrived that is to be acknowledged.
  private(set) var isScheduled = false
  /// One, and more than one, small segment has arrived since the last acknowledgement: reading them acknowledges them.
  private var smallArrived = false
  private var moreSmallArrived = false
  /// How many acknowledgements are still sent at once.
  private var quick: UInt32 = 0
  private(set) var isInteractive = false
  /// How long we wait for a reply, in nanoseconds; 0 before the first data.
  private var timeout: Int64 = 0
  private var lastArrival: Int64?
  /// When the delayed acknowledgement is sent.
  private(set) var deadline: Int64?
  /// The largest segment seen, 536 until a larger one comes (Linux's `rcv_mss`).
  private(set) var largestSegment: UInt32 = 536
  /// The length of the last segment that was neither full nor tiny: two alike in a row tell the peer's segment size.
  private var lastLength: UInt32 = 0

  private static let leastTimeout: Int64 = 40_000_000
  private static let retransmissionTimeout: Int64 = 204_000_000
  private static let mostQuick: UInt32 = 16
}

extension AcknowledgementPolicy {
  /// Data arrived. Returns whether its length is one that the window should learn from.
  mutating func dataArrived(length: UInt32, isPush: Bool, window: UInt32, at now: Int64) -> Bool {
    isScheduled = true
    let isFull = measure(length: length, isPush: isPush)
    if timeout == 0 {
      beQuick(window: window)
      timeout = Self.leastTimeout
    } else if let lastArrival {
      let gap = now - lastArrival
      if gap <= Self.leastTimeout / 2 {
        timeout = timeout / 2 + Self.leastTimeout / 2
      } else if gap < timeout {
        timeout = min(timeout / 2 + gap, Self.retransmissionTimeout)
      } else if gap > Self.retransmissionTimeout {
        beQuick(window: window)
      }
    }
    lastArrival = now
    return isFull
  }

  private mutating func measure(length: UInt32, isPush: Bool) -> Bool {
    let previous = lastLength
    lastLength = 0
    if length >= largestSegment {
      let isNew = length != largestSegment
      largestSegment = min(length, TCPSocket.maximumPayload)
      if isPush { smallArrived = true }
      return isNew
    }
    // 536 + 20 bytes of a whole segment, or 88 + 20 of one without PSH; the header takes 32.
    if length + 32 >= 556 || (length + 32 >= 108 && !isPush) {
      lastLength = length
      if length == previous {
        largestSegment = length
        return false
      }
    }
    if smallArrived { moreSmallArrived = true }
    smallArrived = true
    return false
  }

  private mutating func beQuick(window: UInt32) {
    quick = max(quick, min(max(window / (2 * largestSegment), 2), Self.mostQuick))
  }

  /// A segment let the window grow: at least one more acknowledgement is sent at once.
  mutating func windowGrew() { quick |= 1 }

  /// The peer has said its last word: what is to come from us comes soon.
  mutating func finArrived() {
    isScheduled = true
    isInteractive = true
  }

  /// Whether to acknowledge before the application has read.
  func isDueOnArrival(outstanding: UInt32, wouldNotShrink: Bool) -> Bool {
    isScheduled && ((outstanding > largestSegment && wouldNotShrink) || (quick > 0 && !isInteractive))
  }

  /// Whether to acknowledge when the application has read all there is.
  func isDueOnReading(outstanding: UInt32) -> Bool {
    isScheduled && (outstanding > largestSegment || moreSmallArrived || (smallArrived && !isInteractive))
  }

  /// Puts the acknowledgement off. Returns whether the pending one would come so soon that it is better sent now.
  mutating func delay(at now: Int64) -> Bool {
    // The round trip of the loopback bounds the delay to the least one, whatever the timeout is.
    let due = now + Self.leastTimeout
    if let deadline {
      if deadline <= now + Self.leastTimeout / 4 { return true }
      self.deadline = min(deadline, due)
    } else {
      deadline = due
    }
    return false
  }

  /// The delayed acknowledgement is being sent: the application does not answer as quickly as thought.
  mutating func delayMissed() {
    if isInteractive {
      isInteractive = false
      timeout = Self.leastTimeout
    } else {
      timeout = min(timeout * 2, Self.retransmissionTimeout)
    }
  }

  /// A packet with an acknowledgement leaves.
  mutating func acknowledged() {
    if isScheduled, quick > 0 {
      quick -= 1
      if quick == 0 { timeout = Self.leastTimeout }
    }
    isScheduled = false
    smallArrived = false
    moreSmallArrived = false
    deadline = nil
  }

  /// A packet with data leaves: if soon after some came, then this is a conversation.
  mutating func dataSent(at now: Int64) {
    if let lastArrival, now - lastArrival < timeout { isInteractive = true }
  }

  /// The connection is accepted: from now on gaps are measured.
  mutating func accepted(at now: Int64) { lastArrival = now }
}
