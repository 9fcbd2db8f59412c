import Capture
import Testing

/// Recorded packets in frames of other links.
enum Rewritten {
  struct Link: Sendable, CustomTestStringConvertible {
    var name: String
    var type: LinkType
    /// What stands before an IPv4 datagram, and before an IPv6 one.
    var header: [UInt8]
    var header6: [UInt8]

    var testDescription: String { name }
  }

  private static let addresses: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]

  static let links: [Link] = [
    Link(name: "Ethernet", type: .ethernet, header: addresses + [8, 0], header6: addresses + [0x86, 0xdd]),
    Link(
      name: "VLAN", type: .ethernet, header: addresses + [0x81, 0, 0x20, 7, 8, 0],
      header6: addresses + [0x81, 0, 0x20, 7, 0x86, 0xdd]),
    Link(
      name: "QinQ", type: .ethernet, header: addresses + [0x88, 0xa8, 0, 5, 0x81, 0, 0x20, 7, 8, 0],
      header6: addresses + [0x88, 0xa8, 0, 5, 0x81, 0, 0x20, 7, 0x86, 0xdd]),
    Link(name: "null", type: .null, header: [2, 0, 0, 0], header6: [24, 0, 0, 0]),
    Link(name: "null, big-endian", type: .null, header: [0, 0, 0, 2], header6: [0, 0, 0, 30]),
    Link(name: "loop", type: .loop, header: [0, 0, 0, 2], header6: [0, 0, 0, 24]),
    Link(name: "raw", type: .raw, header: [], header6: []),
    Link(
      name: "cooked v1", type: .linuxCooked, header: [0, 0, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0],
      header6: [0, 4, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0x86, 0xdd]),
    Link(
      name: "cooked v2", type: .linuxCooked2,
      header: [8, 0, 0, 0, 0, 0, 0, 1, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0],
      header6: [0x86, 0xdd, 0, 0, 0, 0, 0, 99, 3, 4, 4, 6, 0, 0, 0, 0, 0, 0, 0, 0]),
  ]

  /// The packets of a recording in such frames.
  static func frames(of recording: String, _ link: Link, isIPv6: Bool) throws -> [Frame] {
    try Captures.packets(recording).map { packet in
      let datagram = isIPv6 ? IPv6.datagram(packet) : packet.datagram
      let bytes = (isIPv6 ? link.header6 : link.header) + datagram
      return Frame(
        timestamp: packet.timestamp, linkType: link.type, bytes: SharedBytes(bytes), wireLength: bytes.count)
    }
  }

  /// The segment of an IPv4 packet in an IPv6 datagram from fe80::1 to ::1.
  private enum IPv6 {
    static func datagram(_ packet: Packet) -> [UInt8] {
      let segment = packet.datagram.dropFirst(20)
      let ends: [[UInt8]] = [
        [0xfe, 0x80] + Array(repeating: 0, count: 13) + [1], Array(repeating: 0, count: 15) + [1],
      ]
      let isFirst = packet.source.port > packet.destination.port
      return [0x60, 0x12, 0x34, 0x56, UInt8(segment.count >> 8), UInt8(segment.count & 0xff), 6, 63]
        + (isFirst ? ends[0] + ends[1] : ends[1] + ends[0]) + segment
    }
  }

  /// An Ethernet frame with IPv6 with these extension headers between its header and the segment.
  static func insert(_ chain: [(kind: UInt8, bytes: [UInt8])], into frame: Frame) -> Frame {
    var bytes = Array(frame.bytes)
    let length = Int(bytes[18]) << 8 + Int(bytes[19]) + chain.count * 8
    (bytes[18], bytes[19]) = (UInt8(length >> 8), UInt8(length & 0xff))
    bytes[20] = chain[0].kind
    var headers: [UInt8] = []
    for (index, link) in chain.enumerated() {
      headers += [index + 1 < chain.count ? chain[index + 1].kind : 6, 0] + link.bytes
    }
    bytes.insert(contentsOf: headers, at: 54)
    return Frame(timestamp: 0, linkType: .ethernet, bytes: SharedBytes(bytes), wireLength: bytes.count)
  }
}
