import RDB

/// One record with the empty key, in a snapshot of its own.
func record(_ type: UInt8, _ value: [UInt8]) -> [UInt8] { [type, 0] + value }

/// A string of up to 63 bytes as a snapshot has it.
func string(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + text.utf8 }

/// One after the other; a chain of additions takes the compiler too long.
func join(_ parts: [UInt8]...) -> [UInt8] { Array(parts.joined()) }

func blob(_ bytes: [UInt8]) -> [UInt8] { [0x40 | UInt8(bytes.count >> 8), UInt8(bytes.count & 0xff)] + bytes }

private func littleEndian(_ number: Int, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
}

/// Short elements, each in the smallest form; numbers up to 12 bits beyond a sign.
func listpack(_ elements: [String]) -> [UInt8] {
  let body = elements.flatMap { element -> [UInt8] in
    let bytes: [UInt8]
    switch Int(element) {
    case let number? where (0..<128).contains(number): bytes = [UInt8(number)]
    case let number? where (-4096..<4096).contains(number):
      bytes = [0xc0 | UInt8(number >> 8 & 0x1f), UInt8(number & 0xff)]
    case let number?: bytes = [0xf4] + littleEndian(number, 8)
    case nil: bytes = [0x80 | UInt8(element.utf8.count)] + element.utf8
    }
    return bytes + [UInt8(bytes.count)]
  }
  return join(littleEndian(body.count + 7, 4), littleEndian(elements.count, 2), body, [0xff])
}

func ziplist(_ elements: [String]) -> [UInt8] {
  var body: [UInt8] = []
  var (last, previous) = (10, 0)
  for element in elements {
    last = 10 + body.count
    var bytes: [UInt8] = previous < 254 ? [UInt8(previous)] : [0xfe] + littleEndian(previous, 4)
    switch Int(element) {
    case let number? where (0...12).contains(number): bytes += [0xf1 + UInt8(number)]
    case let number? where (-128...127).contains(number): bytes += [0xfe] + littleEndian(number, 1)
    case let number? where (-32768...32767).contains(number): bytes += [0xc0] + littleEndian(number, 2)
    case let number? where (-8_388_608...8_388_607).contains(number): bytes += [0xf0] + littleEndian(number, 3)
    case let number? where Int32(exactly: number) != nil: bytes += [0xd0] + littleEndian(number, 4)
    case let number?: bytes += [0xe0] + littleEndian(number, 8)
    case nil:
      let count = element.utf8.count
      bytes += (count < 64 ? [UInt8(count)] : [0x40 | UInt8(count >> 8), UInt8(count & 0xff)]) + element.utf8
    }
    previous = bytes.count
    body += bytes
  }
  return join(littleEndian(body.count + 11, 4), littleEndian(last, 4), littleEndian(elements.count, 2), body, [0xff])
}

func zipmap(_ pairs: [(String, String)]) -> [UInt8] {
  var bytes = [UInt8(pairs.count)]
  // Two bytes lie unused behind each value.
  for (field, value) in pairs {
    bytes += string(field)
    bytes += [UInt8(value.utf8.count), 2]
    bytes += join([UInt8](value), [0, 0])
  }
  return bytes + [0xff]
}

func intset(_ width: Int, _ integers: [Int]) -> [UInt8] {
  join(littleEndian(width, 4), littleEndian(integers.count, 4), integers.flatMap { littleEndian($0, width) })
}

private let id51 = [UInt8](hex: "0000000000000005 0000000000000001")

/// The node of a stream with the entries 5-1 (a=1 b=2) and 6-0 (c=3), and 5-3, which is deleted.
let streamNode: [UInt8] = {
  let head = ["2", "1", "2", "a", "b", "0"]
  let entries = [
    ["2", "0", "0", "1", "2", "5"], ["3", "0", "2", "8", "9", "5"], ["0", "1", "-1", "1", "c", "3", "6"],
  ]
  return join([16], id51, blob(listpack(head + entries.joined())))
}()

