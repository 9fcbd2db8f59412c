import Capture
import Dissection
import RESP

/// How much of a message is shown to a person: its beginning, in rows of a page, and how many bytes there are more.
package enum Excerpt {
  /// A number with its thousands apart: `8,300`.
  package static func grouped(_ number: Int) -> String {
    var digits = Substring("\(number.magnitude)")
    var text = ""
    while digits.count > 3 {
      text = "," + digits.suffix(3) + text
      digits = digits.dropLast(3)
    }
    return (number < 0 ? "-" : "") + digits + text
  }

  /// How many of the bytes a page shows, as tcpdump -A shows them: all, where these are not many more.
  static func fitting(_ bytes: [UInt8], from start: Int = 0, on page: Page) -> Int {
    guard let limit = page.rowLimit, let most = page.wholeRows else { return bytes.count }
    var (row, column) = (1, start % pageWidth)
    var end: Int?
    for (index, byte) in bytes.enumerated() {
      if byte == 0x0a {
        // A newline at the end begins no row of its own.
        (row, column) = (index + 1 < bytes.count ? row + 1 : row, 0)
      } else if byte == 0x09 {
        column = min(column + 8 - column % 8, pageWidth)
      } else if byte != 0x0d || index + 1 >= bytes.count || bytes[index + 1] != 0x0a {
        (row, column) = column == pageWidth ? (row + 1, 1) : (row, column + 1)
      }
      if row > limit, end == nil { end = index }
      if row > most { return end ?? index }
    }
    return bytes.count
  }
}

extension Wording {
  /// The first characters of a command as one would type it, and how many of its bytes they stand for; nil if the bytes
  /// are not an array of strings.
  static func beginning(ofCommand bytes: [UInt8], _ limit: Int) -> (text: String, used: Int)? {
    guard let places = wordPlaces(in: bytes) else { return nil }
    var (text, used) = ("", 0)
    for place in places {
      let word = beginning(ofWord: bytes[place], limit - text.count - (text.isEmpty ? 0 : 1))
      text += (text.isEmpty ? "" : " ") + word.text
      guard word.used == place.count else { return (text, place.lowerBound + word.used) }
      used = place.upperBound + 2
    }
    return (text, used)
  }

  /// The first characters of a word, in quotes if it needs them, and how many of its bytes they stand for.
  static func beginning(
    ofWord word: ArraySlice<UInt8>, _ limit: Int, alwaysQuotes: Bool = false
  ) -> (text: String, used: Int) {
    let (isPlain, room) = (!alwaysQuotes && InlineCommand.isPlain(word), max(0, limit))
    if isPlain { return (String(decoding: word.prefix(room), as: UTF8.self), min(room, word.count)) }
    var (text, count, used) = ("\"", 1, 0)
    for byte in word {
      let next = InlineCommand.escaped(CollectionOfOne(byte))
      guard count + next.count < room else { return (text, used) }
      text += next
      count += next.count
      used += 1
    }
    return (text + "\"", used)
  }
}
