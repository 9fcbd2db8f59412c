extension TcpdumpText {
  mutating func appendTCP(_ datagram: Datagram, _ bytes: Span<UInt8>, to out: inout TextBuffer) throws(Cut) {
    let start = datagram.payload
    guard start + 4 <= datagram.end else {
      out.append(datagram.source)
      out.append(" > ")
      out.append(datagram.destination)
      out.append(":")
      return out.appendCut("tcp")
    }
    appendPorts(datagram, bytes, to: &out)
    guard start + 20 <= datagram.end else { return out.appendCut("tcp") }
    let headerLength = Int(bytes[start + 12] >> 4) * 4
    guard headerLength >= 20 else {
      let rest = UInt32(truncatingIfNeeded: datagram.length - headerLength)
      return out.append(" tcp \(rest) [bad hdr length \(headerLength) - too short, < 20]")
    }
    let flags = TCPFlags(rawValue: bytes[start + 13])
    out.append("Flags [")
    Self.append(flags, to: &out)
    out.append("]")
    var numbers = Numbers(sequence: bytes.word32(at: start + 4), acknowledgement: bytes.word32(at: start + 8))
    if flags.contains(.acknowledgement) { count(&numbers, from: datagram, flags, bytes) }
    guard headerLength <= datagram.length else {
      return out.append(" [bad hdr length \(headerLength) - too long, > \(datagram.length)]")
    }
    let length = datagram.length - headerLength
    if length > 0 || !flags.isDisjoint(with: [.syn, .fin, .reset]) {
      out.append(", seq ")
      out.append(decimal: numbers.sequence)
      if length > 0 {
        out.append(":")
        out.append(decimal: numbers.sequence &+ UInt32(truncatingIfNeeded: length))
      }
    }
    if flags.contains(.acknowledgement) {
      out.append(", ack ")
      out.append(decimal: numbers.acknowledgement)
    }
    out.append(", win ")
    out.append(decimal: bytes.word16(at: start + 14))
    if flags.contains(.urgent) { out.append(", urg \(bytes.word16(at: start + 18))") }
    if headerLength > 20 {
      out.append(", options [")
      let isWhole = try appendOptions(
        bytes, from: start + 20, to: start + headerLength, captured: datagram.end, peersFirst: numbers.peersFirst,
        flags, &out)
      guard isWhole else { return }
      out.append("]")
    }
    out.append(", length ")
    out.append(decimal: UInt(length))
    try appendPayload(bytes, from: start, headerLength, length, end: datagram.end, to: &out)
  }

  /// What tcpdump decodes of the payload.
  private func appendPayload(
    _ bytes: Span<UInt8>, from start: Int, _ headerLength: Int, _ length: Int, end: Int, to out: inout TextBuffer
  ) throws(Cut) {
    guard length > 0 else { return }
    guard start + headerLength <= end else {
      out.append(" [remaining caplen(\(end - start)) < header length(\(headerLength))]")
      throw .jumped("tcp")
    }
    guard bytes.word16(at: start) == 6379 || bytes.word16(at: start + 2) == 6379 else { return }
    let payload = start + headerLength..<min(end, start + headerLength + length)
    Self.appendRESP(payload.map { bytes[$0] }, isCut: payload.count < length, to: &out)
  }

  private struct Numbers {
    var sequence: UInt32
    var acknowledgement: UInt32
    /// What a selective acknowledgement counts from: the receiver's own first number.
    var peersFirst: UInt32 = 0
  }

  /// Counts from the connection's first numbers; the packet that teaches us those keeps its own.
  private mutating func count(
    _ numbers: inout Numbers, from datagram: Datagram, _ flags: TCPFlags, _ bytes: Span<UInt8>
  ) {
    let source = Endpoint(datagram.source, bytes.word16(at: datagram.payload))
    let destination = Endpoint(datagram.destination, bytes.word16(at: datagram.payload + 2))
    let isSwapped = Pair.isSwapped(source, destination)
    let pair = Pair(source, destination)
    if !flags.contains(.syn), let known = conversations[pair] {
      numbers.sequence &-= isSwapped ? known.upper : known.lower
      numbers.acknowledgement &-= isSwapped ? known.lower : known.upper
      numbers.peersFirst = isSwapped ? known.lower : known.upper
    } else {
      let (ours, theirs) = (numbers.sequence, numbers.acknowledgement &- 1)
      conversations[pair] =
        isSwapped ? FirstNumbers(lower: theirs, upper: ours) : FirstNumbers(lower: ours, upper: theirs)
      numbers.peersFirst = theirs
    }
  }

  private static func append(_ flags: TCPFlags, to out: inout TextBuffer) {
    guard flags.rawValue != 0 else { return out.append("none") }
    for (bit, letter) in zip(0..., "FSRP.UEW".utf8) where flags.rawValue >> bit & 1 == 1 { out.append(byte: letter) }
  }
}
