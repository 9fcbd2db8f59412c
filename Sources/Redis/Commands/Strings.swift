// The string commands (t_string.c in Redis 7.0).

extension CommandTable {
  static let strings: [String: Command.Body] = [
    "append": { $0.append(&$1) },
    "decr": { $0.decr(&$1) },
    "decrby": { $0.decrby(&$1) },
    "get": { $0.get(&$1) },
    "getdel": { $0.getdel(&$1) },
    "getex": { $0.getex(&$1) },
    "getrange": { $0.getrange(&$1) },
    "getset": { $0.getset(&$1) },
    "incr": { $0.incr(&$1) },
    "incrby": { $0.incrby(&$1) },
    "incrbyfloat": { $0.incrbyfloat(&$1) },
    "lcs": { $0.lcs(&$1) },
    "mget": { $0.mget(&$1) },
    "mset": { $0.mset(&$1) },
    "msetnx": { $0.msetnx(&$1) },
    "psetex": { $0.psetex(&$1) },
    "set": { $0.set(&$1) },
    "setex": { $0.setex(&$1) },
    "setnx": { $0.setnx(&$1) },
    "setrange": { $0.setrange(&$1) },
    "strlen": { $0.strlen(&$1) },
    "substr": { $0.getrange(&$1) },
  ]
}

extension Node {
  // MARK: Reading

  /// Replies with the value, as GET does; false if it is of another type (`getGenericCommand` in t_string.c).
  @discardableResult
  private mutating func replyWithString(_ call: inout Call) -> Bool {
    let (string, isWrong) = read(StringValue.self, &call).orNil
    if isWrong { return false }
    if let string { call.reply.bulk(string.bytes) } else { call.reply.null() }
    return true
  }

  /// GET (`getCommand` in t_string.c).
  mutating func get(_ call: inout Call) { replyWithString(&call) }

  /// MGET (`mgetCommand` in t_string.c).
  mutating func mget(_ call: inout Call) {
    call.reply.array(call.arguments.count - 1)
    for key in call.arguments.dropFirst() {
      if case .string(let string)? = read(key, in: call.database) {
        call.reply.bulk(string.bytes)
      } else {
        call.reply.null()
      }
    }
  }

  /// STRLEN (`strlenCommand` in t_string.c).
  mutating func strlen(_ call: inout Call) {
    let (string, isWrong) = read(StringValue.self, &call).orNil
    if !isWrong { call.reply.integer(string?.bytes.count ?? 0) }
  }

  /// GETRANGE (`getrangeCommand` in t_string.c).
  mutating func getrange(_ call: inout Call) {
    guard var start = call.integer(at: 2), var end = call.integer(at: 3) else { return }
    let (string, isWrong) = read(StringValue.self, &call).orNil
    if isWrong { return }
    let bytes = string?.bytes ?? Bytes()
    let count = Int64(bytes.count)
    if start < 0, end < 0, start > end { return call.reply.bulk(Bytes()) }
    // Clamped before it is added to: the sum of two far ends would overflow.
    if start < 0 { start = max(0, count + max(start, -count)) }
    if end < 0 { end = max(0, count + max(end, -count)) }
    end = min(end, count - 1)
    call.reply.bulk(start > end || count == 0 ? Bytes() : bytes[Int(start)..<Int(end) + 1])
  }

  // MARK: Setting

  /// SET (`setCommand` in t_string.c).
  mutating func set(_ call: inout Call) {
    guard let options = StringOptions(&call, from: 3, for: .set) else { return }
    setGeneric(&call, key: call.arguments[1], value: call.arguments[2], options)
  }

  /// SETNX (`setnxCommand` in t_string.c).
  mutating func setnx(_ call: inout Call) {
    let key = call.arguments[1]
    guard lookup(key, in: call.database) == nil else { return call.reply.integer(0) }
    setKey(key, to: .string(StringValue(call.arguments[2])), in: call.database)
    dirty += 1
    notify(.string, "set", key, in: call.database)
    call.reply.integer(1)
  }

