import Capture
import Dissection
@testable import Lab
import RealRedis
import Redis
import Testing
import Views

@Suite("Views of a lab")
struct StepViewTests {
  @Test("A session, step by step, in every view", arguments: View.allCases)
  func steps(view: View) throws {
    var session = try Session()
    var lines: [Line] = []
    try session.run(acknowledgements: 2) { step, world, before in
      if step.number > 60 { return }
      lines += StepView(view).lines(step, in: world, before: before) + [Line()]
    }
    try session.command("m", "SET qq ww")
    try session.run(acknowledgements: 2) { step, world, before in
      if !step.delivered.isEmpty { lines += StepView(view).lines(step, in: world, before: before) + [Line()] }
    }
    if view == .sequence || view == .fields || view == .ledger { #expect(lines.filter { $0.width > 80 } == []) }
    try expectTranscript("session-\(view.rawValue)", lines)
  }

  @Test("What `info` tells, before a transfer and after a write")
  func tables() throws {
    var session = try Session()
    var lines: [Line] = []
    func look(_ title: String, _ world: World) {
      lines.append(Line("== \(title)"))
      for table in InfoView.allCases { lines += [Line("info \(table.rawValue)")] + table.lines(world) + [Line()] }
      lines += LedgerView.lines(in: world, last: 20) + [Line()]
    }
    var isShown = false
    look("at first", session.timeline.world)
    try session.run(acknowledgements: 2) { step, world, _ in
      guard !isShown, step.phase == .wait else { return }
      isShown = true
      look("the master is about to send its snapshot", world)
    }
    try session.command("m", "SET qq ww")
    look("after a write", session.timeline.world)
    #expect(isShown)
    try expectTranscript("session-info", lines)
  }

  @Test("Why a node did what it did, with the numbers")
  func why() throws {
    var session = try Session()
    var lines: [Line] = []
    try session.run(acknowledgements: 3) { step, world, _ in
      let decided = step.notes.contains { if case .decision = $0.content { true } else { false } }
      if decided { lines += [Line("step \(step.number)")] + WhyView.lines(step, in: world) + [Line()] }
    }
    #expect(!lines.isEmpty)
    try expectTranscript("session-why", lines)
  }

  @Test(
    "The real tcpdump prints the packets of a session as `view tcpdump` and `view hex` do",
    .enabled(if: Tool.isInstalled("tcpdump"), "tcpdump is not installed"))
  func tcpdump() throws {
    var session = try Session()
    try session.run(acknowledgements: 3)
    let packets = session.packets
    try Tool.withFile(Pcap.file(packets)) { path in
      for (option, contents) in [("-A", TcpdumpText.Contents.ascii), ("-X", .hexAndASCII)] {
        let output = try Tool.run("tcpdump", ["-nn", option, "-r", path], environment: ["TZ": "UTC0"])
        let isSame = String(decoding: output, as: UTF8.self) == PacketsView.text(ofSession: packets, contents)
        #expect(isSame, "tcpdump \(option)")
      }
    }
    // Step by step it is the same text.
    var again = try Session()
    var text = PacketsView.text(ofSession: again.packets, .ascii)
    try again.run(acknowledgements: 3) { step, world, before in
      for line in PacketsView.lines(step.packets, .ascii, worlds: [before, world]) { text += line.text + "\n" }
    }
    let isSame = text == PacketsView.text(ofSession: packets, .ascii)
    #expect(isSame)
  }
}
