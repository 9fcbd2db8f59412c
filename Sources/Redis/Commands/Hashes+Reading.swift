// Hashes, whole or in parts (t_hash.c in Redis 7.0).

extension Node {
  /// HGETALL (`hgetallCommand` in t_hash.c).
  mutating func hgetall(_ call: inout Call) { replyWithAll(&call, fields: true, values: true) }
  /// HKEYS (`hkeysCommand` in t_hash.c).
  mutating func hkeys(_ call: inout Call) { replyWithAll(&call, fields: true, values: false) }
  /// HVALS (`hvalsCommand` in t_hash.c).
  mutating func hvals(_ call: inout Call) { replyWithAll(&call, fields: false, values: true) }

  /// All fields, all values, or both, which is a map (`genericHgetallCommand` in t_hash.c).
  private mutating func replyWithAll(_ call: inout Call, fields: Bool, values: Bool) {
    let hash: HashValue
    switch read(HashValue.self, &call) {
    case .wrongType: return
    case .nothing: hash = HashValue()
    case .held(let held): hash = held
    }
    if fields, values { call.reply.map(hash.count) } else { call.reply.array(hash.count) }
    for (field, value) in hash.elements {
      if fields { call.reply.bulk(field) }
      if values { call.reply.bulk(value) }
    }
  }

  /// HRANDFIELD (`hrandfieldCommand`, `hrandfieldWithCountCommand` in t_hash.c).
  mutating func hrandfield(_ call: inout Call) {
    var count: Int64?
    let hasValues = call.arguments.count > 3
    if call.arguments.count > 2 {
      count = call.drawnCount(at: 2)
      guard let count else { return }
      if hasValues {
        guard call.arguments.count == 4, call.arguments[3].matches("WITHVALUES") else { return call.syntaxError() }
        guard count.magnitude <= UInt64(Int64.max / 2) else { return call.reply.error("ERR value is out of range") }
      }
    }
    switch read(HashValue.self, &call) {
    case .wrongType: return
    case .nothing: if count == nil { call.reply.null() } else { call.reply.array(0) }
    case .held(let hash):
      guard let count else {
        if let (field, _) = hash.randomElement(using: &random) { call.reply.bulk(field) }
        return
      }
      guard call.mayDraw(count) else { return }
      call.reply.drawnFields(hash.drawn(count, using: &random), withValues: hasValues)
    }
  }

  /// HSCAN (`hscanCommand` in t_hash.c).
  mutating func hscan(_ call: inout Call) {
    guard let cursor = call.scanCursor(at: 2) else { return }
    switch read(HashValue.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.scanned([], next: 0)
    case .held(let hash):
      guard let options = ScanOptions(&call, from: 3) else { return }
      let (met, next) = hash.scan(cursor, count: options.count)
      call.reply.scanned(met.filter { options.admits($0.field) }.flatMap { [$0.field, $0.value] }, next: next)
    }
  }
}

extension ReplyBuffer {
  /// RESP3 has each field and its value in an array of their own (`hrandfieldReplyWithListpack` in t_hash.c).
  fileprivate mutating func drawnFields(_ drawn: [(field: Bytes, value: Bytes)], withValues: Bool) {
    array(withValues && version == .resp2 ? drawn.count * 2 : drawn.count)
    for (field, value) in drawn {
      if withValues, version == .resp3 { array(2) }
      bulk(field)
      if withValues { bulk(value) }
    }
  }
}

extension HashValue: Drawable {
  var elements: [(field: Bytes, value: Bytes)] {
    var elements: [(field: Bytes, value: Bytes)] = []
    elements.reserveCapacity(count)
    forEach { elements.append(($0, $1)) }
    return elements
  }
  static func name(of element: (field: Bytes, value: Bytes)) -> Bytes { element.field }
  func randomElement(using random: inout SeededRandom) -> (field: Bytes, value: Bytes)? { randomField(using: &random) }

  /// What HSCAN meets next: all of a small hash, so many fields of a hash table (`scanGenericCommand` in db.c).
  fileprivate func scan(_ cursor: UInt64, count: Int) -> (met: [(field: Bytes, value: Bytes)], next: UInt64) {
    guard case .hashtable(let table) = storage else { return (elements, 0) }
    let (met, next) = table.scan(cursor, count: count)
    return (met.map { ($0.key, $0.payload) }, next)
  }
}
