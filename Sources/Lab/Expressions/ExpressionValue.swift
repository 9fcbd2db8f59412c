import Redis

/// What an expression comes to, and what a property of a node is.
package enum ExpressionValue: Sendable, Hashable {
  case integer(Int64)
  case text(String)
  case truth(Bool)
  case interval(Interval)
  /// What is not there, such as the replication state of a node that has ended.
  case none

  var isTrue: Bool {
    switch self {
    case .integer(let number): number != 0
    case .text(let text): !text.isEmpty
    case .truth(let truth): truth
    case .interval(let interval): interval != .zero
    case .none: false
    }
  }

  /// What it is, for a complaint.
  var kind: String {
    switch self {
    case .integer: "a number"
    case .text: "a text"
    case .truth: "a truth"
    case .interval: "a time"
    case .none: "nothing"
    }
  }
}

extension ExpressionValue: CustomStringConvertible {
  /// As `print` shows it.
  package var description: String {
    switch self {
    case .integer(let number): String(number)
    case .text(let text): text
    case .truth(let truth): truth ? "true" : "false"
    case .interval(let interval): interval.text
    case .none: "none"
    }
  }
}

extension Interval {
  /// In seconds, to the microsecond, without needless zeros: `1.5s`, `0.00005s`.
  package var text: String {
    let magnitude = microseconds.magnitude
    var fraction = String(magnitude % 1_000_000)
    fraction = String(repeating: "0", count: 6 - fraction.utf8.count) + fraction
    while fraction.utf8.last == UInt8(ascii: "0") { fraction.removeLast() }
    return (microseconds < 0 ? "-" : "") + String(magnitude / 1_000_000) + (fraction.isEmpty ? "" : "." + fraction)
      + "s"
  }

  /// Reads what the user types for a duration: a number and a unit (`us`, `ms`, `s`, `m`, `h`; without one, seconds).
  package init?(_ text: some StringProtocol) {
    let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    guard let unit = Self.units[String(text.dropFirst(digits.count))], (1...2).contains(parts.count),
      let whole = Int64(parts[0])
    else { return nil }
    let (scaled, overflow) = whole.multipliedReportingOverflow(by: unit)
    guard !overflow else { return nil }
    var fraction: Int64 = 0
    if parts.count == 2 {
      guard (1...6).contains(parts[1].count), let numerator = Int64(parts[1]) else { return nil }
      var denominator: Int64 = 1
      for _ in parts[1] { denominator *= 10 }
      fraction = numerator * unit / denominator
    }
    let (sum, tooLarge) = scaled.addingReportingOverflow(fraction)
    guard !tooLarge, sum <= Self.most else { return nil }
    self.init(microseconds: sum)
  }

  private static let units: [String: Int64] = [
    "us": 1, "ms": 1_000, "s": 1_000_000, "": 1_000_000, "m": 60_000_000, "h": 3_600_000_000,
  ]

  /// A hundred years, so that no sum of a time and a typed duration overflows.
  private static let most: Int64 = 100 * 366 * 86_400 * 1_000_000
}
