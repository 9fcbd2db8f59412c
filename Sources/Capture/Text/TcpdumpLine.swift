import RESP

/// The line that tcpdump prints of a TCP segment, with or without -n, -e, -S, -t…, -v, -q, -#.
///
/// ```
///   13:56:53.000005 IP 127.0.0.1.40000 > 127.0.0.1.7000: Flags [P.], seq 1:15, ack 1, win 64, options […], length 14
///   13:56:53.000005 lo    In  IP6 ::1.40000 > ::1.7000: …                             Linux cooked v2
///   13:56:53.000005 … > …, ethertype IPv4 (0x0800), length 80: 127.0.0.1.40000 > …    -e
///   13:56:53.000005 AF IPv4 (2), length 70: 127.0.0.1.40000 > …                       -e, of BSD's loopback
///   13:56:53.000005 IP 127.0.0.1.40000 > 127.0.0.1.7000: tcp 14                       -q
///       1  13:56:53.000005 IP 127.0.0.1.40000 > …                                     -#
///   13:56:53.000005 IP (tos 0x0, ttl 64, id 5, offset 0, flags [DF], proto TCP (6), length 66)     -v
///       127.0.0.1.40000 > 127.0.0.1.7000: …
/// ```
package struct TcpdumpLine: Hashable, Sendable {
  /// A time as it is printed, in nanoseconds.
  enum Time: Hashable, Sendable {
    /// -t.
    case none
    /// The time of a day.
    case ofDay(Int64)
    /// -ttt, or -ttttt: since the packet before, or since the first one.
    case difference(Int64)
    /// -tt, -tttt: since 1970.
    case whole(Int64)
  }

  var time: Time
  var isIPv6 = false
  /// What -v tells of the IP header, by name: tos, ttl, id, length.
  var internet: [String: Int] = [:]
  var mayFragment = false
  /// Both ends and what follows; empty while -v keeps them for the next line.
  var rest: Substring = ""

  /// As much of a line is looked at. What a packet's line says of the segment comes first; behind it tcpdump prints all that
  /// it makes of the payload, which can be long.
  static let limit = 4_096

  /// Whether the line begins a packet.
  package static func isHeader(_ line: some Collection<UInt8>) -> Bool {
    guard line.count >= 12, let first = line.first else { return false }
    // Quickly past what can't be one: times begin with a digit or a space, -t leaves "IP" or an address.
    guard first < 0x80, first > 0x20 || first == 0x20 else { return false }
    return TcpdumpLine(String(decoding: line.prefix(limit).filter { $0 != 0x0d }, as: UTF8.self)) != nil
  }

  init?(_ line: String) {
    var text = line[...]
    Self.dropNumber(&text)
    time = Self.takeTime(&text)
    let family = Self.takeFamily(&text)
    guard let family else { return nil }
    isIPv6 = family == 6
    if text.hasPrefix("(") {
      guard let end = Self.closing(text) else { return nil }
      readInternet(text[..<end])
      text = text[text.index(after: end)...].drop { $0 == " " }
      guard !text.isEmpty else { return }
    }
    guard Self.hasEnds(text) else { return nil }
    rest = text
  }

  /// `a > b:`, a blank or the end behind it.
  static func hasEnds(_ text: Substring) -> Bool {
    let words = text.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
    return words.count >= 3 && words[1] == ">" && words[2].hasSuffix(":") && words[0].contains(".")
      || words.count >= 3 && words[1] == ">" && words[2].hasSuffix(":") && words[0].contains(":")
  }

  private static func takeFamily(_ text: inout Substring) -> Int? {
    text = text.drop { $0 == " " }
    // Linux cooked v2: the interface, and the packet's way.
    let words = text.prefix(64).split(separator: " ", maxSplits: 2)
    if words.count == 3, ["In", "Out", "B", "M", "P", "?"].contains(words[1]) {
      text = text[words[2].startIndex...].drop { $0 == " " }
    }
    // -e: all of the link's header before it.
    for (name, family) in [("IPv4", 4), ("IPv6", 6)] {
      guard let behind = behindLink(text, name) else { continue }
      text = behind
      return family
    }
    // -e and -q of Linux cooked captures: the link's header, and nothing about what follows.
    if let behind = behindCooked(text) {
      text = behind
      return behind.prefix { $0 != " " }.contains(":") ? 6 : 4
    }
    if text.hasPrefix("IP ") {
      text = text.dropFirst(3)
      return 4
    }
    if text.hasPrefix("IP6 ") {
      text = text.dropFirst(4)
      return 6
    }
    return nil
  }

  /// What stands behind the type of a link's header (`ethertype IPv4 (0x0800), length 80: `, of BSD's loopback
  /// `AF IPv4 (2), length 70: `, under -q `IPv4, length 70: `, behind a VLAN's tag `ethertype IPv4 (0x0800), `).
  private static func behindLink(_ text: Substring, _ name: String) -> Substring? {
    var rest = text.prefix(512)
    while let start = rest.range(of: name, after: nil) {
      let isWord = start == text.startIndex || text[text.index(before: start)] == " "
      var behind = text.dropTo(start, 4)
      rest = rest.dropTo(start, 4)
      guard isWord else { continue }
      if behind.hasPrefix(" ("), let end = behind.firstIndex(of: ")") { behind = behind.dropTo(end, 1) }
      guard behind.hasPrefix(", ") else { continue }
      behind = behind.dropFirst(2)
      if behind.hasPrefix("length ") {
        behind = behind.dropFirst(7).drop { $0.isNumber }
        guard behind.hasPrefix(": ") else { continue }
        behind = behind.dropFirst(2)
      }
      for prefix in ["IP ", "IP6 "] where behind.hasPrefix(prefix) { behind = behind.dropFirst(prefix.count) }
      if behind.hasPrefix("(") || hasEnds(behind) { return behind }
    }
    return nil
  }

  /// What stands behind `In ifindex 1 00:00:00:00:00:00 `, or what of it is there.
  private static func behindCooked(_ text: Substring) -> Substring? {
    var words = text.prefix(64).split(separator: " ", maxSplits: 4)[...]
    if let first = words.first, ["In", "Out", "B", "M", "P", "?"].contains(first) { words.removeFirst() }
    if words.first == "ifindex" { words = words.dropFirst(2) }
    guard let address = words.first, address.utf8.count == 17, address.split(separator: ":").count == 6 else {
      return nil
    }
    let behind = text[address.endIndex...].drop { $0 == " " }
    return behind.hasPrefix("(") || hasEnds(behind) ? behind : nil
  }

  /// Where the parenthesis ends with which the text begins: `(tos 0x0, …, proto TCP (6), length 66, bad cksum 0 (->3cb4)!)`.
  private static func closing(_ text: Substring) -> Substring.Index? {
    var depth = 0
    for index in text.utf8.indices {
      switch text.utf8[index] {
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"):
        depth -= 1
        if depth == 0 { return index }
      default: break
      }
    }
    return nil
  }

  /// -#: the packet's number, and two blanks.
  private static func dropNumber(_ text: inout Substring) {
    let number = text.drop { $0 == " " }.prefix { $0.isNumber }
    guard !number.isEmpty, text[number.endIndex...].hasPrefix("  ") else { return }
    text = text.dropTo(number.endIndex, 2)
  }

  /// How long the datagram is, where -v tells: 16 bits of its header say it.
  var datagramLength: Int? {
    guard let length = internet[isIPv6 ? "payload" : "length"], let length = UInt16(exactly: length) else { return nil }
    return Int(length) + (isIPv6 ? 40 : 0)
  }

  private mutating func readInternet(_ text: Substring) {
    mayFragment = !text.contains("DF") && !isIPv6
    for part in text.dropFirst().split(separator: ",") {
      let words = part.split { $0 == " " || $0 == ":" }
      guard words.count >= 2, let name = words.first, let last = words.last else { continue }
      let value = last.hasPrefix("0x") ? Int(last.dropFirst(2), radix: 16) : Int(last)
      let key = name == "class" ? "tos" : name == "hlim" ? "ttl" : String(name)
      internet[key] = value ?? 0
    }
  }
}

