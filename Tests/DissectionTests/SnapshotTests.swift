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

  /// The opcodes 0 to 5 of `rdbLoadCheckModuleValue` in rdb.c, each once.
  @Test func `names each part of what a module keeps outside the keyspace`() throws {
    let values: [[UInt8]] = [
      [2, 42], [1, 7], [3, 0, 0, 0xc0, 0x3f], [4, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f], [5, 2, 0x68, 0x69], [0],
    ]
    let bytes = Array("REDIS0010".utf8) + [0xf7, 0, 2, 1] + values.joined() + [0xff] + [UInt8](repeating: 0, count: 8)
    for size in [1, 1 << 16] {
      let run = Self.read(bytes, size)
      #expect(run.error == nil && Self.hole(run.fields, bytes, in: 0..<bytes.count) == nil)
      let field = try #require(run.records.dropFirst().first).field
      func leaves(_ field: Field) -> [Field] { field.children.isEmpty ? [field] : field.children.flatMap(leaves) }
      #expect(
        leaves(field).map { "\($0.name): \($0.meaning.prefix { $0 != "," })" } == [
          "opcode: MODULE_AUX: a module's own data follows", "module id: module AAAAAAAAA", "when opcode: 2", "when: 1",
          "module opcode: 2: an unsigned integer follows", "integer: 42",
          "module opcode: 1: a signed integer follows", "integer: 7",
          "module opcode: 3: a floating point number of 4 bytes follows", "float: 1.5",
          "module opcode: 4: a floating point number of 8 bytes follows", "double: 1.5",
          "module opcode: 5: a string follows", "length: 2: so many bytes follow", "data: \"hi\"",
          "module opcode: 0: the end of the module's data",
        ])
    }
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

  @Test(.enabled(if: RealServer.isInstalled, "redis-server is not installed"))
  func `of a real server has a name for every byte of it, compressed or not`() throws {
    let server = try RealServer(["--enable-debug-command", "yes"])
    let socket = try Socket(port: server.port)
    func say(_ command: [String]) throws { _ = try socket.command(command.map { Array($0.utf8) }) }
    try say(["FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('f', function() return 1 end)"])
    var random = TestRandom(seed: 22)
    var compressed = 0
    for round in 0..<200 {
      for command in RandomDataSet.settings(&random) + RandomDataSet.commands(&random) + [["SAVE"]] { try say(command) }
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
