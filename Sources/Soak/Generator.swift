import Redis

/// Makes situations of chance: the same seed, the same situation. It keeps in mind what it has done, so that most of what
/// it does next makes sense; what does not, both sides have to refuse alike.
package struct Generator {
  private var random: SeededRandom
  private var lines: [Situation.Line] = []
  private var nodes: [Known] = []
  private var needsPassword = false
  private var streamID = 1

  /// What is thought of a node.
  private struct Known {
    var name: String
    var port: Int
    var master: Int?
    var runs = true
    var isWritable = false
    var hasAppendOnly = false
    var isFull = false
  }

  package static func situation(_ seed: UInt64) -> Situation {
    var generator = Generator(random: SeededRandom(seed: seed))
    generator.build()
    return Situation(name: "situation \(seed)", lines: generator.lines)
  }

  private init(random: SeededRandom) { self.random = random }

  private mutating func build() {
    needsPassword = chance(10)
    let count = 2 + below(3)
    for index in 0..<count {
      start(index)
      if index == 0 { writes(on: 0, below(4)) }
    }
    add(.settle)
    for _ in 0..<(5 + below(5)) {
      event()
      add(.settle)
    }
    writes(on: below(count), 1)
    add(.settle)
  }

  // MARK: Chance

  private mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(max(bound, 1))) }
  private mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
  private mutating func one<Element>(of list: [Element]) -> Element { list[below(list.count)] }
  private mutating func add(_ line: Situation.Line) { lines.append(line) }
  private mutating func tell(_ node: Int, _ words: String) {
    add(.command(nodes[node].name, words.split(separator: " ").map(String.init)))
  }

  // MARK: Nodes

  private mutating func start(_ index: Int) {
    var known = Known(name: ["m", "r", "s", "t"][index], port: 7000 + index)
    var directives = [
      "--port", "\(known.port)", "--enable-debug-command", "yes", "--repl-ping-replica-period", "3600",
      "--repl-diskless-sync-delay", chance(85) ? "0" : "1",
    ]
    func add(_ words: String...) { directives += words }
    if index > 0 {
      let master = index == 1 || chance(60) ? 0 : below(index)
      known.master = master
      add("--replicaof", "127.0.0.1 \(nodes[master].port)")
    }
    if chance(60) { add("--save", "") }
    if chance(30) { add("--repl-diskless-sync", "no") }
    if chance(60) { add("--repl-diskless-load", one(of: ["on-empty-db", "swapdb", "disabled"])) }
    if chance(25) {
      known.hasAppendOnly = true
      add("--appendonly", "yes", "--appendfsync", one(of: ["always", "everysec", "no"]))
      if chance(25) { add("--aof-use-rdb-preamble", "no") }
    }
    if chance(25) { add("--repl-backlog-size", one(of: ["16kb", "20kb", "64kb"])) }
    if chance(15) { add("--client-output-buffer-limit", "replica \(one(of: ["32kb", "64kb", "128kb"])) 0 0") }
    if chance(12) { add("--min-replicas-to-write", "1", "--min-replicas-max-lag", "10") }
    if chance(25) {
      known.isWritable = true
      add("--replica-read-only", "no")
    }
    if chance(10) { add("--replica-serve-stale-data", "no") }
    if chance(10) { add("--rdbcompression", "no") }
    if chance(8) { add("--rdbchecksum", "no") }
    if needsPassword { add("--requirepass", "secret", "--masterauth", "secret") }
    nodes.append(known)
    self.add(.start(known.name, directives))
    if needsPassword { tell(index, "AUTH secret") }
  }

  private mutating func restart(_ node: Int) {
    add(.restart(nodes[node].name))
    nodes[node].runs = true
    if needsPassword { tell(node, "AUTH secret") }
  }

  private func replicas(of master: Int) -> [Int] {
    nodes.indices.filter { nodes[$0].master == master && nodes[$0].runs }
  }
  private var followers: [Int] { nodes.indices.filter { nodes[$0].master != nil && nodes[$0].runs } }
  private var masters: [Int] { nodes.indices.filter { nodes[$0].master == nil && nodes[$0].runs } }

  // MARK: Events

  private mutating func event() {
    let node = below(nodes.count)
    switch below(100) {
    case 0..<22: burst()
    case 22..<30: transaction(masters.first ?? node)
    case 30..<37: cut()
    case 37..<45: die(node)
    case 45..<52: pause(node)
    case 52..<60: promote()
    case 60..<66: failover()
    case 66..<74: persist(node)
    case 74..<79: fill(node)
    case 79..<86: configure(node)
    case 86..<90: throwOut(node)
    case 90..<94: wait()
    case 94..<97: clientPause()
    default: debug(node)
    }
  }

  private mutating func burst() {
    for _ in 0..<(1 + below(2)) {
      let node = chance(75) ? masters.first ?? 0 : below(nodes.count)
      if chance(25) { tell(node, "SELECT \(below(4))") }
      writes(on: node, 1 + below(5))
    }
    if chance(40) { tell(below(nodes.count), one(of: ["DBSIZE", "GET a", "EXISTS a b c", "ROLE", "LASTSAVE"])) }
  }

  private mutating func writes(on node: Int, _ count: Int) {
    for _ in 0..<count { tell(node, chance(50) ? write() : typedWrite()) }
  }

  private mutating func key() -> String { one(of: ["a", "b", "c", "d", "e", "n", "word"]) }

  private mutating func write() -> String {
    let (key, other, number) = (key(), key(), below(1000))
    return one(of: [
      "SET \(key) \(number)", "SET \(key) v\(number)", "SET \(key) \(number) PX 250", "SET \(key) \(number) EX 1000",
      "SETEX \(key) 500 x\(number)", "SETNX \(key) \(number)", "INCR n", "INCRBY \(key) \(number)", "DECR \(key)",
      "APPEND \(key) -\(number)", "DEL \(key) \(other)", "UNLINK \(key)", "GETDEL \(key)", "GETSET \(key) g\(number)",
      "INCRBYFLOAT f 1.5", "MSET \(key) 1 \(other) 2", "MSETNX x\(number) 1 y\(number) 2", "RENAME \(key) \(other)",
      "EXPIRE \(key) 1000", "PEXPIRE \(key) 200", "EXPIRE \(key) -1", "PERSIST \(key)", "GETEX \(key) EX 900",
      "SETRANGE \(key) 40 tail", "COPY \(key) \(other) REPLACE", "MOVE \(key) 2", "SWAPDB 0 1",
      "SETRANGE big \(5_000 + number * 30) x", "FLUSHDB", "FLUSHALL", "SET word word",
      "SET \(key) \(number) XX KEEPTTL", "SET \(key) \(number) NX GET", "SETEX \(key) 0 x",
      "SET \(key) \(number)", "SET \(key) \(number)", "SETRANGE big\(number % 5) 9000 x",
    ])
  }

  /// One on a list, a set, a hash, a sorted set, a stream or bits, now and then on a key of another type. What is drawn by
  /// chance, or tells the time, would be another on each side.
  private mutating func typedWrite() -> String {
    let number = below(1000)
    let (list, set, hash) = (one(of: ["l", "l2", "a"]), one(of: ["s", "s2", "l"]), one(of: ["h", "h2", "s"]))
    let (sorted, bits, small) = (one(of: ["z", "z2", "h"]), one(of: ["bits", "bits2", "z"]), below(9))
    streamID += 1
    return one(of: [
      "RPUSH \(list) v\(number) \(small)", "LPUSH \(list) \(number)", "RPUSH \(list) a b c d e f g h", "LPOP \(list)",
      "RPOP \(list) 2", "LREM \(list) 1 \(small)", "LSET \(list) 0 x\(number)", "LINSERT \(list) BEFORE a \(number)",
      "LTRIM \(list) 0 30", "LMOVE l l2 LEFT RIGHT", "RPOPLPUSH l2 l", "LMPOP 2 l l2 LEFT COUNT 2",
      "SADD \(set) \(number) \(small)", "SADD \(set) w\(small) w\(number)", "SREM \(set) \(small) w\(small)",
      "SMOVE s s2 \(small)", "SUNIONSTORE s2 s s2", "SINTERSTORE s3 s s2", "SDIFFSTORE s3 s s2",
      "SORT s2 BY nosort ALPHA",
      "HSET \(hash) f\(small) \(number) g v\(number)", "HSETNX \(hash) f\(number) 1", "HINCRBY \(hash) n \(number)",
      "HINCRBYFLOAT \(hash) x 1.25", "HDEL \(hash) f\(small) g",
      "ZADD \(sorted) \(number) m\(small) \(small).5 n\(number)",
      "ZADD \(sorted) GT CH \(number) m\(small)", "ZINCRBY \(sorted) 1.5 m\(small)", "ZREM \(sorted) m\(small)",
      "ZPOPMIN \(sorted)", "ZRANGESTORE z2 z 0 3", "ZUNIONSTORE z3 2 z z2 WEIGHTS 2 1", "ZREMRANGEBYRANK \(sorted) 0 1",
      "ZMPOP 2 z z2 MAX COUNT 2", "GEOADD places 13.\(number) 38.\(small) p\(small)",
      "XADD x \(streamID)-1 f v\(number)", "XADD x \(streamID)-1 MAXLEN f v g \(number)",
      "XADD x NOMKSTREAM \(streamID)-2 f w",
      "XADD x MAXLEN 20 \(streamID)-3 f v\(number)", "XTRIM x MAXLEN 10", "XDEL x \(streamID - 1)-1",
      "XGROUP CREATE x g\(small) 0 MKSTREAM", "XGROUP SETID x g\(small) \(streamID)-0", "XSETID x \(streamID)-9",
      "SETBIT \(bits) \(number) 1", "BITFIELD \(bits) INCRBY u8 \(number) 10", "BITOP OR bits2 bits bits2",
      "PFADD hll \(number) \(small)", "PFMERGE hll2 hll", "DEL \(list) \(sorted)", "EXPIRE \(hash) 1000",
      "PEXPIRE \(set) 200",
      "RENAME \(list) \(sorted)", "COPY \(sorted) z4 REPLACE",
    ])
  }

  private mutating func transaction(_ node: Int) {
    tell(node, "MULTI")
    writes(on: node, 1 + below(4))
    if chance(20) { tell(node, "GET a") }
    if chance(15) { tell(node, "SELECT \(below(3))") }
    tell(node, chance(85) ? "EXEC" : "DISCARD")
  }

  private mutating func cut() {
    guard let replica = followers.randomElement(using: &random), let master = nodes[replica].master, nodes[master].runs
    else { return }
    let isBig = chance(25)
    guard chance(50) else { return add(.cut(nodes[replica].name, nodes[master].name)) }
    whileGone(replica) {
      $0.add(.cut($0.nodes[replica].name, $0.nodes[master].name))
      $0.writes(on: master, 1 + $0.below(3))
      if isBig { for number in 0..<3 { $0.tell(master, "SETRANGE big\(number) 12000 y") } }
    }
  }

  /// A replica that lost its master comes back in a millisecond or two: what it is to miss is done while it can't.
  private mutating func whileGone(_ replica: Int, _ body: (inout Self) -> Void) {
    add(.pause(nodes[replica].name))
    body(&self)
    add(.resume(nodes[replica].name))
  }

  private mutating func die(_ node: Int) {
    guard nodes[node].runs else { return restart(node) }
    nodes[node].runs = false
    switch below(5) {
    case 0, 1: add(.kill(nodes[node].name))
    case 2, 3: add(.stop(nodes[node].name))
    default: tell(node, one(of: ["SHUTDOWN NOSAVE", "SHUTDOWN SAVE", "SHUTDOWN"]))
    }
    if chance(50) { add(.advance(300 + below(1500))) }
    if chance(40), let other = masters.first { writes(on: other, 1 + below(3)) }
    if chance(80) { restart(node) } else { add(.settle) }
    if !nodes[node].runs { restart(node) }
  }

  private mutating func pause(_ node: Int) {
    guard nodes[node].runs else { return }
    add(.pause(nodes[node].name))
    if let master = nodes[node].master, nodes[master].runs { writes(on: master, 1 + below(3)) }
    add(.advance(200 + below(2500)))
    add(.resume(nodes[node].name))
  }

  private mutating func promote() {
    guard let node = followers.randomElement(using: &random), let old = nodes[node].master else { return }
    tell(node, "REPLICAOF NO ONE")
    nodes[node].master = nil
    if chance(50) {
      // Its own replicas are back by then.
      add(.advance(400))
      writes(on: node, 1 + below(3))
    }
    guard chance(75) else { return }
    if nodes[old].runs, nodes[old].master == nil, chance(70) { follow(old, node) }
    for other in replicas(of: old) where chance(70) {
      // It comes back to its old master at once, as long as it is told nothing else.
      add(.advance(400))
      follow(other, node)
    }
  }

  private mutating func follow(_ node: Int, _ master: Int) {
    // Not in a ring.
    var place: Int? = master
    while let next = place {
      if next == node { return }
      place = nodes[next].master
    }
    tell(node, "\(chance(80) ? "REPLICAOF" : "SLAVEOF") 127.0.0.1 \(nodes[master].port)")
    nodes[node].master = master
  }

  private mutating func failover() {
    guard let master = masters.first(where: { !replicas(of: $0).isEmpty }) else { return }
    let targets = replicas(of: master)
    let target = one(of: targets)
    switch below(5) {
    case 0 where targets.count == 1: tell(master, "FAILOVER")
    case 1: tell(master, "FAILOVER TO 127.0.0.1 \(nodes[target].port) TIMEOUT 5000")
    case 2:
      // One that is under way would be a race.
      tell(master, "FAILOVER ABORT")
      return
    default: tell(master, "FAILOVER TO 127.0.0.1 \(nodes[target].port)")
    }
    add(.settle)
    nodes[target].master = nil
    nodes[master].master = target
  }

  private mutating func persist(_ node: Int) {
    tell(node, one(of: ["BGSAVE", "SAVE", "BGREWRITEAOF", "BGSAVE SCHEDULE", "LASTSAVE", "BGSAVE"]))
    if chance(30) { tell(node, one(of: ["BGSAVE", "BGREWRITEAOF"])) }
  }

  private mutating func fill(_ node: Int) {
    // What a page that is begun still takes of an append-only file is the file system's matter.
    guard nodes[node].runs, !nodes[node].hasAppendOnly else { return }
    add(.disk(nodes[node].name, isFull: true))
    switch below(4) {
    case 0: tell(node, "BGSAVE")
    case 1: tell(node, "SAVE")
    case 2: tell(node, "DEBUG CHANGE-REPL-ID")
    default: break
    }
    if let master = nodes[node].master, nodes[master].runs, chance(50) {
      whileGone(node) {
        $0.add(.cut($0.nodes[node].name, $0.nodes[master].name))
        $0.tell(master, "SETRANGE big 30000 z")
      }
    }
    add(.settle)
    if let master = masters.first { writes(on: master, 1) }
    add(.disk(nodes[node].name, isFull: false))
  }

  private mutating func configure(_ node: Int) {
    tell(
      node,
      "CONFIG SET "
        + one(of: [
          "min-replicas-to-write 1", "min-replicas-to-write 0", "repl-backlog-size 32768", "repl-backlog-size 10",
          "repl-diskless-sync no", "repl-diskless-sync yes", "repl-diskless-load swapdb", "save 900",
          "maxmemory 100mb", "replica-read-only no", "replica-read-only yes", "replica-priority 50",
          "appendonly yes", "appendonly no", "masterauth secret", "repl-diskless-sync-delay 0", "hz 20",
          "replica-serve-stale-data yes", "no-such-thing 1", "repl-timeout 30", "save 3600",
        ]))
    if lines.last.map({ $0.text.hasSuffix("appendonly yes") }) ?? false { nodes[node].hasAppendOnly = true }
    if chance(30) { tell(node, "CONFIG GET repl-*") }
    if chance(15) { tell(node, "CONFIG RESETSTAT") }
  }

  private mutating func throwOut(_ node: Int) {
    let kind = one(of: ["replica", "replica", "master"])
    guard chance(50), kind == "replica", let replica = replicas(of: node).first else {
      return tell(node, "CLIENT KILL TYPE \(kind)")
    }
    whileGone(replica) {
      $0.tell(node, "CLIENT KILL TYPE replica")
      // The others are back by then.
      $0.add(.advance(400))
      $0.writes(on: node, 1 + $0.below(2))
    }
  }

  private mutating func wait() {
    let node = masters.first ?? 0
    writes(on: node, 1)
    // Fewer than there are, and how many of them came in time is chance.
    tell(node, "WAIT \(max(1, replicas(of: node).count) + below(2)) \(one(of: [100, 400, 1500]))")
  }

  private mutating func clientPause() {
    let node = masters.first ?? 0
    tell(node, "CLIENT PAUSE \(300 + below(500)) \(one(of: ["WRITE", "ALL"]))")
    if chance(50) { writes(on: node, 1) } else { tell(node, "CLIENT UNPAUSE") }
  }

  private mutating func debug(_ node: Int) {
    tell(
      node,
      one(of: [
        "DEBUG CHANGE-REPL-ID", "DEBUG RELOAD", "DEBUG POPULATE 50 key 20", "DEBUG SLEEP 0.3", "DEBUG LOG hello",
      ]))
  }
}
