import Redis
import Views

/// Dates as people type them and read them.
enum TimeText {
  /// `2023-06-09T13:56:53.000123Z`.
  static func date(_ instant: Instant) -> String {
    let (year, month, day) = civil(daysSince1970: floorDivide(instant.microseconds, 86_400_000_000))
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(instant.clockText)Z"
  }

  /// Reads a date in UTC: `2023-06-09`, `2023-06-09T13:56:53`, with a fraction of up to six digits, with or without Z.
  static func instant(_ text: String) throws(Complaint) -> Instant {
    let wrong = Complaint.usage(
      "‘\(text)’ is not a date", advice: "Write it in UTC, as in 2023-06-09T13:56:53Z or 2023-06-09T13:56:53.5Z.")
    let parts = text.split(separator: text.contains("T") ? "T" : " ", omittingEmptySubsequences: false)
    let date = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { digits($0) }
    guard parts.count <= 2, date.count == 3, let year = date[0], let month = date[1], let day = date[2],
      (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day)
    else { throw wrong }
    let days = days(year, month, day)
    guard civil(daysSince1970: days) == (year, month, day) else { throw wrong }
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

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static func digits(_ text: Substring) -> Int64? {
    !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int64(text) : nil
  }

  private static func microseconds(fraction: Substring) -> Int64? {
    guard (1...6).contains(fraction.count) else { return nil }
    return digits(fraction + String(repeating: "0", count: 6 - fraction.count))
  }

  private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 { a / b - (a % b < 0 ? 1 : 0) }

  /// Howard Hinnant's `days_from_civil`: the Gregorian calendar counted from 1 March, so that leap days come last.
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = floorDivide(shifted, 400)
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The inverse of `days`.
  private static func civil(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch + (monthFromMarch < 10 ? 3 : -9)
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
  }
}
