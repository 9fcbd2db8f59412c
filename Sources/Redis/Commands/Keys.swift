// Commands on keys of any type (db.c and object.c in Redis 7.0).

extension CommandTable {
  static let keys: [String: Command.Body] = [
    "del": { $0.del(&$1) },
    "unlink": { $0.unlink(&$1) },
    "exists": { $0.exists(&$1) },
    "type": { $0.type(&$1) },
    "rename": { $0.rename(&$1) },
    "renamenx": { $0.renamenx(&$1) },
    "copy": { $0.copy(&$1) },
    "move": { $0.move(&$1) },
    "randomkey": { $0.randomkey(&$1) },
    "keys": { $0.keys(&$1) },
    "scan": { $0.scan(&$1) },
    "touch": { $0.touch(&$1) },
    "object|encoding": { $0.objectEncoding(&$1) },
    "object|freq": { $0.objectFreq(&$1) },
    "object|help": { $0.objectHelp(&$1) },
    "object|idletime": { $0.objectIdletime(&$1) },
    "object|refcount": { $0.objectRefcount(&$1) },
  ]
}

extension Node {
  // MARK: Deleting and asking

  /// DEL (`delCommand` in db.c).
  mutating func del(_ call: inout Call) { deleteMany(&call) }
  /// UNLINK (`unlinkCommand` in db.c).
  mutating func unlink(_ call: inout Call) { deleteMany(&call) }

  /// Deletes keys, and answers how many there were (`delGenericCommand` in db.c).
  private mutating func deleteMany(_ call: inout Call) {
    var deleted = 0
    for key in call.arguments.dropFirst() {
      // Where that deletes nothing, on a replica or in a pause, the command itself does.
      _ = expireIfNeeded(key, in: call.database)
      guard deleteKey(key, in: call.database) else { continue }
      notify(.generic, "del", key, in: call.database)
      deleted += 1
    }
    dirty += Int64(deleted)
    call.reply.integer(deleted)
  }

  /// EXISTS (`existsCommand` in db.c).
  mutating func exists(_ call: inout Call) { countExisting(&call, usingKeys: false) }
  /// TOUCH (`touchCommand` in expire.c).
  mutating func touch(_ call: inout Call) { countExisting(&call, usingKeys: true) }

  private mutating func countExisting(_ call: inout Call, usingKeys: Bool) {
    var count = 0
    for key in call.arguments.dropFirst() where read(key, in: call.database, usesKey: usingKeys) != nil { count += 1 }
    call.reply.integer(count)
  }

  /// TYPE (`typeCommand` in db.c).
  mutating func type(_ call: inout Call) {
    call.reply.simple(read(call.arguments[1], in: call.database, usesKey: false)?.typeName ?? "none")
  }

  /// RANDOMKEY (`randomkeyCommand`, `dbRandomKey` in db.c).
  mutating func randomkey(_ call: inout Call) {
    let all = databases[call.database]
    // A replica does not delete what has expired: where all keys may have, it gives up in the end.
    var tries = isReplica && all.count == all.expiresCount ? 100 : Int.max
    while let key = databases[call.database].randomKey(using: &random) {
      tries -= 1
      if tries == 0 || !expireIfNeeded(key, in: call.database) { return call.reply.bulk(key) }
    }
    call.reply.null()
  }

  // MARK: Moving

  /// RENAME (`renameCommand` in db.c).
  mutating func rename(_ call: inout Call) { rename(&call, onlyIfFree: false) }
  /// RENAMENX (`renamenxCommand` in db.c).
  mutating func renamenx(_ call: inout Call) { rename(&call, onlyIfFree: true) }

  /// Gives a value another key (`renameGenericCommand` in db.c).
  private mutating func rename(_ call: inout Call, onlyIfFree: Bool) {
    let (from, to, database) = (call.arguments[1], call.arguments[2], call.database)
    guard let value = lookup(from, in: database) else { return call.reply.error(Call.Complaint.noSuchKey) }
    if from == to {
      if onlyIfFree { call.reply.integer(0) } else { call.reply.ok() }
      return
    }
    let (expiry, lru) = (databases[database].expiry(of: from), databases[database].lru(of: from))
    if lookup(to, in: database) != nil {
      if onlyIfFree { return call.reply.integer(0) }
      removeKey(to, in: database)
    }
    addKey(to, value, expiry: expiry, lru: lru, in: database)
    removeKey(from, in: database)
    // In this order they are invalidated for those who have read both.
    for key in [from, to] { signalModified(key, in: database) }
    notify(.generic, "rename_from", from, in: database)
    notify(.generic, "rename_to", to, in: database)
    dirty += 1
    if onlyIfFree { call.reply.integer(1) } else { call.reply.ok() }
  }

