import RealRedis
import Redis
import Testing

/// The same commands to a real redis-server and to a node.
@Suite(.serialized, .enabled(if: RealServer.isInstalled, "redis-server is not installed"))
struct OracleCommandTests {
  private func debugConfiguration() throws -> Configuration {
    var configuration = Configuration()
    try configuration.set("enable-debug-command", "yes")
    return configuration
  }

  @Test(arguments: [2, 3], [1, 2, 3, 4, 5, 6] as [UInt64])
  func randomScriptsGetTheSameRepliesAndTheSameData(version: Int, seed: UInt64) throws {
    let server = try RealServer(["--enable-debug-command", "yes"])
    let socket = try Socket(port: server.port)
    var client = NodeClient(try debugConfiguration(), at: realNow())
    let connection = client.connect()
    var script = RandomScript(seed: seed)
    // When a server looks for expired keys by itself is a matter of time; until it does, DBSIZE counts them.
    var commands = [["DEBUG", "SET-ACTIVE-EXPIRE", "0"].map { Array($0.utf8) }]
    if version == 3 { commands.append([Array("HELLO".utf8), Array("3".utf8)]) }
    for _ in 0..<1_500 { commands.append(script.command()) }
    for (step, command) in commands.enumerated() {
      client.now = max(client.now, realNow())
      client.advance(by: .zero)
      let expected = try socket.command(command)
      let given = client.command(command, on: connection)
      // The answer to HELLO has the client's number in it.
      if given == expected || step == 1 && version == 3 { continue }
      Issue.record(
        """
        command \(step): \(command.map { shown($0) }.joined(separator: " "))
        redis: \(shown(expected))
        node:  \(shown(given))
        """)
      return
    }
    let digest = [Array("DEBUG".utf8), Array("DIGEST".utf8)]
    _ = try socket.command([Array("DISCARD".utf8)])
    _ = client.command("DISCARD", on: connection)
    #expect(client.command(digest, on: connection) == (try socket.command(digest)))
  }

