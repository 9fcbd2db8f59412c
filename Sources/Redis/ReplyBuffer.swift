/// What a client is still to be sent, written in the version of RESP that it speaks.
package struct ReplyBuffer: Equatable, Sendable {
  package private(set) var bytes: [UInt8] = []
  /// 2, or 3 after `HELLO 3`.
  package var version = 2
  /// Nothing is written: the client is a master, or said `CLIENT REPLY OFF`.
  package var isSilent = false
  /// For `errorstats`, and for a replica that would complain to its master.
  private var lastError: String?

  package init() {}

  /// Nothing waits to be sent (`clientHasPendingReplies` in networking.c).
  package var isEmpty: Bool { bytes.isEmpty }

  package mutating func take() -> [UInt8] {
    let taken = bytes
    bytes = []
    return taken
  }

  /// The last error since the last call, whether or not the client was sent it.
  package mutating func takeError() -> String? {
    defer { lastError = nil }
    return lastError
  }

  /// Bytes that are RESP already (`addReplyProto` in networking.c).
  package mutating func raw(_ raw: [UInt8]) {
    if !isSilent { bytes.append(contentsOf: raw) }
  }

  package mutating func raw(_ text: String) {
    if !isSilent { bytes.append(contentsOf: text.utf8) }
  }

  package mutating func ok() { raw("+OK\r\n") }
  /// A line that is no error (`addReplyStatus` in networking.c).
  package mutating func simple(_ text: String) { raw("+\(text)\r\n") }

  /// An error as it stands after the `-`: `ERR syntax error` (`addReplyError` in networking.c). Line ends inside it
  /// become spaces, as in Redis.
  package mutating func error(_ text: String) { error(bytes: Array(text.utf8)) }

  /// An error that repeats what a client said.
  package mutating func error(bytes text: [UInt8]) {
    lastError = String(decoding: text, as: UTF8.self)
    raw([UInt8(ascii: "-")] + text.map { $0 == 13 || $0 == 10 ? 32 : $0 } + [13, 10])
  }

  /// A number (`addReplyLongLong` in networking.c).
  package mutating func integer(_ number: Int64) { header(UInt8(ascii: ":"), number) }
  package mutating func integer(_ number: Int) { header(UInt8(ascii: ":"), Int64(number)) }
  /// Yes or no; 1 or 0 in RESP2 (`addReplyBool` in networking.c).
  package mutating func boolean(_ value: Bool) {
    raw(version == 3 ? (value ? "#t\r\n" : "#f\r\n") : (value ? ":1\r\n" : ":0\r\n"))
  }

  /// A string of any bytes (`addReplyBulk` in networking.c).
  package mutating func bulk(_ value: Bytes) { bulk(value.array) }
  /// Text as a string of bytes (`addReplyBulkCString` in networking.c).
  package mutating func bulk(_ text: String) { bulk(Array(text.utf8)) }
  /// A string of these bytes (`addReplyBulkCBuffer` in networking.c).
  package mutating func bulk(_ value: [UInt8]) {
    header(UInt8(ascii: "$"), Int64(value.count))
    if !isSilent {
      bytes.append(contentsOf: value)
      bytes.append(13)
      bytes.append(10)
    }
  }

  /// No value: RESP3's null, RESP2's null bulk string (`addReplyNull` in networking.c).
  package mutating func null() { raw(version == 3 ? "_\r\n" : "$-1\r\n") }
  /// No array: RESP3's null, RESP2's null array (`addReplyNullArray` in networking.c).
  package mutating func nullArray() { raw(version == 3 ? "_\r\n" : "*-1\r\n") }

  /// So many elements follow (`addReplyArrayLen` in networking.c).
  package mutating func array(_ count: Int) { header(UInt8(ascii: "*"), Int64(count)) }
  /// `count` pairs follow; RESP2 has an array of twice as many (`addReplyMapLen` in networking.c).
  package mutating func map(_ count: Int) {
    if version == 3 { header(UInt8(ascii: "%"), Int64(count)) } else { array(count * 2) }
  }
  /// So many members follow; an array in RESP2 (`addReplySetLen` in networking.c).
  package mutating func set(_ count: Int) { header(version == 3 ? UInt8(ascii: "~") : UInt8(ascii: "*"), Int64(count)) }
  /// A message that nobody asked for follows, of so many elements; an array in RESP2 (`addReplyPushLen` in
  /// networking.c).
  package mutating func push(_ count: Int) {
    header(version == 3 ? UInt8(ascii: ">") : UInt8(ascii: "*"), Int64(count))
  }

  /// Text of a format of three letters; a bulk string in RESP2 (`addReplyVerbatim` in networking.c).
  package mutating func verbatim(_ text: String, format: String) {
    if version == 3 {
      raw("=\(text.utf8.count + 4)\r\n\(format):\(text)\r\n")
    } else {
      bulk(text)
    }
  }

  /// A type with a number behind it (`addReplyLongLongWithPrefix`, `addReplyAggregateLen` in networking.c).
  private mutating func header(_ type: UInt8, _ number: Int64) {
    guard !isSilent else { return }
    bytes.append(type)
    if number >= 0, number < 10 {
      bytes.append(UInt8(ascii: "0") + UInt8(number))
    } else {
      bytes.append(contentsOf: String(number).utf8)
    }
    bytes.append(13)
    bytes.append(10)
  }
}
