import Capture
import CaptureFiles
import RealRedis
import TestSupport
import Testing

@Suite("Text of tcpdump, read back", .enabled(if: Tool.isInstalled("tcpdump"), "tcpdump is not installed"))
struct TextTests {
  static let hexOptions = [
    ["-nn", "-X", "-tt"], ["-nn", "-XX", "-tttt"], ["-x", "-tt"], ["-xx", "-tt", "-e"], ["-X", "-tt", "-vv"],
    ["-nn", "-X", "-tt", "-e", "-S"],
  ]

  private func tcpdump(_ options: [String], _ path: String) throws -> [UInt8] {
    try Tool.run("tcpdump", options + ["-r", path], environment: ["TZ": "UTC0"])
  }

  @Test("Hex gives the packets again, to the byte", arguments: Captures.names)
  func hex(name: String) throws {
    let bytes = try Captures.bytes(name)
    for options in Self.hexOptions {
      var text = try tcpdump(options, Captures.path(name))
      for isCRLF in [false, true] {
        if isCRLF { text = text.flatMap { $0 == 0x0a ? [0x0d, 0x0a] : [$0] } }
        let packets = try Captures.records(text).compactMap(\.packet)
        #expect(Pcap.file(packets) == bytes, "\(options)")
      }
    }
  }

  @Test("Hex with the link's header tells which link it is", arguments: LinkHeader.all)
  func links(link: LinkHeader) throws {
    var file = Pcap.header(linkType: link.type)
    for packet in try Captures.records(Captures.bytes("types")).compactMap(\.packet) {
      let bytes = link.bytes + packet.datagram
      let frame = Frame(
        timestamp: packet.timestamp, linkType: link.type, bytes: SharedBytes(bytes), wireLength: bytes.count)
      Pcap.append(frame, to: &file)
    }
    let text = try Tool.withFile(file) { try tcpdump(["-nn", "-XX", "-tt"], $0) }
    // A tag hides the port from the filter, as it does in tcpdump.
    let isTagged = link.bytes.count == 18
    #expect((try Recording(bytes: text, filter: "port 7000").next() == nil) == isTagged)
    let recording = try Recording(bytes: text)
    #expect(recording.linkType == link.type)
    var again = Pcap.header(linkType: recording.linkType)
    while let record = try recording.next() { Pcap.append(record.frame, to: &again) }
    // Not the bytes, which would be printed.
    let isSame = again == file
    #expect(isSame, "\(again.count) bytes, \(file.count) before")
  }

