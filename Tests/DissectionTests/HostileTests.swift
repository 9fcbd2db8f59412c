import Dissection
import TestSupport
import Testing

/// What a hostile or broken peer sends, and what is said of it.
@Suite struct HostileBytes {
  static let handshake: [Feed] = [
    Feed(side: .opener, bytes: encode(["REPLCONF", "capa", "eof", "capa", "psync2"])),
    Feed(side: .acceptor, bytes: Array("+OK\r\n".utf8)),
    Feed(side: .opener, bytes: encode(["PSYNC", "?", "-1"])),
  ]
  static let agreed =
    handshake + [
      Feed(side: .acceptor, bytes: Array("+FULLRESYNC 4af7360b506843f9346c234825cbf3a4dfffe375 2614\r\n".utf8))
    ]

  /// What the master says after its agreement, the reason given, and the fault's offset counted from there.
  static let faults: [(String, String, Int)] = [
    ("+OK\r\n", "Bad protocol from MASTER, the first byte is not '$'", 0),
    ("\n\n*1\r\n", "Bad protocol from MASTER, the first byte is not '$'", 2),
    ("$abc\r\n", "a payload length that is no number", 0),
    ("$-1\r\n", "a payload length that is no number", 0),
    ("$99999999999999999999\r\n", "a payload length that is no number", 0),
    ("$EOF:short\r\n", "a payload length that is no number", 0),
    (String(repeating: "x", count: 1024), "a line of more than 1024 bytes", 0),
    ("$2\r\nab+OK\r\n", "Master using the inline protocol. Desync?", 6),
    ("$2\r\nab*1\r\n+4\r\nPING\r\n", "expected '$', got '+'", 10),
    ("$0\r\n*x\r\n", "invalid multibulk length", 4),
  ]

  @Test("What a master may not say is told with its reason and place, however it comes", arguments: faults)
  func faulty(input: String, reason: String, offset: Int) throws {
    let bytes = Array(input.utf8)
    let before = 5 + 59
    var expected: [Message]?
    for cut in 0...min(bytes.count, 60) {
      let feeds =
        Self.agreed + [
          Feed(side: .acceptor, bytes: Array(bytes[..<cut])), Feed(side: .acceptor, bytes: Array(bytes[cut...])),
          Feed(side: .acceptor, bytes: Array("more".utf8)),
        ]
      let (messages, dissector) = dissect(feeds)
      let last = try #require(messages.last)
      #expect(last.kind == .malformed(.init(reason: reason, offset: before + offset)), "cut at \(cut)")
      #expect(dissector.stage == .broken)
      for message in messages { checkFields(dissector.fields(of: message), message) }
      #expect(dissector.fields(of: last).isFault)
      let whole = merged(messages)
      if let expected { #expect(whole == expected, "cut at \(cut)") } else { expected = whole }
    }
  }

  @Test("A client's broken command is told in Redis's words")
  func brokenCommand() {
    let (messages, _) = dissect([Feed(side: .opener, bytes: Array("*1\r\n$4\r\nPING\r\n*2\r\n$x\r\n".utf8))])
    #expect(
      messages.map(\.kind) == [
        .ping, .malformed(.init(reason: "Protocol error: invalid bulk length", offset: 18)),
      ])
    #expect(messages[1].meaning == "Protocol error: invalid bulk length (byte 18 of this side)")
  }

  @Test("A carriage return alone is text in a reply's line")
  func carriageReturns() throws {
    let feeds = [
      Feed(side: .opener, bytes: encode(["HELLO", "3"])),
      Feed(side: .acceptor, bytes: Array("*2\r\n+a\r\r\rb\r\n+\r\r\n".utf8)),
    ]
    let (messages, dissector) = dissect(feeds)
    let reply = try #require(messages.last)
    let field = dissector.fields(of: reply)
    checkFields(field, reply)
    let texts = field.children.flatMap(\.children).filter { $0.name == "text" }
    #expect(texts.map(\.bytes) == [Array("a\r\r\rb".utf8), [0x0D]])
  }