/// A group `g` with 5-1 delivered to `bob` and not acknowledged; `more` is what later versions say of the group.
func streamGroup(_ more: [UInt8], active: [UInt8]) -> [UInt8] {
  join(
    [1], string("g"), [5, 1], more, [1], id51, littleEndian(1_686_319_013_000, 8), [2], [1], string("bob"),
    littleEndian(1_686_319_014_000, 8), active, [1], id51)
}

func stream(_ groups: [(name: String, entriesRead: Int64?, active: Int64?)], second: Bool) -> Contents {
  var stream = Stream()
  func pair(_ field: String, _ value: String) -> HashField { HashField([UInt8](field), [UInt8](value)) }
  stream.entries = [
    .init(id: StreamID(5, 1), fields: [pair("a", "1"), pair("b", "2")]),
    .init(id: StreamID(6, 0), fields: [pair("c", "3")]),
  ]
  stream.length = 2
  stream.last = StreamID(6, 0)
  if second { (stream.first, stream.maxDeleted, stream.entriesAdded) = (StreamID(5, 1), StreamID(5, 3), 3) }
  stream.groups = groups.map { group in
    .init(
      name: [UInt8](group.name), lastDelivered: StreamID(5, 1), entriesRead: group.entriesRead,
      pending: [.init(id: StreamID(5, 1), delivered: 1_686_319_013_000, deliveries: 2)],
      consumers: [
        .init(
          name: [UInt8]("bob"), seen: 1_686_319_014_000, active: group.active, pending: [StreamID(5, 1)])
      ])
  }
  return .stream(stream)
}

/// A value in each layout: the type, its bytes, what it holds.
struct LayoutExample: CustomStringConvertible, Sendable {
  var type: ValueType
  var bytes: [UInt8]
  var contents: Contents
  var description: String { type.name }

  init(_ type: ValueType, _ bytes: [UInt8], _ contents: Contents) {
    (self.type, self.bytes, self.contents) = (type, bytes, contents)
  }

  private static func texts(_ texts: [String]) -> [[UInt8]] { texts.map { [UInt8]($0) } }
  private static let numbers = [
    "0", "12", "13", "127", "-1", "-128", "128", "-4096", "4095", "32767", "-32768", "70000", "-8388608", "2147483647",
    "9223372036854775807", "-9223372036854775808", "text", "",
  ]
  private static let pairs = Contents.hash([
    HashField([UInt8]("f"), [UInt8]("v")), HashField([UInt8]("n"), [UInt8]("-5")),
  ])
  private static let long = String(repeating: "x", count: 300)
  private static let scored = Contents.sortedSet([
    ScoredMember([UInt8]("b"), score: -3), ScoredMember([UInt8]("a"), score: 1.5),
    ScoredMember([UInt8]("7"), score: .infinity),
  ])
  private static let time = [UInt8](hex: "e803000000000000")

