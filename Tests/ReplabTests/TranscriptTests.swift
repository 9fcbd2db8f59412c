import Dissection
import Foundation
import Testing

@testable import Lab
@testable import replab

/// The recordings that are shipped, and what stepping through them shows.
@Suite("Each transcript replays to its end") struct TranscriptTests {
  static let names: [String] = {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: Program.root + "/transcripts")) ?? []
    return all.filter { $0.hasSuffix(".pcap") }.sorted()
  }()

  static func timeline(_ name: String) throws -> Timeline {
    Timeline(try RecordingFile.open(Program.root + "/transcripts/" + name, filter: nil))
  }

  @Test("There are a dozen of them, and the README says of each what to look at")
  func readme() throws {
    #expect(Self.names.count >= 12)
    let text = try String(contentsOfFile: Program.root + "/transcripts/README.md", encoding: .utf8)
    for name in Self.names { #expect(text.contains("| \(name) | "), "\(name)") }
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
    #expect(timeline.tape?.fault == nil && timeline.position > 20)
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

  @Test("Every snapshot is read to its checksum, which is right", arguments: names.filter { $0 != "types.pcap" })
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
