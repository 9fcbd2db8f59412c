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

  @Test("So does the list of lessons") func lessonWidth() throws {
    let lines = try Program.lab("lesson\n").output.split(separator: "\n")
    #expect(lines.count > 30)
    for line in lines { #expect(line.count <= 80, "\(line)") }
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
