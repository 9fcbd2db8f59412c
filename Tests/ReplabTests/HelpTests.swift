import Foundation
import RealRedis
import Redis
import Testing

@testable import replab

@Suite("The table of verbs") struct HelpTests {
  @Test("Names and short forms are all different") func unique() {
    let names = Verb.all.flatMap { [$0.name] + $0.shorts }
    #expect(Set(names).count == names.count)
  }

  @Test("Every verb that the interface fixes is there")
  func fixed() {
    let names = """
      start stop kill restart pause resume step stepi next finish until continue advance back reverse-continue goto
      branch branches break tbreak watch display delete info print explain choose cut partition heal lag split chunk
      save source history help quit lesson hint skip again
      """.split(whereSeparator: \.isWhitespace).map(String.init)
    for name in names { #expect(Verb.exactly(name) != nil, "\(name)") }
    let shorts = [
      "s": "step", "si": "stepi", "n": "next", "fin": "finish", "u": "until", "c": "continue", "rs": "back",
      "rc": "reverse-continue", "b": "break", "i": "info", "p": "print",
    ]
    for (short, name) in shorts { #expect(Verb.exactly(short)?.name == name, "\(short)") }
  }

  @Test("Help fits 80 columns", arguments: [nil, "all"] + Verb.Family.allCases.map(\.rawValue) + Verb.all.map(\.name))
  func width(verb: String?) throws {
    let help = try Program.lab("help \(verb ?? "")\n")
    #expect(help.status == 0)
    #expect(!help.output.isEmpty)
    for line in help.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
  }

  @Test(
    "In a list of verbs, what each does stands in one column", arguments: ["all"] + Verb.Family.allCases.map(\.rawValue)
  )
  func columns(list: String) throws {
    let help = try Program.lab("help \(list)\n")
    let titles = Verb.Family.allCases.map(\.title)
    // What is wider than its column stands alone.
    let wide = Verb.all.map { "  " + $0.synopsis + ($0.shorts.first.map { " (\($0))" } ?? "") }.filter {
      $0.count >= 34
    }
    for line in help.output.split(separator: "\n").map(String.init) where !(titles + wide).contains(line) {
      #expect(line.dropFirst(33).first == " " && line.dropFirst(34).first?.isWhitespace == false, "\(line)")
    }
  }

  static let shellCommands: [[String]] =
    [[], ["lesson", "open"], ["lesson", "test"]] + Replab.commandNames.map { [$0] }

  @Test("The help of the shell's commands fits 80 columns, and its paragraphs are filled", arguments: shellCommands)
  func shell(command: [String]) throws {
    let help = try Program.run(Program.replab, ["help"] + command, environment: ["COLUMNS": "80"])
    #expect(help.status == 0)
    let lines = help.output.split(separator: "\n", omittingEmptySubsequences: false)
    for line in lines { #expect(line.count <= 80, "\(line)") }
    let overview = lines.prefix { !$0.hasPrefix("USAGE: ") }
    #expect(overview.count > 1)
    for (line, next) in zip(overview, overview.dropFirst()) {
      guard !line.hasPrefix(" "), !line.isEmpty, let word = next.split(separator: " ").first else { continue }
      #expect(line.count + 1 + word.count >= 80, "\(line)\n\(next)")
    }
  }

  @Test(
    "The list of lessons fits a screen of 24 rows, between the line that asks for it and the prompt; its columns are straight"
  )
  func lessonList() throws {
    let names = LessonAtPromptTests.names
    // New to all of them, and with the widest words about one.
    for progress in ["", "the-endless-full-sync: done, 10 of 12\n"] {
      let state = Folder()
      try FileManager.default.createDirectory(atPath: state.path("replab"), withIntermediateDirectories: true)
      state.write("replab/lessons", progress)
      let run = try Program.run(
        Program.replab, [], input: "lesson\n", environment: ["XDG_STATE_HOME": state.root])
      let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      #expect(lines.count <= 22 && lines.count > names.count, "\(run.output)")
      for line in lines { #expect(line.count <= 80, "\(line)") }
      let rows = lines.prefix(names.count)
      let columns = Set(
        rows.map { $0.count - ($0.matches(of: #/  ((?:new|done|[0-9]).*)/#).last?.output.1.count ?? 0) })
      #expect(columns.count == 1, "\(run.output)")
      for (index, row) in rows.enumerated() {
        #expect(row.hasPrefix((index < 9 ? " " : "") + "\(index + 1)  "), "\(row)")
      }
    }
  }

  @Test("So does the help of every command, whose name comes first") func commandWidth() throws {
    var session = try Session(Options.none(), forPrompt: false)
    for command in CommandTable.known.flatMap({ [$0] + $0.subcommands }) where CommandDocs.all[command.name] != nil {
      let name = command.name.replacing("|", with: " ").uppercased()
      session.output = Output()
      try session.run("help \(name)")
      let lines = String(decoding: session.output.kept, as: UTF8.self).split(separator: "\n")
      #expect(lines.first?.hasPrefix(name) == true)
      for line in lines { #expect(line.count <= 80, "\(line)") }
    }
  }

  @Test(
    "A command is explained as redis-cli explains it",
    .enabled(if: RealServer.find("redis-cli") != nil, "redis-cli is not installed"))
  func commands() throws {
    for command in CommandTable.known.flatMap({ [$0] + $0.subcommands })
    // Of these redis-cli has an older account.
    where command.subcommands.isEmpty
      && !["bitfield", "bitfield_ro", "migrate", "replicaof", "slaveof"].contains(command.name)
    {
      let name = command.name.replacing("|", with: " ").uppercased()
      let docs = try #require(CommandDocs.all[command.name])
      let told = String(
        decoding: try Tool.run("redis-cli", ["help"] + name.split(separator: " ").map(String.init)), as: UTF8.self)
      let first = told.split(whereSeparator: \.isNewline).first.map {
        $0.replacing(/\u{1b}\[[0-9;]*m/, with: "").drop { $0 == " " }
      }
      #expect(first.map(String.init)?.trimmingSuffix == (name + " " + docs.syntax).trimmingSuffix)
    }
    let help = try Program.lab("help spop\nhelp CONFIG SET\nhelp SAVE\nhelp module\nhelp SENTINEL CKQUORUM\n").output
    #expect(help.contains("SENTINEL CKQUORUM master-name\n  Check for a Sentinel quorum\n"))
    #expect(help.contains("SPOP key [count]\n  Remove and return one or multiple random members from a set\n"))
    #expect(help.contains("CONFIG SET parameter value [parameter value ...]\n"))
    #expect(help.contains("SAVE\n  Synchronously save the dataset to disk\n"))
    #expect(help.contains("The lab does not simulate it.\n"))
  }

  @Test("An example begins with its verb", arguments: Verb.all.map(\.name))
  func example(verb: String) throws {
    let words = try Words.split(try #require(Verb.exactly(verb)).example)
    #expect(words.first?.text == verb)
  }

  @Test("A verb may be cut short where that is no other") func prefixes() {
    #expect(Verb.beginning(with: "cont")?.name == "continue")
    #expect(Verb.beginning(with: "st") == nil)
  }
}

extension String {
  /// Without blanks at its end.
  fileprivate var trimmingSuffix: String { String(reversed().drop { $0 == " " }.reversed()) }
}
