// BITFIELD and BITFIELD_RO: whole numbers of up to 64 bits anywhere in a string (bitops.c in Redis 7.0).
//
//     SET u5 7 23    |.......1|0111....|    the highest bit comes first

/// One thing that BITFIELD does (`bitfieldOp` in bitops.c).
private struct FieldOperation {
  enum Kind {
    case get
    case set(Int64)
    case increment(by: Int64)
  }
  /// What happens to a number that does not fit.
  enum Overflow { case wrap, saturate, fail }

  var kind: Kind
  var offset: Int
  var type: FieldType
  var overflow: Overflow
}

private struct FieldType {
  var isSigned: Bool
  /// 1 to 64; 63 at most without a sign.
  var bits: Int

  /// `i16`, `u8` (`getBitfieldTypeFromArgument` in bitops.c). As in C, the text ends with a zero byte.
  init?(_ text: Bytes) {
    let text = text.array.prefix { $0 != 0 }
    guard let sign = text.first, sign == UInt8(ascii: "i") || sign == UInt8(ascii: "u"),
      let bits = Integer.parse(Bytes(text.dropFirst()))
    else { return nil }
    isSigned = sign == UInt8(ascii: "i")
    guard bits >= 1, bits <= (isSigned ? 64 : 63) else { return nil }
    self.bits = Int(bits)
  }

  private var maximum: Int64 { .max >> Int64(63 - (isSigned ? bits - 1 : bits)) }
  private var minimum: Int64 { isSigned ? -maximum - 1 : 0 }

  /// A sum as OVERFLOW has it; nil where it doesn't fit, and FAIL was said (`checkSignedBitfieldOverflow`,
  /// `checkUnsignedBitfieldOverflow` in bitops.c).
  func sum(_ value: Int64, _ increment: Int64, _ overflow: FieldOperation.Overflow) -> Int64? {
    let isTooGreat: Bool
    if isSigned {
      isTooGreat =
        value > maximum || bits != 64 && increment > maximum &- value
        || value >= 0 && increment > 0 && increment > maximum &- value
      let isTooSmall =
        value < minimum || bits != 64 && increment < minimum &- value
        || value < 0 && increment < 0 && increment < minimum &- value
      guard isTooGreat || isTooSmall else { return value &+ increment }
    } else {
      // A negative number that is set stands for one beyond 63 bits.
      isTooGreat = value < 0 || value > maximum || increment > 0 && increment > maximum &- value
      guard isTooGreat || increment < 0 && increment < 0 &- value else { return value &+ increment }
    }
    switch overflow {
    case .fail: return nil
    case .saturate: return isTooGreat ? maximum : minimum
    case .wrap: return cut(UInt64(bitPattern: value &+ increment))
    }
  }

  /// What is left of a pattern in so many bits.
  private func cut(_ pattern: UInt64) -> Int64 {
    let shift = UInt64(64 - bits)
    return isSigned
      ? Int64(bitPattern: pattern << shift) >> Int64(shift) : Int64(bitPattern: (pattern << shift) >> shift)
  }

  /// The number there; behind the end there are zeros (`getSignedBitfield`, `getUnsignedBitfield` in bitops.c).
  func read(_ bytes: [UInt8], at offset: Int) -> Int64 {
    var pattern: UInt64 = 0
    for position in offset..<offset + bits {
      pattern = pattern << 1 | (position >> 3 < bytes.count && bytes.hasBit(position) ? 1 : 0)
    }
    return cut(pattern)
  }

  /// (`setSignedBitfield`, `setUnsignedBitfield` in bitops.c.)
  func write(_ value: Int64, into bytes: inout [UInt8], at offset: Int) {
    for index in 0..<bits { bytes.set(value >> Int64(bits - 1 - index) & 1 == 1, bit: offset + index) }
  }
}

