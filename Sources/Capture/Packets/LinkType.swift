/// What a capture's frames begin with, by the number that stands in capture files (tcpdump.org/linktypes.html).
package enum LinkType: UInt32, Hashable, Sendable, CaseIterable {
  /// BSD's loopback: four bytes, the address family in the byte order of the machine.
  case null = 0
  case ethernet = 1
  /// Nothing: the datagram alone.
  case raw = 101
  /// OpenBSD's loopback: four bytes, the address family in network order.
  case loop = 108
  /// What tcpdump -i any makes, up to 4.9 …
  case linuxCooked = 113
  /// Nothing, and the datagram is of version 4, or 6.
  case ipv4 = 228
  case ipv6 = 229
  /// … and since then.
  case linuxCooked2 = 276

  /// libpcap calls raw IP 12 on Linux, and 14 on OpenBSD; files written there by others have these numbers, too.
  package init?(number: UInt32) {
    self.init(rawValue: number == 12 || number == 14 ? 101 : number)
  }

  /// As `tcpdump -r` names it.
  package var name: String {
    switch self {
    case .null: "NULL (BSD loopback)"
    case .ethernet: "EN10MB (Ethernet)"
    case .raw: "RAW (Raw IP)"
    case .loop: "LOOP (OpenBSD loopback)"
    case .linuxCooked: "LINUX_SLL (Linux cooked v1)"
    case .ipv4: "IPV4 (Raw IPv4)"
    case .ipv6: "IPV6 (Raw IPv6)"
    case .linuxCooked2: "LINUX_SLL2 (Linux cooked v2)"
    }
  }
}

/// A frame as a capture has it: a record of a capture file, or what text tells of one.
package struct Frame: Hashable, Sendable {
  /// When it was captured, in nanoseconds since 1970-01-01 00:00:00 UTC.
  package var timestamp: Int64
  package var linkType: LinkType
  /// What was captured; a snapshot length may have cut it.
  package var bytes: SharedBytes
  /// How many bytes the frame had on the wire.
  package var wireLength: Int

  package init(timestamp: Int64, linkType: LinkType, bytes: SharedBytes, wireLength: Int) {
    self.timestamp = timestamp
    self.linkType = linkType
    self.bytes = bytes
    self.wireLength = wireLength
  }

  /// The frame that a packet is in.
  package init(_ packet: Packet) {
    self.init(
      timestamp: packet.timestamp, linkType: packet.linkType, bytes: SharedBytes(packet.frame),
      wireLength: packet.wireLength)
  }
}

extension LinkType {
  /// Where the datagram begins in a frame, and its EtherType (0x0800 is IPv4, 0x86dd IPv6); nil if the frame ends before
  /// it says so. VLAN tags are skipped.
  ///
  /// ```
  ///   Ethernet        destination 6 · source 6 · type 2
  ///   VLAN tag        after a type of 0x8100 (or 0x88a8, 0x9100, 0x9200): priority and number 2 · type 2
  ///   cooked v1       kind 2 · hardware 2 · address length 2 · address 8 · type 2
  ///   cooked v2       type 2 · 0 2 · interface 4 · hardware 2 · kind 1 · address length 1 · address 8
  /// ```
  package func network(in frame: Span<UInt8>) -> (offset: Int, type: UInt16)? {
    func word(_ at: Int) -> UInt16 { UInt16(frame[at]) << 8 | UInt16(frame[at + 1]) }
    var offset: Int
    var type: UInt16
    switch self {
    case .ipv4: return (0, 0x0800)
    case .ipv6: return (0, 0x86dd)
    case .raw:
      guard frame.count > 0 else { return nil }
      return (0, frame[0] >> 4 == 6 ? 0x86dd : 0x0800)
    case .null, .loop:
      guard frame.count >= 4 else { return nil }
      return (4, Self.type(ofFamily: word(0) == 0 ? word(2) : word(0).byteSwapped))
    case .ethernet:
      guard frame.count >= 14 else { return nil }
      (offset, type) = (14, word(12))
    case .linuxCooked:
      guard frame.count >= 16 else { return nil }
      (offset, type) = (16, word(14))
    case .linuxCooked2:
      guard frame.count >= 20 else { return nil }
      (offset, type) = (20, word(0))
    }
    while Self.isTag(type) {
      guard frame.count >= offset + 4 else { return nil }
      type = word(offset + 2)
      offset += 4
    }
    return (offset, type)
  }

  static func isTag(_ type: UInt16) -> Bool { [0x8100, 0x88a8, 0x9100, 0x9200].contains(type) }

  /// AF_INET is 2 everywhere; AF_INET6 is 10 on Linux, 24, 28 and 30 on the BSDs.
  private static func type(ofFamily family: UInt16) -> UInt16 {
    switch family {
    case 2: 0x0800
    case 10, 24, 28, 30: 0x86dd
    default: 0
    }
  }
}
