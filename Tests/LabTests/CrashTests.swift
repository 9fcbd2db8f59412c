import Redis
import Testing

@testable import Lab

/// What a crash may cost: random writes under each setting, the end at a random moment, and a restart.
@Suite struct CrashTests {
  struct Setting: Sendable, CustomTestStringConvertible {
    var name: String
    var directives: [String]
    /// What may be lost when the process is killed, and when the machine loses its power.
    var killed: Allowance
    var powerless: Allowance
    var testDescription: String { name }
  }

  enum Allowance: Sendable {
    case nothing
    /// What was acknowledged within the last seconds.
    case seconds(Int64)
    /// What was written since the last snapshot began.
    case sinceSnapshot
  }

  private static let appending = ["--appendonly", "yes", "--auto-aof-rewrite-min-size", "600"]
  private static let noSaves = ["--save", ""]
  private static let saves = ["--save", "5 10"]

  static let settings = [
    Setting(name: "none", directives: noSaves, killed: .sinceSnapshot, powerless: .sinceSnapshot),
    Setting(name: "save rules", directives: saves, killed: .sinceSnapshot, powerless: .sinceSnapshot),
    Setting(
      name: "always", directives: appending + noSaves + ["--appendfsync", "always"], killed: .nothing,
      powerless: .nothing),
    Setting(name: "everysec", directives: appending + noSaves, killed: .nothing, powerless: .seconds(2)),
    Setting(
      name: "no", directives: appending + noSaves + ["--appendfsync", "no"], killed: .nothing, powerless: .seconds(31)),
    Setting(
      name: "everysec, rewritten as commands", directives: appending + noSaves + ["--aof-use-rdb-preamble", "no"],
      killed: .nothing, powerless: .seconds(2)),
    Setting(name: "both", directives: appending + saves, killed: .nothing, powerless: .seconds(2)),
  ]

  /// A node and what its client knows.
  private struct Run {
    var world: World
    var random: SeededRandom
    /// After each acknowledged write: when it was, and all that was written by then.
    var states: [(time: Instant, keys: [Bytes: Bytes])] = []
    /// Up to which state the file of the last snapshot goes, and the one that is being made.
    var saved = 0
    private var forked = 0
    private var child: Instant?

    init(_ directives: [String], seed: UInt64) throws {
      world = World(seed: seed)
      random = SeededRandom(seed: seed)
      states = [(world.now, [:])]
      try apply(
        .start(node: "m", Launch(arguments: ["--port", "7000", "--rdb-key-save-delay", "20000"] + directives)))
    }

    var node: Node? { world.machine("m")?.node }
    private var snapshot: [UInt8]? { world.machine("m")?.disk.contents["dump.rdb"] }

    mutating func apply(_ action: Action) throws {
      let before = snapshot
      _ = try world.apply(action)
      if snapshot != before { saved = forked }
      if node?.child?.process.started != child {
        child = node?.child?.process.started
        forked = states.count - 1
      }
    }

    @discardableResult
    mutating func command(_ words: String...) throws -> String {
      let step = try world.apply(.command(node: "m", arguments: words.map { Array($0.utf8) }))
      if node?.child?.process.started != child {
        child = node?.child?.process.started
        forked = states.count - 1
      }
      return String(decoding: step.reply ?? [], as: UTF8.self)
    }

    mutating func pass(_ interval: Interval) throws {
      let end = world.now + interval
      while let next = world.nextEventTime, next <= end { try apply(.next) }
      try apply(.advance(to: end))
    }

    mutating func write() throws {
      var keys = states[states.count - 1].keys
      let key = "key:\(random.next() % 12)"
      switch random.next() % 5 {
      case 0:
        let reply = try command("DEL", key)
        keys[Bytes(key)] = nil
        #expect(reply.hasPrefix(":"))
      case 1:
        let other = "key:\(random.next() % 12)"
        let value = "\(states.count)"
        try command("MULTI")
        try command("SET", key, value)
        try command("SET", other, value + "!")
        keys[Bytes(key)] = Bytes(value)
        keys[Bytes(other)] = Bytes(value + "!")
        #expect(try command("EXEC").hasSuffix("+OK\r\n+OK\r\n"))
      default:
        let value = "value \(states.count)"
        #expect(try command("SET", key, value) == "+OK\r\n")
        keys[Bytes(key)] = Bytes(value)
      }
      states.append((world.now, keys))
    }

    var found: [Bytes: Bytes] {
      var keys: [Bytes: Bytes] = [:]
      node?.databases[0].forEach { key, entry in
        if case .string(let string) = entry.value { keys[key] = string.bytes }
      }
      return keys
    }
  }