  /// SETEX (`setexCommand` in t_string.c).
  mutating func setex(_ call: inout Call) { setWithExpiry(&call, .seconds) }
  /// PSETEX (`psetexCommand` in t_string.c).
  mutating func psetex(_ call: inout Call) { setWithExpiry(&call, .milliseconds) }

  private mutating func setWithExpiry(_ call: inout Call, _ unit: StringOptions.Expiry.Unit) {
    var options = StringOptions()
    options.expiry = .init(argument: call.arguments[2], unit: unit, isAbsolute: false)
    setGeneric(&call, key: call.arguments[1], value: call.arguments[3], options)
  }

  /// What SET and those like it do once their options are known (`setGenericCommand` in t_string.c).
  private mutating func setGeneric(_ call: inout Call, key: Bytes, value: Bytes, _ options: StringOptions) {
    var expiry: Int64?
    if let given = options.expiry {
      expiry = expiryTime(given, &call)
      if expiry == nil { return }
    }
    if options.get, !replyWithString(&call) { return }
    let found = lookup(key, in: call.database) != nil
    if options.condition == .mustNotExist && found || options.condition == .mustExist && !found {
      if !options.get { call.reply.null() }
      return
    }
    setKey(
      key, to: .string(StringValue(value)), in: call.database, keepingExpiry: options.keepsExpiry, isLookedUp: true)
    dirty += 1
    notify(.string, "set", key, in: call.database)
    if let expiry {
      setExpiry(of: key, to: expiry, in: call.database)
      notify(.generic, "expire", key, in: call.database)
      call.propagation = .rewritten(["SET", key, value, "PXAT", Bytes(expiry)])
    } else if options.get {
      let rest = call.arguments[3...].filter { !$0.matches("GET") }
      call.propagation = .rewritten(Array(call.arguments[..<3]) + rest)
    }
    if !options.get { call.reply.ok() }
  }

  /// The moment an option like `EX 10` names, in milliseconds since 1970; nil if it names none, which the client is
  /// told (`getExpireMillisecondsOrReply` in t_string.c).
  private func expiryTime(_ given: StringOptions.Expiry, _ call: inout Call) -> Int64? {
    guard var time = Integer.parse(given.argument) else {
      call.reply.error(Call.Complaint.notInteger)
      return nil
    }
    let seconds = given.unit == .seconds
    guard time > 0, !seconds || time <= .max / 1000 else { return invalidExpiry(&call) }
    if seconds { time *= 1000 }
    guard !given.isAbsolute else { return time }
    let (sum, overflow) = time.addingReportingOverflow(milliseconds)
    return overflow ? invalidExpiry(&call) : sum
  }

  /// Tells the client that there can be no such time (`addReplyErrorExpireTime` in networking.c).
  private func invalidExpiry(_ call: inout Call) -> Int64? {
    call.reply.error("ERR invalid expire time in '\(call.command.name)' command")
    return nil
  }

  /// GETSET (`getsetCommand` in t_string.c).
  mutating func getset(_ call: inout Call) {
    guard replyWithString(&call) else { return }
    setKey(call.arguments[1], to: .string(StringValue(call.arguments[2])), in: call.database)
    notify(.string, "set", call.arguments[1], in: call.database)
    dirty += 1
    call.propagation = .rewritten(["SET"] + call.arguments[1...])
  }

  /// GETDEL (`getdelCommand` in t_string.c).
  mutating func getdel(_ call: inout Call) {
    guard replyWithString(&call) else { return }
    guard deleteKey(call.arguments[1], in: call.database) else { return }
    notify(.generic, "del", call.arguments[1], in: call.database)
    dirty += 1
    call.propagation = .rewritten([configuration.lazyfreeLazyUserDel ? "UNLINK" : "DEL", call.arguments[1]])
  }

