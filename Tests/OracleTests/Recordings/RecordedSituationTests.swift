import CaptureFiles
import Comparison
import Foundation
import RealRedis
import Testing

@Suite(
  "Recordings of real servers in random situations",
  .enabled(if: RealServer.isInstalled && Recorder.isAllowed, "recording needs redis-server, tcpdump and the right to"))
struct RecordedSituationTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static func number(_ name: String, _ standard: UInt64) -> UInt64 {
    environment[name].flatMap { UInt64($0) } ?? standard
  }

  /// The first seed, how many there are, and where the recordings are kept, for whoever wants to find out more.
  static let first = number("REPLAB_SOAK_SEED", 1_000)
  static let runs = number("REPLAB_SOAK_RUNS", 100)
  static let folder = environment["REPLAB_SOAK_FOLDER"]

  /// What shows in each of three plays is no matter of the machine's time.
  @Test(
    "the lab's nodes say in a few of them what the real ones said", arguments: [1_004, 1_012, 1_029, 1_047] as [UInt64])
  func aFew(_ seed: UInt64) throws {
    let folder = try TemporaryFolder()
    var found: [String] = []
    for play in 1...3 {
      let path = folder.path("\(play).pcap")
      try RecordedSituation(seed: seed).record(to: path)
      found = try differences(in: path)
      if found.isEmpty { return }
    }
    #expect(found == [])
  }

  /// Minutes: the situations are played in real time, six at once.
  @Test("the lab's nodes say in them what the real ones said", .enabled(if: environment["REPLAB_SOAK"] != nil))
  func soak() throws {
    let own = try TemporaryFolder()
    let folder = Self.folder ?? own.root
    let queue = OperationQueue()
    queue.maxConcurrentOperationCount = 6
    for seed in Self.first..<Self.first + Self.runs {
      queue.addOperation {
        let situation = RecordedSituation(seed: seed)
        try? situation.record(to: "\(folder)/\(seed).pcap")
        let story = situation.story.joined(separator: "\n")
        try? story.write(toFile: "\(folder)/\(seed).story", atomically: true, encoding: .utf8)
      }
    }
    queue.waitUntilAllOperationsAreFinished()
    for seed in Self.first..<Self.first + Self.runs {
      let found = try differences(in: "\(folder)/\(seed).pcap")
      #expect(found == [], "seed \(seed)")
    }
  }

  private func differences(in path: String) throws -> [String] {
    let transcript = try heard(path)
    var found: [String] = []
    for node in transcript.recordedNodes {
      guard let rebuilding = try? Rebuilding(node, from: transcript) else { continue }
      let comparison = Comparison(
        transcript, rebuilding.transcript, of: node.name, without: rebuilding.leftOut)
      found += comparison.differences.map {
        "\(node.name): \($0.who): \($0.first?.text ?? "-") | \($0.second?.text ?? "-")"
      }
    }
    return found
  }

  private func heard(_ path: String) throws -> NormalizedTranscript {
    let recording = try Recording(path: path)
    var transcript = NormalizedTranscript(keepsEvents: true)
    while let record = try recording.next() { if let packet = record.packet { transcript.consume(packet) } }
    transcript.end()
    return transcript
  }
}
