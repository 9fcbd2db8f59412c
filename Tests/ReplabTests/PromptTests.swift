import Testing

@testable import replab

@Suite(
  "A person at the prompt", .enabled(if: Terminal.isInstalled, "tmux is needed"), .serialized,
  .timeLimit(.minutes(3)))
struct PromptTests {
  @Test("Tab completes a verb, and lists where there are several") func tab() throws {
    let terminal = try Terminal()
    try terminal.waitForPrompt()
    try terminal.type("hist", "Tab")
    try terminal.wait("the whole verb") { $0.contains("lab> history") }
    try terminal.type("C-u", "re", "Tab", "Tab")
    try terminal.wait("the verbs in re") { $0.contains("restart") && $0.contains("reverse-continue") }
  }

  @Test("Ctrl-C drops the line and loses no key after it") func cancel() throws {
    let terminal = try Terminal()
    try terminal.waitForPrompt()
    try terminal.type("nonsense", "C-c", "help quit", "Enter")
    let screen = try terminal.wait("the help") { $0.contains("leave the lab") }
    #expect(!screen.contains("there is no verb"))
  }

  @Test("Up recalls a line, and the history file keeps it for the next run") func history() throws {
    let terminal = try Terminal()
    try terminal.waitForPrompt()
    try terminal.type("help quit", "Enter")
    try terminal.wait("the help") { $0.contains("leave the lab") }
    try terminal.waitForPrompt()
    try terminal.type("C-l", "Up")
    try terminal.wait("the line again") { $0.contains("lab> help quit") }
    try terminal.type("C-u", "C-d")
    try terminal.wait("the end") { $0.contains("left with 0") }
    #expect(terminal.home.read("history") == "help quit\n")

    let next = try Terminal(environment: ["REPLAB_HISTORY": terminal.home.path("history")])
    try next.waitForPrompt()
    try next.type("Up")
    try next.wait("the line of the run before") { $0.contains("lab> help quit") }
  }

  @Test("The history stands in the XDG state folder, which is made") func stateFolder() throws {
    let folder = Folder()
    let terminal = try Terminal(environment: ["XDG_STATE_HOME": folder.path("a/state")], unset: ["REPLAB_HISTORY"])
    try terminal.waitForPrompt()
    try terminal.type("help quit", "Enter", "C-d")
    try terminal.wait("the end") { $0.contains("left with 0") }
    #expect(folder.read("a/state/replab/history") == "help quit\n")
  }

  @Test("inputrc settings for replab hold") func inputrc() throws {
    let folder = Folder()
    folder.write("inputrc", "$if replab\n\"\\C-t\": \"help quit\"\n$endif\n$if other\n\"\\C-t\": \"wrong\"\n$endif\n")
    let terminal = try Terminal(environment: ["INPUTRC": folder.path("inputrc")])
    try terminal.waitForPrompt()
    try terminal.type("C-t")
    try terminal.wait("the macro") { $0.contains("lab> help quit") }
  }

  @Test("A session: handshake, Tab, Up, Ctrl-C in a long continue, back, x, Ctrl-D") func session() throws {
    let terminal = try Terminal(height: 200)
    func enter(_ line: String) throws {
      try terminal.waitForPrompt()
      try terminal.type(line, "Enter")
    }
    try terminal.waitForPrompt()
    try enter("start m --port 7000 --enable-debug-command yes")
    try enter("m SET titi toto")
    try enter("start r --port 7001 --replicaof \"127.0.0.1 7000\" --repl-diskless-load on-empty-db")

    // Step once, then with Enter alone, to the end of the handshake.
    try terminal.waitForPrompt()
    try terminal.type("ste", "Tab")
    try terminal.wait("the verb") { $0.hasSuffix("lab> step") }
    try terminal.type("Enter")
    for _ in 0..<30 where try !terminal.waitForPrompt().contains(">>> PSYNC ? -1") { try terminal.type("Enter") }
    let screen = try terminal.waitForPrompt()
    for message in [">>> PING", "<<< PONG", ">>> REPLCONF capa eof capa psync2", "<<< OK", ">>> PSYNC ? -1"] {
      #expect(screen.contains(message), "\(message)")
    }

    // The same command again with Up; Enter repeats no command that is not a step.
    try terminal.type("m DBSIZE", "Enter")
    try terminal.wait("the reply") { $0.contains("(integer) 1") }
    try terminal.waitForPrompt()
    try terminal.type("C-l", "Enter", "Up", "Enter")
    try terminal.wait("the reply again") { $0.components(separatedBy: "(integer) 1").count == 2 }

    // A long way, interrupted.
    try enter("m DEBUG POPULATE 100000")
    try enter("chunk record")
    try terminal.waitForPrompt()
    try terminal.type("C-l")
    try enter("continue")
    try terminal.wait("progress") { $0.contains("steps, 13:") }
    try terminal.type("C-c")
    try terminal.wait("the prompt back") { $0.contains("interrupted") }
    try terminal.waitForPrompt()
    try terminal.type("C-l")
    try enter("back")
    try terminal.wait("where one is") { $0.contains("transfer") }
    try enter("x")
    try terminal.wait("the record's fields") { $0.contains("payload.") && $0.contains("0000  ") }
    try terminal.waitForPrompt()
    try terminal.type("C-d")
    try terminal.wait("how to keep it") { $0.contains("`save my.lab` keeps it") }
    try terminal.waitForPrompt()
    try terminal.type("C-d")
    try terminal.wait("the end") { $0.contains("left with 0") }
  }