  @Test(
    "-A gives the headers and the length of each packet, and what is known of its payload", arguments: Captures.names)
  func ascii(name: String) throws {
    let originals = try Captures.records(Captures.bytes(name)).compactMap(\.packet)
    for options in [
      ["-nn", "-A", "-tt"], ["-A", "-tttt", "-S"], ["-nn", "-A", "-tt", "-v"], ["-nn", "-A", "-e", "-tt"],
    ] {
      let records = try Captures.records(tcpdump(options, Captures.path(name)))
      try #require(records.count == originals.count)
      for (record, original) in zip(records, originals) {
        let packet = try #require(record.packet)
        #expect(packet.source == original.source && packet.destination == original.destination)
        #expect(packet.timestamp == original.timestamp && packet.flags == original.flags)
        #expect(packet.acknowledgement == original.acknowledgement && packet.window == original.window)
        if original.length > 0 { #expect(packet.sequence == original.sequence) }
        #expect(packet.options == original.options && packet.length == original.length)
        guard let known = record.text else {
          #expect(packet.payload == original.payload)
          continue
        }
        guard known.hidden == 0 else { continue }
        for (index, byte) in packet.payload.enumerated() where known.isKnown(index) {
          #expect(byte == original.payload[index])
        }
      }
    }
  }

  /// Ways to print: what of the contents, which time, and what besides.
  static let ways: [[String]] = {
    var random = TestRandom(seed: 4)
    let contents = ["-A", "-A", "-X", "-XX", "-x", "-xx"]
    let times = [[], ["-t"], ["-tt"], ["-ttt"], ["-tttt"], ["-ttttt"]]
    let others = [["-v"], ["-vv"], ["-q"], ["-e"], ["-S"], ["-#"], ["-K"], ["-nn"], ["-n"]]
    var ways: [[String]] = []
    while ways.count < 64 {
      let some = others.shuffled(using: &random).prefix(Int.random(in: 0...4, using: &random)).flatMap { $0 }
      let way = [contents[ways.count % 6]] + times.randomElement(using: &random)! + some
      if !ways.contains(way) { ways.append(way) }
    }
    return ways
  }()

  /// A conversation in which each message is longer than the one before it, up to 100 KB.
  private func conversation(port: UInt16, _ random: inout TestRandom) throws -> [Packet] {
    let client = Endpoint(.v4(IPv4Address(rawValue: 0x0a00_0001)), 40_000)
    let server = Endpoint(.v4(IPv4Address(rawValue: 0x0a00_0002)), port)
    var numbers: [UInt32] = [1_000, 9_000]
    var time: Int64 = 1_700_000_000_000_000_000
    var packets: [Packet] = []
    func send(_ side: Int, _ flags: TCPFlags, _ payload: [UInt8] = []) {
      time += 10_000
      let stamp = UInt32(packets.count)
      let options: [UInt8] =
        flags.contains(.syn)
        ? [2, 4, 5, 180, 1, 1, 1, 0] : [1, 1, 8, 10, 1, 2, 3, UInt8(truncatingIfNeeded: stamp), 0, 0, 0, 9]
      packets.append(
        Packet(
          timestamp: time, source: side == 0 ? client : server, destination: side == 0 ? server : client,
          sequence: numbers[side], acknowledgement: flags == .syn ? 0 : numbers[1 - side], flags: flags, window: 512,
          options: TCPOptions(bytes: SharedBytes(options)), identification: UInt16(truncatingIfNeeded: stamp),
          payload: SharedBytes(payload)))
      numbers[side] &+= UInt32(payload.count) + (flags.contains(.syn) ? 1 : 0)
    }
    send(0, .syn)
    send(1, [.syn, .acknowledgement])
    send(0, .acknowledgement)
    for size in [1, 90, 1_400, 4_090, 4_100, 20_000, 100_000] {
      // No dots, which stand for others in text, and words that tcpdump quotes.
      let value = (0..<size).map { _ in Array("abcdefgh \"'\\:>()[],0123456789*$+-".utf8).randomElement(using: &random)!
      }
      let message = Array("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$\(size)\r\n".utf8) + value + [0x0d, 0x0a]
      for start in stride(from: 0, to: message.count, by: 60_000) {
        send(0, [.push, .acknowledgement], Array(message[start..<min(start + 60_000, message.count)]))
      }
      send(1, [.push, .acknowledgement], Array("+OK\r\n".utf8))
    }
    return packets
  }

  @Test("Whatever was asked of tcpdump, its text gives the messages again", arguments: ways)
  func way(options: [String]) throws {
    var random = TestRandom(seed: 5)
    for port: UInt16 in [6379, 7000] {
      let packets = try conversation(port: port, &random)
      for link in LinkHeader.all {
        var file = Pcap.header(linkType: link.type)
        for packet in packets {
          let bytes = link.bytes + packet.datagram
          let frame = Frame(
            timestamp: packet.timestamp, linkType: link.type, bytes: SharedBytes(bytes), wireLength: bytes.count)
          Pcap.append(frame, to: &file)
        }
        let text = try Tool.withFile(file) { try tcpdump(options, $0) }
        let records = try Captures.records(text)
        try #require(records.count == packets.count, "\(link.type) \(port)")
        for (record, packet) in zip(records, packets) {
          let read = try #require(record.packet)
          let isSame = read.payload == packet.payload && read.source == packet.source
          #expect(isSame, "\(link.type) \(port): \(packet.length) bytes, read \(read.payload.count)")
        }
        // Numbers may count from another beginning, but each segment follows the one before it.
        for side in [packets[0].source, packets[1].source] {
          let sent = records.compactMap(\.packet).filter { $0.source == side && $0.length > 0 }
          for (one, next) in zip(sent, sent.dropFirst()) {
            #expect(next.sequence == one.sequence &+ UInt32(one.length))
          }
        }
      }
    }
  }

  @Test("A wrong checksum that -v tells of hides nothing")
  func badChecksum() throws {
    let records = try Captures.records(try Fixtures.file("text/v-bad-cksum.txt"))
    #expect(records.compactMap(\.packet).map { Array($0.payload) } == [Array("*1\r\n$4\r\nPING\r\n".utf8)])
  }

  @Test("The notes' arrows are read: commands, replies, and the payload with its dots")
  func notes() throws {
    let text = """
      ```
      replica>>> PING
      master<<< PONG


      >>> PSYNC ? -1
      <<< FULLRESYNC 4af7360b506843f9346c234825cbf3a4dfffe375 2614
      $EOF:e9c991d24c3e00573f4727f543d1ca3e22e23f0e
      REDIS0010.      redis-ver.7.0.11.
      redis-bits.@

      // and then every seconds:

      >>> REPLCONF ACK 2614
      ```
      """
    let records = try Captures.records(Array(text.utf8))
    let payloads = records.compactMap { $0.packet.map { String(decoding: $0.payload, as: UTF8.self) } }
    #expect(
      payloads == [
        "*1\r\n$4\r\nPING\r\n", "+PONG\r\n", "*3\r\n$5\r\nPSYNC\r\n$1\r\n?\r\n$2\r\n-1\r\n",
        "+FULLRESYNC 4af7360b506843f9346c234825cbf3a4dfffe375 2614\r\n",
        "$EOF:e9c991d24c3e00573f4727f543d1ca3e22e23f0e\r\nREDIS0010.\tredis-ver.7.0.11.\nredis-bits.@",
        "*3\r\n$8\r\nREPLCONF\r\n$3\r\nACK\r\n$4\r\n2614\r\n",
      ])
    #expect(records[4].text?.unknownCount == 6 && records[4].place == .line(8))
    #expect(records[4].text?.hidden == nil)
  }

