import Foundation
import RealRedis
import Testing

@testable import replab

@Suite("replab compare") struct CompareTests {
  private static let captures = Program.root + "/transcripts/"

  private func compare(_ arguments: String...) throws -> Program.Outcome {
    try Program.run(Program.replab, ["compare"] + arguments)
  }

  @Test(
    "Nodes of the lab say what the recorded ones said", arguments: ["fullsync-disk", "partial-resync", "acl-storm"])
  func againstLab(_ name: String) throws {
    let run = try compare(Self.captures + name + ".pcap", "--against", "lab")
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(run.output.split(separator: "\n").count { $0.hasPrefix("the same: 127.0.0.1:700") } == 2)
  }

  @Test("What a client is sent unasked is no difference, whoever sent it and when") func unasked() throws {
    let folder = Folder()
    let lab = try Program.lab(
      """
      start m
      client a m
      client b m
      client c m
      a SUBSCRIBE ch
      b HELLO 3
      b CLIENT TRACKING ON
      b GET k
      c MONITOR
      m PUBLISH ch 1
      m SET k 1
      b GET k
      m PUBLISH ch 2
      export \(folder.path("unasked.pcap"))

      """)
    #expect(lab.status == 0, "\(lab.errors)")
    let run = try compare(folder.path("unasked.pcap"), "--against", "lab")
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(run.output.hasPrefix("the same: 127.0.0.1:6379 in the lab, "), "\(run.output)")
  }

  /// Two take turns within each other's transactions, pauses and waits.
  private static let severalClients = """
    start m --enable-debug-command yes
    start r --port 6380 --replicaof 127.0.0.1 6379
    until r.link == connected
    advance 1s
    client alice m
    client bob m
    client carol r
    alice WATCH a
    bob SET a 10
    alice MULTI
    alice INCR a
    bob SELECT 1
    alice EXEC
    bob MULTI
    bob SET b 1
    bob CLIENT PAUSE 150 WRITE
    bob EXEC
    alice DEL a
    bob WAIT 2 120
    carol SET a 1
    advance 130ms
    bob FLUSHDB
    advance 1s
    alice DEBUG SLEEP 0.05
    bob SET c 3 PX 200
    alice GET c
    advance 1s
    carol GET c
    bob CLIENT KILL TYPE replica
    alice SWAPDB 0 1
    advance 2s
    """

  /// Keys go while clients talk, and what needs memory is refused.
  private static let evictions = """
    start m
    start r --port 6380 --replicaof 127.0.0.1 6379
    until r.link == connected
    advance 1s
    m CONFIG SET maxmemory-policy volatile-ttl
    m SET a \(String(repeating: "x", count: 100)) EX 100
    m SET b \(String(repeating: "x", count: 100)) EX 50
    m SET c 1
    m CONFIG SET maxmemory 900kb
    m SET d 1
    m GET a
    m DBSIZE
    m CONFIG SET maxmemory 0
    m SET e 1 EX 100
    m CONFIG SET maxmemory-policy allkeys-lru lazyfree-lazy-eviction yes
    m CONFIG SET maxmemory 800kb
    m DBSIZE
    m SET x 1
    advance 1s
    r DBSIZE
    """

  @Test("A node of the lab lets those keys go that the recorded one did") func evictions() throws {
    let folder = try TemporaryFolder()
    try (Self.evictions + "\nexport \(folder.path("evictions.pcap"))\n")
      .write(toFile: folder.path("evictions.replab"), atomically: true, encoding: .utf8)
    let recorded = try Program.run(Program.replab, ["run", folder.path("evictions.replab")])
    #expect(recorded.status == 0, "\(recorded.errors)")
    let run = try compare(folder.path("evictions.pcap"), "--against", "lab")
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(run.output.split(separator: "\n").count { $0.hasPrefix("the same: 127.0.0.1:63") } == 2)
  }

  @Test("Several clients that talk to one node at once are no difference") func severalClients() throws {
    let folder = try TemporaryFolder()
    try (Self.severalClients + "\nexport \(folder.path("clients.pcap"))\n")
      .write(toFile: folder.path("clients.replab"), atomically: true, encoding: .utf8)
    let lab = try Program.run(Program.replab, ["run", folder.path("clients.replab")])
    #expect(lab.status == 0, "\(lab.errors)")
    let run = try compare(folder.path("clients.pcap"), "--against", "lab")
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(run.output.split(separator: "\n").count { $0.hasPrefix("the same: 127.0.0.1:63") } == 2)
  }

