import RESP

/// A point in time, in microseconds since 1970-01-01 00:00:00 UTC: the resolution of Redis's own clock calls.
package struct Instant: Comparable, Hashable, Sendable {
  package var microseconds: Int64

  package init(microseconds: Int64) { self.microseconds = microseconds }

  /// 2023-06-09 13:56:53 UTC, the moment at which the notes' transcript was recorded: where every lab's clock starts.
  package static let defaultLabClock = Instant(microseconds: 1_686_319_013_000_000)

  package var milliseconds: Int64 { microseconds / 1_000 }
  package var seconds: Int64 { microseconds / 1_000_000 }

  package static func < (a: Self, b: Self) -> Bool { a.microseconds < b.microseconds }
  package static func + (a: Self, b: Interval) -> Self { Instant(microseconds: a.microseconds +| b.microseconds) }
  package static func - (a: Self, b: Self) -> Interval { Interval(microseconds: a.microseconds -| b.microseconds) }
  package static func - (a: Self, b: Interval) -> Self { Instant(microseconds: a.microseconds -| b.microseconds) }
}

extension Instant? {
  /// The first of two moments, neither of which need ever come.
  func earlier(_ other: Instant?) -> Instant? {
    guard let self, let other else { return self ?? other }
    return Swift.min(self, other)
  }
}

/// A span of time in microseconds. Sums of times stop at the ends of time, since directives, commands and what is typed may
/// say any.
package struct Interval: Comparable, Hashable, Sendable {
  package var microseconds: Int64

  package init(microseconds: Int64) { self.microseconds = microseconds }

  package static func microseconds(_ n: Int64) -> Self { Interval(microseconds: n) }
  package static func milliseconds(_ n: Int64) -> Self { Interval(microseconds: n *| 1_000) }
  package static func seconds(_ n: Int64) -> Self { Interval(microseconds: n *| 1_000_000) }
  package static let zero = Interval(microseconds: 0)

  package static func < (a: Self, b: Self) -> Bool { a.microseconds < b.microseconds }
  package static func + (a: Self, b: Self) -> Self { Interval(microseconds: a.microseconds +| b.microseconds) }
  package static func - (a: Self, b: Self) -> Self { Interval(microseconds: a.microseconds -| b.microseconds) }
  package static func * (a: Self, n: Int64) -> Self { Interval(microseconds: a.microseconds *| n) }
}

extension Instant {
  /// `Fri Jun  9 13:56:53 2023`, in UTC, as ctime(3) writes it.
  var ctime: String {
    let date = CivilDate(secondsSince1970: seconds)
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let days = date.daysSince1970
    let time = seconds - days * 86_400
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(weekdays[Int((days % 7 + 7) % 7)]) \(months[Int(date.month) - 1]) \(date.day < 10 ? " " : "")\(date.day) "
      + "\(two(time / 3_600)):\(two(time / 60 % 60)):\(two(time % 60)) \(date.year)"
  }
}
