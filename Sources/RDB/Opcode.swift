/// A byte that stands where a value's type could stand, and announces something else than a key.
///
/// Source: rdb.h of Redis 7.0; `slotInfo` came with 7.4 (RDB version 12), `slotImport` with Valkey 9 (RDB version 80).
package enum Opcode: UInt8, CaseIterable, Sendable {
  /// Slots that are being moved to this server: the job's name, and ranges of slots. Valkey's alone.
  case slotImport = 243
  /// Where a slot's keys begin: slot, its keys, its expires. Read from version 12 on; a hint, as `resizeDatabase` is.
  case slotInfo = 244
  /// A library of functions: its source code.
  case function2 = 245
  /// The same in 7.0's release candidates: name, engine, description and code apart.
  case functionPreGA = 246
  /// Data that a module keeps outside the keyspace.
  case moduleAux = 247
  /// Seconds since the next key was used; written under an LRU policy.
  case idle = 248
  /// How often the next key was used (logarithmic); written under an LFU policy.
  case frequency = 249
  /// A named piece of information; a reader skips the names it does not know.
  case aux = 250
  /// How many keys, and how many of them with an expiry, the database holds: a hint for its hash tables.
  case resizeDatabase = 251
  /// When the next key expires, in milliseconds since 1970.
  case expireTimeMilliseconds = 252
  /// When the next key expires, in seconds since 1970; not written since RDB version 3.
  case expireTime = 253
  /// The database that the following keys are in.
  case selectDatabase = 254
  /// The end; a checksum follows.
  case end = 255

  /// The name in Redis's source, without the prefix RDB_OPCODE_.
  package var name: String {
    switch self {
    case .slotImport: "SLOT_IMPORT"
    case .slotInfo: "SLOT_INFO"
    case .function2: "FUNCTION2"
    case .functionPreGA: "FUNCTION_PRE_GA"
    case .moduleAux: "MODULE_AUX"
    case .idle: "IDLE"
    case .frequency: "FREQ"
    case .aux: "AUX"
    case .resizeDatabase: "RESIZEDB"
    case .expireTimeMilliseconds: "EXPIRETIME_MS"
    case .expireTime: "EXPIRETIME"
    case .selectDatabase: "SELECTDB"
    case .end: "EOF"
    }
  }
}
