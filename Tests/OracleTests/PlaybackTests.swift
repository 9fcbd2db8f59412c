import Comparison
import Lab
import RealRedis
import Redis
import Testing

@testable import Against

@Suite(
  "What was done in a lab is done to real servers",
  .enabled(if: RealServer.isInstalled, "redis-server is not installed"))
struct PlaybackTests {
  /// What a person does, and how many connections of replicas said something of their own (0: a matter of time).
  static let scenarios: [(name: String, lines: [String], connections: Int)] = [
    (
      "a full sync, a write, a link that breaks, and a partial one",
      [
        "start m --port 7000", "m SET titi toto", "start r --port 7001 --replicaof 127.0.0.1,7000", "advance 7",
        "m SET qq ww", "advance 2", "r GET qq", "m CLIENT KILL TYPE replica", "m SET after cut", "advance 3",
        "r DBSIZE",
        "m DBSIZE",
      ], 2
    ),
    (
      "a password that the replica lacks, and then has",
      [
        "start m --port 7000 --requirepass secret", "start r --port 7001 --replicaof 127.0.0.1,7000", "advance 1",
        "r CONFIG SET masterauth wrong", "advance 2", "r CONFIG SET masterauth secret", "advance 7", "m AUTH secret",
        "m SET a b", "advance 2", "r GET a",
      ], 3
    ),
    (
      "a master without persistence that comes back empty",
      [
        "start m --port 7000 --repl-diskless-sync-delay 0", "m SET a b",
        "start r --port 7001 --replicaof 127.0.0.1,7000", "advance 3", "r DBSIZE", "kill m", "advance 2", "r DBSIZE",
        "restart m", "advance 4", "r DBSIZE",
      ], 2
    ),
    (
      "a chain whose middle is promoted",
      [
        "start m --port 7000 --repl-diskless-sync-delay 0",
        "start r --port 7001 --replicaof 127.0.0.1,7000 --repl-diskless-sync-delay 0", "advance 3",
        "start s --port 7002 --replicaof 127.0.0.1,7001", "advance 3", "m SET a b", "advance 2", "s GET a",
        "r REPLICAOF NO ONE", "advance 2", "r SET c d", "advance 2", "s GET c", "m GET c",
      ], 3
    ),
    (
      "a replica that is stopped and comes back with its snapshot",
      [
        "start m --port 7000 --repl-diskless-sync-delay 0", "m SET a b",
        "start r --port 7001 --replicaof 127.0.0.1,7000", "advance 3", "m SET c d", "advance 2", "stop r", "m SET e f",
        "advance 1", "restart r", "advance 3", "r DBSIZE", "r GET e",
      ], 2
    ),
    (
      "a replica that is stopped and comes back with its append-only file",
      [
        "start m --port 7000 --repl-diskless-sync-delay 0", "m SET a b",
        "start r --port 7001 --replicaof 127.0.0.1,7000 --appendonly yes", "advance 3", "m SET c d", "advance 2",
        "stop r", "m SET e f", "advance 1", "restart r", "advance 4", "r DBSIZE", "r GET e",
      ], 2
    ),
    (
      "a master that is stopped and comes back with its snapshot",
      [
        "start m --port 7000 --repl-diskless-sync-delay 0", "m SET a b",
        "start r --port 7001 --replicaof 127.0.0.1,7000", "advance 3", "m SET c d", "advance 2", "stop m", "advance 1",
        "restart m", "advance 4", "m DBSIZE", "r DBSIZE", "m SET e f", "advance 2", "r GET e",
      ], 2
    ),
    (
      "a master with an append-only file that is killed",
      [
        "start m --port 7000 --repl-diskless-sync-delay 0 --appendonly yes --appendfsync always", "m SET a b",
        "m SELECT 3", "m SET c d", "start r --port 7001 --replicaof 127.0.0.1,7000", "advance 3", "kill m",
        "advance 1", "restart m", "advance 4", "m DBSIZE", "m SELECT 3", "m GET c", "r DBSIZE", "r SELECT 3", "r GET c",
      ], 2
    ),
    // What a handshake under way has been refused would depend on the moment: rights change while the password is wrong.
    (
      "an account that gets its rights one by one",
      [
        "start m --port 7000 --repl-diskless-sync-delay 0", "m ACL SETUSER repl on >pw +ping",
        "start r --port 7001 --replicaof 127.0.0.1,7000 --masteruser repl --masterauth wrong", "advance 2",
        "r CONFIG SET masterauth pw", "advance 1", "r CONFIG SET masterauth wrong", "advance 2",
        "m ACL SETUSER repl +psync", "r CONFIG SET masterauth pw", "advance 4", "r CONFIG SET masterauth wrong",
        "advance 2", "m ACL SETUSER repl +replconf", "r CONFIG SET masterauth pw", "advance 4", "m SET a b",
        "advance 2", "r GET a", "r ACL USERS",
      ], 0
    ),
    (
      "an acknowledged write that is lost by a failover by hand",
      [
        "start m --port 7000 --repl-diskless-sync-delay 0", "m SET a b",
        "start r --port 7001 --replicaof 127.0.0.1,7000 --repl-diskless-sync-delay 0", "advance 3",
        "r REPLICAOF NO ONE", "m SET lost 1", "r SET c d", "m GET lost", "m REPLICAOF 127.0.0.1 7001", "advance 4",
        "m GET lost", "m GET c", "m DBSIZE", "r GET lost",
      ], 0
    ),
    (
      "a planned failover",
      [
        "start m --port 7000 --repl-diskless-sync-delay 0", "m SET a b",
        "start r --port 7001 --replicaof 127.0.0.1,7000 --repl-diskless-sync-delay 0", "advance 3", "m FAILOVER",
        "advance 4", "m SET c d", "r SET c d", "advance 2", "m GET c",
      ], 0
    ),
  ]

