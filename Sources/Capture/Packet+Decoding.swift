extension Packet {
  /// Reads an Ethernet frame with an IPv4 datagram with a TCP segment.
  ///
  /// `offset` is where the frame begins in its file: errors count from the file's start. A frame whose end was not
  /// captured gives a packet that says how much of its payload is missing.
  package init(frame: SharedBytes, offset: Int = 0, timestamp: Int64) throws(CaptureError) {
    var header = HeaderReader(bytes: frame, offset: offset)
    try header.need(Self.etherHeaderLength, .frame)
    let type = header.word16(at: 12)
    guard type == 0x0800 else { throw header.error(12, .unsupportedEtherType(type)) }
    header.position = Self.etherHeaderLength
    try self.init(datagram: &header, timestamp: timestamp)
  }

  private init(datagram header: inout HeaderReader, timestamp: Int64) throws(CaptureError) {
    try header.need(Self.ipHeaderLength, .datagram)
    guard header[0] >> 4 == 4 else { throw header.error(0, .notIPv4(version: Int(header[0] >> 4))) }
    let headerLength = Int(header[0] & 0x0f) * 4
    guard headerLength >= Self.ipHeaderLength else { throw header.error(0, .badHeaderLength(.datagram, headerLength)) }
    guard headerLength == Self.ipHeaderLength else { throw header.error(0, .unsupportedIPOptions) }
    let totalLength = Int(header.word16(at: 2))
    let fragment = header.word16(at: 6)
    guard fragment & 0x3fff == 0 else { throw header.error(6, .fragment) }
    guard header[9] == 6 else { throw header.error(9, .unsupportedProtocol(header[9])) }
    let start = header.position

    let typeOfService = header[1]
    let identification = header.word16(at: 4)
    let timeToLive = header[8]
    let ipChecksum = header.word16(at: 10)
    let source = IPv4Address(rawValue: header.word32(at: 12))
    let destination = IPv4Address(rawValue: header.word32(at: 16))

    header.position += headerLength
    try header.need(Self.tcpHeaderLength, .segment)
    let segmentLength = Int(header[12] >> 4) * 4
    guard segmentLength >= Self.tcpHeaderLength, headerLength + segmentLength <= totalLength else {
      throw header.error(12, .badHeaderLength(.segment, segmentLength))
    }
    try header.need(segmentLength, .segment)
    let payloadStart = header.position + segmentLength
    let length = totalLength - headerLength - segmentLength
    let captured = min(length, header.bytes.count - payloadStart)

    self.init(
      timestamp: timestamp, source: Endpoint(source, header.word16(at: 0)),
      destination: Endpoint(destination, header.word16(at: 2)), sequence: header.word32(at: 4),
      acknowledgement: header.word32(at: 8), flags: TCPFlags(rawValue: header[13]), window: header.word16(at: 14),
      options: TCPOptions(bytes: header.bytes[header.position + Self.tcpHeaderLength..<payloadStart]),
      identification: identification, payload: header.bytes[payloadStart..<payloadStart + captured])
    self.typeOfService = typeOfService
    self.timeToLive = timeToLive
    self.fragment = fragment
    reserved = header[12] & 0x0f
    urgentPointer = header.word16(at: 18)
    missing = UInt16(truncatingIfNeeded: length - captured)
    noteChecksums(ip: ipChecksum, tcp: header.word16(at: 16), datagram: header.bytes[start..<payloadStart + captured])
  }

  private mutating func noteChecksums(ip: UInt16, tcp: UInt16, datagram: SharedBytes) {
    checksums = .captured(ip: ip, tcp: tcp)
    guard missing == 0 else { return }
    var bytes = Array(datagram)
    bytes.set(0, at: 10)
    bytes.set(0, at: Self.ipHeaderLength + 16)
    if Self.rightChecksums(bytes.span, segment: Self.ipHeaderLength) == (ip, tcp) { checksums = .right }
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
    CaptureError(offset: offset + position + at, reason: reason)
  }

  subscript(at: Int) -> UInt8 { bytes[position + at] }
  func word16(at index: Int) -> UInt16 { UInt16(self[index]) << 8 | UInt16(self[index + 1]) }
  func word32(at index: Int) -> UInt32 { UInt32(word16(at: index)) << 16 | UInt32(word16(at: index + 2)) }
}
