import Dissection
import Foundation
import RDB
import RealRedis
import Testing

@testable import Lab
@testable import replab

/// The recordings that are shipped, and what stepping through them shows.
@Suite("Each transcript replays to its end") struct TranscriptTests {
  static let names: [String] = {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: Program.root + "/transcripts")) ?? []
    return all.filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".txt") }.sorted()
  }()

  static func timeline(_ name: String) throws -> Timeline {
    Timeline(try RecordingFile.open(Program.root + "/transcripts/" + name, filter: nil))
  }

  /// Those that were captured.
  static let captures = names.filter { $0.hasSuffix(".pcap") }

  @Test("There are a dozen of them, and the README says of each what to look at")
  func readme() throws {
    #expect(Self.names.count >= 12)
    let text = try String(contentsOfFile: Program.root + "/transcripts/README.md", encoding: .utf8)
    for name in Self.names { #expect(text.contains("| \(name) | "), "\(name)") }
    for line in text.split(separator: "\n") where line.hasPrefix("| ") && !line.hasPrefix("| file") {
      let name = line.dropFirst(2).prefix { $0 != " " }
      #expect(FileManager.default.fileExists(atPath: Program.root + "/transcripts/" + name), "\(line)")
    }
  }

  @Test("Every byte is in a message that has a name", arguments: names)
  func bytes(name: String) throws {
    var timeline = try Self.timeline(name)
    var carried: [Side: Int] = [:]
    var said: [Side: Int] = [:]
    while let step = timeline.proceed() {
      for packet in step.packets {
        let isToMaster = (7000...7002).contains(packet.destination.port)
        carried[isToMaster ? .opener : .acceptor, default: 0] += packet.payload.count
      }
      for delivery in step.delivered {
        said[delivery.message.side, default: 0] += delivery.message.bytes.count
        switch delivery.message.kind {
        case .malformed, .truncated, .unknown: Issue.record("step \(step.number): \(delivery.message)")
        default: break
        }
      }
    }
    #expect(
      (timeline.history as? RecordingHistory)?.fault == nil && timeline.position > (name.hasSuffix(".txt") ? 10 : 20))
    #expect(said == carried)
  }

  @Test("Every acknowledgement is of bytes that were sent, and the last one of all of them", arguments: names)
  func offsets(name: String) throws {
    var timeline = try Self.timeline(name)
    var last: [Link.ID: Int64] = [:]
    while let step = timeline.proceed() {
      for delivery in step.delivered {
        guard case .ack(let acknowledgement) = delivery.message.kind,
          let sent = timeline.world.dissector(of: delivery.link)?.ledger.sent
        else { continue }
        #expect(acknowledgement.offset <= sent && acknowledgement.offset >= last[delivery.link] ?? 0)
        #expect(acknowledgement.outstanding == sent - acknowledgement.offset)
        last[delivery.link] = acknowledgement.offset
      }
    }
  }

  @Test("Every snapshot is read to its checksum, which is right", arguments: names)
  func snapshots(name: String) throws {
    var timeline = try Self.timeline(name)
    while timeline.proceed() != nil {
      guard let step = timeline.current else { continue }
      for delivery in step.delivered {
        guard case .payload = delivery.message.kind else { continue }
        let fields = try #require(timeline.fields(of: delivery, inStep: step.number, worlds: [timeline.world]))
        #expect(!fields.isFault)
        let end = try #require(fields.children.last)
        #expect(end.meaning == "the end of the snapshot; the checksum is right")
      }
    }
  }

  @Test(
    "A sync over two connections is told as one", arguments: ["two-channels-redis.pcap", "two-channels-valkey.pcap"])
  func twoChannels(name: String) throws {
    let run = try Program.run(Program.replab, ["replay", Program.root + "/transcripts/" + name, "--to", "end"])
    let text = run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(text.components(separatedBy: "one sync with link").count == 2, "\(run.output)")
    for words in [
      "acknowledges all bytes up to offset 0: it has loaded all of the snapshot",
      "acknowledges all bytes up to offset 52: 52 bytes more than before",
    ] { #expect(text.components(separatedBy: words).count == 2, "\(words)") }
  }

  /// The snapshots that were sent, in the order in which they began.
  static func snapshots(in timeline: consuming Timeline) -> [[UInt8]] {
    var snapshots: [[UInt8]] = []
    var index: [Link.ID: Int] = [:]
    while let step = timeline.proceed() {
      for delivery in step.delivered {
        switch delivery.message.kind {
        case .payloadHeader:
          index[delivery.link] = snapshots.count
          snapshots.append([])
        case .payload: snapshots[index[delivery.link]!] += delivery.message.bytes
        default: break
        }
      }
    }
    return snapshots
  }

  /// The recordings that the project was given, too.
  static let all = names.map { "transcripts/" + $0 } + given
  private static let given: [String] = {
    let folder = "Tests/Fixtures/captures"
    let all = (try? FileManager.default.contentsOfDirectory(atPath: Program.root + "/" + folder)) ?? []
    return all.filter { $0.hasSuffix(".pcap") }.sorted().map { folder + "/" + $0 }
  }()

  @Test(
    "The data set of each snapshot is what a real server loads from the same bytes",
    .enabled(if: RealServer.isInstalled, "redis-server is not installed"), arguments: all)
  func dataSets(path: String) throws {
    for bytes in Self.snapshots(in: Timeline(try RecordingFile.open(Program.root + "/" + path, filter: nil))) {
      // What 7.0 can't read it can't load.
      guard bytes.starts(with: "REDIS0010".utf8) else { continue }
      var reader = Reader()
      reader.feed(bytes)
      var digest = Digest()
      var (database, begun) = (0, -1)
      while let event = try reader.next() {
        if case .selectDatabase(let number) = event { database = number }
        // What has expired meanwhile a server does not load, unless it is a replica.
        guard case .entry(let entry) = event else { continue }
        if begun != database { digest.beginDatabase(database) }
        begun = database
        digest.add(key: entry.key, entry.value.contents, expires: entry.attributes.expiry != nil)
      }
      let server = try RealServer(
        ["--enable-debug-command", "yes", "--dbfilename", "dump.rdb"], files: ["dump.rdb": bytes])
      let hasExpired = try reader.isAtEnd && Self.hasExpired(bytes)
      if !hasExpired { #expect(try server.text("DEBUG", "DIGEST") == digest.description) }
    }
  }

  private static func hasExpired(_ bytes: [UInt8]) throws -> Bool {
    var reader = Reader()
    reader.feed(bytes)
    let now = Int64(Date().timeIntervalSince1970 * 1000)
    while let event = try reader.next() {
      if case .entry(let entry) = event, let expiry = entry.attributes.expiry, expiry < now { return true }
    }
    return false
  }

  @Test("Back and forth lead to the very same moments, whatever the way", arguments: ["failover.pcap", "types.pcap"])
  func moments(name: String) throws {
    var timeline = try Self.timeline(name)
    var worlds = [timeline.world]
    var steps: [Step] = []
    while let step = timeline.proceed() {
      worlds.append(timeline.world)
      steps.append(step)
    }
    #expect(timeline.end == steps.count && timeline.position == steps.count)
    var random = SystemRandomNumberGenerator()
    for _ in 0..<60 {
      let target = Int.random(in: 0..<worlds.count, using: &random)
      try timeline.go(to: target)
      #expect(timeline.world == worlds[target], "moment \(target)")
      #expect(timeline.current == (target > 0 ? steps[target - 1] : nil))
      let run = timeline.back()
      #expect(timeline.world == worlds[run.to])
    }
    // Each alone, from a timeline that has seen it all and forgotten.
    let copy = timeline
    for number in steps.indices.reversed() { #expect(copy[number + 1] == steps[number]) }
  }
}
