import RDB

/// Which values of some bytes give the checksum that is known, all of it or some of its bits.
///
/// A CRC is linear: the checksum of a sum (modulo 2) is the sum of the checksums. So each unknown bit adds a constant to
/// the checksum or does not, and the bits of the checksum that are known are equations over the unknown ones: they are
/// solved as such, instead of trying all values.
struct ChecksumSolver {
  /// Any of these solutions, and their sum with any combination of the kernel's.
  private struct Vector {
    /// Which of the unknown bits are set: bit `8 * n + b` is bit `b` of the unknown byte `n`.
    var bits: UInt128 = 0
    /// What they add to the checksum.
    var sum: UInt64 = 0

    static func ^= (a: inout Vector, b: Vector) {
      a.bits ^= b.bits
      a.sum ^= b.sum
    }
  }

  private var particular: Vector
  private var kernel: [Vector] = []
  private let checksum: UInt64
  private let unknownCount: Int

  /// The most bytes that can be unknown.
  static let mostUnknown = 16

  /// - Parameters:
  ///   - bytes: everything before the checksum, zero where it is unknown.
  ///   - unknown: the offsets of the unknown bytes, at most `mostUnknown`.
  ///   - known: the checksum, as far as `mask` has bits of it.
  /// - Returns: nil if nothing satisfies the checksum.
  init?(_ bytes: [UInt8], unknown: [Int], known: UInt64, mask: UInt64) {
    checksum = CRC64.checksum(bytes)
    unknownCount = unknown.count
    // The vectors seen so far, each with a highest known bit that no other has.
    var basis = [Vector?](repeating: nil, count: 64)
    func reduce(_ vector: inout Vector) -> Int? {
      while vector.sum & mask != 0 {
        let pivot = 63 - (vector.sum & mask).leadingZeroBitCount
        guard let base = basis[pivot] else { return pivot }
        vector ^= base
      }
      return nil
    }
    for (number, offset) in unknown.enumerated() {
      for bit in 0..<8 {
        let tail = [1 << UInt8(bit)] + [UInt8](repeating: 0, count: bytes.count - 1 - offset)
        var vector = Vector(bits: 1 << UInt128(8 * number + bit), sum: CRC64.checksum(tail))
        if let pivot = reduce(&vector) { basis[pivot] = vector } else { kernel.append(vector) }
      }
    }
    particular = Vector(bits: 0, sum: (known ^ checksum) & mask)
    // What the basis makes of the difference is the solution itself.
    let wanted = particular
    guard reduce(&particular) == nil else { return nil }
    particular.sum ^= wanted.sum
  }

  /// There are 2 to this power of solutions.
  var dimension: Int { kernel.count }

  /// Visits every solution: the unknown bytes, and the whole checksum.
  func forEach(_ body: ([UInt8], UInt64) -> Void) {
    var vector = particular
    var bytes = [UInt8](repeating: 0, count: unknownCount)
    for step in 0..<(1 << kernel.count) as Range<Int> {
      // Each differs from the one before in one combination only (a Gray code).
      if step > 0 { vector ^= kernel[step.trailingZeroBitCount] }
      for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: vector.bits >> UInt128(8 * index)) }
      body(bytes, checksum ^ vector.sum)
    }
  }
}
