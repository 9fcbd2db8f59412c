/// An IPv6 address.
package struct IPv6Address: Hashable, Sendable {
  /// The first and the last eight bytes, each with its first byte most significant.
  package var high: UInt64
  package var low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// ::1.
  package static let loopback = IPv6Address(high: 0, low: 1)

  /// The eight 16-bit words.
  private var words: [UInt16] {
    [high, low].flatMap { half in [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: half >> $0) } }
  }

  private init(words: [UInt16]) {
    high = words[..<4].reduce(0) { $0 << 16 | UInt64($1) }
    low = words[4...].reduce(0) { $0 << 16 | UInt64($1) }
  }
}

extension IPv6Address {
  /// Reads up to eight hexadecimal words, `::` for a run of zeros, and an IPv4 address for the last two.
  package init?(_ text: some StringProtocol) {
    guard text.utf8.count <= 45, text.contains(":") else { return nil }
    let halves = Self.halves(of: String(text))
    guard let front = Self.words(halves.front, mayEndInIPv4: halves.back == nil) else { return nil }
    guard let back = halves.back else {
      guard front.count == 8 else { return nil }
      self.init(words: front)
      return
    }
    guard let tail = Self.words(back, mayEndInIPv4: true), front.count + tail.count < 8 else { return nil }
    self.init(words: front + Array(repeating: 0, count: 8 - front.count - tail.count) + tail)
  }

  /// What stands before and after the `::`.
  private static func halves(of text: String) -> (front: Substring, back: Substring?) {
    var index = text.startIndex
    while let colon = text[index...].firstIndex(of: ":") {
      let next = text.index(after: colon)
      if next < text.endIndex, text[next] == ":" { return (text[..<colon], text[text.index(after: next)...]) }
      index = next
    }
    return (text[...], nil)
  }

  private static func words(_ text: Substring, mayEndInIPv4: Bool) -> [UInt16]? {
    guard !text.isEmpty else { return [] }
    var words: [UInt16] = []
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if mayEndInIPv4, index == parts.count - 1, let address = IPv4Address(part) {
        words += [UInt16(address.rawValue >> 16), UInt16(address.rawValue & 0xffff)]
      } else {
        guard part.utf8.count <= 4, !part.hasPrefix("+"), let word = UInt16(part, radix: 16) else { return nil }
        words.append(word)
      }
    }
    return words
  }
}

extension IPv6Address: CustomStringConvertible {
  /// As tcpdump writes it: the longest run of zero words is `::`, and the IPv4 address in one that has nothing else
  /// (or `ffff` before it) has dots.
  package var description: String {
    let words = words
    var best = 0..<0
    var index = 0
    while index < 8 {
      var end = index
      while end < 8, words[end] == 0 { end += 1 }
      if end - index > best.count { best = index..<end }
      index = max(end, index + 1)
    }
    if best.count < 2 { best = 0..<0 }

    var text = ""
    for index in 0..<8 {
      if best.contains(index) {
        if index == best.lowerBound { text += ":" }
        continue
      }
      if index > 0 { text += ":" }
      if index == 6, best.lowerBound == 0, best.count == 6 || (best.count == 5 && words[5] == 0xffff) {
        return text + IPv4Address(rawValue: UInt32(truncatingIfNeeded: low)).description
      }
      text += String(words[index], radix: 16)
    }
    return !best.isEmpty && best.upperBound == 8 ? text + ":" : text
  }
}
