import Glibc
import RESP
import RealRedis
import TestSupport
import Testing

@testable import Redis

/// Arguments of any bytes, not only of text, and with a NUL in them, where some strings end for Redis and others go on: a
/// real redis-server and a node answer the same, byte for byte.
///
/// Each call is right as it stands; then each of its words is changed in several ways. `REPLAB_SEED=7` draws others.
@Suite("Any bytes", .serialized, .enabled(if: RealServer.isInstalled, "redis-server is not installed"))
struct AnyBytesOracleTests {
  /// What is no UTF-8, or hardly any: bytes that never begin a letter, letters that are cut off, halves of pairs, letters
  /// beyond the last, too long ones; the scalars by which texts of the node's stand for bytes; letters whose case is
  /// another thing in C, and marks that a letter takes to itself.
  static let pieces: [[UInt8]] = [
    [0xFF], [0x80], [0xC3], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC0, 0xAF],
    [0xF4, 0x8F, 0xBE, 0x80], [0xF4, 0x8F, 0xBF, 0xBF], [0xF4, 0x8F, 0xBD, 0xBF], Array("\u{C9}".utf8),
    Array("\u{212A}".utf8), Array("\u{301}".utf8), [0xEF, 0xBF, 0xBD], [0], [0, 0xFF], Array("x\0y".utf8),
    [UInt8](repeating: 0xFF, count: 130), Array("\r\n\u{FF}".utf8),
  ]

  /// The words that take the place of one, or are it with something more.
  static func changes(of word: [UInt8], _ random: inout TestRandom) -> [[UInt8]] {
    func piece() -> [UInt8] { pieces[Int.random(in: 0..<pieces.count, using: &random)] }
    let drawn = (0..<Int.random(in: 1...6, using: &random)).map { _ in UInt8.random(in: 0x80...0xFF, using: &random) }
    return [
      word + [0], word + Array("\0x".utf8), word + [0xFF], piece(), word + piece(), piece() + word, drawn, word + drawn,
    ]
  }

  static let families: [Family] = [
    Family(
      "commands",
      [
        "GET k", "SET k v", "OBJECT ENCODING k", "CLIENT GETNAME", "NOSUCH a b", "COMMAND INFO get",
        "COMMAND GETKEYS get k",
      ]),
    Family(
      "configuration",
      [
        "CONFIG GET loglevel", "CONFIG GET masterauth requirepass", "CONFIG SET loglevel notice",
        "CONFIG SET masteruser me",
        "CONFIG SET masterauth pw", "CONFIG SET appendonly no", "CONFIG SET maxmemory 1gb", "CONFIG SET timeout 10",
        "CONFIG SET maxmemory-policy noeviction", "CONFIG SET notify-keyspace-events KEA",
        "CONFIG SET save \"900 1\"", "CONFIG SET replica-announce-ip here", "CONFIG SET hz 10 timeout 0",
        "CONFIG SET client-output-buffer-limit \"normal 0 0 0\"", "CONFIG SET cluster-announce-hostname here",
        "CONFIG SET proc-title-template {title}", "CONFIG SET oom-score-adj-values \"0 1 2\"",
        "CONFIG SET latency-tracking-info-percentiles \"50 99\"", "CONFIG SET ignore-warnings x",
        "CONFIG SET shutdown-on-sigint \"save now\"", "CONFIG SET dbfilename x.rdb", "CONFIG SET unixsocketperm 700",
      ],
      after: [
        "CONFIG GET masteruser masterauth replica-announce-ip save ignore-warnings proc-title-template hz timeout"
      ]),
    Family(
      "users",
      [
        "ACL SETUSER u on >pw ~k* &c* +get", "ACL SETUSER u %R~k +@read", "ACL SETUSER u +get|k",
        "ACL SETUSER u +config|get",
        "ACL SETUSER u (+get ~k)", "ACL SETUSER u resetpass", "ACL SETUSER u <nosuch", "ACL SETUSER u #abc",
        "ACL GETUSER u", "ACL DELUSER u", "ACL DRYRUN u get k", "ACL DRYRUN default get k", "ACL CAT read",
        "ACL CAT keyspace",
        "ACL WHOAMI", "ACL GENPASS 0", "AUTH u pw", "AUTH pw", "ACL LOG RESET",
      ], after: ["ACL LIST", "ACL USERS", "ACL SETUSER u reset on >other"], reset: ["ACL SETUSER u reset on >other"]),
    Family(
      "clients",
      [
        "CLIENT SETNAME me", "CLIENT LIST TYPE pubsub", "CLIENT LIST ID 1", "CLIENT KILL TYPE pubsub",
        "CLIENT KILL USER nosuch", "CLIENT KILL ADDR 1.2.3.4:5", "CLIENT KILL 1.2.3.4:5", "CLIENT NO-EVICT on",
        "CLIENT TRACKING off", "CLIENT CACHING yes", "CLIENT UNBLOCK 1 ERROR", "CLIENT PAUSE 0 WRITE", "CLIENT HELP",
        "HELLO 2 SETNAME me", "CLIENT UNPAUSE", "CLIENT TRACKING on BCAST PREFIX a PREFIX b",
      ], after: ["CLIENT GETNAME", "CLIENT TRACKING off"]),
    Family(
      "values",
      [
        "SET k v EX 10", "SET k v NX GET", "GETEX k PERSIST", "LINSERT l BEFORE a x", "LPOS l a RANK 1",
        "LMOVE l l LEFT RIGHT",
        "BITOP AND d k k", "BITCOUNT k 0 -1 BYTE", "BITFIELD k GET u8 0", "BITFIELD k OVERFLOW WRAP INCRBY u8 0 1",
        "ZADD z NX 1 a", "ZADD z inf b", "ZRANGE z 0 1 REV", "ZRANGEBYSCORE z -inf (5 WITHSCORES", "ZRANGEBYLEX z - [b",
        "ZUNION 1 z AGGREGATE MAX WITHSCORES", "GEOADD geo 1 1 a", "GEODIST geo a a km", "EXPIRE k 100 NX",
        "GEOSEARCH geo FROMMEMBER a BYRADIUS 1 km ASC", "SORT l ALPHA DESC LIMIT 0 1", "SORT l BY nosuch GET #",
        "SCAN 0 TYPE hash",
        "SCAN 0 MATCH k COUNT 100", "SSCAN set 0", "INCRBY n 5", "INCRBYFLOAT n 1.5", "HINCRBY h n 1", "SETRANGE k 1 x",
        "GETRANGE k 0 1", "SETBIT k 1 1", "LCS k k LEN", "COPY k c REPLACE", "RESTORE x 0 abc REPLACE",
        "LMPOP 1 l LEFT COUNT 1",
        "ZMPOP 1 z MIN", "HRANDFIELD h 1 WITHVALUES", "PFADD p a", "PFDEBUG ENCODING p", "OBJECT FREQ k",
        "MEMORY USAGE nosuch SAMPLES 0",
        "SINTERCARD 1 set LIMIT 1", "DUMP nosuch", "LPUSH k x", "SELECT 0", "SWAPDB 0 0", "MOVE k 9", "FLUSHALL ASYNC",
        "RENAME nosuch y",
      ]),
    Family(
      "streams",
      [
        "XADD s MAXLEN ~ 10 7-1 f v", "XADD s NOMKSTREAM 5-1 f v", "XADD s 5-* f v", "XRANGE s - +", "XRANGE s (1-1 5",
        "XREAD COUNT 1 STREAMS s 0",
        "XREADGROUP GROUP g c COUNT 1 STREAMS s >", "XREADGROUP GROUP nosuch c STREAMS s 0",
        "XGROUP CREATE s g2 $ MKSTREAM",
        "XGROUP SETID s g 0 ENTRIESREAD 1", "XGROUP CREATECONSUMER s g c", "XGROUP DELCONSUMER s nosuch c",
        "XGROUP DESTROY s g2", "XPENDING s nosuch", "XPENDING s g - + 1 c", "XCLAIM s g c 0 1-1 JUSTID FORCE",
        "XCLAIM s nosuch c 0 1-1", "XAUTOCLAIM s g c 0 0 COUNT 1", "XACK s g 1-1", "XINFO STREAM s FULL COUNT 1",
        "XINFO CONSUMERS s nosuch", "XINFO GROUPS s", "XTRIM s MINID 0", "XSETID s 9-9 ENTRIESADDED 5", "XDEL s 1-1",
      ]),
    Family(
      "scripts",
      [
        "EVAL \"return 1\" 0", "EVAL \"return KEYS[1]\" 1 k", "EVAL \"return redis.error_reply(ARGV[1])\" 0 words",
        "EVAL \"return redis.status_reply(ARGV[1])\" 0 words", "EVAL \"return redis.call(ARGV[1])\" 0 nosuch",
        "EVAL \"return redis.pcall(ARGV[1], ARGV[2])\" 0 object x", "EVAL \"return redis.call('config', ARGV[1])\" 0 x",
        "EVAL \"error(ARGV[1])\" 0 words", "EVAL \"return {err=ARGV[1]}\" 0 words",
        "EVAL \"return {ok=ARGV[1]}\" 0 words",
        "EVAL \"redis.set_repl(1) return ARGV[1]\" 0 a", "EVAL nosuch 0", "EVAL \"return 'x\" 0", "EVALSHA abc 0",
        "SCRIPT EXISTS abc",
        "SCRIPT FLUSH SYNC", "SCRIPT DEBUG NO", "SCRIPT LOAD \"return 1\"",
        "EVAL \"#!lua flags=no-writes\\nreturn 1\" 0",
        "EVAL \"#!lua nosuch\\nreturn 1\" 0", "EVAL \"#!other\\nreturn 1\" 0",
        "EVAL \"return redis.sha1hex(ARGV[1])\" 0 a", "EVAL \"return cjson.encode(ARGV[1])\" 0 a",
        "FUNCTION LOAD \"#!lua name=lib\\nredis.register_function('f', function() return 1 end)\"",
        "FUNCTION LOAD REPLACE \"#!lua name=lib\\nredis.register_function('f', function() return 1 end)\"",
        "FUNCTION LOAD \"#!lua name=lib nosuch=1\\nreturn 1\"", "FUNCTION LOAD \"#!other name=lib\\nreturn 1\"",
        "FUNCTION LOAD \"#!lua name=broken\\nerror('a')\"", "FUNCTION LOAD nosuch",
        "FUNCTION LIST LIBRARYNAME lib", "FUNCTION LIST WITHCODE", "FUNCTION DELETE nosuch", "FUNCTION FLUSH SYNC",
        "FUNCTION RESTORE abc APPEND", "FUNCTION STATS", "FCALL f 0", "FCALL nosuch 1 k", "FUNCTION KILL",
      ], reset: ["FUNCTION FLUSH"]),
    Family(
      "replication",
      [
        "REPLCONF listening-port 1", "REPLCONF ip-address here", "REPLCONF capa eof", "REPLCONF nosuch 1",
        "REPLCONF rdb-only 0", "REPLCONF rdb-filter-only functions", "REPLICAOF NO ONE", "REPLICAOF 127.0.0.1 nosuch",
        "SLAVEOF NO ONE",
        "PSYNC abc nosuch", "WAIT 0 0", "FAILOVER ABORT", "FAILOVER TO 127.0.0.1 1 FORCE TIMEOUT 1", "ROLE",
      ]),
    Family(
      "server",
      [
        "DEBUG ERROR words", "DEBUG SET-ACTIVE-EXPIRE 1", "DEBUG NOSUCH x", "DEBUG OBJECT nosuch", "DEBUG LOG words",
        "DEBUG DIGEST-VALUE k", "LATENCY GRAPH command", "LATENCY HISTORY command", "LATENCY RESET command",
        "SLOWLOG GET 0", "SLOWLOG NOSUCH",
        "SLOWLOG RESET", "COMMAND LIST FILTERBY PATTERN ge*", "COMMAND LIST FILTERBY ACLCAT nosuch",
        "COMMAND LIST FILTERBY MODULE x",
        "COMMAND GETKEYS set k v", "COMMAND GETKEYSANDFLAGS set k v", "COMMAND NOSUCH", "COMMAND DOCS nosuch",
        "MEMORY NOSUCH", "PUBLISH c m", "PUBSUB NUMSUB c", "PUBSUB CHANNELS c", "PUBSUB NOSUCH",
        "SAVE x", "BGREWRITEAOF x", "INFO nosuch", "ECHO words", "PING words", "SUBSCRIBE c", "UNSUBSCRIBE c",
        "PSUBSCRIBE c", "PUNSUBSCRIBE c", "RESET x", "WATCH k", "UNWATCH", "EXEC x",
      ]),
  ]

  private static let seed = getenv("REPLAB_SEED").flatMap { UInt64(String(cString: $0)) } ?? 0

  @Test("are answered in the same way", arguments: families, [2, 3])
  func same(family: Family, version: Int) throws {
    var pair = try BytePair()
    var random = TestRandom(seed: 2 * Self.seed + UInt64(version))
    for call in family.calls {
      guard let words = InlineCommand.split(Array(call.utf8)) else {
        Issue.record("\(call)")
        continue
      }
      try pair.begin(version, reset: family.reset)
      try pair.same(words)
      let hasSubcommands = CommandTable.find(Bytes(words[0]))?.subcommands.isEmpty == false
      for position in words.indices {
        for change in Self.changes(of: words[position], &random) {
          let word = Bytes(words[position])
          let isName =
            position < (hasSubcommands ? 2 : 1) || CommandTable.find(word) != nil
            || DirectiveTable.find(word.text) != nil
          // With a NUL behind it, a name is found if chance puts both into the same row of a hash table.
          if isName, Bytes(change).upToNUL.uppercased() == word.uppercased() {
            continue
          }
          var changed = words
          changed[position] = change
          try pair.same(changed)
          for line in family.after { try pair.same(line.split(separator: " ").map { Array($0.utf8) }) }
        }
      }
    }
    try pair.same(["INFO", "errorstats"].map { Array($0.utf8) })
    #expect(pair.count > 100)
  }

  @Test("are what a replica logs in with", arguments: [[0xFF], [0x70, 0xC3, 0x28], [0x70, 0, 0xFE]] as [[UInt8]])
  func login(password: [UInt8]) throws {
    let server = try RealServer(["--repl-diskless-sync-delay", "0"])
    let socket = try Socket(port: server.port)
    let setting = ["CONFIG", "SET", "requirepass"].map { Array($0.utf8) } + [password]
    #expect(try socket.command(setting) == Array("+OK\r\n".utf8))
    let replica = try SocketHost { configuration in
      configuration.masterauth = String(bytes: password)
      configuration.replicaof = Address(host: "127.0.0.1", port: server.port)
    }
    #expect(replica.run { $0.node.replication.link.state == .connected })
  }

  @Test("are shown to those who look on")
  func shown() throws {
    let pair = try BytePair()
    let (socket, monitor) = (try Socket(port: pair.server.port), try Socket(port: pair.server.port))
    var client = NodeClient(at: realNow())
    let (connection, ownMonitor) = (client.connect(), client.connect())
    _ = try monitor.command([Array("MONITOR".utf8)])
    _ = client.command([Array("MONITOR".utf8)], on: ownMonitor)
    var random = TestRandom(seed: 3)
    for _ in 0..<50 {
      let call = [
        Array("ECHO".utf8), Self.changes(of: Array("word".utf8), &random).randomElement(using: &random) ?? [],
      ]
      #expect(try socket.command(call) == client.command(call, on: connection))
      // Behind the time and the address.
      let (line, own) = (try monitor.readLine(), client.read(ownMonitor))
      #expect(line.drop { $0 != UInt8(ascii: "]") } == own.drop { $0 != UInt8(ascii: "]") })
    }
  }
}

