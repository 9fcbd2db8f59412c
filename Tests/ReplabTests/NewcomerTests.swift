import Foundation
import Testing

@testable import replab

@Suite("What a newcomer types") struct NewcomerTests {
  @Test("help fits a screen of 24 rows by 80, says how a command is sent, and names every verb") func overview() throws
  {
    let help = try Program.lab("help\n").output
    let lines = help.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    #expect(lines.count <= 22 && lines.allSatisfy { $0.count <= 80 }, "\(help)")
    #expect(help.contains("`NODE COMMAND` sends a command"))
    let words = Set(help.split { " \n()`".contains($0) }.map(String.init))
    for verb in Verb.all { #expect(words.contains(verb.name), "\(verb.name)") }
    for family in Verb.Family.allCases { #expect(words.contains(family.rawValue), "\(family.rawValue)") }
  }

  @Test(
    "What `display` was given is shown wherever one comes to a stop",
    arguments: ["goto 5", "goto end", "branch 1", "back", "step"])
  func display(line: String) throws {
    let pair = "start m --port 7000\nstart r --port 7001 --replicaof \"127.0.0.1 7000\"\n"
    let shown = try Program.lab(pair + "until r.link = connected\ndisplay r.offset\n").output
    let run = try Program.lab(pair + "until r.link = connected\ndisplay r.offset\n\(line)\n")
    #expect(run.output.hasPrefix(shown), "\(run.output)")
    #expect(run.output.dropFirst(shown.count).contains("1: r.offset = "), "\(run.output) \(run.errors)")
  }

  @Test(
    "A question is searched for words that name a topic",
    arguments: [
      ("why did SPOP become SREM?", "spop\n", nil), ("what is a full sync", "fullresync\n", "`explain sync`"),
      ("split brain", "split-brain\n", nil), ("why not", nil, nil), ("? !", nil, nil),
    ])
  func question(words: String, topic: String?, others: String?) throws {
    let run = try Program.lab("explain \(words)\n")
    if let topic {
      #expect(run.output.hasPrefix(topic) && run.status == 0, "\(run.output)")
      #expect(run.output.contains("lead to") == (others != nil), "\(run.output)")
      if let others { #expect(run.output.contains(others), "\(run.output)") }
    } else {
      #expect(run.errors.contains("there is no topic") && run.status == 2, "\(run.errors)")
    }
  }

  @Test(
    "A file where a command should stand is told which one takes it",
    arguments: [
      ("web.lab", "run"), ("sync.pcap", "replay"), ("sync.pcap.gz", "replay"), ("dump.rdb", "inspect"), ("lab", nil),
      ("web.page", nil),
    ])
  func file(name: String, command: String?) throws {
    let folder = Folder()
    folder.write(name, "")
    let run = try Program.run(Program.replab, [folder.path(name)])
    let there = command.map { "\n  Did you mean `replab \($0) \(folder.path(name))`?\n" } ?? "more information.\n"
    #expect(
      run.status == 2 && run.errors.contains("Unexpected argument") && run.errors.hasSuffix(there), "\(run.errors)")
    let missing = try Program.run(Program.replab, [folder.path("not.lab")])
    #expect(!missing.errors.contains("Did you mean"), "\(missing.errors)")
  }

  @Test("`list N` lists the last N entries of a ledger") func ledger() throws {
    let script = """
      start m --port 7000
      start r --port 7001 --replicaof "127.0.0.1 7000"
      until r.link = connected
      advance 10s
      view ledger
      list 
      """
    func entries(_ count: String) throws -> [[Substring]] {
      let lines = try Program.lab(script + count + "\n").output.split(separator: "\n")
      let entries = lines.filter { $0.contains(/^ +[0-9]+ +(acknowledged|sent|opened)/) }
      return entries.map { $0.split(separator: " ") }
    }
    let all = try entries("all")
    #expect(all.count > 10)
    #expect(try entries("2") == Array(all.suffix(2)))
    #expect(try entries("5") == Array(all.suffix(5)))
    #expect(try entries("") == Array(all.suffix(10)))
  }

  @Test("A step's columns stand in the order in which `list` has them") func columns() throws {
    let run = try Program.lab(
      """
      start m --port 7000
      start r --port 7001 --replicaof "127.0.0.1 7000"
      until r.link = connected
      view sequence
      m SET a 1
      until r.offset = m.offset
      list 2
      list all
      """)
    let lines = run.output.split(separator: "\n")
    #expect(lines.filter { $0.contains(/^ +(clients +)?m +r$/) }.count > 2, "\(run.output)")
    #expect(lines.contains { $0.contains(/^ +clients +m +r$/) })
    #expect(!run.output.contains(/r +m\n/), "\(run.output)")
  }

  @Test("help lists a group with what each verb does", arguments: Verb.Family.allCases) func group(family: Verb.Family)
    throws
  {
    let help = try Program.lab("help \(family.rawValue)\n").output
    // What a verb does may go on in the next line.
    let text = help.replacing(/\s+/, with: " ")
    for verb in Verb.all where verb.family == family { #expect(text.contains(verb.summary), "\(verb.name)") }
    #expect(try Program.lab("help all\n").output.contains(help))
  }

  @Test(
    "A command of Redis without a node is asked for one, whatever verb it begins like",
    arguments: [
      ("set hello world", "which node? `m SET hello world`"), ("GET hello", "which node? `m GET hello`"),
      ("del \"a b\"  c", "which node? `m DEL \"a b\"  c`"), ("ping", "which node? `m PING`"),
      ("lpush l 1", "which node? `m LPUSH l 1`"), ("set", ""), ("exp", "there is no verb or node ‘exp’"),
    ])
  func whichNode(line: String, complaint: String) throws {
    let run = try Program.lab("start m --port 7000\nstart r --port 7001\n\(line)\n")
    guard !complaint.isEmpty else { return #expect(run.output == "limit off\n" && run.status == 0) }
    #expect(run.errors.contains(complaint), "\(run.errors)")
    #expect(run.status == 2)
    if complaint.hasPrefix("which") { #expect(run.errors.hasSuffix("\n  There are: m, r.\n"), "\(run.errors)") }
  }

  @Test(
    "The prompt's clients are known by name where a word is not",
    arguments: [
      ("set a b", "which node? `m SET a b`\n  There are: m, r; clients: bob.\n"),
      ("bobb GET a", "there is no node ‘bobb’\n  Did you mean ‘bob’?\n"),
      ("bbo", "there is no verb or node ‘bbo’\n  Did you mean ‘bob’?\n"),
      ("kill bob", "bob is no node, but a client of m\n  `client bob off` ends it.\n"),
      ("client bbo off", "there is no client 'bbo'\n  Did you mean 'bob'?\n"),
    ])
  func clients(line: String, complaint: String) throws {
    let run = try Program.lab("start m --port 7000\nstart r --port 7001\nclient bob m\n\(line)\n")
    #expect(run.errors.hasSuffix(complaint) && run.status == 2, "\(run.errors)")
  }

  @Test(
    "A node may have the name of a verb's short form; the verb then goes by its whole name, which is said",
    arguments: Verb.all.flatMap(\.shorts).filter { $0 != "?" })
  func shortNames(short: String) throws {
    let verb = try #require(Verb.exactly(short))
    let run = try Program.lab(
      "start \(short) --port 7000\n\(short) SET a b\nhelp \(verb.name)\nkill \(short)\n\(verb.name == "step" ? "step" : "")\n"
    )
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      run.output.hasPrefix(
        "‘\(short)’ means this node now; the verb goes by its whole name, `\(verb.name)`\nOK\n"), "\(run.output)")
  }

  @Test("A short form means the verb again where its node has not been started yet") func shortNameBefore() throws {
    let run = try Program.lab("start s --port 7000\ngoto 0\ns\n")
    #expect(run.output.contains("1  13:56:53.000000  s starts\n"), "\(run.output) \(run.errors)")
    #expect(run.status == 0, "\(run.errors)")
  }

  @Test("new begins an empty lab with the same seed") func new() throws {
    let script = "start m --port 7000\nm SET a b\nm INFO server\n"
    let run = try Program.lab(script + "new\ninfo nodes\n" + script, ["--seed", "9"])
    #expect(run.status == 0, "\(run.errors)")
    let halves = run.output.components(
      separatedBy: "an empty lab\nno nodes yet: start one, as in: start m --port 7000\n")
    #expect(halves.count == 2 && halves[0] == halves.last)
  }

  @Test("repeat does a line N times, with the number of the round in it") func repetition() throws {
    let run = try Program.lab(
      """
      start m --port 7000
      repeat 20 m SET key:{i} {i}
      m GET key:20
      repeat 3 m INCR n
      repeat 2 m INCR n
      repeat 1 m INCR n
      repeat 2 print m.keys
      m DBSIZE

      """)
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      run.output == """
        OK
        … 20 times the same
        "20"
        (integer) 1
        … 1 more
        (integer) 3
        (integer) 4
        (integer) 5
        (integer) 6
        21
        … 2 times the same
        (integer) 21

        """, "\(run.output)")
  }

  @Test(
    "A failover ends though the timers of both nodes are in step",
    arguments: [
      (period: 10, wait: "5s"), (10, "4900ms"), (10, "4s"), (1, "5s"), (1, "330ms"), (2, "7s"),
    ])
  func failoverInStep(period: Int, wait: String) throws {
    let lab = try Program.lab(
      """
      start m --port 7000 --repl-ping-replica-period \(period)
      start r --port 7001 --replicaof "127.0.0.1 7000"
      until r.link = connected
      advance \(wait)
      m SET a 1
      m FAILOVER
      advance 20s
      print r.role
      print r.keys

      """)
    #expect(lab.output.hasSuffix("\nmaster\n1\n"), "\(lab.output.suffix(300))")
  }

  @Test("A packet that is chosen is shown, and none is chosen that another one comes before") func chosen() throws {
    let lab = "start m --port 7000\nstart r --port 7001 --replicaof \"m 7000\"\nuntil r.link = connected\nm SET a 1\n"
    let pending = try Program.lab(lab + "split 1 10\ninfo pending\n").output.split(separator: "\n")
    let number =
      try #require(pending.firstIndex { $0.contains("10 bytes") }) - (pending.firstIndex { $0.hasPrefix("n ") } ?? 0)
    let first = try Program.lab(lab + "split 1 10\nchoose 1\n")
    #expect(first.status == 0 && first.output.contains("link 1: TCP's ACK"), "\(first.output)")
    let behind = try Program.lab(lab + "split 1 10\nchoose \(number)\n")
    #expect(behind.status == 2)
    #expect(behind.errors.contains("\(number) is behind 1, on the same link"), "\(behind.errors)")
  }

  @Test("A replica for which too much is kept is closed at once where the timer finds it, and that is told afterwards")
  func overOutputLimit() throws {
    let lab = """
      start m --port 7000 --repl-ping-replica-period 3600 --repl-diskless-sync-delay 0 --repl-backlog-size 16384
      start r --port 7001 --replicaof "127.0.0.1 7000"
      until r.link = connected
      advance 2500ms
      m CONFIG SET client-output-buffer-limit "replica 1000 0 0"
      m SET a 1
      until m.replicas = 1
      until m.replicas = 0

      """
    let run = try Program.lab(lab)
    let words = run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("scheduled to be closed ASAP for overcoming of output buffer limits."), "\(run.errors)")
    let told = try #require(words.range(of: "closed for overcoming of output buffer limits."))
    let lost = try #require(words.range(of: "Connection with replica 127.0.0.1:7001 lost.", options: .backwards))
    #expect(lost.upperBound < told.lowerBound)
  }

  @Test("The packet is cut, or damaged, that was named") func named() throws {
    let lab =
      "start m --port 7000\nstart r --port 7001 --replicaof \"m 7000\"\nuntil r.link = connected\ncontinue\n"
      + "send m SET first 1\nsend m SET second 22\n"
    /// The numbers of the packets on the replica's link, and how many bytes of data each has.
    func flights(_ line: String) throws -> [(number: String, bytes: String)] {
      try Program.lab(lab + line + "info pending\n").output.split(separator: "\n").compactMap { row in
        guard let match = row.firstMatch(of: /^ *(\d+) .* (\d+) bytes/) else { return nil }
        return (String(match.1), String(match.2))
      }
    }
    let before = try flights("")
    try #require(before.count == 2)
    let after = try flights("split \(before[1].number) 10\n")
    #expect(after.map(\.bytes) == [before[0].bytes, "10", "\(Int(before[1].bytes)! - 10)"])
    let saved = try Program.lab(lab + "split \(before[1].number) 10\ndamage \(before[0].number) 3\nsave /dev/stdout\n")
    #expect(saved.output.contains("split \(before[1].number) 10\ndamage \(before[0].number) 3\n"), "\(saved.output)")
  }

  @Test("What can't stop anything as it is typed is doubted") func doubts() throws {
    let lab =
      "start m\nbreak fulresync\ntbreak set\nbreak qqqqqq\nwatch mm.offset\nwatch m.offset\nbreak err\nbreak +sdown\n"
    #expect(
      try Program.lab(lab).output == """
        1  break fulresync
          the lab knows no message or command ‘fulresync’; did you mean ‘fullresync’?
        2  tbreak set
        3  break qqqqqq
          the lab knows no message or command ‘qqqqqq’
        4  watch mm.offset
          there is no node ‘mm’; did you mean ‘m’?
        5  watch m.offset
        6  break err
        7  break +sdown
          nothing in ‘+sdown’ ever changes; `break log +sdown` stops where it is logged

        """)
  }

  @Test("What is repeated is saved as lines that do the same") func savedRepetition() throws {
    let folder = Folder()
    let file = folder.path("s.lab")
    let run = try Program.lab("start m\nrepeat 30 m APPEND log line-{i};\nm GET log\nsave \(file)\n")
    #expect(run.status == 0, "\(run.errors)")
    let text = try #require(run.output.split(separator: "\n").first { $0.hasPrefix("\"line-1;") })
    #expect(try Program.lab("source \(file)\nm GET log\n").output.contains(text))
  }

  @Test("A repeat ends where its line fails, says in which round, and holds no other one") func failingRepetition()
    throws
  {
    let folder = Folder()
    folder.write("inner.lab", "repeat 3 m PING\n")
    let nested = try Program.lab("start m\nrepeat 2 source \(folder.path("inner.lab"))\n")
    #expect(
      nested.status == 2 && nested.errors.contains("a repeat cannot stand within another one"), "\(nested.errors)")
    let third = try Program.lab("start m --port 7003\nrepeat 5 start n{i} --port 700{i}\n")
    #expect(
      third.errors.hasPrefix("replab: standard input:2: round 3 of 5: port 7003 is in use by m"), "\(third.errors)")
  }

  @Test("Under --json a repeat prints every reply") func repetitionAsJSON() throws {
    let run = try Program.lab("start m\nrepeat 3 m INCR n\n", ["--json"])
    #expect(run.output.components(separatedBy: #""reply":"#).count == 4, "\(run.output)")
  }

  @Test(
    "A master that is given as one word is complained of with the right form",
    arguments: [
      ("m", "127.0.0.1 7000"), ("127.0.0.1:6379", "127.0.0.1 6379"), ("m:7000", "127.0.0.1 7000"),
      ("nobody", "127.0.0.1 7000"), ("localhost:7000", "localhost 7000"),
    ])
  func master(value: String, form: String) throws {
    let run = try Program.lab("start m --port 7000\nstart r --port 7001 --replicaof \(value)\n")
    #expect(run.status == 2)
    let text = run.errors.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(text.contains("two words: --replicaof \"\(form)\""), "\(run.errors)")
    #expect(text.contains("wrong number of arguments"))
  }

  @Test(
    "A cut saves lines: what is hardly longer than the limit is whole",
    arguments: [
      ("tcpdump", "xxxxxxxxxxxxxxxxxxxx"), ("hex", "xx"), ("arrows", "xxxxxxxxxxxxxxxxxxxx"), ("fields", " elements-x"),
    ])
  func cutsSave(view: String, piece: String) throws {
    var pair = try Session(Options.none(), forPrompt: false)
    let lines = [
      "start m --port 7000", "start r --port 7001 --replicaof \"m 7000\"", "until r.link = connected", "advance 2s",
    ]
    for line in lines + ["view \(view)"] { _ = pair.printed(by: line) }
    /// What a terminal needs for it.
    func rows(_ lines: [String]) -> Int { lines.reduce(0) { $0 + max(1, ($1.count + 79) / 80) } }
    var (whole, cut) = (0, 0)
    for count in 1...110 {
      let command = "m RPUSH l " + String(repeating: piece, count: count)
      func printed(_ limit: String) -> [String] {
        var session = pair
        _ = session.printed(by: "set limit \(limit)")
        return session.printed(by: command) + session.printed(by: "until r.keys = 1")
      }
      let (all, some) = (printed("off"), printed("12"))
      if all == some {
        whole += 1
      } else {
        cut += 1
        #expect(rows(some) + 2 <= rows(all), "\(count): \(some.joined(separator: "\n"))")
      }
    }
    #expect(cut > 5, "\(view): \(whole) whole, \(cut) cut")
    if view != "fields" { #expect(whole > 3, "\(view): \(whole) whole, \(cut) cut") }
  }

  @Test("set limit cuts messages in a script, too, and off shows them whole; --json never cuts") func limit() throws {
    let lab =
      "start m --port 7000\nstart r --port 7001 --replicaof \"127.0.0.1 7000\"\nuntil r.link = connected\nstep\n"
    let big = lab + "m SET big \(String(repeating: "x", count: 8_300))\n"
    func printed(_ lines: String, _ arguments: [String] = []) throws -> String {
      let run = try Program.lab(big + lines + "until r.keys = 1\n", arguments)
      #expect(run.status == 0, "\(run.errors)")
      return run.output
    }
    #expect(try !printed("").contains("more bytes"))
    let cut = try printed("set limit 12\n")
    #expect(cut.contains("\n… 7,3") && cut.contains(" more bytes; `x` shows them\n"), "\(cut)")
    for view in ["tcpdump", "hex", "fields"] {
      #expect(try printed("set limit 3\nview \(view)\n").contains(" more bytes; `x` shows them\n"), "\(view)")
      #expect(try !printed("set limit 3\nview \(view) full\n").contains("`x` shows them"), "\(view)")
    }
    #expect(try !printed("set limit 3\nset limit off\n").contains("more bytes"))
    #expect(try !printed("set limit \(Int.max)\n").contains("more bytes"))
    #expect(try !printed("set limit 3\n", ["--json"]).contains("`x` shows them"))
  }

  @Test("An export is whole whatever the limit") func exports() throws {
    let folder = Folder()
    let lab = """
      start m --port 7000
      m SET big \(String(repeating: "x", count: 3_000))

      """
    _ = try Program.lab(lab + "set limit 2\nexport \(folder.path("cut.arrows"))\n")
    _ = try Program.lab(lab + "export \(folder.path("whole.arrows"))\n")
    #expect(folder.read("cut.arrows") == folder.read("whole.arrows"))
    #expect(folder.read("cut.arrows").utf8.count > 3_000)
  }
}

