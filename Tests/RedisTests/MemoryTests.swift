import Foundation
import RESP
import RealRedis
import Testing

@testable import Redis

/// A real server and a node that have been told the same, and what each says of its memory.
private struct MemoryPair {
  let server: RealServer
  private let socket: Socket
  private(set) var client: NodeClient
  private let connection: ConnectionID

  init() throws {
    server = try RealServer(["--enable-debug-command", "yes"])
    socket = try Socket(port: server.port)
    var configuration = Configuration()
    try configuration.set("enable-debug-command", "yes")
    try configuration.set("save", "")
    client = NodeClient(configuration, at: realNow())
    connection = client.connect()
  }

  private func words(_ line: String) -> [[UInt8]] { line.split(separator: " ").map { Array($0.utf8) } }

  /// Says all of it to both, to the real one in pieces that its buffers hold.
  mutating func say(_ lines: [String]) throws {
    for start in stride(from: 0, to: lines.count, by: 500) {
      let part = lines[start..<min(start + 500, lines.count)]
      let bytes = part.flatMap { encode(words($0)) }
      socket.send(bytes)
      for _ in part { #expect(try socket.readReply().first != UInt8(ascii: "-")) }
      client.send(bytes, on: connection)
      _ = client.read(connection)
    }
  }

  mutating func ask(_ line: String) throws -> (real: String, ours: String) {
    (String(decoding: try socket.command(words(line)), as: UTF8.self), client.command(line, on: connection))
  }

  /// A real server's `used_memory` without the client that asks, once a table that grew has moved its entries.
  func usedMemory() throws -> Int {
    var last = 0
    let isSettled = try server.wait {
      func number(_ name: String, of question: String) throws -> Int {
        let reply = String(decoding: try socket.command(words(question)), as: UTF8.self)
        let field = reply.split { "\r\n ".contains($0) }.first { $0.hasPrefix(name) }
        return field.flatMap { Int($0.dropFirst(name.count)) } ?? 0
      }
      let now = try number("used_memory:", of: "INFO memory") - number("tot-mem=", of: "CLIENT INFO")
      defer { last = now }
      return now == last
    }
    #expect(isSettled)
    return last
  }
}

@Suite("Memory", .serialized, .enabled(if: RealServer.isInstalled, "redis-server is not installed"))
struct MemoryTests {
  @Test("MEMORY USAGE of what is small is a real server's to the byte, and so are its complaints") func usage() throws {
    var pair = try MemoryPair()
    var lines: [String] = []
    var keys: [String] = []
    func add(_ key: String, _ commands: String...) {
      keys.append(key)
      lines += commands.map { $0.replacing("KEY", with: key) }
    }
    for length in [1, 7, 8, 12, 27, 28, 43, 44, 45, 61, 100, 125, 252, 253, 300, 5_000, 70_000] {
      add("s\(length)", "SET KEY \(String(repeating: "x", count: length))")
    }
    for length in [1, 5, 6, 13, 14, 29, 30, 31, 32, 43, 44, 60, 300] {
      add(String(repeating: "k", count: length), "SET KEY 10")
    }
    add("n0", "SET KEY 9999")
    add("n1", "SET KEY 123456789")
    add("n2", "SET KEY -1")
    add("n3", "INCR KEY")
    add("f", "INCRBYFLOAT KEY 1.5")
    add("t", "SET KEY value EX 100")
    add("l", "RPUSH KEY a b c")
    add("l2", "RPUSH KEY " + (0..<100).map { "element\($0)" }.joined(separator: " "))
    add("h", "HSET KEY a b")
    add("h2", "HSET KEY " + (0..<60).map { "field\($0) value\($0)" }.joined(separator: " "))
    add("i", "SADD KEY 1 2 3")
    add("i2", "SADD KEY 1 2 3000000000")
    add("z", "ZADD KEY 1 a 2 b")
    add("set", "SADD KEY a")
    add("set2", "SADD KEY a b c d e")
    add("set3", "SADD KEY a b c d e f g h", "SREM KEY a b c d")
    add("hash", "HSET KEY a \(String(repeating: "x", count: 65))")
    add("x", "XADD KEY 1-1 f v")
    add("x2", "XADD KEY 1-1 f v", "XADD KEY 2-1 f v", "XGROUP CREATE KEY g 0")
    add("x3", "XADD KEY 1-1 f v", "XGROUP CREATE KEY g 0", "XREADGROUP GROUP g ann STREAMS KEY >")
    try pair.say(lines)
    for key in keys {
      for options in ["", " SAMPLES 0", " samples 1"] {
        let (real, ours) = try pair.ask("MEMORY USAGE \(key)\(options)")
        #expect(ours == real, "\(key)\(options)")
      }
    }
    // Room for more has only what XADD has begun.
    try pair.say(["COPY x2 x4", "COPY x3 x5", "XADD x5 2-1 f v", "DEBUG RELOAD", "XADD x2 3-1 f v"])
    try pair.say((0..<120).map { "XADD x3 5-\($0) f v" })
    try pair.say(["COPY x3 x6"])
    for key in ["x", "x2", "x3", "x4", "x5", "x6"] {
      let (real, ours) = try pair.ask("MEMORY USAGE \(key)")
      #expect(ours == real, "\(key)")
    }
    for line in [
      "MEMORY USAGE nosuch", "MEMORY USAGE l SAMPLES", "MEMORY USAGE l SAMPLES -1", "MEMORY USAGE l SAMPLES x",
      "MEMORY USAGE l x 1", "MEMORY USAGE l SAMPLES 2 SAMPLES 0", "MEMORY HELP", "MEMORY PURGE", "MEMORY DOCTOR",
      "MEMORY", "MEMORY NOSUCH", "MEMORY USAGE", "MEMORY STATS x",
    ] {
      let (real, ours) = try pair.ask(line)
      #expect(ours == real, "\(line)")
    }
  }

