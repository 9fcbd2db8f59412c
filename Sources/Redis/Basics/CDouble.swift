/// C's double, as strtod reads it.
enum CDouble {
  /// The whole text, up to the first 0, as a number; blanks may stand before it, and nothing at all is 0. nil for what is
  /// none, for NaN, and for a number that a double can't hold (`sortCommandGeneric` in sort.c).
  static func parse(_ bytes: Bytes) -> Double? {
    let whole = bytes.array.prefix { $0 != 0 }
    if whole.isEmpty { return 0 }
    let text = whole.drop { $0 == 32 || (9...13).contains($0) }
    guard let number = Double(String(decoding: text, as: UTF8.self)), !number.isNaN else { return nil }
    let isDigit: (UInt8) -> Bool = { (UInt8(ascii: "1")...UInt8(ascii: "9")).contains($0) }
    if number.isInfinite, text.contains(where: isDigit) { return nil }
    // What is so small is rounded, or gone.
    let mantissa = text.prefix { $0 != UInt8(ascii: "e") && $0 != UInt8(ascii: "E") }
    if number.isSubnormal || number.isZero, mantissa.contains(where: isDigit) { return nil }
    return number
  }
}
