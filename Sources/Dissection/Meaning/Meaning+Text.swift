import Capture
import RESP

// How bytes and numbers are put into words.
extension Meaning {
  /// Bytes as redis-cli would print them, long ones cut in the middle.
  static func quoted(_ bytes: [UInt8], limit: Int = 40) -> String {
    guard bytes.count > limit else { return InlineCommand.quoted(bytes) }
    let (head, tail) = (InlineCommand.escaped(bytes.prefix(limit - 12)), InlineCommand.escaped(bytes.suffix(8)))
    return "\"\(head)…\(tail)\" (\(count(bytes.count, "byte")))"
  }

  /// A command as one would type it: words that need no quotes have none.
  static func quoted(_ words: [[UInt8]]) -> String {
    let shown = words.prefix(12).map { word in
      InlineCommand.isPlain(word) && word.count <= 60 ? text(word) : quoted(word)
    }
    let more = words.count > 12 ? " … (\(words.count) words)" : ""
    return shown.joined(separator: " ") + more
  }

  /// Bytes that should be plain text.
  static func text(_ bytes: [UInt8]) -> String {
    bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && bytes.count <= 100
      ? String(decoding: bytes, as: UTF8.self) : quoted(bytes)
  }

  /// The beginning of a replication id, enough to tell it from others.
  static func short(_ id: [UInt8]) -> String { id.count == 40 ? text(Array(id.prefix(8))) + "…" : text(id) }

  static func count(_ number: Int, _ thing: String) -> String { number == 1 ? "1 \(thing)" : "\(number) \(thing)s" }

  static func list(_ words: [String]) -> String { words.joined(separator: ", ") }

  static func decrement(_ number: Int64) -> Int64 { number -| 1 }

  /// A moment in UTC, `2023-06-09 13:56:53`, from seconds since 1970 (the proleptic Gregorian calendar).
  static func time(seconds: Int64) -> String? {
    // Years of four digits only.
    guard seconds >= -62_167_219_200, seconds <= 253_402_300_799 else { return nil }
    let date = CivilDate(secondsSince1970: seconds)
    let second = seconds - date.daysSince1970 * 86_400
    let clock = [second / 3600, second / 60 % 60, second % 60].map { padded($0, 2) }
    return date.text + " " + clock.joined(separator: ":")
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