@Suite("Arrows between several nodes") struct SeveralNodesArrowsTests {
  @Test("What is exported is read again, each message on the connection that it was said on") func roundTrip() throws {
    let folder = Folder()
    let lab = """
      start m --port 7000 --repl-diskless-sync-delay 0
      m SET a b
      start r --port 7001 --replicaof "127.0.0.1 7000" --repl-diskless-load on-empty-db
      start r2 --port 7002 --replicaof "127.0.0.1 7000" --repl-diskless-load on-empty-db
      start sub --port 7003 --replicaof "127.0.0.1 7001" --repl-diskless-load on-empty-db
      until sub.link = connected
      m SET c d
      advance 2s
      cut r m
      advance 3s
      export \(folder.path("lab.arrows"))

      """
    let run = try Program.lab(lab)
    #expect(run.status == 0, "\(run.errors)")
    let text = folder.read("lab.arrows")
    for line in ["r2>>> m: REPLCONF ACK 64", "r<<< sub: PONG", "sub>>> r, link 5: PING", "r>>> m, link 6: PING"] {
      #expect(text.contains("\n\(line)\n"), "\(line)")
    }
    let again = try Program.run(Program.replab, ["convert", folder.path("lab.arrows"), "--to", "arrows"])
    // In a recording, who takes part is named by what it does.
    let names = ["m": "master", "r": "replica:7001", "r2": "replica:7002", "sub": "replica:7003"]
    func renamed(_ line: Substring) -> String {
      var line = String(line)
      for (name, role) in names {
        for mark in [">>>", "<<<"] where line.hasPrefix(name + mark) { line = role + line.dropFirst(name.count) }
        for mark in [">>> ", "<<< "] {
          line = line.replacing("\(mark)\(name):", with: "\(mark)\(role):")
          line = line.replacing("\(mark)\(name), link", with: "\(mark)\(role), link")
        }
      }
      return line
    }
    let written = text.split(separator: "\n").map(renamed)
    let read = again.output.split(separator: "\n").filter { !$0.hasPrefix("//") }.map(String.init)
    #expect(read == written, "\(zip(read, written).first { $0 != $1 } ?? ("", ""))")
  }
}

