/// A record as it stands in the bytes, nothing copied out of them yet.
enum Record {
  case header(version: Int)
  case aux(name: StringForm, value: StringForm)
  case selectDatabase(UInt64)
  case resize(keys: UInt64, expires: UInt64)
  case slotInfo(slot: UInt64, keys: UInt64, expires: UInt64)
  case slotImport(job: StringForm, ranges: Int)
  case entry(key: StringForm, value: ValueForm, KeyAttributes)
  case function(code: StringForm)
  case functionPreGA(name: StringForm, engine: StringForm, code: StringForm)
  case moduleAux(ModuleAux)
  /// nil: a version without a checksum.
  case end(storedChecksum: UInt64?)
}

/// A value as it stands in the bytes.
enum ValueForm {
  case string(StringForm)
  case encoded(ValueType, Range<Int>)
}

// The records, in the order in which a snapshot has them:
//
//     header  aux…  moduleAux…  function…  (selectDatabase  resize  entry…)…  moduleAux…  end
//
// Redis reads them in any order, and so does this.
extension Scan {
  mutating func record(in bytes: [UInt8], newest: Int) throws(Stop) -> Record {
    try record(bytes.span, newest: newest)
  }

  /// The next record (`rdbLoadRioWithLoadingCtx` in rdb.c). After `Stop.short` the caller rewinds the scan to where the
  /// record began.
  mutating func record(_ bytes: Span<UInt8>, newest: Int) throws(Stop) -> Record {
    guard let version else { return try header(bytes, newest: newest) }
    if let moduleAux { return try moduleValues(moduleAux, bytes) }
    if value != nil { return try goOnWithValue(bytes) }
    while true {
      try require(1, bytes)
      let byte = bytes[position]
      guard let opcode = Opcode(rawValue: byte), isKnown(opcode, in: version) else {
        return try entry(type: byte, newest: newest, bytes)
      }
      if try attribute(opcode, bytes) { continue }
      return try record(opcode, version, bytes)
    }
  }

  /// Older versions of the format have no such opcode, nor has the other family of servers.
  private func isKnown(_ opcode: Opcode, in version: Int) -> Bool {
    switch opcode {
    case .slotInfo: version >= 12
    case .slotImport: isValkey
    default: true
    }
  }

  /// `REDIS` and four digits; or `VALKEY` and three, from 80 on.
  private mutating func header(_ bytes: Span<UInt8>, newest: Int) throws(Stop) -> Record {
    let group = begin(.header)
    try require(9, bytes)
    isValkey = newest >= Reader.firstValkeyVersion && has("VALKEY", bytes)
    guard isValkey || has("REDIS", bytes) else { throw .corrupt(.wrongSignature, at: position) }
    take(isValkey ? 6 : 5, as: .magic, .bytes)
    let digits = isValkey ? 3 : 4
    let number = leadingNumber(bytes, digits)
    let readable = isValkey ? Reader.firstValkeyVersion...newest : 1...min(newest, Reader.lastRedisVersion)
    guard readable.contains(number) else { throw .corrupt(.unsupportedVersion(number), at: position) }
    take(digits, as: .version, .version(number))
    end(group)
    version = number
    return .header(version: number)
  }

  private func has(_ magic: String, _ bytes: Span<UInt8>) -> Bool {
    zip(0..., magic.utf8).allSatisfy { bytes[position + $0] == $1 }
  }

  /// The number that the next bytes begin with, as C's atoi reads it: `00x1` is 0.
  private func leadingNumber(_ bytes: Span<UInt8>, _ digits: Int) -> Int {
    var number = 0
    for index in position..<position + digits {
      guard case UInt8(ascii: "0")...UInt8(ascii: "9") = bytes[index] else { break }
      number = number * 10 + Int(bytes[index] - UInt8(ascii: "0"))
    }
    return number
  }

  /// The byte that says what follows (`rdbLoadType` in rdb.c).
  private mutating func takeOpcode(_ opcode: Opcode) { take(1, as: .opcode, .opcode(opcode)) }

  /// What is said about the next key; false if the opcode begins a record of its own (`rdbLoadTime`,
  /// `rdbLoadMillisecondTime`, `rdbLoadRioWithLoadingCtx` in rdb.c).
  private mutating func attribute(_ opcode: Opcode, _ bytes: Span<UInt8>) throws(Stop) -> Bool {
    let group: Int
    switch opcode {
    case .expireTimeMilliseconds:
      group = begin(.expiry)
      takeOpcode(opcode)
      try require(8, bytes)
      let time = Int64(bitPattern: littleEndian(bytes, count: 8))
      take(8, as: .time, .milliseconds(time))
      attributes.expiry = time
    case .expireTime:
      group = begin(.expiry)
      takeOpcode(opcode)
      try require(4, bytes)
      let time = Int64(Int32(truncatingIfNeeded: littleEndian(bytes, count: 4)))
      take(4, as: .time, .seconds(time))
      attributes.expiry = time * 1000
    case .idle:
      group = begin(.idle)
      takeOpcode(opcode)
      attributes.idle = try length(.seconds, bytes)
    case .frequency:
      group = begin(.frequency)
      takeOpcode(opcode)
      try require(1, bytes)
      let counter = bytes[position]
      take(1, as: .counter, .integer(Int64(counter)))
      attributes.frequency = counter
    default: return false
    }
    end(group)
    return true
  }

