// The commands on the bits of a string (bitops.c in Redis 7.0). Bit 0 is the highest of the first byte. What BITFIELD
// does stands in `Bitmaps+Fields.swift`.

extension CommandTable {
  static let bitmaps: [String: Command.Body] = [
    "setbit": { $0.setbit(&$1) },
    "getbit": { $0.getbit(&$1) },
    "bitcount": { $0.bitcount(&$1) },
    "bitpos": { $0.bitpos(&$1) },
    "bitop": { $0.bitop(&$1) },
    "bitfield": { $0.bitfield(&$1, onlyReads: false) },
    "bitfield_ro": { $0.bitfield(&$1, onlyReads: true) },
  ]
}

extension Node {
  /// SETBIT (`setbitCommand` in bitops.c).
  mutating func setbit(_ call: inout Call) {
    let complaint = "ERR bit is not an integer or out of range"
    guard let offset = bitOffset(&call, at: 2), let bit = call.integer(at: 3, in: 0...1, complaint: complaint) else {
      return
    }
    let key = call.arguments[1]
    guard let isLonger = growString(&call, toHoldBit: offset) else { return }
    let old = change(StringValue.self, key, in: call.database) { string in
      string.bytes.change { bytes in
        let old = bytes.hasBit(offset)
        bytes.set(bit == 1, bit: offset)
        return old
      }
    }
    if isLonger || old != (bit == 1) {
      signalModified(key, in: call.database)
      notify(.string, "setbit", key, in: call.database)
      dirty += 1
    }
    call.reply.integer(old == true ? 1 : 0)
  }

  /// GETBIT (`getbitCommand` in bitops.c).
  mutating func getbit(_ call: inout Call) {
    guard let offset = bitOffset(&call, at: 2) else { return }
    switch read(StringValue.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.integer(0)
    case .held(let string):
      let bytes = string.bytes.array
      call.reply.integer(offset >> 3 < bytes.count && bytes.hasBit(offset) ? 1 : 0)
    }
  }

  /// The number of a bit, or what the client is told if there can be none. Behind a `#` it counts fields of so many bits
  /// (`getBitOffsetFromArgument` in bitops.c).
  func bitOffset(_ call: inout Call, at position: Int, fieldSize: Int = 0) -> Int? {
    let text = call.arguments[position]
    let isCounted = fieldSize > 0 && text.array.first == UInt8(ascii: "#")
    let number = Integer.parse(isCounted ? text[1..<text.count] : text)
    // C's product wraps around.
    let offset = number.map { isCounted ? $0 &* Int64(fieldSize) : $0 }
    guard let offset, offset >= 0, offset >> 3 < min(configuration.protoMaxBulkLen, 1 << 32) else {
      call.reply.error("ERR bit offset is not an integer or out of range")
      return nil
    }
    return Int(offset)
  }

  /// Makes the string long enough for a bit; whether it was not, or nil if the key holds something else
  /// (`lookupStringForBitCommand` in bitops.c).
  mutating func growString(_ call: inout Call, toHoldBit offset: Int) -> Bool? {
    let (key, size) = (call.arguments[1], offset >> 3 + 1)
    switch lookup(StringValue.self, &call) {
    case .wrongType: return nil
    case .nothing:
      guard hasRoom(for: size, &call) else { return nil }
      addKey(key, StringValue(Bytes([UInt8](repeating: 0, count: size)), encoding: .raw), in: call.database)
      return true
    case .held(let string):
      guard hasRoom(for: size - string.bytes.count, &call) else { return nil }
      // Another value, where it may be others' too (`dbUnshareStringValue` in db.c).
      if string.encoding != .raw {
        setValue(of: key, to: .string(StringValue(string.bytes, encoding: .raw)), in: call.database)
      }
    }
    return change(StringValue.self, key, in: call.database) { string in
      let missing = size - string.bytes.count
      if missing > 0 { string.bytes.append(Bytes([UInt8](repeating: 0, count: missing))) }
      return missing > 0
    }
  }

  // MARK: Counting and looking

  /// BITCOUNT (`bitcountCommand` in bitops.c).
  mutating func bitcount(_ call: inout Call) {
    switch read(StringValue.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.integer(0)
    case .held(let string):
      let bytes = string.bytes.array
      let arguments = call.arguments
      guard arguments.count != 2 else { return call.reply.integer(bytes.countBits(0..<8 * bytes.count)) }
      guard arguments.count == 4 || arguments.count == 5 else { return call.syntaxError() }
      guard let start = call.integer(at: 2), let end = call.integer(at: 3) else { return }
      if start < 0, end < 0, start > end { return call.reply.integer(0) }
      guard let isBits = call.bitUnit(at: 4) else { return }
      call.reply.integer(bytes.countBits(Node.bitRange(start, end, isBits: isBits, of: bytes.count)))
    }
  }

  /// BITPOS (`bitposCommand` in bitops.c).
  mutating func bitpos(_ call: inout Call) {
    guard let given = call.integer(at: 2) else { return }
    guard given == 0 || given == 1 else { return call.reply.error("ERR The bit argument must be 1 or 0.") }
    let bit = given == 1
    switch read(StringValue.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.integer(bit ? -1 : 0)
    case .held(let string):
      let bytes = string.bytes.array
      guard call.arguments.count <= 6 else { return call.syntaxError() }
      var (start, end, isBits): (Int64, Int64, Bool) = (0, Int64(bytes.count) - 1, false)
      if call.arguments.count > 3 {
        guard let given = call.integer(at: 3), let unit = call.bitUnit(at: 5) else { return }
        (start, isBits) = (given, unit)
      }
      let hasEnd = call.arguments.count > 4
      if hasEnd {
        guard let given = call.integer(at: 4) else { return }
        end = given
      }
      let range = Node.bitRange(start, end, isBits: isBits, of: bytes.count)
      if let found = bytes.firstBit(bit, in: range) { return call.reply.integer(found) }
      // Without an end that was asked for, the string is as if zeros followed it.
      call.reply.integer(bit || hasEnd || range.isEmpty ? -1 : range.upperBound)
    }
  }

