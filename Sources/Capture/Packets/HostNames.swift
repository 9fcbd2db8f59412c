/// The addresses that stand for the names in text that was printed without -n.
///
/// `localhost` is the loopback. For any other name an address is made up, of those that are for documentation (RFC 5737,
/// RFC 3849): the first name is 192.0.2.1.
package struct HostNames: Hashable, Sendable {
  /// The made-up addresses, by the names that were printed.
  package private(set) var addresses: [String: IPAddress] = [:]

  package init() {}

  /// Reads `127.0.0.1.7000`, `localhost.afs3-fileserver`, `::1.7000`; nil if the port has no number we know.
  mutating func endpoint(_ text: Substring, isIPv6: Bool) -> Endpoint? {
    guard let dot = text.lastIndex(of: ".") else { return nil }
    let (host, service) = (text[..<dot], text[text.index(after: dot)...])
    guard let port = UInt16(service) ?? Self.ports[String(service)] else { return nil }
    return Endpoint(address(host, isIPv6: isIPv6), port)
  }

  private mutating func address(_ host: Substring, isIPv6: Bool) -> IPAddress {
    if let address = IPAddress(host) { return address }
    if ["localhost", "ip6-localhost", "ip6-loopback", "localhost.localdomain"].contains(host) {
      return isIPv6 ? .v6(.loopback) : .loopback
    }
    if let known = addresses[String(host)] { return known }
    let number = addresses.count % 254 + 1
    let made: IPAddress =
      isIPv6
      ? .v6(IPv6Address(high: 0x2001_0db8_0000_0000, low: UInt64(number)))
      : .v4(IPv4Address(rawValue: 0xc000_0200 | UInt32(number)))
    addresses[String(host)] = made
    return made
  }

  /// What /etc/services calls the ports at which a Redis is met, and its neighbours (IANA's names).
  private static let ports: [String: UInt16] = [
    "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "http": 80, "https": 443, "mysql": 3306,
    "postgresql": 5432, "redis": 6379, "x11": 6000, "afs3-fileserver": 7000, "bbs": 7000, "afs3-callback": 7001,
    "afs3-prserver": 7002, "afs3-vlserver": 7003, "afs3-kaserver": 7004, "afs3-volser": 7005, "afs3-errors": 7006,
    "afs3-bos": 7007, "afs3-update": 7008, "afs3-rmtsys": 7009, "http-alt": 8080, "webcache": 8080, "tproxy": 8081,
  ]
}
