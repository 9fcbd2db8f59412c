import RESP
import RealRedis
import Testing

@testable import Redis

private func words(_ line: String) -> [[UInt8]] { line.split(separator: " ").map { Array($0.utf8) } }

/// What goes and what is refused, where that depends on neither chance nor a few bytes.
@Suite(
  "Eviction beside a real server", .serialized, .enabled(if: RealServer.isInstalled, "redis-server is not installed"))
struct EvictionOracleTests {
  private let pair: OraclePair

  init() throws { pair = try OraclePair() }

  private func same(_ lines: String...) throws { for line in lines { try pair.same(words(line)) } }

  /// Makes a value of one MiB, as the allocator of a real server rounds it up.
  ///
  /// The call itself is short: an argument of that length would leave a query buffer as long behind, and when a server
  /// gives that back is a matter of its timer.
  private func long(_ key: String) -> String { "SETRANGE \(key) 999999 x" }

  /// Sets `maxmemory` to so much less than what each uses: some long values and a half, so that what it has for its
  /// clients, and gives back when they have been idle for some seconds, decides nothing.
  private func limit(by less: Int) throws {
    let info = try pair.say(real: words("INFO memory"), ours: words("INFO memory"))
    func used(_ reply: [UInt8]) -> Int {
      String(decoding: reply, as: UTF8.self).split(separator: "\r\n").first { $0.hasPrefix("used_memory:") }
        .flatMap { Int($0.dropFirst(12)) } ?? 0
    }
    let replies = try pair.say(
      real: words("CONFIG SET maxmemory \(used(info.real) - less)"),
      ours: words("CONFIG SET maxmemory \(used(info.ours) - less)"))
    #expect(replies.real == Array("+OK\r\n".utf8) && replies.ours == replies.real)
  }

  @Test("Without eviction what may need more memory is refused, alone, in MULTI and by EXEC") func refused() throws {
    try same(long("big"), "RPUSH l a b", "SET t 1 EX 1000")
    try limit(by: 524_000)
    try same(
      "SET a 1", "GET big", "DEL nosuch", "RPUSH l c", "LPOP l", "INCR n", "EXPIRE big 1000", "PERSIST big", "PING",
      "SADD s a", "COPY big b", "RENAME t t2", "APPEND t2 x", "GETEX t2", "SETEX a 10 b", "TOUCH big", "EVAL")
    try same(
      "MULTI", "GET big", "EXEC", "MULTI", "SET a 1", "DISCARD", "MULTI", "RESET", "SELECT 0", "WATCH big", "UNWATCH")
    // A script that reads may run, unless it says what it is and not that it may.
    try same("EVAL return{redis.call('SET','a','1')} 0", "EVAL return{redis.call('STRLEN','big')} 0")
    try same("EVAL #!lua\nreturn{redis.call('STRLEN','big')} 0")
    try same("CONFIG SET maxmemory 0", "SET a 1", "EXISTS a", "DEL big", "OBJECT FREQ a")
    try pair.sameStream(atLeast: 5)
  }

  @Test("What would expire first goes first, before the command that needs the room", arguments: ["no", "yes"])
  func timeToLive(lazily: String) throws {
    try same("CONFIG SET maxmemory-policy volatile-ttl lazyfree-lazy-eviction \(lazily)")
    for (key, seconds) in [("a", 900), ("b", 300), ("c", 700), ("d", 200), ("e", 800)] {
      try same(long(key), "EXPIRE \(key) \(seconds)")
    }
    try same(long("f"), "SELECT 2", long("g"), "EXPIRE g 500", "SELECT 0")
    try limit(by: 2_620_000)
    try same("PING", "EXISTS a b c d e f", long("h"), "EXISTS a b c d e f h")
    try same("MULTI", long("i"), "SET j 1", "EXEC", "SET last 1", "KEYS last")
    try same("DBSIZE", long("k"), long("l"), "SET m 1", "SET n 1", "DBSIZE")
    try same("CONFIG SET maxmemory 0")
    try pair.sameEvents(atLeast: 5)
    try pair.sameStream(atLeast: 5)
  }

  @Test("The idlest goes first where all are looked at") func leastRecentlyUsed() throws {
    try same("CONFIG SET maxmemory-policy allkeys-lru maxmemory-samples 10 maxmemory 1gb")
    for key in ["a", "b", "c"] {
      try same(long(key))
      try pass(seconds: 1)
    }
    try same("GET a", "OBJECT REFCOUNT a")
    try pass(seconds: 1)
    try same("SET n 10", "OBJECT REFCOUNT n", "TOUCH n")
    try pass(seconds: 1)
    try same("EXISTS c", "TYPE c", "OBJECT ENCODING c", "TTL c", "STRLEN b")
    try pass(seconds: 1)
    try limit(by: 524_000)
    try same("PING", "EXISTS a", "EXISTS b", "EXISTS c")
    try limit(by: 524_000)
    try same("PING", "EXISTS a", "EXISTS b", "EXISTS c", "EXISTS n")
    try same("CONFIG SET maxmemory 0")
    try pair.sameEvents(atLeast: 5)
    try pair.sameStream(atLeast: 5)
  }

