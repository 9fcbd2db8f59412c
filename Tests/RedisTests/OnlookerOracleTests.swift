import Glibc
import RealRedis
import Redis
import Testing

/// What clients are told that they did not ask for: commands that others say (MONITOR), keys that have changed (CLIENT
/// TRACKING), messages; by a real redis-server and by a node, byte for byte.
///
/// `REPLAB_CALLS=20000` plays so many calls of each seed.
@Suite(
  "Clients that look on", .serialized, .enabled(if: RealServer.isInstalled, "redis-server is not installed"))
struct OnlookerOracleTests {
  private static let calls = getenv("REPLAB_CALLS").flatMap { Int(String(cString: $0)) } ?? 500

  @Test("are told the same", arguments: [1, 2, 3] as [UInt64])
  func same(seed: UInt64) throws {
    var group = try ClientGroup()
    var script = OnlookerScript(seed: seed)
    for step in 0..<Self.calls {
      // Of a monitor nothing can be asked but that it may forget what it was.
      let client = Int(script.random.next() % UInt64(ClientGroup.size))
      guard try group.same(script.call(from: client), from: client) else { return }
      if step % 10 == 9 {
        for line in ["INFO clients", "INFO stats"] { guard try group.sameNumbers(line) else { return } }
      }
    }
  }

  @Test("a key that takes another one's place is invalidated behind its old name")
  func renaming() throws {
    var group = try ClientGroup()
    for line in ["SET a 1", "SET b 2", "HELLO 3", "CLIENT TRACKING ON", "MGET b a", "RENAME a b", "MGET a b"] {
      try group.same(line.split(separator: " ").map(String.init), from: 0)
    }
    // Another one changes them.
    for line in ["SET a 3", "RENAME a b", "COPY b a", "RENAMENX b c"] {
      try group.same(["MGET", "a", "b", "c"], from: 0)
      try group.same(line.split(separator: " ").map(String.init), from: 1)
    }
  }

  @Test("what a transaction changed is told to whom it redirected, though it tracks no more at its end")
  func redirectedToTheEnd() throws {
    var group = try ClientGroup()
    for client in [0, 1] { try group.same(["HELLO", "3"], from: client) }
    for line in [
      "MULTI", "CLIENT TRACKING ON REDIRECT #1", "GET k", "SET k v", "CLIENT TRACKING OFF", "EXEC", "CLIENT GETREDIR",
      "CLIENT TRACKINGINFO",
    ] {
      try group.same(line.split(separator: " ").map(String.init), from: 0)
    }
  }

  @Test("a command is shown as it was said, whatever it is done as")
  func geoadd() throws {
    var group = try ClientGroup()
    try group.same(["CONFIG", "SET", "slowlog-log-slower-than", "0"], from: 0)
    try group.same(["MONITOR"], from: 1)
    for call in [
      ["GEOADD", "g", "1", "1", "a"], ["MULTI"], ["GEOADD", "g", "NX", "1", "2", "b"], ["EXEC"],
      ["EVAL", "return redis.call('geoadd', 'g', 'CH', 2, 2, 'a')", "0"], ["GEOADD", "g", "1"], ["SLOWLOG", "GET"],
    ] {
      try group.same(call, from: 0)
    }
  }

  @Test("slow commands are kept in the same way")
  func slowlog() throws {
    var group = try ClientGroup()
    let long = String(repeating: "x", count: 200)
    let many = (0..<40).flatMap { ["f\($0)", "v"] }
    for call in [
      ["CONFIG", "SET", "slowlog-log-slower-than", "0", "slowlog-max-len", "5"], ["SET", "k", long],
      ["HSET", "h"] + many, ["CLIENT", "SETNAME", "me"], ["AUTH", "secret"], ["HELLO", "3", "AUTH", "default", "pw"],
      ["SLOWLOG", "GET"], ["SLOWLOG", "GET", "2"], ["MULTI"], ["SET", "a", "b"], ["LPUSH", "a", "b"], ["EXEC"],
      ["SLOWLOG", "GET", "-1"], ["SLOWLOG", "GET", "-2"], ["SLOWLOG", "GET", "x"], ["SLOWLOG", "LEN"],
      ["CONFIG", "SET", "masterauth", "pw", "slowlog-max-len", "3"], ["ACL", "SETUSER", "u", "on", ">pw"],
      ["SLOWLOG", "GET", "9"], ["SLOWLOG", "RESET"], ["SLOWLOG", "LEN"], ["BLPOP", "q", "0"], ["SLOWLOG", "HELP"],
    ] {
      // One that blocks is kept once it is served.
      try group.same(call, from: call[0] == "BLPOP" ? 1 : 0)
    }
    try group.same(["RPUSH", "q", "1"], from: 0)
    try group.same(["SLOWLOG", "GET"], from: 0)
  }

