import Glibc

/// The protocol a connection speaks: 2 until `HELLO 3`.
package enum ProtocolVersion: Int, Equatable, Sendable {
  case resp2 = 2
  case resp3 = 3
}

/// A command as clients and masters send it: an array of bulk strings.
extension [UInt8] {
  package init(command arguments: [[UInt8]]) {
    self = []
    append(command: arguments)
  }

  package init(command arguments: String...) { self.init(command: arguments) }
  package init(command arguments: [String]) { self.init(command: arguments.map(\.bytes)) }

  package mutating func append(command arguments: [[UInt8]]) {
    append(arrayCount: arguments.count)
    for argument in arguments { append(bulk: argument) }
  }
}

/// What each reply looks like on the wire, as networking.c's addReply functions write it. Where RESP2 lacks a type, it
/// gets what Redis sends such a client instead.
extension [UInt8] {
  /// `+text`; the text must hold no line break.
  package mutating func append(simple text: [UInt8]) { append(UInt8(ascii: "+"), line: text) }
  package mutating func append(simple text: String) { text.withBytes { append(UInt8(ascii: "+"), line: $0) } }

  /// `-text`. Line breaks become spaces, as a line is all that an error has.
  package mutating func append(error text: [UInt8]) {
    append(UInt8(ascii: "-"), line: text.map { $0 == 0x0D || $0 == 0x0A ? 0x20 : $0 })
  }

  package mutating func append(integer value: Int64) { append(UInt8(ascii: ":"), length: Int(value)) }

  package mutating func append(bulk bytes: [UInt8]) { append(bulk: bytes.span) }
  package mutating func append(bulk bytes: ArraySlice<UInt8>) { append(bulk: bytes.span) }

  package mutating func append(bulk bytes: Span<UInt8>) {
    guard bytes.count < 100 else {
      append(UInt8(ascii: "$"), length: bytes.count)
      append(contentsOf: bytes)
      return appendCRLF()
    }
    // Most are short: all of it is written in one go.
    let digits = bytes.count < 10 ? 1 : 2
    var start = count
    append(contentsOf: repeatElement(0, count: digits + bytes.count + 5))
    var output = mutableSpan
    output[start] = UInt8(ascii: "$")
    if digits == 2 { output[start + 1] = UInt8(ascii: "0") + UInt8(bytes.count / 10) }
    output[start + digits] = UInt8(ascii: "0") + UInt8(bytes.count % 10)
    output[start + digits + 1] = 0x0D
    output[start + digits + 2] = 0x0A
    start += digits + 3
    for index in bytes.indices { output[start + index] = bytes[index] }
    output[start + bytes.count] = 0x0D
    output[start + bytes.count + 1] = 0x0A
  }

  /// A number as a bulk string.
  package mutating func append(bulkDecimal number: Int64) {
    var digits = 1
    var rest = number.magnitude
    while rest > 9 {
      digits += 1
      rest /= 10
    }
    append(UInt8(ascii: "$"), length: digits + (number < 0 ? 1 : 0))
    append(decimal: Int(number))
    appendCRLF()
  }

  package mutating func append(bulk text: String) { text.withBytes { append(bulk: $0) } }

  /// A bulk string, integer or other scalar that isn't there.
  package mutating func appendNull(_ version: ProtocolVersion) {
    append(contentsOf: version == .resp2 ? "$-1\r\n".utf8 : "_\r\n".utf8)
  }

  /// An array that isn't there, such as the reply of a timed-out BLPOP or of an aborted EXEC.
  package mutating func appendNullArray(_ version: ProtocolVersion) {
    append(contentsOf: version == .resp2 ? "*-1\r\n".utf8 : "_\r\n".utf8)
  }

  /// The head of an array; its elements follow.
  package mutating func append(arrayCount count: Int) { append(UInt8(ascii: "*"), length: count) }

  /// The head of a map of `count` pairs; in RESP2 an array of twice as many.
  package mutating func append(mapCount count: Int, _ version: ProtocolVersion) {
    if version == .resp2 { append(arrayCount: count * 2) } else { append(UInt8(ascii: "%"), length: count) }
  }

