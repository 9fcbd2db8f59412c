import Capture
import CaptureFiles
import Dissection
import Foundation
import TestSupport
import Testing

@testable import Comparison

@Suite("A byte of a recording that no server would have said") struct MutationTests {
  /// How many mutations there were of what is compared, and how many were found.
  struct Sum {
    var found = 0
    var all = 0
    /// In replies that are the recording's, or only tell of the server.
    var excused = 0

    static func += (a: inout Self, b: Self) {
      (a.found, a.all, a.excused) = (a.found + b.found, a.all + b.all, a.excused + b.excused)
    }
  }

  @Test("is found, but for what is told to be not the lab's own") func found() throws {
    var sum = Sum()
    for name in Fixtures.captures { sum += try Self.sum(Captures.packets(name), count: 3, name) }
    for name in Fixtures.situations.suffix(6) { sum += try Self.sum(Captures.packets(name), count: 4, name) }
    // Times are not compared, nor is what data of before the recording explains.
    #expect(sum.found * 100 >= sum.all * 80, "\(sum)")
    #expect(sum.all > 20, "\(sum)")
  }

  /// A folder of recordings, for whoever wants to know the share of others; a line for each that is not found.
  private static let folder = ProcessInfo.processInfo.environment["REPLAB_MUTATIONS"]

  @Test("is found in recordings of one's own", .enabled(if: folder != nil)) func measured() throws {
    let folder = Self.folder ?? ""
    var sum = Sum()
    for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() where name.hasSuffix(".pcap") {
      let recording = try Recording(path: "\(folder)/\(name)")
      var packets: [Packet] = []
      while let record = try recording.next() { if let packet = record.packet { packets.append(packet) } }
      sum += try Self.sum(packets, count: 5, name)
    }
    print("\(sum)")
  }

  /// Mutations drawn from a recording that is the same without.
  private static func sum(_ packets: [Packet], count: Int, _ name: String) throws -> Sum {
    let mutations = Mutations(packets)
    var sum = Sum()
    for place in mutations.drawn(count, seed: 1) {
      guard let original = outcome(packets, place), original.isSame else { continue }
      if let number = place.message.answers?.number, let command = place.message.answers?.name,
        original.taken.contains(number) || ReplyTolerance([Array(command.utf8)]).isAboutTheServer
      {
        sum.excused += 1
        continue
      }
      sum.all += 1
      if outcome(mutations.mutated(place), place)?.isSame == false {
        sum.found += 1
      } else {
        print(
          "missed: \(name), connection \(place.connection), \(NormalizedMessage.text(Array(place.message.bytes.prefix(90))))"
        )
      }
    }
    return sum
  }

  /// What the node that says it says otherwise in the lab; nil: it is not rebuilt.
  private static func outcome(_ packets: [Packet], _ place: Mutations.Place) -> (isSame: Bool, taken: Set<Int>)? {
    let transcript = Captures.heard(packets)
    guard let connection = transcript.traffic.connection(place.connection),
      let node = transcript.recordedNodes.first(where: { $0.name == NormalizedTranscript.name(connection.acceptor) }),
      let rebuilding = try? Rebuilding(node, from: transcript)
    else { return nil }
    let comparison = Comparison(transcript, rebuilding.transcript, of: node.name, without: rebuilding.leftOut)
    return (comparison.differences.isEmpty, rebuilding.takenReplies[place.connection] ?? [])
  }
}
