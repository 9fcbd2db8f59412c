/// The elements of an array, each with its framing.
struct ReplyElements {
  private(set) var elements: [[UInt8]] = []

  /// nil: it is no array, or not whole.
  init?(_ reply: [UInt8]) {
    var position = 0
    guard let first = reply.first, first == UInt8(ascii: "*") || first == UInt8(ascii: "%"),
      let count = Self.number(reply, &position), count >= 0
    else { return nil }
    let (all, overflow) = count.multipliedReportingOverflow(by: first == UInt8(ascii: "%") ? 2 : 1)
    guard !overflow, all <= reply.count else { return nil }
    for _ in 0..<all {
      let start = position
      guard Self.skip(reply, &position, depth: 0) else { return nil }
      elements.append(Array(reply[start..<position]))
    }
  }

  /// A bulk string's or a line's bytes.
  static func text(_ element: [UInt8]) -> [UInt8] {
    guard let end = element.firstIndex(of: 0x0a) else { return element }
    return element.first == UInt8(ascii: "$")
      ? element[(end + 1)...].dropLast(2) : element[1..<max(1, end - 1)].map { $0 }
  }

  /// The number in a line's head, whose end is passed.
  private static func number(_ reply: [UInt8], _ position: inout Int) -> Int? {
    guard position < reply.count, let end = reply[position...].firstIndex(of: 0x0a), end > position + 1 else {
      return nil
    }
    let digits = String(decoding: reply[(position + 1)..<(end - 1)], as: UTF8.self)
    position = end + 1
    return Int(digits)
  }

  private static func skip(_ reply: [UInt8], _ position: inout Int, depth: Int) -> Bool {
    guard depth < 64, position < reply.count else { return false }
    let type = reply[position]
    switch type {
    case UInt8(ascii: "$"), UInt8(ascii: "="), UInt8(ascii: "!"):
      guard let count = number(reply, &position) else { return false }
      if count < 0 { return true }
      guard count <= reply.count - position - 2 else { return false }
      position += count + 2
      return true
    case UInt8(ascii: "*"), UInt8(ascii: "%"), UInt8(ascii: "~"), UInt8(ascii: ">"):
      guard let count = number(reply, &position), count <= reply.count else { return false }
      for _ in 0..<max(0, count) * (type == UInt8(ascii: "%") ? 2 : 1) {
        guard skip(reply, &position, depth: depth + 1) else { return false }
      }
      return true
    default:
      guard let end = reply[position...].firstIndex(of: 0x0a) else { return false }
      position = end + 1
      return true
    }
  }
}
