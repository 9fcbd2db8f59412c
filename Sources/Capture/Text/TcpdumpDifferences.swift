/// Counts the packets of a session that tcpdump prints otherwise than `TcpdumpText` does, so that whoever prints it can say
/// so.
///
/// tcpdump 4.99.3 goes by the port. Which ports it knows was measured: RESP was sent from and to each of the 65,535, and
/// what it printed compared with what it prints for a port that nobody knows.
package struct TcpdumpDifferences: Sendable {
  /// What tcpdump takes the payload for at these ports, as it calls it.
  package static let protocols: [UInt16: String] = [
    21: "FTP", 25: "SMTP", 43: "WHOIS", 53: "DNS", 80: "HTTP", 179: "BGP", 323: "RPKI-RTR", 554: "RTSP", 639: "MSDP",
    646: "LDP", 1723: "PPTP", 6633: "OpenFlow", 6653: "OpenFlow", 8080: "HTTP", 8554: "RTSP", 10288: "BEEP",
  ]
  /// The same at ports where it finds nothing to say of RESP.
  package static let protocolsBesidesRESP: [UInt16: String] = [
    22: "SSH", 23: "Telnet", 139: "NetBIOS", 445: "SMB", 2049: "NFS",
  ]

  private var counts: [UInt16: Int] = [:]
  private var others = 0

  package init() {}

  package mutating func count(_ record: Record) {
    guard let packet = record.packet else {
      others += 1
      return
    }
    count(packet)
  }

  package mutating func count(_ packet: Packet) {
    guard packet.length > 0 else { return }
    for port in [packet.source.port, packet.destination.port] where Self.reads(packet, at: port) {
      counts[port, default: 0] += 1
      return
    }
  }

  private static func reads(_ packet: Packet, at port: UInt16) -> Bool {
    if protocols[port] != nil { return true }
    guard protocolsBesidesRESP[port] != nil, let first = packet.payload.first else { return false }
    return !"*$+-:\n".utf8.contains(first)
  }

  /// What there is to tell, a line for each port, in their order.
  package var sentences: [String] {
    var sentences = counts.sorted { $0.key < $1.key }.map { port, count in
      let name = Self.protocols[port] ?? Self.protocolsBesidesRESP[port] ?? ""
      return count == 1
        ? "1 packet on port \(port): tcpdump reads it as \(name); here it is printed as on a port that it does not know"
        : "\(count) packets on port \(port): tcpdump reads them as \(name); here they are printed as on a port that it "
          + "does not know"
    }
    if others > 0 {
      sentences.append(
        others == 1
          ? "1 frame is no TCP: tcpdump may print more of it"
          : "\(others) frames are no TCP: tcpdump may print more of them")
    }
    return sentences
  }
}