// MARK: - Times

extension TcpdumpLine {
  private static func takeTime(_ text: inout Substring) -> Time {
    let isDifference = text.hasPrefix(" ")
    let words = text.drop { $0 == " " }.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true)
    guard let first = words.first else { return .none }
    if words.count > 1, let day = day(first), let time = timeOfDay(words[1]) {
      text = text[words[1].endIndex...]
      return .whole(day * 86_400_000_000_000 + time)
    }
    if let time = timeOfDay(first) {
      text = text[first.endIndex...]
      return isDifference ? .difference(time) : .ofDay(time)
    }
    let parts = first.split(separator: ".", omittingEmptySubsequences: false)
    if parts.count == 2, let seconds = Int64(parts[0]), seconds >= 0, seconds < 1 << 33, let rest = fraction(parts[1]) {
      text = text[first.endIndex...]
      return .whole(seconds * 1_000_000_000 + rest)
    }
    return .none
  }

  /// `13:56:53.000005`, six digits or nine.
  private static func timeOfDay(_ word: Substring) -> Int64? {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, let hours = Int64(parts[0]), let minutes = Int64(parts[1]) else { return nil }
    let seconds = parts[2].split(separator: ".", omittingEmptySubsequences: false)
    guard seconds.count == 2, let whole = Int64(seconds[0]), let rest = fraction(seconds[1]) else { return nil }
    guard (0..<1_000).contains(hours), (0..<60).contains(minutes), (0..<61).contains(whole) else { return nil }
    return ((hours * 60 + minutes) * 60 + whole) * 1_000_000_000 + rest
  }

  private static func fraction(_ digits: Substring) -> Int64? {
    guard digits.utf8.count == 6 || digits.utf8.count == 9, let value = UInt32(digits) else { return nil }
    return Int64(value) * (digits.utf8.count == 6 ? 1_000 : 1)
  }

  /// The days from 1970-01-01 to `2023-06-09`.
  private static func day(_ word: Substring) -> Int64? {
    let parts = word.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
    guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2] else { return nil }
    return (1970..<2200).contains(year) ? CivilDate(year: year, month: month, day: day)?.daysSince1970 : nil
  }
}

extension Substring {
  /// Where `text` begins, behind where `first` begins.
  fileprivate func range(of text: String, after first: String?) -> Index? {
    var rest = self
    if let first {
      guard let start = rest.range(of: first, after: nil) else { return nil }
      rest = rest.dropTo(start, first.count)
    }
    guard let start = text.utf8.first else { return nil }
    while let index = rest.utf8.firstIndex(of: start) {
      rest = rest[index...]
      if rest.hasPrefix(text) { return index }
      rest = rest.dropFirst()
    }
    return nil
  }

  fileprivate func dropTo(_ index: Index, _ count: Int) -> Substring { self[index...].dropFirst(count) }
}