@Suite("A lab of one's own, and lessons") struct LessonAsideTests {
  @Test("A lesson puts the lab aside, and lesson off brings it back") func off() throws {
    let fixture = LessonFixture()
    let run = try Program.run(
      Program.replab, [],
      input: """
        start own --port 7005
        own SET a b
        lesson first
        info nodes
        lesson second
        lesson off
        own GET a
        info nodes

        """, environment: fixture.environment)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("Your lab is put aside; `lesson off` brings it back."), "\(run.output)")
    #expect(run.output.components(separatedBy: "put aside").count == 2, "a lesson is no lab to keep")
    #expect(run.output.contains("back in the lab, at moment 2\n\"b\"\n"), "\(run.output)")
    #expect(run.output.contains("\nown   127.0.0.1:7005  running  master"), "\(run.output)")
  }

  @Test("Finishing a lesson brings the lab back, at the same moment and with the same chance") func finished() throws {
    let fixture = LessonFixture()
    let begun = try Program.run(
      Program.replab, ["--seed", "5"],
      input: "start own --port 7005\nlesson first\nskip\nskip\nskip\nskip\nown PING\n", environment: fixture.environment
    )
    #expect(begun.output.contains("You have finished the lesson"), "\(begun.output) \(begun.errors)")
    #expect(begun.output.hasSuffix("Your lab is back, at moment 1.\nPONG\n"), "\(begun.output)")
  }

  @Test("Without a lab, a finished lesson's stays open, and lesson off leads to an empty one") func nothingAside()
    throws
  {
    let fixture = LessonFixture()
    let run = try fixture.replab(["lesson", "first"], "skip\nskip\nskip\nskip\nm DBSIZE\nlesson off\ninfo nodes\n")
    #expect(run.output.contains("The lab stays open") && !run.output.contains("put aside"), "\(run.output)")
    #expect(
      run.output.hasSuffix("back in the lab, which is empty\nno nodes yet: start one, as in: start m --port 7000\n"))
  }
}

