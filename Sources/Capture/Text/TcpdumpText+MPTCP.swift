// Multipath TCP's option (RFC 6824 and RFC 8684), as print-mptcp.c of tcpdump 4.99.3 prints it:
//
//      0                 1                 2                 3
//     | kind 30         | length          | subtype | flags | what the subtype has …
//
// What does not fit its subtype is printed as far as it does, and then makes the packet a `[bad opt]`.
extension TcpdumpText {
  /// - Parameter data: what follows the option's length.
  /// - Returns: false if it does not fit.
  static func appendMultipath(_ data: Span<UInt8>, flags: TCPFlags, to out: inout TextBuffer) -> Bool {
    guard data.count >= 1 else { return false }
    out.append(" \(data.count + 2) ")
    var reader = MultipathReader(
      length: data.count + 2, low: data[0] & 0x0F, isSYN: flags.contains(.syn),
      isACK: flags.contains(.acknowledgement))
    switch data[0] >> 4 {
    case 0: return reader.appendCapable(data, to: &out)
    case 1: return reader.appendJoin(data, to: &out)
    case 2: return reader.appendDataSequence(data, to: &out)
    case 3: return reader.appendAddAddress(data, to: &out)
    case 4: return reader.appendRemoveAddress(data, to: &out)
    case 5: return reader.appendPriority(data, to: &out)
    case 6: return reader.appendNumber("fail seq ", data, to: &out) { $0.append(decimal: $1) }
    case 7: return reader.appendNumber("fast-close key ", data, to: &out) { $0.append(wholeHex: $1) }
    default:
      out.append("unknown")
      return true
    }
  }
}

/// One option; places count from its subtype's byte.
private struct MultipathReader {
  /// The whole option's.
  let length: Int
  /// The lower half of the subtype's byte.
  let low: UInt8
  let isSYN: Bool
  let isACK: Bool

  func appendCapable(_ data: Span<UInt8>, to out: inout TextBuffer) -> Bool {
    out.append("capable")
    let fits =
      switch length {
      case 4: isSYN
      case 12: isSYN
      case 20, 22: !isSYN && isACK
      default: false
      }
    guard fits else { return false }
    guard low <= 1 else {
      out.append(" Unknown Version (\(low))")
      return true
    }
    out.append(" v\(low)")
    if data[1] & 0x80 != 0 { out.append(" csum") }
    guard length >= 12 else { return true }
    out.append(" {")
    out.append(wholeHex: data.word64(at: 2))
    if length >= 20 {
      out.append(",")
      out.append(wholeHex: data.word64(at: 10))
    }
    out.append("}")
    return true
  }

  func appendJoin(_ data: Span<UInt8>, to out: inout TextBuffer) -> Bool {
    out.append("join")
    guard length == 12 && isSYN || length == 16 && isSYN && isACK || length == 24 && isACK else { return false }
    if length != 24 {
      if low & 1 != 0 { out.append(" backup") }
      out.append(" id \(data[1])")
    }
    switch length {
    case 12:
      out.append(" token ")
      out.append(wholeHex: UInt64(data.word32(at: 2)))
      out.append(" nonce ")
      out.append(wholeHex: UInt64(data.word32(at: 6)))
    case 16:
      out.append(" hmac ")
      out.append(wholeHex: data.word64(at: 2))
      out.append(" nonce ")
      out.append(wholeHex: UInt64(data.word32(at: 10)))
    default:
      out.append(" hmac 0x")
      for index in 2..<22 { out.append(hex: data[index]) }
    }
    return true
  }

  mutating func appendDataSequence(_ data: Span<UInt8>, to out: inout TextBuffer) -> Bool {
    out.append("dss")
    guard length >= 4, !isSYN else { return false }
    let flags = data[1]
    var position = 2
    func appendNumber(isLong: Bool) -> Bool {
      guard position + (isLong ? 8 : 4) <= data.count else { return false }
      out.append(decimal: isLong ? data.word64(at: position) : UInt64(data.word32(at: position)))
      position += isLong ? 8 : 4
      return true
    }
    if flags & 0x10 != 0 { out.append(" fin") }
    if flags & 0x01 != 0 {
      out.append(" ack ")
      guard appendNumber(isLong: flags & 0x02 != 0) else { return false }
    }
    if flags & 0x04 != 0 {
      out.append(" seq ")
      guard appendNumber(isLong: flags & 0x08 != 0) else { return false }
      guard position + 4 <= data.count else { return false }
      out.append(" subseq ")
      _ = appendNumber(isLong: false)
      guard position + 2 <= data.count else { return false }
      out.append(" len ")
      out.append(decimal: data.word16(at: position))
      position += 2
      if position + 2 <= data.count {
        out.append(" csum ")
        out.append(wholeHex: UInt64(data.word16(at: position)))
        position += 2
      }
    }
    return position == data.count
  }

  func appendAddAddress(_ data: Span<UInt8>, to out: inout TextBuffer) -> Bool {
    out.append("add-addr")
    guard [8, 10, 16, 18, 20, 22, 28, 30].contains(length) else { return false }
    switch low {
    case 0: out.append(" v1")
    case 1: out.append(" v1-echo")
    case 4: out.append(" v0-ip4")
    case 6: out.append(" v0-ip6")
    default: out.append(" [bad version/echo]")
    }
    out.append(" id \(data[1]) ")
    let isV4 = length < 20
    var position = isV4 ? 6 : 18
    out.append(
      isV4
        ? IPAddress.v4(IPv4Address(rawValue: data.word32(at: 2)))
        : IPAddress.v6(IPv6Address(high: data.word64(at: 2), low: data.word64(at: 10))))
    if [10, 18, 22, 30].contains(length) {
      out.append(":\(data.word16(at: position))")
      position += 2
    }
    if [16, 18, 28, 30].contains(length) {
      out.append(" hmac ")
      out.append(wholeHex: data.word64(at: position))
    }
    return true
  }

  func appendRemoveAddress(_ data: Span<UInt8>, to out: inout TextBuffer) -> Bool {
    out.append("rem-addr")
    guard length >= 4 else { return false }
    out.append(" id")
    for index in 1..<data.count { out.append(" \(data[index])") }
    return true
  }

  func appendPriority(_ data: Span<UInt8>, to out: inout TextBuffer) -> Bool {
    out.append("prio")
    guard length == 3 || length == 4 else { return false }
    out.append(low & 1 != 0 ? " backup" : " non-backup")
    if length == 4 { out.append(" id \(data[1])") }
    return true
  }

  func appendNumber(
    _ words: String, _ data: Span<UInt8>, to out: inout TextBuffer, _ append: (inout TextBuffer, UInt64) -> Void
  ) -> Bool {
    guard length == 12 else {
      out.append(String(words.prefix { $0 != " " }))
      return false
    }
    out.append(words)
    append(&out, data.word64(at: 2))
    return true
  }
}

extension TextBuffer {
  /// `0x` and as many digits as it takes.
  fileprivate mutating func append(wholeHex number: UInt64) { append("0x" + String(number, radix: 16)) }
}
