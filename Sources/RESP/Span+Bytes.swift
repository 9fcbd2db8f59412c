import Glibc

/// What arrays of bytes can do and spans of them can't yet.
extension Span<UInt8> {
  /// A copy.
  @inline(__always)
  package var array: [UInt8] { unsafe withUnsafeBufferPointer { unsafe Array($0) } }

  @inline(__always)
  package func isEqual(to other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    return unsafe withUnsafeBufferPointer { bytes in
      unsafe other.withUnsafeBufferPointer { other in
        guard let first = bytes.baseAddress, let second = other.baseAddress else { return true }
        return unsafe memcmp(first, second, bytes.count) == 0
      }
    }
  }

  /// As memcmp(3) orders them.
  package func precedes(_ other: Span<UInt8>) -> Bool {
    unsafe withUnsafeBufferPointer { bytes in
      unsafe other.withUnsafeBufferPointer { other in unsafe bytes.lexicographicallyPrecedes(other) }
    }
  }
}

extension [UInt8] {
  @inline(__always)
  package mutating func append(contentsOf bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }
}
