/// One record of a snapshot, as `Reader.next()` returns it.
package enum Event: Equatable, Sendable {
  case header(version: Int)
  case aux(name: [UInt8], value: [UInt8])
  /// The number can be any that fits the format (then clamped to `Int`); whether such a database exists is the caller's
  /// question.
  case selectDatabase(Int)
  /// A hint from whoever wrote the bytes: never allocate for it unchecked.
  case resize(keys: Int, expires: Int)
  case slotInfo(slot: Int, keys: Int, expires: Int)
  /// Slots that Valkey is about to take over from another server.
  case slotImport(job: [UInt8], ranges: Int)
  case entry(Entry)
  /// A library of functions, as the source that `FUNCTION LOAD` takes.
  case function([UInt8])
  case moduleAux(ModuleAux)
  case end(Checksum)
}

/// One record of a snapshot, as `Reader.next(showing:)` returns it.
package enum ShownRecord: Equatable, Sendable {
  /// A key with a string, which was shown, and what was said of the key.
  case string(KeyAttributes)
  case event(Event)
}

extension Event {
  /// Makes values of what the scan found: here the bytes are copied, each once (`rdbFunctionLoad` in rdb.c).
  init(_ record: Record, in bytes: Span<UInt8>, pieces: [ValuePiece]?, checksum: Checksum) {
    switch record {
    case .header(let version): self = .header(version: version)
    case .aux(let name, let value): self = .aux(name: name.string(in: bytes), value: value.string(in: bytes))
    case .selectDatabase(let database): self = .selectDatabase(Int(clamping: database))
    case .resize(let keys, let expires):
      self = .resize(keys: Int(clamping: keys), expires: Int(clamping: expires))
    case .slotInfo(let slot, let keys, let expires):
      self = .slotInfo(slot: Int(clamping: slot), keys: Int(clamping: keys), expires: Int(clamping: expires))
    case .slotImport(let job, let ranges):
      self = .slotImport(job: job.string(in: bytes), ranges: ranges)
    case .entry(let key, let value, let attributes):
      self = .entry(
        Entry(
          key: key.string(in: bytes), value: Value(value, in: bytes), attributes: attributes, pieces: pieces))
    case .function(let code): self = .function(code.string(in: bytes))
    case .functionPreGA(let name, let engine, let code):
      // As Redis 7.0 turns the old form into the new one.
      let firstLine = Array("#!".utf8) + engine.string(in: bytes) + Array(" name=".utf8) + name.string(in: bytes)
      self = .function(firstLine + Array("\n".utf8) + code.string(in: bytes))
    case .moduleAux(let aux): self = .moduleAux(aux)
    case .end: self = .end(checksum)
    }
  }
}

extension Value {
  init(_ form: ValueForm, in bytes: Span<UInt8>) {
    switch form {
    case .string(let string): self = .string(string.string(in: bytes))
    case .encoded(let type, let range): self = .encoded(EncodedValue(type, approved: copy(bytes, range)))
    }
  }
}

/// What a module kept outside the keyspace. Its payload only the module understands; the fields show it.
package struct ModuleAux: Hashable, Sendable {
  package var id: ModuleID
  /// 1: saved before the keys, 2: after them.
  package var when: UInt64

  package init(id: ModuleID, when: UInt64) {
    self.id = id
    self.when = when
  }
}

/// What became of the eight bytes at the end.
package enum Checksum: Hashable, Sendable {
  /// The stored checksum is that of the bytes.
  case verified(UInt64)
  /// Stored as zero: the writer had `rdbchecksum no`.
  case disabled
  /// Stored, but this reader was told not to look.
  case unchecked(UInt64)
  /// Before RDB version 5 there was none.
  case none
}

/// A module type's 64 bits: nine characters of six bits each, and a version of ten bits.
///
///     cccccc cccccc cccccc cccccc cccccc cccccc cccccc cccccc cccccc vvvvvvvvvv
package struct ModuleID: Hashable, Sendable {
  package var rawValue: UInt64

  package init(rawValue: UInt64) { self.rawValue = rawValue }

  package var version: Int { Int(rawValue & 0x3ff) }

  package var name: String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    let characters = (0..<9).map { alphabet[Int(rawValue >> (58 - 6 * UInt64($0)) & 0x3f)] }
    return String(decoding: characters, as: UTF8.self)
  }
}
