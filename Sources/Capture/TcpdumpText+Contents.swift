/// Text under construction, as bytes: tcpdump prints nothing but ASCII.
struct TextBuffer {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
  mutating func append(byte: UInt8) { bytes.append(byte) }

  mutating func append(hex byte: UInt8) {
    bytes.append(Self.digits[Int(byte >> 4)])
    bytes.append(Self.digits[Int(byte & 0x0f)])
  }

  var string: String { String(decoding: bytes, as: UTF8.self) }

  private static let digits = Array("0123456789abcdef".utf8)
}

extension TcpdumpText {
  static func isVisible(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7f }

  /// `-A`: what has no picture is a dot, but a carriage return prints nothing at a line's end, and nothing as one of
  /// the last two bytes.
  package static func ascii(_ bytes: some RandomAccessCollection<UInt8>) -> String {
    var out = TextBuffer()
    appendASCIICharacters(bytes, to: &out)
    return out.string
  }

  static func appendASCII(_ bytes: [UInt8], to out: inout TextBuffer) {
    out.append("\n")
    appendASCIICharacters(bytes, to: &out)
  }

  private static func appendASCIICharacters(
    _ bytes: some RandomAccessCollection<UInt8>, to out: inout TextBuffer
  ) {
    var index = bytes.startIndex
    var left = bytes.count
    while left > 0 {
      let byte = bytes[index]
      bytes.formIndex(after: &index)
      left -= 1
      if byte == 0x0d {
        if left > 1, bytes[index] != 0x0a { out.append(byte: 0x2e) }
      } else if isVisible(byte) || byte == 0x09 || byte == 0x0a || byte == 0x20 {
        out.append(byte: byte)
      } else {
        out.append(byte: 0x2e)
      }
    }
  }

  /// `-X`: sixteen bytes a line.
  static func appendHexAndASCII(_ bytes: [UInt8], to out: inout TextBuffer) {
    for start in stride(from: 0, to: bytes.count, by: 16) {
      let row = bytes[start..<min(start + 16, bytes.count)]
      out.append("\n\t0x")
      let digits = String(start, radix: 16)
      out.append(String(repeating: "0", count: max(0, 4 - digits.count)) + digits + ": ")
      var width = 0
      for (index, byte) in zip(0..., row) {
        if index % 2 == 0 {
          out.append(" ")
          width += 1
        }
        out.append(hex: byte)
        width += 2
      }
      out.append(String(repeating: " ", count: 40 - width + 2))
      for byte in row { out.append(byte: isVisible(byte) ? byte : 0x2e) }
    }
  }
}
