import RESP

/// A word of a command line: its bytes once unquoted, and the column where it began, counted from 1.
struct Word: Equatable {
  var bytes: [UInt8]
  var column: Int

  /// The word as text, which is these bytes again for a node.
  var text: String { String(bytes: bytes) }
}

/// Splits a line by redis-cli's rules: words stand between blanks; `"…"` knows the escapes \n \r \t \b \a \xHH and \ before
/// anything else, `'…'` only \'; a closing quote ends its word.
enum Words {
  static func split(_ line: String) throws(Complaint) -> [Word] {
    var reader = Reader(bytes: Array(line.utf8))
    var words: [Word] = []
    while let word = try reader.next() { words.append(word) }
    return words
  }

  private struct Reader {
    let bytes: [UInt8]
    var position = 0

    var current: UInt8? { position < bytes.count ? bytes[position] : nil }
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

    mutating func next() throws(Complaint) -> Word? {
      while let byte = current, Self.isBlank(byte) { position += 1 }
      guard current != nil else { return nil }
      var word = Word(bytes: [], column: position + 1)
      while let byte = current, !Self.isBlank(byte) {
        position += 1
        switch byte {
        case UInt8(ascii: "\""): try readQuoted(into: &word, by: byte, escape: readEscape)
        case UInt8(ascii: "'"): try readQuoted(into: &word, by: byte, escape: readSingleEscape)
        default: word.bytes.append(byte)
        }
      }
      return word
    }

    /// Reads up to the closing quote, behind which the word must end.
    mutating func readQuoted(
      into word: inout Word, by quote: UInt8, escape: (inout Reader) -> UInt8
    ) throws(Complaint) {
      let opening = position
      while let byte = current {
        position += 1
        if byte == UInt8(ascii: "\\"), current != nil {
          word.bytes.append(escape(&self))
        } else if byte == quote {
          if let after = current, !Self.isBlank(after) {
            throw .usage(
              "a closing \(String(UnicodeScalar(quote))) must end its word",
              advice: "Put a blank after it.", column: position + 1)
          }
          return
        } else {
          word.bytes.append(byte)
        }
      }
      throw .usage("this \(String(UnicodeScalar(quote))) is never closed", column: opening)
    }
  }

  /// What stands behind a backslash within double quotes.
  private static func readEscape(_ reader: inout Reader) -> UInt8 {
    let byte = reader.bytes[reader.position]
    reader.position += 1
    switch byte {
    case UInt8(ascii: "n"): return 0x0a
    case UInt8(ascii: "r"): return 0x0d
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "b"): return 0x08
    case UInt8(ascii: "a"): return 0x07
    case UInt8(ascii: "x"):
      guard reader.position + 2 <= reader.bytes.count,
        let high = hexDigit(reader.bytes[reader.position]), let low = hexDigit(reader.bytes[reader.position + 1])
      else { return byte }
      reader.position += 2
      return high << 4 | low
    default: return byte
    }
  }

  /// What stands behind a backslash within single quotes: only `\'` is an escape.
  private static func readSingleEscape(_ reader: inout Reader) -> UInt8 {
    guard reader.bytes[reader.position] == UInt8(ascii: "'") else { return UInt8(ascii: "\\") }
    reader.position += 1
    return UInt8(ascii: "'")
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
