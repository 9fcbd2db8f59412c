import Testing

@testable import replab

@Suite("Moments and writes at the prompt") struct MomentsPromptTests {
  private static func session(_ lines: [String], json: Bool = false) throws -> Session {
    var options = try Options.none()
    options.json = json
    var session = try Session(options, forPrompt: false)
    session.output = Output()
    session.errors = Output()
    for line in lines { try session.run(line) }
    session.output = Output()
    return session
  }

  private static func printed(_ line: String, after lines: [String], json: Bool = false) throws -> [String] {
    var session = try session(lines, json: json)
    try session.run(line)
    return String(decoding: session.output.kept, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test("What took less than nothing, since the clock was set back meanwhile, is told with a minus")
  func setBack() throws {
    let lines = try Self.printed(
      "continue",
      after: [
        "start m --port 7000 --appendonly yes", "m SET a 1", "advance 2s", "disk m 50", "kill m", "restart m",
        "skew m -5s", "break log \"DB loaded\"",
      ])
    #expect(lines.contains { $0.contains(/DB loaded from .* file .*: -\d\.\d{3} seconds/) })
  }

  @Test("A node between others that follows itself is drawn") func itself() throws {
    let lines = try Self.printed(
      "step 40",
      after: [
        "start a --port 7001", "start b --port 7002 --replicaof '127.0.0.1 7001'",
        "start c --port 7003 --replicaof '127.0.0.1 7002'", "view sequence", "advance 2s", "b REPLICAOF 127.0.0.1 7002",
      ])
    #expect(lines.contains { $0.contains("↺ REPLCONF") })
  }

  private static let pair = [
    "start m --port 7000 --repl-diskless-sync-delay 0 --save ''",
    "start r --port 7001 --replicaof '127.0.0.1 7000' --repl-diskless-sync-delay 0", "until r.link = connected",
    "m SET a 1", "advance 2s",
  ]
  /// The old master comes back as the replica of one that lacks its last write.
  private static let failover = [
    "partition m r", "m SET b 2", "r REPLICAOF NO ONE", "heal m r", "m REPLICAOF 127.0.0.1 7001", "advance 3s",
  ]

  @Test("Expressions are found at each moment at which they became true, with when that ended")
  func find() throws {
    let printed = try Self.printed("find m.offset > r.offset", after: Self.pair + ["m SET b 2", "advance 2s"])
    #expect(printed[0].hasPrefix("moment  time"))
    #expect(printed.last?.contains("became true 2 times in") == true)
    // Each of them can be gone to, and the expression is true there, and false before.
    var session = try Self.session(Self.pair + ["m SET b 2", "advance 2s"])
    for row in printed.dropFirst().dropLast() {
      let moment = try #require(row.split(separator: " ").first.flatMap { Int($0) })
      for (number, value) in [(moment, "true"), (moment - 1, "false")] {
        try session.run("goto \(number)")
        session.output = Output()
        try session.run("print m.offset > r.offset")
        #expect(String(decoding: session.output.kept, as: UTF8.self) == value + "\n")
      }
    }
  }

  @Test("What was never true is no error, and a screenful is enough")
  func findFewAndMany() throws {
    #expect(try Self.printed("find m.keys = 7", after: Self.pair).first?.hasPrefix("never true in ") == true)
    let many = try Self.printed("find m.keys > 0 and step / 2 * 2 = step", after: Self.pair + ["advance 10s"])
    #expect(many.count <= 24)
    #expect(many.joined(separator: " ").contains("more, the last at moment"))
  }

  @Test("Two moments differ by node, by key and by link, in 80 columns; a moment does not differ from itself")
  func diff() throws {
    let long = String(repeating: "x", count: 300)
    let lines = Self.pair + ["m SET a \(long)", "m DEL nothing", "m SET \(long) 1", "m RPUSH l 1 2", "m EXPIRE l 100"]
    let printed = try Self.printed("diff 0 end", after: lines)
    #expect(printed.allSatisfy { $0.count <= 80 })
    #expect(printed.contains("m"))
    #expect(printed.contains { $0.hasPrefix("  + l: list of 2, until ") })
    #expect(printed.contains { $0.contains(", r → m: stream") })
    #expect(try Self.printed("diff 5 5", after: lines).last == "no difference in nodes, keys and links")
    let last = try Self.session(Self.pair).timeline.end
    #expect(try Self.printed("diff \(last)", after: Self.pair + ["m SET a 2"]).contains("  ~ a: \"1\" → \"2\""))
  }

  @Test("Of long strings is shown what is another, and of equal ones when they expire")
  func longStrings() throws {
    let lines = Self.pair + ["m SETRANGE long 5000 x", "m SETRANGE long 1200 abc"]
    let last = try Self.session(lines).timeline.end
    let printed = try Self.printed("diff \(last - 1)", after: lines)
    #expect(
      printed.contains { $0.hasPrefix("  ~ long: from byte 1,200 on \"\\x00\\x00") && $0.contains("→ \"abc\\x00") })
    let expiring = try Self.printed("diff \(last)", after: lines + ["m EXPIRE long 100"])
    #expect(expiring.contains { $0.hasPrefix("  ~ long: no expiry → until ") })
    #expect((printed + expiring).allSatisfy { $0.count <= 80 })
  }

  @Test("Moments of two branches can be compared")
  func branches() throws {
    let lines = Self.pair + ["m SET b 2", "back", "m SET b 3"]
    let session = try Self.session(lines)
    let first = session.timeline.branches[0].end
    let printed = try Self.printed("diff 1:\(first) 2:end", after: lines)
    #expect(printed.contains("  ~ b: \"2\" → \"3\""))
  }

  @Test(
    "What is no moment is told with what is one",
    arguments: [
      ("diff", "diff needs the number of a moment"), ("diff x", "‘x’ is no moment"),
      ("diff 3 9999", "there is no moment 9999"),
      ("diff 7:1", "there is no branch 7"), ("diff 2 1:-4", "there is no moment -4"),
      ("diff 1:2:3", "‘1:2:3’ is no moment"),
      ("find", "find needs an expression"), ("find m.offset >", "something is missing at the end"),
    ])
  func complaints(line: String, complaint: String) throws {
    var session = try Self.session(Self.pair)
    let told = #expect(throws: Complaint.self) { try session.run(line) }
    #expect(told?.what == complaint)
    #expect((told?.advice == nil) == line.hasPrefix("find m"))
  }

  @Test("Ctrl-C ends a search, and what was found by then is shown")
  func interrupted() throws {
    var session = try Self.session(Self.pair)
    session.shouldStop = { true }
    try session.run("find m.keys = 1")
    #expect(
      String(decoding: session.output.kept, as: UTF8.self) == "never true as far as was looked before it was stopped\n")
    session.output = Output()
    try session.run("info writes")
    #expect(session.output.kept == [])
  }