@Suite(
  "A newcomer at a terminal", .enabled(if: Terminal.isInstalled, "tmux is needed"), .serialized, .timeLimit(.minutes(2))
)
struct NewcomerTerminalTests {
  @Test("Two lines greet, help fits 24 rows by 80, and a lab that is not saved is not lost without a word")
  func greeting() throws {
    let terminal = try Terminal(height: 24)
    let greeting = try terminal.waitForPrompt()
    #expect(greeting.split(separator: "\n").count == 3 && greeting.contains("`help`") && greeting.contains("`lesson`"))
    #expect(Session.greeting.allSatisfy { greeting.contains($0) })
    let readme = try String(contentsOfFile: Program.root + "/README.md", encoding: .utf8)
    #expect(readme.contains(Session.greeting.joined(separator: "\n") + "\nlab>"))
    try terminal.type("C-l", "help", "Enter")
    try terminal.waitForPrompt()
    let help = try terminal.screen()
    #expect(help.hasPrefix("lab> help") && help.contains("NODE COMMAND"), "\(help)")
    try terminal.type("C-l", "start m --port 7000", "Enter", "set hello world", "Enter")
    try terminal.wait("the question") { $0.contains("which node? `m SET hello world`") }
    try terminal.waitForPrompt()
    try terminal.type("quit", "Enter")
    try terminal.wait("how to keep it") { $0.contains("`save my.lab` keeps it") }
    try terminal.waitForPrompt()
    try terminal.type("save \(terminal.home.path("my.lab"))", "Enter")
    try terminal.wait("that it is written") { $0.contains("commands written to") }
    try terminal.waitForPrompt()
    try terminal.type("quit", "Enter")
    try terminal.wait("the end") { $0.contains("left with 0") }
    #expect(terminal.home.read("my.lab").contains("start m --port 7000"))
  }

