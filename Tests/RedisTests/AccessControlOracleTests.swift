import RealRedis
import Testing

@testable import Redis

/// Seeded rules and commands, given to a real redis-server and to a node: both must say and do the same.
@Suite(.enabled(if: RealServer.isInstalled, "redis-server is not installed"), .serialized)
struct AccessControlOracleTests {
  @Test("Generated rules get the same verdicts, are told the same way, and refuse the same commands", arguments: 1...4)
  func rulesAgree(seed: Int) throws {
    var pair = try Pair()
    var random = RuleGenerator(seed: UInt64(seed))
    for round in 0..<90 {
      let user = "u\(random.below(5))"
      try pair.compare(["ACL", "SETUSER", user] + random.rules())
      try pair.compare(["ACL", "GETUSER", user])
      for _ in 0..<6 { try pair.compare(["ACL", "DRYRUN", user] + random.command()) }
      if round % 6 == 5 { try act(as: user, &pair, &random) }
      if round % 15 == 14 { try pair.compare(["ACL", "LIST"]) }
    }
    try pair.compare(["ACL", "LIST"])
    try pair.compare(["ACL", "LOG", "100"])
  }

  /// Logs in as a user and does things, some of them in a transaction during which the rules change.
  private func act(as user: String, _ pair: inout Pair, _ random: inout RuleGenerator) throws {
    try pair.compare(["ACL", "SETUSER", user, "on", ">pw"])
    let (client, admin) = (try pair.connect(), pair.current)
    pair.current = client
    try pair.compare(["AUTH", user, random.below(4) == 0 ? "wrong" : "pw"])
    try pair.compare(["ACL", "WHOAMI"])
    for _ in 0..<6 { try pair.compare(random.runnableCommand()) }
    try pair.compare(["MULTI"])
    for _ in 0..<3 { try pair.compare(random.runnableCommand()) }
    pair.current = admin
    try pair.compare(["ACL", "SETUSER", user] + random.rules())
    pair.current = client
    try pair.compare(["EXEC"])
    pair.current = admin
  }

  @Test("Every category has the same commands")
  func categories() throws {
    var pair = try Pair()
    try pair.compare(["ACL", "CAT"])
    for name in CommandCategories.order { try pair.compareSorted(["ACL", "CAT", name]) }
    try pair.compare(["ACL", "CAT", "nosuch"])
    try pair.compare(["ACL", "CAT", "read", "write"])
  }

  @Test("Each command alone is told the same way, and so is all but it")
  func singleCommands() throws {
    var pair = try Pair()
    let names = CommandTable.known.flatMap { [$0.name] + $0.subcommands.map(\.name) }
    for name in names {
      try pair.compare(["ACL", "SETUSER", "one", "-@all", "+\(name)"])
      try pair.compare(["ACL", "GETUSER", "one"])
      try pair.compare(["ACL", "SETUSER", "but", "+@all", "-\(name)"])
      try pair.compare(["ACL", "GETUSER", "but"])
    }
  }

  @Test("The family's edges are the same", arguments: Edge.all)
  func edges(edge: Edge) throws {
    var pair = try Pair()
    for command in edge.commands { try pair.compare(command.split(separator: " ").map(String.init)) }
  }

  @Test(
    "Whoever has subscribed to what he may subscribe to no more is closed",
    arguments: [
      ("&*", "resetchannels"), ("&c*", "resetchannels"), ("&c*", "reset"), ("&*", "resetchannels &chx"),
      ("&*", "resetchannels &c*"), ("&chx &ch*", "resetchannels &ch*"), ("&chx &ch*", "resetchannels &chx"),
      ("&c*", "allchannels"), ("&c* &d*", "resetchannels &d* &e* &c*"), ("&c*", "resetchannels (+ping &c*)"),
      ("&c* (+ping &d*)", "clearselectors"), ("&*", "off"),
    ])
  func subscribers(before: String, after: String) throws {
    for subscription in ["SUBSCRIBE chx", "PSUBSCRIBE ch*", "SSUBSCRIBE chx"] {
      var pair = try Pair()
      func compare(_ line: String) throws { try pair.compare(line.split(separator: " ").map(String.init)) }
      try compare("ACL SETUSER w on nopass +@all ~* \(before)")
      pair.current = try pair.connect()
      try compare("AUTH w x")
      try compare(subscription)
      pair.current = 0
      try compare("ACL SETUSER w \(after)")
      for question in ["PUBSUB CHANNELS", "PUBSUB NUMPAT", "PUBSUB SHARDCHANNELS", "ACL WHOAMI"] {
        try compare(question)
      }
    }
  }

