import Capture
import Foundation
import RealRedis
import Testing
import Views

@testable import replab

@Suite("replab replay") struct ReplayTests {
  private static func transcript(_ name: String) -> String { Program.root + "/transcripts/" + name }

  /// Compares what is printed with `Replays/NAME.txt`; REPLAB_REWRITE=1 writes it anew.
  private func expectGolden(_ name: String, _ arguments: [String], script: String = "") throws {
    let run = try Program.run(Program.replab, arguments, input: script)
    #expect(run.status == 0, "\(run.errors)")
    let printed = run.output.replacing(Program.root + "/", with: "")
    let path = Program.root + "/Tests/ReplabTests/Replays/\(name).txt"
    if ProcessInfo.processInfo.environment["REPLAB_REWRITE"] != nil {
      try printed.write(toFile: path, atomically: true, encoding: .utf8)
    }
    let expected = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let (ours, theirs) = (printed.split(separator: "\n"), expected.split(separator: "\n"))
    let line = zip(ours, theirs).enumerated().first { $1.0 != $1.1 }?.offset ?? min(ours.count, theirs.count)
    #expect(
      printed == expected,
      """
      \(name).txt, line \(line + 1) of those that are not blank
      now:  \(line < ours.count ? ours[line] : "(nothing)")
      file: \(line < theirs.count ? theirs[line] : "(nothing)")
      """)
  }

  @Test(
    "Each view prints a recording up to a moment",
    arguments: ["arrows", "tcpdump", "hex", "fields", "sequence", "ledger"])
  func views(view: String) throws {
    try expectGolden(
      "partial-resync-\(view)", ["replay", Self.transcript("partial-resync.pcap"), "--view", view, "--to", "45"])
  }

  @Test("Passwords are stars, unless they are wanted", arguments: ["arrows", "tcpdump", "fields"])
  func passwords(view: String) throws {
    let arguments = ["replay", Self.transcript("acl-ok.pcap"), "--to", "end", "--view", view]
    let hidden = try Program.run(Program.replab, arguments).output
    let shown = try Program.run(Program.replab, arguments + ["--show-passwords"]).output
    // The user `repl` has the password `pw`.
    let word = view == "arrows" ? "AUTH repl pw" : view == "tcpdump" ? "\npw\n" : #"data: "pw""#
    let plain = shown.replacing("pw.", with: "pw")
    #expect(plain.contains(word) && !hidden.replacing("pw.", with: "pw").contains(word))
    #expect(hidden.count == shown.count)
  }

  @Test("Frames that are no TCP segments are passed over, and that is said") func others() throws {
    let file = try Data(contentsOf: URL(fileURLWithPath: Self.transcript("fullsync-disk.pcap")))
    var record: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0, 42, 0, 0, 0, 42, 0, 0, 0]
    // ARP.
    record += Array(repeating: 0, count: 12) + [8, 6] + Array(repeating: 0, count: 28)
    let words = "2 frames without a TCP segment were passed over"
    try Tool.withFile(Array(file.prefix(24)) + record + file.dropFirst(24) + record, suffix: ".pcap") { path in
      let back = try Program.run(Program.replab, ["replay", path], input: "goto end\nback 30\ngoto end\nstep\n")
      let told = back.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(told.hasSuffix("this is the end of the recording; \(words)"), "\(back.output)")
      for arguments in [["replay", path, "--to", "end"], ["inspect", path], ["convert", path, "--to", "markdown"]] {
        let run = try Program.run(Program.replab, arguments)
        #expect(run.status == 0 && run.errors == "replab: \(path): \(words)\n", "\(run.errors)")
      }
    }
    try Tool.withFile(Array(file.prefix(24)) + record) { path in
      let run = try Program.run(Program.replab, ["replay", path, "--to", "end"])
      #expect(run.status == 3 && run.errors.contains("no TCP segment in it, only 1 other frame"), "\(run.errors)")
    }
  }

  @Test("JSON has an object for each step") func json() throws {
    try expectGolden("chain-ping-json", ["replay", Self.transcript("chain-ping.pcap"), "--json", "--to", "35"])
  }

  @Test("A session with every verb that makes sense") func session() throws {
    try expectGolden(
      "failover-session", ["replay", Self.transcript("failover.pcap")],
      script: """
        info nodes
        next
        next
        break continue
        continue
        x 0-12
        back
        print replica:7001.replid
        reverse-continue
        goto end
        info links
        info offsets
        watch replica:7001.offset
        reverse-continue
        delete
        goto 0
        until replica:7001.replicas = 1
        advance 100ms
        view ledger
        list 4
        explain psync
        goto 0
        step
        """)
  }

  @Test(
    "What needs live nodes says kindly that this is a recording",
    arguments: [
      "start m", "kill master", "master PING", "cut 1", "branch 2", "choose 1", "info pending", "info disk",
      "seed 4", "clock 2023-06-09", "fix m replid 1",
    ])
  func complaints(line: String) throws {
    let run = try Program.run(
      Program.replab, ["replay", Self.transcript("fullsync-diskless.pcap")], input: "step 4\n\(line)\n")
    #expect(run.status == 2)
    #expect(run.errors.contains("this is a recording"), "\(run.errors)")
  }

  @Test("The lab is put aside for a recording, and comes back") func aside() throws {
    let run = try Program.lab(
      "start m --port 7000\nm SET a b\nreplay \(Self.transcript("chain.pcap"))\nstep\nreplay\nm GET a\n")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.hasSuffix("back in the lab, at moment 2\n\"b\"\n"), "\(run.output)")
  }

  @Test("What can be read of a broken file is shown, then the place where it breaks", arguments: [0, 1])
  func truncated(missing: Int) throws {
    let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: Self.transcript("chain.pcap"))))
    try Tool.withFile(Array(bytes.prefix(2_000 - missing)), suffix: ".pcap") { path in
      let whole = try Program.run(Program.replab, ["replay", Self.transcript("chain.pcap"), "--to", "end"])
      let cut = try Program.run(Program.replab, ["replay", path, "--to", "end"])
      #expect(cut.status == 3)
      #expect(cut.output.hasPrefix("1  ") && cut.output.contains(">>> PSYNC ? -1"))
      #expect(whole.output.count > cut.output.count)
      #expect(cut.errors.contains("byte \(2_000 - missing)"), "\(cut.errors)")
      let script = try Program.run(Program.replab, ["replay", path], input: "continue\n")
      #expect(script.status == 3 && script.errors.hasPrefix("replab: standard input:1: "))
    }
  }

  @Test("A file that is no transcript, and options that make no sense, are told apart")
  func wrong() throws {
    let none = try Program.run(Program.replab, ["replay", "/nonexistent.pcap"])
    #expect(none.status == 3 && none.errors.contains("/nonexistent.pcap"))
    let readme = try Program.run(Program.replab, ["replay", Program.root + "/LICENSE"])
    #expect(readme.status == 3)
    let to = try Program.run(Program.replab, ["replay", Self.transcript("chain.pcap"), "--to", "last"])
    #expect(to.status == 2 && to.errors.contains("‘last’ is no moment"))
  }
}
