/// SHA-1 (FIPS 180-4), which DEBUG DIGEST is made of. It protects nothing here; a library of cryptography would take
/// longer to build than all the rest of the package.
package enum SHA1 {
  /// The 20 bytes of a message's digest.
  package static func hash(_ message: [UInt8]) -> [UInt8] {
    let bytes = message.span
    var state: State = (0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0)
    let whole = bytes.count / 64 * 64
    for start in stride(from: 0, to: whole, by: 64) { mix(bytes, start, &state) }

    // What is left, a bit of one, as many zeros as make the length 56 modulo 64, and the number of bits in 64 bits.
    let rest = bytes.count - whole
    var end = InlineArray<128, UInt8>(repeating: 0)
    for index in 0..<rest { end[index] = bytes[whole + index] }
    end[rest] = 0x80
    let endCount = rest < 56 ? 64 : 128
    let bitCount = UInt64(bytes.count) << 3
    for index in 0..<8 { end[endCount - 1 - index] = UInt8(truncatingIfNeeded: bitCount >> UInt64(8 * index)) }
    for start in stride(from: 0, to: endCount, by: 64) { mix(end.span, start, &state) }

    var digest: [UInt8] = []
    digest.reserveCapacity(20)
    func add(_ word: UInt32) {
      for byte in 1...4 { digest.append(UInt8(truncatingIfNeeded: word >> UInt32(32 - 8 * byte))) }
    }
    add(state.0)
    add(state.1)
    add(state.2)
    add(state.3)
    add(state.4)
    return digest
  }

  private typealias State = (UInt32, UInt32, UInt32, UInt32, UInt32)

  /// One block of 64 bytes. Of the 80 words that are made of it, each is made of some of the sixteen before it.
  private static func mix(_ bytes: Span<UInt8>, _ start: Int, _ state: inout State) {
    var words = InlineArray<16, UInt32>(repeating: 0)
    for t in 0..<16 {
      let at = start + 4 * t
      words[t] =
        UInt32(bytes[at]) << 24 | UInt32(bytes[at + 1]) << 16 | UInt32(bytes[at + 2]) << 8 | UInt32(bytes[at + 3])
    }

    var (a, b, c, d, e) = state
    @inline(__always) func turn(_ f: UInt32, _ k: UInt32, _ t: Int) {
      (a, b, c, d, e) = (rotated(a, 5) &+ f &+ e &+ k &+ words[t & 15], a, rotated(b, 30), c, d)
      // In its place the one that is used sixteen turns later.
      words[t & 15] = rotated(words[(t + 13) & 15] ^ words[(t + 8) & 15] ^ words[(t + 2) & 15] ^ words[t & 15], 1)
    }
    for t in 0..<20 { turn(d ^ (b & (c ^ d)), 0x5a82_7999, t) }
    for t in 20..<40 { turn(b ^ c ^ d, 0x6ed9_eba1, t) }
    for t in 40..<60 { turn((b & c) | (d & (b | c)), 0x8f1b_bcdc, t) }
    for t in 60..<80 { turn(b ^ c ^ d, 0xca62_c1d6, t) }
    state = (state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d, state.4 &+ e)
  }

  @inline(__always) private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 {
    word << count | word >> (32 - count)
  }
}

extension SHA1 {
  /// The hash of a message in forty digits, as scripts are named (`sha1hex` in eval.c).
  package static func hex(_ message: [UInt8]) -> [UInt8] { hexadecimal(hash(message)) }

  static func hexadecimal(_ bytes: [UInt8]) -> [UInt8] {
    var digits: [UInt8] = []
    digits.reserveCapacity(2 * bytes.count)
    func add(_ digit: UInt8) { digits.append(digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)) }
    for byte in bytes {
      add(byte >> 4)
      add(byte & 15)
    }
    return digits
  }
}
