import LineEdit
import Testing

@testable import replab

/// Several people at one node, each of whom may have to wait.
@Suite("A client of the prompt's")
struct ClientPromptTests {
  private static let beginning = "start m --port 7000\nstart r --port 7001 --replicaof \"m 7000\"\ncontinue\n"

  /// What the lines print, after a master and its replica have come together.
  private func printed(_ lines: String) throws -> String {
    let before = try Program.lab(Self.beginning).output
    let result = try Program.lab(Self.beginning + lines)
    #expect(result.errors == "")
    return String(result.output.dropFirst(before.count))
  }

  @Test("waits in the open while other lines go on, and has its reply under the step that brings it")
  func waits() throws {
    let text = try printed(
      """
      client c1 m
      c1 SET a 1
      pause r
      c1 WAIT 1 0
      m GET a
      info clients
      resume r
      until r.keys = 1
      step 2

      """)
    #expect(text.contains("c1 waits for its reply; `step` and `advance` let happen what brings it\n\"1\"\n"))
    #expect(text.contains("c1      m     waits for the reply to WAIT 1 0\n"))
    #expect(text.contains("\nc1: (integer) 1\n"))
  }

  @Test("is told that the lab takes for endless the script that it waits for, and not one that only takes long")
  func endless() throws {
    let text = try printed(
      """
      client c1 m
      client c2 m
      c1 EVAL "for i = 1, 30000000 do end" 0
      advance 6s
      c2 SCRIPT KILL
      c1 PING
      c1 EVAL "while true do end" 0
      advance 6s
      c2 PING
      c2 SCRIPT KILL
      c1 PING

      """)
    let patient = "c1 waits for its reply; `step` and `advance` let happen what brings it\n"
    let endless = "c1 waits for a script that has run for a minute: the lab takes it for endless\n"
    #expect(text.ranges(of: patient).count == 1, "\(text)")
    #expect(text.ranges(of: endless).count == 1, "\(text)")
    #expect(text.ranges(of: "c1: (error) ERR Script killed by user").count == 2, "\(text)")
    #expect(text.ranges(of: "\nPONG\n").count == 2, "\(text)")
    #expect(text.contains("BUSY Redis is busy running a script."))
  }

  @Test("gives up a connection on which it was told what it can't read")
  func unreadable() throws {
    let deep = "EVAL \"local t={} for i=1,200 do t={t} end return t\" 0"
    let text = try printed("client c m\nc \(deep)\nc PING\nm \(deep)\nm PING\ninfo clients\n")
    #expect(text.contains("aggregates nested too deep"))
    #expect(text.split(separator: "\n").filter { $0 == "PONG" }.count == 2)
    #expect(text.contains("m       m     idle\nc       m     idle\n"))
  }

  @Test("that says what replicas say is none for that")
  func acknowledges() throws {
    let text = try printed("m SET a 1\nm REPLCONF ACK 5\nm GET a\nm NOSUCH\nclient c m\nc REPLCONF ACK 0\nc GET a\n")
    #expect(text.contains("\n\"1\"\n(error) ERR unknown command 'NOSUCH'"), "\(text)")
    #expect(text.hasSuffix("\n\"1\"\n"), "\(text)")
    #expect(!text.contains("Desync") && !text.contains("m.clients"))
  }

