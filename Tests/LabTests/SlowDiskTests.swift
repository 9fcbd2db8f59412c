import Redis
import Testing

@testable import Lab

/// `disk NODE BYTES`; that real servers wait for as long is `OracleTests`' to say.
@Suite("What waits for a disk that takes so many bytes a second")
struct SlowDiskTests {
  private static let rate = 51_200

  /// `m` with a little more than a hundred thousand bytes, for which its disk takes nearly two seconds.
  private static func master(_ directives: String...) throws -> Timeline {
    var timeline = Timeline(seed: 1)
    let arguments = ["--port", "7000", "--rdbcompression", "no", "--repl-diskless-sync-delay", "0"]
    try timeline.apply(.start(node: "m", Launch(arguments: arguments + directives)))
    let pairs = (0..<100).flatMap { ["key:\($0)", String(repeating: "x", count: 1_000)] }
    _ = try timeline.command("m", (["MSET"] + pairs).map { Array($0.utf8) })
    return timeline
  }

  private func send(_ command: String, _ timeline: inout Timeline) throws {
    try timeline.apply(.command(node: "m", arguments: words(command)))
  }

  private func replies(_ timeline: Timeline) -> [String] {
    var replies: [String] = []
    timeline.forEachStep { step in replies += step.replies.map { String(decoding: $0.bytes, as: UTF8.self) } }
    return replies
  }

  private func log(_ timeline: Timeline) -> [String] {
    var lines: [String] = []
    timeline.forEachStep { step in
      for note in step.notes { if case .log(let entry) = note.content { lines.append(entry.text) } }
    }
    return lines
  }

  private func hasChild(_ timeline: Timeline) -> Bool { timeline.world.machine("m")?.node?.child != nil }

  @Test("SAVE has nothing in its place before all of it is on the disk, and a disk that works again ends that at once")
  func save() throws {
    var timeline = try Self.master()
    try timeline.apply(.disk(node: "m", .limited(Self.rate)))
    try send("SAVE", &timeline)
    _ = timeline.advance(by: .seconds(1))
    #expect(replies(timeline).count == 1)
    #expect(!log(timeline).contains("DB saved on disk"))
    #expect(timeline.world.machine("m")?.disk.files["dump.rdb"] == nil)
    try timeline.apply(.disk(node: "m", .ok))
    _ = timeline.advance(by: .milliseconds(1))
    #expect(replies(timeline) == ["+OK\r\n", "+OK\r\n"])
    #expect(log(timeline).contains("DB saved on disk"))
    #expect(timeline.world.machine("m")?.disk.files["dump.rdb"] != nil)
  }

  @Test("a child at work takes longer, or shorter, for what is left to it")
  func child() throws {
    var timeline = try Self.master()
    try timeline.apply(.disk(node: "m", .limited(Self.rate)))
    try send("BGSAVE", &timeline)
    _ = timeline.advance(by: .seconds(1))
    // A second's worth is left, for which it takes two now.
    try timeline.apply(.disk(node: "m", .limited(Self.rate / 2)))
    _ = timeline.advance(by: .milliseconds(1_800))
    #expect(hasChild(timeline))
    _ = timeline.advance(by: .milliseconds(600))
    #expect(!hasChild(timeline))
    try send("BGSAVE", &timeline)
    _ = timeline.advance(by: .milliseconds(200))
    #expect(hasChild(timeline))
    try timeline.apply(.disk(node: "m", .ok))
    _ = timeline.advance(by: .milliseconds(200))
    #expect(!hasChild(timeline))
  }

  @Test("a process that starts has to read first", arguments: [["--save", "3600 1"], ["--appendonly", "yes"]])
  func start(directives: [String]) throws {
    var timeline = try Self.master(directives[0], directives[1])
    _ = timeline.advance(by: .seconds(1))
    try timeline.apply(.stop(node: "m"))
    _ = timeline.advance(by: .milliseconds(10))
    try timeline.apply(.disk(node: "m", .limited(Self.rate)))
    try timeline.apply(.restart(node: "m"))
    _ = timeline.advance(by: .milliseconds(1_500))
    #expect(timeline.world.machine("m")?.node?.isBusyLoading == true)
    _ = timeline.advance(by: .seconds(1))
    #expect(timeline.world.machine("m")?.node?.isBusyLoading == false)
    #expect(log(timeline).contains { $0.wholeMatch(of: /DB loaded from .*: 1\.9\d\d seconds/) != nil })
    _ = try timeline.command("m", words("DBSIZE"))
    #expect(replies(timeline).last == ":100\r\n")
  }

  @Test("a replica writes a large snapshot down in pieces, and goes on reading between them")
  func largeSnapshot() throws {
    var timeline = try Self.master("--enable-debug-command", "yes")
    _ = try timeline.command("m", words("DEBUG POPULATE 100 large 100000"))
    try timeline.apply(
      .start(
        node: "r", Launch(arguments: ["--port", "7001", "--replicaof", "127.0.0.1 7000", "--rdbcompression", "no"])))
    try timeline.apply(.disk(node: "r", .limited(4 << 20)))
    let began = timeline.world.now
    let run = try timeline.until(Expression("r.link = connected"))
    #expect(run.stop == .done)
    let time = timeline.world.now - began
    // Ten megabytes.
    #expect(time > .milliseconds(2_300) && time < .seconds(4), "\(time)")
    _ = try timeline.command("r", words("DBSIZE"))
    #expect(replies(timeline).last == ":200\r\n")
  }

  @Test("the script that is saved brings it about again")
  func script() throws {
    var timeline = try Self.master()
    try timeline.apply(.disk(node: "m", .limited(65_536)))
    #expect(timeline.script().lines.last == "disk m 65536")
  }
}
