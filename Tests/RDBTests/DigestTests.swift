import Capture
import Foundation
import RDB
import RealRedis
import TestSupport
import Testing

/// What DEBUG DIGEST prints of a snapshot's data set.
func digest(_ events: [Event]) -> String {
  var digest = Digest()
  var (database, begun) = (0, -1)
  for event in events {
    if case .selectDatabase(let number) = event { database = number }
    guard case .entry(let entry) = event else { continue }
    if begun != database { digest.beginDatabase(database) }
    begun = database
    digest.add(key: entry.key, entry.value.contents, expires: entry.attributes.expiry != nil)
  }
  return digest.description
}

@Suite(.enabled(if: RealServer.isInstalled, "redis-server is not installed"), .serialized)
struct `The digest of a snapshot` {
  func loaded(_ bytes: [UInt8]) throws -> String {
    // A master would drop what has expired since the recording. A replica leaves that to its master, which is not there.
    let server = try RealServer(
      ["--enable-debug-command", "yes", "--replicaof", "127.0.0.1 1"], files: ["dump.rdb": bytes])
    return try server.text("DEBUG", "DIGEST")
  }

  @Test func `is a real server's for every layout that 7.0 reads`() throws {
    var bytes = [UInt8]("REDIS0010") + [0xfe, 0]
    for (index, example) in LayoutExample.upTo70.enumerated() {
      // Every third one expires, in the year 2096.
      if index % 3 == 0 { bytes += [0xfc, 0, 0x28, 0x6b, 0xee, 0xa2, 0x03, 0, 0] }
      bytes += [example.type.byte] + string("k\(index)") + example.bytes
    }
    bytes += [0xff] + [UInt8](repeating: 0, count: 8)
    #expect(try digest(events(bytes)) == loaded(bytes))
  }

  /// The snapshots that the servers of a recording sent.
  func recorded(_ name: String) throws -> [[UInt8]] {
    var sent: [String: [UInt8]] = [:]
    for packet in try Pcap.packets(in: Fixtures.capture(name)) {
      sent["\(packet.source) \(packet.destination)", default: []] += packet.payload
    }
    return sent.sorted { $0.key < $1.key }.compactMap { _, bytes in
      let magic = [UInt8]("REDIS00")
      return bytes.indices.dropLast(magic.count).first { bytes[$0..<$0 + magic.count].elementsEqual(magic) }
        .map { Array(bytes[$0...]) }
    }
  }

  @Test(arguments: ["types", "chain", "fullsync-disk", "fullsync-diskless", "partial-resync", "acl-ok"])
  func `is a real server's for what was recorded`(name: String) throws {
    let snapshots = try recorded(name)
    #expect(!snapshots.isEmpty)
    for bytes in snapshots {
      var reader = Reader(recordsFields: true)
      reader.feed(bytes)
      var events: [Event] = []
      while let event = try reader.next() { events.append(event) }
      #expect(events.last?.isVerifiedEnd == true)
      #expect(try digest(events) == loaded(Array(bytes[..<reader.position])))
    }
  }

  /// Values of every encoding that 7.0 has, their sizes around the limits, drawn by chance.
  func commands(_ seed: UInt64) -> [[String]] {
    var random = TestRandom(seed: seed)
    func number() -> String {
      let shift = Int.random(in: 0...62, using: &random)
      return "\(Int.random(in: -(1 << shift)...1 << shift, using: &random))"
    }
    func text() -> String {
      let count = [1, 3, 12, 60, 64, 65, 100, 5000].randomElement(using: &random) ?? 1
      let letters = Bool.random(using: &random) ? ["a"] : ["a", "b", "c", "é", "9", " "]
      return (0..<count).map { _ in letters.randomElement(using: &random) ?? "" }.joined()
    }
    func element() -> String { Bool.random(using: &random) ? number() : text() }
    func elements() -> [String] {
      let count = [1, 2, 5, 100, 130, 520].randomElement(using: &random) ?? 1
      return (0..<count).map { _ in count > 100 ? number() : element() }
    }
    var commands: [[String]] = []
    for index in 0..<30 {
      let key = "key:\(index)"
      switch index % 6 {
      case 0: commands.append(["RPUSH", key] + elements())
      case 1: commands.append(["SADD", key] + elements())
      case 2:
        let scores = ["1", "-7", "0.1", "1e300", "-inf", "3.0000000000000004", "123456789012345680"]
        commands.append(["ZADD", key] + elements().flatMap { [scores.randomElement(using: &random) ?? "0", $0] })
      case 3: commands.append(["HSET", key] + elements().flatMap { [$0, element()] })
      case 4: commands += stream(key, elements(), &random)
      default: commands.append(["SADD", key] + (0..<Int.random(in: 1...600, using: &random)).map { "\($0 * $0)" })
      }
      if index % 4 == 1 { commands.append(["PEXPIREAT", key, "4000000000000"]) }
      if index % 10 == 9 { commands.append(["SELECT", "\(index / 10)"]) }
    }
    return commands
  }

  /// Entries with the same fields and others, some deleted; groups with what is pending.
  private func stream(_ key: String, _ elements: [String], _ random: inout TestRandom) -> [[String]] {
    var commands: [[String]] = []
    for (index, element) in elements.enumerated() {
      let fields = index % 5 == 4 ? ["other", element] : ["a", element, "b", "\(index)"]
      commands.append(["XADD", key, "\(index / 3 + 1)-\(index % 3 + 1)"] + fields)
    }
    commands += [
      ["XGROUP", "CREATE", key, "g", "0"], ["XGROUP", "CREATE", key, "empty", "$"],
      ["XREADGROUP", "GROUP", "g", "bob", "COUNT", "\(Int.random(in: 1...20, using: &random))", "STREAMS", key, ">"],
      ["XREADGROUP", "GROUP", "g", "eve", "COUNT", "3", "STREAMS", key, ">"], ["XACK", key, "g", "1-1"],
      ["XDEL", key, "1-2", "2-1"], ["XGROUP", "CREATECONSUMER", key, "g", "idle"],
    ]
    return commands
  }

  @Test(arguments: 1...6) func `is a real server's for any data set`(seed: UInt64) throws {
    let compression = seed.isMultiple(of: 3) ? "no" : "yes"
    let server = try RealServer(["--enable-debug-command", "yes", "--rdbcompression", compression])
    let socket = try Socket(port: server.port)
    if seed.isMultiple(of: 2) {
      _ = try socket.command(["DEBUG", "QUICKLIST-PACKED-THRESHOLD", "80B"].map { [UInt8]($0) })
    }
    for command in commands(seed) {
      let reply = try socket.command(command.map { [UInt8]($0) })
      #expect(reply.first != UInt8(ascii: "-"), "\(command.prefix(4)): \(String(decoding: reply, as: UTF8.self))")
    }
    _ = try socket.command([[UInt8]("SAVE")])
    let bytes = try #require(server.file("dump.rdb"))
    let events = try events(bytes)
    #expect(try digest(events) == server.text("DEBUG", "DIGEST"))
    #expect(rewritten(events, compresses: compression == "yes") == bytes)

    var reader = Reader(recordsFields: true)
    var random = TestRandom(seed: seed)
    var (offset, again) = (0, [Event]())
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = min(rest.count, Int.random(in: 1...20_000, using: &random))
      reader.feed(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
      while let event = try reader.next() {
        again.append(event)
        #expect(`The fields of a snapshot`().tiles(reader.fields, from: offset))
        offset = reader.position
      }
    }
    #expect(again == events && offset == bytes.count)
  }
}
