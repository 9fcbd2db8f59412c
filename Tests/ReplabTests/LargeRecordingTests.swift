import Capture
import Foundation
import RESP
import RealRedis
import Testing

@Suite("A recording that is larger than the memory there is", .timeLimit(.minutes(5))) struct LargeRecordingTests {
  /// A full sync of so many pieces of 60,000 bytes, and then a stream of commands.
  private static func recording(pieces: Int, commands: Int) -> [UInt8] {
    var bytes = Pcap.header
    var numbers: [Bool: UInt32] = [true: 1_000, false: 9_000]
    var time: Int64 = 1_700_000_000_000_000_000
    func packet(_ payload: [UInt8], fromMaster: Bool, flags: TCPFlags = [.acknowledgement, .push]) {
      let (replica, master) = (Endpoint(.loopback, 40_000), Endpoint(.loopback, 7000))
      time += 50_000
      let packet = Packet(
        timestamp: time, source: fromMaster ? master : replica, destination: fromMaster ? replica : master,
        sequence: numbers[fromMaster]!, acknowledgement: numbers[!fromMaster]!, flags: flags, window: 512,
        options: .none, identification: 1, payload: SharedBytes(payload))
      numbers[fromMaster] = packet.nextSequence
      Pcap.append(packet, to: &bytes)
    }
    func say(_ words: String) {
      packet([UInt8](command: words.split(separator: " ").map(String.init)), fromMaster: false)
    }
    packet([], fromMaster: false, flags: .syn)
    packet([], fromMaster: true, flags: [.syn, .acknowledgement])
    say("PING")
    packet(Array("+PONG\r\n".utf8), fromMaster: true)
    say("REPLCONF listening-port 7001")
    packet(Array("+OK\r\n".utf8), fromMaster: true)
    say("PSYNC ? -1")
    packet(Array("+FULLRESYNC \(String(repeating: "a", count: 40)) 0\r\n".utf8), fromMaster: true)
    // A key a piece, whose value has a length of 14 bits.
    let value = [UInt8](repeating: 0x78, count: 60_000)
    let head = Array("REDIS0010".utf8) + [0xfe, 0]
    let entry = [0, 1, 0x6b, 0x80, 0, 0, 0xea, 0x60] + value
    let end = [0xff] + [UInt8](repeating: 0, count: 8)
    packet(Array("$\(head.count + entry.count * pieces + end.count)\r\n".utf8) + head, fromMaster: true)
    for _ in 0..<pieces { packet(entry, fromMaster: true) }
    packet(end, fromMaster: true)
    let set = Array("*3\r\n$3\r\nset\r\n$1\r\nk\r\n$5\r\nvalue\r\n".utf8)
    let many = Array([[UInt8]](repeating: set, count: 20).joined())
    for _ in 0..<commands { packet(many, fromMaster: true) }
    say("REPLCONF ACK \(set.count * 20 * commands)")
    return bytes
  }

  @Test("goto end, back, and the bytes of a piece in the middle, within 60 MB") func memory() throws {
    let bytes = Self.recording(pieces: 1_500, commands: 500)
    #expect(bytes.count > 90_000_000)
    try Tool.withFile(bytes, suffix: ".pcap") { path in
      // The limit is that of data: what the program itself allocates.
      let run = try Program.run(
        "/bin/sh", ["-c", "ulimit -d 60000; exec \(Program.replab) replay \(path)"],
        input: "goto end\nprint master.offset\nback\ngoto 700\nx 0-7\ngoto end\ninfo offsets\n")
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output.contains("\n310000\n"), "\(run.output)")
      #expect(run.output.contains("payload.entry.type"), "\(run.output)")
      #expect(run.output.hasSuffix("310000        310000            0\n"), "\(run.output)")
    }
  }
}
