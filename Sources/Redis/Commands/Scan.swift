// Walks that may be interrupted: SCAN, and what SSCAN, HSCAN and ZSCAN have in common with it (db.c in Redis 7.0).

/// The options of SCAN and those like it (`scanGenericCommand` in db.c).
struct ScanOptions {
  /// About how many elements are to be met.
  var count = 10
  private var pattern: [UInt8]?
  /// Keys of that type alone.
  private(set) var type: Bytes?

  /// Reads the options from that position on; nil if they make no sense, which the client is told.
  init?(_ call: inout Call, from start: Int, ofKeys: Bool = false) {
    for position in stride(from: start, to: call.arguments.count, by: 2) {
      guard position + 1 < call.arguments.count else {
        call.syntaxError()
        return nil
      }
      let (option, value) = (call.arguments[position], call.arguments[position + 1])
      if option.matches("COUNT") {
        guard let number = call.integer(at: position + 1) else { return nil }
        guard number >= 1 else {
          call.syntaxError()
          return nil
        }
        count = Int(clamping: number)
      } else if option.matches("MATCH") {
        // A star by itself is no pattern; as one, it would find no empty string.
        pattern = value == "*" ? nil : value.array
      } else if option.matches("TYPE"), ofKeys {
        type = value.upToNUL.lowercased()
      } else {
        call.syntaxError()
        return nil
      }
    }
  }

  func admits(_ name: Bytes) -> Bool { pattern.map { Glob.matches($0, name.array) } ?? true }
}

extension Call {
  /// strtoul's reading of a cursor: digits, a sign allowed, nothing at all for 0; what is none, the client is told
  /// (`parseScanCursorOrReply` in db.c).
  mutating func scanCursor(at position: Int) -> UInt64? {
    let bytes = arguments[position].array.prefix { $0 != 0 }
    if bytes.isEmpty { return 0 }
    let isNegative = bytes.first == UInt8(ascii: "-")
    let digits = isNegative ? bytes.dropFirst() : bytes
    if !(isNegative && digits.first == UInt8(ascii: "+")),
      let number = UInt64(String(decoding: digits, as: UTF8.self))
    {
      return isNegative ? 0 &- number : number
    }
    reply.error("ERR invalid cursor")
    return nil
  }
}

extension ReplyBuffer {
  /// What a walk has met, and the cursor to go on with, which is 0 at the end.
  mutating func scanned(_ elements: [Bytes], next: UInt64) {
    array(2)
    bulk(String(next))
    array(elements.count)
    for element in elements { bulk(element) }
  }
}

extension Node {
  /// SCAN (`scanCommand`, `scanGenericCommand` in db.c).
  mutating func scan(_ call: inout Call) {
    guard let start = call.scanCursor(at: 1), let options = ScanOptions(&call, from: 2, ofKeys: true) else { return }
    var cursor = Database.Cursor(start)
    var met: [Bytes] = []
    let database = databases[call.database]
    while met.count < options.count, let (key, _, _) = database.next(&cursor) { met.append(key) }
    var probe = cursor
    let isLast = database.next(&probe) == nil
    var found: [Bytes] = []
    for key in met where options.admits(key) {
      if let type = options.type, read(key, in: call.database, usesKey: false)?.typeName != type.text { continue }
      if !expireIfNeeded(key, in: call.database) { found.append(key) }
    }
    call.reply.scanned(found, next: isLast ? 0 : cursor.value)
  }
}