  struct Edge: Sendable, CustomTestStringConvertible {
    var name: String
    var commands: [String]
    var testDescription: String { name }

    static let all = [
      Edge(
        name: "help", commands: ["ACL HELP", "ACL", "ACL NOSUCH", "ACL WHOAMI x", "ACL LOG 1 2", "ACL GENPASS 1 2"]),
      Edge(name: "genpass", commands: ["ACL GENPASS 0", "ACL GENPASS 4097", "ACL GENPASS -1", "ACL GENPASS x"]),
      Edge(
        name: "users",
        commands: [
          "ACL USERS", "ACL GETUSER nobody", "ACL DELUSER default", "ACL DELUSER nobody", "ACL SETUSER b on nopass",
          "ACL SETUSER a", "ACL USERS", "ACL LIST", "ACL DELUSER a b a", "ACL USERS", "ACL DRYRUN nobody get x",
          "ACL DRYRUN default nosuch x", "ACL DRYRUN default get", "ACL DRYRUN default config nosuch",
          "ACL DRYRUN default acl", "ACL DRYRUN default command",
        ]),
      Edge(
        name: "the default user's password",
        commands: [
          "AUTH x", "AUTH default x", "AUTH a b c", "CONFIG SET requirepass secret", "PING", "ACL LIST", "HELLO 3",
          "ACL LOG", "RESET", "PING", "HELLO 2", "HELLO 3 AUTH default wrong", "HELLO 3 SETNAME x AUTH default secret",
          "CLIENT GETNAME", "ACL LOG", "ACL GETUSER default", "ACL SETUSER default >other", "CONFIG GET requirepass",
          "AUTH other", "CONFIG SET requirepass secret", "AUTH other", "ACL SETUSER default off", "AUTH secret", "PING",
          "ACL SETUSER default on nopass", "AUTH anything", "RESET", "PING",
        ]),
      Edge(
        name: "the log",
        commands: [
          "ACL SETUSER default -get ~a* resetkeys ~a*", "GET x", "get x", "SET b 1", "SET a 1", "ACL LOG", "ACL LOG 0",
          "ACL LOG 1", "ACL LOG -1", "ACL LOG x", "MULTI", "GET x", "SET b 2", "EXEC", "ACL LOG", "ACL LOG RESET",
          "ACL LOG", "CONFIG SET acllog-max-len 2", "SET b 1", "SET c 1", "SET d 1", "SET b 1", "ACL LOG",
          "AUTH nobody x", "auth nobody x", "ACL LOG",
        ]),
      Edge(
        name: "deleted users",
        commands: [
          "ACL SETUSER u on nopass +@all ~*", "AUTH u x", "CLIENT KILL USER nobody", "CLIENT KILL USER u", "ACL WHOAMI",
          "ACL DELUSER u",
        ]),
      Edge(
        name: "channels by default",
        commands: [
          "CONFIG SET acl-pubsub-default allchannels", "ACL SETUSER a", "ACL SETUSER a &b",
          "ACL SETUSER b resetchannels",
          "ACL SETUSER b (+get) reset", "ACL LIST", "CONFIG SET acl-pubsub-default resetchannels",
          "ACL SETUSER c (+set &x)",
          "ACL LIST",
        ]),
      Edge(
        name: "what a node can't run",
        commands: [
          "CONFIG SET requirepass x", "RESET", "HGET a b", "SUBSCRIBE x", "AUTH x",
          "ACL SETUSER default -hget -@pubsub",
          "HGET a b", "HGET a", "SUBSCRIBE x", "MODULE LOAD x", "MODULE UNLOAD x", "DEBUG SLEEP 0",
        ]),
      Edge(
        name: "keys",
        commands: [
          "COMMAND GETKEYS set a b", "COMMAND GETKEYSANDFLAGS set a b get", "COMMAND GETKEYSANDFLAGS set a b",
          "COMMAND GETKEYS eval x 2 a b c", "COMMAND GETKEYS eval x 0", "COMMAND GETKEYS eval x y",
          "COMMAND GETKEYS zunionstore d 2 a b", "COMMAND GETKEYS zunionstore d 3 a b",
          "COMMAND GETKEYSANDFLAGS sort a by b store c", "COMMAND GETKEYSANDFLAGS sort a limit 0 store store d",
          "COMMAND GETKEYSANDFLAGS migrate h 1 k 0 5", "COMMAND GETKEYS xread count 1 streams a b 0 0",
          "COMMAND GETKEYS xread count 1 streams a b 0", "COMMAND GETKEYSANDFLAGS bitfield a get u8 0",
          "COMMAND GETKEYSANDFLAGS bitfield a set u8 0 1", "COMMAND GETKEYS georadius a 1 2 3 m store b",
          "COMMAND GETKEYS mset a 1 b 2", "COMMAND GETKEYS ping", "COMMAND GETKEYS nosuch", "COMMAND GETKEYS get",
          "COMMAND GETKEYSANDFLAGS lmpop 2 a b left", "COMMAND GETKEYS lmpop 2x a b left",
        ]),
    ]
  }
}

