import Foundation
import RealRedis
import Redis
import Testing

@Suite struct ConfigurationTests {
  @Test func readsAFileAsRedisDoes() throws {
    var configuration = Configuration()
    try configuration.read(
      """
      # a comment
        port 7000
      REPLICAOF 127.0.0.1 7001
      save 100 1
      save 10 20 30 40
      masterauth "se\\"cr\\x65t"
      repl-backlog-size 2mb
      slave-read-only no
      client-output-buffer-limit replica 1gb 0 0 normal 1 2 3
      dbfilename ''
      """)
    #expect(configuration.port == 7000)
    #expect(configuration.replicaof == Address(host: "127.0.0.1", port: 7001))
    #expect(configuration.save.map(\.seconds) == [100, 10, 30])
    #expect(configuration.masterauth == "se\"cret")
    #expect(configuration.replBacklogSize == 2 << 20)
    #expect(!configuration.replicaReadOnly)
    #expect(configuration.clientOutputBufferLimits.replica.hard == 1 << 30)
    #expect(configuration.clientOutputBufferLimits.normal.softSeconds == 3)
    #expect(configuration.dbfilename == "")
  }

  @Test(arguments: [
    (["--port", "7000"], "port", "7000"), (["--port 7000"], "port", "7000"),
    (["--replicaof", "127.0.0.1 7000"], "replicaof", "127.0.0.1 7000"),
    (["--replicaof", "127.0.0.1", "7000"], "replicaof", "127.0.0.1 7000"),
    (["--save", ""], "save", ""), (["--save", "--port", "1"], "save", ""), (["--save"], "save", ""),
    (["--save", "60 1"], "save", "60 1"), (["--save", "60", "1", "--save", "70", "2"], "save", "60 1 70 2"),
    (["--masterauth", "--secret"], "masterauth", "--secret"), (["--maxmemory", "1k"], "maxmemory", "1000"),
    (["--unixsocketperm", "700"], "unixsocketperm", "700"), (["--maxmemory-clients", "5%"], "maxmemory-clients", "5%"),
    (["--hz", "1000"], "hz", "500"), (["--shutdown-on-sigterm", "nosave now"], "shutdown-on-sigterm", "nosave now"),
    (["--notify-keyspace-events", "KEA"], "notify-keyspace-events", "AKE"),
    (["--bind", "1.2.3.4 ::1"], "bind", "1.2.3.4 ::1"),
  ])
  func readsArgumentsAsRedisServerDoes(arguments: [String], directive: String, value: String) throws {
    var configuration = Configuration()
    try configuration.read(arguments: arguments)
    #expect(DirectiveTable.find(directive)?.get(configuration) == value)
  }

  @Test func theManualNamesTheDirectivesThatDoSomething() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../../docs/CONFIGURATION.md"
    let manual = try String(contentsOfFile: path, encoding: .utf8)
    let rows = manual.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { $0.split(separator: "|")[0] }
    let named = rows.flatMap { $0.split(separator: "`").map { String($0) } }.filter { DirectiveTable.find($0) != nil }
    #expect(named.sorted() == DirectiveTable.all.filter(\.hasEffect).map(\.name).sorted())
    let list = try #require(manual.components(separatedBy: "## Without effect\n").last)
    let idle = list.split(separator: "`").map { String($0) }.filter { DirectiveTable.find($0) != nil }
    #expect(idle == DirectiveTable.all.filter { !$0.hasEffect }.map(\.name).sorted())
  }

  @Test func includesWhatItIsGiven() throws {
    var configuration = Configuration()
    try configuration.read("include a.conf\nport 2") { $0 == "a.conf" ? "port 1\nhz 20" : nil }
    #expect(configuration.port == 2)
    #expect(configuration.hz == 20)
    #expect(throws: ConfigurationError.self) { try configuration.read("include b.conf") }
  }

  static let mistakes = [
    "xyz", "xyz 1", "port", "port 1 2", "port x", "port 70000", "daemonize maybe", "appendfsync sometimes",
    "maxmemory 1x",
    "maxmemory-clients x%", "maxmemory-clients 101%", "unixsocketperm 999", "unixsocketperm 1000", "replicaof",
    "replicaof a",
    "replicaof a b", "replicaof a 70000", "save 1", "save 0 1", "save a b", "client-output-buffer-limit normal",
    "client-output-buffer-limit nobody 1 2 3", "client-output-buffer-limit normal 1x 2 3", "dbfilename a/b",
    "appendfilename ''", "oom-score-adj-values 1 2", "oom-score-adj-values 1 2 9999", "notify-keyspace-events Q",
    "latency-tracking-info-percentiles x", "latency-tracking-info-percentiles nan",
    "latency-tracking-info-percentiles 1e-400", "latency-tracking-info-percentiles inf",
    "latency-tracking-info-percentiles 101", "shutdown-on-sigterm save nosave",
    "shutdown-on-sigterm x", "port \"1", "include", "rename-command a", "rename-command nosuch x",
    "rename-command get SET",
    "proc-title-template {x}", "proc-title-template ''", "activedefrag yes", "user", "sentinel a",
    "databases 0", "repl-timeout 0", "hash-max-listpack-value -1", "proto-max-bulk-len 1k", "loadmodule",
    "cluster-announce-hostname a_b", "maxclients 0", "tcp-backlog -1", "list-max-listpack-size x", "a.b",
  ]

  @Test(.enabled(if: RealServer.isInstalled, "redis-server is not installed"), arguments: mistakes)
  func complainsAsRedisDoes(line: String) throws {
    let text = "port 0\n\n# comment\n   \(line)   \nport 0\n"
    var configuration = Configuration()
    var complaint = ""
    do { try configuration.read(text) } catch { complaint = "\n\(error)\n" }

    let program = try #require(RealServer.find("redis-server"))
    // A server that likes its configuration would run on.
    let said = try Tool.withFile(Array(text.utf8), suffix: ".conf") { path in
      try runProgram("/usr/bin/timeout", ["20", program, path, "--port", "0", "--unixsocket", path + ".sock"]).output
    }
    #expect(complaint == said)
  }
}