  /// GETEX (`getexCommand` in t_string.c).
  mutating func getex(_ call: inout Call) {
    guard let options = StringOptions(&call, from: 2, for: .getex) else { return }
    let (string, isWrong) = read(StringValue.self, &call).orNil
    if isWrong { return }
    guard let string else { return call.reply.null() }
    let key = call.arguments[1]
    var expiry: Int64?
    if let given = options.expiry {
      expiry = expiryTime(given, &call)
      if expiry == nil { return }
    }
    call.reply.bulk(string.bytes)
    if let expiry {
      if options.expiry?.isAbsolute == true, isPast(expiry) {
        deleteKey(key, in: call.database)
        notify(.generic, "del", key, in: call.database)
        call.propagation = .rewritten([configuration.lazyfreeLazyExpire ? "UNLINK" : "DEL", key])
      } else {
        setExpiry(of: key, to: expiry, in: call.database)
        signalModified(key, in: call.database)
        notify(.generic, "expire", key, in: call.database)
        call.propagation = .rewritten(["PEXPIREAT", key, Bytes(expiry)])
      }
      dirty += 1
    } else if options.persist, databases[call.database].expiry(of: key) != nil {
      databases[call.database].setExpiry(of: key, to: nil)
      signalModified(key, in: call.database)
      notify(.generic, "persist", key, in: call.database)
      call.propagation = .rewritten(["PERSIST", key])
      dirty += 1
    }
  }

  /// MSET (`msetCommand` in t_string.c).
  mutating func mset(_ call: inout Call) { setMany(&call, onlyIfNoneExists: false) }
  /// MSETNX (`msetnxCommand` in t_string.c).
  mutating func msetnx(_ call: inout Call) { setMany(&call, onlyIfNoneExists: true) }

  /// Sets several keys at once (`msetGenericCommand` in t_string.c).
  private mutating func setMany(_ call: inout Call, onlyIfNoneExists: Bool) {
    let arguments = call.arguments
    guard !arguments.count.isMultiple(of: 2) else { return call.wrongArity() }
    if onlyIfNoneExists {
      for index in stride(from: 1, to: arguments.count, by: 2) where lookup(arguments[index], in: call.database) != nil
      {
        return call.reply.integer(0)
      }
    }
    for index in stride(from: 1, to: arguments.count, by: 2) {
      setKey(arguments[index], to: .string(StringValue(arguments[index + 1])), in: call.database)
      notify(.string, "set", arguments[index], in: call.database)
    }
    dirty += Int64((arguments.count - 1) / 2)
    if onlyIfNoneExists { call.reply.integer(1) } else { call.reply.ok() }
  }

  // MARK: Changing

  /// Whether a string may become this long; if not, the client is told (`checkStringLength` in t_string.c).
  private func mayHold(_ count: Int64, _ overflow: Bool, insteadOf old: Int, _ call: inout Call) -> Bool {
    if !overflow, count <= configuration.protoMaxBulkLen { return hasRoom(for: Int(count) - old, &call) }
    call.reply.error("ERR string exceeds maximum allowed size (proto-max-bulk-len)")
    return false
  }

  /// Whether there is memory for so many bytes that nobody has sent; if not, the client is told. A real server tries, and is
  /// killed where the machine has no more; here that would end the lab, with all nodes and all of their history.
  func hasRoom(for growth: Int, _ call: inout Call) -> Bool {
    guard growth > 1 << 20, !call.fromMaster, !isLoading, growth > Node.roomForData - dataMemory else { return true }
    call.reply.error("ERR a node of the lab takes no more than 2 GiB of values")
    return false
  }

  private static let roomForData = 2 << 30

  /// APPEND (`appendCommand` in t_string.c).
  mutating func append(_ call: inout Call) {
    let (key, tail) = (call.arguments[1], call.arguments[2])
    let (string, isWrong) = lookup(StringValue.self, &call).orNil
    if isWrong { return }
    var bytes = tail
    if let string {
      guard mayHold(Int64(string.bytes.count + tail.count), false, insteadOf: string.bytes.count, &call) else { return }
      bytes = string.bytes
      bytes.append(tail)
      setValue(of: key, to: .string(StringValue(bytes, encoding: .raw)), in: call.database)
    } else {
      setValue(of: key, to: .string(StringValue(tail)), in: call.database)
    }
    signalModified(key, in: call.database)
    notify(.string, "append", key, in: call.database)
    dirty += 1
    call.reply.integer(bytes.count)
  }

