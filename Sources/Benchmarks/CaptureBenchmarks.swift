import Capture
import CaptureFiles
import Glibc
import RealRedis

/// A capture of about 100 MB: a full sync in segments of 32 KB, then a pipelined load in segments of 2 KB and their
/// acknowledgements.
private func writeCapture(_ path: String) {
  let ends = [Endpoint(.loopback, 40_000), Endpoint(.loopback, 7000)]
  var numbers: [UInt32] = [1_000, 2_000]
  var time: Int64 = 1_686_319_013_000_000_000
  var file = Pcap.header
  func add(_ payload: [UInt8], from side: Int, _ flags: TCPFlags = [.push, .acknowledgement]) {
    time += 20_000
    let packet = Packet(
      timestamp: time, source: ends[side], destination: ends[1 - side], sequence: numbers[side],
      acknowledgement: numbers[1 - side], flags: flags, window: 512, options: .none, identification: 1,
      payload: SharedBytes(payload))
    numbers[side] = packet.nextSequence
    Pcap.append(packet, to: &file)
  }
  add([], from: 0, .syn)
  add([], from: 1, [.syn, .acknowledgement])
  let snapshot = smallStrings(1_000_000)
  for start in stride(from: 0, to: snapshot.count, by: 32_768) {
    add(Array(snapshot[start..<min(start + 32_768, snapshot.count)]), from: 1)
    add([], from: 0, .acknowledgement)
  }
  let set = Array("*3\r\n$3\r\nSET\r\n$8\r\nkey:1234\r\n$88\r\n\(String(repeating: "x", count: 88))\r\n".utf8)
  let load = Array([[UInt8]](repeating: set, count: 16).joined())
  for _ in 0..<30_000 {
    add(load, from: 1)
    add([], from: 0, .acknowledgement)
  }
  writeFile(path, file)
}

/// A capture file as the text of -A: what `replab convert --to tcpdump` does.
func printCapture() throws -> Row {
  let what = "capture: print it as text / tcpdump -nn -A"
  guard let tcpdump = RealServer.find("tcpdump") else { return missing(what, "tcpdump") }
  let path = "/tmp/replab-bench-\(getpid()).pcap"
  writeCapture(path)
  defer { unlink(path) }
  let null = open("/dev/null", O_WRONLY)
  defer { close(null) }
  return try contest(
    what, rounds: 5, goal: "≤ 0.20", rate: milliseconds,
    ours: {
      try measure {
        let recording = try Recording(path: path)
        var text = TcpdumpText(.ascii)
        var buffer = TextBuffer()
        while let record = try recording.next() {
          text.append(record.frame, to: &buffer)
          guard buffer.count >= 1 << 18 else { continue }
          precondition(write(null, buffer.bytes, buffer.count) == buffer.count)
          buffer.removeAll()
        }
        precondition(write(null, buffer.bytes, buffer.count) == buffer.count && recording.counts.packets > 60_000)
      }
    },
    peer: {
      let before = childrensProcessorTime()
      let (status, _) = try runProgram("/bin/sh", ["-c", "exec \(tcpdump) -nn -A -r \(path) > /dev/null"])
      precondition(status == 0)
      return childrensProcessorTime() - before
    })
}