  @Test func configGetShowsTheSameDirectivesWithTheSameDefaults() throws {
    let server = try RealServer()
    let socket = try Socket(port: server.port)
    let real = pairs(try socket.command(["CONFIG", "GET", "*"].map { Array($0.utf8) }))
    var client = NodeClient()
    let connection = client.connect()
    let ours = pairs(client.command(["CONFIG", "GET", "*"].map { Array($0.utf8) }, on: connection))
    #expect(Set(real.keys).subtracting(ours.keys) == [])
    #expect(Set(ours.keys).subtracting(real.keys) == [])
    // What the test's server was started with.
    let given: Set = ["port", "dir", "save", "bind", "logfile", "pidfile", "daemonize", "enable-debug-command"]
    for (name, value) in real where !given.contains(name) { #expect(ours[name] == value, "\(name)") }
  }

  /// The strings of a flat array of bulk strings, two by two.
  private func pairs(_ reply: [UInt8]) -> [String: String] {
    let lines = String(decoding: reply, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
    var values: [String] = []
    var index = 1
    while index + 1 < lines.count {
      values.append(String(lines[index + 1]))
      index += 2
    }
    return Dictionary(
      uniqueKeysWithValues: stride(from: 0, to: values.count - 1, by: 2).map { (values[$0], values[$0 + 1]) })
  }

  /// A port that moves, a folder, the machine's limits and its memory are no matter of words.
  private static let ofTheMachine: Set = [
    "port", "bind", "dir", "maxclients", "oom-score-adj", "oom-score-adj-values", "bind-source-addr", "watchdog-period",
  ]

  @Test(arguments: [
    "0", "1", "-1", "5", "10", "100", "16383", "70000", "1kb", "3mb", "9223372036854775807", "9223372036854775808",
    "5%",
    "yes", "NO", "local", "", "x", "a/b", "save nosave", "60 1", "0.5 100.0 99.999",
  ])
  func configSetSaysTheSameOfEachDirective(value: String) throws {
    let server = try RealServer()
    let socket = try Socket(port: server.port)
    var configuration = Configuration()
    try configuration.set("save", "")
    var client = NodeClient(configuration)
    let connection = client.connect()
    for directive in DirectiveTable.all where !Self.ofTheMachine.contains(directive.name) {
      for question in [["CONFIG", "SET", directive.name, value], ["CONFIG", "GET", directive.name]] {
        let command = question.map { Array($0.utf8) }
        let given = client.command(command, on: connection)
        let expected = try socket.command(command)
        if directive.flags.contains(.immutable), question[1] == "GET" { continue }
        #expect(shown(given) == shown(expected), "\(question)")
      }
      // Whoever needs a password now has one.
      if directive.name == "requirepass" {
        let login = ["CONFIG", "SET", "requirepass", ""].map { Array($0.utf8) }
        #expect(shown(client.command(login, on: connection)) == shown(try socket.command(login)))
      }
    }
  }

  @Test("Numbers that are too small, flags of events, names and titles are taken as a real server takes them")
  func edges() throws {
    let server = try RealServer(["--enable-debug-command", "yes"])
    let socket = try Socket(port: server.port)
    var client = NodeClient(try debugConfiguration())
    let connection = client.connect()
    let numbers = [
      "1e-5000", "0e5", "0x0p1", "0x1p-20000", "-0.0", "1e-4940", "1e-4960", "0e-9999", "0x.0", "-1e-9999",
    ]
    let events = ["An", "Kn", "Kg$lshzxetdmn", "KEAn", "n", "nK", "Am", "KEA", ""]
    let titles = ["{title}", " ", "{title} ", "{{", "x", "", "{title} {unixsocket}", "{port}", "{nosuch}"]
    let commands =
      numbers.flatMap {
        [["INCRBYFLOAT", "q", $0], ["HINCRBYFLOAT", "h", "f", $0], ["SET", "s", $0], ["INCRBYFLOAT", "s", "1"]]
      }
      + events.flatMap {
        [["CONFIG", "SET", "notify-keyspace-events", $0], ["CONFIG", "GET", "notify-keyspace-events"]]
      }
      + titles.map { ["CONFIG", "SET", "proc-title-template", $0] }
      + [
        ["CONFIG", "GET", "HZ"], ["CONFIG", "GET", "Slave-Priority"], ["CONFIG", "GET", "HZ", "hz"],
        ["CONFIG", "GET", "H[zZ]"], ["FOO", "a\0b", "c"], ["FO\0O", "\0", "d"], ["OBJECT", "no\0such", "x"],
        ["DEBUG", "ERROR", "ERR a"], ["DEBUG", "ERROR", "b\r\nc\0d"], ["INFO", "errorstats"],
      ]
    for command in commands.map({ $0.map { Array($0.utf8) } }) {
      let (expected, given) = (try socket.command(command), client.command(command, on: connection))
      #expect(shown(given) == shown(expected), "\(command.map { shown($0) })")
    }
  }

  @Test(arguments: ["2", "3"]) func commandInfoSaysTheSameOfEachCommand(version: String) throws {
    let server = try RealServer()
    let socket = try Socket(port: server.port)
    var client = NodeClient()
    let connection = client.connect()
    let hello = ["HELLO", version].map { Array($0.utf8) }
    _ = (try socket.command(hello), client.command(hello, on: connection))
    let count = ["COMMAND", "COUNT"].map { Array($0.utf8) }
    #expect(shown(client.command(count, on: connection)) == shown(try socket.command(count)))
    for command in CommandTable.known where command.subcommands.isEmpty {
      for name in [command.name] {
        let question = ["COMMAND", "INFO", name].map { Array($0.utf8) }
        let expected = try socket.command(question)
        let given = client.command(question, on: connection)
        #expect(shown(given) == shown(expected))
      }
    }
    for command in CommandTable.known {
      for subcommand in command.subcommands {
        let question = ["COMMAND", "INFO", subcommand.name].map { Array($0.utf8) }
        #expect(shown(client.command(question, on: connection)) == shown(try socket.command(question)))
      }
    }
  }

  @Test("HELP of each command that has it says what a server's says", arguments: ["2", "3"])
  func help(version: String) throws {
    let server = try RealServer(["--enable-debug-command", "yes"])
    let socket = try Socket(port: server.port)
    var client = NodeClient(try debugConfiguration())
    let connection = client.connect()
    let hello = ["HELLO", version].map { Array($0.utf8) }
    _ = (try socket.command(hello), client.command(hello, on: connection))
    let names = CommandTable.known.filter { command in
      command.name == "debug" || command.subcommands.contains { $0.name == "\(command.name)|help" && $0.body != nil }
    }.map(\.name)
    #expect(
      names.sorted() == [
        "acl", "client", "command", "config", "debug", "function", "latency", "memory", "object", "pubsub", "script",
        "slowlog", "xgroup", "xinfo",
      ])
    for question in names.flatMap({ [[$0, "HELP"], [$0, "help", "x"]] }) {
      let command = question.map { Array($0.utf8) }
      #expect(
        shown(client.command(command, on: connection)) == shown(try socket.command(command)), "\(question)")
    }
  }

  @Test func infoHasTheSameFieldsInTheSameOrder() throws {
    let server = try RealServer()
    let socket = try Socket(port: server.port)
    var client = NodeClient()
    let connection = client.connect()
    for section in ["default", "server", "clients", "memory", "persistence", "stats", "replication", "cpu", "cluster"] {
      let question = ["INFO", section].map { Array($0.utf8) }
      func fields(_ reply: [UInt8]) -> [String] {
        String(decoding: reply, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false).dropFirst()
          .map { String($0.prefix { $0 != ":" }) }
      }
      #expect(fields(client.command(question, on: connection)) == fields(try socket.command(question)), "\(section)")
    }
  }
}