  /// Lets both clocks pass the next full second, and the timer's turn after it.
  private func pass(seconds: Int) throws {
    let end = Instant(microseconds: (realNow().seconds + Int64(seconds)) * 1_000_000 + 150_000)
    _ = wait(seconds: 10) { realNow() > end }
  }

  @Test("RESTORE takes what another server knew of a key's use, and OBJECT tells it") func told() throws {
    try same("SET a x")
    let payload = try pair.say(real: words("DUMP a"), ours: words("DUMP a"))
    func value(_ reply: [UInt8]) -> [UInt8] {
      guard let end = reply.firstIndex(of: 10) else { return [] }
      return Array(reply[(end + 1)...].dropLast(2))
    }
    func restore(_ key: String, _ options: String) throws {
      let call = words("RESTORE \(key) 0")
      let replies = try pair.say(
        real: call + [value(payload.real)] + words(options), ours: call + [value(payload.ours)] + words(options))
      #expect(replies.real == replies.ours, "\(options)")
    }
    for (index, options) in ["IDLETIME 1000", "FREQ 200", "IDLETIME 99999999999", "IDLETIME 20000000", ""].enumerated()
    {
      try restore("k\(index)", options)
    }
    try same("OBJECT FREQ k1", "OBJECT IDLETIME nosuch", "OBJECT IDLETIME", "OBJECT FREQ nosuch")
    for key in ["k0", "k1", "k2", "k3", "k4", "a"] {
      let idle = try pair.say(real: words("OBJECT IDLETIME \(key)"), ours: words("OBJECT IDLETIME \(key)"))
      let (a, b) = (number(idle.real), number(idle.ours))
      #expect(abs(a - b) <= 1, "\(key): \(a) \(b)")
    }
    try same("CONFIG SET maxmemory-policy allkeys-lfu lfu-decay-time 0", "OBJECT IDLETIME a")
    for (index, options) in ["IDLETIME 1000", "FREQ 200", "FREQ 255", "FREQ 0", ""].enumerated() {
      try restore("f\(index)", options)
      try same("OBJECT FREQ f\(index)", "OBJECT ENCODING f\(index)", "OBJECT FREQ f\(index)")
    }
    // The counter of a key that is always used can't grow; a low one grows at each use.
    try same(
      "GET f2", "OBJECT FREQ f2", "GET f3", "GET f3", "OBJECT FREQ f3", "SET f1 y", "RENAME f2 f5", "OBJECT FREQ f5")
    try same("COPY f5 f6", "OBJECT FREQ f6")
  }

  @Test("Integers below 10,000 are one object each: which is used by all keys that have it") func shared() throws {
    try same("CONFIG SET maxmemory 0 maxmemory-policy allkeys-lru", "SET a 10", "SET b 10", "SET c foo", "GET a")
    for key in ["a", "b", "c"] { try same("OBJECT REFCOUNT \(key)") }
    try same("CONFIG SET maxmemory-policy allkeys-lfu lfu-decay-time 0 lfu-log-factor 0")
    let shared = ["a", "b", "d", "e", "f"].map { "OBJECT FREQ \($0)" }
    // They have what they had as seconds of a clock, until something new takes their place.
    try same(
      "SET x foo", "SET x 10", "OBJECT FREQ b", "GET b", "SET x 11", "SET x 12", "SET x 13", "SET x 0", "SET x 9999")
    for line in [
      "GET a", "GET b", "MGET a b a", "TOUCH b", "SET b 11", "SET d foo", "GET d", "SET d 12", "SET e 12", "INCR e",
      "SET f 13", "APPEND a 1", "DEL b", "SET b 10", "SETRANGE e 0 7", "SET e 9999", "INCR e", "SET e -1", "SET e 0",
      "RENAME e f", "SET f 10 KEEPTTL", "SETBIT b 1 0", "COPY f e", "GET e", "GETSET e 10", "MSET a 10 b 10 d 10",
      "CONFIG SET maxmemory 100mb", "SET b 10", "GET b", "OBJECT REFCOUNT b", "INCR f", "GET f", "SET f 10",
      "COPY f e REPLACE", "CONFIG SET maxmemory 0", "SET f 10", "GETDEL b", "SET b 10", "INCRBY a 0",
      "BITFIELD b SET u8 0 49", "MOVE a 1",
    ] {
      try same(line)
      for question in shared { try same(question) }
    }
  }

