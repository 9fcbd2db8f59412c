import Capture
import Testing

@Suite("Arrows between several nodes, read") struct ArrowsReaderTests {
  private func packets(_ text: String) throws -> [Packet] {
    var reader = ArrowsReader()
    reader.feed(text.utf8)
    reader.finish()
    var packets: [Packet] = []
    while let record = try reader.next() {
      if case .packet(let packet) = record.content { packets.append(packet) }
    }
    return packets
  }

  private func said(_ packet: Packet) -> String {
    "\(packet.source.port)→\(packet.destination.port) \(packet.sequence) \(String(decoding: packet.payload, as: UTF8.self))"
  }

  @Test("Each pair of names is a connection; what has no names is of the last one") func connections() throws {
    let packets = try packets(
      """
      r>>> PING
      m<<< PONG
      r2>>> m: PING
      <<< PONG
      r>>> m: REPLCONF ACK 14
      r2>>> m: REPLCONF ACK 0
      >>> REPLCONF ACK 28
      """)
    #expect(
      packets.map(said) == [
        "40000→7000 1 *1\r\n$4\r\nPING\r\n", "7000→40000 1 +PONG\r\n", "40001→7000 1 *1\r\n$4\r\nPING\r\n",
        "7000→40001 1 +PONG\r\n", "40000→7000 15 *3\r\n$8\r\nREPLCONF\r\n$3\r\nACK\r\n$2\r\n14\r\n",
        "40001→7000 15 *3\r\n$8\r\nREPLCONF\r\n$3\r\nACK\r\n$1\r\n0\r\n",
        "40001→7000 49 *3\r\n$8\r\nREPLCONF\r\n$3\r\nACK\r\n$2\r\n28\r\n",
      ])
  }

  @Test("Each of thousands has ends of its own, and is found again") func many() throws {
    let lines = (1...3_000).map { "r\($0)>>> m\($0): PING\n" }.joined()
    let packets = try packets(lines + lines)
    let ends = packets.map { "\($0.source.port) \($0.destination.port)" }
    #expect(Set(ends).count == 3_000 && Array(ends[..<3_000]) == Array(ends[3_000...]))
    #expect(packets.map(\.sequence).last == 15)
  }

  @Test("A payload under a line that only names its ends is theirs, and only their stream is framed as commands")
  func payload() throws {
    let packets = try packets(
      """
      r>>> m: PSYNC ? -1
      m<<< r2: OK
      m<<< r:
      $EOF:0123456789012345678901234567890123456789
      REDIS0010
      m<<< r2: OK
      m<<< r: ping
      """)
    let texts = packets.map { String(decoding: $0.payload, as: UTF8.self) }
    #expect(texts[2].hasPrefix("$EOF:0123456789012345678901234567890123456789\r\nREDIS0010"))
    #expect(packets[2].destination == packets[0].source)
    #expect(texts[3] == "+OK\r\n" && texts[4] == "*1\r\n$4\r\nping\r\n")
  }

  @Test("Another connection between two has its number, and a replica the port that it says it listens on")
  func linksAndPorts() throws {
    let packets = try packets(
      """
      r>>> PING
      m<<< PONG
      >>> REPLCONF listening-port 7123
      sub>>> r: PING
      r>>> m, link 9: PING
      r>>> m: PING
      """)
    #expect(packets.map(\.source.port) == [40_000, 7000, 40_000, 40_001, 40_002, 40_000])
    #expect(packets.map(\.destination.port) == [7000, 40_000, 7000, 7123, 7000, 7000])
  }

  @Test(
    "What only looks like an end's name is said", arguments: ["-ERR: no", "+OK: yes", "\"x:\" y", "m, link x: PING"])
  func words(text: String) throws {
    #expect(try packets("r<<< \(text)").count == 1)
    #expect(try packets("r<<< \(text)")[0].source.port == 7000)
  }
}