  @Test("In a narrow terminal lines end at words: the terminal itself breaks none", arguments: [45, 62])
  func narrow(width: Int) throws {
    let terminal = try Terminal("", width: width, height: 300)
    try terminal.waitForPrompt()
    for line in [
      "help", "help faults", "help fix", "help SET", "help commands", "lesson", "start m --port 7000", "nonsense",
      "lag m m 1", "why", "explain psync", "info nodes", "m SET a b", "step", "lesson 15",
    ] {
      try terminal.type("C-l", line, "Enter")
      try terminal.wait(line) { $0.contains("lab> \(line)\n") }
      try terminal.waitForPrompt()
      let screen = try terminal.screen()
      #expect(try terminal.joinedScreen() == screen)
      // Nothing is left out: the words are those that a page has.
      guard line.hasPrefix("help ") || line.hasPrefix("explain") else { continue }
      func words(_ text: String) -> [Substring] { text.split(whereSeparator: \.isWhitespace) }
      let page = try Program.lab(line + "\n").output
      #expect(words(screen) == words("lab> \(line)\n\(page)lab>"))
    }
  }

  @Test("A person is told what a fault has changed, in one line, and what a number without a unit has meant")
  func faults() throws {
    let terminal = try Terminal()
    try terminal.waitForPrompt()
    try terminal.type("start m --port 7000", "Enter", "start r --port 7001 --replicaof m:7000", "Enter")
    try terminal.type("C-u", "start r --port 7001 --replicaof \"m 7000\"", "Enter", "until r.link = connected", "Enter")
    try terminal.wait("the link") { $0.contains("r.link: sync → connected") }
    for (line, told) in [
      ("lag m r 1", "a packet between m and r takes 1s, one way"),
      ("lag 1 200ms", "a packet on link 1 takes 0.2s, one way"),
      ("partition m r", "nothing gets through between m and r"),
      ("partition m r --one-way", "nothing gets through from m to r"),
      ("heal m r", "the network between m and r is whole"),
      ("chunk 1k", "m, r: 1,024 bytes of a payload a write"),
      ("chunk record m", "m: one RDB record of a payload a write"),
      ("jitter m r 5ms", "a packet between m and r takes up to 0.005s longer"),
      ("bandwidth m r 64k", "65,536 bytes a second get through between m and r, each way"),
      ("drop m r 0.5%", "0.5% of the packets between m and r are lost"),
      ("heal", "the network between m and r is whole"),
      ("skew r -10s", "r's clock is 10s behind the others"),
      ("skew r 0.5s", "r's clock is 0.5s ahead of the others"),
      ("skew r off", "r's clock is that of the others"),
      ("nat r 10.0.0.5:17001", "the others see r as 10.0.0.5:17001"),
      ("nat r off", "the others see r where it is"),
      ("disk r 64k", "65,536 bytes a second get onto r's disk, and from it"),
      ("disk r slow", "an fsync in the background of r's takes three seconds"),
      ("disk r full", "r's disk is full"),
      ("disk r ok", "r's disk takes what is written"),
      ("fix r fork fail", "r's fork: fail"),
      ("fix r used-memory 1033936", "r's used-memory: 1033936"),
      ("fix r eof-mark " + String(repeating: "a", count: 40), "r's next eof-mark is settled"),
      ("cut m r", "link 1 is reset, and what was in flight on it is lost"),
    ] {
      try terminal.type("C-l", line, "Enter")
      let screen = try terminal.wait(line) { $0.hasSuffix("\nlab>") && $0.contains("lab> \(line)\n") }
      #expect(screen == "lab> \(line)\n\(told)\nlab>")
    }
  }

