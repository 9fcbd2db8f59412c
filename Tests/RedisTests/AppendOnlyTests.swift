import Foundation
import RealRedis
import Redis
import Testing

/// A working directory, as the effects of a node leave it.
private struct Folder {
  var files: [String: [UInt8]] = [:]

  mutating func perform(_ effects: [Effect]) {
    for case .file(let operation) in effects { operation.perform(on: &files) }
  }
}

/// A node that keeps an append-only file, its client and its folder.
private struct Keeper {
  var client: NodeClient
  var folder: Folder
  let connection: ConnectionID
  var log: [String] = []

  init(
    _ directives: [String], files: [String: [UInt8]] = [:], at now: Instant = .defaultLabClock
  ) throws {
    var configuration = Configuration()
    try configuration.set("enable-debug-command", "yes")
    try configuration.set("save", "")
    for index in stride(from: 0, to: directives.count, by: 2) {
      try configuration.set(directives[index], directives[index + 1])
    }
    client = NodeClient(configuration, at: now, files: files)
    folder = Folder(files: files)
    connection = client.node.hasExited ? ConnectionID(.accepted, 1) : client.connect()
    settle()
  }

  mutating func settle() {
    let effects = client.takeEffects()
    folder.perform(effects)
    for case .log(let entry) in effects { log.append(entry.text) }
  }

  @discardableResult
  mutating func command(_ line: String) -> String {
    defer { settle() }
    return client.command(line, on: connection)
  }

  mutating func command(_ words: [[UInt8]]) -> String {
    defer { settle() }
    return String(decoding: client.command(words, on: connection), as: UTF8.self)
  }

  mutating func pass(_ interval: Interval) {
    client.advance(by: interval)
    settle()
  }
}

@Suite struct AppendOnlyTests {
  /// Absolute times only, so that both write the same.
  static let writes = [
    "SET k v", "SET k v PXAT 4000000000000", "SELECT 1", "INCR n", "APPEND n 5", "SELECT 3", "MSET x 1 y 2", "MULTI",
    "SET y 1", "SELECT 4", "SET z 1", "EXEC", "MULTI", "SET q 1", "EXEC", "MULTI", "GET q", "EXEC", "GETDEL q",
    "GETDEL q", "SETRANGE s 3 abc", "EXPIREAT s 4000000000", "PERSIST s", "DEL s", "FLUSHDB", "SELECT 0", "GETEX k",
    "GETSET k w", "INCRBYFLOAT f 1.5", "RENAME f g", "SWAPDB 1 2", "SET past x PXAT 1", "SET gone x",
    "PEXPIREAT gone 1", "COPY k c", "MOVE c 7", "SET n x NX", "SET n y XX", "SET never x XX", "FLUSHDB",
  ]

  private static func differences(_ node: [String: [UInt8]], _ server: RealServer, _ names: [String]) -> [String] {
    names.filter { node["appendonlydir/\($0)"] != server.file("appendonlydir/\($0)") }.map {
      "\($0): \(shown(node["appendonlydir/\($0)"] ?? [])) … \(shown(server.file("appendonlydir/\($0)") ?? []))"
    }
  }

