import Foundation
import Soak
import Testing

/// Masters, replicas and Sentinels under random faults: what must hold does after each step, and once the faults stop, all have
/// the same data, and all Sentinels say the same. `make soak` does it for a million steps.
///
/// `REPLAB_SENTINEL_SEEDS=200` plays so many situations, `REPLAB_SENTINEL_FIRST=1000` from that seed on.
@Suite("Trees of nodes come together again, whatever has happened to them") struct SentinelSoakTests {
  private static func number(_ name: String, or standard: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? standard
  }

  static let seeds: [UInt64] = {
    let first = number("REPLAB_SENTINEL_FIRST", or: 1)
    return (first..<first + number("REPLAB_SENTINEL_SEEDS", or: 3)).map { UInt64($0) }
  }()

  @Test(arguments: seeds) func converges(seed: UInt64) {
    let result = TopologySoak(events: 30).play(seed)
    #expect(
      result.complaint == nil, "seed \(seed): \(result.complaint?.text ?? "") after:\n\(result.complaint?.script ?? "")"
    )
    #expect(result.steps > 500)
  }
}
