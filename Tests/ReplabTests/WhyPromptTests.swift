import Testing

@testable import replab

@Suite("`why` finds the decision one asks about") struct WhyPromptTests {
  private static let pair = """
    start m --port 7000 --repl-diskless-sync-delay 0
    start r --port 7001 --replicaof "127.0.0.1 7000"
    until r.link = connected
    advance 2s

    """

  /// What the last lines of a script print, those after a pair has synced, in one line.
  private func last(_ lines: String) throws -> String {
    let mark = "print \"==\"\n"
    let outcome = try Program.lab(Self.pair + lines.replacing("\nwhy", with: "\n\(mark)why"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let parts = outcome.output.split(separator: "==\n", omittingEmptySubsequences: false)
    return parts.last.map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") } ?? ""
  }

  @Test(
    "among all that were made",
    arguments: [
      ("m FAILOVER\nadvance 1s\nwhy m", "m: goes on where it left off"),
      ("m FAILOVER\nuntil m.role = replica\nwhy", "FAILOVER, and no REPLICAOF"),
      ("m FAILOVER\nuntil m.role = replica\nwhy", "acknowledged all 0 bytes, so nothing is lost"),
      ("m FAILOVER\nwhy m", "until a replica has acknowledged all"),
      ("m FAILOVER\nuntil r.role = master\nwhy r", "Its master asked it to, by PSYNC … FAILOVER."),
      ("r REPLICAOF NO ONE\nwhy", "It was told to: REPLICAOF NO ONE."),
      ("m SET k v\nm WAIT 2 500\nwhy", "answers WAIT, whose time is up: 1"),
      ("m SET k v\nm WAIT 2 500\nwhy", "2 were asked for. As it knows: r has"),
      ("m SET k v\nm WAIT 1 0\nwhy", "answers WAIT: 1"),
      ("m SET k v PX 10\nadvance 60ms\nr GET k\nwhy", "waits for its master's DEL"),
      ("m DEBUG SET-ACTIVE-EXPIRE 0\nm SET k v PX 10\nadvance 60ms\nm GET k\nwhy", "deletes k, which has expired"),
      ("m SET k v PX 10\nadvance 1s\nwhy m", "deletes k: expired"),
      ("m CLIENT PAUSE 2000 WRITE\nm SET k v\nwhy m", "CLIENT PAUSE holds writes back until"),
      ("m CONFIG SET maxclients 1\nkill r\nrestart r\nadvance 1s\nwhy m", "maxclients is 1"),
      ("pause r\nm SET a b\nm FAILOVER TIMEOUT 500\nm SET k v\nwhy m", "FAILOVER's time-out is over, and of"),
      ("pause r\nm SET a b\nm FAILOVER\nbreak decision holdBack\nm SET k v\nwhy m", "A FAILOVER is under way"),
      ("m DEBUG SLEEP 0\nwhy", "enable-debug-command is no"),
      ("m CONFIG SET min-replicas-to-write 2\nm SET k v\nadvance 1s\nwhy m", "min-replicas-to-write asks for 2"),
      ("why all", "m: begins to send r the stream"),
      ("why all", "r: expects a snapshot"),
      ("why 3", "r: connects to its master"),
    ])
  func found(lines: String, words: String) throws {
    let printed = try last("\n" + lines + "\n")
    #expect(printed.contains(words), "\(printed)")
  }

  @Test(
    "or says that there is none",
    arguments: [
      ("why", "no node has decided anything yet"), ("start m\nwhy m", "m has not decided anything yet"),
      ("start m\nwhy 2", "there is no step 2"), ("start m\nwhy x", "there is no node ‘x’"),
      ("start m\nwhy 9223372036854775808", "there is no node"), ("start m\nwhy -1", "there is no step -1"),
    ])
  func none(script: String, words: String) throws {
    let outcome = try Program.lab(script + "\n")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
  }
}

@Suite("A breakpoint") struct BreakpointPromptTests {
  @Test(
    "stops at what a typed line does, too",
    arguments: [
      ("break log \"DB saved\"\nm SAVE", "stopped at breakpoint 1 (log \"DB saved\")"),
      ("break decision refuseCommand\nm DEBUG SLEEP 0", "stopped at breakpoint 1 (decision refuseCommand)"),
      ("break m.keys > 0\nm SET k v", "stopped at breakpoint 1 (m.keys > 0)"),
      ("watch m.keys\nm SET k v", "watch 1 (m.keys): 0 → 1"),
      ("tbreak node m\nm SET k v\ninfo breakpoints", "no breakpoints"),
      ("break log SHUTDOWN\nbreak log \"ready to exit\"\nstop m", "stopped at breakpoint 2"),
    ])
  func typed(lines: String, words: String) throws {
    let outcome = try Program.lab("start m\n\(lines)\n")
    #expect(outcome.output.contains(words), "\(outcome.output)\(outcome.errors)")
  }

  @Test(
    "at a decision that no node makes is refused, with those that are meant",
    arguments: [
      ("xyzzy", "`help break` lists them all", 16), ("partialresinc", "Near that are partialResync", 16),
      ("sync", "refuseSync, partialResync", 16),
    ])
  func unknown(name: String, advice: String, column: Int) throws {
    let outcome = try Program.lab("break decision \(name)\n")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("no node makes a decision '\(name)'"))
    #expect(outcome.errors.contains(advice) && outcome.errors.contains(":\(column):"), "\(outcome.errors)")
  }

  @Test("is offered its decisions by Tab, its phases, its nodes")
  func offered() throws {
    var session = try Session(Options.none(), forPrompt: false)
    try session.run("start m")
    func offers(_ before: String, _ word: String) -> [String] { Completion.words(before, word, in: session) }
    #expect(offers("break decision ", "wait") == ["waitForCron", "waitForNextSnapshot", "waitForReplicas"])
    #expect(offers("b phase ", "tr") == ["transfer"])
    #expect(offers("break node ", "") == ["m"])
    #expect(offers("break log ", "tr") == [])
    #expect(offers("why ", "") == ["m"])
  }

  @Test("is offered by Tab what a command goes on with: subcommands, directives, sections of INFO")
  func commandsOffered() throws {
    var session = try Session(Options.none(), forPrompt: false)
    try session.run("start m")
    func offers(_ before: String, _ word: String) -> [String] { Completion.words(before, word, in: session) }
    #expect(offers("m config ", "re") == ["resetstat", "rewrite"])
    #expect(offers("m CLIENT ", "UN") == ["UNBLOCK", "UNPAUSE"])
    #expect(offers("m CONFIG SET ", "maxmemory-p") == ["maxmemory-policy"])
    #expect(offers("m config set maxmemory ", "ma") == [])
    #expect(offers("m config set maxmemory 1mb ", "maxmemory-p") == ["maxmemory-policy"])
    #expect(offers("m CONFIG GET maxmemory ", "maxmemory-s") == ["maxmemory-samples"])
    #expect(offers("m INFO ", "repl") == ["replication"])
    #expect(offers("m GET ", "") == [])
  }
}

extension Completion {
  /// The words that Tab offers; none where it offers files.
  static func words(_ before: String, _ word: String, in session: Session) -> [String] {
    guard case .words(let words) = candidates(before: before, word: word, in: session) else { return [] }
    return words
  }
}

@Suite("`info nodes`") struct InfoNodesTests {
  @Test("names the master that is followed, and how far behind a replica is")
  func lag() throws {
    let script = """
      start m --port 7000 --repl-diskless-sync-delay 0
      start r --port 7001 --replicaof "127.0.0.1 7000"
      start s2 --port 7002 --replicaof "127.0.0.1 7001"
      start t --port 7003 --replicaof "127.0.0.1 7999"
      until s2.link = connected
      advance 2s
      m SET k v
      info nodes
      print m.offset - r.offset
      """
    let outcome = try Program.lab(script + "\n", ["--json"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let rows = outcome.output.split(separator: "\n").filter { $0.hasPrefix("{\"node\"") && $0.contains("address") }
    let expected = [
      #""master":"–","lag (B)":"–""#, #""master":"m","lag (B)":50"#, #""master":"r","lag (B)":0"#,
      #""master":"127.0.0.1:7999","lag (B)":"–""#,
    ]
    #expect(rows.count == 4)
    for (row, part) in zip(rows, expected) { #expect(row.contains(part), "\(row)") }
    #expect(outcome.output.hasSuffix("\"value\":50}\n"))
  }
}
