extension TcpdumpText {
  /// The two addresses of a datagram, and where its payload stands.
  struct Datagram {
    var source: IPAddress
    var destination: IPAddress
    /// Whether what carries the ports comes right after the header; after an extension tcpdump prints only ports.
    var isPlain = true
    var payload: Int
    /// The payload's length by the header's account.
    var length: Int
    /// Where the datagram ends in what was captured.
    var end: Int
  }

  mutating func appendIPv4(
    _ bytes: Span<UInt8>, at start: Int, length: Int, to out: inout TextBuffer
  ) throws(Cut) {
    guard start < bytes.count else { throw .jumped("ip") }
    let version = bytes[start] >> 4
    guard version == 4 else {
      return out.append("IP\(version)" + (version == 6 ? ", wrong link-layer encapsulation" : "") + " (invalid)")
    }
    out.append("IP ")
    guard start + 20 <= bytes.count else { return out.appendCut("ip") }
    guard length >= 20 else { return out.append("truncated-ip \(length)") }
    let headerLength = Int(bytes[start] & 0x0f) * 4
    guard headerLength >= 20 else { return out.append("bad-hlen \(headerLength)") }
    let total = Int(bytes.word16(at: start + 2))
    if length < total { out.append("truncated-ip - \(total - length) bytes missing! ") }
    guard total >= headerLength else { return out.append("bad-len \(total)") }
    let end = min(bytes.count, start + total)
    let datagram = Datagram(
      source: .v4(IPv4Address(rawValue: bytes.word32(at: start + 12))),
      destination: .v4(IPv4Address(rawValue: bytes.word32(at: start + 16))), payload: start + headerLength,
      length: total - headerLength, end: end)
    let number = bytes[start + 9]
    guard bytes.word16(at: start + 6) & 0x1fff == 0 else {
      out.append(datagram.source)
      out.append(" > ")
      out.append(datagram.destination)
      out.append(": ip-proto-\(number)")
      return
    }
    try appendTransport(number, datagram, bytes, to: &out)
  }

  mutating func appendIPv6(
    _ bytes: Span<UInt8>, at start: Int, length: Int, to out: inout TextBuffer
  ) throws(Cut) {
    guard start + 40 <= bytes.count else { return out.appendCut("ip6") }
    guard length >= 40 else { return out.append("truncated-ip6 \(length)") }
    out.append("IP6 ")
    guard bytes[start] >> 4 == 6 else { return out.append("version error: \(bytes[start] >> 4) != 6") }
    let payloadLength = Int(bytes.word16(at: start + 4))
    if payloadLength + 40 > length { out.append("truncated-ip6 - \(payloadLength + 40 - length) bytes missing!") }
    let end = min(bytes.count, start + 40 + payloadLength)
    var datagram = Datagram(
      source: .v6(IPv6Address(high: bytes.word64(at: start + 8), low: bytes.word64(at: start + 16))),
      destination: .v6(IPv6Address(high: bytes.word64(at: start + 24), low: bytes.word64(at: start + 32))),
      payload: start + 40, length: payloadLength, end: end)
    var next = bytes[start + 6]
    while let advance = try appendExtension(next, &datagram, bytes, to: &out) {
      next = bytes[datagram.payload]
      datagram.isPlain = false
      datagram.payload += advance
      datagram.length -= advance
      guard datagram.length >= 0 else { return out.appendCut("ip6") }
    }
    try appendTransport(next, datagram, bytes, to: &out)
  }

  /// Prints an extension header, and returns its length; nil if what comes next is none.
  private func appendExtension(
    _ kind: UInt8, _ datagram: inout Datagram, _ bytes: Span<UInt8>, to out: inout TextBuffer
  ) throws(Cut) -> Int? {
    guard [0, 43, 44, 60].contains(kind) else { return nil }
    let position = datagram.payload
    if datagram.isPlain { appendEnds(datagram, to: &out) }
    guard position + 8 <= datagram.end else { throw .jumped("ip6") }
    let length = kind == 44 ? 8 : Int(bytes[position + 1]) * 8 + 8
    guard position + length <= datagram.end else { throw .jumped("ip6") }
    switch kind {
    case 0: out.append("HBH ")
    case 60: out.append("DSTOPT ")
    case 43:
      out.append("srcrt (len=\(bytes[position + 1]), type=\(bytes[position + 2]), segleft=\(bytes[position + 3]))")
    default:
      let offset = bytes.word16(at: position + 2)
      out.append("frag (\(offset & 0xfff8)|\(datagram.length - 8))")
      // Only the first fragment has a header to print.
      guard offset & 0xfff8 == 0 else { throw .told }
      out.append(" ")
    }
    return length
  }

  func appendEnds(_ datagram: Datagram, to out: inout TextBuffer) {
    out.append(datagram.source)
    out.append(" > ")
    out.append(datagram.destination)
    out.append(": ")
  }

  private mutating func appendTransport(
    _ number: UInt8, _ datagram: Datagram, _ bytes: Span<UInt8>, to out: inout TextBuffer
  ) throws(Cut) {
    let isShort = datagram.payload + 4 > datagram.end
    switch number {
    case 6: try appendTCP(datagram, bytes, to: &out)
    case 17 where !isShort:
      appendPorts(datagram, bytes, to: &out)
      guard datagram.payload + 8 <= datagram.end else { return out.appendCut("udp") }
      let length = min(Int(bytes.word16(at: datagram.payload + 4)), datagram.length)
      out.append("UDP, length \(max(0, length - 8))")
    case 1, 58:
      if datagram.isPlain { appendEnds(datagram, to: &out) }
      out.append(number == 1 ? "ICMP" : "ICMP6")
      appendEcho(number, datagram, bytes, to: &out)
      out.append(", length \(datagram.length)")
    default:
      if datagram.isPlain { appendEnds(datagram, to: &out) }
      out.append(" ip-proto-\(number) \(datagram.length)")
    }
  }

  /// A ping is the one message of ICMP that is told apart.
  private func appendEcho(_ number: UInt8, _ datagram: Datagram, _ bytes: Span<UInt8>, to out: inout TextBuffer) {
    let position = datagram.payload
    guard position + 8 <= datagram.end else { return }
    let (request, reply): (UInt8, UInt8) = number == 1 ? (8, 0) : (128, 129)
    let type = bytes[position]
    guard type == request || type == reply else { return out.append(" type \(type) code \(bytes[position + 1])") }
    out.append(number == 1 ? " echo " : ", echo ")
    out.append(type == request ? "request" : "reply")
    out.append(", id \(bytes.word16(at: position + 4)), seq \(bytes.word16(at: position + 6))")
  }

  func appendPorts(_ datagram: Datagram, _ bytes: Span<UInt8>, to out: inout TextBuffer) {
    if datagram.isPlain {
      out.append(datagram.source)
      out.append(".")
    }
    out.append(decimal: bytes.word16(at: datagram.payload))
    out.append(" > ")
    if datagram.isPlain {
      out.append(datagram.destination)
      out.append(".")
    }
    out.append(decimal: bytes.word16(at: datagram.payload + 2))
    out.append(": ")
  }
}
