// What arrives at a socket, and what it does about it, in the order in which Linux does it.

extension TCPSocket {
  mutating func receive(
    _ packet: Packet, at now: Int64, isListening: Bool, isReading: Bool
  ) -> TCPConversation.Reception {
    var reception = TCPConversation.Reception()
    switch state {
    case .listen: receiveAtListener(packet, at: now, isListening: isListening, into: &reception)
    case .synSent: receiveSynAck(packet, at: now, into: &reception)
    case .closed: answerWithReset(packet, at: now, into: &reception)
    case .synReceived, .established, .finWait1, .finWait2, .closing, .timeWait, .closeWait, .lastAck:
      receiveSegment(packet, at: now, isReading: isReading, into: &reception)
    }
    return reception
  }

  mutating func read(at now: Int64) -> [Packet] {
    var reception = TCPConversation.Reception()
    switch state {
    case .established, .closeWait: if window.isOccupied { acknowledgeOnReading(at: now, into: &reception) }
    case .closed, .listen, .synSent, .synReceived, .finWait1, .finWait2, .closing, .timeWait, .lastAck: break
    }
    return reception.responses
  }

  private mutating func receiveAtListener(
    _ packet: Packet, at now: Int64, isListening: Bool, into reception: inout TCPConversation.Reception
  ) {
    guard packet.flags.contains(.syn), isListening else {
      answerWithReset(packet, at: now, into: &reception)
      return
    }
    beginReceiving(packet)
    let options = handshakeOptions(at: now)
    var answer = makePacket(
      [.syn, .acknowledgement], options: options, window: UInt16(Self.acceptorWindow), at: now)
    // There is no socket yet that would count datagrams.
    answer.identification = 0
    sendNext &+= 1
    smallSegmentEnd = sendNext
    pushedEnd = sendNext
    state = .synReceived
    reception.responses = [answer]
  }

  private mutating func receiveSynAck(
    _ packet: Packet, at now: Int64, into reception: inout TCPConversation.Reception
  ) {
    guard packet.flags.contains(.acknowledgement), packet.acknowledgement == sendNext else {
      return
    }
    if packet.flags.contains(.reset) {
      end()
      reception.events = [.refused]
      return
    }
    guard packet.flags.contains(.syn) else { return }
    beginReceiving(packet)
    sendUnacknowledged = packet.acknowledgement
    // The window of a SYN is never scaled.
    peerWindow = UInt32(packet.window)
    largestPeerWindow = peerWindow
    state = .established
    reception.responses = [transmit(.acknowledgement, .empty, at: now)] + transmitUnsent(at: now)
    reception.events = [.connected]
  }

  private mutating func beginReceiving(_ syn: Packet) {
    receiveNext = syn.sequence &+ 1
    window.begin(at: receiveNext)
    recentTimestamp = syn.options.timestamp ?? 0
  }

  /// Nobody is here: a reset with the number that the peer expects, or, if it does not say, with one that
  /// acknowledges what it sent. It has no options, no window and the IP id 0.
  private func answerWithReset(
    _ packet: Packet, at now: Int64, into reception: inout TCPConversation.Reception
  ) {
    guard !packet.flags.contains(.reset) else { return }
    let isAcknowledged = packet.flags.contains(.acknowledgement)
    var reset = makePacket(.reset, options: .none, window: 0, at: now)
    reset.sequence = isAcknowledged ? packet.acknowledgement : 0
    if !isAcknowledged {
      reset.flags.insert(.acknowledgement)
      reset.acknowledgement = packet.nextSequence
    }
    reset.identification = 0
    reception.responses.append(reset)
  }

