import Testing

@testable import replab

@Suite("What is in a file is not lost to another one, nor a lab to `quit`") struct OverwritingTests {
  private let folder = Folder()

  private func session(forPrompt isPrompt: Bool = true, _ lines: String...) throws -> Session {
    var session = try Session(Options.none(), forPrompt: isPrompt)
    session.output = Output()
    session.errors = Output()
    for line in ["start m --port 7000", "m SET a b"] + lines { try session.run(line) }
    return session
  }

  private static func complaint(_ session: inout Session, _ line: String) -> Complaint? {
    do { try session.run(line) } catch { return error as? Complaint }
    return nil
  }

  @Test("At the prompt, `save` and `export` write over no file of somebody else's", arguments: ["save", "export"])
  func refusal(verb: String) throws {
    folder.write("kept.md", "mine")
    let path = folder.path("kept.md")
    var session = try session()
    for line in ["\(verb) \(path)", "\(verb) \(folder.root)/./kept.md", "repeat 2 \(verb) \(path)"] {
      let complaint = try #require(Self.complaint(&session, line), "\(line)")
      #expect(complaint.what.hasSuffix("kept.md: File exists") && complaint.kind == .input, "\(complaint.text)")
      #expect(complaint.advice?.contains("`\(verb) --force \(folder.root)") == true, "\(complaint.text)")
    }
    #expect(folder.read("kept.md") == "mine")
    try session.run("\(verb) --force \(path)")
    #expect(folder.read("kept.md").count > 20)
    // From now on it is the session's own.
    try session.run("m SET a c")
    try session.run("\(verb) \(path)")
  }

  @Test("Its own files it writes again without a word: those that it wrote, the script that it read") func own() throws
  {
    folder.write("my.lab", "start r --port 7001\n")
    var session = try session("source \(folder.path("my.lab"))", "m SET c d", "save \(folder.path("my.lab"))")
    #expect(folder.read("my.lab").contains("m SET c d"))
    for verb in ["save", "export"] {
      let path = folder.path("\(verb).svg")
      try session.run("\(verb) \(path)")
      try session.run("\(verb) \(path)")
    }
    // Nothing is lost of an empty file, nor of a device.
    folder.write("empty.lab", "")
    try session.run("save \(folder.path("empty.lab"))")
    try session.run("save /dev/null")
    // What another sitting has written is not this one's.
    var other = try self.session()
    #expect(Self.complaint(&other, "save \(folder.path("my.lab"))")?.what.hasSuffix("File exists") == true)
  }

  @Test("A script can be run again: it writes over what it wrote, also where it is read at the prompt") func scripts()
    throws
  {
    folder.write("kept.svg", "old")
    _ = try session(forPrompt: false, "export \(folder.path("kept.svg"))")
    #expect(folder.read("kept.svg").hasPrefix("<svg"))
    folder.write("kept.svg", "old")
    folder.write("picture.lab", "export \(folder.path("kept.svg"))\n")
    _ = try session("source \(folder.path("picture.lab"))")
    #expect(folder.read("kept.svg").hasPrefix("<svg"))
  }

  @Test("convert writes a new file, an empty one, or any with --force") func convert() throws {
    let input = Program.root + "/transcripts/fullsync-diskless.pcap"
    folder.write("a.md", "mine")
    let refused = try Program.run(Program.replab, ["convert", input, folder.path("a.md")])
    #expect(refused.status == 3 && folder.read("a.md") == "mine")
    #expect(refused.errors.contains("a.md: File exists\n") && refused.errors.contains("`--force`"), "\(refused.errors)")
    folder.write("empty.hex", "")
    for (name, flags) in [("a.md", ["--force"]), ("new.svg", []), ("empty.hex", [])] {
      let run = try Program.run(Program.replab, ["convert", input, folder.path(name)] + flags)
      #expect(run.status == 0 && folder.read(name).count > 100, "\(name): \(run.errors)")
    }
    // Never the one that is read.
    let itself = try Program.run(
      Program.replab, ["convert", folder.path("a.md"), folder.path("a.md"), "--force"])
    #expect(itself.status == 3 && itself.errors.contains("is the file that is read"), "\(itself.errors)")
  }

  @Test("A person is warned each time that work is to be lost, and leaves by saying it twice in a row") func leaving()
    throws
  {
    var session = try session()
    session.isForPerson = true
    func warnings() -> Int {
      String(decoding: session.output.kept, as: UTF8.self).components(separatedBy: "The lab is not saved").count - 1
    }
    try session.run("quit")
    #expect(!session.isOver && warnings() == 1)
    try session.run("m SET a c")
    try session.run("quit")
    #expect(!session.isOver && warnings() == 2)
    // Ctrl-D comes by no line.
    try session.run("info nodes")
    #expect(!session.mayLeave() && warnings() == 3)
    try session.run("quit")
    #expect(session.isOver && warnings() == 3)
  }
}
