import Capture
import Foundation
import RDB
import Restoration
import TestSupport
import Testing

@Suite struct `A snapshot in a text with dots` {
  typealias Hints = SnapshotRestoration.Hints

  /// What stands between the end of the line `$EOF:` and the mark in the notes, and what the reply above it says.
  func notes() throws -> (text: ObscuredText, hints: Hints) {
    let text = try String(decoding: Fixtures.file("replication-notes.md"), as: UTF8.self)
    let mark = "e9c991d24c3e00573f4727f543d1ca3e22e23f0e"
    let reply = try #require(text.firstRange(of: "FULLRESYNC "))
    let words = text[reply.upperBound...].prefix { $0 != "\n" }.split(separator: " ")
    let start = try #require(text.firstRange(of: "$EOF:\(mark)\n"))
    let end = try #require(text[start.upperBound...].firstRange(of: mark))
    let payload = Array(text[start.upperBound..<end.lowerBound].utf8)
    return (
      ObscuredText(payload, isFromTerminal: true),
      Hints(replicationID: String(words[0]), offset: Int64(words[1]))
    )
  }

  func truth() throws -> [UInt8] { try Fixtures.file("../RDBTests/Fixtures/notes-full-sync.rdb") }

  @Test func `is restored from the notes to the byte`() throws {
    let (text, hints) = try notes()
    let restored = SnapshotRestoration.restore(text, hints: hints)
    #expect(restored.outcome == .restored)
    #expect(try restored.snapshot == truth())
    #expect(restored.bytes.allSatisfy { $0.reason != nil })
  }

  @Test func `is restored from what a reader of the notes makes of them`() throws {
    var reader = ArrowsReader()
    reader.feed(try Fixtures.file("replication-notes.md"))
    reader.finish()
    let hints = try notes().hints
    var found: [RestoredSnapshot] = []
    while let record = try reader.next() {
      guard let known = record.text, let range = SnapshotRestoration.snapshot(in: known) else { continue }
      found.append(SnapshotRestoration.restore(ObscuredText(known, in: range), hints: hints))
    }
    #expect(try found.map(\.snapshot) == [truth()])
  }

  @Test func `tells of the notes' seven fillings, and why one was taken`() throws {
    let (text, hints) = try notes()
    let restored = SnapshotRestoration.restore(text, hints: hints)
    #expect(
      restored.fillings.compactMap(\.usedMemory).sorted() == [
        1_033_936, 8_901_328, 12_645_381, 12_816_528, 13_100_484, 13_207_195, 15_529_465,
      ])
    let chosen = restored.fillings[try #require(restored.chosen)]
    #expect(chosen.description == "ctime 1686319013, used-mem 1033936")
    let reason = RestoredByte.Reason.chosen(among: 7, because: .freshServer)
    #expect(restored.bytes.indices.filter { restored.bytes[$0].reason == reason } == chosen.bytes.map(\.offset))
    #expect(restored.satisfying >= 7)
  }

