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
    /// A link type that is no case of `LinkType`.
    case unsupportedLinkType(Int)
    /// The file ends within the named part, which needs so many more bytes.
    case truncated(Part, missing: Int)
    /// A record says that it is longer than any packet.
    case recordTooLong(Int)
    /// A frame holds something else than IP.
    case unsupportedEtherType(UInt16)
    case badVersion(Int, expected: Int)
    /// No header can be shorter than its fixed part, or longer than what holds it.
    case badHeaderLength(Part, Int)
    /// A fragment of a datagram that is not the first one: the TCP header is in that.
    case fragment
    /// A datagram holds something else than TCP.
    case unsupportedProtocol(UInt8)
    /// libpcap's own words.
    case libpcap(String)
  }

  package enum Part: String, Hashable, Sendable {
    case fileHeader = "file header"
    case recordHeader = "record header"
    case record = "record"
    case frame = "link header"
    case datagram = "IP header"
    case segment = "TCP header"
  }
}

extension CaptureError: CustomStringConvertible {
  package var description: String { "byte \(offset): \(reason)" }
}

extension CaptureError.Reason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notPcap: "not a pcap file"
    case .unsupportedVersion(let major, let minor): "pcap version \(major).\(minor), only 2.x can be read"
    case .unsupportedLinkType(let type):
      "link type \(type), which can't be read: only Ethernet, loopback, Linux cooked and raw IP can"
    case .truncated(let part, let missing): "the \(part.rawValue) lacks its last \(missing) bytes"
    case .recordTooLong(let length): "a record of \(length) bytes, more than the 262144 that a packet may have"
    case .unsupportedEtherType(let type): "Ethernet type 0x\(String(type, radix: 16)), which is not IP"
    case .badVersion(let version, let expected): "IP version \(version) in a frame of type IPv\(expected)"
    case .badHeaderLength(let part, let length): "\(length) bytes is no length for the \(part.rawValue)"
    case .fragment: "a fragment of a datagram, not the first one"
    case .unsupportedProtocol(let number): "IP protocol \(number), which is not TCP (6)"
    case .libpcap(let words): words
    }
  }
}
