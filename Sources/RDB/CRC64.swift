/// The checksum at the end of a snapshot: CRC-64 with Jones's polynomial (`crc64` in crc64.c).
///
/// Polynomial 0xad93d23594c935a9, bits reflected in and out, start 0, no final xor; "123456789" gives
/// 0xe9c6d914c4b8d9ca. (The comment in Redis's crc64.c says that the result is inverted; the code does not.)
package enum CRC64 {
  /// The polynomial with its bits in reverse, as a reflected CRC divides by it.
  private static let reflectedPolynomial: UInt64 = 0x95ac_9329_ac4b_c9b5

  /// Eight tables in a row: entry `[k * 256 + b]` is what byte `b` contributes when `k` more bytes follow it, so that
  /// eight bytes are taken at a time ("slicing by 8").
  private static let tables: [UInt64] = {
    var tables = [UInt64](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var crc = UInt64(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ reflectedPolynomial : crc >> 1 }
      tables[byte] = crc
    }
    for index in 256..<tables.count {
      let before = tables[index - 256]
      tables[index] = tables[Int(before & 0xff)] ^ (before >> 8)
    }
    return tables
  }()

  /// The checksum `crc` carried on over `bytes`.
  package static func update(_ crc: UInt64, with bytes: Span<UInt8>) -> UInt64 {
    unsafe bytes.withUnsafeBytes { bytes in
      unsafe tables.withUnsafeBufferPointer { table in
        var crc = crc
        var index = 0
        while bytes.count - index >= 8 {
          let x = unsafe crc ^ UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
          // The lowest byte came first: seven more follow it.
          func entry(_ row: Int, _ shift: UInt64) -> UInt64 { unsafe table[row * 256 + Int(x >> shift & 0xff)] }
          let low = entry(7, 0) ^ entry(6, 8) ^ entry(5, 16) ^ entry(4, 24)
          let high = entry(3, 32) ^ entry(2, 40) ^ entry(1, 48) ^ entry(0, 56)
          crc = low ^ high
          index += 8
        }
        while index < bytes.count {
          crc = unsafe table[Int((crc ^ UInt64(bytes[index])) & 0xff)] ^ (crc >> 8)
          index += 1
        }
        return crc
      }
    }
  }

  /// The checksum of `bytes`.
  package static func checksum(_ bytes: [UInt8]) -> UInt64 { update(0, with: bytes.span) }
}
