import Dissection
import Foundation

/// What one end sent in one segment.
struct Feed: Equatable {
  var side: Side
  var bytes: [UInt8]
}

/// The connections of the recorded captures, each as what its ends sent, in order.
enum Recordings {
  static let names = [
    "acl-ok", "acl-storm", "auth-storm", "chain", "fullsync-disk", "fullsync-diskless", "partial-resync", "types",
  ]

  static func folder(_ path: String = "") -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path + "/Fixtures/" + path
  }

  static func file(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: folder(path))))
  }

  /// The conversations of a capture that carried any bytes. The end with the lower port listened: these have 7000 to
  /// 7002, the others ports that the kernel drew.
  static func conversations(_ name: String) throws -> [[Feed]] {
    var conversations: [(ports: Set<Int>, feeds: [Feed])] = []
    for packet in try packets(file("captures/\(name).pcap")) {
      let ports: Set<Int> = [packet.source, packet.destination]
      if packet.isOpening { conversations.append((ports, [])) }
      guard !packet.payload.isEmpty else { continue }
      let feed = Feed(side: packet.source > packet.destination ? .opener : .acceptor, bytes: packet.payload)
      if let index = conversations.lastIndex(where: { $0.ports == ports }) {
        conversations[index].feeds.append(feed)
      } else {
        conversations.append((ports, [feed]))
      }
    }
    return conversations.map(\.feeds).filter { !$0.isEmpty }
  }

  private struct Packet {
    var source: Int
    var destination: Int
    var isOpening: Bool
    var payload: [UInt8]
  }

  /// A capture of Ethernet frames with IPv4 and TCP, little-endian, as these all are.
  private static func packets(_ file: [UInt8]) -> [Packet] {
    var packets: [Packet] = []
    var position = 24
    while position + 16 <= file.count {
      let length = (0..<4).reduce(0) { $0 | Int(file[position + 8 + $1]) << (8 * $1) }
      let frame = Array(file[position + 16..<position + 16 + length])
      position += 16 + length
      let ip = Array(frame[14..<14 + (Int(frame[16]) << 8 | Int(frame[17]))])
      let tcp = Array(ip[(Int(ip[0] & 15) * 4)...])
      packets.append(
        Packet(
          source: Int(tcp[0]) << 8 | Int(tcp[1]), destination: Int(tcp[2]) << 8 | Int(tcp[3]),
          isOpening: tcp[13] & 0x12 == 0x02, payload: Array(tcp[(Int(tcp[12] >> 4) * 4)...])))
    }
    return packets
  }
}
