extension TcpdumpText {
  /// Prints the options' names and values. Returns false where tcpdump gives the packet up: an option that runs out of
  /// the header.
  static func appendOptions(_ bytes: [UInt8], peersFirst: UInt32, to out: inout TextBuffer) -> Bool {
    var position = 0
    var isFirst = true
    while position < bytes.count {
      if !isFirst { out.append(",") }
      let kind = bytes[position]
      var length = 1
      if kind > 1 {
        length = position + 1 < bytes.count ? Int(bytes[position + 1]) : 0
        guard length >= 2, position + length <= bytes.count else {
          // With the list just begun, there is no bracket to close.
          out.append(isFirst ? "[bad opt]" : "[bad opt]]")
          return false
        }
      }
      out.append(names[kind] ?? "unknown-\(kind)")
      let data = position + (kind > 1 ? 2 : 1)
      let count = dataCount(kind, length: length)
      guard data + count <= bytes.count else {
        out.append(isFirst ? "[bad opt]" : "[bad opt]]")
        return false
      }
      appendValue(kind, bytes[data..<data + count], peersFirst: peersFirst, to: &out)
      // tcpdump goes by what the kind should have, and only remarks on a length that says otherwise.
      if data + count != position + length { out.append("[len \(length)]") }
      position = data + count
      isFirst = false
      if kind == 0 { break }
    }
    return true
  }

  private static let names: [UInt8: String] = [
    0: "eol", 1: "nop", 2: "mss", 3: "wscale", 4: "sackOK", 5: "sack", 6: "echo", 7: "echoreply", 8: "TS",
  ]

  /// How many bytes of data tcpdump reads of an option that says it is `length` bytes long.
  private static func dataCount(_ kind: UInt8, length: Int) -> Int {
    switch kind {
    case 0, 1, 4: 0
    case 3: 1
    case 2: 2
    case 6, 7: 4
    case 8: 8
    default: length - 2
    }
  }

  private static func appendValue(
    _ kind: UInt8, _ value: ArraySlice<UInt8>, peersFirst: UInt32, to out: inout TextBuffer
  ) {
    func number(_ range: Range<Int>) -> UInt32 {
      value.dropFirst(range.lowerBound).prefix(range.count).reduce(0) { $0 << 8 | UInt32($1) }
    }
    switch kind {
    case 0, 1, 4: break
    case 2, 3, 6, 7: out.append(" \(number(0..<value.count))")
    case 8: out.append(" val \(number(0..<4)) ecr \(number(4..<8))")
    case 5 where value.count % 8 != 0: out.append(" invalid sack")
    case 5:
      out.append(" \(value.count / 8) ")
      for start in stride(from: 0, to: value.count, by: 8) {
        let (from, to) = (number(start..<start + 4) &- peersFirst, number(start + 4..<start + 8) &- peersFirst)
        out.append("{\(from):\(to)}")
      }
    default:
      if !value.isEmpty { out.append(" 0x") }
      for byte in value { out.append(hex: byte) }
    }
  }
}
