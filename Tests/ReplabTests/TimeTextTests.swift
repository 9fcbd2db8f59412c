import Redis
import Testing

@testable import replab

@Suite("Times as people type and read them") struct TimeTextTests {
  @Test(
    "A date is read, and written in full",
    arguments: [
      ("2023-06-09T13:56:53Z", 1_686_319_013_000_000, "2023-06-09T13:56:53.000000Z"),
      ("2023-06-09 13:56:53.25", 1_686_319_013_250_000, "2023-06-09T13:56:53.250000Z"),
      ("1970-01-01", 0, "1970-01-01T00:00:00.000000Z"),
      ("2024-02-29T23:59", 1_709_251_140_000_000, "2024-02-29T23:59:00.000000Z"),
      ("2000-03-01T00:00:00.000001Z", 951_868_800_000_001, "2000-03-01T00:00:00.000001Z"),
      ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
    ])
  func dates(text: String, microseconds: Int64, full: String) throws {
    let instant = try TimeText.instant(text)
    #expect(instant.microseconds == microseconds)
    #expect(TimeText.date(instant) == full)
  }

  @Test(
    "What is no date is refused",
    arguments: [
      "", "yesterday", "2023-02-29", "2023-13-01", "2023-06-09T24:00", "2023-06-09T1:2:3:4", "2023-06-09T", "-1-1-1",
    ])
  func noDates(text: String) {
    #expect(throws: Complaint.self) { try TimeText.instant(text) }
  }
}
