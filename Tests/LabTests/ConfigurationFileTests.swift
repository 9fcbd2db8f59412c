import Redis
import Testing

@testable import Lab

@Suite("A node that was started from a file") struct ConfigurationFileTests {
  private static let file = ConfigurationFile(name: "m.conf", bytes: Array("port 7000\ntimeout 3\nsave \"\"\n".utf8))

  private struct Lab {
    var world = World(seed: 1)

    mutating func start(_ file: ConfigurationFile = ConfigurationFileTests.file, _ arguments: String...) throws {
      _ = try world.apply(.start(node: "m", Launch(file: file, arguments: arguments)))
    }

    @discardableResult
    mutating func command(_ line: String) throws -> String {
      let arguments = line.split(separator: " ").map { Array($0.utf8) }
      return String(decoding: try world.apply(.command(node: "m", arguments: arguments)).reply ?? [], as: UTF8.self)
    }

    /// The directive's line in the file on the node's disk.
    func line(_ name: String) -> String? {
      String(decoding: world.machine("m")?.disk.contents["m.conf"] ?? [], as: UTF8.self)
        .split(separator: "\n").first { $0.hasPrefix(name + " ") }.map(String.init)
    }

    var timeout: Int64? { world.machine("m")?.node?.configuration.timeout }
  }

  @Test(
    "is what the file says now when it starts again, whatever ended it",
    arguments: [Action.stop(node: "m"), .kill(node: "m"), .cutPower(node: "m")])
  func restarts(end: Action) throws {
    var lab = Lab()
    try lab.start()
    try lab.command("CONFIG SET timeout 9")
    #expect(try lab.command("CONFIG REWRITE") == "+OK\r\n")
    try lab.command("CONFIG SET timeout 10")
    _ = try lab.world.apply(end)
    _ = try lab.world.apply(.restart(node: "m"))
    #expect(lab.timeout == 9)
    #expect(lab.line("timeout") == "timeout 9")
  }

  @Test("takes the command line's directives after the file's, each time") func commandLine() throws {
    var lab = Lab()
    try lab.start(Self.file, "--timeout", "4")
    try lab.command("CONFIG SET timeout 9")
    try lab.command("CONFIG REWRITE")
    #expect(lab.line("timeout") == "timeout 9")
    _ = try lab.world.apply(.stop(node: "m"))
    _ = try lab.world.apply(.restart(node: "m"))
    #expect(lab.timeout == 4)
  }

  @Test("keeps the file that it has written until another one is given") func givenAgain() throws {
    var lab = Lab()
    try lab.start()
    try lab.command("CONFIG SET timeout 9")
    try lab.command("CONFIG REWRITE")
    _ = try lab.world.apply(.stop(node: "m"))
    try lab.start()
    #expect(lab.timeout == 9)
    _ = try lab.world.apply(.stop(node: "m"))
    try lab.start(ConfigurationFile(name: "m.conf", bytes: Array("port 7000\ntimeout 5\n".utf8)))
    #expect(lab.timeout == 5)
  }

  @Test("writes down whom it follows, and that it follows nobody any more") func master() throws {
    var lab = Lab()
    try lab.start()
    try lab.command("REPLICAOF 127.0.0.1 7001")
    try lab.command("CONFIG REWRITE")
    #expect(lab.line("replicaof") == "replicaof 127.0.0.1 7001")
    _ = try lab.world.apply(.kill(node: "m"))
    _ = try lab.world.apply(.restart(node: "m"))
    #expect(lab.world.machine("m")?.node?.replication.master == Address(host: "127.0.0.1", port: 7001))
    try lab.command("REPLICAOF NO ONE")
    try lab.command("CONFIG REWRITE")
    #expect(lab.line("replicaof") == nil)
  }

  @Test("After FAILOVER each node writes down its new place") func failover() throws {
    var lab = Lab()
    try lab.start()
    _ = try lab.world.apply(
      .start(node: "r", Launch(arguments: ["--port", "7001", "--replicaof", "127.0.0.1 7000"])))
    func pass() throws {
      let end = lab.world.now + .seconds(8)
      while let next = lab.world.nextEventTime, next <= end { _ = try lab.world.apply(.next) }
      _ = try lab.world.apply(.advance(to: end))
    }
    try pass()
    #expect(try lab.command("FAILOVER") == "+OK\r\n")
    try pass()
    try lab.command("CONFIG REWRITE")
    #expect(lab.line("replicaof") == "replicaof 127.0.0.1 7001")
  }

  @Test("is refused without a trace where an included file is missing") func includes() throws {
    var lab = Lab()
    let file = ConfigurationFile(name: "m.conf", bytes: Array("include a.conf\nport 7000\n".utf8))
    let before = lab.world
    let failure = #expect(throws: LabError.self) { try lab.start(file) }
    #expect(failure?.what == "m.conf: Fatal error, can't open config file 'a.conf': No such file or directory")
    #expect(lab.world == before)
    var launch = Launch(file: file, arguments: [])
    launch.others = [ConfigurationFile(name: "a.conf", bytes: Array("timeout 8\n".utf8))]
    _ = try lab.world.apply(.start(node: "m", launch))
    #expect(lab.timeout == 8)
    try lab.command("CONFIG REWRITE")
    #expect(lab.line("include") == "include a.conf")
    #expect(lab.line("timeout") == "timeout 8")
  }
}
