/// Writes a snapshot, byte for byte as Redis 7.0 writes it.
///
/// Each call writes one record. The caller takes the bytes out when and in what portions it likes: the whole at
/// the end, 16 KiB at a time as Redis's child does, or each record by itself.
///
///     var writer = Writer()
///     writer.header()
///     writer.aux("redis-ver", "7.0.15")
///     writer.selectDatabase(0)
///     writer.resize(keys: 1, expires: 0)
///     writer.entry(key: Array("titi".utf8), value: .string(Array("toto".utf8)))
///     writer.end()
///     let bytes = writer.take()
package struct Writer: Equatable, Sendable {
  /// Whether strings that profit are compressed (`rdbcompression`).
  package let compresses: Bool
  /// Whether the end is a checksum or eight zeros (`rdbchecksum`).
  package let checksums: Bool

  /// What was written, but for the first `forgotten` bytes.
  private var output: [UInt8] = []
  private var forgotten = 0
  /// The index in `output` of the first byte that was not taken.
  private var first = 0
  private var checksum: UInt64 = 0
  /// The checksum is that of the bytes before this index in `output`.
  private var summed = 0

  package init(compresses: Bool = true, checksums: Bool = true) {
    self.compresses = compresses
    self.checksums = checksums
  }

  /// How many bytes were written so far: the offset at which the next record begins.
  package var position: Int { forgotten + output.count }

  /// Room for so many bytes more, where the caller knows.
  package mutating func reserve(_ count: Int) { output.reserveCapacity(output.count + count) }
}

// The records, in the order in which a snapshot has them.
extension Writer {
  /// `REDIS` and the version in four digits, or `VALKEY` and the version in three (`rdbSaveRio` in rdb.c).
  package mutating func header(version: Int = 10) {
    let digits = String(version)
    let magic = version >= Reader.firstValkeyVersion ? "VALKEY" : "REDIS"
    output += Array(magic.utf8) + Array(String(repeating: "0", count: max(0, 9 - magic.utf8.count - digits.count)).utf8)
    output += Array(digits.utf8)
  }

  /// A named piece of information (`rdbSaveAuxFieldStrStr` in rdb.c).
  package mutating func aux(_ name: String, _ value: String) { aux(Array(name.utf8), Array(value.utf8)) }

  /// A number with a name (`rdbSaveAuxFieldStrInt` in rdb.c).
  package mutating func aux(_ name: String, _ value: Int64) { aux(name, String(value)) }

  /// A named piece of information of any bytes (`rdbSaveAuxField` in rdb.c).
  package mutating func aux(_ name: [UInt8], _ value: [UInt8]) {
    append(.aux)
    append(name.span)
    append(value.span)
  }

  /// A library of functions, by its source (`rdbSaveFunctions` in rdb.c).
  package mutating func function(_ code: [UInt8]) {
    append(.function2)
    append(code.span)
  }

  /// The database that the following keys are in (`rdbSaveDb` in rdb.c).
  package mutating func selectDatabase(_ number: Int) {
    append(.selectDatabase)
    output.appendLength(UInt64(number))
  }

  /// How many keys the database holds, and how many of them have an expiry (`rdbSaveDb` in rdb.c).
  package mutating func resize(keys: Int, expires: Int) {
    append(.resizeDatabase)
    output.appendLength(UInt64(keys))
    output.appendLength(UInt64(expires))
  }

  package mutating func entry(_ entry: Entry) {
    self.entry(key: entry.key, value: entry.value, entry.attributes)
  }

  /// A key and its value (`rdbSaveKeyValuePair`, `rdbSaveObjectType`, `rdbSaveObject` in rdb.c).
  package mutating func entry(key: [UInt8], value: Value, _ attributes: KeyAttributes = KeyAttributes()) {
    switch value {
    case .string(let string): entry(key: key.span, string: string.span, attributes)
    case .encoded(let value):
      append(attributes)
      output.append(value.type.byte)
      append(key.span)
      output += value.bytes
      sumIfMuch()
    }
  }

  /// A key and its string, from where they stand (`rdbSaveKeyValuePair`, `rdbSaveStringObject` in rdb.c).
  package mutating func entry(key: Span<UInt8>, string: Span<UInt8>, _ attributes: KeyAttributes = KeyAttributes()) {
    append(attributes)
    output.append(ValueType.string.byte)
    append(key)
    append(string)
    sumIfMuch()
  }

  /// The end and the checksum of everything written (`rdbSaveRio` in rdb.c).
  package mutating func end() {
    append(.end)
    sum()
    output.appendLittleEndian(checksum, bytes: 8)
  }

  /// The byte that says what follows (`rdbSaveType` in rdb.c).
  private mutating func append(_ opcode: Opcode) { output.append(opcode.rawValue) }

  /// A string (`rdbSaveRawString` in rdb.c).
  private mutating func append(_ string: Span<UInt8>) { output.appendString(string, compressing: compresses) }

  /// What is said of a key before it comes, in Redis's order (`rdbSaveKeyValuePair`, `rdbSaveMillisecondTime` in
  /// rdb.c).
  private mutating func append(_ attributes: KeyAttributes) {
    if let expiry = attributes.expiry {
      append(.expireTimeMilliseconds)
      output.appendLittleEndian(UInt64(bitPattern: expiry), bytes: 8)
    }
    if let idle = attributes.idle {
      append(.idle)
      output.appendLength(idle)
    }
    if let frequency = attributes.frequency {
      append(.frequency)
      output.append(frequency)
    }
  }

  /// The checksum follows in blocks that the processor still has in its cache.
  private mutating func sumIfMuch() { if output.count - summed >= 1 << 14 { sum() } }
}

// What is taken out.
extension Writer {
  /// How many bytes were written and not yet taken.
  package var pending: Int { output.count - first }

  /// All that was written and not yet taken.
  package mutating func take() -> [UInt8] { take(pending) }

  /// The first `count` bytes of what was not yet taken, or all of it if there is less.
  package mutating func take(_ count: Int) -> [UInt8] {
    sum()
    guard count < pending || first > 0 else {
      let all = output
      forget(all.count)
      return all
    }
    let end = first + min(count, pending)
    let block = Array(output[first..<end])
    first = end
    // Moving the rest down once it is less than what was taken costs each byte but a constant.
    if 2 * first >= output.count { forget(first) }
    return block
  }

  /// Forgets the first bytes of `output`, all of them taken.
  private mutating func forget(_ count: Int) {
    output = count == output.count ? [] : Array(output[count...])
    forgotten += count
    summed -= count
    first = 0
  }

  /// Carries the checksum on to all that was written.
  private mutating func sum() {
    guard summed < output.count else { return }
    if checksums { checksum = CRC64.update(checksum, with: output.span.extracting(summed..<output.count)) }
    summed = output.count
  }
}