  @Test("`quit` names a file that is free to save the lab in") func freeName() throws {
    let folder = Folder()
    folder.write("my.lab", "start other\n")
    var session = try Session(Options.none(), forPrompt: true)
    (session.output, session.errors) = (Output(), Output())
    #expect(session.freeFile(in: folder.root) == "my-2.lab")
    // Its own it writes again.
    try session.run("save \(folder.path("my-2.lab"))")
    #expect(session.freeFile(in: folder.root) == "my-2.lab")
    #expect(session.freeFile(in: Folder().root) == "my.lab")
  }

  @Test("Where lines can't be written over none is, and else they are", arguments: ["dumb", "xterm-256color"])
  func progress(kind: String) throws {
    let terminal = try Terminal(environment: ["TERM": kind])
    try terminal.waitForPrompt()
    try terminal.type("start m --port 7000", "Enter")
    try terminal.waitForPrompt()
    let written = try terminal.recording {
      try terminal.type("find m.port = 7000", "Enter")
      try terminal.wait("what was found") { $0.contains("became true once") }
    }
    #expect(written.contains("\r\u{1b}[K") == (kind != "dumb"), "\(written.debugDescription)")
  }

  @Test("repeat tells how far it has come, and Ctrl-C ends it") func repeating() throws {
    let terminal = try Terminal()
    try terminal.waitForPrompt()
    try terminal.type("start m --port 7000", "Enter")
    try terminal.waitForPrompt()
    try terminal.type("repeat 1000000 m SET k{i} v", "Enter")
    try terminal.wait("progress") { $0.contains(/[0-9]+ of 1000000 rounds, 13:[0-9:.]+ \(Ctrl-C stops\)/) }
    try terminal.type("C-c")
    try terminal.wait("the prompt back") { $0.contains("times the same") || $0.contains("interrupted") }
    #expect(try !terminal.waitForPrompt().contains("Ctrl-C stops"))
  }

  @Test("Progress is told over what was told before, and not where nobody is told") func progressLine() {
    let output = Output()
    var line = ProgressLine(on: output, patience: .zero)
    line.clear()
    line.tell("1 of 2 steps")
    line.tell("2 of 2 steps")
    line.clear()
    line.clear()
    #expect(
      String(decoding: output.kept, as: UTF8.self)
        == "\r1 of 2 steps (Ctrl-C stops)\u{1b}[K\r\r2 of 2 steps (Ctrl-C stops)\u{1b}[K\r\r\u{1b}[K")
    var patient = ProgressLine(on: Output())
    patient.tell("1 of 2 steps")
    #expect(patient.screen?.kept == [])
  }

  @Test(
    "Colour is there on a terminal, unless NO_COLOR or TERM=dumb refuse it",
    arguments: [([:], true), (["NO_COLOR": "1"], false), (["NO_COLOR": ""], true), (["TERM": "dumb"], false)])
  func colour(environment: [String: String], isColoured: Bool) throws {
    let terminal = try Terminal(environment: environment)
    try terminal.waitForPrompt()
    try terminal.type("help quit", "Enter")
    try terminal.wait("the help") { $0.contains("leave the lab") }
    try terminal.waitForPrompt()
    #expect(try terminal.screen(withColours: true).contains("\u{1b}[1m") == isColoured)
  }

  @Test("A complaint does not end the lab, and Ctrl-D leaves it") func complaint() throws {
    let terminal = try Terminal()
    try terminal.waitForPrompt()
    try terminal.type("stpe", "Enter")
    try terminal.wait("the complaint") { $0.contains("Did you mean ‘step’?") }
    try terminal.waitForPrompt()
    try terminal.type("C-d")
    try terminal.wait("the end") { $0.contains("left with 0") }
  }
}
