import Capture
import RealRedis
import TestSupport
import Testing

@Suite("TCP conversations")
struct TCPConversationTests {
  @Test("What a real kernel sent of its own accord in a recording is what we send", arguments: Captures.names)
  func recordings(name: String) throws {
    for packets in conversations(in: try Captures.packets(name)) {
      var replayed = Replayed(packets)
      for packet in packets { try replayed.replay(packet) }
    }
  }

  @Test("An application that does not read lets its window close, and reading opens it again")
  func zeroWindow() throws {
    var wire = Wire()
    wire.connect()
    wire.settle()
    wire.isReading[.acceptor] = false
    wire.send([UInt8](repeating: 120, count: 400_000), from: .opener)
    wire.settle()
    wire.advance(300)
    #expect(wire.log.last?.window == 0)
    #expect((60_000...131_072).contains(400_000 - wire.conversation.unsent(.opener)))
    wire.isReading[.acceptor] = true
    wire.sent(wire.conversation.read(.acceptor, at: wire.now))
    wire.settle()
    wire.advance(300)
    #expect(wire.conversation.unsent(.opener) == 0)
    #expect(wire.read[.acceptor]?.count == 400_000)
  }

  @Test("A session of a replica has the packets that tcpdump shows of a real one")
  func session() {
    var wire = Wire()
    wire.conversation.setNoDelay(false, .opener)
    wire.connect()
    wire.settle()
    wire.send("PING..........", from: .opener)
    wire.settle()
    wire.send("+PONG\r\n", from: .acceptor)
    wire.settle()
    // Two writes at once: Nagle's algorithm holds the second until the first is answered.
    wire.send("REPLCONF listening-port", from: .opener)
    wire.send("REPLCONF capa", from: .opener)
    #expect(wire.conversation.unsent(.opener) == 13)
    _ = wire.deliver(to: .acceptor)
    wire.send("+OK\r\n", from: .acceptor)
    wire.settle()
    wire.send("+OK\r\n", from: .acceptor)
    wire.settle()
    wire.send("PSYNC", from: .opener)
    wire.settle()
    wire.send("+FULLRESYNC", from: .acceptor)
    wire.settle()
    wire.advance(4)
    wire.send("$EOF:", from: .acceptor)
    wire.settle()
    wire.send("REPLCONF ACK 0", from: .opener)
    wire.settle()
    wire.advance(1_000)
    wire.send("REPLCONF ACK 0", from: .opener)
    wire.settle()
    let shown = wire.lines.map { line in
      // Timestamps have a test of their own.
      line.replacing(/,?TS val \d+ ecr \d+/, with: "").replacing("options [nop,nop], ", with: "").replacing(
        "win 64, ", with: "")
    }
    #expect(
      shown == [
        "> [S], seq 2654435761, win 65495, options [mss 65495,sackOK,nop,wscale 10], length 0",
        "< [S.], seq 4294967280, ack 2654435762, win 65483, options [mss 65495,sackOK,nop,wscale 10], length 0",
        "> [.], ack 1, length 0",
        "> [P.], seq 1:15, ack 1, length 14",
        "< [.], ack 15, length 0",
        "< [P.], seq 1:8, ack 15, length 7",
        "> [.], ack 8, length 0",
        "> [P.], seq 15:38, ack 8, length 23",
        "< [P.], seq 8:13, ack 38, length 5",
        "> [P.], seq 38:51, ack 13, length 13",
        "< [P.], seq 13:18, ack 51, length 5",
        "> [P.], seq 51:56, ack 18, length 5",
        "< [P.], seq 18:29, ack 56, length 11",
        "< [P.], seq 29:34, ack 56, length 5",
        "> [.], ack 34, length 0",
        "> [P.], seq 56:70, ack 34, length 14",
        "< [.], ack 70, length 0",
        "> [P.], seq 70:84, ack 34, length 14",
        "< [.], ack 84, length 0",
      ])
    #expect(wire.log[16].timestamp - wire.log[15].timestamp == 40_000_000)
    #expect(wire.log[18].timestamp - wire.log[17].timestamp == 0)
    #expect(wire.log.map(\.identification).filter { $0 != 0 }.prefix(4) == [65_530, 65_531, 65_532, 1])
    #expect(wire.events == [.opener: [.connected], .acceptor: [.accepted]])
  }

  @Test("A refused connection is answered with a reset that has no options")
  func refused() {
    var wire = Wire()
    wire.connect()
    wire.settle(isListening: false)
    #expect(wire.lines.last == "< [R.], seq 0, ack 2654435762, win 0, length 0")
    #expect(wire.log.last?.identification == 0)
    #expect(wire.events[.opener] == [.refused])
    #expect(wire.conversation[.opener].state == .closed)
  }

  /// The lines that follow the handshake, and the network as it is then.
  private func ending(_ body: (inout Wire) -> Void) -> (wire: Wire, lines: [String]) {
    var wire = Wire()
    wire.connect()
    wire.settle()
    body(&wire)
    let lines = wire.lines.dropFirst(3).map {
      $0.replacing(/, options .nop,nop,TS val \d+ ecr \d+./, with: "").replacing("win 64, ", with: "")
    }
    return (wire, lines)
  }

  @Test("A close that is answered by a close takes three packets")
  func closeAnsweredAtOnce() {
    let (wire, lines) = ending { wire in
      wire.close(.opener)
      _ = wire.deliver(to: .acceptor)
      wire.close(.acceptor)
      wire.settle()
    }
    #expect(lines == ["> [F.], seq 1, ack 1, length 0", "< [F.], seq 1, ack 2, length 0", "> [.], ack 2, length 0"])
    #expect(wire.conversation[.opener].state == .timeWait && wire.conversation[.acceptor].state == .closed)
    #expect(wire.log.last?.identification == 65_533)
  }

  @Test("A close that is answered late is acknowledged first; the last packet has the IP id 0, as a stand-in sends it")
  func closeAnsweredLate() {
    let (wire, lines) = ending { wire in
      wire.close(.opener)
      wire.settle()
      wire.advance(100)
      wire.close(.acceptor)
      wire.settle()
    }
    #expect(
      lines == [
        "> [F.], seq 1, ack 1, length 0", "< [.], ack 2, length 0", "< [F.], seq 1, ack 2, length 0",
        "> [.], ack 2, length 0",
      ])
    #expect(wire.log.last?.identification == 0)
  }

  @Test("Both ends may close at once")
  func closeByBoth() {
    let (wire, lines) = ending { wire in
      wire.close(.opener)
      wire.close(.acceptor)
      wire.settle()
    }
    #expect(
      lines == [
        "> [F.], seq 1, ack 1, length 0", "< [F.], seq 1, ack 1, length 0", "< [.], ack 2, length 0",
        "> [.], ack 2, length 0",
      ])
    #expect(wire.conversation[.opener].state == .timeWait && wire.conversation[.acceptor].state == .timeWait)
  }

  @Test("Data for an end that has closed is answered with a reset without acknowledgement")
  func dataAfterClose() {
    let (wire, lines) = ending { wire in
      wire.close(.opener)
      wire.settle()
      wire.send("late", from: .acceptor)
      wire.settle()
    }
    #expect(
      lines == [
        "> [F.], seq 1, ack 1, length 0", "< [P.], seq 1:5, ack 2, length 4", "> [R], seq 2654435763, win 0, length 0",
      ])
    #expect(wire.events[.acceptor] == [.accepted, .peerClosed, .peerReset])
    #expect(wire.log.last?.identification == 0)
  }

  @Test("An end may break the connection with a reset")
  func abort() {
    var (wire, lines) = ending { wire in
      wire.sent(wire.conversation.abort(.acceptor, at: wire.now))
      wire.settle()
    }
    #expect(lines == ["< [R.], seq 1, ack 1, length 0"])
    #expect(wire.events[.opener] == [.connected, .peerReset])
    #expect(wire.conversation.send([1], from: .opener, at: wire.now) == [])
  }

  @Test("A FIN goes with the data that Nagle's algorithm held back")
  func closeWithUnsentData() {
    let (_, lines) = ending { wire in
      wire.conversation.setNoDelay(false, .opener)
      wire.send("a", from: .opener)
      wire.send("b", from: .opener)
      wire.send("c", from: .opener)
      wire.close(.opener)
    }
    #expect(lines == ["> [P.], seq 1:2, ack 1, length 1", "> [FP.], seq 2:4, ack 1, length 2"])
  }

  @Test("Large writes become the segments, and the windows, of a real kernel")
  func largeWrites() {
    var wire = Wire()
    wire.connect()
    wire.settle()
    // The same writes as in a recording of Linux 6.18; the windows are the acceptor's.
    for count in [100, 300, 530, 540, 1_000, 2_000, 16_384, 16_384, 65_483] {
      wire.send([UInt8](repeating: 120, count: count), from: .opener)
      wire.settle()
      wire.advance(20)
    }
    let shown = wire.log.dropFirst(3).map { packet in
      packet.payload.isEmpty
        ? "< \(packet.window)" : "> \(packet.flags.contains(.push) ? "P" : "")\(packet.payload.count)"
    }
    #expect(
      shown == [
        "> P100", "< 64", "> P300", "< 64", "> P530", "< 64", "> P540", "< 64", "> P1000", "< 69", "> P2000", "< 89",
        "> P16384", "< 106", "> P16384", "< 106", "> 54272", "> P11211", "< 74", "< 115",
      ])
    #expect(wire.read[.acceptor]!.count == 102_721)
  }

  @Test("What does not fit into the peer's window waits, and none of it is lost")
  func window() {
    var wire = Wire()
    wire.connect()
    wire.settle()
    let bytes = (0..<400_000).map { UInt8(truncatingIfNeeded: $0 / 251) }
    wire.send(bytes, from: .acceptor)
    #expect(wire.conversation.unacknowledged(.acceptor) <= 65_536)
    #expect(wire.conversation.unsent(.acceptor) + wire.conversation.unacknowledged(.acceptor) == bytes.count)
    wire.settle()
    wire.advance(100)
    #expect(wire.read[.opener] == bytes)
    #expect(wire.conversation.unsent(.acceptor) == 0 && wire.conversation.unacknowledged(.acceptor) == 0)
  }

  /// Both ends write, packets travel for a while, time passes, one end closes.
  private func randomSession(_ seed: UInt64, port: UInt16 = 7000) -> Wire {
    var random = TestRandom(seed: seed)
    var wire = Wire(port: port, from: 40_000 + UInt16(seed), seed: UInt32(truncatingIfNeeded: seed))
    wire.conversation.setNoDelay(Bool.random(using: &random), .opener)
    wire.connect()
    wire.settle()
    for _ in 0..<40 {
      switch Int.random(in: 0..<10, using: &random) {
      case 0...3:
        let side: TCPConversation.Side = Bool.random(using: &random) ? .opener : .acceptor
        let count = [1, 14, 50, 600, 5_000, 16_384, 70_000].randomElement(using: &random)!
        let pattern = (0..<min(count, 251)).map { _ in UInt8.random(in: 0...255, using: &random) }
        wire.send(Array(repeatElement(pattern, count: count / pattern.count).joined()), from: side)
      case 4...5: _ = wire.deliver(to: .opener)
      case 6...7: _ = wire.deliver(to: .acceptor)
      case 8: wire.settle()
      default:
        wire.settle()
        wire.advance(Int64.random(in: 0...1_500, using: &random))
      }
      wire.now += Int64.random(in: 0...50_000, using: &random)
    }
    wire.settle()
    wire.close(Bool.random(using: &random) ? .opener : .acceptor)
    wire.settle()
    wire.advance(50)
    wire.close(.opener)
    wire.close(.acceptor)
    wire.settle()
    return wire
  }

  @Test("Whatever order things happen in, all bytes arrive, once and in order", arguments: 1...12)
  func randomSessions(seed: UInt64) throws {
    let wire = randomSession(seed)
    for side in TCPConversation.Side.allCases {
      let sent: [UInt8] = wire.log.filter { wire.conversation.sender(of: $0) == side }.reduce(into: []) {
        $0 += $1.payload.slice
      }
      #expect(wire.read[side.other] == sent)
      #expect(wire.conversation.unsent(side) == 0 && wire.conversation.unacknowledged(side) == 0)
    }
    #expect(wire.inFlight == [.opener: [], .acceptor: []])
    // Who closed first has no process any more that could hear of the other's end.
    let first = try #require(wire.log.first { $0.flags.contains(.fin) }.map(wire.conversation.sender(of:)))
    var events: [TCPConversation.Side: [TCPConversation.Event]] = [.opener: [.connected], .acceptor: [.accepted]]
    events[first.other]?.append(.peerClosed)
    #expect(wire.events == events)
    #expect(try Pcap.packets(in: Pcap.file(wire.log)).map(\.frame) == wire.log.map(\.frame))
  }

  @Test(
    "tcpdump prints our packets as we do", .enabled(if: Tool.isInstalled("tcpdump"), "tcpdump is not installed"),
    arguments: 1...2, [7000, 6379])
  func tcpdump(seed: UInt64, port: UInt16) throws {
    let packets = randomSession(seed, port: port).log
    try expectSame(ourTcpdump(packets, .ascii), realTcpdump(packets, ["-A"]))
    try expectSame(ourTcpdump(packets, .hexAndASCII), realTcpdump(packets, ["-X"]))
  }

  @Test(
    "tshark has nothing to complain of in our packets",
    .enabled(if: Tool.isInstalled("tshark"), "tshark is not installed"), arguments: 1...3)
  func tshark(seed: UInt64) throws {
    // Wireshark has decoders for many ports, but none for this one.
    let packets = randomSession(seed, port: 21_200).log
    let output = try Tool.withFile(Pcap.file(packets), suffix: ".pcap") { path in
      try Tool.run(
        "tshark",
        ["-r", path, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-q", "-z", "expert"])
    }
    // A row is: frequency, group, protocol, summary. Linux itself fills the window when it has so much to send, and
    // every connection that ends has the two notes.
    let usual = [
      "TCP window specified by the receiver is now completely full", "This frame initiates the connection closing",
      "This frame undergoes the connection closing",
    ]
    let rows = String(decoding: output, as: UTF8.self).split(separator: "Chats")[0].split(separator: "\n")
    let complaints = rows.filter { row in
      row.contains("  ") && !row.contains("Frequency") && !usual.contains { row.hasSuffix($0) }
    }
    #expect(complaints == [])
    #expect(!rows.isEmpty)
  }

  /// The packets of each connection, from its SYN on.
  private func conversations(in packets: [Packet]) -> [[Packet]] {
    var conversations: [[Packet]] = []
    var indices: [Endpoint: Int] = [:]
    for packet in packets {
      let opener = packet.source.port > packet.destination.port ? packet.source : packet.destination
      if packet.flags == .syn {
        indices[opener] = conversations.count
        conversations.append([])
      }
      if let index = indices[opener] { conversations[index].append(packet) }
    }
    return conversations
  }
}

/// A recorded connection, lived through again: applications write when they wrote, and each packet that arrives is the
/// recorded one. What the kernels drew at random is taken from the packets.
private struct Replayed {
  var conversation: TCPConversation
  let isRefused: Bool
  /// What an end should send next.
  var expected: [TCPConversation.Side: [Packet]] = [:]

  init(_ packets: [Packet]) {
    let syn = packets[0]
    let answers = packets.filter { $0.source == syn.destination }
    isRefused = answers[0].flags.contains(.reset)
    var acceptor = Self.chance(of: answers[0])
    // The SYN-ACK has the IP id 0.
    if answers.count > 1 { acceptor.identification = answers[1].identification }
    conversation = TCPConversation(
      from: syn.source, to: syn.destination, opener: Self.chance(of: syn), acceptor: acceptor)
  }

  static func chance(of packet: Packet) -> TCPConversation.Chance {
    TCPConversation.Chance(
      sequence: packet.sequence,
      timestampOffset: (packet.options.timestamp ?? 0) &- UInt32(truncatingIfNeeded: packet.timestamp / 1_000_000),
      identification: packet.identification)
  }

  mutating func replay(_ packet: Packet) throws {
    let side = conversation.sender(of: packet)
    var ours: Packet
    if expected[side]?.isEmpty == false {
      ours = expected[side]!.removeFirst()
    } else if packet.flags == .syn {
      ours = conversation.connect(at: packet.timestamp)
    } else if !packet.payload.isEmpty {
      let sent = conversation.send(Array(packet.payload), from: side, at: packet.timestamp)
      ours = try #require(sent.first)
      expected[side] = Array(sent.dropFirst())
    } else if packet.flags.contains(.fin) {
      ours = try #require(conversation.close(side, at: packet.timestamp).first)
    } else {
      let deadline = try #require(conversation.delayedAckDeadline(side), "nothing is to be sent before \(line(packet))")
      // The kernel's timer ticks every 4 ms, and late.
      #expect((-1_000_000...12_000_000).contains(packet.timestamp - deadline))
      ours = try #require(conversation.fireDelayedAck(side, at: packet.timestamp).first)
    }
    compare(ours, packet)
    let reception = conversation.receive(packet, at: packet.timestamp, isListening: !isRefused)
    expected[side.other, default: []] += reception.responses
  }

  private func compare(_ ours: Packet, _ theirs: Packet) {
    var ours = ours
    // An application reads some time after the arrival, and may acknowledge then; and the clock's milliseconds began
    // somewhere within our own.
    let value = theirs.options.timestamp ?? 0
    let gap = Int32(bitPattern: value &- (ours.options.timestamp ?? 0))
    #expect((-1...40).contains(gap), "\(line(theirs))")
    if theirs.flags == .syn, case .handshake(_, _, _, let echo) = theirs.options, echo != 0 {
      // The port was in TIME_WAIT: the kernel remembers the connection before, which the lab does without.
      return
    }
    switch ours.options {
    case .timestamps(_, let echo): ours.options = .timestamps(value: value, echo: echo)
    case .handshake(let segment, let scale, _, let echo):
      ours.options = .handshake(maximumSegment: segment, windowScale: scale, value: value, echo: echo)
    case .none, .other: break
    }
    ours.timestamp = theirs.timestamp
    ours.checksums = theirs.checksums
    let isEqual = ours == theirs
    #expect(isEqual, "ours: \(line(ours))\ntheirs: \(line(theirs))")
  }

  private func line(_ packet: Packet) -> String {
    var printer = TcpdumpText()
    printer.know(conversation)
    return "id \(packet.identification) \(printer.text(of: packet))"
  }
}