  @Test("who wants no replies hears of subscriptions and keys all the same")
  func withoutReplies() throws {
    let server = try RealServer()
    let socket = try Socket(port: server.port, patience: 5)
    var client = NodeClient(at: realNow())
    let connection = client.connect()
    let said = [
      "HELLO 3", "CLIENT TRACKING ON", "GET k", "CLIENT REPLY OFF", "SUBSCRIBE c d", "PUBLISH c hi", "SET k v", "GET k",
      "UNSUBSCRIBE", "CLIENT REPLY ON",
    ]
    var ours: [UInt8] = []
    for line in said {
      let words = line.split(separator: " ").map { Array($0.utf8) }
      socket.send(encode(words))
      ours += client.command(words, on: connection)
    }
    let real = try socket.read(exactly: ours.count)
    // The number of the client that HELLO tells apart, and the order of a hash table's channels.
    func lines(_ bytes: [UInt8]) -> [String] {
      shown(bytes).split(separator: "⏎").map(String.init).filter { !$0.hasPrefix(":") }.sorted()
    }
    #expect(lines(real) == lines(ours))
    #expect(String(decoding: ours, as: UTF8.self).hasSuffix("+OK\r\n"))
  }

  @Test("a sleep is seen by all who look for what takes long")
  func latency() throws {
    var client = NodeClient(try Configuration(["enable-debug-command": "yes"]))
    let connection = client.connect()
    let monitor = client.connect()
    _ = client.command("MONITOR", on: monitor)
    for line in ["LATENCY DOCTOR", "CONFIG SET latency-monitor-threshold 100 slowlog-log-slower-than 1000"] {
      _ = client.command(line, on: connection)
    }
    client.send(encode(["DEBUG", "SLEEP", "0.25"].map { Array($0.utf8) }), on: connection)
    client.advance(by: .milliseconds(250))
    #expect(String(decoding: client.read(connection), as: UTF8.self) == "+OK\r\n")
    #expect(client.command("LATENCY LATEST", on: connection).contains("$7\r\ncommand\r\n:1686319013\r\n:250\r\n:250"))
    #expect(client.command("LATENCY HISTORY command", on: connection) == "*1\r\n*2\r\n:1686319013\r\n:250\r\n")
    #expect(client.command("SLOWLOG GET", on: connection).contains(":250000\r\n*3\r\n$5\r\nDEBUG"))
    #expect(client.command("LATENCY DOCTOR", on: connection).contains("1. command: 1 latency spikes (average 250ms"))
    #expect(client.command("LATENCY GRAPH command", on: connection).contains("high 250 ms, low 250 ms"))
    #expect(client.command("INFO commandstats", on: connection).contains("cmdstat_debug:calls=1,usec=250000"))
    #expect(client.command("LATENCY RESET", on: connection) == ":1\r\n")
    #expect(!String(decoding: client.read(monitor), as: UTF8.self).contains("DEBUG"))
  }
}

extension Configuration {
  fileprivate init(_ values: [String: String]) throws {
    self.init()
    for (name, value) in values { try set(name, value) }
  }
}

/// Some clients of a real server and of a node, which say the same, one after the other.
private struct ClientGroup {
  static let size = 4
  private let server: RealServer
  private let sockets: [Socket]
  private var node: NodeClient
  private let connections: [ConnectionID]
  private let ids: [Int]
  private var lastCalls: [String] = []

