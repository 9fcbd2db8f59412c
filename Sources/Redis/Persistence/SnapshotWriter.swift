import RDB

/// Writes the snapshot of a data set record by record: what a forked child does, and SAVE (`rdbSaveRio`,
/// `rdbSaveRioWithEOFMark` in rdb.c).
///
/// It holds a copy of the databases, so what happens to the node's own afterwards does not reach it.
package struct SnapshotWriter: Equatable, Sendable {
  /// What the AUX fields say of the replication stream, where there is one (rdbSaveInfo in Redis).
  package struct Stream: Equatable, Sendable {
    package var database: Int
    package var id: String
    package var offset: Int64

    package init(database: Int, id: String, offset: Int64) {
      self.database = database
      self.id = id
      self.offset = offset
    }
  }

  private enum Place: Equatable, Sendable {
    case header
    case aux(Int)
    case function(Int)
    case database(Int)
    case resize(Int)
    case key(Database.Cursor, of: Int)
    case end
    case done
  }

  private let databases: Databases
  private let functions: [[UInt8]]
  private let auxiliary: [[[UInt8]]]
  private let use: KeyUse
  private let version: Int
  private var writer: RDB.Writer
  private var place = Place.header
  package private(set) var keysWritten: Int64 = 0
  /// What frames a payload whose length nobody knows yet: `$EOF:<mark>` in front of it, the mark behind. Emptied as it goes.
  private var preamble: [UInt8] = []
  private var mark: [UInt8] = []

  /// - Parameters:
  ///   - mark: forty digits if the snapshot is to be framed as `$EOF:<mark>` … `<mark>`.
  ///   - withKeys: false for a replica that asked for functions only.
  ///   - isAppendOnlyBase: it begins an append-only file.
  package init(
    of node: Node, stream: Stream?, mark: String? = nil, withKeys: Bool = true, isAppendOnlyBase: Bool = false
  ) {
    databases = withKeys ? node.databases : Databases(count: 0)
    functions = node.functions.all.map(\.code.array)
    use = node.keyUse
    version = node.chance.rdbVersion
    auxiliary = Self.auxiliary(of: node, stream: stream, isAppendOnlyBase: isAppendOnlyBase)
    writer = RDB.Writer(compresses: node.configuration.rdbcompression, checksums: node.configuration.rdbchecksum)
    guard let mark else { return }
    preamble = "$EOF:\(mark)\r\n".bytes
    self.mark = mark.bytes
  }

  /// The fields in 7.0's order (`rdbSaveInfoAuxFields` in rdb.c).
  private static func auxiliary(of node: Node, stream: Stream?, isAppendOnlyBase: Bool) -> [[[UInt8]]] {
    var fields: [(String, String)] = [
      ("redis-ver", node.chance.redisVersion), ("redis-bits", "64"), ("ctime", String(node.now.seconds)),
      ("used-mem", String(node.usedMemory)),
    ]
    if let stream {
      fields += [
        ("repl-stream-db", String(stream.database)), ("repl-id", stream.id), ("repl-offset", String(stream.offset)),
      ]
    }
    fields.append(("aof-base", isAppendOnlyBase ? "1" : "0"))
    return fields.map { [Array($0.0.utf8), $0.1.bytes] }
  }

  /// All has been written and taken.
  package var isDone: Bool { place == .done && writer.pending == 0 && preamble.isEmpty && mark.isEmpty }

  /// The next bytes, as many as a chunk has; empty at the end.
  package mutating func chunk(_ size: ChunkSize) -> [UInt8] {
    switch size {
    case .record: record()
    case .bytes(let count): bytes(max(1, count))
    }
  }

  /// Everything that is left, in one piece: the contents of a file.
  package mutating func rest() -> [UInt8] {
    while place != .done { advance() }
    return writer.take()
  }

  /// All that it would still write.
  func whole() -> [UInt8] {
    var copy = self
    return copy.rest()
  }

  private mutating func record() -> [UInt8] {
    if !preamble.isEmpty { return Self.take(preamble.count, from: &preamble) }
    if place == .done { return Self.take(mark.count, from: &mark) }
    advance()
    return writer.take()
  }

  private mutating func bytes(_ count: Int) -> [UInt8] {
    var block = Self.take(count, from: &preamble)
    while writer.pending < count - block.count, place != .done { advance() }
    if block.isEmpty { block = writer.take(count) } else { block += writer.take(count - block.count) }
    if block.count < count { block += Self.take(count - block.count, from: &mark) }
    return block
  }

  private static func take(_ count: Int, from bytes: inout [UInt8]) -> [UInt8] {
    guard !bytes.isEmpty else { return [] }
    defer { bytes.removeFirst(min(count, bytes.count)) }
    return Array(bytes.prefix(count))
  }

  /// Writes one record (`rdbSaveRio`, `rdbSaveDb` in rdb.c).
  private mutating func advance() {
    switch place {
    case .header:
      writer.header(version: version)
      place = .aux(0)
    case .aux(let index):
      writer.aux(auxiliary[index][0], auxiliary[index][1])
      place = index + 1 < auxiliary.count ? .aux(index + 1) : function(from: 0)
    case .function(let index):
      writer.function(functions[index])
      place = function(from: index + 1)
    case .database(let number):
      writer.selectDatabase(number)
      place = .resize(number)
    case .resize(let number):
      writer.resize(keys: databases[number].count, expires: databases[number].expiresCount)
      place = .key(.start, of: number)
    case .key(var cursor, let number):
      guard let (key, entry, lru) = databases[number].next(&cursor) else {
        place = database(from: number + 1)
        advance()
        return
      }
      let (idle, frequency) = use.recorded(entry.value.sharedInteger.map { databases.integerUse[$0] } ?? lru)
      let attributes = KeyAttributes(expiry: entry.expiry, idle: idle, frequency: frequency)
      if case .string(let string) = entry.value {
        key.withSpan { key in string.bytes.withSpan { writer.entry(key: key, string: $0, attributes) } }
      } else {
        writer.entry(key: key.array, value: entry.value.snapshotValue(compressing: writer.compresses), attributes)
      }
      keysWritten += 1
      place = .key(cursor, of: number)
    case .end:
      writer.end()
      place = .done
    case .done: break
    }
  }

  /// The next library of functions, or what comes after all of them (`rdbSaveFunctions` in rdb.c).
  private func function(from index: Int) -> Place { index < functions.count ? .function(index) : database(from: 0) }

  /// The next database that is not empty, or the end.
  private func database(from number: Int) -> Place {
    (number..<max(number, databases.count)).first { !databases[$0].isEmpty }.map { .database($0) } ?? .end
  }
}