  @Test func `says of each byte why it is this one`() throws {
    let (text, hints) = try notes()
    let bytes = SnapshotRestoration.restore(text, hints: hints).bytes
    func reasons(_ range: Range<Int>) -> [RestoredByte.Reason?] { bytes[range].map(\.reason) }
    #expect(reasons(8..<12) == [.seen, .opcode(.aux), .disguised, .seen])
    // 7.0.11, and a newline that is the length of the next name.
    #expect(reasons(0x14..<0x1d) == [.length(6), .seen, .version, .seen, .version, .seen, .seen, .opcode(.aux), .seen])
    #expect(reasons(0x27..<0x2a) == [.number(bytes: 1), .seen, .opcode(.aux)])
    // The offset 2614 ends in a newline.
    #expect(reasons(0x95..<0x98) == [.number(bytes: 2), .seen, .seen])
    #expect(
      reasons(0xa2..<0xab) == [
        .number(bytes: 1), .usual, .opcode(.selectDatabase), .usual, .opcode(.resizeDatabase), .count(3), .count(0),
        .type(.string), .length(2),
      ])
    #expect(
      reasons(0xc6..<0xcf) == [
        .opcode(.end), .computed, .seen, .computed, .seen, .computed, .computed, .seen, .seen,
      ])
  }

  /// As tcpdump prints it.
  func obscured(_ bytes: [UInt8]) -> ObscuredText {
    let isDot = bytes.map { ObscuredText.canBeDot($0) }
    return ObscuredText(
      zip(bytes, isDot).map { $1 ? UInt8(ascii: ".") : $0 }, isUnknown: isDot, isFromTerminal: false)
  }

  func snapshot(_ random: inout TestRandom) -> [UInt8] {
    let words = ["titi", "toto", "tutu", "a key", "value", "long enough to be no number", "tab\tand\nline"]
    var writer = Writer(compresses: false)
    writer.header()
    writer.aux("redis-ver", "7.0.\(Int.random(in: 0...15, using: &random))")
    writer.aux("redis-bits", 64)
    writer.aux("aof-base", 0)
    writer.selectDatabase(0)
    let count = Int.random(in: 1...8, using: &random)
    writer.resize(keys: count, expires: 0)
    for number in 0..<count {
      let word = words.randomElement(using: &random) ?? ""
      writer.entry(
        key: Array("\(word)\(number)".utf8), value: .string(Array((words.randomElement(using: &random) ?? "").utf8)))
    }
    writer.end()
    return writer.take()
  }

  @Test func `is never said to be what it is not`() {
    var random = TestRandom(seed: 20)
    var restoredCount = 0
    for _ in 0..<30 {
      let truth = snapshot(&random)
      let restored = SnapshotRestoration.restore(obscured(truth))
      if restored.outcome == .restored {
        restoredCount += 1
        #expect(restored.snapshot == truth, "\(truth)")
      } else {
        #expect(restored.snapshot == nil)
      }
      // What can be seen stays.
      #expect(
        restored.bytes.count == truth.count
          && zip(restored.bytes, truth).allSatisfy { $0.reason != .seen || $0.byte == $1 })
    }
    #expect(restoredCount > 0)
  }

  @Test func `stays unknown where nothing speaks for a reading`() throws {
    let truth = try truth()
    // Without its checksum's visible bytes.
    var text = obscured(truth).bytes
    text.replaceSubrange(199..., with: Array(repeating: UInt8(ascii: "."), count: 8))
    let hidden = SnapshotRestoration.restore(ObscuredText(text, isFromTerminal: false))
    #expect(hidden.outcome == .noChecksum)
    #expect(hidden.snapshot == nil && hidden.bytes[0x31].byte == nil)
    // With a byte that is another.
    text = obscured(truth).bytes
    text[0xab] = UInt8(ascii: "z")
    let wrong = SnapshotRestoration.restore(ObscuredText(text, isFromTerminal: false))
    #expect(wrong.outcome == .undecided)
    #expect(wrong.snapshot == nil)
    let cut = SnapshotRestoration.restore(ObscuredText(Array(text.prefix(100)), isFromTerminal: false))
    #expect(cut.outcome == .unreadable(after: 100))
    #expect(cut.snapshot == nil)
    #expect(cut.bytes.count == 100)
  }

  @Test func `takes any text without a trap`() {
    var random = TestRandom(seed: 21)
    for _ in 0..<60 {
      let count = Int.random(in: 0...80, using: &random)
      let letters = Array("REDIS0010.... \n\tabc".utf8)
      let text = Array("REDIS0010".utf8) + (0..<count).map { _ in letters.randomElement(using: &random) ?? 0 }
      let restored = SnapshotRestoration.restore(ObscuredText(text, isFromTerminal: Bool.random(using: &random)))
      #expect(restored.outcome != .restored || restored.snapshot != nil)
    }
  }

  @Test func `gives a text up that can be read in too many ways`() {
    // Before each newline a return may be hidden: the ways through doubled with each of these.
    let lines = Array("REDIS0010.....a".utf8) + (0..<60).flatMap { _ in Array("a\n".utf8) } + Array("..........".utf8)
    #expect(SnapshotRestoration.restore(ObscuredText(lines, isFromTerminal: true)).snapshot == nil)
    let dots = Array("REDIS0010".utf8) + (0..<1_000).flatMap { _ in Array("..\n".utf8) }
    let given = SnapshotRestoration.restore(ObscuredText(dots, isFromTerminal: true), effort: 200_000)
    #expect(given.outcome == .tooManyReadings)
  }

  @Test func `waits for the end of a snapshot in thousands of records`() throws {
    let mark = String(repeating: "0123456789", count: 4)
    var reader = ArrowsReader()
    reader.feed(Array("<<< FULLRESYNC \(mark) 0\n$EOF:\(mark)\nREDIS0010".utf8))
    for _ in 0..<3_000 { reader.feed(Array("\n\n<<< a".utf8)) }
    reader.finish()
    var restorer = TextRestorer()
    var (fed, found) = (0, 0)
    while let record = try reader.next() {
      fed += 1
      restorer.feed(record)
      while restorer.next() != nil { found += 1 }
    }
    restorer.finish()
    while restorer.next() != nil { found += 1 }
    #expect(fed > 3_000 && found == fed)
  }
}