  init() throws {
    let server = try RealServer(["--enable-debug-command", "yes", "--save", "", "--notify-keyspace-events", "AKEmn"])
    let sockets = try (0..<Self.size).map { _ in try Socket(port: server.port, patience: 5) }
    var configuration = Configuration()
    try configuration.set("enable-debug-command", "yes")
    try configuration.set("save", "")
    try configuration.set("notify-keyspace-events", "AKEmn")
    // Both count their clients on from the same number.
    let id = try sockets[0].command(["CLIENT", "ID"].map { Array($0.utf8) })
    let first = Int(String(decoding: id.dropFirst().dropLast(2), as: UTF8.self)) ?? 0
    var node = NodeClient(configuration, at: realNow())
    node.node.nextClientID = first
    let connections = (0..<Self.size).map { _ in node.connect() }
    ids = Array(first..<first + Self.size)
    (self.server, self.sockets, self.node, self.connections) = (server, sockets, node, connections)
  }

  /// Says the same to both, and compares what all clients have got by then.
  @discardableResult
  mutating func same(_ call: [String], from client: Int) throws -> Bool {
    lastCalls = lastCalls.suffix(9) + ["\(client): " + call.joined(separator: " ")]
    node.now = max(node.now, realNow())
    node.advance(by: .zero)
    let words = call.map { word in
      guard word.hasPrefix("#"), let index = Int(word.dropFirst()) else { return Array(word.utf8) }
      return Array("\(index < ids.count ? ids[index] : 999_999)".utf8)
    }
    node.send(encode(words), on: connections[client])
    sockets[client].send(encode(words))
    guard try agree(client) else { return false }
    // What a client has got besides stands before the reply to this.
    for who in 0..<Self.size {
      let marker = encode([Array("CLIENT".utf8), Array("ID".utf8)])
      node.send(marker, on: connections[who])
      sockets[who].send(marker)
      guard try agree(who) else { return false }
    }
    return true
  }

  private mutating func agree(_ who: Int) throws -> Bool {
    let ours = settled(node.read(connections[who]))
    var real: [UInt8] = []
    var text = ""
    // As much as the node has said, by then or never.
    while text.utf8.count < ours.utf8.count {
      guard let more = try? sockets[who].read(), !more.isEmpty else { break }
      real += more
      text = settled(real)
    }
    if text == ours { return true }
    Issue.record(
      "client \(who) after\n\(lastCalls.joined(separator: "\n"))\nredis: \(shown(Array(text.utf8)))\nnode:  \(shown(Array(ours.utf8)))"
    )
    return false
  }

  /// Without what differs by chance: times and ports.
  private func settled(_ bytes: [UInt8]) -> String {
    var text = String(decoding: bytes, as: UTF8.self)
    text = text.replacing(/\+\d+\.\d{6} \[/, with: "+T [").replacing(/127\.0\.0\.1:\d+/, with: "ADDR")
    text = text.replacing(/\$\d+\RADDR/, with: "$ADDR")
    text = text.replacing(/fd=\d+|age=\d+|idle=\d+|qbuf=.*? events=/, with: "-").replacing(/\$\d+\Rid=/, with: "$id=")
      .replacing(/=\d+\Rtxt:/, with: "txt:")
    // A slow command's number, second and duration.
    return text.replacing(/\*6\R:(\d+)\R:\d+\R:\d+\R/) { "*6\r\n:\($0.output.1)\r\n:T\r\n:T\r\n" }
  }

  /// The numbers that INFO gives of tracking and subscribing.
  mutating func sameNumbers(_ line: String) throws -> Bool {
    let wanted = ["tracking_", "pubsub_channels", "pubsub_patterns"]
    func lines(_ text: String) -> [Substring] {
      text.split(separator: "\r\n").filter { line in wanted.contains { line.hasPrefix($0) } }
    }
    let asker = node.connect()
    defer { node.handle(.closed(asker, reset: false)) }
    let socket = try Socket(port: server.port)
    let real = try socket.command(line.split(separator: " ").map { Array($0.utf8) })
    let ours = node.command(line, on: asker)
    let (theirs, mine) = (lines(String(decoding: real, as: UTF8.self)), lines(ours))
    #expect(theirs == mine, "\(lastCalls)")
    return theirs == mine
  }
}

private struct OnlookerScript {
  var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  private mutating func pick(_ choices: [String]) -> String { choices[Int(random.next() % UInt64(choices.count))] }
  private mutating func key() -> String { pick(["a", "ab", "abc", "b", "bc"]) }
  private mutating func some(_ count: UInt64, _ one: (inout Self) -> String) -> [String] {
    (0..<1 + random.next() % count).map { _ in one(&self) }
  }

