/// A number as people write it: `2614`, `2,614`, `2_614 bytes`, `5s`, `0.3 seconds`, `two`, `0x4e`.
struct Quantity: Sendable, Hashable {
  enum Dimension: Sendable, Hashable {
    case none, time, size
  }

  /// In billionths, as it was written.
  private var written: Int128
  /// In billionths of a second or of a byte, or as written.
  private var value: Int128
  private var dimension: Dimension

  private static let one: Int128 = 1_000_000_000

  /// Nil if it is no number with, at most, words behind it that say of what.
  init?(_ text: String) {
    var rest = text.lowercased().trimmed[...]
    while let last = rest.last, last == "." || last == "!" { rest.removeLast() }
    guard let number = Self.number(&rest) else { return nil }
    let unit = String(rest).trimmed
    // Digits in the unit would be a second number.
    guard !unit.contains(where: \.isNumber), unit.allSatisfy({ $0.isLetter || $0 == " " || $0 == "%" }) else {
      return nil
    }
    written = number
    let (dimension, numerator, denominator) = Self.units[unit] ?? (.none, 1, 1)
    self.dimension = dimension
    value = number * numerator / denominator
  }

  /// A number behind the word that says of what: `byte 53`. Not any word: `advance 1` is a command.
  init?(named text: String) {
    guard let (word, number) = text.trimmed.splitOnce(" "), Self.introductions.contains(word.lowercased())
    else { return nil }
    self.init(number)
  }

  private static let introductions = [
    "about", "ack", "byte", "bytes", "exactly", "key", "keys", "number", "offset", "only", "port", "psync",
  ]

  /// Where only one of them names a unit, the other is meant in that unit, or in seconds or bytes.
  func isSame(as other: Quantity) -> Bool {
    if dimension == other.dimension { return value == other.value }
    guard dimension == .none || other.dimension == .none else { return false }
    return written == other.written || value == other.value
  }

  private static func number(_ rest: inout Substring) -> Int128? {
    if rest.hasPrefix("0x") {
      let digits = rest.dropFirst(2).prefix(while: \.isHexDigit)
      rest = rest.dropFirst(2 + digits.count)
      return Int64(digits, radix: 16).map { Int128($0) * one }
    }
    let word = rest.prefix(while: \.isLetter)
    if let number = words.firstIndex(of: String(word)) {
      rest = rest.dropFirst(word.count)
      return Int128(number) * one
    }
    var sign: Int128 = 1
    if let first = rest.first, first == "-" || first == "−" || first == "+" {
      sign = first == "+" ? 1 : -1
      rest.removeFirst()
    }
    guard let whole = wholeNumber(&rest) else { return nil }
    guard rest.first == ".", let digit = rest.dropFirst().first, digit.isASCII, digit.isNumber else {
      return sign * whole * one
    }
    rest.removeFirst()
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    rest = rest.dropFirst(digits.count)
    guard digits.count <= 9, let fraction = Int128(digits) else { return nil }
    var scale: Int128 = one
    for _ in digits { scale /= 10 }
    return sign * (whole * one + fraction * scale)
  }

  /// Digits, in groups of three where commas, blanks or apostrophes stand between them; underscores stand anywhere.
  private static func wholeNumber(_ rest: inout Substring) -> Int128? {
    var digits = ""
    while let first = rest.first {
      if first.isASCII, first.isNumber {
        digits.append(first)
        rest.removeFirst()
        continue
      }
      let group = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
      let isSeparator = first == "_" ? !group.isEmpty : ",' \u{a0}\u{202f}".contains(first) && group.count == 3
      guard isSeparator, !digits.isEmpty else { break }
      digits += group
      rest = rest.dropFirst(1 + group.count)
    }
    guard digits.count <= 18 else { return nil }
    return Int128(digits)
  }

  private static let words = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
  ]

  private static let units: [String: (Dimension, Int128, Int128)] = {
    var units: [String: (Dimension, Int128, Int128)] = [:]
    for (names, dimension, numerator, denominator) in [
      ("us µs μs microsecond microseconds", Dimension.time, 1, 1_000_000),
      ("ms millisecond milliseconds", .time, 1, 1_000), ("s sec secs second seconds", .time, 1, 1),
      ("m min mins minute minutes", .time, 60, 1), ("h hour hours", .time, 3_600, 1),
      ("b byte bytes", .size, 1, 1), ("k kb kib", .size, 1_024, 1), ("mb mib", .size, 1_048_576, 1),
    ] as [(String, Dimension, Int128, Int128)] {
      for name in names.split(separator: " ") { units[String(name)] = (dimension, numerator, denominator) }
    }
    return units
  }()
}
