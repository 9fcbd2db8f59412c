// Sums of numbers that somebody else chose: offsets and lengths off the wire, out of files or from the prompt, and times
// that come of them. `+` would end the program where such a sum does not fit, and a stranger decides whether it does.
// These stop at the type's end instead: what lies beyond it is as far away as can be said, which is the truth for
// whatever compares it or shows it.

infix operator +| : AdditionPrecedence
infix operator -| : AdditionPrecedence
infix operator *| : MultiplicationPrecedence
infix operator +|= : AssignmentPrecedence

extension FixedWidthInteger {
  /// The sum, or the nearest number that there is.
  @inlinable package static func +| (a: Self, b: Self) -> Self {
    let (sum, overflowed) = a.addingReportingOverflow(b)
    return overflowed ? (b < 0 ? .min : .max) : sum
  }

  /// The difference, or the nearest number that there is.
  @inlinable package static func -| (a: Self, b: Self) -> Self {
    let (difference, overflowed) = a.subtractingReportingOverflow(b)
    return overflowed ? (b < 0 ? .max : .min) : difference
  }

  /// The product, or the nearest number that there is.
  @inlinable package static func *| (a: Self, b: Self) -> Self {
    let (product, overflowed) = a.multipliedReportingOverflow(by: b)
    return overflowed ? ((a < 0) == (b < 0) ? .max : .min) : product
  }

  @inlinable package static func +|= (a: inout Self, b: Self) { a = a +| b }
}
