import Capture

/// One TCP connection of a recording: its ends, what they said, and what of that the recording has not.
package struct Connection: Equatable, Sendable {
  /// From 1, in the order in which connections were first seen.
  package let number: Int
  /// The end that connected: told by the SYN, else by the ports and by what is said.
  package internal(set) var opener: Endpoint
  package internal(set) var acceptor: Endpoint
  package internal(set) var state = State.open
  package internal(set) var conversation: ConversationDissector
  /// The stretches that were lost, in the order in which they were given up.
  package internal(set) var missing = SharedList<Stretch>()
  package internal(set) var missingByteCount = 0
  /// The other connection of a sync over two.
  package internal(set) var partner: Int?

  package enum State: Sendable, Hashable {
    case open
    /// Both sides have said that they are done.
    case finished
    case reset
    /// It was given up: its ports were taken, there were too many, or the recording ended.
    case abandoned
  }

  /// Whether a SYN told who the opener is, or something that only one of them says.
  package internal(set) var knowsSides: Bool
  /// What came before anything told who is who: it is read when that is clear, or when so much waits that a guess has to do.
  private var undecided: [Packet] = []
  private var isGuessed = false
  private static let undecidedLimit = (packets: 64, bytes: 64 << 10)
  /// The count of packets when the last one came.
  var lastPacket = 0
  private var lastMessageCount = 0
  /// The window that each side last offered.
  private var openerWindow: UInt16 = 1
  private var acceptorWindow: UInt16 = 1
  private var fromOpener = Reassembly()
  private var fromAcceptor = Reassembly()
  /// Who sent bytes last, and how many of the opener's the acceptor had when it last did.
  private var lastSpeaker: Side?
  private var answeredCount = 0

  /// - Parameter mayWait: bytes may wait until it is clear who is who.
  init(number: Int, opener: Endpoint, acceptor: Endpoint, knowsSides: Bool, mayWait: Bool, keepsHistory: Bool) {
    self.number = number
    self.opener = opener
    self.acceptor = acceptor
    self.knowsSides = knowsSides
    isGuessed = !mayWait
    conversation = ConversationDissector(keepsHistory: keepsHistory)
  }

  package func endpoint(of side: Side) -> Endpoint { side == .opener ? opener : acceptor }

  /// How many bytes of a side wait for others that are missing before them.
  package func heldByteCount(_ side: Side) -> Int { self[side].heldByteCount }

  private subscript(side: Side) -> Reassembly {
    get { side == .opener ? fromOpener : fromAcceptor }
    _modify {
      if side == .opener { yield &fromOpener } else { yield &fromAcceptor }
    }
  }

  private subscript(windowOf side: Side) -> UInt16 {
    get { side == .opener ? openerWindow : acceptorWindow }
    set { if side == .opener { openerWindow = newValue } else { acceptorWindow = newValue } }
  }

  /// What it is in a sync whose other connection is not known yet.
  var lonelyChannel: Channel? { partner == nil ? conversation.channel : nil }

  // MARK: Packets

  /// Whether a SYN begins another connection between the same endpoints.
  func isSucceeded(by packet: Packet, from side: Side) -> Bool {
    guard packet.flags.contains(.syn) else { return false }
    if packet.flags.contains(.acknowledgement), self[side].initial == nil, self[side].next == nil { return false }
    return state != .open || self[side].initial != packet.sequence
  }

  /// Takes a packet that `side` sent.
  mutating func receive(_ packet: Packet, from side: Side, _ recent: inout RecentSegments) -> Observation {
    var observation = Observation(connection: number, side: side)
    if packet.flags.contains(.syn) { return receiveSyn(packet, from: side, observation) }
    let isDecided = decideSides(packet, &observation)
    guard isDecided || state != .open else {
      undecided.append(packet)
      return observation
    }
    readUndecided(&recent, &observation)
    // The sides may have been turned just now.
    read(packet, from: packet.source == opener ? .opener : .acceptor, &recent, &observation)
    return observation
  }

  private mutating func read(
    _ packet: Packet, from side: Side, _ recent: inout RecentSegments, _ observation: inout Observation
  ) {
    guard state == .open else {
      receiveLate(packet, from: side, &observation)
      return
    }
    begin(packet, from: side)
    if packet.flags.contains(.acknowledgement) { acknowledge(packet.acknowledgement, of: side.other, &observation) }
    noteTurn(of: side, packet)
    if packet.length > 0 || packet.flags.contains(.fin) {
      receiveSegment(packet, from: side, &recent, &observation)
    } else if packet.flags.isDisjoint(with: [.reset]), self[side].next == packet.sequence &+ 1 {
      observation.remarks.append(self[windowOf: side.other] == 0 ? .windowProbe(side) : .keepAliveProbe(side))
    }
    self[windowOf: side] = packet.window
    if packet.flags.contains(.reset) {
      observation.remarks.append(.reset(by: side))
      end(as: .reset, &observation)
    } else if fromOpener.isFinished, fromAcceptor.isFinished {
      state = .finished
    }
  }

  /// Notes whether the opener begins to speak when all that it said is answered: the acceptor spoke last and had all of
  /// it, and the opener has all that the acceptor said. Then the next reply is to what comes now.
  private mutating func noteTurn(of side: Side, _ packet: Packet) {
    guard packet.length > 0 else { return }
    if side == .opener {
      conversation.isQuiet =
        lastSpeaker == .acceptor && fromOpener.streamOffset(packet.sequence).map { $0 <= answeredCount } == true
        && fromAcceptor.next == packet.acknowledgement
    } else {
      answeredCount = fromOpener.streamOffset(packet.acknowledgement) ?? answeredCount
    }
    lastSpeaker = side
  }

  private mutating func receiveSyn(_ packet: Packet, from side: Side, _ observation: Observation) -> Observation {
    var observation = observation
    if self[side].next == nil {
      if self[side.other].next == nil { observation.remarks.append(.begins) }
      self[side].begin(syn: packet.sequence)
    } else {
      observation.remarks.append(.retransmission(Stretch(side, 0..<0), agrees: true))
    }
    return observation
  }

  /// A recording that begins in the middle: the first packet tells where both sides are.
  private mutating func begin(_ packet: Packet, from side: Side) {
    if self[side].next == nil {
      self[side].begin(inTheMiddle: packet.sequence)
      conversation.beginInTheMiddle(side, isWhole: packet.countsFromOne)
    }
    if self[side.other].next == nil, packet.flags.contains(.acknowledgement) {
      self[side.other].begin(inTheMiddle: packet.acknowledgement)
      conversation.beginInTheMiddle(side.other, isWhole: packet.countsFromOne)
    }
  }

  /// What comes after the end is named, not read.
  private func receiveLate(_ packet: Packet, from side: Side, _ observation: inout Observation) {
    guard packet.length > 0 else { return }
    guard let streamOffset = self[side].streamOffset(packet.sequence), streamOffset < self[side].position else {
      observation.remarks.append(.outOfWindow(side, count: packet.length))
      return
    }
    observation.remarks.append(.retransmission(Stretch(side, streamOffset..<streamOffset + packet.length), agrees: nil))
  }

  // MARK: Segments

  private mutating func receiveSegment(
    _ packet: Packet, from side: Side, _ recent: inout RecentSegments, _ observation: inout Observation
  ) {
    guard let streamOffset = self[side].streamOffset(packet.sequence) else {
      observation.remarks.append(.outOfWindow(side, count: packet.length))
      return
    }
    let position = self[side].position
    let end = streamOffset + packet.length
    if let reading = packet.reading {
      observation.remarks.append(.readFromText(Stretch(side, streamOffset..<end), reading))
    }
    if streamOffset == position - 1, packet.length == 1, self[side].end == nil {
      observation.remarks.append(self[windowOf: side.other] == 0 ? .windowProbe(side) : .keepAliveProbe(side))
      return
    }
    if packet.flags.contains(.fin) { self[side].finish(at: end) }
    if streamOffset > position, packet.length > 0 {
      hold(packet, from: side, at: streamOffset, &observation)
    } else if packet.length > 0, end <= position {
      let agrees = recent.agree(number, side, packet.payload, at: streamOffset, streamOffset..<end)
      observation.remarks.append(.retransmission(Stretch(side, streamOffset..<end), agrees: agrees))
    } else if packet.length > 0 {
      let old = max(0, min(position - streamOffset, packet.length))
      if old > 0 {
        let agrees = recent.agree(number, side, packet.payload, at: streamOffset, streamOffset..<streamOffset + old)
        observation.remarks.append(.overlap(Stretch(side, streamOffset..<streamOffset + old), agrees: agrees))
      }
      let new = packet.payload[min(old, packet.payload.count)..<packet.payload.count]
      recent.note(.init(connection: number, side: side, streamOffset: streamOffset, bytes: packet.payload))
      deliver(new, cut: packet.length - old - new.count, from: side, &observation)
    }
    noteFinish(side, &observation)
  }

  private mutating func hold(_ packet: Packet, from side: Side, at streamOffset: Int, _ observation: inout Observation)
  {
    let stretch = Stretch(side, streamOffset..<streamOffset + packet.length)
    let overlaps = self[side].hold(packet.payload, cut: packet.length - packet.payload.count, at: streamOffset)
    for overlap in overlaps where overlap.range == stretch.range {
      observation.remarks.append(.retransmission(stretch, agrees: overlap.agrees))
      return
    }
    observation.remarks.append(.outOfOrder(stretch, missing: streamOffset - self[side].position))
    for overlap in overlaps {
      observation.remarks.append(.overlap(Stretch(side, overlap.range), agrees: overlap.agrees))
    }
    while self[side].holdsTooMuch { giveUp(to: nil, from: side, .tooMuchHeld, &observation) }
  }

  /// Reads bytes that are next, a gap known behind them, and all that waited for them.
  private mutating func deliver(
    _ bytes: SharedBytes, cut: Int, from side: Side, _ observation: inout Observation
  ) {
    if self[side].heldByteCount > 0 {
      for overlap in self[side].overlaps(bytes, at: self[side].position) {
        observation.remarks.append(.overlap(Stretch(side, overlap.range), agrees: overlap.agrees))
      }
    }
    read(bytes, cut: cut, from: side, &observation)
    deliverHeld(from: side, &observation)
  }

  private mutating func read(_ bytes: SharedBytes, cut: Int, from side: Side, _ observation: inout Observation) {
    self[side].advance(bytes.count)
    let wasLost = conversation.isLost(side)
    // As many as last time, if there can be so many: the shortest reply has four bytes.
    observation.messages.reserveCapacity(min(lastMessageCount, bytes.count / 4))
    conversation.consume(bytes, from: side, into: &observation.messages)
    lastMessageCount = observation.messages.count
    if wasLost, !conversation.isLost(side) {
      observation.remarks.append(.found(side, at: conversation.foundAt(side)))
    }
    if cut > 0 { lose(cut, from: side, .cut, &observation) }
  }

  private mutating func deliverHeld(from side: Side, _ observation: inout Observation) {
    while let next = self[side].takeHeld() { read(next.bytes, cut: next.cut, from: side, &observation) }
  }

  private mutating func noteFinish(_ side: Side, _ observation: inout Observation) {
    // Told once: a FIN that comes again finds its side finished already.
    guard self[side].isFinished, !conversation.hasEnded(side) else { return }
    observation.remarks.append(.finished(side))
    observation.messages += conversation.end(side)
  }

  // MARK: What is lost

  /// The peer has all bytes of `side` up to `number`: what is missing before that won't come again.
  private mutating func acknowledge(_ number: UInt32, of side: Side, _ observation: inout Observation) {
    guard let streamOffset = self[side].streamOffset(number), streamOffset > self[side].position else { return }
    // The FIN counts as a byte, too.
    let end = self[side].end.map { min($0, streamOffset) } ?? streamOffset
    while self[side].position < end { giveUp(to: end, from: side, .acknowledged, &observation) }
    noteFinish(side, &observation)
  }

  /// Gives up what is missing, up to the first segment that waits, or to `end`.
  private mutating func giveUp(
    to end: Int?, from side: Side, _ reason: Remark.Reason, _ observation: inout Observation
  ) {
    let waiting = self[side].held.first?.streamOffset
    guard let goal = [waiting, end].compactMap({ $0 }).min() else { return }
    lose(goal - self[side].position, from: side, reason, &observation)
    deliverHeld(from: side, &observation)
  }

  private mutating func lose(
    _ count: Int, from side: Side, _ reason: Remark.Reason, _ observation: inout Observation
  ) {
    guard count > 0 else { return }
    let start = self[side].position
    let stretch = Stretch(side, start..<start + count)
    self[side].advance(count)
    observation.remarks.append(.lost(stretch, reason))
    missingByteCount += count
    if conversation.keepsHistory { missing.append(stretch) }
    conversation.lose(count, from: side, into: &observation.messages)
  }

  // MARK: The end

  /// Nothing more will come: reads what waited behind what is missing, and cuts off what is incomplete.
  mutating func end(as state: State, _ observation: inout Observation) {
    guard self.state == .open else { return }
    guessSides(&observation)
    var recent = RecentSegments()
    readUndecided(&recent, &observation)
    self.state = state
    for side in Side.allCases {
      while !self[side].held.isEmpty { giveUp(to: nil, from: side, .ended, &observation) }
      if let end = self[side].end, end > self[side].position { giveUp(to: end, from: side, .ended, &observation) }
      if !conversation.hasEnded(side) { observation.messages += conversation.end(side) }
    }
  }

  // MARK: Who is who

  /// Whether it is clear who is who, or has to be guessed; a packet may tell, or be the one with which the waiting ends.
  private mutating func decideSides(_ packet: Packet, _ observation: inout Observation) -> Bool {
    if knowsSides { return true }
    if let sender = Side.saying(packet.payload) {
      knowsSides = true
      guard packet.source != endpoint(of: sender) else { return true }
      observation.remarks.append(.sidesTurned)
      observation.side = sender
      turn(&observation)
      return true
    }
    if isGuessed || packet.payload.isEmpty && undecided.isEmpty { return true }
    let ends = packet.flags.contains(.fin) || packet.flags.contains(.reset)
    let byteCount = undecided.reduce(packet.length) { $0 + $1.length }
    guard ends || undecided.count >= Self.undecidedLimit.packets || byteCount > Self.undecidedLimit.bytes else {
      return false
    }
    guessSides(&observation)
    return true
  }

  /// Nothing has told who is who: the ports have to do.
  private mutating func guessSides(_ observation: inout Observation) {
    guard !knowsSides, !isGuessed, observation.side != nil || !undecided.isEmpty else { return }
    isGuessed = true
    observation.remarks.append(.sidesGuessed)
  }

  private mutating func readUndecided(_ recent: inout RecentSegments, _ observation: inout Observation) {
    guard !undecided.isEmpty else { return }
    let packets = undecided
    undecided = []
    for packet in packets { read(packet, from: packet.source == opener ? .opener : .acceptor, &recent, &observation) }
  }

  private mutating func turn(_ observation: inout Observation) {
    swap(&opener, &acceptor)
    swap(&fromOpener, &fromAcceptor)
    swap(&openerWindow, &acceptorWindow)
    (lastSpeaker, answeredCount) = (nil, 0)
    conversation.turn(into: &observation.messages)
  }
}

extension Packet {
  /// Its numbers are those of a connection's first bytes as text counts them: arrows do, and tcpdump where it has seen the
  /// beginning.
  var countsFromOne: Bool { sequence == 1 && acknowledgement == 1 }
}
