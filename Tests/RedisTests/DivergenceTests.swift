import RealRedis
import Testing

@testable import Redis

/// A replica that can't do what its master did.
@Suite(.serialized) struct DivergenceTests {
  /// What a real replica of a real master logs, and what our replica of the same master does.
  @Test(.enabled(if: RealServer.isInstalled, "redis-server is not installed"))
  func complainsAsARealReplicaDoes() throws {
    let replicas = try TwoReplicas(databases: 4)
    let (master, real, host) = (replicas.master, replicas.real, replicas.host)
    try real.command("SET", "n", "word")
    host.command("SET", "n", "word")
    // More than the log shows of the stream, since the two began at different moments.
    try master.command("SET", "filler", String(repeating: "x", count: 300))
    let socket = try Socket(port: master.port)
    for command in [
      ["INCR", "n"], ["SELECT", "9"], ["SET", "a\t\"\\", "b"], ["SELECT", "0"], ["SET", "z", "1"],
      ["DEBUG", "REPLICATE", "frobnicate", "a", "b"], ["DEBUG", "REPLICATE", "set", "alone"],
      ["DEBUG", "REPLICATE", "set", "a", "b", "ex"], ["DEBUG", "REPLICATE", "rename", "nobody", "x"],
      ["DEBUG", "REPLICATE", "config"], ["MULTI"], ["INCR", "n"], ["SET", "q", "1"], ["EXEC"], ["SET", "last", "1"],
    ] { _ = try socket.command(command.map { Array($0.utf8) }) }
    #expect(try host.run { _ in try real.text("GET", "last") == "1" && host.command("GET", "last") == "$1\r\n1\r\n" })

    let expected = real.log.split(separator: "\n").filter {
      $0.contains("== CRITICAL") || $0.contains("Latest backlog")
    }
    .map { $0.split(separator: " # ", maxSplits: 1)[1] }
    let given = host.log.filter { $0.contains("== CRITICAL") || $0.contains("Latest backlog") }
    #expect(expected.count == 16)
    for (real, ours) in zip(expected, given) { #expect(ours == real) }
    #expect(given.count == expected.count)
    for field in ["unexpected_error_replies", "total_error_replies"] {
      let value = try real.text("INFO", "stats").split(separator: "\r\n").first { $0.hasPrefix(field) }
      #expect(host.command("INFO", "stats").contains("\(value ?? "?")\r\n"))
    }
  }

  private func pair(_ replica: (inout Configuration) -> Void = { _ in }) -> Pump {
    var pump = ReplicationTests.pair(replica: replica)
    pump.run(seconds: 1.2)
    // As a client of a writable replica would have done.
    pump.configure("r") { $0.databases[0].set("key:0", to: .string(StringValue("word"))) }
    pump.command("m", "SET key:0 1")
    pump.configure("r") { $0.databases[0].set("key:0", to: .string(StringValue("word"))) }
    return pump
  }

  @Test func theDecisionHasTheCommandAndTheError() {
    var pump = pair()
    pump.run(seconds: 0.01)
    pump.configure("r") { $0.databases[0].set("key:0", to: .string(StringValue("word"))) }
    pump.command("m", "INCR key:0")
    pump.run(seconds: 0.01)
    #expect(
      pump.decisions["r"]?.contains(
        .failMastersCommand(["INCR", "key:0"], error: "ERR value is not an integer or out of range")) == true)
    // It goes on all the same, and acknowledges what it could not do.
    #expect(pump.nodes["r"]?.replication.offset == pump.nodes["m"]?.replication.offset)
  }

  @Test(arguments: [("ignore", true), ("panic", false), ("panic-on-replicas", false)])
  func panicsWhereItIsTold(_ behavior: String, survives: Bool) {
    var pump = pair { $0.others["propagation-error-behavior"] = behavior }
    pump.run(seconds: 0.01)
    pump.configure("r") { $0.databases[0].set("key:0", to: .string(StringValue("word"))) }
    pump.command("m", "INCR key:0")
    pump.run(seconds: 0.01)
    #expect((pump.exits["r"] == nil) == survives)
    let panic =
      "Guru Meditation: This replica panicked sending an error to its master after processing the command 'incr' "
      + "#networking.c:555"
    #expect(pump.logged("r").contains(panic) != survives)
  }

  @Test func aMasterComplainsOfWhatItAnswersAReplica() throws {
    var pump = ReplicationTests.pair()
    pump.run(seconds: 1.2)
    let wire = try #require(pump.wires(from: "r", to: "m").first)
    pump.configure("m") { _ = $0.handle(.received(wire.acceptorID, encode(["INCR", "n"])), at: $0.now) }
    var node = try #require(pump.nodes["m"])
    #expect(node.statistics.unexpectedErrorReplies == 1)
    // The order of a real one's log.
    var fresh = ReplicationTests.pair()
    fresh.run(seconds: 1.2)
    node = try #require(fresh.nodes["m"])
    let logged = node.handle(.received(wire.acceptorID, encode(["INCR", "n"])), at: node.now).compactMap {
      if case .log(let entry) = $0 { entry.text } else { nil }
    }
    #expect(logged[0].hasPrefix("Replica generated a reply to command 'incr', disconnecting it: id="))
    #expect(
      logged[1]
        == "== CRITICAL == This master is sending an error to its replica: 'Replica can't interact with the keyspace' "
        + "after processing the command 'incr'")
    #expect(logged[2] == "Connection with replica 127.0.0.1:7001 lost.")
  }
}
