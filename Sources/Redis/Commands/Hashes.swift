// The hash commands (t_hash.c in Redis 7.0). Those that read more than one field stand in `Hashes+Reading.swift`.

extension CommandTable {
  static let hashes: [String: Command.Body] = [
    "hset": { $0.hset(&$1) },
    "hmset": { $0.hset(&$1) },
    "hsetnx": { $0.hsetnx(&$1) },
    "hincrby": { $0.hincrby(&$1) },
    "hincrbyfloat": { $0.hincrbyfloat(&$1) },
    "hdel": { $0.hdel(&$1) },
    "hget": { $0.hget(&$1) },
    "hmget": { $0.hmget(&$1) },
    "hexists": { $0.hexists(&$1) },
    "hlen": { $0.hlen(&$1) },
    "hstrlen": { $0.hstrlen(&$1) },
    "hgetall": { $0.hgetall(&$1) },
    "hkeys": { $0.hkeys(&$1) },
    "hvals": { $0.hvals(&$1) },
    "hrandfield": { $0.hrandfield(&$1) },
    "hscan": { $0.hscan(&$1) },
  ]
}

extension Node {
  // MARK: Setting

  /// Sees to it that there is a hash at the key; false if something else is, which the client is told
  /// (`hashTypeLookupWriteOrCreate` in t_hash.c).
  private mutating func lookupOrCreateHash(_ call: inout Call) -> Bool {
    switch find(HashValue.self, &call) {
    case .wrongType: return false
    case .held: break
    case .nothing: addKey(call.arguments[1], HashValue(), in: call.database)
    }
    return true
  }

  /// Sets fields to values that come in turn; how many of them are new (`hashTypeTryConversion`, `hashTypeSet` in
  /// t_hash.c).
  private mutating func setFields(_ pairs: ArraySlice<Bytes>, of key: Bytes, in database: Int) -> Int {
    let limits = configuration.packing
    return change(HashValue.self, key, in: database) { hash in
      hash.convertIfNeeded(for: pairs, limits)
      var created = 0
      for field in stride(from: pairs.startIndex, to: pairs.endIndex, by: 2)
      where hash.set(pairs[field], to: pairs[field + 1], limits) {
        created += 1
      }
      return created
    } ?? 0
  }

  /// HSET and HMSET (`hsetCommand` in t_hash.c).
  mutating func hset(_ call: inout Call) {
    guard call.arguments.count.isMultiple(of: 2) else { return call.wrongArity() }
    guard lookupOrCreateHash(&call) else { return }
    let (name, key) = (call.arguments[0], call.arguments[1])
    let created = setFields(call.arguments[2...], of: key, in: call.database)
    // Which of the two it is, the second letter of what was said tells; a renamed HSET may answer as HMSET does.
    if name.count > 1, asciiLowercase(name[1]) == UInt8(ascii: "s") {
      call.reply.integer(created)
    } else {
      call.reply.ok()
    }
    signalModified(key, in: call.database)
    notify(.hash, "hset", key, in: call.database)
    dirty += Int64(call.arguments.count - 2) / 2
  }

  /// HSETNX (`hsetnxCommand` in t_hash.c).
  mutating func hsetnx(_ call: inout Call) {
    guard lookupOrCreateHash(&call) else { return }
    let (key, field) = (call.arguments[1], call.arguments[2])
    if value(of: field, at: key, in: call.database) != nil { return call.reply.integer(0) }
    _ = setFields(call.arguments[2...], of: key, in: call.database)
    call.reply.integer(1)
    signalModified(key, in: call.database)
    notify(.hash, "hset", key, in: call.database)
    dirty += 1
  }

  private func value(of field: Bytes, at key: Bytes, in database: Int) -> Bytes? {
    databases[database][key].flatMap { HashValue($0.value) }?[field]
  }

  /// Sets one field, whose length no listpack is converted for in advance (`hashTypeSet` in t_hash.c).
  private mutating func setField(_ field: Bytes, to value: Bytes, _ event: Bytes, _ call: inout Call) {
    let (key, limits) = (call.arguments[1], configuration.packing)
    _ = change(HashValue.self, key, in: call.database) { $0.set(field, to: value, limits) }
    signalModified(key, in: call.database)
    notify(.hash, event, key, in: call.database)
    dirty += 1
  }

