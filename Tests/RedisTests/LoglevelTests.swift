import RESP
import RealRedis
import TestSupport
import Testing

@testable import Redis

/// What is logged only where `loglevel` asks for more than Redis logs by itself.
@Suite("The log of a server that is asked for more", .enabled(if: RealServer.isInstalled))
struct LoglevelTests {
  private static func configuration() throws -> Configuration {
    var configuration = Configuration()
    configuration.loglevel = .debug
    try configuration.set("repl-diskless-sync", "no")
    return configuration
  }

  /// A file with keys in two databases, some of which expire.
  private static func snapshot() throws -> [String: [UInt8]] {
    var maker = NodeClient(try configuration())
    let client = maker.connect()
    for number in 0..<100 { _ = maker.command("SET key:\(number) value", on: client) }
    for number in 0..<10 { _ = maker.command("EXPIRE key:\(number) 1000000000", on: client) }
    _ = maker.command("SELECT 3", on: client)
    _ = maker.command("MSET a 1 b 2 c 3", on: client)
    #expect(maker.command("SAVE", on: client) == "+OK\r\n")
    return maker.files
  }

  @Test("has what a real one's has") func log() throws {
    let files = try Self.snapshot()
    let server = try RealServer(["--loglevel", "debug", "--repl-diskless-sync", "no"], files: files)
    func theirs() -> [String] {
      server.log.split(separator: "\n").compactMap { $0.split(separator: " ", maxSplits: 6).last.map(String.init) }
    }
    let theirReplica = try Socket(port: server.port)
    theirReplica.send([UInt8](command: "PSYNC", "?", "-1"))
    #expect(server.wait(seconds: 20) { theirs().contains { $0.hasSuffix("succeeded") } })
    var theirClient: Socket? = try Socket(port: server.port)
    _ = try theirClient?.command(["SET", "x", "y"].map { Array($0.utf8) })
    let id = try server.text("INFO", "replication").split(separator: "\r\n").first { $0.hasPrefix("master_replid:") }
    let theirSecond = try Socket(port: server.port)
    theirSecond.send([UInt8](command: "PSYNC", String(try #require(id).dropFirst(14)), "10"))
    #expect(server.wait(seconds: 20) { theirs().contains { $0.hasPrefix("[PSYNC] Skipping") } })
    theirClient = nil
    #expect(server.wait(seconds: 20) { theirs().contains { $0.hasPrefix("Client closed") && $0.contains("cmd=set") } })
    #expect(try server.text("BGREWRITEAOF").hasPrefix("Background"))
    #expect(server.wait(seconds: 20) { theirs().contains { $0.contains("signal handler") } })

    var node = NodeClient(try Self.configuration(), files: files)
    node.advance(by: .milliseconds(50))
    let replica = node.connect()
    node.send([UInt8](command: "PSYNC", "?", "-1"), on: replica)
    node.advance(by: .seconds(2))
    let client = node.connect()
    _ = node.command("SET x y", on: client)
    let second = node.connect()
    node.send([UInt8](command: "PSYNC", node.node.replication.ids.current, "10"), on: second)
    node.handle(.closed(client, reset: false))
    _ = node.command("BGREWRITEAOF", on: node.connect())
    node.advance(by: .seconds(1))
    let ours = node.takeEffects().compactMap { effect in
      if case .log(let entry) = effect { entry.text } else { nil }
    }
    #expect(Self.ofInterest(ours) == Self.ofInterest(theirs()))
  }

  /// Every five seconds, and nothing of databases that are empty.
  @Test("tells every five seconds what there is") func overview() throws {
    var node = NodeClient(try Self.configuration())
    node.advance(by: .milliseconds(50))
    let client = node.connect()
    _ = node.command("SET key value", on: client)
    node.advance(by: .seconds(12))
    let lines = node.takeEffects().compactMap { effect in
      if case .log(let entry) = effect, entry.level < .notice { entry.text } else { nil }
    }
    #expect(lines.count { $0 == "DB 0: 1 keys (0 volatile) in 4 slots HT." } == 2)
    #expect(lines.count { $0.hasPrefix("1 clients connected (0 replicas), ") } == 2)
    _ = node.command("FLUSHALL", on: client)
    _ = node.command("CONFIG SET loglevel verbose", on: client)
    #expect(node.node.nextWakeup == nil)
  }

  /// Those lines, without what is chance, from the end of loading on. Both are asked at other times.
  private static func ofInterest(_ lines: [String]) -> [String] {
    lines.filter { line in
      [
        "The AOF", "DB ", "0 clients connected", "[PSYNC]", "Partial", "Ready", "Background AOF rewrite",
      ].contains { line.hasPrefix($0) }
        || line.hasPrefix("Client closed") && line.contains("cmd=set")
    }.map {
      $0.maskingChance().replacing(/\d+ bytes in use/, with: "… bytes in use")
        .replacing(/request from \S+/, with: "request from …").replacing(/took \d+us/, with: "took …us")
    }
  }
}
