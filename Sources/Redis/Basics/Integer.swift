/// Redis's strict reading of integers: canonical decimal only, no sign but a leading minus, no leading zeros, no spaces
/// (`string2ll` in util.c).
package enum Integer {
  package static func parse(_ bytes: Bytes) -> Int64? {
    let count = bytes.count
    guard count > 0, count <= 20 else { return nil }
    let negative = bytes[0] == UInt8(ascii: "-")
    var i = negative ? 1 : 0
    guard i < count else { return nil }
    if bytes[i] == UInt8(ascii: "0") { return count == 1 ? 0 : nil }
    var value: Int64 = 0
    while i < count {
      let digit = bytes[i] &- UInt8(ascii: "0")
      guard digit <= 9 else { return nil }
      // Accumulated as a negative number, which reaches one further than a positive one.
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow2) = tens.subtractingReportingOverflow(Int64(digit))
      guard !overflow, !overflow2 else { return nil }
      value = sum
      i += 1
    }
    if negative { return value }
    return value == .min ? nil : -value
  }

  /// The number at the beginning, as strtoll(3) reads it: spaces and a sign may come first, what follows is ignored, and
  /// a number that is too great is the greatest.
  package static func leading(_ bytes: Bytes) -> Int64 {
    var digits = bytes.array.drop { $0 == 32 || (9...13).contains($0) }
    let negative = digits.first == UInt8(ascii: "-")
    if negative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
    var value: Int64 = 0
    for digit in digits.prefix(while: { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow2) = tens.subtractingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
      guard !overflow, !overflow2 else { return negative ? .min : .max }
      value = sum
    }
    return negative ? value : value == .min ? .max : -value
  }

  /// The number that a text is, as strtoll(3) reads it; nil where something else comes behind it. An empty text is 0.
  static func whole(_ text: String, radix: UInt8 = 10) -> Int64? {
    let bytes = Bytes(text).upToNUL.array
    var digits = bytes.drop { $0 == 32 || (9...13).contains($0) }
    let negative = digits.first == UInt8(ascii: "-")
    if negative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
    guard !digits.isEmpty, digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 < UInt8(ascii: "0") + radix }) else {
      return bytes.isEmpty ? 0 : nil
    }
    return Int64((negative ? "-" : "") + String(bytes: digits), radix: Int(radix)) ?? (negative ? .min : .max)
  }

  /// The same for what strangers say of offsets and lengths: within 2^62 either way, so that sums of them are safe.
  package static func leadingOffset(_ bytes: Bytes) -> Int64 { clampedOffset(leading(bytes)) }

  /// Where a node takes up a history: what it counts from there on fits.
  package static func clampedOffset(_ offset: Int64) -> Int64 { max(-(1 << 62), min(1 << 62, offset)) }
}
