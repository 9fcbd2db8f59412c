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
    case header, aux, selectDatabase, resizeDatabase, slotInfo, function, moduleAux, entry, end
    // What stands before a key.
    case expiry, idle, frequency
    // Groups within records.
    case name, value, key, code, engine, description, moduleValue
    // Leaves.
    case magic, version, opcode, type, length, encoding, data, integer, compressedLength, originalLength
    case compressedData, time, seconds, counter, database, keys, expires, slot, hasDescription, moduleID, whenOpcode
    case when, moduleOpcode, float, double, checksum
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
    /// Compressed bytes that make up `originalLength` others: `LZF` takes them apart.
    case compressed(originalLength: Int)
    /// A time in milliseconds since 1970.
    case milliseconds(Int64)
    /// A time in seconds since 1970.
    case seconds(Int64)
    case moduleID(ModuleID)
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
    case .incomplete: "incomplete"
    case .unreadable: "unreadable"
    }
  }
}
