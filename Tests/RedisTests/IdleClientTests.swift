import RESP
import RealRedis
import Testing

@testable import Redis

/// Clients that say nothing, and are told something.
@Suite("A client that only listens") struct IdleClientTests {
  /// Each write to a client counts as an interaction (`writeToClient` in networking.c).
  @Test("is not idle while it is written to") func idle() throws {
    var configuration = Configuration()
    configuration.timeout = 4
    configuration.save = []
    var node = NodeClient(configuration)
    let waiting = node.connect()
    _ = node.command("BLPOP list 0", on: waiting)
    node.advance(by: .seconds(6))
    let other = node.connect()
    _ = node.command("RPUSH list a", on: other)
    #expect(node.read(waiting) == Array("*2\r\n$4\r\nlist\r\n$1\r\na\r\n".utf8))
    node.advance(by: .seconds(3))
    #expect(!node.closed.contains(waiting))
    #expect(node.command("CLIENT LIST", on: other).contains(" age=9 idle=3 flags=N "))
    node.advance(by: .seconds(3))
    #expect(node.closed.contains(waiting))
  }

  @Test("takes the memory of its subscriptions", .enabled(if: RealServer.isInstalled)) func memory() throws {
    let server = try RealServer()
    var node = NodeClient()
    let (theirs, ours) = (try Socket(port: server.port), node.connect())
    for line in ["SUBSCRIBE a", "PSUBSCRIBE p* q*", "SUBSCRIBE b c d e", "SSUBSCRIBE s", "SUBSCRIBE f g h i j"] {
      let words = line.split(separator: " ").map { Array($0.utf8) }
      theirs.send([UInt8](command: words))
      for _ in words.dropFirst() { _ = try theirs.readReply() }
      _ = node.command(line, on: ours)
      let total = { (list: String) in list.split(separator: " ").first { $0.hasPrefix("tot-mem=") } }
      let theirTotal = total(try server.text("CLIENT", "LIST", "TYPE", "pubsub"))
      #expect(total(node.command("CLIENT LIST TYPE pubsub", on: node.connect())) == theirTotal, "\(line)")
    }
  }

  @Test("takes the memory of the prefixes that it tracks", .enabled(if: RealServer.isInstalled)) func prefixes() throws
  {
    let server = try RealServer()
    var node = NodeClient()
    var random = SeededRandom(seed: 7)
    var sets = [
      [""], ["a"], ["abcde"], ["ab", "ac"], ["a", "b"], ["abc", "abd", "b"], ["user:1:", "user:2:", "user:27"],
    ]
    for _ in 0..<60 {
      let letters = (0..<6).map { _ in (0...random.next() % 6).map { _ in ["a", "b", "c"][Int(random.next() % 3)] } }
      let words = Set(letters.map { $0.joined() }).sorted()
      sets.append(words.filter { word in !words.contains { $0 != word && (word.hasPrefix($0) || $0.hasPrefix(word)) } })
    }
    for set in sets where !set.isEmpty {
      let (theirs, ours) = (try Socket(port: server.port), node.connect())
      let tracking = ["CLIENT", "TRACKING", "ON", "BCAST"] + set.flatMap { ["PREFIX", $0] }
      for command in [
        ["HELLO", "3"], ["CLIENT", "INFO"], tracking, ["CLIENT", "INFO"], ["CLIENT", "TRACKING", "OFF"],
      ] {
        let words = command.map { Array($0.utf8) }
        let (their, our) = (try theirs.command(words), node.command(words, on: ours))
        if command[0] == "HELLO" { continue }
        guard command[1] == "INFO" else {
          #expect(our == their)
          continue
        }
        // The buffer for replies becomes smaller with time.
        let memory = { (reply: [UInt8]) -> Int? in
          let fields = String(decoding: reply, as: UTF8.self).split(separator: " ")
          let number = { (name: String) in
            fields.first { $0.hasPrefix(name + "=") }.flatMap { Int($0.dropFirst(name.count + 1)) }
          }
          return number("tot-mem").flatMap { total in number("rbs").map { total - $0 } }
        }
        #expect(memory(our) == memory(their), "\(set)")
      }
    }
  }

  /// Redis frees them with the next command only (`unblockClient` in blocked.c).
  @Test("takes the memory of the words of a SHUTDOWN that was called off", .enabled(if: RealServer.isInstalled))
  func shutdown() throws {
    let server = try RealServer(["--repl-diskless-sync", "no"])
    let (replica, theirs, other) = (
      try Socket(port: server.port), try Socket(port: server.port), try Socket(port: server.port)
    )
    replica.send(Array("PSYNC ? -1\r\n".utf8))
    #expect(server.wait { (try? server.text("INFO", "replication").contains("state=online")) == true })
    var (node, ours, _) = try NodeClient.withReplica()
    let asking = node.connect()
    func both(_ line: String) throws -> (theirs: String, ours: String) {
      let words = line.split(separator: " ").map { Array($0.utf8) }
      return (String(decoding: try other.command(words), as: UTF8.self), node.command(line, on: asking))
    }
    func arguments(_ list: String) -> [Substring] {
      list.split(separator: "\n").filter { $0.contains(" cmd=shutdown ") || $0.contains(" cmd=ping ") }
        .flatMap { $0.split(separator: " ").filter { $0.hasPrefix("argv-mem=") || $0.hasPrefix("cmd=") } }
    }
    _ = try both("SET a 1")
    for line in ["SHUTDOWN NOSAVE\r\n", "PING\r\n"] {
      theirs.send(Array(line.utf8))
      node.send(Array(line.utf8), on: ours)
      if line.hasPrefix("SHUTDOWN") {
        let isWaiting = try server.wait { try both("CLIENT LIST").theirs.contains(" flags=b ") }
        let aborted = try both("SHUTDOWN ABORT")
        #expect(isWaiting && aborted.theirs == "+OK\r\n" && aborted.ours == "+OK\r\n")
      }
      #expect(try theirs.readReply() == node.read(ours))
      let lists = try both("CLIENT LIST")
      #expect(arguments(lists.ours) == arguments(lists.theirs) && !arguments(lists.ours).isEmpty)
    }
  }

  /// Where a replica has no data, a subscriber is first told what a subscriber may say (`processCommand` in server.c).
  @Test("hears first that it may only listen", .enabled(if: RealServer.isInstalled)) func order() throws {
    let port = try freePort()
    let server = try RealServer(["--replicaof", "127.0.0.1 \(port)", "--replica-serve-stale-data", "no"])
    var configuration = Configuration()
    configuration.replicaof = Address(host: "127.0.0.1", port: port)
    configuration.replicaServeStaleData = false
    var node = NodeClient(configuration)
    let (theirs, ours) = (try Socket(port: server.port), node.connect())
    for line in ["GET a", "SET a 1", "SUBSCRIBE x", "GET a", "SET a 1", "PING"] {
      let words = line.split(separator: " ").map { Array($0.utf8) }
      theirs.send([UInt8](command: words))
      #expect(try node.command(words, on: ours) == theirs.readReply(), "\(line)")
    }
  }
}
