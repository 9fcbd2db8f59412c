import RealRedis
import Testing

@testable import replab

@Suite("Scripts, options and exit statuses") struct ScriptTests {
  @Test("A comment and a blank line do nothing") func silence() throws {
    let run = try Program.lab("# nothing\n\n   \n")
    #expect(run.status == 0 && run.output.isEmpty && run.errors.isEmpty)
  }

  @Test(
    "A wrong line ends the script with its place and what to do",
    arguments: [
      ("\nstpe\n", "standard input:2:1: there is no verb or node ‘stpe’\n  Did you mean ‘step’?"),
      ("m SET a b\n", "standard input:1:1: there is no node ‘m’\n  Start it first, as in: start m --port 7000"),
      ("help \"x\n", "standard input:1:6: this \" is never closed"),
      ("start step\n", "standard input:1:7: ‘step’ cannot name a node: it is a verb\n  Take another name."),
      (
        "set hello world\n",
        "standard input:1: which node? There is none yet\n  Start one first, as in: start m --port 7000"
      ),
      ("del k\n", "standard input:1: which node? There is none yet\n  Start one first, as in: start m --port 7000"),
      ("set limit 0\n", "standard input:1:11: ‘0’ is not a whole number of at least 1"),
      ("lesson off\n", "standard input:1: no lesson is open"),
      ("repeat 0 step\n", "standard input:1:8: ‘0’ is not a whole number of at least 1"),
      ("repeat 5\n", "standard input:1: repeat needs a line to repeat"),
      ("repeat 5 repeat 5 step\n", "standard input:1: a repeat cannot stand within another one"),
      ("repeat 10000000 step\n", "standard input:1:8: repeat does a line 1,000,000 times at most"),
      ("info nods\n", "standard input:1:6: info knows no ‘nods’\n  Did you mean ‘nodes’?"),
      ("step x\n", "standard input:1:6: ‘x’ is not a whole number of at least 1\n  Usage: step [N]"),
      ("advance 5x\n", "standard input:1:9: ‘5x’ is not a duration"),
      ("advance 9000000000s\n", "standard input:1:9: ‘9000000000s’ is too long"),
      ("goto\n", "standard input:1: goto needs the number of a moment\n  Usage: goto N|end, as in: goto 12"),
      ("quit now\n", "standard input:1:6: quit does not understand ‘now’"),
      ("explain psnyc\n", "standard input:1:9: there is no topic ‘psnyc’\n  Did you mean ‘psync’?"),
    ])
  func complaints(script: String, complaint: String) throws {
    let run = try Program.lab(script + "help\n")
    #expect(run.errors.hasPrefix("replab: " + complaint), "\(run.errors)")
    #expect(run.status == 2)
    #expect(run.output.isEmpty)
  }

  @Test(
    "The lab's own refusals say what and what to do, and nothing has happened",
    arguments: [
      ("start m", "m runs already, on port 7000\n  Choose another name"),
      ("start other --port 7000", "port 7000 is in use by m"),
      ("start other --port 99999", "argument must be between 0 and 65535 inclusive"),
      ("start other --nosuch 1", "Bad directive or wrong number of arguments"),
      ("start other --replicaof 127.0.0.1", "wrong number of arguments"),
      ("start 7x", "‘7x’ cannot name a node"),
      ("kill other", "there is no node ‘other’\n  There are: m."),
      ("restart m", "m runs already\n  `stop m` or `kill m` first."),
      ("cut 9", "there is no link 9"), ("cut m m", "there is no link between m and m"),
      ("lag 1 1s", "there is no link 1"), ("split 1 5", "there is no pending event 1"),
      ("choose 99", "there is no pending event 99"), ("chunk 0", "‘0’ is not a size"),
      ("fix m replid abc", "'abc' is not what Redis would draw"), ("fix m colour 1", "fix knows no ‘colour’"),
      ("break", "break needs to know where"), ("print m.", "2:9: nothing about a node is called ''"),
      ("print m.keys >", "something is missing at the end"), ("delete 7", "there is no breakpoint 7"),
      ("goto 99", "nothing is pending after moment 1"), ("branch 9", "there is no branch 9"),
      ("view nothing", "view knows no ‘nothing’"), ("x", "no message has been delivered yet"),
      ("x 5-3", "‘5-3’ is no range of bytes"), ("why", "no node has decided anything yet"),
      ("m", "m is a node: a command must follow its name"), ("seed 4", "can only be set before anything has happened"),
    ])
  func refusals(line: String, complaint: String) throws {
    let run = try Program.lab("start m --port 7000\n\(line)\n")
    #expect(run.status == 2)
    #expect(run.errors.hasPrefix("replab: standard input:2:") && run.errors.contains(complaint), "\(run.errors)")
    #expect(run.output.isEmpty, "\(run.output)")
  }

