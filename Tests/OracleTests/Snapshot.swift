/// An RDB of strings cut into its records, each as its raw bytes. Like `Exchange`, it owes nothing to the code under
/// test.
struct Snapshot: Equatable {
  /// Magic, version and AUX fields, in their order.
  var preamble: [[UInt8]] = []
  var databases: [Database] = []
  /// The end opcode and the checksum.
  var trailer: [UInt8] = []

  struct Database: Equatable {
    /// SELECTDB and RESIZEDB.
    var header: [[UInt8]] = []
    /// Expiry, type, key and value of each entry.
    var entries: [[UInt8]] = []
  }

  init(_ bytes: [UInt8]) throws {
    var reader = Cutter(rest: bytes[...])
    preamble.append(try reader.take(9))
    while let opcode = reader.rest.first {
      switch opcode {
      case 0xfa: preamble.append(try reader.record(strings: 2))
      case 0xfe: databases.append(Database(header: [try reader.record(lengths: 1)]))
      case 0xfb: databases[databases.count - 1].header.append(try reader.record(lengths: 2))
      case 0xfc:
        let expiry = try reader.take(9)
        databases[databases.count - 1].entries.append(expiry + (try reader.record(strings: 2)))
      case 0: databases[databases.count - 1].entries.append(try reader.record(strings: 2))
      case 0xff:
        trailer = Array(reader.rest)
        return
      default: throw Torn(at: "opcode \(opcode)")
      }
    }
    throw Torn(at: "the end of the snapshot")
  }

  /// The order of keys is chance in Redis: with that set equal, what is left is the snapshot without its checksum.
  var inAnyOrder: Snapshot {
    var copy = self
    for index in copy.databases.indices { copy.databases[index].entries.sort { $0.lexicographicallyPrecedes($1) } }
    copy.trailer = Array(trailer.prefix(1))
    return copy
  }

  /// What the AUX field `name` says, where it is an integer.
  func integer(_ name: String) -> Int? {
    let key = [UInt8(name.utf8.count)] + Array(name.utf8)
    guard let field = preamble.first(where: { $0.dropFirst().starts(with: key) }) else { return nil }
    let value = Array(field.dropFirst(1 + key.count))
    let little = value.dropFirst().reversed().reduce(0) { $0 << 8 | Int($1) }
    switch value.first {
    case 0xc0: return Int(Int8(truncatingIfNeeded: little))
    case 0xc1: return Int(Int16(truncatingIfNeeded: little))
    case 0xc2: return Int(Int32(truncatingIfNeeded: little))
    default: return Int(text(value.dropFirst()))
    }
  }
}

private struct Cutter {
  var rest: ArraySlice<UInt8>

  mutating func take(_ count: Int) throws -> [UInt8] {
    guard rest.count >= count else { throw Torn(at: "record") }
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  mutating func record(strings: Int) throws -> [UInt8] {
    var taken = try take(1)
    for _ in 0..<strings { taken += try string() }
    return taken
  }

  mutating func record(lengths: Int) throws -> [UInt8] {
    var taken = try take(1)
    for _ in 0..<lengths { taken += try length().bytes }
    return taken
  }

  private mutating func length() throws -> (bytes: [UInt8], value: Int, isEncoding: Bool) {
    let first = try take(1)
    switch first[0] >> 6 {
    case 0: return (first, Int(first[0]), false)
    case 1:
      let next = try take(1)
      return (first + next, Int(first[0] & 0x3f) << 8 | Int(next[0]), false)
    case 2:
      let next = try take(first[0] == 0x80 ? 4 : 8)
      return (first + next, next.reduce(0) { $0 << 8 | Int($1) }, false)
    default: return (first, Int(first[0] & 0x3f), true)
    }
  }

  private mutating func string() throws -> [UInt8] {
    let head = try length()
    guard head.isEncoding else { return head.bytes + (try take(head.value)) }
    guard head.value == 3 else { return head.bytes + (try take(1 << head.value)) }
    let compressed = try length()
    let original = try length()
    return head.bytes + compressed.bytes + original.bytes + (try take(compressed.value))
  }
}