  private func number(_ reply: [UInt8]) -> Int {
    Int(String(decoding: reply.dropFirst().dropLast(2), as: UTF8.self)) ?? -1
  }

  @Test("INFO tells how many went and how long it was too little") func info() throws {
    try same("CONFIG SET maxmemory-policy allkeys-random")
    for key in 0..<5 { try same(long("k\(key)")) }
    try limit(by: 1_570_000)
    try same("PING", "DBSIZE")
    let info = try pair.say(real: words("INFO everything"), ours: words("INFO everything"))
    for field in ["evicted_keys", "maxmemory_policy", "current_eviction_exceeded_time"] {
      func line(_ reply: [UInt8]) -> Substring? {
        String(decoding: reply, as: UTF8.self).split(separator: "\r\n").first { $0.hasPrefix(field + ":") }
      }
      #expect(line(info.real) == line(info.ours) && line(info.ours) != nil)
    }
    try same("CONFIG RESETSTAT")
  }
}

/// What holds of every eviction, whatever chance draws.
@Suite("Eviction")
struct EvictionTests {
  private var client: NodeClient
  private let connection: ConnectionID
  private let replica: ConnectionID

  init() throws { (client, connection, replica) = try NodeClient.withReplica() }

  private mutating func say(_ line: String) -> String { client.command(line, on: connection) }

  /// A thousand keys, every other of which will expire.
  private mutating func fill() {
    for number in 0..<1_000 {
      _ = say("SET k\(number) \(String(repeating: "x", count: 300))" + (number % 2 == 0 ? " EX 1000" : ""))
    }
    _ = client.read(replica)
    _ = client.takeEffects()
  }

  private var evictions: [EvictedKey] {
    client.effects.compactMap { if case .decided(.evict(let evicted)) = $0 { evicted } else { nil } }
  }

  @Test(
    "Under each policy keys go until it is enough, of those that may, and the replicas are told of each",
    arguments: MaxmemoryPolicy.allCases, [1, 20])
  mutating func policies(policy: MaxmemoryPolicy, samples: Int) {
    fill()
    // Each command's first call takes memory for its statistics.
    _ = say("CONFIG SET maxmemory-samples \(samples)")
    let limit = client.node.usedMemory - 100_000
    let reply = say("CONFIG SET maxmemory-policy \(policy.rawValue) maxmemory \(limit)")
    #expect(reply == "+OK\r\n")
    let told = streamCommands(client.read(replica))
    let gone = evictions
    let left = client.node.databases[0].count
    let answer = say("SET a b")
    guard policy != .noeviction else {
      #expect(gone.isEmpty && told.isEmpty)
      #expect(answer.hasPrefix("-OOM"))
      return
    }
    #expect(told.filter { !$0.hasPrefix("SELECT") } == gone.map { "DEL \($0.key)" })
    #expect((200..<300).contains(gone.count))
    #expect(left == 1_000 - gone.count)
    #expect(answer == "+OK\r\n")
    if policy.isVolatile {
      let areVolatile = gone.allSatisfy { Int($0.key.dropFirst()).map { $0 % 2 == 0 } == true }
      #expect(areVolatile)
    }
    let used = client.node.countedMemory
    // What tells the replicas of it counts, too.
    #expect(used < limit + 20_000)
  }

  @Test("A volatile policy that has nothing left refuses", arguments: MaxmemoryPolicy.allCases.filter(\.isVolatile))
  mutating func nothingLeft(policy: MaxmemoryPolicy) throws {
    fill()
    _ = say("CONFIG SET maxmemory-policy \(policy.rawValue) maxmemory 1000000")
    let (count, expiring) = (client.node.databases[0].count, client.node.databases[0].expiresCount)
    #expect(count == 500 && expiring == 0)
    try answers("SET a b", "-OOM command not allowed when used memory > 'maxmemory'.")
    try answers("MULTI", "+OK")
    try answers("GET k1", "-OOM command not allowed when used memory > 'maxmemory'.")
    try answers("EXEC", "-EXECABORT Transaction discarded because of previous errors.")
    client.advance(by: .seconds(3))
    let info = say("INFO stats")
    #expect(info.contains("current_eviction_exceeded_time:3000\r\n"))
    #expect(info.contains("evicted_keys:500\r\n"))
    try answers("CONFIG SET maxmemory 0", "+OK")
    try answers("SET a b", "+OK")
    try answers("MULTI", "+OK")
    try answers("SET a c", "+QUEUED")
    let other = client.connect()
    _ = client.command("CONFIG SET maxmemory 1000000", on: other)
    try answers(
      "EXEC", "-EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'.")
  }