  @Test("A lost write is told with the step and the reason, by info writes and by why")
  func lost() throws {
    let printed = try Self.printed("info writes", after: Self.pair + Self.failover)
    #expect(printed[1].contains("SET a 1"))
    #expect(printed[2].contains("SET b 2"))
    let step = try #require(printed[2].firstMatch(of: /lost: (\d+)/)?.1)
    #expect(printed.contains("write 2 is lost since step \(step)"))
    #expect(printed.joined(separator: " ").contains("r never had"))
    #expect(printed.allSatisfy { $0.count <= 80 })
    let why = try Self.printed("why \(step)", after: Self.pair + Self.failover)
    #expect(why.contains("write 2 is lost since step \(step)"))
    let json = try Self.printed("info writes", after: Self.pair + Self.failover, json: true)
    #expect(json.contains { $0.hasPrefix(#"{"lost":[2],"step":\#(step),"#) })
  }

  @Test(
    "A promoted node's write is lost for the history of its old master: where both part is told, not that that one began empty"
  )
  func parted() throws {
    let lines =
      Self.pair + ["advance 2s", "r REPLICAOF NO ONE", "r SET a 1", "advance 1s", "r REPLICAOF 127.0.0.1 7000"]
    let printed = try Self.printed("info writes", after: lines + ["advance 10s"]).joined(separator: " ")
    let told = /r threw its data away for a full sync with m. m's history \w+… and r's\s+\w+… part after offset/
    #expect(printed.replacing(/\s+/, with: " ").contains(told), "\(printed)")
    #expect(!printed.contains("empty"))
  }

  @Test("A Sentinel's link whose SYN nobody has answered is not one for commands yet") func unanswered() throws {
    let lines = [
      "start m --port 7000", "start s1 --sentinel 'monitor g 127.0.0.1 7000 1'", "partition m s1", "advance 3s",
    ]
    func places(_ lines: [String]) throws -> [Substring] {
      try Self.printed("info links", after: lines).dropFirst().map { $0.split(separator: " ")[6] }
    }
    #expect(try places(lines) == ["connect", "connect"])
    #expect(try places(lines + ["heal m s1", "advance 3s"]) == ["commands", "commands"])
  }

  @Test("A link whose PSYNC is answered by CONTINUE is in the stream, before anything comes on it") func continued()
    throws
  {
    let recording = "replay \(Program.root)/transcripts/failover.pcap"
    for (moment, place) in [(134, "psync"), (135, "stream")] {
      let printed = try Self.printed("info links", after: [recording, "goto \(moment)"])
      let row = printed.map { $0.split(separator: " ") }.first { $0.first == "11" }
      #expect(row?.last == Substring(place), "\(printed)")
    }
  }

