// Commands on the time that keys have left (expire.c in Redis 7.0).

extension CommandTable {
  static let expiry: [String: Command.Body] = [
    "expire": { $0.expire(&$1) },
    "pexpire": { $0.pexpire(&$1) },
    "expireat": { $0.expireat(&$1) },
    "pexpireat": { $0.pexpireat(&$1) },
    "expiretime": { $0.expiretime(&$1) },
    "pexpiretime": { $0.pexpiretime(&$1) },
    "ttl": { $0.ttl(&$1) },
    "pttl": { $0.pttl(&$1) },
    "persist": { $0.persist(&$1) },
  ]
}

extension Node {
  /// EXPIRE (`expireCommand` in expire.c).
  mutating func expire(_ call: inout Call) { setExpiry(&call, inSeconds: true, isAbsolute: false) }
  /// PEXPIRE (`pexpireCommand` in expire.c).
  mutating func pexpire(_ call: inout Call) { setExpiry(&call, inSeconds: false, isAbsolute: false) }
  /// EXPIREAT (`expireatCommand` in expire.c).
  mutating func expireat(_ call: inout Call) { setExpiry(&call, inSeconds: true, isAbsolute: true) }
  /// PEXPIREAT (`pexpireatCommand` in expire.c).
  mutating func pexpireat(_ call: inout Call) { setExpiry(&call, inSeconds: false, isAbsolute: true) }

  /// What EXPIRE and those like it do (`expireGenericCommand` in expire.c).
  private mutating func setExpiry(_ call: inout Call, inSeconds: Bool, isAbsolute: Bool) {
    guard let conditions = expiryConditions(&call) else { return }
    guard var time = call.integer(at: 2) else { return }
    func invalid() { call.reply.error("ERR invalid expire time in '\(call.command.name)' command") }
    if inSeconds {
      guard time <= .max / 1000, time >= .min / 1000 else { return invalid() }
      time *= 1000
    }
    if !isAbsolute {
      let (sum, overflow) = time.addingReportingOverflow(milliseconds)
      guard !overflow else { return invalid() }
      time = sum
    }
    let key = call.arguments[1]
    guard lookup(key, in: call.database) != nil else { return call.reply.integer(0) }
    let current = databases[call.database].expiry(of: key)
    guard conditions.allow(time, instead: current) else { return call.reply.integer(0) }
    dirty += 1
    if isPast(time) {
      deleteKey(key, in: call.database)
      notify(.generic, "del", key, in: call.database)
      call.reply.integer(1)
      call.propagation = .rewritten([configuration.lazyfreeLazyExpire ? "UNLINK" : "DEL", key])
    } else {
      setExpiry(of: key, to: time, in: call.database)
      call.reply.integer(1)
      signalModified(key, in: call.database)
      notify(.generic, "expire", key, in: call.database)
      // An absolute time, so that it means the same whenever the replica reads it.
      if !(isAbsolute && !inSeconds) {
        call.propagation = .rewritten(["PEXPIREAT", key, Bytes(time)] + call.arguments.dropFirst(3))
      }
    }
  }

  private struct ExpiryConditions {
    var onlyWithout = false
    var onlyWith = false
    var onlyLater = false
    var onlyEarlier = false

    /// Without an expiry a key lives for ever: later than any time.
    func allow(_ time: Int64, instead current: Int64?) -> Bool {
      if onlyWithout, current != nil { return false }
      if onlyWith, current == nil { return false }
      if onlyLater, current.map({ time <= $0 }) ?? true { return false }
      if onlyEarlier, let current, time >= current { return false }
      return true
    }
  }

  /// NX, XX, GT and LT; nil if they make no sense, which the client is told (`parseExtendedExpireArgumentsOrReply` in
  /// expire.c).
  private func expiryConditions(_ call: inout Call) -> ExpiryConditions? {
    var conditions = ExpiryConditions()
    for option in call.arguments.dropFirst(3) {
      if option.matches("NX") {
        conditions.onlyWithout = true
      } else if option.matches("XX") {
        conditions.onlyWith = true
      } else if option.matches("GT") {
        conditions.onlyLater = true
      } else if option.matches("LT") {
        conditions.onlyEarlier = true
      } else {
        call.reply.error("ERR Unsupported option \(option.printed)")
        return nil
      }
    }
    if conditions.onlyWithout, conditions.onlyWith || conditions.onlyLater || conditions.onlyEarlier {
      call.reply.error("ERR NX and XX, GT or LT options at the same time are not compatible")
      return nil
    }
    if conditions.onlyLater, conditions.onlyEarlier {
      call.reply.error("ERR GT and LT options at the same time are not compatible")
      return nil
    }
    return conditions
  }

  /// TTL (`ttlCommand` in expire.c).
  mutating func ttl(_ call: inout Call) { replyWithExpiry(&call) { Node.seconds(max(0, $0 &- $1)) } }
  /// PTTL (`pttlCommand` in expire.c).
  mutating func pttl(_ call: inout Call) { replyWithExpiry(&call) { max(0, $0 &- $1) } }
  /// EXPIRETIME (`expiretimeCommand` in expire.c).
  mutating func expiretime(_ call: inout Call) { replyWithExpiry(&call) { expiry, _ in Node.seconds(max(0, expiry)) } }
  /// PEXPIRETIME (`pexpiretimeCommand` in expire.c).
  mutating func pexpiretime(_ call: inout Call) { replyWithExpiry(&call) { expiry, _ in expiry } }

  /// Rounded; half a second more than the last millisecond that there is counts as no negative number.
  private static func seconds(_ milliseconds: Int64) -> Int64 { Int64((UInt64(milliseconds) + 500) / 1000) }

  /// -2 without the key, -1 without an expiry, else what `show` makes of the expiry and the time now
  /// (`ttlGenericCommand` in expire.c).
  private mutating func replyWithExpiry(_ call: inout Call, show: (Int64, Int64) -> Int64) {
    guard read(call.arguments[1], in: call.database, usesKey: false) != nil else {
      return call.reply.integer(-2)
    }
    guard let expiry = databases[call.database].expiry(of: call.arguments[1]) else { return call.reply.integer(-1) }
    call.reply.integer(show(expiry, milliseconds))
  }

  /// PERSIST (`persistCommand` in expire.c; `removeExpire` in db.c).
  mutating func persist(_ call: inout Call) {
    let key = call.arguments[1]
    guard lookup(key, in: call.database) != nil, databases[call.database].expiry(of: key) != nil else {
      return call.reply.integer(0)
    }
    databases[call.database].setExpiry(of: key, to: nil)
    signalModified(key, in: call.database)
    notify(.generic, "persist", key, in: call.database)
    dirty += 1
    call.reply.integer(1)
  }
}
