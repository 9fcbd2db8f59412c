// tcpdump's own view of Redis's protocol, with its peculiarities: it knows nothing of the payload of a full sync, so it
// stumbles over `$EOF:` (a length that is no number is "invalid", and the next character starts a new item), takes what
// follows for inline commands, and ends with `[|resp]` where no line ends.

extension TcpdumpText {
  static func appendRESP(_ payload: [UInt8], isCut: Bool, to out: inout TextBuffer) {
    out.append(": RESP")
    var printer = RESPPrinter(bytes: payload[...])
    let isWhole = printer.run()
    out.append(String(decoding: printer.out.bytes, as: UTF8.self))
    if !isWhole || isCut { out.append(" [|resp]") }
  }
}

private struct RESPPrinter {
  /// What is not yet read.
  var bytes: ArraySlice<UInt8>
  var out = TextBuffer()
  /// How many elements each array lacks that we are in, the innermost last. (Not the call stack: a hostile packet could
  /// nest 16,000 arrays.)
  var open: [Int] = []

  init(bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  /// Prints item after item. Returns false where tcpdump gives up.
  mutating func run() -> Bool {
    while true {
      if open.isEmpty, bytes.isEmpty { return true }
      guard printItem() else { return false }
      while let last = open.last {
        if last > 0 {
          open[open.count - 1] -= 1
          break
        }
        open.removeLast()
      }
    }
  }

  private mutating func printItem() -> Bool {
    guard let first = bytes.first else { return false }
    switch first {
    case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ":"): return printLine()
    case UInt8(ascii: "$"): return printBulk()
    case UInt8(ascii: "*"): return printArray()
    default: return printInline()
    }
  }

  /// `+OK`, `-ERR …`, `:12`: all that stands between the first character and the end of the line.
  private mutating func printLine() -> Bool {
    bytes.removeFirst()
    guard let end = indexOfCRLF() else { return false }
    printQuoted(bytes[..<end])
    bytes = bytes[(end + 2)...]
    return true
  }

  private mutating func printBulk() -> Bool {
    bytes.removeFirst()
    switch takeLength() {
    case .cut: return false
    case .number(let length):
      if length == 0 {
        out.append(" empty")
      } else {
        guard bytes.count >= length else { return false }
        printQuoted(bytes.prefix(length))
        bytes.removeFirst(length)
      }
      guard let end = indexOfCRLF() else { return false }
      bytes = bytes[(end + 2)...]
    case let other: out.append(other.complaint)
    }
    return true
  }

  private mutating func printArray() -> Bool {
    bytes.removeFirst()
    switch takeLength() {
    case .cut: return false
    case .number(0): out.append(" empty")
    case .number(let count): open.append(count)
    case let other: out.append(other.complaint)
    }
    return true
  }

  /// A command as typed into telnet: a line, with any number of line ends around it.
  private mutating func printInline() -> Bool {
    bytes = bytes.drop(while: Self.endsLine)
    guard let end = bytes.firstIndex(where: Self.endsLine) else { return false }
    printQuoted(bytes[..<end])
    bytes = bytes[end...].drop(while: Self.endsLine)
    return true
  }

  private static func endsLine(_ byte: UInt8) -> Bool { byte == 0x0d || byte == 0x0a }

  private func indexOfCRLF() -> Int? {
    var search = bytes
    while let index = search.firstIndex(of: 0x0d) {
      if index + 1 < bytes.endIndex, bytes[index + 1] == 0x0a { return index }
      search = bytes[(index + 1)...]
    }
    return nil
  }

  /// What has no picture prints as the key that would make it: `^@`, `M-^?`.
  private mutating func printQuoted(_ text: ArraySlice<UInt8>) {
    out.append(" \"")
    for byte in text {
      var byte = byte
      if byte >= 0x80 {
        byte &= 0x7f
        out.append("M-")
      }
      if byte < 0x20 || byte == 0x7f {
        byte ^= 0x40
        out.append("^")
      }
      out.append(byte: byte)
    }
    out.append("\"")
  }

  private enum Length {
    case number(Int)
    /// -1.
    case null
    case negative
    case tooLarge
    case invalid
    /// The packet ends before the number does.
    case cut

    var complaint: String {
      switch self {
      case .null: " null"
      case .tooLarge: " length too large"
      case .negative: " length negative and not -1"
      case .invalid, .number, .cut: " invalid"
      }
    }
  }

  /// Takes a decimal number and the end of its line, or as much as shows that there is none.
  private mutating func takeLength() -> Length {
    guard let first = bytes.first else { return .cut }
    let isNegative = first == UInt8(ascii: "-")
    if isNegative { bytes.removeFirst() }
    var value: Int32 = 0
    var isTooLarge = false
    var hasDigit = false
    while true {
      guard let byte = bytes.first else { return .cut }
      guard byte >= 0x30, byte <= 0x39 else { break }
      bytes.removeFirst()
      hasDigit = true
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow {
        isTooLarge = true
        continue
      }
      let (sum, carry) = product.addingReportingOverflow(Int32(byte - 0x30))
      isTooLarge = isTooLarge || carry
      value = carry ? product : sum
    }
    guard hasDigit, bytes.first == 0x0d else {
      bytes.removeFirst()
      return .invalid
    }
    bytes.removeFirst()
    guard let last = bytes.first else { return .cut }
    bytes.removeFirst()
    guard last == 0x0a else { return .invalid }
    if isNegative { return isTooLarge || value != 1 ? .negative : .null }
    return isTooLarge ? .tooLarge : .number(Int(value))
  }
}
