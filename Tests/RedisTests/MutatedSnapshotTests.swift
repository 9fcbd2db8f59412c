import Foundation
import RDB
import RealRedis
import Redis
import TestSupport
import Testing

/// Snapshots in which something is not as it was, at the start of a node and of a real server: both take them, with the
/// same values, or neither does.
///
/// A server by itself looks at the elements of a value only when somebody asks for them, and may end then. A node looks
/// at once, as a server does that has `sanitize-dump-payload yes`; such a server is asked where the other one took what
/// the node did not. REPLAB_SNAPSHOTS tells how many snapshots are tried, REPLAB_SNAPSHOTS_SEED which.
@Suite(
  "Snapshots with something wrong in them", .enabled(if: RealServer.isInstalled, "redis-server is not installed"),
  .serialized)
struct MutatedSnapshotTests {
  private static let count = ProcessInfo.processInfo.environment["REPLAB_SNAPSHOTS"].flatMap { Int($0) } ?? 60
  private static let seed =
    ProcessInfo.processInfo.environment["REPLAB_SNAPSHOTS_SEED"].flatMap { UInt64($0) } ?? 70

  enum Outcome: Equatable {
    case loaded(digest: String)
    case refused(words: String)

    var isRefusal: Bool { if case .refused = self { true } else { false } }
  }

