extension Double {
  /// The number that a text begins with, behind blanks, as C's strtod reads it; nil where there is none.
  package init?(leading bytes: [UInt8]) {
    let text = bytes.drop { $0 == 0x20 || (0x09...0x0d).contains($0) }.map {
      $0 | ((0x41...0x5a).contains($0) ? 0x20 : 0)
    }
    let isNegative = text.first == UInt8(ascii: "-")
    let digits = text[(isNegative || text.first == UInt8(ascii: "+") ? 1 : 0)...]
    guard let magnitude = Self.magnitude(digits) else { return nil }
    self = isNegative ? -magnitude : magnitude
  }

  /// A number without a sign.
  private static func magnitude(_ text: ArraySlice<UInt8>) -> Double? {
    if text.starts(with: "inf".utf8) { return .infinity }
    if text.starts(with: "nan".utf8) { return .nan }
    if text.starts(with: "0x".utf8) {
      let isHex: (UInt8) -> Bool = { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
      // Without a digit it is the 0 in front of the x.
      return number(text.dropFirst(2), UInt8(ascii: "p"), isHex).flatMap { Double("0x" + $0) } ?? 0
    }
    return number(text, UInt8(ascii: "e")) { (0x30...0x39).contains($0) }.flatMap { Double($0) }
  }

  /// Digits, a point and digits, an exponent: as much of that as there is, with a digit on either side of the point.
  private static func number(_ text: ArraySlice<UInt8>, _ exponent: UInt8, _ isDigit: (UInt8) -> Bool) -> String? {
    let whole = text.prefix(while: isDigit)
    var rest = text.dropFirst(whole.count)
    var fraction: ArraySlice<UInt8> = []
    if rest.first == UInt8(ascii: ".") {
      fraction = rest.dropFirst().prefix(while: isDigit)
      rest = rest.dropFirst(1 + fraction.count)
    }
    guard !whole.isEmpty || !fraction.isEmpty else { return nil }
    var digits = "0" + String(decoding: whole, as: UTF8.self)
    if !fraction.isEmpty { digits += "." + String(decoding: fraction, as: UTF8.self) }
    guard rest.first == exponent else { return digits }
    let sign = rest.dropFirst().prefix { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }.prefix(1)
    let power = rest.dropFirst(1 + sign.count).prefix { (0x30...0x39).contains($0) }
    guard !power.isEmpty else { return digits }
    return digits + String(decoding: [exponent] + sign + power, as: UTF8.self)
  }
}
