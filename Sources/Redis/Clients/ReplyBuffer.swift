import RESP

/// What a client is still to be sent, written in the version of RESP that it speaks.
package struct ReplyBuffer: Equatable, Sendable {
  private var own: [UInt8] = []
  /// What it writes to in place of its own, while a command is run whose client may be told of things meanwhile.
  private var shared: SharedReply?
  package var version = ProtocolVersion.resp2
  /// Nothing is written: the client is a master, or said `CLIENT REPLY OFF`.
  package var isSilent = false
  /// For `errorstats`, and for a replica that would complain to its master.
  private var lastError: String?

  package init() {}

  package var bytes: [UInt8] { shared?.bytes ?? own }

  /// Nothing waits to be sent (`clientHasPendingReplies` in networking.c).
  package var isEmpty: Bool { bytes.isEmpty }

  package mutating func take() -> [UInt8] {
    if let shared { return shared.take() }
    let taken = own
    own = []
    return taken
  }

  /// What was written from that place on.
  mutating func take(from place: Int) -> [UInt8] {
    let start = min(max(place, 0), bytes.count)
    let all = take()
    if let shared { shared.bytes = Array(all[..<start]) } else { own = Array(all[..<start]) }
    return Array(all[start...])
  }

  /// Where the next byte is written.
  var position: Int { bytes.count }

  /// Writes between what stands before a place and behind it: how many elements there were that follow it
  /// (`addReplyDeferredLen`, `setDeferredReply` in networking.c).
  mutating func insert(at position: Int, _ body: (inout ReplyBuffer) -> Void) {
    if isSilent { return }
    var inserted = ReplyBuffer()
    inserted.version = version
    body(&inserted)
    if let shared {
      shared.bytes.insert(contentsOf: inserted.own, at: position)
    } else {
      own.insert(contentsOf: inserted.own, at: position)
    }
  }

  /// What is written from here on, and what was, stands in another place, too, until `unshare`.
  mutating func share() -> SharedReply {
    let reply = SharedReply(take())
    shared = reply
    return reply
  }

  mutating func unshare() {
    guard let reply = shared else { return }
    shared = nil
    own = reply.take()
  }

  /// The last error since the last call, whether or not the client was sent it.
  package mutating func takeError() -> String? {
    defer { lastError = nil }
    return lastError
  }

  /// Nothing is written where nothing is to be sent.
  private mutating func write(_ body: (inout [UInt8], ProtocolVersion) -> Void) {
    if isSilent { return }
    if let shared { body(&shared.bytes, version) } else { body(&own, version) }
  }

  /// Bytes that are RESP already (`addReplyProto` in networking.c).
  package mutating func raw(_ raw: [UInt8]) { write { bytes, _ in bytes += raw } }

  package mutating func ok() { simple("OK") }
  /// A line that is no error (`addReplyStatus` in networking.c).
  package mutating func simple(_ text: String) { write { bytes, _ in bytes.append(simple: text) } }

  /// The same, whose ends of lines become blanks (`addReplyStatusLength` in networking.c).
  mutating func simple(bytes text: [UInt8]) {
    write { bytes, _ in bytes.append(simple: text.map { $0 == 13 || $0 == 10 ? 32 : $0 }) }
  }

  /// An error as it stands after the `-`: `ERR syntax error` (`addReplyError` in networking.c). Line ends inside it
  /// become spaces, as in Redis.
  package mutating func error(_ text: String) { error(bytes: text.bytes) }

  /// An error that repeats what a client said.
  package mutating func error(bytes text: [UInt8]) {
    lastError = String(bytes: text)
    write { bytes, _ in bytes.append(error: text) }
  }

  /// A number (`addReplyLongLong` in networking.c).
  package mutating func integer(_ number: Int64) { write { bytes, _ in bytes.append(integer: number) } }
  package mutating func integer(_ number: Int) { integer(Int64(number)) }
  /// A number that is not whole (`addReplyDouble` in networking.c).
  mutating func double(_ number: Double) { write { $0.append(double: number, $1) } }

  /// A string of any bytes (`addReplyBulk` in networking.c).
  package mutating func bulk(_ value: Bytes) {
    write { bytes, _ in value.withSpan { bytes.append(bulk: $0) } }
  }
  /// Text as a string of bytes (`addReplyBulkCString` in networking.c).
  package mutating func bulk(_ text: String) { write { bytes, _ in bytes.append(bulk: text) } }
  /// A string of these bytes (`addReplyBulkCBuffer` in networking.c).
  package mutating func bulk(_ value: [UInt8]) { write { bytes, _ in bytes.append(bulk: value) } }

  /// An element of a listpack as the string that it is.
  mutating func bulk(_ listpack: Listpack, at position: Listpack.Position) {
    switch listpack[position] {
    case .integer(let number): write { bytes, _ in bytes.append(bulkDecimal: number) }
    case .string(let range): write { bytes, _ in bytes.append(bulk: listpack.bytes[range]) }
    }
  }

  /// No value: RESP3's null, RESP2's null bulk string (`addReplyNull` in networking.c).
  package mutating func null() { write { $0.appendNull($1) } }
  /// No array: RESP3's null, RESP2's null array (`addReplyNullArray` in networking.c).
  package mutating func nullArray() { write { $0.appendNullArray($1) } }

  /// So many elements follow (`addReplyArrayLen` in networking.c).
  package mutating func array(_ count: Int) { write { bytes, _ in bytes.append(arrayCount: count) } }
  /// `count` pairs follow; RESP2 has an array of twice as many (`addReplyMapLen` in networking.c).
  package mutating func map(_ count: Int) { write { $0.append(mapCount: count, $1) } }
  /// So many members follow; an array in RESP2 (`addReplySetLen` in networking.c).
  package mutating func set(_ count: Int) { write { $0.append(setCount: count, $1) } }

  /// The head of a message that answers no command; an array in RESP2 (`addReplyPushLen` in networking.c).
  mutating func push(_ count: Int) { write { $0.append(pushCount: count, $1) } }

  /// Yes or no, which is a number in RESP2 (`addReplyBool` in networking.c).
  mutating func boolean(_ value: Bool) { write { $0.append(boolean: value, $1) } }
  /// A number of any size; a bulk string in RESP2 (`addReplyBigNum` in networking.c).
  mutating func bigNumber(_ digits: [UInt8]) { write { $0.append(bigNumber: digits, $1) } }

  mutating func verbatim(bytes text: [UInt8], format: [UInt8]) {
    write { $0.append(verbatim: text, format: format, $1) }
  }
  /// Text of a format of three letters; a bulk string in RESP2 (`addReplyVerbatim` in networking.c).
  package mutating func verbatim(_ text: String, format: String) {
    write { $0.append(verbatim: text.bytes, format: Array(format.utf8), $1) }
  }
}

/// A reply that is being written by a command, and by what tells its client of something else: what comes first stands
/// first. It lives as long as the command is run, and no copy of a node has one.
final class SharedReply: Equatable, @unchecked Sendable {
  var bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func take() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }

  static func == (a: SharedReply, b: SharedReply) -> Bool { a.bytes == b.bytes }
}
