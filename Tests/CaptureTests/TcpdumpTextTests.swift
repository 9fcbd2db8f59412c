import Capture
import RealRedis
import TestSupport
import Testing

@Suite("tcpdump's text", .enabled(if: Tool.isInstalled("tcpdump"), "tcpdump is not installed"))
struct TcpdumpTextTests {
  static let flags: [([String], TcpdumpText.Contents)] = [([], .none), (["-A"], .ascii), (["-X"], .hexAndASCII)]

  @Test("Every recording prints as the real tcpdump prints it", arguments: Captures.names)
  func recordings(name: String) throws {
    let packets = try Captures.packets(name)
    for (options, contents) in Self.flags {
      try expectSame(ourTcpdump(packets, contents), realTcpdump(packets, options))
    }
  }

  @Test("On port 6379 tcpdump decodes Redis's protocol, and so do we", arguments: Captures.names)
  func recordingsOnRedisPort(name: String) throws {
    var packets = try Captures.packets(name)
    for index in packets.indices {
      if packets[index].source.port == 7000 { packets[index].source.port = 6379 }
      if packets[index].destination.port == 7000 { packets[index].destination.port = 6379 }
    }
    for (options, contents) in Self.flags {
      try expectSame(ourTcpdump(packets, contents), realTcpdump(packets, options))
    }
  }

  @Test("A session seen from its middle counts from the first packet that is seen, unless told of the connection")
  func middle() throws {
    let packets = Array(try Captures.packets("chain")[37...])
    try expectSame(ourTcpdump(packets, .none), realTcpdump(packets, []))
  }

  @Test("The time is local", arguments: [("UTC0", 0), ("UTC-2", 7_200), ("UTC+11:30", -41_400), ("UTC-14", 50_400)])
  func timeZone(name: String, seconds: Int) throws {
    let packets = Array(try Captures.packets("chain")[..<1])
    let theirs = try realTcpdump(packets, [], timeZone: name)
    expectSame(ourTcpdump(packets, .none, secondsFromUTC: seconds), theirs)
  }

  /// Payloads on which the printer for port 6379 might stumble.
  static let payloads: [String] = [
    "+OK\r\n", "-ERR no\r\n", ":12\r\n", "$3\r\nabc\r\n", "$0\r\n\r\n", "$-1\r\n", "*0\r\n", "*-1\r\n",
    "*2\r\n$1\r\na\r\n$1\r\nb\r\n", "*1\r\n*2\r\n:1\r\n:2\r\n+x\r\n", "\n", "\r\n\r\n", "PING\r\n",
    "\nPING\n\n\nPING\r\n", "PING",
    "+OK", "+OK\r", "$", "$3", "$3\r", "$3\r\n", "$3\r\nab", "$3\r\nabc", "$3\r\nabc\r", "$3\r\nabcdef\r\n+x\r\n",
    "$EOF:0123456789\r\nREDIS0010\u{fa}\t", "$-2\r\n", "$-\r\n", "$-12\r\n:3\r\n", "$99999999999\r\n",
    "$2147483647\r\n",
    "$2147483648\r\nabc\r\n", "*2147483648\r\n", "*3\r\n:1\r\n", "*3\r\n:1\r\n:2\r\n:3\r\n:4\r\n", "$3x\r\nabc\r\n",
    "$3\rx", "*x\r\n+a\r\n",
    "*", "*-", "*-1", "*1", "*1\r\n", "+\r\n", "\u{7f}\u{1}\u{ff}\r\n", "+\u{e9}\u{0}\r\n", "*1\r\n$-5\r\n",
    "*2\r\n*0\r\n*-1\r\n+x\r\n",
    String(repeating: "*1\r\n", count: 2_000), String(repeating: "*1\r\n", count: 100) + ":1\r\n", "\r+OK\r\n",
  ]

