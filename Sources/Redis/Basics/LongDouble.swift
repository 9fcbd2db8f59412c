import Glibc

/// C's long double, in which INCRBYFLOAT counts: 80 bits on x86-64, as in the Redis that most people run.
enum LongDouble {
  #if arch(x86_64)
    typealias Number = Float80
    private static let format = "%.17Lf"
  #else
    typealias Number = Double
    private static let format = "%.17f"
  #endif

  /// The whole text as a number, as strtold reads it, without blanks around it; nil for NaN or none
  /// (`getLongDoubleFromObject` in object.c).
  static func parse(_ bytes: Bytes) -> Number? {
    let text = bytes.array
    guard let first = text.first, text.count < 5 * 1024, !isBlank(first), !text.contains(0) else { return nil }
    guard let number = Number(bytes.text), !number.isNaN else { return nil }
    // strtold says ERANGE where the number is not representable.
    if number.isInfinite, text.contains(where: { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) { return nil }
    if number.isZero, hasNonzeroDigit(text) { return nil }
    return number
  }

  /// Of a number's text: a digit other than 0 stands before the exponent.
  private static func hasNonzeroDigit(_ text: [UInt8]) -> Bool {
    let isHexadecimal = text.contains(UInt8(ascii: "x")) || text.contains(UInt8(ascii: "X"))
    let exponent = isHexadecimal ? "pP".utf8 : "eE".utf8
    let digits = isHexadecimal ? "123456789abcdefABCDEF".utf8 : "123456789".utf8
    return text.prefix { !exponent.contains($0) }.contains { digits.contains($0) }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  /// As Redis shows it to people: 17 decimals, then without the zeros at the end (`ld2string` in util.c).
  static func text(_ number: Number) -> String {
    if number == 0 { return "0" }
    var buffer = [CChar](repeating: 0, count: 5 * 1024)
    let count = unsafe withVaList([number]) { arguments in
      unsafe Int(vsnprintf(&buffer, buffer.count, format, arguments))
    }
    var digits = buffer.prefix(count).map { UInt8(bitPattern: $0) }
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    if digits.last == UInt8(ascii: ".") { digits.removeLast() }
    let text = String(decoding: digits, as: UTF8.self)
    return text == "-0" ? "0" : text
  }
}
