/// An IPv4 address; other families come with the transcripts that hold them.
package struct IPv4Address: Hashable, Sendable {
  /// The four bytes, the first one most significant.
  package var rawValue: UInt32

  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// 127.0.0.1.
  package static let loopback = IPv4Address(rawValue: 0x7f00_0001)

  /// Reads four decimal numbers with dots between them, and nothing else.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    rawValue = 0
    for part in parts {
      guard let byte = UInt8(part), !part.hasPrefix("+") else { return nil }
      rawValue = rawValue << 8 | UInt32(byte)
    }
  }
}

extension IPv4Address: CustomStringConvertible {
  package var description: String {
    "\(rawValue >> 24).\(rawValue >> 16 & 0xff).\(rawValue >> 8 & 0xff).\(rawValue & 0xff)"
  }
}

/// One end of a TCP connection: an address and a port.
package struct Endpoint: Hashable, Sendable {
  package var address: IPv4Address
  package var port: UInt16

  package init(_ address: IPv4Address, _ port: UInt16) {
    self.address = address
    self.port = port
  }
}

extension Endpoint: CustomStringConvertible {
  /// As tcpdump -nn writes it: `127.0.0.1.7000`.
  package var description: String { "\(address).\(port)" }
}
