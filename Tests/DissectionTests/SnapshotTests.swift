import Dissection
import Foundation
import RDB
import RealRedis
import TestSupport
import Testing

typealias Field = Dissection.Field

/// Snapshots as files: every byte is shown once, with its address.
@Suite struct `A snapshot taken apart` {
  struct Run {
    var fields: [Field] = []
    var records: [SnapshotDissector.Record] = []
    var error: RDBError?
  }

  /// Reads a file in pieces of `size` bytes.
  static func read(_ bytes: [UInt8], _ size: Int = 1 << 16) -> Run {
    var dissector = SnapshotDissector()
    var run = Run()
    do throws(RDBError) {
      for start in stride(from: 0, to: bytes.count, by: size) {
        dissector.feed(Array(bytes[start..<min(start + size, bytes.count)]))
        while let record = try dissector.next() { run.records.append(record) }
      }
      try dissector.finish()
    } catch {
      run.error = error
    }
    run.fields = run.records.flatMap(\.fields) + dissector.rest
    return run
  }

  /// Where siblings leave a gap, overlap, or hold other bytes than those at their address; nil: nowhere.
  static func hole(_ fields: [Field], _ bytes: [UInt8], in range: Range<Int>) -> String? {
    var position = range.lowerBound
    for field in fields {
      guard field.range.lowerBound == position, !field.range.isEmpty, field.range.upperBound <= range.upperBound else {
        return "\(field.name) \(field.range) at \(position)"
      }
      guard field.bytes == Array(bytes[field.range]) else { return "\(field.name) \(field.range) has other bytes" }
      if !field.children.isEmpty, let hole = hole(field.children, bytes, in: field.range) { return hole }
      if field.compressed != nil {
        let unfolded = field.unfolded()
        let inner = unfolded.flatMap(\.bytes)
        if unfolded.isEmpty { return "\(field.name) \(field.range) does not unfold" }
        if let hole = hole(unfolded, inner, in: 0..<inner.count) { return "uncompressed: \(hole)" }
      }
      position = field.range.upperBound
    }
    return position == range.upperBound ? nil : "\(position) to \(range.upperBound) are not shown"
  }

  static let corpus: [(name: String, bytes: [UInt8])] = {
    let folders = [Fixtures.path("snapshots"), Fixtures.path("../../Fuzz/corpus/rdb")]
    return folders.flatMap { folder in
      (try? FileManager.default.contentsOfDirectory(atPath: folder))?.sorted().compactMap { name in
        // The fuzzer's files begin with a byte of its own.
        FileManager.default.contents(atPath: "\(folder)/\(name)").map {
          (name, Array(name.hasSuffix(".rdb") ? $0 : $0.dropFirst()))
        }
      } ?? []
    }
  }()

  @Test func `tiles its file, whole and in pieces`() {
    #expect(Self.corpus.count > 30)
    for (name, bytes) in Self.corpus {
      let whole = Self.read(bytes)
      #expect(Self.hole(whole.fields, bytes, in: 0..<bytes.count) == nil, "\(name)")
      if whole.error == nil { #expect(Self.read(bytes, 7).fields == whole.fields, "\(name)") }
    }
  }

  @Test func `tiles its file whatever is wrong with it`() {
    var random = TestRandom(seed: 9)
    for (name, bytes) in Self.corpus {
      for _ in 0..<120 {
        var bytes = bytes
        random.mutate(&bytes, times: 1...3, words: Array(240...255), longest: 9)
        let hole = Self.hole(Self.read(bytes).fields, bytes, in: 0..<bytes.count)
        #expect(hole == nil, "\(name): \(bytes)")
      }
    }
  }

  // MARK: What was wrong once

  static func run(_ name: String) throws -> Run { read(try Fixtures.file("snapshots/\(name).rdb")) }

  /// All fields of a tree with this name.
  static func all(_ name: String, in fields: [Field]) -> [Field] {
    fields.flatMap { ($0.name == name ? [$0] : []) + all(name, in: $0.children + $0.unfolded()) }
  }

  /// What redis-server 7.0.15 logs when it loads them was looked at.
  @Test(
    arguments: [
      ([0, 1, 0x6b, 1, 0x61], [0, 1, 0x6b, 1, 0x62], true),
      ([0, 1, 0x6b, 1, 0x61], [0xfe, 1, 0, 1, 0x6b, 1, 0x62], false),
      ([0, 1, 0x6b, 1, 0x61], [0, 1, 0x6c, 1, 0x61], false),
      ([0xfc, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x6b, 1, 0x61], [0, 1, 0x6b, 1, 0x62], false),
    ] as [([UInt8], [UInt8], Bool)])
  func `says that a key is there twice, as a server does`(first: [UInt8], second: [UInt8], isTwice: Bool) {
    let head = Array("REDIS0010".utf8) + [0xfe, 0]
    let run = Self.read(head + first + second + [0xff] + [UInt8](repeating: 0, count: 8))
    #expect(run.error == nil)
    let words = run.records.compactMap(\.objection).map(\.words)
    #expect(words == (isTwice ? ["RDB has duplicated key 'k' in DB 0"] : []))
  }

  @Test(arguments: [("expiry", "expire time"), ("idle", "idle time")])
  func `shows the entry behind what is said of its key`(file: String, attribute: String) throws {
    let record = try #require(try Self.run(file).records.first { $0.key != nil })
    #expect(record.attributes.map(\.name) == [attribute])
    #expect(record.field.name == "entry")
    #expect(Self.all("data", in: record.fields).map(\.bytes) == [Array("k".utf8), Array("v".utf8)])
  }

  @Test func `shows an aux field that stands between an expiry and its key`() throws {
    let run = try Self.run("aux-after-expiry")
    #expect(
      run.records.map { $0.fields.map(\.name) }.dropFirst(2).dropLast() == [["expire time", "aux field"], ["entry"]])
    #expect(run.records[3].field.meaning.hasPrefix("key \"k\" holds \"v\", until 2051-06-06"))
  }