  @Test("MEMORY STATS has a real server's fields, and what follows from the data alone is the same") func stats() throws
  {
    var pair = try MemoryPair()
    try pair.say((0..<100).map { "SET k\($0) v\($0)" } + ["SET t 1 EX 100", "SELECT 3", "SET a b", "SELECT 0"])
    let (real, ours) = try pair.ask("MEMORY STATS")
    let (a, b) = (real.split(separator: "\r\n"), ours.split(separator: "\r\n"))
    #expect(a.count == b.count)
    let names = zip(a, b).filter { $0.0.first?.isLetter == true }
    for (name, other) in names { #expect(name == other) }
    for name in [
      "replication.backlog", "aof.buffer", "lua.caches", "functions.caches", "db.0", "db.3", "overhead.hashtable.main",
      "overhead.hashtable.expires", "keys.count",
    ] {
      guard let place = a.firstIndex(of: Substring(name)), place + 1 < b.count else {
        Issue.record("\(name)")
        continue
      }
      #expect(a[place + 1] == b[place + 1], "\(name)")
    }
  }

  /// How many keys or elements: with REPLAB_KEYS a million, or as many as one likes.
  static let count = ProcessInfo.processInfo.environment["REPLAB_KEYS"].flatMap { Int($0) } ?? 3_000

  static let kinds: [(name: String, line: @Sendable (Int) -> String)] = [
    ("strings", { "SET key:\($0) value:\($0)" }), ("integers", { "SET key:\($0) \($0)" }),
    ("strings that expire", { "SET key:\($0) value:\($0) EX 1000" }),
    ("long strings", { "SET key:\($0) \(String(repeating: "x", count: $0 % 500))." }),
    ("lists", { "RPUSH key:\($0 / 10) element\($0)" }), ("one list", { "RPUSH list element\($0)" }),
    ("hashes", { "HSET key:\($0 / 10) field\($0) value\($0)" }), ("one hash", { "HSET hash field\($0) value\($0)" }),
    ("sets", { "SADD key:\($0 / 10) member\($0)" }), ("sets of integers", { "SADD key:\($0 / 10) \($0)" }),
    ("one set", { "SADD set member\($0)" }), ("sorted sets", { "ZADD key:\($0 / 10) \($0) member\($0)" }),
    ("one sorted set", { "ZADD set \($0) member\($0)" }), ("streams", { "XADD key:\($0 / 10) \($0 + 1)-1 f v\($0)" }),
    ("one stream", { "XADD stream \(1_700_000_000_000 + $0 * 3)-0 f v\($0)" }),
  ]

  @Test("used_memory grows as a real server's does, within a tenth", arguments: kinds.indices) func growth(kind: Int)
    throws
  {
    let (name, line) = Self.kinds[kind]
    var pair = try MemoryPair()
    try pair.say(["FLUSHALL", line(0), "FLUSHALL"])
    let before = (try pair.usedMemory(), pair.client.node.dataMemory)
    try pair.say((0..<Self.count).map(line))
    let used = try pair.usedMemory()
    let (real, ours) = (used - before.0, pair.client.node.dataMemory - before.1)
    let ratio = Double(ours) / Double(real)
    print("memory of \(Self.count) \(name): \(real) in redis, \(ours) here, \(Int((ratio * 100).rounded())) %")
    #expect((0.9...1.1).contains(ratio), "\(name): \(real) in redis, \(ours) here")
    let total = Double(pair.client.node.usedMemory) / Double(used)
    #expect((0.85...1.15).contains(total))
  }

  @Test("What is deleted is no longer counted, whatever was done to it") func sums() throws {
    var client = NodeClient()
    let connection = client.connect()
    let lines = [
      "SET a 1", "SET a \(String(repeating: "x", count: 100))", "APPEND a y", "EXPIRE a 100", "PERSIST a",
      "RPUSH l a b c",
      "LPOP l", "LINSERT l BEFORE b x", "LREM l 0 b", "SADD s 1 2 3", "SADD s a b c d e f g", "SREM s 1 a",
      "HSET h a b c d", "HSET h e \(String(repeating: "x", count: 100))", "HDEL h a", "ZADD z 1 a 2 b",
      "ZADD z 3 \(String(repeating: "x", count: 100))", "ZADD z 4 a", "ZREM z b", "XADD x 1-1 f v", "XADD x 2-1 f v",
      "XTRIM x MAXLEN 1", "XGROUP CREATE x g 0", "XREADGROUP GROUP g c STREAMS x >", "XACK x g 2-1", "RENAME a b",
      "COPY h h2", "MOVE h2 1", "SETRANGE b 200 z", "SETBIT bits 1000 1", "PFADD p a b c", "SET k v EX 100", "SET k w",
    ]
    for line in lines { #expect(!client.command(line, on: connection).hasPrefix("-"), "\(line)") }
    for index in client.node.databases.indices {
      let database = client.node.databases[index]
      var sum = 0
      database.forEach { key, entry in
        sum += Jemalloc.size(forSds: key.count) + entry.value.memory + Jemalloc.dictEntry
        if entry.expiry != nil { sum += Jemalloc.dictEntry }
      }
      #expect(database.memory - sum < 1_000 && database.memory >= sum, "database \(index)")
    }
    for line in ["DEL b l s h z x bits p k", "SELECT 1", "DEL h2"] { _ = client.command(line, on: connection) }
    // The tables of the keys stay.
    #expect(client.node.dataMemory <= 3 * 16 * 8)
  }
}
