import Glibc
import RESP

// Doubles as the commands on sorted sets and places read them, and as C writes them.
extension Double {
  /// The whole text as a number; nil for NaN, for what a double can't hold, and where there are blanks in front
  /// (`string2d` in util.c).
  init?(whole text: Bytes) {
    guard !text.isEmpty, text[0] != 32, !(9...13).contains(text[0]) else { return nil }
    let (value, end, isOutOfRange) = Double.strtod(text.array)
    guard end == text.count, !value.isNaN, !isOutOfRange || value.isFinite && value != 0 else { return nil }
    self = value
  }

  /// What a text begins with, if it ends behind that or goes on with a zero byte; nothing stands for 0. nil for NaN and
  /// for anything else (`zslParseRange` in t_zset.c).
  init?(bound text: some Sequence<UInt8>) {
    let text = Array(text)
    let (value, end, _) = Double.strtod(text)
    guard end == text.count || text[end] == 0, !value.isNaN else { return nil }
    self = value
  }

  /// The whole text up to the first 0 as a number; blanks may stand before it, and nothing at all is 0. nil for NaN, and
  /// for what a double can't hold (`sortCommandGeneric` in sort.c).
  init?(weight text: Bytes) {
    let text = text.array.prefix { $0 != 0 }
    let (value, end, isOutOfRange) = Double.strtod(Array(text))
    guard end == text.count, !value.isNaN, !isOutOfRange else { return nil }
    self = value
  }

  /// C's reading, and how many bytes it took.
  private static func strtod(_ text: [UInt8]) -> (value: Double, end: Int, isOutOfRange: Bool) {
    // A whole number that a double holds, as it would be written, needs no C.
    if let whole = Number.integer(text), whole.magnitude < 1 << 53 { return (Double(whole), text.count, false) }
    let terminated = text.map { CChar(bitPattern: $0) } + [0]
    return unsafe terminated.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return (0, 0, false) }
      var end: UnsafeMutablePointer<CChar>?
      errno = 0
      let value = unsafe Glibc.strtod(start, &end)
      let count = unsafe end.map { unsafe UnsafePointer($0) - start } ?? 0
      return (value, count, errno == ERANGE)
    }
  }

  /// printf's %f without the zeros at its end (`trimDoubleString` in util.c), as far as an Int64 holds the millionths.
  var sixPlaces: String {
    let millionths = Int64(min(max((self * 1e6).rounded(.toNearestOrEven), -9e18), 9e18))
    let (whole, rest) = millionths.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
    var places = String(String(rest + 1_000_000).dropFirst())
    while places.hasSuffix("0") { places.removeLast() }
    return "\(sign == .minus ? "-" : "")\(whole)\(places.isEmpty ? "" : ".")\(places)"
  }

  /// printf's %.2f and %.3f, as far as an Int64 holds the hundredths and the thousandths.
  var twoPlaces: String { places(of: 100) }
  var threePlaces: String { places(of: 1_000) }

  private func places(of unit: UInt64) -> String {
    let parts = Int64(min(max((self * Double(unit)).rounded(.toNearestOrEven), -9e18), 9e18))
    let (whole, rest) = parts.magnitude.quotientAndRemainder(dividingBy: unit)
    return "\(sign == .minus ? "-" : "")\(whole).\(String(rest + unit).dropFirst())"
  }
}
