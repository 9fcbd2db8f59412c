extension Packet {
  /// Reads the TCP segment of an Ethernet frame. `offset` is where the frame begins in its file: errors count from the
  /// file's start.
  package init(frame: SharedBytes, offset: Int = 0, timestamp: Int64) throws(CaptureError) {
    let frame = Frame(timestamp: timestamp, linkType: .ethernet, bytes: frame, wireLength: frame.count)
    try self.init(frame, offset: offset)
  }

  /// Reads the TCP segment of a frame. A frame whose end was not captured gives a packet that says how much of its
  /// payload is missing; a first fragment gives what it holds, the others hold no header and are refused.
  package init(_ frame: Frame, offset: Int = 0) throws(CaptureError) {
    var header = HeaderReader(bytes: frame.bytes, offset: offset)
    guard let (start, type) = frame.linkType.network(in: frame.bytes.slice.span) else {
      throw CaptureError(offset: offset + frame.bytes.count, reason: .truncated(.frame, missing: 1))
    }
    header.position = start
    switch type {
    case 0x0800: try self.init(ipv4: &header, frame)
    case 0x86dd: try self.init(ipv6: &header, frame)
    default: throw header.error(-2, .unsupportedEtherType(type))
    }
  }

  private init(ipv4 header: inout HeaderReader, _ frame: Frame) throws(CaptureError) {
    let start = header.position
    try header.need(Self.ipHeaderLength, .datagram)
    guard header[0] >> 4 == 4 else { throw header.error(0, .badVersion(Int(header[0] >> 4), expected: 4)) }
    let headerLength = Int(header[0] & 0x0f) * 4
    guard headerLength >= Self.ipHeaderLength else { throw header.error(0, .badHeaderLength(.datagram, headerLength)) }
    guard header.word16(at: 6) & 0x1fff == 0 else { throw header.error(6, .fragment) }
    guard header[9] == 6 else { throw header.error(9, .unsupportedProtocol(header[9])) }
    try header.need(headerLength, .datagram)
    let (typeOfService, timeToLive, checksum) = (header[1], header[8], header.word16(at: 10))
    let (identification, fragment) = (header.word16(at: 4), header.word16(at: 6))
    let source = IPAddress.v4(IPv4Address(rawValue: header.word32(at: 12)))
    let destination = IPAddress.v4(IPv4Address(rawValue: header.word32(at: 16)))
    // A network card that cuts segments itself is given one whose length is 0.
    let totalLength = header.word16(at: 2) == 0 ? frame.wireLength - start : Int(header.word16(at: 2))

    header.position += headerLength
    try self.init(
      segment: &header, frame, from: source, to: destination, datagramStart: start, end: start + totalLength)
    self.typeOfService = typeOfService
    self.timeToLive = timeToLive
    self.fragment = fragment
    self.identification = identification
    guard case .captured(_, let tcp) = checksums else { return }
    checksums = .captured(ip: checksum, tcp: tcp)
  }

  private init(ipv6 header: inout HeaderReader, _ frame: Frame) throws(CaptureError) {
    let start = header.position
    try header.need(40, .datagram)
    guard header[0] >> 4 == 6 else { throw header.error(0, .badVersion(Int(header[0] >> 4), expected: 6)) }
    let (trafficClass, hopLimit) = (header[0] << 4 | header[1] >> 4, header[7])
    let source = IPAddress.v6(IPv6Address(high: header.word64(at: 8), low: header.word64(at: 16)))
    let destination = IPAddress.v6(IPv6Address(high: header.word64(at: 24), low: header.word64(at: 32)))
    // A jumbogram's length is 0.
    let payloadLength = header.word16(at: 4) == 0 ? frame.wireLength - start - 40 : Int(header.word16(at: 4))
    var next = header[6]
    header.position += 40
    while let length = try Self.extensionLength(next, &header) {
      next = header[0]
      try header.need(length, .datagram)
      header.position += length
    }
    guard next == 6 else { throw header.error(0, .unsupportedProtocol(next)) }
    try self.init(
      segment: &header, frame, from: source, to: destination, datagramStart: start, end: start + 40 + payloadLength)
    typeOfService = trafficClass
    timeToLive = hopLimit
    fragment = 0
  }

  /// The length of an extension header; nil if what comes next is none.
  private static func extensionLength(_ kind: UInt8, _ header: inout HeaderReader) throws(CaptureError) -> Int? {
    switch kind {
    case 0, 43, 60, 135:  // hop-by-hop, routing, destination, mobility
      try header.need(8, .datagram)
      return Int(header[1]) * 8 + 8
    case 44:
      try header.need(8, .datagram)
      guard header.word16(at: 2) & 0xfff8 == 0 else { throw header.error(2, .fragment) }
      return 8
    case 51:  // authentication
      try header.need(8, .datagram)
      return Int(header[1]) * 4 + 8
    default: return nil
    }
  }

  /// `end` is where the datagram ends by its own account, counted as `header.position` is.
  private init(
    segment header: inout HeaderReader, _ frame: Frame, from source: IPAddress, to destination: IPAddress,
    datagramStart: Int, end: Int
  ) throws(CaptureError) {
    let start = header.position
    try header.need(Self.tcpHeaderLength, .segment)
    let headerLength = Int(header[12] >> 4) * 4
    guard headerLength >= Self.tcpHeaderLength, start + headerLength <= end else {
      throw header.error(12, .badHeaderLength(.segment, headerLength))
    }
    try header.need(headerLength, .segment)
    let payloadStart = start + headerLength
    let captured = min(end, frame.bytes.count)

    self.init(
      timestamp: frame.timestamp, source: Endpoint(.loopback, header.word16(at: 0)),
      destination: Endpoint(.loopback, header.word16(at: 2)), sequence: header.word32(at: 4),
      acknowledgement: header.word32(at: 8), flags: TCPFlags(rawValue: header[13]), window: header.word16(at: 14),
      options: TCPOptions(bytes: header.bytes[start + Self.tcpHeaderLength..<payloadStart]), identification: 0,
      payload: header.bytes[payloadStart..<captured])
    reserved = header[12] & 0x0f
    urgentPointer = header.word16(at: 18)
    missing = UInt16(clamping: end - captured)
    checksums = .captured(ip: 0, tcp: header.word16(at: 16))
    if !Self.isLoopback(frame, segmentStart: start, end: end) {
      envelope = Envelope(
        linkType: frame.linkType, header: frame.bytes[..<start], datagramStart: datagramStart,
        trailer: frame.bytes[captured...], wireExcess: frame.wireLength - max(end, frame.bytes.count))
    }
    self.source.address = source
    self.destination.address = destination
  }

  /// Whether all around the segment is what every packet of Linux's loopback has.
  private static func isLoopback(_ frame: Frame, segmentStart: Int, end: Int) -> Bool {
    guard frame.linkType == .ethernet, segmentStart == etherHeaderLength + ipHeaderLength else { return false }
    let bytes = frame.bytes
    return bytes[14] == 0x45 && frame.wireLength == end && bytes.count <= end
      && Int(bytes[16]) << 8 | Int(bytes[17]) == end - etherHeaderLength && bytes[..<12].allSatisfy { $0 == 0 }
  }
}

/// Reads numbers in network order relative to a position that advances from header to header.
private struct HeaderReader {
  let bytes: SharedBytes
  /// Where `bytes` begin in their file.
  let offset: Int
  var position = 0

  init(bytes: SharedBytes, offset: Int) {
    self.bytes = bytes
    self.offset = offset
  }

  func need(_ count: Int, _ part: CaptureError.Part) throws(CaptureError) {
    let missing = position + count - bytes.count
    if missing > 0 { throw CaptureError(offset: offset + bytes.count, reason: .truncated(part, missing: missing)) }
  }

  func error(_ at: Int, _ reason: CaptureError.Reason) -> CaptureError {
    CaptureError(offset: offset + max(0, position + at), reason: reason)
  }

  subscript(at: Int) -> UInt8 { bytes[position + at] }
  func word16(at index: Int) -> UInt16 { UInt16(self[index]) << 8 | UInt16(self[index + 1]) }
  func word32(at index: Int) -> UInt32 { UInt32(word16(at: index)) << 16 | UInt32(word16(at: index + 2)) }
  func word64(at index: Int) -> UInt64 { UInt64(word32(at: index)) << 32 | UInt64(word32(at: index + 4)) }
}
