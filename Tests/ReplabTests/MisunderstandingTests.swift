import Testing

@testable import replab

@Suite("What can't be meant is refused, with what may be meant") struct MisunderstandingTests {
  private static let pair = ["start m --port 7000", #"start r --port 7001 --replicaof "127.0.0.1 7000""#]

  private static func session(_ lines: [String]) throws -> Session {
    var session = try Session(Options.none(), forPrompt: true)
    session.output = Output()
    session.errors = Output()
    for line in lines { try session.run(line) }
    return session
  }

  private static func complaint(_ line: String, after lines: [String]) throws -> Complaint {
    var session = try session(lines)
    return try #require(throws: Complaint.self, "\(line)") { try session.run(line) }
  }

  private static let recording = ["replay \(Program.root)/transcripts/fullsync-diskless.pcap"]

  @Test(
    "An expression about nobody is refused, in a recording and in a lab",
    arguments: ["print q.keys", "print q.offset = none", "until q.keys > 0", "find q.offset = none", "break node q"])
  func nobody(line: String) throws {
    let inLab = try Self.complaint(line, after: Self.pair)
    #expect(inLab.what == "there is no node 'q'" && inLab.advice == "There are m, r.", "\(inLab.text)")
    let inRecording = try Self.complaint(line, after: Self.recording)
    #expect(inRecording.what == inLab.what && inRecording.advice == "There are replica, master.")
  }

  @Test(
    "In a recording nobody is started later, so that nothing is to be waited for",
    arguments: ["watch q.offset", "display q.offset", "break q.offset > 1", "break if q.offset > 1"])
  func nobodyLater(line: String) throws {
    let complaint = try Self.complaint(line, after: Self.recording)
    #expect(complaint.what == "there is no node 'q'", "\(complaint.text)")
    var lab = try Self.session(Self.pair)
    try lab.run(line)
  }

  @Test("Who comes later is somebody: in a lab that has gone back, and in a recording") func later() throws {
    var lab = try Self.session(Self.pair + ["goto 1"])
    try lab.run("print r.port")
    #expect(String(decoding: lab.output.kept, as: UTF8.self).hasSuffix("\nnone\n"))
    try lab.run("until r.port = 7001")
    #expect(lab.timeline.position == 2)
    var recording = try Self.session(["replay \(Program.root)/transcripts/failover.pcap"])
    for name in Set(try Self.session(["replay \(Program.root)/transcripts/failover.pcap", "goto end"]).nodeNames) {
      try recording.run("print \(name).offset")
      try recording.run("watch \(name).offset")
    }
  }

  @Test("Advice in a recording is none that needs a lab") func adviceForRecordings() throws {
    let until = try Self.complaint("until master.offset > 999999", after: Self.recording)
    #expect(until.kind == .expectation && until.advice == "`back` and `goto 0` go back to where you were.")
    let node = try Self.complaint("m SET a b", after: Self.recording)
    #expect(node.what == "there is no node ‘m’" && node.advice == "There are: replica, master.")
    let inLab = try Self.complaint("other SET a b", after: Self.pair)
    #expect(inLab.advice == "Start it first, as in: start other --port 7000")
  }

  @Test(
    "A condition is no word, and `print` prints no word that asks nothing",
    arguments: [
      ("until r.link = connected and m", "'m' is a node, not a condition", 30),
      ("until m", "'m' is a node, not a condition", 7), ("find m", "'m' is a node, not a condition", 6),
      ("break r.keys > 0 and m", "'m' is a node, not a condition", 22),
      ("explore until r.keys > 0 or m", "'m' is a node, not a condition", 29),
      ("until foo", "'foo' is a text, not a condition", 7), ("until 1", "'1' is a number, not a condition", 7),
      ("until r.link", "'r.link' is a word, not a condition", 7),
      ("print 1 and 2", "'1' is a number, not a condition", 7),
      ("print m", "'m' is a node, and asks nothing", 7), ("print foo", "'foo' is a text, and asks nothing", 7),
    ])
  func conditions(line: String, what: String, column: Int) throws {
    let complaint = try Self.complaint(line, after: Self.pair)
    #expect(complaint.what == what && complaint.column == column, "\(complaint.text)")
    #expect(complaint.advice?.contains(", as in ") == true, "\(complaint.text)")
  }

  @Test("What an advice about conditions gives as an example can be typed") func examples() throws {
    for line in ["until m", "until foo", "until 1", "until r.link", "print m", "until time"] {
      let advice = try #require(try Self.complaint(line, after: Self.pair).advice)
      let example = advice.dropLast().split(separator: "as in ").last.map(String.init) ?? ""
      var session = try Self.session(Self.pair)
      try session.run("print \(example)")
    }
  }

  @Test(
    "Commands of the shell, and words of other programs",
    arguments: [
      ("inspect dump.rdb", "a command of the shell", "`quit`"),
      ("convert a.pcap b.md", "a command of the shell", "`quit`"),
      ("compare a b", "a command of the shell", "`quit`"), ("spy lo", "a command of the shell", "`quit`"),
      ("run my.lab", "a command of the shell", "`source FILE`"), ("undo", "there is no verb ‘undo’", "`back`"),
      ("seed 3", "before anything has happened", "`new`"), ("clock 2023-06-09T13:26:20Z", "before anything", "`new`"),
    ])
  func elsewhere(line: String, what: String, advice: String) throws {
    let complaint = try Self.complaint(line, after: Self.pair)
    #expect(complaint.what.contains(what) && complaint.advice?.contains(advice) == true, "\(complaint.text)")
  }

  @Test("A node may have the name of a command of the shell") func namesake() throws {
    var session = try Self.session(["start spy --port 7000", "spy SET a b"])
    #expect(String(decoding: session.output.kept, as: UTF8.self).hasSuffix("OK\n"))
    try session.run("print spy.keys")
  }

  @Test(
    "What is no script is not run, and named is what reads it",
    arguments: [
      ("transcripts/fullsync-diskless.pcap", "`replay FILE` steps through it."),
      ("transcripts/notes-full-sync.txt", "`replay FILE` steps through it."),
      ("Tests/Fixtures/snapshots/expiry.rdb", "`replab inspect FILE`, in a shell, shows its bytes."),
    ])
  func noScript(file: String, advice: String) throws {
    let path = "\(Program.root)/\(file)"
    let complaint = try Self.complaint("source \(path)", after: [])
    #expect(complaint.advice == advice.replacing("FILE", with: path), "\(complaint.text)")
  }

  @Test("The shell's commands name the one that reads the file") func files() throws {
    let folder = Folder()
    folder.write("s.lab", "start m --port 7000\n")
    folder.write("bad.lab", "xyzzy\n")
    let capture = Program.root + "/transcripts/fullsync-diskless.pcap"
    for (arguments, status, advice) in [
      (["run", capture], 3 as Int32, " Did you mean `replab replay \(capture)`?"),
      (["replay", folder.path("s.lab")], 3, " Did you mean `replab run \(folder.path("s.lab"))`?"),
      (["run", folder.path("bad.lab")], 2, " `help` lists the verbs."),
      (["help", "foo"], 2, "there is no command ‘foo’ `replab --help` lists them."),
      (["help", "inspct"], 2, "Did you mean ‘inspect’?"),
    ] {
      let run = try Program.run(Program.replab, arguments)
      // Long paths go on in the next line.
      let errors = run.errors.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(run.status == status && errors.hasSuffix(advice), "\(arguments): \(run.status) \(errors)")
    }
    for arguments in [["help"], ["help", "help"], ["help", "lesson", "test"], ["help", "manual-page"]] {
      #expect(try Program.run(Program.replab, arguments).status == 0, "\(arguments)")
    }
  }
}
