import RealRedis
import Testing

@testable import Redis

/// What DEBUG and CONFIG do to a whole server, told by a real one.
@Suite(
  "Loading anew, and listening elsewhere", .enabled(if: RealServer.isInstalled, "redis-server is not installed"),
  .serialized)
struct DebugLoadingTests {
  private static func configuration(_ server: RealServer, _ directives: [String]) throws -> Configuration {
    var configuration = Configuration()
    try configuration.read(arguments: ["--save", ""] + directives + ["--port", "\(server.port)"])
    return configuration
  }

  /// The lines of a log without their times.
  private static func words(_ log: some StringProtocol) -> [String] {
    log.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: " ", maxSplits: 6)
      return parts.count == 7 ? String(parts[6]) : nil
    }
  }

  private static let said = ["reloaded", "loaded by DEBUG", "CRITICAL", "listening socket", "Failed", "duplicated"]

  struct Script: Sendable, CustomTestStringConvertible {
    var about: String
    var directives: [String] = []
    var files: [String: [UInt8]] = [:]
    var commands: [[String]]
    var testDescription: String { about }
  }

  private static func lines(_ lines: String...) -> [[String]] {
    lines.map { $0.split(separator: " ").map(String.init) }
  }

  private static func file(_ commands: [[String]]) -> [UInt8] {
    commands.flatMap { encode($0.map { Array($0.utf8) }) }
  }

  static let scripts = [
    Script(
      about: "DEBUG RELOAD, with each option",
      commands: lines(
        "SET a 1", "SET b 2", "DEBUG RELOAD", "GET a", "SET a 2", "SET d 1", "DEBUG RELOAD NOSAVE", "GET a", "GET d",
        "SAVE", "SET a 3", "SET c 3", "DEBUG RELOAD nosave noflush merge", "GET a", "GET c",
        "DEBUG RELOAD MERGE NOFLUSH", "DEBUG RELOAD NOSAVE x", "DEBUG DIGEST", "DBSIZE")),
    Script(
      about: "keys that are watched over a load", directives: ["--appendonly", "yes"],
      commands: lines(
        "SET a 1", "WATCH a", "DEBUG RELOAD", "MULTI", "GET a", "EXEC", "WATCH b", "DEBUG RELOAD", "MULTI", "GET a",
        "EXEC",
        "WATCH a", "DEBUG LOADAOF", "MULTI", "GET a", "EXEC", "WATCH a", "DEBUG RELOAD NOSAVE NOFLUSH MERGE", "MULTI",
        "GET a", "EXEC")),
    Script(
      about: "DEBUG RELOAD NOSAVE without a snapshot",
      commands: lines("SET a 1", "DEBUG RELOAD NOSAVE", "DBSIZE", "DEBUG RELOAD", "DBSIZE")),
    Script(
      about: "DEBUG LOADAOF", directives: ["--appendonly", "yes"],
      commands: lines(
        "SET a 1", "INCR a", "DEBUG LOADAOF", "GET a", "SET b 1", "MULTI", "SET c 1", "DEL a", "EXEC",
        "DEBUG LOADAOF", "DEBUG DIGEST", "SET d 1", "DEBUG LOADAOF", "DBSIZE")),
    Script(
      about: "commands of an append-only file that fail", directives: ["--appendonly", "yes"],
      files: [
        "appendonlydir/appendonly.aof.manifest": Array("file appendonly.aof.1.incr.aof seq 1 type i\n".utf8),
        "appendonlydir/appendonly.aof.1.incr.aof": file(
          lines(
            "SELECT 0", "SET a x", "INCR a", "MULTI", "SET b 1", "INCR a", "EXEC", "SET c 1", "RENAME nix y",
            "SELECT 99", "DEL c")),
      ], commands: lines("DBSIZE", "DEBUG LOADAOF", "DEBUG DIGEST")),
    Script(
      about: "addresses that are not of this machine",
      commands: lines("CONFIG SET bind 192.0.2.1", "CONFIG SET bind 2001:db8::1") + [
        ["CONFIG", "SET", "bind", "127.0.0.1 -192.0.2.1"], ["CONFIG", "SET", "bind", "192.0.2.7 127.0.0.1"],
        ["CONFIG", "GET", "bind"],
      ]),
    Script(
      about: "watchdog-period, put right",
      commands: lines(
        "CONFIG SET watchdog-period 1", "CONFIG GET watchdog-period", "CONFIG SET watchdog-period 5000",
        "CONFIG GET watchdog-period", "CONFIG SET hz 100 watchdog-period 3", "CONFIG GET watchdog-period",
        "CONFIG SET watchdog-period 0", "CONFIG GET watchdog-period")),
    Script(
      about: "DEBUG RESTART with a time that is none",
      commands: lines("DEBUG RESTART x", "DEBUG CRASH-AND-RECOVER 99999999999999999999", "CONFIG REWRITE")),
  ]

  @Test("A node says and does what a real server says and does", arguments: scripts) func same(script: Script) throws {
    let directives = script.directives + ["--enable-debug-command", "yes"]
    let server = try RealServer(directives, files: script.files)
    var node = NodeClient(try Self.configuration(server, directives), files: script.files)
    let (connection, real) = (node.connect(), try Socket(port: server.port))
    let counted = [["INFO", "stats"], ["INFO", "errorstats"]]
    for command in script.commands + counted {
      let words = command.map { Array($0.utf8) }
      let expected = String(decoding: try real.command(words), as: UTF8.self)
      let reply = String(decoding: node.command(words, on: connection), as: UTF8.self)
      if command[0] == "INFO" {
        #expect(Self.errors(reply) == Self.errors(expected))
      } else {
        #expect(reply == expected, "\(command)")
      }
    }
    let expected = Self.words(server.log).filter { line in Self.said.contains { line.contains($0) } }
    let lines = node.takeEffects().compactMap { if case .log(let entry) = $0 { entry.text } else { nil } }
    #expect(lines.filter { line in Self.said.contains { line.contains($0) } } == expected)
  }

  /// What INFO counts of errors, but for those that a server told whoever waited for it to have loaded.
  private static func errors(_ info: String) -> [String] {
    info.split(separator: "\r\n").filter { $0.hasPrefix("errorstat_ERR:") || $0.hasPrefix("unexpected_error") }.map(
      String.init
    ).sorted()
  }

  @Test(
    "A server that can't listen ends, in these words",
    arguments: ["192.0.2.1", "-192.0.2.1", "127.0.0.1 192.0.2.1", "2001:db8::1"])
  func cannotListen(address: String) throws {
    var configuration = Configuration()
    try configuration.read("bind \(address)\nport 7999")
    var node = NodeClient(configuration)
    #expect(node.node.hasExited)
    let effects = node.takeEffects()
    #expect(effects.contains(.exit(code: 1)))
    #expect(effects.allSatisfy { if case .listen = $0 { false } else { true } })
    // A real server ends before it could be asked; what it logs is read from where it said so.
    let failure = #expect(throws: RealServerError.self) {
      _ = try RealServer(["--save", "", "--port", "7999", "--bind", address], program: "redis-server")
    }
    let real = Self.words(failure?.description ?? "").suffix(2).map { Self.withoutPort($0) }
    let said = effects.compactMap { if case .log(let entry) = $0 { entry.text } else { nil } }.suffix(2)
    #expect(said.map { Self.withoutPort($0) } == real)
  }

  private static func withoutPort(_ line: String) -> String { line.replacing(/[0-9]+[: ]\(?|:[0-9]+:/, with: "") }

  @Test("Where a command of the append-only file fails, propagation-error-behavior panic ends the process")
  func panics()
    throws
  {
    var configuration = Configuration()
    try configuration.set("appendonly", "yes")
    try configuration.set("propagation-error-behavior", "panic")
    var node = NodeClient(
      configuration,
      files: [
        "appendonlydir/appendonly.aof.manifest": Array("file appendonly.aof.1.incr.aof seq 1 type i\n".utf8),
        "appendonlydir/appendonly.aof.1.incr.aof": Self.file(Self.lines("SELECT 0", "SET a x", "INCR a")),
      ])
    #expect(node.node.hasExited)
    let effects = node.takeEffects()
    #expect(effects.filter { if case .exit = $0 { true } else { false } } == [.exit(code: 134)])
    #expect(
      effects.contains {
        if case .log(let entry) = $0 {
          entry.text.contains(
            "This server panicked sending an error to its AOF-loading-client after processing the command 'incr'")
        } else {
          false
        }
      })
  }
}
