import Dissection
import Redis
import Testing
@testable import Lab
@testable import Views

@Suite("Keep-alives in transcripts") struct KeepAliveFoldTests {
  /// What Mermaid's form has of a session, a line each.
  private static func lines(_ session: Session, folds: Bool = false) throws -> [String] {
    var writer = TranscriptWriter(MermaidTranscript(), folds: folds)
    var walker = session.timeline
    var text = writer.beginning
    for number in 1...session.timeline.position {
      try walker.go(to: number - 1)
      let before = walker.world
      try walker.go(to: number)
      text += writer.text(of: session.timeline[number], before: before, after: walker.world)
    }
    text += writer.end()
    return text.replacing("<br/>", with: " ").split(separator: "\n").map {
      String($0.drop { $0 == " " })
    }
  }

  private static func lab(_ seconds: Int64, _ nodes: String...) throws -> Session {
    var session = try Session(of: nodes)
    session.pass(seconds)
    return session
  }

  @Test("Of an hour of pings one line is left, and it has their numbers") func hour() throws {
    var session = try Self.lab(10, "m", "r --replicaof 127.0.0.1,7000")
    let before = try Self.lines(session).count
    session.pass(3_600)
    let lines = try Self.lines(session)
    #expect(lines.count < before + 3)
    let last = try #require(lines.last)
    #expect(last.hasPrefix("Note over p1,p2: 60 min "), "\(last)")
    #expect(last.contains("360 pings") && last.contains(" acknowledgements up to offset "), "\(last)")
  }

  @Test("What is asked for is folded from two on; else a few stay") func least() throws {
    let session = try Self.lab(6, "m --repl-diskless-sync-delay 0", "r --replicaof 127.0.0.1,7000")
    let (few, folded) = (try Self.lines(session), try Self.lines(session, folds: true))
    #expect(few.count { $0.contains("REPLCONF ACK") } > 2 && !few.contains { $0.contains(" acknowledgements ") })
    #expect(folded.count { $0.contains("REPLCONF ACK") } == 1, "\(folded)")
    // The one that ends the transfer says something.
    #expect(folded.contains { $0.hasSuffix("REPLCONF ACK 0") })
  }

  @Test("Attempts that come to nothing are told once, refused connections too, until something changes") func attempts()
    throws
  {
    // The one follows an address that nobody has, the other one is refused by it each second.
    var session = try Self.lab(30, "r --replicaof 127.0.0.1,9", "r2 --replicaof 127.0.0.1,7000")
    var lines = try Self.lines(session)
    #expect(lines.count { $0.hasPrefix("p2->>p1: PING") } == 1, "\(lines)")
    #expect(lines.contains { $0.contains(" attempts more that come to nothing") })
    #expect(lines.contains { $0.contains(" connections more refused") })
    #expect(lines.count { $0.hasSuffix("SYN, refused: RST") } == 1, "\(lines)")
    try session.timeline.apply(.pause(node: "r2"))
    session.pass(30)
    lines = try Self.lines(session)
    #expect(lines.count { $0.hasSuffix("SYN, refused: RST") } == 2, "\(lines)")
  }

  @Test("A failover by Sentinels is a story: who is down, for whom, who votes, who is chosen") func sentinels() throws {
    var session = try Self.lab(2, "m --repl-diskless-sync-delay 0", "r --replicaof 127.0.0.1,7000")
    for number in 1...3 {
      try session.start(
        "s\(number)",
        "--sentinel --port \(26_378 + number) --sentinel monitor,mymaster,127.0.0.1,7000,2"
          + " --sentinel down-after-milliseconds,mymaster,2000")
    }
    session.pass(20)
    try session.timeline.apply(.kill(node: "m"))
    session.pass(60)
    let lines = try Self.lines(session)
    #expect(lines.count < 250, "\(lines.count)")
    #expect(!lines.contains { $0.contains("PUBLISH __sentinel__") && $0.contains("->>p1: ") })
    let story = ["m is killed", "down (sdown)", "(odown)", "votes for", "is elected", "r: becomes a master"]
    let places = story.map { words in lines.firstIndex { $0.contains(words) } }
    #expect(
      places.allSatisfy { $0 != nil } && places.compactMap(\.self) == places.compactMap(\.self).sorted(), "\(places)")
    #expect(Array(lines[1...5]) == ["m", "r", "s1", "s2", "s3"].enumerated().map { "participant p\($0 + 1) as \($1)" })
  }
}

extension Session {
  fileprivate mutating func pass(_ seconds: Int64) {
    _ = timeline.advance(by: .seconds(seconds))
  }
}