struct Family: Sendable, CustomTestStringConvertible {
  var name: String
  var calls: [String]
  /// What shows how things are behind each of them.
  var after: [String]
  /// What makes them as they were.
  var reset: [String]
  var testDescription: String { name }

  init(_ name: String, _ calls: [String], after: [String] = [], reset: [String] = []) {
    (self.name, self.calls, self.after, self.reset) = (name, calls, after, reset)
  }
}

/// A real server and a node that are told the same bytes.
struct BytePair {
  let server: RealServer
  private var socket: Socket
  private var client: NodeClient
  private var connection: ConnectionID
  private(set) var count = 0

  init() throws {
    let directives = [
      "--enable-debug-command", "yes", "--enable-protected-configs", "yes", "--latency-tracking", "no",
    ]
    server = try RealServer(directives)
    socket = try Socket(port: server.port, patience: 5)
    var configuration = Configuration()
    for (name, value) in [
      ("save", ""), ("enable-debug-command", "yes"), ("enable-protected-configs", "yes"), ("latency-tracking", "no"),
      ("bind", "127.0.0.1"),
    ] {
      try configuration.set(name, value)
    }
    client = NodeClient(configuration, at: realNow())
    connection = client.connect()
  }

  /// A new connection, and something of each type.
  mutating func begin(_ version: Int, reset: [String]) throws {
    socket = try Socket(port: server.port, patience: 5)
    client.handle(.closed(connection, reset: false))
    connection = client.connect()
    let data = [
      "CLIENT UNPAUSE", "HELLO \(version)", "FLUSHALL", "SET k v", "HSET h f v", "XADD s 1-1 f v",
      "XGROUP CREATE s g 0", "ZADD z 1 a", "SADD set a",
      "RPUSH l a b",
    ]
    for line in data + reset {
      let words = line.split(separator: " ").map { Array($0.utf8) }
      _ = try socket.command(words)
      _ = client.command(words, on: connection)
    }
  }