  @Test("is told what it did not ask for under the line that brings it")
  func unasked() throws {
    let text = try printed(
      """
      client s m
      client w m
      client t m
      s SUBSCRIBE news
      w MONITOR
      t HELLO 3
      t CLIENT TRACKING ON
      t GET k
      info clients
      m PUBLISH news hi
      m SET k 1
      m FLUSHALL

      """)
    #expect(text.contains("\n(integer) 1\ns:\n1) \"message\"\n2) \"news\"\n3) \"hi\"\nw: 1686319"))
    #expect(text.contains("] \"PUBLISH\" \"news\" \"hi\"\n"))
    #expect(text.contains("\nOK\nw: 1686319") && text.contains("] \"SET\" \"k\" \"1\"\nt: -> invalidate: 'k'\n"))
    #expect(text.contains("t: -> invalidate: all keys\n"))
    #expect(
      text.contains(
        "s       m     1 subscription\nw       m     is shown every command (MONITOR)\nt       m     idle\n"))
  }

  @Test(
    "A full sync changes what it watches, however the data is loaded", arguments: ["disabled", "swapdb", "on-empty-db"])
  func watches(load: String) throws {
    let result = try Program.lab(
      """
      start a --port 7000
      start b --port 7001
      start r --port 7002 --replicaof "a 7000" --repl-diskless-load \(load)
      a SET k 1
      b SET k 2
      continue
      client c1 r
      c1 WATCH k
      c1 MULTI
      c1 GET k
      r REPLICAOF b 7001
      continue
      r GET k
      c1 EXEC

      """)
    #expect(result.output.hasSuffix("\"2\"\n(nil)\n"), "\(result.output.suffix(400))")
  }

  @Test("CLIENT UNBLOCK lets it go on, and so does the end of a pause")
  func unblocked() throws {
    let text = try printed(
      """
      client c1 m
      client c2 m
      c1 CLIENT ID
      c1 WAIT 5 0
      c2 CLIENT UNBLOCK 4
      c2 MULTI
      c2 SET a 1
      info clients
      c2 DISCARD
      m CLIENT PAUSE 10000 WRITE
      c1 SET a 1
      c2 CLIENT UNPAUSE

      """)
    #expect(text.contains("(integer) 4\nc1 waits"))
    #expect(text.contains("(integer) 1\nc1: (integer) 1\n"))
    #expect(text.contains("c2      m     in MULTI, 1 command queued\n"))
    #expect(text.hasSuffix("OK\nc1: OK\n"))
  }

  @Test("hears under its reply what its command made happen at once")
  func consequences() throws {
    let text = try printed("m CLIENT KILL TYPE replica\n")
    #expect(text == "(integer) 1\n  m logs: Connection with replica 127.0.0.1:7001 lost.\n")
  }

  @Test("hears under its reply what the node logs of it: who follows whom from now on")
  func following() throws {
    let alone = try printed("r REPLICAOF NO ONE\n")
    #expect(alone.hasPrefix("OK\n  r logs: Connection with master lost.\n"))
    #expect(alone.contains("\n  r: becomes a master\n"))
    let handsOver = try printed("m FAILOVER\nm SET a 1\n")
    #expect(handsOver.hasPrefix("OK\n  m logs: FAILOVER requested to any replica.\n"))
    #expect(handsOver.contains("\n  m: hands over to 127.0.0.1:7001, and becomes its replica\n"))
  }

  @Test("is told when its connection is lost, connects again, and leaves with off")
  func lost() throws {
    let text = try printed(
      """
      client c1 m
      c1 WAIT 5 0
      kill m
      info clients
      restart m
      c1 GET a
      info clients
      client c1 off
      info clients

      """)
    #expect(text.contains("c1: the connection is lost; its next command makes another\n"))
    #expect(text.contains("c1      m     not connected\n"))
    #expect(text.contains("(nil)\nclient  node  state\nc1      m     idle\n"))
    #expect(text.hasSuffix("no client has connected: a node's name begins a command\n"))
  }

  @Test("has a name that no node has, is completed, and is saved")
  func names() throws {
    for line in ["start c1 --port 7002", "client m m", "client step m", "client c2 nobody", "client c3 off"] {
      let result = try Program.lab(Self.beginning + "client c1 m\n" + line + "\n")
      #expect(result.status == 2, "\(line)")
    }
    var session = try Session(Options.none(), forPrompt: true)
    session.output = Output()
    for line in (Self.beginning + "client conny m").split(separator: "\n") { try session.run(String(line)) }
    #expect(session.timeline.script().lines.last == "client conny m")
    #expect(Completion.words("", "conn", in: session) == ["conny"])
  }

  @Test(
    "that waited at the prompt is saved so that a script brings about the same",
    arguments: [
      ["client c m", "m BLPOP q 2", "c RPUSH q x", "advance 1s", "m LLEN q"],
      ["m SET a 1", "m WAIT 2 1000", "pause r", "advance 3s", "m GET a"],
      ["m CLIENT PAUSE 500 ALL", "m SET a 1", "cut r m", "advance 2s"],
    ])
  func savedWaiting(lines: [String]) throws {
    func session(forPrompt: Bool, _ lines: [String]) throws -> Session {
      var session = try Session(Options.none(), forPrompt: forPrompt)
      session.output = Output()
      for line in lines { try session.run(line) }
      return session
    }
    let typed = try session(forPrompt: true, Self.beginning.split(separator: "\n").map(String.init) + lines)
    let script = typed.timeline.script().lines
    #expect(script.contains { $0.hasPrefix("send m ") })
    #expect(try session(forPrompt: false, script).timeline.world == typed.timeline.world)
  }

  @Test("of a node, does not let the world run by itself at the prompt")
  func promptWaits() throws {
    var session = try Session(Options.none(), forPrompt: true)
    session.output = Output()
    for line in Self.beginning.split(separator: "\n") { try session.run(String(line)) }
    try session.run("m SET a 1")
    let before = session.timeline.position
    try session.run("m WAIT 1 1000")
    #expect(session.timeline.position == before + 1)
    #expect(session.timeline.world.awaitsReply(of: "m"))
    #expect(throws: Complaint.self) { try session.run("m GET a") }
    try session.run("until r.keys = 1")
    try session.run("step 2")
    let waits = session.timeline.world.awaitsReply(of: "m")
    #expect(!waits)
  }
}