  @Test("Nothing done, or all of it read from a file, is no reason to ask") func nothingToKeep() throws {
    let terminal = try Terminal(height: 24)
    try terminal.waitForPrompt()
    terminal.home.write("m.lab", "start m --port 7000\nm SET a b\n")
    try terminal.type("source \(terminal.home.path("m.lab"))", "Enter")
    try terminal.wait("the reply") { $0.contains("OK") }
    try terminal.waitForPrompt()
    try terminal.type("step", "Enter", "C-d")
    try terminal.wait("the end") { $0.contains("left with 0") }
  }

  @Test("A long message shows its beginning to a person, and all of it once that is asked for") func long() throws {
    let terminal = try Terminal(height: 200)
    func enter(_ line: String) throws {
      try terminal.waitForPrompt()
      try terminal.type(line, "Enter")
    }
    try enter("start m --port 7000 --repl-diskless-sync-delay 0")
    try enter("repeat 200 m SET key:{i} the-value-{i}")
    try enter("start r --port 7001 --replicaof \"127.0.0.1 7000\"")
    try enter("until r.link = connected")
    try enter("back 2")
    try terminal.wait("the beginning") { $0.contains("more bytes; `x` shows them") }
    try terminal.waitForPrompt()
    try terminal.type("C-l", "view tcpdump", "Enter")
    try enter("until r.link = connected")
    let screen = try terminal.wait("the packet") { $0.contains(" IP 127.0.0.1") && $0.hasSuffix("lab>") }
    #expect(screen.contains("more bytes; `x` shows them"), "\(screen)")
    let header = try #require(screen.split(separator: "\n").firstIndex { $0.contains(" IP 127.0.0.1") })
    let lines = screen.split(separator: "\n")
    #expect(
      lines[header + 1].hasPrefix("    "), "tcpdump's line is broken at a blank: \(lines[header]) \(lines[header + 1])")
    try terminal.type("C-l", "view tcpdump full", "Enter")
    try enter("back 2")
    try enter("until r.link = connected")
    let whole = try terminal.wait("all of it") { $0.contains(" IP 127.0.0.1") && $0.hasSuffix("lab>") }
    #expect(!whole.contains("`x` shows them"), "\(whole)")
  }
}
