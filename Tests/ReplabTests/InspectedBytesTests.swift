import Dissection
import Foundation
import RealRedis
import TestSupport
import Testing
import Views

@testable import replab

/// What `inspect` prints of an RDB file, for every fixture and every layout: each byte once, at its address.
@Suite("The bytes that inspect prints of an RDB file") struct InspectedBytesTests {
  /// The files, and each of them with something wrong at a place.
  static let files: [(name: String, bytes: [UInt8])] = {
    let folders = ["Tests/Fixtures/snapshots", "Fuzz/corpus/rdb"].map { "\(Program.root)/\($0)" }
    let whole = folders.flatMap { folder in
      (try? FileManager.default.contentsOfDirectory(atPath: folder))?.sorted().compactMap { name in
        // The fuzzer's files begin with a byte of its own.
        FileManager.default.contents(atPath: "\(folder)/\(name)").map {
          (name, Array(name.hasSuffix(".rdb") ? $0 : $0.dropFirst()))
        }
      } ?? []
    }
    let wrong = whole.flatMap { name, bytes in
      stride(from: 9, to: bytes.count, by: max(1, bytes.count / 6)).map { place -> (String, [UInt8]) in
        var bytes = bytes
        bytes[place] ^= UInt8(truncatingIfNeeded: 1 + place * 37 % 255)
        return ("\(name), byte \(place)", bytes)
      }
    }
    return whole + wrong
  }()

  private static func records(_ bytes: [UInt8]) -> (records: [SnapshotDissector.Record], rest: [Field]) {
    var dissector = SnapshotDissector()
    var records: [SnapshotDissector.Record] = []
    dissector.feed(bytes)
    while let record = try? dissector.next() { records.append(record) }
    return (records, dissector.rest)
  }

  /// What is printed at the address that comes next, row by row; the rows of what compressed bytes unfold to have
  /// addresses of their own.
  private static func printed(_ fields: [Field], end: Int) throws -> [UInt8] {
    let digits = max(4, String(max(end, 1) - 1, radix: 16).count)
    var shown: [UInt8] = []
    for field in fields {
      FieldsView.forEachLine(field, end: end) { line in
        let text = Array(line.text)
        guard text.count > digits + 2, text[digits] == " ", let address = Int(String(text[..<digits]), radix: 16) else {
          return
        }
        let row = text[(digits + 2)...].prefix(23).split(separator: " ").compactMap { UInt8(String($0), radix: 16) }
        if !row.isEmpty { #expect(address == shown.count, "\(line.text)") }
        shown += row
      }
    }
    return shown
  }

  /// The bytes of an object that `--json` prints, each at its address.
  private static func bytes(ofJSON object: Any, from start: Int) throws -> [UInt8] {
    let object = try #require(object as? [String: Any])
    #expect(object["offset"] as? Int == start)
    var bytes: [UInt8] = []
    if let children = object["children"] as? [Any] {
      for child in children { bytes += try Self.bytes(ofJSON: child, from: start + bytes.count) }
    } else {
      let digits = Array(try #require(object["bytes"] as? String).utf8)
      bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(decoding: digits[$0..<min($0 + 2, digits.count)], as: UTF8.self), radix: 16)
      }
    }
    #expect(object["length"] as? Int == bytes.count)
    return bytes
  }

  @Test("tile it, in text and in JSON, whatever is wrong with it") func tile() throws {
    #expect(Self.files.count > 200)
    for (name, bytes) in Self.files {
      let (records, rest) = Self.records(bytes)
      let fields = records.flatMap(\.fields) + rest
      #expect(try Self.printed(fields, end: bytes.count) == bytes, "\(name)")
      var shown: [UInt8] = []
      for field in fields {
        let object = try JSONSerialization.jsonObject(with: Data(field.json(limit: 0).text.utf8))
        shown += try Self.bytes(ofJSON: object, from: shown.count)
      }
      #expect(shown == bytes, "\(name)")
    }
  }

  /// Finds each field of a record by its path; how many there are.
  private static func findEach(_ record: SnapshotDissector.Record) throws -> Int {
    guard let key = record.key.map({ String(decoding: $0, as: UTF8.self) }), !key.contains("/") else { return 0 }
    var count = 0
    func visit(_ field: Field, _ path: String) throws {
      var numbers: [String: Int] = [:]
      for child in field.compressed == nil ? field.children : field.unfolded() {
        numbers[child.name, default: 0] += 1
        let number = numbers[child.name] ?? 1
        let childPath = "\(path)/\(child.name)" + (number > 1 ? "#\(number)" : "")
        count += 1
        #expect(try FieldPath(childPath).resolve(in: record) == [child], "\(childPath)")
        try visit(child, childPath)
      }
    }
    try visit(record.field, "key:\(key)")
    return count
  }

  @Test("are found by the path of their field, each of a value's") func paths() throws {
    var count = 0
    for (_, bytes) in Self.files.prefix(while: { !$0.name.contains(", byte ") }) {
      for record in Self.records(bytes).records { count += try Self.findEach(record) }
    }
    #expect(count > 700)
  }

  /// REPLAB_SNAPSHOTS tells how many are made.
  @Test(
    "are found in the snapshots of a real server, too",
    .enabled(if: RealServer.isInstalled, "redis-server is not installed"))
  func realPaths() throws {
    let wanted = ProcessInfo.processInfo.environment["REPLAB_SNAPSHOTS"].flatMap { Int($0) } ?? 5
    let server = try RealServer()
    let socket = try Socket(port: server.port)
    var random = TestRandom(seed: 22)
    var count = 0
    for _ in 0..<min(wanted, 200) {
      for command in RandomDataSet.settings(&random) + RandomDataSet.commands(&random) + [["SAVE"]] {
        _ = try socket.command(command.map { Array($0.utf8) })
      }
      for record in Self.records(try #require(server.file("dump.rdb"))).records { count += try Self.findEach(record) }
    }
    #expect(count > wanted * 200)
  }
}
