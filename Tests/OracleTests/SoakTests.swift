import RealRedis
import Soak
import Testing

/// A few of the situations that `make soak` makes up by the hundred.
@Suite("Situations of chance", .enabled(if: Soak.isPossible, "no redis-server, or no right to a network of one's own"))
struct SoakTests {
  @Test("go the same in the lab as with real servers: same replies, data, ends and messages")
  func aFewSeeds() {
    let situations = SoakTests.seeds.map(Generator.situation)
    var soak = Soak()
    soak.kinds = [.reply, .digest, .wire, .end]
    let results = SoakRun(situations) { [soak] in soak.judge($0) }.run(parallel: situations.count) { _ in }
    for result in results {
      #expect(result.failure == nil, "\(result.situation.text)")
      #expect(result.isSame, "\(Report.text(result))\(result.situation.text)")
    }
  }

  @Test("are scripts: read again they are the same", arguments: 1...50 as ClosedRange<UInt64>)
  func scripts(seed: UInt64) throws {
    let situation = Generator.situation(seed)
    let text = try Situation(name: situation.name, text: situation.text)
    #expect(text == situation)
  }

  static let seeds: [UInt64] = [3, 9, 13, 14]
}
