/// A client's side of the protocol: a server's bytes in, replies out, RESP2 and RESP3.
///
/// Aggregates under construction wait on a stack, so a reply may come in pieces of any size and no byte is looked at
/// twice but those of an unfinished line. A copy shares what has been fed.
package struct ReplyDecoder: Equatable, Sendable {
  /// How deep aggregates may nest. Redis nests a few levels, a Lua script could more.
  package static let maxDepth = 128
  /// How long a line may get. Redis's longest are errors that quote a part of a command.
  package static let maxLineLength = 64 * 1024

  /// An aggregate whose elements are still coming.
  private struct Aggregate: Equatable, Sendable {
    var type: UInt8
    /// Elements still to come, keys and values counted apart.
    var remaining: Int
    var elements: [Value] = []
  }

  private var pending = PendingBytes()
  private var open: [Aggregate] = []
  /// Pending bytes, at least, before looking again can tell more.
  private var wanted = 1
  /// Pending bytes in which the end of the line has been looked for in vain.
  private var searched = 0
  private var start = 0
  private var failure: ProtocolError?

  package init() {}

  /// How many bytes all the replies so far took.
  package var consumedByteCount: Int { start }

  /// How many bytes have been fed that belong to no returned reply.
  package var pendingByteCount: Int { pending.consumed + pending.count - start }

  /// Takes what one read brought.
  package mutating func feed(_ bytes: [UInt8]) { pending.append(bytes) }

  /// The next complete reply, or nil until more is fed. Throws again and again once the bytes broke the protocol; the
  /// error's offset counts from the first byte ever fed.
  package mutating func next() throws(ProtocolError) -> Value? {
    if let failure { throw failure }
    do throws(ProtocolError) {
      while pending.count >= wanted {
        pending.join()
        guard let value = try scalar() else { continue }
        if let reply = try close(value) {
          start = pending.consumed
          return reply
        }
      }
      return nil
    } catch {
      failure = error
      throw error
    }
  }

  // MARK: One element

  /// Reads one element. Nil: it is not all there (`wanted` says what is), or it opened an aggregate.
  private mutating func scalar() throws(ProtocolError) -> Value? {
    let buffer = pending.buffer
    let first = pending.start
    guard let end = try lineEnd(buffer, first) else { return nil }
    guard end > first else { throw ProtocolError(.badReplyType(buffer[first]), offset: pending.consumed) }
    let type = buffer[first]
    let line = Array(buffer[first + 1..<end])
    let lineLength = end + 2 - first
    switch type {
    case UInt8(ascii: "$"), UInt8(ascii: "="):
      return try bulk(type, line, after: lineLength, buffer)
    case UInt8(ascii: "*"), UInt8(ascii: "%"), UInt8(ascii: "~"), UInt8(ascii: ">"), UInt8(ascii: "|"):
      return try aggregate(type, line, lineLength)
    default:
      let value = try Self.single(type, line, at: pending.consumed)
      take(lineLength)
      return value
    }
  }

  /// Where the CRLF of the line at `first` begins.
  private mutating func lineEnd(_ buffer: [UInt8], _ first: Int) throws(ProtocolError) -> Int? {
    let bytes = buffer.span
    var end = first + searched
    while end + 1 < bytes.count, bytes[end] != 0x0D || bytes[end + 1] != 0x0A { end += 1 }
    if end - first > Self.maxLineLength { throw ProtocolError(.tooLongReplyLine, offset: pending.consumed) }
    if end + 1 < bytes.count { return end }
    searched = end - first
    wanted = bytes.count - first + 1
    return nil
  }

  private mutating func take(_ count: Int) {
    pending.consume(count)
    searched = 0
    wanted = 1
  }

  private mutating func bulk(
    _ type: UInt8, _ line: [UInt8], after lineLength: Int, _ buffer: [UInt8]
  ) throws(ProtocolError) -> Value? {
    guard let length = Number.integer(line), length >= -1, length <= Int64(Int.max) - Int64(lineLength) - 2 else {
      throw ProtocolError(.badBulkLength, offset: pending.consumed)
    }
    if length < 0 {
      take(lineLength)
      return .null
    }
    let total = lineLength + Int(length) + 2
    guard pending.count >= total else {
      wanted = total
      // The line's end is found again at once.
      searched = lineLength - 2
      return nil
    }
    let first = pending.start + lineLength
    let end = first + Int(length)
    guard buffer[end] == 0x0D, buffer[end + 1] == 0x0A else {
      throw ProtocolError(.badBulkEnd, offset: pending.consumed + lineLength + Int(length))
    }
    var value = Value.bulk(Array(buffer[first..<end]))
    if type == UInt8(ascii: "=") {
      guard length >= 4, buffer[first + 3] == UInt8(ascii: ":") else {
        throw ProtocolError(.badVerbatim, offset: pending.consumed)
      }
      value = .verbatim(format: Array(buffer[first..<first + 3]), Array(buffer[first + 4..<end]))
    }
    take(total)
    return value
  }

  private mutating func aggregate(_ type: UInt8, _ line: [UInt8], _ lineLength: Int) throws(ProtocolError) -> Value? {
    guard let count = Number.integer(line), count >= -1, count <= Int64(Int32.max) else {
      throw ProtocolError(.badAggregateLength, offset: pending.consumed)
    }
    if count < 0 {
      take(lineLength)
      return .null
    }
    guard open.count < Self.maxDepth else { throw ProtocolError(.tooDeep, offset: pending.consumed) }
    take(lineLength)
    let elements =
      switch type {
      case UInt8(ascii: "%"): Int(count) * 2
      case UInt8(ascii: "|"): Int(count) * 2 + 1
      default: Int(count)
      }
    let aggregate = Aggregate(type: type, remaining: elements)
    if elements == 0 { return Self.value(of: aggregate) }
    open.append(aggregate)
    return nil
  }

  private static func single(_ type: UInt8, _ line: [UInt8], at offset: Int) throws(ProtocolError) -> Value {
    switch type {
    case UInt8(ascii: "+"): return .simple(line)
    case UInt8(ascii: "-"): return .error(line)
    case UInt8(ascii: ":"):
      guard let number = Number.integer(line) else { throw ProtocolError(.badInteger, offset: offset) }
      return .integer(number)
    case UInt8(ascii: "_"):
      guard line.isEmpty else { throw ProtocolError(.badNull, offset: offset) }
      return .null
    case UInt8(ascii: "#"):
      guard line == [UInt8(ascii: "t")] || line == [UInt8(ascii: "f")] else {
        throw ProtocolError(.badBoolean, offset: offset)
      }
      return .boolean(line == [UInt8(ascii: "t")])
    case UInt8(ascii: ","):
      guard line.count <= 326, Double(String(decoding: line, as: UTF8.self)) != nil else {
        throw ProtocolError(.badDouble, offset: offset)
      }
      return .double(line)
    case UInt8(ascii: "("):
      let digits = line.first == UInt8(ascii: "-") ? line.dropFirst() : line[...]
      guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
        throw ProtocolError(.badBigNumber, offset: offset)
      }
      return .bigNumber(line)
    default: throw ProtocolError(.badReplyType(type), offset: offset)
    }
  }

  // MARK: Aggregates

  /// Hands a finished value to the aggregate that waits for it, and on while that finishes others. Returns what no
  /// aggregate waits for: the reply.
  private mutating func close(_ value: Value) throws(ProtocolError) -> Value? {
    var value = value
    while let top = open.indices.last {
      open[top].elements.append(value)
      open[top].remaining -= 1
      guard open[top].remaining == 0 else { return nil }
      value = Self.value(of: open.removeLast())
    }
    return value
  }

  private static func value(of aggregate: Aggregate) -> Value {
    switch aggregate.type {
    case UInt8(ascii: "%"): .map(pairs(aggregate.elements[...]))
    case UInt8(ascii: "~"): .set(aggregate.elements)
    case UInt8(ascii: ">"): .push(aggregate.elements)
    case UInt8(ascii: "|"): .attribute(pairs(aggregate.elements.dropLast()), aggregate.elements.last ?? .null)
    default: .array(aggregate.elements)
    }
  }

  private static func pairs(_ elements: ArraySlice<Value>) -> [Value.Pair] {
    stride(from: elements.startIndex, to: elements.endIndex - 1, by: 2).map {
      Value.Pair(elements[$0], elements[$0 + 1])
    }
  }
}