  @Test(arguments: settings, [false, true])
  func noMoreIsLostThanTheSettingAllows(_ setting: Setting, cutsPower: Bool) throws {
    for seed in 1...UInt64(24) {
      var run = try Run(setting.directives, seed: seed)
      for _ in 0..<(10 + run.random.next() % 70) {
        try run.write()
        switch run.random.next() % 24 {
        case 0: try run.command("BGSAVE")
        case 1: try run.command("BGREWRITEAOF")
        default: break
        }
        if run.random.next() % 3 == 0 {
          let longest: UInt64 = run.random.next() % 8 == 0 ? 20_000_000 : 700_000
          try run.pass(.microseconds(Int64(run.random.next() % longest)))
        }
      }
      let crash = run.world.now
      try run.apply(cutsPower ? .cutPower(node: "m") : .kill(node: "m"))
      try run.apply(.restart(node: "m"))
      #expect(run.world.machine("m")?.life == .running, "seed \(seed)")

      let found = run.found
      // What is there was the whole of the data set at one moment: nothing is lost in between, no transaction is halved.
      let last = try #require(run.states.lastIndex { $0.keys == found }, "seed \(seed): \(found)")
      guard last < run.states.count - 1 else { continue }
      let oldest = run.states[last + 1].time
      switch cutsPower ? setting.powerless : setting.killed {
      case .nothing: Issue.record("seed \(seed): acknowledged at \(oldest), and lost")
      case .seconds(let seconds): #expect(crash - oldest <= .seconds(seconds), "seed \(seed)")
      case .sinceSnapshot: #expect(last >= run.saved, "seed \(seed)")
      }
    }
  }

  @Test func theKernelWritesBackByItselfAfterHalfAMinute() throws {
    var run = try Run(Self.appending + Self.noSaves + ["--appendfsync", "no"], seed: 1)
    try run.command("SET", "old", "1")
    try run.pass(.seconds(31))
    try run.command("SET", "new", "1")
    let step = try run.world.apply(.cutPower(node: "m"))
    #expect(step.losses.map(\.file) == ["appendonlydir/appendonly.aof.1.incr.aof"])
    try run.apply(.restart(node: "m"))
    #expect(Array(run.found.keys) == ["old"])
  }

  @Test func aFullDiskRefusesWritesUntilItHasRoomAgain() throws {
    var run = try Run(["--appendonly", "yes", "--save", "3600 1000"], seed: 1)
    try run.apply(.disk(node: "m", .full))
    #expect(try run.command("SET", "a", "1") == "+OK\r\n", "the write is in memory, and its reply is sent")
    #expect(
      try run.command("SET", "b", "1") == "-MISCONF Errors writing to the AOF file: No space left on device\r\n")
    #expect(try run.command("PING").hasPrefix("-MISCONF"))
    #expect(try run.command("GET", "a") == "$1\r\n1\r\n")
    #expect(try run.command("SAVE") == "-ERR\r\n")
    try run.command("BGSAVE")
    try run.pass(.seconds(1))
    #expect(try run.command("SET", "b", "1").hasPrefix("-MISCONF Redis is configured to save RDB snapshots"))
    try run.apply(.disk(node: "m", .ok))
    try run.pass(.seconds(1))
    #expect(try run.command("SAVE") == "+OK\r\n")
    #expect(try run.command("SET", "b", "1") == "+OK\r\n")
    try run.apply(.kill(node: "m"))
    try run.apply(.restart(node: "m"))
    #expect(run.found.count == 2)
  }

  @Test func underAlwaysAFullDiskEndsTheProcessBeforeTheReply() throws {
    var run = try Run(["--appendonly", "yes", "--appendfsync", "always"], seed: 1)
    try run.apply(.disk(node: "m", .full))
    #expect(try run.command("SET", "a", "1") == "")
    #expect(run.world.machine("m")?.life == .ended(code: 1))
  }

  @Test func aSlowFsyncPutsWritesOffForTwoSecondsAtMost() throws {
    var run = try Run(["--appendonly", "yes", "--save", ""], seed: 1)
    try run.apply(.disk(node: "m", .slow))
    try run.pass(.seconds(1))
    try run.command("SET", "a", "1")
    try run.command("SET", "b", "1")
    #expect(run.node?.appendOnly.buffer.isEmpty == false, "the fsync that began with a holds b back")
    try run.pass(.seconds(3))
    #expect(run.node?.appendOnly.buffer.isEmpty == true)
  }
}
