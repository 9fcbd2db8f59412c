extension TcpdumpLine {
  /// What the line tells of a TCP segment.
  struct Segment: Hashable, Sendable {
    var source: Substring
    var destination: Substring
    var flags: TCPFlags = []
    var sequence: UInt32?
    var acknowledgement: UInt32?
    var window: UInt16 = 0
    var urgentPointer: UInt16 = 0
    var options: [UInt8] = []
    /// The bytes of payload on the wire.
    var length = 0
    /// -q: neither flags nor numbers nor options are told.
    var isQuick = false
  }

  /// Reads both ends and what follows; nil if that is no TCP segment.
  func segment(line: Int) throws(TextError) -> Segment? {
    func bad(_ name: String) -> TextError { TextError(line: line, reason: .badField(name)) }
    let words = rest.split(separator: " ", maxSplits: 3)
    if words.count == 4, words[3].hasPrefix("tcp "), let length = UInt16(words[3].dropFirst(4)) {
      return Segment(
        source: words[0], destination: words[2].dropLast(),
        flags: length > 0 ? [.acknowledgement, .push] : .acknowledgement,
        length: Int(length), isQuick: true)
    }
    guard words.count == 4, words[3].hasPrefix("Flags [") else { return nil }
    var segment = Segment(source: words[0], destination: words[2].dropLast())
    var text = words[3].dropFirst(7)
    guard let close = text.firstIndex(of: "]") else { throw bad("flags") }
    guard let flags = Self.flags(text[..<close]) else { throw bad("flags") }
    segment.flags = flags
    text = text[text.index(after: close)...]
    while text.hasPrefix(", ") {
      text = text.dropFirst(2)
      if text.hasPrefix("options [") {
        text = text.dropFirst(9)
        guard let close = text.firstIndex(of: "]"), let options = Self.options(text[..<close]) else {
          throw bad("options")
        }
        segment.options = options
        text = text[text.index(after: close)...]
        continue
      }
      let field = text.prefix { $0 != "," }
      text = text[field.endIndex...]
      let parts = field.split { $0 == " " || $0 == ":" }
      guard parts.count >= 2 else { continue }
      let value = UInt32(parts[1])
      switch parts[0] {
      case "seq":
        guard let value else { throw bad("sequence number") }
        segment.sequence = value
      case "ack":
        guard let value else { throw bad("acknowledgement number") }
        segment.acknowledgement = value
      case "win":
        guard let value, let window = UInt16(exactly: value) else { throw bad("window") }
        segment.window = window
      case "urg": segment.urgentPointer = UInt16(truncatingIfNeeded: value ?? 0)
      case "length":
        guard let value, value <= 0xffff else { throw bad("length") }
        segment.length = Int(value)
        return segment
      default: break
      }
    }
    throw bad("length")
  }

  private static func flags(_ text: Substring) -> TCPFlags? {
    if text == "none" { return [] }
    var bits: UInt8 = 0
    for letter in text.utf8 {
      guard let bit = Array("FSRP.UEW".utf8).firstIndex(of: letter) else { return nil }
      bits |= 1 << UInt8(bit)
    }
    return TCPFlags(rawValue: bits)
  }

  /// The bytes of `nop,nop,TS val 1 ecr 2`, up to a multiple of four.
  private static func options(_ text: Substring) -> [UInt8]? {
    var bytes: [UInt8] = []
    for option in text.split(separator: ",") {
      let words = option.split { $0 == " " || $0 == "{" || $0 == "}" || $0 == ":" }
      guard let name = words.first else { continue }
      let numbers = words.dropFirst().compactMap { UInt32($0) }
      switch (name, numbers.count) {
      case ("nop", _): bytes.append(1)
      case ("eol", _): bytes.append(0)
      case ("sackOK", _): bytes += [4, 2]
      case ("mss", 1): bytes += [2, 4] + UInt16(truncatingIfNeeded: numbers[0]).bigEndianBytes
      case ("wscale", 1): bytes += [3, 3, UInt8(truncatingIfNeeded: numbers[0])]
      case ("TS", 2): bytes += [8, 10] + numbers[0].bigEndianBytes + numbers[1].bigEndianBytes
      case ("sack", 3...):
        bytes +=
          [5, UInt8(truncatingIfNeeded: 2 + (numbers.count - 1) * 4)]
          + numbers.dropFirst().flatMap(\.bigEndianBytes)
      default:
        guard name.hasPrefix("unknown-"), let kind = UInt8(name.dropFirst(8)) else { return nil }
        guard let data = words.count > 1 ? hex(words[1].dropFirst(2)) : [] else { return nil }
        bytes += [kind, UInt8(truncatingIfNeeded: 2 + data.count)] + data
      }
    }
    guard bytes.count <= 40 else { return nil }
    return bytes + Array(repeating: 0, count: (4 - bytes.count % 4) % 4)
  }

  private static func hex(_ text: Substring) -> [UInt8]? {
    guard text.utf8.count % 2 == 0 else { return nil }
    let digits = Array(text.utf8)
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let byte = UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }
}