  @Test("and what can't be done to them is named")
  func unplayable() throws {
    var timeline = Timeline(seed: 1)
    try timeline.apply(.start(node: "m", Launch(arguments: ["--port", "7000"])))
    try timeline.apply(.disk(node: "m", .full))
    let outcome = try Playback().play(timeline)
    #expect(outcome.remarks == ["`disk m full` (moment 2) can't be done to a real server"])
  }

  @Test("and they do the same", arguments: scenarios.indices)
  func same(index: Int) throws {
    let scenario = Self.scenarios[index]
    let timeline = try Timeline(playing: scenario.lines)
    let outcome = try Playback().play(timeline)
    #expect(outcome.differences == [])
    #expect(outcome.remarks == [])
    #expect(outcome.branches == 1)
    if scenario.connections > 0 { #expect(outcome.connections == scenario.connections) }
  }

  @Test("each branch by servers of its own")
  func branches() throws {
    var timeline = try Timeline(playing: ["start m --port 7000", "m SET a b"])
    try timeline.go(to: 1)
    try timeline.apply(.command(node: "m", arguments: [Array("DBSIZE".utf8)]))
    let outcome = try Playback().play(timeline)
    #expect(outcome.differences == [])
    #expect(outcome.branches == 2)
    #expect(outcome.actions == 4)
  }

  @Test("what they say otherwise is told")
  func difference() throws {
    // The lab's own digits: a real server that is told `used-memory` says nothing of it, but DBSIZE tells what is there.
    var timeline = try Timeline(playing: ["start m --port 7000", "m SET a b"])
    try timeline.apply(.kill(node: "m"))
    try timeline.apply(.start(node: "m", Launch(arguments: ["--port", "7000"])))
    let empty = timeline
    try timeline.apply(.command(node: "m", arguments: [Array("SET".utf8), Array("a".utf8), Array("c".utf8)]))
    #expect(try Playback().play(empty).differences == [])

    var runs = ConversationRun()
    runs.append(NormalizedConversation(replica: ["PING"], master: ["+PONG"]))
    var others = ConversationRun()
    others.append(NormalizedConversation(replica: ["PING", "SYNC"], master: ["-NOAUTH"]))
    #expect(!runs.areReached(by: others))
    #expect(runs.difference(from: others)?.lab == "connection 1, message 2 of the replica: nothing more")
    #expect(runs.difference(from: others)?.real == "connection 1, message 2 of the replica: SYNC")
  }

  @Test("rounds of a storm are one, and those to a master that says nothing none")
  func rounds() {
    var runs = ConversationRun()
    let round = NormalizedConversation(replica: ["PING", "PSYNC ?"], master: ["-NOAUTH", "-NOAUTH"])
    for _ in 0..<3 { runs.append(round) }
    runs.append(NormalizedConversation(replica: ["PING"], master: []))
    runs.append(NormalizedConversation(replica: ["PING"], master: ["-NOAUTH"]))
    #expect(runs.list == [round])
  }

  @Test("a round that repeats is at the same place in both, or not yet")
  func repetitions() {
    let round = NormalizedConversation(replica: ["PING", "PSYNC", "REPLCONF ACK"], master: ["-NOPERM", "CONTINUE"])
    let beginning = NormalizedConversation(replica: ["PING"], master: ["-NOPERM"])
    var (lab, real) = (ConversationRun(), ConversationRun())
    lab.append(round)
    #expect(lab.isRepeated(by: real))
    lab.append(beginning)
    real.append(round)
    #expect(lab.areReached(by: real) && !lab.isRepeated(by: real))
    real.append(beginning)
    #expect(lab.isRepeated(by: real))
    real.append(round)
    #expect(!lab.isRepeated(by: real))
  }

  @Test("a conversation that the user broke off may have gone on for longer")
  func interrupted() {
    var (lab, real) = (ConversationRun(), ConversationRun())
    lab.append(NormalizedConversation(replica: ["PING"], master: ["+PONG"]))
    real.append(NormalizedConversation(replica: ["PING", "PSYNC ?"], master: ["+PONG", "FULLRESYNC id1"]))
    #expect(lab.areReached(by: real) && !lab.areEqual(to: real))
    lab.interrupt()
    #expect(lab.areEqual(to: real))
  }
}

extension Timeline {
  /// `advance N` is in seconds; a comma in an argument stands for a blank.
  init(playing lines: [String]) throws {
    self.init(seed: 1)
    for line in lines {
      let words = line.split(separator: " ").map { String($0.replacing(",", with: " ")) }
      switch words[0] {
      case "start": try apply(.start(node: words[1], Launch(arguments: Array(words.dropFirst(2)))))
      case "stop": try apply(.stop(node: words[1]))
      case "kill": try apply(.kill(node: words[1]))
      case "restart": try apply(.restart(node: words[1]))
      case "advance": _ = advance(by: .seconds(Int64(words[1]) ?? 0))
      default: _ = try command(words[0], words.dropFirst().map { Array($0.utf8) })
      }
    }
  }
}
