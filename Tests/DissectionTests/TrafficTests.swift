import Capture
import Dissection
import Testing

/// Packets of whole recordings.
@Suite struct TrafficTests {
  @Test(
    "Every recorded capture is read to its end: no byte unnamed, no remark but of beginnings and ends",
    arguments: Recordings.names)
  func recorded(name: String) throws {
    var dissector = TrafficDissector()
    var observations: [Observation] = []
    let packets = try Pcap.packets(in: Recordings.file("captures/\(name).pcap"))
    for packet in packets { observations += dissector.consume(packet) }
    observations += dissector.end()
    for observation in observations {
      for message in observation.messages {
        switch message.kind {
        case .malformed, .truncated, .unknown: Issue.record("\(message)")
        default: break
        }
      }
    }
    #expect(observations.flatMap(\.messages).map(\.contents.count).reduce(0, +) == packets.map(\.length).reduce(0, +))
  }
}