  @Test func `knows the slots that a Valkey server is about to take over`() throws {
    let run = try Self.run("valkey-slot-import")
    let field = run.records[1].field
    #expect(field.name == "slot import" && field.meaning == "slots that this server is about to take over, in 1 range")
    #expect(Self.all("first slot", in: [field]).map(\.meaning) == ["16383, written in 2 bytes"])
    #expect(run.error == nil)
  }

  static let expiries: [(String, [String])] = [
    ("hash-metadata-pre-ga", ["2030-01-01 00:00:00 UTC, as 1893456000000 ms since 1970"]),
    ("valkey-hash2-no-expiry", ["no expiry"]),
  ]
  @Test(arguments: expiries) func `tells when a hash's field expires`(file: String, meanings: [String]) throws {
    #expect(Self.all("expires at", in: try Self.run(file).fields).map(\.meaning) == meanings)
  }

  @Test func `refuses a zipmap whose count is not that of its pairs`() throws {
    let run = try Self.run("zipmap-count-255")
    #expect(run.error?.reason == .malformed(.zipmap))
    #expect(run.error?.offset == 15)
  }

  // MARK: What a real server writes

  /// Commands that fill a database with every type, many of each, around the thresholds between their layouts.
  static func commands(_ random: inout TestRandom) -> [[String]] {
    func word() -> String {
      switch Int.random(in: 0...5, using: &random) {
      case 0: "\(Int.random(in: -200...200, using: &random))"
      case 1: "\(Int64.random(in: .min ... .max, using: &random))"
      case 2: String(repeating: "word-", count: Int.random(in: 0...30, using: &random))
      case 3:
        String(
          (0..<Int.random(in: 0...70, using: &random)).map { _ in
            "abcdefghijklmnopqrstuvwxyz".randomElement(using: &random)!
          })
      default: "element:\(Int.random(in: 0...40, using: &random))"
      }
    }
    func score() -> String {
      "\(Int.random(in: -9...9, using: &random))\([".5", "", "e10", ".25"].randomElement(using: &random)!)"
    }
    var commands: [[String]] = [["FLUSHALL"], ["SELECT", "\([0, 0, 3].randomElement(using: &random)!)"]]
    for _ in 0..<Int.random(in: 5...60, using: &random) {
      let key = "\(Int.random(in: 0...3, using: &random))"
      switch Int.random(in: 0...11, using: &random) {
      case 0: commands.append(["SET", "string\(key)", word()])
      case 1, 2:
        commands.append(["RPUSH", "list\(key)"] + (0...Int.random(in: 0...20, using: &random)).map { _ in word() })
      case 3: commands.append(["SADD", "set\(key)"] + (0...Int.random(in: 0...20, using: &random)).map { _ in word() })
      case 4:
        commands.append(
          ["SADD", "numbers\(key)"] + (0...9).map { _ in "\(Int.random(in: -70000...70000, using: &random))" })
      case 5: commands.append(["ZADD", "zset\(key)"] + (0...9).flatMap { _ in [score(), word()] })
      case 6, 7: commands.append(["HSET", "hash\(key)"] + (0...9).flatMap { _ in [word(), word()] })
      case 8: for _ in 0...9 { commands.append(["XADD", "stream\(key)", "*", "name", word()]) }
      case 9:
        commands.append(["XGROUP", "CREATE", "stream\(key)", "group", "0", "MKSTREAM"])
        commands.append([
          "XREADGROUP", "GROUP", "group", "reader\(word())", "COUNT", "3", "STREAMS", "stream\(key)", ">",
        ])
      case 10: commands.append(["PEXPIREAT", "list\(key)", "4000000000\(Int.random(in: 100...999, using: &random))"])
      default: commands.append(["XTRIM", "stream\(key)", "MAXLEN", "~", "5"])
      }
    }
    return commands
  }

