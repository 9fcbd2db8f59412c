import Capture
import CaptureFiles
import Glibc
import Lab

/// Recordings of many clients, each of whom says PING five times: stepped through as `inspect`, `replay` and `convert` do,
/// and back from the end. What a packet costs must not depend on how many connections there are.
func manyConnections() throws -> [Row] {
  // The last one is of more connections than are kept: most are over when others begin.
  try [(500, 500), (8_000, 8_000), (100_000, 1_000)].map { count, atOnce in
    let path = "/tmp/replab-bench-\(getpid()).pcap"
    defer { unlink(path) }
    let packets = ManyConnections(count: count, atOnce: atOnce).write(to: path)
    let figures = try figures(Stepping.verb, path)
    precondition(figures.count == 4 && figures[0] == Double(packets))
    let each = (figures[1] / Double(packets) * 1e6).formatted(1)
    return Row(
      what: "Connections: step through \(count) × 5 PINGs, \(atOnce) at once",
      ours: "\(figures[1].formatted(2)) s, \(each) µs a packet, back \(milliseconds(figures[2]))",
      peer: "\((figures[3] / 1024).formatted(0)) MB",
      goal: count == 8_000 ? "< 3 s, < 100 MB" : "as many µs, < 100 MB")
  }
}

/// The other program: steps through a recording, and ten times back from its end. It prints how many packets there were, the
/// seconds that they took, those that the slowest way back took, and how much memory it had at most, in KiB.
enum Stepping {
  static let verb = "step-file"

  static func run(_ path: String) throws {
    let source = PacketSource(name: path) { first throws(LabError) in
      let file = try OpenFile(path, from: first)
      return { () throws(LabError) in try file.next() }
    }
    var timeline = Timeline(source)
    let forward = measure {
      while true {
        // Who shows a step has the moment before it, too.
        let before = timeline.world
        let run = timeline.stepAny()
        guard run.stop == .done else { break }
        precondition(before.number < timeline.position)
      }
    }
    let packets = timeline.position
    let back = (0..<10).map { _ in measure { _ = timeline.back() } }
    print(packets, forward, back.max() ?? 0, memory("VmHWM"))
  }
}

/// (Unchecked: the program has one thread.)
private final class OpenFile: @unchecked Sendable {
  private let recording: Recording

  init(_ path: String, from first: Int) throws(LabError) {
    do throws(RecordingError) { recording = try Recording(path: path) } catch { throw LabError("\(error)") }
    for _ in 0..<first { _ = try next() }
  }

  func next() throws(LabError) -> Packet? {
    do throws(RecordingError) {
      while let record = try recording.next() { if let packet = record.packet { return packet } }
      return nil
    } catch {
      throw LabError("\(error)")
    }
  }
}

/// Writes a recording in which so many clients talk to one server, some of them at once: one after the other says the
/// first thing, one after the other the second, and so on.
private struct ManyConnections {
  let count: Int
  let atOnce: Int

  private enum Side: Int { case opener, acceptor }

  /// A client's port and address, and what each side's next byte is numbered.
  private struct Wire {
    let client: Endpoint
    var next: [UInt32] = [1_000, 2_000]
  }

  /// - Returns: how many packets there are.
  func write(to path: String) -> Int {
    guard let file = fopen(path, "wb") else { preconditionFailure("no room in /tmp") }
    defer { fclose(file) }
    var bytes = Pcap.header
    var (packets, time) = (0, Int64(1_686_319_013_000_000_000))
    func send(_ wire: inout Wire, _ side: Side, _ flags: TCPFlags, _ text: String = "") {
      time += 10_000
      packets += 1
      let ends = [wire.client, Endpoint(.loopback, 7000)]
      let packet = Packet(
        timestamp: time, source: ends[side.rawValue], destination: ends[1 - side.rawValue],
        sequence: wire.next[side.rawValue],
        acknowledgement: flags.contains(.acknowledgement) ? wire.next[1 - side.rawValue] : 0, flags: flags, window: 512,
        options: .none, identification: 1, payload: SharedBytes(Array(text.utf8)))
      wire.next[side.rawValue] = packet.nextSequence
      Pcap.append(packet, to: &bytes)
    }
    for first in stride(from: 0, to: count, by: atOnce) {
      var wires = (first..<min(first + atOnce, count)).map { number in
        // None of them has the server's own address, whose port is among theirs.
        let address = IPv4Address(rawValue: 0x7f00_0002 + UInt32(number / 60_000) << 8)
        return Wire(client: Endpoint(.v4(address), UInt16(1_024 + number % 60_000)))
      }
      for index in wires.indices {
        send(&wires[index], .opener, .syn)
        send(&wires[index], .acceptor, [.syn, .acknowledgement])
        send(&wires[index], .opener, .acknowledgement)
      }
      for _ in 0..<5 {
        for index in wires.indices {
          send(&wires[index], .opener, [.push, .acknowledgement], "*1\r\n$4\r\nPING\r\n")
          send(&wires[index], .acceptor, [.push, .acknowledgement], "+PONG\r\n")
        }
      }
      for index in wires.indices {
        send(&wires[index], .opener, [.fin, .acknowledgement])
        send(&wires[index], .acceptor, [.fin, .acknowledgement])
        send(&wires[index], .opener, .acknowledgement)
      }
      fwrite(bytes, 1, bytes.count, file)
      bytes = []
    }
    return packets
  }
}
