/// What stands around a TCP segment, where that is not what Linux's loopback puts around every one (an Ethernet header of
/// zeros, an IPv4 header without options): all that is needed to write the frame again to the byte.
///
/// A reference, so that a packet of the lab, which has none, has room for it at the cost of one word.
package final class Envelope: Hashable, Sendable {
  package let linkType: LinkType
  /// All bytes before the TCP header, as captured: the link's header, the IP header with options or extensions.
  package let header: SharedBytes
  /// Where the IP header begins in `header`.
  package let datagramStart: Int
  /// What follows the datagram: Ethernet pads short frames.
  package let trailer: SharedBytes
  /// The bytes behind the datagram that the wire had but the capture has not. (Negative where a record says that its
  /// frame was shorter than the datagram in it.)
  package let wireExcess: Int

  init(linkType: LinkType, header: SharedBytes, datagramStart: Int, trailer: SharedBytes, wireExcess: Int) {
    self.linkType = linkType
    self.header = header
    self.datagramStart = datagramStart
    self.trailer = trailer
    self.wireExcess = wireExcess
  }

  package static func == (a: Envelope, b: Envelope) -> Bool {
    a === b
      || (a.linkType == b.linkType && a.datagramStart == b.datagramStart && a.header == b.header
        && a.trailer == b.trailer && a.wireExcess == b.wireExcess)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(header)
    hasher.combine(trailer)
  }
}

extension Envelope {
  var isIPv6: Bool { header[datagramStart] >> 4 == 6 }

  /// The bytes of the IP header, options and extensions included.
  var ipHeaderLength: Int { header.count - datagramStart }

  /// The source's address, or the destination's, of an IPv6 header.
  func address(isSource: Bool) -> IPv6Address {
    let start = datagramStart + (isSource ? 8 : 24)
    func half(_ at: Int) -> UInt64 { header[at..<at + 8].reduce(0) { $0 << 8 | UInt64($1) } }
    return IPv6Address(high: half(start), low: half(start + 8))
  }

  /// This envelope with another address.
  func with(_ address: IPv6Address, isSource: Bool) -> Envelope {
    let start = datagramStart + (isSource ? 8 : 24)
    var bytes = Array(header)
    bytes.replaceSubrange(start..<start + 16, with: address.high.bigEndianBytes + address.low.bigEndianBytes)
    return Envelope(
      linkType: linkType, header: SharedBytes(bytes), datagramStart: datagramStart, trailer: trailer,
      wireExcess: wireExcess)
  }
}

extension Envelope {
  /// What Linux's loopback puts around an IPv6 segment. The length is filled in when the packet is written.
  static func loopback(from source: IPv6Address, to destination: IPv6Address) -> Envelope {
    var bytes = [UInt8](repeating: 0, count: 12) + [0x86, 0xdd, 0x60, 0, 0, 0, 0xff, 0xff, 6, 64]
    bytes += source.high.bigEndianBytes + source.low.bigEndianBytes
    bytes += destination.high.bigEndianBytes + destination.low.bigEndianBytes
    return Envelope(
      linkType: .ethernet, header: SharedBytes(bytes), datagramStart: 14, trailer: .empty, wireExcess: 0)
  }
}
