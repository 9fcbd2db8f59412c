extension TcpdumpReader {
  /// Reads the packet whose line comes next.
  mutating func record(_ header: TcpdumpLine) throws(TextError) -> Record {
    var header = header
    let number = lineNumber
    guard let first = line(at: position) else { throw TextError(line: number, reason: .badField("end")) }
    take(first)
    // -v has the ends on a line of their own.
    if header.rest.isEmpty, let second = line(at: position) {
      let text = String(decoding: buffer[second.text], as: UTF8.self).drop { $0 == " " }
      guard TcpdumpLine.hasEnds(text) else { throw TextError(line: lineNumber, reason: .badField("source")) }
      header.rest = text
      take(second)
    }
    let timestamp = clock.nanoseconds(header.time)
    if let next = line(at: position), hexRow(next) != nil {
      return try hexRecord(timestamp, number: number)
    }
    guard let segment = try header.segment(line: number) else {
      skipText()
      let frame = Frame(timestamp: timestamp, linkType: .ethernet, bytes: .empty, wireLength: 0)
      return Record(frame: frame, content: .other(.truncated(.datagram, missing: 20)), place: .line(number))
    }
    return try textRecord(header, segment, timestamp, number: number)
  }

  /// Passes over the contents of what is no TCP segment.
  private mutating func skipText() {
    while let next = line(at: position), parse(next.text) == nil { take(next) }
  }
}

// MARK: - Hex

extension TcpdumpReader {
  /// `\t0x0010:  7f00 0001 …  …`: the offset and the bytes, nil if the line is something else.
  func hexRow(_ line: Line) -> (offset: Int, bytes: [UInt8])? {
    var rest = buffer[line.text].drop { $0 == 0x20 || $0 == 0x09 }
    guard rest.starts(with: [0x30, 0x78]) else { return nil }
    rest = rest.dropFirst(2)
    let digits = rest.prefix { $0 != 0x3a }
    guard (1...8).contains(digits.count), digits.endIndex < rest.endIndex else { return nil }
    guard let offset = Int(String(decoding: digits, as: UTF8.self), radix: 16) else { return nil }
    rest = rest[(digits.endIndex + 1)...].drop { $0 == 0x20 }
    var bytes: [UInt8] = []
    while bytes.count < 16, let high = rest.first.flatMap(Self.digit) {
      guard let low = rest.dropFirst().first.flatMap(Self.digit) else { break }
      bytes.append(high << 4 | low)
      rest = rest.dropFirst(2)
      // One blank between words, two before the text.
      if rest.first == 0x20 {
        rest = rest.dropFirst()
        if rest.first == 0x20 { break }
      }
    }
    return bytes.isEmpty ? nil : (offset, bytes)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x61...0x66: byte - 0x57
    case 0x41...0x46: byte - 0x37
    default: nil
    }
  }

  private mutating func hexRecord(_ timestamp: Int64, number: Int) throws(TextError) -> Record {
    var bytes: [UInt8] = []
    while let line = line(at: position), let row = hexRow(line) {
      guard row.offset == bytes.count else {
        throw TextError(line: lineNumber, reason: .wrongOffset(found: row.offset, expected: bytes.count))
      }
      guard bytes.count + row.bytes.count <= Pcap.snapshotLength else {
        throw TextError(line: lineNumber, reason: .badHex)
      }
      bytes += row.bytes
      take(line)
      if row.bytes.count < 16 { break }
    }
    let link = Self.link(of: bytes)
    // With the link's header (-XX, -xx) the frame is whole; else it gets the loopback's.
    if link == nil { bytes.insert(contentsOf: Self.loopbackHeader(isIPv6: bytes[0] >> 4 == 6), at: 0) }
    let linkType = link ?? .ethernet
    let start = min(linkType.network(in: bytes.span)?.offset ?? bytes.count, bytes.count)
    let frame = Frame(
      timestamp: timestamp, linkType: linkType, bytes: SharedBytes(bytes),
      wireLength: max(bytes.count, start + (Self.datagramLength(bytes[start...]) ?? 0)))
    return Record(frame, place: .line(number))
  }

  /// What the bytes begin with, which the text does not say: the header of a link, or nil for the datagram itself. It is
  /// the one behind which a datagram stands that is just as long as it says; if there is none, a snapshot length cut the
  /// frame, or something follows in it, and any datagram will do.
  private static func link(of bytes: [UInt8]) -> LinkType? {
    let links: [LinkType?] = [nil, .ethernet, .linuxCooked2, .linuxCooked, .null]
    let fitting = links.compactMap { link -> (link: LinkType?, excess: Int)? in
      guard let start = datagramStart(behind: link, bytes), let length = datagramLength(bytes[start...]) else {
        return nil
      }
      return (link, bytes.count - start - length)
    }
    guard let best = fitting.first(where: { $0.excess == 0 }) ?? fitting.first else { return .ethernet }
    return best.link
  }

  private static func datagramStart(behind link: LinkType?, _ bytes: [UInt8]) -> Int? {
    guard let link else { return 0 }
    guard let (start, type) = link.network(in: bytes.span), start < bytes.count else { return nil }
    return type == (bytes[start] >> 4 == 6 ? 0x86dd : 0x0800) ? start : nil
  }

  /// What the header of a datagram says that it is long; nil if there is no such header.
  private static func datagramLength(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard bytes.count >= 20 else { return nil }
    let start = bytes.startIndex
    func word(_ index: Int) -> Int { Int(bytes[start + index]) << 8 | Int(bytes[start + index + 1]) }
    switch bytes[start] >> 4 {
    case 4 where bytes[start] & 0x0f >= 5: return word(2)
    case 6 where bytes.count >= 40: return 40 + word(4)
    default: return nil
    }
  }

  static func loopbackHeader(isIPv6: Bool) -> [UInt8] {
    Array(repeating: 0, count: 12) + (isIPv6 ? [0x86, 0xdd] : [0x08, 0x00])
  }
}