  private mutating func answers(_ line: String, _ reply: String) throws {
    let told = say(line)
    #expect(told == reply + "\r\n", "\(line)")
  }

  @Test("The least used of all that are looked at goes first") mutating func leastFrequentlyUsed() throws {
    _ = say("CONFIG SET maxmemory-policy allkeys-lfu maxmemory-samples 64")
    for number in 0..<10 { _ = say("SET k\(number) \(String(repeating: "x", count: 10_000))") }
    for number in 0..<10 where number != 7 {
      for _ in 0..<30 { _ = say("GET k\(number)") }
    }
    try answers("OBJECT FREQ k7", ":5")
    _ = client.takeEffects()
    _ = say("CONFIG SET maxmemory \(client.node.usedMemory - 5_000)")
    let gone = evictions
    #expect(gone.map(\.key) == ["k7"])
    #expect(gone.first?.reason == .frequency(5))
    // A minute without use takes one off.
    let before = say("OBJECT FREQ k3")
    #expect(before != ":0\r\n")
    client.advance(by: .seconds(60 * 300))
    try answers("OBJECT FREQ k3", ":0")
  }

  /// So does a real server [measured].
  @Test("A shared integer is idle since any key that has it was used, or since the start") mutating func sharedUse()
    throws
  {
    _ = say("CONFIG SET maxmemory-policy allkeys-lru")
    client.advance(by: .seconds(100) - (client.now - client.node.started))
    for line in ["SET a 10", "SET b 10", "SET c 11"] { try answers(line, "+OK") }
    try answers("OBJECT IDLETIME a", ":100")
    client.advance(by: .seconds(50))
    try answers("GET b", "$2\r\n10")
    try answers("OBJECT IDLETIME a", ":0")
    try answers("OBJECT IDLETIME c", ":150")
    // One for each key once what they take of memory is limited; but none is until its key is set.
    _ = say("CONFIG SET maxmemory 100mb")
    try answers("SET b 10", "+OK")
    client.advance(by: .seconds(20))
    try answers("GET a", "$2\r\n10")
    try answers("OBJECT IDLETIME b", ":20")
    try answers("OBJECT IDLETIME a", ":0")
  }

  @Test("CONFIG SET says that the new limit is below what is used, and what is over it goes at once")
  mutating func warned() {
    fill()
    _ = say("CONFIG SET maxmemory-policy allkeys-random")
    _ = say("CONFIG SET maxmemory 1500000")
    let warned = client.effects.contains {
      if case .log(let entry) = $0 {
        entry.text.hasPrefix(
          "WARNING: the new maxmemory value set via CONFIG SET (1500000) is smaller than the current")
      } else {
        false
      }
    }
    #expect(warned)
    let (count, used) = (evictions.count, client.node.countedMemory)
    // What tells the replicas of it counts, too.
    #expect(count > 0 && used < 1_530_000, "\(used)")
  }

  @Test("A replica leaves that to its master, unless replica-ignore-maxmemory is no") mutating func replicas() {
    fill()
    _ = say("REPLICAOF 127.0.0.1 1")
    _ = say("CONFIG SET maxmemory-policy allkeys-random")
    _ = say("CONFIG SET maxmemory 1500000")
    _ = say("PING")
    let kept = client.node.databases[0].count
    _ = say("CONFIG SET replica-ignore-maxmemory no")
    _ = say("PING")
    let left = client.node.databases[0].count
    #expect(kept == 1_000 && left < 1_000)
  }

  @Test("Nothing goes while clients are paused") mutating func paused() {
    fill()
    _ = say("CONFIG SET maxmemory-policy allkeys-random")
    _ = say("CLIENT PAUSE 1000 WRITE")
    _ = say("CONFIG SET maxmemory 1500000")
    let early = evictions.count
    client.advance(by: .seconds(2))
    _ = say("PING")
    let late = evictions.count
    #expect(early == 0 && late > 0)
  }

  @Test("A snapshot says how long a key was not used, or how often it was", arguments: [true, false])
  mutating func snapshot(isLRU: Bool) {
    _ = say("CONFIG SET maxmemory-policy \(isLRU ? "allkeys-lru" : "volatile-lfu")")
    _ = say("SET a b")
    client.advance(by: .seconds(120))
    _ = say("SET c d")
    _ = say("SAVE")
    client.advance(by: .seconds(50))
    var restarted = NodeClient(client.node.configuration, at: client.now, files: client.files)
    let connection = restarted.connect()
    let told = (isLRU ? ["IDLETIME a", "IDLETIME c"] : ["FREQ a", "FREQ c"]).map {
      restarted.command("OBJECT \($0)", on: connection)
    }
    #expect(told == (isLRU ? [":120\r\n", ":0\r\n"] : [":3\r\n", ":5\r\n"]))
  }
}