  package mutating func append(setCount count: Int, _ version: ProtocolVersion) {
    append(version == .resp2 ? UInt8(ascii: "*") : UInt8(ascii: "~"), length: count)
  }

  /// The head of a push message; RESP2 has such messages as arrays.
  package mutating func append(pushCount count: Int, _ version: ProtocolVersion) {
    append(version == .resp2 ? UInt8(ascii: "*") : UInt8(ascii: ">"), length: count)
  }

  package mutating func append(boolean value: Bool, _ version: ProtocolVersion) {
    switch version {
    case .resp2: append(contentsOf: value ? ":1\r\n".utf8 : ":0\r\n".utf8)
    case .resp3: append(contentsOf: value ? "#t\r\n".utf8 : "#f\r\n".utf8)
    }
  }

  /// A double with 17 significant digits, as Redis 7.0 writes them (7.2 and later: the shortest text); in RESP2 a bulk
  /// string.
  package mutating func append(double value: Double, _ version: ProtocolVersion) {
    // A whole number of up to 15 digits is written as such; a zero may have a sign.
    if value.magnitude < 1e15, value == value.rounded(), value != 0 {
      guard version == .resp3 else { return append(bulkDecimal: Int64(value)) }
      return append(UInt8(ascii: ","), length: Int(value))
    }
    let text = Number.text(value)
    if version == .resp2 { append(bulk: text) } else { append(UInt8(ascii: ","), line: text.utf8) }
  }

  /// A number of any size; in RESP2 a bulk string. It is a line, so that its ends of lines become blanks.
  package mutating func append(bigNumber digits: [UInt8], _ version: ProtocolVersion) {
    let digits = digits.map { $0 == 0x0D || $0 == 0x0A ? 0x20 : $0 }
    if version == .resp2 { append(bulk: digits) } else { append(UInt8(ascii: "("), line: digits) }
  }

  /// Text with a format of three letters (`txt`, `mkd`); in RESP2 a plain bulk string.
  package mutating func append(verbatim text: [UInt8], format: [UInt8], _ version: ProtocolVersion) {
    guard version == .resp3 else { return append(bulk: text) }
    append(UInt8(ascii: "="), length: text.count + 4)
    append(contentsOf: (format + [0x20, 0x20, 0x20]).prefix(3))
    append(UInt8(ascii: ":"))
    append(contentsOf: text)
    appendCRLF()
  }

  /// A type's sign with a number behind it (`addReplyLongLongWithPrefix` in networking.c).
  private mutating func append(_ type: UInt8, length: Int) {
    // From its end on, to be written in one go: the number has 20 characters at most.
    var line = InlineArray<24, UInt8>(repeating: 0x0A)
    line[22] = 0x0D
    var (rest, first) = (length.magnitude, 22)
    repeat {
      first -= 1
      line[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
    if length < 0 {
      first -= 1
      line[first] = UInt8(ascii: "-")
    }
    first -= 1
    line[first] = type
    append(contentsOf: line.span.extracting(first..<24))
  }

  private mutating func append(_ type: UInt8, line: Span<UInt8>) {
    append(type)
    append(contentsOf: line)
    appendCRLF()
  }

  private mutating func append(_ type: UInt8, line: some Collection<UInt8>) {
    append(type)
    append(contentsOf: line)
    appendCRLF()
  }

  private mutating func appendCRLF() {
    append(0x0D)
    append(0x0A)
  }
}

extension Number {
  /// `%.17g`, and `inf`, `-inf`, `nan` in Redis's spelling.
  package static func text(_ value: Double) -> String {
    if value.isInfinite { return value > 0 ? "inf" : "-inf" }
    if value.isNaN { return value.sign == .minus ? "-nan" : "nan" }
    // The longest is "-1.2345678901234567e-308": 24 characters.
    var buffer = [CChar](repeating: 0, count: 32)
    let length = unsafe withVaList([value]) { arguments in
      unsafe vsnprintf(&buffer, 32, "%.17g", arguments)
    }
    return String(decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