  mutating func same(_ words: [[UInt8]]) throws {
    count += 1
    let line = words.map { InlineCommand.word($0) }.joined(separator: " ")
    client.now = max(client.now, realNow())
    client.advance(by: .zero)
    let ours = client.command(words, on: connection)
    client.advance(by: .zero)
    let real: [UInt8]
    do { real = try socket.command(words) } catch {
      Issue.record("\(line): \(error); node: \(shown(ours))")
      socket = try Socket(port: server.port, patience: 5)
      connection = client.connect()
      return
    }
    if Self.settled(real) == Self.settled(ours) { return }
    Issue.record(
      "\(line)\n  redis: \(shown(real).prefix(300))\n  node:  \(shown(ours + client.read(connection)).prefix(300))")
  }

  /// Without what is a matter of time or of a hash table's order: the numbers of CLIENT LIST and HELLO, the order of
  /// lines, and that of a user's rules.
  private static func settled(_ reply: [UInt8]) -> [[UInt8]] {
    let text = String(decoding: reply, as: UTF8.self)
    let hasNumbers = ["laddr=", "proto"].contains { text.contains($0) }
    let reply = hasNumbers ? reply.filter { !(0x30...0x39).contains($0) } : reply
    return reply.split(separator: 10).map { line -> [UInt8] in
      let words = line.split { $0 == 32 || $0 == 13 }
      return line.starts(with: "user ".utf8)
        ? Array(words.sorted { $0.lexicographicallyPrecedes($1) }.joined()) : Array(line)
    }.sorted { $0.lexicographicallyPrecedes($1) }
  }
}
