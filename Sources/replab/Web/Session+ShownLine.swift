import Dissection

extension Session {
  /// A line that was typed, as all who look may see it: with a star in place of each byte of a password.
  func shown(line: String) -> String {
    guard !showsPasswords, let words = try? Words.split(line) else { return line }
    var bytes = Array(line.utf8)
    for (word, range) in Self.passwords(in: words.map(\.bytes)) {
      let secret = words[word].bytes[range]
      let start = words[word].column - 1
      // One that was written with escapes is not found as it is: then nothing behind it is shown.
      let place = bytes[start...].firstRange(of: secret) ?? start..<bytes.count
      bytes.replaceSubrange(place, with: repeatElement(UInt8(ascii: "*"), count: place.count))
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A command may stand behind a node's name, or behind `repeat 3 m`; directives behind `start`. What looks like one at any
  /// place is taken for it: rather too much is hidden than too little.
  private static func passwords(in words: [[UInt8]]) -> [(word: Int, bytes: Range<Int>)] {
    words.indices.dropFirst().flatMap { start -> [(word: Int, bytes: Range<Int>)] in
      var rest = Array(words[start...])
      let isDirective = rest[0].starts(with: Array("--".utf8))
      if isDirective {
        rest[0].removeFirst(2)
        rest = [rest[0]] + rest.dropFirst().prefix { !$0.starts(with: Array("--".utf8)) }
      }
      let places = isDirective ? Passwords.places(inDirective: rest) : Passwords.places(in: rest)
      return places.map { (start + $0.word, $0.bytes) }
    }
  }
}
