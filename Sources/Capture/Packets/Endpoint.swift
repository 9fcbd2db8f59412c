/// An IPv4 address.
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

/// An address of either family.
package enum IPAddress: Hashable, Sendable {
  case v4(IPv4Address)
  case v6(IPv6Address)

  /// 127.0.0.1.
  package static let loopback = IPAddress.v4(.loopback)

  /// Reads an address of either family, as tcpdump -n writes it.
  package init?(_ text: some StringProtocol) {
    if let address = IPv4Address(text) {
      self = .v4(address)
    } else if let address = IPv6Address(text) {
      self = .v6(address)
    } else {
      return nil
    }
  }
}

/// By their bytes; those of version 4 come first.
extension IPAddress: Comparable {
  package static func < (a: Self, b: Self) -> Bool {
    switch (a, b) {
    case (.v4(let a), .v4(let b)): a.rawValue < b.rawValue
    case (.v6(let a), .v6(let b)): (a.high, a.low) < (b.high, b.low)
    case (.v4, .v6): true
    case (.v6, .v4): false
    }
  }
}

extension IPAddress: CustomStringConvertible {
  package var description: String {
    switch self {
    case .v4(let address): address.description
    case .v6(let address): address.description
    }
  }
}

/// One end of a TCP connection: an address and a port.
package struct Endpoint: Hashable, Sendable {
  package var address: IPAddress
  package var port: UInt16

  package init(_ address: IPAddress, _ port: UInt16) {
    self.address = address
    self.port = port
  }
}

extension Endpoint: CustomStringConvertible {
  /// As tcpdump -nn writes it: `127.0.0.1.7000`.
  package var description: String { "\(address).\(port)" }
}
