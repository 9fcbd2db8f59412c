import RDB

/// Makes databases of a snapshot as its bytes come in, whether from a file or from a master (`rdbLoadRio` in rdb.c).
package struct SnapshotLoader: Equatable, Sendable {
  /// What the snapshot says of the stream that it is a moment of.
  package struct Stream: Equatable, Sendable {
    /// -1: not said.
    package var database = -1
    package var id: String?
    /// -1: not said.
    package var offset: Int64 = -1
  }

  /// Why loading can't go on.
  package enum Failure: Error, Equatable, Sendable {
    /// The bytes are wrong, or ended.
    case format(RDBError)
    /// The bytes are in order, but not what they say; `line` is the one of rdb.c, nil where Redis panics.
    case corrupt(words: String, line: Int?)
    /// A library of functions can't be.
    case function(words: String)
    /// Redis ends its process over this.
    case fatal(String)
    /// Redis panics over this.
    case duplicateKey(Bytes, database: Int)
  }

  package private(set) var reader: RDB.Reader
  package private(set) var databases: Databases
  /// Libraries of functions, as `FUNCTION LOAD` takes them.
  package private(set) var functions = FunctionLibraries()
  package private(set) var stream = Stream()
  /// `used-mem`: what it says of the memory of the server that made it.
  package private(set) var usedMemory: Int64 = 0
  /// Keys that were there, and keys that had expired and were left out.
  package private(set) var loaded: Int64 = 0
  package private(set) var expired: [ExpiredKey] = []
  /// Keys that were read, whatever became of them.
  package var keysRead: Int64 { loaded + Int64(expired.count + emptyCount) }
  /// Collections without elements, which Redis leaves out.
  private var emptyCount = 0
  private var current = 0
  /// A key that is there already is replaced by the snapshot's.
  private var replaces = false
  /// Keys that have expired by this time, in milliseconds, are left out; nil: none, as when a replica loads.
  private let expiresBefore: Int64?
  /// What would do no harm before somebody asks for it is refused as well (sanitize-dump-payload).
  private let sanitizes: Bool
  /// `rdbchecksum`: with `no`, it is not logged either that a snapshot has none.
  private let verifiesChecksum: Bool
  /// How what is loaded is kept.
  private let limits: PackingLimits
  private let use: KeyUse
  /// What Redis's log says of the snapshot so far, and after how many keys; whoever loads takes it.
  private var lines: [Line] = []

  private struct Line: Equatable, Sendable {
    var keys: Int64
    var entry: LogEntry
  }

  package struct ExpiredKey: Equatable, Sendable {
    package var database: Int
    package var key: Bytes
  }

  package init(
    databases count: Int, hashSeed: UInt64 = 0, verifiesChecksum: Bool, expiresBefore: Int64? = nil,
    sanitizes: Bool = false, limits: PackingLimits = PackingLimits(), use: KeyUse = KeyUse(), newestVersion: Int = 10
  ) {
    reader = RDB.Reader(newestVersion: newestVersion, verifiesChecksum: verifiesChecksum, keepsPieces: true)
    databases = Databases(count: count, hashSeed: hashSeed)
    self.expiresBefore = expiresBefore
    self.verifiesChecksum = verifiesChecksum
    self.sanitizes = sanitizes
    self.limits = limits
    self.use = use
  }

  package var isAtEnd: Bool { reader.isAtEnd }

  /// What is there already is replaced by what comes.
  mutating func replaceWhatIsThere() { replaces = true }

  /// Takes databases to load into, or gives them back: they are others' to see between two pieces.
  mutating func exchange(_ databases: inout Databases) { swap(&self.databases, &databases) }

  /// The log's lines since the last call; `beforeKeys`: only those that came before the first key.
  package mutating func takeLog(beforeKeys: Bool = false) -> [LogEntry] {
    let taken = beforeKeys ? lines.prefix { $0.keys == 0 } : lines[...]
    lines.removeFirst(taken.count)
    return taken.map(\.entry)
  }

  private mutating func log(_ level: LogEntry.Level, _ text: String) {
    lines.append(Line(keys: keysRead, entry: LogEntry(level, text)))
  }

  /// Takes in what has come (`rdbLoadRioWithLoadingCtx` in rdb.c).
  package mutating func feed(_ bytes: [UInt8], at now: Instant) throws(Failure) {
    reader.feed(bytes)
    var (key, string) = (Bytes(), Bytes())
    do {
      while let record = try reader.next(showing: { (key, string) = (Bytes($0), Bytes($1)) }) {
        switch record {
        case .string(let attributes): try add(key, .string(StringValue(string)), attributes)
        case .event(let event): try take(event, at: now)
        }
      }
    } catch let error as RDBError {
      throw .format(error)
    } catch let error as Failure {
      throw error
    } catch {
      throw .fatal("\(error)")
    }
  }

  /// Nothing more comes.
  package mutating func finish() throws(Failure) {
    do { try reader.finish() } catch { throw .format(error) }
  }

  /// Does what one record says (`rdbLoadRioWithLoadingCtx` in rdb.c).
  private mutating func take(_ event: RDB.Event, at now: Instant) throws(Failure) {
    switch event {
    // Hints of newer versions; 7.0 itself never sees them.
    case .header, .slotInfo, .slotImport: break
    case .function(let library):
      do throws(LibraryMetadata.Complaint) {
        var lines: [LogEntry] = []
        _ = try functions.load(library, replaces: false, isBounded: false, &lines)
        for line in lines { log(line.level, line.text) }
      } catch {
        throw .function(words: String(bytes: error.words))
      }
    case .resize(let keys, _): databases[current].reserve(keys)
    case .aux(let name, let value): note(Bytes(name), Bytes(value), at: now)
    case .selectDatabase(let number):
      guard number < databases.count else {
        throw .fatal(
          "FATAL: Data file was created with a Redis server configured to handle more than \(databases.count) "
            + "databases. Exiting")
      }
      current = number
    case .entry(let entry): try add(entry)
    case .moduleAux(let module):
      throw .fatal(
        "The RDB file contains AUX module data I can't load: no matching module '\(module.id.name)'")
    case .end(let checksum):
      let empty = emptyCount == 0 ? "" : ", empty keys skipped: \(emptyCount)"
      if checksum == .disabled, verifiesChecksum {
        log(.warning, "RDB file was saved with checksum disabled: no check performed.")
      }
      log(
        emptyCount == 0 ? .notice : .warning,
        "Done loading RDB, keys loaded: \(loaded), keys expired: \(expired.count)\(empty).")
    }
  }

  /// Adds a key with what its value is made of, unless that is nothing (`rdbLoadObject` in rdb.c).
  private mutating func add(_ entry: RDB.Entry) throws(Failure) {
    let key = Bytes(entry.key)
    if case .encoded(let value) = entry.value, value.type == .module2, case .module(let id) = value.contents {
      throw .corrupt(
        words: "The RDB file contains module data I can't load: no matching module type '\(id.name)'", line: 2636)
    }
    let inspection = entry.value.inspected(sanitizing: sanitizes, pieces: entry.pieces)
    if let objection = inspection.objection {
      switch objection.severity {
      case .skipsKey: return skip(key)
      case .refusesFile: throw .corrupt(words: objection.words, line: objection.line)
      case .onlyWhenSanitized: if sanitizes { throw .corrupt(words: objection.words, line: objection.line) }
      }
    }
    let value = Value(entry.value, limits, contents: inspection.contents, pieces: inspection.pieces)
    if let (objection, count) = inspection.ifDuplicate, value.elementCount != count {
      throw .corrupt(words: objection.words, line: objection.line)
    }
    try add(key, value, entry.attributes)
  }

  /// Adds a key, unless its time is up (`rdbLoadRioWithLoadingCtx` in rdb.c).
  private mutating func add(_ key: Bytes, _ value: Value, _ attributes: KeyAttributes) throws(Failure) {
    // -1 says that there is none.
    let expiry = attributes.expiry == -1 ? nil : attributes.expiry
    if let expiry, let expiresBefore, expiry < expiresBefore {
      expired.append(ExpiredKey(database: current, key: key))
      return
    }
    let value = use.own(value)
    if replaces { databases[current].remove(key) }
    let lru = use.lru(
      idle: attributes.idle.map { Int64(truncatingIfNeeded: $0) }, frequency: attributes.frequency.map(Int64.init))
    guard databases[current].add(key, value, expiry: expiry, lru: lru ?? use.unused) else {
      throw .duplicateKey(key, database: current)
    }
    if let lru, let integer = value.sharedInteger { databases.integerUse[integer] = lru }
    loaded += 1
  }

  /// A collection without elements is left out, which is told of the first ten.
  private mutating func skip(_ key: Bytes) {
    if emptyCount < 10 { log(.warning, "rdbLoadObject skipping empty key: \(Bytes(key.array.prefix { $0 != 0 }))") }
    emptyCount += 1
  }

  /// Takes in what an AUX field says (`rdbLoadRioWithLoadingCtx` in rdb.c).
  private mutating func note(_ name: Bytes, _ value: Bytes, at now: Instant) {
    let number = Integer.leading(value)
    if name.array.first == UInt8(ascii: "%") { return log(.notice, "RDB '\(name.printed)': \(value.printed)") }
    switch name.word {
    case "repl-stream-db": stream.database = Int(clamping: number)
    case "repl-id": if value.count == 40 { stream.id = value.text }
    case "repl-offset": stream.offset = Integer.leadingOffset(value)
    case "redis-ver": log(.notice, "Loading RDB produced by version \(value.printed)")
    case "ctime": log(.notice, "RDB age \(max(0, now.seconds &- number)) seconds")
    case "used-mem":
      usedMemory = number
      log(.notice, "RDB memory usage when created \((Double(number) / 1_048_576).twoPlaces) Mb")
    case "aof-base": if number != 0 { log(.notice, "RDB is base AOF") }
    case "aof-preamble": if number != 0 { log(.notice, "RDB has an AOF tail") }
    case "lua", "redis-bits": break
    default: log(.debug, "Unrecognized RDB AUX field: '\(name.printed)'")
    }
  }
}
