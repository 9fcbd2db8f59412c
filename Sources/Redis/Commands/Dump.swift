import RDB

// DUMP and RESTORE: one value in the format of a snapshot, with the format's version and a checksum behind it (cluster.c).
//
//     ┌──────┬─────────┬─────────────┬──────────────────────────────────┐
//     │ type │ value   │ version, LE │ CRC-64 of all that precedes, LE  │
//     │ 1    │         │ 2           │ 8                                │
//     └──────┴─────────┴─────────────┴──────────────────────────────────┘

extension CommandTable {
  static let dumps: [String: Command.Body] = [
    "dump": { $0.dump(&$1) },
    "restore": { $0.restore(&$1) },
    "restore-asking": { $0.restoreAsking(&$1) },
  ]
}

extension Node {
  /// DUMP (`dumpCommand` in cluster.c).
  mutating func dump(_ call: inout Call) {
    guard let value = read(call.arguments[1], in: call.database) else { return call.reply.null() }
    call.reply.bulk(dumpPayload(value))
  }

  /// A value by itself, with the version and the checksum (`createDumpPayload` in cluster.c).
  func dumpPayload(_ value: Value) -> [UInt8] {
    let compressing = configuration.rdbcompression
    var writer = RDB.Writer(compresses: compressing)
    writer.entry(key: [], value: value.snapshotValue(compressing: compressing))
    var payload = writer.take()
    // The empty key, which is one byte of length.
    payload.remove(at: 1)
    return withFooter(payload)
  }

  /// With the version and the checksum behind it.
  func withFooter(_ bytes: [UInt8]) -> [UInt8] {
    let payload = bytes + [UInt8(truncatingIfNeeded: chance.rdbVersion), 0]
    let checksum = CRC64.checksum(payload)
    return payload + stride(from: UInt64(0), to: 64, by: 8).map { UInt8(truncatingIfNeeded: checksum >> $0) }
  }

  /// The value of a payload whose version and checksum are right; nil if it is malformed.
  private static func restoredValue(_ payload: [UInt8], _ limits: PackingLimits) -> Value? {
    guard let type = payload.first else { return nil }
    // Read as the one key of a snapshot: the value is written the same in both.
    var reader = RDB.Reader(verifiesChecksum: false)
    let value = payload.dropFirst().dropLast(10)
    reader.feed(Array("REDIS0010".utf8) + [type, 0] + value + [0xFF] + [UInt8](repeating: 0, count: 8))
    var restored: Value?
    do {
      while let event = try reader.next() {
        if case .entry(let entry) = event, restored == nil, entry.attributes.expiry == nil {
          restored = Value(entry.value, limits)
        }
      }
      return reader.isAtEnd ? restored : nil
    } catch {
      return nil
    }
  }

  /// Whether a payload's version and checksum are right (`verifyDumpPayload` in cluster.c).
  func isIntact(_ payload: [UInt8]) -> Bool {
    guard payload.count >= 10 else { return false }
    let footer = Array(payload.suffix(10))
    guard Int(footer[0]) | Int(footer[1]) << 8 <= chance.rdbVersion else { return false }
    let checksum = CRC64.checksum(Array(payload.dropLast(8)))
    return (0..<8).allSatisfy { footer[2 + $0] == UInt8(truncatingIfNeeded: checksum >> UInt64(8 * $0)) }
  }

  /// RESTORE-ASKING (`restoreCommand` in cluster.c).
  mutating func restoreAsking(_ call: inout Call) { restore(&call) }

  /// RESTORE (`restoreCommand` in cluster.c).
  mutating func restore(_ call: inout Call) {
    guard let options = restoreOptions(&call) else { return }
    let (key, database) = (call.arguments[1], call.database)
    if !options.replaces, lookup(key, in: database) != nil {
      return call.reply.error("BUSYKEY Target key name already exists.")
    }
    guard var expiry = call.integer(at: 2) else { return }
    guard expiry >= 0 else { return call.reply.error("ERR Invalid TTL value, must be >= 0") }
    let payload = call.arguments[3].array
    guard isIntact(payload) else { return call.reply.error("ERR DUMP payload version or checksum are wrong") }
    guard let value = Node.restoredValue(payload, configuration.packing) else {
      return call.reply.error("ERR Bad data format")
    }
    let isDeleted = options.replaces && deleteKey(key, in: database)
    let isRelative = expiry > 0 && !options.isAbsolute
    if isRelative { expiry = expiry.addingReportingOverflow(milliseconds).partialValue }
    if expiry != 0, isPast(expiry) {
      if isDeleted {
        notify(.generic, "del", key, in: database)
        dirty += 1
        call.propagation = .rewritten(["DEL", key])
      }
      return call.reply.ok()
    }
    addKey(key, value, expiry: expiry == 0 ? nil : expiry, in: database)
    if let lru = keyUse.lru(idle: options.idle, frequency: options.frequency) {
      databases.setLRU(of: key, in: database, to: lru)
    }
    signalModified(key, in: database)
    notify(.generic, "restore", key, in: database)
    dirty += 1
    if isRelative {
      var form = call.arguments
      form[2] = Bytes(expiry)
      call.propagation = .rewritten(form + ["ABSTTL"])
    }
    call.reply.ok()
  }

  private struct RestoreOptions {
    var replaces = false
    var isAbsolute = false
    var idle: Int64?
    var frequency: Int64?
  }

  /// The options of RESTORE; nil if they make no sense, which the client is told (`restoreCommand` in cluster.c).
  private func restoreOptions(_ call: inout Call) -> RestoreOptions? {
    var options = RestoreOptions()
    var position = 4
    while position < call.arguments.count {
      let option = call.arguments[position]
      let hasNext = position + 1 < call.arguments.count
      if option.matches("REPLACE") {
        options.replaces = true
      } else if option.matches("ABSTTL") {
        options.isAbsolute = true
      } else if option.matches("IDLETIME"), hasNext, options.frequency == nil {
        position += 1
        options.idle = call.integer(at: position)
        guard let idle = options.idle else { return nil }
        if idle < 0 {
          call.reply.error("ERR Invalid IDLETIME value, must be >= 0")
          return nil
        }
      } else if option.matches("FREQ"), hasNext, options.idle == nil {
        position += 1
        options.frequency = call.integer(at: position)
        guard let frequency = options.frequency else { return nil }
        if !(0...255).contains(frequency) {
          call.reply.error("ERR Invalid FREQ value, must be >= 0 and <= 255")
          return nil
        }
      } else {
        call.syntaxError()
        return nil
      }
      position += 1
    }
    return options
  }
}
