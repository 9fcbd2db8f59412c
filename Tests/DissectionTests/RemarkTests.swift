import Capture
import Dissection
import Testing

/// What TCP does to a connection, told apart.
@Suite struct RemarkTests {
  private static let ping = "*1\r\n$4\r\nPING\r\n"

  private func remarks(_ made: MadeUp, _ connection: Int = 1) -> [Remark] {
    Dissected(made.packets).remarks[connection] ?? []
  }

  @Test("Sequence numbers wrap without a trace")
  func wrap() {
    var made = MadeUp(start: UInt32.max - 5)
    for _ in 0..<3 {
      made.add(.opener, Self.ping)
      made.add(.acceptor, "+PONG\r\n")
    }
    let dissected = Dissected(made.packets)
    #expect(dissected.remarks[1] == [.begins])
    #expect(dissected.messages[1]?.map(\.kind) == Array(repeating: [.ping, .reply(.simple)], count: 3).flatMap { $0 })
  }

  @Test("Probes are no bytes")
  func probes() {
    var made = MadeUp()
    made.add(.opener, Self.ping)
    made.add(.opener, shift: -1)
    made.add(.opener, "x", shift: -1)
    made.add(.acceptor, window: 0)
    made.add(.opener, shift: -1)
    #expect(remarks(made) == [.begins, .keepAliveProbe(.opener), .keepAliveProbe(.opener), .windowProbe(.opener)])
  }

