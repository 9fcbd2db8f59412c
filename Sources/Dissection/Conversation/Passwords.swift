import Capture

/// Finds the passwords in commands, so that they need not be shown.
package enum Passwords {
  /// Which bytes of which of a command's words are a password.
  package static func places(in words: [[UInt8]]) -> [(word: Int, bytes: Range<Int>)] {
    func whole(_ index: Int) -> (word: Int, bytes: Range<Int>)? {
      index < words.count && !words[index].isEmpty ? (index, 0..<words[index].count) : nil
    }
    switch lower(words, 0) {
    case "auth": return [whole(words.count > 2 ? 2 : 1)].compactMap(\.self)
    case "hello", "migrate":
      return words.indices.dropFirst().compactMap {
        switch lower(words, $0) {
        case "auth": whole($0 + (lower(words, 0) == "hello" ? 2 : 1))
        case "auth2": whole($0 + 2)
        default: nil
        }
      }
    case "acl":
      guard lower(words, 1) == "setuser" else { return [] }
      return words.indices.dropFirst(3).flatMap { index in rule(words[index]).map { (index, $0) } }
    case "config":
      guard lower(words, 1) == "set" else { return [] }
      return stride(from: 2, to: words.count, by: 2).compactMap {
        directives.contains(lower(words, $0)) ? whole($0 + 1) : nil
      }
    default: return []
    }
  }

  /// Which bytes of which words of a directive are a password; the name first, without `--`.
  package static func places(inDirective words: [[UInt8]]) -> [(word: Int, bytes: Range<Int>)] {
    switch lower(words, 0) {
    case "user": return words.indices.dropFirst().flatMap { index in rule(words[index]).map { (index, $0) } }
    case let name where directives.contains(name):
      return words.indices.dropFirst().compactMap { words[$0].isEmpty ? nil : ($0, 0..<words[$0].count) }
    default: return []
    }
  }

  /// The directives whose value is a password.
  private static let directives: Set<String> = ["requirepass", "masterauth"]

  /// `>password` and `<password`, several of which may stand in one word with blanks between them.
  private static func rule(_ word: [UInt8]) -> [Range<Int>] {
    word.split(separator: UInt8(ascii: " ")).compactMap {
      $0.count > 1 && ($0.first == UInt8(ascii: ">") || $0.first == UInt8(ascii: "<"))
        ? $0.startIndex + 1..<$0.endIndex : nil
    }
  }

  private static func lower(_ words: [[UInt8]], _ index: Int) -> String {
    index < words.count && words[index].count <= 16 ? String(decoding: words[index], as: UTF8.self).lowercased() : ""
  }
}

// MARK: - In what crossed the wire

extension Passwords {
  /// What is shown in place of each byte.
  static let mask = UInt8(ascii: "*")

  /// The same bytes, each of a password's a star. Commands are looked for from the first byte on; of one that is not
  /// whole, what there is of its password is hidden, too.
  package static func hidden(in payload: SharedBytes) -> SharedBytes {
    let ranges = places(in: payload)
    return ranges.isEmpty ? payload : hide(ranges, in: payload)
  }

  /// The same, where the payload may begin within `message`, and so within or before its password.
  package static func hidden(in payload: SharedBytes, endOf message: Message) -> SharedBytes {
    guard let first = payload.first, first != UInt8(ascii: "*") else { return payload }
    let words = message.words
    let ranges = places(in: words).flatMap { ends(of: words[$0.word][$0.bytes], in: payload) }
    return ranges.isEmpty ? payload : hide(ranges, in: payload)
  }

  /// Where a password, or what is left of it at the beginning, stands before the end of a line.
  private static func ends(of password: ArraySlice<UInt8>, in payload: SharedBytes) -> [Range<Int>] {
    payload.indices.filter { payload[$0] == 0x0d }.compactMap { end in
      let count = min(password.count, end)
      return payload[end - count..<end].elementsEqual(password.suffix(count)) ? end - count..<end : nil
    }
  }

  private static func hide(_ ranges: [Range<Int>], in payload: SharedBytes) -> SharedBytes {
    var bytes = Array(payload.slice)
    for index in ranges.joined() { bytes[index] = mask }
    return SharedBytes(bytes)
  }

  private static func places(in payload: SharedBytes) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var position = 0
    while let words = nextCommand(in: payload, &position), !words.isEmpty {
      found += places(in: words.map { Array(payload[$0].slice) }).map { place in
        let start = words[place.word].lowerBound
        return start + place.bytes.lowerBound..<start + place.bytes.upperBound
      }
    }
    return found
  }

  /// The ranges of a command's words, as far as they are there; nil behind the last command, or where none begins.
  private static func nextCommand(in payload: SharedBytes, _ position: inout Int) -> [Range<Int>]? {
    guard position < payload.count else { return nil }
    guard payload[position] == UInt8(ascii: "*") else { return inlineCommand(in: payload, &position) }
    guard let count = number(in: payload, &position), count > 0 else { return nil }
    var words: [Range<Int>] = []
    while words.count < count {
      guard position < payload.count, payload[position] == UInt8(ascii: "$") else { break }
      guard let length = number(in: payload, &position), length >= 0 else { break }
      let end = position + min(length, payload.count - position)
      words.append(position..<end)
      position = min(end + 2, payload.count)
    }
    if words.count < count { position = payload.count }
    return words
  }

  /// A line of words, if it is one that may hold a password: other bytes without RESP's marks are no commands.
  private static func inlineCommand(in payload: SharedBytes, _ position: inout Int) -> [Range<Int>]? {
    guard payload.count - position < 4096, let first = payload.dropFirst(position).first, first | 0x20 >= 0x61,
      first | 0x20 <= 0x7a
    else { return nil }
    var words: [Range<Int>] = []
    var start = position
    while position < payload.count, payload[position] != 0x0a {
      if payload[position] == 0x20 || payload[position] == 0x0d {
        if start < position { words.append(start..<position) }
        start = position + 1
      }
      position += 1
    }
    if start < position { words.append(start..<position) }
    position = min(position + 1, payload.count)
    return words
  }

  /// The number of a line such as `*3`, and past its end.
  private static func number(in payload: SharedBytes, _ position: inout Int) -> Int? {
    var number = 0
    position += 1
    while position < payload.count, payload[position] != 0x0a {
      let byte = payload[position]
      position += 1
      if byte == 0x0d { continue }
      guard (0x30...0x39).contains(byte), number < 1_000_000_000 else { return nil }
      number = number * 10 + Int(byte - 0x30)
    }
    guard position < payload.count else { return nil }
    position += 1
    return number
  }
}
