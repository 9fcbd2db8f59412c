import Dissection
import Testing

@Suite("What `explain` says to type") struct ExampleTests {
  /// The last line's output, in one line.
  private func shown(by name: String, writes: Int = 1_200) throws -> String {
    let topic = try #require(Topic.named(name))
    let lines = topic.example.flatMap { line in
      guard line.hasPrefix("repeat 1200 ") else { return [line] }
      return (1...writes).map { String(line.dropFirst(12)).replacing("{i}", with: "\($0)") }
    }
    let run = try Program.lab(lines.joined(separator: "\n") + "\n")
    #expect(run.status == 0, "\(name): \(run.errors)")
    return run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  static let examples: [(String, [String])] = [
    ("backlog", ["the backlog no longer has what it misses"]), ("lag", ["m 50 0", "50"]),
    ("wait", ["time is up: 1", "2 were asked for"]), ("readonly", ["READONLY", "replica-read-only is yes"]),
    ("failover", ["asked it to, by PSYNC … FAILOVER"]), ("min-replicas-to-write", ["NOREPLICAS", "asks for 2"]),
    ("spop", ["Chance chose.", "SREM s"]), ("incrbyfloat", ["SET f 0.1 KEEPTTL", "rounds otherwise"]),
    ("blpop", ["c: 1) \"l\" 2) \"a\"", "LPOP l"]), ("xadd", ["another clock"]), ("xreadgroup", ["XCLAIM x g c 0 1-1"]),
    ("geoadd", ["zadd g 3479099956230698 Palermo"]), ("getdel", ["They are told: DEL k."]),
    ("multi", ["MULTI", "EXEC"]), ("eviction", ["m: evicts a", "m: evicts b", "OOM command not allowed"]),
    ("sentinel", ["wait_promotion", "quorum 1", "s_down,o_down,failover_in_progress"]),
    ("expire", ["(nil)", "waits for its master's DEL", "(integer) 1"]),
  ]

  @Test("shows it", arguments: examples)
  func shows(name: String, words: [String]) throws {
    let text = try shown(by: name)
    for part in words { #expect(text.contains(part), "\(name): \(text.suffix(700))") }
  }

  @Test("is tried for each topic that has something to type")
  func complete() {
    let names = Set(Topic.all.filter { !$0.example.isEmpty }.map(\.name))
    #expect(names == Set(Self.examples.map(\.0)))
  }

  @Test("of a backlog is about its size alone: fewer writes fit into it")
  func fits() throws {
    #expect(try shown(by: "backlog", writes: 900).contains("lets r go on where it left off: it lacks"))
  }
}
