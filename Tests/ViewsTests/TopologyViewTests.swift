import Dissection
import Redis
import Testing
@testable import Lab
@testable import Views

@Suite("The topology as a tree") struct TopologyViewTests {
  /// A master, two replicas of which one has two of its own, one that follows nobody's address, a Sentinel; some seconds on.
  private static func lab(seconds: Int64 = 8) throws -> Session {
    var session = try Session(of: [
      "m", "r1 --replicaof 127.0.0.1,7000", "r2 --replicaof 127.0.0.1,7000", "sub --replicaof 127.0.0.1,7001",
      "away --replicaof 127.0.0.1,9",
    ])
    try session.start("s1", "--sentinel --port 26379 --sentinel monitor,mymaster,127.0.0.1,7000,2")
    try session.timeline.apply(.pass(to: session.timeline.world.now + .seconds(seconds)))
    try session.command("m", "SET a b")
    return session
  }

  @Test("Roles, offsets, keys, links, what is in flight, walls and the dead, in 80 columns") func tree() throws {
    var session = try Self.lab()
    var lines: [Line] = []
    func show() {
      lines += TopologyView(session.timeline.world, after: session.timeline.current).lines() + [Line()]
    }
    show()
    try session.timeline.apply(.partition("m", "r2"))
    try session.timeline.apply(.connectClient("app", node: "r1"))
    try session.timeline.apply(.kill(node: "sub"))
    show()
    try session.timeline.apply(.pause(node: "r1"))
    try session.timeline.apply(.cutPath(from: "m", to: "r1"))
    try session.timeline.apply(.cutPower(node: "s1"))
    show()
    #expect(lines.allSatisfy { $0.width <= 80 })
    try expectTranscript("topology", lines)
  }

  @Test("What the network does to links that there are not yet is told among the links") func linksToCome() throws {
    var session = try Session(of: ["m", "r1", "r2 --replicaof 127.0.0.1,7000"])
    try session.timeline.apply(.pass(to: session.timeline.world.now + .seconds(8)))
    try session.timeline.apply(.lagBetween("r1", "m", .seconds(1)))
    try session.timeline.apply(.jitter("m", "r1", .milliseconds(100)))
    try session.timeline.apply(.drop("m", "r2", perMille: 100))
    try session.timeline.apply(.cutPath(from: "r2", to: "r1"))
    let links = InfoView.links.table(session.timeline.world)
    #expect(links.lines.allSatisfy { $0.width <= 80 })
    #expect(
      links.rows.map { [$0[1], $0[2], $0[4], $0[7]] } == [
        ["r2", "m", "stream", "0.00005s, 10% lost"], ["m", "r1", "no link yet", "1s, +0–0.1s"],
        ["r1", "r2", "no link yet", "0.00005s, no r2 → r1"],
      ])
  }

  @Test("Where room is short, remarks give way to nodes") func shortOfRoom() throws {
    var session = try Session(of: ["m", "r1 --replicaof 127.0.0.1,7000"])
    try session.timeline.apply(.partition("m", "r1"))
    func shown(_ limit: Int) -> [String] { TopologyView(session.timeline.world).lines(limit: limit).map(\.text) }
    let all = shown(20)
    #expect(all.count > 3 && all[1].hasPrefix("m ") && all[2].contains("r1"))
    for limit in 3..<all.count { #expect(shown(limit) == Array(all.prefix(limit)), "\(limit)") }
    #expect(shown(2)[1].hasPrefix("… and 2 nodes more"))
  }

  @Test("Remarks and what goes on below a line give way as long as all nodes have one", arguments: 4...12)
  func allNodes(limit: Int) throws {
    var session = try Session(of: ["m", "r1 --replicaof 127.0.0.1,7000", "r2 --replicaof 127.0.0.1,7000"])
    try session.timeline.apply(.pass(to: session.timeline.world.now + .seconds(8)))
    try session.command("m", "SET a b")
    try session.timeline.apply(.lagBetween("m", "r2", .seconds(2)))
    try session.timeline.apply(.partition("m", "r2"))
    let view = TopologyView(session.timeline.world)
    #expect(view.lines().contains { $0.text.contains("clients: m's own") })
    let lines = view.lines(limit: limit).map(\.text)
    #expect(lines.count <= limit && lines.allSatisfy { $0.count <= 80 })
    for name in ["m ", "├─ r1 ", "└─ r2 "] { #expect(lines.contains { $0.hasPrefix(name) }, "\(lines)") }
    #expect(!lines.contains { $0.contains("more") }, "\(lines)")
  }

  /// A star of replicas with two below each, a chain, and whatever else is named.
  private static func many() throws -> Session {
    var nodes = ["m"]
    for number in 1...60 { nodes.append("r\(number) --replicaof 127.0.0.1,7000") }
    for number in 0..<120 { nodes.append("s\(number) --replicaof 127.0.0.1,\(7_001 + number / 2)") }
    for number in 0..<30 { nodes.append("chain\(number) --replicaof 127.0.0.1,\(7_180 + number)") }
    return try Session(of: nodes)
  }

  @Test(
    "Hundreds of nodes: those that are alike share a line, and no line is left out silently",
    arguments: [1, 2, 5, 12, 24, 40, 60, 70])
  func folded(limit: Int) throws {
    var session = try Self.many()
    try session.timeline.apply(.kill(node: "r50"))
    let lines = TopologyView(session.timeline.world).lines(limit: limit)
    #expect(lines.count <= limit && lines.allSatisfy { $0.width <= 80 })
    // Each node has a line, or is counted in one.
    var count = 0
    for line in lines.dropFirst().map(\.text) where !line.hasPrefix("  ") || line.contains("─ ") {
      let numbers = line.split { !$0.isNumber }.compactMap { Int($0) }
      if line.contains(" nodes more: ") {
        count += numbers[0]
      } else if let more = line.firstRange(of: "─ … ") {
        let words = line[more.upperBound...].split(separator: " ")
        count += Int(words[0]) ?? 0
        if let below = words.firstIndex(of: "below") { count += Int(words[below - 1]) ?? 0 }
      } else {
        count += 1
      }
    }
    #expect(count == 211 || limit == 1, "\(lines.map(\.text).joined(separator: "\n"))")
  }

  @Test("For a program there is a row for each node") func table() throws {
    let session = try Self.many()
    #expect(TopologyView.table(session.timeline.world).rows.count == 211)
  }

  @Test("An empty lab says how to fill it") func empty() {
    #expect(
      TopologyView(Timeline(seed: 1).world).lines().map(\.text) == [
        "no nodes yet: start one, as in: start m --port 7000"
      ])
  }
}
