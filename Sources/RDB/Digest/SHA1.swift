/// SHA-1 (FIPS 180-4), which DEBUG DIGEST is made of. It protects nothing here; a library of cryptography would take
/// longer to build than all the rest of the package.
package enum SHA1 {
  /// The 20 bytes of a message's digest.
  package static func hash(_ message: [UInt8]) -> [UInt8] {
    var state: State = (0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0)
    // The message, a bit of one, as many zeros as make the length 56 modulo 64, and the number of bits in 64 bits.
    var padded = message
    padded.append(0x80)
    padded.append(contentsOf: repeatElement(0, count: (119 - message.count % 64) % 64))
    let bitCount = UInt64(message.count) << 3
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      padded.append(UInt8(truncatingIfNeeded: bitCount >> shift))
    }

    var words = [UInt32](repeating: 0, count: 80)
    for start in stride(from: 0, to: padded.count, by: 64) { mix(padded, start, &words, &state) }
    return [state.0, state.1, state.2, state.3, state.4].flatMap { word in
      stride(from: UInt32(24), through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> $0) }
    }
  }

  private typealias State = (UInt32, UInt32, UInt32, UInt32, UInt32)

  /// One block of 64 bytes.
  private static func mix(_ bytes: [UInt8], _ start: Int, _ words: inout [UInt32], _ state: inout State) {
    for t in 0..<16 {
      let at = start + 4 * t
      words[t] =
        UInt32(bytes[at]) << 24 | UInt32(bytes[at + 1]) << 16 | UInt32(bytes[at + 2]) << 8 | UInt32(bytes[at + 3])
    }
    for t in 16..<80 { words[t] = rotated(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1) }

    var (a, b, c, d, e) = state
    for t in 0..<80 {
      let (f, k): (UInt32, UInt32) =
        switch t {
        case ..<20: ((b & c) | (~b & d), 0x5a82_7999)
        case ..<40: (b ^ c ^ d, 0x6ed9_eba1)
        case ..<60: ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc)
        default: (b ^ c ^ d, 0xca62_c1d6)
        }
      (a, b, c, d, e) = (rotated(a, 5) &+ f &+ e &+ k &+ words[t], a, rotated(b, 30), c, d)
    }
    state = (state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d, state.4 &+ e)
  }

  private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 { word << count | word >> (32 - count) }
}

extension SHA1 {
  /// The hash of a message in forty digits, as scripts are named (`sha1hex` in eval.c).
  package static func hex(_ message: [UInt8]) -> String { hexadecimal(hash(message)) }

  static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
