/// LZF, the compression of strings: literal runs and references to what came up to 8192 bytes before.
///
///     000LLLLL, L+1 bytes               literal: 1 to 32 bytes as they are
///     LLLOOOOO OOOOOOOO                 reference: L+2 (3 to 8) bytes from O+1 bytes back
///     111OOOOO LLLLLLLL OOOOOOOO        reference: L+9 (9 to 264) bytes from O+1 bytes back
///
/// A reference may reach into the bytes it is making: that is how runs are repeated.
package enum LZF {
  package enum Instruction: Hashable, Sendable {
    /// Bytes to take over as they are; the range is that within the compressed bytes.
    case literal(Range<Int>)
    case reference(distance: Int, count: Int)

    /// How many bytes of the original it makes.
    package var length: Int {
      switch self {
      case .literal(let range): range.count
      case .reference(_, let count): count
      }
    }
  }

  /// Reads the instruction at `position` and moves past it; nil if the bytes end within it.
  package static func instruction(in bytes: Span<UInt8>, at position: inout Int) -> Instruction? {
    guard position < bytes.count else { return nil }
    let control = Int(bytes[position])
    position += 1
    if control < 1 << 5 {
      let range = position..<position + control + 1
      position = range.upperBound
      return range.upperBound <= bytes.count ? .literal(range) : nil
    }
    var length = control >> 5
    if length == 7 {
      guard position < bytes.count else { return nil }
      length += Int(bytes[position])
      position += 1
    }
    guard position < bytes.count else { return nil }
    let distance = (control & 0x1f) << 8 + Int(bytes[position]) + 1
    position += 1
    return .reference(distance: distance, count: length + 2)
  }

  /// How many bytes the compressed ones make up; nil if they are not valid.
  package static func originalLength(of bytes: Span<UInt8>) -> Int? {
    var position = 0
    var made = 0
    while position < bytes.count {
      guard let instruction = instruction(in: bytes, at: &position) else { return nil }
      if case .reference(let distance, _) = instruction, distance > made { return nil }
      made += instruction.length
    }
    return made
  }

  /// Whether the bytes make up exactly `originalLength` others. Allocates nothing, so that a claimed length costs
  /// nothing.
  package static func isValid(_ bytes: Span<UInt8>, originalLength: Int) -> Bool {
    self.originalLength(of: bytes) == originalLength
  }

  /// The original bytes, or nil if the compressed ones are not valid or make another number of bytes (`lzf_decompress`
  /// in lzf_d.c).
  package static func decompress(_ bytes: Span<UInt8>, originalLength: Int) -> [UInt8]? {
    isValid(bytes, originalLength: originalLength) ? expand(bytes, originalLength: originalLength) : nil
  }

  /// The original bytes of what `isValid` approved of; of anything else, those up to where it makes no sense.
  static func expand(_ bytes: Span<UInt8>, originalLength: Int) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: originalLength) { output, made in
      var position = 0
      while let instruction = instruction(in: bytes, at: &position), made + instruction.length <= originalLength {
        switch instruction {
        case .literal(let range):
          unsafe bytes.extracting(range).withUnsafeBufferPointer { literal in
            _ = unsafe output[made...].update(fromContentsOf: literal)
          }
        case .reference(let distance, let count):
          guard distance <= made else { return }
          // One after the other: it may reach into what it makes.
          for index in made..<made + count { unsafe output[index] = output[index - distance] }
        }
        made += instruction.length
      }
    }
  }
}
