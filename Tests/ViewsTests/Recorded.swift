import Capture
import Dissection
@testable import Lab
import RESP
import Redis
import TestSupport

/// Messages for the views to show, from what real servers said.
enum Recorded {
  /// What the notes' master said up to the first acknowledgement, and what their replica said, as a session.
  static func notes() throws -> [Delivery] {
    let stream = try Fixtures.file("full-sync.master-stream.bin")
    func command(_ words: String) -> [UInt8] {
      [UInt8](command: words.split(separator: " ").map(String.init))
    }
    var link = Connection(opener: "replica", acceptor: "master")
    link.say(command("PING"), .opener)
    link.say(Array(stream[..<7]), .acceptor)
    link.say(command("REPLCONF listening-port 7001"), .opener)
    link.say(Array(stream[7..<12]), .acceptor)
    link.say(command("REPLCONF capa eof capa psync2"), .opener)
    link.say(Array(stream[12..<17]), .acceptor)
    link.say(command("PSYNC ? -1"), .opener)
    // In pieces, as a person may step through them.
    for start in stride(from: 17, to: stream.count, by: 100) {
      link.say(Array(stream[start..<min(start + 100, stream.count)]), .acceptor)
    }
    for _ in 0..<5 { link.say(command("REPLCONF ACK 2614"), .opener) }
    return link.deliveries
  }

  /// The replica's connection in a recording, with the time of each message.
  static func session(_ name: String, port: UInt16) throws -> Connection {
    let packets = try Pcap.packets(in: Fixtures.capture(name))
    var link = Connection(opener: "r", acceptor: "m")
    for packet in packets where packet.source.port == port || packet.destination.port == port {
      link.time = Instant(microseconds: packet.timestamp / 1_000)
      link.say(Array(packet.payload), packet.source.port == port ? .opener : .acceptor)
    }
    return link
  }
}

/// A connection whose bytes come from somewhere else than a lab.
struct Connection {
  let opener: Party
  let acceptor: Party
  var time = Instant.defaultLabClock
  private(set) var dissector = ConversationDissector(purpose: .replication)
  private(set) var deliveries: [Delivery] = []
  private(set) var times: [Instant] = []

  init(opener: String, acceptor: String) {
    self.opener = .node(opener)
    self.acceptor = .node(acceptor)
  }

  mutating func say(_ bytes: [UInt8], _ side: Side) {
    for message in dissector.consume(bytes, from: side) {
      let (from, to) = side == .opener ? (opener, acceptor) : (acceptor, opener)
      deliveries.append(Delivery(link: Link.ID(1), from: from, to: to, message: message))
      times.append(time)
    }
  }
}