  @Test("What comes again is compared with what came first, which is kept")
  func again() {
    var made = MadeUp()
    made.add(.opener, Self.ping)
    made.add(.opener, Self.ping, shift: -14)
    made.add(.opener, Self.ping.lowercased(), shift: -14)
    made.add(.opener, "NG\r\n" + Self.ping, shift: -4)
    made.skip(.opener, 14)
    made.add(.opener, "ng\r\n" + Self.ping, shift: -4)
    made.skip(.opener, 14)
    let dissected = Dissected(made.packets)
    #expect(
      dissected.remarks[1] == [
        .begins, .retransmission(Stretch(.opener, 0..<14), agrees: true),
        .retransmission(Stretch(.opener, 0..<14), agrees: false), .overlap(Stretch(.opener, 10..<14), agrees: true),
        .overlap(Stretch(.opener, 24..<28), agrees: false),
      ])
    #expect(dissected.messages[1]?.map(\.bytes) == Array(repeating: Array(Self.ping.utf8), count: 3))
  }

  @Test("A segment that comes too early waits; what fills the gap is taken instead of what waited in it")
  func early() {
    var made = MadeUp()
    made.add(.opener, "PING\r\n", shift: 8)
    made.add(.opener, "xxxxPING\r\n", shift: 4)
    made.add(.opener, "*1\r\n$4\r\n")
    let dissected = Dissected(made.packets)
    #expect(
      dissected.remarks[1] == [
        .begins, .outOfOrder(Stretch(.opener, 8..<14), missing: 8), .outOfOrder(Stretch(.opener, 4..<14), missing: 4),
        .overlap(Stretch(.opener, 8..<14), agrees: true), .overlap(Stretch(.opener, 4..<8), agrees: false),
      ])
    #expect(dissected.messages[1]?.map(\.kind) == [.ping])
  }

  @Test("What the receiver has and the recording has not is lost at once; the stream's offsets go on behind it")
  func lost() {
    var made = MadeUp()
    made.add(.opener, "*3\r\n$5\r\nPSYNC\r\n$1\r\n?\r\n$2\r\n-1\r\n")
    made.add(.acceptor, "+FULLRESYNC 4af7360b506843f9346c234825cbf3a4dfffe375 100\r\n$3\r\nabc")
    made.add(.opener, "*3\r\n$8\r\nREPLCONF\r\n$3\r\nACK\r\n$3\r\n100\r\n")
    made.add(.acceptor, "*1\r\n$4\r\nping\r\n*1\r\n$4")
    made.skip(.acceptor, 8 + 10)
    made.add(.opener)
    made.add(.acceptor, "ng\r\n*1\r\n$4\r\nping\r\n")
    let dissected = Dissected(made.packets)
    let start = 58 + 4 + 3 + 14 + 6
    #expect(
      dissected.remarks[1] == [
        .begins, .lost(Stretch(.acceptor, start..<start + 18), .acknowledged), .found(.acceptor, at: start + 22),
      ])
    let acceptor = dissected.messages[1]?.filter { $0.side == .acceptor }.suffix(4).map { ($0.kind, $0.offsets) } ?? []
    #expect(acceptor.map(\.0) == [.streamPing, .truncated, .unknown, .streamPing])
    #expect(acceptor.map(\.1) == [101...114, 115...120, 139...142, 143...156])
    #expect(dissected.dissector.connection(1)?.missingByteCount == 18)
  }

  @Test("What a snapshot length cut off is a hole of known size; a payload of known length is counted through it")
  func cut() {
    var made = MadeUp()
    made.add(.opener, "SYNC\r\n")
    made.add(.acceptor, "$10\r\nabc", missing: 5)
    made.add(.acceptor, "yz*1\r\n$4\r\nping\r\n")
    let dissected = Dissected(made.packets)
    #expect(dissected.remarks[1] == [.begins, .lost(Stretch(.acceptor, 8..<13), .cut)])
    #expect(
      dissected.messages[1]?.map(\.kind) == [
        .sync(snapshotOnly: false), .payloadHeader(.sized(10)), .payload(0..<3), .payload(8..<10), .streamPing,
      ])
  }

  @Test("The end of a mark behind a hole is known for what it is; without it an acknowledgement ends the payload")
  func marks() {
    let mark = "e9c991d24c3e00573f4727f543d1ca3e22e23f0e"
    for tail in ["22e23f0e", "23f0e"] {
      var made = MadeUp()
      made.add(.opener, "*3\r\n$5\r\nPSYNC\r\n$1\r\n?\r\n$2\r\n-1\r\n")
      made.add(.acceptor, "+FULLRESYNC 4af7360b506843f9346c234825cbf3a4dfffe375 100\r\n$EOF:\(mark)\r\nREDIS")
      made.skip(.acceptor, 40)
      made.add(.opener)
      made.add(.acceptor, tail)
      made.add(.opener, "*3\r\n$8\r\nREPLCONF\r\n$3\r\nACK\r\n$3\r\n100\r\n")
      made.add(.acceptor, "*1\r\n$4\r\nping\r\n")
      let messages = Dissected(made.packets).messages[1] ?? []
      #expect(messages.last?.kind == .streamPing)
      #expect(messages.last?.offsets == 101...114)
      let isMark = messages.contains { $0.kind == .endMark }
      #expect(isMark == (tail.count >= 8))
    }
  }

  @Test("Ports used again make another connection; resets and ends are told")
  func ports() {
    var made = MadeUp()
    made.add(.opener, "*1\r\n$4\r\nPI")
    let first = made.packets
    made = MadeUp(start: 5000)
    made.add(.acceptor, flags: [.reset, .acknowledgement])
    let second = made.packets
    made = MadeUp(start: 9000)
    made.add(.opener, flags: [.fin, .acknowledgement])
    made.add(.acceptor, flags: [.fin, .acknowledgement])
    made.add(.opener)
    let dissected = Dissected(first + second + made.packets)
    #expect(dissected.dissector.connectionCount == 3)
    #expect(dissected.remarks[1] == [.begins, .abandoned])
    #expect(dissected.messages[1]?.map(\.kind) == [.truncated])
    #expect(dissected.remarks[2] == [.portsUsedAgain(earlier: 1), .begins, .reset(by: .acceptor)])
    #expect(dissected.remarks[3] == [.portsUsedAgain(earlier: 2), .begins, .finished(.opener), .finished(.acceptor)])
    #expect(dissected.dissector.connection(3)?.state == .finished)
  }

  @Test("Without a SYN what is said tells who opened the connection")
  func sides() {
    var made = MadeUp(hasHandshake: false)
    swap(&made.opener.port, &made.acceptor.port)
    made.add(.opener, Self.ping)
    made.add(.acceptor, "+PONG\r\n")
    made.add(.opener, Self.ping)
    made.add(.acceptor, "+PONG\r\n")
    let dissected = Dissected(made.packets)
    #expect(dissected.remarks[1]?.contains(.sidesTurned) == true)
    #expect(dissected.dissector.connection(1)?.opener.port == 7000)
    #expect(dissected.messages[1]?.suffix(2).map(\.kind) == [.ping, .reply(.simple)])
    #expect(dissected.messages[1]?.last?.answers?.name == "PING")
  }

  @Test("A link whose beginning was not seen learns its offsets from the first acknowledgement, backwards, too")
  func learned() {
    var made = MadeUp(hasHandshake: false)
    made.add(.acceptor, "*1\r\n$4\r\nping\r\n")
    made.add(.opener, "*3\r\n$8\r\nREPLCONF\r\n$3\r\nACK\r\n$3\r\n114\r\n")
    made.add(.acceptor, "*1\r\n$4\r\nping\r\n")
    made.add(.opener, "*3\r\n$8\r\nREPLCONF\r\n$3\r\nACK\r\n$3\r\n128\r\n")
    let dissected = Dissected(made.packets)
    #expect(dissected.messages[1]?.map(\.offsets) == [nil, nil, 115...128, nil])
    #expect(
      dissected.dissector.connection(1)?.conversation.ledger.entries.map(\.event) == [
        .learned(offset: 100), .sent(101...114), .acknowledged(offset: 114, newBytes: 14), .sent(115...128),
        .acknowledged(offset: 128, newBytes: 14),
      ])
  }

  @Test("Held bytes and open connections have limits, and a remark says when they are reached")
  func limits() {
    var made = MadeUp()
    let block = String(repeating: "x", count: 60_000)
    for index in 0..<80 { made.add(.opener, block, shift: 10 + index * 60_000) }
    #expect(
      remarks(made).contains { if case .lost(_, .tooMuchHeld) = $0 { true } else { false } })
    var dissector = TrafficDissector(keepsHistory: false)
    var forgotten = 0
    for number in 0..<20_000 {
      var one = MadeUp(hasHandshake: false)
      one.opener.port = UInt16(10_000 + number)
      one.add(.opener, flags: .syn)
      for packet in one.packets {
        for observation in dissector.consume(packet) where observation.remarks == [.forgotten] { forgotten += 1 }
      }
    }
    #expect(forgotten > 4096)
    #expect(dissector.connection(1) == nil)
  }
}
