import Hostile
import RDB
import RESP
import Redis

/// A node that is given payloads of DUMP which nobody means well, with the right checksum behind them. It refuses one, or has a value
/// from then on that can be read, changed, dumped and restored again.
struct HostileRestore {
  /// What did not hold.
  private(set) var broken: [String] = []
  private var node: Node
  private let client = ConnectionID(.accepted, 1)

  init() {
    var configuration = Configuration()
    configuration.enableDebugCommand = .yes
    node = Node(configuration: configuration, seed: 1, now: .defaultLabClock)
    _ = node.handle(.start(files: [:]), at: .defaultLabClock)
    let address = Address(host: "127.0.0.1", port: 50_000)
    _ = node.handle(.accepted(client, peer: address, local: address), at: .defaultLabClock)
  }

  /// - Parameter bytes: what RESTORE is told, which version the payload says that it has, and then the payload: its type and value.
  mutating func play(_ bytes: [UInt8]) {
    var choices = Choices(Array(bytes.prefix(2)))
    let options = Self.options(choices.below(256))
    let version = Self.versions[choices.below(256) % Self.versions.count]
    let payload = Self.payload(Array(bytes.dropFirst(2)), version: version)
    let reply = say(["RESTORE", "k", options.expiry], payload, options.words)
    guard reply == "+OK\r\n" else {
      check(reply.hasPrefix("-"), "RESTORE is answered \(reply)")
      return check(say(["DBSIZE"]) == ":0\r\n", "something is left of a payload that was refused")
    }
    if say(["EXISTS", "k"]) == ":1\r\n" {
      _ = say(["PERSIST", "k"])
      inspect()
      checkCopy("as it came")
      change()
      checkCopy("changed")
    }
    _ = say(["DEL", "k", "copy", "dst"])
    check(say(["DBSIZE"]) == ":0\r\n", "something is left behind")
  }

  /// One of the examples, a few of whose bytes are others, or are missing, or are there twice.
  static func mutation(of example: [UInt8], _ choices: inout Choices) -> [UInt8] {
    var bytes = example
    bytes[0] = UInt8(choices.below(256))
    bytes[1] = choices.once(in: 8) ? UInt8(choices.below(256)) : 0
    for _ in 0..<1 + choices.below(4) where bytes.count > 3 {
      let index = 2 + choices.below(min(bytes.count - 2, 65_536))
      switch choices.below(6) {
      case 0: bytes.remove(at: index)
      case 1: bytes.insert(UInt8(choices.below(256)), at: index)
      case 2:
        bytes[index] = choices.pick([0, 1, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xc0, 0xc3, 0xe0, 0xf0, 0xf4, 0xfe, 0xff])
      case 3: bytes[index] ^= 1 << UInt8(choices.below(8))
      case 4:
        let end = min(bytes.count, index + 1 + choices.below(9))
        bytes.insert(contentsOf: Array(bytes[index..<end]), at: index)
      default: bytes[index] = UInt8(choices.below(256))
      }
    }
    return bytes
  }

  // MARK: What RESTORE is told

  private static let versions = [10, 9, 10, 6, 10, 1, 10, 11, 10, 0, 10, 65_535]

  private static func options(_ choice: Int) -> (expiry: String, words: [String]) {
    let expiry = ["0", "0", "100000", "1", "1686319013000", "9223372036854775807", "-1", "x"][choice & 7]
    var words = choice & 8 == 0 ? [] : ["ABSTTL"]
    if choice & 16 != 0 { words.append("REPLACE") }
    switch choice >> 5 {
    case 1: words += ["IDLETIME", "1000"]
    case 2: words += ["FREQ", "255"]
    case 3: words += ["IDLETIME", "9223372036854775807"]
    case 4: words += ["FREQ", "256"]
    case 5: words += ["IDLETIME", "0", "FREQ", "0"]
    default: break
    }
    return (expiry, words)
  }

  /// With the version and the checksum behind it.
  private static func payload(_ value: [UInt8], version: Int) -> [UInt8] {
    let bytes = value + [UInt8(version & 0xff), UInt8(version >> 8)]
    let checksum = CRC64.checksum(bytes)
    return bytes + (0..<8).map { UInt8(truncatingIfNeeded: checksum >> UInt64(8 * $0)) }
  }

  // MARK: What there is

  /// Whether another key that is given what DUMP says is the same.
  private mutating func checkCopy(_ when: String) {
    guard say(["EXISTS", "k"]) == ":1\r\n" else { return }
    guard case .bulk(let payload)? = value(of: ask(["DUMP", "k"])) else {
      return check(false, "DUMP tells nothing, \(when)")
    }
    check(say(["RESTORE", "copy", "0"], payload, ["REPLACE"]) == "+OK\r\n", "its own DUMP is refused, \(when)")
    let digests = ["k", "copy"].map { say(["DEBUG", "DIGEST-VALUE", $0]) }
    check(digests[0] == digests[1], "DUMP and RESTORE make another value of it, \(when)")
  }