  mutating func call(from client: Int) -> [String] {
    switch random.next() % 38 {
    case 0: ["HELLO", pick(["2", "3", "3"])]
    case 1, 2, 3: tracking()
    case 4: ["CLIENT", "CACHING", pick(["YES", "NO", "x"])]
    case 5: ["CLIENT", "TRACKINGINFO"]
    case 6: ["CLIENT", "GETREDIR"]
    case 7: client == 3 ? ["MONITOR"] : ["PING"]
    case 8: random.next() % 4 == 0 ? ["RESET"] : ["EXISTS", key()]
    case 9: ["SUBSCRIBE", pick(["__redis__:invalidate", "c1", "c2"])]
    case 10: ["UNSUBSCRIBE", pick(["c1", "c2", "__redis__:invalidate"])]
    case 11: ["PSUBSCRIBE", "*"]
    case 12: ["PUNSUBSCRIBE"]
    case 13: ["MGET"] + some(3) { $0.key() }
    case 14: ["MULTI"]
    case 15, 16: ["EXEC"]
    case 17: ["DISCARD"]
    case 18: ["CLIENT", "INFO"]
    case 19: ["CLIENT", "NO-EVICT", pick(["ON", "OFF"])]
    case 20: ["DEL"] + some(3) { $0.key() }
    case 21: ["SELECT", pick(["0", "0", "1"])]
    case 22: ["RPUSH", "l" + key(), "x"]
    case 23: ["LRANGE", "l" + key(), "0", "-1"]
    case 24: ["EXPIREAT", key(), pick(["1", "4000000000"])]
    case 25: ["RENAME", key(), key()]
    case 26: ["COPY", key(), key(), "REPLACE"]
    case 27: ["BADCOMMAND", "x"]
    case 28: ["CONFIG", "GET", "maxclients"]
    case 29: ["AUTH", pick(["default", "x"]), "pw"]
    case 30: ["INCR", "n" + key()]
    case 31: ["GET", "n" + key()]
    case 32: ["PUBLISH", pick(["c1", "c2"]), "hi\r\n\"you\""]
    case 33: ["CLIENT", "REPLY", "ON"]
    case 34: random.next() % 6 == 0 ? [pick(["FLUSHALL", "FLUSHDB"])] : ["GET", key()]
    case 35: ["SPUBLISH", "c1", "x"]
    default: random.next() % 2 == 0 ? ["SET", key(), pick(["1", "\u{0}\u{1}\\\"é", "long text"])] : ["GET", key()]
    }
  }

  private mutating func tracking() -> [String] {
    var words = ["CLIENT", "TRACKING", pick(["ON", "ON", "ON", "OFF", "x"])]
    let options = random.next()
    if options % 5 == 0 { words += ["REDIRECT", pick(["#0", "#1", "#2", "#3", "#9", "0", "x"])] }
    if options / 5 % 4 == 0 {
      words.append("BCAST")
      if options / 20 % 2 == 0 {
        for _ in 0..<1 + random.next() % 2 { words += ["PREFIX", pick(["a", "ab", "b", "c"])] }
      }
    } else if options / 40 % 20 == 0 {
      words += ["PREFIX", "a"]
    }
    if options / 800 % 3 == 0 { words.append(pick(["OPTIN", "OPTOUT"])) }
    if options / 2_400 % 3 == 0 { words.append("NOLOOP") }
    return words
  }
}
