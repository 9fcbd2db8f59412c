import Foundation
import Redis
import Testing

@testable import Lab

@Suite("A write that a client was told of")
struct AcknowledgedWriteTests {
  /// A lab of its own, and the writes in it, told step by step.
  struct Run {
    /// With these data may differ by intention.
    static let makesOther: Set = ["--replica-read-only", "--databases"]

    var world = World(seed: 5)
    var checker = InvariantChecker()
    var writes: AcknowledgedWrites { checker.writes }

    @discardableResult
    mutating func apply(_ action: Action) throws -> Step {
      let step = try world.apply(action)
      checker.note(step, world)
      for broken in checker.fresh {
        switch broken {
        // Who promotes a replica makes two masters, and who writes to a replica other data.
        case .twoMasters: break
        case .otherData
        where world.machines.contains { !Self.makesOther.isDisjoint(with: $0.launch.arguments) }: break
        default: Issue.record("step \(step.number): \(broken)")
        }
      }
      return step
    }

    mutating func start(_ name: String, _ directives: String...) throws {
      try apply(.start(node: name, Launch(arguments: directives)))
    }

    mutating func say(_ node: String, _ line: String) throws {
      try apply(.command(node: node, arguments: words(line)))
    }

    mutating func pass(_ interval: Interval) throws {
      let end = world.now + interval
      while let next = world.nextEventTime, next <= end { try apply(.next) }
      try apply(.advance(to: end))
    }

    /// `m` on port 7000 and its replica `r` on 7001, in step.
    static func pair(_ directives: String...) throws -> Run {
      var run = Run()
      try run.apply(
        .start(node: "m", Launch(arguments: ["--port", "7000", "--repl-diskless-sync-delay", "0"] + directives)))
      try run.apply(
        .start(
          node: "r",
          Launch(arguments: ["--port", "7001", "--replicaof", "127.0.0.1 7000", "--repl-diskless-sync-delay", "0"])))
      try run.pass(.seconds(2))
      return run
    }

    func holders(of number: Int) -> [String] {
      writes.holders.filter { $0.memory.contains(number) }.map(\.name)
    }
  }

  @Test("is on the master at once, then on its way, then on the replica, which acknowledges it")
  func arrives() throws {
    var run = try Run.pair()
    try run.say("m", "SET a 1")
    #expect(run.holders(of: 1) == ["m"])
    #expect(run.writes.flights(in: run.world).map(\.to) == ["r"])
    #expect(run.writes.writes[0].place?.offset == run.world.machine("m")?.node?.replication.offset)
    try run.pass(.microseconds(60))
    #expect(run.holders(of: 1) == ["m", "r"])
    #expect(run.writes.acknowledgers(of: run.writes.writes[0]) == [])
    try run.pass(.seconds(2))
    #expect(run.writes.acknowledgers(of: run.writes.writes[0]) == ["r"])
    try run.say("m", "WAIT 1 0")
    #expect(run.writes.writes[0].waited?.count == 1)
    #expect(run.writes.losses.isEmpty)
  }

  @Test("that a script keeps to itself is on no replica, whatever these acknowledge") func keptToItself() throws {
    // Their data differ by intention.
    var run = try Run.pair("--replica-read-only", "yes")
    let script = "redis.set_repl(redis.REPL_NONE) return redis.call('set', 'hidden', 1)"
    try run.apply(.command(node: "m", arguments: ["EVAL", script, "0"].map { Array($0.utf8) }))
    try run.say("m", "SET a 1")
    try run.pass(.seconds(2))
    try run.say("m", "WAIT 1 0")
    #expect(run.writes.writes[0].place == nil)
    #expect(run.holders(of: 1) == ["m"] && run.holders(of: 2) == ["m", "r"])
    #expect(run.writes.writes[0].waited == nil && run.writes.writes[1].waited?.count == 1)
    try run.apply(.kill(node: "m"))
    #expect(run.writes.losses.flatMap { Array($0.writes.numbers) } == [1])
  }

