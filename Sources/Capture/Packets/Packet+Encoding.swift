extension Packet {
  static let etherHeaderLength = 14
  static let ipHeaderLength = 20
  static let tcpHeaderLength = 20

  package var linkType: LinkType { envelope?.linkType ?? .ethernet }

  /// The frame as it was captured. (As it is on `lo`, without an envelope: both Ethernet addresses are zero.)
  package var frame: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(frameLength)
    if let envelope {
      bytes.append(contentsOf: envelope.header[..<envelope.datagramStart].slice)
    } else {
      bytes.append(contentsOf: repeatElement(0, count: 12))
      bytes.append(contentsOf: [0x08, 0x00])
    }
    appendDatagram(to: &bytes)
    if let envelope { bytes.append(contentsOf: envelope.trailer.slice) }
    return bytes
  }

  /// The number of bytes of `frame`, and of the frame on the wire.
  package var frameLength: Int {
    (envelope?.datagramStart ?? Self.etherHeaderLength) + datagramLength + (envelope?.trailer.count ?? 0)
  }
  package var wireLength: Int { max(0, frameLength + Int(missing) + (envelope?.wireExcess ?? 0)) }

  /// The IP datagram: what tcpdump -A and -X show.
  package var datagram: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(datagramLength)
    appendDatagram(to: &bytes)
    return bytes
  }

  /// The number of bytes of `datagram`.
  package var datagramLength: Int { headersLength + payload.count }
  var headersLength: Int { ipLength + Self.tcpHeaderLength + options.count }
  private var ipLength: Int { envelope?.ipHeaderLength ?? Self.ipHeaderLength }

  private func appendDatagram(to bytes: inout [UInt8]) {
    let start = bytes.count
    if let envelope {
      bytes.append(contentsOf: envelope.header[envelope.datagramStart...].slice)
    } else {
      bytes.append(0x45)
      bytes.append(contentsOf: repeatElement(0, count: Self.ipHeaderLength - 1))
    }
    if isIPv6 { setIPv6(&bytes, at: start) } else { setIPv4(&bytes, at: start) }
    let segment = bytes.count
    appendSegment(to: &bytes)

    let sums =
      switch checksums {
      case .right: Self.rightChecksums(bytes.span.extracting(start..<bytes.count), segment: segment - start)
      case .captured(let ip, let tcp): (ip: ip, tcp: tcp)
      }
    if !isIPv6 { bytes.set(sums.ip, at: start + 10) }
    bytes.set(sums.tcp, at: segment + 16)
  }

  /// ```
  ///   0       1       2       3
  ///   45      tos     total length
  ///   identification  flags, fragment offset
  ///   ttl     6       checksum
  ///   source address
  ///   destination address
  ///   options …
  /// ```
  private func setIPv4(_ bytes: inout [UInt8], at start: Int) {
    bytes[start + 1] = typeOfService
    setLength(headersLength + length, &bytes, at: start + 2)
    bytes.set(identification, at: start + 4)
    bytes.set(fragment, at: start + 6)
    bytes[start + 8] = timeToLive
    bytes[start + 9] = 6
    bytes.set(UInt16(0), at: start + 10)
    guard case .v4(let source) = source.address, case .v4(let destination) = destination.address else { return }
    bytes.replaceSubrange(start + 12..<start + 16, with: source.rawValue.bigEndianBytes)
    bytes.replaceSubrange(start + 16..<start + 20, with: destination.rawValue.bigEndianBytes)
  }

  /// ```
  ///   6 · traffic class 8 bits · flow label 20 bits
  ///   payload length · next header · hop limit
  ///   source address (16), destination address (16), extension headers …
  /// ```
  private func setIPv6(_ bytes: inout [UInt8], at start: Int) {
    bytes[start] = 0x60 | typeOfService >> 4
    bytes[start + 1] = typeOfService << 4 | bytes[start + 1] & 0x0f
    setLength(headersLength - 40 + length, &bytes, at: start + 4)
    bytes[start + 7] = timeToLive
  }

  /// A length that was captured as 0 (a network card was to cut the segment, or it is a jumbogram) stays 0.
  private func setLength(_ length: Int, _ bytes: inout [UInt8], at index: Int) {
    if envelope != nil, bytes[index] == 0, bytes[index + 1] == 0 { return }
    bytes.set(UInt16(truncatingIfNeeded: length), at: index)
  }

  /// RFC 9293:
  /// ```
  ///   source port     destination port
  ///   sequence number
  ///   acknowledgement number
  ///   len|res flags   window
  ///   checksum        urgent pointer
  ///   options …
  /// ```
  private func appendSegment(to bytes: inout [UInt8]) {
    bytes.append(word: source.port)
    bytes.append(word: destination.port)
    bytes.append(word: sequence)
    bytes.append(word: acknowledgement)
    bytes.append(UInt8(truncatingIfNeeded: (Self.tcpHeaderLength + options.count) / 4 * 16) | reserved & 0x0f)
    bytes.append(flags.rawValue)
    bytes.append(word: window)
    bytes.append(word: UInt16(0))
    bytes.append(word: urgentPointer)
    bytes.append(contentsOf: options.bytes)
    bytes.append(contentsOf: payload.slice)
  }

  /// The checksums of a datagram whose checksum fields hold zeros. (IPv6 has none of its own.)
  static func rightChecksums(_ datagram: Span<UInt8>, segment: Int) -> (ip: UInt16, tcp: UInt16) {
    let isIPv6 = datagram[0] >> 4 == 6
    var ip = Checksum()
    ip.add(datagram.extracting(0..<segment))

    // The pseudo header: both addresses, the protocol, the segment's length.
    var tcp = Checksum()
    tcp.add(datagram.extracting(isIPv6 ? 8..<40 : 12..<20))
    let length = datagram.count - segment
    let rest: [UInt8] = [0, 6, UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length)]
    tcp.add(rest.span)
    tcp.add(datagram.extracting(segment..<datagram.count))
    return (ip.value, tcp.value)
  }
}

extension [UInt8] {
  /// Appends a number in network order.
  mutating func append(word: some FixedWidthInteger) {
    for shift in stride(from: word.bitWidth - 8, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: word >> shift))
    }
  }

  mutating func set(_ word: UInt16, at index: Int) {
    self[index] = UInt8(truncatingIfNeeded: word >> 8)
    self[index + 1] = UInt8(truncatingIfNeeded: word)
  }
}
