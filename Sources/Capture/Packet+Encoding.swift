extension Packet {
  static let etherHeaderLength = 14
  static let ipHeaderLength = 20
  static let tcpHeaderLength = 20

  /// The Ethernet frame as it is on `lo`: both addresses are zero.
  package var frame: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.etherHeaderLength + datagramLength)
    bytes.append(contentsOf: repeatElement(0, count: 12))
    bytes.append(contentsOf: [0x08, 0x00])
    appendDatagram(to: &bytes)
    return bytes
  }

  /// The IP datagram: what tcpdump -A and -X show.
  package var datagram: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(datagramLength)
    appendDatagram(to: &bytes)
    return bytes
  }

  /// The number of bytes of `datagram`.
  package var datagramLength: Int { headersLength + payload.count }
  var headersLength: Int { Self.ipHeaderLength + Self.tcpHeaderLength + options.count }

  /// ```
  ///   0       1       2       3
  ///   45      tos     total length
  ///   identification  flags, fragment offset
  ///   ttl     6       checksum
  ///   source address
  ///   destination address
  ///   ------- TCP, RFC 9293 ------------------
  ///   source port     destination port
  ///   sequence number
  ///   acknowledgement number
  ///   len|res flags   window
  ///   checksum        urgent pointer
  ///   options …
  /// ```
  private func appendDatagram(to bytes: inout [UInt8]) {
    let start = bytes.count
    bytes.append(0x45)
    bytes.append(typeOfService)
    bytes.append(word: UInt16(truncatingIfNeeded: headersLength + length))
    bytes.append(word: identification)
    bytes.append(word: fragment)
    bytes.append(timeToLive)
    bytes.append(6)
    bytes.append(word: UInt16(0))
    bytes.append(word: source.address.rawValue)
    bytes.append(word: destination.address.rawValue)

    let segment = bytes.count
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

    let sums =
      switch checksums {
      case .right: Self.rightChecksums(bytes.span.extracting(start..<bytes.count), segment: segment - start)
      case .captured(let ip, let tcp): (ip: ip, tcp: tcp)
      }
    bytes.set(sums.ip, at: start + 10)
    bytes.set(sums.tcp, at: segment + 16)
  }

  /// The checksums of a datagram whose checksum fields hold zeros.
  static func rightChecksums(_ datagram: Span<UInt8>, segment: Int) -> (ip: UInt16, tcp: UInt16) {
    var ip = Checksum()
    ip.add(datagram.extracting(0..<segment))

    // The pseudo header: both addresses, the protocol, the segment's length.
    var tcp = Checksum()
    tcp.add(datagram.extracting(12..<20))
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
