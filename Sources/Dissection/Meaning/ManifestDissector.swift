/// Takes apart the list of the files that make up an append-only file, line by line (`aofLoadManifestFromFile` in aof.c):
///
///     file appendonly.aof.2.base.rdb seq 2 type b
///
/// What a server makes of the whole is not told here: that there is but one base, and that the numbers grow.
package enum ManifestDissector {
  /// Whether a file begins as a server writes its manifest.
  package static func isBeginning(_ bytes: [UInt8]) -> Bool {
    let words = bytes.prefix { $0 != 0x0a }.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
    return words.first == "file" && words.contains("seq") && words.contains("type")
  }

  /// A field for each line, which tile the file.
  package static func fields(_ bytes: [UInt8]) -> [Field] {
    var fields: [Field] = []
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0a).map { $0 + 1 } ?? bytes.count
      fields.append(line(bytes, start..<end))
      start = end
    }
    return fields
  }

  private static func line(_ bytes: [UInt8], _ range: Range<Int>) -> Field {
    let all = Array(bytes[range])
    if all.first == UInt8(ascii: "#") {
      return Field("remark", range: range, bytes: all, meaning: "a line that a server passes over")
    }
    guard let pairs = pairs(bytes, range) else {
      return Field(
        "unreadable", range: range, bytes: all, meaning: "not what a manifest has: file NAME seq N type b, h or i",
        isFault: true)
    }
    let fields = pairs.map { Field($0.key, range: $0.range, bytes: Array(bytes[$0.range]), meaning: $0.meaning) }
    let name = pairs.last { $0.key == "file" }?.value ?? "nothing"
    let role = pairs.last { $0.key == "type" }?.role ?? "nothing that is known"
    return Field("file", range: range, bytes: all, meaning: "\(name) is \(role)", children: fields)
  }

  /// A word and what it says of the file, with the blanks behind both.
  private struct Pair {
    var key: String
    var value: String
    var range: Range<Int>

    var meaning: String { key == "type" ? "\(value), \(role ?? "which is not known")" : value }

    /// What becomes of the file; its first letter tells.
    var role: String? {
      switch value.first {
      case "b": "the base, which a server loads first"
      case "i": "an increment, which a server loads behind those before it"
      case "h": "history, which a server deletes"
      default: nil
      }
    }
  }

  /// Nil where words have no value.
  private static func pairs(_ bytes: [UInt8], _ range: Range<Int>) -> [Pair]? {
    var pairs: [Pair] = []
    var position = range.lowerBound
    while position < range.upperBound {
      let start = position
      guard let key = word(bytes, &position, range.upperBound), let value = word(bytes, &position, range.upperBound)
      else { return nil }
      pairs.append(Pair(key: key.lowercased(), value: value, range: start..<position))
    }
    return pairs.isEmpty ? nil : pairs
  }

  /// A word, plain or in quotes (`sdssplitargs` in sds.c), of which the position is moved behind the blanks that follow.
  private static func word(_ bytes: [UInt8], _ position: inout Int, _ end: Int) -> String? {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
    var (word, quote) = ([UInt8](), UInt8?.none)
    let start = position
    while position < end {
      let byte = bytes[position]
      if let open = quote {
        if byte == UInt8(ascii: "\\"), position + 1 < end {
          position += 1
          word.append(bytes[position])
        } else if byte == open {
          quote = nil
        } else {
          word.append(byte)
        }
      } else if isBlank(byte) {
        break
      } else if position == start, byte == 0x22 || byte == 0x27 {
        quote = byte
      } else {
        word.append(byte)
      }
      position += 1
    }
    guard quote == nil, position > start else { return nil }
    while position < end, isBlank(bytes[position]) { position += 1 }
    return String(decoding: word, as: UTF8.self)
  }
}
