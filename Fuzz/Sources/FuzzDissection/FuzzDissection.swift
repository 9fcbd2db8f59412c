import Capture
import Dissection
import LibFuzzer

/// Packets in any order and with any bytes: none traps, the messages of a side tile what the recording has of it, a
/// dissection without history says the same, and each message's fields tile the message. And what two ends say gives the
/// same messages, whole or in pieces.
@main struct FuzzDissection {
  static func main() {
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    _ = runFuzzer(&count, &arguments) { pointer, count in
      let input = Input(pointer, count)
      FuzzDissection.checkTraffic(input.bytes)
      FuzzDissection.checkPieces(input)
      return 0
    }
  }

  /// What a dissector made of packets.
  struct Outcome {
    var messages: [Int: [Message]] = [:]
    var remarks: [Int: [Remark]] = [:]

    init(_ packets: [Packet], _ dissector: inout TrafficDissector) {
      for packet in packets { note(dissector.consume(packet)) }
      note(dissector.end())
    }

    private mutating func note(_ observations: [Observation]) {
      for observation in observations {
        messages[observation.connection, default: []] += observation.messages
        remarks[observation.connection, default: []] += observation.remarks
      }
    }
  }

  static func checkTraffic(_ bytes: [UInt8]) {
    let packets = Script(bytes).packets
    var dissector = TrafficDissector()
    let outcome = Outcome(packets, &dissector)
    var forgetful = TrafficDissector(keepsHistory: false)
    let again = Outcome(packets, &forgetful)
    check(outcome.messages == again.messages && outcome.remarks == again.remarks, "history matters")
    for (number, messages) in outcome.messages {
      let remarks = outcome.remarks[number] ?? []
      checkTiling(messages, remarks)
      guard let connection = dissector.connection(number) else { continue }
      for message in messages { checkFields(connection.conversation.fields(of: message), message) }
    }
    let said = outcome.messages.values.joined().reduce(0) { $0 + $1.contents.count }
    check(said <= packets.reduce(0) { $0 + $1.payload.count }, "more was said than sent")
  }

  /// Bytes are in one message, or lost. Where the sides were turned, they are counted anew.
  static func checkTiling(_ messages: [Message], _ remarks: [Remark]) {
    guard !remarks.contains(.sidesTurned) else { return }
    for side in Side.allCases {
      var ranges = messages.filter { $0.side == side }.map(\.range)
      for case .lost(let stretch, _) in remarks where stretch.side == side { ranges.append(stretch.range) }
      ranges.sort { $0.lowerBound < $1.lowerBound }
      for (range, next) in zip(ranges, ranges.dropFirst()) {
        check(range.upperBound == next.lowerBound, "\(range) is followed by \(next)")
      }
    }
  }

  static func checkFields(_ field: Field, _ message: Message) {
    check(field.range == message.range, "\(field.name) is not its message")
    fill(field)
    _ = message.meaning
  }

  private static func fill(_ field: Field) {
    guard !field.children.isEmpty else { return }
    var next = field.range.lowerBound
    for child in field.children {
      check(child.range.lowerBound == next, "a gap or an overlap before \(child.name) in \(field)")
      fill(child)
      next = child.range.upperBound
    }
    check(next == field.range.upperBound, "not filled: \(field)")
  }

  /// Each packet's bytes, one after another as if none were lost; then in pieces.
  static func checkPieces(_ input: Input) {
    let feeds = Script(input.bytes).feeds
    let size = max(1, input.pieces.first?.count ?? 1)
    var whole = ConversationDissector()
    var pieces = ConversationDissector()
    var expected: [Message] = []
    var messages: [Message] = []
    for feed in feeds {
      expected += whole.consume(feed.bytes, from: feed.side)
      for start in stride(from: 0, to: feed.bytes.count, by: size) {
        messages += pieces.consume(Array(feed.bytes[start..<min(start + size, feed.bytes.count)]), from: feed.side)
      }
    }
    for side in Side.allCases {
      expected += whole.end(side)
      messages += pieces.end(side)
    }
    let (a, b) = (Message.joiningPieces(expected), Message.joiningPieces(messages))
    check(a == b, "pieces matter: \(a.map(\.kind)) became \(b.map(\.kind))")
  }
}

/// An input as a list of packets:
///
///     what        bit 0 side · bits 1, 2 connection · bit 3 SYN · bit 4 FIN · bit 5 RST · bit 6 skip · bit 7 place
///     place       only with bit 7: how far from where it should be the segment is, signed
///     length      of the bytes; with skip of bytes that no packet carries, before them
///     bytes
struct Script {
  var packets: [Packet] = []
  var feeds: [(side: Side, bytes: [UInt8])] = []
  private var next = [[UInt32]](repeating: [1, 1], count: 4)

  init(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while let what = rest.popFirst() {
      let shift = what & 0x80 != 0 ? Int8(bitPattern: rest.popFirst() ?? 0) : 0
      let length = Int(rest.popFirst() ?? 0)
      if what & 0x40 != 0 { next[Int(what >> 1 & 3)][Int(what & 1)] &+= UInt32(length) }
      add(what, shift: Int(shift), Array(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
  }

  private mutating func add(_ what: UInt8, shift: Int, _ bytes: [UInt8]) {
    let (side, connection) = (Int(what & 1), Int(what >> 1 & 3))
    var flags: TCPFlags = .acknowledgement
    if what & 0x08 != 0 { flags = side == 0 ? .syn : [.syn, .acknowledgement] }
    if what & 0x10 != 0 { flags.insert(.fin) }
    if what & 0x20 != 0 { flags.insert(.reset) }
    let ends = [Endpoint(.loopback, 40_000 + UInt16(connection)), Endpoint(.loopback, 7000)]
    let packet = Packet(
      timestamp: 0, source: ends[side], destination: ends[1 - side],
      sequence: next[connection][side] &+ UInt32(truncatingIfNeeded: shift),
      acknowledgement: next[connection][1 - side], flags: flags, window: 512, options: .none, identification: 0,
      payload: SharedBytes(what & 0x08 != 0 ? [] : bytes))
    packets.append(packet)
    feeds.append((side == 0 ? .opener : .acceptor, bytes))
    if shift == 0 { next[connection][side] = packet.nextSequence }
  }
}