  /// SETRANGE (`setrangeCommand` in t_string.c).
  mutating func setrange(_ call: inout Call) {
    let (key, patch) = (call.arguments[1], call.arguments[3])
    guard let offset = call.integer(at: 2) else { return }
    guard offset >= 0 else { return call.reply.error("ERR offset is out of range") }
    let (string, isWrong) = lookup(StringValue.self, &call).orNil
    if isWrong { return }
    guard patch.count > 0 else { return call.reply.integer(string?.bytes.count ?? 0) }
    let (end, overflow) = offset.addingReportingOverflow(Int64(patch.count))
    guard mayHold(end, overflow, insteadOf: string?.bytes.count ?? 0, &call) else { return }
    var bytes = string?.bytes.array ?? []
    if bytes.count < Int(end) { bytes.append(contentsOf: repeatElement(0, count: Int(end) - bytes.count)) }
    bytes.replaceSubrange(Int(offset)..<Int(end), with: patch.array)
    setValue(of: key, to: .string(StringValue(Bytes(bytes), encoding: .raw)), in: call.database)
    signalModified(key, in: call.database)
    notify(.string, "setrange", key, in: call.database)
    dirty += 1
    call.reply.integer(bytes.count)
  }

  /// INCR (`incrCommand` in t_string.c).
  mutating func incr(_ call: inout Call) { increment(&call, by: 1) }
  /// DECR (`decrCommand` in t_string.c).
  mutating func decr(_ call: inout Call) { increment(&call, by: -1) }

  /// INCRBY (`incrbyCommand` in t_string.c).
  mutating func incrby(_ call: inout Call) {
    if let amount = call.integer(at: 2) { increment(&call, by: amount) }
  }

  /// DECRBY (`decrbyCommand` in t_string.c).
  mutating func decrby(_ call: inout Call) {
    guard let amount = call.integer(at: 2) else { return }
    // Its opposite does not exist.
    guard amount != .min else { return call.reply.error("ERR decrement would overflow") }
    increment(&call, by: -amount)
  }

  /// Adds to a number, if that fits (`incrDecrCommand` in t_string.c).
  private mutating func increment(_ call: inout Call, by amount: Int64) {
    let (string, isWrong) = lookup(StringValue.self, &call).orNil
    if isWrong { return }
    guard let old = string.map({ Integer.parse($0.bytes) }) ?? 0 else {
      return call.reply.error(Call.Complaint.notInteger)
    }
    let (new, overflow) = old.addingReportingOverflow(amount)
    if overflow { return call.reply.error("ERR increment or decrement would overflow") }
    setValue(of: call.arguments[1], to: .string(StringValue(Bytes(new), encoding: .int)), in: call.database)
    signalModified(call.arguments[1], in: call.database)
    notify(.string, "incrby", call.arguments[1], in: call.database)
    dirty += 1
    call.reply.integer(new)
  }

  /// INCRBYFLOAT (`incrbyfloatCommand` in t_string.c).
  mutating func incrbyfloat(_ call: inout Call) {
    let (string, isWrong) = lookup(StringValue.self, &call).orNil
    if isWrong { return }
    let key = call.arguments[1]
    guard let old = string.map({ LongDouble.parse($0.bytes) }) ?? 0, let amount = LongDouble.parse(call.arguments[2])
    else { return call.reply.error("ERR value is not a valid float") }
    let new = old + amount
    guard new.isFinite else { return call.reply.error("ERR increment would produce NaN or Infinity") }
    let text = Bytes(LongDouble.text(new))
    setValue(
      of: key, to: .string(StringValue(text, encoding: text.count <= 44 ? .embstr : .raw)), in: call.database)
    signalModified(key, in: call.database)
    notify(.string, "incrbyfloat", key, in: call.database)
    dirty += 1
    call.reply.bulk(text)
    // The sum, not the addition: another machine might round it otherwise.
    call.propagation = .rewritten(["SET", key, text, "KEEPTTL"])
  }
}
