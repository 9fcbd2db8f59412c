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
    let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
    let second = seconds - day * 86_400
    // Days from 0000-03-01, in eras of 400 years: the leap day is then the last of its year.
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let date = [padded(year, 4), padded(month, 2), padded(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1, 2)]
    let clock = [padded(second / 3600, 2), padded(second / 60 % 60, 2), padded(second % 60, 2)]
    return date.joined(separator: "-") + " " + clock.joined(separator: ":")
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
