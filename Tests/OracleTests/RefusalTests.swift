import Capture
import Foundation
import Lab
import Redis
import TestSupport
import Testing

/// The recordings of refused replicas, and the lab in the same situation.
@Suite("The lab's replica is refused as the recorded ones were") struct RefusalTests {
  struct Recording: Sendable, CustomTestStringConvertible {
    var name: String
    var master: [String]
    var replica: [String]
    /// How many connections are compared: of a storm's rounds the first few, the last of which may be cut off.
    var connections: Int
    var testDescription: String { name }

    static let all = [
      Recording(name: "auth-storm", master: ["--requirepass", "secret"], replica: [], connections: 3),
      Recording(
        name: "acl-storm", master: ["--requirepass", "secret", "--user", "repl", "on", ">pw", "+ping"],
        replica: ["--masteruser", "repl", "--masterauth", "pw"], connections: 3),
      Recording(
        name: "acl-ok", master: ["--user", "repl", "on", ">pw", "+psync", "+replconf", "+ping"],
        replica: ["--masteruser", "repl", "--masterauth", "pw"], connections: 1),
    ]
  }

  @Test("with the same messages in the same order", arguments: Recording.all)
  func sameMessages(recording: Recording) throws {
    let recorded = try Array(Self.conversations(recording.name).prefix(recording.connections))
    var lab = Timeline(seed: 1)
    let master = ["--port", "7000", "--repl-diskless-sync-delay", "0"] + recording.master
    try lab.apply(.start(node: "m", Launch(arguments: master)))
    try lab.apply(
      .start(node: "r", Launch(arguments: ["--port", "7001", "--replicaof", "127.0.0.1 7000"] + recording.replica)))
    for _ in 0..<400 { _ = lab.stepPacket() }
    let played = Self.conversations(in: lab.packets).prefix(recording.connections)
    #expect(recorded.count == recording.connections)
    for (ours, theirs) in zip(played, recorded) {
      // How what the one says falls between what the other says is a matter of time.
      for sign in [">>>", "<<<"] {
        let said = theirs.filter { $0.hasPrefix(sign) }
        #expect(ours.filter { $0.hasPrefix(sign) }.prefix(said.count) == said[...])
      }
    }
  }

  /// What was said on the connections on which a replica spoke, a line for each message and direction; ids, ports,
  /// passwords, names, the payload and what follows it apart.
  private static func conversations(_ name: String) throws -> [[String]] {
    conversations(in: try Pcap.packets(in: Fixtures.capture(name)))
  }

  private static func conversations(in packets: [Packet]) -> [[String]] {
    var found: [(port: UInt16, words: [String])] = []
    for packet in packets where packet.source.port == 7000 || packet.destination.port == 7000 {
      let port = max(packet.source.port, packet.destination.port)
      if packet.flags.contains(.syn), !packet.flags.contains(.acknowledgement) { found.append((port, [])) }
      guard let index = found.lastIndex(where: { $0.port == port }), !packet.payload.isEmpty else { continue }
      let sign = packet.destination.port == 7000 ? ">>> " : "<<< "
      found[index].words += messages(in: Array(packet.payload)).map { sign + $0 }
    }
    return found.map(\.words).filter { $0.first == ">>> PING" && $0.count > 2 }.map { words in
      // What follows the snapshot depends on the time.
      Array(words.prefix { !$0.hasPrefix("<<< $") })
    }
  }

  private static func messages(in bytes: [UInt8]) -> [String] {
    var rest = bytes[...]
    var found: [String] = []
    while !rest.isEmpty, let message = try? takeCommand(&rest) {
      let words = text(message).split(separator: "\r\n").filter {
        !$0.hasPrefix("*") && !$0.hasPrefix("$") || $0 == "$"
      }
      var line = words.joined(separator: " ")
      if message.first == UInt8(ascii: "$") { line = "$" }
      if line.hasPrefix("AUTH") { line = "AUTH \(words.count - 1)" }
      if line.hasPrefix("REPLCONF listening-port") { line = "REPLCONF listening-port" }
      if line.hasPrefix("+FULLRESYNC") { line = "+FULLRESYNC" }
      if line.trimmingCharacters(in: .whitespacesAndNewlines).isEmpty { continue }
      found.append(line)
    }
    return found
  }
}
