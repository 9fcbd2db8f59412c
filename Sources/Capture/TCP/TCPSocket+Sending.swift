// What leaves a socket, and when.

extension TCPSocket {
  mutating func connect(at now: Int64) -> Packet {
    precondition(state == .closed, "connect in state \(state)")
    state = .synSent
    let options = handshakeOptions(at: now)
    let packet = makePacket(.syn, options: options, window: UInt16(Self.openerWindow), at: now)
    sendNext &+= 1
    identification &+= 1
    smallSegmentEnd = sendNext
    pushedEnd = sendNext
    return packet
  }

  /// Queues the bytes and sends what may be sent, as tcp_sendmsg does.
  mutating func write(_ bytes: SharedBytes, at now: Int64) -> [Packet] {
    guard state == .established || state == .closeWait || state == .synSent || state == .synReceived else { return [] }
    var packets: [Packet] = []
    var position = 0
    while position < bytes.count {
      let full = fullSegment
      if position == 0, let last = unsent.indices.last, unsent[last].payload.count < full {
        position = min(full - unsent[last].payload.count, bytes.count)
        unsent[last].payload = SharedBytes(Array(unsent[last].payload.slice) + bytes[..<position].slice)
        unsent[last].push = false
      } else {
        let end = min(position + full, bytes.count)
        unsent.append(Unsent(payload: bytes[position..<end]))
        position = end
      }
      guard position < bytes.count else { break }
      if writeEnd.isAfter(pushedEnd &+ largestPeerWindow / 2) {
        markPush()
        packets += transmitUnsent(at: now, ignoringNagle: true)
      } else if unsent.count == 1 {
        packets += transmitUnsent(at: now, ignoringNagle: true)
      }
    }
    markPush()
    return packets + transmitUnsent(at: now)
  }

  mutating func close(at now: Int64) -> [Packet] {
    switch state {
    case .established, .synReceived: state = .finWait1
    case .closeWait: state = .lastAck
    case .closed, .listen, .synSent:
      state = .closed
      return []
    case .finWait1, .finWait2, .closing, .timeWait, .lastAck: return []
    }
    if let last = unsent.indices.last {
      unsent[last].fin = true
    } else {
      unsent.append(Unsent(payload: .empty, fin: true))
    }
    return transmitUnsent(at: now, ignoringNagle: true)
  }

  mutating func abort(at now: Int64) -> [Packet] {
    defer { end() }
    switch state {
    case .closed, .listen, .synSent, .timeWait: return []
    case .synReceived, .established, .finWait1, .finWait2, .closing, .closeWait, .lastAck:
      return [transmit([.reset, .acknowledgement], .empty, at: now)]
    }
  }

  mutating func fireDelayedAck(at now: Int64) -> [Packet] {
    guard acknowledgements.deadline != nil else { return [] }
    acknowledgements.delayMissed()
    return [transmit(.acknowledgement, .empty, at: now)]
  }

  /// The connection is over: nothing more is sent.
  mutating func end() {
    state = .closed
    unsent = []
    acknowledgements = AcknowledgementPolicy()
  }

  mutating func losePower() {
    if state != .listen { end() }
  }

  /// The end of what was written.
  private var writeEnd: UInt32 { sendNext &+ UInt32(truncatingIfNeeded: unsentCount) }

  /// The payload of a full segment: no more than half of the largest window that the peer ever offered, lest the two
  /// ends wait for each other.
  private var fullSegment: Int {
    let half = largestPeerWindow / 2
    return Int(half > 536 ? min(Self.maximumPayload, half) : Self.maximumPayload)
  }

  private mutating func markPush() {
    guard let last = unsent.indices.last else { return }
    unsent[last].push = true
    pushedEnd = writeEnd
  }

  /// Sends the segments that the peer's window has room for; the last one only if Nagle's algorithm lets it go.
  mutating func transmitUnsent(at now: Int64, ignoringNagle: Bool = false) -> [Packet] {
    guard isSynchronized else { return [] }
    var packets: [Packet] = []
    while let segment = unsent.first {
      let inFlight = sendNext &- sendUnacknowledged
      let room = peerWindow > inFlight ? peerWindow - inFlight : 0
      if segment.payload.count > Int(room) {
        // With nothing in flight nobody would ever say that there is room: send what fits. (Linux waits for its probe
        // timer before it does the same.)
        guard inFlight == 0, room > 0 else { break }
        unsent[0].payload = segment.payload[Int(room)...]
        packets.append(transmit([.push, .acknowledgement], segment.payload[..<Int(room)], at: now))
        continue
      }
      let isLast = unsent.count == 1
      if isLast, !ignoringNagle, !segment.fin, isHeldByNagle(segment.payload.count) { break }
      unsent.removeFirst()
      var flags: TCPFlags = .acknowledgement
      if segment.push { flags.insert(.push) }
      if segment.fin { flags.insert(.fin) }
      packets.append(transmit(flags, segment.payload, at: now))
      if segment.payload.count < fullSegment { smallSegmentEnd = sendNext }
    }
    return packets
  }

  private func isHeldByNagle(_ count: Int) -> Bool {
    !noDelay && count < fullSegment && sendNext != sendUnacknowledged && smallSegmentEnd.isAfter(sendUnacknowledged)
  }

  /// Whether both SYNs have been seen here.
  var isSynchronized: Bool {
    switch state {
    case .closed, .listen, .synSent, .synReceived: false
    case .established, .finWait1, .finWait2, .closing, .timeWait, .closeWait, .lastAck: true
    }
  }

  /// Sends one segment of an established connection: it acknowledges, too, all that has arrived.
  mutating func transmit(_ flags: TCPFlags, _ payload: SharedBytes, at now: Int64) -> Packet {
    let advertised = window.advertise(receiveNext, largestSegment: acknowledgements.largestSegment)
    let options = TCPOptions.timestamps(value: timestamp(at: now), echo: recentTimestamp)
    let packet = makePacket(flags, options: options, window: advertised, payload: payload, at: now)
    identification &+= 1
    sendNext = packet.nextSequence
    acknowledgements.acknowledged()
    if !payload.isEmpty { acknowledgements.dataSent(at: now) }
    return packet
  }

  func makePacket(
    _ flags: TCPFlags, options: TCPOptions, window: UInt16, payload: SharedBytes = .empty, at now: Int64
  ) -> Packet {
    Packet(
      timestamp: now, source: local, destination: remote, sequence: sendNext,
      acknowledgement: flags.contains(.acknowledgement) ? receiveNext : 0, flags: flags, window: window,
      options: options, identification: identification, payload: payload)
  }

  /// The clock of RFC 7323: milliseconds, from an origin of the connection's own.
  private func timestamp(at now: Int64) -> UInt32 {
    UInt32(truncatingIfNeeded: now / 1_000_000) &+ timestampOffset
  }

  func handshakeOptions(at now: Int64) -> TCPOptions {
    .handshake(
      maximumSegment: Self.maximumSegment, windowScale: Self.windowScale, value: timestamp(at: now),
      echo: recentTimestamp)
  }
}