  /// HINCRBY (`hincrbyCommand` in t_hash.c).
  mutating func hincrby(_ call: inout Call) {
    guard let amount = call.integer(at: 3), lookupOrCreateHash(&call) else { return }
    let field = call.arguments[2]
    guard let old = value(of: field, at: call.arguments[1], in: call.database).map(Integer.parse) ?? 0 else {
      return call.reply.error("ERR hash value is not an integer")
    }
    let (new, overflow) = old.addingReportingOverflow(amount)
    if overflow { return call.reply.error("ERR increment or decrement would overflow") }
    call.reply.integer(new)
    setField(field, to: Bytes(new), "hincrby", &call)
  }

  /// HINCRBYFLOAT (`hincrbyfloatCommand` in t_hash.c).
  mutating func hincrbyfloat(_ call: inout Call) {
    guard let amount = LongDouble.parse(call.arguments[3]) else {
      return call.reply.error("ERR value is not a valid float")
    }
    guard amount.isFinite else { return call.reply.error("ERR value is NaN or Infinity") }
    guard lookupOrCreateHash(&call) else { return }
    let (key, field) = (call.arguments[1], call.arguments[2])
    guard let old = value(of: field, at: key, in: call.database).map(LongDouble.parse) ?? 0 else {
      return call.reply.error("ERR hash value is not a float")
    }
    let new = old + amount
    guard new.isFinite else { return call.reply.error("ERR increment would produce NaN or Infinity") }
    let text = Bytes(LongDouble.text(new))
    call.reply.bulk(text)
    setField(field, to: text, "hincrbyfloat", &call)
    // The sum, not the addition: another machine might round it otherwise.
    call.propagation = .rewritten(["HSET", key, field, text])
  }

  /// HDEL (`hdelCommand` in t_hash.c).
  mutating func hdel(_ call: inout Call) {
    let (key, fields) = (call.arguments[1], call.arguments.dropFirst(2))
    switch find(HashValue.self, &call) {
    case .wrongType: return
    case .nothing: return call.reply.integer(0)
    case .held: break
    }
    let removed =
      change(HashValue.self, key, in: call.database) { hash in
        var removed = 0
        for field in fields where hash.remove(field) { removed += 1 }
        return removed
      } ?? 0
    if removed > 0 {
      signalModified(key, in: call.database)
      notify(.hash, "hdel", key, in: call.database)
      deleteIfEmpty(HashValue.self, key, in: call.database)
      dirty += Int64(removed)
    }
    call.reply.integer(removed)
  }

  // MARK: Reading

  /// HGET (`hgetCommand` in t_hash.c).
  mutating func hget(_ call: inout Call) {
    switch read(HashValue.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.null()
    case .held(let hash): call.reply.field(call.arguments[2], of: hash)
    }
  }

  /// HMGET (`hmgetCommand` in t_hash.c).
  mutating func hmget(_ call: inout Call) {
    let hash: HashValue?
    switch read(HashValue.self, &call) {
    case .wrongType: return
    case .nothing: hash = nil
    case .held(let held): hash = held
    }
    call.reply.array(call.arguments.count - 2)
    for field in call.arguments.dropFirst(2) { call.reply.field(field, of: hash) }
  }

  /// HEXISTS (`hexistsCommand` in t_hash.c).
  mutating func hexists(_ call: inout Call) {
    let field = call.arguments[2]
    replyWithNumber(&call) { $0[field] == nil ? 0 : 1 }
  }

  /// HLEN (`hlenCommand` in t_hash.c).
  mutating func hlen(_ call: inout Call) { replyWithNumber(&call) { $0.count } }

  /// HSTRLEN (`hstrlenCommand` in t_hash.c).
  mutating func hstrlen(_ call: inout Call) {
    let field = call.arguments[2]
    replyWithNumber(&call) { $0[field]?.count ?? 0 }
  }

  /// A number that a hash is asked for; 0 if there is none.
  private mutating func replyWithNumber(_ call: inout Call, _ number: (HashValue) -> Int) {
    switch read(HashValue.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.integer(0)
    case .held(let hash): call.reply.integer(number(hash))
    }
  }
}

extension ReplyBuffer {
  /// The value of a field, or null (`addHashFieldToReply` in t_hash.c).
  fileprivate mutating func field(_ field: Bytes, of hash: HashValue?) {
    if let value = hash?[field] { bulk(value) } else { null() }
  }
}
