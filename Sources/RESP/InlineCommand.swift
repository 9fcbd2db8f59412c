/// A command typed as a line instead of sent as an array: `SET greeting "hello world"`.
package enum InlineCommand {
  /// The arguments of `line`, split at blanks; quotes keep blanks together, and double quotes know
  /// `\n \r \t \b \a \xHH` (`sdssplitargs` in sds.c). Nil if a quote stays open or is followed by anything but a blank.
  /// A zero byte ends the line, as it ends a C string.
  package static func split(_ line: Span<UInt8>) -> [[UInt8]]? {
    var arguments: [[UInt8]] = []
    var position = 0
    while true {
      while isBlank(byte(line, position)) { position += 1 }
      guard byte(line, position) != 0 else { return arguments }
      guard let argument = next(line, &position) else { return nil }
      arguments.append(argument)
    }
  }

  package static func split(_ line: [UInt8]) -> [[UInt8]]? { split(line.span) }

  /// A word as one types it, so that `split` reads it back: as it is where possible, else in double quotes.
  package static func word(_ bytes: some Collection<UInt8>) -> String {
    isPlain(bytes) ? String(decoding: bytes, as: UTF8.self) : quoted(bytes)
  }

  /// Whether `split` reads a word back without quotes.
  package static func isPlain(_ word: some Collection<UInt8>) -> Bool {
    !word.isEmpty && word.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x27 && $0 != 0x5c }
  }

  /// Bytes in double quotes, as redis-cli prints a bulk string (`sdscatrepr` in sds.c).
  package static func quoted(_ bytes: some Sequence<UInt8>) -> String { "\"" + escaped(bytes) + "\"" }
  package static func quoted(_ text: String) -> String { quoted(text.bytes) }

  /// Bytes as they stand in double quotes.
  package static func escaped(_ bytes: some Sequence<UInt8>) -> String {
    // Where they lie side by side, nobody is asked for one after the other.
    bytes.withContiguousStorageIfAvailable { unsafe escaped($0) } ?? escaped(Array(bytes).span)
  }

  private static func escaped(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    unsafe escaped(Span(_unsafeElements: bytes))
  }

  private static func escaped(_ bytes: Span<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count)
    for index in bytes.indices { append(bytes[index], to: &text) }
    return String(decoding: text, as: UTF8.self)
  }

  /// What is not printable ASCII is escaped.
  private static func append(_ byte: UInt8, to text: inout [UInt8]) {
    func escape(_ letter: Unicode.Scalar) {
      text.append(UInt8(ascii: "\\"))
      text.append(UInt8(ascii: letter))
    }
    func hex(_ digit: UInt8) -> UInt8 { digit < 10 ? 0x30 + digit : 0x57 + digit }
    switch byte {
    case 0x22: escape("\"")
    case 0x5c: escape("\\")
    case 0x0a: escape("n")
    case 0x0d: escape("r")
    case 0x09: escape("t")
    case 0x07: escape("a")
    case 0x08: escape("b")
    case 0x20...0x7e: text.append(byte)
    default:
      escape("x")
      text.append(hex(byte >> 4))
      text.append(hex(byte & 15))
    }
  }

  /// One argument; quoted and bare parts may follow each other in it only as `bare"quoted"`.
  private static func next(_ line: Span<UInt8>, _ position: inout Int) -> [UInt8]? {
    var argument: [UInt8] = []
    while true {
      let current = byte(line, position)
      switch current {
      case 0x20, 0x0A, 0x0D, 0x09, 0: return argument
      case UInt8(ascii: "\""):
        position += 1
        return doubleQuoted(line, &position, &argument) ? argument : nil
      case UInt8(ascii: "'"):
        position += 1
        return singleQuoted(line, &position, &argument) ? argument : nil
      default:
        argument.append(current)
        position += 1
      }
    }
  }

  private static func doubleQuoted(_ line: Span<UInt8>, _ position: inout Int, _ argument: inout [UInt8]) -> Bool {
    while true {
      let current = byte(line, position)
      if current == 0 { return false }
      if current == UInt8(ascii: "\"") { return closes(line, &position) }
      let escaped = byte(line, position + 1)
      if current == UInt8(ascii: "\\"), escaped == UInt8(ascii: "x"), let high = hexDigit(byte(line, position + 2)),
        let low = hexDigit(byte(line, position + 3))
      {
        argument.append(high << 4 | low)
        position += 4
      } else if current == UInt8(ascii: "\\"), escaped != 0 {
        argument.append(unescaped(escaped))
        position += 2
      } else {
        argument.append(current)
        position += 1
      }
    }
  }

  private static func singleQuoted(_ line: Span<UInt8>, _ position: inout Int, _ argument: inout [UInt8]) -> Bool {
    while true {
      let current = byte(line, position)
      if current == 0 { return false }
      if current == UInt8(ascii: "'") { return closes(line, &position) }
      if current == UInt8(ascii: "\\"), byte(line, position + 1) == UInt8(ascii: "'") { position += 1 }
      argument.append(byte(line, position))
      position += 1
    }
  }

  /// A closing quote must be followed by a blank or by nothing.
  private static func closes(_ line: Span<UInt8>, _ position: inout Int) -> Bool {
    position += 1
    let following = byte(line, position)
    return following == 0 || isBlank(following)
  }

  private static func byte(_ line: Span<UInt8>, _ position: Int) -> UInt8 {
    position < line.count ? line[position] : 0
  }

  /// isspace(3) in the C locale.
  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  private static func unescaped(_ byte: UInt8) -> UInt8 {
    switch byte {
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "a"): 0x07
    default: byte
    }
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