  @Test("Odd payloads on port 6379 print as the real tcpdump prints them")
  func oddRESP() throws {
    let packets = Self.payloads.map { text in
      Packet(
        timestamp: 1_686_319_013_000_000_000, source: Endpoint(.loopback, 6379),
        destination: Endpoint(.loopback, 40_000),
        sequence: 1, acknowledgement: 1, flags: [.push, .acknowledgement], window: 64,
        options: .timestamps(value: 1, echo: 2), identification: 1,
        payload: SharedBytes(text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }))
    }
    try expectSame(ourTcpdump(packets, .ascii), realTcpdump(packets, ["-A"]))
  }

  static let options: [[UInt8]] = [
    [0, 0, 0, 0], [1, 1, 1, 1], [1, 1, 5, 10, 0, 0, 0, 9, 0, 0, 0, 20], [2, 4, 5, 0xb4], [2, 3, 5, 0xb4],
    [2, 5, 1, 2, 3, 1, 1, 1],
    [4, 3, 0, 0], [3, 3, 7, 1], [3, 0, 7, 1], [3, 40, 7, 1], [1, 3, 40, 7], [8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 4, 2],
    [8, 4, 0, 0], [200, 4, 0xab, 0xcd], [200, 2, 0, 0], [5, 6, 1, 2, 3, 4, 0, 0], [6, 6, 0, 0, 0, 1, 1, 1],
  ]

  @Test("Odd options print as the real tcpdump prints them", arguments: [UInt16(7000), 50_000])
  func oddOptions(port: UInt16) throws {
    let packets = Self.options.flatMap { bytes in
      [
        TCPFlags.acknowledgement, [.syn], [.push, .urgent, .acknowledgement], [], .reset, [.fin, .acknowledgement],
        TCPFlags(rawValue: 0xff),
      ]
      .map { flags in
        var packet = Packet(
          timestamp: 1_686_319_013_000_001_000, source: Endpoint(.loopback, port),
          destination: Endpoint(.loopback, 40_000), sequence: 5_000, acknowledgement: 7_000, flags: flags, window: 64,
          options: .other(bytes), identification: 1)
        packet.urgentPointer = 9
        return packet
      }
    }
    try expectSame(ourTcpdump(packets, .hexAndASCII), realTcpdump(packets, ["-X"]))
  }

  @Test("Every byte prints as the real tcpdump prints it, wherever line ends fall")
  func everyByte() throws {
    let ends: [[UInt8]] = [
      [13], [13, 10], [13, 13], [13, 97], [97, 13, 10], [97, 13, 97], [13, 97, 13], [10, 13],
    ]
    let payloads = [Array(0...255)] + ends.map { Array("x\r\ny".utf8) + $0 }
    let packets = payloads.map { bytes in
      Packet(
        timestamp: 0, source: Endpoint(.loopback, 7000), destination: Endpoint(.loopback, 40_000), sequence: 1,
        acknowledgement: 1, flags: [.push, .acknowledgement], window: 64, options: .none, identification: 1,
        payload: SharedBytes(bytes))
    }
    for (options, contents) in Self.flags {
      try expectSame(ourTcpdump(packets, contents), realTcpdump(packets, options))
    }
  }
}

extension TcpdumpTextTests {
  @Test("Every kind of option, of every length, prints as the real tcpdump prints it")
  func optionKinds() throws {
    var random = TestRandom(seed: 7)
    var packets: [Packet] = []
    for kind in UInt8.min...UInt8.max {
      // The first byte of Multipath TCP's option says what else is in it.
      let heads: [[UInt8]] = kind == 30 ? (0...255).map { [$0] } : [[], [0xf9, 0x89]]
      for (index, head) in heads.enumerated() {
        for length in 0..<29 {
          let rest = (0..<max(0, length - head.count)).map { _ in UInt8.random(in: 0...255, using: &random) }
          let bytes = [kind, UInt8(length + 2)] + (head + rest).prefix(length)
          let padding = [UInt8](repeating: 1, count: (4 - bytes.count % 4) % 4)
          packets.append(
            Packet(
              timestamp: 1_686_319_013_000_000_000, source: Endpoint(.loopback, 7000),
              destination: Endpoint(.loopback, 40_000), sequence: 1, acknowledgement: 1,
              flags: [.syn, [.syn, .acknowledgement], .acknowledgement][(length + index) % 3], window: 64,
              options: .other(bytes + padding), identification: 1))
        }
      }
    }
    try expectSame(ourTcpdump(packets, .none), realTcpdump(packets, []))
  }

  @Test("RESP on any port prints as the real tcpdump prints it, but on those that are told")
  func ports() throws {
    func packet(_ port: UInt16) -> Packet {
      Packet(
        timestamp: 1_686_319_013_000_000_000, source: Endpoint(.loopback, port), destination: Endpoint(.loopback, 3),
        sequence: 1, acknowledgement: 1, flags: [.push, .acknowledgement], window: 64, options: .none,
        identification: 1, payload: SharedBytes(Array("*3\r\n$3\r\nSET\r\n$4\r\ntiti\r\n$4\r\ntoto\r\n".utf8)))
    }
    let told = TcpdumpDifferences.protocols
    let others = (1...UInt16.max).filter { told[$0] == nil }.map(packet)
    try expectSame(ourTcpdump(others, .none), realTcpdump(others, []))
    for port in told.keys.sorted() {
      let isSame = try ourTcpdump([packet(port)], .none) == realTcpdump([packet(port)], [])
      #expect(!isSame, "port \(port)")
    }
  }

  @Test("Packets on such ports, and frames that are no TCP, are counted")
  func differences() {
    var differences = TcpdumpDifferences()
    func count(_ port: UInt16, _ text: String) {
      let packet = Packet(
        timestamp: 0, source: Endpoint(.loopback, port), destination: Endpoint(.loopback, 50_000), sequence: 1,
        acknowledgement: 1, flags: .acknowledgement, window: 64, options: .none, identification: 1,
        payload: SharedBytes(Array(text.utf8)))
      differences.count(Record(Frame(packet), place: .byte(0)))
    }
    count(7000, "+OK\r\n")
    count(80, "")
    #expect(differences.sentences.isEmpty)
    count(80, "+OK\r\n")
    count(22, "+OK\r\n")
    count(22, "SSH-2.0\r\n")
    count(22, "SSH-2.0\r\n")
    differences.count(
      Record(Frame(timestamp: 0, linkType: .ethernet, bytes: SharedBytes([1, 2]), wireLength: 2), place: .byte(0)))
    let elsewhere = "printed as on a port that it does not know"
    #expect(
      differences.sentences == [
        "2 packets on port 22: tcpdump reads them as SSH; here they are \(elsewhere)",
        "1 packet on port 80: tcpdump reads it as HTTP; here it is \(elsewhere)",
        "1 frame is no TCP: tcpdump may print more of it",
      ])
  }
}
