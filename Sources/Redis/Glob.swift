/// Redis's patterns: `*`, `?`, `[a-z]`, `[^a]` and `\` before a character that stands for itself (stringmatchlen).
enum Glob {
  static func matches(_ pattern: [UInt8], _ string: [UInt8], ignoringCase: Bool = false) -> Bool {
    var gaveUp = false
    return matches(pattern[...], string[...], ignoringCase, &gaveUp)
  }

  static func matches(_ pattern: String, _ string: String, ignoringCase: Bool = false) -> Bool {
    matches(Array(pattern.utf8), Array(string.utf8), ignoringCase: ignoringCase)
  }

  /// `gaveUp` is set once the rest of the pattern matched nowhere in the rest of the string: a star further left then
  /// need not try longer ones, which keeps many stars from taking for ever.
  private static func matches(
    _ pattern: ArraySlice<UInt8>, _ string: ArraySlice<UInt8>, _ ignoringCase: Bool, _ gaveUp: inout Bool
  ) -> Bool {
    var (pattern, string) = (pattern, string)
    func same(_ a: UInt8, _ b: UInt8) -> Bool { ignoringCase ? asciiLowercase(a) == asciiLowercase(b) : a == b }
    while let letter = pattern.first, let first = string.first {
      pattern.removeFirst()
      switch letter {
      case UInt8(ascii: "*"):
        while pattern.first == UInt8(ascii: "*") { pattern.removeFirst() }
        if pattern.isEmpty { return true }
        while !string.isEmpty {
          if matches(pattern, string, ignoringCase, &gaveUp) { return true }
          if gaveUp { return false }
          string.removeFirst()
        }
        gaveUp = true
        return false
      case UInt8(ascii: "?"): break
      case UInt8(ascii: "["):
        if !takeClass(&pattern, matching: first, ignoringCase) { return false }
      default:
        var wanted = letter
        if letter == UInt8(ascii: "\\"), let escaped = pattern.first {
          pattern.removeFirst()
          wanted = escaped
        }
        if !same(wanted, first) { return false }
      }
      string.removeFirst()
      if string.isEmpty {
        while pattern.first == UInt8(ascii: "*") { pattern.removeFirst() }
      }
    }
    return pattern.isEmpty && string.isEmpty
  }

  /// Takes the rest of a class, its bracket included; one that isn't closed ends with the pattern.
  private static func takeClass(
    _ pattern: inout ArraySlice<UInt8>, matching byte: UInt8, _ ignoringCase: Bool
  ) -> Bool {
    let isNegated = pattern.first == UInt8(ascii: "^")
    if isNegated { pattern.removeFirst() }
    // C compares chars, which are signed.
    func order(_ byte: UInt8) -> Int8 { Int8(bitPattern: ignoringCase ? asciiLowercase(byte) : byte) }
    var isIn = false
    while let letter = pattern.popFirst(), letter != UInt8(ascii: "]") {
      if letter == UInt8(ascii: "\\"), let escaped = pattern.popFirst() {
        if escaped == byte { isIn = true }
      } else if pattern.count >= 2, pattern.first == UInt8(ascii: "-") {
        let bounds = [letter, pattern[pattern.startIndex + 1]]
        pattern.removeFirst(2)
        let low = bounds.min { Int8(bitPattern: $0) < Int8(bitPattern: $1) } ?? letter
        let high = bounds.max { Int8(bitPattern: $0) < Int8(bitPattern: $1) } ?? letter
        if order(low) <= order(byte), order(byte) <= order(high) { isIn = true }
      } else if ignoringCase ? asciiLowercase(letter) == asciiLowercase(byte) : letter == byte {
        isIn = true
      }
    }
    return isIn != isNegated
  }
}
