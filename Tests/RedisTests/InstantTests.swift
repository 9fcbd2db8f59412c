import Glibc
import Testing
@testable import Redis

@Suite("Times as Redis writes them") struct InstantTests {
  @Test("ctime is the C library's, in UTC, also before 1970 and in leap years") func ctime() {
    for seconds in stride(from: -3_000_000_000, through: 8_000_000_000, by: 12_345_678).map(Int64.init) + [
      0, -1, 951_782_399, 951_782_400, 951_868_800, 1_686_319_013,
    ] {
      var time = time_t(seconds)
      var parts = tm()
      var text = [CChar](repeating: 0, count: 64)
      gmtime_r(&time, &parts)
      asctime_r(&parts, &text)
      let expected = String(
        decoding: text.prefix { $0 != 0 && $0 != 0x0A }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      #expect(Instant(microseconds: seconds * 1_000_000).ctime == expected)
    }
  }
}
