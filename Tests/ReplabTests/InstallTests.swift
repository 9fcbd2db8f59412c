import Foundation
import RealRedis
import Testing

@testable import replab

@Suite("What make install does", .serialized, .timeLimit(.minutes(2))) struct InstallTests {
  private static func make(_ arguments: [String], environment: [String: String] = [:]) throws -> Program.Outcome {
    try Program.run("/usr/bin/env", ["make", "-C", Program.root] + arguments, environment: environment)
  }

  private static func files(in folder: String) -> [String] {
    FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String }.sorted() ?? []
  }

  @Test("The installed program runs from elsewhere with its lessons and recordings, and goes without a trace")
  func install() throws {
    let folder = Folder()
    let prefix = folder.path("pre fix/usr")
    let run = try Self.make(["install", "PREFIX=\(prefix)", "PROGRAM=\(Program.replab)"])
    #expect(run.status == 0, "\(run.output) \(run.errors)")
    let installed = prefix + "/bin/replab"
    let home = Folder()
    func replab(_ arguments: [String], _ input: String = "") throws -> Program.Outcome {
      // From a folder that is neither the project's nor above the program.
      try Program.run(
        "/usr/bin/env", ["-C", "/", "-u", "REPLAB_LESSONS", installed] + arguments, input: input,
        environment: ["HOME": home.root])
    }
    let lessons = try replab(["lesson"])
    #expect(lessons.status == 0 && lessons.output.contains("spying-on-the-ping"), "\(lessons.errors)")
    let replay = try replab([], "replay transcripts/chain.pcap\ninfo nodes\n")
    #expect(
      replay.status == 0 && replay.output.hasPrefix("at the beginning of transcripts/chain.pcap"), "\(replay.errors)")
    for arguments in [
      ["run", "transcripts/notes-full-sync.lab"], ["inspect", "transcripts/notes-full-sync.txt"],
      ["convert", "transcripts/chain.pcap", "--to", "arrows"],
      ["compare", "transcripts/chain.pcap", "transcripts/chain.pcap"],
    ] { #expect(try replab(arguments).status == 0, "\(arguments)") }
    for file in [
      "share/man/man1/replab.1", "share/bash-completion/completions/replab", "share/zsh/site-functions/_replab",
      "share/fish/vendor_completions.d/replab.fish",
    ] {
      let size = try FileManager.default.attributesOfItem(atPath: "\(prefix)/\(file)")[.size] as? Int
      #expect(size ?? 0 > 1_000, "\(file)")
    }

    // Again, over the one that is there; what a person keeps beside it is theirs.
    #expect(try Self.make(["install", "PREFIX=\(prefix)", "PROGRAM=\(Program.replab)"]).status == 0)
    folder.write("pre fix/usr/share/replab/lessons/99-own.md", "mine")
    #expect(try Self.make(["uninstall", "PREFIX=\(prefix)"]).status == 0)
    #expect(
      Self.files(in: prefix) == ["share", "share/replab", "share/replab/lessons", "share/replab/lessons/99-own.md"])
    #expect(try Self.make(["uninstall", "PREFIX=\(prefix)"]).status != 0)
  }

  @Test("DESTDIR stands before every path, and nothing is left after uninstall") func destination() throws {
    let folder = Folder()
    let environment = ["DESTDIR": folder.path("stage")]
    let run = try Self.make(["install", "PREFIX=/usr", "PROGRAM=\(Program.replab)"], environment: environment)
    #expect(run.status == 0, "\(run.errors)")
    #expect(FileManager.default.isExecutableFile(atPath: folder.path("stage/usr/bin/replab")))
    #expect(try Self.make(["uninstall", "PREFIX=/usr"], environment: environment).status == 0)
    // PREFIX itself may have been there before.
    #expect(Self.files(in: folder.path("stage")) == ["usr"])
  }

  @Test("The manual page names every verb and every subcommand, and man reads it without a complaint") func page()
    throws
  {
    let page = Replab.ManualPage.text
    func plain(_ text: String) -> String { text.replacing("-", with: "\\-") }
    for verb in Verb.all { #expect(page.contains("\n.B \(plain(verb.name))"), "\(verb.name)") }
    for command in ["run", "lesson", "replay", "inspect", "spy", "convert", "compare", "test"] {
      #expect(page.contains("\n.SS \(command)\n"), "\(command)")
    }
    guard let groff = RealServer.find("groff") else { return }
    let folder = Folder()
    folder.write("replab.1", page)
    let run = try Program.run(groff, ["-K", "utf8", "-man", "-Tutf8", "-ww", folder.path("replab.1")])
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
  }
}