  @Test(.enabled(if: RealServer.isInstalled, "redis-server is not installed"))
  func theFilesAreThoseThatARealServerWrites() throws {
    let directives = ["appendonly", "yes", "aof-use-rdb-preamble", "no"]
    var keeper = try Keeper(directives)
    let server = try RealServer([
      "--appendonly", "yes", "--aof-use-rdb-preamble", "no", "--enable-debug-command", "yes",
    ])
    let socket = try Socket(port: server.port)
    func both(_ line: String) throws {
      let words = line.split(separator: " ").map { Array($0.utf8) }
      let reply = String(decoding: try socket.command(words), as: UTF8.self)
      #expect(keeper.command(line) == reply, "\(line)")
    }
    func compare(_ base: Int, _ increment: Int) {
      let names = [
        "appendonly.aof.\(base).base.aof", "appendonly.aof.\(increment).incr.aof", "appendonly.aof.manifest",
      ]
      // A server that waits for an fsync puts off write(2), for two seconds at most.
      _ = server.wait { Self.differences(keeper.folder.files, server, names).isEmpty }
      #expect(Self.differences(keeper.folder.files, server, names) == [])
    }
    func rewritten(_ count: Int) throws {
      keeper.pass(.seconds(1))
      #expect(try server.wait { try server.text("INFO", "persistence").contains("aof_rewrites:\(count)\r") })
      #expect(try server.wait { try server.text("INFO", "persistence").contains("aof_rewrite_in_progress:0") })
    }
    compare(1, 1)
    // When it would come by to delete what has expired is a matter of time.
    try both("DEBUG SET-ACTIVE-EXPIRE 0")
    for line in Self.writes { try both(line) }
    compare(1, 1)
    // What follows is one key a database: the order of keys is chance in a real server.
    for line in ["FLUSHALL", "SET a 1", "SELECT 5", "SET b 2 PXAT 4000000000000"] { try both(line) }
    let library = ["FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function() return 1 end)"]
    let words = library.map { Array($0.utf8) }
    #expect(keeper.command(words) == String(decoding: try socket.command(words), as: UTF8.self))
    compare(1, 1)
    try both("BGREWRITEAOF")
    try rewritten(1)
    try both("SET b 3")
    compare(2, 2)
    try both("CONFIG SET appendonly no")
    try both("SET b 4")
    compare(2, 2)
    try both("CONFIG SET appendonly yes")
    try rewritten(2)
    try both("SET b 5")
    compare(3, 3)
    let names = Set(keeper.folder.files.keys.filter { $0.hasPrefix("appendonlydir/") }.map { $0.dropFirst(14) })
    let real = try FileManager.default.contentsOfDirectory(atPath: server.directory + "/appendonlydir")
    #expect(names == Set(real.map { $0[...] }))
  }