  private mutating func record(_ opcode: Opcode, _ version: Int, _ bytes: Span<UInt8>) throws(Stop) -> Record {
    let name: Field.Name =
      switch opcode {
      case .aux: .aux
      case .selectDatabase: .selectDatabase
      case .resizeDatabase: .resizeDatabase
      case .slotInfo: .slotInfo
      case .slotImport: .slotImport
      case .function2, .functionPreGA: .function
      case .moduleAux: .moduleAux
      default: .end
      }
    let group = begin(name)
    takeOpcode(opcode)
    let record: Record
    switch opcode {
    case .aux: record = .aux(name: try string(.name, bytes), value: try string(.value, bytes))
    case .selectDatabase: record = .selectDatabase(try length(.database, bytes))
    case .resizeDatabase: record = .resize(keys: try length(.keys, bytes), expires: try length(.expires, bytes))
    case .slotInfo:
      record = .slotInfo(
        slot: try length(.slot, bytes), keys: try length(.keys, bytes), expires: try length(.expires, bytes))
    case .slotImport: record = try slotImport(bytes)
    case .function2: record = .function(code: try string(.code, bytes))
    case .functionPreGA: record = try functionPreGA(bytes)
    case .moduleAux: return try beginModuleAux(group, bytes)
    default: record = .end(storedChecksum: version < 5 ? nil : try storedChecksum(bytes))
    }
    end(group)
    return record
  }

  /// The job's name, and as many ranges of slots, each by its first and its last.
  private mutating func slotImport(_ bytes: Span<UInt8>) throws(Stop) -> Record {
    let job = try string(.name, bytes)
    let start = position
    let count = try length(.ranges, bytes)
    guard count <= Self.slotCount else { throw .corrupt(.tooManySlotRanges(count), at: start) }
    for _ in 0..<count {
      let group = begin(.slotRange)
      _ = try length(.firstSlot, bytes)
      _ = try length(.lastSlot, bytes)
      end(group)
    }
    return .slotImport(job: job, ranges: Int(count))
  }

  /// How many slots a cluster has.
  private static let slotCount = 16384

  /// Type, key and value (`rdbLoadObjectType`, `rdbLoadObject` in rdb.c).
  private mutating func entry(type byte: UInt8, newest: Int, _ bytes: Span<UInt8>) throws(Stop) -> Record {
    let group = begin(.entry)
    guard byte == 0 else {
      guard let type = ValueType(byte: byte, isValkey: isValkey), type.version <= newest, type != .modulePreGA else {
        throw .corrupt(.unreadableType(byte), at: position)
      }
      return try beginValue(type, entryGroup: group, bytes)
    }
    take(1, as: .type, .type(.string))
    let key = try string(.key, bytes)
    let value = try string(.value, bytes)
    end(group)
    let attributes = attributes
    self.attributes = KeyAttributes()
    return .entry(key: key, value: .string(value), attributes)
  }

  private mutating func storedChecksum(_ bytes: Span<UInt8>) throws(Stop) -> UInt64 {
    try require(8, bytes)
    let stored = littleEndian(bytes, count: 8)
    take(8, as: .checksum, .checksum(stored: stored, computed: nil))
    return stored
  }

  /// Name, engine, whether there is a description, the description, code: how 7.0's release candidates wrote it
  /// (`rdbFunctionLoad` in rdb.c).
  private mutating func functionPreGA(_ bytes: Span<UInt8>) throws(Stop) -> Record {
    let name = try string(.name, bytes)
    let engine = try string(.engine, bytes)
    if try length(.hasDescription, bytes) != 0 { _ = try string(.description, bytes) }
    return .functionPreGA(name: name, engine: engine, code: try string(.code, bytes))
  }
}

// A module's data outside the keyspace:
//
//     opcode  module id  UINT  when  (opcode  value)…  EOF
//
// There can be any number of values, so each is read once and for all when it is there.
extension Scan {
  private mutating func beginModuleAux(_ group: Int, _ bytes: Span<UInt8>) throws(Stop) -> Record {
    let id = ModuleID(rawValue: try length(.moduleID, bytes))
    recorder.explain(.moduleID, .moduleID(id))
    let whenStart = position
    let whenOpcode = try length(.whenOpcode, bytes)
    let when = try length(.when, bytes)
    guard whenOpcode == ModuleOpcode.unsigned.rawValue else {
      throw .corrupt(.badModuleWhenOpcode(whenOpcode), at: whenStart)
    }
    let aux = ModuleAux(id: id, when: when)
    moduleAux = aux
    moduleAuxGroup = group
    return try moduleValues(aux, bytes)
  }

  private mutating func moduleValues(_ aux: ModuleAux, _ bytes: Span<UInt8>) throws(Stop) -> Record {
    while true {
      checkpoint()
      if try moduleValue(bytes) { break }
    }
    end(moduleAuxGroup)
    moduleAux = nil
    return .moduleAux(aux)
  }

  /// What it is, and it; true at the end (`rdbLoadCheckModuleValue`, `rdbLoadBinaryFloatValue`,
  /// `rdbLoadBinaryDoubleValue` in rdb.c).
  mutating func moduleValue(_ bytes: Span<UInt8>) throws(Stop) -> Bool {
    let group = begin(.moduleValue)
    let opcode = try length(.moduleOpcode, bytes)
    switch ModuleOpcode(rawValue: opcode) {
    case .signed, .unsigned: _ = try length(.integer, bytes)
    case .float:
      try require(4, bytes)
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: littleEndian(bytes, count: 4)))
      take(4, as: .float, .double(bits: Double(value).bitPattern))
    case .double:
      try require(8, bytes)
      let bits = littleEndian(bytes, count: 8)
      take(8, as: .double, .double(bits: bits))
    case .string: _ = try string(.value, bytes)
    case .end, nil: break
    }
    end(group)
    return opcode == ModuleOpcode.end.rawValue
  }

}

/// What stands before each part of a module's data (RDB_MODULE_OPCODE_… in rdb.h).
package enum ModuleOpcode: UInt64, Sendable {
  case end = 0
  case signed = 1
  case unsigned = 2
  case float = 3
  case double = 4
  case string = 5
}
