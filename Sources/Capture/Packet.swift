/// One TCP segment in one IPv4 datagram in one Ethernet frame, as it was seen on the wire.
///
/// Header fields are parsed, the payload is shared with what the sender wrote (or with the file it was read from), and
/// what is the same in every packet of Linux's loopback takes no room: a lab keeps millions.
package struct Packet: Hashable, Sendable {
  /// When the packet was captured, in nanoseconds since 1970-01-01 00:00:00 UTC.
  package var timestamp: Int64
  package var payload: SharedBytes
  package var options: TCPOptions
  package var source: Endpoint
  package var destination: Endpoint
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
  package var timeToLive: UInt8 = 64
  package var typeOfService: UInt8 = 0
  package var identification: UInt16
  /// The three flag bits and the fragment offset of the IP header.
  package var fragment: UInt16 = Packet.doNotFragment
  /// How many bytes of the payload the wire had but the capture has not (a snapshot length cut them off).
  package var missing: UInt16 = 0
  package var checksums = Checksums.right

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
    self.source = source
    self.destination = destination
    self.sequence = sequence
    self.acknowledgement = acknowledgement
    self.flags = flags
    self.window = window
    self.options = options
    self.identification = identification
    self.payload = payload
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