  @Test("The exit status says whether they are the same") func status() throws {
    let (a, b) = (Self.captures + "fullsync-disk.pcap", Self.captures + "fullsync-diskless.pcap")
    #expect(try compare(a, a).status == 0)
    #expect(try compare(a, b).status == 1)
    // Clients say the same in both.
    #expect(try compare(a, b, "port 35984 or port 39774 or port 44310 or port 49296").status == 0)
    #expect(try compare(a).status == 2)
    #expect(try compare(a, b, "no filter").status == 2)
    #expect(try compare(a, "--against", "moon").status == 2)
    #expect(try compare(a, "/nowhere").status == 3)
    #expect(try compare(a, b, "port 1").status == 3)
  }

  @Test("A file that breaks off is compared as far as it goes, and its fault is told with the place") func broken()
    throws
  {
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: Self.captures + "chain.pcap")))
    for count in [0, 10, 30, bytes.count - 1] {
      let run = try Tool.withFile(Array(bytes.prefix(count))) { try compare(Self.captures + "chain.pcap", $0) }
      #expect(run.status == 3, "\(count) bytes: \(run.output)\(run.errors)")
      #expect(run.errors.contains(count == 0 ? "is empty" : "byte"))
      #expect(run.output.isEmpty == (count <= 30))
    }
  }

  @Test("--json prints one object, with the place of the difference on both sides") func json() throws {
    let run = try compare(
      Self.captures + "fullsync-disk.pcap", Self.captures + "fullsync-diskless.pcap", "--all", "--json")
    #expect(run.status == 1)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    #expect(object["same"] as? Bool == false)
    let differences = try #require(object["differences"] as? [[String: Any]])
    #expect(differences.first?["speaker"] as? String == "master")
    #expect((differences.first?["first"] as? [String: Any])?["says"] as? String == "$length")
    #expect((differences.first?["second"] as? [String: Any])?["says"] as? String == "$EOF:")
    #expect((differences.first?["first"] as? [String: Any])?["packet"] as? Int == 25)
  }

  @Test("Of two snapshots what only one has is shown with its bytes, and not how they end") func snapshots() throws {
    let (more, fewer) = (Self.captures + "partial-resync.pcap", Self.captures + "backlog-too-short.pcap")
    for (files, which) in [([more, fewer], "first"), ([fewer, more], "second")] {
      let run = try compare(files[0], files[1])
      #expect(run.status == 1)
      #expect(run.output.contains("  only the \(which) has: key \"toto\" holds \"tutu\"\n"), "\(run.output)")
      #expect(run.output.contains("0132  74 75 74 75              tutu          data: \"tutu\""))
      #expect(!run.output.contains("end mark:") && !run.output.contains("40 characters"))
    }
  }

  @Test("Every record in which two snapshots differ is shown with --all, in whatever database")
  func records() throws {
    let folder = Folder()
    for (name, commands) in [("a", ["SET k 1", "SET l 1", "SET m 1"]), ("b", ["SET m 2", "SELECT 3", "SET k 1"])] {
      let lab = try Program.lab(
        "start m\nclient c m\n" + commands.map { "c \($0)\n" }.joined()
          + "start r --port 6380 --replicaof 127.0.0.1 6379\nuntil r.link = connected\n"
          + "export \(folder.path(name)).pcap\n")
      #expect(lab.status == 0, "\(lab.errors)")
    }
    let files = [folder.path("a.pcap"), folder.path("b.pcap")]
    func titles(_ output: String) -> [Substring] {
      output.split(separator: "\n").filter { $0.hasPrefix("  only the") || $0.hasPrefix("  the first has") }
    }
    let all = try Program.run(Program.replab, ["compare"] + files + ["--all"]).output
    #expect(
      titles(all) == [
        #"  only the first has: key "k" holds "1""#, #"  only the first has: key "l" holds "1""#,
        #"  the first has: key "m" holds "1"; the second has: key "m" holds "2""#,
        #"  only the second has: in database 3, key "k" holds "1""#,
      ], "\(all)")
  }

  @Test("A record that came in several messages is shown with its first ones, and how much of it is left")
  func cutRecord() throws {
    let folder = Folder()
    for (name, command) in [("a", "m SETRANGE k 99999 v"), ("b", "m PING")] {
      let lab = try Program.lab(
        "start m --rdbcompression no\n\(command)\nstart r --port 6380 --replicaof 127.0.0.1 6379\n"
          + "until r.link = connected\nexport \(folder.path(name)).pcap\n")
      #expect(lab.status == 0, "\(lab.errors)")
    }
    let run = try compare(folder.path("b.pcap"), folder.path("a.pcap"), "--all")
    #expect(run.output.components(separatedBy: "only the second has: key \"k\" holds").count == 2, "\(run.output)")
    #expect(run.output.components(separatedBy: "data: a part of 100000 bytes").count == 3)
    #expect(run.output.contains(/… \d+ bytes of it in later messages/))
  }

  @Test("Text that tcpdump printed is the same as what it was made of") func text() throws {
    // Of the first one's text every byte can be restored, of the other's not.
    for (name, isHidden) in [("partial-resync", false), ("fullsync-disk", true)] {
      let capture = Self.captures + "\(name).pcap"
      let printed = try Program.run(Program.replab, ["convert", capture, "--to", "tcpdump"])
      let run = try Tool.withFile(Array(printed.output.utf8)) { try compare(capture, $0) }
      #expect(run.status == 0, "\(run.output)\(run.errors)")
      #expect(run.output.contains("bytes that text hides") == isHidden)
    }
  }

  @Test("Arrows of one link are the same as what they were made of, whatever its addresses")
  func arrows() throws {
    let capture = Self.captures + "fullsync-disk.pcap"
    let link = try Program.run(Program.replab, ["convert", capture, "--filter", "port 39796", "--to", "hex"])
    let printed = try Program.run(Program.replab, ["convert", capture, "--filter", "port 39796", "--to", "arrows"])
    let run = try Tool.withFile(Array(link.output.utf8)) { link in
      try Tool.withFile(Array(printed.output.utf8)) { try compare(link, $0) }
    }
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(run.output.contains("on 1 connection"))
  }

  /// Those of real servers, whose messages are whole.
  static let recordings = ["transcripts", "Tests/Fixtures/captures"].flatMap { folder in
    ((try? FileManager.default.contentsOfDirectory(atPath: "\(Program.root)/\(folder)")) ?? []).sorted()
      .filter { $0.hasSuffix(".pcap") }.map { "\(folder)/\($0)" }
  }

  @Test("Arrows that were made of a recording say the same, passwords hidden or not", arguments: recordings)
  func arrowsOfAll(_ name: String) throws {
    let path = "\(Program.root)/\(name)"
    let text = try Program.run(Program.replab, ["convert", path, "--to", "arrows"])
    #expect(text.status == 0, "\(text.errors)")
    let run = try Tool.withFile(Array(text.output.utf8)) { try compare(path, $0) }
    #expect(run.status == 0, "\(run.output.prefix(600))\(run.errors)")
  }

  @Test("Every recording that is shipped is what the lab's nodes say") func shipped() throws {
    let folder = Program.root + "/transcripts"
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasSuffix(".pcap") {
      let run = try compare(folder + "/" + name, "--against", "lab")
      // Those that two channels are named for have no node of 7.0, one has a master that is newer.
      let others = name.hasPrefix("two-channels") ? 2 : name == "version-too-new.pcap" ? 1 : 0
      #expect(run.status == (others == 2 ? 3 : 0), "\(name): \(run.output)\(run.errors)")
      #expect(run.output.components(separatedBy: "not rebuilt").count - 1 == others)
      #expect(run.output.components(separatedBy: "it is no Redis 7.0").count - 1 == others)
    }
  }

  @Test("Passwords are stars unless they are asked for") func passwords() throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: Self.captures + "acl-ok.pcap"))
    let password = Data("$2\r\npw\r\n".utf8)
    let place = try #require(bytes.range(of: password))
    var other = bytes
    other.replaceSubrange(place, with: Data("$2\r\nqx\r\n".utf8))
    for (options, isShown) in [([], false), (["--show-passwords"], true)] {
      let run = try Tool.withFile(Array(other)) {
        try Program.run(Program.replab, ["compare", Self.captures + "acl-ok.pcap", $0] + options)
      }
      #expect(run.status == 1)
      #expect(run.output.contains("qx") == isShown)
    }
  }

  @Test("What the manual shows is what is printed") func manual() throws {
    let lines = try String(contentsOfFile: Program.root + "/docs/MANUAL.md", encoding: .utf8)
      .components(separatedBy: "\n")
    var shown = 0
    for (index, line) in lines.enumerated() where line.hasPrefix("$ replab compare ") {
      let end = try #require(lines[index...].firstIndex(of: "```"))
      let words = line.split(separator: " ").dropFirst(2).map(String.init).map {
        $0.hasPrefix("transcripts/") ? Program.root + "/" + $0 : $0
      }
      let run = try Program.run(Program.replab, words)
      let printed = run.output.replacing(Program.root + "/", with: "").split(
        separator: "\n", omittingEmptySubsequences: false)
      #expect(printed.dropLast().elementsEqual(lines[(index + 1)..<end].map { Substring($0) }), "\(run.output)")
      shown += 1
    }
    #expect(shown == 3)
  }
}