  /// What Redis 7.0 reads.
  static let upTo70 = [
    LayoutExample(.list, join([3], string("a"), [0xc0, 0x05], string("")), .list(texts(["a", "5", ""]))),
    LayoutExample(.set, join([2], string("a"), [0xc1, 0, 1]), .set(texts(["a", "256"]))),
    LayoutExample(
      .sortedSet, join([3], string("b"), string("-3"), string("a"), string("1.5"), [0xc0, 7, 0xfe]), scored),
    LayoutExample(.hash, join([2], string("f"), string("v"), string("n"), [0xc0, 0xfb]), pairs),
    LayoutExample(
      .sortedSet2,
      join(
        [3], string("b"), [UInt8](hex: "00000000000008c0"), string("a"), [UInt8](hex: "000000000000f83f"), [0xc0, 7],
        [UInt8](hex: "000000000000f07f")), scored),
    LayoutExample(.hashZipmap, blob(zipmap([("f", "v"), ("n", "-5")])), pairs),
    LayoutExample(.listZiplist, blob(ziplist(numbers + [long, "z"])), .list(texts(numbers + [long, "z"]))),
    LayoutExample(.setIntset, blob(intset(2, [-300, 5, 7])), .set(texts(["-300", "5", "7"]))),
    LayoutExample(
      .setIntset, blob(intset(8, [.min, -1, .max])),
      .set(texts(["-9223372036854775808", "-1", "9223372036854775807"]))),
    LayoutExample(.sortedSetZiplist, blob(ziplist(["b", "-3", "a", "1.5", "7", "inf"])), scored),
    LayoutExample(.hashZiplist, blob(ziplist(["f", "v", "n", "-5"])), pairs),
    LayoutExample(
      .listQuicklist, join([2], blob(ziplist(["a", "1"])), blob(ziplist(["b"]))), .list(texts(["a", "1", "b"]))),
    LayoutExample(
      .stream, join([1], streamNode, [2, 6, 0], streamGroup([], active: [])), stream([("g", nil, nil)], second: false)),
    LayoutExample(.hashListpack, blob(listpack(["f", "v", "n", "-5"])), pairs),
    LayoutExample(.sortedSetListpack, blob(listpack(["b", "-3", "a", "1.5", "7", "inf"])), scored),
    LayoutExample(
      .listQuicklist2, join([2, 2], blob(listpack(numbers)), [1], blob([UInt8](long))), .list(texts(numbers + [long]))),
    LayoutExample(
      .stream2, join([1], streamNode, [2, 6, 0, 5, 1, 5, 3, 3], streamGroup([1], active: [])),
      stream([("g", 1, nil)], second: true)),
  ]

  static let later = [
    LayoutExample(.setListpack, blob(listpack(["a", "256"])), .set(texts(["a", "256"]))),
    LayoutExample(
      .stream3,
      join(
        [1], streamNode, [2, 6, 0, 5, 1, 5, 3, 3],
        streamGroup([0x81] + [UInt8](repeating: 0xff, count: 8), active: time)),
      stream([("g", -1, 1000)], second: true)),
    LayoutExample(
      .hashMetadataPreGA, join([2, 0x43, 0xe8], string("f"), string("v"), [0], string("n"), [0xc0, 0xfb]),
      .hash([HashField([UInt8]("f"), [UInt8]("v"), expiry: 1000), HashField([UInt8]("n"), [UInt8]("-5"))])),
    LayoutExample(
      .hashListpackExPreGA, blob(listpack(["f", "v", "1000", "n", "-5", "0"])),
      .hash([HashField([UInt8]("f"), [UInt8]("v"), expiry: 1000), HashField([UInt8]("n"), [UInt8]("-5"))])),
    LayoutExample(
      .hashMetadata, join(time, [2, 3], string("f"), string("v"), [0], string("n"), [0xc0, 0xfb]),
      .hash([HashField([UInt8]("f"), [UInt8]("v"), expiry: 1002), HashField([UInt8]("n"), [UInt8]("-5"))])),
    LayoutExample(
      .hashListpackEx, time + blob(listpack(["f", "v", "1000", "n", "-5", "0"])),
      .hash([HashField([UInt8]("f"), [UInt8]("v"), expiry: 1000), HashField([UInt8]("n"), [UInt8]("-5"))])),
    LayoutExample(
      .valkeyHash2,
      join(
        [2], string("f"), string("v"), time, string("n"), [0xc0, 0xfb], [UInt8](repeating: 0xff, count: 8)),
      .hash([HashField([UInt8]("f"), [UInt8]("v"), expiry: 1000), HashField([UInt8]("n"), [UInt8]("-5"))])),
    // Of a module "AAAAAAAAA": an integer, a string, the end.
    LayoutExample(.module2, join([0, 2, 1, 5], string("xx"), [0]), .module(ModuleID(rawValue: 0))),
  ]

  static let all = upTo70 + later

  /// A snapshot with it under the key "k", by a server that knows its type.
  var snapshot: [UInt8] {
    var writer = Writer()
    writer.header(version: type == .valkeyHash2 ? 80 : max(type.version, 10))
    writer.selectDatabase(0)
    let header = writer.take()
    var body = join(header, [type.byte], string("k"), bytes, [0xff])
    let checksum = CRC64.checksum(body)
    body += littleEndian(Int(truncatingIfNeeded: checksum), 8)
    return body
  }
}
