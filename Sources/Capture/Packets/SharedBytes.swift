/// A stretch of a byte array that it shares with whoever else holds the array: 16 bytes, where an `ArraySlice` takes 32.
///
/// A lab keeps the payloads of millions of packets; each is a stretch of what a node wrote, or of a capture file.
package struct SharedBytes: Sendable {
  private let storage: [UInt8]
  // Invariant: start + length <= storage.count.
  private let start: UInt32
  private let length: UInt32

  package static let empty = SharedBytes([])

  /// Shares all of `bytes`, of which there may be no more than `UInt32.max`.
  package init(_ bytes: [UInt8]) {
    storage = bytes
    start = 0
    length = UInt32(bytes.count)
  }

  /// Shares the given stretch of `bytes`, which must lie within it.
  package init(_ bytes: [UInt8], _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    storage = bytes
    start = UInt32(range.lowerBound)
    length = UInt32(range.count)
  }
}

extension SharedBytes: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { Int(length) }

  package subscript(position: Int) -> UInt8 {
    precondition(position >= 0 && position < Int(length))
    return storage[Int(start) + position]
  }

  package subscript(bounds: Range<Int>) -> SharedBytes {
    precondition(bounds.lowerBound >= 0 && bounds.upperBound <= Int(length))
    return SharedBytes(storage, Int(start) + bounds.lowerBound..<Int(start) + bounds.upperBound)
  }

  /// The array of which it is a stretch, for who reads much of it.
  package var array: [UInt8] { storage }
  /// Which stretch of `array` it is.
  package var stretch: Range<Int> { Int(start)..<Int(start) + Int(length) }

  /// The bytes as the collection of the standard library that is fast to append.
  package var slice: ArraySlice<UInt8> { storage[Int(start)..<Int(start) + Int(length)] }
}

extension SharedBytes: Hashable {
  package static func == (a: Self, b: Self) -> Bool { a.length == b.length && a.slice == b.slice }
  package func hash(into hasher: inout Hasher) { hasher.combine(slice) }
}
