import RDB
import RESP

// Ids as they are typed and told (t_stream.c in Redis 7.0).

extension StreamID {
  /// An id as it is typed: milliseconds, and a sequence behind a dash; nil if it is none. `*` for the sequence stands for
  /// the next one where that is allowed (`streamGenericParseIDOrReply` in t_stream.c).
  static func parse(
    _ text: Bytes, missingSequence: UInt64 = 0, isStrict: Bool = true, allowsNext: Bool = false
  ) -> (id: StreamID, hasSequence: Bool)? {
    guard text.count <= 127 else { return nil }
    // C reads up to the first null.
    let text = Array(text.array.prefix { $0 != 0 })
    if text == Array("-".utf8) { return isStrict ? nil : (.min, true) }
    if text == Array("+".utf8) { return isStrict ? nil : (.max, true) }
    guard let dash = text.firstIndex(of: UInt8(ascii: "-")) else {
      return unsigned(text[...]).map { (StreamID($0, missingSequence), true) }
    }
    guard let milliseconds = unsigned(text[..<dash]) else { return nil }
    let rest = text[(dash + 1)...]
    if allowsNext, rest == [UInt8(ascii: "*")] { return (StreamID(milliseconds, 0), false) }
    return unsigned(rest).map { (StreamID(milliseconds, $0), true) }
  }

  /// A number without a sign, read as C does: blanks and zeros may come first, and a sign before those (`string2ull` in
  /// util.c).
  private static func unsigned(_ text: ArraySlice<UInt8>) -> UInt64? {
    if let number = Integer.parse(Bytes(text)) { return number < 0 ? nil : UInt64(number) }
    var digits = text.drop { $0 == 32 || (9...13).contains($0) }
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = UInt64(String(decoding: digits, as: UTF8.self))
    else { return nil }
    return isNegative ? 0 &- number : number
  }
}

extension Call {
  /// An id at that position; what is none is told the client (`streamParseStrictIDOrReply`).
  mutating func streamID(at position: Int, missingSequence: UInt64 = 0, isStrict: Bool = true) -> StreamID? {
    let parsed = StreamID.parse(arguments[position], missingSequence: missingSequence, isStrict: isStrict)
    if parsed == nil { reply.error("ERR Invalid stream ID specified as stream command argument") }
    return parsed?.id
  }

  /// An end of a range: an id, or one that is itself left out, behind a parenthesis (`streamParseIntervalIDOrReply`).
  mutating func streamRangeID(at position: Int, isStart: Bool) -> StreamID? {
    let text = arguments[position]
    guard text.count > 1, text[0] == UInt8(ascii: "(") else {
      return streamID(at: position, missingSequence: isStart ? 0 : .max, isStrict: false)
    }
    let inner = text[1..<text.count]
    guard let id = StreamID.parse(inner, missingSequence: isStart ? 0 : .max)?.id else {
      reply.error("ERR Invalid stream ID specified as stream command argument")
      return nil
    }
    guard let neighbour = isStart ? id.next : id.previous else {
      reply.error("ERR invalid \(isStart ? "start" : "end") ID for the interval")
      return nil
    }
    return neighbour
  }

  /// Several ids from there on; nil, and the client is told, if one is none.
  mutating func streamIDs(from position: Int) -> [StreamID]? {
    var ids: [StreamID] = []
    for position in position..<arguments.count {
      guard let id = streamID(at: position) else { return nil }
      ids.append(id)
    }
    return ids
  }
}

extension Bytes {
  init(_ id: StreamID) {
    var text: [UInt8] = []
    text.reserveCapacity(41)
    text.append(decimal: id.milliseconds)
    text.append(UInt8(ascii: "-"))
    text.append(decimal: id.sequence)
    self.init(text)
  }
}

extension ReplyBuffer {
  /// An id (`addReplyStreamID`).
  mutating func streamID(_ id: StreamID) { bulk(Bytes(id)) }

  /// An entry with its fields and values in turn.
  mutating func streamEntry(_ id: StreamID, _ fields: [Bytes]) {
    array(2)
    streamID(id)
    array(fields.count)
    for field in fields { bulk(field) }
  }
}
