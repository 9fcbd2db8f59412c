import RESP

/// The elements of an array, each with its framing.
struct ReplyElements {
  private(set) var elements: [[UInt8]] = []

  /// nil: it is no array, or not whole.
  init?(_ reply: [UInt8]) {
    guard let first = reply.first, first == UInt8(ascii: "*") || first == UInt8(ascii: "%"),
      let end = reply.firstIndex(of: 0x0d), let count = Number.integer(Array(reply[1..<end])), count >= 0
    else { return nil }
    let (all, overflow) = count.multipliedReportingOverflow(by: first == UInt8(ascii: "%") ? 2 : 1)
    guard !overflow, all <= reply.count else { return nil }
    var (scanner, position) = (ReplyScanner(), end + 2)
    for _ in 0..<all {
      let start = position
      guard position < reply.count, (try? scanner.next(in: reply.span, at: &position)) == true else { return nil }
      elements.append(Array(reply[start..<position]))
    }
  }

  /// A bulk string's or a line's bytes.
  static func text(_ element: [UInt8]) -> [UInt8] {
    guard let end = element.firstIndex(of: 0x0a) else { return element }
    return element.first == UInt8(ascii: "$")
      ? element[(end + 1)...].dropLast(2) : element[1..<max(1, end - 1)].map { $0 }
  }
}
