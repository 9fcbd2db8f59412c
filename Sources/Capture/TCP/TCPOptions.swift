/// The options of a TCP header, in the two arrangements that Linux sends, or as the bytes that a capture held.
///
/// ```
///   nop  nop  TS   len      value        echo reply
///   01   01   08   0a   aa aa aa aa     bb bb bb bb             every segment but a SYN: 12 bytes
///
///   mss len  size  sackOK   TS len  value  echo   nop  wscale
///   02  04  ff d7  04  02   08 0a   4 B    4 B    01   03 03 0a   SYN and SYN-ACK: 20 bytes
/// ```
package enum TCPOptions: Hashable, Sendable {
  case none
  /// Two nops and the timestamps (RFC 7323), in milliseconds.
  case timestamps(value: UInt32, echo: UInt32)
  /// What Linux puts into a SYN.
  case handshake(maximumSegment: UInt16, windowScale: UInt8, value: UInt32, echo: UInt32)
  /// Any other arrangement, verbatim. A multiple of four bytes, 40 at most.
  case other([UInt8])
}

extension TCPOptions {
  /// Recognises Linux's own arrangements, and keeps any other as it is.
  package init(bytes: SharedBytes) {
    func word(_ at: Int) -> UInt32 {
      bytes[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
    if bytes.isEmpty {
      self = .none
    } else if bytes.count == 12, bytes[..<4].elementsEqual([1, 1, 8, 10]) {
      self = .timestamps(value: word(4), echo: word(8))
    } else if bytes.count == 20, bytes[0] == 2, bytes[1] == 4, bytes[4..<8].elementsEqual([4, 2, 8, 10]),
      bytes[16..<19].elementsEqual([1, 3, 3])
    {
      self = .handshake(
        maximumSegment: UInt16(bytes[2]) << 8 | UInt16(bytes[3]), windowScale: bytes[19], value: word(8),
        echo: word(12))
    } else {
      self = .other(Array(bytes))
    }
  }

  /// The options as they stand in the header.
  package var bytes: [UInt8] {
    switch self {
    case .none: []
    case .timestamps(let value, let echo): [1, 1, 8, 10] + value.bigEndianBytes + echo.bigEndianBytes
    case .handshake(let segment, let scale, let value, let echo):
      [2, 4] + segment.bigEndianBytes + [4, 2, 8, 10] + value.bigEndianBytes + echo.bigEndianBytes + [1, 3, 3, scale]
    case .other(let bytes): bytes
    }
  }

  /// The number of bytes that the options take in the header.
  package var count: Int {
    switch self {
    case .none: 0
    case .timestamps: 12
    case .handshake: 20
    case .other(let bytes): bytes.count
    }
  }

  /// The sender's own timestamp, if the options have Linux's arrangement.
  package var timestamp: UInt32? {
    switch self {
    case .none, .other: nil
    case .timestamps(let value, _), .handshake(_, _, let value, _): value
    }
  }
}

extension FixedWidthInteger {
  /// The bytes in the order in which they go on the wire.
  var bigEndianBytes: [UInt8] {
    (0..<Self.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) }
  }
}
