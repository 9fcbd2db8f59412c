import Capture
import Dissection
import TestSupport

/// What one end sent in one segment.
struct Feed: Equatable {
  var side: Side
  var bytes: [UInt8]
}

/// The connections of the recorded captures, each as what its ends sent, in order.
enum Recordings {
  static let names = Fixtures.captures
  static func file(_ path: String) throws -> [UInt8] { try Fixtures.file(path) }

  /// The conversations of a capture that carried any bytes. The end with the lower port listened: these have 7000 to
  /// 7002, the others ports that the kernel drew.
  static func conversations(_ name: String) throws -> [[Feed]] {
    var conversations: [(ports: Set<UInt16>, feeds: [Feed])] = []
    for packet in try Pcap.packets(in: Fixtures.capture(name)) {
      let ports: Set = [packet.source.port, packet.destination.port]
      if packet.flags.contains(.syn), !packet.flags.contains(.acknowledgement) {
        conversations.append((ports, []))
      }
      guard !packet.payload.isEmpty else { continue }
      let side: Side = packet.source.port > packet.destination.port ? .opener : .acceptor
      let feed = Feed(side: side, bytes: Array(packet.payload))
      if let index = conversations.lastIndex(where: { $0.ports == ports }) {
        conversations[index].feeds.append(feed)
      } else {
        conversations.append((ports, [feed]))
      }
    }
    return conversations.map(\.feeds).filter { !$0.isEmpty }
  }
}