  @Test(.enabled(if: RealServer.isInstalled, "redis-server is not installed"), arguments: ["yes", "no"])
  func aRealServerLoadsOurFolderAndANodeItsFolder(preamble: String) throws {
    let directives = ["appendonly", "yes", "aof-use-rdb-preamble", preamble, "aof-timestamp-enabled", "yes"]
    var keeper = try Keeper(directives, at: realNow())
    for line in Self.writes.dropLast() + ["SET soon x EX 1000"] { keeper.command(line) }
    keeper.command("BGREWRITEAOF")
    keeper.pass(.seconds(1))
    for line in ["SET after 1", "SELECT 9", "SET there 1"] { keeper.command(line) }
    let digest = keeper.command("DEBUG DIGEST")
    #expect(keeper.folder.files.keys.contains { $0.contains(".2.base.") })

    // Killed, and started again.
    var again = try Keeper(directives, files: keeper.folder.files, at: realNow())
    #expect(again.command("DEBUG DIGEST") == digest)

    let arguments = [
      "--appendonly", "yes", "--aof-use-rdb-preamble", preamble, "--aof-timestamp-enabled", "yes",
      "--enable-debug-command", "yes",
    ]
    let server = try RealServer(arguments, files: keeper.folder.files)
    #expect(String(decoding: try server.command("DEBUG", "DIGEST"), as: UTF8.self) == digest)
    let checked = try runProgram(
      try #require(RealServer.find("redis-check-aof")),
      [server.directory + "/appendonlydir/appendonly.aof.manifest"])
    #expect(checked.status == 0, "\(checked.output)")

    try server.command("SET", "theirs", "1")
    try server.command("BGREWRITEAOF")
    #expect(try server.wait { try server.text("INFO", "persistence").contains("aof_rewrite_in_progress:0") })
    try server.command("SET", "last", "1")
    let expected = String(decoding: try server.command("DEBUG", "DIGEST"), as: UTF8.self)
    server.kill()
    var files: [String: [UInt8]] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: server.directory + "/appendonlydir") {
      files["appendonlydir/\(name)"] = server.file("appendonlydir/\(name)")
    }
    var heir = try Keeper(directives, files: files, at: realNow())
    #expect(heir.command("DEBUG DIGEST") == expected)
  }

  // MARK: Broken files

  private static let set = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"
  private static let manifest =
    "file appendonly.aof.1.base.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n"

  struct Damage: Sendable, CustomTestStringConvertible {
    var name: String
    var manifest = AppendOnlyTests.manifest
    var base = AppendOnlyTests.set
    var increment: String? = AppendOnlyTests.set
    var directives: [String] = []
    var testDescription: String { name }

    var files: [String: [UInt8]] {
      var files = ["appendonly.aof.manifest": manifest, "appendonly.aof.1.base.aof": base]
      files["appendonly.aof.1.incr.aof"] = increment
      var bytes: [String: [UInt8]] = [:]
      for (name, text) in files { bytes["appendonlydir/\(name)"] = Array(text.utf8) }
      return bytes
    }
  }

  static let loadable = [
    Damage(name: "whole"),
    Damage(name: "an empty increment", increment: ""),
    Damage(name: "empty files", base: "", increment: ""),
    Damage(name: "a command that is cut off", increment: set + "*3\r\n$3\r\nSE"),
    Damage(name: "a header that is cut off", increment: set + "*"),
    Damage(name: "an open transaction", increment: set + "*1\r\n$5\r\nMULTI\r\n" + set),
    Damage(name: "a transaction that is cut off", increment: "*1\r\n$5\r\nMULTI\r\n" + set + "*3\r\n$3\r\nSET\r\n"),
    Damage(name: "annotations", increment: "#TS:1\r\n" + set + "#TS:2\r\n" + set + "*1\r"),
  ]

  static let fatal = [
    Damage(name: "cut off, and not to be truncated", increment: "*3\r\n$3", directives: ["aof-load-truncated", "no"]),
    Damage(name: "garbage", increment: "garbage"),
    Damage(name: "no dollar", increment: "*2\r\n+a\r\n"),
    Damage(name: "no arguments", increment: "*0\r\n"),
    Damage(name: "an unknown command", increment: "*1\r\n$5\r\nNONSE\r\n"),
    Damage(name: "a base that is cut off", base: "*3\r\n$3\r\nSET\r\n"),
    Damage(name: "no increment", increment: nil),
    Damage(name: "a bad manifest", manifest: "bad\n"),
    Damage(name: "an empty manifest", manifest: ""),
    Damage(name: "a manifest without an end", manifest: "file a seq 1 type b"),
    Damage(name: "a path in the manifest", manifest: manifest + "file a/b seq 2 type i\n"),
    Damage(name: "an unknown type", manifest: manifest + "file b seq 2 type x\n"),
    Damage(name: "two bases", manifest: manifest + "file b seq 2 type b\n"),
    Damage(name: "sequence numbers that go back", manifest: manifest + "file b seq 1 type i\n"),
  ]

  /// The log's lines on the append-only file, without the times that loading took.
  private static func relevant(_ lines: [String]) -> [String] {
    let words = ["AOF", "append", "MULTI", "fatal", "Fatal", "manifest", "DB loaded", "File can't", "Found", "Unknown"]
    return lines.filter { line in words.contains { line.contains($0) } }
      .map { $0.replacing(/: [0-9.]+ seconds/, with: "").trimmingCharacters(in: .whitespacesAndNewlines) }
      .filter { !$0.contains("FATAL") && !$0.hasPrefix("ERROR") }
  }

  private static func texts(_ log: String) -> [String] {
    log.split(separator: "\n").map { line in
      line.firstMatch(of: /^[0-9]+:[A-Z] .*?[0-9]{3} [*#.-] (.*)$/).map { String($0.1) } ?? String(line)
    }
  }

  @Test(.enabled(if: RealServer.isInstalled, "redis-server is not installed"), arguments: loadable)
  func aTailThatIsNotWholeIsCutOffWithTheWordsOfARealServer(_ damage: Damage) throws {
    let keeper = try Keeper(["appendonly", "yes"] + damage.directives, files: damage.files)
    let server = try RealServer(["--appendonly", "yes"], files: damage.files)
    #expect(Self.relevant(keeper.log) == Self.relevant(Self.texts(server.log)))
    for name in ["appendonly.aof.1.base.aof", "appendonly.aof.1.incr.aof", "appendonly.aof.manifest"] {
      #expect(keeper.folder.files["appendonlydir/\(name)"] == server.file("appendonlydir/\(name)"), "\(name)")
    }
  }

  @Test(.enabled(if: RealServer.isInstalled, "redis-server is not installed"), arguments: fatal)
  func aFileThatMakesNoSenseEndsTheProcessWithTheWordsOfARealServer(_ damage: Damage) throws {
    let keeper = try Keeper(["appendonly", "yes"] + damage.directives, files: damage.files)
    #expect(keeper.client.node.hasExited)
    let folder = try TemporaryFolder()
    for (name, bytes) in damage.files { try folder.write(name, bytes) }
    let options = damage.directives.enumerated().map { $0.isMultiple(of: 2) ? "--" + $1 : $1 }
    let run = try runProgram(
      try #require(RealServer.find("redis-server")),
      ["--port", "\(try freePort())", "--dir", folder.root, "--save", "", "--appendonly", "yes"] + options)
    #expect(run.status == 1)
    #expect(Self.relevant(keeper.log) == Self.relevant(Self.texts(run.output)))
  }

  @Test func theSingleFileOfOlderServersIsTakenOver() throws {
    var keeper = try Keeper(["appendonly", "yes"], files: ["appendonly.aof": Array(Self.set.utf8)])
    #expect(keeper.folder.files["appendonly.aof"] == nil)
    #expect(
      keeper.folder.files["appendonlydir/appendonly.aof.manifest"].map { String(decoding: $0, as: UTF8.self) }
        == "file appendonly.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n")
    #expect(keeper.command("GET a") == "$1\r\n1\r\n")
  }

  @Test func withAppendonlyTheSnapshotIsNotLookedAt() throws {
    var first = try Keeper([])
    first.command("SET a 1")
    first.command("SAVE")
    var second = try Keeper(["appendonly", "yes"], files: first.folder.files)
    #expect(second.command("GET a") == "$-1\r\n")
  }

  // MARK: In what order

  @Test func aReplyComesAfterTheWriteAndUnderAlwaysAfterTheFsync() throws {
    for (policy, syncs) in [("always", true), ("everysec", false), ("no", false)] {
      var keeper = try Keeper(["appendonly", "yes", "appendfsync", policy])
      _ = keeper.client.command("SET a 1", on: keeper.connection)
      _ = keeper.client.takeEffects()
      _ = keeper.client.command("SET b 1", on: keeper.connection)
      let kinds = keeper.client.takeEffects().compactMap { effect -> String? in
        switch effect {
        case .file(.append): "write"
        case .file(.sync): "fsync"
        case .send: "reply"
        default: nil
        }
      }
      #expect(kinds == (syncs ? ["write", "fsync", "reply"] : ["write", "reply"]), "\(policy)")
    }
  }

  @Test func everysecSyncsOnceASecondAndThenSleeps() throws {
    var keeper = try Keeper(["appendonly", "yes"])
    var syncs = 0
    for _ in 0..<40 {
      keeper.client.advance(by: .milliseconds(100))
      _ = keeper.client.command("INCR n", on: keeper.connection)
      for case .file(.sync) in keeper.client.takeEffects() { syncs += 1 }
    }
    #expect((4...5).contains(syncs))
    keeper.pass(.seconds(2))
    #expect(keeper.client.node.nextWakeup == nil)
  }

  @Test func growthBeginsARewrite() throws {
    var keeper = try Keeper(["appendonly", "yes", "auto-aof-rewrite-min-size", "1000"])
    for _ in 0..<60 { keeper.command("INCR n") }
    keeper.pass(.seconds(1))
    #expect(keeper.log.contains { $0.hasPrefix("Starting automatic rewriting of AOF on ") })
    #expect(keeper.folder.files["appendonlydir/appendonly.aof.2.base.rdb"] != nil)
    #expect(keeper.command("BGREWRITEAOF") == "+Background append only file rewriting started\r\n")
    #expect(
      keeper.command("BGREWRITEAOF")
        == "-ERR Background append only file rewriting already in progress\r\n")
    #expect(keeper.command("BGSAVE").hasPrefix("-ERR Another child process is active (AOF?)"))
    #expect(keeper.command("BGSAVE SCHEDULE") == "+Background saving scheduled\r\n")
    keeper.pass(.seconds(1))
    #expect(keeper.folder.files["dump.rdb"] != nil)
    #expect(keeper.command("BGSAVE") == "+Background saving started\r\n")
    #expect(keeper.command("BGREWRITEAOF") == "+Background append only file rewriting scheduled\r\n")
    keeper.pass(.seconds(1))
    #expect(keeper.folder.files["appendonlydir/appendonly.aof.4.base.rdb"] != nil)
  }

  @Test(
    "The manifest quotes a name where a real server's does",
    .enabled(if: RealServer.isInstalled, "redis-server is not installed"),
    arguments: ["plain", "it's", "two words", "ö", "a\"b"])
  func quotedNames(name: String) throws {
    let server = try RealServer(["--appendonly", "yes", "--appendfilename", name])
    let keeper = try Keeper(["appendonly", "yes", "appendfilename", name])
    let file = "appendonlydir/\(name).manifest"
    #expect(keeper.folder.files[file] != nil)
    #expect(keeper.folder.files[file] == server.file(file))
  }
}