  /// Each with settings of its own: thresholds, sizes, compression, what is written of a key's use.
  static func settings(_ random: inout TestRandom) -> [[String]] {
    [
      ["maxmemory-policy", ["noeviction", "allkeys-lru", "allkeys-lfu"].randomElement(using: &random)!],
      ["hash-max-listpack-entries", "\([4, 128].randomElement(using: &random)!)"],
      ["zset-max-listpack-entries", "\([4, 128].randomElement(using: &random)!)"],
      ["set-max-intset-entries", "\([4, 512].randomElement(using: &random)!)"],
      ["list-max-listpack-size", "\([-2, 3, 1].randomElement(using: &random)!)"],
      ["list-compress-depth", "\([0, 1].randomElement(using: &random)!)"],
      ["stream-node-max-entries", "\([3, 100].randomElement(using: &random)!)"],
      ["rdbcompression", ["yes", "yes", "no"].randomElement(using: &random)!],
    ].map { ["CONFIG", "SET"] + $0 }
  }

  @Test(.enabled(if: RealServer.isInstalled, "redis-server is not installed"))
  func `of a real server has a name for every byte of it, compressed or not`() throws {
    let server = try RealServer(["--enable-debug-command", "yes"])
    let socket = try Socket(port: server.port)
    func say(_ command: [String]) throws { _ = try socket.command(command.map { Array($0.utf8) }) }
    try say(["FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('f', function() return 1 end)"])
    var random = TestRandom(seed: 22)
    var compressed = 0
    for round in 0..<200 {
      for command in Self.settings(&random) + Self.commands(&random) + [["SAVE"]] { try say(command) }
      let bytes = try #require(server.file("dump.rdb"))
      let run = Self.read(bytes)
      #expect(run.error == nil, "round \(round)")
      #expect(Self.hole(run.fields, bytes, in: 0..<bytes.count) == nil, "round \(round)")
      #expect(Self.all("unread", in: run.fields).isEmpty, "round \(round)")
      let size = try socket.command([Array("DBSIZE".utf8)])
      #expect(size == Array(":\(run.records.filter { $0.key != nil }.count)\r\n".utf8), "round \(round)")
      compressed += Self.all("compressed data", in: run.fields).count
      // The elements that are shown are those that there are.
      var reader = Reader()
      reader.feed(bytes)
      var counted = 0
      while let event = try reader.next() {
        if case .entry(let entry) = event { counted += entry.value.contents.count ?? 0 }
      }
      let names = ["element", "member", "field", "stream entry"]
      let shown = run.records.filter { $0.key != nil }.map { record in
        let parts = names.map { Self.all($0, in: [record.field]) }
        let fields =
          parts[3].isEmpty
          ? parts[0].count + parts[1].count + parts[2].count
          : parts[3].filter { entry in
            !(entry.children.first?.children.first?.meaning == "1"
              || entry.children.first?.children.first?.meaning == "3")
          }.count
        return fields
      }.reduce(0, +)
      #expect(shown == counted, "round \(round)")
    }
    #expect(compressed > 1000)
  }
}

/// Append-only files, with and without the snapshot with which older ones begin.
@Suite struct `An append-only file taken apart` {
  static func fields(_ text: String, _ size: Int = 5) -> (fields: [Field], fault: String?) {
    var dissector = AppendOnlyDissector(at: 22)
    var fields: [Field] = []
    var fault: String?
    let bytes = Array(text.utf8)
    do throws(AppendOnlyDissector.Fault) {
      for start in stride(from: 0, to: bytes.count, by: size) {
        dissector.feed(Array(bytes[start..<min(start + size, bytes.count)]))
        while let field = try dissector.next() { fields.append(field) }
      }
    } catch {
      fault = "\(error)"
    }
    return (fields + (dissector.rest.map { [$0] } ?? []), fault)
  }

  static let set = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"

  @Test func `has commands, and remarks of when they were written`() {
    let (fields, fault) = Self.fields("#TS:1670000000\r\n" + Self.set)
    #expect(fault == nil)
    #expect(fields.map(\.name) == ["remark", "command"])
    #expect(fields.map(\.meaning) == ["what follows was written at 2022-12-02 16:53:20 UTC", "SET a 1"])
    #expect(fields.map(\.range) == [22..<38, 38..<65])
  }

  @Test func `may end within a command, or go wrong`() {
    #expect(Self.fields(Self.set + "*2\r\n$3").fields.map(\.name) == ["command", "incomplete"])
    let (fields, fault) = Self.fields(Self.set + "*1\r\n+PING\r\n", 100)
    #expect(fields.map(\.name) == ["command", "unreadable"])
    #expect(fault == "expected '$', got '+' at byte 53")
  }

  @Test(arguments: [
    ("*2\r\n$6\r\nSELECT", true), ("#TS:1", true), ("*3\r\n:1", false), ("*\r\n$", false), ("REDIS0010", false),
  ])
  func `is told by its first bytes`(text: String, isBeginning: Bool) {
    #expect(AppendOnlyDissector.isBeginning(Array(text.utf8)) == isBeginning)
  }
}