  @Test("that a replica puts into another database is not on it: it has fewer, and can't carry out the SELECT")
  func anotherDatabase() throws {
    var run = Run()
    try run.start("m", "--port", "7000", "--repl-diskless-sync-delay", "0", "--save", "")
    try run.start("r", "--port", "7001", "--replicaof", "127.0.0.1 7000", "--save", "", "--databases", "2")
    try run.start("s", "--port", "7002", "--replicaof", "127.0.0.1 7000", "--save", "")
    try run.pass(.seconds(2))
    for line in [
      "SET a 1", "SELECT 5", "SET b 1", "DEL b", "FLUSHALL", "SELECT 1", "MSET c 1 d 1 e 1", "COPY c c DB 0",
      "COPY c c DB 7", "MOVE c 9", "MOVE d 0", "SWAPDB 1 15", "SELECT 0",
    ] {
      try run.say("m", line)
    }
    #expect(run.writes.flights(in: run.world).first { $0.to == "r" }?.writes.numbers == [1, 4, 5, 6, 9])
    try run.pass(.seconds(2))
    #expect(run.writes.writes.count == 10)
    for number in 1...10 {
      #expect(
        run.holders(of: number) == ([1, 4, 5, 6, 9].contains(number) ? ["m", "r", "s"] : ["m", "s"]), "\(number)")
    }
    for line in ["MULTI", "SET f 1", "SELECT 3", "SET f 1", "EXEC", "SET g 1", "SELECT 0", "SET h 1"] {
      try run.say("m", line)
    }
    try run.pass(.seconds(2))
    #expect((11...13).map { run.holders(of: $0).contains("r") } == [false, false, true])
    // It is somewhere.
    #expect(run.world.machine("r")?.node?.databases[0][Bytes("g")] != nil)
    try run.apply(.kill(node: "m"))
    #expect(run.writes.losses.isEmpty)
    try run.apply(.kill(node: "s"))
    #expect(run.writes.losses.map(\.writes.numbers) == [[2, 3, 7, 8, 10, 11, 12]])
  }

  @Test("and that the new master never had is lost when the old one throws its data away for a full sync")
  func failoverByHand() throws {
    var run = try Run.pair("--save", "")
    try run.say("m", "SET a 1")
    try run.pass(.seconds(2))
    try run.apply(.partition("m", "r"))
    try run.say("m", "SET b 2")
    try run.say("r", "REPLICAOF NO ONE")
    try run.say("r", "SET c 3")
    try run.apply(.heal("m", "r"))
    #expect(run.writes.losses.isEmpty)
    #expect(run.holders(of: 2) == ["m"])
    try run.say("m", "REPLICAOF 127.0.0.1 7001")
    try run.pass(.seconds(3))
    #expect(run.writes.losses.map(\.writes.numbers) == [[2]])
    let loss = try #require(run.writes.losses.first)
    guard case .fullSync("r", let place) = try #require(loss.departures.first).cause else {
      Issue.record("\(loss)")
      return
    }
    let own = try #require(run.writes.writes[1].place)
    let parting = try #require(run.writes.parting(of: place.id, from: own))
    #expect(parting < own.offset)
    #expect(run.holders(of: 3) == ["m", "r"])
  }

  @Test("is lost with the last file that had it, long after a full sync had replaced the data: why is that sync")
  func replacedBeforeItsFile() throws {
    var run = try Run.pair()
    try run.say("r", "CONFIG SET appendonly yes")
    try run.pass(.seconds(5))
    try run.say("r", "REPLICAOF NO ONE")
    try run.say("r", "SET a 1")
    try run.pass(.seconds(2))
    try run.say("r", "REPLICAOF 127.0.0.1 7000")
    while run.writes.losses.isEmpty { try run.apply(.next) }
    let loss = try #require(run.writes.losses.first)
    // Files are the last that had it.
    #expect(loss.departures.last?.file?.hasPrefix("appendonlydir/") == true)
    guard case .fullSync("m", _)? = loss.departures.first?.cause else {
      Issue.record("\(loss)")
      return
    }
    #expect(loss.departures.first?.node == "r" && loss.departures.first?.file == nil)
    #expect(run.writes.holders.allSatisfy { $0.replaced.isEmpty })
  }

  @Test("may be one of FUNCTION and XGROUP, whose subcommands write or do not") func subcommands() throws {
    var run = try Run.pair()
    let library = "#!lua name=l\nredis.register_function('f', function() return 1 end)"
    try run.apply(.command(node: "m", arguments: ["FUNCTION", "LOAD", library].map { Array($0.utf8) }))
    try run.say("m", "FUNCTION LIST")
    try run.say("m", "xgroup create s g $ MKSTREAM")
    try run.say("m", "XINFO GROUPS s")
    try run.say("m", "FUNCTION NOSUCH")
    #expect(run.writes.writes.map { String(decoding: $0.request[1], as: UTF8.self) } == ["LOAD", "create"])
  }

  @Test("is lost with the replicas' data when their master comes back empty")
  func emptyMaster() throws {
    var run = try Run.pair("--save", "")
    for number in 1...3 { try run.say("m", "SET key:\(number) x") }
    try run.pass(.seconds(2))
    try run.apply(.kill(node: "m"))
    try run.pass(.seconds(1))
    #expect(run.writes.losses.isEmpty)
    try run.apply(.restart(node: "m"))
    try run.pass(.seconds(3))
    #expect(run.writes.losses.map(\.writes.numbers) == [[1, 2, 3]])
    #expect(run.writes.losses.first?.departures.contains { $0.node == "r" && $0.file == nil } == true)
    #expect(run.writes.holders[0].beginning?.files == [])
  }

  @Test("is lost with the power if its file was not synced, and not if only the process dies")
  func unsynced() throws {
    for (action, lost) in [(Action.kill(node: "k"), []), (.cutPower(node: "k"), [[3]])] {
      var run = Run()
      try run.start("k", "--port", "7000", "--appendonly", "yes", "--save", "")
      try run.say("k", "SET a 1")
      try run.pass(.seconds(2))
      for key in ["b", "c"] { try run.say("k", "SET \(key) 1") }
      try run.apply(action)
      #expect(run.writes.losses.map(\.writes.numbers) == lost)
      try run.apply(.restart(node: "k"))
      #expect(run.writes.holders[0].memory.numbers == (lost.isEmpty ? [1, 2, 3] : [1, 2]))
    }
  }

  @Test("that was on its way when its master died is not lost before it can't arrive any more")
  func onItsWay() throws {
    for isCut in [false, true] {
      var run = try Run.pair("--save", "")
      try run.say("m", "SET a 1")
      try run.apply(.kill(node: "m"))
      #expect(run.writes.losses.isEmpty)
      let link = try #require(run.world.links.first { $0.opener.party == .node("r") })
      if isCut { try run.apply(.cut(link.id)) }
      try run.pass(.seconds(1))
      #expect(run.holders(of: 1) == (isCut ? [] : ["r"]))
      #expect(run.writes.losses.map(\.wasOnItsWay) == (isCut ? [true] : []))
    }
  }

  // MARK: Held against the data

  /// Something random happens to three nodes; every write has a key of its own, so that who has the key has the write.
  struct RandomRun {
    var run = Run()
    var random: SeededRandom
    var told = 0
    private let names = ["a", "b", "c"]

    init(seed: UInt64) throws {
      random = SeededRandom(seed: seed)
      run.world = World(seed: seed)
      for (index, name) in names.enumerated() {
        var directives = ["--port", "\(7000 + index)", "--repl-diskless-sync-delay", "0", "--repl-timeout", "5"]
        directives += ["--save", ["", "2 1", "1 5"][below(3)], "--appendonly", below(2) == 0 ? "yes" : "no"]
        directives += ["--repl-diskless-load", ["disabled", "on-empty-db", "swapdb"][below(3)]]
        directives += ["--repl-diskless-sync", below(2) == 0 ? "yes" : "no"]
        if below(4) == 0 { directives += ["--replica-read-only", "no"] }
        directives += ["--rdb-key-save-delay", "1000"]
        if index > 0 { directives += ["--replicaof", "127.0.0.1 \(7000 + below(index))"] }
        try run.apply(.start(node: name, Launch(arguments: directives)))
      }
    }

    mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }

    /// What can't be done is not done.
    mutating func act() {
      let name = names[below(3)]
      switch below(26) {
      case 0..<9:
        told += 1
        try? run.say(name, "SET key:\(told) \(told)")
      case 9..<13: for _ in 0..<below(30) { _ = try? run.apply(.next) }
      case 13..<15: try? run.pass(.milliseconds(Int64(below(3_000))))
      case 15: _ = try? run.apply(.kill(node: name))
      case 16: _ = try? run.apply(.cutPower(node: name))
      case 17: _ = try? run.apply(.stop(node: name))
      case 18, 19: for name in names { _ = try? run.apply(.restart(node: name)) }
      case 20: try? run.say(name, ["REPLICAOF NO ONE", "REPLICAOF 127.0.0.1 \(7000 + below(3))"][below(2)])
      case 21: _ = try? run.apply(.partition(name, names[below(3)]))
      case 22: for other in names { _ = try? run.apply(.heal(name, other)) }
      case 23: if let link = run.world.links.first(where: { !$0.isClient }) { _ = try? run.apply(.cut(link.id)) }
      case 24: try? run.say(name, ["BGSAVE", "SAVE", "BGREWRITEAOF", "DEBUG RELOAD"][below(4)])
      default: try? run.say(name, "CONFIG SET appendonly \(["yes", "no"][below(2)])")
      }
    }

    /// Which nodes are said to have what they have not, or not to have what they have.
    var mistakes: [String] {
      var mistakes: [String] = []
      for (index, machine) in run.world.machines.enumerated() {
        guard let node = machine.node, !node.isBusyLoading else { continue }
        for write in run.writes.writes {
          let isThere = node.databases[0][Bytes(write.request[1])] != nil
          if run.writes.holders[index].memory.contains(write.number) != isThere {
            mistakes.append("\(machine.name) \(isThere ? "has" : "has not") write \(write.number)")
          }
        }
      }
      return mistakes
    }
  }

  @Test("is looked for in all that nodes have when somebody may have lost or found it, and not at each step")
  func fewSearches() throws {
    var run = try Run.pair()
    try run.say("m", "SET k v")
    try run.apply(.cutPower(node: "m"))
    #expect(run.writes.losses.count == 1)
    for number in 0..<3 {
      try run.start("s\(number)", "--port", "\(26_379 + number)", "--sentinel", "monitor mymaster 127.0.0.1 7001 2")
    }
    let (searches, steps) = (run.writes.searches, run.world.number)
    try run.pass(.seconds(30))
    #expect(run.world.number - steps > 1_000)
    #expect(run.writes.searches == searches)
    // Another write may be one that was lost: it is looked once more.
    try run.say("r", "REPLICAOF NO ONE")
    try run.say("r", "SET k v")
    #expect(run.writes.searches <= searches + 2)
    #expect(run.writes.losses.count == 1)
  }

  @Test("is counted as lost by until, find, print and explore, and by nothing that looks at one moment")
  func lostInExpressions() throws {
    var timeline = try topology()
    _ = timeline.advance(by: .seconds(3))
    try timeline.apply(.partition("m", "r"))
    _ = try timeline.command("m", words("SET a 1"))
    _ = try timeline.command("m", words("SET b 2"))
    let expression = try Expression("lost + 0 > 1")
    #expect(try timeline.value(of: Expression("lost")) == .integer(0))
    #expect(throws: LabError.self) { try expression.holds(in: timeline.world) }
    _ = try timeline.command("r", words("REPLICAOF NO ONE"))
    try timeline.apply(.heal("m", "r"))
    _ = try timeline.command("m", words("REPLICAOF 127.0.0.1 7001"))
    let stop = try timeline.until(expression)
    #expect(stop.stop == .done)
    #expect(try timeline.value(of: Expression("lost")) == .integer(2))
    var found: [Int] = []
    #expect(try timeline.find(expression) { found.append($0.first) } == timeline.position + 1)
    #expect(found == [timeline.position])
    #expect(throws: LabError.self) { try timeline.explore(.expression(expression), attempts: 1, seed: 1) }
  }

  @Test("is where it was appended, however many were before and after it")
  func appended() {
    var file = AppendedWrites()
    for number in 1...1_000 { file.append(RangeSet(number..<number + 1), end: number * 10) }
    // One that came a second time, after a full sync.
    file.append(RangeSet(7..<8), end: 10_010)
    #expect(file.end(of: 7) == 70)
    #expect(file.end(of: 1_001) == nil)
    #expect(file.writes(upTo: 10_010) == RangeSet(1..<1_001))
    #expect(file.writes(upTo: 9_999) == RangeSet(1..<1_000))
    #expect(file.writes(upTo: 9) == RangeSet())
    file.cut(to: 505)
    #expect(file.writes == RangeSet(1..<51))
    #expect(file.end == 500)
    #expect(file.end(of: 51) == nil)
  }

  /// `REPLAB_WRITE_SEEDS=300` plays the first so many; else those that were wrong once.
  static let seeds: [UInt64] =
    ProcessInfo.processInfo.environment["REPLAB_WRITE_SEEDS"].flatMap { UInt64($0) }.map { Array(1...max(1, $0)) }
    ?? [2, 8, 38, 60, 85, 128, 182]

  @Test(
    "is said to be in memory where it is, and what must hold does, whatever happens to the nodes",
    arguments: seeds)
  func likeTheData(seed: UInt64) throws {
    var random = try RandomRun(seed: seed)
    for _ in 0..<300 {
      random.act()
      let mistakes = random.mistakes
      try #require(mistakes == [], "step \(random.run.world.number)")
      // What is lost can't come back, and what is not is somewhere.
      let all = random.run.writes.losses.reduce(into: RangeSet<Int>()) { $0.formUnion($1.writes) }
      #expect(all.isDisjoint(random.run.writes.kept(in: random.run.world)))
    }
    #expect(random.run.writes.writes.count > 10)
  }
}
