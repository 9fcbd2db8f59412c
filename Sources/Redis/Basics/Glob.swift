/// Redis's patterns: `*`, `?`, `[a-z]`, `[^a]` and `\` before a character that stands for itself (`stringmatchlen` in
/// util.c).
enum Glob {
  static func matches(_ pattern: String, _ string: String, ignoringCase: Bool = false) -> Bool {
    matches(pattern.bytes, string.bytes, ignoringCase: ignoringCase)
  }

  /// Only the last star met is ever tried with more: if what follows it is found nowhere, a star further left can't help.
  static func matches(_ pattern: [UInt8], _ string: [UInt8], ignoringCase: Bool = false) -> Bool {
    var rest = pattern[...]
    var position = 0
    var star: (rest: ArraySlice<UInt8>, position: Int)?
    // Like Redis, which finds nothing but an empty pattern in an empty string.
    guard !string.isEmpty else { return pattern.isEmpty }
    while position < string.count {
      if rest.first == UInt8(ascii: "*") {
        rest = rest.drop { $0 == UInt8(ascii: "*") }
        if rest.isEmpty { return true }
        star = (rest, position)
      } else if takeOne(&rest, matching: string[position], ignoringCase) {
        position += 1
      } else if let last = star {
        star = (last.rest, last.position + 1)
        (rest, position) = (last.rest, last.position + 1)
      } else {
        return false
      }
    }
    return rest.allSatisfy { $0 == UInt8(ascii: "*") }
  }

  /// Takes what stands for one byte, if it stands for this one.
  private static func takeOne(_ pattern: inout ArraySlice<UInt8>, matching byte: UInt8, _ ignoringCase: Bool) -> Bool {
    guard var letter = pattern.popFirst() else { return false }
    switch letter {
    case UInt8(ascii: "?"): return true
    case UInt8(ascii: "["): return takeClass(&pattern, matching: byte, ignoringCase)
    case UInt8(ascii: "\\"): letter = pattern.popFirst() ?? letter
    default: break
    }
    return ignoringCase ? asciiLowercase(letter) == asciiLowercase(byte) : letter == byte
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
