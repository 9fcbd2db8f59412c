/// What name resolution and connect(2) say of a host before a packet is sent, told to a node in advance: the network is
/// one machine's loopback, on which each machine of the lab has a name.
package struct HostNames: Equatable, Sendable {
  /// The names that lead somewhere, besides addresses and `localhost`.
  package var names: [String]

  package init(_ names: [String] = []) { self.names = names }

  /// Why connecting to a host fails at once, or nil.
  package func failure(of host: String) -> ConnectFailure? {
    if host == "localhost" || names.contains(host) { return nil }
    if host.utf8.contains(UInt8(ascii: ":")) {
      // A link's own address means nothing without the name of the link.
      return host.lowercased().hasPrefix("fe80:") ? .invalidAddress : .unreachable
    }
    guard let first = HostNames.firstByte(host) else { return .unknownHost }
    return first == 127 || first == 0 ? nil : .unreachable
  }

  /// It is an address, and no name.
  static func isAddress(_ host: String) -> Bool { firstByte(host) != nil || host.utf8.contains(UInt8(ascii: ":")) }

  /// The first of the four bytes of an IPv4 address, or nil if it is none.
  private static func firstByte(_ host: String) -> UInt8? {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4, parts.allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } && UInt8($0) != nil })
    else { return nil }
    return UInt8(parts[0])
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
