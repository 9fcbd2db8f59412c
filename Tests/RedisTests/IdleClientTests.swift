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
