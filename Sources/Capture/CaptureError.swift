/// What is wrong with a capture file, and where.
package struct CaptureError: Error, Hashable, Sendable {
  /// The offset in the file of the byte that is wrong, or of the first one that is not there.
  package var offset: Int
  package var reason: Reason

  package init(offset: Int, reason: Reason) {
    self.offset = offset
    self.reason = reason
  }

  package enum Reason: Hashable, Sendable {
    /// Neither byte order's magic number, in µs or ns.
    case notPcap
    case unsupportedVersion(major: Int, minor: Int)
    /// A link type other than Ethernet.
    case unsupportedLinkType(Int)
    /// The file ends within the named part, which needs so many more bytes.
    case truncated(Part, missing: Int)
    /// A record says that it is longer than any packet.
    case recordTooLong(Int)
    /// A frame holds something else than IPv4.
    case unsupportedEtherType(UInt16)
    case notIPv4(version: Int)
    /// Neither the IP nor the TCP header can be shorter than 20 bytes, or longer than what holds it.
    case badHeaderLength(Part, Int)
    case unsupportedIPOptions
    case fragment
    /// A datagram holds something else than TCP.
    case unsupportedProtocol(UInt8)
  }

  package enum Part: String, Hashable, Sendable {
    case fileHeader = "file header"
    case recordHeader = "record header"
    case record = "record"
    case frame = "Ethernet header"
    case datagram = "IP header"
    case segment = "TCP header"
  }
}

extension CaptureError: CustomStringConvertible {
  package var description: String { "byte \(offset): \(text)" }

  private var text: String {
    switch reason {
    case .notPcap: "not a pcap file"
    case .unsupportedVersion(let major, let minor): "pcap version \(major).\(minor), only 2.x can be read"
    case .unsupportedLinkType(let type): "link type \(type), only 1 (Ethernet) can be read"
    case .truncated(let part, let missing): "the \(part.rawValue) lacks its last \(missing) bytes"
    case .recordTooLong(let length): "a record of \(length) bytes, more than the 262144 that a packet may have"
    case .unsupportedEtherType(let type): "Ethernet type 0x\(String(type, radix: 16)), only 0x800 (IPv4) can be read"
    case .notIPv4(let version): "IP version \(version) in a frame of type IPv4"
    case .badHeaderLength(let part, let length): "\(length) bytes is no length for the \(part.rawValue)"
    case .unsupportedIPOptions: "an IP header with options"
    case .fragment: "a fragment of a datagram"
    case .unsupportedProtocol(let number): "IP protocol \(number), only 6 (TCP) can be read"
    }
  }
}