/// A real server and a node, with as many clients of each.
private struct Pair {
  let server: RealServer
  var node: NodeClient
  private var sockets: [Socket] = []
  private var connections: [ConnectionID] = []
  var current = 0

  init() throws {
    server = try RealServer()
    var configuration = Configuration()
    try configuration.set("save", "")
    node = NodeClient(configuration)
    _ = try connect()
  }

  mutating func connect() throws -> Int {
    sockets.append(try Socket(port: server.port))
    connections.append(node.connect())
    return sockets.count - 1
  }

  private mutating func replies(_ command: [String]) throws -> (real: String, ours: String) {
    let arguments = command.map { Array($0.utf8) }
    let real = try sockets[current].command(arguments)
    let ours = node.command(arguments, on: connections[current])
    return (String(decoding: real, as: UTF8.self), String(decoding: ours, as: UTF8.self))
  }

  mutating func compare(_ command: [String]) throws {
    let (real, ours) = try replies(command)
    // HELLO tells the client's number.
    guard command[0] != "HELLO" || ours.hasPrefix("-") else { return #expect(real.first == ours.first) }
    // What a node can't run is refused by name once nothing else refuses it.
    #expect(normal(ours) == normal(real), "\(command.joined(separator: " "))")
  }

  mutating func compareSorted(_ command: [String]) throws {
    let (real, ours) = try replies(command)
    #expect(ours.split(separator: "\r\n").sorted() == real.split(separator: "\r\n").sorted(), "\(command)")
  }
}

/// A reply without what depends on the time and the connection, and with single commands in the alphabet's order.
private func normal(_ reply: String) -> [String] {
  var lines = reply.split(separator: "\r\n", omittingEmptySubsequences: false).map { sorted(String($0)) }
  var index = 0
  while index < lines.count {
    if lines[index] == "age-seconds" || lines[index] == "client-info" {
      let following = lines[index] == "age-seconds" && !lines[index + 1].hasPrefix("$") ? 1 : 2
      lines.removeSubrange(index + 1...index + following)
    }
    index += 1
  }
  return lines
}

private func sorted(_ line: String) -> String {
  guard line.contains("@all") else { return line }
  var words = line.replacing("(", with: "( ").replacing(")", with: " )").split(separator: " ").map(String.init)
  func isCommand(_ word: String) -> Bool { (word.hasPrefix("+") || word.hasPrefix("-")) && !word.contains("@") }
  var start = 0
  while start < words.count {
    let end = words[start...].firstIndex { !isCommand($0) } ?? words.count
    words[start..<end].sort()
    start = max(end, start + 1)
  }
  return words.joined(separator: " ")
}

/// Rules, right and wrong, and commands that they may or may not allow.
private struct RuleGenerator {
  var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  mutating func below(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
  mutating func one<T>(_ choices: [T]) -> T { choices[below(choices.count)] }

  static let names = CommandTable.known.flatMap { [$0.name] + $0.subcommands.map(\.name) }
  static let hash = SHA256.hex("pw")
  static let fixed = [
    "on", "off", "nopass", "resetpass", ">pw", ">other", "<pw", "<other", "#\(hash)", "!\(hash)", "#abc", "!xyz",
    "allkeys", "~*", "resetkeys", "allchannels", "&*", "resetchannels", "allcommands", "+@all", "nocommands", "-@all",
    "reset", "clearselectors", "sanitize-payload", "skip-sanitize-payload", "ON", "+@ALL", "-@Dangerous", "",
  ]
  static let wrong = [
    "nonsense", "+nosuch", "-nosuch", "+@nosuch", "-@", "+", "-", "~a b", "&a b", "%X~a", "%RR~a", "%", "%R", "(", ")",
    "()",
    "(on)", "(+nosuch)", "(~a", "+config|nosuch", "+config|", "+config|get|x", "+get|", "+|x", "-select|1", ">", "#",
    "<", "!",
    "((+get))", "(%W~x +@read", "((", "(\"+get)", "~", "&",
  ]

  mutating func rules() -> [String] {
    let count = below(5)
    return (0..<count).map { _ in below(12) == 0 ? one(Self.wrong) : rule() }
  }

  mutating func rule() -> String {
    switch below(12) {
    case 0, 1: one(Self.fixed)
    case 2, 3: "+" + one(Self.names)
    case 4: "-" + one(Self.names)
    case 5, 6: "+@" + one(CommandCategories.order)
    case 7: "-@" + one(CommandCategories.order)
    case 8: one(["~", "%R~", "%W~", "%RW~", "%wr~"]) + one(["a*", "b*", "a:?", "[ab]*", "k", ""])
    case 9: "&" + one(["c*", "news", "?", "c[ab]"])
    case 10: one(["+select|0", "+select|1", "+SELECT|x", "+get|k", "+debug|sleep", "+set|a"])
    default: "(" + (0...below(3)).map { _ in selectorRule() }.joined(separator: " ") + ")"
    }
  }

  private mutating func selectorRule() -> String {
    one([
      "+@read", "+@write", "+get", "+set", "~a*", "%R~b*", "%W~k", "&c*", "allkeys", "+@all", "-@dangerous", "+mset",
    ])
  }

  static let keys = ["a", "ab", "a:1", "b", "b:1", "k", "other", ""]
  mutating func key() -> String { one(Self.keys) }

  /// Any command, with arguments of all kinds.
  mutating func command() -> [String] {
    let channel = one(["c", "ca", "news", "other", "c*"])
    switch below(26) {
    case 0: return ["eval", "return 1", one(["0", "1", "2", "x", "-1"]), key(), key()]
    case 1: return ["zunionstore", key(), one(["1", "2", "3"]), key(), key()]
    case 2: return ["sort", key(), "by", key(), "store", key()]
    case 3: return ["migrate", "h", "1", one(["", key()]), "0", "5", "keys", key(), key()]
    case 4: return ["xread", "count", "1", "streams", key(), key(), "0", "0"]
    case 5: return ["xreadgroup", "group", "g", "c", "streams", key(), "0"]
    case 6: return ["set", key(), "v"] + one([[], ["get"], ["nx"]])
    case 7: return ["bitfield", key()] + one([["get", "u8", "0"], ["set", "u8", "0", "1"], ["x"]])
    case 8: return ["georadius", key(), "1", "2", "3", "m", "store", key()]
    case 9: return ["publish", channel, "x"]
    case 10: return ["subscribe", channel, channel]
    case 11: return ["psubscribe", channel]
    case 12: return ["ssubscribe", channel]
    case 13: return ["object", one(["encoding", "freq"]), key()]
    case 14: return ["config", one(["get", "set", "GET", "nosuch"]), "maxmemory", "1"]
    case 15: return ["copy", key(), key()]
    case 16: return ["lmove", key(), key(), "left", "right"]
    case 17: return ["exists", key(), key()]
    case 18: return ["hset", key(), "f", "v"]
    case 19: return ["debug", one(["sleep", "object"]), "0"]
    case 20: return ["lmpop", one(["1", "2", "9", "x"]), key(), key(), "left"]
    case 21: return ["unsubscribe", channel]
    case 22: return ["memory", "usage", key()]
    case 23: return ["nosuchcommand", key()]
    default: return runnableCommand()
    }
  }

  /// A command that a node can run, and that answers the same on both.
  mutating func runnableCommand() -> [String] {
    switch below(14) {
    case 0: ["GET", key()]
    case 1: ["SET", key(), "v"]
    case 2: ["SET", key(), "w", "GET"]
    case 3: ["MSET", key(), "1", key(), "2"]
    case 4: ["DEL", key(), key()]
    case 5: ["SELECT", one(["0", "0", "x"])]
    case 6: ["RENAME", key(), key()]
    case 7: ["EXISTS", key()]
    case 8: ["PING"]
    case 9: ["APPEND", key(), "x"]
    case 10: ["GETDEL", key()]
    case 11: ["STRLEN", key()]
    case 12: ["CONFIG", "GET", "maxmemory"]
    default: ["MGET", key(), key()]
    }
  }
}
