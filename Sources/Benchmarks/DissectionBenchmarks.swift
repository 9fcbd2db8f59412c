import Capture
import CaptureFiles
import Dissection
import Glibc
import RESP
import RealRedis

/// Every message of a recording, beside what tshark tells of each frame: a full sync, then pipelines of commands, their
/// replies, and the stream that they make. Of so many MB as REPLAB_BENCH_MEGABYTES says.
func dissectRecording() throws -> [Row] {
  let what = "Dissection: each message of a recording / tshark"
  guard let tshark = RealServer.find("tshark") else { return [missing(what, "tshark")] }
  let size = getenv("REPLAB_BENCH_MEGABYTES").flatMap { Int(String(cString: $0)) } ?? 50
  let path = "/tmp/replab-bench-\(getpid()).pcap"
  defer { unlink(path) }
  guard let file = fopen(path, "wb") else { return [Row(what: what, ours: "not measured", peer: "no room in /tmp")] }
  var made = MadeUpRecording(file)
  made.write(megabytes: size)
  fclose(file)
  var memory: [Double] = []
  let row = try contest(
    "\(what) (\(size) MB)", rounds: 3, goal: "≤ 0.050", rate: milliseconds,
    ours: {
      let before = childrensProcessorTime()
      let figures = try figures(Dissecting.verb, path)
      precondition(figures.first == Double(made.messageCount))
      memory.append(figures.last ?? 0)
      return childrensProcessorTime() - before
    },
    peer: {
      let before = childrensProcessorTime()
      let (status, _) = try runProgram(
        tshark, ["-r", path, "-T", "fields", "-e", "frame.number", "-e", "_ws.col.info", "-d", "tcp.port==7000,resp"])
      precondition(status == 0)
      return childrensProcessorTime() - before
    })
  let most = (memory.max() ?? .nan) / 1024
  return [row, Row(what: "Dissection: memory at most", ours: "\(most.formatted(0)) MB", goal: "< 100 MB")]
}

/// The other program: dissects a recording as `replab` does, forgetting what it need not know, and prints how many
/// messages there were, and how much memory it took at most, in KiB.
enum Dissecting {
  static let verb = "dissect-file"

  static func run(_ path: String) throws {
    let recording = try Recording(path: path)
    var dissector = TrafficDissector(keepsHistory: false)
    var count = 0
    while let record = try recording.next() {
      guard let packet = record.packet else { continue }
      for observation in dissector.consume(packet) { count += observation.messages.count }
    }
    for observation in dissector.end() { count += observation.messages.count }
    print(count, memory("VmHWM"))
  }
}

/// What /proc says of this process's memory, in KiB: `VmHWM` is the most that it had, `VmRSS` what it has. (What getrusage(2)
/// tells is no less than what the program that started this one had.)
func memory(_ name: String) -> Int {
  let source = fopen("/proc/self/status", "r")
  defer { if let source { fclose(source) } }
  var line = [CChar](repeating: 0, count: 256)
  while let source, fgets(&line, CInt(line.count), source) != nil {
    let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      .split(whereSeparator: \.isWhitespace)
    if words.count > 1, words[0] == "\(name):" { return Int(words[1]) ?? 0 }
  }
  return 0
}

/// Writes a recording of a master, its replica and a client.
private struct MadeUpRecording {
  private let file: UnsafeMutablePointer<FILE>
  private var written = 0
  private var now: Int64 = 1_686_319_013_000_000_000
  private(set) var messageCount = 0
  private var wires = [Wire(port: 40_000), Wire(port: 40_001)]
  private static let (replica, client) = (0, 1)

  /// Where a connection's two ends are.
  private struct Wire {
    let port: UInt16
    /// The next sequence numbers, of the opener and of the acceptor.
    var next: [UInt32] = [1000, 2000]
  }

  init(_ file: UnsafeMutablePointer<FILE>) {
    self.file = file
    write(Pcap.header)
  }

  mutating func write(megabytes: Int) {
    connect(Self.replica)
    connect(Self.client)
    say(0, Self.replica, [UInt8](command: "PSYNC", "?", "-1"), messages: 1)
    let mark = String(repeating: "0123456789", count: 4)
    say(1, Self.replica, Array("+FULLRESYNC \(mark) 0\r\n$EOF:\(mark)\r\n".utf8), messages: 2)
    let snapshot = smallStrings(megabytes * 10_000)
    for start in stride(from: 0, to: snapshot.count, by: 32_768) {
      say(1, Self.replica, Array(snapshot[start..<min(start + 32_768, snapshot.count)]), messages: 1)
      send(0, Self.replica, [], .acknowledgement)
    }
    say(1, Self.replica, Array(mark.utf8), messages: 1)
    let value = String(repeating: "x", count: 64)
    let replies = [UInt8]((0..<32).map { _ in "+OK\r\n" }.joined().utf8)
    var key = 0
    while written < megabytes * 1_000_000 {
      let commands = (0..<32).flatMap { [UInt8](command: "SET", "key:\(100_000 + (key + $0) % 899_999)", value) }
      key += 32
      say(0, Self.client, commands, messages: 32)
      say(1, Self.client, replies, messages: 32)
      say(1, Self.replica, commands, messages: 32)
      send(0, Self.replica, [], .acknowledgement)
    }
  }

  private mutating func connect(_ wire: Int) {
    send(0, wire, [], .syn)
    send(1, wire, [], [.syn, .acknowledgement])
    send(0, wire, [], .acknowledgement)
  }

  private mutating func say(_ side: Int, _ wire: Int, _ bytes: [UInt8], messages: Int) {
    messageCount += messages
    send(side, wire, bytes, [.push, .acknowledgement])
  }

  private mutating func send(_ side: Int, _ wire: Int, _ bytes: [UInt8], _ flags: TCPFlags) {
    now += 10_000
    let ends = [Endpoint(.loopback, wires[wire].port), Endpoint(.loopback, 7000)]
    let packet = Packet(
      timestamp: now, source: ends[side], destination: ends[1 - side], sequence: wires[wire].next[side],
      acknowledgement: flags.contains(.acknowledgement) ? wires[wire].next[1 - side] : 0, flags: flags, window: 512,
      options: .timestamps(value: 1, echo: 1), identification: 1, payload: SharedBytes(bytes))
    wires[wire].next[side] = packet.nextSequence
    var record: [UInt8] = []
    Pcap.append(packet, to: &record)
    write(record)
  }

  private mutating func write(_ bytes: [UInt8]) {
    written += bytes.count
    fwrite(bytes, 1, bytes.count, file)
  }
}
