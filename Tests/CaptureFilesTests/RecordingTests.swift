import Capture
import CaptureFiles
import RealRedis
import Testing

@Suite("Recordings")
struct RecordingTests {
  @Test(
    "A recording of the real tcpdump, read through libpcap and written again, is the same file",
    arguments: Captures.names)
  func roundTrip(name: String) throws {
    let bytes = try Captures.bytes(name)
    let records = try Captures.records(bytes)
    var ours = Pcap.header(linkType: .ethernet)
    for record in records { Pcap.append(record.frame, to: &ours) }
    #expect(ours == bytes)
    // What is read of the packets is enough to write them again.
    #expect(Pcap.file(records.compactMap(\.packet)) == bytes)
  }
}
