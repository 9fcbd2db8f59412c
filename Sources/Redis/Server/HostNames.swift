/// What name resolution and connect(2) say of a host before a packet is sent, told to a node in advance: the network is
/// one machine's loopback, on which each machine of the lab has a name.
package struct HostNames: Equatable, Sendable {
  /// The names that lead somewhere, besides addresses and `localhost`.
  package var names: [String]

  package init(_ names: [String] = []) { self.names = names }

  /// Why connecting to a host fails at once, or nil.
  package func failure(of host: String) -> ConnectFailure? {
    let name = host.asciiLowercased()
    if name == "localhost" || names.contains(where: { $0 == host || $0.asciiLowercased() == name }) { return nil }
    if host.utf8.contains(UInt8(ascii: ":")) {
      // A link's own address means nothing without the name of the link.
      return host.asciiLowercased().hasPrefix("fe80:") ? .invalidAddress : .unreachable
    }
    guard let address = HostNames.ip4(host) else { return .unknownHost }
    return [127, 0].contains(address >> 24) ? nil : .unreachable
  }

  /// What an address is in its usual form; nil: it is a name, which has to be looked up.
  static func address(_ host: String) -> String? {
    if host.utf8.contains(UInt8(ascii: ":")) { return host }
    return ip4(host).map { bits in
      [24, 16, 8, 0].map { String(bits >> $0 & 255) }.joined(separator: ".")
    }
  }

  /// The 32 bits of an IPv4 address as getaddrinfo(3) takes one, which is as inet_aton(3) does: one to four numbers, each
  /// decimal, octal or hexadecimal, of which the last one fills what is left (127.1 is 127.0.0.1).
  private static func ip4(_ host: String) -> UInt32? {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...4).contains(parts.count) else { return nil }
    var bits: UInt32 = 0
    for (index, part) in parts.enumerated() {
      guard let number = number(part) else { return nil }
      if index < parts.count - 1 {
        guard number < 256 else { return nil }
        bits |= number << (24 - 8 * UInt32(index))
      } else {
        guard index == 0 || number < 1 << (32 - 8 * UInt32(index)) else { return nil }
        bits |= number
      }
    }
    return bits
  }

  /// A number as in C.
  private static func number(_ text: Substring) -> UInt32? {
    guard text.utf8.first.map({ (0x30...0x39).contains($0) }) == true else { return nil }
    if text.hasPrefix("0x") || text.hasPrefix("0X") {
      return text.contains("+") ? nil : UInt32(text.dropFirst(2), radix: 16)
    }
    return UInt32(text, radix: text.hasPrefix("0") ? 8 : 10)
  }
}

extension ConnectFailure {
  /// What errno says then. For a name it is what the resolver left there [measured]: this one where a name server says
  /// that there is no such name, "Resource temporarily unavailable" where no name server answers.
  package var words: String {
    switch self {
    case .refused: "Connection refused"
    case .unreachable: "Network is unreachable"
    case .unknownHost: "No such file or directory"
    case .invalidAddress: "Invalid argument"
    }
  }
}
