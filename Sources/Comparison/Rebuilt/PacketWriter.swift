import Capture
import Dissection

/// Packets for what a rebuilt node and those who talk to it say: no more than TCP needs to be read again.
struct PacketWriter: Sendable {
  private(set) var transcript: NormalizedTranscript
  private var lines: [Int: Line] = [:]
  /// The recorded connections, in the order in which they began here.
  private var order: [Int] = []

  private struct Line: Sendable {
    var opener: Endpoint
    var acceptor: Endpoint
    var next: [UInt32] = [1, 1]
    var number: Int
  }

  init() { transcript = NormalizedTranscript(keepsEvents: true) }

  /// - Parameter source: what is rebuilt, by whose names the ids are called.
  init(rebuilding source: NormalizedTranscript) {
    let histories = Histories(namedAs: source.histories)
    transcript = NormalizedTranscript(keepsEvents: true, histories: histories, tolerance: .rebuilt)
  }

  mutating func begin(_ connection: Int, _ opener: Endpoint, _ acceptor: Endpoint, at time: Int64) {
    order.append(connection)
    lines[connection] = Line(opener: opener, acceptor: acceptor, number: order.count)
    var line = Line(opener: opener, acceptor: acceptor, next: [0, 0], number: order.count)
    emit(&line, .opener, [], [.syn], time)
    emit(&line, .acceptor, [], [.syn, .acknowledgement], time)
    lines[connection] = line
  }

  mutating func send(_ bytes: [UInt8], on connection: Int, from side: Side, at time: Int64) {
    guard var line = lines[connection], !bytes.isEmpty else { return }
    emit(&line, side, bytes, [.push, .acknowledgement], time)
    lines[connection] = line
  }

  mutating func finish(_ connection: Int, from side: Side, at time: Int64) {
    guard var line = lines[connection] else { return }
    emit(&line, side, [], [.fin, .acknowledgement], time)
    lines[connection] = line
  }

  mutating func end() { transcript.end() }

  /// The recorded connection that has this number here.
  func recorded(_ number: Int) -> Int? { order.indices.contains(number - 1) ? order[number - 1] : nil }

  private mutating func emit(_ line: inout Line, _ side: Side, _ bytes: [UInt8], _ flags: TCPFlags, _ time: Int64) {
    let (from, to) = side == .opener ? (line.opener, line.acceptor) : (line.acceptor, line.opener)
    let (mine, theirs) = (Int(side.rawValue), Int(side.other.rawValue))
    let packet = Packet(
      timestamp: time, source: from, destination: to, sequence: line.next[mine], acknowledgement: line.next[theirs],
      flags: flags, window: 65_535, options: .none, identification: 0, payload: SharedBytes(bytes))
    line.next[mine] = packet.nextSequence
    transcript.consume(packet)
  }
}
