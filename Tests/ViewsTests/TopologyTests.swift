import Capture
import Dissection
import Redis
import TestSupport
import Testing
@testable import Lab
@testable import Views

@Suite("The order in which pictures have the nodes") struct TopologyTests {
  /// `name>depth`, and the kind's first letter.
  private func text(_ timeline: Timeline) -> String {
    Topology(of: timeline.world).members.map { "\($0.name)\($0.depth)\($0.kind.rawValue.prefix(1))" }
      .joined(separator: " ")
  }

  private func lab(_ nodes: String...) throws -> Session { try Session(of: nodes) }

  @Test("A master, its replicas below it, theirs below them; in each row whoever came first") func tree() throws {
    let session = try lab(
      "m", "b --replicaof 127.0.0.1,7000", "a --replicaof localhost,7000", "sub --replicaof 127.0.0.1,7001",
      "m2", "c --replicaof m2,7004")
    #expect(text(session.timeline) == "m0m b1r sub2r a1r m20m c1r")
    let topology = Topology(of: session.timeline.world)
    #expect(topology.members.map(\.master) == [nil, "m", "b", "m", nil, "m2"])
    #expect(topology.columns.map(\.name) == ["m", "b", "sub", "a", "m2", "c"])
  }

  @Test("Whoever follows nobody's address, itself, or in a circle, has a place") func oddities() throws {
    let session = try lab(
      "away --replicaof 127.0.0.1,9", "self --replicaof 127.0.0.1,7001", "x --replicaof 127.0.0.1,7003",
      "y --replicaof 127.0.0.1,7002", "far --replicaof 10.0.0.1,7006", "away2 --replicaof 127.0.0.1,9", "m",
      "below --replicaof 127.0.0.1,7000", "z --replicaof 127.0.0.1,7003")
    #expect(text(session.timeline) == "m0m self0r away1r below2r away21r far1r x0r y1r z2r")
    let members = Topology(of: session.timeline.world).members
    #expect(members.first { $0.name == "away" }?.unknownMaster == "127.0.0.1:9")
    #expect(members.first { $0.name == "far" }?.unknownMaster == "10.0.0.1:7006")
    #expect(members.first { $0.name == "self" }?.master == "self")
    #expect(members.first { $0.name == "x" }?.master == "y")
  }

  @Test("Sentinels come last, clients first, and a dead process leaves its machine where it was") func deaths() throws {
    var session = try lab("m", "s1 --sentinel", "r")
    try session.command("r", "REPLICAOF 127.0.0.1 7000")
    try session.start("r2", "--port 7100 --replicaof 127.0.0.1,7000")
    #expect(text(session.timeline) == "m0m r1r r21r s10s")
    for name in ["r", "s1", "m"] { try session.timeline.apply(.kill(node: name)) }
    #expect(text(session.timeline) == "m0m r1r r21r s10s")
    #expect(Topology(of: session.timeline.world).columns.map(\.name) == ["m", "r", "r2", "s1"])
    try session.timeline.apply(.restart(node: "m"))
    try session.command("m", "PING")
    #expect(Topology(of: session.timeline.world).columns.first == .clients)
    // Nothing in its launch says that it follows.
    try session.timeline.apply(.restart(node: "r"))
    #expect(text(session.timeline) == "m0m r21r r0m s10s")
  }

  @Test("The columns of a history stay in their order when roles change and others come") func columns() throws {
    var session = try lab("m", "r --replicaof 127.0.0.1,7000")
    var columns = TopologyColumns()
    columns.take(Topology(of: session.timeline.world))
    try session.command("r", "REPLICAOF NO ONE")
    try session.command("m", "REPLICAOF 127.0.0.1 7001")
    try session.start("between", "--port 7002 --replicaof 127.0.0.1,7001")
    columns.take(Topology(of: session.timeline.world))
    #expect(columns.all.map(\.name) == ["clients", "m", "between", "r"])
    columns.take(.nobody)
    columns.take(.named("app"))
    #expect(columns.all.map(\.name) == ["clients", "m", "between", "r", "nobody"])
  }

  @Test("A recording tells who follows whom, and its clients share a column") func recording() throws {
    var timeline = Timeline(PacketSource(name: "chain", try Pcap.packets(in: Fixtures.capture("chain"))))
    while timeline.world.recorded?.replicationLinks.count != 2 { try #require(timeline.stepAny().stop == .done) }
    let topology = Topology(of: timeline.world)
    #expect(topology.members.map(\.depth) == [0, 1, 2])
    #expect(topology.members.dropFirst().map(\.master) == topology.members.dropLast().map(\.name))
    #expect(Topology.columnName(of: .node("client:49822")) == "clients")
    #expect(Topology.columnName(of: .node("replica:49822")) == "replica:49822")
  }
}
