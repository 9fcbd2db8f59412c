import TestSupport
import Capture
import Dissection

/// What a dissector made of packets, by connection.
struct Dissected {
  var messages: [Int: [Message]] = [:]
  var remarks: [Int: [Remark]] = [:]
  var dissector: TrafficDissector

  init(_ packets: some Sequence<Packet>, keepsHistory: Bool = true) {
    dissector = TrafficDissector(keepsHistory: keepsHistory)
    for packet in packets { note(dissector.consume(packet)) }
    note(dissector.end())
  }

  private mutating func note(_ observations: [Observation]) {
    for observation in observations {
      messages[observation.connection, default: []] += observation.messages
      remarks[observation.connection, default: []] += observation.remarks
    }
  }

  /// The messages with the pieces of payloads put together.
  var normalised: [Int: [Message]] { messages.mapValues { Message.joiningPieces($0) } }

  /// The stretches that were lost.
  func lost(_ connection: Int) -> [Stretch] {
    (remarks[connection] ?? []).compactMap { if case .lost(let stretch, _) = $0 { stretch } else { nil } }
  }
}

/// Does to recorded packets what networks do.
struct Mangler {
  var random: TestRandom

  /// The packets with each payload cut into segments of random sizes.
  mutating func cut(_ packets: [Packet], largest: Int) -> [Packet] {
    packets.flatMap { packet -> [Packet] in
      guard packet.payload.count > 1 else { return [packet] }
      var parts: [Packet] = []
      var start = 0
      while start < packet.payload.count {
        let end = min(packet.payload.count, start + Int.random(in: 1...largest, using: &random))
        parts.append(part(of: packet, start..<end))
        start = end
      }
      return parts
    }
  }

  func part(of packet: Packet, _ range: Range<Int>) -> Packet {
    var part = packet
    part.sequence &+= UInt32(range.lowerBound)
    part.payload = packet.payload[range]
    if range.upperBound < packet.payload.count { part.flags.remove(.fin) }
    return part
  }

  /// The packets with those that follow each other in one direction shuffled: no acknowledgement comes before what it
  /// acknowledges, and none waits for more than a few hundred others.
  mutating func shuffle(_ packets: [Packet]) -> [Packet] {
    var runs: [[Packet]] = []
    for packet in packets {
      if let run = runs.last, run.count < 500, let last = run.last, last.source == packet.source,
        last.destination == packet.destination,
        !last.flags.contains(.syn), !packet.flags.contains(.syn)
      {
        runs[runs.count - 1].append(packet)
      } else {
        runs.append([packet])
      }
    }
    return runs.flatMap { $0.shuffled(using: &random) }
  }

  /// Some packets come once more, at once or later.
  mutating func duplicate(_ packets: [Packet]) -> [Packet] {
    var result: [Packet] = []
    var later: [Packet] = []
    for packet in packets {
      result.append(packet)
      if packet.flags.contains(.syn) { continue }
      if Int.random(in: 0..<4, using: &random) == 0 { later.append(packet) }
      if Int.random(in: 0..<3, using: &random) == 0, let again = later.popLast() { result.append(again) }
    }
    return result
  }

  /// Some segments begin with bytes of the one before them, or end with bytes of the one behind.
  mutating func overlap(_ packets: [Packet]) -> [Packet] {
    var result = packets
    for index in packets.indices.dropLast() {
      let (a, b) = (packets[index], packets[index + 1])
      guard a.source == b.source, a.destination == b.destination, a.nextSequence == b.sequence, !a.payload.isEmpty,
        !b.payload.isEmpty, Bool.random(using: &random)
      else { continue }
      let common = Int.random(in: 1...a.payload.count, using: &random)
      result[index + 1].sequence &-= UInt32(common)
      result[index + 1].payload = SharedBytes(Array(a.payload.suffix(common)) + Array(b.payload))
    }
    return result
  }
}

/// Packets of one connection, made up as they are told: the opener's first byte has sequence number `start` + 1.
struct MadeUp {
  var packets: [Packet] = []
  var openerNext: UInt32
  var acceptorNext: UInt32
  var opener = Endpoint(.loopback, 40_000)
  var acceptor = Endpoint(.loopback, 7000)

  init(start: UInt32 = 100, hasHandshake: Bool = true) {
    openerNext = start
    acceptorNext = start &+ 1000
    if hasHandshake {
      add(.opener, flags: .syn)
      add(.acceptor, flags: [.syn, .acknowledgement])
      add(.opener)
    }
  }

  /// A packet whose bytes begin `shift` bytes behind what was sent so far; only what is in order counts as sent.
  mutating func add(
    _ side: Side, _ text: String = "", flags: TCPFlags = .acknowledgement, shift: Int = 0, window: UInt16 = 512,
    missing: UInt16 = 0
  ) {
    let next = side == .opener ? openerNext : acceptorNext
    var packet = Packet(
      timestamp: 0, source: side == .opener ? opener : acceptor, destination: side == .opener ? acceptor : opener,
      sequence: next &+ UInt32(truncatingIfNeeded: shift), acknowledgement: side == .opener ? acceptorNext : openerNext,
      flags: flags, window: window, options: .none, identification: 0, payload: SharedBytes(Array(text.utf8)))
    packet.missing = missing
    packets.append(packet)
    guard shift == 0 else { return }
    if side == .opener { openerNext = packet.nextSequence } else { acceptorNext = packet.nextSequence }
  }

  /// Counts bytes as sent that no packet shows.
  mutating func skip(_ side: Side, _ count: Int) {
    if side == .opener { openerNext &+= UInt32(count) } else { acceptorNext &+= UInt32(count) }
  }
}
