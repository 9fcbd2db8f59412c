import Capture
import Dissection
import TestSupport
import Testing

/// Packets of whole recordings, and what may become of them.
@Suite struct TrafficTests {
  @Test(
    "Every recorded capture is read to its end: no byte unnamed, and all is in order",
    arguments: Recordings.names)
  func recorded(name: String) throws {
    let packets = try Pcap.packets(in: Fixtures.capture(name))
    let dissected = Dissected(packets)
    for message in dissected.messages.values.joined() {
      switch message.kind {
      case .malformed, .truncated, .unknown: Issue.record("\(message)")
      default: break
      }
    }
    let said = dissected.messages.values.joined().map(\.contents.count).reduce(0, +)
    #expect(said == packets.map(\.length).reduce(0, +))
    for remark in dissected.remarks.values.joined() {
      switch remark {
      case .begins, .finished, .reset: break
      default: Issue.record("\(remark)")
      }
    }
  }

  @Test("Offsets agree with every acknowledgement of the recordings", arguments: Recordings.names)
  func offsets(name: String) throws {
    let dissected = Dissected(try Pcap.packets(in: Fixtures.capture(name)))
    for messages in dissected.messages.values {
      var ends: Set<Int64> = []
      for message in messages {
        switch message.kind {
        case .fullResync(_, let offset): ends.insert(offset)
        case .psync(_, let offset, _): ends.insert(offset - 1)
        case .ack(let acknowledgement):
          // A replica has applied whole commands, and no more than was sent.
          #expect(ends.contains(acknowledgement.offset), "\(name): \(acknowledgement)")
          #expect((acknowledgement.outstanding ?? -1) >= 0)
        default: if let offsets = message.offsets { ends.insert(offsets.upperBound) }
        }
      }
    }
  }

  @Test(
    "Cut, shuffled, repeated and overlapping segments say what the recording says", arguments: Recordings.names,
    [1] as [UInt64])
  func mangled(name: String, seed: UInt64) throws {
    let packets = try Pcap.packets(in: Fixtures.capture(name))
    let expected = Dissected(packets).normalised
    var mangler = Mangler(random: TestRandom(seed: seed))
    for round in 0..<4 {
      var mangled = mangler.cut(packets, largest: [1, 7, 60, 2000][round])
      mangled = mangler.overlap(mangled)
      mangled = mangler.shuffle(mangled)
      mangled = mangler.duplicate(mangled)
      let dissected = Dissected(mangled, keepsHistory: round % 2 == 0)
      // Said shortly: a recording's messages fill pages.
      let isSame = dissected.normalised == expected
      #expect(isSame, "\(name), seed \(seed), round \(round)")
      let lost = dissected.remarks.values.joined().filter { if case .lost = $0 { true } else { false } }
      #expect(lost.isEmpty)
      // Whoever sends the same again says so.
      for remark in dissected.remarks.values.joined() {
        switch remark {
        case .overlap(_, false?), .retransmission(_, false?): Issue.record("\(remark)")
        default: break
        }
      }
    }
  }

  @Test(
    "A lost segment is named, and all that follows it is found again", arguments: Recordings.names,
    [1, 2, 3, 4] as [UInt64])
  func losses(name: String, seed: UInt64) throws {
    let packets = try Pcap.packets(in: Fixtures.capture(name))
    let whole = Dissected(packets)
    var mangler = Mangler(random: TestRandom(seed: seed))
    for _ in 0..<12 {
      var cut = mangler.cut(packets, largest: 300)
      let candidates = cut.indices.filter { !cut[$0].payload.isEmpty && !cut[$0].flags.contains(.fin) }
      guard let index = candidates.randomElement(using: &mangler.random) else { continue }
      cut.remove(at: index)
      let dissected = Dissected(cut)
      for (connection, messages) in whole.messages {
        compare(
          messages, dissected.messages[connection] ?? [], dissected.lost(connection), "\(name), \(seed), \(index)")
      }
    }
  }

  /// What remains is what was, apart from what is lost: the messages tile the rest, those before it are the same, those
  /// behind it are found.
  private func compare(_ whole: [Message], _ rest: [Message], _ lost: [Stretch], _ what: String) {
    for side in Side.allCases {
      let holes = lost.filter { $0.side == side }.map(\.range)
      let said = rest.filter { $0.side == side }
      let end = whole.last { $0.side == side }?.range.upperBound ?? 0
      let tiles = (said.map(\.range) + holes).sorted { $0.lowerBound < $1.lowerBound }
      #expect(tiles.map(\.lowerBound) == [0] + tiles.map(\.upperBound).dropLast() || end == 0, "\(what)")
      #expect(tiles.last?.upperBound ?? 0 == end, "\(what)")
      let original = Message.joiningPieces(whole).filter { $0.side == side }
      guard let hole = holes.first else {
        let same = Message.joiningPieces(rest).filter { $0.side == side }.map(\.range) == original.map(\.range)
        #expect(same, "\(what): the other side")
        continue
      }
      let found = Dictionary(said.map { ($0.range, $0) }) { first, _ in first }
      for message in original where message.range.upperBound <= hole.lowerBound || mustBeFound(message, hole, original)
      {
        if case .payload = message.kind { continue }
        guard let same = found[message.range] else {
          Issue.record("\(what): hole \(hole), not found: \(message.number) \(message.kind) \(message.range)")
          continue
        }
        #expect(same.contents == message.contents)
        if let offsets = same.offsets { #expect(offsets == message.offsets, "\(what)") }
      }
    }
  }

  /// Whether a message behind a hole must be found again: not the payload, whose pieces fall otherwise; and if the lines
  /// before the payload are lost, nothing before the stream.
  private func mustBeFound(_ message: Message, _ hole: Range<Int>, _ original: [Message]) -> Bool {
    guard message.range.lowerBound >= hole.upperBound else { return false }
    let isInTransfer = original.contains { other in
      switch other.kind {
      case .fullResync, .payloadHeader, .payload, .endMark: other.range.overlaps(hole)
      default: false
      }
    }
    guard isInTransfer else { return true }
    if message.kind == .keepAlive || message.kind == .endMark { return false }
    return message.offsets != nil
  }

  @Test(
    "A recording that begins in the middle names what it can't know and finds the rest", arguments: Recordings.names)
  func middle(name: String) throws {
    let packets = try Pcap.packets(in: Fixtures.capture(name))
    for start in stride(from: 1, to: packets.count, by: max(1, packets.count / 40)) {
      let dissected = Dissected(packets[start...])
      for (connection, messages) in dissected.messages {
        for side in Side.allCases {
          let ranges = messages.filter { $0.side == side }.map(\.range)
          #expect(ranges.map(\.lowerBound).dropFirst() == ranges.map(\.upperBound).dropLast(), "\(name) from \(start)")
        }
        // Once an acknowledgement has told where the stream is, offsets agree with all others.
        for message in messages {
          if case .ack(let acknowledgement) = message.kind {
            #expect(acknowledgement.outstanding ?? 0 >= 0, "\(name) from \(start), connection \(connection)")
          }
          if case .malformed = message.kind { Issue.record("\(name) from \(start): \(message)") }
        }
      }
    }
  }
}
