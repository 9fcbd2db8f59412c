/// One TCP segment in one IP datagram in one frame, as it was seen on the wire.
///
/// Header fields are parsed, the payload is shared with what the sender wrote (or with the frame it was read from), and
/// what is the same in every packet of Linux's loopback takes no room: a lab keeps millions. What is not, an `envelope`
/// has.
package struct Packet: Hashable, Sendable {
  /// When the packet was captured, in nanoseconds since 1970-01-01 00:00:00 UTC.
  package var timestamp: Int64
  package var payload: SharedBytes
  package var options: TCPOptions
  // Of an IPv6 packet both are 0: the envelope has its addresses.
  private var sourceAddress: UInt32 = 0
  private var destinationAddress: UInt32 = 0
  private var sourcePort: UInt16
  private var destinationPort: UInt16
  /// The sequence number of the payload's first byte (of the SYN itself in a SYN).
  package var sequence: UInt32
  /// The sequence number that the sender expects next; means nothing without the flag `acknowledgement`.
  package var acknowledgement: UInt32
  /// As it stands in the header, not yet scaled.
  package var window: UInt16
  package var urgentPointer: UInt16 = 0
  /// The four bits between the header length and the flags.
  package var reserved: UInt8 = 0
  package var flags: TCPFlags
  /// The hop limit of IPv6.
  package var timeToLive: UInt8 = 64
  /// The traffic class of IPv6.
  package var typeOfService: UInt8 = 0
  /// Of IPv4; 0 in IPv6.
  package var identification: UInt16
  /// The three flag bits and the fragment offset of the IPv4 header; 0 in IPv6.
  package var fragment: UInt16 = Packet.doNotFragment
  /// How many bytes of the payload the wire had but the capture has not (a snapshot length cut them off).
  package var missing: UInt16 = 0
  package var checksums = Checksums.right
  /// One word for both of what most packets have not.
  private var extra: Extra?

  private enum Extra: Hashable, Sendable {
    case envelope(Envelope)
    case reading(PayloadReading)
    indirect case both(Envelope, PayloadReading)

    init?(_ envelope: Envelope?, _ reading: PayloadReading?) {
      switch (envelope, reading) {
      case (nil, nil): return nil
      case (let envelope?, nil): self = .envelope(envelope)
      case (nil, let reading?): self = .reading(reading)
      case (let envelope?, let reading?): self = .both(envelope, reading)
      }
    }
  }

  /// What stands in the checksum fields of the IP and the TCP header.
  package enum Checksums: Hashable, Sendable {
    /// What the bytes give.
    case right
    /// What a capture had: Linux leaves TCP's checksum to the network card, and the loopback has none.
    case captured(ip: UInt16, tcp: UInt16)
  }

  package static let doNotFragment: UInt16 = 0x4000

  package init(
    timestamp: Int64, source: Endpoint, destination: Endpoint, sequence: UInt32, acknowledgement: UInt32,
    flags: TCPFlags, window: UInt16, options: TCPOptions, identification: UInt16, payload: SharedBytes = .empty
  ) {
    self.timestamp = timestamp
    sourcePort = source.port
    destinationPort = destination.port
    self.sequence = sequence
    self.acknowledgement = acknowledgement
    self.flags = flags
    self.window = window
    self.options = options
    self.identification = identification
    self.payload = payload
    if case .v4(let address) = source.address { sourceAddress = address.rawValue }
    if case .v4(let address) = destination.address { destinationAddress = address.rawValue }
    guard case .v6(let from) = source.address, case .v6(let to) = destination.address else { return }
    fragment = 0
    envelope = .loopback(from: from, to: to)
  }
}

extension Packet {
  /// What stands around the segment; nil for what stands around each one on Linux's loopback.
  package var envelope: Envelope? {
    get {
      switch extra {
      case .envelope(let envelope), .both(let envelope, _): envelope
      case .reading, nil: nil
      }
    }
    set { extra = Extra(newValue, reading) }
  }

  /// What is known of the payload, if it was read from text; nil where every byte was seen.
  package var reading: PayloadReading? {
    get {
      switch extra {
      case .reading(let reading), .both(_, let reading): reading
      case .envelope, nil: nil
      }
    }
    set { extra = Extra(envelope, newValue) }
  }

  package var source: Endpoint {
    get { Endpoint(address(isSource: true), sourcePort) }
    set {
      sourcePort = newValue.port
      setAddress(newValue.address, isSource: true)
    }
  }

  package var destination: Endpoint {
    get { Endpoint(address(isSource: false), destinationPort) }
    set {
      destinationPort = newValue.port
      setAddress(newValue.address, isSource: false)
    }
  }

  package var isIPv6: Bool { envelope?.isIPv6 ?? false }

  private func address(isSource: Bool) -> IPAddress {
    if let envelope, envelope.isIPv6 { return .v6(envelope.address(isSource: isSource)) }
    return .v4(IPv4Address(rawValue: isSource ? sourceAddress : destinationAddress))
  }

  /// Replaces an address by another one of the same family; a packet never changes its family.
  private mutating func setAddress(_ address: IPAddress, isSource: Bool) {
    switch address {
    case .v4(let address) where !isIPv6:
      if isSource { sourceAddress = address.rawValue } else { destinationAddress = address.rawValue }
    case .v6(let address): envelope = envelope?.isIPv6 == true ? envelope?.with(address, isSource: isSource) : envelope
    case .v4: break
    }
  }
}

extension Packet {
  /// The number of bytes of payload on the wire.
  package var length: Int { payload.count + Int(missing) }

  /// The sequence number after this packet: a SYN and a FIN count as one byte each.
  package var nextSequence: UInt32 {
    sequence &+ UInt32(length) &+ (flags.contains(.syn) ? 1 : 0) &+ (flags.contains(.fin) ? 1 : 0)
  }
}

/// The flag bits of a TCP header.
package struct TCPFlags: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let fin = TCPFlags(rawValue: 0x01)
  package static let syn = TCPFlags(rawValue: 0x02)
  package static let reset = TCPFlags(rawValue: 0x04)
  package static let push = TCPFlags(rawValue: 0x08)
  package static let acknowledgement = TCPFlags(rawValue: 0x10)
  package static let urgent = TCPFlags(rawValue: 0x20)
}
