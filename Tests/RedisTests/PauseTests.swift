import Testing

@testable import Redis

/// Pauses of clients: each for its own purpose, and what ends it. The figures are those of real servers [measured].
struct PauseTests {
  /// A master whose replica stands still, and a client of it.
  private func stalled() -> (pump: Pump, client: Int) {
    var pump = ReplicationTests.pair(keys: 0)
    pump.run(seconds: 2)
    pump.paused = ["r"]
    pump.command("m", "SET a 1")
    let client = pump.connect(to: "m")
    return (pump, client)
  }

  private func replies(_ pump: Pump, _ client: Int) -> String {
    String(decoding: pump.wires[client].fromAcceptor.joined(), as: UTF8.self)
  }

  /// A replica's offset tells what it has applied; a pause of writes is for its master's, too.
  @Test func aMastersWriteThatIsHeldBackDoesNotCount() {
    var pump = ReplicationTests.pair(keys: 0)
    pump.run(seconds: 2)
    // Behind this no SELECT goes out, which is no write.
    pump.command("m", "SET z 0")
    pump.run(seconds: 1)
    func offset(_ node: String, _ field: String) -> Int? {
      pump.command(node, "INFO replication").split(separator: "\r\n").first { $0.hasPrefix("\(field):") }
        .flatMap { Int($0.dropFirst(field.utf8.count + 1)) }
    }
    let before = offset("m", "master_repl_offset")
    pump.command("r", "CLIENT PAUSE 2000 WRITE")
    pump.command("m", "SET a 1")
    pump.run(seconds: 0.5)
    #expect(offset("r", "slave_repl_offset") == before)
    #expect(offset("r", "slave_read_repl_offset") == offset("m", "master_repl_offset"))
    #expect(pump.command("r", "GET a") == "$-1\r\n")
    pump.run(seconds: 2)
    #expect(offset("r", "slave_repl_offset") == offset("m", "master_repl_offset"))
    #expect(pump.command("r", "GET a") == "$1\r\n1\r\n")
  }

  @Test func theEndOfAFailoverDoesNotEndAPauseOfClients() {
    var (pump, client) = stalled()
    #expect(pump.command("m", "CLIENT PAUSE 6000 WRITE") == "+OK\r\n")
    #expect(pump.command("m", "FAILOVER TO 127.0.0.1 7001 TIMEOUT 1000") == "+OK\r\n")
    pump.send("SET b 2", on: client)
    pump.run(seconds: 1.2)
    #expect(pump.logged("m").last == "FAILOVER to 127.0.0.1:7001 aborted: Replica never caught up before timeout")
    pump.run(seconds: 4.7)
    #expect(replies(pump, client) == "")
    pump.run(seconds: 0.3)
    #expect(replies(pump, client) == "+OK\r\n")
  }

  @Test func unpausingClientsLetsNoWritesIntoAFailover() {
    var (pump, client) = stalled()
    pump.command("m", "FAILOVER TO 127.0.0.1 7001 TIMEOUT 1000")
    #expect(pump.command("m", "CLIENT PAUSE 100 WRITE") == "+OK\r\n")
    #expect(pump.command("m", "CLIENT UNPAUSE") == "+OK\r\n")
    pump.send("SET b 2", on: client)
    pump.run(seconds: 0.9)
    #expect(replies(pump, client) == "")
    #expect(pump.command("m", "GET b") == "$-1\r\n")
    pump.run(seconds: 0.4)
    #expect(replies(pump, client) == "+OK\r\n")
  }

  /// A pause of all commands is followed by the longer one of writes.
  @Test func theStricterPauseCountsUntilItIsOver() {
    var (pump, client) = stalled()
    pump.command("m", "FAILOVER TO 127.0.0.1 7001 TIMEOUT 3000")
    pump.command("m", "CLIENT PAUSE 1000")
    let reader = pump.connect(to: "m")
    pump.send("GET a", on: reader)
    pump.send("SET b 2", on: client)
    pump.run(seconds: 0.9)
    #expect(replies(pump, reader) == "")
    pump.run(seconds: 0.3)
    #expect(replies(pump, reader) == "$1\r\n1\r\n")
    #expect(replies(pump, client) == "")
    pump.run(seconds: 2)
    #expect(replies(pump, client) == "+OK\r\n")
  }

  @Test func aServerThatIsToEndFailsOverFirst() throws {
    var (pump, client) = stalled()
    pump.command("m", "FAILOVER")
    pump.run(seconds: 0.1)
    pump.terminate("m")
    while pump.step() {}
    pump.send("SET b 2", on: client)
    pump.run(seconds: 0.5)
    #expect(pump.nodes["m"] != nil)
    #expect(replies(pump, client) == "")
    pump.paused = []
    pump.run(seconds: 2)
    let log = pump.logged("m")
    let begin = try #require(log.firstIndex(of: "FAILOVER requested to any replica."))
    #expect(
      log[begin...].filter { !$0.contains("synthesize") && !$0.contains("ID changed") && !$0.contains("request ") } == [
        "FAILOVER requested to any replica.", "Received SIGTERM scheduling shutdown...", "User requested shutdown...",
        "Waiting for replicas before shutting down.", "Failover target 127.0.0.1:7001 is synced, failing over.",
        "Connecting to MASTER 127.0.0.1:7001", "MASTER <-> REPLICA sync started",
        "Non blocking connect for SYNC fired the event.", "Master replied to PING, replication can continue...",
        "Connection with replica 127.0.0.1:7001 lost.", "Successful partial resynchronization with master.",
        "MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization.",
        "Redis is now ready to exit, bye bye...",
      ])
    #expect(pump.exits["m"] == 0)
    #expect(pump.nodes["r"]?.replication.isMaster == true)
  }

  @Test(arguments: [
    ("-ERR no\r\n", "Master does not support PSYNC or is in error state (reply: -ERR no)"),
    ("+WHAT\r\n", "Unexpected reply to PSYNC from master: +WHAT"),
    ("-LOADING x\r\n", "Master is currently unable to PSYNC but should be in the future: -LOADING x"),
  ])
  func aRefusedFailoverLogsTheReplyBeforeItEnds(reply: String, line: String) throws {
    var pump = ReplicationTests.pair(keys: 0)
    pump.run(seconds: 2)
    pump.command("m", "FAILOVER")
    #expect(pump.run(limit: 1) { $0.nodes["m"]?.replication.link.state == .receivePingReply })
    var node = try #require(pump.nodes["m"])
    let connection = try #require(node.replication.link.connection)
    var log: [String] = []
    for bytes in ["+PONG\r\n", "+OK\r\n+OK\r\n", reply] {
      for case .log(let entry) in node.handle(.received(connection, Array(bytes.utf8)), at: pump.now) {
        log.append(entry.text)
      }
    }
    let place = try #require(log.firstIndex(of: line))
    #expect(log[place + 1] == "FAILOVER to 127.0.0.1:7001 aborted: Failover target rejected psync request")
    #expect(node.replication.isMaster)
    #expect(!node.areClientsPaused)
  }
}
