import RESP

/// A small set of nothing but integers, in ascending order, each in as many bytes as the widest of all that ever came
/// (intset.c).
package struct Intset: Equatable, Sendable {
  private var numbers: [Int64] = []
  /// How many bytes each number takes: 2, 4 or 8. It never shrinks.
  private var width = 2

  package init() {}

  /// From the bytes of a snapshot that a scan has approved of: width, count, numbers, the low byte first in all of them.
  package init(approved bytes: [UInt8]) {
    func number(_ start: Int, _ size: Int) -> Int64 {
      var pattern: UInt64 = 0
      for index in 0..<size { pattern |= UInt64(bytes[start + index]) << UInt64(8 * index) }
      let shift = Int64(64 - 8 * size)
      return Int64(bitPattern: pattern << UInt64(shift)) >> shift
    }
    width = Int(number(0, 4))
    numbers = stride(from: 8, to: bytes.count, by: width).map { number($0, width) }
  }

  /// As a snapshot holds it.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + numbers.count * width)
    func append(_ number: Int64, _ size: Int) {
      for index in 0..<size { bytes.append(UInt8(truncatingIfNeeded: number >> Int64(8 * index))) }
    }
    append(Int64(width), 4)
    append(Int64(numbers.count), 4)
    for number in numbers { append(number, width) }
    return bytes
  }

  package var count: Int { numbers.count }
  var byteCount: Int { 8 + numbers.count * width }
  package subscript(index: Int) -> Int64 { numbers[index] }

  package func contains(_ number: Int64) -> Bool {
    let place = place(of: number)
    return place < numbers.count && numbers[place] == number
  }

  /// False if it is there already (`intsetAdd`).
  package mutating func insert(_ number: Int64) -> Bool {
    let place = place(of: number)
    if place < numbers.count, numbers[place] == number { return false }
    numbers.insert(number, at: place)
    width = max(width, Int16(exactly: number) != nil ? 2 : Int32(exactly: number) != nil ? 4 : 8)
    return true
  }

  /// False if it is not there (`intsetRemove`).
  package mutating func remove(_ number: Int64) -> Bool {
    let place = place(of: number)
    guard place < numbers.count, numbers[place] == number else { return false }
    numbers.remove(at: place)
    return true
  }

  /// The place of the first number that is not less.
  private func place(of number: Int64) -> Int { numbers.partitioningIndex { $0 >= number } }
}