  @Test("How long a verb went on is told as it was, also where its last step took longer than all of it may")
  func limits() throws {
    let lines = ["start m --port 7000", "m SET a 1"]
    let printed = try Self.printed("step", after: lines)
    #expect(
      printed.last?.contains(/^stopped after 36\d\d.*s and \d+ steps?: this could go on for ever$/) == true,
      "\(printed)")
    #expect(!printed.contains { $0.contains("300s") })
  }

  @Test("What is wrong fits 80 columns at the prompt", arguments: ["info writes", "check on", "info clients"])
  func complaintWidth(line: String) throws {
    var session = try Self.session(["replay \(Program.root)/transcripts/fullsync-diskless.pcap"])
    let told = try #require(#expect(throws: Complaint.self) { try session.run(line) })
    for line in told.text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
  }

  @Test("The death of the only one who had a write is the reason that why tells")
  func killed() throws {
    let printed = try Self.printed("why", after: ["start m --port 7000 --save ''", "m SET a 1", "kill m"])
    #expect(printed.contains("write 1 is lost since step 3"))
  }

  @Test("Two masters are told, with what one of them lacks")
  func twoMasters() throws {
    let printed = try Self.printed("info writes", after: Self.pair + Self.failover.dropLast(2))
    #expect(printed.joined(separator: " ").contains("m and r are both masters, and r has not write 2"))
  }

  @Test("Many writes of one fate share a row for a person, and have each an object of their own for a program")
  func many() throws {
    let lines = ["start m --port 7000", "repeat 100 m SET key:{i} {i}"]
    let printed = try Self.printed("info writes", after: lines)
    #expect(printed.count == 2)
    #expect(printed[1].hasPrefix("1-100  2-101"))
    #expect(try Self.printed("info writes", after: lines, json: true).count == 100)
  }

  @Test("An answer that is older than another node's to the same question is told as such, once")
  func backwards() throws {
    var session = try Self.session(Self.pair + ["m GET a", "r GET a", "m SET a 2", "m GET a"])
    #expect(session.output.kept == [])
    try session.run("r GET a")
    let printed = String(decoding: session.output.kept, as: UTF8.self)
    #expect(printed.hasPrefix("\"1\"\nthis is older than what m answered at step "))
    session.output = Output()
    try session.run("r GET a")
    #expect(String(decoding: session.output.kept, as: UTF8.self) == "\"1\"\n")
    try session.run("step")
    session.output = Output()
    try session.run("r GET a")
    #expect(String(decoding: session.output.kept, as: UTF8.self) == "\"2\"\n")
  }

  @Test("What a recording can't tell is said")
  func recording() throws {
    let lines = ["replay \(Program.root)/transcripts/fullsync-diskless.pcap"]
    var session = try Self.session(lines)
    let told = #expect(throws: Complaint.self) { try session.run("info writes") }
    #expect(told?.what.contains("a recording can't tell") == true)
    #expect(
      try Self.printed("find replica.state = transfer", after: lines).last?.contains("became true once in 49 moments")
        == true)
    let difference = try Self.printed("diff 0 20", after: lines + ["step 20"])
    #expect(difference.contains { $0.hasPrefix("  state: ") })
    #expect(difference.last == "what keys a node has is not known of a recording: only what crossed the wire is")
  }

  @Test("Checks stop what runs where something breaks, and say what")
  func checks() throws {
    var session = try Self.session(Self.pair + ["check on", "partition m r"])
    try session.run("r REPLICAOF NO ONE")
    #expect(
      String(decoding: session.output.kept, as: UTF8.self).contains(
        "\nbroken: there are two masters, m and r, and both"))
    #expect(try Self.printed("check", after: Self.pair) == ["off"])
    #expect(try Self.printed("check", after: Self.pair + ["check on"]) == ["on"])
    #expect(try Self.printed("check", after: Self.pair + ["check on", "check off"]) == ["off"])
    let late = try Self.printed("check on", after: Self.pair + Self.failover.prefix(3))
    #expect(
      late.first?.hasPrefix("broken: there are two masters, m and r, and both accept writes: their histories") == true)
    for line in ["check maybe", "check on off"] { #expect(throws: Complaint.self) { try session.run(line) } }
    var recording = try Self.session(["replay \(Program.root)/transcripts/fullsync-diskless.pcap"])
    let told = #expect(throws: Complaint.self) { try recording.run("check on") }
    #expect(told?.what.hasPrefix("there is nothing to check in a recording") == true)
  }

  @Test("What a search has found is a script that does it again")
  func explored() throws {
    let folder = Folder()
    folder.write("lab", (Self.pair + ["explore until lost"]).map { $0 + "\n" }.joined())
    let shell = "cd '\(folder.root)' && '\(Program.replab)'"
    let outcome = try Program.run("/bin/sh", ["-c", shell + " < lab"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("written to explore-1.lab, with the way to here before it\n"))
    #expect(outcome.output.contains(" lost since step "))
    folder.write("explore-1.lab", folder.read("explore-1.lab") + "info writes\n")
    let again = try Program.run("/bin/sh", ["-c", shell + " run explore-1.lab"])
    #expect(again.status == 0)
    #expect(again.output.contains(" lost since step "))
  }

  @Test(
    "What a search can't look for is told",
    arguments: ["explore 0", "explore for it", "explore until", "explore until m.keys >"])
  func searchComplaints(line: String) throws {
    var session = try Self.session(Self.pair)
    let told = #expect(throws: Complaint.self) { try session.run(line) }
    #expect(told?.kind == .usage)
  }
}
