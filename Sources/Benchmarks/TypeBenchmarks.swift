import RESP
import RealRedis
import Redis

/// A command on values of a million elements, and how they came to be.
private struct CommandBenchmark: Sendable {
  let name: String
  var calls = 200_000
  /// What fills the value, by the number of the element.
  let fill: @Sendable (Int) -> [String]
  /// What is measured, by a number drawn from the elements'.
  let call: @Sendable (Int) -> [String]
}

let elements = 1_000_000

private let benchmarks = [
  CommandBenchmark(name: "PING", fill: { ["SET", "key:\($0)", "value"] }, call: { _ in ["PING"] }),
  CommandBenchmark(name: "SET", fill: { ["SET", "key:\($0)", "value"] }, call: { ["SET", "key:\($0)", "other"] }),
  CommandBenchmark(name: "GET", fill: { ["SET", "key:\($0)", "value"] }, call: { ["GET", "key:\($0)"] }),
  CommandBenchmark(
    name: "LPUSH", fill: { ["RPUSH", "l", "element:\($0)"] }, call: { ["LPUSH", "l", "element:\($0)"] }),
  CommandBenchmark(
    name: "LRANGE 100", calls: 40_000, fill: { ["RPUSH", "l", "element:\($0)"] },
    call: { _ in ["LRANGE", "l", "0", "99"] }),
  CommandBenchmark(name: "SADD", fill: { ["SADD", "s", "element:\($0)"] }, call: { ["SADD", "s", "other:\($0)"] }),
  CommandBenchmark(
    name: "HSET", fill: { ["HSET", "h", "field:\($0)", "value"] }, call: { ["HSET", "h", "field:\($0)", "new"] }),
  CommandBenchmark(
    name: "ZADD", fill: { ["ZADD", "z", "\($0)", "member:\($0)"] },
    call: { ["ZADD", "z", "\($0 / 2)", "member:\($0)"] }),
  CommandBenchmark(
    name: "ZRANGEBYSCORE of 10", fill: { ["ZADD", "z", "\($0)", "member:\($0)"] },
    call: { ["ZRANGEBYSCORE", "z", "\($0)", "\($0 + 9)"] }),
  CommandBenchmark(
    name: "XADD", fill: { ["XADD", "x", "\($0 + 1)-1", "field", "value"] },
    call: { _ in ["XADD", "x", "*", "field", "value"] }),
  CommandBenchmark(
    name: "EVAL of one SET", fill: { ["SET", "key:\($0)", "value"] },
    call: { ["EVAL", "return redis.call('SET', KEYS[1], ARGV[1])", "1", "key:\($0)", "value"] }),
]

/// What a command takes of a processor in a node, and in a redis-server that gets it sixteen at a time over loopback.
func commands() throws -> [Row] {
  guard RealServer.isInstalled else { return [missing("Commands on a million elements", "redis-server")] }
  return try benchmarks.map { benchmark in
    var random = SeededRandom(seed: 1)
    let calls = (0..<benchmark.calls).map { _ in benchmark.call(Int(random.next() % UInt64(elements))) }
    let batches = stride(from: 0, to: calls.count, by: 16).map { start in
      calls[start..<min(start + 16, calls.count)].flatMap { [UInt8](command: $0) }
    }
    var node = FilledNode(benchmark.fill)
    let server = try FilledServer(benchmark.fill)
    return try contest(
      "\(benchmark.name), 1M elements / redis-server, pipeline 16", rounds: 5, goal: "≤ 1.00",
      rate: { ($0 / Double(benchmark.calls) * 1e6).formatted(2) + " µs" },
      ours: { measure { for batch in batches { node.say(batch) } } },
      peer: { try server.processorTime(of: batches, replies: 16, calls.count) })
  }
}

/// A node with a client.
struct FilledNode {
  private var node: Node
  private let connection = ConnectionID(.accepted, 1)
  private var now = Instant.defaultLabClock

  init(_ fill: (Int) -> [String], _ numbers: Range<Int> = 0..<elements) {
    var configuration = Configuration()
    configuration.save = []
    node = Node(configuration: configuration, seed: 1, now: now)
    _ = node.handle(.start(files: [:]), at: now)
    let address = Address(host: "127.0.0.1", port: 1)
    _ = node.handle(.accepted(connection, peer: address, local: address), at: now)
    self.fill(fill, numbers)
  }

  mutating func fill(_ fill: (Int) -> [String], _ numbers: Range<Int>) {
    for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 1_000) {
      say((start..<start + 1_000).flatMap { [UInt8](command: fill($0)) })
    }
  }

  mutating func say(_ bytes: [UInt8]) {
    now = now + .microseconds(1)
    let effects = node.handle(.received(connection, bytes), at: now)
    guard case .send(_, let reply)? = effects.first, reply[0] != UInt8(ascii: "-") else {
      preconditionFailure("no reply, or an error")
    }
  }
}

struct FilledServer {
  private let server: RealServer
  private let socket: Socket
  private let asker: Socket
  private let emptyMemory: Double

  init(_ fill: (Int) -> [String]) throws {
    server = try RealServer(["--save", ""])
    (socket, asker) = (try Socket(port: server.port), try Socket(port: server.port))
    emptyMemory = try Self.figure("used_memory", of: "memory", asker)
    for start in stride(from: 0, to: elements, by: 1_000) {
      socket.send((start..<start + 1_000).flatMap { [UInt8](command: fill($0)) })
      for _ in 0..<1_000 { _ = try socket.readReply() }
    }
  }

  func processorTime(of batches: [[UInt8]], replies: Int, _ count: Int) throws -> Seconds {
    let before = try used()
    var left = count
    for batch in batches {
      socket.send(batch)
      for _ in 0..<min(replies, left) { _ = try socket.readReply() }
      left -= replies
    }
    return try used() - before
  }

  private func used() throws -> Seconds {
    try Self.figure("used_cpu_sys", of: "cpu", asker) + Self.figure("used_cpu_user", of: "cpu", asker)
  }

  /// What it has written of them.
  func snapshot() throws -> [UInt8] {
    _ = try server.command("SAVE")
    return server.file("dump.rdb") ?? []
  }

  /// In bytes.
  func memoryOfData() throws -> Double { try Self.figure("used_memory", of: "memory", asker) - emptyMemory }

  private static func figure(_ name: String, of section: String, _ asker: Socket) throws -> Double {
    let info = try asker.command(["INFO", section].map { Array($0.utf8) })
    let line = String(decoding: info, as: UTF8.self).split(separator: "\r\n").first { $0.hasPrefix("\(name):") }
    return line.flatMap { Double($0.dropFirst(name.count + 1)) } ?? .nan
  }
}
