import RESP
import Foundation
import Testing

struct CivilDateTests {
  @Test(
    "Days are Foundation's",
    arguments: [
      0, -1, 1, 59, 60, 68_536, 68_537, 11_016, 11_017, 19_517, -25_567, -719_162, 2_932_896, 365 * 30, -365 * 400,
    ] as [Int64])
  func days(day: Int64) {
    let style = Date.ISO8601FormatStyle().year().month().day()
    let seconds = day * 86_400
    for offset in [0, 1, 86_399] as [Int64] {
      let date = CivilDate(secondsSince1970: seconds + offset)
      // Foundation has the Julian calendar before 1582.
      if day > -140_000 { #expect(date.text == Date(timeIntervalSince1970: Double(seconds)).formatted(style)) }
      #expect(date.daysSince1970 == day)
      #expect(CivilDate(microsecondsSince1970: (seconds + offset) * 1_000_000) == date)
      #expect(CivilDate(year: date.year, month: date.month, day: date.day) == date)
    }
  }

  @Test("There is no such day", arguments: [(2023, 2, 29), (1900, 2, 29), (2023, 4, 31), (2023, 13, 1), (0, 1, 1)])
  func none(year: Int64, month: Int64, day: Int64) {
    #expect(CivilDate(year: year, month: month, day: day) == nil)
  }
}
