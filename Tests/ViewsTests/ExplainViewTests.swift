import Dissection
import Lab
import Redis
import Testing
import Views

@Suite("`explain`") struct ExplainViewTests {
  @Test("lists all topics on one screen")
  func list() {
    let lines = ExplainView.list.map(\.text)
    #expect(lines.count <= 23)
    for line in lines { #expect(line.count <= 80, "\(line)") }
    let words = Set(lines.joined(separator: " ").split(whereSeparator: \.isWhitespace).map(String.init))
    for group in Topic.groups {
      let list = Topic.named(group.name)
      let listed = Set(
        (list?.text ?? "").split { $0.isWhitespace || ",:;.".contains($0) }.map(String.init) + (list?.see ?? []))
      for topic in group.topics where topic.name != group.name {
        #expect((group.about == nil ? words : listed).contains(topic.name), "\(topic.name)")
      }
    }
  }

  @Test("knows each line that INFO replication has, in whatever state a node is")
  func info() throws {
    var session = try Session()
    try session.command("m", "CONFIG SET min-replicas-to-write 1")
    var names: Set<String> = []
    var states: Set<String> = []
    try session.run(acknowledgements: 2) { _, world, _ in
      for machine in world.machines {
        guard let node = machine.node else { continue }
        states.insert(node.replication.link.state.replStateName)
        // Not the titles of sections, and replicas by their first one.
        for line in node.replicationInfo().split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
          names.insert(String(line.prefix { $0 != ":" }))
        }
      }
    }
    #expect(states.isSuperset(of: ["none", "connecting", "transfer", "connected"]), "\(states)")
    #expect(names.count >= 28, "\(names.count)")
    for name in names {
      let topic = try #require(Topic.named(name), "\(name)")
      #expect(topic.name == name, "\(name) is only another word for \(topic.name)")
    }
  }
}
