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
        for _ in 0..<Int.random(in: 1...20, using: &random) {
          let index = Int.random(in: 0..<mutated.count, using: &random)
          switch Int.random(in: 0..<4, using: &random) {
          case 0: mutated[index] = UInt8.random(in: 0...255, using: &random)
          case 1: mutated.removeSubrange(index..<min(mutated.count, index + 40))
          case 2: mutated.insert(contentsOf: mutated[index..<min(mutated.count, index + 90)], at: index)
          default: mutated[index] = Array("0123456789,:>.[]() \n\r".utf8).randomElement(using: &random)!
          }
        }
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
