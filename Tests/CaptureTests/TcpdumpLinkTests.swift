import Capture
import RealRedis
import Testing

/// Recorded packets in other frames than those of Linux's loopback, printed by both.
@Suite("tcpdump's text of other links", .enabled(if: Tool.isInstalled("tcpdump"), "tcpdump is not installed"))
struct TcpdumpLinkTests {
  @Test("Every link type prints as the real tcpdump prints it", arguments: Rewritten.links, [false, true])
  func links(link: Rewritten.Link, isIPv6: Bool) throws {
    for name in ["fullsync-diskless", "types"] {
      let frames = try Rewritten.frames(of: name, link, isIPv6: isIPv6)
      try expectSameText(frames)
      for frame in frames {
        let packet = try Packet(frame)
        #expect(packet.frame == Array(frame.bytes) && packet.wireLength == frame.wireLength)
        #expect(packet.isIPv6 == isIPv6 && packet.linkType == frame.linkType)
      }
    }
  }

  @Test("A packet cut anywhere by a snapshot length prints as the real tcpdump prints it", arguments: [false, true])
  func cut(isIPv6: Bool) throws {
    for link in Rewritten.links {
      let whole = try Rewritten.frames(of: "fullsync-diskless", link, isIPv6: isIPv6)
      // A SYN with all its options, and a segment with data.
      let frames = [whole[0], whole.first { $0.bytes.count > 120 }!].flatMap { frame in
        (1...min(frame.bytes.count, 130)).map { length in
          var cut = frame
          cut.bytes = frame.bytes[..<length]
          return cut
        }
      }
      try expectSameText(frames, "\(link.name)")
    }
  }

  @Test("Odd IP headers print as the real tcpdump prints them")
  func oddHeaders() throws {
    for isIPv6 in [false, true] {
      let frame = try Rewritten.frames(of: "fullsync-diskless", Rewritten.links[0], isIPv6: isIPv6)
        .first { $0.bytes.count > 120 }!
      var frames: [Frame] = []
      for index in 14..<(isIPv6 ? 22 : 24) where !(isIPv6 && index == 20) && !(!isIPv6 && index == 23) {
        for value: UInt8 in [0, 1, 0x20, 0x44, 0x46, 0x65, 0xff] {
          var bytes = Array(frame.bytes)
          bytes[index] = value
          frames.append(Frame(timestamp: 0, linkType: .ethernet, bytes: SharedBytes(bytes), wireLength: bytes.count))
        }
      }
      try expectSameText(frames)
    }
  }

  @Test("Extension headers of IPv6 print as the real tcpdump prints them")
  func extensions() throws {
    let frame = try Rewritten.frames(of: "fullsync-diskless", Rewritten.links[0], isIPv6: true)
      .first { $0.bytes.count > 120 }!
    let chains: [[(kind: UInt8, bytes: [UInt8])]] = [
      [(0, [1, 4, 0, 0, 0, 0])], [(60, [1, 4, 0, 0, 0, 0])], [(44, [0, 1, 0, 0, 0, 7])], [(44, [0, 9, 0, 0, 0, 7])],
      [(0, [1, 4, 0, 0, 0, 0]), (60, [1, 4, 0, 0, 0, 0])],
    ]
    let frames = chains.map { Rewritten.insert($0, into: frame) }
    try expectSameText(frames)
    for (index, frame) in frames.enumerated() {
      let packet = try? Packet(frame)
      #expect((packet == nil) == (index == 3), "\(index)")
      if let packet { #expect(packet.frame == Array(frame.bytes)) }
    }
  }

  @Test("Options of the IP header, padding and tags are kept, and print as the real tcpdump prints them")
  func optionsAndPadding() throws {
    let plain = try Rewritten.frames(of: "fullsync-diskless", Rewritten.links[0], isIPv6: false)
    let frames = plain.map { frame in
      var bytes = Array(frame.bytes)
      bytes[14] = 0x47
      let total = UInt16(bytes[16]) << 8 + UInt16(bytes[17]) + 8
      bytes[16] = UInt8(total >> 8)
      bytes[17] = UInt8(total & 0xff)
      bytes.insert(contentsOf: [1, 1, 1, 1, 148, 4, 0, 0], at: 34)
      bytes += [0xde, 0xad, 0xbe, 0xef]
      return Frame(
        timestamp: frame.timestamp, linkType: .ethernet, bytes: SharedBytes(bytes), wireLength: bytes.count + 2)
    }
    try expectSameText(frames)
    for frame in frames {
      let packet = try Packet(frame)
      #expect(packet.frame == Array(frame.bytes) && packet.wireLength == frame.wireLength)
    }
  }
}

/// Expects that we print what the real tcpdump prints of these frames, all of one link type.
func expectSameText(_ frames: [Frame], _ comment: String = "", sourceLocation: SourceLocation = #_sourceLocation) throws
{
  var file = Pcap.header(linkType: frames[0].linkType)
  for frame in frames { Pcap.append(frame, to: &file) }
  for (option, contents) in [("-A", TcpdumpText.Contents.ascii), ("-X", .hexAndASCII)] {
    let theirs = try Tool.withFile(file) { path in
      String(
        decoding: try Tool.run("tcpdump", ["-nn", option, "-r", path], environment: ["TZ": "UTC0"]), as: UTF8.self)
    }
    var printer = TcpdumpText(contents)
    printer.interfaceNames = [1: "lo"]
    var ours = TextBuffer()
    for frame in frames { printer.append(frame, to: &ours) }
    expectSame(comment + ours.string, comment + theirs, sourceLocation: sourceLocation)
  }
}
