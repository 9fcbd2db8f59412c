import Capture
import Dissection
import Foundation
import RealRedis
import Testing

@testable import Lab
@testable import replab

/// Transcripts that are text, in which dots hide bytes.
@Suite("What text does not show") struct RestoringTests {
  private static let notes = Program.root + "/transcripts/notes-full-sync.txt"
  private static func truth() throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: Program.root + "/Tests/RDBTests/Fixtures/notes-full-sync.rdb")))
  }

  @Test("The notes' snapshot is written to the byte") func restore() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "notes-\(UUID()).rdb")
    defer { try? FileManager.default.removeItem(at: path) }
    let run = try Program.run(Program.replab, ["inspect", Self.notes, "--restore", path.path])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try Array(Data(contentsOf: path)) == Self.truth())
    // It is not written over.
    let again = try Program.run(Program.replab, ["inspect", Self.notes, "--restore", path.path])
    #expect(again.status == 3 && again.errors.contains("exist"), "\(again.errors)")
  }

  @Test("What is restored is written into other formats, too, and what is not is told") func converted() throws {
    let folder = Folder()
    let run = try Program.run(Program.replab, ["convert", Self.notes, folder.path("notes.pcap")])
    #expect(run.status == 0 && run.errors.contains("261 follow from the format or a checksum"), "\(run.errors)")
    #expect(!run.errors.contains("unknown"))
    let restored = try Program.run(
      Program.replab, ["inspect", folder.path("notes.pcap"), "--restore", folder.path("notes.rdb")])
    #expect(restored.status == 0, "\(restored.errors)")
    #expect(FileManager.default.contents(atPath: folder.path("notes.rdb")).map(Array.init) == (try Self.truth()))
    // Standard input is no other way.
    let text = try String(contentsOfFile: Self.notes, encoding: .utf8)
    for (format, ctime) in [("hex", "a52f 8364"), ("html", "1686319013")] {
      let piped = try Program.run(Program.replab, ["convert", "-", "--to", format], input: text)
      #expect(piped.status == 0 && piped.output.contains(ctime))
    }
    let unseen = text.replacing("P.8..u;e9c9", with: ".......e9c9")
    let other = try Program.run(Program.replab, ["convert", "-", "--to", "hex"], input: unseen)
    #expect(other.errors.contains("are unknown, and stand as dots"), "\(other.errors)")
  }

  @Test("The notes' master, restored, and its replica say in the lab what they said") func againstLab() throws {
    let run = try Program.run(Program.replab, ["compare", Self.notes, "--against", "lab"])
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    for words in ["7000 in the lab, 6 messages on 1 connection", "7001 in the lab, 5 messages on 1 connection"] {
      #expect(run.output.contains("the same: 127.0.0.1:\(words)"), "\(run.output)")
    }
  }

  @Test("Each restored byte says why, and the other fillings are told") func reasons() throws {
    let run = try Program.run(Program.replab, ["inspect", Self.notes])
    let text = run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for words in [
      "7 fillings satisfy the checksum; ctime 1686319013, used-mem 1033936 is taken",
      "The others: ctime 1689792466, used-mem 12645381;", "inferred: a version has dots in it",
      "PONG text: \"PONG\"", "the text has no packets",
    ] { #expect(text.contains(words), "\(words)") }
    #expect(!run.output.contains("··"))
    let json = try Program.run(Program.replab, ["replay", Self.notes, "--json", "--to", "end"]).output
    #expect(json.contains(#""as":"restored","why":"of 7 fillings"#) && json.contains(#""as":"inferred""#))
  }

  @Test("A snapshot that can't be restored is not written, and its bytes stay unknown") func unknown() throws {
    // The checksum can't be seen.
    let text = try String(contentsOfFile: Self.notes, encoding: .utf8).replacing("P.8..u;e9c9", with: ".......e9c9")
    try Tool.withFile(Array(text.utf8), suffix: ".txt") { path in
      let run = try Program.run(Program.replab, ["inspect", path, "--restore", path + ".rdb"])
      #expect(run.status == 3 && run.errors.contains("bytes of the snapshot are not known"), "\(run.errors)")
      #expect(!FileManager.default.fileExists(atPath: path + ".rdb"))
      #expect(run.output.contains("·· ") && run.output.contains("not known"))
      #expect(!run.output.contains("how much memory the"))
      let json = try Program.run(Program.replab, ["inspect", path, "--json"]).output
      #expect(json.contains("????") && json.contains(#""as":"unknown""#))
    }
  }

  /// All bytes of each side of each connection, nil where they are not known; and whether a line's end is a guess.
  private func sides(_ path: String) throws -> [String: [UInt8?]] {
    var timeline = Timeline(try RecordingFile.open(path, filter: nil))
    var sides: [String: [UInt8?]] = [:]
    while let step = timeline.proceed() {
      for delivery in step.delivered {
        let message = delivery.message
        let bytes = message.bytes.enumerated().map { index, byte -> UInt8? in
          delivery.marks.mark(at: message.range.lowerBound + index)?.certainty == .unknown ? nil : byte
        }
        sides["\(delivery.link) \(message.side)", default: []] += bytes
      }
    }
    return sides
  }

  @Test(
    "What tcpdump -A shows of a recording is never taken for what it is not",
    .enabled(if: Tool.isInstalled("tcpdump"), "tcpdump is not installed"),
    arguments: ["fullsync-diskless", "fullsync-disk", "acl-ok", "keep-alives"])
  func printed(name: String) throws {
    let path = Program.root + "/transcripts/\(name).pcap"
    let truth = try sides(path)
    try Tool.withFile(Tool.run("tcpdump", ["-nn", "-A", "-r", path]), suffix: ".txt") { text in
      let read = try sides(text)
      #expect(read.keys.sorted() == truth.keys.sorted())
      for (side, bytes) in read {
        let whole = try #require(truth[side])
        #expect(bytes.count == whole.count, "\(side)")
        let wrong = zip(bytes, whole).enumerated().first { $1.0 != nil && $1.0 != $1.1 }
        #expect(wrong == nil, "\(side) \(String(describing: wrong))")
      }
    }
  }
}