  /// One of each layout, and of what was wrong once.
  private static let corpus: [(name: String, bytes: [UInt8])] = {
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

  /// A file of the corpus with a few other bytes. Most are of a version that 7.0 reads, and say that there is no checksum:
  /// else all would be refused for these.
  private static func mutated(_ bytes: [UInt8], _ random: inout TestRandom) -> [UInt8] {
    var body = Array(bytes.dropFirst(9).dropLast(8))
    for _ in 0...Int.random(in: 0...2, using: &random) where !body.isEmpty {
      let index = Int.random(in: 0..<body.count, using: &random)
      switch Int.random(in: 0...5, using: &random) {
      case 0: body[index] = UInt8.random(in: 0...255, using: &random)
      case 1: body[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
      case 2: body[index] &+= [1, 2, 254, 255].randomElement(using: &random)!
      case 3: body.insert(body[Int.random(in: 0..<body.count, using: &random)], at: index)
      case 4: body.remove(at: index)
      default: body[index] = body[Int.random(in: 0..<body.count, using: &random)]
      }
    }
    return Array("REDIS0010".utf8) + body + [UInt8](repeating: 0, count: 8)
  }

  private static let directives = ["--enable-debug-command", "yes"]

  private static func atNode(_ bytes: [UInt8], _ directives: [String]) throws -> Outcome {
    var configuration = Configuration()
    try configuration.read(arguments: ["--save", ""] + Self.directives + directives)
    var node = NodeClient(configuration, at: realNow(), files: ["dump.rdb": bytes])
    var log: [String] = []
    for effect in node.takeEffects() {
      if case .log(let entry) = effect { log.append(entry.text) }
      if case .exit = effect { return .refused(words: words(log)) }
    }
    let client = node.connect()
    return .loaded(digest: node.command("DEBUG DIGEST", on: client).trimmingCharacters(in: .whitespacesAndNewlines))
  }

  private static func atServer(_ bytes: [UInt8], _ directives: [String]) -> Outcome {
    do {
      let server = try RealServer(Self.directives + directives, files: ["dump.rdb": bytes])
      return .loaded(digest: "+" + (try server.text("DEBUG", "DIGEST")))
    } catch {
      // `123:M 29 Nov 2026 02:30:59.245 # text`
      let lines = "\(error)".split(separator: "\n").compactMap {
        $0.split(separator: " ", maxSplits: 6).dropFirst(6).last.map(String.init)
      }
      return .refused(words: words(lines))
    }
  }

  /// What is said of the bytes.
  private static func words(_ log: [String]) -> String {
    let told = ["Internal error in RDB", "FATAL", "Wrong RDB", "uplicated key", "AUX module", "Failed loading library"]
    return log.filter { line in told.contains { line.contains($0) } }.joined(separator: " | ")
  }

  private static func hex(_ bytes: [UInt8]) -> String { bytes.map { String(format: "%02x", $0) }.joined() }

  /// What neither does where the other one does something else; nil: they agree.
  private static func difference(_ bytes: [UInt8]) throws -> String? {
    let (node, server) = (try atNode(bytes, []), atServer(bytes, []))
    if node == server || node.isRefusal && server.isRefusal { return nil }
    guard node.isRefusal else { return "\(hex(bytes)): \(node), but \(server)" }
    let closer = atServer(bytes, ["--sanitize-dump-payload", "yes"])
    return closer.isRefusal ? nil : "\(hex(bytes)): \(node), but \(server), and looking closely \(closer)"
  }

  @Test("are taken by a node and a server, or by neither, with the same values") func values() throws {
    var random = TestRandom(seed: Self.seed)
    for number in 0..<Self.count {
      let (name, original) = Self.corpus[number % Self.corpus.count]
      if let difference = try Self.difference(Self.mutated(original, &random)) {
        Issue.record("\(name), \(difference)")
      }
    }
  }

  @Test("that a real server wrote are taken with the same values, too") func real() throws {
    let server = try RealServer()
    let socket = try Socket(port: server.port)
    var random = TestRandom(seed: Self.seed)
    for number in 0..<Self.count / 20 {
      for command in RandomDataSet.settings(&random) + RandomDataSet.commands(&random) + [["SAVE"]] {
        _ = try socket.command(command.map { Array($0.utf8) })
      }
      let bytes = try #require(server.file("dump.rdb"))
      for bytes in [bytes] + (0..<3).map({ _ in Self.mutated(bytes, &random) }) {
        if let difference = try Self.difference(bytes) { Issue.record("snapshot \(number), \(difference)") }
      }
    }
  }

  // MARK: What was wrong once

  private static func length(_ bytes: [UInt8]) -> [UInt8] { [UInt8(bytes.count)] + bytes }
  private static func twice(_ part: [UInt8]) -> [UInt8] { [2] + part + part }
  private static let long = [0x40, 100] + [UInt8](repeating: 0x78, count: 100)
  /// A sorted set's listpack in which the score of `a` is a text.
  private static func scored(_ text: String) -> [UInt8] {
    let elements = [[0x81, 0x61], [0x80 | UInt8(text.utf8.count)] + text.utf8].flatMap { $0 + [UInt8($0.count)] }
    return length([UInt8(elements.count + 7), 0, 0, 0, 2, 0] + elements + [0xff])
  }

  struct Example: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var type: UInt8
    var value: [UInt8]
  }

  static let examples = [
    Example(testDescription: "a member twice", type: 2, value: twice([1, 0x61])),
    Example(testDescription: "an integer twice", type: 2, value: twice([1, 0x31])),
    Example(testDescription: "a scored member twice", type: 5, value: twice([1, 0x61, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f])),
    Example(testDescription: "a field twice", type: 4, value: twice([1, 0x66, 1, 0x76])),
    Example(testDescription: "a long field twice", type: 4, value: twice([1, 0x66] + long)),
    Example(testDescription: "no members", type: 2, value: [0]),
    Example(testDescription: "a score that is no number", type: 17, value: scored("x1")),
    Example(testDescription: "a score that begins as a number", type: 17, value: scored(" -1.5e1x")),
    Example(testDescription: "a score in hex", type: 17, value: scored("0x1.8p1")),
    Example(
      testDescription: "a score of old that begins as a number", type: 3, value: [1, 1, 0x61, 3, 0x31, 0x2e, 0x78]),
    Example(testDescription: "a value of a module", type: 7, value: [0, 2, 1, 0]),
    Example(testDescription: "a library without a first line", type: 0xf5, value: [0x61]),
    Example(
      testDescription: "a back length that goes on in the element before it", type: 18,
      value: [1, 2, 20, 20, 0, 0, 0, 2, 0, 0x81, 0x61, 2, 0xf4, 0x70, 0x11, 1, 0, 0, 0, 0, 0, 0x89, 0xff]),
    Example(testDescription: "a library of another engine", type: 0xf5, value: Array("!js name=a\n".utf8)),
  ]

  /// The nodes of lists that have no bytes, in all forms in which a length of 0 can stand there.
  private static let emptyNodes = [
    ("a ziplist", UInt8(14), [UInt8]()), ("a listpack", 18, [2]), ("an element", 18, [1]),
  ]
  .flatMap { kind, type, container in
    [
      [0], [0x40, 0], [0x80, 0, 0, 0, 0], [0x81, 0, 0, 0, 0, 0, 0, 0, 0], [0xc3, 0, 0], [0xc3, 1, 0, 0],
      [0xc3, 0x40, 0, 0x40, 0],
    ].map { (none: [UInt8]) in
      let form = none.map { String(format: "%02x", $0) }.joined()
      return Example(testDescription: "\(kind) of no bytes, \(form)", type: type, value: [1] + container + none)
    }
  }

  @Test("are told in the same words where a value can't be", arguments: examples + emptyNodes) func words(
    _ example: Example
  ) throws {
    // Of a library the value's first byte is the one that a key's length is in others.
    let isLibrary = example.type == 0xf5
    let head = [0xfe, 0, example.type] + (isLibrary ? [UInt8(example.value.count + 1), 0x23] : [1, 0x6b])
    let bytes = Array("REDIS0010".utf8) + head + example.value + [0xff] + [UInt8](repeating: 0, count: 8)
    for directives in [[], ["--sanitize-dump-payload", "yes"]] {
      let (node, server) = (try Self.atNode(bytes, directives), Self.atServer(bytes, directives))
      #expect(node == server)
    }
  }

  @Test("of which a key has an expiry of -1 have one without", arguments: [Int64(-1), -2, 0]) func expiry(time: Int64)
    throws
  {
    let time = withUnsafeBytes(of: time.littleEndian) { Array($0) }
    let bytes =
      Array("REDIS0010".utf8) + [0xfe, 0, 0xfc] + time + [0, 1, 0x6b, 1, 0x76, 0xff] + [UInt8](repeating: 0, count: 8)
    for directives in [[], ["--replicaof", "127.0.0.1 1"]] {
      #expect(try Self.atNode(bytes, directives) == Self.atServer(bytes, directives))
    }
  }
}