  @Test("A node that is to follow itself is remarked on once, and the lab goes on") func loop() throws {
    let run = try Program.lab(
      """
      start m --port 7000 --replicaof "127.0.0.1 7000"
      advance 3s
      m ROLE
      m REPLICAOF NO ONE
      m SET a b

      """)
    #expect(run.status == 0)
    #expect(
      run.errors == "m is to replicate itself, and will refuse itself every second\n  `m REPLICAOF NO ONE` ends that.\n"
    )
    #expect(run.output.contains("OK\n  m: becomes a master\n"), "\(run.output)")
    #expect(run.output.hasSuffix("\nOK\n"), "\(run.output)")
  }

  @Test("An until that does not come true is status 1, an error from a node none at all") func expectations() throws {
    let run = try Program.lab("start m --port 7000\nm NOSUCH\nuntil m.offset > 5\n")
    #expect(run.output.hasPrefix("(error) ERR unknown command"), "\(run.output)")
    #expect(run.errors.contains("‘m.offset > 5’ has not become true"), "\(run.errors)")
    #expect(run.status == 1)
  }

  @Test("A file that cannot be read is status 3", arguments: [["run", "/nonexistent.lab"], ["run", "/"]])
  func unreadable(arguments: [String]) throws {
    let run = try Program.lab("", arguments)
    #expect(run.status == 3)
    #expect(run.errors.hasPrefix("replab: "))
  }

  @Test("source says which file and line failed, and refuses a file within itself")
  func source() throws {
    let folder = Folder()
    folder.write("inner.lab", "help quit\nbogus\n")
    folder.write("outer.lab", "# first\nsource \(folder.path("inner.lab"))\n")
    folder.write("self.lab", "source \(folder.path("self.lab"))\n")
    let nested = try Program.run(Program.replab, ["run", folder.path("outer.lab")])
    #expect(nested.status == 2)
    #expect(nested.errors.hasPrefix("replab: \(folder.path("inner.lab")):2:1: there is no verb"), "\(nested.errors)")
    let circle = try Program.run(Program.replab, ["run", folder.path("self.lab")])
    #expect(circle.status == 2)
    #expect(circle.errors.contains("cannot source itself"), "\(circle.errors)")
  }

  @Test(
    "Wrong options are status 2, with the usage",
    arguments: [["--bogus"], ["run"], ["--seed", "x"], ["--color", "blue"]])
  func wrongOptions(arguments: [String]) throws {
    let run = try Program.lab("", arguments)
    #expect(run.status == 2)
    #expect(run.output.isEmpty)
    #expect(!run.errors.isEmpty)
  }

  @Test("SIGINT ends a script that runs with 130, and what stands behind is not run") func interrupt() throws {
    // timeout(1) sends the signal, and ends with the status of what it ran.
    let run = try Program.run(
      "/usr/bin/timeout", ["--preserve-status", "--signal=INT", "2", Program.replab],
      input: """
        start m --port 7000
        start r --port 7001 --replicaof "127.0.0.1 7000"
        advance 800000h
        m SET a b

        """)
    #expect(run.status == 130)
    #expect(run.errors.hasSuffix("replab: standard input:3: interrupted\n"), "\(run.errors)")
    #expect(!run.output.contains("OK\n"))
  }

  @Test("--help and --version answer on standard output") func answers() throws {
    let help = try Program.lab("", ["--help"])
    #expect(help.status == 0 && help.output.contains("--seed") && help.errors.isEmpty)
    #expect(try Program.lab("", ["--version"]).output == Replab.version + "\n")
  }

  @Test("Under --json every line is one object, complaints too") func json() throws {
    let run = try Program.lab("info nodes\nexplain psync\nbogus\n", ["--json"])
    #expect(run.status == 2)
    #expect(run.output.hasPrefix(#"{"topic":"psync","text":"PSYNC replid offset: \"I follow"#), "\(run.output)")
    #expect(run.errors.contains("there is no verb"))
  }

  @Test("Colours come with --color always, and never into a file by themselves") func colours() throws {
    #expect(try Program.lab("help\n").output.contains("\u{1b}") == false)
    #expect(try Program.lab("help\n", ["--color", "always"]).output.contains("\u{1b}[1m"))
  }

  @Test("save writes a script that names the seed and the clock") func save() throws {
    let folder = Folder()
    let run = try Program.lab(
      """
      start m --port 7000
      m SET a "b c"
      step
      back
      m SET a d
      save \(folder.path("s.lab"))

      """, ["--seed", "7", "--clock", "2024-01-02"])
    #expect(run.status == 0, "\(run.errors)")
    let script = folder.read("s.lab")
    #expect(
      script.hasPrefix(
        "#!/usr/bin/env -S replab run\nseed 7\nclock 2024-01-02T00:00:00.000000Z\nstart m --port 7000\n"), "\(script)"
    )
    #expect(script.contains("m SET a d\n"), "\(script)")
    let again = try Program.lab(script + "m GET a\n")
    #expect(again.output.hasSuffix("\"d\"\n"), "\(again.output) \(again.errors)")
  }

  @Test("export writes what tcpdump reads back", .enabled(if: RealServer.find("tcpdump") != nil, "tcpdump is needed"))
  func export() throws {
    let folder = Folder()
    let script = """
      start m --port 7000 --repl-diskless-sync-delay 0
      m SET titi toto
      start r --port 7001 --replicaof "127.0.0.1 7000" --repl-diskless-load on-empty-db
      until r.link = connected
      export \(folder.path("s.pcap"))
      export \(folder.path("s.tcpdump"))
      export \(folder.path("s.hex"))
      export \(folder.path("s.arrows"))

      """
    let run = try Program.lab(script)
    #expect(run.status == 0, "\(run.errors)")
    let tcpdump = try #require(RealServer.find("tcpdump"))
    for (option, name) in [("-A", "s.tcpdump"), ("-X", "s.hex")] {
      let read = try Program.run(tcpdump, ["-nn", option, "-r", folder.path("s.pcap")], environment: ["TZ": "UTC"])
      #expect(read.output == folder.read(name))
      #expect(read.output.contains("ack 1, win 64"))
    }
    #expect(folder.read("s.arrows").contains("\n\n\n>>> PSYNC ? -1\n<<< FULLRESYNC "), "\(folder.read("s.arrows"))")
    #expect(!run.output.contains("tcpdump reads"))
    let refused = try Program.lab("export x.gif\n")
    #expect(refused.status == 2)
    #expect(refused.errors.contains(".pcap"))
  }

  @Test("export tells of text for how many packets tcpdump's differs") func exportDifferences() throws {
    let folder = Folder()
    let run = try Program.lab(
      "start m --port 80\nm PING\nexport \(folder.path("s.txt"))\nexport \(folder.path("s.pcap"))\n")
    #expect(run.status == 0, "\(run.errors)")
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(lines.count { $0.contains("tcpdump reads them as HTTP") } == 1, "\(run.output)")
    #expect(lines.last?.hasSuffix("packets written to \(folder.path("s.pcap"))") == true, "\(run.output)")
  }
}
