import Testing

@Suite(
  "layout: panes above the prompt", .enabled(if: Terminal.isInstalled, "tmux is needed"), .serialized,
  .timeLimit(.minutes(3)))
struct LayoutTests {
  private static let names = ["topology", "messages", "bytes", "why"]

  /// A lab with a replica that has not connected, at a terminal.
  private func lab(width: Int, height: Int) throws -> Terminal {
    let terminal = try Terminal(width: width, height: height)
    for line in ["start m --port 7000", "start r --port 7001 --replicaof \"127.0.0.1 7000\"", "layout"] {
      try terminal.waitForPrompt()
      try terminal.type(line, "Enter")
    }
    try terminal.wait("the panes") { $0.contains("── topology ─") && $0.contains("─ why ─") }
    return terminal
  }

  private func rows(_ screen: String) -> [Substring] { screen.split(separator: "\n", omittingEmptySubsequences: false) }

  @Test(
    "They stand at the top, are drawn anew at each step, and the prompt goes on below",
    arguments: [(80, 24), (120, 40)])
  func steps(width: Int, height: Int) throws {
    let terminal = try lab(width: width, height: height)
    try terminal.waitForPrompt()
    try terminal.type("step 6", "Enter")
    try terminal.wait("what the step prints") { $0.contains("REPLCONF capa eof capa psync2\n") }
    let screen = try terminal.waitForPrompt()
    let top = rows(screen)[0]
    #expect(top.hasPrefix("── topology ─") && top.count == width)
    for name in Self.names { #expect(screen.components(separatedBy: "─ \(name) ─").count == 2, "\(name): \(screen)") }
    // The panes tell of the last step, not of the first.
    #expect(screen.contains("└─ r") && screen.contains("handshake") && screen.contains("► "), "\(screen)")
    #expect(rows(screen).last?.trimmingCharacters(in: .whitespaces) == "lab>")
    // Much is printed, and nothing of it on the panes.
    try terminal.type("help all", "Enter")
    try terminal.wait("the end of the help") { $0.contains("leave the lab") }
    let after = try terminal.waitForPrompt()
    #expect(rows(after)[0] == top && Self.names.allSatisfy { after.contains("─ \($0) ─") }, "\(after)")
    try terminal.type("back", "Enter")
    try terminal.wait("the moment before") { $0.contains("► 13") || $0.contains("► 12") }
  }

  @Test("Readline is as before: Tab, Up, Ctrl-C, long lines, Ctrl-L") func readline() throws {
    let terminal = try lab(width: 80, height: 24)
    try terminal.waitForPrompt()
    try terminal.type("hist", "Tab")
    try terminal.wait("the whole verb") { $0.contains("lab> history") }
    try terminal.type("C-u", "re", "Tab", "Tab")
    try terminal.wait("the verbs in re") { $0.contains("reverse-continue") && $0.contains("── topology ─") }
    try terminal.type("C-c", "Up")
    try terminal.wait("the line before") { $0.hasSuffix("lab> layout") }
    try terminal.type("C-u", "m SET k " + String(repeating: "v", count: 150))
    try terminal.wait("all of a long line") {
      $0.replacing("\n", with: "").contains(String(repeating: "v", count: 150))
    }
    try terminal.type("Enter")
    try terminal.wait("the reply") { $0.contains("\nOK\n") }
    try terminal.type("pri", "C-l")
    let screen = try terminal.wait("a clear screen") { !$0.contains("\nOK\n") && $0.hasSuffix("lab> pri") }
    #expect(rows(screen)[0].hasPrefix("── topology ─"))
    try terminal.type("nt m.keys", "Enter")
    try terminal.wait("the answer") { $0.contains("lab> print m.keys\n1\n") }
  }

  @Test("They follow the terminal's size; one that is too small has none until it grows") func resize() throws {
    let terminal = try lab(width: 80, height: 24)
    try terminal.waitForPrompt()
    try terminal.type("print m.")
    try terminal.resize(width: 130, height: 40)
    let wide = try terminal.wait("wide panes") { self.rows($0)[0].count == 130 }
    #expect(rows(wide)[0].contains("─ messages ─") && wide.hasSuffix("lab> print m."), "\(wide)")
    try terminal.resize(width: 60, height: 12)
    // (tmux shows the rows that are left for a moment.)
    try terminal.wait("no panes") { $0 == "lab> print m." }
    try terminal.type("keys", "Enter")
    try terminal.wait("the answer") { $0.contains("lab> print m.keys\n0") }
    try terminal.resize(width: 100, height: 30)
    try terminal.wait("panes again") { self.rows($0)[0].hasPrefix("── topology ─") && self.rows($0)[0].count == 100 }
  }

  @Test("layout off gives the rows back, and so does the end") func off() throws {
    let terminal = try lab(width: 80, height: 24)
    try terminal.waitForPrompt()
    try terminal.type("print 1 + 1", "Enter")
    try terminal.wait("the answer") { $0.contains("\n2\n") }
    try terminal.type("layout off", "Enter")
    let screen = try terminal.wait("the whole screen") {
      $0.contains("lab> layout off\nlab>") && !$0.contains("topology ─")
    }
    #expect(screen.contains("lab> print 1 + 1\n2\n"), "\(screen)")
    try terminal.type("layout", "Enter")
    try terminal.wait("the panes again") { $0.contains("── topology ─") }
    try terminal.type("quit", "Enter", "quit", "Enter")
    let end = try terminal.wait("the end") { $0.contains("left with 0") }
    #expect(!end.contains("topology ─"), "\(end)")
  }

  @Test("A recording has panes, too: who follows whom, and what its bytes show") func recording() throws {
    let terminal = try Terminal("replay \(Program.root)/transcripts/chain.pcap", width: 120, height: 40)
    for line in ["layout", "until master.offset >= 0", "step 3"] {
      try terminal.waitForPrompt()
      try terminal.type(line, "Enter")
    }
    try terminal.wait("the panes") { $0.contains("replica:7001 → ") && $0.contains("└─ replica:7001") }
  }

  @Test("Without a terminal it explains itself and changes nothing") func script() throws {
    for line in ["layout", "layout off"] {
      let run = try Program.lab("start m --port 7000\n\(line)\nprint m.keys\n")
      #expect(
        run.status == 0 && run.output.contains("nothing changes") && run.output.hasSuffix("\n0\n"), "\(run.output)")
      #expect(!run.output.contains("\u{1b}"))
    }
    let run = try Program.lab("layout sideways\n")
    #expect(run.status == 2 && run.errors.contains("layout knows no ‘sideways’"), "\(run.errors)")
  }
}
