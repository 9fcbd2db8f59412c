import Capture
import Redis
import Views
import RESP

/// Dates as people type them and read them.
enum TimeText {
  /// `2023-06-09T13:56:53.000123Z`.
  static func date(_ instant: Instant) -> String {
    "\(CivilDate(microsecondsSince1970: instant.microseconds).text)T\(instant.clockText)Z"
  }

  /// Reads a date in UTC: `2023-06-09`, `2023-06-09T13:56:53`, with a fraction of up to six digits, with or without Z.
  static func instant(_ text: String) throws(Complaint) -> Instant {
    let wrong = Complaint.usage(
      "‘\(text)’ is not a date", advice: "Write it in UTC, as in 2023-06-09T13:56:53Z or 2023-06-09T13:56:53.5Z.")
    let parts = text.split(separator: text.contains("T") ? "T" : " ", omittingEmptySubsequences: false)
    let date = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { digits($0) }
    guard parts.count <= 2, date.count == 3, let year = date[0], let month = date[1], let day = date[2],
      year >= 1970, let days = CivilDate(year: year, month: month, day: day)?.daysSince1970
    else { throw wrong }
    guard parts.count == 2 else { return Instant(microseconds: days * 86_400_000_000) }

    let time = parts[1].hasSuffix("Z") ? parts[1].dropLast() : parts[1]
    let halves = time.split(separator: ".", omittingEmptySubsequences: false)
    let clock = halves[0].split(separator: ":", omittingEmptySubsequences: false).map { digits($0) }
    guard halves.count <= 2, clock.count == 3 || clock.count == 2, let hour = clock[0], let minute = clock[1],
      let second = clock.count == 3 ? clock[2] : 0, hour < 24, minute < 60, second < 60,
      let fraction = halves.count == 2 ? microseconds(fraction: halves[1]) : 0
    else { throw wrong }
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second
    return Instant(microseconds: seconds * 1_000_000 + fraction)
  }

  private static func digits(_ text: Substring) -> Int64? {
    !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int64(text) : nil
  }

  private static func microseconds(fraction: Substring) -> Int64? {
    guard (1...6).contains(fraction.count) else { return nil }
    return digits(fraction + String(repeating: "0", count: 6 - fraction.count))
  }
}