  @Test("A spoilt snapshot's fields say what is wrong with it, and where")
  func spoiltSnapshots() throws {
    let good = try Recordings.snapshot()
    // Spoilt in one way each, and words that the fields must say of it.
    var wrongChecksum = good
    wrongChecksum[good.count - 3] ^= 1
    var wrongSignature = good
    wrongSignature[0] = 0x58
    var unknownType = good
    unknownType[try #require(good.firstRange(of: Array("\u{0}\u{2}xx".utf8))).lowerBound] = 99
    let table: [([UInt8], String)] = [
      (wrongChecksum, "Wrong RDB checksum"),
      (wrongSignature, "Wrong signature trying to load DB from file at byte 0"),
      (unknownType, "Unknown RDB encoding type 99"),
      (good + Array("garbage".utf8), "bytes behind the snapshot's end, which belong to nothing"),
      (Array(good.prefix(100)), "a record whose end is yet to come"),
    ]
    for (snapshot, words) in table {
      for pieceSize in [snapshot.count + 1, 1, 16] {
        let pieces = stride(from: 0, to: snapshot.count, by: pieceSize).map {
          Array(snapshot[$0..<min($0 + pieceSize, snapshot.count)])
        }
        let header = Array("$\(snapshot.count)\r\n".utf8)
        let feeds = Self.agreed + ([header] + pieces).map { Feed(side: .acceptor, bytes: $0) }
        let (messages, dissector) = dissect(feeds)
        var said: [String] = []
        for message in messages {
          let field = dissector.fields(of: message)
          checkFields(field, message)
          said += meanings(field)
        }
        #expect(said.contains { $0.contains(words) }, "\(words) in pieces of \(pieceSize)")
      }
    }
  }

  @Test("A record cut into pieces shows in each piece its part, and which bytes the whole has")
  func parts() throws {
    let snapshot = try Recordings.snapshot()
    let header = Array("$\(snapshot.count)\r\n".utf8)
    let pieces = stride(from: 0, to: snapshot.count, by: 10).map { Array(snapshot[$0..<min($0 + 10, snapshot.count)]) }
    let (messages, dissector) = dissect(Self.agreed + ([header] + pieces).map { Feed(side: .acceptor, bytes: $0) })
    let chunks = messages.filter { if case .payload = $0.kind { true } else { false } }
    #expect(chunks.count == pieces.count)
    var seen: [Range<Int>: Int] = [:]
    for chunk in chunks {
      for record in dissector.fields(of: chunk).children {
        #expect(record.name != "unread" && !record.isFault, "\(record)")
        seen[record.whole ?? record.range, default: 0] += record.range.count
      }
    }
    // All parts of a record together are the record, and the records tile the snapshot.
    for (whole, count) in seen { #expect(whole.count == count) }
    #expect(seen.values.reduce(0, +) == snapshot.count)
    #expect(seen.count > 10)
  }

  @Test("A chunk asked about while its last record is not all there says so, and later shows it")
  func laterKnowledge() throws {
    let snapshot = try Recordings.snapshot()
    var dissector = dissect(Self.agreed).dissector
    _ = dissector.consume(Array("$\(snapshot.count)\r\n".utf8), from: .acceptor)
    let chunk = try #require(dissector.consume(Array(snapshot[..<44]), from: .acceptor).first)
    #expect(dissector.fields(of: chunk).children.last?.meaning == "a record whose end is yet to come")
    _ = dissector.consume(Array(snapshot[44...]), from: .acceptor)
    let last = try #require(dissector.fields(of: chunk).children.last)
    #expect(last.meaning.hasPrefix("when this was written"))
    #expect(last.whole?.upperBound == chunk.range.lowerBound + 53)
  }

  @Test("The beginning of a mark that is none is payload")
  func falseMarks() {
    let mark = "aaaabaaaabaaaabaaaabaaaabaaaabaaaabaaaab"
    let payload = String(mark.prefix(39)) + "aaab" + String(mark.dropFirst(5)) + "x" + String(mark.prefix(20))
    let bytes = Array("$EOF:\(mark)\r\n\(payload)\(mark)".utf8)
    for size in 1...60 {
      let pieces = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
      let messages = merged(dissect(Self.agreed + pieces.map { Feed(side: .acceptor, bytes: $0) }).messages)
      let last = messages.suffix(2)
      // The first place where the mark stands, even if a later one was meant.
      let end = Array((payload + mark).utf8).firstRange(of: Array(mark.utf8))?.lowerBound ?? -1
      #expect(last.first?.kind == .payload(0..<end), "pieces of \(size)")
      #expect(last.last?.kind == .endMark)
    }
  }

  @Test("Random bytes and spoilt recordings never trap, and always tile")
  func random() throws {
    var random = TestRandom(seed: 3)
    let recordings = try Recordings.names.flatMap { try Recordings.conversations($0).prefix(2) }
    for round in 0..<300 {
      var feeds = recordings[round % recordings.count]
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let index = Int.random(in: 0..<feeds.count, using: &random)
        guard !feeds[index].bytes.isEmpty else { continue }
        let place = Int.random(in: 0..<feeds[index].bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: feeds[index].bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: feeds[index].bytes.remove(at: place)
        case 2: feeds[index].bytes.insert(UInt8.random(in: 0x20...0x7E, using: &random), at: place)
        default: feeds.swapAt(index, Int.random(in: 0..<feeds.count, using: &random))
        }
      }
      var (messages, dissector) = dissect(feeds)
      for side in Side.allCases { messages += dissector.end(side) }
      for side in Side.allCases {
        let said = messages.filter { $0.side == side }.flatMap(\.bytes)
        #expect(said == feeds.filter { $0.side == side }.flatMap(\.bytes))
      }
      for message in messages {
        checkFields(dissector.fields(of: message), message)
        _ = message.meaning
      }
    }
  }
}

private func meanings(_ field: Field) -> [String] { [field.meaning] + field.children.flatMap(meanings) }

extension Recordings {
  /// The notes' snapshot.
  static func snapshot() throws -> [UInt8] {
    let stream = try file("full-sync.master-stream.bin")
    let start = try #require(stream.firstRange(of: Array("REDIS0010".utf8))).lowerBound
    return Array(stream[start..<stream.count - 40])
  }
}
