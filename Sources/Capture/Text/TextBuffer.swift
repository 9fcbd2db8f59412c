/// Text under construction, as bytes: tcpdump prints nothing but ASCII, and much of it.
package struct TextBuffer: Sendable {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package var count: Int { bytes.count }
  package var string: String { String(decoding: bytes, as: UTF8.self) }

  /// Empties the buffer, and keeps its room.
  package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  package mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
  mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
  }
  mutating func append(byte: UInt8) { bytes.append(byte) }

  mutating func append(hex byte: UInt8) {
    bytes.append(Self.digits[Int(byte >> 4)])
    bytes.append(Self.digits[Int(byte & 0x0f)])
  }

  /// A number of any size in hex, without zeros before it, but with at least `width` digits.
  mutating func append(hex number: some UnsignedInteger, width: Int) {
    let digits = String(number, radix: 16)
    append(String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits)
  }

  mutating func append(decimal number: some FixedWidthInteger & UnsignedInteger) {
    var rest = UInt64(truncatingIfNeeded: number)
    guard rest >= 10 else { return append(byte: 0x30 + UInt8(rest)) }
    let start = bytes.count
    while rest > 0 {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      append(byte: 0x30 + UInt8(digit))
      rest = quotient
    }
    bytes[start...].reverse()
  }

  mutating func append(_ address: IPv4Address) {
    for shift: UInt32 in [24, 16, 8, 0] {
      append(decimal: UInt8(truncatingIfNeeded: address.rawValue >> shift))
      if shift > 0 { append(byte: 0x2e) }
    }
  }

  mutating func append(_ address: IPAddress) {
    switch address {
    case .v4(let address): append(address)
    case .v6(let address): append(address.description)
    }
  }

  static let digits = Array("0123456789abcdef".utf8)
}

// MARK: - What stands under a packet's line

extension TextBuffer {
  static func isVisible(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7f }

  /// `-A`: what has no picture is a dot, but a carriage return prints nothing at a line's end, and nothing as one of
  /// the last two bytes.
  mutating func append(ascii input: Span<UInt8>) {
    let start = bytes.count
    let count = input.count
    bytes.append(contentsOf: repeatElement(0, count: count))
    var written = start
    do {
      var output = bytes.mutableSpan
      let pictures = Self.pictures.span
      for index in 0..<count {
        let byte = input[index]
        if byte == 0x0d, index + 2 >= count || input[index + 1] == 0x0a { continue }
        output[written] = pictures[Int(byte)]
        written += 1
      }
    }
    bytes.removeLast(start + count - written)
  }

  /// What -A prints of each byte.
  private static let pictures: [UInt8] = (0...255).map { byte in
    isVisible(byte) || byte == 0x09 || byte == 0x0a || byte == 0x20 ? byte : 0x2e
  }

  /// `-X`: sixteen bytes a line, in hex and as text.
  mutating func append(hexAndASCII input: Span<UInt8>) {
    for start in stride(from: 0, to: input.count, by: 16) {
      append("\n\t0x")
      append(hex: UInt(start), width: 4)
      append(":  ")
      appendRow(input.extracting(start..<min(start + 16, input.count)))
    }
  }

  /// ```
  ///  4500 003c 0f5b 4000 4006 2d5f 7f00 0001  E..<.[@.@.-_....
  /// ```
  private mutating func appendRow(_ row: Span<UInt8>) {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0x20, count: 41 + row.count))
    var output = bytes.mutableSpan
    let digits = Self.digits.span
    var column = start
    for index in 0..<row.count {
      let byte = row[index]
      output[column] = digits[Int(byte >> 4)]
      output[column + 1] = digits[Int(byte & 0x0f)]
      column += index % 2 == 0 ? 2 : 3
      output[start + 41 + index] = Self.isVisible(byte) ? byte : 0x2e
    }
  }
}
