import Foundation
import Testing

@Suite("`why` in a recording concludes from the wire") struct RecordedWhyTests {
  /// A recording of text, each line of which one side says.
  private func why(_ transcript: String, _ line: String = "why") throws -> String {
    let folder = Folder()
    folder.write("said.arrows", transcript + "\n")
    let run = try Program.run(
      Program.replab, ["replay", folder.path("said.arrows")], input: "goto end\nprint \"==\"\n\(line)\n")
    #expect(run.status == 0, "\(run.errors)")
    let text = run.output.components(separatedBy: "==\n").last ?? ""
    return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private static let (a, b) = (String(repeating: "a", count: 40), String(repeating: "b", count: 40))
  private static let hello = ">>> PING\n<<< PONG"

  @Test(
    "what was asked for, and why that was the answer",
    arguments: [
      (">>> PSYNC ? -1", "asks for everything"),
      (">>> PSYNC \(a) 1", "only a full sync answers that"),
      (">>> PSYNC \(a) 54", "It has 53 bytes of the history \(a)."),
      (">>> PSYNC \(a) 54 FAILOVER", "asks master to take over"),
      (">>> PSYNC ? -1\n<<< FULLRESYNC \(b) 7", "that is what it asked for"),
      (">>> PSYNC \(a) 1\n<<< FULLRESYNC \(b) 7", "Only a full sync answers that."),
      (">>> PSYNC \(a) 54\n<<< FULLRESYNC \(b) 7", "another history, \(a)"),
      (
        ">>> PSYNC \(a) 54\n<<< FULLRESYNC \(a) 900", "its backlog no longer has that byte, or it keeps none: 847 bytes"
      ),
      (">>> PSYNC \(a) 54\n<<< FULLRESYNC \(a) 7", "has not written so much"),
      (">>> PSYNC \(a) 9223372036854775807\n<<< FULLRESYNC \(a) -9223372036854775808", "has not written so much"),
      (">>> PSYNC \(a) -9223372036854775808\n<<< FULLRESYNC \(a) 9223372036854775807", "no longer has that byte"),
      (">>> PSYNC \(a) 54\n<<< CONTINUE \(a)", "go on from byte 54: a partial sync"),
      (">>> PSYNC \(a) 54\n<<< CONTINUE \(b)", "It calls the history \(b) now, so it was promoted"),
    ])
  func psync(said: String, words: String) throws {
    let text = try why(Self.hello + "\n" + said)
    #expect(text.hasPrefix("concluded from the wire"), "\(text)")
    #expect(text.contains(words), "\(text)")
  }

  @Test(
    "of whole recordings",
    arguments: [
      ("backlog-too-short.pcap", "why master", "no longer has that byte, or it keeps none: 41252 bytes"),
      ("auth-storm.pcap", "why", "PSYNC was answered by: -NOAUTH"),
      ("auth-storm.pcap", "why master", "its masterauth is not set"),
      ("failover.pcap", "why replica:7001", "lets replica:7002 go on from byte 94"),
      ("failover.pcap", "why master", "it will ask to go on from byte 94"),
      ("version-too-new.pcap", "why", "could not be loaded"),
      ("fullsync-disk.pcap", "why master", "repl-diskless-sync is no"),
      (
        "wrong-password.pcap", "why 9",
        "There is no such user, the password is wrong, or the user is off."
      ),
      ("partial-resync.pcap", "goto 3\nwhy 1", "nothing in this step shows"),
    ])
  func recordings(name: String, lines: String, words: String) throws {
    let run = try Program.run(
      Program.replab, ["replay", Program.root + "/transcripts/" + name], input: "goto end\n\(lines)\n")
    #expect(run.status == 0, "\(run.errors)")
    let text = run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(text.contains(words), "\(text.suffix(600))")
  }

  @Test("so that nothing can stop at a decision there", arguments: ["break decision connect", "break log sync"])
  func noDecisions(line: String) throws {
    let path = Program.root + "/transcripts/partial-resync.pcap"
    let run = try Program.run(Program.replab, ["replay", path], input: line + "\n")
    #expect(run.status == 2 && run.errors.contains("neither decisions nor logs"), "\(run.errors)")
  }

  @Test("and says so where there is nothing to conclude") func nothing() throws {
    let path = Program.root + "/transcripts/partial-resync.pcap"
    let run = try Program.run(Program.replab, ["replay", path], input: "step\nwhy\n")
    #expect(run.status == 2 && run.errors.contains("nobody has decided anything yet"), "\(run.errors)")
  }
}
