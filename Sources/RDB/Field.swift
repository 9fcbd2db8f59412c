/// A range of a snapshot's bytes, named.
package struct Field: Hashable, Sendable {
  /// The offset of its first byte, counted from the snapshot's first.
  package var offset: Int
  /// How many bytes it takes.
  package var count: Int
  package var meaning: Meaning
  package var name: Name
  // Small, and here at the end, so that a field fits in 40 bytes: there are eight for each key of a snapshot.
  private var descendantCount: Int32

  /// How many of the fields that follow it in a `FieldTree` are within it.
  package var descendants: Int {
    get { Int(descendantCount) }
    set { descendantCount = Int32(clamping: newValue) }
  }

  package var range: Range<Int> { offset..<offset + count }

  @inline(__always)
  package init(_ name: Name, offset: Int, count: Int, meaning: Meaning, descendants: Int = 0) {
    self.name = name
    self.offset = offset
    self.count = count
    self.meaning = meaning
    self.descendantCount = Int32(truncatingIfNeeded: descendants)
  }
}

extension Field {
  /// What a field is, in the format's own words.
  package enum Name: UInt8, CaseIterable, Sendable {
    // Records.
    case header, aux, selectDatabase, resizeDatabase, slotInfo, slotImport, function, moduleAux, entry, end
    // What stands before a key.
    case expiry, idle, frequency
    // Groups within records.
    case name, value, key, code, engine, description, moduleValue
    // Groups within values.
    case element, member, field, score, expiresAt, node, listpack, ziplist, zipmap, intset
    case masterEntry, streamEntry, consumerGroup, consumer, pendingEntry, lastID, firstID, maxDeletedID, slotRange
    // Leaves.
    case magic, version, opcode, type, length, encoding, data, integer, compressedLength, originalLength
    case compressedData, time, seconds, counter, database, keys, expires, slot, hasDescription, moduleID, whenOpcode
    case when, moduleOpcode, float, double, checksum
    // Leaves within values.
    case count, leastExpiry, expiryDelta, totalBytes, tailOffset, previousLength, backLength, terminator, width,
      container
    case firstSlot, lastSlot, ranges
    case free, unused, id, milliseconds, sequence, entries, entriesAdded, entriesRead, groups, pending, delivered
    case deliveries, consumers, seen, active, fields, deleted, flags, size
    /// The bytes that are there of something that is not there whole yet.
    case incomplete
    /// The bytes from which on nothing can be made of the record.
    case unreadable
  }

  /// What a field's bytes say, as data; a group says nothing that its children don't.
  package enum Meaning: Hashable, Sendable {
    case group
    /// The bytes are themselves: the signature, a raw string, a module's float.
    case bytes
    case version(Int)
    case opcode(Opcode)
    case type(ValueType)
    case length(UInt64, LengthForm)
    case encoding(StringEncoding)
    case integer(Int64)
    /// Bytes compressed by LZF, and how the value that they unfold to is laid out; nil: it is a string by itself.
    case compressed(Layout?)
    /// A time in milliseconds since 1970.
    case milliseconds(Int64)
    /// When a hash's field expires, in milliseconds since 1970; nil: never.
    case expiry(Int64?)
    /// A time in seconds since 1970.
    case seconds(Int64)
    case moduleID(ModuleID)
    case streamID(StreamID)
    /// A floating point number by its bits, as text or as they are.
    case double(bits: UInt64)
    /// A number of so many bytes follows.
    case numberEncoding(bytes: Int)
    /// The stored checksum, and what the bytes before it give (nil where nobody looked).
    case checksum(stored: UInt64, computed: UInt64?)
    /// At least so many bytes are missing.
    case missing(Int)
  }
}

extension Field.Name: CustomStringConvertible {
  /// Words as the format's documents write them, `expire time` or `compressed length`.
  package var description: String {
    switch self {
    case .header: "header"
    case .aux: "aux field"
    case .selectDatabase: "select database"
    case .resizeDatabase: "resize database"
    case .slotInfo: "slot info"
    case .slotImport: "slot import"
    case .slotRange: "slot range"
    case .firstSlot: "first slot"
    case .lastSlot: "last slot"
    case .ranges: "ranges"
    case .function: "function"
    case .moduleAux: "module aux"
    case .entry: "entry"
    case .end: "end"
    case .expiry: "expire time"
    case .idle: "idle time"
    case .frequency: "frequency"
    case .name: "name"
    case .value: "value"
    case .key: "key"
    case .code: "code"
    case .engine: "engine"
    case .description: "description"
    case .moduleValue: "module value"
    case .magic: "magic"
    case .version: "version"
    case .opcode: "opcode"
    case .type: "type"
    case .length: "length"
    case .encoding: "encoding"
    case .data: "data"
    case .integer: "integer"
    case .compressedLength: "compressed length"
    case .originalLength: "original length"
    case .compressedData: "compressed data"
    case .time: "time"
    case .seconds: "seconds"
    case .counter: "counter"
    case .database: "database"
    case .keys: "keys"
    case .expires: "expires"
    case .slot: "slot"
    case .hasDescription: "has description"
    case .moduleID: "module id"
    case .whenOpcode: "when opcode"
    case .when: "when"
    case .moduleOpcode: "module opcode"
    case .float: "float"
    case .double: "double"
    case .checksum: "checksum"
    case .element: "element"
    case .member: "member"
    case .field: "field"
    case .score: "score"
    case .expiresAt: "expires at"
    case .node: "node"
    case .listpack: "listpack"
    case .ziplist: "ziplist"
    case .zipmap: "zipmap"
    case .intset: "intset"
    case .masterEntry: "master entry"
    case .streamEntry: "stream entry"
    case .consumerGroup: "consumer group"
    case .consumer: "consumer"
    case .pendingEntry: "pending entry"
    case .lastID: "last id"
    case .firstID: "first id"
    case .maxDeletedID: "max deleted id"
    case .count: "count"
    case .leastExpiry: "least expire time"
    case .expiryDelta: "expire time delta"
    case .totalBytes: "total bytes"
    case .tailOffset: "tail offset"
    case .previousLength: "previous length"
    case .backLength: "back length"
    case .terminator: "terminator"
    case .width: "width"
    case .container: "container"
    case .free: "free"
    case .unused: "unused"
    case .id: "id"
    case .milliseconds: "milliseconds"
    case .sequence: "sequence"
    case .entries: "entries"
    case .entriesAdded: "entries added"
    case .entriesRead: "entries read"
    case .groups: "groups"
    case .pending: "pending"
    case .delivered: "delivered"
    case .deliveries: "deliveries"
    case .consumers: "consumers"
    case .seen: "seen"
    case .active: "active"
    case .fields: "fields"
    case .deleted: "deleted"
    case .flags: "flags"
    case .size: "size"
    case .incomplete: "incomplete"
    case .unreadable: "unreadable"
    }
  }
}
