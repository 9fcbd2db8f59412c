import RDB
import RealRedis
import Testing

/// A real redis-server says what a snapshot is, and whether ours is one.
@Suite(.enabled(if: RealServer.isInstalled, "redis-server is not installed"), .serialized)
struct `A real redis-server` {
  /// Its snapshot after these commands.
  func saved(_ commands: [[[UInt8]]], _ directives: [String] = []) throws -> [UInt8] {
    let server = try RealServer(directives)
    let socket = try Socket(port: server.port)
    for command in commands { _ = try socket.command(command) }
    _ = try socket.command([[UInt8]("SAVE")])
    return try #require(server.file("dump.rdb"))
  }

  func set(_ key: String, _ value: [UInt8], _ options: String...) -> [[UInt8]] {
    [[UInt8]("SET"), [UInt8](key), value] + options.map { [UInt8]($0) }
  }

  /// Strings of every form and size; databases; expiries.
  var commands: [[[UInt8]]] {
    let sizes = [0, 1, 2, 11, 12, 20, 21, 22, 62, 63, 64, 65, 300, 16383, 16384, 16385, 70000]
    var commands = sizes.map { set("noise:\($0)", .noise($0, seed: UInt64($0) + 1)) }
    commands += sizes.map { set("runs:\($0)", [UInt8](repeating: 0x61, count: $0)) }
    for (index, text) in `A writer`.strings.map(\.0).enumerated() {
      commands.append(set(text, [UInt8](text), "PXAT", "\(4_000_000_000_000 + index)"))
    }
    for database in [1, 9, 15] {
      commands.append([[UInt8]("SELECT"), [UInt8]("\(database)")])
      commands.append(set("only", [UInt8]("\(database)")))
    }
    return commands
  }

  @Test func `writes snapshots that are read and written again to the same bytes`() throws {
    for directives in [[], ["--rdbcompression", "no"], ["--maxmemory-policy", "allkeys-lfu"]] {
      let bytes = try saved(commands, directives)
      let events = try events(bytes)
      #expect(events.count > 60)
      #expect(rewritten(events, compresses: directives.first != "--rdbcompression") == bytes)
    }
    let empty = try saved([])
    #expect(try rewritten(events(empty)) == empty)
  }

  @Test func `writes idle times that are read and written again`() throws {
    let bytes = try saved([set("a", [1])], ["--maxmemory-policy", "allkeys-lru"])
    let events = try events(bytes)
    #expect(events.contains(.entry(Entry(key: [UInt8]("a"), value: .string([1]), attributes: KeyAttributes(idle: 0)))))
    #expect(rewritten(events) == bytes)
  }

  @Test func `writes function libraries that are read and written again`() throws {
    let code = "#!lua name=lib\nredis.register_function('f', function() return 1 end)"
    let bytes = try saved([["FUNCTION", "LOAD", code].map { [UInt8]($0) }])
    #expect(try events(bytes).contains(.function([UInt8](code))))
    #expect(try rewritten(events(bytes)) == bytes)
  }

  @Test func `compresses as LZF does here`() throws {
    let commands = compressibleInputs.enumerated().map { set("k\($0.offset)", $0.element) }
    let bytes = try saved(commands)
    #expect(try rewritten(events(bytes)) == bytes)
  }

  @Test func `loads our snapshots, with the same digest`() throws {
    var writer = Writer()
    writer.header()
    writer.aux("redis-ver", "7.0.15")
    writer.aux("redis-bits", 64)
    writer.aux("ctime", 1_686_319_013)
    writer.aux("used-mem", 1_033_936)
    writer.aux("aof-base", 0)
    writer.selectDatabase(0)
    writer.resize(keys: compressibleInputs.count, expires: 1)
    let server = try RealServer(["--enable-debug-command", "yes"])
    let socket = try Socket(port: server.port)
    for (index, input) in compressibleInputs.enumerated() {
      let attributes = KeyAttributes(expiry: index == 7 ? 4_000_000_000_000 : nil)
      writer.entry(key: [UInt8]("k\(index)"), value: .string(input), attributes)
      _ = try socket.command(set("k\(index)", input))
    }
    _ = try socket.command(["PEXPIREAT", "k7", "4000000000000"].map { [UInt8]($0) })
    writer.end()
    let loaded = try RealServer(["--enable-debug-command", "yes"], files: ["dump.rdb": writer.take()])
    #expect(try loaded.text("DBSIZE") == "\(compressibleInputs.count)")
    #expect(try loaded.text("DEBUG", "DIGEST") == server.text("DEBUG", "DIGEST"))
  }

  @Test func `approves of our snapshots with redis-check-rdb`() throws {
    let program = try #require(RealServer.find("redis-check-rdb"))
    for bytes in [`A reader fed in pieces`.bytes, snapshot([])] {
      let (status, output) = try Tool.withFile(bytes) { try runProgram(program, [$0]) }
      #expect(status == 0 && output.contains("RDB looks OK!"), "\(output)")
    }
  }

  /// An unknown type is left out: redis-check-rdb has other words for it than the server.
  static let refused: [(String, String)] = [
    ("REDIS0011", "Can't handle RDB format version 11"),
    ("RADIS0010", "Wrong signature trying to load DB from file"),
    ("REDIS0010\u{fe}", "Unexpected EOF reading RDB file"),
    ("REDIS0010\u{0}\u{1}k\u{c4}", "Unknown RDB string encoding type 4"),
    ("REDIS0010\u{0}\u{1}k\u{82}", "Unknown length encoding 2 in rdbLoadLen()"),
    ("REDIS0010\u{0}\u{1}k\u{c3}\u{2}\u{3}\u{2}a", "Invalid LZF compressed string"),
  ]

  @Test(arguments: refused) func `complains in the same words`(_ input: (bytes: String, words: String)) throws {
    let program = try #require(RealServer.find("redis-check-rdb"))
    let bytes = input.bytes.unicodeScalars.map { UInt8($0.value) }
    let error = #expect(throws: RDBError.self) { try events(bytes) }
    #expect(error?.reason.description == input.words)
    let (status, output) = try Tool.withFile(bytes) { try runProgram(program, [$0]) }
    #expect(status != 0 && output.contains(input.words), "\(output)")
  }
}
