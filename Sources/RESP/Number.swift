/// Numbers as Redis writes them on the wire.
package enum Number {
  /// The value of `digits`, which must be a decimal number exactly as Redis would print it: no plus sign, no leading
  /// zero, no blank, within 64 bits (util.c, string2ll).
  package static func integer(_ digits: Span<UInt8>) -> Int64? {
    let count = digits.count
    // "-9223372036854775808" has 20 characters.
    guard count > 0, count <= 20 else { return nil }
    if count == 1, digits[0] == UInt8(ascii: "0") { return 0 }
    let negative = digits[0] == UInt8(ascii: "-")
    var position = negative ? 1 : 0
    guard position < count, digits[position] != UInt8(ascii: "0") else { return nil }
    var value: Int64 = 0
    while position < count {
      let digit = digits[position] &- UInt8(ascii: "0")
      guard digit <= 9 else { return nil }
      let (tens, overflowed) = value.multipliedReportingOverflow(by: 10)
      // Counted downwards, because the least value has no positive twin.
      let (next, alsoOverflowed) = tens.subtractingReportingOverflow(Int64(digit))
      guard !overflowed, !alsoOverflowed else { return nil }
      value = next
      position += 1
    }
    if negative { return value }
    return value == .min ? nil : -value
  }

  /// The same for an array: an argument of a command.
  package static func integer(_ digits: [UInt8]) -> Int64? { integer(digits.span) }
}

extension [UInt8] {
  /// Appends `value` in decimal.
  package mutating func append(decimal value: Int) {
    if value < 0 { append(UInt8(ascii: "-")) }
    append(decimal: UInt64(value.magnitude))
  }

  package mutating func append(decimal value: UInt64) {
    // From the last digit on, of which a number of 64 bits has 20 at most.
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var (rest, first) = (value, 20)
    repeat {
      first -= 1
      digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
    append(contentsOf: digits.span.extracting(first..<20))
  }
}