  /// The bits from one place through another, each of which may count from the end; places are bytes or bits.
  private static func bitRange(_ start: Int64, _ end: Int64, isBits: Bool, of count: Int) -> Range<Int> {
    let unit = isBits ? 1 : 8
    let total = Int64(isBits ? 8 * count : count)
    let first = start < 0 ? max(0, total + max(start, -total)) : start
    let last = min(total - 1, end < 0 ? max(0, total + max(end, -total)) : end)
    return first > last ? 0..<0 : unit * Int(first)..<unit * (Int(last) + 1)
  }

  // MARK: Combining

  /// BITOP (`bitopCommand` in bitops.c).
  mutating func bitop(_ call: inout Call) {
    guard let operation = BitOperation(call.arguments[1]) else { return call.syntaxError() }
    guard operation != .not || call.arguments.count == 4 else {
      return call.reply.error("ERR BITOP NOT must be called with a single source key.")
    }
    var sources: [[UInt8]] = []
    for position in 3..<call.arguments.count {
      switch read(StringValue.self, at: position, &call) {
      case .wrongType: return
      case .nothing: sources.append([])
      case .held(let string): sources.append(string.bytes.array)
      }
    }
    guard hasRoom(for: sources.map(\.count).max() ?? 0, &call) else { return }
    let (target, result) = (call.arguments[2], operation.result(of: sources))
    if !result.isEmpty {
      setKey(target, to: .string(StringValue(Bytes(result), encoding: .raw)), in: call.database)
      notify(.string, "set", target, in: call.database)
      dirty += 1
    } else if deleteKey(target, in: call.database) {
      notify(.generic, "del", target, in: call.database)
      dirty += 1
    }
    call.reply.integer(result.count)
  }
}

private enum BitOperation {
  case and, or, xor, not

  init?(_ word: Bytes) {
    if word.matches("AND") {
      self = .and
    } else if word.matches("OR") {
      self = .or
    } else if word.matches("XOR") {
      self = .xor
    } else if word.matches("NOT") {
      self = .not
    } else {
      return nil
    }
  }

  /// As long as the longest source; the others are as if zeros followed them.
  func result(of sources: [[UInt8]]) -> [UInt8] {
    let count = sources.reduce(0) { max($0, $1.count) }
    func padded(_ source: [UInt8]) -> [UInt8] { source + [UInt8](repeating: 0, count: count - source.count) }
    guard let first = sources.first.map(padded) else { return [] }
    if self == .not { return first.map { ~$0 } }
    return sources.dropFirst().reduce(into: first) { result, source in
      for (index, byte) in padded(source).enumerated() {
        switch self {
        case .and: result[index] &= byte
        case .or: result[index] |= byte
        case .xor, .not: result[index] ^= byte
        }
      }
    }
  }
}

extension Call {
  /// BIT or BYTE at that position, where there may be nothing; anything else is told the client.
  fileprivate mutating func bitUnit(at position: Int) -> Bool? {
    guard position < arguments.count else { return false }
    if arguments[position].matches("BIT") { return true }
    if arguments[position].matches("BYTE") { return false }
    syntaxError()
    return nil
  }
}

extension [UInt8] {
  func hasBit(_ offset: Int) -> Bool { self[offset >> 3] & 0x80 >> UInt8(offset & 7) != 0 }

  mutating func set(_ isOn: Bool, bit offset: Int) {
    let mask: UInt8 = 0x80 >> UInt8(offset & 7)
    if isOn { self[offset >> 3] |= mask } else { self[offset >> 3] &= ~mask }
  }

  /// The bits of a byte that are within a range of bits; the others are 0.
  private func byte(_ index: Int, within range: Range<Int>) -> UInt8 {
    var byte = self[index]
    if range.lowerBound > 8 * index { byte &= 0xff >> UInt8(range.lowerBound - 8 * index) }
    if range.upperBound < 8 * (index + 1) { byte &= ~(0xff >> UInt8(range.upperBound - 8 * index)) }
    return byte
  }

  private func bytes(of range: Range<Int>) -> Range<Int> {
    range.isEmpty ? 0..<0 : range.lowerBound >> 3..<(range.upperBound - 1) >> 3 + 1
  }

  /// How many bits are set (`redisPopcount`).
  fileprivate func countBits(_ range: Range<Int>) -> Int {
    bytes(of: range).reduce(0) { $0 + byte($1, within: range).nonzeroBitCount }
  }

  /// The first bit that is set, or that is not (`redisBitpos`).
  fileprivate func firstBit(_ bit: Bool, in range: Range<Int>) -> Int? {
    for index in bytes(of: range) {
      let here = 8 * index..<8 * (index + 1)
      guard self[index] != (bit ? 0 : 0xff), let found = here.clamped(to: range).first(where: { hasBit($0) == bit })
      else { continue }
      return found
    }
    return nil
  }
}