  /// COPY (`copyCommand` in db.c).
  mutating func copy(_ call: inout Call) {
    let (from, to) = (call.arguments[1], call.arguments[2])
    var target = call.database
    var replaces = false
    var position = 3
    while position < call.arguments.count {
      if call.arguments[position].matches("REPLACE") {
        replaces = true
      } else if call.arguments[position].matches("DB"), position + 1 < call.arguments.count {
        position += 1
        guard let number = call.integer(at: position, in: Call.cInt) else { return }
        guard databases.indices.contains(Int(number)) else { return call.reply.error(Call.Complaint.databaseRange) }
        target = Int(number)
      } else {
        return call.syntaxError()
      }
      position += 1
    }
    if target == call.database, from == to { return call.reply.error(Call.Complaint.sameObject) }
    guard let value = read(from, in: call.database) else { return call.reply.integer(0) }
    let expiry = databases[call.database].expiry(of: from)
    if lookup(to, in: target) != nil {
      guard replaces else { return call.reply.integer(0) }
      deleteKey(to, in: target)
    }
    addKey(to, value.copied, expiry: expiry, in: target)
    signalModified(to, in: target)
    notify(.generic, "copy_to", to, in: target)
    dirty += 1
    call.reply.integer(1)
  }

  /// MOVE (`moveCommand` in db.c).
  mutating func move(_ call: inout Call) {
    let (key, from) = (call.arguments[1], call.database)
    guard let number = call.integer(at: 2, in: Call.cInt) else { return }
    guard databases.indices.contains(Int(number)) else { return call.reply.error(Call.Complaint.databaseRange) }
    let target = Int(number)
    if target == from { return call.reply.error(Call.Complaint.sameObject) }
    guard let value = lookup(key, in: from) else { return call.reply.integer(0) }
    let (expiry, lru) = (databases[from].expiry(of: key), databases[from].lru(of: key))
    if lookup(key, in: target) != nil { return call.reply.integer(0) }
    addKey(key, value, expiry: expiry, lru: lru, in: target)
    deleteKey(key, in: from)
    signalModified(key, in: target)
    notify(.generic, "move_from", key, in: from)
    notify(.generic, "move_to", key, in: target)
    dirty += 1
    call.reply.integer(1)
  }

  // MARK: Listing

  /// KEYS (`keysCommand` in db.c).
  mutating func keys(_ call: inout Call) {
    let pattern = call.arguments[1].array
    let all = pattern == [UInt8(ascii: "*")]
    var found: [Bytes] = []
    databases[call.database].forEach { key, entry in
      if let expiry = entry.expiry, milliseconds > expiry, !executingMaster, !isLoading { return }
      if all || Glob.matches(pattern, key.array) { found.append(key) }
    }
    call.reply.array(found.count)
    for key in found { call.reply.bulk(key) }
  }

  // MARK: OBJECT

  /// The value without counting as an access; without a key, the reply is null (`objectCommandLookupOrReply` in
  /// object.c).
  private mutating func objectLookup(_ call: inout Call) -> Value? {
    let value = read(call.arguments[2], in: call.database, tellingOfMiss: false, usesKey: false)
    if value == nil { call.reply.null() }
    return value
  }

  /// OBJECT ENCODING (`objectCommand` in object.c).
  mutating func objectEncoding(_ call: inout Call) {
    if let value = objectLookup(&call) { call.reply.bulk(value.encodingName) }
  }

  /// OBJECT REFCOUNT (`objectCommand` in object.c).
  mutating func objectRefcount(_ call: inout Call) {
    guard let value = objectLookup(&call) else { return }
    call.reply.integer(value.referenceCount)
  }

  /// OBJECT IDLETIME (`objectCommand` in object.c).
  mutating func objectIdletime(_ call: inout Call) {
    guard objectLookup(&call) != nil else { return }
    guard !configuration.maxmemoryPolicy.isLFU else {
      return call.reply.error("ERR An LFU maxmemory policy is selected, idle time not tracked." + Node.policySwitch)
    }
    call.reply.integer(keyUse.idleSeconds(databases.lru(of: call.arguments[2], in: call.database) ?? 0))
  }

  /// OBJECT FREQ (`objectCommand` in object.c).
  mutating func objectFreq(_ call: inout Call) {
    guard objectLookup(&call) != nil else { return }
    guard configuration.maxmemoryPolicy.isLFU else {
      return call.reply.error(
        "ERR An LFU maxmemory policy is not selected, access frequency not tracked." + Node.policySwitch)
    }
    call.reply.integer(Int(keyUse.frequency(databases.lru(of: call.arguments[2], in: call.database) ?? 0)))
  }

  private static let policySwitch =
    " Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust."

  /// OBJECT HELP (`objectCommand` in object.c).
  mutating func objectHelp(_ call: inout Call) {
    call.help([
      "ENCODING <key>",
      "    Return the kind of internal representation used in order to store the value",
      "    associated with a <key>.",
      "FREQ <key>",
      "    Return the access frequency index of the <key>. The returned integer is",
      "    proportional to the logarithm of the recent access frequency of the key.",
      "IDLETIME <key>",
      "    Return the idle time of the <key>, that is the approximated number of",
      "    seconds elapsed since the last access to the key.",
      "REFCOUNT <key>",
      "    Return the number of references of the value associated with the specified",
      "    <key>.",
    ])
  }
}

extension Value {
  /// How many refer to the object, as Redis counts them. It shares one for each of the integers below 10,000, which therefore is
  /// never freed (`makeObjectShared` in object.c).
  var referenceCount: Int64 {
    if case .string(let string) = self, string.isSharedInteger { Int64(Int32.max) } else { 1 }
  }
}
