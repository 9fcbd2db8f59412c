import RealRedis
import Redis
import Testing

/// What a real server refuses to start with.
@Suite(.enabled(if: RealServer.isInstalled, "redis-server is not installed"))
struct StartRefusalTests {
  @Test(arguments: [
    ["--port", "0"], ["--tls-port", "7998"], ["--tls-replication", "yes"], ["--tls-cluster", "yes"],
    ["--tls-port", "7998", "--tls-cert-file", "/nosuch.crt"],
    ["--tls-port", "7998", "--tls-cert-file", "/nosuch.crt", "--tls-key-file", "/nosuch.key"],
    [
      "--tls-port", "7998", "--tls-cert-file", "/nosuch.crt", "--tls-key-file", "/nosuch.key", "--tls-auth-clients",
      "no",
    ],
    ["--loadmodule", "/nosuch.so"], ["--loadmodule", "/nosuch.so", "a", "b"],
  ])
  func endsWithTheSameWordsAndStatus(arguments: [String]) throws {
    let arguments = ["--port", "\(try freePort())"] + arguments
    var configuration = Configuration()
    try configuration.read(arguments: arguments)
    var client = NodeClient(configuration)
    var log: [String] = []
    var status: Int?
    for effect in client.takeEffects() {
      if case .log(let entry) = effect { log.append(entry.text) }
      if case .exit(let code) = effect { status = code }
    }

    let run = try runProgram(try #require(RealServer.find("redis-server")), arguments)
    // `123:M 29 Nov 2026 02:30:59.245 # text`, but for the picture, the process and what Linux is warned of.
    let lines = run.output.split(separator: "\n").filter { $0.prefix { $0.isNumber }.count > 0 && $0.contains(" 20") }
      .map { $0.split(separator: " ", maxSplits: 6).last.map(String.init) ?? "" }
      .filter { !$0.contains("overcommit") && !$0.contains("pid=") && !$0.contains("Warning: no config file") }
    #expect(log.filter { !$0.contains("pid=") } == lines)
    #expect(status == Int(run.status))
  }

  @Test func aClusterHasNoReplicaofAndSaysSo() throws {
    var configuration = Configuration()
    try configuration.read(arguments: ["--cluster-enabled", "yes", "--replicaof", "127.0.0.1 7000"])
    var complaint = ""
    do { try configuration.check() } catch { complaint = error.description }
    #expect(
      complaint
        == "*** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***\nreplicaof directive not allowed in cluster mode")
  }
}
