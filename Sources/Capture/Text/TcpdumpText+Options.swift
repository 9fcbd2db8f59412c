extension TcpdumpText {
  /// Prints the options' names and values. Returns false where tcpdump gives the packet up: an option that runs out of
  /// the header, or of what was captured.
  func appendOptions(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, captured: Int, peersFirst: UInt32, _ flags: TCPFlags,
    _ out: inout TextBuffer
  ) throws(Cut) -> Bool {
    var position = start
    while position < end {
      let isFirst = position == start
      if !isFirst { out.append(",") }
      guard position < captured else { throw .jumped("tcp") }
      let kind = bytes[position]
      var length = 1
      if kind > 1 {
        guard position + 1 < captured else { throw .jumped("tcp") }
        length = Int(bytes[position + 1])
        guard length >= 2, position + length <= end else { return Self.giveUp(isFirst, &out) }
      }
      if let name = Self.names[kind] { out.append(name) } else { out.append("unknown-\(kind)") }
      let data = position + (kind > 1 ? 2 : 1)
      let count = Self.dataCount(kind, length: length)
      guard data + count <= end else { return Self.giveUp(isFirst, &out) }
      guard data + count <= captured else {
        out.appendCut("tcp")
        if !isFirst { out.append(">") }
        return false
      }
      let value = bytes.extracting(data..<data + count)
      if kind == 30 {
        guard Self.appendMultipath(value, flags: flags, to: &out) else { return Self.giveUp(isFirst, &out) }
      } else {
        guard kind != 254 || count >= 2 else { return Self.giveUp(isFirst, &out) }
        Self.appendValue(kind, value, peersFirst: peersFirst, to: &out)
      }
      // tcpdump goes by what the kind should have, and only remarks on a length that says otherwise.
      if data + count != position + length { out.append("[len \(length)]") }
      position = data + count
      if kind == 0 { break }
    }
    return true
  }

  private static func giveUp(_ isFirst: Bool, _ out: inout TextBuffer) -> Bool {
    // With the list just begun, there is no bracket to close.
    out.append(isFirst ? "[bad opt]" : "[bad opt]]")
    return false
  }

  private static let names: [UInt8: String] = [
    0: "eol", 1: "nop", 2: "mss", 3: "wscale", 4: "sackOK", 5: "sack", 6: "echo", 7: "echoreply", 8: "TS",
    11: "cc", 12: "ccnew", 13: "", 19: "md5", 20: "scps", 28: "uto", 29: "tcp-ao", 30: "mptcp", 34: "tfo", 254: "exp",
  ]

  /// How many bytes of data tcpdump reads of an option that says it is `length` bytes long.
  private static func dataCount(_ kind: UInt8, length: Int) -> Int {
    switch kind {
    case 0, 1, 4: 0
    case 3: 1
    case 2, 20, 28: 2
    case 6, 7, 11, 12, 13: 4
    case 8: 8
    case 19: 16
    default: length - 2
    }
  }

  private static func appendValue(
    _ kind: UInt8, _ value: Span<UInt8>, peersFirst: UInt32, to out: inout TextBuffer
  ) {
    switch kind {
    case 0, 1, 4: break
    case 2: out.append(" \(value.word16(at: 0))")
    case 3: out.append(" \(value[0])")
    case 6, 7, 11, 12, 13: out.append(" \(value.word32(at: 0))")
    case 8:
      out.append(" val ")
      out.append(decimal: value.word32(at: 0))
      out.append(" ecr ")
      out.append(decimal: value.word32(at: 4))
    case 5 where value.count % 8 != 0: out.append(" invalid sack")
    case 5:
      out.append(" \(value.count / 8) ")
      for start in stride(from: 0, to: value.count, by: 8) {
        out.append("{\(value.word32(at: start) &- peersFirst):\(value.word32(at: start + 4) &- peersFirst)}")
      }
    case 19:
      out.append(" shared secret not supplied with -M, can't check - ")
      append(hex: value, to: &out)
    case 20:
      out.append(" cap ")
      out.append(hex: value[0])
      out.append(" id \(value[1])")
    case 28:
      let time = UInt32(value.word16(at: 0))
      out.append(" 0x\(String(time, radix: 16)) \(time & 1 == 0 ? time >> 1 : (time >> 1) * 60)")
    case 29: appendAuthentication(value, to: &out)
    case 34:
      out.append("  ")
      appendFastOpen(value, to: &out)
    case 254:
      let number = value.word16(at: 0)
      out.append("-")
      guard number == 0xf989 else { return out.append(hex: number, width: 4) }
      out.append("tfo ")
      appendFastOpen(value.extracting(2..<value.count), to: &out)
    default:
      if !value.isEmpty { out.append(" 0x") }
      append(hex: value, to: &out)
    }
  }

  private static func append(hex bytes: Span<UInt8>, to out: inout TextBuffer) {
    for index in 0..<bytes.count { out.append(hex: bytes[index]) }
  }

  /// TCP-AO (RFC 5925).
  private static func appendAuthentication(_ value: Span<UInt8>, to out: inout TextBuffer) {
    guard value.count >= 2 else { return out.append(" (invalid)") }
    out.append(" keyid \(value[0]) rnextkeyid \(value[1])")
    guard value.count > 2 else { return }
    out.append(" mac 0x")
    append(hex: value.extracting(2..<value.count), to: &out)
  }

  /// TCP Fast Open (RFC 7413): a request for a cookie, or a cookie of 4 to 16 bytes.
  private static func appendFastOpen(_ value: Span<UInt8>, to out: inout TextBuffer) {
    if value.isEmpty { return out.append("cookiereq") }
    guard value.count.isMultiple(of: 2), (4...16).contains(value.count) else { return out.append("(invalid)") }
    out.append("cookie ")
    append(hex: value, to: &out)
  }
}