extension Node {
  /// BITFIELD, BITFIELD_RO (`bitfieldGeneric` in bitops.c).
  mutating func bitfield(_ call: inout Call, onlyReads: Bool) {
    guard let operations = fieldOperations(&call) else { return }
    let lastWritten = operations.compactMap { $0.isGet ? nil : $0.offset + $0.type.bits - 1 }.max()
    guard let lastWritten else {
      var bytes: [UInt8] = []
      switch read(StringValue.self, &call) {
      case .wrongType: return
      case .nothing: break
      case .held(let string): bytes = string.bytes.array
      }
      call.reply.array(operations.count)
      for operation in operations { call.reply.integer(operation.type.read(bytes, at: operation.offset)) }
      return
    }
    if onlyReads { return call.reply.error("ERR BITFIELD_RO only supports the GET subcommand") }
    guard let isLonger = growString(&call, toHoldBit: lastWritten) else { return }
    let key = call.arguments[1]
    var changes: Int64 = 0
    let results = change(StringValue.self, key, in: call.database) { string in
      string.bytes.change { bytes in
        operations.map { operation -> Int64? in
          let (result, isChanged) = operation.perform(on: &bytes)
          if result != nil, !operation.isGet, isLonger || isChanged { changes += 1 }
          return result
        }
      }
    }
    call.reply.array(operations.count)
    for result in results ?? [] { if let result { call.reply.integer(result) } else { call.reply.null() } }
    if changes > 0 {
      signalModified(key, in: call.database)
      notify(.string, "setbit", key, in: call.database)
      dirty += changes
    }
  }

  /// What the command is to do, in order; what makes no sense is told the client.
  private func fieldOperations(_ call: inout Call) -> [FieldOperation]? {
    var (operations, overflow, position): ([FieldOperation], FieldOperation.Overflow, Int) = ([], .wrap, 2)
    while position < call.arguments.count {
      let (word, left) = (call.arguments[position], call.arguments.count - position - 1)
      if word.matches("OVERFLOW"), left >= 1 {
        guard let given = FieldOperation.Overflow(call.arguments[position + 1]) else {
          call.reply.error("ERR Invalid OVERFLOW type specified")
          return nil
        }
        overflow = given
        position += 2
        continue
      }
      let isGet = word.matches("GET") && left >= 2
      guard isGet || left >= 3 && (word.matches("SET") || word.matches("INCRBY")) else {
        call.syntaxError()
        return nil
      }
      guard let type = FieldType(call.arguments[position + 1]) else {
        call.reply.error(
          "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.")
        return nil
      }
      guard let offset = bitOffset(&call, at: position + 2, fieldSize: type.bits) else { return nil }
      var kind = FieldOperation.Kind.get
      if !isGet {
        guard let number = call.integer(at: position + 3) else { return nil }
        kind = word.matches("SET") ? .set(number) : .increment(by: number)
      }
      operations.append(FieldOperation(kind: kind, offset: offset, type: type, overflow: overflow))
      position += isGet ? 3 : 4
    }
    return operations
  }
}

extension FieldOperation {
  var isGet: Bool { if case .get = kind { true } else { false } }

  /// What the client is told, nil where a number must fit and doesn't; and whether a bit changed.
  func perform(on bytes: inout [UInt8]) -> (result: Int64?, isChanged: Bool) {
    let old = type.read(bytes, at: offset)
    let new: Int64?
    switch kind {
    case .get: return (old, false)
    case .set(let value): new = type.sum(value, 0, overflow)
    case .increment(let amount): new = type.sum(old, amount, overflow)
    }
    guard let new else { return (nil, false) }
    type.write(new, into: &bytes, at: offset)
    if case .set = kind { return (old, new != old) }
    return (new, new != old)
  }
}

extension FieldOperation.Overflow {
  init?(_ word: Bytes) {
    if word.matches("WRAP") {
      self = .wrap
    } else if word.matches("SAT") {
      self = .saturate
    } else if word.matches("FAIL") {
      self = .fail
    } else {
      return nil
    }
  }
}
