import RDB
import RealRedis
import Testing

/// What redis-check-rdb says of these, and a server when it loads them, was asked of 7.0.15.
@Suite("What a server objects to though the bytes are in order") struct ObjectionTests {
  struct Example: CustomTestStringConvertible, Sendable {
    var name: String
    var type: UInt8
    var value: [UInt8]
    var words: String?
    var severity = Objection.Severity.refusesFile

    var testDescription: String { name }
    var file: [UInt8] {
      join(Array("REDIS0010".utf8), [0xfe, 0], RDBTests.record(type, value), [0xff], [UInt8](repeating: 0, count: 8))
    }
  }

  private static func length(_ count: Int) -> [UInt8] {
    count < 64 ? [UInt8(count)] : [0x40 | UInt8(count >> 8), UInt8(count & 0xff)]
  }
  private static func repeated(_ part: [UInt8]) -> [UInt8] { join([2], part, part) }
  private static let long = join(length(100), [UInt8](repeating: 0x78, count: 100))
  private static let one: [UInt8] = [0, 0, 0, 0, 0, 0, 0xf0, 0x3f]

  private static func id(_ number: UInt8) -> [UInt8] {
    [UInt8](repeating: 0, count: 7) + [number] + [UInt8](repeating: 0, count: 8)
  }

  /// A stream of type 19 with one entry, or as many nodes with the same id.
  private static func stream(
    nodes: Int = 1, length: UInt8 = 1, _ groups: [(name: String, pending: [UInt8], consumers: [(String, [UInt8])])]
  ) -> [UInt8] {
    let time: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0]
    let node = join([16], id(5), blob(listpack(["1", "0", "1", "f", "0", "2", "0", "0", "v", "4"])))
    var value = self.length(nodes) + (0..<nodes).flatMap { _ in node }
    value += [length, 5, 0, 5, 0, 0, 0, length, UInt8(groups.count)]
    for group in groups {
      value += join(string(group.name), [5, 0, 1, UInt8(group.pending.count)])
      for entry in group.pending { value += join(id(entry), time, [1]) }
      value.append(UInt8(group.consumers.count))
      for (name, pending) in group.consumers {
        value += join(string(name), time, [UInt8(pending.count)], pending.flatMap(id))
      }
    }
    return value
  }

  static let examples: [Example] = {
    let fields = (0..<599).flatMap { string("f\($0)") + string("v") }
    return [
      .init(name: "a set", type: 2, value: repeated(string("a")), words: "Duplicate set members detected"),
      .init(name: "a sorted set", type: 5, value: repeated(string("a") + one), words: "Duplicate zset fields detected"),
      .init(
        name: "a sorted set of texts", type: 3, value: repeated(string("a") + string("1")),
        words: "Duplicate zset fields detected"),
      .init(
        name: "a small hash", type: 4, value: repeated(string("f") + string("v")), words: "Hash with dup elements",
        severity: .onlyWhenSanitized),
      .init(
        name: "a hash of 600", type: 4, value: join(length(600), fields, string("f1"), string("v")),
        words: "Duplicate hash fields detected"),
      .init(
        name: "a hash of long values", type: 4, value: repeated(string("f") + long),
        words: "Duplicate hash fields detected"),
      .init(
        name: "a zipmap", type: 9, value: blob(zipmap([("f", "v"), ("f", "w")])),
        words: "Hash zipmap with dup elements, or big length (1)"),
      .init(
        name: "a hash's ziplist", type: 13, value: blob(ziplist(["f", "v", "f", "w"])),
        words: "Hash ziplist integrity check failed."),
      .init(
        name: "a sorted set's ziplist", type: 12, value: blob(ziplist(["a", "1", "a", "2"])),
        words: "Zset ziplist integrity check failed."),
      .init(
        name: "a hash's listpack", type: 16, value: blob(listpack(["f", "v", "f", "w"])),
        words: "Hash listpack integrity check failed.", severity: .onlyWhenSanitized),
      .init(
        name: "a sorted set's listpack", type: 17, value: blob(listpack(["a", "1", "a", "2"])),
        words: "Zset listpack integrity check failed.", severity: .onlyWhenSanitized),
      .init(
        name: "a group twice", type: 19, value: stream([("g", [], []), ("g", [], [])]),
        words: "Duplicated consumer group name g"),
      .init(
        name: "an entry pending twice", type: 19, value: stream([("g", [5, 5], [("c", [5])])]),
        words: "Duplicated global PEL entry loading stream consumer group"),
      .init(
        name: "a consumer twice", type: 19, value: stream([("g", [5], [("c", [5]), ("c", [])])]),
        words: "Duplicate stream consumer detected."),
      .init(
        name: "a consumer's entry that the group has not", type: 19, value: stream([("g", [], [("c", [5])])]),
        words: "Consumer entry not found in group global PEL"),
      .init(
        name: "an entry of nobody", type: 19, value: stream([("g", [5], [("c", [])])]),
        words: "Stream CG PEL entry without consumer", severity: .onlyWhenSanitized),
      .init(
        name: "a length without nodes", type: 19, value: stream(nodes: 0, []),
        words: "Stream length inconsistent with rax entries"),
      .init(
        name: "a node twice", type: 19, value: stream(nodes: 2, length: 2, []),
        words: "Listpack re-added with existing key"),
      .init(name: "a stream in order", type: 19, value: stream([("g", [5], [("c", [5])])])),
      .init(name: "a set in order", type: 2, value: join([2], string("a"), string("b"))),
    ]
  }()

  private func objection(_ file: [UInt8]) throws -> Objection? {
    var reader = Reader()
    reader.feed(file)
    while let event = try reader.next() { if case .entry(let entry) = event { return entry.objection } }
    return nil
  }

  @Test("is told in its words", arguments: examples) func told(_ example: Example) throws {
    let objection = try objection(example.file)
    #expect(objection?.words == example.words)
    if example.words != nil { #expect(objection?.severity == example.severity) }
  }

  @Test("redis-check-rdb has the same words", .enabled(if: RealServer.find("redis-check-rdb") != nil))
  func asked() throws {
    let program = try #require(RealServer.find("redis-check-rdb"))
    for example in Self.examples {
      let (status, output) = try Tool.withFile(example.file) { try runProgram(program, [$0]) }
      #expect((status == 0) == (example.words == nil), "\(example.name): \(output)")
      if let words = example.words { #expect(output.contains(words), "\(example.name): \(output)") }
    }
  }

  @Test("an empty collection, and a time that is over since ever, leave out their key") func skipped() throws {
    let empty = Example(name: "", type: 2, value: [0]).file
    #expect(try objection(empty)?.words == "rdbLoadObject skipping empty key")
    for (time, isSkipped) in [(Int64(-1), false), (-5, true), (0, true), (4_000_000_000_000, false)] {
      let expiry = [0xfc] + withUnsafeBytes(of: time.littleEndian) { Array($0) }
      let file = join(
        Array("REDIS0010".utf8), [0xfe, 0], expiry, record(0, string("v")), [0xff], [UInt8](repeating: 0, count: 8))
      #expect(try objection(file)?.severity == (isSkipped ? .skipsKey : nil), "\(time)")
    }
  }
}