  private mutating func inspect() {
    for words in [
      "TYPE k", "OBJECT ENCODING k", "OBJECT FREQ k", "OBJECT IDLETIME k", "MEMORY USAGE k", "DEBUG OBJECT k",
    ] + reads {
      _ = say(words.split(separator: " ").map(String.init))
    }
    for words in ["SCAN 0", "RANDOMKEY", "INFO", "COPY k dst", "EXISTS dst"] {
      _ = say(words.split(separator: " ").map(String.init))
    }
  }

  private mutating func change() {
    for words in writes { _ = say(words.split(separator: " ").map(String.init)) }
  }

  private mutating func type() -> String {
    guard case .simple(let name)? = value(of: ask(["TYPE", "k"])) else { return "" }
    return String(decoding: name, as: UTF8.self)
  }

  private var reads: [String] {
    [
      "GET k", "STRLEN k", "GETRANGE k -10 -1", "BITCOUNT k", "BITPOS k 1", "LCS k k LEN", "PFCOUNT k", "LLEN k",
      "LRANGE k 0 -1",
      "LINDEX k -1", "LINDEX k 3", "LPOS k a RANK -1", "SCARD k", "SMEMBERS k", "SISMEMBER k 1", "SRANDMEMBER k -5",
      "SSCAN k 0",
      "SINTER k k", "SORT k ALPHA LIMIT 0 5", "ZCARD k", "ZRANGE k 0 -1 WITHSCORES", "ZRANK k a", "ZRANGE k - + BYLEX",
      "ZRANGEBYSCORE k -inf inf LIMIT 0 5", "ZSCAN k 0", "ZRANDMEMBER k -5 WITHSCORES", "ZUNION 2 k k WITHSCORES",
      "GEOSEARCH k FROMLONLAT 0 0 BYRADIUS 9999 km", "HLEN k", "HGETALL k", "HGET k a", "HSCAN k 0",
      "HRANDFIELD k -5 WITHVALUES",
      "XLEN k", "XRANGE k - +", "XREVRANGE k + - COUNT 3", "XINFO STREAM k FULL", "XINFO GROUPS k",
      "XINFO CONSUMERS k g",
      "XPENDING k g", "XPENDING k g - + 10", "XREAD STREAMS k 0",
    ]
  }

  private var writes: [String] {
    [
      "XREADGROUP GROUP g c STREAMS k >", "XAUTOCLAIM k g c 0 0", "XCLAIM k g c 0 1-1 FORCE", "XACK k g 1-1",
      "XADD k * f v",
      "XDEL k 1-1", "XGROUP CREATE k h 0", "XGROUP DELCONSUMER k g c", "XSETID k 99999999999999-1",
      "XTRIM k MAXLEN ~ 2", "XTRIM k MAXLEN 1",
      "INCR k", "APPEND k xyz", "SETBIT k 100 1", "BITFIELD k INCRBY u8 0 1", "SETRANGE k 3 abc", "PFADD k a b c",
      "PFMERGE dst k",
      "LINSERT k BEFORE a b", "RPUSH k 1 \(String(repeating: "x", count: 100))", "LPUSH k a", "LSET k 0 b",
      "LREM k 0 a", "LMOVE k k LEFT RIGHT",
      "LPOP k", "LTRIM k 0 50", "SADD k 1 z 99999999999", "SMOVE k dst a", "SPOP k", "SREM k 1 a",
      "SUNIONSTORE dst k k", "ZADD k 1 a 2 zz",
      "ZINCRBY k 1.5 a", "ZADD k GT CH 5 a", "ZPOPMIN k", "ZPOPMAX k", "ZREMRANGEBYRANK k 0 0",
      "ZREMRANGEBYSCORE k 1 1", "ZREM k a",
      "ZUNIONSTORE dst 2 k k", "HSET k a 1 \(String(repeating: "f", count: 70)) b", "HINCRBY k a 5",
      "HINCRBYFLOAT k a 0.5", "HDEL k a b",
      "RENAME k k2", "RENAME k2 k",
    ]
  }

  // MARK: Talking

  private mutating func check(_ holds: Bool, _ otherwise: @autoclosure () -> String) {
    if !holds { broken.append(otherwise()) }
  }

  @discardableResult private mutating func say(_ words: [String], _ payload: [UInt8]? = nil, _ rest: [String] = [])
    -> String
  {
    String(decoding: ask(words, payload, rest), as: UTF8.self)
  }

  private mutating func ask(_ words: [String], _ payload: [UInt8]? = nil, _ rest: [String] = []) -> [UInt8] {
    let command = words.map { Array($0.utf8) } + (payload.map { [$0] } ?? []) + rest.map { Array($0.utf8) }
    let effects = node.handle(.received(client, [UInt8](command: command)), at: .defaultLabClock)
    let reply = effects.reduce(into: [UInt8]()) { if case .send(client, let bytes) = $1 { $0 += bytes } }
    check(value(of: reply) != nil, "\(words.joined(separator: " ")) is answered by no reply: \(reply.prefix(40))")
    return reply
  }

  /// The one reply that these bytes are.
  private func value(of reply: [UInt8]) -> RESP.Value? {
    var decoder = ReplyDecoder()
    decoder.feed(reply)
    do {
      guard let value = try decoder.next(), try decoder.next() == nil else { return nil }
      return value
    } catch {
      return nil
    }
  }
}
