import Testing

@testable import Redis

@Suite struct ReplicationPartialResyncTests {
  static let current = String(repeating: "a", count: 40)
  static let second = String(repeating: "b", count: 40)

  /// A promoted master: 100 bytes of its old master's history, then 50 of its own, of which the last 120 are kept.
  private var replication: Replication {
    var replication = Replication()
    replication.ids = ReplicationID(Self.second)
    replication.ids.shift(to: Self.current, at: 100)
    replication.backlog = Backlog(after: 30)
    replication.backlog?.append(Array(repeating: 0, count: 120)[...], size: 1 << 20)
    replication.offset = 150
    return replication
  }

  @Test(
    arguments: [
      (current, 31, PartialResync.Verdict.accepted(bytes: 120)), (current, 30, .tooOld),
      (current, 150, .accepted(bytes: 1)),
      (current, 151, .accepted(bytes: 0)), (current, 152, .tooNew), (second, 101, .accepted(bytes: 50)),
      (second, 102, .beyondSecondID), (second, 30, .tooOld), (current.uppercased(), 151, .accepted(bytes: 0)),
      ("?", -1, .fullRequested), ("?", 151, .fullRequested), (String(repeating: "c", count: 40), 151, .unknownID),
      (String(current.dropLast()), 151, .unknownID), ("", 151, .unknownID), (current, .min, .tooOld),
      (current, .max, .tooNew),
    ] as [(String, Int64, PartialResync.Verdict)])
  func theVerdictDependsOnIDAndOffset(_ id: String, _ offset: Int64, _ verdict: PartialResync.Verdict) {
    #expect(PartialResync(id: id, offset: offset, of: replication).verdict == verdict)
  }

  @Test func withoutABacklogNothingCanBeResumed() {
    var replication = replication
    replication.backlog = nil
    #expect(PartialResync(id: Self.current, offset: 151, of: replication).verdict == .noBacklog)
  }

  @Test func theBacklogGivesBackWhatWasWrittenFromEveryOffset() {
    var random = SeededRandom(seed: 4)
    var backlog = Backlog(after: 0)
    var written: [UInt8] = []
    for _ in 0..<300 {
      let piece = (0..<Int(random.next() % 900)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let before = backlog
      backlog.append(piece[...], size: 1 << 20)
      written += piece
      // A copy taken before is what it was.
      #expect(before.end == Int64(written.count - piece.count) + 1)
    }
    #expect(backlog.end == Int64(written.count) + 1)
    for offset in stride(from: 1, through: written.count + 1, by: 997) {
      let bytes = backlog.writes(from: Int64(offset)).reduce([], +)
      #expect(bytes.elementsEqual(written[(offset - 1)...]))
    }
    backlog.trim(to: 50_000, pinnedFrom: nil)
    #expect(backlog.firstByte + backlog.length == backlog.end)
    #expect(backlog.length > 50_000 && backlog.length <= 50_000 + 20_440)
    #expect(backlog.writes(from: backlog.firstByte).reduce([], +).elementsEqual(written.suffix(Int(backlog.length))))
  }
}
