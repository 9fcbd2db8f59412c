import Foundation
import Hostile
import Testing
import Views

@testable import replab

/// What the help and the manual offer can be typed: each form of each verb and of each command, at least once.
@Suite("Each form that help shows is understood") struct FormTests {
  /// Something sensible for each placeholder of a synopsis.
  private static let sensible: [String: [String]] = [
    "N": ["1"], "M": ["2"], "SIZE": ["10"], "DURATION": ["1s"], "RANGE": ["0-15"], "FROM-TO": ["1-5"],
    "LINK": ["1", "r m"],
    "NODE": ["m"], "ADDRESS": ["10.0.0.5"], "EXPR": ["m.keys = 1"], "SPEC": ["set"], "TOPIC": ["replid"],
    "VERB": ["step"], "PORT": ["7003"],
    "DATE": ["2023-06-09T13:26:20Z"], "VALUE": ["1033936"], "--directive": ["--port 7005"], "COMMAND": ["m PING"],
    "LINE": ["m PING"], "FILTER": ["'port 7000'"],
  ]

  /// What stands for a placeholder whose meaning is its verb's own.
  private static func values(_ placeholder: String, _ verb: String) -> [String] {
    switch (verb, placeholder) {
    case ("start", "NAME"): ["t"]
    case ("view", "NAME"): View.allCases.map(\.rawValue)
    case ("lesson", "NAME"), ("skip", _): ["1"]
    case ("info", "WHAT"): InfoTopic.all.map(\.name)
    case ("fix", "WHAT"): ["used-memory"]
    case (_, "NAME"): ["m"]
    default: sensible[placeholder] ?? [placeholder]
    }
  }

  /// Every line that a synopsis stands for: with and without what is optional, with each choice.
  private static func forms(_ arguments: String, _ verb: String) -> [String] {
    HostileLines.parts(of: arguments).reduce([verb]) { lines, part in
      lines.flatMap { line in expand(part, verb).map { $0.isEmpty ? line : line + " " + $0 } }
    }
  }

  private static func expand(_ part: String, _ verb: String) -> [String] {
    if part.hasPrefix("["), part.hasSuffix("]") {
      let inner = HostileLines.parts(of: String(part.dropFirst().dropLast()))
      let all = inner.reduce([""]) { lines, part in
        lines.flatMap { line in expand(part, verb).map { line.isEmpty ? $0 : line + " " + $0 } }
      }
      return [""] + all
    }
    if part.contains("|") { return part.split(separator: "|").flatMap { expand(String($0), verb) } }
    if part == "…" { return [""] }
    if part.hasSuffix("…") { return expand(String(part.dropLast()), verb).flatMap { [$0, $0 + " " + $0] } }
    return values(part, verb)
  }

  /// A lab in which most things can be done: a link with something in flight, a message that was delivered, a breakpoint.
  private static func lab() throws -> Session {
    try session(HostileLines.beginning + ["break fullresync", "m SET k 2", "stepi"])
  }

  private static func recording() throws -> Session {
    try session(["replay \(Program.root)/transcripts/fullsync-diskless.pcap", "step 12"])
  }

  private static func session(_ lines: [String]) throws -> Session {
    var session = try Session(Options.none(), forPrompt: false)
    session.output = Output()
    session.errors = Output()
    for line in lines { try session.run(line) }
    return session
  }

  /// Those that touch files or need a terminal have tests of their own.
  private static let elsewhere = ["save", "export", "source", "replay", "web", "explore"]

  @Test(
    "In a lab and in a recording, by every verb", arguments: Verb.all.map(\.name).filter { !elsewhere.contains($0) })
  func verb(name: String) throws {
    let verb = try #require(Verb.exactly(name))
    let (lab, recording) = (try Self.lab(), try Self.recording())
    for line in Set(Self.forms(verb.arguments, name) + [verb.example]).sorted() {
      for (session, place) in [(lab, "a lab"), (recording, "a recording")] {
        var session = session
        session.output = Output()
        do {
          try session.run(line)
        } catch let complaint as Complaint {
          // It may not be the time for it; but its form is right.
          #expect(!complaint.text.contains("does not understand"), "\(line), in \(place): \(complaint.text)")
          #expect([1, 2, 3].contains(complaint.kind.exitStatus))
        }
      }
    }
  }

  // MARK: The program's own commands

  private static let commands = Replab.configuration.subcommands.map { $0._commandName }

  @Test("Every command explains itself", arguments: commands)
  func help(command: String) throws {
    for form in [[command, "--help"], ["help", command], [command, "-h"]] {
      let outcome = try Program.run(Program.replab, form)
      #expect(outcome.status == 0, "\(form): \(outcome.errors)")
      #expect(outcome.output.contains("USAGE: "))
    }
  }

  /// The lines of help, README and documents that begin with `$ replab`.
  private static func examples() throws -> Set<String> {
    var texts = try commands.map { try Program.run(Program.replab, [$0, "--help"]).output }
    for document in DocumentTests.documents {
      texts.append(try String(contentsOfFile: Program.root + "/" + document, encoding: .utf8))
    }
    let lines = texts.flatMap { $0.components(separatedBy: "\n") }.map { $0.trimmingCharacters(in: .whitespaces) }
    // What an example does stands behind it, after two blanks at least.
    return Set(
      lines.filter { $0.hasPrefix("$ replab ") }.map { line in
        String(line.dropFirst(9)).components(separatedBy: "  ")[0]
      })
  }

  @Test("Every example of a command line runs as its help says") func commandLines() throws {
    let folder = Folder()
    let manager = FileManager.default
    let transcripts = Program.root + "/transcripts"
    try manager.createSymbolicLink(atPath: folder.path("transcripts"), withDestinationPath: transcripts)
    for name in ["sync.pcap", "monday.pcap", "tuesday.pcap"] {
      try manager.copyItem(atPath: transcripts + "/fullsync-diskless.pcap", toPath: folder.path(name))
    }
    _ = try Program.run(
      Program.replab, ["inspect", folder.path("sync.pcap"), "--restore", folder.path("dump.rdb")])
    // What one example writes, no other writes over.
    let given = try manager.contentsOfDirectory(atPath: folder.root)
    let examples = try Self.examples()
    #expect(examples.count >= 10)
    for example in examples.sorted() where !example.hasPrefix("lesson test --against") && !example.hasPrefix("web") {
      for name in try manager.contentsOfDirectory(atPath: folder.root) where !given.contains(name) {
        try manager.removeItem(atPath: folder.path(name))
      }
      let line = "cd '\(folder.root)' && '\(Program.replab)' \(example)"
      // A shell reads it, as a person's would.
      let outcome = try Program.run("/bin/sh", ["-c", line])
      #expect([0, 1].contains(outcome.status), "replab \(example): \(outcome.status) \(outcome.errors)")
    }
  }
}
