import Capture

/// A little network for tests: a connection whose packets travel for a while, and applications that write.
struct Wire {
  var conversation: TCPConversation
  var now: Int64 = 1_686_319_013_000_000_000
  /// All packets, in the order in which they were sent.
  private(set) var log: [Packet] = []
  /// What is under way to each end.
  private(set) var inFlight: [TCPConversation.Side: [Packet]] = [.opener: [], .acceptor: []]
  /// Whether each end's application reads.
  var isReading: [TCPConversation.Side: Bool] = [:]
  /// What each end has read, and learned.
  private(set) var read: [TCPConversation.Side: [UInt8]] = [.opener: [], .acceptor: []]
  private(set) var events: [TCPConversation.Side: [TCPConversation.Event]] = [.opener: [], .acceptor: []]

  init(port: UInt16 = 7000, from opener: UInt16 = 40_000, seed: UInt32 = 1) {
    conversation = TCPConversation(
      from: Endpoint(.loopback, opener), to: Endpoint(.loopback, port),
      opener: .init(sequence: seed &* 2_654_435_761, timestampOffset: seed &* 40_503, identification: 65_530),
      acceptor: .init(sequence: 0xffff_fff0, timestampOffset: 0xffff_0000, identification: 1))
  }

  mutating func sent(_ packets: [Packet]) {
    log += packets
    for packet in packets { inFlight[conversation.sender(of: packet).other]!.append(packet) }
  }

  mutating func connect() { sent([conversation.connect(at: now)]) }
  mutating func send(_ bytes: [UInt8], from side: TCPConversation.Side) {
    sent(conversation.send(bytes, from: side, at: now))
  }
  mutating func send(_ text: String, from side: TCPConversation.Side) { send(Array(text.utf8), from: side) }
  mutating func close(_ side: TCPConversation.Side) { sent(conversation.close(side, at: now)) }

  /// Lets the next packet for the end arrive; false if there is none.
  mutating func deliver(to side: TCPConversation.Side, isListening: Bool = true) -> Bool {
    guard let packet = inFlight[side]!.first else { return false }
    inFlight[side]!.removeFirst()
    let reception = conversation.receive(packet, at: now, isListening: isListening, isReading: isReading[side] ?? true)
    sent(reception.responses)
    read[side]! += reception.bytes.slice
    events[side]! += reception.events
    return true
  }

  /// Lets all arrive that is under way, and what that causes; a microsecond for each packet.
  mutating func settle(isListening: Bool = true) {
    while deliver(to: .acceptor, isListening: isListening) || deliver(to: .opener) { now += 1_000 }
  }

  /// Lets time pass, firing delayed acknowledgements as they come due.
  mutating func advance(_ milliseconds: Int64) {
    let end = now + milliseconds * 1_000_000
    while let (side, deadline) = conversation.nextDelayedAck, deadline <= end {
      now = max(now, deadline)
      sent(conversation.fireDelayedAck(side, at: now))
      settle()
    }
    now = end
  }

  /// The lines that tcpdump would print, without times and addresses.
  var lines: [String] {
    var printer = TcpdumpText()
    return log.map { packet in
      let line = printer.text(of: packet).dropLast()
      let side = conversation.sender(of: packet) == .opener ? ">" : "<"
      return side + line.split(separator: ":", maxSplits: 3)[3].replacing("Flags ", with: "")
    }
  }
}