  @Test("A payload that looks like tcpdump's own text stays a payload")
  func lookalike() throws {
    let original = try #require(try Captures.records(Captures.bytes("types")).compactMap(\.packet).last)
    var packet = original
    packet.payload = SharedBytes(
      Array(
        "$90\n13:56:53.000005 IP 127.0.0.1.1 > 127.0.0.1.2: Flags [P.], seq 1:15, ack 1, win 64, length 14\nend".utf8))
    packet.missing = 0
    var printer = TcpdumpText(.ascii)
    let text = printer.text(of: packet) + printer.text(of: original)
    let records = try Captures.records(Array(text.utf8))
    #expect(records.count == 2 && records[0].packet?.length == packet.length)
  }

  @Test("Text mutated anywhere is read or refused with its line, never a trap")
  func mutated() throws {
    var random = TestRandom(seed: 7)
    for options in [["-nn", "-A"], ["-X", "-e"], ["-xx", "-v"]] {
      let text = try tcpdump(options, Captures.path("fullsync-diskless"))
      for _ in 0..<60 {
        var mutated = text
        random.mutate(&mutated, times: 1...20, words: Array("0123456789,:>.[]() \n\r".utf8), longest: 90)
        do throws(RecordingError) {
          for record in try Captures.records(mutated) { _ = record.packet?.frame }
        } catch {
          #expect(error.kind == .input)
        }
      }
    }
  }
}

/// What stands before an IPv4 datagram.
struct LinkHeader: Sendable {
  var type: LinkType
  var bytes: [UInt8]

  static let all = [
    // The address of an Ethernet card may look like the beginning of a datagram.
    LinkHeader(type: .ethernet, bytes: [0x45, 1, 2, 3, 4, 5, 2, 0, 0, 0, 0, 2, 8, 0]),
    LinkHeader(type: .ethernet, bytes: [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0, 0x20, 7, 8, 0]),
    LinkHeader(type: .linuxCooked, bytes: [0, 0, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0]),
    LinkHeader(type: .linuxCooked2, bytes: [8, 0, 0, 0, 0, 0, 0, 1, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0]),
    LinkHeader(type: .null, bytes: [2, 0, 0, 0]),
  ]
}