  private mutating func receiveSegment(
    _ packet: Packet, at now: Int64, isReading: Bool, into reception: inout TCPConversation.Reception
  ) {
    guard packet.sequence == receiveNext else {
      // Old or out of order: say again what is expected.
      if !packet.flags.contains(.reset) { reception.responses.append(transmit(.acknowledgement, .empty, at: now)) }
      return
    }
    if packet.flags.contains(.reset) {
      let wasClosed = state != .established && state != .closeWait && state != .synReceived
      end()
      if !wasClosed { reception.events.append(.peerReset) }
      return
    }
    // Only a segment that begins at or before what was last acknowledged is echoed (RFC 7323, 4.3).
    if let timestamp = packet.options.timestamp, !packet.sequence.isAfter(window.start) {
      recentTimestamp = timestamp
    }
    receiveAcknowledgement(packet, at: now, into: &reception)
    if state == .closed { return }

    if !packet.payload.isEmpty {
      guard state == .established else {
        // The application has closed and will never read this.
        end()
        answerWithReset(packet, at: now, into: &reception)
        return
      }
      receiveData(packet, at: now)
      reception.bytes = packet.payload
    }
    if packet.flags.contains(.fin) { receiveFin(at: now, into: &reception) }
    reception.responses += transmitUnsent(at: now)
    acknowledgeOnArrival(at: now, into: &reception)
    if !reception.bytes.isEmpty, isReading { acknowledgeOnReading(at: now, into: &reception) }
  }

  private mutating func receiveAcknowledgement(
    _ packet: Packet, at now: Int64, into reception: inout TCPConversation.Reception
  ) {
    guard packet.flags.contains(.acknowledgement), !packet.acknowledgement.isAfter(sendNext) else { return }
    if packet.acknowledgement.isAfter(sendUnacknowledged) { sendUnacknowledged = packet.acknowledgement }
    peerWindow = UInt32(packet.window) << UInt32(Self.windowScale)
    largestPeerWindow = max(largestPeerWindow, peerWindow)
    let isAllAcknowledged = unsent.isEmpty && sendUnacknowledged == sendNext
    switch state {
    case .synReceived:
      state = .established
      acknowledgements.accepted(at: now)
      reception.events.append(.accepted)
    case .finWait1 where isAllAcknowledged:
      state = .finWait2
      // From here on Linux keeps only a small stand-in for the socket; it numbers its datagrams 0. A FIN in this same
      // packet is still the socket's own to answer.
      if !packet.flags.contains(.fin) { isStandIn = true }
    case .closing where isAllAcknowledged: state = .timeWait
    case .lastAck where isAllAcknowledged: end()
    case .closed, .listen, .synSent, .established, .finWait1, .finWait2, .closing, .timeWait, .closeWait, .lastAck:
      break
    }
  }

  private mutating func receiveData(_ packet: Packet, at now: Int64) {
    let length = UInt32(packet.payload.count)
    let isPush = packet.flags.contains(.push)
    if acknowledgements.dataArrived(length: length, isPush: isPush, window: window.advertised, at: now) {
      window.learnShare(length)
    }
    receiveNext &+= length
    if window.segmentArrived(length) { acknowledgements.windowGrew() }
  }

  private mutating func receiveFin(at now: Int64, into reception: inout TCPConversation.Reception) {
    receiveNext &+= 1
    switch state {
    case .established:
      state = .closeWait
      acknowledgements.finArrived()
    case .finWait1:
      state = .closing
      reception.responses.append(transmit(.acknowledgement, .empty, at: now))
    case .finWait2:
      var last = transmit(.acknowledgement, .empty, at: now)
      if isStandIn { last.identification = 0 }
      state = .timeWait
      reception.responses.append(last)
    case .closed, .listen, .synSent, .synReceived, .closing, .timeWait, .closeWait, .lastAck: return
    }
    if state == .closeWait { reception.events.append(.peerClosed) }
  }

  private mutating func acknowledgeOnArrival(at now: Int64, into reception: inout TCPConversation.Reception) {
    let outstanding = receiveNext &- window.start
    let wouldNotShrink = window.wouldNotShrink(largestSegment: acknowledgements.largestSegment)
    guard acknowledgements.isScheduled else { return }
    if acknowledgements.isDueOnArrival(outstanding: outstanding, wouldNotShrink: wouldNotShrink)
      || acknowledgements.delay(at: now)
    {
      reception.responses.append(transmit(.acknowledgement, .empty, at: now))
    }
  }

  private mutating func acknowledgeOnReading(at now: Int64, into reception: inout TCPConversation.Reception) {
    window.read()
    let outstanding = receiveNext &- window.start
    let largest = acknowledgements.largestSegment
    if acknowledgements.isDueOnReading(outstanding: outstanding)
      || window.deservesUpdate(receiveNext, largestSegment: largest)
    {
      reception.responses.append(transmit(.acknowledgement, .empty, at: now))
    }
  }
}
