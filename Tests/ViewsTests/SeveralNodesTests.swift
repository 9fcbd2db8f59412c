import Dissection
import Testing
@testable import Lab
@testable import Views

@Suite("Views of several nodes, and of long messages") struct SeveralNodesTests {
  /// A session of a master with two replicas, as deliveries with their times.
  private static func tree() throws -> (deliveries: [(Delivery, String)], world: World) {
    var session = try Session()
    try session.start("r2", "--port 7002 --replicaof 127.0.0.1,7000 --repl-diskless-load on-empty-db")
    var deliveries: [(Delivery, String)] = []
    try session.run(acknowledgements: 8) { step, _, _ in deliveries += step.delivered.map { ($0, step.time.clockText) }
    }
    return (deliveries, session.timeline.world)
  }

  @Test("Lines name both ends where the one before was between others") func arrows() throws {
    var view = ArrowsView(.ends(ofFirst: true))
    var lines: [Line] = []
    for (delivery, _) in try Self.tree().deliveries { view.append(delivery, to: &lines) }
    try expectTranscript("tree-arrows", lines)
  }

  @Test("All nodes are columns of the chart, within 80 columns") func sequence() throws {
    let (deliveries, world) = try Self.tree()
    var view = SequenceView(columns: SequenceView.columns(for: deliveries.map(\.0), in: world))
    let lines = deliveries.flatMap { view.lines(of: $0, at: $1) }
    #expect(lines.allSatisfy { $0.width <= 80 })
    try expectTranscript("tree-sequence", lines)
  }

  @Test("A chart has room for six columns; more are drawn two at a time", arguments: 2...9) func columns(count: Int)
    throws
  {
    let deliveries = try Self.tree().deliveries
    let names = (["r2", "r"] + (3...10).map { "n\($0)" }).prefix(count - 1) + ["m"]
    var view = SequenceView(columns: Array(names))
    for (delivery, time) in deliveries {
      for line in view.lines(of: delivery, at: time) { #expect(line.width <= 80, "\(line.text)") }
    }
  }

  @Test("A node that talks to itself is drawn, too") func itself() throws {
    var delivery = try #require(Self.tree().deliveries.first?.0)
    delivery.to = delivery.from
    for columns in [
      [], ["a", delivery.from.name, "b"], ["a", "b", delivery.from.name], [delivery.from.name, "a", "b"],
    ] {
      var view = SequenceView(columns: columns)
      let lines = view.lines(of: delivery, at: "13:56:53.000000")
      #expect(lines.count == 2 && lines.allSatisfy { $0.width <= 80 }, "\(lines.map(\.text))")
    }
  }

  @Test("The rows and the bytes left of a long message make up all of it", arguments: [1, 2, 5, 12, 1_000])
  func excerpt(rows: Int) throws {
    for (delivery, _) in try Self.tree().deliveries {
      var (whole, cut) = (ArrowsView(), ArrowsView(page: Page(rowLimit: rows)))
      let (all, shown) = (whole.lines(of: delivery), cut.lines(of: delivery))
      guard let last = shown.last, last.text.hasSuffix("`x` shows them") else {
        #expect(all == shown)
        continue
      }
      // A line may take several rows of a screen.
      let height = shown.dropLast().reduce(0) { $0 + max(1, ($1.width + 79) / 80) }
      #expect(height <= rows, "\(shown.map(\.text))")
      let left = try #require(Int(last.text.dropFirst(2).prefix { $0 != " " }.replacing(",", with: "")))
      #expect(left > 0 && left < delivery.message.bytes.count)
    }
  }

  @Test(
    "Numbers have their thousands apart",
    arguments: [
      (0, "0"), (999, "999"), (8_300, "8,300"), (1_234_567, "1,234,567"), (-1_000, "-1,000"),
      (.min, "-9,223,372,036,854,775,808"),
    ])
  func grouped(number: Int, text: String) { #expect(Excerpt.grouped(number) == text) }

  @Test("A table that is too wide goes on in lines of their own, no column cut") func table() {
    var table = Table((1...9).map { .init("column \($0)") }, empty: "")
    table.rows = [(1...9).map { String(repeating: "\($0)", count: 9) + "!" }]
    let lines = table.lines.map(\.text)
    #expect(lines.count == 4 && lines.allSatisfy { $0.count <= 80 }, "\(lines)")
    #expect(lines[3].hasPrefix("    7777") && lines[2].hasSuffix("666666666!"), "\(lines)")
    for number in 1...9 { #expect(lines.joined().contains(String(repeating: "\(number)", count: 9) + "!")) }
  }

  @Test("tcpdump's line is broken at its blanks") func hanging() {
    let text =
      "13:56:59.000150 IP 127.0.0.1.7000 > 127.0.0.1.42149: Flags [P.], seq 354:406, ack 221, win 64, options [nop], length 52"
    let lines = Line.hanging(text).map(\.text)
    #expect(lines.count == 2 && lines[1].hasPrefix("    ") && lines.allSatisfy { $0.count <= 80 }, "\(lines)")
    #expect(lines.map { $0.drop { $0 == " " } }.joined(separator: " ") == text)
    #expect(Line.hanging("short").map(\.text) == ["short"])
  }
}
